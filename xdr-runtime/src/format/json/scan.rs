//! The grammar of JSON, twice: once strict, over a whole text, and once tolerant, to walk through a text that is known to be
//! right. The tolerant half still ends on any text.

use memchr::memchr;
use smallvec::SmallVec;
use xdr_model::write::{Output, plain_length};

use crate::field::{Field, Shape};
use crate::format::Miss;
use crate::format::json::string;
use crate::format::text::{after, skip_while, slice};

/// How deep arrays and objects may be nested. Readers of the output refuse more than 127 levels, and what is kept of a record
/// stands up to four levels deeper there.
pub const DEPTH: u32 = 120;

/// The blanks of JSON.
pub(super) const BLANKS: [char; 4] = [' ', '\t', '\n', '\r'];

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// A member of an object, or an element of an array, whose key is absent. What is inside its value follows it in the list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'a> {
    /// The key; absent for elements.
    pub(super) key: Field<'a>,
    /// The value.
    pub(super) value: Field<'a>,
    /// How many of the next entries are inside the value.
    inside: usize,
}

/// All members and elements of a record, in their order, however deep.
pub(super) type List<'a> = SmallVec<[Entry<'a>; 96]>;

/// The entries of one object or array, each with those inside its value.
pub(super) struct Entries<'l, 'a>(pub(super) &'l [Entry<'a>]);

impl<'l, 'a> Iterator for Entries<'l, 'a> {
    type Item = (Field<'a>, Field<'a>, &'l [Entry<'a>]);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let (first, behind) = self.0.split_first()?;
        let (inside, rest) = behind.split_at_checked(first.inside)?;
        self.0 = rest;
        Some((first.key, first.value, inside))
    }
}

/// Checks that the text is one object, and appends its members, and what is inside them, to `list`.
///
/// # Errors
/// The first byte that is wrong.
pub(super) fn object<'a>(text: &'a str, list: &mut List<'a>) -> Result<(), Miss> {
    let mut check = Check { bytes: text.as_bytes(), at: 0 };
    check.blanks();
    if check.peek() != Some(b'{') {
        return check.miss("an object");
    }
    check.members(|check| check.member(text, 1, list))?;
    check.blanks();
    if check.at < check.bytes.len() { check.miss("the end of the record") } else { Ok(()) }
}

/// Whether the text is one string.
pub(super) fn is_string(text: &str) -> bool {
    let mut check = Check { bytes: text.as_bytes(), at: 0 };
    check.peek() == Some(b'"') && check.string().is_ok() && check.at == check.bytes.len()
}

struct Check<'t> {
    bytes: &'t [u8],
    at: usize,
}

