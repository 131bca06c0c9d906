//! The grammar of JSON (RFC 8259), strict: a reader that goes through a text once and says where it is wrong.
//!
//! Its steps give nothing where the text is wrong, and the reader keeps the reason: what they give fits registers that way.

use xdr_model::write::plain_end;

use crate::field::{Field, Shape};
use crate::format::Miss;
use crate::format::text::{skip_while, slice};
use crate::lookup;

/// How deep arrays and objects may be nested. Readers of the output refuse more than 127 levels, and what is kept of a record
/// stands up to four levels deeper there.
pub const DEPTH: u32 = 120;

#[inline]
pub(super) const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// Whether the text is one string.
pub(super) fn is_string(text: &str) -> bool {
    let mut check = Check::of(text);
    check.peek() == Some(b'"') && check.text().is_some() && check.at == text.len()
}

/// A text, and how much of it is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Check<'t> {
    text: &'t str,
    /// The next byte.
    pub(super) at: usize,
    /// What the next byte should have been, once it was wrong.
    expected: &'static str,
}

impl<'t> Check<'t> {
    pub(super) const fn of(text: &'t str) -> Self {
        Self { text, at: 0, expected: "" }
    }

    /// Why a step gave nothing.
    #[cold]
    pub(super) const fn reason(&self) -> Miss {
        Miss { at: self.at, expected: self.expected }
    }

