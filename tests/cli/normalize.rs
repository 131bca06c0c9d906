//! `xdr normalize`: what becomes of records, and which settings matter.

use super::{fed, login, normalize, ran, statuses, temporary};
use serde_json::json;

#[test]
fn each_record_becomes_one_object_in_the_order_of_the_input() {
    let input = format!("{}\nnot json\n\n{}", login("kim"), login("lee"));
    let done = fed(normalize("teleport", &[]), input.as_bytes()).expect(0);
    let events = done.events();
    assert_eq!(statuses(&events)[1], "rejected");
    assert_eq!(events[1]["xdr"]["raw"], "not json");
    assert_eq!(events.len(), 3);
    for (at, user) in [(0, "kim"), (2, "lee")] {
        assert_eq!(events[at]["eventTime"], "2024-03-14T07:08:09.5Z");
        assert!(events[at].to_string().contains(user));
    }
    assert!(done.stderr.starts_with("teleport: 3 records, "), "{}", done.stderr);
    assert!(
        done.stderr.contains("  rejected             1") && done.stderr.contains("  blank                1")
    );
}

#[test]
fn an_array_of_records_is_cut_at_its_members() {
    let input = format!("[{}, {}]\n[]\n", login("kim"), login("lee"));
    let done = fed(normalize("teleport", &[]), input.as_bytes()).expect(0);
    let events = done.events();
    assert_eq!(events.len(), 2);
    assert_ne!(events[0]["eventId"], events[1]["eventId"]);
    // The second member begins where it would in an input of lines of that length.
    let lines = format!("{}\n{}\n", " ".repeat(login("kim").len() + 2), login("lee"));
    let alone = fed(normalize("teleport", &[]), lines.as_bytes()).expect(0);
    assert_eq!(alone.events()[0]["eventId"], events[1]["eventId"]);
}

#[test]
fn the_same_input_gives_the_same_bytes_however_it_comes() {
    let lines: String = (0..500).map(|number| login(&format!("user{number}")) + "\n").collect();
    let plain = fed(normalize("teleport", &[]), lines.as_bytes()).expect(0);
    assert_eq!(plain.events().len(), 500);
    let gzip = {
        use std::io::Write;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(lines.as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    let zstd = zstd::encode_all(lines.as_bytes(), 1).unwrap();
    let crlf = temporary("same.crlf.log", lines.replace('\n', "\r\n").as_bytes());
    let (first, second) = lines.split_at(lines.match_indices('\n').nth(99).unwrap().0);
    let first = temporary("same.1.log", &[first.as_bytes(), b"\n"].concat());
    let second = temporary("same.2.log", &second.as_bytes()[1..]);
    for (args, input) in [
        (vec![], lines.as_bytes()),
        (vec!["-"], lines.as_bytes()),
        (vec![], &gzip[..]),
        (vec!["-"], &zstd[..]),
        (vec![&*temporary("same.log", lines.as_bytes())], b""),
        (vec![&*temporary("same.log.gz", &gzip)], b""),
        (vec![&*temporary("same.log.zst", &zstd)], b""),
        (vec![&*temporary("same-without-suffix", &zstd)], b""),
        (vec![&*first, &*second], b""),
    ] {
        let again = fed(normalize("teleport", &args), input).expect(0);
        assert!(again.stdout == plain.stdout, "{args:?}");
    }
    let crlf = fed(normalize("teleport", &[&crlf]), b"").expect(0);
    let without_id = |done: &super::Done| {
        let mut events = done.events();
        for event in &mut events {
            event.as_object_mut().unwrap().remove("eventId");
        }
        events
    };
    assert_eq!(without_id(&crlf), without_id(&plain), "only places differ");
}

#[test]
fn rejects_go_to_their_file_and_strict_tells_of_them() {
    let path = temporary("rejects.ndjson", b"old");
    let input = format!("bad one\n{}\nbad two\n", login("kim"));
    let done = fed(normalize("teleport", &["--rejects", &path, "--strict"]), input.as_bytes()).expect(3);
    assert_eq!(done.events().len(), 1);
    let rejects = std::fs::read_to_string(&path).unwrap();
    let rejects: Vec<serde_json::Value> =
        rejects.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(statuses(&rejects), ["rejected", "rejected"]);
    assert_eq!(rejects[1]["xdr"]["raw"], "bad two");
    fed(normalize("teleport", &["--strict"]), login("kim").as_bytes()).expect(0);
    fed(normalize("teleport", &[]), b"bad\n").expect(0);
}

#[test]
fn rejects_do_not_overwrite_the_input() {
    let path = temporary("both.log", login("kim").as_bytes());
    let done = ran(normalize("teleport", &["--rejects", &path, &path])).expect(2);
    done.says(&format!("xdr: error: `{path}` is read, so rejects cannot be written to it"));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), login("kim"));
}

