//! The program as its users run it: what it prints, where, and with which exit status.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod assumptions;
mod check;
#[cfg(unix)]
mod checkpoint;
mod commands;
mod compress;
mod config;
mod coverage;
mod enrich;
#[cfg(unix)]
mod follow;
mod generate;
mod lock;
mod mutate;
mod new;
mod normalize;
mod position;
mod replay;
mod schema;
mod site;
#[cfg(unix)]
mod streams;
#[cfg(unix)]
mod threads;
mod r#try;

use std::ffi::OsStr;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// The program with these arguments, in the project's folder.
fn xdr<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xdr"));
    command.args(args).current_dir(env!("CARGO_MANIFEST_DIR"));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Arguments that are the same for every run over records of a source, so that runs can be compared.
fn normalize<'a>(source: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["normalize", "--source", source, "--received-at", "2024-03-14T07:08:09Z"], more].concat()
}

/// Runs the program over an input.
fn fed<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>, input: &[u8]) -> Done {
    let mut child = xdr(args).stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    // The program may end before it has read all.
    let feeder = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let done = Done::of(child);
    feeder.join().unwrap();
    done
}

/// Runs the program without input.
fn ran<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Done {
    fed(args, b"")
}

/// A run that has ended.
struct Done {
    /// The exit status.
    status: Option<i32>,
    stdout: Vec<u8>,
    stderr: String,
}

impl Done {
    fn of(child: Child) -> Self {
        let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
        Self { status: status.code(), stdout, stderr: String::from_utf8(stderr).unwrap() }
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.stdout).unwrap()
    }

    /// The objects on standard output; each line must be one.
    fn events(&self) -> Vec<Value> {
        assert!(self.stdout.is_empty() || self.stdout.ends_with(b"\n"));
        self.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Asserts the status, showing what the program said.
    fn expect(self, status: i32) -> Self {
        assert_eq!(self.status, Some(status), "{}", self.stderr);
        self
    }

    /// Asserts the first line of what was said on standard error.
    fn says(&self, line: &str) {
        assert_eq!(self.stderr.lines().next(), Some(line));
    }
}

/// The status of each event's record.
fn statuses(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["xdr"]["status"].as_str().unwrap()).collect()
}

/// A file below the build's folder for temporary files; tests use different names.
fn temporary(name: &str, bytes: &[u8]) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A path below the build's folder for temporary files, with nothing at it.
fn absent(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_file(&path);
    path.to_str().unwrap().to_owned()
}

/// A record that the source `teleport` takes, with a name in it.
fn login(user: &str) -> String {
    format!(
        r#"{{"event":"user.login","code":"T1000I","time":"2024-03-14T07:08:09.5Z","user":"{user}","addr.remote":"192.0.2.7:50188"}}"#
    )
}
