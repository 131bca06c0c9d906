//! `xdr coverage`: what of a spec its samples use.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::{ran, temporary};

const SPEC: &str = r#"source: acme-gate
guide: { title: Acme Gate }
device: { type: VPN, vendor: Acme, product: Acme Gate }
decode:
  - template: "{id:digits} {*}"
  - catalogue: { key: id, file: catalogue.yaml }
map:
  - { from: id, token: deviceEventId }
  - { from: User, token: sourceUser, none: "-" }
  - { from: Port, token: sourcePort, when: { Verb: present } }
  - { from: Address, token: sourceIpv4, otherwise: sourceIpv6 }
  - { from: Verb, token: action, values: verbs }
  - { from: Level, token: severity, values: levels }
values:
  verbs: { title: verb, cases: { permitted: Allow, refused: Deny } }
  levels: { title: level, ranges: { "0-3": Alert, "4": Notice }, over: 0-4, otherwise: none }
"#;

const CATALOGUE: &str = r#"messages:
  "1": { text: "{Verb} {|user|User} {User}{? from {Address}{? port {Port}}}" }
  "2": { text: ["level {Level:digits}", "<&> \"{User}\""], read: any }
  "3": { set: {} }
"#;

const RECORDS: &str = "\
1 permitted user kim from 192.0.2.7 port 50188
1 seen user - from 2001:db8::7
2 level 4
2 anything else
4 is not listed
";

/// A folder of one spec with these samples.
fn folder(name: &str, records: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name).join("acme-gate");
    fs::create_dir_all(folder.join("samples")).unwrap();
    fs::write(folder.join("spec.yaml"), SPEC).unwrap();
    fs::write(folder.join("catalogue.yaml"), CATALOGUE).unwrap();
    fs::write(folder.join("samples/all.log"), records).unwrap();
    folder.to_str().unwrap().to_owned()
}

/// Kind, name, line and hits of each item.
fn items(report: &Value) -> Vec<(String, String, u64, u64)> {
    let items = report[0]["items"].as_array().unwrap();
    let text = |item: &Value, key: &str| item[key].as_str().unwrap().to_owned();
    items
        .iter()
        .map(|item| {
            let (line, hits) = (item["line"].as_u64().unwrap(), item["hits"].as_u64().unwrap());
            (text(item, "kind"), text(item, "name"), line, hits)
        })
        .collect()
}

#[test]
fn every_thing_that_records_can_use_is_counted_at_its_place() {
    let folder = folder("coverage-items", RECORDS);
    let done = ran(["coverage", &folder, "--format", "json"]).expect(0);
    let report: Value = serde_json::from_str(done.text()).unwrap();
    let found = items(&report);
    let found: Vec<(&str, &str, u64, u64)> =
        found.iter().map(|(kind, name, line, hits)| (kind.as_str(), name.as_str(), *line, *hits)).collect();
    let expected = [
        ("template", "template 1 of decode", 5, 5),
        ("refusal", "a text that no template matches", 5, 0),
        ("fallback", "a message that the catalogue does not list", 6, 1),
        ("refusal", "a text that no template of its message matches", 6, 0),
        ("row", "`id` → deviceEventId", 8, 5),
        ("row", "`User` → sourceUser", 9, 1),
        ("exception", "`User` → sourceUser: `-` is no value", 9, 1),
        ("row", "`Port` → sourcePort", 10, 1),
        ("exception", "`Port` → sourcePort: its `when` does not hold", 10, 3),
        ("refusal", "`Port` → sourcePort: a value that is refused", 10, 0),
        ("row", "`Address` → sourceIpv4", 11, 1),
        ("fallback", "`Address` → sourceIpv4, otherwise sourceIpv6", 11, 1),
        ("refusal", "`Address` → sourceIpv4: a value that is refused", 11, 0),
        ("row", "`Verb` → action", 12, 1),
        ("row", "`Level` → severity", 13, 1),
        ("refusal", "a value outside `verbs`, which is refused", 15, 1),
        ("case", "`permitted` → Allow of `verbs`", 15, 1),
        ("case", "`refused` → Deny of `verbs`", 15, 0),
        ("range", "0-3 → Alert of `levels`", 16, 0),
        ("range", "4 → Notice of `levels`", 16, 1),
        ("fallback", "a value outside `levels`, which is no value", 16, 0),
        ("message", "message `1`", 2, 2),
        ("template", "template 1 of message `1`", 2, 2),
        ("alternative", "`user`", 2, 2),
        ("alternative", "`User`", 2, 0),
        ("optional", "`{? from {Address}{? port {Port}}}` taken", 2, 2),
        ("optional", "`{? from {Address}{? port {Port}}}` left out", 2, 0),
        ("optional", "`{? port {Port}}` taken", 2, 1),
        ("optional", "`{? port {Port}}` left out", 2, 1),
        ("message", "message `2`", 3, 2),
        ("fallback", "message `2` read as any text", 3, 1),
        ("template", "template 1 of message `2`", 3, 1),
        ("template", "template 2 of message `2`", 3, 0),
        ("message", "message `3`", 4, 0),
    ];
    assert_eq!(found, expected);
    assert_eq!((&report[0]["source"], &report[0]["records"]), (&"acme-gate".into(), &5.into()));
    assert_eq!(report[0]["rows"], serde_json::json!({ "used": 6, "all": 6, "percent": 100.0 }));
}

