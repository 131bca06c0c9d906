//! The `xdr` program: turns the logs of many vendors into events of one schema.
//!
//! This crate reads, prints and counts. How a record becomes an event is in `xdr-runtime`, what a spec means in `xdr-codegen`, and what is
//! compiled in it is told by [`main`]'s caller.

mod apart;
mod checkpoint;
mod cli;
mod cmd;
mod config;
mod enrich;
mod failure;
mod follow;
mod heard;
mod input;
mod job;
mod kept;
mod lines;
mod mapper;
mod miss;
mod output;
mod outputs;
mod pack;
mod pipeline;
mod place;
mod progress;
mod reader;
mod reasons;
mod registry;
mod run;
mod settings;
mod signals;
mod summary;
#[cfg(feature = "parquet")]
mod table;
#[cfg(not(feature = "parquet"))]
#[path = "no_table.rs"]
mod table;
mod text;
mod turns;
#[cfg(feature = "worker")]
mod worker;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use xdr_runtime::engine::Registry;

use crate::failure::{DONE, Failure};

/// Runs the program: reads the command line, does what it says, and gives the exit status. `registry` is what is compiled in.
pub fn main(registry: &'static Registry) -> ExitCode {
    registry::install(registry);
    let status = match cli::Cli::try_parse() {
        Ok(cli) => cmd::run(cli.command).unwrap_or_else(|failure| report(&failure)),
        Err(error) => usage(&hinted(error)),
    };
    ExitCode::from(status)
}

/// Says why the run failed; gives the exit status.
fn report(failure: &Failure) -> u8 {
    match failure {
        Failure::Closed => DONE,
        Failure::Error { message, help, status } => {
            let mut stderr = anstream::stderr().lock();
            let bad = anstyle::AnsiColor::Red.on_default().bold();
            // Nobody is left to be told that standard error cannot be written.
            let _ = writeln!(stderr, "xdr: {bad}error:{bad:#} {}", text::message(message));
            if let Some(help) = help {
                let _ = writeln!(stderr, "  help: {}", text::message(help));
            }
            *status
        }
    }
}

/// Says of a name that is no source, and near to none, that sources are compiled in.
fn hinted(mut error: clap::Error) -> clap::Error {
    let sources = || registry::sources().iter().map(|source| source.info.name);
    let of_sources = matches!(error.get(ContextKind::ValidValue), Some(ContextValue::Strings(names)) if sources().eq(names));
    let Some(ContextValue::String(name)) = error.get(ContextKind::InvalidValue).filter(|_| of_sources) else {
        return error;
    };
    if xdr_codegen::diag::near(name, sources()).is_none() {
        // clap calls names near that have nothing in common but an ending.
        error.remove(ContextKind::SuggestedValue);
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![cmd::NOT_BUILT.into()]));
    }
    error
}

/// Prints the help that was asked for, or what is wrong with the command line.
fn usage(error: &clap::Error) -> u8 {
    let helpful = error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
    if error.use_stderr() && !helpful {
        let _ = write!(anstream::stderr(), "xdr: ");
    }
    let _ = error.print();
    u8::try_from(error.exit_code()).unwrap_or(failure::USAGE)
}
