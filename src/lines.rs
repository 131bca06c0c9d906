//! Cuts a stream of bytes into lines, in bounded memory.
//!
//! A line ends with LF or CRLF; the last one may lack its ending. A line longer than the limit is handed on in pieces of at
//! most that length, so that no byte is lost and none is kept. Lines inside one chunk are not copied.

use memchr::memchr;

/// What is handed on, without line endings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// A whole line.
    Line(&'a [u8]),
    /// A part of a line that is longer than the limit.
    Long(&'a [u8]),
    /// What is there of a line whose rest could not be read.
    Torn(&'a [u8]),
}

/// The state between chunks. At most the limit and one chunk are kept.
#[derive(Debug)]
pub(crate) struct Lines {
    limit: usize,
    /// What is known of the current line and not handed on yet.
    pending: Vec<u8>,
    /// Whether pieces of the current line were handed on.
    long: bool,
    /// The place of `pending` in the input, in bytes.
    position: u64,
}

impl Lines {
    /// Lines of at most `limit` bytes without their endings; a limit of 0 counts as 1.
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit: limit.max(1), pending: Vec::new(), long: false, position: 0 }
    }

    /// The bytes of input that were handed on or skipped as line endings.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// Takes the next bytes of the input and hands on what they complete, with its place in the input.
    ///
    /// # Errors
    /// The first that `each` gives; the rest of the chunk is then lost.
    pub(crate) fn feed<E>(
        &mut self,
        mut chunk: &[u8],
        mut each: impl FnMut(Piece<'_>, u64) -> Result<(), E>,
    ) -> Result<(), E> {
        while let Some(end) = memchr(b'\n', chunk) {
            let (line, rest) = chunk.split_at(end);
            if self.pending.is_empty() {
                self.line(line, &mut each)?;
            } else {
                let mut pending = std::mem::take(&mut self.pending);
                pending.extend_from_slice(line);
                self.line(&pending, &mut each)?;
                pending.clear();
                self.pending = pending;
            }
            self.position += 1;
            self.long = false;
            chunk = rest.get(1..).unwrap_or_default();
        }
        self.pending.extend_from_slice(chunk);
        // One more byte than the limit may be the CR of an ending.
        if self.pending.len() > self.limit.saturating_add(1) {
            self.long = true;
            let pending = std::mem::take(&mut self.pending);
            // The last piece stays, be it whole: it may end with the CR of the ending.
            let (pieces, last) = pending.split_at((pending.len() - 1) / self.limit * self.limit);
            for piece in pieces.chunks(self.limit) {
                each(Piece::Long(piece), self.position)?;
                self.position += piece.len() as u64;
            }
            self.pending = last.to_vec();
        }
        Ok(())
    }

    /// The input, or one file of it, is at its end: hands on a last line without an ending. `torn` says that reading failed
    /// there, so that the line may have lost its end.
    ///
    /// # Errors
    /// The first that `each` gives.
    pub(crate) fn end<E>(
        &mut self,
        torn: bool,
        mut each: impl FnMut(Piece<'_>, u64) -> Result<(), E>,
    ) -> Result<(), E> {
        let pending = std::mem::take(&mut self.pending);
        if !pending.is_empty() {
            if torn && !self.long {
                each(Piece::Torn(&pending), self.position)?;
                self.position += pending.len() as u64;
            } else {
                self.line(&pending, &mut each)?;
            }
        }
        self.long = false;
        Ok(())
    }

    /// Hands on a line that is complete up to its LF.
    fn line<E>(
        &mut self,
        line: &[u8],
        each: &mut impl FnMut(Piece<'_>, u64) -> Result<(), E>,
    ) -> Result<(), E> {
        let text = line.strip_suffix(b"\r").unwrap_or(line);
        if !self.long && text.len() <= self.limit {
            each(Piece::Line(text), self.position)?;
        } else {
            let mut at = self.position;
            for piece in text.chunks(self.limit) {
                each(Piece::Long(piece), at)?;
                at += piece.len() as u64;
            }
        }
        self.position += line.len() as u64;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes out, as `L3:text` (line at 3), `P3:text` (piece) or `T3:text` (torn).
    fn cut(limit: usize, chunks: &[&[u8]], torn: bool) -> Vec<String> {
        let mut lines = Lines::new(limit);
        let mut out = Vec::new();
        let mut each = |piece: Piece<'_>, at: u64| {
            let (letter, text) = match piece {
                Piece::Line(text) => ('L', text),
                Piece::Long(text) => ('P', text),
                Piece::Torn(text) => ('T', text),
            };
            out.push(format!("{letter}{at}:{}", String::from_utf8_lossy(text)));
            Ok::<_, ()>(())
        };
        for chunk in chunks {
            lines.feed(chunk, &mut each).unwrap();
        }
        lines.end(torn, &mut each).unwrap();
        assert_eq!(lines.position(), chunks.iter().map(|chunk| chunk.len() as u64).sum::<u64>());
        out
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
            assert_eq!(cut(10, &[input.as_bytes()], false), expected, "{input:?}");
        }
    }

    #[test]
    fn where_chunks_end_does_not_matter() {
        let input = b"one\r\ntwo\n\nlonger than ten\r\nexactly 10\r\nexactly 10\nlast";
        let whole = cut(10, &[input], false);
        assert_eq!(
            whole,
            [
                "L0:one",
                "L5:two",
                "L9:",
                "P10:longer tha",
                "P20:n ten",
                "L27:exactly 10",
                "L39:exactly 10",
                "L50:last"
            ]
        );
        for size in 1..input.len() {
            let chunks: Vec<_> = input.chunks(size).collect();
            assert_eq!(cut(10, &chunks, false), whole, "chunks of {size}");
        }
    }

    #[test]
    fn pieces_of_a_long_line_join_to_the_line() {
        let line = [b'x'; 1000];
        for limit in [1, 7, 100, 999, 1000] {
            for size in [1, 64, 1000] {
                let chunks: Vec<_> = line.chunks(size).collect();
                let mut length = 0;
                for piece in cut(limit, &chunks, false) {
                    let text = piece.split_once(':').unwrap().1;
                    assert!(text.len() <= limit && !text.is_empty());
                    length += text.len();
                }
                assert_eq!(length, 1000, "limit {limit}, chunks of {size}");
            }
        }
    }

    #[test]
    fn memory_stays_at_the_limit_and_a_chunk() {
        let mut lines = Lines::new(1000);
        for _ in 0..10_000 {
            lines.feed(&[b'x'; 100], |_, _| Ok::<_, ()>(())).unwrap();
            assert!(lines.pending.len() <= 1101);
        }
    }

    #[test]
    fn what_is_left_when_reading_fails_is_torn() {
        assert_eq!(cut(10, &[b"a\nbc"], true), ["L0:a", "T2:bc"]);
        assert_eq!(cut(10, &[b"a\n"], true), ["L0:a"]);
        assert_eq!(cut(2, &[b"abcde"], true), ["P0:ab", "P2:cd", "P4:e"]);
    }

    #[test]
    fn an_error_ends_the_feed() {
        let mut seen = 0;
        let result = Lines::new(10).feed(b"a\nb\nc\n", |_, _| {
            seen += 1;
            if seen == 2 { Err("stop") } else { Ok(()) }
        });
        assert_eq!((result, seen), (Err("stop"), 2));
    }
}
