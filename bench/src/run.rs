//! One run: for each source records, checks, rounds and a report.

use std::path::PathBuf;

use crate::check::check;
use crate::contestant::Contestant;
use crate::contestants;
use crate::corpus::Corpus;
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
