//! What is counted of steps that none of the sources has.

use xdr_codegen::Input;

use super::measure;

/// What these records use and do not use of a spec with this `decode`, by kind and name; templates and rows are left out.
fn branches(decode: &str, records: &[&str]) -> (Vec<String>, Vec<String>) {
    let spec = format!(
        "source: acme-vpn
guide: {{ title: Acme VPN }}
device: {{ type: VPN, vendor: Acme, product: Acme VPN }}
decode:
{decode}
map:
  - {{ from: User, token: sourceUser }}
"
    );
    let input =
        Input { name: "acme-vpn".to_owned(), files: vec![("spec.yaml".to_owned(), spec.into_bytes())] };
    let found = measure(&input, records.iter().map(|record| record.as_bytes())).unwrap();
    let listed = |used: bool| {
        let items = found.items.iter().filter(|item| item.kind.figure() == super::Figure::Branches);
        let items = items.filter(|item| (item.hits > 0) == used);
        items.map(|item| format!("{} {}", item.kind.word(), item.name)).collect()
    };
    (listed(true), listed(false))
}

const COLUMNS: &str =
    r#"  - csv: { columns: [Type, User, Note], keys: { Type: "{_type=LOGIN}" }, least: 2, kind: Type }"#;

#[test]
fn columns_count_by_how_many_there_are_and_by_their_kind() {
    let all = [
        "optional fewer than 3 columns",
        "optional all 3 columns",
        "refusal a text of fewer than 2 columns",
        "refusal a text whose `Type` is of another kind",
    ];
    let records = ["LOGIN,kim", "LOGIN,kim,welcome", "LOGIN", "LOGOUT,kim,bye"];
    for (index, what) in all.iter().enumerate() {
        let (used, unused) = branches(COLUMNS, &records[index..=index]);
        assert_eq!(used, [*what], "{}", records[index]);
        assert_eq!(unused.len(), 3);
    }
    assert_eq!(branches(COLUMNS, &records), (all.map(str::to_owned).to_vec(), Vec::new()));
    let strict = "  - csv: { columns: [User, Note] }";
    assert_eq!(branches(strict, &["kim,hello"]).1, ["refusal a text of fewer than 2 columns"]);
    let any = "  - csv: { columns: [User] }";
    assert_eq!(branches(any, &["kim"]), (Vec::new(), Vec::new()));
}

#[test]
fn forms_count_why_their_columns_were_refused() {
    let forms = r#"  - one-of:
      login:
        - csv: { columns: [Type, User], keys: { Type: "{_type=LOGIN}" }, kind: Type }
      other:
        - csv: { columns: [User], separator: ";" }"#;
    let (used, unused) = branches(forms, &["LOGIN,kim", "LOGOUT,kim"]);
    assert_eq!(
        used,
        ["form form `login`", "refusal a text whose `Type` is of another kind", "form form `other`"]
    );
    assert_eq!(unused, ["refusal a record of no form", "refusal a text of fewer than 2 columns"]);
}

#[test]
fn cef_and_leef_count_the_templates_of_their_keys_and_what_they_refuse() {
    for (decode, whole, other) in [
        (
            r#"  - cef: { keys: { suser: "{User}{? of {_group}}" } }"#,
            "CEF:0|Acme|VPN|1|7|login|3|suser=kim of staff",
            "CEF:0|Acme|VPN|1|7|login|3|suser=kim",
        ),
        (
            r#"  - leef: { keys: { usrName: "{User}{? of {_group}}" } }"#,
            "LEEF:1.0|Acme|VPN|1|7|usrName=kim of staff",
            "LEEF:1.0|Acme|VPN|1|7|usrName=kim",
        ),
    ] {
        let (used, unused) = branches(decode, &[whole]);
        assert_eq!((used.len(), unused.len()), (1, 2), "{used:?} {unused:?}");
        assert_eq!(branches(decode, &[whole, other, "rubbish"]).1, Vec::<String>::new());
    }
}
