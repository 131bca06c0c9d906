//! Conversions of a field's text that need nothing but the text.

use std::borrow::Cow;

use xdr_model::pattern::find;
use xdr_model::{Kind, Refusal, Token, Value, read};

use super::{Cut, Members};
use crate::field::{Field, Shape};
use crate::format::json;

/// The value that a text is for a token whose kind needs only the text.
pub(super) fn value(token: Token, text: Cow<'_, str>) -> Result<Value<'_>, Refusal> {
    value_to(token, text, |value| value)
}

/// As [`value`], handed to `then` where it is made: a value that is given back goes through memory, piece by piece and then as a whole.
#[inline]
pub(super) fn value_to<'t, T>(
    token: Token,
    text: Cow<'t, str>,
    then: impl FnOnce(Value<'t>) -> T,
) -> Result<T, Refusal> {
    Ok(match token.kind() {
        Kind::Integer => then(Value::Integer(read::integer(&text)?)),
        Kind::Ipv4 => then(Value::Ipv4(read::ipv4(&text)?)),
        Kind::Ipv6 => then(Value::Ipv6(read::ipv6(&text)?)),
        Kind::Ip | Kind::IpList => then(Value::Ip(read::ip(&text)?)),
        Kind::Port => then(Value::Port(read::port(&text)?)),
        Kind::Duration => then(Value::Duration(read::duration(&text)?)),
        Kind::Uuid => then(Value::Uuid(read::uuid(&text)?)),
        Kind::Boolean => then(Value::Boolean(read::boolean(&text)?)),
        Kind::Hash => {
            read::kind_accepts(token, &text)?;
            then(Value::Hash(text))
        }
        _ => then(Value::Text(text)),
    })
}

/// Whether a number that this is would be printed as it stands: it has neither a sign nor a zero in front.
#[inline]
pub(super) fn has_no_sign(text: &str) -> bool {
    matches!(text.as_bytes(), [b'0'] | [b'1'..=b'9', ..])
}

/// The host of an address with a port, and the port if there is one.
pub(super) fn socket(text: Cow<'_, str>) -> Result<(Cow<'_, str>, Option<Cow<'_, str>>), Refusal> {
    match text {
        Cow::Borrowed(text) => {
            read::socket(text).map(|(host, port)| (Cow::Borrowed(host), port.map(Cow::Borrowed)))
        }
        Cow::Owned(text) => read::socket(&text)
            .map(|(host, port)| (Cow::Owned(host.to_owned()), port.map(|port| Cow::Owned(port.to_owned())))),
    }
}

/// The text of a field that says one thing to the first of these tokens: no array or object, but that of a list may have one member.
pub(super) fn sole<'a>(field: Field<'a>, tokens: &[Token]) -> Option<Cow<'a, str>> {
    match field.shape {
        Shape::Array if tokens.first().is_some_and(|token| token.kind().is_list()) => {
            let mut members = json::elements(field.raw).filter(|member| member.has_value());
            let member = members.next().filter(|_| members.next().is_none())?;
            sole(member, &[])
        }
        Shape::Array | Shape::Object => None,
        _ => Some(field.decoded()).filter(|text| !text.is_empty()),
    }
}

/// Whether one of these kinds takes a text that the token refuses.
pub(super) fn accepted(token: Token, kinds: &[Kind], text: &str) -> bool {
    !broken(token, text) && kinds.iter().any(|kind| accepts(*kind, text))
}

/// Whether one of these tokens takes a text, or none may that comes behind them.
pub(super) fn taken(tokens: &[Token], text: &str) -> bool {
    tokens.iter().any(|token| broken(*token, text) || value(*token, Cow::Borrowed(text)).is_ok())
}

/// Whether a text for an address is a broken one, such as `192.000.0.000` or `192.0.2.1",`: no host is called by digits and dots
/// alone, nor by what has blanks, quotes, brackets or slashes in it, nor by signs alone; what stands behind `%` is the zone of an address.
fn broken(token: Token, text: &str) -> bool {
    matches!(token.kind(), Kind::Ipv4 | Kind::Ipv6 | Kind::Ip | Kind::IpList)
        && read::ip(text).is_err()
        && (!text.bytes().any(|byte| byte.is_ascii_alphabetic() || byte >= 128)
            || text.bytes().any(|byte| byte.is_ascii_whitespace() || b"\"<>()[]\\/%,;".contains(&byte)))
}

/// Whether a kind takes a text.
fn accepts(kind: Kind, text: &str) -> bool {
    match kind {
        Kind::Integer => read::integer(text).is_ok(),
        Kind::Ipv4 => read::ipv4(text).is_ok(),
        Kind::Ipv6 => read::ipv6(text).is_ok(),
        Kind::Ip | Kind::IpList => read::ip(text).is_ok(),
        Kind::Port => read::port(text).is_ok(),
        Kind::Duration => read::duration(text).is_ok(),
        Kind::Uuid => read::uuid(text).is_ok(),
        Kind::Boolean => read::boolean(text).is_ok(),
        Kind::String | Kind::StringList => true,
        Kind::Timestamp | Kind::Hash => false,
    }
}

/// Appends the members of a JSON array that are not empty; `false` if one of them is an array or an object.
pub(super) fn flat<'a>(raw: &'a str, members: &mut Members<'a>) -> bool {
    for element in json::elements(raw) {
        match element.shape {
            Shape::Array | Shape::Object => return false,
            Shape::Absent => {}
            _ if element.raw.is_empty() => {}
            _ => members.push(element.decoded()),
        }
    }
    true
}

