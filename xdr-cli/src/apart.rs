//! That a run keeps its files apart: none that it reads is written, and no two that it writes are one.
//!
//! Files are told apart by what the operating system calls them, so that a link or another spelling is no disguise; those that are
//! still to be made by their folder and name.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};

use crate::cli::{SettingsArgs, ToArgs};
use crate::config::Config;
use crate::failure::Failure;

/// What is read or written.
struct Used {
    /// How messages name it.
    name: String,
    is: Is,
}

/// Which file it is.
#[derive(PartialEq, Eq)]
enum Is {
    /// Device and number.
    #[cfg(unix)]
    There([u64; 2]),
    Named(PathBuf),
}

/// Checks the files of a run. No input, and `-`, mean standard input.
///
/// # Errors
/// One would be written that is read, or by two.
pub(crate) fn check(
    to: &ToArgs,
    checkpoint: Option<&Path>,
    inputs: &[PathBuf],
    settings: &SettingsArgs,
    config: &Config,
) -> Result<(), Failure> {
    let read = read(inputs, settings, config);
    let outputs = [
        ("events", to.output.as_deref()),
        ("rejects", to.rejects.as_deref()),
        ("the checkpoint", checkpoint),
    ];
    let mut written: Vec<(&str, Used)> = Vec::new();
    for (what, path) in outputs {
        let found = match path {
            Some(path) => of_path(path),
            None if what == "events" => standard("standard output", stdout()),
            None => None,
        };
        let Some(used) = found else { continue };
        if let Some(input) = read.iter().find(|input| input.is == used.is) {
            let message = format!("{} is read, so {what} cannot be written to it", input.name);
            return Err(Failure::usage(message));
        }
        if let Some((other, _)) = written.iter().find(|(_, other)| other.is == used.is) {
            let failure = Failure::usage(format!("{} is to take both {other} and {what}", used.name));
            return Err(failure.help(match what {
                "rejects" => "without --rejects, rejects stand among the events",
                _ => "give --checkpoint a file of its own",
            }));
        }
        written.push((what, used));
    }
    Ok(())
}

/// What the run reads.
fn read(inputs: &[PathBuf], settings: &SettingsArgs, config: &Config) -> Vec<Used> {
    let is_standard = |path: &PathBuf| path.as_os_str() == "-";
    let mut read: Vec<Used> =
        inputs.iter().filter(|path| !is_standard(path)).filter_map(|path| of_path(path)).collect();
    if inputs.is_empty() || inputs.iter().any(is_standard) {
        read.extend(standard("the file of standard input", stdin()));
    }
    let enrich = &settings.enrich;
    let others = settings.config.iter().chain(&enrich.directory).chain(&enrich.geo).chain(config.files());
    read.extend(others.filter_map(|path| of_path(path)));
    read
}

/// The file at a path, unless it is one, such as a device, that may be used twice.
fn of_path(path: &Path) -> Option<Used> {
    let is = match fs::metadata(path) {
        Ok(found) if can_clash(&found) => identity(path, &found)?,
        Ok(_) => return None,
        Err(_) => Is::Named(path.parent().and_then(folder)?.join(path.file_name()?)),
    };
    Some(Used { name: format!("`{}`", path.display()), is })
}

fn folder(path: &Path) -> Option<PathBuf> {
    if path.as_os_str().is_empty() { Path::new(".").canonicalize() } else { path.canonicalize() }.ok()
}

fn standard(name: &str, file: io::Result<File>) -> Option<Used> {
    let found = file.and_then(|file| file.metadata()).ok().filter(Metadata::is_file)?;
    Some(Used { name: name.to_owned(), is: identity(Path::new(name), &found)? })
}

#[cfg(unix)]
fn can_clash(found: &Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    found.is_file() || found.file_type().is_fifo()
}

#[cfg(not(unix))]
fn can_clash(found: &Metadata) -> bool {
    found.is_file()
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it is not known")]
fn identity(_path: &Path, found: &Metadata) -> Option<Is> {
    use std::os::unix::fs::MetadataExt;
    Some(Is::There([found.dev(), found.ino()]))
}

#[cfg(not(unix))]
fn identity(path: &Path, _found: &Metadata) -> Option<Is> {
    path.canonicalize().ok().map(Is::Named)
}

#[cfg(unix)]
fn stdin() -> io::Result<File> {
    use std::os::fd::AsFd;
    Ok(File::from(io::stdin().as_fd().try_clone_to_owned()?))
}

#[cfg(unix)]
fn stdout() -> io::Result<File> {
    use std::os::fd::AsFd;
    Ok(File::from(io::stdout().as_fd().try_clone_to_owned()?))
}

#[cfg(not(unix))]
fn stdin() -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(not(unix))]
fn stdout() -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}
