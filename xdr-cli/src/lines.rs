//! Cuts a stream of bytes into blocks of whole lines, and a block into its lines.
//!
//! A line ends with LF or CRLF; the last one of an input may lack its ending. A line longer than the limit is handed on in
//! pieces of at most that length, so that no byte is lost and none is kept. Where blocks end never shows in what is handed on.
//!
//! The thread that reads fills blocks and looks for the last line break of what it read; all other line breaks are looked for
//! by the thread that maps. Lines are not copied, but for the beginning of the one that a block breaks off in.

use memchr::{memchr, memrchr};

/// What is handed on, without line endings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// A whole line.
    Line(&'a [u8]),
    /// The first part of a line that is longer than the limit.
    Long(&'a [u8]),
    /// A further part of such a line.
    More(&'a [u8]),
    /// What is there of a line whose rest could not be read.
    Torn(&'a [u8]),
}

/// How the last line of a block ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Ending {
    /// With a line break, or with the input.
    #[default]
    Line,
    /// It is longer than the limit and goes on in the next block.
    Open,
    /// Its rest could not be read.
    Torn,
}

/// What a block leaves to the next one.
#[derive(Debug, Default)]
pub(crate) struct Rest {
    /// The beginning of a line.
    bytes: Vec<u8>,
    /// Its place in the input.
    position: u64,
    /// Whether pieces of the line were left to the block before.
    long: bool,
}

impl Rest {
    /// Nothing, at this place of the input; `long` says that it is within a line of which pieces were taken.
    pub(crate) fn at(position: u64, long: bool) -> Self {
        Self { bytes: Vec::new(), position, long }
    }
}

/// How far the lines of a block were handed on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cursor {
    /// The first byte that was not handed on.
    next: usize,
    /// The end of the current line, if pieces of it were handed on out of this block.
    end: Option<usize>,
    /// Whether pieces of the current line were handed on, out of this block or the one before.
    long: bool,
}

/// Some bytes of the input that hold whole lines.
#[derive(Debug, Default)]
pub(crate) struct Block {
    /// What was read, and behind it room for more. All of it is initialised, so that a block used again need not be.
    bytes: Vec<u8>,
    /// How much was read.
    filled: usize,
    /// How much of that is whole lines.
    whole: usize,
    /// The place of the first byte in the input.
    position: u64,
    ending: Ending,
    cursor: Cursor,
}

/// Filling a block.
impl Block {
    /// Empties the block and begins it with what the one before left over.
    pub(crate) fn begin(&mut self, rest: &mut Rest) {
        let length = rest.bytes.len();
        if self.bytes.len() < length {
            self.bytes.resize(length, 0);
        }
        if let Some(front) = self.bytes.get_mut(..length) {
            front.copy_from_slice(&rest.bytes);
        }
        rest.bytes.clear();
        self.filled = length;
        self.whole = 0;
        self.position = rest.position;
        self.ending = Ending::Line;
        self.cursor = Cursor { next: 0, end: None, long: rest.long };
    }

    /// How many bytes the block will have to hold if a piece of the input is read in addition.
    pub(crate) fn wanted(&self, size: usize) -> usize {
        if self.filled < size { size } else { self.filled.saturating_add(size) }
    }

    /// Where to read to: what `size` leaves free, or, behind a line that is longer than that, as much again. Never empty.
    pub(crate) fn room(&mut self, size: usize) -> &mut [u8] {
        let wanted = self.wanted(size.max(1));
        if self.bytes.len() < wanted {
            self.bytes.resize(wanted, 0);
        }
        self.bytes.get_mut(self.filled..wanted).unwrap_or_default()
    }

    /// Says that so many bytes were read. `limit` is that of a line, in bytes.
    pub(crate) fn took(&mut self, count: usize, limit: usize) {
        let before = self.filled;
        self.filled = before.saturating_add(count).min(self.bytes.len());
        let new = self.bytes.get(before..self.filled).unwrap_or_default();
        if let Some(end) = memrchr(b'\n', new) {
            self.whole = before + end + 1;
        }
        let open = self.filled - self.whole;
        // One more byte than the limit may be the CR of an ending. The last piece stays, be it whole, for the same reason.
        if open > limit.saturating_add(1) {
            self.whole += (open - 1) / limit * limit;
            self.ending = Ending::Open;
        }
    }

    /// Says that the input is at its end. `torn` says that it could not be read further, so that the last line may have lost
    /// its end.
    pub(crate) fn close(&mut self, torn: bool) {
        if self.filled > self.whole {
            self.whole = self.filled;
            self.ending = if torn { Ending::Torn } else { Ending::Line };
        }
    }

    /// Whether something can be handed on.
    pub(crate) fn is_ready(&self) -> bool {
        self.whole > 0
    }

    /// Whether nothing more may be read into the block: it has its size, or ends within a line.
    pub(crate) fn is_full(&self, size: usize) -> bool {
        self.is_ready() && (self.filled >= size || self.ending == Ending::Open)
    }

    /// Whether the block ends with a line that may go on.
    pub(crate) fn is_open(&self) -> bool {
        self.filled > self.whole
    }

    /// Gives the line that breaks off to the next block.
    pub(crate) fn leave(&mut self, rest: &mut Rest) {
        rest.bytes.clear();
        rest.bytes.extend_from_slice(self.bytes.get(self.whole..self.filled).unwrap_or_default());
        rest.position = self.position + self.whole as u64;
        // Of a block without a whole line nothing was handed on, so what held at its beginning still holds.
        rest.long = self.ending == Ending::Open || (self.whole == 0 && self.cursor.long);
        self.filled = self.whole;
    }

    /// Frees the memory if it has grown beyond `most`, for the sake of one long line.
    pub(crate) fn trim(&mut self, most: usize) {
        if self.bytes.len() > most {
            *self = Self::default();
        }
    }
}

/// Handing on the lines of a block.
impl Block {
    /// The next piece and its place in the input. `limit` is that of a line, in bytes, not 0.
    pub(crate) fn next(&mut self, limit: usize) -> Option<(Piece<'_>, u64)> {
        loop {
            let Cursor { next, end, long } = self.cursor;
            let rest = self.bytes.get(next..self.whole)?;
            if rest.is_empty() && end.is_none() {
                return None;
            }
            let length = match end {
                Some(end) => end - next,
                None => memchr(b'\n', rest).unwrap_or(rest.len()),
            };
            let line = rest.get(..length)?;
            let (ending, past) = match rest.get(length) {
                Some(_) => (Ending::Line, next + length + 1),
                None => (self.ending, self.whole),
            };
            let at = self.position + next as u64;
            if ending == Ending::Torn && !long {
                self.cursor = Cursor { next: past, end: None, long: false };
                return Some((Piece::Torn(line), at));
            }
            let text = match ending {
                Ending::Open => line,
                Ending::Line | Ending::Torn => line.strip_suffix(b"\r").unwrap_or(line),
            };
            if !long && text.len() <= limit && ending == Ending::Line {
                self.cursor = Cursor { next: past, end: None, long: false };
                return Some((Piece::Line(text), at));
            }
            let (piece, more) = text.split_at(text.len().min(limit));
            self.cursor = if more.is_empty() {
                Cursor { next: past, end: None, long: false }
            } else {
                Cursor { next: next + piece.len(), end: Some(next + length), long: true }
            };
            // Behind the last piece there may be nothing but the line's ending.
            if !piece.is_empty() {
                return Some((if long { Piece::More(piece) } else { Piece::Long(piece) }, at));
            }
        }
    }

    /// The place in the input of what is handed on next.
    pub(crate) fn at(&self) -> u64 {
        self.position + self.cursor.next as u64
    }

    /// Whether all was handed on.
    pub(crate) fn is_done(&self) -> bool {
        self.cursor.next >= self.whole
    }

    /// What was handed on, line breaks included.
    pub(crate) fn passed(&self) -> &[u8] {
        self.bytes.get(..self.cursor.next).unwrap_or_default()
    }

    /// Whether what is handed on next is a further piece of a line.
    pub(crate) fn is_within(&self) -> bool {
        self.cursor.long || (self.is_done() && self.ending == Ending::Open)
    }

    /// How far the lines were handed on.
    pub(crate) fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// Hands on again what was handed on behind this place of the same block.
    pub(crate) fn rewind(&mut self, cursor: Cursor) {
        self.cursor = cursor;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes out, as `L3:text` (line at 3), `P3:text` (first piece), `M3:text` (further piece) or
    /// `T3:text` (torn), of an input that is read in these chunks into blocks of that size; `fill` says whether blocks are filled.
    fn cut(limit: usize, chunks: &[&[u8]], size: usize, fill: bool, torn: bool) -> Vec<String> {
        let mut out = Vec::new();
        let mut hand_on = |block: &mut Block| {
            while let Some((piece, at)) = block.next(limit) {
                let (letter, text) = match piece {
                    Piece::Line(text) => ('L', text),
                    Piece::Long(text) => ('P', text),
                    Piece::More(text) => ('M', text),
                    Piece::Torn(text) => ('T', text),
                };
                out.push(format!("{letter}{at}:{}", String::from_utf8_lossy(text)));
            }
            assert!(block.is_done());
            assert_eq!(block.at(), block.position + block.filled as u64, "nothing is left");
        };
        let mut rest = Rest::default();
        let mut block = Block::default();
        block.begin(&mut rest);
        for mut chunk in chunks.iter().copied() {
            while !chunk.is_empty() {
                let room = block.room(size);
                let count = room.len().min(chunk.len());
                room[..count].copy_from_slice(&chunk[..count]);
                chunk = &chunk[count..];
                block.took(count, limit);
                if if fill { block.is_full(size) } else { block.is_ready() } {
                    block.leave(&mut rest);
                    hand_on(&mut block);
                    block.begin(&mut rest);
                }
                assert!(block.filled <= (limit + 1).max(size) + size, "no more than the limit is kept");
            }
        }
        block.close(torn);
        block.leave(&mut rest);
        hand_on(&mut block);
        assert_eq!(rest.position, chunks.iter().map(|chunk| chunk.len() as u64).sum::<u64>());
        assert!(rest.bytes.is_empty());
        out
    }

    /// All lines in one block.
    fn whole(limit: usize, input: &[u8], torn: bool) -> Vec<String> {
        cut(limit, &[input], input.len() + 1, true, torn)
    }

    #[test]
    fn lines_end_with_lf_or_crlf_and_the_last_may_lack_its_ending() {
        for (input, expected) in [
            ("", vec![]),
            ("a", vec!["L0:a"]),
            ("a\n", vec!["L0:a"]),
            ("a\nbc\r\n\nd", vec!["L0:a", "L2:bc", "L6:", "L7:d"]),
            ("\r\n\r\n", vec!["L0:", "L2:"]),
            ("a\rb\n", vec!["L0:a\rb"]),
        ] {
            assert_eq!(whole(10, input.as_bytes(), false), expected, "{input:?}");
        }
    }

    #[test]
    fn where_chunks_and_blocks_end_does_not_matter() {
        let input = b"one\r\ntwo\n\nlonger than ten\r\nexactly 10\r\nexactly 10\nexactly twenty bytes\r\n\
                      \r\nmore than twenty bytes\nlast";
        let expected = [
            "L0:one",
            "L5:two",
            "L9:",
            "P10:longer tha",
            "M20:n ten",
            "L27:exactly 10",
            "L39:exactly 10",
            "P50:exactly tw",
            "M60:enty bytes",
            "L72:",
            "P74:more than ",
            "M84:twenty byt",
            "M94:es",
            "L97:last",
        ];
        assert_eq!(whole(10, input, false), expected);
        for size in 1..input.len() {
            for length in 1..input.len() {
                let chunks: Vec<_> = input.chunks(length).collect();
                for fill in [false, true] {
                    let out = cut(10, &chunks, size, fill, false);
                    assert_eq!(out, expected, "chunks of {length}, blocks of {size}");
                }
            }
        }
    }

    #[test]
    fn pieces_of_a_long_line_join_to_the_line() {
        let line = [b'x'; 1000];
        for limit in [1, 7, 100, 999, 1000] {
            for size in [1, 64, 1000] {
                let chunks: Vec<_> = line.chunks(size).collect();
                let mut length = 0;
                for piece in cut(limit, &chunks, size, true, false) {
                    let text = piece.split_once(':').unwrap().1;
                    assert!(text.len() <= limit && !text.is_empty());
                    length += text.len();
                }
                assert_eq!(length, 1000, "limit {limit}, chunks of {size}");
            }
        }
    }

    #[test]
    fn what_is_left_when_reading_fails_is_torn() {
        assert_eq!(whole(10, b"a\nbc", true), ["L0:a", "T2:bc"]);
        assert_eq!(whole(10, b"a\n", true), ["L0:a"]);
        assert_eq!(whole(10, b"", true), Vec::<String>::new());
        for size in 1..7 {
            assert_eq!(cut(2, &[b"abcde"], size, true, true), ["P0:ab", "M2:cd", "M4:e"], "{size}");
        }
    }

    #[test]
    fn a_block_can_be_handed_on_again_from_any_piece() {
        let input = b"one\nlonger than ten\r\n\nlast";
        let mut block = Block::default();
        block.begin(&mut Rest::default());
        block.room(100)[..input.len()].copy_from_slice(input);
        block.took(input.len(), 10);
        block.close(false);
        let all = |block: &mut Block| {
            let mut out = Vec::new();
            while let Some((piece, at)) = block.next(10) {
                out.push(format!("{at}{piece:?}"));
            }
            out
        };
        let mut cursors = Vec::new();
        loop {
            cursors.push(block.cursor());
            if block.next(10).is_none() {
                break;
            }
        }
        block.rewind(cursors[0]);
        let whole = all(&mut block);
        assert_eq!(whole.len() + 1, cursors.len());
        for (at, cursor) in cursors.into_iter().enumerate() {
            block.rewind(cursor);
            assert_eq!(all(&mut block), whole[at..]);
        }
    }

    #[test]
    fn memory_of_one_long_line_is_given_back() {
        let mut block = Block::default();
        block.begin(&mut Rest::default());
        for _ in 0..10 {
            let count = block.room(100).len();
            block.took(count, 10_000);
        }
        assert!(block.bytes.len() >= 1000);
        block.trim(1000);
        assert!(block.bytes.len() <= 1000);
    }
}
