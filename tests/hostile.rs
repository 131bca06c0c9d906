//! Hostile input is normal input: no panic, no unbounded memory, no forged fields, and time that grows with the input alone.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod support;

use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::time::Instant;

use serde_json::Value;
use support::{endings, lines, normalize, samples, source};
use xdr_runtime::engine::Source;
use xdr_sources::sources;

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
fn objects_around_records_of_text_are_read_in_linear_time_and_kept() {
    const MANY: usize = 8_000;
    let record = "%ASA-6-113008: AAA transaction status ACCEPT : user = kim";
    let cisco = source("cisco-anyconnect");
    let measure = |many: usize| {
        let repeated = format!("{{{}\"n\":1}}", format!("\"message\":\"{record}\",").repeat(many));
        let member = |number| format!("\"m{number}\":{{\"message\":\"\"}},");
        let members = (0..many).map(member).collect::<Vec<_>>().concat();
        let lines = format!("{record}{}", "\\n%ASA-6-1: x".repeat(many));
        let begin = Instant::now();
        for (line, kept, issues) in [
            (repeated, "message", 1),
            (format!("{{{members}\"line\":\"{record}\"}}"), "m7", 0),
            (format!("{{\"log\":\"{lines}\",\"n\":1}}"), "n", 1),
        ] {
            let event = event(cisco, line.as_bytes());
            assert_eq!(event["sourceUser"], "kim");
            assert!(!event["xdr"]["unmapped"]["embedded"][kept].is_null());
            assert_eq!(event["xdr"]["issues"].as_array().map_or(0, Vec::len), issues);
        }
        begin.elapsed()
    };
    // The least of several: others want the processor too.
    let least = |many: usize| (0..3).map(|_| measure(many)).min().unwrap();
    let (less, more) = (least(MANY / 8), least(MANY));
    assert!(more < less * 24, "{less:?} and {more:?}");
}

#[test]
fn objects_in_objects_end_at_a_depth_and_nothing_is_lost() {
    let mut line = "%ASA-6-113008: AAA transaction status ACCEPT : user = kim".to_owned();
    for level in 1..12 {
        line = serde_json::json!({ "message": line, "level": level }).to_string();
        let event = event(source("cisco-anyconnect"), line.as_bytes());
        if level > 4 {
            assert_eq!(
                (&event["xdr"]["status"], &event["xdr"]["raw"]),
                (&"rejected".into(), &line.clone().into())
            );
            continue;
        }
        assert_eq!(event["sourceUser"], "kim");
        let kept = &event["xdr"]["unmapped"]["embedded"];
        assert_eq!(kept.as_array().map_or(1, Vec::len), level);
    }
    // As deep as the grammar allows, and one deeper.
    for (depth, status) in [(119, "mapped"), (120, "rejected")] {
        let deep = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let line = format!(
            r#"{{"message":"%ASA-6-113008: AAA transaction status ACCEPT : user = kim","x":{deep}}}"#
        );
        let nested = serde_json::json!({ "log": line, "n": 1 }).to_string();
        for line in [line, nested] {
            assert_eq!(
                event(source("cisco-anyconnect"), line.as_bytes())["xdr"]["status"],
                status,
                "{depth}"
            );
        }
    }
}

