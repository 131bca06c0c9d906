//! Calls the target of this name; what must hold is said in `tests/fuzzing`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| xdr_fuzzing::run("format_csv", data));
