//! In which order containers are made: after those that they name.

use super::Container;

/// The containers, each after the ones that it needs. Those that need each other
/// in a circle, which no engine makes, come last as they are.
pub(crate) fn order(mut left: Vec<Container>) -> Vec<Container> {
    let mut ordered: Vec<Container> = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let free = left.iter().position(|one| {
            left.iter()
                .all(|other| other.name == one.name || !one.follows(other))
        });
        match free {
            Some(at) => ordered.push(left.remove(at)),
            None => ordered.append(&mut left),
        }
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn container(name: &str, id: char, from: &str, mode: &str) -> Container {
        let inspected = json!({
            "Id": id.to_string().repeat(64), "Name": format!("/{name}"),
            "Config": {"Image": "busybox"},
            "HostConfig": {"VolumesFrom": [from], "PidMode": mode},
        });
        Container::read("p", &inspected).unwrap()
    }

    #[test]
    fn each_comes_after_those_that_it_names() {
        let names = |all: Vec<Container>| -> Vec<String> {
            order(all).into_iter().map(|one| one.name).collect()
        };
        let one = container("one", 'a', "two", "");
        let two = container("two", 'b', "", "container:ccc");
        let three = container("three", 'c', "", "");
        assert_eq!(
            names(vec![one.clone(), two.clone(), three.clone()]),
            ["three", "two", "one"]
        );
        let round = container("three", 'c', "one", "");
        assert_eq!(names(vec![one, two, round]).len(), 3);
    }
}
