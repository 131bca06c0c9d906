//! xdr itself: the library to lines of JSON, to typed events, and the program over a file.

use std::hint::black_box;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use xdr_runtime::engine::Source;
use xdr_runtime::record::Scratch;
use xdr_runtime::settings::Settings;
use xdr_runtime::xdr_model::Event;

use crate::contestant::{Check, Contestant, Mapper};
use crate::corpus::{Corpus, KEEP, RECEIVED_AT};

/// The library, from bytes in memory to bytes in memory.
pub(super) struct Library {
    source: &'static Source,
    settings: Settings,
}

impl Library {
    /// For the source of a corpus.
    pub(super) fn new(corpus: &Corpus) -> Self {
        Self { source: corpus.source, settings: corpus.settings.clone() }
    }
}

impl Mapper for Library {
    fn map(&mut self, record: &[u8], position: u64, out: &mut Vec<u8>) -> Result<(), String> {
        black_box(self.source.normalize(record, position, &self.settings, KEEP, out));
        Ok(())
    }

    fn leaves_out(&self) -> &'static [&'static str] {
        &[]
    }
}

/// The library's typed events; nothing is written while it is timed.
pub(super) struct Typed(Library);

impl Typed {
    /// For the source of a corpus.
    pub(super) fn new(corpus: &Corpus) -> Self {
        Self(Library::new(corpus))
    }
}

/// A few tokens, as a program that counts or filters would ask for them.
fn touch(event: &Event<'_>) -> usize {
    event.event_time().map_or(0, |time| time.at.timestamp().unsigned_abs().count_ones() as usize)
        + event.source_ipv4().map_or(0, |address| usize::from(address.octets()[3]))
        + event.source_port().map_or(0, usize::from)
        + event.source_user().or(event.user_name()).map_or(0, str::len)
        + event.outcome().map_or(0, str::len)
        + event.iter().count()
}

impl Contestant for Typed {
    fn name(&self) -> &'static str {
        "xdr event"
    }

    fn note(&self) -> &'static str {
        "typed event, some tokens asked for, nothing written"
    }

    fn check(&mut self) -> Check<'_> {
        Check::Events(self)
    }

    fn run(&mut self, corpus: &Corpus) -> Result<u64, String> {
        let mut touched = 0;
        for (position, record) in corpus.lines() {
            let scratch = Scratch::new();
            let event = self.0.source.event(record, position, &self.0.settings, &scratch);
            touched += event.as_ref().map_or(0, touch);
        }
        black_box(touched);
        Ok(0)
    }
}

impl Mapper for Typed {
    fn map(&mut self, record: &[u8], position: u64, out: &mut Vec<u8>) -> Result<(), String> {
        let scratch = Scratch::new();
        let event = self
            .0
            .source
            .event(record, position, &self.0.settings, &scratch)
            .map_err(|reject| reject.to_string())?;
        event.write_json(out);
        Ok(())
    }

    fn leaves_out(&self) -> &'static [&'static str] {
        &[]
    }
}

/// The program over a file, its output thrown away by the system.
pub(super) struct Program {
    path: PathBuf,
    threads: Option<&'static str>,
}

impl Program {
    /// The program at that path, with one thread if it can be told so.
    ///
    /// # Errors
    /// If it cannot be run.
    pub(super) fn new(path: &Path) -> Result<Self, String> {
        let help = Command::new(path)
            .args(["normalize", "--help"])
            .output()
            .map_err(|error| format!("{}: {error}", path.display()))?;
        let threads = String::from_utf8_lossy(&help.stdout).contains("--threads").then_some("1");
        Ok(Self { path: path.to_owned(), threads })
    }

    fn command(&self, corpus: &Corpus) -> Command {
        let mut command = Command::new(&self.path);
        command.args(["normalize", "--quiet", "--source", corpus.source.info.name]);
        command.args(["--received-at", RECEIVED_AT]);
        if let Some(threads) = self.threads {
            command.args(["--threads", threads]);
        }
        command.arg(&corpus.file);
        command
    }
}

impl Contestant for Program {
    fn name(&self) -> &'static str {
        "xdr program"
    }

    fn note(&self) -> &'static str {
        if self.threads.is_some() {
            "reads a file, output to /dev/null, start included, one thread"
        } else {
            "reads a file, output to /dev/null, start included"
        }
    }

    fn check(&mut self) -> Check<'_> {
        Check::Own(Box::new(|corpus| self.same_bytes(corpus)))
    }

    fn run(&mut self, corpus: &Corpus) -> Result<u64, String> {
        let status = self
            .command(corpus)
            .stdout(Stdio::null())
            .status()
            .map_err(|error| format!("{}: {error}", self.path.display()))?;
        if status.success() { Ok(0) } else { Err(format!("the program ended with {status}")) }
    }
}

impl Program {
    /// The program writes what the library writes, byte by byte.
    fn same_bytes(&self, corpus: &Corpus) -> Result<(), String> {
        let told = |error: std::io::Error| format!("{}: {error}", self.path.display());
        let mut child = self.command(corpus).stdout(Stdio::piped()).spawn().map_err(told)?;
        let mut verdict = Ok(());
        if let Some(output) = child.stdout.take() {
            let mut output = BufReader::new(output);
            let (mut found, mut expected) = (Vec::new(), Vec::new());
            for (position, record) in corpus.lines() {
                found.clear();
                expected.clear();
                output.read_until(b'\n', &mut found).map_err(told)?;
                corpus.source.normalize(record, position, &corpus.settings, KEEP, &mut expected);
                if found != expected {
                    verdict = Err(format!(
                        "it writes {} where the library writes {}",
                        String::from_utf8_lossy(&found),
                        String::from_utf8_lossy(&expected)
                    ));
                    break;
                }
            }
            if verdict.is_ok() && output.read_until(b'\n', &mut found).map_err(told)? > 0 {
                verdict = Err("it writes more than the library".to_owned());
            }
        }
        let status = child.wait().map_err(told)?;
        match verdict {
            Ok(()) if !status.success() => Err(format!("the program ended with {status}")),
            other => other,
        }
    }
}
