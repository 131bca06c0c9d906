//! CEF, whole: headers, pairs, escapes and labels, what is broken, and what was written read back.

use proptest::prelude::*;
use xdr_model::pattern::{ByteSet, Next, Op, Pattern, Run, Target};

use super::*;
use crate::format::part::Values;
use crate::format::sink::Sink;

const fn whole(name: &'static str, slot: u16) -> Key {
    Key { name, value: Values::Whole(Target::Field(slot)) }
}

const UPPER: ByteSet = ByteSet { ascii: 0x07ff_fffe << 64, wide: false };
const DRIVE: &[Run] = &[Run { set: UPPER, min: 1, max: 1 }];
const PATHS: &[Pattern<'static>] = &[Pattern::new(
    &[Op::Shape(Target::Field(20), DRIVE), Op::Lead(":\\"), Op::Text(Target::FieldHand(21), Next::End)],
    "",
)];

const GATE: Cef = Cef {
    prefix: Target::Extra("cef.prefix"),
    version: Target::Field(100),
    vendor: Target::Field(101),
    product: Target::Field(102),
    device_version: Target::Field(103),
    signature: Target::Field(104),
    name: Target::Field(105),
    severity: Target::Field(106),
    keys: &[
        whole("src", 0),
        whole("suser", 1),
        whole("msg", 2),
        whole("cs1", 3),
        Key { name: "Policy Name", value: Values::Whole(Target::Field(4)) },
        Key { name: "path", value: Values::Patterns(PATHS) },
        Key { name: "note", value: Values::Whole(Target::FieldHand(5)) },
        Key { name: "ref", value: Values::Whole(Target::Extra("reference")) },
    ],
    lookup: Lookup::LINEAR,
    labels: false,
};

const LABELLED: Cef = Cef { labels: true, ..GATE };

fn header_of(extension: &str) -> String {
    format!("CEF:0|Acme|Gate|1.0|100|Login|5|{extension}")
}

/// Fields as `slot=text`, unescaped, then extras, then faults with their values.
fn found(form: &Cef, text: &str, scratch: &Scratch) -> Result<Vec<String>, Miss> {
    let mut sink = Sink::default();
    read(form, text, scratch, &mut sink)?;
    let mut found: Vec<_> =
        sink.fields.iter().map(|(slot, field)| format!("{slot}={}", field.decoded())).collect();
    found.extend(sink.extras.iter().map(|(name, field)| format!("{name}={}", field.decoded())));
    found.extend(
        sink.faults.iter().map(|(name, field, reason)| format!("{name}: {reason}: {}", field.decoded())),
    );
    Ok(found)
}

/// What is found in an extension, behind a header that is as it should be.
fn check(form: &Cef, extension: &str, expected: &[&str]) {
    let text = header_of(extension);
    let found = found(form, &text, &Scratch::new()).unwrap();
    assert_eq!(found[7..], *expected, "{extension}");
}

#[test]
fn the_header_has_seven_parts() {
    let all = |parts: [&str; 7]| -> Vec<String> {
        parts.iter().enumerate().map(|(index, part)| format!("{}={part}", 100 + index)).collect()
    };
    let read = |text: &str| found(&GATE, text, &Scratch::new());
    assert_eq!(
        read("CEF:0|Acme|Gate|1.0|100|Login|5|").unwrap(),
        all(["0", "Acme", "Gate", "1.0", "100", "Login", "5"])
    );
    assert_eq!(
        read(r"CEF:1|A\|B|C:\\x=y\=|\n| 100 ||Very-High").unwrap(),
        all(["1", "A|B", r"C:\x=y\=", r"\n", "100", "", "Very-High"])
    );
    assert_eq!(read("CEF: 0|a|b|c|d|e|").unwrap(), all(["0", "a", "b", "c", "d", "e", ""]));
    // Bars of the extension are no more than characters.
    assert_eq!(read("CEF:0|a|b|c|d|e|5|msg=x|y").unwrap()[7..], ["2=x|y"]);
}

#[test]
fn a_header_may_stand_behind_other_text() {
    let read = |text: &str| found(&GATE, text, &Scratch::new());
    let parts = read("gate-7: CEF:0|a|b|c|d|e|5|src=x").unwrap();
    assert_eq!(parts[7..], ["0=x", "cef.prefix=gate-7:"]);
    // What only looks like a header is passed over.
    let parts = read("xCEF:0|CEF:|CEF: x CEF:0|a|b|c|d|e|5|").unwrap();
    assert_eq!(parts[7..], ["cef.prefix=xCEF:0|CEF:|CEF: x"]);
    // The first one counts: what follows it strangers may have written.
    let parts = read("CEF:0|a|b|c|d|CEF:0\\|x|5|msg=CEF:0|q|q|q|q|q|9|src=y").unwrap();
    assert_eq!(parts[5..], ["105=CEF:0|x", "106=5", "2=CEF:0|q|q|q|q|q|9|src=y"]);
}

