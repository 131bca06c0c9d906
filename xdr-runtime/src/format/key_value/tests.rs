//! Tests of the format `key-value`.
use proptest::prelude::*;
use xdr_model::pattern::{ByteSet, Next, Op, Pattern, Run, Target};

use super::*;
use crate::format::sink::Sink;

const fn whole(name: &'static str, slot: u16) -> Key {
    Key { name, value: Values::Whole(Target::Field(slot)) }
}

const UPPER: ByteSet = ByteSet { ascii: 0x07ff_fffe << 64, wide: false };
const DIGIT: ByteSet = ByteSet { ascii: 0x03ff << 48, wide: false };
const CODE: &[Run] = &[Run { set: UPPER, min: 3, max: 3 }, Run { set: DIGIT, min: 3, max: 5 }];
const MSG: &[Pattern<'static>] = &[Pattern::new(
    &[Op::Shape(Target::Field(20), CODE), Op::Lead(": "), Op::Text(Target::FieldHand(21), Next::End)],
    "",
)];

const WELF: KeyValue = KeyValue {
    assign: b'=',
    keys: &[
        whole("id", 0),
        whole("time", 1),
        whole("user", 2),
        whole("realm", 3),
        whole("dst", 4),
        whole("dstname", 5),
        whole("agent", 6),
        Key { name: "ivs", value: Values::Whole(Target::Extra("ivs")) },
        Key { name: "msg", value: Values::Patterns(MSG) },
    ],
    lookup: Lookup::LINEAR,
    first: Some("id"),
    last: None,
    only_known: false,
    escapes: false,
    nested: &[],
};

const AUDIT: KeyValue = KeyValue {
    assign: b':',
    keys: &[whole("addr.remote", 0), whole("code", 1), whole("user_agent", 2), whole("roles", 3)],
    lookup: Lookup::LINEAR,
    first: None,
    last: None,
    only_known: true,
    escapes: false,
    nested: &[],
};

/// What is unescaped for a test stays.
fn read<'a>(pairs: &KeyValue, text: &'a str, fill: &mut impl Fill<'a>) -> Result<(), Miss> {
    super::read(pairs, text, Box::leak(Box::default()), fill)
}

/// Fields as `slot=text`, then extras, then faults.
fn check(pairs: &KeyValue, text: &str, expected: &[&str]) {
    let mut sink = Sink::default();
    read(pairs, text, &mut sink).unwrap();
    sink.assert_inside(text);
    let mut found: Vec<_> = sink.fields.iter().map(|(slot, field)| format!("{slot}={}", field.raw)).collect();
    found.extend(sink.extras());
    found.extend(sink.faults());
    assert_eq!(found, expected, "{text}");
}

