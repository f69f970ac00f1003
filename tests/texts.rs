//! What people read must be what the code does.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on shall stop and say where"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use dock::cli;
use dock_space::config::Config;
use dock_space::rule;
use dock_space::settings::Layer;

#[test]
fn the_installed_config_says_nothing() {
    let config: Config = toml::from_str(&commented_config()).unwrap();
    assert_eq!(config, Config::default());
}

#[test]
fn the_installed_config_shows_the_defaults() {
    let said: Config = toml::from_str(&config_with_every_default_said()).unwrap();
    assert_ne!(
        said.defaults,
        Layer::default(),
        "it says nothing of [defaults]"
    );
    assert_eq!(said.defaults.clone().settle(), Layer::default().settle());
    let apart = Config {
        defaults: Layer::default(),
        ..said
    };
    assert_eq!(apart, Config::default());
}

#[test]
fn the_installed_config_shows_every_key() {
    let config = commented_config();
    for key in keys() {
        // A key without a default has an example instead.
        let shown = ["#", "# "]
            .iter()
            .any(|mark| config.contains(&format!("\n{mark}{key} = ")));
        assert!(shown, "install.sh does not show {key}");
    }
}

#[test]
fn the_manual_of_the_config_names_every_key() {
    let manual = read("man/dock.toml.5");
    let bold: Vec<&str> = manual
        .lines()
        .filter_map(|line| line.strip_prefix(".B "))
        .flat_map(|line| line.split("\\fR, \\fB"))
        .collect();
    for key in keys() {
        assert!(
            bold.contains(&key.as_str()),
            "dock.toml(5) does not name {key}"
        );
    }
}

#[test]
fn the_manual_names_every_verb_and_option() {
    let manual = read("man/dock.1");
    let (_, manual) = manual.split_once(".SH COMMANDS OF ITS OWN\n").unwrap();
    let (own, rest) = manual.split_once(".SH OPTIONS\n").unwrap();
    let (options, _) = rest.split_once("\n.SH ").unwrap();
    for verb in cli::VERBS {
        let line = format!(".TP\n.B {verb}\n");
        assert!(own.contains(&line), "dock(1) does not explain {verb}");
    }
    for option in options_of_its_own() {
        let (bold, with_value) = (
            format!(".TP\n.B {}\n", option.replace('-', "\\-")),
            format!(".TP\n.BI {} \"", option.replace('-', "\\-")),
        );
        assert!(
            options.contains(&bold) || options.contains(&with_value),
            "dock(1) does not explain {option}"
        );
    }
    for section in [
        "EXIT STATUS",
        "ENVIRONMENT",
        "FILES",
        "DIAGNOSTICS",
        "SECURITY NOTES",
    ] {
        assert!(
            rest.contains(&format!(".SH {section}\n")),
            "dock(1) has no {section}"
        );
    }
}

#[test]
fn the_manual_explains_every_rule_in_the_words_of_the_table() {
    let (begin, end) = (".\\\" rules: made by", "\n.\\\" rules: end\n");
    let manual = read("man/dock.1");
    let (before, rest) = manual.split_once(begin).unwrap();
    let (made_by, rest) = rest.split_once('\n').unwrap();
    let (_, after) = rest.split_once(&end[1..]).unwrap();
    let wanted = format!("{before}{begin}{made_by}\n{}{end}{after}", rules_in_roff());
    if std::env::var_os("BLESS").is_some() {
        fs::write(path("man/dock.1"), &wanted).unwrap();
    } else {
        assert_eq!(manual, wanted, "BLESS=1 cargo test --test texts");
    }
}

#[test]
fn every_rule_that_the_gate_names_is_explained() {
    let mut named = 0;
    for (file, text) in sources("gate/src") {
        for part in text.split("[rule ").skip(1) {
            let (id, _) = part.split_once(']').unwrap();
            // `[rule {rule}]` is where the words of a row become a refusal.
            let known = id == "{rule}" || rule::ids().any(|known| known == id);
            assert!(known, "{file}: [rule {id}] is not in the table");
            named += 1;
        }
        for field in fields_named(&text) {
            assert!(rule::find(&field).is_some(), "{file}: {field} has no row");
            named += 1;
        }
    }
    assert!(named > 80, "the gate is written in another way: {named}");
}

#[test]
fn what_widens_a_rule_is_a_key_of_the_configuration() {
    let keys = keys();
    for row in rule::rows() {
        for key in row.widened_by {
            let known = keys.iter().any(|known| known == key);
            assert!(known, "{}: {key} is no key of dock.toml", row.field);
        }
    }
}

