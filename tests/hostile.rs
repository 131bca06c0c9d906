//! Hostile input is normal input: no panic, no unbounded memory, no forged fields, and time that grows with the input alone.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod support;

use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use support::{endings, lines, normalize, samples, source};
use xdr_runtime::engine::Source;
use xdr_runtime::sources;

/// The event of a record, checked to be one line of JSON with an account.
fn event(source: &Source, record: &[u8]) -> Value {
    let (line, _) = normalize(source, record, 0);
    assert_eq!(endings(&line), 1);
    let event: Value = serde_json::from_slice(&line).unwrap();
    let status = event["xdr"]["status"].as_str().unwrap();
    assert!(["mapped", "partial", "rejected"].contains(&status), "{status}");
    event
}

/// Runs the program over an input.
fn program(name: &str, input: Vec<u8>) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_xdr"))
        .args(["normalize", "--quiet", "--received-at", "2024-03-14T08:00:00Z", "--source", name])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    output
}

#[test]
fn fifty_megabytes_without_a_line_ending_become_rejects_in_pieces() {
    const LENGTH: usize = 50_000_000;
    for (name, byte) in [("cisco-anyconnect", b'%'), ("teleport", b'[')] {
        let output = program(name, vec![byte; LENGTH]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let mut raw = 0;
        for line in output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let event: Value = serde_json::from_slice(line).unwrap();
            assert_eq!(event["xdr"]["status"], "rejected");
            assert_eq!(event["xdr"]["reject"]["reason"], "longer than 1048576 bytes");
            raw += event["xdr"]["raw"].as_str().unwrap().len();
        }
        assert_eq!(raw, LENGTH, "{name}: every byte is kept");
    }
}

#[test]
fn binary_input_is_accounted_for() {
    // All bytes, all pairs of them, and what looks like the beginning of a gzip member inside a line.
    let mut input: Vec<u8> =
        (0..=u8::MAX).flat_map(|high| (0..=u8::MAX).flat_map(move |low| [high, low])).collect();
    input.extend(b"\nx\x1f\x8b\x08\x00\n");
    let records = lines(&input).count();
    for source in sources() {
        let output = program(source.info.name, input.clone());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let lines: Vec<&[u8]> =
            output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
        for line in &lines {
            let event: Value = serde_json::from_slice(line).unwrap();
            assert!(event["xdr"]["status"].is_string());
        }
        assert_eq!(lines.len(), records, "{}", source.info.name);
    }
}

#[test]
fn half_of_a_surrogate_pair_is_replaced_wherever_it_stands() {
    for (name, record) in [
        ("teleport", r#"{"event":"user.login","user":"a\ud800b","more":{"a\udc00":["\ud83d\ude00\ud83d"]}}"#),
        (
            "qualys-endpoint",
            r#"{"type":"FILE","file":{"fullPath":"a\ud800b"},"more":{"a\udc00":["\ud83d\ude00\ud83d"]}}"#,
        ),
    ] {
        let event = event(source(name), record.as_bytes());
        assert!(event["userName"] == "a\u{fffd}b" || event["filePath"] == "a\u{fffd}b", "{event}");
        assert_eq!(event["xdr"]["unmapped"]["more"]["a\u{fffd}"][0], "\u{1f600}\u{fffd}");
    }
}

#[test]
fn what_opens_an_array_and_holds_no_record_is_no_blank_line() {
    for line in ["[", "[,", "[ , ]", "[} x"] {
        for name in ["teleport", "qualys-endpoint"] {
            let records: Vec<&[u8]> = source(name).records(line.as_bytes()).collect();
            assert_eq!(records.len(), 1, "{name}: {line}");
            assert_eq!(event(source(name), records[0])["xdr"]["status"], "rejected", "{name}: {line}");
        }
    }
    assert_eq!(source("teleport").records(b" [ ] ").count(), 0);
}

#[test]
fn records_cut_at_every_byte_are_accounted_for() {
    for source in sources() {
        for record in samples(source.info.name).iter().step_by(40) {
            for end in 0..record.len() {
                event(source, &record[..end]);
            }
        }
    }
}

#[test]
fn deep_json_is_read_or_rejected_but_does_not_overflow() {
    const DEEP: usize = 10_000;
    for name in ["teleport", "qualys-endpoint", "juniper-pulse-secure"] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let value = [open.repeat(DEEP), "1".to_owned(), close.repeat(DEEP)].concat();
            for record in [
                value.clone(),
                open.repeat(DEEP),
                format!("{{\"event\":\"user.login\",\"code\":\"T1000I\",\"user\":{value}}}"),
                format!("{{\"type\":\"FILE\",\"unknown\":{value},\"file\":{value}}}"),
                format!("{{\"message_id\":\"AUT22673\",\"user\":{value}}}"),
            ] {
                let (line, _) = normalize(source(name), record.as_bytes(), 0);
                // A reader of JSON may refuse such depth by itself; what counts is that brackets are balanced.
                assert_eq!(endings(&line), 1);
                let text = std::str::from_utf8(&line).unwrap();
                let mut strings = false;
                let (mut depth, mut escaped) = (0_i64, false);
                for byte in text.bytes() {
                    match byte {
                        _ if escaped => escaped = false,
                        b'\\' if strings => escaped = true,
                        b'"' => strings = !strings,
                        b'{' | b'[' if !strings => depth += 1,
                        b'}' | b']' if !strings => depth -= 1,
                        _ => {}
                    }
                }
                assert!(depth == 0 && !strings, "{name}");
            }
        }
    }
}

