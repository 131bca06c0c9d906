//! One run: for each source records, checks, rounds and a report.

use std::path::{Path, PathBuf};
use std::{env, fs, process};

use crate::check::check;
use crate::contestant::Contestant;
use crate::contestants;
use crate::corpus::Corpus;
use crate::generate;
use crate::measure::measure;
use crate::report::{Line, Report};

/// What is measured, and how often.
#[derive(Debug)]
pub struct Plan {
    /// Rounds.
    pub rounds: usize,
    /// Names of contestants; none for all.
    pub only: Vec<String>,
    /// The release binary of xdr.
    pub program: Option<PathBuf>,
}

/// A corpus of made-up records. Its file lies in the folder of the system for such files, and is of this process alone.
///
/// # Errors
/// No such source; a file that cannot be written.
pub fn made_up(name: &str, records: usize) -> Result<Corpus, String> {
    let unknown = || format!("there is no source `{name}`");
    let source = xdr_runtime::source(name).ok_or_else(unknown)?;
    let bytes = generate::corpus(name, records).ok_or_else(unknown)?;
    let file = env::temp_dir().join(format!("xdr-bench-{}-{name}.log", process::id()));
    fs::write(&file, &bytes).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(Corpus::new(source, bytes, file))
}

/// The corpus of a folder's file.
///
/// # Errors
/// No such source; a file that cannot be read.
pub fn from_folder(name: &str, folder: &Path) -> Result<Corpus, String> {
    let source = xdr_runtime::source(name).ok_or_else(|| format!("there is no source `{name}`"))?;
    let file = folder.join(format!("{name}.log"));
    let bytes = fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(Corpus::new(source, bytes, file))
}

/// Checks and measures the contestants over a corpus.
///
/// # Errors
/// A contestant that cannot be set up, or fails after it was checked.
pub fn run(corpus: &Corpus, plan: &Plan) -> Result<Report, String> {
    let mut contestants = contestants::all(corpus, plan.program.as_deref())?;
    contestants
        .retain(|contestant| plan.only.is_empty() || plan.only.iter().any(|name| name == contestant.name()));
    let verdicts = check(corpus, &mut contestants);
    let mut checked: Vec<&mut Box<dyn Contestant>> = Vec::new();
    let mut lines = Vec::new();
    for (contestant, verdict) in contestants.iter_mut().zip(verdicts) {
        let (name, note) = (contestant.name(), contestant.note().to_owned());
        match verdict {
            Ok(()) => {
                checked.push(contestant);
                lines.push(Line { name, note, trouble: None, rounds: None });
            }
            Err(trouble) => lines.push(Line { name, note, trouble: Some(trouble), rounds: None }),
        }
    }
    let mut rounds = measure(corpus, &mut checked, plan.rounds)?.into_iter();
    for line in lines.iter_mut().filter(|line| line.trouble.is_none()) {
        line.rounds = rounds.next();
    }
    Ok(Report {
        source: corpus.source.info.name.to_owned(),
        records: corpus.records,
        bytes: corpus.bytes.len(),
        lines,
    })
}
