//! The other commands, and the command line itself.

use super::{fed, login, normalize, ran, temporary};
use serde_json::Value;

const SPECS: &str = "mapping-specs";

#[test]
fn usage_errors_have_status_2_and_a_near_name() {
    for (args, message) in [
        (vec!["normalise"], "xdr: error: unrecognized subcommand 'normalise'"),
        (vec!["normalize"], "xdr: error: the following required arguments were not provided:"),
        (
            vec!["normalize", "--source", "teleport", "--zone", "Mars"],
            "xdr: error: invalid value 'Mars' for '--zone <ZONE>': unknown time zone `Mars`, expected a name of the tz database, such as \
             `Europe/London` or `UTC`",
        ),
        (vec!["guide", "telport"], "xdr: error: invalid value 'telport' for '<NAME>'"),
        (vec!["expand", "telport"], "xdr: error: unknown source `telport`"),
        (
            vec!["expand", "telport", "--dir", SPECS],
            "xdr: error: there is no spec of `telport` in `mapping-specs`",
        ),
    ] {
        let done = ran(&args).expect(2);
        done.says(message);
        assert!(done.stdout.is_empty());
    }
    assert!(ran(["expand", "telport"]).stderr.contains("  help: did you mean `teleport`?"));
    assert!(ran(["guide", "telport"]).stderr.contains("'teleport'"));
    // Nothing near: it may be a source whose spec is newer than the program.
    for args in
        [vec!["guide", "acme-vpn"], vec!["explain", "--source", "acme-vpn"], vec!["expand", "acme-vpn"]]
    {
        let stderr = ran(&args).expect(2).stderr;
        assert!(stderr.contains("a new source has to be built in: run `cargo build`"), "{args:?}: {stderr}");
    }
    for args in [vec!["guide", "telport"], vec!["normalize", "--source", "teleport", "--zone", "Mars"]] {
        assert!(!ran(&args).expect(2).stderr.contains("built in"), "{args:?}");
    }
}

#[cfg(not(feature = "worker"))]
#[test]
fn a_program_without_workers_says_how_to_build_one_that_has_them() {
    for (server, feature) in [("nats://192.0.2.7:4222", "nats"), ("kafka://192.0.2.7:9092", "kafka")] {
        let done = ran(["worker", "--server", server, "--group", "xdr"]).expect(2);
        done.says("xdr: error: this xdr was built without `xdr worker`");
        assert!(
            done.stderr.contains(&format!("`cargo build --release --features {feature}`")),
            "{}",
            done.stderr
        );
    }
}

#[test]
fn help_teaches_with_examples() {
    assert!(ran(["--help"]).expect(0).text().contains("Examples:"));
    let help = ran(["help", "normalize"]).expect(0);
    for word in ["Examples:", "--date-order", "Exit status:", "1048576", "[sources.citrix-vpn]"] {
        assert!(help.text().contains(word), "{word}");
    }
}

