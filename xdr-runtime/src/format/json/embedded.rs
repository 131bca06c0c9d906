//! A record that stands as a text in a member of the line's object.

use memchr::{memchr, memmem};

use crate::field::{Field, Shape};

use super::scan::Members;
use super::{is_key, is_object};

/// The name under which what stood around the record is kept.
pub(crate) const AROUND: &str = "embedded";

/// The record that a member of the object `text` holds as a text, or a member of an object in it, with the object's other members behind
/// its own, in one named `embedded`. It is one if it is an object with the member `key`, which `text` has none of beside it, other than as
/// an object: shippers have one of the same name. Of two different records neither is taken: one of them may be a text that somebody chose.
pub(crate) fn embedded(text: &str, key: &str) -> Option<String> {
    // The quotes of a key within a text have backslashes in front of them, which few records hold.
    memchr(b'\\', text.as_bytes())?;
    if is_first(text.as_bytes(), key.as_bytes()) {
        return None;
    }
    memmem::find(text.as_bytes(), b"\"{")?;
    if !is_object(text) {
        return None;
    }
    let inner = |member: Field<'_>| member.shape == Shape::Object;
    let members = || Members::of(text).map(|(_, value)| value);
    let below = members().filter(|value| inner(*value)).flat_map(|value| Members::of(value.raw));
    let mut records = members().chain(below.map(|(_, value)| value)).filter_map(|value| {
        let is_text = matches!(value.shape, Shape::Text | Shape::Escaped);
        let inside = Some(value).filter(|_| is_text)?.decoded();
        let record = inside.trim();
        let is_record = is_object(record) && Members::of(record).any(|(name, _)| is_key(name, key));
        is_record.then(|| (value.raw, record.to_owned()))
    });
    let (held, record) = records.next()?;
    // Some shippers keep the line as it came beside the same line.
    if records.any(|(_, other)| other != record) {
        return None;
    }
    let is_other = |value: Field<'_>| !std::ptr::eq(value.raw, held) && !inner(value);
    if Members::of(text).any(|(name, value)| is_key(name, key) && is_other(value)) {
        return None;
    }
    let mut whole = record;
    // The key is in it, so it has a member.
    whole.truncate(whole.len().saturating_sub(1));
    let end = whole.len();
    whole.extend([",\"", AROUND, "\":"]);
    if !beside(&mut whole, text, held) {
        whole.truncate(end);
    }
    whole.push('}');
    Some(whole)
}

/// Appends the object without the member whose text is `held`, be it in an object in it, and without such an object of which that leaves
/// nothing; whether anything is left.
fn beside(out: &mut String, object: &str, held: &str) -> bool {
    let start = out.len();
    for (name, value) in Members::of(object) {
        if std::ptr::eq(value.raw, held) {
            continue;
        }
        let before = out.len();
        out.push(if before == start { '{' } else { ',' });
        push(out, name);
        out.push(':');
        let holds = value.shape == Shape::Object
            && Members::of(value.raw).any(|(_, inner)| std::ptr::eq(inner.raw, held));
        if !holds {
            push(out, value);
        } else if !beside(out, value.raw, held) {
            out.truncate(before);
        }
    }
    let any = out.len() > start;
    if any {
        out.push('}');
    }
    any
}

/// Whether `key` is among the first members of the object `text`, as it is in most records. Nothing that is sought is told wrong: what is
/// in texts has backslashes in front of its quotes, and behind another bracket there is none of the object's own members.
fn is_first(text: &[u8], key: &[u8]) -> bool {
    const FRONT: usize = 64;
    let Some((b'{', front)) = text.split_first() else { return false };
    for (at, byte) in front.iter().take(FRONT).enumerate() {
        match byte {
            b'{' | b'[' | b'\\' => return false,
            b'"' => {
                let behind = front.get(at + 1..).and_then(|behind| behind.strip_prefix(key));
                if let Some(value) = behind.and_then(|behind| behind.strip_prefix(b"\":")) {
                    // The text under the key itself may be the record, and an object is a shipper's, or wraps the record.
                    return !matches!(value.trim_ascii_start(), [b'"', b'{', ..] | [b'{', ..]);
                }
            }
            _ => {}
        }
    }
    false
}

