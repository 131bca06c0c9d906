//! What must hold for any bytes. Each function takes the input of one fuzz target and panics when something does not hold.
//!
//! The targets in `fuzz/` call these with what a fuzzer makes up; `tests/corpus.rs` calls them with the inputs that are checked
//! in. A new target is a function here, a line in [`TARGETS`], and a file in `fuzz/fuzz_targets`.

mod formats;
mod grammars;
mod interpreted;
mod matching;
mod sources;

/// A target: its name, which is also that of its file and of its folder of inputs, and what it runs.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 20] = [
    ("source_cisco_anyconnect", |data| sources::run("cisco-anyconnect", data)),
    ("source_citrix_vpn", |data| sources::run("citrix-vpn", data)),
    ("source_juniper_pulse_secure", |data| sources::run("juniper-pulse-secure", data)),
    ("source_qualys_endpoint", |data| sources::run("qualys-endpoint", data)),
    ("source_teleport", |data| sources::run("teleport", data)),
    ("interpreted", interpreted::run),
    ("format_syslog", formats::syslog),
    ("format_key_value", formats::key_value),
    ("format_pairs", formats::pairs),
    ("format_cef", formats::cef),
    ("format_leef", formats::leef),
    ("format_csv", formats::csv),
    ("format_json", formats::json),
    ("format_wrap", formats::wrap),
    ("matching", matching::run),
    ("time", grammars::time),
    ("time_format", grammars::time_format),
    ("template", grammars::template),
    ("path", grammars::path),
    ("compiler", grammars::compiler),
];

/// Runs the target of this name.
///
/// # Panics
/// There is no such target, or something does not hold for the input.
pub fn run(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|(known, _)| *known == name);
    assert!(target.is_some(), "there is no target `{name}`");
    if let Some((_, run)) = target {
        run(data);
    }
}