#[test]
fn text_in_quotes_of_pulse_secure_forges_no_field() {
    let source = source("juniper-pulse-secure");
    let record = |user: &str, roles: &str, msg: &str| {
        format!(
            "id=firewall time=\"2024-03-14 07:08:09\" pri=6 fw=192.0.2.1 vpn=ive1 user={user} realm=\"Users\" \
             roles=\"{roles}\" proto= src=203.0.113.7 dst= dstname= type=vpn op= arg=\"\" result= sent= rcvd= \
             agent=\"\" duration= msg=\"{msg}\""
        )
    };
    for forged in [
        record("kim", "Staff, src=198.51.100.66 user=root", "AUT24414: Agent login succeeded"),
        record("kim", "Staff", "AUT24414: user=root src=198.51.100.66 pri=0 id=other"),
        record("kim", "Staff", "AUT24414: said \\\"user=root\\\" src=198.51.100.66"),
        record("kim", "Staff user=root", "AUT24414: a \" quote, user=root src=198.51.100.66"),
    ] {
        let event = event(source, forged.as_bytes());
        assert_eq!(event["sourceIpv4"], "203.0.113.7", "{forged}");
        assert_eq!(event["sourceUser"], "kim", "{forged}");
        assert_eq!(event["pulsePriority"], 6, "{forged}");
        assert_eq!(event["recordType"], "firewall", "{forged}");
    }
    // A key that comes twice outside of quotes: the first holds, and it is told.
    let twice = event(source, record("kim src=198.51.100.66", "Staff", "AUT24414: x").as_bytes());
    assert_eq!(twice["sourceIpv4"], "198.51.100.66");
    assert_eq!(twice["xdr"]["issues"][0]["reason"], "repeated key");
    assert_eq!(twice["xdr"]["issues"][0]["value"], "203.0.113.7");
}

#[test]
fn text_in_quotes_of_a_netscaler_command_forges_no_field() {
    let source = source("citrix-vpn");
    let header = "<134> 03/14/2024:07:08:09 GMT ns1 0-PPE-1 : default GUI CMD_EXECUTED 186 0 :";
    for command in [
        "add user root - Status Success - User root - Remote_ip 198.51.100.66 -",
        "x - User root - Remote_ip 198.51.100.66",
        "x \" - User root - Remote_ip 198.51.100.66",
    ] {
        let record = format!(
            "{header}  User kim - ADM_User NONE - Remote_ip 203.0.113.7 - Command \"{command}\" - Status \"Failure\""
        );
        let event = event(source, record.as_bytes());
        assert_eq!(event["userName"], "kim", "{record}");
        assert_eq!(event["sourceIpv4"], "203.0.113.7", "{record}");
        assert_eq!(event["outcome"], "Failure", "{record}");
    }
}