#[test]
fn a_long_line_is_rejected_in_pieces_that_join_to_it() {
    let line = "x".repeat(2500);
    let input = format!("{}\n{line}\r\n{}\n", login("kim"), login("lee"));
    let done = fed(normalize("teleport", &["--max-record", "1000"]), input.as_bytes()).expect(0);
    let events = done.events();
    assert_eq!(statuses(&events)[1..4], ["rejected"; 3]);
    assert_eq!(events.len(), 5);
    let pieces: String = events[1..4].iter().map(|event| event["xdr"]["raw"].as_str().unwrap()).collect();
    assert_eq!(pieces, line);
    assert_eq!(events[1]["xdr"]["reject"]["reason"], "longer than 1000 bytes");
}

#[test]
fn bytes_that_are_not_utf8_are_kept() {
    let done = fed(normalize("teleport", &[]), b"{\"event\": \xff\xfe\n").expect(0);
    let events = done.events();
    assert_eq!(
        (&events[0]["xdr"]["rawEncoding"], &events[0]["xdr"]["raw"]),
        (&json!("base64"), &json!("eyJldmVudCI6IP/+"))
    );
}

#[test]
fn settings_come_from_the_command_line_then_from_the_file() {
    let ids = ["d656b196-edb7-45e6-8485-3748a740d002", "5473b4c0-03bb-5052-8dc6-29e789310759"];
    let config = format!(
        "[sources.teleport]\ncustomer-id = \"{}\"\n[sources.citrix-vpn]\nzone = \"Europe/London\"\n",
        ids[0]
    );
    let config = temporary("settings.toml", config.as_bytes());
    let customer = |args: &[&str]| {
        let events = fed(normalize("teleport", args), login("kim").as_bytes()).expect(0).events();
        events[0]["customerId"].clone()
    };
    let set = format!("customerId={}", ids[1]);
    assert_eq!(customer(&[]), json!(null));
    assert_eq!(customer(&["--config", &config]), json!(ids[0]));
    assert_eq!(customer(&["--config", &config, "--set", &set]), json!(ids[1]));
}

#[test]
fn a_wrong_configuration_is_shown_at_its_line() {
    for (name, text, message) in [
        (
            "key",
            "[sources.teleport]\nzoen = \"UTC\"\n",
            ":2:1: unknown key `zoen`\n  help: did you mean `zone`?\n",
        ),
        (
            "source",
            "[sources.teleprot]\n",
            ":1:10: unknown source `teleprot`\n  help: did you mean `teleport`?\n",
        ),
        (
            "zone",
            "[sources.teleport]\nzone = \"Europe/Lodnon\"\n",
            ":2:8: `zone`: unknown time zone `Europe/Lodnon`, did you mean `Europe/London`?\n",
        ),
    ] {
        let path = temporary(&format!("wrong-{name}.toml"), text.as_bytes());
        let done = fed(normalize("teleport", &["--config", &path]), login("kim").as_bytes()).expect(2);
        assert_eq!(done.stderr, format!("xdr: error: {path}{message}"));
        assert!(done.stdout.is_empty());
    }
    let done = ran(normalize("teleport", &["--config", "no/such.toml"])).expect(1);
    assert!(done.stderr.starts_with("xdr: error: cannot read `no/such.toml`: "), "{}", done.stderr);
}

#[test]
fn a_file_that_cannot_be_read_stops_the_run_before_it_begins() {
    let good = temporary("readable.log", login("kim").as_bytes());
    let done = ran(normalize("teleport", &[&good, "no/such.log"])).expect(1);
    assert!(done.stderr.starts_with("xdr: error: cannot read `no/such.log`: "), "{}", done.stderr);
    assert!(done.stdout.is_empty());
    ran(normalize("teleport", &["mapping-specs"]))
        .expect(1)
        .says("xdr: error: cannot read `mapping-specs`: it is a directory");
}

