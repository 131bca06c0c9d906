//! Files that grow: reads on where a file ended, also when it was rotated.
//!
//! A file is looked at again and again. It was rotated if its name stands for another file: then it is read to its end, also what its
//! writer, who may not know yet, still adds, and then the new one from its beginning. Or it was copied and cut (`copytruncate`): it
//! is shorter than what was read of it, or has other bytes in front of that place. Then what was not read is looked for in a file beside
//! it that has the same bytes there, and the file itself is read from its beginning.

use std::cmp::Reverse;
use std::fs::{self, File, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::failure::Failure;
use crate::input;
use crate::lines::Rest;
use crate::place::{Mark, Place, Progress, bytes};

/// How long nothing is looked at after all files were read to their ends.
pub(crate) const POLL: Duration = Duration::from_millis(50);
/// How long a file that was renamed must not have grown before it is left.
const QUIET: Duration = Duration::from_secs(1);
/// How long a file is waited for that was just rotated away.
const AWAITED: Duration = Duration::from_secs(10);
/// How often the next file is looked for while names change.
const TRIES: usize = 100;
/// How many bytes in front of the place that was reached are compared, to see that the file is the same.
const KNOWN: usize = 256;
/// Which part of the places belongs to an input; so the places of two do not meet, and do not depend on which grew first.
const PLACES: u32 = 48;

/// What reading gave.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Got {
    /// So many bytes.
    Bytes(usize),
    /// Nothing now.
    Nothing,
    /// Nothing more out of this file: go on by [`Followed::switch`]. A line that is open ends here.
    End,
}

/// A file that is followed.
pub(crate) struct Followed {
    path: PathBuf,
    pub(crate) place: Arc<Place>,
    /// How far the present file was read.
    offset: u64,
    /// The last bytes that were read of it.
    known: Vec<u8>,
    /// The beginning of a line whose end was not there yet.
    pub(crate) rest: Rest,
    /// Whether reading began within a line that is too long.
    long: bool,
    /// Since when the file has another name and does not grow.
    quiet: Option<Instant>,
    /// Whether the file was cut, so that it begins anew.
    cut: bool,
}

impl Followed {
    /// Follows the file from its beginning, or from where another run left off.
    ///
    /// # Errors
    /// It cannot be read, or what was left of it is not there any more.
    pub(crate) fn open(input: usize, path: &Path, progress: Option<&Progress>) -> Result<Self, Failure> {
        let wrong = |error: io::Error| Failure::reading(format!("`{}`", path.display()), &error);
        let Some(progress) = progress else {
            let base = (input as u64) << PLACES;
            let file = open(path).map_err(wrong)?;
            return Self::at(input, path, file, base, 0, false).map_err(wrong);
        };
        let Some(file) = find(path, progress).map_err(wrong)? else {
            let message = format!(
                "cannot go on in `{}`: neither it nor a file beside it has at byte {} what was read before; records may be missing",
                path.display(),
                progress.offset()
            );
            return Err(Failure::failed(message)
                .help("put the file back that was rotated away, or delete the checkpoint and the outputs to begin anew"));
        };
        let mut new =
            Self::at(input, path, file, progress.base, progress.offset(), progress.long).map_err(wrong)?;
        let known = progress.offset().min(KNOWN as u64);
        new.known = bytes(new.file()?, new.offset - known, known).map_err(wrong)?;
        Ok(new)
    }

    fn at(input: usize, path: &Path, file: File, base: u64, offset: u64, long: bool) -> io::Result<Self> {
        let id = Some(identity(&file.metadata()?));
        Ok(Self {
            path: path.to_owned(),
            place: Arc::new(Place { input, base, file: Some(file), packed: false, id }),
            offset,
            known: Vec::new(),
            rest: Rest::at(base + offset, long),
            long,
            quiet: None,
            cut: false,
        })
    }

    /// Where it is read from, before anything is.
    pub(crate) fn progress(&self) -> Progress {
        Progress {
            base: self.place.base,
            at: self.place.base + self.offset,
            long: self.long,
            packed: false,
            mark: Mark::of(&self.known, self.offset),
            id: self.place.id,
        }
    }

    fn file(&self) -> Result<&File, Failure> {
        // It is there always.
        self.place.file.as_ref().ok_or_else(|| Failure::failed("no file"))
    }

