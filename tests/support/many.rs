//! Any number of specs, for tests of what a check costs: sources of all shapes and sizes, no two alike.
//!
//! One in ten is one of the project's own under another name; the others are made by number, with words, rows, messages and samples of
//! their own.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use super::root;

/// The project's sources.
const OWN: [&str; 5] =
    ["cisco-anyconnect", "citrix-vpn", "juniper-pulse-secure", "qualys-endpoint", "teleport"];

/// Words that messages are made of.
const WORDS: [&str; 24] = [
    "session", "tunnel", "login", "logout", "denied", "granted", "closed", "opened", "route", "policy",
    "gateway", "client", "server", "changed", "expired", "started", "stopped", "realm", "token", "lease",
    "renewed", "peer", "upgrade", "failed",
];

/// Text tokens that the rows of some specs fill.
const MORE: [&str; 8] =
    ["object", "reason", "message", "error", "externalId", "recordType", "logFormat", "detectionMethod"];

/// A source's folder: its name, and its files by name.
pub(crate) struct Folder {
    pub(crate) name: String,
    pub(crate) files: Vec<(&'static str, String)>,
}

/// The source with this number.
pub(crate) fn folder(number: usize) -> Folder {
    match number % 10 {
        0 => copy(OWN[number / 10 % OWN.len()], number),
        1..=4 => messages(number),
        5 | 6 => pairs(number),
        7 | 8 => objects(number),
        _ => short(number),
    }
}

/// Writes the first sources into a folder, each into one of its own. What stood in it is gone then.
pub(crate) fn write(dir: &Path, count: usize) {
    let _ = fs::remove_dir_all(dir);
    for number in 0..count {
        let Folder { name, files } = folder(number);
        let path = dir.join(name);
        fs::create_dir_all(&path).unwrap();
        for (name, text) in files {
            fs::write(path.join(name), text).unwrap();
        }
    }
}

fn copy(own: &'static str, number: usize) -> Folder {
    let name = format!("{own}-{number:04}");
    let file = |name| fs::read_to_string(root().join("mapping-specs").join(own).join(name)).unwrap();
    let spec = file("spec.yaml").replacen(&format!("source: {own}"), &format!("source: {name}"), 1);
    Folder { name, files: vec![("spec.yaml", spec), ("catalogue.yaml", file("catalogue.yaml"))] }
}

/// What every spec that is made begins with.
fn head(name: &str, number: usize) -> String {
    format!(
        "source: {name}\nguide: {{ title: Guide {number}, published: 2024-03-14, formats: [Syslog] }}\n\
         device: {{ type: VPN, vendor: Vendor {number}, product: Product {number}, versions: [\"{number}.0\"] }}\n"
    )
}

/// A number that follows from another one without a pattern that anybody sees.
fn mixed(number: usize) -> usize {
    number.wrapping_mul(2_654_435_761) >> 7 & 0xffff
}

/// Two words that go with a number.
fn phrase(number: usize) -> String {
    let word = |at: usize| WORDS[at % WORDS.len()];
    format!("{} {}", word(number), word(mixed(number)))
}

/// Syslog and a catalogue of up to two hundred messages.
fn messages(number: usize) -> Folder {
    let name = format!("messages-{number:04}");
    let mut spec = head(&name, number);
    let _ = write!(
        spec,
        "decode:\n  - syslog: {{ host: Host, time: Time }}\n  - template: \"P{number}-{{Id:[A-Z]2-4[0-9]4}}: {{*}}\"\n  \
         - catalogue: {{ key: Id, file: catalogue.yaml }}\nmap:\n  \
         - {{ from: Time, token: eventTime, sample: \"Mar 14 07:08:09\",\n      \
             as: {{ time: [\"%b %d %H:%M:%S\", \"%Y-%m-%dT%H:%M:%S%.f%z\"], year: past, zone: device }} }}\n  \
         - {{ from: Host, token: deviceHost, sample: gw{number}.example.com }}\n  \
         - {{ from: Id, token: deviceEventId, sample: AUTH{:04} }}\n  \
         - {{ from: Name, token: eventName, sample: Login }}\n  \
         - {{ from: User {number}, token: sourceUser, sample: kim, none: [\"(unknown)\"] }}\n  \
         - {{ from: Address, token: sourceIpv4, sample: 192.0.2.{}, otherwise: sourceIpv6 }}\n  \
         - {{ from: Port, token: sourcePort, sample: \"{}\" }}\n  \
         - {{ from: Verb, token: action, sample: permitted, values: verbs }}\n  \
         - {{ from: Result, token: outcome, sample: Success }}\n  \
         - {{ from: Sent, token: outByte, sample: \"{number}\" }}\n  \
         - {{ from: Duration, token: duration, sample: \"00:05:07\" }}\n\
         values:\n  verbs: {{ title: verb, otherwise: keep, cases: {{ permitted: Allow, refused: Deny, v{number}: Audit }} }}\n",
        number % 10_000,
        number % 250,
        1024 + number,
    );
    let mut text = format!(
        "trailing: \".\"\nparts:\n  from: [\"user={{User {number}}} from {{Address:ip}} port {{Port:digits}}\", \
         \"user={{User {number}}} from {{Address:ip}}\"]\nmessages:\n  AUTH0001:\n    set: {{ Name: Login }}\n    text:\n      \
         - {{ match: \"{{Verb=permitted}}: {{@from}}\", set: {{ Result: Success }} }}\n      \
         - {{ match: \"{{Verb=refused}}: {{@from}} ({{_reason}})\", set: {{ Result: Failure }} }}\n"
    );
    for message in 0..10 + mixed(number) % 190 {
        let phrase = phrase(number + message);
        let template = match message % 4 {
            0 => format!("{phrase} {message}: {{@from}}, {{Sent:digits}} bytes in {{Duration}}"),
            1 => {
                format!("{phrase} for {{User {number}}}{{? at {{Address:ip}}}} ({{_code {message}:digits}})")
            }
            2 => format!("{{Verb:word}} {phrase} {{_detail:last}} by {{User {number}}}"),
            _ => format!("{phrase} {{|quickly|slowly}} after {{Duration}}, {{@from}}"),
        };
        let _ = writeln!(
            text,
            "  MSG{message:04}:\n    set: {{ Name: {phrase} {message} }}\n    text:\n      - \"{template}\"\n      - \"{phrase} was {{_else {message}}}\"",
        );
    }
    let _ = writeln!(text, "families:\n  \"SYS*\": {{ set: {{ Name: System {number} }} }}");
    Folder { name, files: vec![("spec.yaml", spec), ("catalogue.yaml", text)] }
}

/// Pairs, and a form without them.
fn pairs(number: usize) -> Folder {
    let name = format!("pairs-{number:04}");
    let mut spec = head(&name, number);
    let _ = write!(
        spec,
        "decode:\n  - syslog: {{ time: Time }}\n  - one-of:\n      pairs:\n        - key-value:\n            \
         keys: {{ src{number}: \"{{Address}}\", usr: \"{{User}}\", act: \"{{Verb}}\", \
         msg: [\"{{Name}} ({{_code:digits}})\", \"{{Name}}\"] }}\n            first: src{number}\n      \
         text:\n        - template: \"{{Verb:word}} {{User}} from {{Address:ip}} (v{number}): {{Name}}\"\n\
         map:\n  - {{ from: Time, token: eventTime, sample: \"2024-03-14 07:08:09\",\n      \
         as: {{ time: \"%Y-%m-%d %H:%M:%S\", zone: utc }} }}\n  \
         - {{ from: User, token: sourceUser, sample: kim{number} }}\n  \
         - {{ from: Address, token: sourceIpv4, sample: 198.51.100.{}, otherwise: sourceIpv6 }}\n  \
         - {{ from: Name, token: eventName, sample: login }}\n  \
         - {{ from: Verb, token: action, sample: allow, values: verbs }}\n  \
         - {{ from: Risk, waived: the appliance stopped to send it in version {number} }}\n\
         internal:\n  - {{ token: deviceType, value: VPN }}\n  - {{ token: deviceVendor, value: Vendor {number} }}\n\
         values:\n  verbs: {{ title: verb, fold: case, otherwise: keep, cases: {{ ",
        number % 250
    );
    let cases: Vec<String> = (0..3 + mixed(number) % 30)
        .map(|case| format!("w{case}-{number}: {}", WORDS[case % WORDS.len()]))
        .collect();
    let _ = writeln!(spec, "{} }} }}", cases.join(", "));
    Folder { name, files: vec![("spec.yaml", spec)] }
}

/// JSON objects.
fn objects(number: usize) -> Folder {
    let name = format!("objects-{number:04}");
    let mut spec = head(&name, number);
    let _ = write!(
        spec,
        "records: json\ndecode:\n  - json:\n      envelope: [data, wrapped{number}.event]\n      \
         paths: {{ user: [user.name, user_name], \"addr.local\": '\"addr.local\"' }}\n      \
         choose: {{ indicators: {{ highest: score }} }}\n\
         map:\n  - {{ from: time, token: eventTime, sample: \"2024-03-14T07:08:09.5Z\", as: {{ time: \"%Y-%m-%dT%H:%M:%S%.f%z\" }} }}\n  \
         - {{ from: user, token: sourceUser, sample: kim }}\n  \
         - {{ from: [source, address], token: sourceIpv4, sample: 203.0.113.{}, as: {{ socket: sourcePort }}, otherwise: sourceIpv6 }}\n  \
         - {{ from: addr.local, token: destinationIpv4, sample: 10.0.0.1 }}\n  \
         - {{ from: [indicators, score], token: riskScore, sample: \"7\" }}\n  \
         - {{ from: groups{number}, token: participants, sample: \"a, b\", as: {{ split: \", \" }}, when: {{ kind: [g{number}, all] }} }}\n  \
         - {{ from: path, token: fileName, sample: /usr/bin/tool{number}, as: base-name }}\n  \
         - {{ from: process, token: sourceProcess, sample: tool, field: process.p{number}.name }}\n\
         beyond:\n",
        number % 250
    );
    for (row, token) in MORE.iter().enumerate().take(1 + mixed(number) % MORE.len()) {
        let _ = writeln!(spec, "  - {{ from: [extra{number}, field{row}], token: {token}, sample: x{row} }}");
    }
    let _ = write!(
        spec,
        "values:\n  risk: {{ title: risk, from: risk, token: severity, over: 0-10, ranges: {{ \"0-{}\": Notice, \"{}-10\": Alert }} }}\n",
        number % 9,
        number % 9 + 1,
    );
    Folder { name, files: vec![("spec.yaml", spec)] }
}

/// A template and three rows.
fn short(number: usize) -> Folder {
    let name = format!("short-{number:04}");
    let mut spec = head(&name, number);
    let _ = write!(
        spec,
        "decode:\n  - template: \"{} {number}: {{User}} did {{Verb:word}} at {{Address:ip}}\"\n\
         map:\n  - {{ from: User, token: sourceUser, sample: kim }}\n  - {{ from: Verb, token: action, sample: login }}\n  \
         - {{ from: Address, token: sourceIpv4, sample: 192.0.2.{} }}\n",
        WORDS[number % WORDS.len()],
        number % 250
    );
    Folder { name, files: vec![("spec.yaml", spec)] }
}
