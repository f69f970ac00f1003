//! Words that nobody would type; the laws stand beside the scanner.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| dock::argv::laws::fuzz_one(data));