#[test]
fn completions_offer_what_the_program_takes_and_no_more() {
    let wanted: Vec<String> = verbs_served()
        .into_iter()
        .chain(options_of_its_own())
        .collect();
    let of_bash = read("completions/dock.bash");
    let of_zsh = read("completions/_dock");
    let of_fish = read("completions/dock.fish");
    let offered = [
        (
            "dock.bash",
            // compgen -W 'serve env --dry-run'
            between(&of_bash, "compgen -W '", "'")
                .iter()
                .flat_map(|words| words.split(' '))
                .map(str::to_owned)
                .collect::<Vec<_>>(),
        ),
        (
            "_dock",
            // 'serve:what it is', '--socket=[the socket]:...', '--help[help]'
            between(&of_zsh, "'", "'")
                .iter()
                .filter(|text| text.contains([':', '[']))
                .filter_map(|text| text.split([':', '=', '[']).next())
                .map(str::to_owned)
                .collect(),
        ),
        (
            "dock.fish",
            between(&of_fish, "--arguments ", " ")
                .into_iter()
                .map(str::to_owned)
                .chain(
                    between(&of_fish, "--long-option ", " ")
                        .iter()
                        .map(|name| format!("--{name}")),
                )
                .collect(),
        ),
    ];
    for (file, words) in offered {
        assert_eq!(set(&words), set(&wanted), "completions/{file}");
    }
}

#[test]
fn the_completions_of_admin_are_written_by_the_program() {
    use clap_complete::{Shell, generate};
    // The two words of it as one that every shell takes for a function's name.
    const ADMIN: &str = "dockadmin";
    let written = |shell: Shell, mut command: clap::Command, name: &str| {
        let mut text = Vec::new();
        generate(shell, &mut command, name, &mut text);
        String::from_utf8(text).unwrap()
    };
    let alone = || cli::admin().name(ADMIN).bin_name(ADMIN);
    let below = clap::Command::new("dock")
        .disable_help_flag(true)
        .subcommand(cli::admin());
    for (file, text) in [
        ("dockadmin.bash", written(Shell::Bash, alone(), ADMIN)),
        ("_dockadmin", written(Shell::Zsh, alone(), ADMIN)),
        ("dock-admin.fish", written(Shell::Fish, below, "dock")),
    ] {
        let name = format!("completions/{file}");
        if std::env::var_os("BLESS").is_some() {
            fs::write(path(&name), &text).unwrap();
        } else {
            assert!(
                read(&name) == text,
                "{name} is old: BLESS=1 cargo test --test texts"
            );
        }
    }
}

#[test]
fn the_manual_of_admins_names_every_verb_and_option() {
    let manual = read("man/dock-admin.8").replace("\\-", "-");
    let mut verbs: Vec<(String, clap::Command)> = Vec::new();
    for verb in cli::admin().get_subcommands() {
        verbs.push((verb.get_name().to_owned(), verb.clone()));
        for below in verb.get_subcommands() {
            let name = format!("{} {}", verb.get_name(), below.get_name());
            verbs.push((name, below.clone()));
        }
    }
    for (name, verb) in verbs {
        let section = format!(".SS \"dock admin {name}");
        let (_, text) = manual
            .split_once(&section)
            .unwrap_or_else(|| panic!("dock-admin(8) has no section for {name}"));
        let text = text.split("\n.SS ").next().unwrap();
        for argument in verb.get_arguments() {
            let Some(long) = argument.get_long() else {
                continue;
            };
            // Those of every list are explained once.
            let common = ["format", "help", "json", "no-trunc", "quiet", "sort"];
            if common.contains(&long) && manual.contains(&format!("--{long}")) {
                continue;
            }
            assert!(
                text.contains(&format!("--{long}")),
                "dock-admin(8): {name} has no --{long}"
            );
        }
    }
}

#[test]
fn the_help_names_every_verb_that_is_served() {
    for word in verbs_served()
        .iter()
        .map(String::as_str)
        .chain(["--dry-run"])
    {
        let shown = cli::OWN_HELP
            .lines()
            .any(|line| line.split_whitespace().next() == Some(word));
        assert!(shown, "dock --help does not show {word}");
    }
}

