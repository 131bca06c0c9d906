//! LEEF, whole: headers of both versions, separators, pairs and labels, what is broken, and what was written read back.

use proptest::prelude::*;
use xdr_model::pattern::Target;

use super::*;
use crate::format::part::Values;
use crate::format::sink::Sink;

const fn whole(name: &'static str, slot: u16) -> Key {
    Key { name, value: Values::Whole(Target::Field(slot)) }
}

const GATE: Leef = Leef {
    prefix: Target::Extra("leef.prefix"),
    version: Target::Field(100),
    vendor: Target::Field(101),
    product: Target::Field(102),
    device_version: Target::Field(103),
    event: Target::Field(104),
    keys: &[whole("src", 0), whole("usrName", 1), whole("Host ID", 2)],
    lookup: Lookup::LINEAR,
    labels: false,
};

/// Fields as `slot=text`, then extras, then faults with their values.
fn found(form: &Leef, text: &str) -> Result<Vec<String>, Miss> {
    let (scratch, mut sink) = (Scratch::new(), Sink::default());
    read(form, text, &scratch, &mut sink)?;
    sink.assert_inside(text);
    let mut found: Vec<_> = sink.fields.iter().map(|(slot, field)| format!("{slot}={}", field.raw)).collect();
    found.extend(sink.extras());
    found.extend(sink.faults.iter().map(|(name, field, reason)| format!("{name}: {reason}: {}", field.raw)));
    Ok(found)
}

fn check(form: &Leef, text: &str, expected: &[&str]) {
    assert_eq!(found(form, text).unwrap()[5..], *expected, "{text}");
}

#[test]
fn version_one_has_five_parts_and_tabs() {
    assert_eq!(
        found(&GATE, "LEEF:1.0|Acme|Gate| 1.0 |100|src=192.0.2.7\tusrName=kim lee\tnew=a=b|c^d").unwrap(),
        ["100=1.0", "101=Acme", "102=Gate", "103=1.0", "104=100", "0=192.0.2.7", "1=kim lee", "new=a=b|c^d"]
    );
    assert_eq!(found(&GATE, "LEEF:1.0|a|b|c|").unwrap()[4..], ["104="]);
    assert_eq!(found(&GATE, "LEEF:1.0|a|b|c|d e").unwrap()[4..], ["104=d e"]);
    // No part of version 1.0 names a separator.
    check(&GATE, "LEEF:1.0|a|b|c|d|^|src=x^usrName=y", &["^|src=x^usrName=y"]);
}

#[test]
fn version_two_may_name_its_separator() {
    let both = &["0=x", "1=y z"];
    for (part, separator) in [
        ("^|", "^"),
        ("é|", "é"),
        ("x5E|", "^"),
        ("0x5e|", "^"),
        ("x09|", "\t"),
        ("0x00A6|", "¦"),
        ("x|", "x"),
        ("\t|", "\t"),
        ("|", "\t"),
        ("", "\t"),
    ] {
        // `x` as a separator leaves nothing of the value `x`.
        let x = if separator == "x" { "" } else { "x" };
        let text = format!("LEEF:2.0|a|b|c|d|{part}src={x}{separator}usrName=y z{separator}");
        let expected = if x.is_empty() { &["0=", "1=y z"] } else { both };
        check(&GATE, &text, expected);
    }
    // What is no separator is an attribute.
    check(&GATE, "LEEF:2.0|a|b|c|d|src=x|y\tusrName=z", &["0=x|y", "1=z"]);
    check(&GATE, "LEEF:2.0|a|b|c|d|0xD800|src=x", &["0xD800|src=x"]);
    check(&GATE, "LEEF:2.0|a|b|c|d|0x00005E|src=x", &["0x00005E|src=x"]);
}

#[test]
fn a_header_may_stand_behind_other_text() {
    check(&GATE, "gate-7 LEEF:1.0|a|b|c|d|src=x", &["0=x", "leef.prefix=gate-7"]);
    check(&GATE, "LEEF:1.0|a|b|c|LEEF:1.0|src=LEEF:1.0|a|b|c|d|src=y", &["0=LEEF:1.0|a|b|c|d|src=y"]);
}

#[test]
fn what_lacks_a_header_is_told_so() {
    let miss = |text: &str| found(&GATE, text).unwrap_err();
    for text in ["", "LEEF:", "leef:1.0|a", "LEEF:1.0", "CEF:0|a|b|c|d|e|5|"] {
        assert_eq!(miss(text), Miss { at: 0, expected: "`LEEF:` and a version" }, "{text}");
    }
    assert_eq!(miss("LEEF:1.0|a"), Miss { at: 10, expected: "`|` behind the vendor" });
    assert_eq!(miss("LEEF:2.0|a|b|c"), Miss { at: 14, expected: "`|` behind the device's version" });
}

