//! What must hold of a record's line of output.

use std::fmt::Write as _;

use serde_json::{Map, Value as Json, json};

/// What was done to a record that somebody means harm with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Attack {
    /// A value closes its quote and goes on with fields of its own.
    Injection,
    /// A key comes again, with a forged value.
    DuplicateKey,
    /// The line breaks off.
    Cut,
    /// Control characters stand in it.
    Control,
    /// It is not UTF-8.
    NotUtf8,
    /// A field is longer than any product writes.
    Overlong,
    /// Brackets are opened thousands of times.
    Nesting,
    /// A value holds a whole record.
    InnerRecord,
}

impl Attack {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Injection,
        Self::DuplicateKey,
        Self::Cut,
        Self::Control,
        Self::NotUtf8,
        Self::Overlong,
        Self::Nesting,
        Self::InnerRecord,
    ];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Injection => "injection",
            Self::DuplicateKey => "duplicate-key",
            Self::Cut => "cut",
            Self::Control => "control-characters",
            Self::NotUtf8 => "not-utf-8",
            Self::Overlong => "overlong",
            Self::Nesting => "nesting",
            Self::InnerRecord => "inner-record",
        }
    }
}

/// What must hold of a hostile record, besides that it gives exactly one line, and keeps its bytes if it is a reject.
#[derive(Clone, Debug, PartialEq)]
pub enum Promise {
    /// These tokens have these values.
    Values(Map<String, Json>),
    /// If a token has another value than this, the record says that something is wrong with it.
    NeverSilent(Map<String, Json>),
    /// There is an issue for this reason.
    Issue(&'static str),
    /// The bytes of the record are kept in the event too.
    RawKept,
}

/// A record, and what its line of output must be.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// The record, without a line break.
    pub record: Vec<u8>,
    /// What was done to it, if something was.
    pub attack: Option<Attack>,
    /// The event that it must give, whole. Its issues have no reason: how that is worded is not predicted.
    pub event: Option<Json>,
    /// What must hold of a hostile one.
    pub promises: Vec<Promise>,
}

impl Pair {
    /// The pair as one line of JSON.
    pub fn to_json(&self) -> Json {
        let mut pair = Map::new();
        match std::str::from_utf8(&self.record) {
            Ok(text) => pair.insert("record".to_owned(), json!(text)),
            Err(_) => pair.insert("recordHex".to_owned(), json!(hex(&self.record))),
        };
        if let Some(event) = &self.event {
            pair.insert("event".to_owned(), event.clone());
        }
        if let Some(attack) = self.attack {
            let mut must = Map::new();
            must.insert("lines".to_owned(), json!(1));
            must.insert("rawInReject".to_owned(), json!(true));
            for promise in &self.promises {
                let (name, value) = match promise {
                    Promise::Values(values) => ("values", Json::Object(values.clone())),
                    Promise::NeverSilent(values) => ("valuesOrIssue", Json::Object(values.clone())),
                    Promise::Issue(reason) => ("issue", json!(reason)),
                    Promise::RawKept => ("rawKept", json!(true)),
                };
                must.insert(name.to_owned(), value);
            }
            pair.insert("attack".to_owned(), json!(attack.name()));
            pair.insert("must".to_owned(), Json::Object(must));
        }
        Json::Object(pair)
    }

    /// Holds what the mapper wrote for the record against the pair.
    ///
    /// # Errors
    /// What does not hold.
    pub fn holds(&self, output: &[u8]) -> Result<(), String> {
        let text = std::str::from_utf8(output).map_err(|_| "the output is not UTF-8")?;
        let mut lines = text.lines();
        let (Some(line), None) = (lines.next(), lines.next()) else {
            return Err(format!("{} lines for one record", text.lines().count()));
        };
        let mut found: Json = serde_json::from_str(line).map_err(|error| error.to_string())?;
        if let Some(expected) = &self.event {
            without_reasons(&mut found);
            return if found == *expected { Ok(()) } else { Err(difference(expected, &found)) };
        }
        if found["xdr"]["status"] == "rejected" || self.promises.contains(&Promise::RawKept) {
            self.raw(&found)?;
        }
        self.promises.iter().try_for_each(|promise| kept(promise, &found))
    }

