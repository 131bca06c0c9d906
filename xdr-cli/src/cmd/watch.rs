//! `--watch`: runs a command again whenever one of its files was saved.
//!
//! Each run is a process of its own, so that what the interpreter keeps for as long as the program lives is given back after each of them, and a run
//! that is stuck or falls does not end the watching. Files are looked at ten times a second: a source has a handful of them, editors save in many
//! ways (in place, by renaming, through a copy), and looking works on every file system, which notifications do not.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use crate::failure::Failure;

/// How often files are looked at.
const LOOK: Duration = Duration::from_millis(100);

/// How long files must have stayed as they are before the run: some editors save in several steps.
const QUIET: Duration = Duration::from_millis(20);

/// When each file was written last, and how long it is.
type Stamps = BTreeMap<PathBuf, (Option<SystemTime>, u64)>;

/// Runs this very command without the option `option`, and again after each change below `paths`, without end. `tells`: what was changed, and how
/// long the run took, is said on standard error.
///
/// # Errors
/// The program cannot be run, or standard error cannot be written.
pub(super) fn run(option: &str, paths: &[PathBuf], tells: bool) -> Result<u8, Failure> {
    let program = std::env::current_exe().map_err(|error| Failure::reading("the program's path", &error))?;
    let mut args: Vec<OsString> = std::env::args_os().skip(1).collect();
    args.retain(|arg| arg != option);
    let mut before = stamps(paths);
    loop {
        let began = Instant::now();
        // What the run has found it has said, and its status is that of one run of many.
        Command::new(&program)
            .args(&args)
            .status()
            .map_err(|error| Failure::reading("the program", &error))?;
        if tells {
            let mut stderr = anstream::stderr().lock();
            writeln!(stderr, "-- {:.2} s; waiting for the next save", began.elapsed().as_secs_f64())
                .map_err(|error| Failure::writing("standard error", &error))?;
        }
        before = changed(paths, &before);
    }
}

/// Waits for a change; gives what is there then.
fn changed(paths: &[PathBuf], before: &Stamps) -> Stamps {
    loop {
        let mut now = stamps(paths);
        if now != *before {
            loop {
                sleep(QUIET);
                let next = stamps(paths);
                if next == now {
                    return now;
                }
                now = next;
            }
        }
        sleep(LOOK);
    }
}

/// The files at these paths, and those in the folders at them, but not what is in folders below nor what editors keep beside a file.
fn stamps(paths: &[PathBuf]) -> Stamps {
    let mut stamps = Stamps::new();
    let mut stamp = |path: PathBuf| {
        if let Ok(found) = std::fs::metadata(&path)
            && found.is_file()
        {
            stamps.insert(path, (found.modified().ok(), found.len()));
        }
    };
    for path in paths {
        match std::fs::read_dir(path) {
            Ok(entries) => entries
                .filter_map(Result::ok)
                .filter(|entry| !is_beside(&entry.file_name()))
                .for_each(|entry| stamp(entry.path())),
            Err(_) => stamp(path.clone()),
        }
    }
    stamps
}

/// Whether a file is one that editors keep beside another one: hidden, or with a `~` at its end.
fn is_beside(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    name.starts_with(b".") || name.ends_with(b"~")
}
