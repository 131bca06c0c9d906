//! `xdr replay`: rejects become what they would have been, or stay rejects; nothing is lost.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};

use base64::Engine;
use serde_json::Value;

use super::{Done, absent, fed, login, normalize, ran, statuses, temporary, xdr};

/// What a run of a spec that knew nothing would have kept of an input: each record a reject, at its place. Made of the records
/// that today's spec maps, so that replaying must give exactly today's events.
fn all_rejected(source: &str, input: &[u8], received: &str) -> String {
    let compiled = xdr_sources::source(source).unwrap();
    let mut out = String::new();
    let mut at = 0;
    for line in input.split_inclusive(|byte| *byte == b'\n') {
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        if !text.trim_ascii().is_empty() {
            for record in compiled.records(text) {
                let offset = record.as_ptr().addr() - text.as_ptr().addr();
                let mut account = serde_json::json!({
                    "source": source, "status": "rejected", "position": at + offset, "received": received,
                    "reject": { "reason": "as the test wants it", "at": 0, "expected": "" },
                });
                if let Ok(text) = std::str::from_utf8(record) {
                    account["raw"] = text.into();
                } else {
                    account["raw"] = base64::engine::general_purpose::STANDARD.encode(record).into();
                    account["rawEncoding"] = "base64".into();
                }
                out += &serde_json::json!({ "xdr": account }).to_string();
                out.push('\n');
            }
        }
        at += line.len();
    }
    out
}

#[test]
fn rejects_of_every_sample_become_the_events_of_a_run_over_the_input() {
    for source in xdr_sources::sources() {
        let name = source.info.name;
        let dir = format!("{}/mapping-specs/{name}/samples", env!("CARGO_MANIFEST_DIR"));
        for entry in std::fs::read_dir(&dir).unwrap() {
            let path = entry.unwrap().path();
            let input = std::fs::read(&path).unwrap();
            let expected =
                ran(normalize(name, &["--zone", "Europe/Paris", path.to_str().unwrap()])).expect(0);
            let rejects = all_rejected(name, &input, "2024-03-14T07:08:09Z");
            let replayed = fed(["replay", "--zone", "Europe/Paris"], rejects.as_bytes()).expect(0);
            assert!(replayed.stdout == expected.stdout, "{}", path.display());
        }
    }
}

#[test]
fn what_is_rejected_again_is_the_same_line_as_before() {
    let input = format!("{}\nnot json\n[{}, 5, {{}}]\n{{\"event\": \u{fffd}\n", login("kim"), login("lee"));
    let input = [input.as_bytes(), b"\xff\xfe\n"].concat();
    let rejects = absent("replay.rejects");
    let first = fed(normalize("teleport", &["--rejects", &rejects]), &input).expect(0);
    let before = std::fs::read_to_string(&rejects).unwrap();
    assert!(before.lines().count() >= 3, "{before}");
    let still = absent("replay.still");
    let done = ran(["replay", "--rejects", &still, "--strict", &rejects]).expect(3);
    assert_eq!(done.text(), "");
    assert_eq!(std::fs::read_to_string(&still).unwrap(), before);
    // Among the events they keep their places, and events are passed on as they are.
    let mixed = fed(normalize("teleport", &[]), &input).expect(0);
    let again = fed(["replay"], &mixed.stdout).expect(0);
    assert_eq!(again.text(), mixed.text());
    let (events, count) = (first.events().len(), before.lines().count());
    assert!(again.stderr.contains(&format!("  rejected             {count}")), "{}", again.stderr);
    assert!(
        again.stderr.contains(&format!("  {events} events passed on as they were\n")),
        "{}",
        again.stderr
    );
}

#[test]
fn rejects_of_several_sources_are_mapped_by_their_own() {
    let asa = "%ASA-6-113007: User kim unlocked by administrator\n";
    let rejects = all_rejected("cisco-anyconnect", asa.as_bytes(), "2024-03-14T07:08:09Z")
        + &all_rejected("teleport", login("lee").as_bytes(), "2023-01-01T00:00:00Z");
    let events = fed(["replay"], rejects.as_bytes()).expect(0).events();
    assert_eq!(statuses(&events), ["mapped", "mapped"]);
    assert_eq!(
        (&events[0]["xdr"]["source"], &events[1]["xdr"]["source"]),
        (&"cisco-anyconnect".into(), &"teleport".into())
    );
    assert_eq!(events[0]["collectorReceivedTime"], "2024-03-14T07:08:09Z");
}

#[test]
fn the_moment_of_receipt_is_kept_unless_another_is_given() {
    // A stamp without a year: the moment of receipt says which.
    let record = "Mar 14 06:00:00 asa1 : %ASA-6-113007: User kim unlocked by administrator\n";
    let rejects = all_rejected("cisco-anyconnect", record.as_bytes(), "2019-06-01T00:00:00.123456789Z");
    for (args, year, received) in [
        (&["replay"][..], "2019", "2019-06-01T00:00:00.123Z"),
        (&["replay", "--received-at", "2024-06-01T00:00:00Z"], "2024", "2024-06-01T00:00:00Z"),
    ] {
        let events = fed(args, rejects.as_bytes()).expect(0).events();
        assert_eq!(events[0]["eventTime"], format!("{year}-03-14T06:00:00Z"));
        assert_eq!(events[0]["collectorReceivedTime"], received);
    }
}