    #[inline]
    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The text from byte `start` up to the next byte.
    #[inline]
    pub(super) fn since(&self, start: usize) -> &'t str {
        slice(self.text, start, self.at)
    }

    #[inline]
    pub(super) fn blanks(&mut self) {
        // Mostly there are none.
        if self.peek().is_some_and(is_blank) {
            self.skip_blanks();
        }
    }

    fn skip_blanks(&mut self) {
        self.at = skip_while(self.text.as_bytes(), self.at, is_blank);
    }

    #[inline]
    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let is = self.peek() == Some(byte);
        self.at += usize::from(is);
        is
    }

    #[cold]
    pub(super) fn miss<T>(&mut self, expected: &'static str) -> Option<T> {
        self.expected = expected;
        None
    }

    /// That nothing but blanks is left.
    pub(super) fn end(&mut self) -> Option<()> {
        self.blanks();
        if self.at < self.text.len() { self.miss("the end of the record") } else { Some(()) }
    }

    /// Opens an array or object, which ends with the bracket `close`; `false` if it ends at once. `depth`: how many are open.
    #[inline]
    pub(super) fn open(&mut self, close: u8, depth: u32) -> Option<bool> {
        if depth >= DEPTH {
            return self.miss("at most 120 levels");
        }
        self.at += 1;
        self.blanks();
        Some(!self.eat(close))
    }

    /// Behind a member of an object: whether another one follows.
    #[inline]
    pub(super) fn next_member(&mut self) -> Option<bool> {
        self.next(b'}', "`,` or `}`")
    }

    /// Behind an element of an array: whether another one follows.
    #[inline]
    pub(super) fn next_element(&mut self) -> Option<bool> {
        self.next(b']', "`,` or `]`")
    }

    #[inline]
    fn next(&mut self, close: u8, expected: &'static str) -> Option<bool> {
        if !self.eat(b',') {
            self.blanks();
            if self.eat(close) {
                return Some(false);
            }
            if !self.eat(b',') {
                return self.miss(expected);
            }
        }
        self.blanks();
        Some(true)
    }

    /// A key and the colon behind it.
    #[expect(clippy::inline_always, reason = "half of its work would be handing over what it found")]
    #[inline(always)]
    pub(super) fn key(&mut self) -> Option<Field<'t>> {
        if self.peek() != Some(b'"') {
            return self.miss("a key");
        }
        let key = self.text()?;
        if !self.eat(b':') {
            self.blanks();
            if !self.eat(b':') {
                return self.miss("`:`");
            }
        }
        self.blanks();
        Some(key)
    }

    /// Takes these bytes, a key in its quotes and the colon behind it, if they are next.
    #[inline]
    pub(super) fn eat_key(&mut self, quoted: &str) -> bool {
        let behind = self.at + quoted.len();
        let next = self.text.as_bytes().get(self.at..behind);
        let is = next.is_some_and(|next| lookup::is_same(next, quoted.as_bytes()));
        if is {
            self.at = behind;
            self.blanks();
        }
        is
    }

    /// A string, whose quote is the next byte: what is inside.
    #[expect(clippy::inline_always, reason = "half of its work would be handing over what it found")]
    #[inline(always)]
    pub(super) fn text(&mut self) -> Option<Field<'t>> {
        let start = self.at + 1;
        self.at = plain_end(self.text.as_bytes(), start);
        if self.peek() != Some(b'"') {
            self.rest_of_text()?;
            let raw = self.since(start);
            self.at += 1;
            return Some(Field { raw, shape: Shape::Escaped });
        }
        let raw = self.since(start);
        self.at += 1;
        Some(Field::text(raw))
    }

    /// Goes on to the quote that ends a string, from its first byte on that is not plain and no quote.
    fn rest_of_text(&mut self) -> Option<()> {
        loop {
            match self.peek() {
                Some(b'"') => return Some(()),
                Some(b'\\') => self.escape()?,
                Some(_) => return self.miss("an escape instead of a control character"),
                None => return self.miss("a closing quote"),
            }
            self.at = plain_end(self.text.as_bytes(), self.at);
        }
    }

    #[inline]
    fn escape(&mut self) -> Option<()> {
        self.at += 1;
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 1,
            Some(b'u') => {
                self.at += 1;
                for _ in 0..4 {
                    if !self.peek().is_some_and(|byte| byte.is_ascii_hexdigit()) {
                        return self.miss("four hexadecimal digits");
                    }
                    self.at += 1;
                }
            }
            _ => return self.miss("an escape"),
        }
        Some(())
    }

    /// Any value. `depth`: how many arrays and objects are open around it.
    #[inline]
    pub(super) fn value(&mut self, depth: u32) -> Option<Field<'t>> {
        let start = self.at;
        // A call gives its form alone: a whole field would come back through memory.
        let shape = self.pass(depth)?;
        let raw = match shape {
            Shape::Text | Shape::Escaped => slice(self.text, start + 1, self.at - 1),
            _ => self.since(start),
        };
        Some(Field { raw, shape })
    }

    /// Passes any value; gives how it is written.
    fn pass(&mut self, depth: u32) -> Option<Shape> {
        if self.peek() == Some(b'"') { self.text().map(|text| text.shape) } else { self.other(depth) }
    }

    /// A value that is no string.
    fn other(&mut self, depth: u32) -> Option<Shape> {
        match self.peek() {
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word(b"true", Shape::Boolean),
            Some(b'f') => self.word(b"false", Shape::Boolean),
            Some(b'n') => self.word(b"null", Shape::Absent),
            Some(b'{') => {
                let mut more = self.open(b'}', depth)?;
                while more {
                    self.key()?;
                    self.value(depth + 1)?;
                    more = self.next_member()?;
                }
                Some(Shape::Object)
            }
            Some(b'[') => {
                let mut more = self.open(b']', depth)?;
                while more {
                    self.value(depth + 1)?;
                    more = self.next_element()?;
                }
                Some(Shape::Array)
            }
            _ => self.miss("a value"),
        }
    }

    #[inline]
    fn number(&mut self) -> Option<Shape> {
        self.eat(b'-');
        if !self.eat(b'0') {
            self.digits()?;
        }
        if self.eat(b'.') {
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            let _sign = self.eat(b'+') || self.eat(b'-');
            self.digits()?;
        }
        Some(Shape::Number)
    }

    #[inline]
    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        self.at = skip_while(self.text.as_bytes(), self.at, |byte| byte.is_ascii_digit());
        if self.at == start { self.miss("a digit") } else { Some(()) }
    }

    #[inline]
    fn word(&mut self, word: &[u8], shape: Shape) -> Option<Shape> {
        if self.text.as_bytes().get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
            self.at += word.len();
            return Some(shape);
        }
        self.miss("a value")
    }
}
