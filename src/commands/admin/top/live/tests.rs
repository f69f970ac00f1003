//! Pictures of the view, in words.

use dock_space::admin::Owner;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::{Color, Modifier};

use super::draw::draw;
use super::keys;
use super::look::Look;
use super::state::{Asked, Mode, State};
use crate::commands::admin::top::report::{Container, Host, Report, Share, Space};
use crate::commands::admin::top::sort::Key;

const LOOK: Look = Look {
    blocks: true,
    colours: true,
};

const GIB: u64 = 1 << 30;

fn share(cpu: f64, memory: u64, limit: Option<u64>) -> Share {
    Share {
        cpu_percent: Some(cpu),
        memory,
        memory_limit: limit,
        disk: Some(21_000_000),
        net_received_per_second: Some(1_000),
        net_sent_per_second: Some(200),
        block_read_per_second: Some(0),
        block_written_per_second: Some(3_000_000),
        pids: 12,
        ..Share::default()
    }
}

fn space(name: &str, login: &str, share: Share, containers: &[(&str, Share)]) -> Space {
    Space {
        owner: Owner {
            space: name.into(),
            login: login.into(),
        },
        running: containers.len(),
        share,
        containers: containers
            .iter()
            .map(|(name, share)| Container {
                id: format!("id-of-{name}"),
                name: (*name).into(),
                share: share.clone(),
            })
            .collect(),
    }
}

/// Alice has the memory, bob the CPU; carol has nothing that runs.
fn report(gpus: bool) -> Report {
    let gpu = |share: Share, percent, memory| match gpus {
        true => Share {
            gpu_percent: Some(percent),
            gpu_memory: Some(memory),
            ..share
        },
        false => share,
    };
    let train = share(3.0, 12 * GIB, Some(12 * GIB + 1));
    let web = share(1.5, GIB / 2, None);
    let spin = share(180.0, GIB, None);
    let (alice, bob) = (
        share(4.5, 12 * GIB + GIB / 2, Some(16 * GIB)),
        share(180.0, GIB, None),
    );
    Report {
        time: 0,
        window_seconds: Some(2.0),
        host: Host {
            cpus: 4,
            memory_total: 32 * GIB,
            gpus: gpus.then_some(2),
            gpu_memory_total: gpus.then_some(80 * GIB),
            share: gpu(share(200.0, 16 * GIB, None), 90.0, 40 * GIB),
        },
        disk_measured: Some(0),
        spaces: vec![
            space(
                "u1002",
                "bob",
                gpu(bob, 0.0, 0),
                &[("spin", gpu(spin, 0.0, 0))],
            ),
            space(
                "u1001",
                "alice",
                gpu(alice, 90.0, 38 * GIB),
                &[
                    ("web", gpu(web, 0.0, 0)),
                    ("train", gpu(train, 90.0, 38 * GIB)),
                ],
            ),
            space("u1003", "carol", gpu(share(0.0, 0, None), 0.0, 0), &[]),
        ],
        outside: gpu(
            Share {
                disk: None,
                ..share(15.5, 2 * GIB + GIB / 2, None)
            },
            0.0,
            2 * GIB,
        ),
    }
}

fn state(sort: Key, gpus: bool) -> State {
    let mut state = State::new(sort, false);
    state.take(report(gpus));
    state
}

/// The lines as they stand on a terminal of that size, without the clock's.
fn picture(state: &State, look: Look, width: u16, height: u16) -> Vec<String> {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(frame, state, look)).unwrap();
    let buffer = terminal.backend().buffer();
    let lines = buffer.content().chunks(usize::from(width));
    lines
        .map(|line| {
            let text: String = line.iter().map(|cell| cell.symbol()).collect();
            text.trim_end().to_owned()
        })
        .collect()
}

fn press(state: &mut State, keys: &str) -> Asked {
    let mut asked = Asked::Nothing;
    for key in keys.chars() {
        asked = state.press(match key {
            '\n' => keys::Key::Enter,
            '\u{1b}' => keys::Key::Escape,
            '\u{8}' => keys::Key::Erase,
            key => keys::Key::Letter(key),
        });
    }
    asked
}

fn labels(state: &State) -> Vec<String> {
    state.rows().into_iter().map(|row| row.label).collect()
}