#[test]
fn pieces_of_a_long_line_are_joined_and_judged_again() {
    let long = login(&"x".repeat(2500));
    let input = format!("{}\n{long}\r\n{long}\nbad\n", login("kim"));
    let whole = fed(normalize("teleport", &[]), input.as_bytes()).expect(0);
    for limit in ["200", "999", "2000"] {
        let cut = fed(normalize("teleport", &["--max-record", limit]), input.as_bytes()).expect(0);
        assert!(cut.events().len() > 4);
        let joined = fed(["replay"], &cut.stdout).expect(0);
        assert_eq!(joined.text(), whole.text(), "--max-record {limit}");
        // Too long again: other pieces, whose bytes are the same.
        let again = fed(["replay", "--max-record", "700"], &cut.stdout).expect(0);
        let raw = |events: &[Value]| -> String {
            events.iter().filter_map(|event| event["xdr"]["raw"].as_str()).collect()
        };
        assert_eq!(raw(&again.events()), raw(&cut.events()));
        // And those can be joined once more.
        let joined_again = fed(["replay"], &again.stdout).expect(0);
        assert_eq!(joined_again.text(), joined.text(), "--max-record {limit}");
    }
}

#[test]
fn a_piece_without_its_beginning_and_a_torn_record_stay_what_they_are() {
    let cut =
        fed(normalize("teleport", &["--max-record", "1000"]), login(&"x".repeat(2500)).as_bytes()).expect(0);
    let (_, orphans) = cut.text().split_once('\n').unwrap();
    assert_eq!(fed(["replay"], orphans.as_bytes()).expect(0).text(), orphans);

    let packed = zstd::encode_all(login("kim").as_bytes(), 1).unwrap();
    let path = temporary("replay.torn.zst", &packed[..packed.len() - 3]);
    let torn = ran(normalize("teleport", &[&path])).expect(1);
    if !torn.stdout.is_empty() {
        assert_eq!(torn.events()[0]["xdr"]["part"], "torn");
    }
    let torn = r#"{"xdr":{"source":"teleport","status":"rejected","reject":{"reason":"input broke off","at":2,"expected":""},"raw":"{}","position":0,"received":"2024-03-14T08:00:00Z","part":"torn"}}"#;
    assert_eq!(fed(["replay"], torn.as_bytes()).expect(0).text(), format!("{torn}\n"));
}

#[test]
fn a_line_that_is_no_reject_ends_the_replay_behind_the_lines_before() {
    let good = all_rejected("teleport", login("kim").as_bytes(), "2024-03-14T08:00:00Z");
    for (line, why) in [
        (
            "{\"xdr\":{\"source\":\"teleport\",\"status\":\"rejected\",\"raw\":\"x\"}}",
            "a reject without `xdr.received`, by which it is mapped again",
        ),
        ("{\"cut\":", "no reject and no event of xdr, at its byte 7: EOF while parsing a value"),
        (&good.trim_end().replace("teleport", "telport"), "unknown source `telport`"),
    ] {
        let path = temporary("replay.wrong", format!("{good}{line}\n{good}").as_bytes());
        let done = ran(["replay", "--quiet", &path]).expect(1);
        done.says(&format!("xdr: error: `{path}`, line 2: {why}"));
        assert_eq!(done.events().len(), 1);
    }
    let path = temporary("replay.same", good.as_bytes());
    ran(["replay", &path, "--rejects", &path]).expect(2);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), good);
}

#[test]
fn a_packed_file_of_rejects_is_replayed_into_a_packed_file() {
    let good: String = (0..3000)
        .map(|n| all_rejected("teleport", login(&format!("user{n}")).as_bytes(), "2024-03-14T08:00:00Z"))
        .collect();
    let packed = temporary("replay.zst", &zstd::encode_all(good.as_bytes(), 1).unwrap());
    let output = absent("replay.out.zst");
    ran(["replay", "--compress", "zstd", "--output", &output, &packed]).expect(0);
    let events = zstd::decode_all(&std::fs::read(output).unwrap()[..]).unwrap();
    assert_eq!(String::from_utf8(events).unwrap(), fed(["replay"], good.as_bytes()).expect(0).text());
}

#[test]
fn a_byte_order_mark_in_front_is_no_part_of_a_line() {
    let good = all_rejected("teleport", login("user").as_bytes(), "2024-03-14T08:00:00Z");
    let event = fed(["replay"], good.as_bytes()).expect(0).text().to_owned();
    for lines in [&good, &event] {
        assert_eq!(fed(["replay"], format!("\u{feff}{lines}").as_bytes()).expect(0).text(), event);
        fed(["replay"], format!("{lines}\u{feff}{lines}").as_bytes()).expect(1);
    }
}

#[test]
#[cfg(unix)]
fn a_signal_ends_a_replay_that_waits_for_a_pipe_and_what_was_read_is_written() {
    let good = all_rejected("teleport", login("kim").as_bytes(), "2024-03-14T08:00:00Z");
    for (signal, name, status) in [("-INT", "SIGINT", 130), ("-TERM", "SIGTERM", 143)] {
        let mut child = xdr(["replay", "--quiet"]).stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        write!(stdin, "{good}{}", good.get(..30).unwrap()).unwrap();
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        assert!(line.contains("kim"), "{line}");
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
        let done = Done::of(child).expect(status);
        let last = "the lines before line 2 of standard input are done";
        done.says(&format!("xdr: error: stopped by {name}, {last}"));
        let mut rest = String::new();
        stdout.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "", "half a line is not taken for one");
        drop(stdin);
    }
}
