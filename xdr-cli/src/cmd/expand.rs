//! `xdr expand`: the Rust that was generated for a source.

use std::io::Write;

use xdr_codegen::Style;
use xdr_codegen::diag::near;

use super::check;
use crate::cli::ExpandArgs;
use crate::failure::{DONE, FAILED, Failure};

/// Prints the module that is compiled in, or, with `--dir`, compiles the spec of that folder and prints its module.
pub(super) fn run(args: &ExpandArgs, to: &mut dyn Write) -> Result<u8, Failure> {
    let Some(dir) = &args.dir else {
        let source = super::source(&args.name)?;
        let text = crate::registry::expanded(source.info.name).unwrap_or_default();
        to.write_all(text.as_bytes())?;
        return Ok(DONE);
    };
    let inputs = check::load(dir)?;
    let Some(input) = inputs.iter().find(|input| input.name == args.name) else {
        let names = inputs.iter().map(|input| input.name.as_str());
        let message = format!("there is no spec of `{}` in `{}`", args.name, dir.display());
        return Err(Failure::usage(message).suggest(near(&args.name, names)));
    };
    match xdr_codegen::expand(input) {
        Ok(text) => {
            to.write_all(text.as_bytes())?;
            Ok(DONE)
        }
        Err(checked) => {
            let mut stderr = anstream::stderr().lock();
            let found = xdr_codegen::render(&checked, Style::Colour);
            stderr.write_all(found.as_bytes()).map_err(|error| Failure::writing("standard error", &error))?;
            Ok(FAILED)
        }
    }
}
