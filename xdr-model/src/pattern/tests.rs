//! Tests of the matcher.

use super::*;

const U: Target<'static> = Target::Extra("user");
const I: Target<'static> = Target::Extra("ip");
const DIGITS: ByteSet = ByteSet { ascii: 0x03ff_0000_0000_0000, wide: false };

fn check(ops: &[Op<'_>], trailing: &str, text: &str, expected: Option<&[&str]>) {
    let mut captures = Captures::new();
    let pattern = Pattern { ops, trailing };
    let found =
        pattern.captures(text, &mut captures).ok().map(|()| captures.iter().map(|c| c.1).collect::<Vec<_>>());
    assert_eq!(found.as_deref(), expected, "{text}");
}

#[test]
fn open_text_ends_where_the_rest_matches() {
    let ops =
        [Op::Literal("user "), Op::Text(U, Next::Byte(b' ')), Op::Literal(" from "), Op::Text(I, Next::End)];
    check(&ops, "", "user kim from 192.0.2.7", Some(&["kim", "192.0.2.7"]));
    check(&ops, "", "user kim lee  from   192.0.2.7", Some(&["kim lee", "192.0.2.7"]));
    check(&ops, ". ", "user kim from 192.0.2.7.", Some(&["kim", "192.0.2.7"]));
    check(&ops, "", "user  from x", Some(&["", "x"]));
    check(&ops, "", "user kim", None);
}

#[test]
fn optional_pieces_are_taken_where_they_can_be() {
    let next = Next::Set(ByteSet { ascii: 1 << b' ', wide: false }, true);
    let digits = [Run { set: DIGITS, min: 1, max: u16::MAX }];
    let ops = [Op::Text(U, next), Op::Split(4), Op::Literal(" port "), Op::Shape(I, &digits)];
    check(&ops, "", "kim port 22", Some(&["kim", "22"]));
    check(&ops, "", "kim", Some(&["kim"]));
    check(&ops, "", "kim port x", Some(&["kim port x"]));
}

#[test]
fn a_blank_before_a_group_of_literal_text_stands_for_several() {
    let ops = [Op::Literal("status "), Op::Open(0), Op::Literal("ACCEPT"), Op::Close(0, U)];
    check(&ops, "", "status   ACCEPT", Some(&["ACCEPT"]));
    let open = [
        Op::Literal("status "),
        Op::Open(0),
        Op::Text(I, Next::Byte(b'.')),
        Op::Literal("."),
        Op::Close(0, U),
    ];
    check(&open, "", "status   a.", Some(&["a", "a."]));
}

#[test]
fn last_splits_at_the_last_place() {
    let ops = [Op::Last(U, Next::Byte(b'@')), Op::Literal("@"), Op::Text(I, Next::End)];
    check(&ops, "", "kim@corp.example.com@192.0.2.7", Some(&["kim@corp.example.com", "192.0.2.7"]));
    check(&ops, "", "kim", None);
}

#[test]
fn addresses_end_before_punctuation() {
    let ops = [Op::Address(I), Op::Rest(U)];
    check(&ops, "", "192.0.2.7, x", Some(&["192.0.2.7", ", x"]));
    check(&ops, "", "192.0.2.7: x", Some(&["192.0.2.7", ": x"]));
    check(&ops, "", "2001:db8::1.", Some(&["2001:db8::1", "."]));
    check(&ops, "", ":: x", Some(&["::", "x"]));
    check(&ops, "", "cafe", None);
}

#[test]
fn a_text_that_goes_on_or_breaks_off_gives_what_is_certain() {
    let digits = [Run { set: DIGITS, min: 1, max: u16::MAX }];
    let ops = [
        Op::Literal("login of <"),
        Op::Text(U, Next::Byte(b'>')),
        Op::Literal("> from "),
        Op::Address(I),
        Op::Literal(" port "),
        Op::Shape(I, &digits),
    ];
    let near = |text: &str| {
        let mut captures = Captures::new();
        let near = Pattern { ops: &ops, trailing: "" }.nearly(text, &mut captures);
        (near, captures.iter().map(|c| c.1.to_owned()).collect::<Vec<_>>())
    };
    let all = |near, texts: &[&str]| (Some(near), texts.iter().map(|&text| text.to_owned()).collect());
    let whole = "login of <kim> from 192.0.2.7 port 22";
    assert_eq!(near(&format!("{whole} by key")), all(Near::Begins(37), &["kim", "192.0.2.7", "22"]));
    assert_eq!(near("login of <kim> from 192.0.2.7 po"), all(Near::BreaksOff(29), &["kim", "192.0.2.7"]));
    // The last word of a text that breaks off may be half a word.
    assert_eq!(near("login of <kim> from 192.0.2.7"), all(Near::BreaksOff(13), &["kim"]));
    assert_eq!(near("login of <kim> from 192.0.2.7 port 22x"), (None, vec![]));
    assert_eq!(near("login of <kim> at 192.0.2.7 port 22"), (None, vec![]));
    assert_eq!(near("login of <ki"), (None, vec![]));
    assert_eq!(near("login of <kim from 192.0.2.7 port 22"), (None, vec![]));
    // An open text whose end never comes is not captured, what stands in front of it is.
    let open = [
        Op::Literal("user "),
        Op::Address(I),
        Op::Literal(" named <"),
        Op::Text(U, Next::Byte(b'>')),
        Op::Literal(">"),
    ];
    let mut captures = Captures::new();
    let found = Pattern { ops: &open, trailing: "" }.nearly("user 192.0.2.7 named <ki", &mut captures);
    assert_eq!((found, &*captures), (Some(Near::BreaksOff(14)), &[(I, "192.0.2.7")][..]));
}

#[test]
fn adversarial_texts_are_given_up_in_linear_time() {
    let next = Next::Byte(b' ');
    let ops = [
        Op::Text(U, next),
        Op::Literal(" a"),
        Op::Text(U, next),
        Op::Literal(" a"),
        Op::Text(U, next),
        Op::Literal(" a"),
        Op::Text(I, next),
        Op::Literal(" b"),
    ];
    let text = " a".repeat(200_000);
    let started = std::time::Instant::now();
    check(&ops, "", &text, None);
    check(&ops, "", &" ".repeat(400_000), None);
    // Linear takes a second or two without optimisation, quadratic many minutes.
    assert!(started.elapsed().as_secs() < 60);
}

#[test]
fn places_inside_a_character_are_skipped() {
    let set = ByteSet { ascii: 0, wide: true };
    check(&[Op::Text(U, Next::Set(set, true)), Op::Rest(I)], "", "aé", Some(&["a", "é"]));
}

#[test]
fn a_miss_names_the_furthest_place() {
    let ops = [Op::Literal("user "), Op::Text(U, Next::Byte(b' ')), Op::Literal(" from ")];
    let miss =
        Pattern { ops: &ops, trailing: "" }.captures("user kim form x", &mut Captures::new()).unwrap_err();
    assert_eq!((miss.at, miss.expected), (14, Expected::Literal(" from ")));
}
