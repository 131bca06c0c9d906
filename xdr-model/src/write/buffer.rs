//! Where bytes are written to.
//!
//! A `Vec` looks for room at every byte. A [`Buffer`] has room made beforehand, and what is short is copied in blocks of a fixed
//! size, which is some instructions instead of a call: what a block has too much is written over by what follows.

/// Takes bytes.
pub trait Output {
    /// Appends a byte.
    fn push(&mut self, byte: u8);
    /// Appends bytes.
    fn extend_from_slice(&mut self, bytes: &[u8]);
    /// Appends a text that JSON has in quotes, if nothing in it needs an escape; whether that was so.
    fn clean_string(&mut self, text: &[u8]) -> bool;
}

impl Output for Vec<u8> {
    fn push(&mut self, byte: u8) {
        Self::push(self, byte);
    }

    fn extend_from_slice(&mut self, bytes: &[u8]) {
        Self::extend_from_slice(self, bytes);
    }

    fn clean_string(&mut self, text: &[u8]) -> bool {
        let clean = is_clean(text);
        if clean {
            self.reserve(text.len().saturating_add(2));
            Self::push(self, b'"');
            Self::extend_from_slice(self, text);
            Self::push(self, b'"');
        }
        clean
    }
}

/// The bytes of a block.
const BLOCK: usize = 16;

/// How much more room than is needed is made when it runs out.
const GROWTH: usize = 1024;

/// Appends to a `Vec`; when it is dropped, the `Vec` ends behind the last byte that was written.
#[derive(Debug)]
pub struct Buffer<'o> {
    /// All of it may be written to.
    bytes: &'o mut Vec<u8>,
    /// Where the next byte goes.
    at: usize,
}

impl<'o> Buffer<'o> {
    /// Writes behind what `bytes` holds. `room` is how many bytes are likely to be written; there may be more.
    pub fn new(bytes: &'o mut Vec<u8>, room: usize) -> Self {
        let at = bytes.len();
        bytes.resize(at.saturating_add(room), 0);
        Self { bytes, at }
    }

    /// Appends the first `length` bytes of `block`.
    #[inline]
    pub fn block<const N: usize>(&mut self, block: &[u8; N], length: usize) {
        if let Some(room) = self.room(N).first_chunk_mut() {
            *room = *block;
        }
        self.at += length.min(N);
    }

    /// At least `count` bytes, the next of which is written first.
    #[inline]
    fn room(&mut self, count: usize) -> &mut [u8] {
        if self.bytes.len() - self.at < count {
            self.grow(count);
        }
        self.bytes.get_mut(self.at..).unwrap_or_default()
    }

    #[cold]
    fn grow(&mut self, count: usize) {
        // What is added is filled with zeros, so it goes by what is written now and not by all that the `Vec` holds.
        self.bytes.resize(self.at.saturating_add(count).saturating_add(GROWTH), 0);
    }
}

impl Drop for Buffer<'_> {
    fn drop(&mut self) {
        self.bytes.truncate(self.at);
    }
}

impl Output for Buffer<'_> {
    #[inline]
    fn push(&mut self, byte: u8) {
        if let Some(room) = self.room(1).first_mut() {
            *room = byte;
        }
        self.at += 1;
    }

    #[inline]
    fn extend_from_slice(&mut self, bytes: &[u8]) {
        let length = bytes.len();
        // Two pieces of a fixed size, which overlap, are copied without a call.
        if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>())
            && length <= BLOCK
        {
            let room = self.room(BLOCK);
            put(room, 0, first);
            put(room, length - 8, last);
        } else if let Some(room) = self.room(length).get_mut(..length) {
            room.copy_from_slice(bytes);
        }
        self.at += length;
    }

    #[inline]
    fn clean_string(&mut self, text: &[u8]) -> bool {
        let length = text.len();
        let Some((quote, room)) = self.room(length.saturating_add(2 + BLOCK)).split_first_mut() else {
            return false;
        };
        *quote = b'"';
        // What makes no whole block is copied as a last piece that overlaps the one in front of it.
        let clean = if let Some(last) = text.last_chunk::<BLOCK>() {
            let (blocks, _) = text.as_chunks::<BLOCK>();
            let (room_blocks, _) = room.as_chunks_mut::<BLOCK>();
            let mut clean = block_is_clean(last);
            for (block, place) in blocks.iter().zip(room_blocks) {
                clean &= block_is_clean(block);
                *place = *block;
            }
            put(room, length - BLOCK, last);
            clean
        } else if let (Some(first), Some(last)) = (text.first_chunk::<8>(), text.last_chunk::<8>()) {
            put(room, 0, first);
            put(room, length - 8, last);
            word_marks(u64::from_le_bytes(*first)) | word_marks(u64::from_le_bytes(*last)) == 0
        } else if let (Some(first), Some(last)) = (text.first_chunk::<4>(), text.last_chunk::<4>()) {
            put(room, 0, first);
            put(room, length - 4, last);
            // Both halves together make a word to look at.
            let both = u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << 32;
            word_marks(both) == 0
        } else {
            let mut clean = true;
            for (byte, place) in text.iter().zip(room.iter_mut()) {
                clean &= !needs_escape(*byte);
                *place = *byte;
            }
            clean
        };
        if !clean {
            return false;
        }
        if let Some(quote) = room.get_mut(length) {
            *quote = b'"';
        }
        self.at += length + 2;
        true
    }
}

