//! Records of text in the objects of shippers: whichever member holds one, it is the record that it is alone.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod support;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::LazyLock;

use proptest::prelude::{Strategy, any, prop, prop_assert_eq, proptest};
use proptest::sample::Index;
use proptest::test_runner::Config;
use serde_json::{Map, Value, json};
use support::mutate::{mutate, mutation};
use support::{endings, normalize, samples, source};
use xdr_runtime::engine::{Source, Told};
use xdr_runtime::format::json::Holders;
use xdr_runtime::info::Embedded;
use xdr_runtime::record::Scratch;

/// The sources of text.
const SOURCES: [&str; 3] = ["cisco-anyconnect", "citrix-vpn", "juniper-pulse-secure"];

static SAMPLES: LazyLock<Vec<Vec<Vec<u8>>>> =
    LazyLock::new(|| SOURCES.iter().map(|source| samples(source)).collect());

/// The members in which the source looks for records.
fn holders(source: &Source) -> Holders {
    let Embedded::In(holders) = source.info.embedded else { unreachable!("each of these looks for records") };
    holders
}

/// An object with the text at the end of the path, and with other members around it.
fn around(path: &[&str], text: &str) -> Map<String, Value> {
    let (key, below) = path.split_first().unwrap();
    let inner = if below.is_empty() { Value::from(text) } else { around(below, text).into() };
    let mut object = Map::new();
    object.insert("@timestamp".to_owned(), "2024-03-14T07:08:11.402Z".into());
    object.insert((*key).to_owned(), inner);
    object.insert("host".to_owned(), json!({ "name": "collector1", "ip": [null, 1.5, "{\"event\":7}"] }));
    object
}

/// The object without what is at the end of the path.
fn without(mut object: Map<String, Value>, path: &[&str]) -> Value {
    let (key, below) = path.split_first().unwrap();
    match object.get_mut(*key) {
        Some(Value::Object(inner)) if !below.is_empty() => {
            let rest = without(std::mem::take(inner), below);
            inner.clone_from(rest.as_object().unwrap());
        }
        _ => drop(object.remove(*key)),
    }
    object.into()
}

/// What a record becomes: the event, and its account by members. Names that come twice are a failure.
fn mapped(source: &Source, record: &[u8]) -> (String, BTreeMap<String, Value>) {
    let (line, _) = normalize(source, record, 7);
    assert_eq!(endings(&line), 1);
    let line = String::from_utf8(line).unwrap();
    let (tokens, _) = line.split_once("\"xdr\":").unwrap();
    let event: Value = serde_json::from_str(&line).unwrap();
    let account = event["xdr"].as_object().unwrap().clone();
    (
        tokens.to_owned(),
        account.into_iter().filter(|(name, _)| name != "raw" && name != "rawEncoding").collect(),
    )
}

/// What was kept as `embedded`, taken out of the account.
fn taken(account: &mut BTreeMap<String, Value>) -> Option<Value> {
    let unmapped = account.get_mut("unmapped")?.as_object_mut()?;
    let kept = unmapped.remove("embedded");
    if unmapped.is_empty() {
        account.remove("unmapped");
    }
    kept
}

/// The values of one name.
fn list(kept: Option<Value>) -> Vec<Value> {
    match kept {
        Some(Value::Array(values)) => values,
        kept => kept.into_iter().collect(),
    }
}

/// Asserts that a text gives in any member what it gives alone.
fn same_in_every_member(source: &Source, text: &str) {
    let (tokens, mut account) = mapped(source, text.as_bytes());
    let own = taken(&mut account);
    for path in holders(source).paths {
        let object = around(path, text);
        let line = Value::from(object.clone()).to_string();
        let (found, mut kept) = mapped(source, line.as_bytes());
        assert_eq!(found, tokens, "{line}");
        if kept["status"] == "rejected" {
            assert_eq!(kept, account, "{line}");
            continue;
        }
        // The record may keep something of that name itself, or be an object around another one.
        let mut expected = [list(own.clone()), vec![without(object, path)]].concat();
        let mut found = list(taken(&mut kept));
        for values in [&mut expected, &mut found] {
            values.sort_by_key(Value::to_string);
        }
        assert_eq!(found, expected, "{line}");
        assert_eq!(kept, account, "{line}");
    }
}

#[test]
fn every_sample_gives_in_every_member_what_it_gives_alone() {
    for (name, samples) in SOURCES.iter().zip(SAMPLES.iter()) {
        let source = source(name);
        for sample in samples {
            // What is no UTF-8 no writer of JSON has either; the account says then that it was repaired.
            let text = String::from_utf8_lossy(sample);
            same_in_every_member(source, &text);
        }
    }
}

