//! Uses the library in a program: reads lines of one source from a file or from standard input, and prints a few tokens of
//! each typed event.
//!
//! ```sh
//! cargo run --example embed -- cisco-anyconnect mapping-specs/cisco-anyconnect/samples/guide.log
//! ```
//!
//! A record of which no event can be made is told on standard error, with its line and the reason, and the run goes on.

use std::error::Error;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::process::ExitCode;
use std::time::SystemTime;

use xdr_runtime::record::Scratch;
use xdr_runtime::settings::Settings;
use xdr_runtime::xdr_model::Event;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let input: io::Result<Box<dyn BufRead>> = match arguments.as_slice() {
        [_] => Ok(Box::new(io::stdin().lock())),
        [_, path] => match File::open(path) {
            Ok(file) => Ok(Box::new(BufReader::new(file))),
            Err(error) => Err(io::Error::new(error.kind(), format!("{path}: {error}"))),
        },
        _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "usage: embed SOURCE [FILE]")),
    };
    let result = input.map_err(Box::from).and_then(|input| {
        let name = arguments.first().map(String::as_str).unwrap_or_default();
        run(name, input, &mut io::stdout().lock(), &mut io::stderr().lock())
    });
    match result {
        Ok(_) => ExitCode::SUCCESS,
        // Whoever reads the output has seen enough.
        Err(error) if is_closed(&*error) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to be told that standard error is closed.
            let _ = writeln!(io::stderr(), "embed: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether the error is that of an output which nobody reads any more, as in `… | head`.
fn is_closed(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// Prints a line for each event to `out`, and one for each record without an event to `err`. Gives the number of both.
///
/// # Errors
/// A source that is not compiled in, and what goes wrong in reading or writing.
pub(crate) fn run(
    source: &str,
    mut input: impl BufRead,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> Result<(u64, u64), Box<dyn Error>> {
    let source = xdr_sources::source(source).ok_or_else(|| {
        let names: Vec<&str> = xdr_sources::sources().iter().map(|source| source.info.name).collect();
        format!("there is no source `{source}`, expected one of `{}`", names.join("`, `"))
    })?;
    // One set of settings for the whole run. The ids, the zone of the devices and the like are members of it.
    let settings = Settings::new(SystemTime::now().into());
    let (mut events, mut rejects) = (0, 0);
    let mut line = Vec::new();
    let (mut number, mut position) = (0_u64, 0_u64);
    loop {
        line.clear();
        // Bytes, not text: a line that is not UTF-8 is a record too.
        let length = input.read_until(b'\n', &mut line)?;
        if length == 0 {
            return Ok((events, rejects));
        }
        number += 1;
        for record in source.records(&line).filter(|record| !record.trim_ascii().is_empty()) {
            // The place of the record in the input makes its `eventId`, so a replay gives the same one.
            let scratch = Scratch::new();
            match source.event(record, position, &settings, &scratch) {
                Ok(event) => {
                    events += 1;
                    writeln!(out, "{}", shown(&event))?;
                }
                Err(reject) => {
                    rejects += 1;
                    writeln!(err, "line {number}: {reject}")?;
                }
            }
        }
        position += length as u64;
    }
}

/// A few tokens of an event. Each has the type of its kind; what the record does not say is `None`.
fn shown(event: &Event<'_>) -> String {
    let time = event.event_time().map(|time| time.at.to_rfc3339());
    let address = event.source_ipv4().map(|address| {
        if address.is_private() { format!("{address} (private)") } else { address.to_string() }
    });
    let sent = event.out_byte().map(|bytes| format!("{bytes} bytes sent"));
    let columns = [
        time,
        event.event_name().map(str::to_owned),
        event.source_user().or(event.user_name()).map(|user| format!("by {user}")),
        address.map(|address| format!("from {address}")),
        event.outcome().map(str::to_owned),
        sent,
    ];
    columns.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