fn put<const N: usize>(room: &mut [u8], at: usize, bytes: &[u8; N]) {
    if let Some(room) = room.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
        *room = *bytes;
    }
}

/// Whether JSON has an escape for this byte: quotes, backslashes and control characters.
pub(super) const fn needs_escape(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

/// How many bytes stand in front of the first that needs an escape.
#[inline]
pub fn plain_length(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        // The lowest mark is right, those behind it may not be.
        let marks = word_marks(u64::from_le_bytes(*word));
        if marks != 0 {
            return index * 8 + (marks.trailing_zeros() / 8) as usize;
        }
    }
    let start = bytes.len() - rest.len();
    start + rest.iter().position(|byte| needs_escape(*byte)).unwrap_or(rest.len())
}

/// Whether no byte needs an escape, as is so of most texts.
fn is_clean(bytes: &[u8]) -> bool {
    let (chunks, rest) = bytes.as_chunks::<8>();
    if rest.is_empty() || !chunks.is_empty() {
        let clean = |chunk: &[u8; 8]| word_marks(u64::from_le_bytes(*chunk)) == 0;
        // The last eight bytes may overlap others.
        return chunks.iter().all(clean) && bytes.last_chunk().is_none_or(clean);
    }
    rest.iter().all(|&byte| !needs_escape(byte))
}

/// Whether no byte of a block needs an escape. Without a way out, so that the compiler looks at all bytes at once.
#[inline]
fn block_is_clean(block: &[u8; BLOCK]) -> bool {
    block.iter().fold(true, |clean, byte| clean & !needs_escape(*byte))
}

/// Not zero if one of eight bytes needs an escape.
const fn word_marks(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    /// The high bit of a byte, and maybe of some behind it, is set if the byte is below `limit`.
    const fn below(word: u64, limit: u64) -> u64 {
        word.wrapping_sub(ONES * limit) & !word & HIGH
    }
    below(word, 0x20) | below(word ^ (ONES * b'"' as u64), 1) | below(word ^ (ONES * b'\\' as u64), 1)
}

#[cfg(test)]
mod tests {
    use super::{Buffer, Output, needs_escape};
    use proptest::prelude::{any, prop_assert_eq, proptest};

    #[test]
    fn what_was_written_is_all_there_is() {
        let mut bytes = b"ab".to_vec();
        let mut buffer = Buffer::new(&mut bytes, 4);
        buffer.block(b",\"key\":         ", 7);
        buffer.push(b'1');
        buffer.extend_from_slice(&[b'x'; 40]);
        drop(buffer);
        assert_eq!(bytes, [b"ab,\"key\":1", [b'x'; 40].as_slice()].concat());
    }

    proptest! {
        #[test]
        fn plain_bytes_are_counted(text in "[ -~é\\n]{0,70}") {
            let first = text.bytes().position(needs_escape).unwrap_or(text.len());
            prop_assert_eq!(super::plain_length(text.as_bytes()), first);
        }

        #[test]
        fn a_clean_text_is_copied_and_no_other(text in "[ -~é\\n]{0,70}", room in 0_usize..80, vec in any::<bool>()) {
            let mut bytes = b"<".to_vec();
            let written = if vec {
                bytes.clean_string(text.as_bytes())
            } else {
                Buffer::new(&mut bytes, room).clean_string(text.as_bytes())
            };
            prop_assert_eq!(written, !text.bytes().any(needs_escape));
            let expected = if written { format!("<\"{text}\"") } else { "<".to_owned() };
            prop_assert_eq!(String::from_utf8(bytes).unwrap(), expected);
        }
    }
}
