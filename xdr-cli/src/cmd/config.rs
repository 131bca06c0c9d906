//! `xdr config`: an example of the configuration file, and what is wrong with one.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use clap::Args;

use crate::config::{self, Finding};
use crate::enrich;
use crate::failure::{DONE, Failure, USAGE};
use crate::text::count;

/// How many findings are shown at most.
const SHOWN: usize = 1000;

const HELP: &str = "\
Examples:
  xdr config --example > xdr.toml
  xdr config --check xdr.toml

All that is wrong is shown in one go, up to 1,000 findings. The files that it names,
directories of users and databases of places, are opened as a run would open them.
Nothing in this file is secret: what a transport needs to log in comes from the environment
or from files of its own.

Exit status: 0 all is right, 1 a file cannot be read, 2 something is wrong.";

/// Show an example of the configuration file, or check one.
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
#[group(required = true, multiple = false)]
pub(crate) struct ConfigArgs {
    /// Say all that is wrong with this file
    #[arg(long, value_name = "FILE")]
    check: Option<PathBuf>,

    /// Print a configuration with every key, commented out
    #[arg(long)]
    example: bool,
}

/// Prints the example, or checks a file. The status is 2 if something is wrong with it.
pub(super) fn run(args: &ConfigArgs, to: &mut dyn Write) -> Result<u8, Failure> {
    let sources = config::source_names();
    let Some(path) = &args.check else {
        let takes = |source: &str, key: &str| {
            super::source(source).is_ok_and(|source| enrich::takes(source.info, key))
        };
        to.write_all(config::example(&sources, takes).as_bytes())?;
        return Ok(DONE);
    };
    let name = path.display().to_string();
    let text = config::load(path)?;
    let (config, mut findings) = config::check(&name, &text, &sources);
    let mut worst = if findings.is_empty() { DONE } else { USAGE };
    for (source, given) in config.sources() {
        let info = super::source(source)?.info;
        for key in enrich::Key::ALL {
            let Err(failure) = enrich::load(&given.enrich.only(key), info) else { continue };
            let Failure::Error { message, help, status } = failure else { return Err(failure) };
            let span = config.span(source, key);
            // What is wrong with the words was found already.
            if !findings.iter().any(|known| span.contains(&known.span.start)) {
                worst = worst.max(status);
                findings.push(Finding { span, message, help, hidden: None });
            }
        }
    }
    findings.sort_by_key(|finding| finding.span.start);
    let coloured = std::io::stdout().is_terminal();
    let hidden: Vec<_> = findings.iter().filter_map(|finding| finding.hidden.clone()).collect();
    for finding in findings.iter().take(SHOWN) {
        writeln!(to, "{}", finding.excerpt(&name, &text, &hidden, coloured))?;
    }
    if let Some(more) = findings.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        let more = count(more as u64, "more finding");
        writeln!(to, "{more} not shown: mend some of these and check again")?;
    }
    if worst != DONE {
        return Ok(worst);
    }
    writeln!(to, "{name}: settings of {}, no problems", count(config.sources().count() as u64, "source"))?;
    Ok(DONE)
}
