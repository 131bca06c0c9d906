//! `xdr check`: what is wrong with the specs of a folder.

use std::io::{IsTerminal, Write};
use std::path::Path;

use xdr_codegen::{Input, Style};

use crate::cli::{CheckArgs, CheckFormat};
use crate::failure::{DONE, FAILED, Failure};
use crate::text::count;

/// Checks the specs and prints what was found. The status is 1 if there are errors.
pub(super) fn run(args: &CheckArgs, to: &mut dyn Write) -> Result<u8, Failure> {
    let inputs = load(&args.dir)?;
    let checked = xdr_codegen::check(&inputs);
    let style = match args.format {
        CheckFormat::Terminal => terminal(),
        CheckFormat::Json => Style::Json,
        CheckFormat::Github => Style::Github,
    };
    let found = xdr_codegen::render(&checked, style);
    to.write_all(found.as_bytes())?;
    if !found.is_empty() && !found.ends_with('\n') {
        writeln!(to)?;
    }
    if args.format == CheckFormat::Terminal && found.trim().is_empty() {
        writeln!(to, "{}, no problems", count(inputs.len() as u64, "spec"))?;
    }
    Ok(if checked.has_errors() { FAILED } else { DONE })
}

/// The style for people who read standard output.
fn terminal() -> Style {
    if std::io::stdout().is_terminal() { Style::Colour } else { Style::Plain }
}

/// The specs of a folder that holds one folder a source.
pub(super) fn load(dir: &Path) -> Result<Vec<Input>, Failure> {
    // The error names the path.
    let inputs = xdr_codegen::load(dir).map_err(|error| Failure::failed(format!("cannot read {error}")))?;
    if inputs.is_empty() {
        return Err(Failure::failed(format!("there is no spec in `{}`", dir.display()))
            .help("name the folder that holds one folder a source, each with a spec.yaml"));
    }
    Ok(inputs)
}
