//! A record of text that stands in a member of the line's object, as shippers of logs write it: `{"message":"<166>…","host":"gw1"}`.

use super::embedded::push;
use super::scan::Members;
use super::{is_key, is_object};
use crate::field::{Field, Shape};

/// Which members of an object may hold a record as a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Holders {
    /// The members, by their paths; of several the first that holds a text counts.
    pub paths: &'static [&'static [&'static str]],
    /// Keys of records that are objects themselves: one that has such a key holds no other record.
    pub keys: &'static [&'static str],
}

/// What a member of an object holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    /// The member's text, unescaped.
    pub(crate) text: String,
    /// The object without the member; empty if nothing is left of it.
    pub(crate) rest: String,
    /// The member's key, if the object has it once more.
    pub(crate) repeated: Option<&'static str>,
}

/// The text of the first of the members that `text`, if it is an object, has with a text that is not blank. Of a key that comes twice
/// the first one counts; the other one stays in the rest.
pub(crate) fn within(text: &str, holders: &Holders) -> Option<Held> {
    let is_record = || Members::of(text).any(|(name, _)| holders.keys.iter().any(|key| is_key(name, key)));
    if !is_object(text) || is_record() {
        return None;
    }
    holders.paths.iter().find_map(|path| held(text, path))
}

fn held(text: &str, path: &[&'static str]) -> Option<Held> {
    let mut inside = Field { raw: text, shape: Shape::Object };
    for key in path {
        let object = Some(inside).filter(|field| field.shape == Shape::Object)?;
        inside = Members::of(object.raw).find(|(name, _)| is_key(*name, key))?.1;
    }
    let record = Some(inside).filter(|field| matches!(field.shape, Shape::Text | Shape::Escaped))?.decoded();
    if record.trim().is_empty() {
        return None;
    }
    let mut rest = String::with_capacity(text.len().saturating_sub(inside.raw.len()));
    let repeated = without(&mut rest, text, path);
    Some(Held { text: record.into_owned(), rest, repeated: path.last().copied().filter(|_| repeated) })
}

/// Appends the object without the member at the end of the path, and without objects of which that leaves nothing; whether the member's
/// key comes once more beside it.
fn without(out: &mut String, text: &str, path: &[&str]) -> bool {
    let Some((key, below)) = path.split_first() else { return false };
    let start = out.len();
    let (mut found, mut repeated) = (false, false);
    for (name, value) in Members::of(text) {
        let before = out.len();
        let is_next = is_key(name, key) && !found;
        repeated |= found && below.is_empty() && is_key(name, key);
        found |= is_next;
        if is_next && below.is_empty() {
            continue;
        }
        out.push(if before == start { '{' } else { ',' });
        push(out, name);
        out.push(':');
        if !is_next {
            push(out, value);
            continue;
        }
        let inside = out.len();
        repeated |= without(out, value.raw, below);
        if out.len() == inside {
            out.truncate(before);
        }
    }
    if out.len() > start {
        out.push('}');
    }
    repeated
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOLDERS: Holders =
        Holders { paths: &[&["event", "original"], &["a.b"], &["message"], &["event"]], keys: &["id"] };

    /// The text, the rest, and whether a key came again.
    fn taken(line: &str) -> Option<(String, String, bool)> {
        within(line, &HOLDERS).map(|held| (held.text, held.rest, held.repeated.is_some()))
    }

    #[test]
    fn the_first_member_with_a_text_is_taken_out() {
        for (line, text, rest) in [
            (r#"{"message":"a"}"#, "a", ""),
            (r#" {"x": 1 ,"message" : "a b\n","y":[1, "z"]} "#, "a b\n", r#"{"x":1,"y":[1, "z"]}"#),
            (r#"{"message":"a","event":{"original":"b"}}"#, "b", r#"{"message":"a"}"#),
            (r#"{"event":{"kind":"k","original":"b"},"n":null}"#, "b", r#"{"event":{"kind":"k"},"n":null}"#),
            (r#"{"event":{"original":1},"message":"a"}"#, "a", r#"{"event":{"original":1}}"#),
            (r#"{"event":"b","message":" "}"#, "b", r#"{"message":" "}"#),
            (r#"{"event":"b","a.b":"c"}"#, "c", r#"{"event":"b"}"#),
            (r#"{"m\u0065ssage":"\ud83d\ude00\ud83d\u0000\t\/"}"#, "\u{1f600}\u{fffd}\0\t/", ""),
            (r#"{"a":{"message":"b"},"message":"a"}"#, "a", r#"{"a":{"message":"b"}}"#),
            (r#"{"a":{"id":1},"message":"a"}"#, "a", r#"{"a":{"id":1}}"#),
        ] {
            assert_eq!(taken(line), Some((text.to_owned(), rest.to_owned(), false)), "{line}");
        }
    }

    #[test]
    fn of_a_repeated_key_the_first_one_counts_and_the_other_is_kept() {
        for (line, text, rest, repeated) in [
            (r#"{"message":"a","message":"b"}"#, "a", r#"{"message":"b"}"#, true),
            (r#"{"message":"a","m\u0065ssage":1}"#, "a", r#"{"m\u0065ssage":1}"#, true),
            (r#"{"event":{"original":"a","original":"b"}}"#, "a", r#"{"event":{"original":"b"}}"#, true),
            (r#"{"event":{"original":"a"},"event":2}"#, "a", r#"{"event":2}"#, false),
            (r#"{"message":1,"message":"b","event":"c"}"#, "c", r#"{"message":1,"message":"b"}"#, false),
        ] {
            assert_eq!(taken(line), Some((text.to_owned(), rest.to_owned(), repeated)), "{line}");
        }
    }

    #[test]
    fn other_texts_stay() {
        for line in [
            "",
            "{",
            "{}",
            "plain",
            r#"["message"]"#,
            r#""message""#,
            r#"[{"message":"a"}]"#,
            r#"{"message":"a"} and more"#,
            r#"{"message":"a",}"#,
            r#"{"message":"a""#,
            r#"{"message":"a\x"}"#,
            "{\"message\":\"a\tb\"}",
            r"{'message':'a'}",
            r#"{"message":""}"#,
            r#"{"message":" \n\t"}"#,
            r#"{"message":{"a":"b"}}"#,
            r#"{"message":["a"]}"#,
            r#"{"message":null}"#,
            r#"{"Message":"a"}"#,
            r#"{"event":["original"]}"#,
            r#"{"id":1,"message":"a"}"#,
        ] {
            assert_eq!(taken(line), None, "{line}");
        }
        let deep = format!(r#"{{"message":"a","x":{}{}}}"#, "[".repeat(200), "]".repeat(200));
        assert_eq!(taken(&deep), None);
    }
}
