//! What differs between two runs of the same step by nature.

/// Replaces ids, times and addresses by words.
pub(super) fn text(text: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(line).collect();
    // Where docker points to its help; the program's own name stands in it.
    lines.retain(|line| !line.starts_with("See 'doc") && !line.starts_with("Run 'doc"));
    // docker cancels its own wait when a start fails, and says so when it was
    // slower than the engine: on either side, now and then.
    lines.retain(|line| !line.contains("error waiting for container: context canceled"));
    lines.join("\n").trim_end().to_owned()
}

fn line(line: &str) -> String {
    let mut out = String::new();
    let mut word = String::new();
    for c in line.chars().chain(['\n']) {
        if c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '-' | '+') {
            word.push(c);
            continue;
        }
        out.push_str(&classed(&word));
        word.clear();
        if c != '\n' {
            out.push(c);
        }
    }
    without_pid(out.trim_end())
}

/// `top` begins its lines with a process id of the host's.
fn without_pid(line: &str) -> String {
    let (first, rest) = line.split_once(' ').unwrap_or((line, ""));
    let pid =
        first.len() >= 3 && first.bytes().all(|b| b.is_ascii_digit()) && rest.starts_with(' ');
    if pid {
        format!("PID {}", rest.trim_start())
    } else {
        line.to_owned()
    }
}

/// One word, or what kind of word it is.
fn classed(word: &str) -> String {
    let hex = |text: &str| {
        text.bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    let bare = word.trim_matches(['.', ':', '-']);
    let id = bare.strip_prefix("sha256:").unwrap_or(bare);
    if matches!(id.len(), 12 | 64) && hex(id) && id.bytes().any(|b| b.is_ascii_digit()) {
        return word.replace(id, &format!("ID{}", id.len()));
    }
    let stamp =
        bare.len() >= 19 && bare.as_bytes()[4] == b'-' && bare.contains('T') && bare.contains(':');
    if stamp {
        return "TIME".into();
    }
    if bare
        .parse::<std::net::Ipv4Addr>()
        .is_ok_and(|address| address.is_private())
    {
        return "ADDRESS".into();
    }
    word.to_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_what_differs_by_nature_is_replaced() {
        let id = "0a".repeat(32);
        for (text, normal) in [
            (format!("id {id}."), "id ID64.".to_owned()),
            ("sha256:0123456789ab x".into(), "sha256:ID12 x".into()),
            ("2026-01-02T03:04:05.123456789Z hi".into(), "TIME hi".into()),
            (
                "172.17.0.2 8.8.8.8 0.0.0.0:80".into(),
                "ADDRESS 8.8.8.8 0.0.0.0:80".into(),
            ),
            (
                "deadbeefcafe is a word".into(),
                "deadbeefcafe is a word".into(),
            ),
            ("exit 3".into(), "exit 3".into()),
        ] {
            assert_eq!(super::text(&text), normal);
        }
    }
}
