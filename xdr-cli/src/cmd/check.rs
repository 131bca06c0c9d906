//! `xdr check`: what is wrong with the specs of a folder.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::thread;

use clap::{Args, ValueEnum};
use xdr_codegen::diag::Code;
use xdr_codegen::{Checked, Input, Style};
use xdr_workbench::sarif;

use crate::failure::{DONE, FAILED, Failure};
use crate::text::count;

const EXAMPLES: &str = "\
Examples:
  xdr check
  xdr check mapping-specs/teleport                      one source
  xdr check --format github                             annotations, in a job of GitHub's
  xdr check --format sarif > specs.sarif                for code scanning and editors
  xdr check --format json | jq -r '.[] | select(.replacement) | .message'
  xdr check --explain E0501                             what a code means

Exit status: 0 no errors (there may be warnings), 1 errors, or the folder cannot be read.";

/// Check mapping specs and say what is wrong, and where.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct CheckArgs {
    /// The folder that holds one folder a source, or one source's folder
    #[arg(value_name = "DIR", default_value = "./mapping-specs")]
    dir: PathBuf,

    /// How findings are written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,

    /// Print what a code such as E0301 means, and check nothing
    #[arg(long, value_name = "CODE", exclusive = true)]
    explain: Option<Code>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people, with the piece of the spec
    #[value(alias = "terminal")]
    Text,
    /// Workflow commands of GitHub, which become annotations
    Github,
    /// A log in SARIF 2.1.0, with all codes as its rules
    Sarif,
    /// An array of objects
    Json,
}

/// Checks the specs and prints what was found. The status is 1 if there are errors.
pub(super) fn run(args: &CheckArgs, to: &mut dyn Write) -> Result<u8, Failure> {
    if let Some(code) = args.explain {
        write!(to, "{}", code.explain())?;
        return Ok(DONE);
    }
    let inputs = load(&args.dir)?;
    tell_passed_over(&args.dir)?;
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let checked = xdr_codegen::check_on(&inputs, threads);
    let found = match args.format {
        Format::Text => xdr_codegen::render(&checked, terminal()),
        Format::Json => xdr_codegen::render(&checked, Style::Json),
        Format::Github => xdr_codegen::render(&checked, Style::Github),
        Format::Sarif => sarif::report(&checked, env!("CARGO_PKG_VERSION")),
    };
    to.write_all(found.as_bytes())?;
    if !found.is_empty() && !found.ends_with('\n') {
        writeln!(to)?;
    }
    if args.format == Format::Text && found.trim().is_empty() {
        writeln!(to, "{}, no problems", count(inputs.len() as u64, "spec"))?;
    }
    if args.format != Format::Text {
        tell_omitted(&checked);
    }
    Ok(if checked.has_errors() { FAILED } else { DONE })
}

/// Says on standard error which folders with something in them are no sources: an author may take them for some.
fn tell_passed_over(dir: &Path) -> Result<(), Failure> {
    let folders = xdr_codegen::disk::passed_over(dir)
        .map_err(|error| Failure::failed(format!("cannot read {error}")))?;
    for folder in folders {
        let folder = folder.display();
        let _ = writeln!(anstream::stderr(), "xdr: warning: `{folder}` holds no spec.yaml: it is no source");
    }
    Ok(())
}

/// Says on standard error what a list for machines has no place for.
fn tell_omitted(checked: &Checked) {
    let omitted = checked.diagnostics.omitted();
    if omitted > 0 {
        let more = count(omitted as u64, "more finding");
        // Nobody is left to be told that standard error cannot be written.
        let _ = writeln!(anstream::stderr(), "xdr: {more} not listed: mend some of these and check again");
    }
}

/// The style for people who read standard output.
fn terminal() -> Style {
    if std::io::stdout().is_terminal() { Style::Colour } else { Style::Plain }
}

/// The folder of a source for its name alone, or for a file in it.
pub(super) fn meant(name: &Path) -> Option<String> {
    let is_source = |folder: &Path| folder.join("spec.yaml").is_file();
    if name.is_file() {
        let folder = name.ancestors().skip(1).find(|folder| is_source(folder))?;
        let here = folder.as_os_str().is_empty();
        return Some(if here { ".".to_owned() } else { folder.display().to_string() });
    }
    let folder = Path::new("mapping-specs").join(name);
    (!name.exists() && is_source(&folder)).then(|| folder.display().to_string())
}

/// Refuses a file where a folder has to be.
pub(super) fn no_file(dir: &Path) -> Result<(), Failure> {
    if !dir.is_file() {
        return Ok(());
    }
    let message = format!("`{}` is a file, not a folder", dir.display());
    Err(Failure::failed(message).help("name a folder").suggest(meant(dir).as_deref()))
}

/// The specs of a folder that holds one folder a source.
pub(super) fn load(dir: &Path) -> Result<Vec<Input>, Failure> {
    no_file(dir)?;
    // The error names the path.
    let inputs = xdr_codegen::load(dir)
        .map_err(|error| Failure::failed(format!("cannot read {error}")).suggest(meant(dir).as_deref()))?;
    if inputs.is_empty() {
        return Err(Failure::failed(format!("there is no spec in `{}`", dir.display()))
            .help("name the folder that holds one folder a source, each with a spec.yaml"));
    }
    Ok(inputs)
}
