//! Where records come from: files or standard input, plain or compressed.
//!
//! Whether an input is gzip or zstd is told by its first bytes, not by its name.

use std::fs::File;
use std::io::{self, BufRead, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::GzDecoder;

use crate::failure::Failure;

/// How much of a packed input is read at a time, in bytes.
const PACKED: usize = 64 * 1024;

/// An input that was found to be readable.
pub(crate) struct Input {
    /// The path in backticks, or `standard input`.
    pub(crate) name: String,
    /// Its size on disk in bytes, if it is a file.
    pub(crate) size: Option<u64>,
    place: Place,
}

enum Place {
    /// A regular file. It is closed until its turn comes: there may be more of them than a process may keep open.
    File(PathBuf),
    /// Anything that can be opened only once, such as a named pipe.
    Open {
        from: Box<dyn Read + Send>,
        /// Whether it is a regular file all the same.
        is_file: bool,
    },
}

/// Finds all inputs, before any of them is read. No path, and `-`, mean standard input.
///
/// # Errors
/// The first path that cannot be read, with the reason.
pub(crate) fn open(paths: &[PathBuf]) -> Result<Vec<Input>, Failure> {
    if paths.is_empty() {
        return Ok(vec![stdin()?]);
    }
    paths.iter().map(|path| if path.as_os_str() == "-" { stdin() } else { file(path) }).collect()
}

fn stdin() -> Result<Input, Failure> {
    let name = "standard input".to_owned();
    let place = standard_input().map_err(|error| Failure::reading(&name, &error))?;
    Ok(Input { name, size: None, place })
}

/// Standard input, past the standard library's buffer where that can be.
#[cfg(unix)]
fn standard_input() -> io::Result<Place> {
    use std::os::fd::AsFd;
    let from = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let is_file = from.metadata()?.is_file();
    Ok(Place::Open { from: Box::new(from), is_file })
}

#[cfg(not(unix))]
fn standard_input() -> io::Result<Place> {
    Ok(Place::Open { from: Box::new(io::stdin()), is_file: false })
}

fn file(path: &Path) -> Result<Input, Failure> {
    let name = format!("`{}`", path.display());
    let wrong = |error: io::Error| Failure::reading(&name, &error);
    let file = File::open(path).map_err(wrong)?;
    let metadata = file.metadata().map_err(wrong)?;
    if metadata.is_dir() {
        return Err(Failure::failed(format!("cannot read {name}: it is a directory"))
            .help(format!("name its files, for example {}", path.join("*.log").display())));
    }
    let (size, place) = if metadata.is_file() {
        (Some(metadata.len()), Place::File(path.to_owned()))
    } else {
        (None, Place::Open { from: Box::new(file), is_file: false })
    };
    Ok(Input { name, size, place })
}

/// An input that was opened.
pub(crate) struct Started {
    /// What is unpacked from it.
    pub(crate) from: Box<dyn Read + Send>,
    /// Whether it is a regular file, which never keeps its reader waiting for bytes that are still to be written.
    pub(crate) is_file: bool,
    /// The file, if it can be read again.
    pub(crate) file: Option<File>,
    /// Whether it is packed.
    pub(crate) packed: bool,
}

impl Input {
    /// Opens the input behind so many bytes, unpacked. `taken` counts the bytes read before unpacking.
    ///
    /// # Errors
    /// It cannot be read, or ends before.
    pub(crate) fn start_at(self, offset: u64, taken: &Arc<AtomicU64>) -> io::Result<Started> {
        let Place::File(path) = &self.place else {
            let (from, is_file) = self.start(taken)?;
            return Ok(Started { from, is_file, file: None, packed: false });
        };
        let mut inner = File::open(path)?;
        let file = inner.try_clone()?;
        let mut head = Vec::new();
        inner.by_ref().take(MARK).read_to_end(&mut head)?;
        let packed = Packing::of(&head).is_some();
        // Places of a packed file are those of what is unpacked, so it is unpacked from its beginning.
        inner.seek(SeekFrom::Start(if packed { 0 } else { offset }))?;
        let counted = Counted { inner: Box::new(inner), taken: Arc::clone(taken) };
        let mut from: Box<dyn Read + Send> = if packed { unpack(counted)? } else { Box::new(counted) };
        if packed && io::copy(&mut from.by_ref().take(offset), &mut io::sink())? < offset {
            let message = format!("it ends before byte {offset}, up to which it was read");
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, message));
        }
        Ok(Started { from, is_file: true, file: Some(file), packed })
    }

    /// Opens the input, unpacked. `taken` counts the bytes read before unpacking. The flag says that it is a regular file,
    /// which never keeps its reader waiting for bytes that are still to be written.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) fn start(self, taken: &Arc<AtomicU64>) -> io::Result<(Box<dyn Read + Send>, bool)> {
        let (inner, is_file): (Box<dyn Read + Send>, bool) = match self.place {
            Place::File(path) => (Box::new(File::open(path)?), true),
            Place::Open { from, is_file } => (from, is_file),
        };
        Ok((unpack(Counted { inner, taken: Arc::clone(taken) })?, is_file))
    }

    /// Whether what was read can be read again.
    pub(crate) fn is_file(&self) -> bool {
        match self.place {
            Place::File(_) => true,
            Place::Open { is_file, .. } => is_file,
        }
    }

    /// An input of these bytes, for tests.
    #[cfg(test)]
    pub(crate) fn of(from: impl Read + Send + 'static, is_file: bool) -> Self {
        Self { name: "`test`".to_owned(), size: None, place: Place::Open { from: Box::new(from), is_file } }
    }
}

/// Whether a file begins as gzip or zstd do.
///
/// # Errors
/// It cannot be read.
pub(crate) fn is_packed(file: File) -> io::Result<bool> {
    let mut head = Vec::new();
    file.take(MARK).read_to_end(&mut head)?;
    Ok(Packing::of(&head).is_some())
}

