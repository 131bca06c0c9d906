//! Specs made by number: small ones that differ in nothing but their words, and catalogues of any size with the same templates.
//!
//! The build script compiles this file too, so it uses nothing but the standard library.

use std::fmt::Write;

/// A source's folder: its name, and its files with their texts.
#[derive(Clone, Debug)]
pub struct Folder {
    /// The source's name.
    pub name: String,
    /// The spec.
    pub spec: String,
    /// The catalogue; none for a source without messages.
    pub catalogue: Option<String>,
}

/// How many forms of text there are. Message `n` has form `n % FORMS`.
pub const FORMS: usize = 5;

/// How many messages a small spec has.
pub const SMALL: usize = 20;

/// The catalogues whose dispatch is compared, by their sizes: multiples of [`FORMS`], so that both hold the forms in equal parts.
pub const SIZES: [usize; 2] = [10, 1_000];

/// The name of the source that has so many messages.
pub fn catalogue_name(messages: usize) -> String {
    format!("catalogue-{messages}")
}

/// A source with 30 rows and so many messages, of which the first is the one with this number.
pub fn folder(name: &str, first: usize, messages: usize) -> Folder {
    let mut catalogue = String::from(HEAD);
    for number in first..first + messages {
        let [one, other] = texts(number);
        let phrase = phrase(number);
        let kind = number % FORMS;
        let key = key(number);
        let _ = writeln!(catalogue, "  \"{key}\":\n    set: {{ Name: {phrase}, Type: kind {kind} }}");
        let _ = writeln!(catalogue, "    text:\n      - '{one}'\n      - '{other}'");
    }
    Folder { name: name.to_owned(), spec: SPEC.replace("NAME", name), catalogue: Some(catalogue) }
}

/// The smallest source that is of use: what remains is what the program costs without specs.
pub fn tiny() -> Folder {
    Folder { name: "tiny".to_owned(), spec: TINY.to_owned(), catalogue: None }
}

/// The six digits that name a message.
pub fn key(number: usize) -> String {
    format!("{:06}", 100_000 + number * 7 % 900_000)
}

/// The words that a message alone has in its catalogue. All phrases have the same length.
pub fn phrase(number: usize) -> String {
    let (number, first) = (number / WORDS[0].len(), number % WORDS[0].len());
    let (number, second) = (number / WORDS[1].len(), number % WORDS[1].len());
    format!("{} {} {}", WORDS[0][first], WORDS[1][second], WORDS[2][number % WORDS[2].len()])
}

/// The two templates of a message.
fn texts(number: usize) -> [String; 2] {
    FORM[number % FORMS].map(|form| form.replace("PHRASE", &phrase(number)))
}

const WORDS: [[&str; 12]; 3] = [
    [
        "tunnel", "lookup", "policy", "server", "client", "record", "bundle", "portal", "packet", "socket",
        "ticket", "bridge",
    ],
    [
        "update", "import", "export", "resync", "return", "notice", "repair", "demand", "result", "effort",
        "answer", "report",
    ],
    [
        "ended", "begun", "moved", "fixed", "split", "added", "freed", "tried", "taken", "given", "asked",
        "found",
    ],
];

const FORM: [[&str; 2]; FORMS] = [
    [
        "{Verb:word} {Protocol:word} PHRASE {Session:digits} for {Interface}:{Address:ip}/{Port:digits} to {Target}/{Target Port:digits} ({User})",
        "{Verb:word} {Protocol:word} PHRASE {Session:digits} for {Interface}:{Address:ip}/{Port:digits} to {Target}/{Target Port:digits}",
    ],
    [
        "PHRASE: user {User} of group {Group} from {Address:ip}, reason: {Reason}",
        "PHRASE: user {User} of group {Group} from {Address:ip}",
    ],
    [
        "Policy {Policy} PHRASE {Verb:word} {Protocol:word} {Address:ip} port {Port:digits} by {Reason}",
        "Policy {Policy} PHRASE {Verb:word} {Protocol:word} {Address:ip} port {Port:digits}",
    ],
    [
        "Session {Session:digits} of {User} PHRASE after {Seconds:digits} s, {Sent:digits} out, {Received:digits} in, reason: {Reason}",
        "Session {Session:digits} of {User} PHRASE after {Seconds:digits} s, {Sent:digits} out, {Received:digits} in",
    ],
    [
        "Group <{Group}> User <{User}> IP <{Address}> PHRASE on {Interface}, outcome {Outcome:name}, reason: {Reason}",
        "Group <{Group}> User <{User}> IP <{Address}> PHRASE on {Interface}, outcome {Outcome:name}",
    ],
];

