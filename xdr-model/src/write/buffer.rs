//! Where bytes are written to.
//!
//! A `Vec` looks for room at every byte. A [`Buffer`] has room made beforehand, and what is short is copied in blocks of a fixed
//! size, which is some instructions instead of a call: what a block has too much is written over by what follows.

use super::plain::{BLOCK, needs_escape, plain_end, special};

/// Takes bytes.
pub trait Output {
    /// Appends a byte.
    fn push(&mut self, byte: u8);
    /// Appends bytes.
    fn extend_from_slice(&mut self, bytes: &[u8]);
    /// Appends the first `length` bytes of words, of each the lowest first.
    fn words<const N: usize>(&mut self, words: [u64; N], length: usize);
    /// Appends a text that JSON has in quotes, if nothing in it needs an escape; whether that was so.
    fn clean_string(&mut self, text: &[u8]) -> bool;
    /// Appends two texts with a dot between them as JSON has them in quotes, if nothing in them needs an escape; whether that was so.
    fn clean_path(&mut self, path: &[u8], key: &[u8]) -> bool;
}

impl Output for Vec<u8> {
    fn push(&mut self, byte: u8) {
        Self::push(self, byte);
    }

    fn extend_from_slice(&mut self, bytes: &[u8]) {
        Self::extend_from_slice(self, bytes);
    }

    fn words<const N: usize>(&mut self, words: [u64; N], length: usize) {
        self.extend(words.into_iter().flat_map(u64::to_le_bytes).take(length));
    }

    fn clean_string(&mut self, text: &[u8]) -> bool {
        let clean = plain_end(text, 0) == text.len();
        if clean {
            self.reserve(text.len().saturating_add(2));
            Self::push(self, b'"');
            Self::extend_from_slice(self, text);
            Self::push(self, b'"');
        }
        clean
    }

