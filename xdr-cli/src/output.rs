//! Where records go: whole records, in big pieces.
//!
//! Only whole records are handed to the operating system, so a reader of a pipe never sees half a record unless the system
//! itself takes less than it was given. If that happens and the output is a regular file at whose end we write, the piece behind
//! its last whole record is cut off again. A device or a pipe cannot take back what it took. Of a packed output the same holds for
//! whole frames.

use std::fs::{File, TryLockError};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;

use crate::cli::Compress;
use crate::failure::Failure;
use crate::pack::Packer;

/// How much is gathered before it is written, in bytes.
pub(crate) const GATHER: usize = 64 * 1024;
/// How much is gathered before it is packed: small frames are packed badly.
const FRAME: usize = 4 * GATHER;

/// An output of records.
pub(crate) struct Output {
    /// How messages name it.
    name: String,
    to: Box<dyn Write>,
    /// The same file, if it is one, with the same place in it.
    file: Option<File>,
    /// Whole records that are not written yet.
    gathered: Vec<u8>,
    /// Whether a reader that went away is an error.
    must_be_read: bool,
    packing: Option<Packing>,
}

/// What packs an output, and room for what was packed.
struct Packing {
    packer: Packer,
    frame: Vec<u8>,
    /// Whether there is a frame already.
    begun: bool,
}

impl Output {
    /// Standard output. A reader that goes away ends the run quietly.
    ///
    /// # Errors
    /// The process has no standard output.
    pub(crate) fn stdout() -> Result<Self, Failure> {
        let name = "standard output";
        let (to, file) = stdout().map_err(|error| Failure::writing(name, &error))?;
        Ok(Self { name: name.to_owned(), to, file, gathered: Vec::new(), must_be_read: false, packing: None })
    }

    /// A file, made or emptied.
    ///
    /// # Errors
    /// The path cannot be written.
    pub(crate) fn create(path: &Path) -> Result<Self, Failure> {
        let name = format!("`{}`", path.display());
        let file = File::create(path).map_err(|error| Failure::writing(&name, &error))?;
        let same = file.try_clone().map_err(|error| Failure::writing(&name, &error))?;
        let to = Box::new(file);
        Ok(Self { name, to, file: Some(same), gathered: Vec::new(), must_be_read: true, packing: None })
    }

