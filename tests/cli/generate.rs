//! `xdr generate`: records out of specs, and their events.

use serde_json::Value;

use crate::{fed, ran};

/// An event without the words of its issues, which are not predicted.
fn without_reasons(mut event: Value) -> Value {
    for issue in event["xdr"]["issues"].as_array_mut().into_iter().flatten() {
        issue.as_object_mut().unwrap().remove("reason");
    }
    if event["xdr"]["issues"].is_null() {
        event["xdr"].as_object_mut().unwrap().remove("issues");
    }
    event
}

#[test]
fn generated_records_are_normalised_to_the_generated_events() {
    let source = "qualys-endpoint";
    let records = ran(["generate", source, "--count", "150", "--seed", "7"]).expect(0);
    let pairs = ran(["generate", source, "--count", "150", "--seed", "7", "--with-events"]).expect(0);
    let expected: Vec<Value> = pairs.events().into_iter().map(|mut pair| pair["event"].take()).collect();
    assert_eq!(expected.len(), 150);
    let args = ["normalize", "--source", source, "--received-at", "2024-03-14T08:00:00Z", "--quiet"];
    let found = fed(args, &records.stdout).expect(0).events();
    assert_eq!(found.into_iter().map(without_reasons).collect::<Vec<_>>(), expected);
}

#[test]
fn pairs_hold_the_records_of_the_same_seed() {
    let records = ran(["generate", "qualys-endpoint", "--count", "40"]).expect(0);
    let pairs =
        ran(["generate", "qualys-endpoint", "--count", "40", "--format", "ndjson"]).expect(0).events();
    let lines: Vec<&str> = records.text().lines().collect();
    assert_eq!(pairs.iter().map(|pair| pair["record"].as_str().unwrap()).collect::<Vec<_>>(), lines);
    let again = ran(["generate", "qualys-endpoint", "--count", "40"]).expect(0);
    assert_eq!(again.stdout, records.stdout);
    let other = ran(["generate", "qualys-endpoint", "--count", "40", "--seed", "2"]).expect(0);
    assert_ne!(other.stdout, records.stdout);
}

#[test]
fn harmful_records_say_what_must_hold() {
    let pairs = ran(["generate", "qualys-endpoint", "--hostile", "--with-events", "--count", "400"])
        .expect(0)
        .events();
    assert_eq!(pairs.len(), 400);
    for pair in &pairs {
        assert!(
            pair["attack"].is_string() && pair["must"]["lines"] == 1 && pair["event"].is_null(),
            "{pair}"
        );
        assert!(pair["record"].is_string() != pair["recordHex"].is_string(), "{pair}");
    }
    assert!(pairs.iter().any(|pair| pair["must"]["rawKept"] == true));
    assert!(pairs.iter().any(|pair| pair["must"]["issue"] == "repeated key"));
}

#[test]
fn what_is_not_shown_is_said() {
    let done = ran(["generate", "qualys-endpoint", "--count", "500"]).expect(0);
    let said = done.stderr.lines().next().unwrap();
    assert!(
        said.starts_with("500 records; 67 of 67 rows") && said.ends_with("9 of 9 kinds of records were made"),
        "{said}"
    );
    assert!(done.stderr.contains(" (userEmployeeId): it asks for what no record holds\n"));
    assert!(done.stderr.contains("note: lines that hold an array of records: not made"));
    assert!(done.stderr.contains("see --notes"), "{}", done.stderr);
}

#[test]
fn a_name_that_is_not_there_is_an_error_with_a_hint() {
    let done = ran(["generate", "citrix-vp"]).expect(2);
    assert!(done.stderr.contains("there is no spec of `citrix-vp`"), "{}", done.stderr);
    assert!(done.stderr.contains("did you mean `citrix-vpn`?"), "{}", done.stderr);
    let done = ran(["generate", "qualys-endpoint", "--message", "FIL"]).expect(2);
    assert!(done.stderr.contains("has no message `FIL`; did you mean `FILE`?"), "{}", done.stderr);
}

#[test]
fn a_spec_with_errors_is_told_with_its_places() {
    let done = ran(["generate", "E0301-unknown-token", "--dir", "xdr-codegen/tests/ui"]).expect(1);
    assert!(done.stderr.contains("error[E0301]") && done.stderr.contains("spec.yaml:"), "{}", done.stderr);
}

#[test]
fn a_folder_may_be_named_by_its_path() {
    let done = ran(["generate", "mapping-specs/qualys-endpoint", "--count", "3"]).expect(0);
    assert_eq!(done.text().lines().count(), 3);
}

#[test]
fn a_moment_of_receipt_that_is_none_is_told_as_a_run_tells_it() {
    let made = ran(["generate", "teleport", "--received-at", "yesterday"]).expect(2);
    let run = ran(["normalize", "--source", "teleport", "--received-at", "yesterday"]).expect(2);
    assert_eq!(made.stderr, run.stderr);
    assert!(made.stderr.contains("expected RFC 3339, such as `2024-03-14T07:08:09Z`"), "{}", made.stderr);
}
