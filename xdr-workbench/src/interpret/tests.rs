//! What an observer is told.

use std::cell::RefCell;

use xdr_model::Token;
use xdr_runtime::engine::Engine;
use xdr_runtime::ndjson::Keep;
use xdr_runtime::record::Reject;
use xdr_runtime::sink::Reason;

use super::observe::{Arm, Body, Keys, List, Mapping, Matched, Message, Observer, Outcome};
use super::*;

/// Writes down what it is told.
#[derive(Default)]
struct Notes(RefCell<Vec<String>>);

impl Notes {
    fn note(&self, text: String) {
        self.0.borrow_mut().push(text);
    }
}

impl Observer for Notes {
    fn form(&self, step: usize, form: Option<usize>) {
        self.note(format!("form {step} {form:?}"));
    }
    fn template(&self, list: List, matched: Option<Matched<'_>>) {
        let ways = |matched: Matched<'_>| {
            let ways = matched
                .ways
                .iter()
                .map(|way| format!("{:?}:{}{}", way.part, way.split, if way.taken { '+' } else { '-' }));
            format!("{} [{}]", matched.template, ways.collect::<Vec<_>>().join(" "))
        };
        self.note(format!("template {list:?} {}", matched.map_or("none".to_owned(), ways)));
    }
    fn key(&self, list: Keys, key: usize) {
        self.note(format!("key {list:?} {key}"));
    }
    fn message(&self, message: Message) {
        self.note(format!("message {message:?}"));
    }
    fn body(&self, message: Message, body: Body) {
        self.note(format!("body {message:?} {body:?}"));
    }
    fn preferred(&self, plan: usize, case: usize) {
        self.note(format!("preferred {plan} {case}"));
    }
    fn tried(&self, Mapping { plan, candidate, row }: Mapping, outcome: Outcome) {
        self.note(format!("tried {plan}/{candidate} row {row} {outcome:?}"));
    }
    fn value(&self, map: usize, arm: Arm) {
        self.note(format!("value {map} {arm:?}"));
    }
    fn issue(&self, token: Option<Token>, reason: Reason) {
        self.note(format!("issue {token:?} {reason}"));
    }
    fn reject(&self, reject: &Reject) {
        self.note(format!("reject {}", reject.at));
    }
    fn event(&self) {
        self.note("event".to_owned());
    }
}

const SPEC: &str = r#"
source: gate
guide: { title: Gate, published: 2024-03-14, formats: [Syslog] }
device: { type: VPN, vendor: Acme, product: Gate, versions: ["1.0"] }
decode:
  - one-of:
      pairs:
        - key-value: { first: id, keys: { id: "{Id}", src: ["{Address:[0-9.]1+}:{Port:digits}", "{Address}"] } }
      text:
        - template: "{Id:digits}: {*}"
        - catalogue: { key: Id, file: catalogue.yaml }
map:
  - { from: Id,      token: deviceEventId, sample: "7" }
  - { from: Verb,    token: action,     sample: permitted, values: verbs, none: [N/A] }
  - { from: User,    token: sourceUser, sample: kim, when: { Verb: present } }
  - { from: Address, token: sourceIpv4, sample: 192.0.2.7, otherwise: sourceIpv6 }
  - { from: Port,    token: sourcePort, sample: "50188" }
values:
  verbs: { title: verb, otherwise: refuse, cases: { permitted: Allow, refused: Deny } }
"#;

const CATALOGUE: &str = r#"
parts:
  who: ["user {User:word}{? (guest)} ", "nobody "]
messages:
  "7": { text: ["{@who}{Verb:word}{? from {Address}}", "idle"] }
families:
  "9*": { read: any }
"#;

fn gate() -> Interpreted {
    let file = |name: &str, text: &str| (format!("gate/{name}"), text.as_bytes().to_vec());
    let files = vec![file("spec.yaml", SPEC), file("catalogue.yaml", CATALOGUE)];
    let input = Input { name: "gate".to_owned(), files };
    let (source, checked) = Interpreted::load(&input);
    assert!(!checked.has_errors(), "{}", xdr_codegen::render(&checked, xdr_codegen::Style::Plain));
    source.unwrap()
}

/// What is told of a record, but for mappings that had nothing to say.
fn told(record: &str) -> Vec<String> {
    let (source, notes) = (gate(), Notes::default());
    let settings = Settings::new("2024-03-14T07:08:09Z".parse().unwrap());
    let keep = Keep { unmapped: true, raw: false };
    source.observed(&notes).normalize(record.as_bytes(), 0, &settings, keep, &mut Vec::new());
    let notes = notes.0.into_inner();
    notes.into_iter().filter(|note| !note.ends_with("Nothing")).collect()
}

#[test]
fn a_message_tells_its_template_the_ways_through_it_and_its_rows() {
    assert_eq!(
        told("7: user kim (guest) refused"),
        [
            "form 0 Some(1)",
            "template Step(2) 0 []",
            "message Listed(0)",
            "template Message(Listed(0)) 0 [Some(0):0+ Some(0):3+ None:2-]",
            "body Listed(0) Template",
            "value 0 Case(1)",
            "tried 0/0 row 1 Value",
            "tried 1/0 row 0 Value",
            "tried 5/0 row 2 Value",
            "event",
        ]
    );
    let ways = |record| {
        told(record).iter().find_map(|note| note.split_once("Listed(0)) ").map(|(_, ways)| ways.to_owned()))
    };
    assert_eq!(
        ways("7: user kim refused from 192.0.2.7").as_deref(),
        Some("0 [Some(0):0+ Some(0):3- None:2+]")
    );
    assert_eq!(ways("7: nobody refused").as_deref(), Some("0 [Some(0):0- None:2-]"));
    assert_eq!(ways("7: idle").as_deref(), Some("1 []"));
    assert_eq!(ways("7: gone").as_deref(), Some("none"));
}

#[test]
fn what_is_not_understood_is_told_as_what_it_is() {
    let has = |record, note| {
        let told = told(record);
        assert!(told.iter().any(|one| one == note), "{record}: no `{note}` in {told:#?}");
    };
    has("7: nobody N/A", "tried 0/0 row 1 None(0)");
    has("7: user kim asked", "value 0 Otherwise");
    has("7: user kim asked", "issue Some(Action) not in the value map");
    has("7: user kim asked", "tried 0/0 row 1 Issue");
    has("7: idle", "tried 5/0 row 2 Unmet(0)");
    has("7: gone", "body Listed(0) Missed");
    has("91: x", "message Prefix(0)");
    has("91: x", "body Prefix(0) Unread");
    has("8: x", "message Unlisted");
    assert_eq!(told("nonsense"), ["form 0 None", "reject 0"]);
}

#[test]
fn keys_and_their_templates_are_told_of_the_form_that_was_taken() {
    let told = told("id=4 src=192.0.2.7:22 src=1");
    let first: Vec<_> = told.iter().take(4).map(String::as_str).collect();
    assert_eq!(first, ["form 0 Some(0)", "key Step(1) 1", "key Step(1) 0", "template Key(Step(1), 0) 0 []"]);
    assert!(told.contains(&"issue None repeated key".to_owned()), "{told:#?}");
}