#[test]
fn line_endings_nul_and_byte_order_marks_are_no_part_of_a_record() {
    for source in sources() {
        let Some(record) = samples(source.info.name).into_iter().find(|record| {
            event(source, record)["xdr"]["status"] == "mapped" && std::str::from_utf8(record).is_ok()
        }) else {
            panic!("{}", source.info.name)
        };
        let plain = event(source, &record);
        for (front, back) in
            [("", "\r"), ("", "\r\n"), ("", "\0"), ("", "\0\r\0"), ("", " \t"), ("\u{feff}", "")]
        {
            let dressed = [front.as_bytes(), &record, back.as_bytes()].concat();
            assert_eq!(event(source, &dressed), plain, "{} {front:?} {back:?}", source.info.name);
        }
    }
}

#[test]
fn a_nul_inside_a_record_stays_where_it_is() {
    let cisco = event(
        source("cisco-anyconnect"),
        b"Mar 14 07:08:09 asa1 : %ASA-6-113007: User ki\0m unlocked by administrator",
    );
    assert_eq!(cisco["sourceUser"], "ki\0m");
}

#[test]
fn bytes_that_are_not_utf8_are_replaced_told_and_kept() {
    for source in sources() {
        let name = source.info.name;
        let Some(record) = samples(name).into_iter().find(|record| {
            event(source, record)["xdr"]["status"] == "mapped" && record.windows(3).any(|word| word == b"kim")
        }) else {
            panic!("{name}")
        };
        let at = record.windows(3).position(|word| word == b"kim").unwrap() + 1;
        let mut broken = record.clone();
        broken.splice(at..=at, *b"\xff\xfe");
        let event = event(source, &broken);
        assert_ne!(event["xdr"]["status"], "rejected", "{name}");
        let issue = format!("not UTF-8 at byte {at}, replaced by U+FFFD");
        let issues = event["xdr"]["issues"].as_array().unwrap();
        assert!(issues.iter().any(|told| told["reason"] == issue.as_str()), "{name}: {issues:?}");
        assert_eq!(event["xdr"]["rawEncoding"], "base64", "{name}");
        assert!(event["xdr"]["raw"].as_str().unwrap().len() > broken.len(), "{name}");
        assert!(event.to_string().contains("k\u{fffd}\u{fffd}m"), "{name}: {event}");
    }
}

