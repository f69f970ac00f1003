//! Names for containers that were given none, in docker's form `adjective_person`.

/// What a person admires.
const FIRST: [&str; 48] = [
    "able", "amber", "bold", "brave", "brisk", "calm", "clear", "clever", "cosmic", "curious",
    "daring", "deft", "eager", "early", "exact", "fair", "fearless", "fine", "fluent", "gentle",
    "golden", "happy", "honest", "humble", "jolly", "keen", "kind", "lively", "lucid", "merry",
    "mild", "neat", "nimble", "noble", "patient", "placid", "proud", "quick", "quiet", "serene",
    "sharp", "silent", "steady", "sunny", "tidy", "vivid", "wise", "witty",
];

/// People to whom computing, mathematics and the sciences owe something.
const SECOND: [&str; 48] = [
    "abel",
    "adleman",
    "backus",
    "banach",
    "bayes",
    "bernoulli",
    "boole",
    "cantor",
    "cauchy",
    "church",
    "codd",
    "curry",
    "dijkstra",
    "euclid",
    "euler",
    "fermat",
    "fisher",
    "floyd",
    "fourier",
    "galois",
    "gauss",
    "germain",
    "godel",
    "hamming",
    "hilbert",
    "hoare",
    "hopper",
    "jacobi",
    "kleene",
    "knuth",
    "kolmogorov",
    "lamport",
    "laplace",
    "liskov",
    "lovelace",
    "markov",
    "mccarthy",
    "milner",
    "noether",
    "pascal",
    "perlis",
    "ramanujan",
    "riemann",
    "ritchie",
    "shannon",
    "tarski",
    "turing",
    "wirth",
];

/// A random name. Names are not secrets: the bytes only need to differ between
/// two commands of one person; `attempt` adds a digit as docker does when the
/// first try was taken.
pub(crate) fn name(attempt: u32) -> String {
    let bits = bits();
    let first = FIRST[(bits % FIRST.len() as u64) as usize];
    let second = SECOND[((bits >> 20) % SECOND.len() as u64) as usize];
    match attempt {
        0 => format!("{first}_{second}"),
        _ => format!("{first}_{second}{}", (bits >> 40) % 10_000),
    }
}

/// Random bits of the standard library's hasher, which the kernel seeds.
fn bits() -> u64 {
    use std::hash::{BuildHasher as _, Hasher as _};
    std::collections::hash_map::RandomState::new()
        .build_hasher()
        .finish()
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_are_legal_and_differ() {
        let names: std::collections::BTreeSet<String> = (0..20).map(super::name).collect();
        assert!(names.len() > 10);
        assert!(
            names
                .iter()
                .all(|name| dock_space::name::is_object_name(name))
        );
    }
}
