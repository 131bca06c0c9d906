//! `xdr messages`: what each message of a source is by its key and its templates, a row each.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use xdr_codegen::Style;
use xdr_workbench::messages;

use super::mutate::place;
use super::r#try::folder;
use crate::failure::{DONE, FAILED, Failure};

const EXAMPLES: &str = "\
Examples:
  xdr messages cisco-anyconnect | less                 mapping-specs/cisco-anyconnect
  xdr messages examples/acme-vpn | grep '^4711:'       one message by its key

A line has a message's key, its status and the tokens that the key alone decides. Below it
stand texts that are written from its templates, each with what it adds: captures hold the
name of their field, a number or an address. What all rows have in common stands on top.

Exit status: 0 done, 1 the spec has errors or no catalogue, 2 wrong usage.";

/// Print the table of messages of a source: a row for each message, and for each text of its templates.
///
/// For the project's own sources the table is a snapshot, tests/messages/NAME.snap.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct MessagesArgs {
    /// The source: its name below ./mapping-specs, or its folder
    #[arg(value_name = "NAME|DIR")]
    source: PathBuf,
}

/// Prints the table.
pub(super) fn run(args: &MessagesArgs, to: &mut dyn Write) -> Result<u8, Failure> {
    match xdr_codegen::resolve(&folder(&place(&args.source))?) {
        Ok(module) if module.catalogue.is_none() => {
            Err(Failure::failed(format!("`{}` has no catalogue, so there are no messages", module.name)))
        }
        Ok(module) => {
            to.write_all(messages::table(&module).as_bytes())?;
            Ok(DONE)
        }
        Err(checked) => {
            writeln!(to, "{}", xdr_codegen::render(&checked, Style::Plain).trim_end())?;
            Ok(FAILED)
        }
    }
}