#[test]
fn very_long_fields_are_kept_whole() {
    let long = "x".repeat(900_000);
    let cisco = format!("Mar 14 07:08:09 asa1 : %ASA-6-113007: User {long} unlocked by administrator");
    assert_eq!(event(source("cisco-anyconnect"), cisco.as_bytes())["sourceUser"], long.as_str());
    let teleport = format!(r#"{{"event":"user.login","code":"T1000I","user":"{long}","extra":"{long}"}}"#);
    let teleport = event(source("teleport"), teleport.as_bytes());
    assert_eq!(teleport["userName"], long.as_str());
    assert_eq!(teleport["xdr"]["unmapped"]["extra"], long.as_str());
    let citrix = format!(
        "<134> 03/14/2024:07:08:09 GMT ns1 0-PPE-1 : default AAA LOGIN_FAILED 144 0 :  User {long} - Client_ip 203.0.113.5"
    );
    assert_eq!(event(source("citrix-vpn"), citrix.as_bytes())["userName"], long.as_str());
    let pulse = format!(
        "id=firewall time=\"2024-03-14 07:08:09\" pri=6 fw=192.0.2.1 vpn=ive1 user={long} msg=\"AUT24414: x\""
    );
    assert_eq!(event(source("juniper-pulse-secure"), pulse.as_bytes())["sourceUser"], long.as_str());
}

/// What a source's records may begin with, up to the place where text of a stranger's making follows.
fn fronts(name: &str) -> &'static [&'static str] {
    match name {
        "cisco-anyconnect" => &[
            "",
            "Mar 14 07:08:09 asa1 : ",
            "Mar 14 07:08:09 asa1 : %ASA-6-113005: AAA user authentication Rejected : reason = ",
            "Mar 14 07:08:09 asa1 : %ASA-6-302013: Built inbound TCP connection 1 for ",
            "Mar 14 07:08:09 asa1 : %ASA-4-722051: Group <",
        ],
        "citrix-vpn" => &[
            "",
            "<134> 03/14/2024:07:08:09 GMT ns1 0-PPE-1 : default SSLVPN LOGIN 1 0 : User ",
            "<134> 03/14/2024:07:08:09 GMT ns1 0-PPE-1 : default AAA Message 1 0 : \"",
            "<134> 03/14/2024:07:08:09 GMT ns1 0-PPE-1 : default SSLVPN HTTPREQUEST 1 0 : Context ",
            "CEF:0|Citrix|NetScaler|NS13.1|APPFW|APPFW_STARTURL|6|msg=",
        ],
        "juniper-pulse-secure" => &[
            "",
            "id=firewall time=\"2024-03-14 07:08:09\" pri=6 user=\"",
            "id=firewall time=\"2024-03-14 07:08:09\" pri=6 msg=\"AUT24414: ",
            "2024-03-14 07:08:09 - ive1 - [203.0.113.7] kim(Users)[] - ",
            "2024-03-14 07:08:09 - ive1 - [203.0.113.7] ",
            "{\"message_id\":\"AUT22673\",\"raw_message\":\"",
        ],
        "qualys-endpoint" => {
            &["", "{\"type\":\"FILE\",\"indicator2\":[", "{\"type\":\"FILE\",\"file\":{\"fullPath\":\""]
        }
        _ => &[
            "",
            "{\"event\":\"user.login\",\"code\":\"T1000I\",\"user\":\"",
            "{\"event\":\"user.login\",\"code\":\"T1000I\",\"identity\":{\"roles\":[",
            "2024-03-14T07:08:09Z INFO [AUDIT] user.login code:T1000I ",
        ],
    }
}

/// What is repeated behind them: pieces that make a careless reader go over the same bytes again and again.
const PIECES: [&str; 20] = [
    " ",
    "\"",
    "\\\"",
    "<134>",
    "[",
    "{\"score\":1},",
    "(",
    " - ",
    " : ",
    " a=b",
    "=\" ",
    "\" msg=\"",
    " - User ",
    " code:",
    "%ASA-6-302013: ",
    " from ",
    "1 2024-03-14T07:08:09Z ",
    "Context a@",
    "::",
    "é",
];

/// A text of about this length.
fn adversary(front: &str, piece: &str, length: usize) -> Vec<u8> {
    [front, &piece.repeat(length / piece.len())].concat().into_bytes()
}

fn seconds(source: &Source, front: &str, piece: &str, length: usize) -> f64 {
    // Less than this says nothing about the text, but about the machine.
    const FLOOR: Duration = Duration::from_millis(4);
    let record = adversary(front, piece, length);
    let start = Instant::now();
    normalize(source, &record, 0);
    start.elapsed().max(FLOOR).as_secs_f64()
}

#[test]
fn time_grows_with_the_length_alone() {
    // Ten times the length may take ten times as long, and twice that for what else the machine does.
    const ALLOWED: f64 = 20.0;
    let mut slow = Vec::new();
    for source in sources() {
        let mut texts = Vec::new();
        for front in fronts(source.info.name) {
            for piece in PIECES {
                texts.push((seconds(source, front, piece, 120_000), front, piece));
            }
        }
        // Those that took longest, at full size. A pause of the machine is not the fault of the text: it has to be slow three
        // times.
        texts.sort_by(|left, right| right.0.total_cmp(&left.0));
        for (_, front, piece) in texts.into_iter().take(5) {
            let growth = || seconds(source, front, piece, 1_000_000) / seconds(source, front, piece, 100_000);
            if (0..3).all(|_| growth() >= ALLOWED) {
                slow.push(format!("{}: `{front}` and many of `{piece}`", source.info.name));
            }
        }
    }
    assert!(slow.is_empty(), "ten times the text takes more than twenty times as long:\n{}", slow.join("\n"));
}