#[test]
fn an_escaped_line_break_behind_a_record_is_none_of_it() {
    for (name, samples) in SOURCES.iter().zip(SAMPLES.iter()) {
        let source = source(name);
        for sample in samples.iter().filter(|sample| std::str::from_utf8(sample).is_ok()) {
            let text = std::str::from_utf8(sample).unwrap();
            let (tokens, account) = mapped(source, sample);
            for end in ["\n", "\r\n", "\u{0}", " \n\n"] {
                let line = json!({ "log": format!("{text}{end}") }).to_string();
                assert_eq!(mapped(source, line.as_bytes()), (tokens.clone(), account.clone()), "{line}");
            }
        }
    }
}

#[test]
fn an_event_and_an_explanation_tell_what_the_line_tells() {
    let settings = support::settings();
    for (name, samples) in SOURCES.iter().zip(SAMPLES.iter()) {
        let source = source(name);
        for sample in samples.iter().filter(|sample| std::str::from_utf8(sample).is_ok()).step_by(7) {
            let text = std::str::from_utf8(sample).unwrap();
            let line = json!({ "event": { "original": text }, "n": 1 }).to_string();
            let (alone, wrapped) =
                (source.explain(sample, &settings), source.explain(line.as_bytes(), &settings));
            assert_eq!((&wrapped.text, wrapped.status), (&alone.text, alone.status), "{line}");
            assert_eq!(wrapped.reject, alone.reject, "{line}");
            let kept = Told::Unmapped { field: "embedded".to_owned(), value: "{\"n\":1}".to_owned() };
            let is_kept = wrapped.told.contains(&kept);
            assert_eq!(is_kept, wrapped.reject.is_none(), "{line}");
            let (first, second) = (Scratch::new(), Scratch::new());
            assert_eq!(
                source.event(line.as_bytes(), 7, &settings, &first),
                source.event(sample, 7, &settings, &second),
                "{line}"
            );
        }
    }
}

/// A source, and one of its samples changed a few times.
fn mutated() -> impl Strategy<Value = (usize, Vec<u8>)> {
    let changes = prop::collection::vec(mutation(), 1..5);
    (0..SOURCES.len(), any::<Index>(), changes).prop_map(|(source, sample, mutations)| {
        let samples = &SAMPLES[source];
        let mut line = samples[sample.index(samples.len())].clone();
        for mutation in &mutations {
            mutate(&mut line, mutation, samples);
        }
        (source, line)
    })
}

proptest! {
    #![proptest_config(Config { cases: 500, failure_persistence: None, ..Config::default() })]

    #[test]
    fn changed_samples_give_in_a_member_what_they_give_alone((index, line) in mutated(), path in any::<Index>()) {
        let source = source(SOURCES[index]);
        let text = String::from_utf8_lossy(&line).replace('\n', " ");
        let paths = holders(source).paths;
        let path = paths[path.index(paths.len())];
        // A writer that escapes all that it may.
        let object = Value::from(around(path, &text)).to_string();
        let mut ascii = String::new();
        for char in object.chars() {
            if char.is_ascii() {
                ascii.push(char);
                continue;
            }
            for unit in char.encode_utf16(&mut [0; 2]) {
                write!(ascii, "\\u{unit:04x}").unwrap();
            }
        }
        let alone = mapped(source, text.as_bytes()).0;
        if !text.trim().is_empty() {
            prop_assert_eq!(&mapped(source, object.as_bytes()).0, &alone, "{}", object);
            prop_assert_eq!(&mapped(source, ascii.as_bytes()).0, &alone, "{}", ascii);
        }
    }
}

#[test]
fn what_is_no_such_object_is_what_it_was() {
    // Without the members in question nothing but the first byte is looked at.
    for (name, status) in
        [("cisco-anyconnect", "rejected"), ("citrix-vpn", "rejected"), ("juniper-pulse-secure", "partial")]
    {
        for line in
            [r#"{"text":"kim"}"#, r#"{"message":7}"#, r#"{"message":{"log":"kim"}}"#, r#"{"message":" "}"#]
        {
            let (tokens, account) = mapped(source(name), line.as_bytes());
            assert_eq!(account["status"], status, "{name}: {line}");
            assert!(!tokens.contains("kim"), "{name}: {tokens}");
        }
        // Broken objects are refused by all.
        for line in
            [r#"{"message":"kim""#, r#"{"message":"kim"} x"#, "{\"message\":\"\tkim\"}", "{'message':'kim'}"]
        {
            assert_eq!(mapped(source(name), line.as_bytes()).1["status"], "rejected", "{name}: {line}");
        }
    }
}
