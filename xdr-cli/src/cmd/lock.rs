//! `xdr lock`: writes down what sources' events are made of, and refuses a break that is not meant.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use clap::Args;
use xdr_codegen::{Input, Style};
use xdr_workbench::lock::changes::overall;
use xdr_workbench::lock::{Change, Class, Lock, Version, compare, of, text};

use super::{check, diff};
use crate::failure::{DONE, FAILED, Failure};

const EXAMPLES: &str = "\
Examples:
  xdr lock                              write the locks of mapping-specs, with their new versions
  xdr lock mapping-specs/teleport --breaking
  xdr lock --check                      in CI: is every change of a spec in its lock?
  xdr lock --check --since origin/main  and has every break since then moved its version?

A source's lock, lock.json beside its spec, lists the tokens that it fills, its rows, value maps
and messages, and has a version. A change of the spec moves the version: what breaks rules on
the events by its first number (before 1.0.0 by its second), what is new by its second, the rest
by its third. A break is written only with --breaking. Of a spec that `xdr check` refuses no lock is written.

Exit status: 0 done, 1 a change is not locked, or not marked.";

/// Write down what sources' events are made of, and with --check refuse changes that are not written down.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(crate) struct LockArgs {
    /// The folder that holds one folder a source, or one source's folder
    #[arg(value_name = "DIR", default_value = "./mapping-specs")]
    dir: PathBuf,

    /// Write nothing; fail if a lock is not that of its spec
    #[arg(long)]
    check: bool,

    /// Write breaking changes too
    #[arg(long, conflicts_with = "check")]
    breaking: bool,

    /// With --check: a revision of git; fail if a lock's version does not mark what changed since then
    #[arg(long, value_name = "REVISION", requires = "check")]
    since: Option<String>,
}

/// Writes or checks the locks. The status is 1 if one of them is not what it must be.
pub(super) fn run(args: &LockArgs, to: &mut dyn Write) -> Result<u8, Failure> {
    let inputs = check::load(&args.dir)?;
    if !args.check {
        sound(&inputs)?;
    }
    let mut status = DONE;
    for input in inputs {
        let folder = folder(&args.dir, &input);
        let done =
            if args.check { checked(args, &input, &folder, to)? } else { locked(args, &input, &folder, to)? };
        if !done {
            status = FAILED;
        }
    }
    Ok(status)
}

/// Prints the errors of specs. No lock is written if there are any: it would promise events that cannot be.
fn sound(inputs: &[Input]) -> Result<(), Failure> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let checked = xdr_codegen::check_on(inputs, threads);
    if !checked.has_errors() {
        return Ok(());
    }
    let mut stderr = anstream::stderr().lock();
    let found = xdr_codegen::render(&checked, Style::Colour);
    writeln!(stderr, "{}", found.trim_end()).map_err(|error| Failure::writing("standard error", &error))?;
    Err(Failure::failed("nothing was locked: a spec has errors").help("mend them and check with `xdr check`"))
}

/// The folder of a source.
fn folder(dir: &Path, input: &Input) -> PathBuf {
    if dir.join("spec.yaml").is_file() { dir.to_owned() } else { dir.join(&input.name) }
}

/// The lock of a spec.
pub(super) fn lock(input: &Input, version: Version) -> Result<Lock, Failure> {
    of::lock(input, version).map_err(Failure::failed)
}

/// The lock in a folder, if there is one.
pub(super) fn read(folder: &Path) -> Result<Option<Lock>, Failure> {
    let path = folder.join(text::FILE);
    if !path.exists() {
        return Ok(None);
    }
    let wrong =
        |error: &dyn std::fmt::Display| Failure::failed(format!("cannot read {}: {error}", path.display()));
    let bytes = fs::read_to_string(&path).map_err(|error| wrong(&error))?;
    text::read(&bytes).map(Some).map_err(|error| wrong(&error))
}