#[test]
fn the_value_of_the_last_key_runs_to_the_end() {
    let last = KeyValue { last: Some("dst"), ..WELF };
    check(&last, r#"id=a dst="x" user=evil y=""#, &["0=a", r#"4=x" user=evil y="#]);
    check(&last, r#"id=a dst="x user=evil"#, &["0=a", "4=x user=evil", "dst: quote is never closed"]);
    check(&last, "id=a dst=x user=evil ", &["0=a", "4=x user=evil"]);
    check(&last, r#"id=a dst="x" user=kim"#, &["0=a", "4=x", "2=kim"]);
    check(&last, "id=a dst=", &["0=a", "4="]);
    // Which of two last keys is the device's own cannot be told.
    let twice = ["0=a", r#"4=x" user=evil dst="y"#, "dst: repeated key"];
    check(&last, r#"id=a dst="x" user=evil dst="y""#, &twice);
    check(&last, r#"id=a dst=""x" dst ""#, &["0=a", r#"4="x" dst "#]);
    check(&last, r#"id=a dst="dst="x" odst="""#, &["0=a", r#"4=dst="x" odst=""#]);
    check(&last, r#"id=a dst="x dst=""#, &["0=a", "4=x dst="]);
}

#[test]
fn values_may_hold_blanks_with_and_without_quotes() {
    check(
        &WELF,
        r#"id=firewall time="2024-03-14 07:08:09" ivs=Default Network user=kim realm="Corp - Tablet" msg="AUT24326: ok""#,
        &[
            "0=firewall",
            "1=2024-03-14 07:08:09",
            "2=kim",
            "3=Corp - Tablet",
            "20=AUT24326",
            "21=ok",
            "ivs=Default Network",
        ],
    );
}

#[test]
fn an_empty_value_stays_empty() {
    check(&WELF, r#"id=x dst= dstname= realm="" agent="#, &["0=x", "4=", "5=", "3=", "6="]);
    check(&WELF, "id=x dst=  dstname=\t", &["0=x", "4=", "5="]);
}

#[test]
fn text_inside_quotes_never_becomes_a_key() {
    check(&WELF, r#"id=x realm="a user=root dst=b" user=kim"#, &["0=x", "3=a user=root dst=b", "2=kim"]);
    check(
        &WELF,
        r#"id=x agent="Mozilla "(x; y=z)" user" user=kim"#,
        &["0=x", r#"6=Mozilla "(x; y=z)" user"#, "2=kim"],
    );
}

#[test]
fn the_last_value_may_hold_quotes_and_lack_its_own() {
    check(&WELF, r#"id=x msg="ADM20999: set "a" to "b"" "#, &["0=x", "20=ADM20999", r#"21=set "a" to "b""#]);
    let cut = r#"id=x msg="ADM20999: CN="a", cut o "#;
    check(&WELF, cut, &["0=x", "20=ADM20999", r#"21=CN="a", cut o"#, "msg: quote is never closed"]);
    check(&WELF, "id=x realm=\"", &["0=x", "3=", "realm: quote is never closed"]);
    let swallowed = r#"id=x realm="Users" and user=kim"#;
    check(&WELF, swallowed, &["0=x", r#"3=Users" and user=kim"#, "realm: quote is never closed"]);
}

#[test]
fn a_repeated_key_is_a_fault_and_the_first_holds() {
    check(
        &WELF,
        "id=x user=kim user=root z=1 z=2",
        &["0=x", "2=kim", "z=1", "user: repeated key", "z: repeated key"],
    );
}

#[test]
fn keys_of_one_field_are_all_kept() {
    const ALIKE: KeyValue = KeyValue { keys: &[whole("user", 2), whole("account", 2)], first: None, ..WELF };
    check(&ALIKE, "account=kim user=root", &["2=kim", "user=root"]);
    check(&ALIKE, "user=kim account=kim", &["2=kim", "2=kim"]);
}

#[test]
fn an_unlisted_key_keeps_its_name() {
    check(&WELF, "id=x new-key_2.x=some text user=kim", &["0=x", "2=kim", "new-key_2.x=some text"]);
}

#[test]
fn a_value_that_is_not_as_its_template_is_kept_with_a_fault() {
    check(&WELF, r#"id=x msg="no code""#, &["0=x", "msg=no code", "msg: does not match its template"]);
    check(&WELF, r#"id=x msg="""#, &["0=x", "msg="]);
}

#[test]
fn the_order_of_texts_before_changes_nothing() {
    for _ in 0..2 {
        check(&WELF, "id=x user=kim realm=a", &["0=x", "2=kim", "3=a"]);
        check(&WELF, "id=x user=kim users=a realm=b", &["0=x", "2=kim", "3=b", "users=a"]);
        check(&WELF, "id=x user=kim dst=a", &["0=x", "2=kim", "4=a"]);
        check(&WELF, "id=x user=kim dstname=a dst=b", &["0=x", "2=kim", "5=a", "4=b"]);
    }
}

#[test]
fn what_is_handed_on_is_handed_on() {
    let mut sink = Sink::default();
    read(&WELF, r#"id=x msg="AUT24326: Primary ok""#, &mut sink).unwrap();
    assert_eq!(sink.hands, ["Primary ok"]);
}

#[test]
fn only_listed_keys_end_a_value_where_values_look_like_keys() {
    check(
        &AUDIT,
        "addr.remote:203.0.113.5:50500 code:T1000I roles:[a b] user_agent:Mozilla/5.0 (X11; rv:1 Linux) x/1 e/e.go:288",
        &["0=203.0.113.5:50500", "1=T1000I", "3=[a b]", "2=Mozilla/5.0 (X11; rv:1 Linux) x/1 e/e.go:288"],
    );
}

#[test]
fn a_word_in_front_of_two_colons_and_a_letter_is_no_key() {
    for (text, expected) in [
        ("user_agent:x roles:y code:z", ["2=x", "3=y", "1=z"].as_slice()),
        // The key was expected behind that one, as it stood there before.
        ("user_agent:SELECT roles::text, a code:z", &["2=SELECT roles::text, a", "1=z"]),
        ("user_agent: roles::text code:z", &["2=roles::text", "1=z"]),
        // Addresses and ports may begin with colons.
        ("user_agent:x roles::::1 code::3022", &["2=x", "3=:::1", "1=:3022"]),
    ] {
        check(&AUDIT, text, expected);
    }
}

#[test]
fn a_text_with_escapes_is_read_by_them_and_another_as_it_is() {
    const ESCAPED: KeyValue = KeyValue { escapes: true, only_known: true, first: None, ..WELF };
    let texts = |text| {
        let mut sink = Sink::default();
        read(&ESCAPED, text, &mut sink).unwrap();
        let fields = sink.fields.iter().map(|(slot, field)| format!("{slot}={}", field.decoded()));
        let extras = sink.extras.iter().map(|(name, field)| format!("{name}={}", field.decoded()));
        fields.chain(extras).chain(sink.faults()).collect::<Vec<_>>()
    };
    assert_eq!(
        texts(r#"user=a\\b realm=x dst\=y user=evil agent=a\nb\q ivs=\=1 msg="AUT24326: c\=d e=f""#),
        ["2=a\\b", "3=x dst=y", "6=a\nb\\q", "20=AUT24326", "21=c=d e=f", "ivs==1", "user: repeated key"]
    );
    // Neither sign nor backslash is escaped, so nothing is.
    assert_eq!(texts(r"user=a\nb realm=C:\new agent=x=y"), [r"2=a\nb", r"3=C:\new", "6=x=y"]);
    assert_eq!(texts(r"user=kim\"), [r"2=kim\"]);
    let mut sink = Sink::default();
    read(&KeyValue { escapes: false, ..ESCAPED }, r"user=a\=b", &mut sink).unwrap();
    assert_eq!(sink.field(2), Some(r"a\=b"));
}

#[test]
fn keys_inside_a_nested_value_are_not_the_records() {
    const NESTED: KeyValue = KeyValue {
        keys: &[
            whole("identity.user", 4),
            whole("identity", 5),
            whole("target", 6),
            whole("user", 1),
            whole("time", 2),
        ],
        nested: &[Nested { key: "identity", apart: true }, Nested { key: "target", apart: false }],
        ..AUDIT
    };
    check(
        &NESTED,
        "identity:map[a:[time:x b] time:y user:kim] target:map[user:lee] time:z",
        &["4=kim", "6=map[user:lee]", "2=z", "identity.a=[time:x b]", "identity.time=y"],
    );
    check(&NESTED, "identity:[] target:map[] user:kim", &["5=[]", "6=map[]", "1=kim"]);
    check(&NESTED, "identity:plain user:kim", &["5=plain", "1=kim"]);
    check(&NESTED, "target:[a b] new:x user:kim", &["6=[a b] new:x", "1=kim"]);
    check(
        &NESTED,
        "user:kim identity:map[a:[b user:evil time:x",
        &["1=kim", "5=map[a:[b user:evil time:x", "identity: bracket is never closed"],
    );
    check(
        &NESTED,
        "identity:map[user:kim user:lee] identity:map[user:evil] time:x",
        &["4=kim", "2=x", "identity.user: repeated key", "identity: repeated key"],
    );
    // A key that is not called nested is read as ever.
    check(&NESTED, "user:[a time:x target:map[b]", &["1=[a", "2=x", "6=map[b]"]);
}

#[test]
fn other_forms_are_told_apart() {
    let miss = |pairs: &KeyValue, text| read(pairs, text, &mut Sink::default()).unwrap_err();
    assert_eq!(miss(&WELF, "2024-03-14 07:08:09 - ive"), Miss { at: 0, expected: "a key" });
    assert_eq!(miss(&WELF, "  time=x id=y"), Miss { at: 2, expected: "id" });
    assert_eq!(miss(&WELF, ""), Miss { at: 0, expected: "a key" });
    assert_eq!(miss(&WELF, "=x"), Miss { at: 0, expected: "a key" });
    assert_eq!(miss(&AUDIT, "other:1 code:x"), Miss { at: 0, expected: "a key" });
}

#[test]
fn hostile_texts_take_linear_time() {
    let start = std::time::Instant::now();
    for piece in ["a=\"", "\" ", " ", "a ", "a=b ", "\"\"", "k", "msg=\"x\" y ", "\" a-b "] {
        let text = format!("id={}", piece.repeat(250_000 / piece.len()));
        let mut sink = Sink::default();
        read(&WELF, &text, &mut sink).unwrap();
    }
    let nested = KeyValue { nested: &[Nested { key: "roles", apart: true }], ..AUDIT };
    for piece in ["roles:[ ", "roles:map[", "roles:map[a:b] ", "roles:[] ", "[ ", "] ", "a: "] {
        let text = format!("roles:map[{}", piece.repeat(250_000 / piece.len()));
        read(&nested, &text, &mut Sink::default()).unwrap();
        read(&nested, &format!("{text}]"), &mut Sink::default()).unwrap();
    }
    let keys = (0..60_000).map(|number| format!("key{number}=v ")).collect::<Vec<_>>().concat();
    read(&WELF, &format!("id=x {keys}"), &mut Sink::default()).unwrap();
    assert!(start.elapsed().as_secs() < 10);
}

/// All that is found in a text, also the reason why nothing is.
fn found(pairs: &KeyValue, text: &str) -> String {
    let mut sink = Sink::default();
    let read = read(pairs, text, &mut sink);
    format!("{read:?} {sink:?}")
}

proptest! {
    /// Keys that come in the usual order are read in another way than those that are looked up.
    #[test]
    fn whatever_order_is_remembered_the_same_is_found(
        pieces in prop::collection::vec(("( |  |\t|x|\")?", r#"a|é|a b|"a"|"a b"|"a|"a" "b"|"#), 4),
        last in prop::sample::select(vec![None, Some("dst"), Some("realm")]),
    ) {
        let keys = [" user=", " realm=", " dst=", " dstname="];
        let usual = keys.map(|key| format!("{key}a")).concat();
        let value = |(key, (sign, value)): (&str, &(String, String))| format!("{sign}{}{value}", key.trim());
        let text = format!("id=x {}", keys.into_iter().zip(&pieces).map(value).collect::<String>());
        let pairs = KeyValue { last, ..WELF };
        let (unknown, text) = std::thread::spawn(move || (found(&pairs, &text), text)).join().unwrap();
        found(&KeyValue { last: None, ..WELF }, &format!("id=x{usual}"));
        prop_assert_eq!(&found(&pairs, &text), &unknown, "{}", text);
        prop_assert_eq!(&found(&pairs, &text), &unknown, "{}, once more", text);
    }

    #[test]
    fn any_text_is_survived(text in "(id=)?([a-b]{1,2}[=:]|[\" \t=]|user=|é){0,30}|.*") {
        for pairs in [&WELF, &AUDIT] {
            let mut sink = Sink::default();
            let _ = read(pairs, &text, &mut sink);
            sink.assert_inside(&text);
        }
    }

    #[test]
    fn quoted_values_come_back(user in "[^\"]{0,20}", agent in "[^\"]{0,20}") {
        let text = format!("id=x user=\"{user}\" agent=\"{agent}\"");
        let mut sink = Sink::default();
        read(&WELF, &text, &mut sink).unwrap();
        prop_assert_eq!(sink.field(2), Some(user.as_str()));
        prop_assert_eq!(sink.field(6), Some(agent.as_str()));
    }
}