impl Check<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline]
    fn blanks(&mut self) {
        // Mostly there are none.
        if self.peek().is_some_and(is_blank) {
            self.at = skip_while(self.bytes, self.at, is_blank);
        }
    }

    fn eat(&mut self, byte: u8) -> bool {
        let is = self.peek() == Some(byte);
        self.at += usize::from(is);
        is
    }

    #[cold]
    fn miss<T>(&self, expected: &'static str) -> Result<T, Miss> {
        Err(Miss { at: self.at, expected })
    }

    /// A key and its value, of `text`, which is what is checked. `depth`: how many arrays and objects are open.
    fn member<'a>(&mut self, text: &'a str, depth: u32, list: &mut List<'a>) -> Result<(), Miss> {
        let key = self.text(text)?;
        self.colon()?;
        self.value(text, depth, key, list)
    }

    /// A string as a field.
    #[inline]
    fn text<'a>(&mut self, text: &'a str) -> Result<Field<'a>, Miss> {
        let start = self.at;
        let shape = if self.string()? { Shape::Escaped } else { Shape::Text };
        Ok(Field { raw: slice(text, start + 1, self.at - 1), shape })
    }

    /// A value, which is appended to the list with all that is inside it.
    fn value<'a>(
        &mut self,
        text: &'a str,
        depth: u32,
        key: Field<'a>,
        list: &mut List<'a>,
    ) -> Result<(), Miss> {
        let start = self.at;
        let shape = match self.peek() {
            Some(b'"') => {
                let value = self.text(text)?;
                list.push(Entry { key, value, inside: 0 });
                return Ok(());
            }
            Some(b'{' | b'[') if depth >= DEPTH => return self.miss("at most 120 levels"),
            Some(bracket @ (b'{' | b'[')) => {
                let (place, shape) = (list.len(), if bracket == b'{' { Shape::Object } else { Shape::Array });
                list.push(Entry { key, value: Field::default(), inside: 0 });
                if bracket == b'{' {
                    self.members(|check| check.member(text, depth + 1, list))?;
                } else {
                    self.array(text, depth + 1, list)?;
                }
                let inside = list.len() - place - 1;
                if let Some(entry) = list.get_mut(place) {
                    entry.value = Field { raw: slice(text, start, self.at), shape };
                    entry.inside = inside;
                }
                return Ok(());
            }
            Some(b'-' | b'0'..=b'9') => {
                self.number()?;
                Shape::Number
            }
            Some(b't') => {
                self.word(b"true")?;
                Shape::Boolean
            }
            Some(b'f') => {
                self.word(b"false")?;
                Shape::Boolean
            }
            Some(b'n') => {
                self.word(b"null")?;
                Shape::Absent
            }
            _ => return self.miss("a value"),
        };
        list.push(Entry { key, value: Field { raw: slice(text, start, self.at), shape }, inside: 0 });
        Ok(())
    }

    /// An object; `member` takes a key and its value.
    fn members(&mut self, mut member: impl FnMut(&mut Self) -> Result<(), Miss>) -> Result<(), Miss> {
        self.at += 1;
        self.blanks();
        if self.eat(b'}') {
            return Ok(());
        }
        loop {
            if self.peek() != Some(b'"') {
                return self.miss("a key");
            }
            member(self)?;
            self.blanks();
            if self.eat(b'}') {
                return Ok(());
            }
            if !self.eat(b',') {
                return self.miss("`,` or `}`");
            }
            self.blanks();
        }
    }

    fn colon(&mut self) -> Result<(), Miss> {
        self.blanks();
        if !self.eat(b':') {
            return self.miss("`:`");
        }
        self.blanks();
        Ok(())
    }

    fn array<'a>(&mut self, text: &'a str, depth: u32, list: &mut List<'a>) -> Result<(), Miss> {
        self.at += 1;
        self.blanks();
        if self.eat(b']') {
            return Ok(());
        }
        loop {
            self.value(text, depth, Field::default(), list)?;
            self.blanks();
            if self.eat(b']') {
                return Ok(());
            }
            if !self.eat(b',') {
                return self.miss("`,` or `]`");
            }
            self.blanks();
        }
    }

    /// A string; whether it holds escapes.
    fn string(&mut self) -> Result<bool, Miss> {
        self.at += 1;
        let mut escaped = false;
        loop {
            self.at += plain_length(self.bytes.get(self.at..).unwrap_or_default());
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(escaped);
                }
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                Some(_) => return self.miss("an escape instead of a control character"),
                None => return self.miss("a closing quote"),
            }
        }
    }

    fn escape(&mut self) -> Result<(), Miss> {
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
        Ok(())
    }

    fn number(&mut self) -> Result<(), Miss> {
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
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Miss> {
        let start = self.at;
        self.at = skip_while(self.bytes, self.at, |byte| byte.is_ascii_digit());
        if self.at == start { self.miss("a digit") } else { Ok(()) }
    }

    fn word(&mut self, word: &[u8]) -> Result<(), Miss> {
        if self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(word)) {
            self.at += word.len();
            return Ok(());
        }
        self.miss("a value")
    }
}

/// The field that a value makes: its text without quotes, and its shape. `null` is absent.
pub(super) fn field(value: &str) -> Field<'_> {
    let shape = match value.bytes().next() {
        Some(b'"') => return string(value),
        Some(b'{') => Shape::Object,
        Some(b'[') => Shape::Array,
        Some(b't' | b'f') => Shape::Boolean,
        Some(b'n') | None => Shape::Absent,
        Some(_) => Shape::Number,
    };
    Field { raw: value, shape }
}

fn string(value: &str) -> Field<'_> {
    quoted(value, memchr(b'\\', value.as_bytes()).is_some())
}

fn quoted(value: &str, escaped: bool) -> Field<'_> {
    let inside = value.strip_prefix('"').unwrap_or(value);
    let inside = inside.strip_suffix('"').unwrap_or(inside);
    Field { raw: inside, shape: if escaped { Shape::Escaped } else { Shape::Text } }
}

/// The byte behind the value that begins at `at`.
fn end_of_value(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at) {
        Some(b'"') => end_of_string(bytes, at).0,
        Some(b'{' | b'[') => end_of_nest(bytes, at),
        _ => skip_while(bytes, at, |byte| !is_blank(byte) && !matches!(byte, b',' | b']' | b'}')),
    }
}

/// The byte behind the string whose quote is at `at`, and whether it holds escapes; the end if it is not closed.
fn end_of_string(bytes: &[u8], at: usize) -> (usize, bool) {
    let (mut from, mut escaped) = (at + 1, false);
    while let Some(rest) = bytes.get(from..) {
        from += plain_length(rest);
        match bytes.get(from) {
            Some(b'"') => return (from + 1, escaped),
            Some(b'\\') => {
                escaped = true;
                from += 2;
            }
            Some(_) => from += 1,
            None => break,
        }
    }
    (bytes.len(), escaped)
}