#[test]
fn the_table_lists_what_is_not_used_with_its_place() {
    let folder = folder("coverage-table", RECORDS);
    let done = ran(["coverage", &folder]).expect(0);
    let text = done.text();
    assert!(text.starts_with("acme-gate: 5 records\n  rows             6 of      6  100.0 %\n"), "{text}");
    for line in [
        format!("    {folder}/catalogue.yaml:2:31: alternative `User`"),
        format!("    {folder}/spec.yaml:15:52: case `refused` → Deny of `verbs`"),
        format!("    {folder}/catalogue.yaml:4:3: message message `3`"),
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
}

#[test]
fn named_files_replace_the_samples() {
    let folder = folder("coverage-files", RECORDS);
    let file = temporary("coverage-other.log", b"1 refused User lee\n");
    let report: Value =
        serde_json::from_str(ran(["coverage", &folder, &file, "--format", "json"]).expect(0).text()).unwrap();
    let used: BTreeMap<String, u64> =
        items(&report).into_iter().map(|(_, name, _, hits)| (name, hits)).collect();
    assert_eq!(report[0]["records"], 1);
    for (name, hits) in [("`User`", 1), ("`user`", 0), ("`refused` → Deny of `verbs`", 1)] {
        assert_eq!(used[name], hits, "{name}");
    }
}

#[test]
fn the_folder_of_one_source_may_stand_for_that_of_all() {
    let folder = folder("coverage-one", RECORDS);
    let all = ran(["coverage", &folder]).expect(0);
    for args in [vec!["coverage", "--specs", &folder], vec!["coverage", "acme-gate", "--specs", &folder]] {
        assert_eq!(ran(&args).expect(0).text(), all.text());
    }
}

#[test]
fn a_limit_that_is_missed_is_exit_status_1_after_the_report() {
    let folder = folder("coverage-limits", RECORDS);
    ran(["coverage", &folder, "--min-rows", "100", "--min-branches", "40"]).expect(0);
    let done = ran(["coverage", &folder, "--min-rows", "100", "--min-branches", "90"]).expect(1);
    done.says("xdr: error: acme-gate uses 57.1 % of its branches, 90 % are the least");
    assert!(done.text().starts_with("acme-gate: 5 records\n"));
    ran(["coverage", &folder, "--min-rows", "101"])
        .expect(2)
        .says("xdr: error: invalid value '101' for '--min-rows <PERCENT>': expected a number from 0 to 100, found `101`");
}

#[test]
fn what_is_no_spec_and_a_spec_with_errors_are_told() {
    let done = ran(["coverage", "telport"]).expect(2);
    done.says("xdr: error: `telport` is neither a source in `./mapping-specs` nor the folder of a spec");
    assert!(done.stderr.contains("did you mean `teleport`?"));
    let folder = folder("coverage-broken", RECORDS);
    fs::write(format!("{folder}/spec.yaml"), SPEC.replace("sourceUser", "sourceUsr")).unwrap();
    assert!(ran(["coverage", &folder]).expect(1).stderr.contains("there is no token `sourceUsr`"));
    let empty = folder.replace("acme-gate", "empty");
    fs::create_dir_all(format!("{empty}/samples")).unwrap();
    fs::write(format!("{empty}/spec.yaml"), SPEC.replace("acme-gate", "empty")).unwrap();
    let done = ran(["coverage", &empty]).expect(1);
    assert!(done.stderr.contains("there are no samples in"), "{}", done.stderr);
}

/// The elements of an XML text, with their attributes, in order; `/name` closes one.
fn elements(xml: &str) -> Vec<(String, BTreeMap<String, String>)> {
    let mut found = Vec::new();
    for tag in xml.split('<').skip(1).filter_map(|piece| piece.split_once('>').map(|(tag, _)| tag)) {
        if tag.starts_with(['?', '!']) {
            continue;
        }
        let closed = tag.strip_suffix('/');
        let (name, rest) = closed.unwrap_or(tag).split_once(' ').unwrap_or((closed.unwrap_or(tag), ""));
        let pieces: Vec<&str> = rest.split('"').collect();
        let attributes = pieces
            .chunks_exact(2)
            .map(|pair| (pair[0].trim().trim_end_matches('=').to_owned(), pair[1].to_owned()));
        found.push((name.to_owned(), attributes.collect()));
        if closed.is_some() {
            found.push((format!("/{name}"), BTreeMap::new()));
        }
    }
    found
}

/// An element's name, the attributes that it must have, those that it may have, and what may stand in it.
type Element = (&'static str, &'static [&'static str], &'static [&'static str], &'static [&'static str]);

/// The elements of Cobertura's `coverage-04.dtd`.
const DTD: [Element; 12] = [
    (
        "coverage",
        &[
            "line-rate",
            "branch-rate",
            "lines-covered",
            "lines-valid",
            "branches-covered",
            "branches-valid",
            "complexity",
            "version",
            "timestamp",
        ],
        &[],
        &["sources", "packages"],
    ),
    ("sources", &[], &[], &["source"]),
    ("source", &[], &[], &[]),
    ("packages", &[], &[], &["package"]),
    ("package", &["name", "line-rate", "branch-rate", "complexity"], &[], &["classes"]),
    ("classes", &[], &[], &["class"]),
    ("class", &["name", "filename", "line-rate", "branch-rate", "complexity"], &[], &["methods", "lines"]),
    ("methods", &[], &[], &[]),
    ("lines", &[], &[], &["line"]),
    ("line", &["number", "hits"], &["branch", "condition-coverage"], &["conditions"]),
    ("conditions", &[], &[], &["condition"]),
    ("condition", &["number", "type", "coverage"], &[], &[]),
];

#[test]
fn the_report_for_ci_keeps_to_the_structure_of_cobertura() {
    let folder = folder("coverage-ci", RECORDS);
    for args in [vec!["coverage", &folder], vec!["coverage"]] {
        let args = [args, vec!["--format", "cobertura"]].concat();
        let done = ran(&args).expect(0);
        let mut open: Vec<String> = Vec::new();
        let mut lines = 0;
        for (name, attributes) in elements(done.text()) {
            if let Some(name) = name.strip_prefix('/') {
                assert_eq!(open.pop().as_deref(), Some(name));
                continue;
            }
            let (_, required, optional, _) =
                DTD.iter().find(|(known, ..)| *known == name).unwrap_or_else(|| panic!("<{name}>"));
            let given: Vec<&str> = attributes.keys().map(String::as_str).collect();
            assert!(required.iter().all(|key| given.contains(key)), "{name}: {given:?}");
            assert!(
                given.iter().all(|key| required.contains(key) || optional.contains(key)),
                "{name}: {given:?}"
            );
            if let Some(outer) = open.last() {
                let (_, _, _, inner) = DTD.iter().find(|(known, ..)| known == outer).unwrap();
                assert!(inner.contains(&name.as_str()), "<{name}> in <{outer}>");
            } else {
                assert_eq!(name, "coverage");
            }
            for rate in ["line-rate", "branch-rate"].into_iter().filter_map(|key| attributes.get(key)) {
                assert!((0.0..=1.0).contains(&rate.parse::<f64>().unwrap()), "{rate}");
            }
            lines += usize::from(name == "line");
            open.push(name);
        }
        assert!(open.is_empty() && lines > 10, "{lines}");
    }
    let xml = ran(["coverage", &folder, "--format", "cobertura"]).expect(0);
    let line = "<line number=\"2\" hits=\"2\" branch=\"true\" condition-coverage=\"66% (4/6)\">";
    assert!(xml.text().contains(line), "{}", xml.text());
}

#[test]
fn the_page_holds_all_it_needs_and_the_text_of_the_spec() {
    let folder = folder("coverage-page", RECORDS);
    let done = ran(["coverage", &folder, "--format", "html"]).expect(0);
    let page = done.text();
    for piece in [
        "<meta name=\"viewport\"",
        "prefers-color-scheme:dark",
        "<mark>User</mark>",
        "&lt;&amp;&gt;",
        "<li>case: `refused` → Deny of `verbs`</li>",
        "<li class=\"bad\"><b>4</b>",
    ] {
        assert!(page.contains(piece), "{piece}");
    }
    for foreign in ["<script", "src=", "http:", "https:", "@import", "url("] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    // Each line of both files stands in it once.
    let numbered = page.matches("<b>").count();
    assert_eq!(numbered, SPEC.lines().count() + CATALOGUE.lines().count());
}
