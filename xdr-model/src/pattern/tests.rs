//! Tests of the matcher.

use super::*;

const U: Target<'static> = Target::Extra("user");
const I: Target<'static> = Target::Extra("ip");
const DIGITS: ByteSet = ByteSet { ascii: 0x03ff_0000_0000_0000, wide: false };

fn check(ops: &[Op<'_>], trailing: &str, text: &str, expected: Option<&[&str]>) {
    let mut captures = Captures::new();
    let pattern = Pattern::new(ops, trailing);
    let found =
        pattern.captures(text, &mut captures).ok().map(|()| captures.iter().map(|c| c.1).collect::<Vec<_>>());
    assert_eq!(found.as_deref(), expected, "{text}");
}

#[test]
fn open_text_ends_where_the_rest_matches() {
    let ops = [Op::Lead("user "), Op::Text(U, Next::Byte(b' ')), Op::Lead(" from "), Op::Text(I, Next::End)];
    check(&ops, "", "user kim from 192.0.2.7", Some(&["kim", "192.0.2.7"]));
    check(&ops, "", "user kim lee  from   192.0.2.7", Some(&["kim lee", "192.0.2.7"]));
    check(&ops, ". ", "user kim from 192.0.2.7.", Some(&["kim", "192.0.2.7"]));
    check(&ops, "", "user  from x", Some(&["", "x"]));
    check(&ops, "", "user kim", None);
}

#[test]
fn optional_pieces_are_taken_where_they_can_be() {
    let blank = ByteSet { ascii: 1 << b' ', wide: false };
    let next = Next::Set(std::slice::from_ref(&blank), true);
    let digits = [Run { set: DIGITS, min: 1, max: u16::MAX }];
    let ops = [
        Op::Text(U, next),
        Op::Split(4, Next::Byte(b' '), Next::End),
        Op::Literal(" port "),
        Op::Shape(I, &digits),
    ];
    check(&ops, "", "kim port 22", Some(&["kim", "22"]));
    check(&ops, "", "kim", Some(&["kim"]));
    check(&ops, "", "kim port x", Some(&["kim port x"]));
}

#[test]
fn a_blank_before_a_group_of_literal_text_stands_for_several() {
    let ops = [Op::Literal("status "), Op::Open, Op::Literal("ACCEPT"), Op::Close(U)];
    check(&ops, "", "status   ACCEPT", Some(&["ACCEPT"]));
    let open = [Op::Lead("status "), Op::Open, Op::Text(I, Next::Byte(b'.')), Op::Literal("."), Op::Close(U)];
    check(&open, "", "status   a.", Some(&["a", "a."]));
}

#[test]
fn last_splits_at_the_last_place() {
    let ops = [Op::Last(U, Next::Byte(b'@')), Op::Lead("@"), Op::Text(I, Next::End)];
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
        Op::Lead("login of <"),
        Op::Text(U, Next::Byte(b'>')),
        Op::Literal("> from "),
        Op::Address(I),
        Op::Literal(" port "),
        Op::Shape(I, &digits),
    ];
    let near = |text: &str| {
        let mut captures = Captures::new();
        let near = Pattern::new(&ops, "").nearly(text, &mut captures);
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
        Op::Lead(" named <"),
        Op::Text(U, Next::Byte(b'>')),
        Op::Literal(">"),
    ];
    let mut captures = Captures::new();
    let found = Pattern::new(&open, "").nearly("user 192.0.2.7 named <ki", &mut captures);
    assert_eq!(found, Some(Near::BreaksOff(14)));
    assert_eq!(captures.iter().collect::<Vec<_>>(), [(I, "192.0.2.7")]);
    // Nor is a text to the last place where the rest matches, if the text ends before it is known to.
    let last = [
        Op::Lead("a message of user <"),
        Op::Last(U, Next::Byte(b'>')),
        Op::Literal("> at <"),
        Op::Text(I, Next::Byte(b'>')),
        Op::Literal("> who has left"),
    ];
    let near = |text: &str| {
        let mut captures = Captures::new();
        let near = Pattern::new(&last, "").nearly(text, &mut captures);
        (near, captures.iter().map(|c| c.1.to_owned()).collect::<Vec<_>>())
    };
    assert_eq!(near("a message of user <kim> on <192.0.2.7>"), (None, vec![]));
    assert_eq!(near("a message of user <kim> at <192.0.2.7> who"), all(Near::BreaksOff(22), &["kim"]));
}

