//! How much a pull has to download, as its progress tells.

use std::collections::HashMap;

use serde_json::{Map, Value};

/// The layers of one pull and their sizes, as far as they are known.
pub(crate) struct Download {
    limit: Option<u64>,
    layers: HashMap<String, u64>,
}

impl Download {
    /// `limit` in bytes; without one nothing is too much.
    pub(crate) fn new(limit: Option<u64>) -> Download {
        Download {
            limit,
            layers: HashMap::new(),
        }
    }

    /// Takes note of a line of the engine's; the sum when it is more than the limit.
    ///
    /// A layer's size is told when its download begins: what is fetched before
    /// the limit is seen is at most what the engine fetches side by side.
    pub(crate) fn over(&mut self, line: &Map<String, Value>) -> Option<u64> {
        let limit = self.limit?;
        // While a layer is unpacked the same member counts its bytes once more.
        if line.get("status")?.as_str()? != "Downloading" {
            return None;
        }
        let detail = line.get("progressDetail")?;
        let bytes = |key: &str| detail.get(key).and_then(Value::as_u64);
        // A registry that does not say how large a layer is, or says too little,
        // has at least sent so much.
        let size = bytes("total").max(bytes("current"))?;
        let layer = line.get("id")?.as_str()?;
        self.layers.insert(layer.to_owned(), size);
        let sum = self
            .layers
            .values()
            .fold(0, |sum: u64, size| sum.saturating_add(*size));
        (sum > limit).then_some(sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_layer_counts_once() {
        let line = |layer: &str, total: u64| {
            let line = json!({"status": "Downloading", "id": layer, "progressDetail": {"current": 1, "total": total}});
            line.as_object().unwrap().clone()
        };
        let mut download = Download::new(Some(100));
        assert_eq!(download.over(&line("a", 60)), None);
        assert_eq!(download.over(&line("a", 60)), None);
        assert_eq!(download.over(&line("b", 40)), None);
        assert_eq!(download.over(&line("c", 1)), Some(101));
        let unsaid = |current: u64| {
            let line =
                json!({"status": "Downloading", "id": "e", "progressDetail": {"current": current}});
            line.as_object().unwrap().clone()
        };
        let mut download = Download::new(Some(100));
        assert_eq!(download.over(&unsaid(100)), None);
        assert_eq!(download.over(&unsaid(101)), Some(101));
        let mut extracting = line("d", 1000);
        extracting["status"] = "Extracting".into();
        assert_eq!(Download::new(Some(100)).over(&extracting), None);
        assert_eq!(Download::new(None).over(&line("a", u64::MAX)), None);
    }
}