const HEAD: &str = "trailing: \". \"\nmessages:\n";

/// Where a number is left out the text has to say which message it is: the key is up to six digits.
const SPEC: &str = r#"source: NAME
guide: { title: Generated NAME, published: 2024-03-14, formats: [Syslog] }
device: { type: VPN, vendor: Example, product: Example, versions: ["1"] }
decode:
  - syslog: { host: Host, time: Time, before: ["%SCALE-"] }
  - template: "{Code=%SCALE-{Level:digit}-{id:[0-9]0-6}}: {*}"
  - catalogue: { key: id, file: catalogue.yaml, keyless: match }
map:
  - { from: Code, token: deviceEventId, sample: "%SCALE-6-100000" }
  - { from: Level, token: deviceSeverity, sample: "6" }
  - { from: Host, token: deviceHost, sample: gw.example.com }
  - { from: Time, token: eventTime, sample: "Mar 14 2024 07:08:09", as: { time: ["%b %d %Y %H:%M:%S"], zone: device } }
  - { from: Name, token: eventName, sample: tunnel update ended }
  - { from: Type, token: eventType, sample: kind 0 }
  - { from: User, token: sourceUser, sample: kim }
  - { from: Address, token: sourceIpv4, sample: 192.0.2.7, otherwise: sourceIpv6 }
  - { from: Port, token: sourcePort, sample: "50188" }
  - { from: Target, token: destinationIpv4, sample: 198.51.100.9, otherwise: destinationHost }
  - { from: Target Port, token: destinationPort, sample: "443" }
  - { from: Interface, token: sourceInterface, sample: outside }
  - { from: Protocol, token: protocol, sample: TCP }
  - { from: Verb, token: action, sample: Built, values: verbs }
  - { from: Outcome, token: outcome, sample: Success }
  - { from: Reason, token: reason, sample: idle timeout }
  - { from: Group, token: group, sample: staff }
  - { from: Policy, token: policy, sample: inside-out }
  - { from: Session, token: sessionId, sample: "4711" }
  - { from: Sent, token: outByte, sample: "1024" }
  - { from: Received, token: inByte, sample: "2048" }
  - { from: Seconds, token: duration, sample: "75" }
internal:
  - { token: deviceType, value: VPN, sample: VPN }
  - { token: deviceModel, value: Example, sample: Example }
  - { token: deviceVendor, value: Example, sample: Example }
  - { token: customerId, setting: customerId, sample: d656b196-edb7-45e6-8485-3748a740d002 }
  - { token: collectorId, setting: collectorId, sample: ae102769-bd05-415d-af3c-2cc59681cbab }
  - { token: eventSourceId, setting: eventSourceId, sample: 1ae639f0-0944-4cbc-81ef-87c040ca9eb2 }
  - { token: eventId, run: event-id, sample: d656b196-edb7-45e6-8485-3748a740d002 }
  - { token: collectorReceivedTime, run: received-time, sample: "Jun 01, 2021 11:29:04 AM" }
values:
  severity:
    title: severity
    from: Level
    token: severity
    otherwise: none
    cases: { "1": Alert, "2": Critical, "3": Error, "4": Warning, "5": Notice, "6": Informational, "7": Debug }
  verbs: { title: verb, otherwise: keep, cases: { Built: Allow, Refused: Deny, Dropped: Drop } }
"#;

const TINY: &str = r#"source: tiny
guide: { title: Generated tiny, published: 2024-03-14, formats: [Syslog] }
device: { type: VPN, vendor: Example, product: Example, versions: ["1"] }
decode:
  - template: "{User}"
map:
  - { from: User, token: sourceUser, sample: kim }
"#;