#[test]
fn an_input_that_breaks_off_is_told_after_its_records() {
    let lines: String = (0..5000).map(|number| login(&format!("user{number}")) + "\n").collect();
    let packed = zstd::encode_all(lines.as_bytes(), 1).unwrap();
    let path = temporary("broken.zst", &packed[..packed.len() - 20]);
    let done = ran(normalize("teleport", &["--rejects", &temporary("broken.ndjson", b""), &path])).expect(1);
    assert!(done.stderr.contains(&format!("xdr: error: cannot read `{path}`: ")), "{}", done.stderr);
    assert!(done.events().len() < 5000);
}

#[test]
fn every_sample_is_accounted_for() {
    for source in xdr_sources::sources() {
        let name = source.info.name;
        let dir = format!("{}/mapping-specs/{name}/samples", env!("CARGO_MANIFEST_DIR"));
        for entry in std::fs::read_dir(&dir).unwrap() {
            let path = entry.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            let lines = bytes.split(|&byte| byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
            let records: usize = lines.map(|line| source.records(line).count()).sum();
            let done = ran(normalize(name, &["--raw", path.to_str().unwrap()])).expect(0);
            assert_eq!(done.events().len(), records, "{}", path.display());
        }
    }
}

/// The event that a line of `lines` gives, and what its account has under `unmapped`.
fn shipped(line: &str, more: &[&str]) -> serde_json::Value {
    let mut events = fed(normalize("cisco-anyconnect", more), line.as_bytes()).expect(0).events();
    assert_eq!(events.len(), 1, "{line}");
    events.remove(0)
}

#[test]
fn a_record_in_an_object_of_a_shipper_is_the_record() {
    const RECORD: &str =
        "<166>Mar 14 2024 07:08:09 gw1 : %ASA-6-113008: AAA transaction status ACCEPT : user = kim";
    let bare = shipped(RECORD, &[]);
    assert_eq!(bare["sourceUser"], "kim");
    for (line, kept) in [
        (
            json!({ "@timestamp": "2024-03-14T07:08:11Z", "message": RECORD }),
            json!({ "@timestamp": "2024-03-14T07:08:11Z" }),
        ),
        (json!({ "log": format!("{RECORD}\n"), "stream": "stdout" }), json!({ "stream": "stdout" })),
        (json!({ "event": { "original": RECORD }, "message": "kim" }), json!({ "message": "kim" })),
        (json!({ "event": RECORD, "host": "h", "time": 1.5 }), json!({ "host": "h", "time": 1.5 })),
    ] {
        let mut event = shipped(&line.to_string(), &[]);
        let unmapped = event["xdr"]["unmapped"].as_object_mut().unwrap();
        assert_eq!(unmapped.remove("embedded"), Some(kept), "{line}");
        assert_eq!(event, bare, "{line}");
        // The line, not the record in it, is what is raw.
        let raw = &shipped(&line.to_string(), &["--raw"])["xdr"]["raw"];
        assert_eq!(*raw, line.to_string());
        let dropped = shipped(&line.to_string(), &["--unmapped", "drop"]);
        assert!(dropped["xdr"].get("unmapped").is_none() && dropped["sourceUser"] == "kim", "{dropped}");
    }
}

#[test]
fn a_stripped_header_is_not_made_up_from_what_stands_around() {
    let line = r#"{"timestamp":"2024-03-14T07:08:09Z","host":"gw1","message":"%ASA-6-113008: AAA transaction status ACCEPT : user = kim"}"#;
    let event = shipped(line, &[]);
    assert_eq!(event["sourceUser"], "kim");
    assert!(event.get("eventTime").is_none() && event.get("deviceHost").is_none(), "{event}");
    let kept = json!({ "timestamp": "2024-03-14T07:08:09Z", "host": "gw1" });
    assert_eq!(event["xdr"]["unmapped"]["embedded"], kept);
}

#[test]
fn a_reject_of_a_shipper_keeps_its_whole_line_for_its_replay() {
    let line = r#"{"message":"nothing that is known","n":1}"#;
    let event = shipped(line, &[]);
    assert_eq!((&event["xdr"]["status"], &event["xdr"]["raw"]), (&json!("rejected"), &json!(line)));
    let again = fed(["replay"], event.to_string().as_bytes()).expect(0).events();
    assert_eq!(again, [event]);
    let told = ran(["explain", "--source", "cisco-anyconnect", line]).expect(0);
    assert!(told.text().contains("\n  nothing that is known\n"), "{}", told.text());
}
