//! A small catalogue's table, and that nothing changes in a message unseen.

use xdr_codegen::{Input, resolve};

use super::*;

const SPEC: &str = r#"source: gate
guide: { title: Gate, published: 2024-03-14, formats: [Syslog] }
device: { type: VPN, vendor: Acme, product: Gate, versions: ["1.0"] }
decode:
  - template: "{Number:word} {*}"
  - catalogue: { key: Number, file: catalogue.yaml, otherwise: partial }
map:
  - { from: Name,    token: eventName,  sample: Login }
  - { from: User,    token: sourceUser, sample: kim }
  - { from: Address, token: sourceIpv4, sample: 192.0.2.7 }
  - { from: Result,  token: outcome,    sample: Success }
internal:
  - { token: deviceType, value: VPN }
"#;

const CATALOGUE: &str = r#"messages:
  "1":
    set: { Name: Login, Result: Success }
    text: "{User} came{? from {Address}}{? twice}"
  "2": { set: { Name: Beat }, read: any }
  "3": { set: { Name: Stop }, status: partial }
families:
  "9*": { set: { Name: Other } }
"#;

fn module(catalogue: &str) -> Module {
    let file = |name: &str, text: &str| (name.to_owned(), text.as_bytes().to_vec());
    let files = vec![file("spec.yaml", SPEC), file("catalogue.yaml", catalogue)];
    resolve(&Input { name: "gate".to_owned(), files }).expect("a sound spec")
}

#[test]
fn a_table_has_a_line_for_each_message_and_two_for_each_text() {
    assert_eq!(
        table(&module(CATALOGUE)),
        r#"deviceType "VPN"

1: partial | eventName "Login" | outcome "Success"
  User came from 192.0.2.2 twice
    mapped | sourceIpv4 "192.0.2.2" | sourceUser "User"
  User came
    mapped | sourceUser "User"
2: mapped | eventName "Beat" | xdr.unmapped.text "text"
3: partial | eventName "Stop"
9*: partial | eventName "Other"
"#
    );
}

#[test]
fn whatever_changes_in_a_message_changes_its_rows() {
    let before = table(&module(CATALOGUE));
    let changes = [
        ("Result: Success", "Result: Failure"),
        ("Name: Beat", "Name: Beats"),
        (", read: any", ""),
        (", status: partial", ""),
        ("from {Address}", "to {Address}"),
        ("{User} came{? from {Address}}", "{Address} came{? from {User}}"),
        ("{? twice}", ""),
        ("  \"3\": { set: { Name: Stop }, status: partial }\n", ""),
        ("\"9*\"", "\"8*\""),
    ];
    for (old, new) in changes {
        let other = CATALOGUE.replace(old, new);
        assert_ne!(other, CATALOGUE);
        assert_ne!(table(&module(&other)), before, "{old} → {new}");
    }
}