    /// A file that another run wrote, to be written on behind so many bytes, or a new one. Follow it by [`Output::cut`].
    ///
    /// # Errors
    /// It cannot be written, is shorter, is being written by another run, or holds something though nothing is known of it.
    pub(crate) fn resume(path: &Path, length: Option<u64>) -> Result<Self, Failure> {
        let name = format!("`{}`", path.display());
        let wrong = |error: io::Error| Failure::writing(&name, &error);
        let mut options = File::options();
        let file = options.read(true).write(true).create(true).truncate(false).open(path).map_err(wrong)?;
        let metadata = file.metadata().map_err(wrong)?;
        if !metadata.is_file() {
            let message =
                format!("{name} is no regular file, and with --checkpoint it must be one that can be cut");
            return Err(Failure::usage(message));
        }
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Failure::failed(format!("{name} is being written by another run")));
            }
            Err(TryLockError::Error(error)) => return Err(wrong(error)),
        }
        match length {
            None if metadata.len() > 0 => {
                let message = format!(
                    "{name} has {} bytes, and there is no checkpoint that knows of them",
                    metadata.len()
                );
                return Err(
                    Failure::failed(message).help("name another --output, or delete the file to begin anew")
                );
            }
            Some(length) if metadata.len() < length => {
                let message =
                    format!("{name} has {} bytes, and the checkpoint is of {length}", metadata.len());
                return Err(Failure::failed(message)
                    .help("put the file back, or delete the checkpoint and the outputs to begin anew"));
            }
            _ => {}
        }
        let same = file.try_clone().map_err(wrong)?;
        let to = Box::new(file);
        Ok(Self { name, to, file: Some(same), gathered: Vec::new(), must_be_read: true, packing: None })
    }

    /// Cuts the file behind so many bytes, to write on there.
    ///
    /// # Errors
    /// It cannot be cut.
    pub(crate) fn cut(&mut self, length: u64) -> Result<(), Failure> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let cut = file.set_len(length).and_then(|()| file.seek(SeekFrom::Start(length)));
        cut.map(drop).map_err(|error| Failure::writing(&self.name, &error))
    }

    /// Writes all that was gathered and waits until it is on disk; says how long the file is then.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn sync(&mut self) -> Result<u64, Failure> {
        self.flush()?;
        let Some(file) = &mut self.file else { return Ok(0) };
        let length = file.sync_data().and_then(|()| file.stream_position());
        length.map_err(|error| Failure::writing(&self.name, &error))
    }

    /// The same output, packed.
    pub(crate) fn packed(mut self, kind: Option<Compress>) -> Self {
        let begun = self.file.as_mut().and_then(|file| file.stream_position().ok()).is_some_and(|at| at > 0);
        self.packing = kind.map(|kind| Packing { packer: Packer::new(kind), frame: Vec::new(), begun });
        self
    }

    /// An output to anything, for tests.
    #[cfg(test)]
    pub(crate) fn to(to: Box<dyn Write>, must_be_read: bool) -> Self {
        Self { name: "`out`".to_owned(), to, file: None, gathered: Vec::new(), must_be_read, packing: None }
    }

    /// Where to append whole records, each with its line break. Follow it by [`Output::settle`].
    pub(crate) fn records(&mut self) -> &mut Vec<u8> {
        &mut self.gathered
    }

    /// Appends a record, with a line break if it has none. Follow it by [`Output::settle`].
    pub(crate) fn line(&mut self, line: &[u8]) {
        self.gathered.extend_from_slice(line.strip_suffix(b"\n").unwrap_or(line));
        self.gathered.push(b'\n');
    }

    /// How much is gathered before it is written, in bytes.
    pub(crate) fn gathers(&self) -> usize {
        if self.packing.is_some() { FRAME } else { GATHER }
    }

    /// Writes what was gathered if it is much.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn settle(&mut self) -> Result<(), Failure> {
        if self.gathered.len() >= self.gathers() { self.flush() } else { Ok(()) }
    }

    /// Appends whole records, or writes them at once if they are many. `frame` is the same packed, where that was done already.
    /// Between big pieces `stop` is asked whether to leave off; says how many bytes of the records were taken, which end behind
    /// a record.
    ///
    /// # Errors
    /// They cannot be written.
    pub(crate) fn write(
        &mut self,
        records: &[u8],
        frame: &[u8],
        stop: impl Fn() -> bool,
    ) -> Result<usize, Failure> {
        if records.len() < GATHER {
            self.gathered.extend_from_slice(records);
            return self.settle().map(|()| records.len());
        }
        self.flush()?;
        if self.packing.is_some() {
            // A frame cannot be left off within.
            if stop() {
                return Ok(0);
            }
            let done = if frame.is_empty() { self.pack(records) } else { self.put(frame, true) };
            return done.map(|()| records.len());
        }
        let mut taken = 0;
        while let Some(rest) = records.get(taken..).filter(|rest| !rest.is_empty()) {
            if stop() {
                break;
            }
            let (piece, _) = rest.split_at(whole(rest));
            self.put(piece, false)?;
            taken += piece.len();
        }
        Ok(taken)
    }

    /// Writes all that was gathered.
    ///
    /// # Errors
    /// It cannot be written. What was gathered is lost then.
    pub(crate) fn flush(&mut self) -> Result<(), Failure> {
        if self.gathered.is_empty() {
            return Ok(());
        }
        let mut gathered = std::mem::take(&mut self.gathered);
        let result = if self.packing.is_some() { self.pack(&gathered) } else { self.put(&gathered, false) };
        gathered.clear();
        self.gathered = gathered;
        result
    }

    /// Writes all that was gathered. A packed output without records gets a frame without any, for no bytes at all cannot be unpacked.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn finish(&mut self) -> Result<(), Failure> {
        self.flush()?;
        if self.packing.as_ref().is_some_and(|packing| !packing.begun) { self.pack(&[]) } else { Ok(()) }
    }

    /// Writes these records as a frame.
    fn pack(&mut self, records: &[u8]) -> Result<(), Failure> {
        let Some(mut packing) = self.packing.take() else { return self.put(records, false) };
        packing.frame.clear();
        let packed = packing.packer.frame(records, &mut packing.frame);
        let result = packed
            .map_err(|error| Failure::failed(format!("cannot pack {}: {error}", self.name)))
            .and_then(|()| self.put(&packing.frame, true));
        packing.begun = true;
        self.packing = Some(packing);
        result
    }

    /// Writes all of these bytes: whole records, or one frame.
    fn put(&mut self, bytes: &[u8], is_frame: bool) -> Result<(), Failure> {
        if let Some(packing) = &mut self.packing {
            packing.begun = true;
        }
        let (written, result) = write(&mut *self.to, bytes);
        result.map_err(|error| self.failed(bytes.get(..written).unwrap_or_default(), is_frame, &error))
    }

    /// Why writing failed after these bytes were taken.
    #[cold]
    fn failed(&mut self, taken: &[u8], is_frame: bool, error: &io::Error) -> Failure {
        let whole = if is_frame { None } else { memchr::memrchr(b'\n', taken) }.map_or(0, |end| end + 1);
        if let Some(file) = &mut self.file {
            // Best effort: the message below is what matters.
            let _ = cut(file, (taken.len() - whole) as u64);
        }
        if error.kind() == io::ErrorKind::BrokenPipe && !self.must_be_read {
            return Failure::Closed;
        }
        Failure::writing(&self.name, error)
    }
}

