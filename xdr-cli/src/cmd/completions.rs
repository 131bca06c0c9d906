//! `xdr completions`: a script that completes commands, options and source names.

use std::io::Write;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::Cli;
use crate::failure::{DONE, Failure};

/// Prints the script of a shell.
pub(super) fn run(shell: Shell, to: &mut dyn Write) -> Result<u8, Failure> {
    // The generator panics when it cannot write, so it writes to memory.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "xdr", &mut script);
    to.write_all(&script)?;
    Ok(DONE)
}