/// The byte behind the array or object that begins at `at`; the end if it is not closed.
fn end_of_nest(bytes: &[u8], at: usize) -> usize {
    let mut open = 0_usize;
    let mut from = at;
    loop {
        from = skip_while(bytes, from, |byte| !matches!(byte, b'"' | b'{' | b'[' | b'}' | b']'));
        match bytes.get(from) {
            None => return bytes.len(),
            Some(b'"') => from = end_of_string(bytes, from).0,
            Some(b'{' | b'[') => {
                open += 1;
                from += 1;
            }
            Some(_) => {
                open = open.saturating_sub(1);
                from += 1;
                if open == 0 {
                    return from;
                }
            }
        }
    }
}

/// The keys and values of an object; none if the text is no object.
pub(super) struct Members<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Members<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { text, at: inside(text, b'{') }
    }
}

impl<'a> Iterator for Members<'a> {
    type Item = (Field<'a>, Field<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.text.as_bytes();
        let key = skip_while(bytes, self.at, |byte| is_blank(byte) || byte == b',');
        if bytes.get(key) != Some(&b'"') {
            self.at = bytes.len();
            return None;
        }
        let (key_end, escaped) = end_of_string(bytes, key);
        let name = quoted(slice(self.text, key, key_end), escaped);
        let start = skip_while(bytes, key_end, |byte| is_blank(byte) || byte == b':');
        let value = if bytes.get(start) == Some(&b'"') {
            let escaped;
            (self.at, escaped) = end_of_string(bytes, start);
            quoted(slice(self.text, start, self.at), escaped)
        } else {
            self.at = end_of_value(bytes, start);
            field(slice(self.text, start, self.at))
        };
        (self.at > start).then_some((name, value))
    }
}

/// The values of an array; none if the text is no array.
pub(super) struct Elements<'a> {
    text: &'a str,
    at: usize,
    rest: bool,
}

impl<'a> Elements<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { text, at: inside(text, b'['), rest: false }
    }

    /// What follows the array is one more value.
    pub(super) fn with_rest(text: &'a str) -> Self {
        Self { rest: true, ..Self::of(text) }
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let bytes = self.text.as_bytes();
        let start = skip_while(bytes, self.at, |byte| is_blank(byte) || byte == b',');
        let end = end_of_value(bytes, start);
        if end > start {
            self.at = end;
            return Some(slice(self.text, start, end));
        }
        self.at = bytes.len();
        let rest =
            after(self.text, start + usize::from(bytes.get(start) == Some(&b']'))).trim_matches(BLANKS);
        (self.rest && !rest.is_empty()).then_some(rest)
    }
}

/// The byte behind the bracket that opens the text; the end if it opens otherwise.
fn inside(text: &str, bracket: u8) -> usize {
    let at = skip_while(text.as_bytes(), 0, is_blank);
    if text.as_bytes().get(at) == Some(&bracket) { at + 1 } else { text.len() }
}

/// Appends the text without blanks outside strings, without halves of surrogate pairs, and with numbers as [`number`] has them.
pub(super) fn compact(out: &mut impl Output, raw: &str) {
    let bytes = raw.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let start = skip_while(bytes, at, is_blank);
        let end = match bytes.get(start) {
            Some(b'"') => end_of_string(bytes, start).0,
            Some(b'-' | b'0'..=b'9') => skip_while(bytes, start, is_numeric),
            _ => {
                skip_while(bytes, start, |byte| !is_blank(byte) && !matches!(byte, b'"' | b'-' | b'0'..=b'9'))
            }
        };
        let token = slice(raw, start, end);
        match bytes.get(start) {
            Some(b'-' | b'0'..=b'9') => number(out, token),
            _ => string::copy(out, token),
        }
        at = end.max(start);
    }
}

const fn is_numeric(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')
}

/// Appends a number as it is written, or, if no double holds it, as a string: readers refuse `1e999`, and the line with it.
pub(super) fn number(out: &mut impl Output, raw: &str) {
    /// Fewer digits than this without an exponent are always held.
    const SHORT: usize = 300;
    let is_plain = raw.len() < SHORT && !raw.contains(['e', 'E']);
    if is_plain || raw.parse::<f64>().is_ok_and(f64::is_finite) {
        return out.extend_from_slice(raw.as_bytes());
    }
    out.push(b'"');
    out.extend_from_slice(raw.as_bytes());
    out.push(b'"');
}
