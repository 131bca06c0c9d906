//! Whether the contestants' events are xdr's. A contestant that fails has no figure.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use xdr_runtime::record::Status;

use crate::contestant::{Check, Contestant, Mapper};
use crate::corpus::{Corpus, KEEP};

/// What came out.
#[derive(Debug)]
pub struct Checked {
    /// For each contestant, in their order: nothing, or the first thing that is wrong.
    pub verdicts: Vec<Result<(), String>>,
    /// How many of the records xdr maps without an issue.
    pub mapped: usize,
}

/// Checks all contestants over all records.
pub fn check(corpus: &Corpus, contestants: &mut [Box<dyn Contestant>]) -> Checked {
    let mut verdicts = Vec::new();
    let mut mappers: BTreeMap<usize, &mut dyn Mapper> = BTreeMap::new();
    for (at, contestant) in contestants.iter_mut().enumerate() {
        let verdict = match contestant.check() {
            Check::Events(mapper) => {
                mappers.insert(at, mapper);
                Ok(())
            }
            Check::Whole(check) => check(corpus),
            Check::Own(check) => check(corpus),
        };
        verdicts.push(verdict);
    }
    let (mut out, mut mapped) = (Vec::new(), 0);
    for (position, record) in corpus.lines() {
        out.clear();
        let outcome = corpus.source.normalize(record, position, &corpus.settings, KEEP, &mut out);
        mapped += usize::from(outcome.status == Some(Status::Mapped) && outcome.issues.is_empty());
        let expected = event(&out);
        mappers.retain(|at, mapper| {
            out.clear();
            let verdict = mapper
                .map(record, position, &mut out)
                .and_then(|()| compare(&expected, &event(&out), mapper.leaves_out()));
            let stays = verdict.is_ok();
            if let Err(what) = verdict {
                verdicts[*at] = Err(format!("{what} in {}", String::from_utf8_lossy(record)));
            }
            stays
        });
    }
    Checked { verdicts, mapped }
}

/// The tokens of a line; a line that is no object has none.
fn event(line: &[u8]) -> Map<String, Value> {
    let mut tokens: Map<String, Value> = serde_json::from_slice(line).unwrap_or_default();
    tokens.remove("xdr");
    tokens
}

fn compare(
    expected: &Map<String, Value>,
    found: &Map<String, Value>,
    left_out: &[&str],
) -> Result<(), String> {
    for (token, value) in found {
        match expected.get(token) {
            Some(expected) if expected == value => {}
            Some(expected) => return Err(format!("{token} is {value}, not {expected},")),
            None => return Err(format!("{token} is {value}, and xdr has none,")),
        }
    }
    match expected.keys().find(|token| !found.contains_key(*token) && !left_out.contains(&token.as_str())) {
        Some(token) => Err(format!("there is no {token}")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{compare, event};

    #[test]
    fn all_tokens_count_but_for_the_account_and_those_left_out() {
        let xdr = event(br#"{"user":"kim","port":7,"eventId":"1","xdr":{"status":"mapped"}}"#);
        let against =
            |line: &[u8], left_out: &[&str]| compare(&xdr, &event(line), left_out).err().unwrap_or_default();
        assert_eq!(against(br#"{"port":7,"user":"kim"}"#, &["eventId"]), "");
        assert_eq!(against(br#"{"port":7,"user":"kim"}"#, &[]), "there is no eventId");
        assert_eq!(against(br#"{"port":"7","user":"kim"}"#, &["eventId"]), "port is \"7\", not 7,");
        assert_eq!(against(br#"{"user":"kim"}"#, &["eventId"]), "there is no port");
        assert_eq!(against(br#"{"port":7,"user":"kim","x":1}"#, &["eventId"]), "x is 1, and xdr has none,");
        assert_eq!(against(b"no JSON", &["eventId", "port"]), "there is no user");
    }
}