/// How much of these records to write at a time: whole ones of the usual size together, or one that is longer.
fn whole(records: &[u8]) -> usize {
    let Some((head, tail)) = records.split_at_checked(GATHER) else { return records.len() };
    match memchr::memrchr(b'\n', head) {
        Some(end) => end + 1,
        None => memchr::memchr(b'\n', tail).map_or(records.len(), |end| GATHER + end + 1),
    }
}

/// Takes the last `excess` bytes off a regular file that was just written up to its end.
fn cut(file: &mut File, excess: u64) -> io::Result<()> {
    let metadata = file.metadata()?;
    if excess > 0 && metadata.is_file() && file.stream_position()? == metadata.len() {
        file.set_len(metadata.len().saturating_sub(excess))?;
    }
    Ok(())
}

/// Writes all of it; says how much was taken.
fn write(to: &mut dyn Write, bytes: &[u8]) -> (usize, io::Result<()>) {
    let mut written = 0;
    while let Some(rest) = bytes.get(written..).filter(|rest| !rest.is_empty()) {
        match to.write(rest) {
            Ok(0) => return (written, Err(io::ErrorKind::WriteZero.into())),
            Ok(length) => written += length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (written, Err(error)),
        }
    }
    (written, Ok(()))
}

/// Standard output, past the standard library's line buffer where that can be, and the file that it is.
#[cfg(unix)]
fn stdout() -> io::Result<(Box<dyn Write>, Option<File>)> {
    use std::os::fd::AsFd;
    let file = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    Ok((Box::new(file.try_clone()?), Some(file)))
}

