//! A source's records: one line of JSON for each, the same every time, and nothing of a reject lost.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;
use serde_json::de::StrRead;
use xdr_model::{Event, Token};
use xdr_runtime::engine::Source;
use xdr_runtime::ndjson::Keep;
use xdr_runtime::record::Scratch;
use xdr_runtime::settings::Settings;

/// Reads the input as a line of the source's log.
pub(crate) fn run(name: &str, data: &[u8]) {
    let source = xdr_sources::source(name).expect("a source that is compiled in");
    let line = data.split(|byte| *byte == b'\n').next().unwrap_or_default();
    for record in source.records(line) {
        let once = normalized(source, record);
        assert_eq!(once, normalized(source, record), "the same record gives the same bytes");
        checked(record, &once);
        let _ = source.explain(record, &settings());
        let scratch = Scratch::new();
        if let Ok(event) = source.event(record, 0, &settings(), &scratch) {
            let text = event.to_json();
            let again = Event::from_json(&text).expect("an event reads its own JSON");
            assert_eq!(again.to_json(), text);
        }
    }
}

fn settings() -> Settings {
    Settings::new("2024-03-14T08:00:00Z".parse().expect("a time"))
}

fn normalized(source: &Source, record: &[u8]) -> String {
    let mut out = Vec::new();
    source.normalize(record, 0, &settings(), Keep { unmapped: true, raw: false }, &mut out);
    String::from_utf8(out).expect("output is UTF-8")
}

fn checked(record: &[u8], line: &str) {
    let text = line.strip_suffix('\n').expect("a line ends");
    // RFC 8259, section 7: what must be escaped.
    assert!(!text.contains(|c: char| c < ' '), "no control character is printed as it is: {text}");
    let keys = Keys::of(text);
    let unique: BTreeSet<&str> = keys.0.iter().map(String::as_str).collect();
    assert_eq!(unique.len(), keys.0.len(), "each key stands once: {text}");
    let known = |key: &&&str| Token::from_name(key).is_some() || **key == "xdr";
    assert_eq!(unique.iter().filter(known).count(), unique.len(), "only tokens are keys: {text}");
    let event: Value = serde_json::from_str(text).expect("JSON");
    let account = &event["xdr"];
    let status = account["status"].as_str().unwrap_or_default();
    assert!(["mapped", "partial", "rejected"].contains(&status), "{text}");
    if status == "rejected" && account["rawEncoding"].is_null() {
        assert_eq!(account["raw"].as_str().map(str::as_bytes), Some(record), "a reject keeps its record");
    }
}

/// The keys of an object, as they stand.
struct Keys(Vec<String>);

impl Keys {
    fn of(text: &str) -> Self {
        let mut reader = serde_json::Deserializer::<StrRead<'_>>::from_str(text);
        serde::Deserializer::deserialize_map(&mut reader, Collect).expect("an object")
    }
}

struct Collect;

impl<'de> serde::de::Visitor<'de> for Collect {
    type Value = Keys;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Keys, A::Error> {
        let mut keys = Vec::new();
        while let Some((key, _)) = map.next_entry::<String, serde::de::IgnoredAny>()? {
            keys.push(key);
        }
        Ok(Keys(keys))
    }
}