    fn clean_path(&mut self, path: &[u8], key: &[u8]) -> bool {
        self.clean_string(&[path, b".", key].concat())
    }
}

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

    /// Writes over what `bytes` holds, from its beginning; it gets at least as long as `room`. What was written before stays behind what is
    /// written, so that no room has to be filled for the next one, if it ends by [`Buffer::leave`].
    pub fn over(bytes: &'o mut Vec<u8>, room: usize) -> Self {
        if bytes.len() < room {
            bytes.resize(room, 0);
        }
        Self { bytes, at: 0 }
    }

    /// Leaves `bytes` as long as it is. What it holds has no meaning then.
    pub fn leave(mut self) {
        self.at = self.bytes.len();
    }

    /// What was written, and, if there was something in front, that too.
    #[inline]
    pub fn written(&self) -> &[u8] {
        self.bytes.get(..self.at).unwrap_or_default()
    }

    /// Takes back what was written behind the first `length` bytes.
    #[inline]
    pub fn truncate(&mut self, length: usize) {
        self.at = self.at.min(length);
    }

    /// Appends the first `length` bytes of `block`.
    #[inline]
    pub fn block<const N: usize>(&mut self, block: &[u8; N], length: usize) {
        if let Some(room) = self.room(N).first_chunk_mut() {
            *room = *block;
        }
        self.at += length.min(N);
    }

    /// As [`Buffer::block`], of two blocks, one behind the other.
    #[inline]
    pub fn blocks(&mut self, one: (&[u8; 32], usize), other: (&[u8; 32], usize)) {
        let (length, more) = (one.1.min(32), other.1.min(32));
        let Some(room) = self.bytes.get_mut(self.at..).and_then(<[u8]>::first_chunk_mut::<64>) else {
            return self.grown_blocks(one, other);
        };
        let (first, _) = room.split_at_mut(32);
        first.copy_from_slice(one.0);
        if let Some(second) = room.get_mut(length..length + 32) {
            second.copy_from_slice(other.0);
        }
        self.at += length + more;
    }

    #[cold]
    #[inline(never)]
    fn grown_blocks(&mut self, one: (&[u8; 32], usize), other: (&[u8; 32], usize)) {
        self.grow(64);
        self.blocks(one, other);
    }

    /// Appends a text up to the first `end` in it, which is left out; gives how many bytes that are. Eight bytes are copied and looked at in
    /// one go: made for texts in which `end` comes again and again.
    pub fn until(&mut self, end: u8, text: &[u8]) -> usize {
        let wanted = ONES * u64::from(end);
        let (words, rest) = text.as_chunks::<8>();
        let (places, _) = self.room(text.len()).as_chunks_mut::<8>();
        let mut length = 0;
        for (word, place) in words.iter().zip(places) {
            *place = *word;
            // The lowest high bit that is set stands for the first byte that is zero.
            let differs = u64::from_le_bytes(*word) ^ wanted;
            let zeros = differs.wrapping_sub(ONES) & !differs & HIGH;
            if zeros != 0 {
                length += zeros.trailing_zeros() as usize / 8;
                self.at += length;
                return length;
            }
            length += 8;
        }
        self.at += length;
        for byte in rest.iter().take_while(|byte| **byte != end) {
            self.push(*byte);
            length += 1;
        }
        length
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
    #[inline(never)]
    fn grown_clean_string(&mut self, text: &[u8], count: usize) -> bool {
        self.grow(count);
        self.clean_string(text)
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
        } else if let (Some(first), Some(last)) = (bytes.first_chunk::<BLOCK>(), bytes.last_chunk::<BLOCK>())
            && length <= 2 * BLOCK
        {
            let room = self.room(2 * BLOCK);
            put(room, 0, first);
            put(room, length - BLOCK, last);
        } else if let Some(room) = self.room(length).get_mut(..length) {
            room.copy_from_slice(bytes);
        }
        self.at += length;
    }

    #[inline]
    fn words<const N: usize>(&mut self, words: [u64; N], length: usize) {
        let (places, _) = self.room(8 * N).as_chunks_mut::<8>();
        for (word, place) in words.into_iter().zip(places) {
            *place = word.to_le_bytes();
        }
        self.at += length.min(8 * N);
    }

    #[inline]
    fn clean_string(&mut self, text: &[u8]) -> bool {
        let length = text.len();
        let needed = length.saturating_add(2 + BLOCK);
        if self.bytes.len() - self.at < needed {
            // No call comes back into what follows, which so needs fewer registers.
            return self.grown_clean_string(text, needed);
        }
        let Some((quote, room)) = self.bytes.get_mut(self.at..).and_then(<[u8]>::split_first_mut) else {
            return false;
        };
        *quote = b'"';
        // What makes no whole block is copied as a last piece that overlaps the one in front of it.
        let clean = if let Some(last) = text.last_chunk::<BLOCK>() {
            let (blocks, _) = text.as_chunks::<BLOCK>();
            let (room_blocks, _) = room.as_chunks_mut::<BLOCK>();
            // What is found is looked at once, behind the last block.
            let mut found = special(last);
            for (block, place) in blocks.iter().zip(room_blocks) {
                found |= special(block);
                *place = *block;
            }
            put(room, length - BLOCK, last);
            found.to_bitmask() == 0
        } else if let (Some(first), Some(last)) = (text.first_chunk::<8>(), text.last_chunk::<8>()) {
            put(room, 0, first);
            put(room, length - 8, last);
            // Both halves together make a block to look at.
            let mut both = [0; BLOCK];
            put(&mut both, 0, first);
            put(&mut both, 8, last);
            special(&both).to_bitmask() == 0
        } else if let (Some(first), Some(last)) = (text.first_chunk::<4>(), text.last_chunk::<4>()) {
            put(room, 0, first);
            put(room, length - 4, last);
            // Both halves together make a word to look at.
            let both = u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << 32;
            word_marks(both) == 0
        } else {
            // Three bytes at most: the first, the one in the middle and the last.
            let mut clean = true;
            if let (Some(first), Some(middle), Some(last)) = (text.first(), text.get(length / 2), text.last())
            {
                for (at, byte) in [(0, first), (length / 2, middle), (length - 1, last)] {
                    clean &= !needs_escape(*byte);
                    put(room, at, &[*byte]);
                }
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

    fn clean_path(&mut self, path: &[u8], key: &[u8]) -> bool {
        let start = self.at;
        if self.clean_string(path) {
            // The quote behind the path is where that in front of the key comes, and then the dot.
            self.at -= 1;
            let between = self.at;
            if self.clean_string(key) {
                if let Some(quote) = self.bytes.get_mut(between) {
                    *quote = b'.';
                }
                return true;
            }
        }
        self.at = start;
        false
    }
}

fn put<const N: usize>(room: &mut [u8], at: usize, bytes: &[u8; N]) {
    if let Some(room) = room.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
        *room = *bytes;
    }
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Not zero if one of eight bytes needs an escape.
const fn word_marks(word: u64) -> u64 {
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

    #[test]
    fn two_blocks_stand_behind_each_other_whatever_room_there_is() {
        let block = |text: &[u8]| {
            let mut block = [b'x'; 32];
            block[..text.len()].copy_from_slice(text);
            block
        };
        for room in [0, 3, 20, 64, 80] {
            let mut bytes = b"<".to_vec();
            let mut buffer = Buffer::new(&mut bytes, room);
            buffer.blocks((&block(b"\"key\":00"), 6), (&block(b"true...."), 4));
            buffer.blocks((&block(b",..."), 1), (&block(b"whole"), 5));
            drop(buffer);
            assert_eq!(bytes, b"<\"key\":true,whole", "{room}");
        }
    }

    #[test]
    fn what_is_written_over_is_left_behind_it() {
        let mut bytes = b"abcdef".to_vec();
        let mut buffer = Buffer::over(&mut bytes, 8);
        assert_eq!(buffer.written(), b"");
        buffer.extend_from_slice(b"xyz");
        buffer.truncate(5);
        buffer.truncate(2);
        assert_eq!(buffer.written(), b"xy");
        buffer.leave();
        assert_eq!((bytes.len(), &bytes[..2]), (8, &b"xy"[..]));
        let mut buffer = Buffer::over(&mut bytes, 4);
        buffer.extend_from_slice(&[b'x'; 40]);
        assert_eq!(buffer.written(), [b'x'; 40]);
        buffer.leave();
        assert!(bytes.len() >= 40);
    }

    proptest! {
        #[test]
        fn a_text_is_copied_up_to_a_byte(text in r"[ab\\\\é]{0,30}", room in 0_usize..40) {
            let mut bytes = b"<".to_vec();
            let mut buffer = Buffer::new(&mut bytes, room);
            let length = buffer.until(b'\\', text.as_bytes());
            drop(buffer);
            let plain = text.split('\\').next().unwrap_or_default();
            prop_assert_eq!(length, plain.len());
            prop_assert_eq!(bytes, [b"<", plain.as_bytes()].concat());
        }

        #[test]
        fn words_are_written_up_to_a_length(words in any::<[u64; 3]>(), length in 0_usize..25, room in 0_usize..40) {
            let (mut bytes, mut vec) = (b"<".to_vec(), b"<".to_vec());
            Buffer::new(&mut bytes, room).words(words, length);
            vec.words(words, length);
            prop_assert_eq!(&bytes, &vec);
            prop_assert_eq!(bytes.len(), 1 + length);
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

        #[test]
        fn a_clean_path_is_copied_and_no_other(
            path in "[ -~é]{0,40}",
            key in "[a-z\"]{0,70}",
            room in 0_usize..140,
            vec in any::<bool>(),
        ) {
            let mut bytes = b"<".to_vec();
            let (one, other) = (path.as_bytes(), key.as_bytes());
            let written =
                if vec { bytes.clean_path(one, other) } else { Buffer::new(&mut bytes, room).clean_path(one, other) };
            prop_assert_eq!(written, !path.bytes().chain(key.bytes()).any(needs_escape));
            let expected = if written { format!("<\"{path}.{key}\"") } else { "<".to_owned() };
            prop_assert_eq!(String::from_utf8(bytes).unwrap(), expected);
        }
    }
}