#[test]
fn a_terminal_of_80_by_24_shows_who_has_the_memory() {
    let lines = picture(&state(Key::Memory, false), LOOK, 80, 24);
    assert_eq!(
        lines[1..8],
        [
            "CPU [█████▌      ]        50% of 4 cpus  MEM [█████▏      ]       16GiB of 32GiB",
            "",
            "SPACE                CPU% HISTORY      MEM▼ OF HOST   DISK   NET/S    IO/S  PIDS",
            "alice                 4.5        ▁  12.5GiB ██▊       21MB   1.2kB     3MB    12",
            "bob                 180.0        █     1GiB ▎         21MB   1.2kB     3MB    12",
            "carol                 0.0                0B           21MB   1.2kB     3MB    12",
            "",
        ]
    );
    assert_eq!(
        lines[22..],
        [
            "host, outside dock   15.5        ▁   2.5GiB ▌            -   1.2kB     3MB    12",
            "c m g d n i p sort  enter containers  / filter  h help  q quit",
        ]
    );
}

#[test]
fn gpus_have_their_columns_where_there_are_any() {
    let lines = picture(&state(Key::Gpu, true), LOOK, 80, 24);
    assert_eq!(
        lines[1..5],
        [
            "CPU [█████▌      ]        50% of 4 cpus  MEM     [███▍    ]       16GiB of 32GiB",
            "GPU [█████▍      ]             45% of 2  GPU MEM [███▊    ]       40GiB of 80GiB",
            "SPACE          CPU%      MEM OF HOST GPU%▼   GPUMEM   DISK   NET/S    IO/S  PIDS",
            "alice           4.5  12.5GiB ██▊        90    38GiB   21MB   1.2kB     3MB    12",
        ]
    );
    assert!(lines[22].starts_with("outside dock "), "{}", lines[22]);
}

#[test]
fn a_terminal_of_200_by_60_shows_both_directions() {
    let mut state = state(Key::Memory, true);
    press(&mut state, "\n");
    let lines = picture(&state, LOOK, 200, 60);
    assert_eq!(lines.len(), 60);
    assert_eq!(
        lines[3..7],
        [
            "SPACE                         RUN    CPU% HISTORY                                      MEM▼    LIMIT OF HOST                            GPU%   GPUMEM    DISK NET IN/S    OUT/S   READ/S  WRITE/S   PIDS",
            "alice                           2     4.5                                        ▁  12.5GiB    16GiB ████████████▌                        90    38GiB    21MB      1kB     200B       0B      3MB     12",
            "  train                         -     3.0                                        ▁    12GiB    12GiB ████████████                   !     90    38GiB    21MB      1kB     200B       0B      3MB     12",
            "  web                           -     1.5                                        ▁   512MiB        - ▌                                     0       0B    21MB      1kB     200B       0B      3MB     12",
        ]
    );
    assert!(
        lines[58].starts_with("host, outside dock "),
        "{}",
        lines[58]
    );
}

#[test]
fn letters_stand_for_blocks_where_there_are_none() {
    let plain = Look {
        blocks: false,
        colours: false,
    };
    let lines = picture(&state(Key::Memory, false), plain, 80, 24);
    assert!(lines.iter().all(|line| line.is_ascii()), "{lines:#?}");
    assert_eq!(
        lines[1..6],
        [
            "CPU [#####:      ]        50% of 4 cpus  MEM [#####-      ]       16GiB of 32GiB",
            "",
            "SPACE                CPU% HISTORY      MEMv OF HOST   DISK   NET/S    IO/S  PIDS",
            "alice                 4.5        .  12.5GiB ##:       21MB   1.2kB     3MB    12",
            "bob                 180.0        #     1GiB :         21MB   1.2kB     3MB    12",
        ]
    );
}

#[test]
fn colours_are_only_for_who_wants_them() {
    for colours in [true, false] {
        let look = Look { colours, ..LOOK };
        let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
        let state = state(Key::Memory, false);
        terminal.draw(|frame| draw(frame, &state, look)).unwrap();
        let cells = terminal.backend().buffer().content();
        let coloured = cells.iter().any(|cell| cell.fg != Color::Reset);
        assert_eq!(coloured, colours);
        // The head stands out all the same.
        assert!(
            cells
                .iter()
                .any(|cell| cell.modifier.contains(Modifier::REVERSED))
        );
    }
}