/// The pieces between separators, without the blanks around them and those that are empty. What stands in parentheses is one
/// piece, if all of them are closed.
pub(super) fn pieces<'t>(text: &'t str, separator: &str) -> impl Iterator<Item = &'t str> {
    let is_nested = text.contains('(') && text.bytes().fold(0, depth) == 0;
    let mut rest = Some(text);
    let piece = move || {
        let text = rest?;
        let end =
            if is_nested { outside(text, separator) } else { find(text.as_bytes(), separator.as_bytes(), 0) };
        let end = end.filter(|_| !separator.is_empty());
        rest = end.and_then(|end| text.get(end + separator.len()..));
        text.get(..end.unwrap_or(text.len()))
    };
    std::iter::from_fn(piece).map(trim).filter(|piece| !piece.is_empty())
}

/// A text without the blanks around it, of which most have none.
#[inline]
fn trim(text: &str) -> &str {
    match text.as_bytes() {
        [b'!'..=b'~'] | [b'!'..=b'~', .., b'!'..=b'~'] => text,
        _ => text.trim(),
    }
}

/// The first place of the separator that is not in parentheses.
#[inline]
fn outside(text: &str, separator: &str) -> Option<usize> {
    let mut open = 0;
    for (at, byte) in text.bytes().enumerate() {
        if open == 0 && text.as_bytes().get(at..).is_some_and(|rest| rest.starts_with(separator.as_bytes())) {
            return Some(at);
        }
        open = depth(open, byte);
    }
    None
}

/// How many parentheses are open behind a byte, if so many are before it.
fn depth(open: usize, byte: u8) -> usize {
    match byte {
        b'(' => open + 1,
        b')' => open.saturating_sub(1),
        _ => open,
    }
}

/// The value of the first case whose key is `text` but for the case of its ASCII letters.
pub fn folded(text: &str, cases: &[(&str, &'static str)]) -> Option<&'static str> {
    cases.iter().find(|(key, _)| key.eq_ignore_ascii_case(text)).map(|(_, value)| *value)
}

pub(super) fn shorten(text: Cow<'_, str>, cut: Cut) -> Cow<'_, str> {
    if cut == Cut::Whole {
        return text;
    }
    let pick = |text: &str| match (cut, text.rfind(['/', '\\'])) {
        (Cut::Whole, _) | (Cut::BaseName, None) => 0..text.len(),
        (Cut::BaseName, Some(at)) => at + 1..text.len(),
        (Cut::DirName, at) => 0..at.unwrap_or(0),
    };
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.get(pick(text)).unwrap_or(text)),
        Cow::Owned(text) => Cow::Owned(text.get(pick(&text)).unwrap_or(&text).to_owned()),
    }
}

/// The part of a JSON string with escapes, without undoing them; `None` if it has to be cut as other texts are: if the last backslash
/// does not stand for itself.
pub(super) fn shorten_escaped(raw: &str, cut: Cut) -> Option<Field<'_>> {
    let bytes = raw.as_bytes();
    let last = bytes.iter().rposition(|byte| matches!(byte, b'/' | b'\\'))?;
    let before = bytes.get(..last)?;
    let backslashes = before.iter().rev().take_while(|byte| **byte == b'\\').count();
    let is_second = backslashes % 2 == 1;
    if bytes.get(last) == Some(&b'\\') && !is_second {
        return None;
    }
    // An escaped separator is two bytes.
    let start = last - usize::from(is_second);
    match cut {
        Cut::Whole => None,
        Cut::BaseName => Some(Field { raw: raw.get(last + 1..)?, shape: Shape::Text }),
        Cut::DirName => Some(Field { raw: raw.get(..start)?, shape: Shape::Escaped }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escaped_text_is_cut_as_the_text_that_it_stands_for() {
        let texts = [
            r"C:\\dir\\a.exe",
            r"C:\\dir\/a",
            r"a\/b/c",
            r"\/",
            r"\\",
            r"\n",
            r"a\\\n",
            r#"C:\\a\"b"#,
            r"\u005c/x",
            r"\\\/x",
            r"a\\\\b",
            r"\u0041",
            r"/\u0041",
            r"x\\\u0041",
        ];
        let mut without_undoing = 0;
        for raw in texts {
            let whole = Field { raw, shape: Shape::Escaped };
            for cut in [Cut::BaseName, Cut::DirName] {
                if let Some(field) = shorten_escaped(raw, cut) {
                    assert_eq!(field.decoded(), shorten(whole.decoded(), cut), "{raw} {cut:?}");
                    without_undoing += 1;
                }
            }
        }
        assert_eq!(without_undoing, 16);
    }

    #[test]
    fn what_stands_in_parentheses_is_one_piece() {
        for (text, separator, expected) in [
            ("a, b, c", ", ", &["a", "b", "c"][..]),
            ("A (x, y), B", ", ", &["A (x, y)", "B"]),
            ("A ((x, y), z), B,, C", ",", &["A ((x, y), z)", "B", "C"]),
            ("A (x, y, B", ", ", &["A (x", "y", "B"]),
            ("A) x, (y, B)", ", ", &["A) x", "(y, B)"]),
            ("A (x), B ((y), C", ", ", &["A (x)", "B ((y)", "C"]),
            ("é (ä, ö)|ü", "|", &["é (ä, ö)", "ü"]),
            ("(a)(b)", ")", &["(a)(b)"]),
            ("a b", "", &["a b"]),
            (" , ", ",", &[]),
            ("", ",", &[]),
        ] {
            assert_eq!(pieces(text, separator).collect::<Vec<_>>(), expected, "{text}");
        }
    }
}