#[test]
fn every_page_and_completion_is_installed() {
    let script = read("install.sh");
    for folder in ["man", "completions"] {
        for entry in fs::read_dir(path(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let installed = match folder {
                "man" => script.contains("\"$here\"/man/*.[1-8]"),
                _ => script.contains(&format!("\"$here/completions/{name}\"")),
            };
            assert!(installed, "install.sh does not install {folder}/{name}");
        }
    }
}

/// The verbs that the program parses itself.
fn verbs_served() -> Vec<String> {
    let verbs: Vec<String> = cli::command()
        .get_subcommands()
        .map(|verb| verb.get_name().to_owned())
        .collect();
    for verb in &verbs {
        assert!(cli::VERBS.contains(&verb.as_str()), "{verb} is not reached");
    }
    verbs
}

/// dock's own options: those of its verbs, `--help`, and the one before docker's
/// words. Those of admins have a page and completions of their own.
fn options_of_its_own() -> Vec<String> {
    let mut options = vec!["--dry-run".to_owned(), "--help".to_owned()];
    let people = cli::command();
    for verb in people
        .get_subcommands()
        .filter(|verb| verb.get_name() != "admin")
    {
        options.extend(
            verb.get_arguments()
                .filter_map(|argument| Some(format!("--{}", argument.get_long()?))),
        );
    }
    options
}

/// Each rule in a paragraph of dock(1).
fn rules_in_roff() -> String {
    let plain = |text: &str| text.replace('\\', "\\e").replace('-', "\\-");
    let of_rule = |id: &str| {
        let mut text = format!(".TP\n.B {}", plain(id));
        let rows: Vec<_> = rule::rows_of(id).collect();
        for same in rows.chunk_by(|one, next| (one.why, one.instead) == (next.why, next.instead)) {
            let mut flags: Vec<&str> = same.iter().map(|row| row.flag).collect();
            flags.dedup();
            let row = same[0];
            let instead = match row.instead.is_empty() {
                true => String::new(),
                false => format!("; instead: {}", row.instead),
            };
            let flags = flags.join(", ");
            text += &plain(&format!("\n{flags}: {}{instead}.", row.why));
        }
        text
    };
    rule::ids().map(of_rule).collect::<Vec<_>>().join("\n")
}

/// Names of rows in a source: what a refusal is made of, and every literal
/// that begins as the fields of a body do.
fn fields_named(text: &str) -> Vec<String> {
    let (code, _) = text.split_once("#[cfg(test)]").unwrap_or((text, ""));
    let code = code.replace("\\\"", "");
    let mut fields = Vec::new();
    for literal in code.split('"').skip(1).step_by(2) {
        let begins = [
            "Config.",
            "HostConfig.",
            "Exec.",
            "Mount.",
            "Network.",
            "route.",
        ];
        let body = begins.iter().any(|begin| literal.starts_with(begin));
        if body && !literal.contains(' ') {
            fields.push(literal.to_owned());
        }
    }
    for call in ["Refusal::of(", "Refusal::value("] {
        for part in code.split(call).skip(1) {
            let first = part.trim_start().strip_prefix('"');
            let literal = first.and_then(|literal| literal.split('"').next());
            fields.extend(literal.map(str::to_owned));
        }
    }
    fields
}

/// The Rust files below a folder, without those that hold only tests: name and text.
fn sources(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(path(folder)).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let below = format!("{folder}/{name}");
        if matches!(name.as_str(), "tests" | "tests.rs") {
            continue;
        }
        if path(&below).is_dir() {
            found.append(&mut sources(&below));
        } else if name.ends_with(".rs") {
            found.push((below.clone(), read(&below)));
        }
    }
    found
}

/// Every piece of `text` that stands between two marks on one line.
fn between<'a>(text: &'a str, open: &str, close: &str) -> Vec<&'a str> {
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'));
    let mut found = Vec::new();
    for mut line in code {
        while let Some((_, rest)) = line.split_once(open) {
            let (piece, after) = rest.split_once(close).unwrap_or((rest, ""));
            found.push(piece);
            line = after;
        }
    }
    found
}

fn set(words: &[String]) -> BTreeSet<&str> {
    words.iter().map(String::as_str).collect()
}

/// The commented dock.toml that install.sh writes.
fn commented_config() -> String {
    let script = read("install.sh");
    let (_, rest) = script.split_once("cat <<'TOML'\n").unwrap();
    let (text, _) = rest.split_once("\nTOML\n").unwrap();
    text.to_owned()
}

/// The same with each default said: lines that begin with "#" and no space.
fn config_with_every_default_said() -> String {
    commented_config()
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(rest) if !rest.starts_with(' ') => rest,
            _ => line,
        })
        .fold(String::new(), |text, line| text + line + "\n")
}

/// Every key that the code reads: the public fields of the structs that TOML is
/// read into, but for those that are tables.
fn keys() -> Vec<String> {
    let mut keys = Vec::new();
    for file in [
        "space/src/config/mod.rs",
        "space/src/config/archive.rs",
        "space/src/config/images.rs",
        "space/src/config/network.rs",
        "space/src/config/prune.rs",
        "space/src/settings.rs",
    ] {
        let text = read(file);
        for part in text
            .split("#[serde(deny_unknown_fields, default)]\n")
            .skip(1)
        {
            let (body, _) = part.split_once("\n}").unwrap();
            if body.starts_with("pub struct Config ") {
                continue;
            }
            keys.extend(
                body.lines()
                    .filter_map(|line| line.strip_prefix("    pub ")?.split(':').next())
                    .filter(|key| !["containers", "schedule", "targets"].contains(key))
                    .map(str::to_owned),
            );
        }
    }
    assert!(
        keys.len() > 15,
        "the structs are written in another way: {keys:?}"
    );
    keys
}

fn read(name: &str) -> String {
    let path = path(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}
