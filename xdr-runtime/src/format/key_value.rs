//! Pairs of `key=value` with blanks between them, as WELF has them.
//!
//! Values may be quoted and may hold blanks without being so, which makes the form ambiguous. The rules: a quoted value ends
//! at the first quote that the end of the text or another pair follows, so quotes inside need no escape; text inside quotes
//! never becomes a key; a value without quotes ends in front of the next pair. A quote that is never closed runs to the end
//! of the text, because writers cut long records, and is a fault. Quotes inside a value that does not begin with one mean nothing.
//! The value of a key that a spec calls nested runs to the bracket that closes it, under the same rules.
//! Some writers of pairs escape values as CEF does and others of the same kind do not; a spec may ask that each record is read as it is written.

use smallvec::SmallVec;

use crate::field::{Fault, Field, Fill, Name};
use crate::format::nested::{close, members};
use crate::format::part::{Seen, Unlisted, escaped, find, value};
use crate::format::text::{after, find_blank, skip_blanks, skip_while, slice, trim};
use crate::format::{Miss, cef};
use crate::lookup::Lookup;
use crate::record::Scratch;

pub use crate::format::nested::Nested;
pub use crate::format::part::{Key, Values, table};

/// How a spec reads pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyValue {
    /// What stands between key and value.
    pub assign: u8,
    /// The keys that a spec lists.
    pub keys: &'static [Key],
    /// Where the keys stand.
    pub lookup: Lookup,
    /// The key that the text must begin with.
    pub first: Option<&'static str>,
    /// The key that is always the last one: its value runs to the end of the text.
    pub last: Option<&'static str>,
    /// Whether only listed keys are keys, for wires whose values hold `word=` themselves.
    pub only_known: bool,
    /// Whether a text in which a sign of assignment or a backslash is escaped has values as those of CEF. None of them is nested.
    pub escapes: bool,
    /// Listed keys whose values may be nested.
    pub nested: &'static [Nested],
}

/// Which bytes keys are made of: letters, digits, `_`, `.` and `-`.
static PARTS_OF_KEYS: [bool; 256] = {
    let mut parts = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        #[expect(clippy::indexing_slicing, reason = "runs in the compiler; the index is below 128")]
        let place = &mut parts[byte as usize];
        *place = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
        byte += 1;
    }
    parts
};

/// The reason of the fault of a quote that nothing closes.
const UNCLOSED: &str = "quote is never closed";

/// The reason of the fault of a bracket that nothing closes.
const OPEN: &str = "bracket is never closed";

/// Reads all of `text`. Unlisted keys are extras under their own names. A repeated key is a fault, and its first value holds.
///
/// # Errors
/// The text does not begin with a key, or not with the one that it has to begin with.
pub fn read<'a>(
    pairs: &KeyValue,
    text: &'a str,
    scratch: &'a Scratch,
    fill: &mut impl Fill<'a>,
) -> Result<(), Miss> {
    let start = skip_blanks(text.as_bytes(), 0);
    let Some(mut pair) = pairs.pair_at(text, start, 0) else {
        return Err(Miss { at: start, expected: "a key" });
    };
    if let Some(first) = pairs.first.filter(|first| *first != pair.key(text)) {
        return Err(Miss { at: start, expected: first });
    }
    let escapes = pairs.escapes && cef::has_escapes(text);
    let mut seen = Seen::none_of(pairs.keys.len());
    let mut unlisted = Unlisted::default();
    // The index of the key that is expected next: records print their keys mostly in one order.
    let mut next = 0;
    loop {
        let (key, value_start) = (pair.key(text), pair.value);
        let listed = pair.listed.or_else(|| pairs.lookup.find(pairs.keys, key, |key| key.name));
        next = listed.map_or(next, |index| index + 1);
        let nested = pairs.nested.iter().find(|nested| nested.key == key);
        let end = match pairs.last {
            Some(last) if last == key => pairs.last_value(text, value_start, next),
            _ if nested.is_some() => pairs.nested(text, value_start, next),
            _ => pairs.value(text, value_start, next),
        };
        let field = if escapes { cef::value(end.value) } else { Field::text(end.value) };
        if let Some(reason) = end.unclosed {
            let name = Name::below("", Field::text(key));
            fill.fault(Fault { name, value: field, reason });
        }
        match listed.and_then(|index| Some((index, pairs.keys.get(index)?))) {
            Some((index, key)) => {
                let first = seen.first(index);
                let apart = first && nested.is_some_and(|nested| nested.apart);
                if field.is_escaped() {
                    escaped(fill, scratch, key, first, field);
                } else if !(apart && pairs.apart(key.name, end.value, &mut seen, fill)) {
                    value(fill, key, first, end.value);
                }
            }
            None => unlisted.give(Field::text(key), field, fill),
        }
        let Some(behind) = end.next else {
            return Ok(());
        };
        pair = behind;
    }
}

