use std::collections::BTreeSet;

use super::*;

#[test]
fn rows_are_sorted_and_stand_once() {
    for table in tables() {
        for pair in table.windows(2) {
            let (first, second) = (pair[0].field, pair[1].field);
            assert!(first < second, "{first} {second}");
        }
    }
}

#[test]
fn a_row_with_a_rule_has_a_reason_and_no_other_row_has_words() {
    for row in rows() {
        let needs = !matches!(row.treatment, Treatment::Safe | Treatment::Drop);
        assert_eq!(!row.rule.is_empty(), needs, "{}", row.field);
        assert_eq!(!row.why.is_empty(), needs, "{}", row.field);
        let more = !row.instead.is_empty() || !row.widened_by.is_empty();
        assert!(needs || !more, "{}", row.field);
    }
}

#[test]
fn every_rule_has_one_longer_text_and_every_text_a_rule() {
    let ids: Vec<&str> = ids().collect();
    assert!(ids.is_sorted(), "{ids:?}");
    let of_texts: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(of_texts.len(), ids.len(), "one stands twice");
    let of_rows: BTreeSet<&str> = rows()
        .map(|row| row.rule)
        .filter(|rule| !rule.is_empty())
        .chain([other::UNKNOWN.rule])
        .collect();
    assert_eq!(of_texts, of_rows);
}

#[test]
fn a_longer_text_is_two_to_five_sentences() {
    for id in ids() {
        let text = long_text(id).unwrap_or_default();
        let sentences = text.matches(". ").count() + usize::from(text.ends_with('.'));
        assert!((2..=5).contains(&sentences), "{id}: {sentences}");
        assert!(!text.contains("  ") && !text.contains('\n'), "{id}");
    }
}

/// docker searches an error's text to pick its exit code.
#[test]
fn no_words_decide_dockers_exit_code() {
    let short = rows().map(|row| [row.flag, row.why, row.instead].concat());
    let long = ids().filter_map(long_text).map(str::to_owned);
    for words in short.chain(long) {
        for bad in [
            "permission denied",
            "no such file or directory",
            "executable file not found",
        ] {
            assert!(!words.to_lowercase().contains(bad), "{words}");
        }
    }
}

#[test]
fn a_field_without_a_row_still_has_words() {
    assert!(find("HostConfig.Nothing").is_none());
    assert_eq!(of("HostConfig.Nothing").rule, "create.unknown");
    assert_eq!(of("HostConfig.Privileged").flag, "--privileged");
}

#[test]
fn an_administrator_is_told_of_the_key_where_one_widens() {
    let keys: BTreeSet<&str> = rows().flat_map(|row| row.widened_by).copied().collect();
    for row in rows().filter(|row| row.treatment == Treatment::Forbid) {
        assert!(row.widened_by.is_empty(), "{}: forbidden to all", row.field);
    }
    for key in keys {
        let quoted = format!("`{key}`");
        let told = ids()
            .filter_map(long_text)
            .any(|text| text.contains(&quoted))
            || rows().any(|row| row.instead.contains(&quoted) || row.instead.contains(key));
        assert!(told, "no text names {key}");
    }
}

#[test]
fn numbers_that_are_defaults_are_the_defaults() {
    let defaults = crate::settings::Settings::default();
    for (rule, said) in [
        (
            "create.port",
            format!("`first_port` ({})", defaults.first_port),
        ),
        (
            "create.port",
            format!("`max_ports` ({})", defaults.max_ports),
        ),
        (
            "limit.pids",
            format!("`pids_limit` processes ({})", defaults.pids_limit),
        ),
        ("limit.shm", format!("{} GiB", defaults.shm_size >> 30)),
    ] {
        let text = long_text(rule).unwrap_or_default();
        assert!(text.contains(&said), "{rule} does not say {said}");
    }
}
