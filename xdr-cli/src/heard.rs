//! Reading what may keep its reader waiting, such as a pipe, without keeping a signal waiting too.
//!
//! A thread of its own reads. A signal ends the input behind what was read by then, which cannot be read again.

use std::io::{self, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use crate::failure::Failure;
use crate::input::Input;
use crate::reader;
use crate::signals::Stop;

/// How much is read at a time, in bytes.
const BLOCK: usize = 64 << 10;
/// How long is waited for input before a signal is looked for again.
const WAIT: Duration = Duration::from_millis(100);

/// An input that ends where a signal comes.
pub(crate) struct Heard {
    /// What was read. An empty block is the end.
    blocks: Receiver<io::Result<Vec<u8>>>,
    block: Cursor<Vec<u8>>,
    ended: bool,
    stop: Stop,
}

impl Heard {
    /// Starts to read the input.
    ///
    /// # Errors
    /// There can be no thread.
    pub(crate) fn start(input: Input, stop: &Stop) -> Result<Self, Failure> {
        let (to, blocks) = bounded(1);
        let seen = stop.clone();
        reader::spawn("read", move || {
            if let Err(error) = read(input, &to, &seen) {
                // Nobody may be left to be told.
                let _ = to.send(Err(error));
            }
        })?;
        Ok(Self { blocks, block: Cursor::default(), ended: false, stop: stop.clone() })
    }
}

/// Reads up to the end, or to a signal.
fn read(input: Input, to: &Sender<io::Result<Vec<u8>>>, stop: &Stop) -> io::Result<()> {
    let (mut from, _) = input.start(&Arc::new(AtomicU64::new(0)))?;
    loop {
        let mut block = vec![0; BLOCK];
        let length = match stop.signal() {
            Some(_) => 0,
            None => match from.read(&mut block) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                read => read?,
            },
        };
        block.truncate(length);
        if to.send(Ok(block)).is_err() || length == 0 {
            return Ok(());
        }
    }
}

impl Read for Heard {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.block.read(buffer)?;
            if count > 0 || self.ended {
                return Ok(count);
            }
            match self.blocks.recv_timeout(WAIT) {
                Ok(block) => {
                    self.block = Cursor::new(block?);
                    self.ended = self.block.get_ref().is_empty();
                }
                Err(RecvTimeoutError::Timeout) if self.stop.signal().is_some() => return Ok(0),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(io::Error::other("reading ended by a fault of the program"));
                }
            }
        }
    }
}
