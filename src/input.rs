//! Where records come from: files or standard input, plain or compressed.
//!
//! Whether an input is gzip or zstd is told by its first bytes, not by its name. A thread reads and unpacks, so that the
//! program can answer a signal, or flush what it has, while the input keeps it waiting.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use flate2::read::MultiGzDecoder;

use crate::failure::Failure;

/// How much is read at a time, in bytes.
const CHUNK: usize = 64 * 1024;
/// How many chunks may wait to be taken.
const AHEAD: usize = 8;

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
    Open(Box<dyn Read + Send>),
}

/// What the reading thread hands over.
pub(crate) enum Item {
    /// Bytes of the input, unpacked.
    Chunk(Vec<u8>),
    /// One input is at its end; a line does not go on into the next.
    End,
    /// An input could not be read to its end. Nothing follows.
    Failed(Failure),
}

/// Finds all inputs, before any of them is read. No path, and `-`, mean standard input.
///
/// # Errors
/// The first path that cannot be read, with the reason.
pub(crate) fn open(paths: &[PathBuf]) -> Result<Vec<Input>, Failure> {
    if paths.is_empty() {
        return Ok(vec![stdin()]);
    }
    paths.iter().map(|path| if path.as_os_str() == "-" { Ok(stdin()) } else { file(path) }).collect()
}

fn stdin() -> Input {
    Input { name: "standard input".to_owned(), size: None, place: Place::Open(Box::new(io::stdin())) }
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
        (None, Place::Open(Box::new(file)))
    };
    Ok(Input { name, size, place })
}

/// Starts to read the inputs one after the other. `taken` counts the bytes read before unpacking.
pub(crate) fn read(inputs: Vec<Input>, taken: Arc<AtomicU64>) -> Receiver<Item> {
    let (to, from) = sync_channel(AHEAD);
    std::thread::spawn(move || {
        for Input { name, place, .. } in inputs {
            // An error of sending means that nobody listens any more.
            let sent = match chunks(place, &taken, &to) {
                Ok(sent) => sent,
                Err(error) => {
                    let _ = to.send(Item::Failed(Failure::reading(name, &error)));
                    false
                }
            };
            if !sent {
                return;
            }
        }
    });
    from
}

/// Sends one input. Says `false` when nobody listens any more.
fn chunks(place: Place, taken: &Arc<AtomicU64>, to: &SyncSender<Item>) -> io::Result<bool> {
    let inner: Box<dyn Read + Send> = match place {
        Place::File(path) => Box::new(File::open(path)?),
        Place::Open(reader) => reader,
    };
    let mut reader = unpack(Counted { inner, taken: Arc::clone(taken) })?;
    loop {
        let mut chunk = vec![0; CHUNK];
        match reader.read(&mut chunk) {
            Ok(0) => return Ok(to.send(Item::End).is_ok()),
            Ok(length) => {
                chunk.truncate(length);
                if to.send(Item::Chunk(chunk)).is_err() {
                    return Ok(false);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
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

const GZIP: &[u8] = &[0x1f, 0x8b];
const ZSTD: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// The reader, unpacked if it begins as gzip or zstd do. No text begins so.
fn unpack<'r, R: Read + Send + 'r>(mut reader: R) -> io::Result<Box<dyn Read + Send + 'r>> {
    let mut head = Vec::new();
    // Reads on only while the bytes may still be a mark: a short line typed at a terminal must not wait for more.
    let mark = loop {
        if head == GZIP || head == ZSTD {
            break Some(head.clone());
        }
        if !GZIP.starts_with(&head) && !ZSTD.starts_with(&head) {
            break None;
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
    Ok(match mark.as_deref() {
        Some(GZIP) => Box::new(MultiGzDecoder::new(io::BufReader::with_capacity(CHUNK, whole))),
        Some(_) => Box::new(zstd::stream::read::Decoder::new(whole)?),
        None => Box::new(whole),
    })
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
        for (packed, expected) in [
            (text.to_vec(), text.to_vec()),
            (gzip(text), text.to_vec()),
            (twice, text.repeat(2)),
            (zstd, text.to_vec()),
            (zstd_twice, text.repeat(2)),
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
        let whole = zstd::encode_all(&b"some text\n".repeat(100)[..], 1).unwrap();
        assert!(unpacked(&whole[..whole.len() - 3]).is_err());
    }

    #[test]
    fn inputs_follow_each_other_with_an_end_between() {
        let input = |text: &'static [u8]| Input {
            name: "x".to_owned(),
            size: None,
            place: Place::Open(Box::new(Cursor::new(text))),
        };
        let taken = Arc::new(AtomicU64::new(0));
        let mut seen = Vec::new();
        for item in read(vec![input(b"ab"), input(b""), input(b"c")], Arc::clone(&taken)) {
            match item {
                Item::Chunk(bytes) => seen.extend(bytes),
                Item::End => seen.push(b'|'),
                Item::Failed(failure) => panic!("{failure:?}"),
            }
        }
        assert_eq!(seen, b"ab||c|");
        assert_eq!(taken.load(Ordering::Relaxed), 3);
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