#[test]
fn what_lacks_a_header_is_told_so() {
    let miss = |text: &str| found(&GATE, text, &Scratch::new()).unwrap_err();
    for text in ["", "CEF:", "cef:0|a|b|c|d|e|5|", "CEF:0", "CEF:x|", "LEEF:1.0|a|b|c|d|", "nonsense"] {
        assert_eq!(miss(text), Miss { at: 0, expected: "`CEF:` and a version" }, "{text}");
    }
    assert_eq!(miss("CEF:0|"), Miss { at: 6, expected: "`|` behind the vendor" });
    assert_eq!(miss("CEF:0|a"), Miss { at: 7, expected: "`|` behind the vendor" });
    assert_eq!(miss(r"CEF:0|a\|b|c"), Miss { at: 12, expected: "`|` behind the product" });
    assert_eq!(miss("CEF:0|a|b|c|d|e\\"), Miss { at: 16, expected: "`|` behind the name" });
}

#[test]
fn a_value_runs_to_the_next_key() {
    check(&GATE, "src=192.0.2.7 suser=kim lee  msg=a b", &["0=192.0.2.7", "1=kim lee", "2=a b"]);
    check(&GATE, "  src= suser=\tmsg= a  ", &["0=", "1=", "2=a"]);
    check(&GATE, "msg=a?b=c&d=e f(=g) .h=i src=x", &["2=a?b=c&d=e f(=g) .h=i", "0=x"]);
    check(&GATE, "msg=\"a src=\"x", &["2=\"a", "0=\"x"]);
    check(&GATE, "", &[]);
}

#[test]
fn keys_may_have_dots_signs_and_numbers() {
    check(
        &GATE,
        "ad.user-name=kim items[0].id=7 _x=1 2nd=b msg=é",
        &["2=é", "ad.user-name=kim", "items[0].id=7", "_x=1", "2nd=b"],
    );
}

