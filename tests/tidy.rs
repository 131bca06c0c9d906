//! What every file of the repository keeps to, as far as a machine can tell.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod support;

use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};

use support::{entries, root, sample_files};

/// The most lines a file of a `src` folder has: more is a sign of a second concern.
const LONGEST: usize = 600;

/// Addresses of the guides' sample cells, and a browser's version in one of them that reads as an address. All other addresses of
/// samples are documentation's or private.
const GUIDE_SAMPLES: [&str; 3] = ["36.255.31.246", "216.58.194.206", "105.0.0.0"];

/// Words of drafts. The last one is looked for in Rust only: a guide's sample has it in a host's name.
const DRAFT: [&str; 3] = ["TODO", "FIXME", "XXX"];

/// The files below a folder, build output and hidden folders left out.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for path in entries(folder) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "target" && !name.starts_with('.') {
                files.extend(self::files(&path));
            }
        } else {
            files.push(path);
        }
    }
    files
}

fn rust_files() -> Vec<PathBuf> {
    files(root()).into_iter().filter(|path| ends(path, "rs")).collect()
}

/// Whether the file's name ends so.
fn ends(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found == extension)
}

/// A path as it is shown.
fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

fn none(what: &str, found: &[String]) {
    assert!(found.is_empty(), "{what}:\n{}", found.join("\n"));
}

#[test]
fn every_module_says_what_it_is() {
    let bare: Vec<String> = rust_files()
        .iter()
        .filter(|path| !fs::read_to_string(path).unwrap().starts_with("//! "))
        .map(|path| shown(path))
        .collect();
    none("these begin without `//!`", &bare);
}

#[test]
fn no_module_is_too_long() {
    let mut long = Vec::new();
    for path in rust_files() {
        if path.components().any(|part| part.as_os_str() == "src") {
            let lines = fs::read_to_string(&path).unwrap().lines().count();
            if lines > LONGEST {
                long.push(format!("{}: {lines}", shown(&path)));
            }
        }
    }
    none("more than 600 lines: is there a second concern?", &long);
}

#[test]
fn every_source_has_a_spec_and_samples() {
    for folder in entries(&root().join("mapping-specs")).iter().filter(|path| path.is_dir()) {
        let name = folder.file_name().unwrap().to_str().unwrap();
        assert!(folder.join("spec.yaml").is_file(), "{name} has no spec");
        assert!(xdr_sources::source(name).is_some(), "{name} is not compiled in");
        let samples = sample_files(name);
        assert!(!samples.is_empty(), "{name} has no samples");
        for path in samples {
            // The snapshots are made of `*.log`; another file would be tested by nobody.
            assert_eq!(path.extension().unwrap(), "log", "{}", shown(&path));
            let text = fs::read(&path).unwrap();
            assert!(text.iter().any(|byte| !byte.is_ascii_whitespace()), "{} is empty", shown(&path));
        }
    }
}

#[test]
fn addresses_of_samples_are_nobody_s() {
    let mut real = Vec::new();
    let examples = files(&root().join("examples")).into_iter();
    let samples = files(&root().join("mapping-specs")).into_iter().chain(examples);
    for path in samples.filter(|path| ends(path, "log")) {
        let text = fs::read(&path).unwrap();
        for address in addresses(&String::from_utf8_lossy(&text)) {
            if !is_nobody_s(address) && !GUIDE_SAMPLES.contains(&address.to_string().as_str()) {
                real.push(format!("{}: {address}", shown(&path)));
            }
        }
    }
    none("addresses that may be somebody's", &real);
}

/// Everything in a text that reads as an IPv4 address.
fn addresses(text: &str) -> impl Iterator<Item = Ipv4Addr> {
    let part = |character: char| character.is_ascii_digit() || character == '.';
    text.split(move |character| !part(character)).filter_map(|word| word.trim_matches('.').parse().ok())
}

/// Documentation's ranges, private ones, the machine itself, no address and all.
fn is_nobody_s(address: Ipv4Addr) -> bool {
    let mask = address.octets()[0] == 255;
    address.is_documentation()
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_unspecified()
        || address.is_multicast()
        || mask
}

#[test]
fn nothing_unfinished_and_no_place_of_one_machine_is_left() {
    let homes = ["home", "root", "Users"].map(|name| format!("/{name}/"));
    let mut found = Vec::new();
    for path in files(root()) {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let name = shown(&path);
        // These hold such words as data: this list, and records of other people's machines.
        if name == "tests/tidy.rs" || name.contains("samples") || ends(&path, "snap") {
            continue;
        }
        let draft = if ends(&path, "rs") { &DRAFT[..] } else { &DRAFT[..2] };
        for (number, line) in text.lines().enumerate() {
            let mut words = line.split(|character: char| !character.is_ascii_alphanumeric());
            let macros = line.contains("todo!(") || line.contains("unimplemented!(");
            let home = homes.iter().any(|home| line.contains(home));
            if macros || home || words.any(|word| draft.contains(&word)) {
                found.push(format!("{name}:{}: {line}", number + 1));
            }
        }
    }
    none("unfinished, or a path of one machine", &found);
}

#[test]
fn no_snapshot_waits_for_review() {
    let waiting: Vec<String> = files(root())
        .iter()
        .map(|path| shown(path))
        .filter(|name| name.ends_with(".snap.new") || name.ends_with(".pending-snap"))
        .collect();
    none("snapshots to review", &waiting);
}
