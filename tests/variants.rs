//! Every shape in which the products are known to write has a record here, with the whole event that it must become.
//!
//! `tests/variants/SOURCE.txt` is written by hand, from what the products document, and never accepted from what the program
//! printed. A file reads:
//!
//! ```text
//! [A3] PRI, year, host, and a colon between blanks        a shape's number and what it is; several records may follow
//! | <166>Mar 04 2024 07:08:09 fw7 : %ASA-6-113008: …      a record
//! = mapped                                                its status; behind `partial` or `rejected` the reasons, by `; `
//!   eventTime "2024-03-04T07:08:09Z"                      each token with its value in JSON; no other token may be there
//! ```
//!
//! Tokens under `[always]` are those that all records of the file have; a record may still say otherwise of one of them, and
//! `-` in place of a value says that it is absent. `eventId` and what settings fill are left out. The pictures of control
//! characters, such as ␉ for a tab, stand for these in a record.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use serde_json::Value;
use support::{entries, normalize, root, source};

/// Members that settings fill, and the number that changes with every byte.
const LEFT_OUT: [&str; 6] =
    ["eventId", "collectorId", "eventSourceId", "collectorReceivedTime", "customerId", "xdr"];

/// The shapes of each source: a letter and how many there are of it.
const SHAPES: [(&str, &[(char, usize)]); 5] = [
    ("cisco-anyconnect", &[('A', 17), ('B', 25), ('H', 15)]),
    ("citrix-vpn", &[('C', 15), ('D', 18), ('N', 12)]),
    ("juniper-pulse-secure", &[('P', 11), ('W', 8)]),
    ("qualys-endpoint", &[('Q', 3)]),
    ("teleport", &[('T', 6)]),
];

type Tokens = BTreeMap<String, Value>;

/// A record of a file and what must become of it.
#[derive(Debug, Default)]
struct Case {
    shape: String,
    line: usize,
    record: Vec<u8>,
    status: String,
    reasons: Vec<String>,
    tokens: Tokens,
}

#[test]
fn every_shape_becomes_the_event_written_for_it() {
    let mut wrong = String::new();
    for (name, _) in SHAPES {
        for case in cases(name) {
            check(name, &case, &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_known_shape_has_a_record() {
    for (name, letters) in SHAPES {
        let there: BTreeSet<String> = cases(name).into_iter().map(|case| case.shape).collect();
        let all =
            letters.iter().flat_map(|(letter, count)| (1..=*count).map(move |n| format!("{letter}{n}")));
        let missing: Vec<String> = all.filter(|shape| !there.contains(shape)).collect();
        assert!(missing.is_empty(), "tests/variants/{name}.txt has no record of {}", missing.join(", "));
    }
    let files = entries(&root().join("tests/variants"));
    assert_eq!(files.len(), SHAPES.len(), "a file that no test reads: {files:?}");
}

/// Compares what became of a record with what is written, and says each difference.
fn check(name: &str, case: &Case, wrong: &mut String) {
    let source = source(name);
    let records: Vec<&[u8]> = source.records(&case.record).collect();
    let (event, _) = normalize(source, records.first().copied().unwrap_or(b""), 0);
    let mut event: Tokens = serde_json::from_slice(&event).unwrap();
    let account = event.remove("xdr").unwrap();
    event.retain(|token, _| !LEFT_OUT.contains(&token.as_str()));
    let mut differences = Vec::new();
    if records.len() != 1 {
        differences.push(format!("{} records instead of one", records.len()));
    }
    let status = account.get("status").and_then(Value::as_str).unwrap_or_default();
    let reasons = reasons(&account);
    if status != case.status || reasons != case.reasons {
        differences.push(format!("= {status}: {}", reasons.join("; ")));
    }
    for token in event.keys().chain(case.tokens.keys()).collect::<BTreeSet<_>>() {
        let (is, should) = (event.get(token), case.tokens.get(token));
        if is != should {
            let shown = |value: Option<&Value>| value.map_or_else(|| "-".to_owned(), Value::to_string);
            differences.push(format!("{token} is {}, should be {}", shown(is), shown(should)));
        }
    }
    if !differences.is_empty() {
        let record = String::from_utf8_lossy(&case.record);
        let _ = writeln!(wrong, "\ntests/variants/{name}.txt:{} [{}] {record}", case.line, case.shape);
        for difference in differences {
            let _ = writeln!(wrong, "    {difference}");
        }
    }
}

/// The reasons why a record is not wholly mapped: of a reject its reason, else those of its issues.
fn reasons(account: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    if let Some(reason) = account.get("reject").and_then(|reject| text(reject.get("reason")?)) {
        return vec![reason];
    }
    let issues = account.get("issues").and_then(Value::as_array);
    issues.into_iter().flatten().filter_map(|issue| text(issue.get("reason")?)).collect()
}

/// The cases of a source's file.
fn cases(name: &str) -> Vec<Case> {
    let path = root().join(format!("tests/variants/{name}.txt"));
    let text = fs::read_to_string(&path).unwrap();
    let (mut always, mut shape, mut cases) = (Tokens::new(), String::new(), Vec::<Case>::new());
    for (number, line) in text.lines().enumerate() {
        let place = format!("{}:{}", path.display(), number + 1);
        let (mark, rest) = line.split_at_checked(2).unwrap_or((line, ""));
        match mark {
            "" | "# " | "#" => {}
            "| " => {
                assert!(!shape.is_empty(), "{place}: a record before its shape");
                let record = unescaped(rest);
                cases.push(Case { shape: shape.clone(), line: number + 1, record, ..Case::default() });
            }
            "= " => {
                let case =
                    cases.last_mut().unwrap_or_else(|| unreachable!("{place}: a status before a record"));
                let (status, reasons) = rest.split_once(": ").unwrap_or((rest, ""));
                status.clone_into(&mut case.status);
                case.reasons =
                    reasons.split("; ").filter(|reason| !reason.is_empty()).map(str::to_owned).collect();
                if status != "rejected" {
                    case.tokens.clone_from(&always);
                }
            }
            "  " => {
                let (token, value) = rest.trim().split_once(' ').unwrap_or((rest.trim(), ""));
                let tokens =
                    if shape == "always" { &mut always } else { &mut cases.last_mut().unwrap().tokens };
                if value.trim() == "-" {
                    assert!(tokens.remove(token).is_some(), "{place}: `{token}` is not there anyway");
                } else {
                    let value =
                        serde_json::from_str(value.trim()).unwrap_or_else(|e| unreachable!("{place}: {e}"));
                    tokens.insert(token.to_owned(), value);
                }
            }
            _ => {
                let inner = line.strip_prefix('[').and_then(|rest| rest.split_once(']'));
                let (inner, _) = inner.unwrap_or_else(|| unreachable!("{place}: cannot be read: {line}"));
                inner.clone_into(&mut shape);
            }
        }
    }
    for case in &cases {
        assert!(!case.status.is_empty(), "{}:{}: a record without a status", path.display(), case.line);
    }
    cases
}

/// A record as it is written in a file, with the pictures of control characters resolved.
fn unescaped(text: &str) -> Vec<u8> {
    let control = |picture: char| match u32::from(picture) {
        code @ 0x2400..=0x241f => char::from_u32(code - 0x2400).unwrap(),
        _ => picture,
    };
    text.chars().map(control).collect::<String>().into_bytes()
}