    /// The bytes of the record must be in its account.
    fn raw(&self, found: &Json) -> Result<(), String> {
        let Some(raw) = found["xdr"]["raw"].as_str() else {
            return Err("the record's bytes are lost".to_owned());
        };
        let same = if found["xdr"]["rawEncoding"] == "base64" {
            raw == base64(&self.record)
        } else {
            raw.as_bytes() == self.record
        };
        if same { Ok(()) } else { Err("the record's bytes are kept otherwise than they were".to_owned()) }
    }
}

fn kept(promise: &Promise, found: &Json) -> Result<(), String> {
    let issues = found["xdr"]["issues"].as_array().map_or(0, Vec::len);
    let told = issues > 0 || found["xdr"]["status"] != "mapped";
    let differs = |values: &Map<String, Json>| {
        let other = values.iter().find(|(token, value)| found.get(token.as_str()) != Some(*value));
        other.map(|(token, value)| format!("{token} is {}, not {value}", found[token.as_str()]))
    };
    match promise {
        Promise::Values(values) => differs(values).map_or(Ok(()), Err),
        Promise::NeverSilent(values) => match differs(values) {
            Some(differs) if !told => Err(format!("{differs}, and nothing is said")),
            _ => Ok(()),
        },
        Promise::Issue(reason) => {
            let all = found["xdr"]["issues"].as_array();
            let has = all.is_some_and(|all| {
                all.iter().any(|issue| issue["reason"].as_str().is_some_and(|text| text.contains(reason)))
            });
            if has { Ok(()) } else { Err(format!("no issue says `{reason}`")) }
        }
        Promise::RawKept => Ok(()),
    }
}

fn without_reasons(event: &mut Json) {
    for issue in event["xdr"]["issues"].as_array_mut().into_iter().flatten() {
        if let Some(issue) = issue.as_object_mut() {
            issue.remove("reason");
        }
    }
    if event["xdr"]["issues"].is_null()
        && let Some(xdr) = event["xdr"].as_object_mut()
    {
        xdr.remove("issues");
    }
}

/// The members in which two events differ.
fn difference(expected: &Json, found: &Json) -> String {
    let empty = Map::new();
    let [one, other] = [expected, found].map(|event| event.as_object().unwrap_or(&empty));
    let keys = one.keys().chain(other.keys().filter(|key| !one.contains_key(*key)));
    let differing = keys.filter(|key| one.get(*key) != other.get(*key));
    let show = |value: Option<&Json>| value.map_or_else(|| "nothing".to_owned(), Json::to_string);
    let lines = differing
        .map(|key| format!("{key}: expected {}, found {}", show(one.get(key)), show(other.get(key))));
    lines.collect::<Vec<_>>().join("\n")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let number = chunk.iter().fold(0_usize, |number, byte| number << 8 | usize::from(*byte))
            << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = ALPHABET.get(number >> (18 - 6 * place) & 63).filter(|_| place <= chunk.len());
            out.push(letter.map_or('=', |letter| char::from(*letter)));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_standard() {
        for (text, expected) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")]
        {
            assert_eq!(base64(text.as_bytes()), expected);
        }
    }

    fn hostile(promises: Vec<Promise>) -> Pair {
        Pair { record: b"x".to_vec(), attack: Some(Attack::Cut), event: None, promises }
    }

    #[test]
    fn a_reject_without_its_bytes_is_found() {
        let pair = hostile(Vec::new());
        assert!(pair.holds(b"{\"xdr\":{\"status\":\"rejected\",\"raw\":\"x\"}}\n").is_ok());
        assert!(pair.holds(b"{\"xdr\":{\"status\":\"rejected\"}}\n").is_err());
        assert!(pair.holds(b"{\"xdr\":{\"status\":\"rejected\",\"raw\":\"y\"}}\n").is_err());
        assert!(pair.holds(b"").is_err());
        assert!(pair.holds(b"{}\n{}\n").is_err());
    }

    #[test]
    fn a_forged_value_that_nothing_tells_of_is_found() {
        let values: Map<String, Json> = [("sourceUser".to_owned(), json!("kim"))].into_iter().collect();
        let pair = hostile(vec![Promise::NeverSilent(values)]);
        assert!(pair.holds(b"{\"sourceUser\":\"kim\",\"xdr\":{\"status\":\"mapped\"}}").is_ok());
        assert!(pair.holds(b"{\"sourceUser\":\"root\",\"xdr\":{\"status\":\"mapped\"}}").is_err());
        let told = b"{\"sourceUser\":\"root\",\"xdr\":{\"status\":\"mapped\",\"issues\":[{\"reason\":\"repeated key\"}]}}";
        assert!(pair.holds(told).is_ok());
    }
}