/// A reader that says how far it is.
struct Counted {
    inner: Box<dyn Read + Send>,
    taken: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.taken.fetch_add(length as u64, Ordering::Relaxed);
        Ok(length)
    }
}

/// How long the longest mark of a packed input is, in bytes.
const MARK: u64 = 4;

/// How an input is packed.
#[derive(Clone, Copy)]
enum Packing {
    Gzip,
    Zstd,
}

impl Packing {
    /// What the first bytes say. Those of zstd are a frame's, or a skippable one's, as parallel packers write it in front.
    fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            _ => None,
        }
    }

    /// Whether these bytes may be the beginning of a mark.
    fn may_be(head: &[u8]) -> bool {
        matches!(
            head,
            [] | [0x1f | 0x28 | 0x50..=0x5f]
                | [0x28, 0xb5]
                | [0x28, 0xb5, 0x2f]
                | [0x50..=0x5f, 0x2a]
                | [0x50..=0x5f, 0x2a, 0x4d]
        )
    }
}

/// The reader, unpacked if it begins as gzip or zstd do. No text begins so.
fn unpack<'r, R: Read + Send + 'r>(mut reader: R) -> io::Result<Box<dyn Read + Send + 'r>> {
    let mut head = Vec::new();
    // Reads on only while the bytes may still be a mark: a short line typed at a terminal must not wait for more.
    let packing = loop {
        let found = Packing::of(&head);
        if found.is_some() || !Packing::may_be(&head) {
            break found;
        }
        let mut byte = [0];
        match reader.read(&mut byte) {
            Ok(0) => break None,
            Ok(_) => head.extend(byte),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    };
    let whole = Cursor::new(head).chain(reader);
    Ok(match packing {
        Some(Packing::Gzip) => Box::new(Members::new(io::BufReader::with_capacity(PACKED, whole))),
        Some(Packing::Zstd) => Box::new(zstd::stream::read::Decoder::new(whole)?),
        None => Box::new(whole),
    })
}

/// The members of a gzip file, one after the other. Zeros behind one are what fills a block of a tape or of a disk, and no member.
struct Members<R> {
    /// Always there between reads.
    member: Option<GzDecoder<R>>,
}

impl<R: BufRead> Members<R> {
    fn new(packed: R) -> Self {
        Self { member: Some(GzDecoder::new(packed)) }
    }

    /// Goes on with the next member; `false` if there is none.
    fn next(&mut self) -> io::Result<bool> {
        let Some(member) = &mut self.member else { return Ok(false) };
        let packed = member.get_mut();
        loop {
            let bytes = packed.fill_buf()?;
            if bytes.is_empty() {
                return Ok(false);
            }
            let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
            let is_all = zeros == bytes.len();
            packed.consume(zeros);
            if !is_all {
                self.member = self.member.take().map(|member| GzDecoder::new(member.into_inner()));
                return Ok(true);
            }
        }
    }
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let Some(member) = &mut self.member else { return Ok(0) };
            let read = member.read(into)?;
            if read > 0 || into.is_empty() || !self.next()? {
                return Ok(read);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn unpacked(bytes: &[u8]) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        unpack(Cursor::new(bytes))?.read_to_end(&mut out)?;
        Ok(out)
    }

    #[test]
    fn packed_inputs_are_known_by_their_first_bytes() {
        let text = b"one\ntwo\n";
        let zstd = zstd::encode_all(&text[..], 1).unwrap();
        let twice = [gzip(text), gzip(text)].concat();
        let zstd_twice = [zstd.clone(), zstd.clone()].concat();
        let skippable = [b"\x50\x2a\x4d\x18\x04\0\0\0size", &zstd[..]].concat();
        for (packed, expected) in [
            (text.to_vec(), text.to_vec()),
            (gzip(text), text.to_vec()),
            (twice.clone(), text.repeat(2)),
            ([&twice[..], &[0; 700]].concat(), text.repeat(2)),
            ([gzip(text), vec![0; 300_000], gzip(text)].concat(), text.repeat(2)),
            (zstd, text.to_vec()),
            (zstd_twice, text.repeat(2)),
            (skippable, text.to_vec()),
            (b"P*M".to_vec(), b"P*M".to_vec()),
            (b"[{}]".to_vec(), b"[{}]".to_vec()),
            (b"".to_vec(), b"".to_vec()),
            (b"(".to_vec(), b"(".to_vec()),
            (b"(\xb5x".to_vec(), b"(\xb5x".to_vec()),
            (b"\x1f".to_vec(), b"\x1f".to_vec()),
        ] {
            assert_eq!(unpacked(&packed).unwrap(), expected);
        }
    }

    #[test]
    fn a_packed_input_that_was_cut_off_is_an_error() {
        let whole = gzip(&b"some text\n".repeat(100));
        assert!(unpacked(&whole[..whole.len() - 9]).is_err());
        assert!(unpacked(&[&whole[..], b"\0\0x"].concat()).is_err());
        let whole = zstd::encode_all(&b"some text\n".repeat(100)[..], 1).unwrap();
        assert!(unpacked(&whole[..whole.len() - 3]).is_err());
    }

    #[test]
    fn a_path_that_cannot_be_read_is_named() {
        let error = open(&[PathBuf::from("no/such.log")]).err().unwrap();
        let Failure::Error { message, .. } = error else { panic!("{error:?}") };
        assert!(message.starts_with("cannot read `no/such.log`: "), "{message}");
        let error = open(&[PathBuf::from(".")]).err().unwrap();
        assert!(
            matches!(error, Failure::Error { message, .. } if message == "cannot read `.`: it is a directory")
        );
    }
}