#[test]
fn what_somebody_chose_is_taken_for_no_record() {
    let cisco = source("cisco-anyconnect");
    let forged = "%ASA-6-113008: AAA transaction status ACCEPT : user = forged";
    for line in [
        // A text of the record that looks like an object, and one behind a line break.
        format!("%ASA-6-113005: AAA user {{\"message\":\"{forged}\"}}"),
        serde_json::json!({ "message": format!("%ASA-6-113008: AAA transaction status ACCEPT : user = kim\n{forged}") }).to_string(),
        // Members below those that count, and a key that comes again.
        serde_json::json!({ "agent": { "message": forged }, "fields": [{ "message": forged }], "text": forged }).to_string(),
        format!(r#"{{"message":"%ASA-6-113008: AAA transaction status ACCEPT : user = kim","message":"{forged}"}}"#),
    ] {
        let event = event(cisco, line.as_bytes());
        assert_ne!(event["sourceUser"], "forged", "{line}");
        assert!(event.to_string().contains("forged"), "{line}");
    }
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
fn utf16_is_called_so() {
    for source in sources() {
        let samples = samples(source.info.name);
        let texts = || samples.iter().filter_map(|record| std::str::from_utf8(record).ok());
        for text in texts().filter(|text| text.is_ascii() && text.len() > 8).take(50) {
            for order in [u16::to_le_bytes, u16::to_be_bytes] {
                let line: Vec<u8> = text.encode_utf16().flat_map(order).collect();
                let marked: Vec<u8> = order(0xfeff).into_iter().chain(line.iter().copied()).collect();
                for record in [line, marked] {
                    let account = &event(source, &record)["xdr"];
                    assert_eq!(account["status"], "rejected", "{text}");
                    assert_eq!(account["reject"]["reason"], "UTF-16", "{text}");
                }
            }
        }
        // Bytes that no text has are no UTF-16.
        for record in [&b"\0\0\0\0\0\0\0\0x"[..], b"x\0", b"no record at all\0\0\0 of this source"] {
            assert_ne!(event(source, record)["xdr"]["reject"]["reason"], "UTF-16");
        }
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
        for (front, back) in [
            ("", "\r"),
            ("", "\r\n"),
            ("", "\0"),
            ("", "\0\r\0"),
            ("", " \t"),
            ("\u{feff}", ""),
            ("\r", ""),
            ("\0\n\u{feff}\r", ""),
        ] {
            let dressed = [front.as_bytes(), &record, back.as_bytes()].concat();
            assert_eq!(event(source, &dressed), plain, "{} {front:?} {back:?}", source.info.name);
        }
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

/// What a source's records may begin with, up to the place where text of a stranger's making follows, and what may end them.
fn frames(name: &str) -> &'static [(&'static str, &'static str)] {
    match name {
        "cisco-anyconnect" => &[
            ("", ""),
            // Without a tag the texts of all messages are tried.
            ("Mar 14 07:08:09 asa1 : ", ""),
            ("Mar 14 07:08:09 asa1 : %ASA-6-113005: AAA user authentication Rejected : reason = ", ""),
            ("Mar 14 07:08:09 asa1 : %ASA-6-302013: Built inbound TCP connection 1 for ", ""),
            ("Mar 14 07:08:09 asa1 : %ASA-4-722051: Group <", "> assigned to session"),
            ("Mar 14 07:08:09 asa1 : %ASA-4-113019: Group = ", ", Reason: x"),
        ],
        "citrix-vpn" => &[
            ("", ""),
            ("<134> 03/14/2024:07:08:09 GMT ns1 0-PPE-1 : default SSLVPN LOGIN 1 0 : User ", ""),
            ("<134> 03/14/2024:07:08:09 GMT ns1 0-PPE-1 : default AAA Message 1 0 : \"", "\""),
            ("<134> 03/14/2024:07:08:09 GMT ns1 0-PPE-1 : default SSLVPN HTTPREQUEST 1 0 : Context ", ""),
            ("CEF:0|Citrix|NetScaler|NS13.1|APPFW|APPFW_STARTURL|6|msg=", " act=blocked"),
        ],
        "juniper-pulse-secure" => &[
            ("", ""),
            ("id=firewall time=\"2024-03-14 07:08:09\" pri=6 user=\"", "\" msg=\"x\""),
            ("id=firewall time=\"2024-03-14 07:08:09\" pri=6 msg=\"AUT24414: ", "\""),
            ("2024-03-14 07:08:09 - ive1 - [203.0.113.7] kim(Users)[] - ", ""),
            ("2024-03-14 07:08:09 - ive1 - [203.0.113.7] ", "](Users)[] - x"),
            ("ive1 | 2024-03-14 07:08:09 | ", ""),
            ("{\"message_id\":\"AUT22673\",\"raw_message\":\"", "\"}"),
        ],
        "qualys-endpoint" => &[
            ("", ""),
            ("{\"type\":\"FILE\",\"indicator2\":[", "{}]}"),
            ("{\"type\":\"FILE\",\"file\":{\"fullPath\":[", "\"\"]}}"),
            ("{\"type\":\"FILE\",\"file\":{\"fullPath\":\"", "\"}}"),
            ("{\"type\":\"FILE\",", "\"id\":1}"),
            ("{\"type\":\"FILE\",\"own\":{\"a\":[", "0]}}"),
        ],
        _ => &[
            ("", ""),
            ("{\"event\":\"user.login\",\"code\":\"T1000I\",\"user\":\"", "\"}"),
            ("{\"event\":\"user.login\",\"code\":\"T1000I\",\"identity\":{\"roles\":[", "\"\"]}}"),
            ("{\"event\":\"user.login\",\"code\":\"T1000I\",", "\"user\":\"kim\"}"),
            ("2024-03-14T07:08:09Z INFO [AUDIT] user.login code:T1000I ", ""),
            ("2024-03-14T07:08:09Z INFO [AUDIT] user.login ", " a/a.go:1"),
        ],
    }
}

/// What is repeated inside them: pieces that make a careless reader go over the same bytes again and again. `#` is another number
/// each time.
const PIECES: [&str; 34] = [
    " ",
    "\"",
    "\\\"",
    "\\ud800",
    "<134>",
    "[",
    "{\"a\":",
    "{\"score\":#},",
    "\"a\",",
    "\"key#\":#,",
    "\"user\":\"#\",",
    "1e9,",
    "(",
    " - ",
    " : ",
    " | ",
    " a=b",
    " key#=#",
    "=\" ",
    "\" msg=\"",
    " - User ",
    " - User \"a",
    " a_b",
    " code:",
    " user:[",
    "%ASA-6-302013: ",
    " from ",
    "a> IP <",
    "a, Username = ",
    "1 2024-03-14T07:08:09Z ",
    "Mar 14 07:08:09 ",
    "Context a@",
    "::",
    "é",
];

/// The lengths of adversaries, each ten times the one before, and how often a time is taken at first: short ones are over soon.
const LENGTHS: [(usize, usize); 4] = [(1_000, 3), (10_000, 2), (100_000, 1), (1_000_000, 1)];

/// A record that is made to be slow, and the seconds that it took at each of the lengths.
struct Adversary {
    source: &'static Source,
    frame: (&'static str, &'static str),
    piece: &'static str,
    seconds: [f64; LENGTHS.len()],
}

impl Adversary {
    fn record(&self, length: usize) -> Vec<u8> {
        let (front, back) = self.frame;
        let mut record = front.to_owned();
        for number in 0.. {
            if record.len() >= length {
                break;
            }
            record.push_str(&self.piece.replace('#', &number.to_string()));
        }
        (record + back).into_bytes()
    }

    /// Takes the time at one of the lengths. What counts is the least of all times: the machine can only add to it.
    fn measure(&mut self, at: usize, times: usize) {
        let record = self.record(LENGTHS[at].0);
        for _ in 0..times {
            let start = Instant::now();
            normalize(self.source, &record, 0);
            self.seconds[at] = self.seconds[at].min(start.elapsed().as_secs_f64());
        }
    }

    /// Whether the time grows with more than the length, both from this length to a hundred times that and in the last step of
    /// ten: caches and memory make single steps steep, only the text makes all of them so. Short times say more about the
    /// machine than about the text.
    fn is_slow(&mut self, at: usize) -> bool {
        const FLOORS: [f64; 2] = [0.000_05, 0.000_5];
        // What is linear is near 100 and 10, what is quadratic near 10 000 and 100.
        const ALLOWED: (f64, f64) = (500.0, 25.0);
        for _ in 0..4 {
            let [first, second, third] = [0, 1, 2].map(|step| self.seconds[at + step]);
            if third / first.max(FLOORS[at]) <= ALLOWED.0 || third / second <= ALLOWED.1 {
                return false;
            }
            for (step, times) in [(0, 5), (1, 2), (2, 1)] {
                self.measure(at + step, times);
            }
        }
        true
    }
}

impl std::fmt::Display for Adversary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: `{}` and many of `{}`:", self.source.info.name, self.frame.0, self.piece)?;
        for ((length, _), seconds) in
            LENGTHS.iter().zip(self.seconds).filter(|(_, seconds)| seconds.is_finite())
        {
            write!(f, " {length} bytes {:.2} ms,", seconds * 1000.0)?;
        }
        Ok(())
    }
}

#[test]
fn time_grows_with_the_length_alone() {
    // What takes longer than this for 10 KB, in seconds, is measured further only if it is among the worst.
    const LONG: f64 = 0.004;
    let mut slow = Vec::new();
    for source in sources() {
        let mut adversaries = Vec::new();
        for frame in frames(source.info.name) {
            for piece in PIECES {
                let mut adversary =
                    Adversary { source, frame: *frame, piece, seconds: [f64::INFINITY; LENGTHS.len()] };
                adversary.measure(0, 3);
                adversary.measure(1, 2);
                if adversary.seconds[1] < LONG {
                    adversary.measure(2, 1);
                    if adversary.is_slow(0) {
                        slow.push(adversary.to_string());
                    }
                }
                adversaries.push(adversary);
            }
        }
        // The steepest four and the one that takes longest, at full size.
        let steepness = |adversary: &Adversary| {
            let [first, second, third, _] = adversary.seconds;
            if third.is_finite() { third / second.max(0.000_5) } else { second / first }
        };
        adversaries.sort_by(|left, right| steepness(right).total_cmp(&steepness(left)));
        let rest = &mut adversaries[4..];
        rest.sort_by(|left, right| right.seconds[1].total_cmp(&left.seconds[1]));
        for mut adversary in adversaries.into_iter().take(5) {
            adversary.measure(2, 1);
            adversary.measure(3, 1);
            if adversary.is_slow(1) {
                slow.push(adversary.to_string());
            }
        }
    }
    assert!(slow.is_empty(), "the time grows with more than the length:\n{}", slow.join("\n"));
}

#[test]
fn escapes_of_json_do_not_change_what_a_record_is() {
    for (name, plain, escaped) in [
        // The key of a message, and the field that decides by which path a file is meant.
        (
            "qualys-endpoint",
            r#"{"type":"FILE","file":{"fullPath":"a"},"process":{"fullPath":"b"}}"#,
            r#"{"type":"\u0046IL\u0045","file":{"fullPath":"a"},"process":{"fullPath":"b"}}"#,
        ),
        // The number by which one of several elements speaks.
        (
            "qualys-endpoint",
            r#"{"type":"FILE","indicator2":[{"score":"2"},{"score":"7"}]}"#,
            r#"{"type":"FILE","indicator2":[{"score":"2"},{"score":"\u0037"}]}"#,
        ),
        // A message that is not listed is told as it is meant.
        ("qualys-endpoint", r#"{"type":"é\"X"}"#, r#"{"type":"\u00e9\"\u0058"}"#),
        ("teleport", r#"{"code":"T1000I","user":"kim"}"#, r#"{"code":"T\u0031000I","user":"kim"}"#),
        // Beside a text that is handed on, which has escapes too.
        (
            "juniper-pulse-secure",
            r#"{"message_id":"ADM20652","raw_message":"kim"}"#,
            r#"{"message_id":"\u0041DM20652","raw_message":"k\u0069m"}"#,
        ),
    ] {
        let without_id = |record: &str| {
            let mut event = event(source(name), record.as_bytes());
            event.as_object_mut().unwrap().remove("eventId");
            event["xdr"].as_object_mut().unwrap().remove("unmapped");
            event
        };
        assert_eq!(without_id(escaped), without_id(plain), "{escaped}");
    }
}
