//! `xdr try`: maps lines by a folder's spec, without building anything.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use xdr_codegen::Style;
use xdr_workbench::interpret::Interpreted;
use xdr_workbench::snapshot;

use super::{check, normalize, watch};
use crate::cli::{HowArgs, NormalizeArgs, SettingsArgs, SourceArg, ToArgs};
use crate::failure::{DONE, FAILED, Failure};

const EXAMPLES: &str = "\
Examples:
  xdr try mapping-specs/acme-vpn                       the samples of the folder
  xdr try mapping-specs/acme-vpn vpn.log --received-at 2024-03-14T08:00:00Z
  head -n 20 vpn.log | xdr try mapping-specs/acme-vpn -
  xdr try mapping-specs/acme-vpn --watch --quiet       again whenever something is saved
  xdr try mapping-specs/acme-vpn --diff                what is not as in the accepted snapshots

The spec is checked as `xdr check` does, and what is found goes to standard error. What
comes out is what the program would write with the spec compiled in, byte for byte.

Exit status: 0 done, 1 the spec has errors or, with --diff, something differs, 2 wrong
usage, 3 done with rejects under --strict.";

/// Map lines by the spec in a folder, without building anything.
///
/// Events go to standard output, an account of the run to standard error, as `xdr normalize` writes them.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct TryArgs {
    /// The source's folder, with its spec.yaml
    #[arg(value_name = "DIR")]
    dir: PathBuf,

    /// Files to read, one after the other; `-`: standard input; none: the samples of the folder
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Run again whenever the spec, its catalogue or an input was saved, until a signal comes
    #[arg(long)]
    watch: bool,

    /// Print what differs from the accepted snapshots of the samples, instead of events
    ///
    /// Snapshots are made with settings of their own, so options that give settings do not go with it.
    #[arg(long, conflicts_with = "files")]
    diff: bool,

    /// The folder that holds a folder of snapshots for each source [default: tests/corpus, two folders above DIR]
    #[arg(long, value_name = "DIR", requires = "diff")]
    snapshots: Option<PathBuf>,

    #[command(flatten)]
    to: ToArgs,

    #[command(flatten)]
    how: HowArgs,

    #[command(flatten)]
    settings: SettingsArgs,
}

/// Runs the spec over the inputs, once or whenever something is saved.
pub(super) fn run(args: TryArgs) -> Result<u8, Failure> {
    if args.watch {
        return watch::run("--watch", &watched(&args)?, !args.how.quiet);
    }
    let Some(source) = load(&args.dir)? else { return Ok(FAILED) };
    if args.diff {
        return diff(&args, &source);
    }
    let files = inputs(&args)?;
    let source = source.leak();
    let name = source.info.name.to_owned();
    let TryArgs { to, how, settings, .. } = args;
    let source_arg = SourceArg { name };
    let args = NormalizeArgs {
        source: source_arg,
        files,
        to,
        threads: None,
        checkpoint: None,
        follow: false,
        position: 0,
        how,
        settings,
    };
    normalize::over(source, &args)
}

/// The source of a folder. What is found is printed; `None` if that are errors.
pub(super) fn load(dir: &Path) -> Result<Option<Interpreted>, Failure> {
    let input = folder(dir)?;
    let (source, checked) = Interpreted::load(&input);
    let mut stderr = anstream::stderr().lock();
    let style = if std::io::stderr().is_terminal() { Style::Colour } else { Style::Plain };
    let found = xdr_codegen::render(&checked, style);
    if !found.trim().is_empty() {
        writeln!(stderr, "{}", found.trim_end())
            .map_err(|error| Failure::writing("standard error", &error))?;
    }
    Ok(source)
}

/// What a source's folder holds.
pub(super) fn folder(dir: &Path) -> Result<xdr_codegen::Input, Failure> {
    let help = "name the folder of one source, with its spec.yaml";
    check::no_file(dir)?;
    if !dir.join("spec.yaml").is_file() {
        let message = format!("there is no spec.yaml in `{}`", dir.display());
        return Err(Failure::failed(message).help(help).suggest(check::meant(dir).as_deref()));
    }
    let inputs = xdr_codegen::load(dir).map_err(|error| Failure::failed(format!("cannot read {error}")))?;
    inputs.into_iter().next().ok_or_else(|| Failure::failed("there is no spec").help(help))
}

/// The files of samples of a source's folder, sorted.
pub(super) fn samples(dir: &Path) -> Result<Vec<PathBuf>, Failure> {
    let dir = dir.join("samples");
    let unread = |error: &std::io::Error| Failure::reading(format!("`{}`", dir.display()), error);
    let mut files = Vec::new();
    if dir.is_dir() {
        for entry in std::fs::read_dir(&dir).map_err(|error| unread(&error))? {
            files.push(entry.map_err(|error| unread(&error))?.path());
        }
    }
    files.retain(|path| path.extension().is_some_and(|extension| extension == "log"));
    files.sort();
    Ok(files)
}

/// The files to read.
fn inputs(args: &TryArgs) -> Result<Vec<PathBuf>, Failure> {
    if !args.files.is_empty() {
        return Ok(args.files.clone());
    }
    let samples = samples(&args.dir)?;
    if samples.is_empty() {
        let message = format!("there are no samples in `{}`", args.dir.join("samples").display());
        return Err(
            Failure::failed(message).help("put records into a file there, `first.log` say, or name a file")
        );
    }
    Ok(samples)
}

/// Folders and files whose change asks for another run.
fn watched(args: &TryArgs) -> Result<Vec<PathBuf>, Failure> {
    if args.files.iter().any(|path| path.as_os_str() == "-") {
        return Err(Failure::usage("standard input cannot be read again").help("name a file"));
    }
    // That the folder is one is found now, not when something is saved.
    folder(&args.dir)?;
    let mut paths = vec![args.dir.clone(), args.dir.join("samples")];
    paths.extend(args.files.iter().cloned());
    paths.extend(args.settings.config.iter().cloned());
    Ok(paths)
}

/// Prints what is not as in the snapshots.
fn diff(args: &TryArgs, source: &Interpreted) -> Result<u8, Failure> {
    let dir = args.snapshots.clone().unwrap_or_else(|| {
        let dir = std::fs::canonicalize(&args.dir).unwrap_or_else(|_| args.dir.clone());
        dir.ancestors().nth(2).unwrap_or(&dir).join("tests/corpus")
    });
    let dir = dir.join(source.info().name);
    let mut to = anstream::stdout().lock();
    let mut differs = false;
    for path in inputs(args)? {
        let input = std::fs::read(&path)
            .map_err(|error| Failure::reading(format!("`{}`", path.display()), &error))?;
        let shown = snapshot::shown(source, source.info().records, &input);
        let mut accepted = dir.join(path.file_stem().unwrap_or_default());
        accepted.set_extension("snap");
        let difference = match std::fs::read_to_string(&accepted) {
            Ok(file) if snapshot::is_accepted(&file, &shown) => continue,
            Ok(file) => snapshot::difference(&file, &shown),
            Err(_) => {
                format!("there is no snapshot `{}`\n{}", accepted.display(), snapshot::difference("", &shown))
            }
        };
        writeln!(to, "{}\n{difference}", path.display())?;
        differs = true;
    }
    if !differs && !args.how.quiet {
        writeln!(to, "all is as in the snapshots of `{}`", dir.display())?;
    }
    Ok(if differs { FAILED } else { DONE })
}
