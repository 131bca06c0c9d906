//! The commands, one a file.

pub(crate) mod check;
mod completions;
pub(crate) mod config;
pub(crate) mod coverage;
pub(crate) mod diff;
mod expand;
mod explain;
pub(crate) mod generate;
mod guide;
pub(crate) mod lock;
pub(crate) mod man;
pub(crate) mod messages;
pub(crate) mod mutate;
pub(crate) mod new;
mod normalize;
mod replay;
pub(crate) mod schema;
pub(crate) mod site;
mod sources;
mod tokens;
pub(crate) mod r#try;
mod watch;
#[cfg(feature = "worker")]
pub(crate) mod worker;
#[cfg(not(feature = "worker"))]
#[path = "no_worker.rs"]
pub(crate) mod worker;
use std::io::{BufWriter, Write};

use serde::Serialize;
use xdr_runtime::engine::Source;

use crate::cli::Command;
use crate::failure::{DONE, Failure};

/// Runs a command; gives the exit status.
///
/// # Errors
/// Why it failed.
pub(crate) fn run(command: Command) -> Result<u8, Failure> {
    match command {
        Command::Normalize(args) => normalize::run(&args),
        Command::Try(args) => r#try::run(args),
        Command::Mutate(args) => printing(|to| mutate::run(&args, to)),
        Command::Messages(args) => printing(|to| messages::run(&args, to)),
        Command::Replay(args) => replay::run(&args),
        Command::Explain(args) => printing(|to| explain::run(&args, to)),
        Command::New(args) => printing(|to| new::run(&args, to)),
        Command::Check(args) => printing(|to| check::run(&args, to)),
        Command::Lock(args) => printing(|to| lock::run(&args, to)),
        Command::Diff(args) => printing(|to| diff::run(&args, to)),
        Command::Guide(args) => printing(|to| guide::run(&args, to)),
        Command::Config(args) => printing(|to| config::run(&args, to)),
        Command::Expand(args) => printing(|to| expand::run(&args, to)),
        Command::Schema(args) => printing(|to| schema::run(&args, to)),
        Command::Generate(args) => printing(|to| generate::run(&args, to)),
        Command::Sources(args) => printing(|to| sources::run(args.format, to)),
        Command::Tokens(args) => printing(|to| tokens::run(args.format, to)),
        Command::Site(args) => printing(|to| site::run(&args, to)),
        Command::Man(args) => man::run(&args),
        Command::Coverage(args) => printing(|to| coverage::run(&args, to)),
        Command::Worker(args) => worker::run(&args),
        Command::Completions(args) => printing(|to| completions::run(args.shell, to)),
    }
}

/// Runs a command that prints text to standard output. Colours are taken out unless it is a terminal.
fn printing(command: impl FnOnce(&mut dyn Write) -> Result<u8, Failure>) -> Result<u8, Failure> {
    let mut to = BufWriter::new(anstream::stdout().lock());
    let status = command(&mut to)?;
    to.flush()?;
    Ok(status)
}

/// What to do about a source that is not compiled in.
pub(crate) const NOT_BUILT: &str = "a new source has to be built in: run `cargo build`, and use the program that it makes; `xdr try DIR` needs no build";

/// The source of that name.
fn source(name: &str) -> Result<&'static Source, Failure> {
    crate::registry::source(name).ok_or_else(|| {
        let names = crate::registry::sources().iter().map(|source| source.info.name);
        let unknown = Failure::usage(format!("unknown source `{name}`")).help(NOT_BUILT);
        unknown.suggest(xdr_codegen::diag::near(name, names))
    })
}

/// Prints a value as JSON over several lines.
fn json(to: &mut dyn Write, value: &impl Serialize) -> Result<u8, Failure> {
    serde_json::to_writer_pretty(&mut *to, value).map_err(std::io::Error::from)?;
    writeln!(to)?;
    Ok(DONE)
}