#[test]
fn empty_repeated_and_broken_pairs_are_told_apart() {
    check(&GATE, "LEEF:1.0|a|b|c|d|src=\t\t usrName = kim ", &["0=", "1=kim"]);
    check(
        &GATE,
        "LEEF:1.0|a|b|c|d|src=x\tsrc=y\tz=1\tz=2",
        &["0=x", "z=1", "src: repeated key: y", "z: repeated key: 2"],
    );
    check(
        &GATE,
        "LEEF:1.0|a|b|c|d|lost\tsrc=x\t=y",
        &[
            "0=x",
            "leef.attributes: no key in front of it: lost",
            "leef.attributes: no key in front of it: =y",
        ],
    );
}

#[test]
fn labels_name_values_where_the_spec_says_so() {
    let text = "LEEF:2.0|a|b|c|d|cn1=7\tcn1Label=Host ID\tusrName=kim";
    check(&GATE, text, &["1=kim", "cn1=7", "cn1Label=Host ID"]);
    check(&Leef { labels: true, ..GATE }, text, &["2=7", "1=kim"]);
}

#[test]
fn hostile_texts_take_linear_time() {
    let start = std::time::Instant::now();
    for piece in ["a=\t", "\t", "a", "=", "|", "LEEF:", "LEEF: ", "LEEF:2.0|", "cs1Label=x\t", "x=y\t"] {
        let text = piece.repeat(250_000 / piece.len());
        for labels in [false, true] {
            let form = Leef { labels, ..GATE };
            let scratch = Scratch::new();
            let _ = read(&form, &text, &scratch, &mut Sink::default());
            for header in ["LEEF:1.0|a|b|c|d|", "LEEF:2.0|a|b|c|d|=|", "LEEF:2.0|a|b|c|d|a|"] {
                read(&form, &format!("{header}{text}"), &scratch, &mut Sink::default()).unwrap();
            }
        }
    }
    assert!(start.elapsed().as_secs() < 10);
}

/// Any text without blanks around it.
fn any_value(but: &'static str) -> impl Strategy<Value = String> {
    "[a-c|=\\\\ .é\"^¦]{0,12}"
        .prop_map(move |text| text.replace(|char| but.contains(char), "").trim().to_owned())
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        parts in proptest::collection::vec(any_value("|"), 4),
        (part, separator) in prop::sample::select(vec![
            ("1.0", "\t"), ("2.0", "\t"), ("2.0", "^"), ("2.0", "¦"),
        ]),
        hex in any::<bool>(),
        values in proptest::collection::btree_map("[a-zA-Z_]{1,3}", any_value("^¦"), 0..8),
    ) {
        let number = separator.chars().next().map_or(0, u32::from);
        let named = match (part, hex) {
            ("1.0", _) => String::new(),
            (_, true) => format!("0x{number:02x}|"),
            _ => format!("{separator}|"),
        };
        let pairs: Vec<_> = values.iter().map(|(key, value)| format!("{key}={value}")).collect();
        let text = format!("LEEF:{part}|{}|{named}{}", parts.join("|"), pairs.join(separator));
        let (scratch, mut sink) = (Scratch::new(), Sink::default());
        read(&Leef { keys: &[], ..GATE }, &text, &scratch, &mut sink).unwrap();
        prop_assert_eq!(sink.faults(), Vec::<String>::new());
        let read: Vec<_> = sink.fields.iter().skip(1).map(|(_, field)| field.raw.to_owned()).collect();
        prop_assert_eq!(read, parts);
        let read: Vec<_> = sink.extras.iter().map(|(key, field)| (key.clone(), field.raw.to_owned())).collect();
        let values: Vec<_> = values.into_iter().collect();
        prop_assert_eq!(read, values);
    }

    #[test]
    fn any_text_is_survived(text in "(LEEF:[12].0\\|a\\|b\\|c\\|d\\|)?([a-b]{1,2}=|[\" \t=^|]|x09\\||src=|cn1=|cn1Label=|é){0,30}|.*") {
        for labels in [false, true] {
            let (scratch, mut sink) = (Scratch::new(), Sink::default());
            let _ = read(&Leef { labels, ..GATE }, &text, &scratch, &mut sink);
            sink.assert_inside(&text);
        }
    }
}