/// A place where a pair begins.
#[derive(Clone, Copy)]
struct Pair {
    /// Where its key begins.
    start: usize,
    /// Where its value begins, behind the sign of assignment.
    value: usize,
    /// The index of the key, if it is the one that was expected.
    listed: Option<usize>,
}

impl Pair {
    fn key(self, text: &str) -> &str {
        slice(text, self.start, self.value - 1)
    }
}

/// A value, and the next pair.
struct End<'a> {
    value: &'a str,
    next: Option<Pair>,
    /// What is wrong, if the value begins with a quote or bracket that nothing closes, so that pairs behind it may be part of it.
    unclosed: Option<&'static str>,
}

impl KeyValue {
    /// The index of a listed key, and the key.
    fn find(&self, name: &str, next: &mut usize) -> Option<(usize, &'static Key)> {
        let index = find(self.keys, &self.lookup, next, name, |key| key.name)?;
        Some((index, self.keys.get(index)?))
    }

    /// The pair that begins at `at`, if one does. The listed key with the index `next` is looked for first.
    #[inline]
    fn pair_at(&self, text: &str, at: usize, next: usize) -> Option<Pair> {
        let rest = text.as_bytes().get(at..).unwrap_or_default();
        // Listed keys are made of what all keys are made of, but for those below nested ones.
        if let Some(known) = self.keys.get(next).map(|key| key.name).filter(|_| self.nested.is_empty())
            && rest.starts_with(known.as_bytes())
            && rest.get(known.len()) == Some(&self.assign)
        {
            return Some(Pair { start: at, value: at + known.len() + 1, listed: Some(next) });
        }
        self.key_at(text, at).map(|value| Pair { start: at, value, listed: None })
    }

