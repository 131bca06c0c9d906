//! Places in files: how far one was read, and the mark by which the same file is known again.

use std::fs::File;
use std::io;

use serde::{Deserialize, Serialize};
use twox_hash::XxHash3_64;

/// How many bytes a mark is made of at most.
const MARK: u64 = 4096;

/// The file that a piece of the input comes from.
#[derive(Debug)]
pub(crate) struct Place {
    /// Which input it is, counted from 0.
    pub(crate) input: usize,
    /// The place in the input of the file's first byte, unpacked.
    pub(crate) base: u64,
    /// The file, if it is a regular one.
    pub(crate) file: Option<File>,
    /// Whether its places are those of what is unpacked from it.
    pub(crate) packed: bool,
    /// Which file it is to the operating system, if it is followed.
    pub(crate) id: Option<[u64; 2]>,
}

/// How far an input was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Progress {
    /// The place in the input of the file's first byte, unpacked.
    pub(crate) base: u64,
    /// The place in the input of what comes next; never below `base`.
    pub(crate) at: u64,
    /// Whether that is within a line that is too long, and a piece of it was taken already.
    pub(crate) long: bool,
    pub(crate) packed: bool,
    pub(crate) mark: Mark,
    /// Which file it is to the operating system, if it is followed: what it is known by while nothing was read of it.
    pub(crate) id: Option<[u64; 2]>,
}

impl Progress {
    /// How far the file was read, in bytes, unpacked.
    pub(crate) fn offset(&self) -> u64 {
        self.at.saturating_sub(self.base)
    }
}

/// Some bytes of a file: those before what was not read yet, or, of a packed file, the first ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mark {
    /// Where they end.
    pub(crate) end: u64,
    length: u64,
    hash: u64,
}

impl Mark {
    /// The mark of what was read in front of this place.
    pub(crate) fn of(read: &[u8], end: u64) -> Self {
        let most = usize::try_from(MARK.min(end)).unwrap_or(usize::MAX);
        let bytes = read.get(read.len().saturating_sub(most)..).unwrap_or_default();
        Self { end, length: bytes.len() as u64, hash: XxHash3_64::oneshot(bytes) }
    }

    /// The mark of a packed file, of whose places nothing can be told.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) fn of_packed(file: &File) -> io::Result<Self> {
        let end = file.metadata()?.len().min(MARK);
        Ok(Self::of(&bytes(file, 0, end)?, end))
    }

    /// Whether nothing is known of the file.
    pub(crate) fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Whether the file has these bytes there.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) fn is_of(&self, file: &File) -> io::Result<bool> {
        if file.metadata()?.len() < self.end {
            return Ok(false);
        }
        let from = self.end.saturating_sub(self.length);
        Ok(Self::of(&bytes(file, from, self.length)?, self.end) == *self)
    }
}

/// Bytes of a file, wherever it is being read.
///
/// # Errors
/// They cannot be read, or the file is shorter.
#[cfg(unix)]
pub(crate) fn bytes(file: &File, from: u64, length: u64) -> io::Result<Vec<u8>> {
    use std::os::unix::fs::FileExt;
    let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
    file.read_exact_at(&mut bytes, from)?;
    Ok(bytes)
}

#[cfg(not(unix))]
pub(crate) fn bytes(_file: &File, _from: u64, _length: u64) -> io::Result<Vec<u8>> {
    Err(io::ErrorKind::Unsupported.into())
}
