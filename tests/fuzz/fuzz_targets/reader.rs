//! Whatever the fuzzer thinks of is read by the reader that this target is named after.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    hopcast::fuzzed::read(env!("CARGO_BIN_NAME"), bytes);
});
