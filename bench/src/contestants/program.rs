//! The program of xdr over a file.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::contestant::{Check, Contestant};
use crate::corpus::{Corpus, KEEP, RECEIVED_AT};

/// The program over a file, its output thrown away by the system.
pub(super) struct Program {
    path: PathBuf,
    name: &'static str,
    threads: Option<&'static str>,
    /// Whether it has to be told to enrich nothing.
    enriches: bool,
}

impl Program {
    /// The program at that path, with one thread if it can be told so.
    ///
    /// # Errors
    /// If it cannot be run.
    pub(super) fn new(path: &Path) -> Result<Self, String> {
        let threads = has_option(path, "--threads")?.then_some("1");
        let enriches = has_option(path, "--networks")?;
        Ok(Self { path: path.to_owned(), name: "xdr program", threads, enriches })
    }

    /// The program at that path with so many threads.
    ///
    /// # Errors
    /// If it cannot be run, or has no option for them.
    pub(super) fn with_threads(
        path: &Path,
        name: &'static str,
        threads: &'static str,
    ) -> Result<Self, String> {
        if !has_option(path, "--threads")? {
            return Err(format!("{}: there is no option --threads", path.display()));
        }
        let enriches = has_option(path, "--networks")?;
        Ok(Self { path: path.to_owned(), name, threads: Some(threads), enriches })
    }

    fn command(&self, corpus: &Corpus) -> Command {
        let mut command = Command::new(&self.path);
        command.args(["normalize", "--quiet", "--source", corpus.source.info.name]);
        command.args(["--received-at", RECEIVED_AT]);
        if self.enriches {
            command.args(["--networks", "none"]);
        }
        if let Some(threads) = self.threads {
            command.args(["--threads", threads]);
        }
        command.arg(&corpus.file);
        command
    }
}

/// Whether the program has an option.
fn has_option(path: &Path, option: &str) -> Result<bool, String> {
    let help = Command::new(path)
        .args(["normalize", "--help"])
        .output()
        .map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(String::from_utf8_lossy(&help.stdout).contains(option))
}

impl Contestant for Program {
    fn name(&self) -> &'static str {
        self.name
    }

    fn note(&self) -> &'static str {
        match self.threads {
            Some("1") => "reads a file, output to /dev/null, start included, one thread",
            Some(_) => "reads a file, output to /dev/null, start included",
            None => "reads a file, output to /dev/null, start included; it has no option for threads",
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
