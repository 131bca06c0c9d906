//! Reads lines of output back: a cursor over JSON text that copies nothing unless a string has escapes.
//!
//! What it reads was written by this program, or by a tool that the user put between. So it takes any JSON, and checks what it
//! relies on; numbers and nested values are handed on as text.

use std::borrow::Cow;

use xdr_model::write::plain_end;

/// Where in a line reading stands.
pub(super) struct Cursor<'l> {
    line: &'l [u8],
    at: usize,
}

/// What is wrong with a line, and the byte at which it is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) expected: &'static str,
    pub(super) at: usize,
}

type Read<T> = Result<T, Wrong>;

impl<'l> Cursor<'l> {
    pub(super) fn new(line: &'l [u8]) -> Self {
        Self { line, at: 0 }
    }

    /// Says that something else was expected here.
    pub(super) fn wrong(&self, expected: &'static str) -> Wrong {
        Wrong { expected, at: self.at }
    }

    fn rest(&self) -> &'l [u8] {
        self.line.get(self.at..).unwrap_or_default()
    }

    /// The next byte that is no blank.
    pub(super) fn peek(&mut self) -> Option<u8> {
        loop {
            match self.line.get(self.at) {
                Some(b' ' | b'\t' | b'\r' | b'\n') => self.at += 1,
                other => return other.copied(),
            }
        }
    }

    /// Takes the next byte that is no blank if it is this one.
    pub(super) fn take(&mut self, byte: u8) -> bool {
        let is = self.peek() == Some(byte);
        self.at += usize::from(is);
        is
    }

    /// Takes this byte, which must be next.
    pub(super) fn need(&mut self, byte: u8, expected: &'static str) -> Read<()> {
        if self.take(byte) { Ok(()) } else { Err(self.wrong(expected)) }
    }

    /// Calls `member` at the value of each member of an object.
    #[inline]
    pub(super) fn object(&mut self, mut member: impl FnMut(&mut Self, &[u8]) -> Read<()>) -> Read<()> {
        self.need(b'{', "an object")?;
        if self.take(b'}') {
            return Ok(());
        }
        loop {
            let key = self.string()?;
            self.need(b':', "`:`")?;
            member(self, &key)?;
            if !self.take(b',') {
                return self.need(b'}', "`,` or `}`");
            }
        }
    }

    /// Calls `element` at each element of an array.
    pub(super) fn array(&mut self, mut element: impl FnMut(&mut Self) -> Read<()>) -> Read<()> {
        self.need(b'[', "an array")?;
        if self.take(b']') {
            return Ok(());
        }
        loop {
            element(self)?;
            if !self.take(b',') {
                return self.need(b']', "`,` or `]`");
            }
        }
    }

    /// The text of a string.
    pub(super) fn string(&mut self) -> Read<Cow<'l, [u8]>> {
        self.need(b'"', "a string")?;
        let rest = self.rest();
        let end = plain_end(rest, 0);
        if rest.get(end) == Some(&b'"') {
            self.at += end + 1;
            return Ok(Cow::Borrowed(rest.get(..end).unwrap_or_default()));
        }
        self.escaped().map(Cow::Owned)
    }

    /// Takes this text if it is next.
    pub(super) fn take_text(&mut self, text: &[u8]) -> bool {
        let is = self.rest().starts_with(text);
        self.at += if is { text.len() } else { 0 };
        is
    }

    fn escaped(&mut self) -> Read<Vec<u8>> {
        let mut text = Vec::new();
        loop {
            let rest = self.rest();
            let end =
                memchr::memchr2(b'"', b'\\', rest).ok_or_else(|| self.wrong("the end of the string"))?;
            text.extend_from_slice(rest.get(..end).unwrap_or_default());
            self.at += end + 1;
            if rest.get(end) == Some(&b'"') {
                return Ok(text);
            }
            self.escape(&mut text)?;
        }
    }

    /// What is behind a backslash.
    fn escape(&mut self, text: &mut Vec<u8>) -> Read<()> {
        let wrong = self.wrong("an escape");
        let byte = self.line.get(self.at).copied();
        self.at += 1;
        text.push(match byte {
            Some(byte @ (b'"' | b'\\' | b'/')) => byte,
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'u') => {
                let first = self.unit()?;
                let code = if (0xd800..0xdc00).contains(&first) && self.rest().starts_with(b"\\u") {
                    self.at += 2;
                    let second = self.unit()?;
                    let low = second.checked_sub(0xdc00).filter(|low| *low < 0x400).ok_or(wrong)?;
                    0x10000 + ((first - 0xd800) << 10) + low
                } else {
                    first
                };
                let letter = char::from_u32(code).ok_or_else(|| self.wrong("an escape of a letter"))?;
                text.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
                return Ok(());
            }
            _ => return Err(wrong),
        });
        Ok(())
    }

    /// Four hexadecimal digits.
    fn unit(&mut self) -> Read<u32> {
        let digits = self.line.get(self.at..self.at + 4).ok_or_else(|| self.wrong("four digits"))?;
        let mut unit = 0;
        for digit in digits {
            let digit = char::from(*digit).to_digit(16).ok_or_else(|| self.wrong("four digits"))?;
            unit = unit * 16 + digit;
        }
        self.at += 4;
        Ok(unit)
    }

    /// The text of any value, as it stands there.
    pub(super) fn any(&mut self) -> Read<&'l [u8]> {
        self.peek();
        let start = self.at;
        let mut depth = 0_usize;
        loop {
            match self.peek() {
                Some(b'{' | b'[') => {
                    depth += 1;
                    self.at += 1;
                }
                Some(b'}' | b']') => {
                    depth = depth.checked_sub(1).ok_or_else(|| self.wrong("a value"))?;
                    self.at += 1;
                }
                Some(b',' | b':') if depth > 0 => {
                    self.at += 1;
                    continue;
                }
                Some(b'"') => self.skip_string()?,
                Some(b'-' | b'0'..=b'9' | b'a'..=b'z') => {
                    let part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'+' | b'-');
                    self.at += self.rest().iter().take_while(|byte| part(byte)).count();
                }
                _ => return Err(self.wrong("a value")),
            }
            if depth == 0 {
                return Ok(self.line.get(start..self.at).unwrap_or_default());
            }
        }
    }

    fn skip_string(&mut self) -> Read<()> {
        self.at += 1;
        loop {
            let rest = self.rest();
            let end = plain_end(rest, 0);
            self.at += end + 1;
            match rest.get(end) {
                Some(b'"') => return Ok(()),
                Some(b'\\') => self.at += 1,
                Some(_) => {}
                None => return Err(self.wrong("the end of the string")),
            }
        }
    }

    /// A number, or what else is written without quotes, as `T` reads it.
    pub(super) fn number<T: std::str::FromStr>(&mut self, expected: &'static str) -> Read<T> {
        let text = self.any()?;
        let number = std::str::from_utf8(text).ok().and_then(|text| text.parse().ok());
        number.ok_or_else(|| self.wrong(expected))
    }

    /// Asserts that nothing follows.
    pub(super) fn end(&mut self) -> Read<()> {
        if self.peek().is_none() { Ok(()) } else { Err(self.wrong("the end of the line")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    /// A value read by the cursor and built up again.
    fn built(cursor: &mut Cursor<'_>) -> Read<Value> {
        Ok(match cursor.peek() {
            Some(b'"') => Value::String(String::from_utf8(cursor.string()?.into_owned()).unwrap()),
            Some(b'{') => {
                let mut members = serde_json::Map::new();
                cursor.object(|cursor, key| {
                    members.insert(String::from_utf8(key.to_vec()).unwrap(), built(cursor)?);
                    Ok(())
                })?;
                Value::Object(members)
            }
            Some(b'[') => {
                let mut elements = Vec::new();
                cursor.array(|cursor| {
                    elements.push(built(cursor)?);
                    Ok(())
                })?;
                Value::Array(elements)
            }
            _ => {
                let text = cursor.any()?;
                serde_json::from_slice(text).map_err(|_| cursor.wrong("a value"))?
            }
        })
    }

    const TEXTS: [&str; 6] = [
        "{}",
        r#"{"a":"b","c":[],"d":[1,-2.5e+3,true,null,"x"],"e":{"f":{"g":"}]"}}}"#,
        " { \"a\" : [ \"b\" , { } ] , \"c\\\"\" : \"\\\\\" } ",
        r#"{"escapes":"\"\\\/\b\f\n\r\t\u0000\u00fc\ud83d\ude00 ü"}"#,
        r#"["\\","\\\"","a\\"]"#,
        r#""text""#,
    ];

    #[test]
    fn values_are_those_that_another_reader_finds() {
        for text in TEXTS {
            let mut cursor = Cursor::new(text.as_bytes());
            assert_eq!(built(&mut cursor).unwrap(), serde_json::from_str::<Value>(text).unwrap(), "{text}");
            cursor.end().unwrap();
            let mut cursor = Cursor::new(text.as_bytes());
            assert_eq!(cursor.any().unwrap(), text.trim().as_bytes());
            cursor.end().unwrap();
        }
    }

    #[test]
    fn what_is_cut_is_an_error_wherever_it_was_cut() {
        for text in TEXTS {
            let text = text.trim();
            for end in 0..text.len() {
                let mut cursor = Cursor::new(&text.as_bytes()[..end]);
                assert!(built(&mut cursor).is_err(), "{text} up to {end}");
                assert!(Cursor::new(&text.as_bytes()[..end]).any().is_err(), "{text} up to {end}");
            }
        }
        for text in [r#""\x""#, r#""\ud800x""#, r#""\ud800\u0041""#, r#""\u00g0""#, "]", "{\"a\" 1}", "[1 2]"]
        {
            assert!(built(&mut Cursor::new(text.as_bytes())).is_err(), "{text}");
        }
        assert_eq!(Cursor::new(b"x").string(), Err(Wrong { expected: "a string", at: 0 }));
        assert!(Cursor::new(b"{} {}").any().is_ok() && Cursor::new(b" 7 ").number::<u16>("a port") == Ok(7));
        assert_eq!(Cursor::new(b"70000").number::<u16>("a port"), Err(Wrong { expected: "a port", at: 5 }));
    }
}