    /// Reads what is there.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) fn read(&mut self, room: &mut [u8]) -> Result<Got, Failure> {
        let name = format!("`{}`", self.path.display());
        self.look(room).map_err(|error| Failure::reading(name, &error))
    }

    fn look(&mut self, room: &mut [u8]) -> io::Result<Got> {
        let place = Arc::clone(&self.place);
        let Some(file) = &place.file else { return Ok(Got::Nothing) };
        let size = file.metadata()?.len();
        if size < self.offset || !self.is_known(file)? {
            // Cut, and perhaps written to again.
            if let Some(copy) = self.copy()? {
                let id = Some(identity(&copy.metadata()?));
                let Place { input, base, .. } = *place;
                self.place = Arc::new(Place { input, base, file: Some(copy), packed: false, id });
                return self.look(room);
            }
            self.cut = true;
            return Ok(Got::End);
        }
        if size > self.offset {
            let length = usize::try_from(size - self.offset).unwrap_or(usize::MAX).min(room.len());
            let room = room.get_mut(..length).unwrap_or_default();
            let count = read_at(file, room, self.offset)?;
            let read = room.get(..count).unwrap_or_default();
            self.offset += count as u64;
            self.known.extend_from_slice(read.get(read.len().saturating_sub(KNOWN)..).unwrap_or_default());
            self.known.drain(..self.known.len().saturating_sub(KNOWN));
            self.quiet = None;
            return Ok(if count == 0 { Got::Nothing } else { Got::Bytes(count) });
        }
        let found = match fs::metadata(&self.path) {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Got::Nothing),
            Err(error) => return Err(error),
        };
        let renamed = identity(&found) != identity(&file.metadata()?);
        if !renamed || self.quiet.get_or_insert_with(Instant::now).elapsed() < QUIET {
            return Ok(Got::Nothing);
        }
        // To open a pipe would wait for whoever writes to it.
        if found.is_file() { Ok(Got::End) } else { Err(io::Error::other("it is no regular file any more")) }
    }

    /// Goes on with the file that came next: the one that the name stands for now, or one that was rotated away before it was read.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) fn switch(&mut self) -> Result<(), Failure> {
        let wrong = |error: io::Error| Failure::reading(format!("`{}`", self.path.display()), &error);
        let base = self.place.base + self.offset;
        let file = if self.cut { File::open(&self.path) } else { self.next() }.map_err(wrong)?;
        if file.try_clone().and_then(input::is_packed).map_err(wrong)? {
            return Err(wrong(io::Error::other("it is packed now, and such files do not grow")));
        }
        *self = Self::at(self.place.input, &self.path, file, base, 0, false).map_err(wrong)?;
        Ok(())
    }

    fn next(&self) -> io::Result<File> {
        for _ in 0..TRIES {
            match File::open(self.newer()?) {
                // Names may have changed in between; then it is not the next one.
                Ok(file) if identity(&fs::metadata(self.newer()?)?) == identity(&file.metadata()?) => {
                    return Ok(file);
                }
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Err(io::Error::other("it is rotated faster than it can be read"))
    }

    /// The file that came after the present one.
    fn newer(&self) -> io::Result<PathBuf> {
        if let Some(file) = &self.place.file {
            let id = identity(&file.metadata()?);
            // A name may be gone since it was listed. If there is none, the file was deleted, perhaps after it was packed.
            let present = beside(&self.path)?
                .into_iter()
                .find(|present| fs::metadata(present).is_ok_and(|found| identity(&found) == id));
            let newer = between(&self.path, present.as_deref(), file)?;
            return Ok(newer.into_iter().next().unwrap_or_else(|| self.path.clone()));
        }
        Ok(self.path.clone())
    }

    /// Whether the bytes in front of the place that was reached are those that were read.
    fn is_known(&self, file: &File) -> io::Result<bool> {
        let known = self.known.len() as u64;
        match bytes(file, self.offset - known, known) {
            Ok(found) => Ok(found == self.known),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The copy that was made of the file before it was cut.
    fn copy(&self) -> io::Result<Option<File>> {
        if self.known.is_empty() {
            return Ok(None);
        }
        for path in beside(&self.path)? {
            let Ok(file) = File::open(&path) else { continue };
            if file.metadata()?.len() >= self.offset && self.is_known(&file)? {
                return Ok(Some(file));
            }
        }
        Ok(None)
    }
}

/// Opens a file at the beginning of a run. Between the two steps of a rotation it is not there, though one beside it is that has its
/// name and a number or a date; then the new one is waited for, but not for ever.
///
/// # Errors
/// It cannot be read, or it does not come.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let began = Instant::now();
    let mut told = false;
    loop {
        let opened = File::open(path);
        let is_away = || beside(path).is_ok_and(|others| others.iter().any(|other| is_rotated(path, other)));
        match &opened {
            Err(error) if error.kind() == io::ErrorKind::NotFound && is_away() => {}
            _ => return opened,
        }
        if began.elapsed() >= AWAITED {
            return opened;
        }
        if !told {
            told = true;
            // Nobody is left to be told that standard error cannot be written.
            let _ = writeln!(
                anstream::stderr(),
                "xdr: warning: `{}` was rotated away, the new one is waited for, up to {AWAITED:?}",
                path.display()
            );
        }
        std::thread::sleep(POLL);
    }
}

/// The file that was read so far: the one of that name, or one beside it.
fn find(path: &Path, progress: &Progress) -> io::Result<Option<File>> {
    let candidates = std::iter::once(path.to_owned()).chain(beside(path)?);
    for candidate in candidates {
        match File::open(&candidate) {
            Ok(file) if is_of(progress, &file)? => return Ok(Some(file)),
            Err(error) if candidate == path && error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(None)
}

/// Whether this is the file that was read so far.
fn is_of(progress: &Progress, file: &File) -> io::Result<bool> {
    if progress.mark.is_empty() {
        return Ok(progress.id == Some(identity(&file.metadata()?)));
    }
    progress.mark.is_of(file)
}

/// The files that came between the one that was found and the one that has the name now, oldest first.
///
/// Names say which: `.1` is newer than `.2`, unless they count up, and `-20240315` than `-20240314`. The times of files are too coarse,
/// and are asked only where a name is neither, or the file has none any more. Then a packed file with its very time is the file itself.
fn between(path: &Path, found: Option<&Path>, file: &File) -> io::Result<Vec<PathBuf>> {
    let others = beside(path)?;
    let up = counts_up(path, &others);
    let age = |other: &Path| match age(path, other) {
        (false, number, rest) if up => (false, u64::MAX - number, rest),
        age => age,
    };
    let (known, since) = (found.map(age), file.metadata()?.modified()?);
    let mut later = Vec::new();
    for other in others.into_iter().filter(|other| Some(&**other) != found && is_rotated(path, other)) {
        let age = age(&other);
        let time = || fs::metadata(&other).and_then(|other| other.modified());
        let is_later = match &known {
            Some(known) if age.0 == known.0 => age < *known,
            _ => time().is_ok_and(|time| time >= since),
        };
        if is_later {
            if input::is_packed(File::open(&other)?)? {
                if known.is_none() && time()? == since {
                    continue;
                }
                let message = format!("`{}` came after what was read, and is packed", other.display());
                return Err(io::Error::new(io::ErrorKind::InvalidData, message));
            }
            later.push((age, other));
        }
    }
    later.sort();
    Ok(later.into_iter().rev().map(|(_, path)| path).collect())
}

/// Whether rotation counts up, so that `.2` is newer than `.1`: of the files with numbers none was changed before the one with the
/// number below, and the last well after the first.
fn counts_up(path: &Path, others: &[PathBuf]) -> bool {
    let numbered = |other: &PathBuf| match age(path, other) {
        (false, number, _) => Some((number, fs::metadata(other).and_then(|found| found.modified()).ok()?)),
        _ => None,
    };
    let mut times: Vec<_> = others.iter().filter_map(numbered).collect();
    times.sort();
    let (Some((_, first)), Some((_, last))) = (times.first(), times.last()) else { return false };
    times.is_sorted_by_key(|(_, time)| *time) && last.duration_since(*first).is_ok_and(|time| time >= QUIET)
}

/// By what a rotated file is older than another: its number, or, the other way round, its date.
fn age(path: &Path, other: &Path) -> (bool, u64, Reverse<String>) {
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let (name, other) = (name(path), name(other));
    let rest = other.strip_prefix(&*name).unwrap_or_default();
    match rest.strip_prefix('.').filter(|number| number.len() < 5).and_then(|number| number.parse().ok()) {
        Some(number) => (false, number, Reverse(String::new())),
        None => (true, 0, Reverse(rest.to_owned())),
    }
}

/// Whether this is a name that rotation gives: a number or a date behind the name.
fn is_rotated(path: &Path, other: &Path) -> bool {
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let (name, other) = (name(path), name(other));
    let number =
        |rest: &str| rest.chars().all(|letter| letter.is_ascii_digit() || matches!(letter, '.' | '-' | '_'));
    other
        .strip_prefix(&*name)
        .is_some_and(|rest| number(rest.strip_suffix(".gz").or(rest.strip_suffix(".zst")).unwrap_or(rest)))
}

/// Regular files in the folder of this one whose names begin with its name.
fn beside(path: &Path) -> io::Result<Vec<PathBuf>> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let other = entry.file_name().to_string_lossy().into_owned();
        let rest = other.strip_prefix(&*name).filter(|rest| rest.starts_with(['.', '-']));
        if rest.is_some() && entry.file_type()?.is_file() {
            found.push(path.with_file_name(other));
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(unix)]
fn identity(metadata: &Metadata) -> [u64; 2] {
    use std::os::unix::fs::MetadataExt;
    [metadata.dev(), metadata.ino()]
}

#[cfg(not(unix))]
fn identity(_metadata: &Metadata) -> [u64; 2] {
    [0, 0]
}

#[cfg(unix)]
fn read_at(file: &File, room: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, room, offset)
}

#[cfg(not(unix))]
fn read_at(_file: &File, _room: &mut [u8], _offset: u64) -> io::Result<usize> {
    Err(io::ErrorKind::Unsupported.into())
}