    /// If a key and the sign of assignment stand at `at`, the byte behind them.
    fn key_at(&self, text: &str, at: usize) -> Option<usize> {
        let bytes = text.as_bytes();
        if !bytes.get(at).is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_') {
            return None;
        }
        let is_part = |byte| PARTS_OF_KEYS.get(usize::from(byte)).is_some_and(|is| *is);
        let end = skip_while(bytes, at, is_part);
        if bytes.get(end) != Some(&self.assign) {
            return None;
        }
        if self.only_known && self.lookup.find(self.keys, slice(text, at, end), |key| key.name).is_none() {
            return None;
        }
        Some(end + 1)
    }

    /// The value of the last key, which begins at `at`: whatever it holds, quotes and pairs included, it ends where the text does.
    /// A quoted value behind whose last quote more text stands is read as others are.
    fn last_value<'a>(&self, text: &'a str, at: usize, next: usize) -> End<'a> {
        let value = trim(after(text, at));
        let inside = value.strip_prefix('"').map(|inside| inside.strip_suffix('"').ok_or(inside));
        match inside {
            None => End { value, next: None, unclosed: None },
            Some(Ok(inside)) => End { value: inside, next: None, unclosed: None },
            Some(Err(inside)) if !inside.contains('"') => {
                End { value: trim(inside), next: None, unclosed: Some(UNCLOSED) }
            }
            Some(Err(_)) => self.value(text, at, next),
        }
    }

    /// The value that begins at `at`, if it is nested; else as others are.
    fn nested<'a>(&self, text: &'a str, at: usize, next: usize) -> End<'a> {
        let Some((closed, is_closed)) = close(text, at) else {
            return self.value(text, at, next);
        };
        // What stands behind the bracket and is no key belongs to the value.
        let End { next, .. } = self.plain(text, closed, next);
        let end = next.as_ref().map_or(text.len(), |next| next.start);
        let unclosed = if is_closed { None } else { Some(OPEN) };
        End { value: trim(slice(text, at, end)), next, unclosed }
    }

    /// Gives each pair of a map to the key below `name` that is listed for it, or to the record's own extras; whether there are any.
    fn apart<'a>(&self, name: &'static str, map: &'a str, seen: &mut Seen, fill: &mut impl Fill<'a>) -> bool {
        let (mut next_key, mut any) = (0, false);
        for (key, member) in members(map, self.assign) {
            any = true;
            // Longer names than any spec has take memory of their own.
            let mut path = SmallVec::<[u8; 128]>::from_slice(name.as_bytes());
            path.push(b'.');
            path.extend_from_slice(key.as_bytes());
            let path = std::str::from_utf8(&path).unwrap_or_default();
            match self.find(path, &mut next_key) {
                Some((index, key)) => value(fill, key, seen.first(index), member),
                None => fill.extra(Name::below(name, Field::text(key)), Field::text(member)),
            }
        }
        any
    }

    /// The value that begins at `at`.
    #[inline]
    fn value<'a>(&self, text: &'a str, at: usize, next: usize) -> End<'a> {
        match text.as_bytes().get(at) {
            Some(b'"') => self.quoted(text, at + 1, next),
            _ => self.plain(text, at, next),
        }
    }

    /// `at`: behind the opening quote.
    fn quoted<'a>(&self, text: &'a str, at: usize, expected: usize) -> End<'a> {
        let bytes = text.as_bytes();
        let mut from = at;
        while let Some(hit) = bytes.get(from..).and_then(|rest| memchr::memchr(b'"', rest)) {
            let quote = from + hit;
            from = quote + 1;
            let next = skip_blanks(bytes, from);
            if next >= bytes.len() {
                return End { value: slice(text, at, quote), next: None, unclosed: None };
            }
            if next > from
                && let Some(pair) = self.pair_at(text, next, expected)
            {
                return End { value: slice(text, at, quote), next: Some(pair), unclosed: None };
            }
        }
        End { value: trim(after(text, at)), next: None, unclosed: Some(UNCLOSED) }
    }

    #[inline]
    fn plain<'a>(&self, text: &'a str, at: usize, expected: usize) -> End<'a> {
        let bytes = text.as_bytes();
        let mut from = at;
        while let Some(hit) = bytes.get(from..).and_then(find_blank) {
            let blank = from + hit;
            from = skip_blanks(bytes, blank);
            if let Some(pair) = self.pair_at(text, from, expected) {
                return End { value: trim(slice(text, at, blank)), next: Some(pair), unclosed: None };
            }
        }
        End { value: trim(after(text, at)), next: None, unclosed: None }
    }
}

#[cfg(test)]
mod tests {
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
        let mut found: Vec<_> =
            sink.fields.iter().map(|(slot, field)| format!("{slot}={}", field.raw)).collect();
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
        check(
            &WELF,
            r#"id=x msg="ADM20999: set "a" to "b"" "#,
            &["0=x", "20=ADM20999", r#"21=set "a" to "b""#],
        );
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
        const ALIKE: KeyValue =
            KeyValue { keys: &[whole("user", 2), whole("account", 2)], first: None, ..WELF };
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

    proptest! {
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
}