#[test]
fn the_cursor_leaves_bars_as_they_are() {
    let mut state = state(Key::Memory, false);
    press(&mut state, "j");
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    terminal.draw(|frame| draw(frame, &state, LOOK)).unwrap();
    let cells = terminal.backend().buffer().content();
    let line = cells.chunks(80).nth(4).unwrap();
    let reversed = |cell: &ratatui::buffer::Cell| cell.modifier.contains(Modifier::REVERSED);
    assert!(reversed(&line[0]));
    // An empty one that is reversed is a full one.
    let bar = line.iter().position(|cell| cell.symbol() == "\u{2588}");
    assert!(line[bar.unwrap()..][..7].iter().all(|cell| !reversed(cell)));
}

#[test]
fn no_size_is_too_small() {
    let mut state = state(Key::Cpu, true);
    for mode in [Mode::Rows, Mode::Filter, Mode::Help] {
        state.mode = mode;
        for (width, height) in [(1, 1), (5, 3), (20, 5), (40, 2), (60, 10), (500, 200)] {
            picture(&state, LOOK, width, height);
        }
    }
}

#[test]
fn keys_sort() {
    let mut state = state(Key::Cpu, false);
    assert_eq!(labels(&state), ["bob", "alice", "carol"]);
    press(&mut state, "m");
    assert_eq!(labels(&state), ["alice", "bob", "carol"]);
    // Over the GPUs, which are not there.
    press(&mut state, ">");
    assert_eq!(state.sort, Key::Disk);
    press(&mut state, "<<<");
    assert_eq!(state.sort, Key::Pids);
}

#[test]
fn a_space_opens_and_closes() {
    let mut state = state(Key::Memory, false);
    assert!(!state.wants_containers());
    press(&mut state, " ");
    assert!(state.wants_containers());
    assert_eq!(
        labels(&state),
        ["alice", "  train", "  web", "bob", "carol"]
    );
    // The cursor is on a container: its space closes.
    press(&mut state, "j\n");
    assert_eq!(labels(&state), ["alice", "bob", "carol"]);
    assert!(!state.wants_containers());
    press(&mut state, "jjjjj ");
    assert_eq!(labels(&state), ["alice", "bob", "carol"]);
    assert_eq!(state.cursor(&state.rows()), Some(2));
}

#[test]
fn a_filter_shows_what_holds_it() {
    let mut state = state(Key::Memory, false);
    press(&mut state, "/bq");
    assert!(labels(&state).is_empty());
    press(&mut state, "\u{8}");
    assert_eq!(labels(&state), ["bob"]);
    // Letters are keys again, and the filter stays.
    assert_eq!(press(&mut state, "\nm"), Asked::Nothing);
    assert_eq!(labels(&state), ["bob"]);
    press(&mut state, "\u{1b}");
    assert_eq!(labels(&state).len(), 3);
    press(&mut state, "/u1001\n");
    assert_eq!(labels(&state), ["alice"]);
    assert_eq!(press(&mut state, "q"), Asked::Quit);
}

#[test]
fn help_goes_with_any_key() {
    let mut state = state(Key::Cpu, false);
    press(&mut state, "h");
    let lines = picture(&state, LOOK, 80, 24);
    assert!(
        lines.iter().any(|line| line.contains("this help")),
        "{lines:#?}"
    );
    press(&mut state, "m");
    assert_eq!((state.mode, state.sort), (Mode::Rows, Key::Cpu));
    press(&mut state, "/");
    assert_eq!(state.press(keys::Key::Interrupt), Asked::Quit);
}

#[test]
fn one_row_a_container_is_sorted_across_spaces() {
    let mut state = State::new(Key::Memory, true);
    state.take(report(false));
    assert!(state.wants_containers());
    assert_eq!(labels(&state), ["alice/train", "bob/spin", "alice/web"]);
    press(&mut state, "/al\n");
    assert_eq!(labels(&state), ["alice/train", "alice/web"]);
}

#[test]
fn histories_grow_and_what_is_gone_is_forgotten() {
    let mut state = state(Key::Cpu, false);
    state.take(report(false));
    assert_eq!(state.history("u1002").collect::<Vec<_>>(), [180.0, 180.0]);
    assert_eq!(state.history("").count(), 2);
    let mut less = report(false);
    less.spaces.remove(0);
    state.take(less);
    assert_eq!(state.history("u1002").count(), 0);
    assert_eq!(state.history("u1001").count(), 3);
}

#[test]
fn what_others_named_cannot_move_the_cursor() {
    let mut state = State::new(Key::Cpu, true);
    let mut report = report(false);
    report.spaces[0].containers[0].name = "a\u{1b}[2Jb".into();
    state.take(report);
    assert!(labels(&state).contains(&"bob/a?[2Jb".to_owned()));
}
