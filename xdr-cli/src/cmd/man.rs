//! `xdr man`: the manual's pages, made from the help texts.

use std::path::PathBuf;

use clap::{Args, CommandFactory};

use crate::cli::Cli;
use crate::failure::{DONE, Failure};

/// Write manual pages, one for the program and one for each command.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  xdr man ~/.local/share/man/man1 && man xdr-normalize")]
pub(crate) struct ManArgs {
    /// The folder they are written to; it is made if it is not there
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

/// Writes the pages, `xdr.1` and `xdr-COMMAND.1`; what has such a name is overwritten.
pub(super) fn run(args: &ManArgs) -> Result<u8, Failure> {
    let dir = &args.dir;
    std::fs::create_dir_all(dir)
        .and_then(|()| clap_mangen::generate_to(Cli::command(), dir))
        .map_err(|error| Failure::writing(format!("to `{}`", dir.display()), &error))?;
    Ok(DONE)
}