#[test]
fn escapes_are_undone() {
    check(&GATE, r"msg=a\=b\\c\nd\re src=x", &["2=a=b\\c\nd\re", "0=x"]);
    // An escaped sign makes no key, a backslash in front of the blank does not hold a key back.
    check(&GATE, r"msg=x src\=evil suser=kim\ src=y", &["2=x src=evil", "1=kim\\", "0=y"]);
    check(&GATE, r"msg=\\=x src=\", &["2=\\=x", "0=\\"]);
    // Writers that do not escape their paths.
    check(&GATE, r"msg=C:\Users\kim \|", &[r"2=C:\Users\kim \|"]);
    check(&GATE, r"ref=a\=b other=c\=d", &["reference=a=b", "other=c=d"]);
}

#[test]
fn values_without_escapes_are_slices_and_those_with_some_are_too() {
    let text = header_of(r"src=x msg=a\=b other=\\ other=\n junk");
    let (scratch, mut sink) = (Scratch::new(), Sink::default());
    read(&GATE, &text, &scratch, &mut sink).unwrap();
    sink.assert_inside(&text);
    assert_eq!(sink.field(2), Some(r"a\=b"));
}

#[test]
fn templates_and_further_steps_read_unescaped_values() {
    let text = header_of(r"path=C:\\a\=b note=x\=y");
    let (scratch, mut sink) = (Scratch::new(), Sink::default());
    read(&GATE, &text, &scratch, &mut sink).unwrap();
    assert_eq!((sink.field(20), sink.field(21), sink.field(5)), (Some("C"), Some("a=b"), Some("x=y")));
    assert_eq!(sink.hands, ["a=b", "x=y"]);
    check(&GATE, "path=no", &["path=no", "path: does not match its template: no"]);
}

#[test]
fn a_repeated_key_is_a_fault_and_the_first_holds() {
    check(
        &GATE,
        r"suser=kim suser=ro\=ot z=1 z=2 src=x src=y",
        &["1=kim", "0=x", "z=1", "suser: repeated key: ro=ot", "z: repeated key: 2", "src: repeated key: y"],
    );
}

#[test]
fn what_is_no_pair_is_a_fault() {
    check(&GATE, "gone are the keys", &["cef.extension: no key in front of it: gone are the keys"]);
    check(&GATE, r"a\=b src=x", &["0=x", "cef.extension: no key in front of it: a=b"]);
    check(&GATE, "=x src=y", &["0=y", "cef.extension: no key in front of it: =x"]);
}

#[test]
fn labels_name_values_where_the_spec_says_so() {
    let pairs = r"cs1=strict cs1Label=Policy Name cn3Label=Po\=rt cn3=7 suser=kim";
    check(&GATE, pairs, &["3=strict", "1=kim", "cs1Label=Policy Name", "cn3Label=Po=rt", "cn3=7"]);
    check(&LABELLED, pairs, &["4=strict", "1=kim", "Po=rt=7"]);
    // Without a label, or with an empty one, a key has its own name; a label without a value is kept.
    check(&LABELLED, "cs1=a cs1Label= cs2Label=x", &["3=a", "cs1Label=", "cs2Label=x"]);
    // Other keys are not labelled.
    check(&LABELLED, "suser=kim suserLabel=msg", &["1=kim", "suserLabel=msg"]);
    check(
        &LABELLED,
        "cs1Label=Policy Name cs1=a cs2Label=Policy Name cs2=b cs1Label=src cs1=c",
        &[
            "4=a",
            "Policy Name: repeated key: b",
            "cs1Label: repeated key: src",
            "Policy Name: repeated key: c",
        ],
    );
}

#[test]
fn hostile_texts_take_linear_time() {
    let start = std::time::Instant::now();
    for piece in [
        "a=",
        "a=b ",
        " ",
        "\\",
        "\\= ",
        "CEF:",
        "CEF: ",
        "CEF:0",
        "|",
        "k",
        "a ",
        "cs1Label=x ",
        "= ",
        "[] ",
    ] {
        let text = piece.repeat(250_000 / piece.len());
        for form in [&GATE, &LABELLED] {
            let scratch = Scratch::new();
            let _ = read(form, &text, &scratch, &mut Sink::default());
            read(form, &header_of(&text), &scratch, &mut Sink::default()).unwrap();
        }
    }
    for each in ["cs{} cs{}Label=x{} ", "cs{}=v cs{}Label=x{} ", "key{}=v cs{}Label=a cs{}=\\\\ "] {
        let pairs: String = (0..30_000).map(|number| each.replace("{}", &format!("{number}"))).collect();
        read(&LABELLED, &header_of(&pairs), &Scratch::new(), &mut Sink::default()).unwrap();
    }
    assert!(start.elapsed().as_secs() < 10);
}

/// A part of a header, or a value, as a writer has to write it.
fn written(text: &str, escapes: &[(char, &str)]) -> String {
    let escape = |char: char| escapes.iter().find(|(known, _)| *known == char);
    text.chars().map(|char| escape(char).map_or(char.to_string(), |(_, text)| (*text).to_owned())).collect()
}

const OF_HEADERS: &[(char, &str)] = &[('\\', r"\\"), ('|', r"\|")];
const OF_VALUES: &[(char, &str)] = &[('\\', r"\\"), ('=', r"\="), ('\n', r"\n"), ('\r', r"\r")];

/// Any text without blanks around it: those are no part of a value.
fn any_value() -> impl Strategy<Value = String> {
    "([a-c|=\\\\\n\r \t.é\"]|src=| suser=|\\\\n){0,20}"
        .prop_map(|text| text.trim_matches([' ', '\t']).to_owned())
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        parts in proptest::collection::vec(any_value(), 6),
        values in proptest::collection::btree_map("[a-zA-Z_][a-zA-Z0-9_.-]{0,3}(\\[[0-9]\\])?", any_value(), 0..8),
        labels in any::<bool>(),
    ) {
        let header: String = parts.iter().map(|part| written(&part.replace(['\n', '\r'], ""), OF_HEADERS) + "|").collect();
        let pairs: Vec<_> = values.iter().map(|(key, value)| format!("{key}={}", written(value, OF_VALUES))).collect();
        let text = format!("CEF:0|{header}{}", pairs.join(" "));
        let (scratch, mut sink) = (Scratch::new(), Sink::default());
        read(&Cef { keys: &[], labels, ..GATE }, &text, &scratch, &mut sink).unwrap();
        prop_assert_eq!(sink.faults(), Vec::<String>::new());
        let read: Vec<_> = sink.fields.iter().skip(1).map(|(_, field)| field.raw.to_owned()).collect();
        let parts: Vec<_> = parts.iter().map(|part| part.replace(['\n', '\r'], "").trim_matches([' ', '\t']).to_owned()).collect();
        prop_assert_eq!(read, parts);
        let read: Vec<_> = sink.extras.iter().map(|(key, field)| (key.clone(), field.decoded().into_owned())).collect();
        let values: Vec<_> = values.into_iter().collect();
        prop_assert_eq!(read, values);
    }

    #[test]
    fn any_text_is_survived_and_nothing_of_it_is_lost(
        text in "(CEF:0\\|a\\|b\\|c\\|d\\|e\\|5\\|)?([a-b]{1,2}=|[\" \t=\\\\|n]|src=|cs1=|cs1Label=|path=|é){0,30}|.*",
    ) {
        for form in [&GATE, &LABELLED] {
            let (scratch, mut sink) = (Scratch::new(), Sink::default());
            if read(form, &text, &scratch, &mut sink).is_err() {
                continue;
            }
            // Each byte of the extension is in a value, in a key, or in a fault.
            let kept: usize = sink.fields.iter().map(|(_, field)| field.raw.len()).sum::<usize>()
                + sink.extras.iter().map(|(name, field)| name.len() + field.raw.len()).sum::<usize>()
                + sink.faults.iter().map(|(name, field, _)| name.len() + field.raw.len()).sum::<usize>();
            let meant = text.bytes().filter(|byte| matches!(byte, b'"' | 0xc3 | 0xa9)).count();
            prop_assert!(kept >= meant, "{:?} of {:?}", sink, text);
        }
    }
}