#[test]
fn adversarial_texts_are_given_up_in_linear_time() {
    let next = Next::Byte(b' ');
    let ops = [
        Op::Text(U, next),
        Op::Lead(" a"),
        Op::Text(U, next),
        Op::Lead(" a"),
        Op::Text(U, next),
        Op::Lead(" a"),
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
    check(
        &[Op::Text(U, Next::Set(std::slice::from_ref(&set), true)), Op::Rest(I)],
        "",
        "aé",
        Some(&["a", "é"]),
    );
}

#[test]
fn a_miss_names_the_furthest_place() {
    let ops = [Op::Lead("user "), Op::Text(U, Next::Byte(b' ')), Op::Literal(" from ")];
    let miss = Pattern::new(&ops, "").captures("user kim form x", &mut Captures::new()).unwrap_err();
    assert_eq!((miss.at, miss.expected), (14, Expected::Literal(" from ")));
}

/// The texts over which lists of patterns are compared, by a small alphabet so that they come near to matching.
fn texts() -> impl proptest::strategy::Strategy<Value = String> {
    proptest::string::string_regex("(user |kim|lee | from | at |192.0.2.7| +|x|\\.){0,9}").unwrap()
}

proptest::proptest! {
    #[test]
    fn patterns_that_share_match_as_they_do_alone(text in texts()) {
        let blank = ByteSet { ascii: 1 << b' ', wide: false };
        let word = [Run { set: ByteSet::WORD, min: 1, max: u16::MAX }];
        let user = [Op::Split(4, Next::Any, Next::Any), Op::Shape(U, &word), Op::Literal(" from "), Op::Jump(6), Op::Text(U, Next::Byte(b' ')), Op::Literal(" at ")];
        let begin = [Op::Lead("user "), Op::Text(I, Next::Set(std::slice::from_ref(&blank), false)), Op::Literal(" "), Op::Part(&user)];
        let ends: [&[Op<'_>]; 5] = [
            &[Op::Literal("x"), Op::Address(I)],
            &[Op::Literal("x"), Op::Address(I), Op::Lead(" "), Op::Rest(U)],
            &[Op::Literal("x"), Op::Text(I, Next::End)],
            &[Op::Last(I, Next::Byte(b' ')), Op::Literal(" x")],
            &[Op::Address(I), Op::Split(7, Next::Byte(b' '), Next::End), Op::Literal(" "), Op::Rest(U)],
        ];
        let all: Vec<Vec<Op<'_>>> = ends.iter().map(|end| begin.iter().chain(*end).copied().collect()).collect();
        let mut list: Vec<Pattern<'_>> = all.iter().map(|ops| Pattern::new(ops, ".")).collect();
        let shared: [(u16, &[u16]); 5] = [(0, &[4, 6]), (6, &[4]), (4, &[4]), (4, &[4]), (4, &[])];
        for (pattern, (shared, watched)) in list.iter_mut().zip(shared) {
            (pattern.shared, pattern.watched) = (shared, watched);
        }
        let mut captures = Captures::new();
        let together = first_of(&list, |pattern| pattern, &text, &mut captures).map(|number| {
            (number, captures.iter().collect::<Vec<_>>())
        });
        let alone = all.iter().enumerate().find_map(|(number, ops)| {
            let mut captures = Captures::new();
            Pattern::new(ops, ".").captures(&text, &mut captures).ok()?;
            Some((number, captures.iter().collect::<Vec<_>>()))
        });
        proptest::prop_assert_eq!(&together, &alone);
        proptest::prop_assert_eq!(&together, &thorough(&list, &text));
        // A matcher that notes how far it came leaves out nothing that cannot match.
        let traced = all.iter().enumerate().find_map(|(number, ops)| {
            let pattern = Pattern::new(ops, ".");
            let mut captures = Captures { text: &text, ..Captures::new() };
            let matched = Matcher::<Traced>::new(&text, pattern.end_of(&text), &mut captures.list).whole(&pattern);
            matched.then(|| (number, captures.iter().collect::<Vec<_>>()))
        });
        proptest::prop_assert_eq!(together, traced);
    }
}

/// What the matcher that tries nothing twice finds.
fn thorough<'p, 'a>(list: &[Pattern<'p>], text: &'a str) -> Option<(usize, Vec<(Target<'p>, &'a str)>)> {
    let mut captures = Captures { text, ..Captures::new() };
    let end = list.first()?.end_of(text);
    let number = thoroughly(list, |pattern| pattern, text, end, &mut captures)?;
    Some((number, captures.iter().collect()))
}

/// A piece of a random pattern.
#[derive(Clone, Debug)]
enum Piece {
    Literal(&'static str),
    Text,
    Words,
    Shape,
    Optional(Vec<Self>),
}

fn piece() -> impl proptest::strategy::Strategy<Value = Piece> {
    use proptest::prelude::{Just, Strategy, prop_oneof};
    use proptest::{collection::vec, sample::select};
    let literal = || select(vec!["a", "b", " ", "ab", " a", "a b", "b ", "aab"]).prop_map(Piece::Literal);
    let leaf = || prop_oneof![3 => literal(), 3 => Just(Piece::Text), 1 => Just(Piece::Words), 1 => Just(Piece::Shape)];
    prop_oneof![5 => leaf(), 1 => vec(leaf(), 1..3).prop_map(Piece::Optional)]
}

/// Appends the ops of some pieces. Open texts do not stand together.
fn lower(pieces: &[Piece], ops: &mut Vec<Op<'static>>) {
    const ANY: &[ByteSet] = &[ByteSet { ascii: u128::MAX, wide: true }];
    for (index, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Literal(text) if matches!(pieces.get(index + 1), Some(Piece::Text)) => {
                ops.push(Op::Lead(text));
            }
            Piece::Literal(text) => ops.push(Op::Literal(text)),
            Piece::Text if matches!(ops.last(), Some(Op::Text(..))) => {}
            Piece::Text => ops.push(match pieces.get(index + 1) {
                Some(Piece::Literal(text)) => Op::Text(U, Next::Byte(text.as_bytes()[0])),
                _ => Op::Text(U, Next::Set(ANY, true)),
            }),
            Piece::Shape => ops.push(Op::Shape(
                I,
                &[Run { set: ByteSet { ascii: 1 << b'a', wide: false }, min: 1, max: 2 }],
            )),
            Piece::Words => ops.push(Op::Words(I, &["ab", "a", "b"])),
            Piece::Optional(inner) => {
                let split = ops.len();
                ops.push(Op::Open);
                lower(inner, ops);
                ops[split] = Op::Split(u16::try_from(ops.len()).unwrap(), Next::Any, Next::Any);
            }
        }
    }
}

proptest::proptest! {
    /// What is given up, known to lead nowhere or taken up again from another pattern changes no match.
    #[test]
    fn random_patterns_match_as_they_do_with_nothing_left_out(
        begin in proptest::collection::vec(piece(), 1..5),
        ends in proptest::collection::vec(proptest::collection::vec(piece(), 0..4), 1..4),
        text in "[ab ]{0,12}",
    ) {
        let all: Vec<Vec<Op<'static>>> = ends
            .iter()
            .map(|end| {
                let mut ops = Vec::new();
                lower(&[begin.clone(), end.clone()].concat(), &mut ops);
                ops
            })
            .collect();
        // As the compiler has it: what two neighbours have in common, without an open text at its end.
        let shared = |one: &[Op<'_>], other: &[Op<'_>]| {
            let count = one.iter().zip(other).take_while(|(one, other)| one == other).count();
            count - usize::from(count > 0 && matches!(one[count - 1], Op::Text(..)))
        };
        let shared: Vec<usize> =
            std::iter::once(0).chain(all.windows(2).map(|pair| shared(&pair[0], &pair[1]))).collect();
        let watched: Vec<Vec<u16>> = (0..all.len())
            .map(|index| {
                let (mut least, mut watched) = (usize::MAX, Vec::new());
                for behind in &shared[index + 1..] {
                    least = least.min(*behind);
                    if least == 0 {
                        break;
                    }
                    watched.push(u16::try_from(least).unwrap());
                }
                watched.sort_unstable();
                watched.dedup();
                watched
            })
            .collect();
        let list: Vec<Pattern<'_>> = (0..all.len())
            .map(|index| Pattern {
                ops: &all[index],
                trailing: ".",
                shared: u16::try_from(shared[index]).unwrap(),
                watched: &watched[index],
                needs: Needle::NONE,
            })
            .collect();
        let mut captures = Captures::new();
        let together = first_of(&list, |pattern| pattern, &text, &mut captures)
            .map(|number| (number, captures.iter().collect::<Vec<_>>()));
        let traced = list.iter().enumerate().find_map(|(number, pattern)| {
            let pattern = Pattern::new(pattern.ops, ".");
            let mut captures = Captures { text: &text, ..Captures::new() };
            let matched = Matcher::<Traced>::new(&text, text.len(), &mut captures.list).whole(&pattern);
            matched.then(|| (number, captures.iter().collect::<Vec<_>>()))
        });
        proptest::prop_assert_eq!(&together, &thorough(&list, &text));
        proptest::prop_assert_eq!(together, traced);
    }

    /// A text that passes at a look is handed on as by matching.
    #[test]
    fn what_is_handed_on_at_a_look_is_what_the_last_of_a_list_hands_on(
        pieces in proptest::collection::vec(proptest::collection::vec(piece(), 1..4), 0..3),
        group in proptest::prelude::any::<bool>(),
        needed in proptest::sample::select(vec!["", "ab"]),
        text in "[ab ]{0,8}",
    ) {
        let mut all: Vec<Vec<Op<'static>>> = pieces
            .iter()
            .map(|pieces| {
                let mut ops = if group { vec![Op::Open] } else { Vec::new() };
                lower(pieces, &mut ops);
                ops.extend(group.then_some(Op::Close(U)));
                // What is needed stands in every text that matches.
                ops.extend((!needed.is_empty()).then_some(Op::Literal(needed)));
                ops
            })
            .collect();
        all.push(vec![Op::Text(Target::Hand, Next::End)]);
        let count = all.len() - 1;
        let list: Vec<Pattern<'_>> = all
            .iter()
            .enumerate()
            .map(|(index, ops)| Pattern {
                needs: if index < count { Needle::new(needed) } else { Needle::NONE },
                ..Pattern::new(ops, "")
            })
            .collect();
        let handed = handed_on(&list, |pattern| pattern, &text);
        let mut captures = Captures::new();
        let found = first_of(&list, |pattern| pattern, &text, &mut captures);
        if let Some(handed) = handed {
            proptest::prop_assert_eq!(found, Some(count));
            proptest::prop_assert_eq!(captures.iter().collect::<Vec<_>>(), [(Target::Hand, handed)]);
        } else {
            // Nothing is looked at twice without need: the first byte alone tells of a literal.
            let begins_otherwise = |ops: &Vec<Op<'_>>| matches!(ops[0], Op::Literal(first) | Op::Lead(first) if !text.starts_with(&first[..1]));
            proptest::prop_assert!(!all[..count].iter().all(begins_otherwise));
        }
    }

    /// What is plain at a look of a list is what matching it gives.
    #[test]
    fn what_is_taken_whole_at_a_look_is_what_matching_captures(
        pieces in proptest::collection::vec(proptest::collection::vec(piece(), 1..4), 1..4),
        last in proptest::prelude::any::<bool>(),
        text in "[ab ]{0,6}",
    ) {
        let mut all: Vec<Vec<Op<'static>>> = pieces
            .iter()
            .map(|pieces| {
                let mut ops = Vec::new();
                lower(pieces, &mut ops);
                ops
            })
            .collect();
        all.extend(last.then(|| vec![Op::Text(U, Next::End)]));
        let list: Vec<Pattern<'_>> = all.iter().map(|ops| Pattern::new(ops, "")).collect();
        let taken = taken_whole(&list, &text);
        let mut captures = Captures::new();
        first_of(&list, |pattern| pattern, &text, &mut captures);
        if let Some((target, text)) = taken {
            proptest::prop_assert_eq!(captures.iter().collect::<Vec<_>>(), [(*target, text)]);
        } else {
            // A value that begins otherwise than all but the last is seen to be the last one's.
            let begins_otherwise = |ops: &Vec<Op<'_>>| matches!(ops[0], Op::Literal(first) | Op::Lead(first) if !text.starts_with(&first[..1]));
            proptest::prop_assert!(!last || !all[..all.len() - 1].iter().all(begins_otherwise));
        }
    }
}
