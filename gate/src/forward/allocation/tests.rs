//! Indexes: given once, found again, rebuilt, and never two alike.

use std::path::PathBuf;

use super::*;
use dock_space::Uid;
use nix::fcntl::{Flock, FlockArg};

fn space(uid: u32) -> Space {
    Space::User(Uid(uid))
}

fn file(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("dock-spaces-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    folder.join("spaces")
}

fn done(path: &Path) {
    let _ = std::fs::remove_dir_all(path.parent().unwrap());
}

/// With an engine that holds `held`.
async fn add_beside(
    path: &Path,
    network: &Network,
    uid: u32,
    held: &[Held],
) -> Result<u32, Failure> {
    let wanted = Wanted {
        path,
        network,
        space: space(uid),
        login: "x",
    };
    let row = wanted.find_or_add(async || Ok(held.to_vec())).await?;
    Ok(row.index)
}

async fn add(path: &Path, network: &Network, uid: u32) -> Result<u32, Failure> {
    add_beside(path, network, uid, &[]).await
}

fn held(uid: u32, is_default: bool, subnets: &[&str]) -> Held {
    Held {
        space: space(uid),
        is_default,
        subnets: subnets
            .iter()
            .map(|subnet| subnet.parse().unwrap())
            .collect(),
    }
}

#[tokio::test]
async fn an_index_is_given_once_and_found_again() {
    let path = file("once");
    let network = Network::default();
    assert_eq!(find(&path, space(1001)).unwrap(), None);
    for (uid, index) in [(1001, 0), (1002, 1), (1001, 0), (1003, 2)] {
        assert_eq!(add(&path, &network, uid).await.unwrap(), index, "{uid}");
    }
    assert_eq!(find(&path, space(1002)).unwrap().unwrap().index, 1);
    done(&path);
}

#[tokio::test]
async fn a_torn_line_is_nobodys() {
    let path = file("torn");
    let network = Network::default();
    add(&path, &network, 1001).await.unwrap();
    let mut text = std::fs::read_to_string(&path).unwrap();
    text.push_str("1\tu1002\tbo");
    std::fs::write(&path, text).unwrap();
    assert_eq!(find(&path, space(1002)).unwrap(), None);
    assert_eq!(add(&path, &network, 1003).await.unwrap(), 1);
    assert_eq!(add(&path, &network, 1002).await.unwrap(), 2);
    done(&path);
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_is_never_released_is_not_waited_for_for_ever() {
    let path = file("frozen");
    let network = Network::default();
    add(&path, &network, 1001).await.unwrap();
    let open = std::fs::File::open(&path).unwrap();
    let frozen = Flock::lock(open, FlockArg::LockExclusive).unwrap();
    assert!(add(&path, &network, 1002).await.is_err());
    // Whoever has a row needs no lock.
    assert!(add(&path, &network, 1001).await.is_ok());
    drop(frozen);
    assert!(add(&path, &network, 1002).await.is_ok());
    done(&path);
}

#[tokio::test]
async fn a_full_pool_is_an_error_and_one_place_more_is_not() {
    let small = Network {
        pool_prefix: 20,
        space_prefix: 21,
        ..Network::default()
    };
    let path = file("full");
    add(&path, &small, 1).await.unwrap();
    add(&path, &small, 2).await.unwrap();
    assert!(add(&path, &small, 3).await.is_err());
    let wider = Network {
        pool_prefix: 19,
        ..small
    };
    assert_eq!(add(&path, &wider, 3).await.unwrap(), 2);
    done(&path);
}

#[tokio::test]
async fn a_file_that_was_lost_is_rebuilt_by_whoever_comes_first() {
    let path = file("lost");
    let network = Network::default();
    // u1003's file is gone, and so are the rows of all these.
    let engine = [
        // The network where the person chose comes before the default one.
        held(3_900_001_001, false, &["10.128.64.0/24"]),
        held(3_900_001_001, true, &["10.128.8.0/24"]),
        held(3_900_001_002, false, &["192.168.7.0/24", "10.128.3.0/24"]),
        held(3_900_001_004, false, &["192.168.8.0/24"]),
    ];
    // Index 8 is u1001's network's, though u1001 is index 1.
    assert_eq!(
        add_beside(&path, &network, 3_900_001_003, &engine)
            .await
            .unwrap(),
        2
    );
    for (uid, index) in [(3_900_001_001, 1), (3_900_001_002, 0), (3_900_001_003, 2)] {
        assert_eq!(
            find(&path, space(uid)).unwrap().unwrap().index,
            index,
            "{uid}"
        );
    }
    // Nobody is known by these uids, so nobody inherits them unasked.
    assert_eq!(
        find(&path, space(3_900_001_001)).unwrap().unwrap().login,
        "-"
    );
    // Its networks tell nothing, so it is given an index as anybody.
    assert_eq!(find(&path, space(3_900_001_004)).unwrap(), None);
    for (uid, index) in [
        (3_900_001_004, 3),
        (3_900_001_005, 4),
        (3_900_001_006, 5),
        (3_900_001_007, 6),
        (3_900_001_008, 7),
        (3_900_001_009, 9),
    ] {
        assert_eq!(
            add_beside(&path, &network, uid, &engine).await.unwrap(),
            index,
            "{uid}"
        );
    }
    done(&path);
}

#[tokio::test]
async fn whoever_lost_a_row_finds_it_again_by_their_own_networks() {
    let path = file("tail");
    let network = Network::default();
    for uid in [1001, 1002, 1003] {
        add(&path, &network, uid).await.unwrap();
    }
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.lines().next().unwrap().to_owned() + "\n").unwrap();
    let engine = [held(1003, true, &["10.128.16.0/24"])];
    assert_eq!(add_beside(&path, &network, 1003, &engine).await.unwrap(), 2);
    assert_eq!(find(&path, space(1003)).unwrap().unwrap().login, "x");
    assert_eq!(add_beside(&path, &network, 1004, &engine).await.unwrap(), 3);
    done(&path);
}

#[tokio::test]
async fn a_file_that_is_lost_while_the_engine_answers_is_asked_about_again() {
    let path = file("meanwhile");
    let network = Network::default();
    add(&path, &network, 1001).await.unwrap();
    let asked = std::cell::Cell::new(0);
    let engine = async || {
        asked.set(asked.get() + 1);
        if asked.get() == 1 {
            std::fs::remove_file(&path).unwrap();
            return Ok(Vec::new());
        }
        Ok(vec![held(1001, true, &["10.128.0.0/24"])])
    };
    let wanted = Wanted {
        path: &path,
        network: &network,
        space: space(1002),
        login: "x",
    };
    assert_eq!(wanted.find_or_add(engine).await.unwrap().index, 1);
    assert_eq!(asked.get(), 2);
    assert_eq!(find(&path, space(1001)).unwrap().unwrap().index, 0);
    done(&path);
}

#[tokio::test]
async fn without_an_answer_of_the_engine_no_index_is_given() {
    let path = file("silent");
    let network = Network::default();
    let wanted = Wanted {
        path: &path,
        network: &network,
        space: space(1001),
        login: "x",
    };
    let silent = async || Err(Failure::EngineBroken("it does not answer in time".into()));
    assert!(wanted.find_or_add(silent).await.is_err());
    assert_eq!(find(&path, space(1001)).unwrap(), None);
    done(&path);
}

/// 2,000 people, some of them by two gates at once.
#[test]
fn two_thousand_people_get_indexes_and_subnets_of_their_own() {
    const PEOPLE: u32 = 2_000;
    const TWICE: u32 = 200;
    const THREADS: u32 = 8;
    let path = file("people");
    let network = Network::default();
    assert!(network.capacity() >= 4_096);
    let given: Vec<(u32, u32)> = std::thread::scope(|scope| {
        let gates: Vec<_> = (0..THREADS)
            .map(|thread| {
                let (path, network) = (&path, &network);
                scope.spawn(move || {
                    let runtime = tokio::runtime::Builder::new_current_thread()
                        .enable_all()
                        .build()
                        .unwrap();
                    let mine = (0..PEOPLE).filter(|person| {
                        person % THREADS == thread
                            || *person < TWICE && (person + 1) % THREADS == thread
                    });
                    mine.map(|person| {
                        let index = runtime.block_on(add(path, network, 10_000 + person));
                        (person, index.unwrap())
                    })
                    .collect::<Vec<_>>()
                })
            })
            .collect();
        gates
            .into_iter()
            .flat_map(|gate| gate.join().unwrap())
            .collect()
    });
    assert_eq!(given.len() as u32, PEOPLE + TWICE);
    let people: std::collections::BTreeMap<u32, u32> = given.iter().copied().collect();
    assert!(given.iter().all(|(person, index)| people[person] == *index));
    let subnets: BTreeSet<_> = people
        .values()
        .flat_map(|index| (0..network.slots()).map(|slot| network.subnet(*index, slot).unwrap()))
        .collect();
    assert_eq!(subnets.len() as u32, PEOPLE * network.slots());
    done(&path);
}
