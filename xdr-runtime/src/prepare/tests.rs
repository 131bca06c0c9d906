//! What is taken off a record, and what is kept of that.

use super::*;
use crate::info::Records;
use proptest::prelude::*;

/// A source of lines that may be quoted; objects with the key `id` are records.
static INFO: Info = Info {
    name: "gate",
    title: "Gate",
    published: "",
    formats: &[],
    device: ["", "", ""],
    versions: &[],
    records: Records::Lines,
    unwrap: &[wrap::Wrap::Csv],
    embedded: Embedded::In(Holders {
        paths: &[&["event", "original"], &["message"], &["log"]],
        keys: &["id"],
    }),
    fields: &[],
    rows: &[],
    values: &[],
    catalogue: None,
    enrich: &[],
    required: &[],
};

/// What is kept: names and texts; then the reasons of faults.
#[derive(Default)]
struct Kept(Vec<(String, String)>, Vec<&'static str>);

impl<'a> Fill<'a> for Kept {
    fn field(&mut self, _: u16, _: Field<'a>) {}
    fn further(&mut self, _: u16, _: Field<'a>) {}
    fn extra(&mut self, name: Name<'a>, field: Field<'a>) {
        self.0.push((name.to_string(), field.raw.to_owned()));
    }
    fn fault(&mut self, fault: Fault<'a>) {
        self.1.push(fault.reason);
    }
    fn hand(&mut self, _: &'a str) -> bool {
        false
    }
}

/// The record of a line, what is kept beside it, and the faults.
fn prepared(line: &[u8]) -> (String, Kept) {
    let Prepared { text, around, .. } = prepare(&INFO, line);
    let mut kept = Kept::default();
    if let Some(around) = &around {
        around.keep(&mut kept);
    }
    (text.into_owned(), kept)
}

#[test]
fn a_record_is_taken_out_of_objects_and_lines() {
    for (line, text, kept, faults) in [
        (r#"{"log":"a\n"}"#, "a", &[][..], &[][..]),
        (r#"{"log":"\r\na b #012\u0000\r\n","n":1}"#, "a b", &[("embedded", r#"{"n":1}"#)], &[]),
        (r#"{"log":"\"a \"\"b\"\"\""}"#, r#"a "b""#, &[], &[]),
        (r#""{""log"":""a"",""n"":1}""#, "a", &[("embedded", r#"{"n":1}"#)], &[]),
        ("\u{feff} {\"log\":\"\u{feff}a\"}\r\n", "a", &[], &[]),
        (
            r#"{"log":"a\r\n\nb\nc\n","n":1}"#,
            "a",
            &[("embedded", r#"{"n":1}"#), ("text", "b\nc")],
            &["more lines behind the record"],
        ),
        (
            r#"{"log":"{\"message\":\"a\",\"x\":2}\n","n":1}"#,
            "a",
            &[("embedded", r#"{"n":1}"#), ("embedded", r#"{"x":2}"#)],
            &[],
        ),
        (
            r#"{"log":"{\n \"message\": \"a\"\n}\nb"}"#,
            "{",
            &[("text", "\"message\": \"a\"\n}\nb")],
            &["more lines behind the record"],
        ),
        (r#"{"log":"{\n \"message\": \"a\"\n}"}"#, "a", &[], &[]),
        (
            r#"{"log":"{\"id\":7,\"message\":\"a\"}","n":1}"#,
            r#"{"id":7,"message":"a"}"#,
            &[("embedded", r#"{"n":1}"#)],
            &[],
        ),
        (r#"{"log":"a","log":"b"}"#, "a", &[("embedded", r#"{"log":"b"}"#)], &["repeated key"]),
        (r#"{"id":7,"message":"a"}"#, r#"{"id":7,"message":"a"}"#, &[], &[]),
        (r#"{"log":7}"#, r#"{"log":7}"#, &[], &[]),
        (r#"x{"log":"a"}"#, r#"x{"log":"a"}"#, &[], &[]),
    ] {
        let (found, Kept(extras, reasons)) = prepared(line.as_bytes());
        let extras: Vec<_> = extras.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        assert_eq!((found.as_str(), extras.as_slice(), reasons.as_slice()), (text, kept, faults), "{line}");
    }
}

#[test]
fn what_is_not_utf8_is_repaired_first() {
    let Prepared { text, repaired, around } = prepare(&INFO, b"{\"log\":\"a\xffb\",\"n\":\"\xfe\"}");
    assert_eq!(text, "a\u{fffd}b");
    assert_eq!(repaired.map(|reject| reject.at), Some(9));
    assert_eq!(around.unwrap().objects, ["{\"n\":\"\u{fffd}\"}"]);
}

#[test]
fn objects_are_taken_apart_so_many_levels_deep() {
    let mut line = "a".to_owned();
    for _ in 0..LEVELS {
        line = serde_json::json!({ "log": line }).to_string();
    }
    assert_eq!(prepared(line.as_bytes()).0, "a");
    let more = serde_json::json!({ "log": line }).to_string();
    assert_eq!(prepared(more.as_bytes()).0, r#"{"log":"a"}"#);
}

#[test]
fn what_is_no_object_is_borrowed() {
    for line in ["", "a", "<166>a", " a", "\ta", "{a", "{", "[1]", " "] {
        let Prepared { text, around, .. } = prepare(&INFO, line.as_bytes());
        assert!(matches!(text, Cow::Borrowed(_)) && around.is_none(), "{line}");
    }
}

proptest! {
    #[test]
    fn a_text_in_an_object_is_prepared_as_it_is_alone(text in "[a-z\"\\\\\u{0}\t{},:# \u{e9}]{0,40}|\\PC{0,60}") {
        let line = serde_json::json!({ "n": 1, "log": text }).to_string();
        let alone = prepared(text.as_bytes()).0;
        let holds = !text.trim().is_empty();
        prop_assert_eq!(prepared(line.as_bytes()).0, if holds { alone } else { line.clone() });
    }

    #[test]
    fn any_line_is_survived(line in "[{}\\[\\]\":,\\\\ nlogmessageidu0-9]{0,60}|\\{\"log\":\"[^\"]{0,40}\"\\}|\\PC{0,60}") {
        prepared(line.as_bytes());
    }
}
