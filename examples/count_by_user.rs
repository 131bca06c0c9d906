//! Counts the events of a file by user, and how many of each user's failed.
//!
//! ```sh
//! cargo run --example count_by_user -- juniper-pulse-secure mapping-specs/juniper-pulse-secure/samples/*.log
//! ```
//!
//! The users with most events come first. Events without a user are counted under `-`; records of which no event can be made
//! are counted at the end.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::process::ExitCode;
use std::time::SystemTime;

use xdr_runtime::record::Scratch;
use xdr_runtime::settings::Settings;

fn main() -> ExitCode {
    match files().and_then(|counts| print(&counts, &mut io::stdout().lock())) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads the output has seen enough.
        Err(error) if is_closed(&*error) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to be told that standard error is closed.
            let _ = writeln!(io::stderr(), "count_by_user: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether the error is that of an output which nobody reads any more, as in `… | head`.
fn is_closed(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// Counts over the files that the command line names.
fn files() -> Result<Counts, Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let source = arguments.next().ok_or("usage: count_by_user SOURCE FILE…")?;
    let mut counts = Counts::default();
    for path in arguments {
        let file = File::open(&path).map_err(|error| format!("{path}: {error}"))?;
        count(&source, BufReader::new(file), &mut counts).map_err(|error| format!("{path}: {error}"))?;
    }
    Ok(counts)
}

/// What was counted.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    /// All events and those that failed, by user.
    pub(crate) users: BTreeMap<String, (u64, u64)>,
    /// Records without an event.
    pub(crate) rejects: u64,
}

/// Adds the records of an input.
///
/// # Errors
/// A source that is not compiled in, and what goes wrong in reading.
pub(crate) fn count(
    source: &str,
    mut input: impl BufRead,
    counts: &mut Counts,
) -> Result<(), Box<dyn Error>> {
    let source = xdr_sources::source(source).ok_or_else(|| format!("there is no source `{source}`"))?;
    let settings = Settings::new(SystemTime::now().into());
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        for record in source.records(&line).filter(|record| !record.trim_ascii().is_empty()) {
            // Nothing is made of the ids here, so the place of the record does not matter.
            let scratch = Scratch::new();
            let Ok(event) = source.event(record, 0, &settings, &scratch) else {
                counts.rejects += 1;
                continue;
            };
            // Which token names the user depends on the source's guide.
            let user = event.source_user().or(event.user_name()).unwrap_or("-");
            let failed = u64::from(event.outcome() == Some("Failure"));
            // A name is copied when it is seen first, not for each event.
            if let Some((all, failures)) = counts.users.get_mut(user) {
                *all += 1;
                *failures += failed;
            } else {
                counts.users.insert(user.to_owned(), (1, failed));
            }
        }
    }
}

/// Prints the counts as columns: events, failures, user.
///
/// # Errors
/// What goes wrong in writing.
pub(crate) fn print(counts: &Counts, out: &mut dyn Write) -> Result<(), Box<dyn Error>> {
    let mut users: Vec<_> = counts.users.iter().collect();
    users.sort_by_key(|(user, (all, _))| (Reverse(*all), *user));
    writeln!(out, "{:>7}  {:>7}  user", "events", "failed")?;
    for (user, (all, failed)) in users {
        writeln!(out, "{all:>7}  {failed:>7}  {}", user.escape_debug())?;
    }
    if counts.rejects > 0 {
        writeln!(out, "{:>7}  records without an event", counts.rejects)?;
    }
    Ok(())
}