/// A key or value as it was written.
pub(super) fn push(text: &mut String, field: Field<'_>) {
    match field.shape {
        Shape::Text | Shape::Escaped => text.extend(["\"", field.raw, "\""]),
        _ => text.push_str(field.raw),
    }
}

#[cfg(test)]
mod tests {
    use super::embedded;

    #[test]
    fn a_record_in_a_text_comes_out_with_what_stood_around_it() {
        for (line, record) in [
            (r#"{"log":"{\"event\":\"a\"}\n"}"#, r#"{"event":"a"}"#),
            (
                r#" {"log":"{\"event\":\"a \\\"b\\\"\"}\n","stream":"std\"out", "n": [1, "x"],"o":{}}"#,
                r#"{"event":"a \"b\"","embedded":{"stream":"std\"out","n":[1, "x"],"o":{}}}"#,
            ),
            (
                r#"{"time":null,"event":"{\"event\":1 }","a":"{}"}"#,
                r#"{"event":1 ,"embedded":{"time":null,"a":"{}"}}"#,
            ),
            (r#"{"event":{"original":"{\"event\":\"a\"}"}}"#, r#"{"event":"a"}"#),
            (
                r#"{"message":"{\"event\":\"a\"}","event":{"original":"{\"event\":\"a\"}"}}"#,
                r#"{"event":"a","embedded":{"event":{"original":"{\"event\":\"a\"}"}}}"#,
            ),
            (
                r#"{"n":1,"log":{"file":"x","text":"{\"event\":\"a\"}","o":{}},"event":{"dataset":"d"}}"#,
                r#"{"event":"a","embedded":{"n":1,"log":{"file":"x","o":{}},"event":{"dataset":"d"}}}"#,
            ),
            (
                r#"{"message":"{\"event\":\"a\"}","event":{"dataset":"d"}}"#,
                r#"{"event":"a","embedded":{"event":{"dataset":"d"}}}"#,
            ),
        ] {
            assert_eq!(embedded(line, "event").as_deref(), Some(record), "{line}");
        }
    }

    #[test]
    fn a_key_is_first_if_it_is_one_of_the_object_itself() {
        for (text, first) in [
            (r#"{"event":1}"#, true),
            (r#"{"ei":0,"event":"a""#, true),
            (r#"{"a":"event","event":1}"#, true),
            (r#"{"a":"event"}"#, false),
            (r#"{"a":{"event":1}}"#, false),
            (r#"{"a":[{"event":1}]}"#, false),
            (r#"{"a":"{\"event\":1}"}"#, false),
            (r#"{"a":"\\\"event\":1"}"#, false),
            (r#"{"events":1}"#, false),
            (r#"{"event": "{\"event\":1}"}"#, false),
            (r#"{"event": {"a":1}}"#, false),
            (r#"["event":1]"#, false),
            ("", false),
        ] {
            assert_eq!(super::is_first(text.as_bytes(), b"event"), first, "{text}");
        }
    }

    #[test]
    fn other_texts_stay() {
        for line in [
            r#"{"event":"a","log":"{\"event\":\"b\"}"}"#,
            r#"{"agent":"{\"event\":\"b\"}","log":"{\"event\":\"a\"}"}"#,
            r#"{"log":"{\"other\":\"b\"}"}"#,
            r#"{"log":"{\"event\":\"b\""}"#,
            r#"{"log":"{\"event\":\"b\"} and more"}"#,
            r#"{"log":"{\"event\":\"b\"}""#,
            r#"{"log":{"event":"b","x":"{}"}}"#,
            r#"{"message":"{\"event\":\"a\"}","event":{"original":"{\"event\":\"b\"}"}}"#,
            r#"{"a":{"b":{"c":"{\"event\":\"a\"}"}}}"#,
            r#"{"event":null,"message":"{\"event\":\"a\"}"}"#,
            r#"["{\"event\":\"b\"}"]"#,
            r#""{\"event\":\"b\"}""#,
            "",
        ] {
            assert_eq!(embedded(line, "event"), None, "{line}");
        }
    }
}
