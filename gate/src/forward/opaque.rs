//! Ids that are the same each time and tell nothing.

/// 256 bits that depend on `text`. Nothing relies on them but that two texts
/// give two ids: FNV-1a, four times.
pub(crate) fn bits(text: &str) -> [u64; 4] {
    [0u8, 1, 2, 3].map(|part| {
        let bytes = text.bytes().chain([part]);
        bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
    })
}

/// 64 hex digits, as of a network.
pub(crate) fn hex(text: &str) -> String {
    bits(text).map(|part| format!("{part:016x}")).concat()
}

/// Twelve words of four letters, as an engine's.
pub(crate) fn words(text: &str) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits = bits(text);
    let letter = |at: usize| {
        let part = bits[at / 12] >> (5 * (at % 12));
        char::from(LETTERS[usize::try_from(part & 31).unwrap_or_default()])
    };
    let words: Vec<String> = (0..12)
        .map(|word| (0..4).map(|place| letter(word * 4 + place)).collect())
        .collect();
    words.join(":")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_the_form_that_clients_know_and_differ() {
        assert!(dock_space::name::is_full_id(&hex("a")));
        assert_eq!(hex("a"), hex("a"));
        assert_ne!(hex("a"), hex("b"));
        let id = words("a");
        assert_eq!(id.len(), 59);
        assert!(id.split(':').all(|word| word.len() == 4));
        assert_ne!(id, words("b"));
    }
}