/// Writes the lock of a source; gives whether it was written, or was right.
fn locked(args: &LockArgs, input: &Input, folder: &Path, to: &mut dyn Write) -> Result<bool, Failure> {
    let path = folder.join(text::FILE);
    let write = |lock: &Lock| {
        let wrong = |error| Failure::failed(format!("cannot write {}: {error}", path.display()));
        fs::write(&path, text::write(lock)).map_err(wrong)
    };
    let name = &input.name;
    let Some(old) = read(folder)? else {
        write(&lock(input, Version::FIRST)?)?;
        writeln!(to, "{name}: locked as {}", Version::FIRST)?;
        return Ok(true);
    };
    let mut new = lock(input, old.version)?;
    let changes = compare(&old, &new);
    let Some(class) = overall(&changes) else {
        // The same may be written otherwise, by hand or in an order that tells nothing.
        write(&new)?;
        writeln!(to, "{name}: {}, nothing changed", old.version)?;
        return Ok(true);
    };
    new.version = old.version.marking(class);
    if class == Class::Breaking && !args.breaking {
        writeln!(to, "{name}: not locked, breaking")?;
        diff::print(&changes, to)?;
        writeln!(
            to,
            "  if this is meant: xdr lock --breaking {}   makes it {}",
            folder.display(),
            new.version
        )?;
        return Ok(false);
    }
    write(&new)?;
    writeln!(to, "{name}: {} → {}, {}", old.version, new.version, class.word())?;
    diff::print(&changes, to)?;
    Ok(true)
}

/// Compares the lock of a source with its spec, and with its lock of before.
fn checked(args: &LockArgs, input: &Input, folder: &Path, to: &mut dyn Write) -> Result<bool, Failure> {
    let name = &input.name;
    let Some(old) = read(folder)? else {
        writeln!(to, "{name}: there is no {}; `xdr lock` writes it", folder.join(text::FILE).display())?;
        return Ok(false);
    };
    let new = lock(input, old.version)?;
    let changes = compare(&old, &new);
    if let Some(class) = overall(&changes) {
        writeln!(to, "{name}: {} changes that are not in its lock", class.word())?;
        diff::print(&changes, to)?;
        let breaking = if class == Class::Breaking { " --breaking" } else { "" };
        writeln!(to, "  to lock them: xdr lock{breaking} {}", folder.display())?;
        return Ok(false);
    }
    let Some(revision) = &args.since else { return Ok(true) };
    match before(folder, revision)? {
        Some(before) => Ok(marked(name, &before, &old, to)?),
        None => Ok(true),
    }
}

/// Whether the version of a lock marks what changed since another one; says so if not.
fn marked(name: &str, before: &Lock, now: &Lock, to: &mut dyn Write) -> Result<bool, Failure> {
    let changes = compare(before, now);
    if !unmarked(before, now, &changes) {
        return Ok(true);
    }
    let class = overall(&changes).unwrap_or(Class::Patch);
    let (was, is, least) = (before.version, now.version, before.version.marking(class));
    writeln!(to, "{name}: {} changes and the version {is}; after {was} they need {least}", class.word())?;
    diff::print(&changes, to)?;
    Ok(false)
}

/// Whether a version is less than the changes ask for.
pub(super) fn unmarked(old: &Lock, new: &Lock, changes: &[Change]) -> bool {
    overall(changes).is_some_and(|class| new.version < old.version.marking(class))
}

/// The lock that a folder had in a revision; none if it had none.
fn before(folder: &Path, revision: &str) -> Result<Option<Lock>, Failure> {
    let git = |args: &[&str]| {
        let done = Command::new("git").arg("-C").arg(folder).args(args).output();
        done.map_err(|error| Failure::failed(format!("cannot run git: {error}")))
    };
    if !git(&["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{revision}^{{commit}}")])?
        .status
        .success()
    {
        return Err(Failure::failed(format!("git knows no revision `{revision}` in `{}`", folder.display())));
    }
    let shown = git(&["show", &format!("{revision}:./{}", text::FILE)])?;
    if !shown.status.success() {
        return Ok(None);
    }
    let text = String::from_utf8_lossy(&shown.stdout);
    let wrong = |error| {
        Failure::failed(format!("cannot read the lock of `{revision}` in `{}`: {error}", folder.display()))
    };
    text::read(&text).map(Some).map_err(wrong)
}