#[test]
fn sources_and_tokens_are_listed() {
    let sources: Vec<Value> =
        serde_json::from_str(ran(["sources", "--format", "json"]).expect(0).text()).unwrap();
    let names: Vec<&str> = sources.iter().map(|source| source["name"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        ["cisco-anyconnect", "citrix-vpn", "juniper-pulse-secure", "qualys-endpoint", "teleport"]
    );
    assert_eq!(ran(["sources"]).expect(0).text().lines().count(), names.len() + 1);

    let tokens: Vec<Value> =
        serde_json::from_str(ran(["tokens", "--format", "json"]).expect(0).text()).unwrap();
    assert_eq!(tokens.len(), xdr_model::Token::COUNT);
    assert_eq!(
        (&*tokens[0]["name"].to_string(), tokens[0]["sources"].as_array().unwrap().len()),
        ("\"eventTime\"", 5)
    );
    assert_eq!(ran(["tokens"]).expect(0).text().lines().count(), xdr_model::Token::COUNT + 1);
    let schema: Value =
        serde_json::from_str(ran(["tokens", "--format", "json-schema"]).expect(0).text()).unwrap();
    assert_eq!(schema["properties"]["sourcePort"]["maximum"], 65535);
}

#[test]
fn guides_are_written_back_as_json_and_markdown() {
    for source in xdr_sources::sources() {
        let name = source.info.name;
        let rows: Vec<Value> =
            serde_json::from_str(ran(["guide", name, "--format", "json"]).expect(0).text()).unwrap();
        assert!(!rows.is_empty());
        for row in &rows {
            let section = row["section"].as_str().unwrap();
            assert!(["field", "derived", "internal", "value-map"].contains(&section), "{row}");
            assert!(row["from"].is_array());
            assert!(row["token"].is_string() || row["waived"].is_string(), "{row}");
        }
        let text = ran(["guide", name]).expect(0);
        assert!(text.text().starts_with("# ") && text.text().contains("\n## Fields\n"), "{name}");
    }
}

#[test]
fn the_project_s_specs_have_no_problems() {
    let done = ran(["check"]).expect(0);
    assert_eq!(done.text(), "5 specs, no problems\n");
    ran(["check", "no/such"])
        .expect(1)
        .says("xdr: error: cannot read no/such: No such file or directory (os error 2)");
    ran(["check", "src"]).expect(1).says("xdr: error: there is no spec in `src`");
}

#[test]
fn a_wrong_spec_is_not_expanded() {
    let dir = format!("{}/wrong/acme-vpn", env!("CARGO_TARGET_TMPDIR"));
    std::fs::create_dir_all(&dir).unwrap();
    temporary("wrong/acme-vpn/spec.yaml", b"source: acme-vpn\nwrong: 1\n");
    let wrong = format!("{}/wrong", env!("CARGO_TARGET_TMPDIR"));
    ran(["expand", "acme-vpn", "--dir", &wrong]).expect(1);
}

#[test]
fn the_rust_that_is_printed_is_the_rust_that_is_compiled() {
    for source in xdr_sources::sources() {
        let name = source.info.name;
        let compiled = ran(["expand", name]).expect(0);
        assert!(compiled.text().lines().next().unwrap().contains("enerated"), "{name}");
        assert_eq!(compiled.text(), ran(["expand", name, "--dir", SPECS]).expect(0).text(), "{name}");
    }
}

#[test]
fn explain_traces_tokens_to_rows_and_bytes() {
    let line = login("kim");
    let done = ran(["explain", "--source", "teleport", "--format", "json", &line]).expect(0);
    let found: Value = serde_json::from_str(done.text()).unwrap();
    let tokens = found["tokens"].as_array().unwrap();
    let time = tokens.iter().find(|token| token["token"] == "eventTime").unwrap();
    let at = usize::try_from(time["at"].as_u64().unwrap()).unwrap();
    assert_eq!(time["bytes"], line[at..at + time["bytes"].as_str().unwrap().len()]);
    assert_eq!(time["value"], "2024-03-14T07:08:09.5Z");
    let text = ran(["explain", "--source", "teleport", &line]).expect(0);
    assert!(
        text.text().starts_with("record 1  ") && text.text().contains("\n    eventTime "),
        "{}",
        text.text()
    );
}

#[test]
fn explain_points_at_what_was_not_understood() {
    let done = fed(["explain", "--source", "teleport"], b"\n{\"event\": 7,}\n").expect(0);
    let text = done.text();
    let dash = fed(["explain", "--source", "teleport", "-"], b"\n{\"event\": 7,}\n").expect(0);
    assert_eq!(dash.text(), text, "`-` is standard input");
    assert!(text.starts_with("record 1  rejected\n"), "{text}");
    assert!(text.contains("^ ") && text.contains(": expected "), "{text}");
    let done = ran(["explain", "--source", "cisco-anyconnect", "%ASA-6-113005: AAA user"]).expect(0);
    assert!(
        done.text().contains("\n  %ASA-6-113005: AAA user\n                         ^ no template"),
        "{}",
        done.text()
    );
}

#[test]
fn completions_know_commands_and_sources() {
    for shell in ["bash", "zsh", "fish"] {
        let done = ran(["completions", shell]).expect(0);
        assert!(done.text().contains("normalize") && done.text().contains("citrix-vpn"), "{shell}");
    }
}

#[test]
fn explain_makes_rejects_of_a_line_that_is_too_long_as_a_run_does() {
    let mut input = vec![b'x'; (1 << 20) + 7];
    input[1 << 20] = 0xff;
    input.extend_from_slice(b"\n{\"event\":7,}\n");
    let made = fed(normalize("teleport", &[]), &input).expect(0).events();
    let reasons: Vec<_> = made.iter().map(|event| &event["xdr"]["reject"]).collect();
    let done = fed(["explain", "--source", "teleport", "--format", "json"], &input).expect(0);
    let told: Vec<Value> = done.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let stopped: Vec<_> = told.iter().map(|told| &told["stopped"]).collect();
    assert_eq!(stopped, reasons);
    assert_eq!(reasons[0]["reason"], "longer than 1048576 bytes");
    let text = fed(["explain", "--source", "teleport"], &input).expect(0);
    assert!(text.text().contains("\nrecord 3  rejected\n"), "{}", text.text());
}