#[cfg(not(unix))]
fn stdout() -> io::Result<(Box<dyn Write>, Option<File>)> {
    Ok((Box::new(io::stdout()), None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    /// Takes up to `room` bytes in writes of at most 7, then fails with `kind`.
    struct Small {
        room: usize,
        kind: io::ErrorKind,
        taken: Arc<Mutex<Vec<u8>>>,
    }

    impl Write for Small {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let length = bytes.len().min(self.room).min(7);
            if length == 0 {
                return Err(self.kind.into());
            }
            self.room -= length;
            self.taken.lock().unwrap().extend(&bytes[..length]);
            Ok(length)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn output(room: usize, kind: io::ErrorKind, must_be_read: bool) -> (Output, Arc<Mutex<Vec<u8>>>) {
        let taken = Arc::new(Mutex::new(Vec::new()));
        let to = Box::new(Small { room, kind, taken: Arc::clone(&taken) });
        (Output::to(to, must_be_read), taken)
    }

    #[test]
    fn records_arrive_whole_and_in_order() {
        let (mut output, taken) = output(usize::MAX, io::ErrorKind::Other, false);
        let mut expected = Vec::new();
        for number in 0..20_000 {
            let record = format!("{{\"n\":{number}}}\n");
            output.records().extend_from_slice(record.as_bytes());
            output.settle().unwrap();
            expected.extend_from_slice(record.as_bytes());
            assert!(taken.lock().unwrap().last().is_none_or(|&last| last == b'\n'));
        }
        output.flush().unwrap();
        assert_eq!(*taken.lock().unwrap(), expected);
    }

    #[test]
    fn big_pieces_end_behind_a_record_wherever_writing_is_stopped() {
        let records: Vec<u8> = (0..300)
            .flat_map(|number| [vec![b'x'; number * number * 31 % 7919], b"\n".to_vec()].concat())
            .chain([&b"y".repeat(3 * GATHER)[..], b"\n", &b"z\n".repeat(GATHER)].concat())
            .collect();
        for pieces in 0..30_u32 {
            let (mut output, taken) = output(usize::MAX, io::ErrorKind::Other, false);
            output.records().extend_from_slice(b"before\n");
            let left = std::cell::Cell::new(pieces);
            let stop = || left.replace(left.get().saturating_sub(1)) == 0;
            let written = output.write(&records, &[], stop).unwrap();
            let taken = taken.lock().unwrap();
            assert_eq!(*taken, [b"before\n", &records[..written]].concat());
            assert_eq!(taken.last(), Some(&b'\n'));
            assert_eq!(written == 0, pieces == 0);
            assert!(pieces < 29 || written == records.len());
        }
    }

    #[test]
    fn few_records_wait_for_more() {
        let (mut output, taken) = output(usize::MAX, io::ErrorKind::Other, false);
        assert_eq!(output.write(b"one\n", &[], || true).unwrap(), 4);
        assert!(taken.lock().unwrap().is_empty());
        output.flush().unwrap();
        assert_eq!(*taken.lock().unwrap(), b"one\n");
    }

    #[test]
    fn packed_records_are_written_in_frames_also_those_that_were_packed_before() {
        for kind in [Compress::Gzip, Compress::Zstd] {
            let (output, taken) = output(usize::MAX, io::ErrorKind::Other, false);
            let mut output = output.packed(Some(kind));
            let many = b"many\n".repeat(GATHER);
            let (mut frame, mut expected) = (Vec::new(), Vec::new());
            Packer::new(kind).frame(&many, &mut frame).unwrap();
            assert_eq!(output.write(b"one\n", &[], || false).unwrap(), 4);
            assert!(taken.lock().unwrap().is_empty(), "few records wait");
            assert_eq!(output.write(&many, &frame, || false).unwrap(), many.len());
            assert_eq!(output.write(&many, &[], || false).unwrap(), many.len());
            assert_eq!(output.write(&many, &frame, || true).unwrap(), 0, "no part of a frame is written");
            for records in [&b"one\n"[..], &many, &many] {
                Packer::new(kind).frame(records, &mut expected).unwrap();
            }
            assert_eq!(*taken.lock().unwrap(), expected);
        }
    }

    #[test]
    fn what_could_not_be_written_is_an_error_that_names_the_output() {
        let (mut output, _) = output(10, io::ErrorKind::StorageFull, false);
        output.records().extend_from_slice(b"one\ntwo\nthree\n");
        let Err(Failure::Error { message, .. }) = output.flush() else { panic!() };
        assert_eq!(message, "cannot write `out`: no storage space");
    }

    #[test]
    fn a_reader_may_go_away_unless_all_must_be_read() {
        for (must_be_read, quiet) in [(false, true), (true, false)] {
            let (mut output, _) = output(0, io::ErrorKind::BrokenPipe, must_be_read);
            output.records().extend_from_slice(b"one\n");
            assert_eq!(matches!(output.flush(), Err(Failure::Closed)), quiet);
        }
    }

    #[test]
    fn a_piece_of_a_record_is_taken_off_a_file_again() {
        let path = std::env::temp_dir().join(format!("xdr-output-{}", std::process::id()));
        let mut file =
            File::options().read(true).write(true).create(true).truncate(true).open(&path).unwrap();
        file.write_all(b"one\ntwo\nthr").unwrap();
        cut(&mut file, 3).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"one\ntwo\n");
        file.rewind().unwrap();
        cut(&mut file, 3).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"one\ntwo\n", "not at the end: left alone");
        std::fs::remove_file(path).unwrap();
    }
}
