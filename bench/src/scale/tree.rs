//! A copy of the workspace whose specs are changed and which is built, so that the workspace itself stays as it is.
//!
//! Needs `git` for the list of files and `timeout` of the GNU tools to end a build with all that it started.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Instant;
use std::{env, fs, io};

use super::spec::Folder;

/// What a build may take, in seconds.
pub(super) const LIMIT: u64 = 600;

/// The status of `timeout` when the time is over.
const TIME_OVER: i32 = 124;

/// The copy.
#[derive(Debug)]
pub(super) struct Tree {
    original: PathBuf,
    root: PathBuf,
    target: PathBuf,
}

/// What a build took.
#[derive(Clone, Copy, Debug)]
pub(super) struct Built {
    /// Seconds of the clock.
    pub(super) seconds: f64,
    /// Seconds of processors, where the system tells them. What others do on the machine disturbs them least.
    pub(super) processor: Option<f64>,
    /// The size of the release binary, in bytes.
    pub(super) binary: u64,
}

impl Tree {
    /// Copies the files that git knows of the workspace to `work/tree`; builds go to `work/target`.
    pub(super) fn new(workspace: &Path, work: &Path) -> Result<Self, String> {
        fs::create_dir_all(work).map_err(|error| at(work, &error))?;
        // Cargo is run in another folder, so paths must not depend on this one.
        let work = fs::canonicalize(work).map_err(|error| at(work, &error))?;
        let (root, target) = (work.join("tree"), work.join("target"));
        let files = output(Command::new("git").arg("-C").arg(workspace).args(["ls-files", "-z"]))?;
        for file in String::from_utf8_lossy(&files.stdout).split_terminator('\0') {
            let (from, to) = (workspace.join(file), root.join(file));
            // A file that is as it was keeps its time, so that what was built of it is not built again.
            let bytes = fs::read(&from).map_err(|error| at(&from, &error))?;
            if !fs::read(&to).is_ok_and(|old| old == bytes) {
                write(&to, &bytes)?;
            }
        }
        Ok(Self { original: workspace.to_owned(), root, target })
    }

    fn specs(&self) -> PathBuf {
        self.root.join("mapping-specs")
    }

    /// Leaves no spec.
    pub(super) fn clear(&self) -> Result<(), String> {
        for folder in folders(&self.specs())? {
            fs::remove_dir_all(&folder).map_err(|error| at(&folder, &error))?;
        }
        Ok(())
    }

    /// The names of the workspace's own sources.
    pub(super) fn sources(&self) -> Result<Vec<String>, String> {
        let name = |path: &PathBuf| Some(path.file_name()?.to_str()?.to_owned());
        Ok(folders(&self.original.join("mapping-specs"))?.iter().filter_map(name).collect())
    }

    /// Adds one of the workspace's own sources.
    pub(super) fn add_own(&self, name: &str) -> Result<(), String> {
        let from = self.original.join("mapping-specs").join(name);
        for entry in fs::read_dir(&from).map_err(|error| at(&from, &error))? {
            let file = entry.map_err(|error| at(&from, &error))?.path();
            if let (true, Some(base)) = (file.is_file(), file.file_name()) {
                let bytes = fs::read(&file).map_err(|error| at(&file, &error))?;
                write(&self.specs().join(name).join(base), &bytes)?;
            }
        }
        Ok(())
    }

    /// Adds a generated source.
    pub(super) fn add(&self, folder: &Folder) -> Result<(), String> {
        let to = self.specs().join(&folder.name);
        write(&to.join("spec.yaml"), folder.spec.as_bytes())?;
        let text = folder.catalogue.as_ref();
        text.map_or(Ok(()), |text| write(&to.join("catalogue.yaml"), text.as_bytes()))
    }

    /// Changes the title of a spec, and so what is generated of it.
    pub(super) fn touch(&self, name: &str) -> Result<(), String> {
        let file = self.specs().join(name).join("spec.yaml");
        let text = fs::read_to_string(&file).map_err(|error| at(&file, &error))?;
        write(&file, text.replacen("title: ", "title: New ", 1).as_bytes())
    }

    /// Builds the program; nothing if that takes longer than [`LIMIT`].
    pub(super) fn build(&self) -> Result<Option<Built>, String> {
        let (started, before) = (Instant::now(), processor());
        let mut cargo = Command::new("timeout");
        cargo.arg(LIMIT.to_string()).args(["cargo", "build", "--release", "--package", "xdr", "--locked"]);
        cargo.current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target);
        let done = cargo.output().map_err(|error| format!("timeout: {error}"))?;
        if done.status.code() == Some(TIME_OVER) {
            return Ok(None);
        }
        succeeded(&cargo, &done)?;
        let program = self.program();
        let binary = fs::metadata(&program).map_err(|error| at(&program, &error))?.len();
        let processor = before.zip(processor()).map(|(before, after)| after - before);
        Ok(Some(Built { seconds: started.elapsed().as_secs_f64(), processor, binary }))
    }

    /// The lines and bytes of Rust that were generated of a source, as the program tells them.
    pub(super) fn generated(&self, name: &str) -> Result<(usize, usize), String> {
        let text = output(Command::new(self.program()).args(["expand", name]))?.stdout;
        Ok((memchr::memchr_iter(b'\n', &text).count(), text.len()))
    }

    fn program(&self) -> PathBuf {
        self.target.join("release").join(format!("xdr{}", env::consts::EXE_SUFFIX))
    }
}

/// The processor seconds of all that this process started and that has ended, by Linux's `/proc`, which counts hundredths.
fn processor() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name in parentheses may hold blanks; behind it the 14th and 15th field are the children's.
    let fields = stat.rsplit_once(')')?.1.split_ascii_whitespace().skip(13).take(2);
    let hundredths: Vec<f64> = fields.filter_map(|field| field.parse().ok()).collect();
    Some(hundredths.iter().sum::<f64>() / 100.0)
}

fn folders(within: &Path) -> Result<Vec<PathBuf>, String> {
    let entries = fs::read_dir(within).map_err(|error| at(within, &error))?;
    let paths: io::Result<Vec<_>> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut paths = paths.map_err(|error| at(within, &error))?;
    paths.retain(|path| path.is_dir());
    paths.sort();
    Ok(paths)
}

fn write(file: &Path, bytes: &[u8]) -> Result<(), String> {
    let made = file.parent().map_or(Ok(()), fs::create_dir_all);
    made.and_then(|()| fs::write(file, bytes)).map_err(|error| at(file, &error))
}

fn output(command: &mut Command) -> Result<Output, String> {
    let done = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    succeeded(command, &done)?;
    Ok(done)
}

fn succeeded(command: &Command, done: &Output) -> Result<(), String> {
    let said = String::from_utf8_lossy(&done.stderr);
    if done.status.success() { Ok(()) } else { Err(format!("{command:?}: {}\n{said}", done.status)) }
}

fn at(path: &Path, error: &io::Error) -> String {
    format!("{}: {error}", path.display())
}
