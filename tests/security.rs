//! What a stranger writes into a record stays where he wrote it: it forges no field, breaks no line and loses nothing.
//!
//! Strangers choose names, passwords, agents, paths and commands. In these records such a text plants the user `evil` and the
//! address 203.0.113.66, which no token may have as its value; the honest user is kim at 203.0.113.7.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod support;

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use support::{Members, endings, normalize, source};

/// What is planted.
const PLANTED: [&str; 2] = ["evil", "203.0.113.66"];

/// The event of a record, after what holds for every output was checked: one line of JSON that any reader takes, no control
/// character of ASCII in it, no name twice, and a reject kept whole.
fn event(name: &str, record: &[u8]) -> Value {
    let (line, _) = normalize(source(name), record, 0);
    assert_eq!(endings(&line), 1);
    assert!(line.iter().filter(|byte| byte.is_ascii_control() && **byte != 0x7f).eq(b"\n"), "{name}");
    let text = std::str::from_utf8(&line).unwrap();
    let members = Members::of(text);
    let account = Members::of(members.get("xdr").unwrap());
    let unmapped = Members::of(account.get("unmapped").unwrap_or("{}"));
    for Members(members) in [members, account, unmapped] {
        let mut names: Vec<_> = members.iter().map(|(name, _)| name).collect();
        names.sort();
        assert!(names.is_sorted_by(|a, b| a != b), "{name}: a name twice in {text}");
    }
    let event: Value = serde_json::from_slice(&line).unwrap();
    let account = &event["xdr"];
    if account["status"] == "rejected" {
        assert_eq!(raw(account), record, "{name}");
    }
    event
}

/// The record that an account keeps.
fn raw(account: &Value) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let raw = account["raw"].as_str().unwrap().as_bytes();
    if account["rawEncoding"] != "base64" {
        return raw.to_vec();
    }
    let digits = raw.iter().filter_map(|byte| DIGITS.iter().position(|digit| digit == byte));
    let bits: Vec<bool> =
        digits.flat_map(|digit| (0..6).rev().map(move |bit| digit >> bit & 1 == 1)).collect();
    bits.chunks_exact(8).map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit))).collect()
}

/// Every text of a value, keys aside.
fn texts<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(members) => members.iter().for_each(|member| texts(member, found)),
        Value::Object(members) => members.values().for_each(|member| texts(member, found)),
        _ => {}
    }
}

/// A record, the tokens it must have, and its issues: field, value, reason.
struct Case<'c>(&'c str, Value, &'c [(&'c str, &'c str, &'c str)]);

/// Asserts tokens and issues of records, that what was planted became no token, and that it is not lost.
fn check(name: &str, cases: &[Case<'_>]) {
    for Case(record, tokens, issues) in cases {
        let event = event(name, record.as_bytes());
        for (token, value) in tokens.as_object().unwrap() {
            assert_eq!(&event[token], value, "{token} of {record}");
        }
        let told: Vec<_> = event["xdr"]["issues"].as_array().map_or(Vec::new(), |issues| {
            let text = |issue: &Value, member: &str| issue[member].as_str().unwrap().to_owned();
            issues
                .iter()
                .map(|issue| ["field", "value", "reason"].map(|member| text(issue, member)))
                .collect()
        });
        let expected: Vec<_> = issues
            .iter()
            .map(|(field, value, reason)| [field, value, reason].map(|text| (*text).to_owned()))
            .collect();
        assert_eq!(told, expected, "issues of {record}");
        let (mut all, mut values) = (Vec::new(), Vec::new());
        texts(&event, &mut all);
        for (token, value) in event.as_object().unwrap().iter().filter(|(token, _)| *token != "xdr") {
            texts(value, &mut values);
            assert!(!values.iter().any(|value| PLANTED.contains(value)), "{token} of {record} is forged");
        }
        for planted in PLANTED.into_iter().filter(|planted| record.contains(planted)) {
            assert!(all.iter().any(|text| text.contains(planted)), "`{planted}` of {record} is lost");
        }
    }
}

const REPEATED: &str = "repeated key";
const UNCLOSED: &str = "quote is never closed";

#[test]
fn welf() {
    let front = "id=firewall time=\"2024-03-14 07:08:09\" pri=6 fw=192.0.2.1 vpn=ive1 user=kim realm=\"Users\" src=203.0.113.7";
    let record = |rest: &str| format!("{front} {rest}");
    let honest = |more: Value| {
        let mut tokens = json!({ "sourceUser": "kim", "sourceIpv4": "203.0.113.7", "userRealm": "Users", "pulsePriority": 6, "recordType": "firewall" });
        tokens.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        tokens
    };
    let said = |message: &str| honest(json!({ "message": message, "deviceEventId": "AUT24414" }));
    check(
        "juniper-pulse-secure",
        &[
            Case(
                &record(r#"msg="AUT24414: failed for user=evil src=203.0.113.66""#),
                said("failed for user=evil src=203.0.113.66"),
                &[],
            ),
            Case(&record(r#"msg="AUT24414: id=evil pri=0 user=evil""#), said("id=evil pri=0 user=evil"), &[]),
            // A quote does not end the text, be there a pair behind it: the text stands last.
            Case(
                &record(r#"msg="AUT24414: a " quote, user=evil src=203.0.113.66""#),
                said(r#"a " quote, user=evil src=203.0.113.66"#),
                &[],
            ),
            Case(
                &record(r#"msg="AUT24414: "user=evil" and "src=203.0.113.66"""#),
                said(r#""user=evil" and "src=203.0.113.66""#),
                &[],
            ),
            Case(
                &record(r#"msg="AUT24414: a" user=evil src=203.0.113.66""#),
                said(r#"a" user=evil src=203.0.113.66"#),
                &[],
            ),
            Case(
                &record(r#"agent="x" user=evil" msg="AUT24414: ok""#),
                said("ok"),
                &[("user", "evil\"", REPEATED)],
            ),
            // A quote that nothing closes takes the rest.
            Case(
                &record(r#"msg="AUT24414: a user=evil src=203.0.113.66"#),
                said("a user=evil src=203.0.113.66"),
                &[("msg", "AUT24414: a user=evil src=203.0.113.66", UNCLOSED)],
            ),
            Case(
                &record(r#"agent="a user=evil src=203.0.113.66 msg="AUT24414: ok""#),
                honest(
                    json!({ "userAgent": r#"a user=evil src=203.0.113.66 msg="AUT24414: ok"#, "message": null }),
                ),
                &[],
            ),
            // No key: no blank before it, a blank in it, a letter beyond ASCII, another sign.
            Case(
                &record(r#"agent="x" msg="AUT24414: ok" ,user=evil"#),
                said(r#"ok" ,user=evil"#),
                &[("msg", r#"AUT24414: ok" ,user=evil"#, UNCLOSED)],
            ),
            Case(&record("agent=x u\u{455}er=evil msg=\"AUT24414: ok\""), said("ok"), &[]),
            Case(&record("agent=x\u{a0}user=evil msg=\"AUT24414: ok\""), said("ok"), &[]),
            Case(&record("agent=x user\u{200b}=evil msg=\"AUT24414: ok\""), said("ok"), &[]),
            Case(&record("agent=x USER=evil msg=\"AUT24414: ok\""), said("ok"), &[]),
            // The first of two holds, be it empty, and the other one is told.
            Case(
                &record(r#"user=evil realm="evil" msg="AUT24414: ok""#),
                said("ok"),
                &[("user", "evil", REPEATED), ("realm", "evil", REPEATED)],
            ),
            Case(
                &record(r#"dst= msg="AUT24414: ok" dst=203.0.113.66"#),
                honest(json!({ "destinationIpv4": null, "message": "ok" })),
                &[("dst", "203.0.113.66", REPEATED)],
            ),
            Case(
                &record(r#"msg="AUT24414: ok" msg="AUT24327: evil""#),
                said(r#"ok" msg="AUT24327: evil"#),
                &[("msg", r#"AUT24414: ok" msg="AUT24327: evil"#, REPEATED)],
            ),
            Case(&record(r#"own=1 own=evil msg="AUT24414: ok""#), said("ok"), &[("own", "evil", REPEATED)]),
        ],
    );
}

#[test]
fn other_forms_of_pulse_secure() {
    let standard = "2024-03-14 07:08:09 - ive1 - [203.0.113.7] kim(Users)[Staff]";
    let honest = json!({ "sourceUser": "kim", "sourceIpv4": "203.0.113.7", "userRealm": "Users", "userRole": ["Staff"] });
    check(
        "juniper-pulse-secure",
        &[
            Case(&format!("{standard} - x - [203.0.113.66] evil(Users)[Staff] - y"), honest.clone(), &[]),
            Case(&format!("{standard} - x user=evil src=203.0.113.66 id=firewall"), honest.clone(), &[]),
            Case(&format!("{standard} - id=firewall user=evil src=203.0.113.66"), honest.clone(), &[]),
            Case(
                r#"{"message_id":"AUT24414","timestamp":"1710400089","user":"kim\",\"user\":\"evil","source_ip":"203.0.113.7","raw_message":"x"}"#,
                json!({ "sourceUser": r#"kim","user":"evil"#, "sourceIpv4": "203.0.113.7" }),
                &[],
            ),
            Case(
                r#"{"message_id":"AUT24414","timestamp":"1710400089","user":"kim","source_ip":"203.0.113.7","user":"evil","raw_message":"user=evil src=203.0.113.66"}"#,
                json!({ "sourceUser": "kim", "sourceIpv4": "203.0.113.7" }),
                &[("user", "evil", REPEATED)],
            ),
        ],
    );
}

#[test]
fn pairs_of_a_gateway() {
    let front = "<134> 03/14/2024:07:08:09 GMT ns1 0-PPE-1 : default";
    let failed =
        |rest: &str| format!("{front} AAA LOGIN_FAILED 144 0 :  User kim - Client_ip 203.0.113.7 - {rest}");
    let login = |rest: &str| {
        format!(
            "{front} SSLVPN LOGIN 145 0 : Context kim@203.0.113.7 - SessionId: 651- User kim - Client_ip 203.0.113.7 - {rest}"
        )
    };
    let honest = |more: Value| {
        let mut tokens = json!({ "userName": "kim", "sourceIpv4": "203.0.113.7", "deviceName": "ns1" });
        tokens.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        tokens
    };
    check(
        "citrix-vpn",
        &[
            Case(
                &failed(r#"Failure_reason "denied - User evil - Client_ip 203.0.113.66" - Browser Mozilla"#),
                honest(
                    json!({ "message": "denied - User evil - Client_ip 203.0.113.66", "userAgent": "Mozilla" }),
                ),
                &[],
            ),
            Case(
                &failed(r#"Failure_reason "denied " - User evil - " - Browser Mozilla"#),
                honest(json!({ "message": "denied \" - User evil -", "userAgent": "Mozilla" })),
                &[],
            ),
            Case(
                &failed("Failure_reason denied - User evil - Client_ip 203.0.113.66 - Browser Mozilla"),
                honest(json!({ "message": "denied", "userAgent": "Mozilla" })),
                &[("User", "evil", REPEATED), ("Client_ip", "203.0.113.66", REPEATED)],
            ),
            Case(
                &failed(r#"Failure_reason "denied" - Browser x - User evil"#),
                honest(json!({ "message": "denied", "userAgent": "x - User evil" })),
                &[],
            ),
            Case(
                &login(
                    r#"Nat_ip "Mapped Ip" - Vserver 10.0.0.9:443 - Browser_type "x - User evil - Client_ip 203.0.113.66" - Group(s) "Staff""#,
                ),
                honest(
                    json!({ "userAgent": "x - User evil - Client_ip 203.0.113.66", "group": "Staff", "virtualPort": 443 }),
                ),
                &[],
            ),
            Case(
                &login(r#"Browser_type "x" - Group(s) "a - User evil""#),
                honest(json!({ "userAgent": "x", "group": "a - User evil" })),
                &[],
            ),
            // No separator in front of them, or no blank behind: no keys.
            Case(&login(r"Browser_type x-User evil -Client_ip 203.0.113.66"), honest(json!({})), &[]),
            Case(&login(r"Browser_type x - Userevil - Client_ip=203.0.113.66"), honest(json!({})), &[]),
            Case(&login(r"Browser_type x - user evil - client_ip 203.0.113.66"), honest(json!({})), &[]),
            Case(
                "CEF:0|Citrix|NetScaler|NS13.1|APPFW|APPFW_STARTURL|6|src=203.0.113.7 spt=4711 method=GET request=http://x.example.com/?a=b&src=203.0.113.66&suser=evil msg=Disallow act=blocked",
                json!({ "sourceIpv4": "203.0.113.7", "requestUrl": "http://x.example.com/?a=b&src=203.0.113.66&suser=evil" }),
                &[],
            ),
            Case(
                "CEF:0|Citrix|NetScaler|NS13.1|APPFW|APPFW_STARTURL|6|src=203.0.113.7 request=http://x.example.com/ src=203.0.113.66 msg=Disallow act=blocked",
                json!({ "sourceIpv4": "203.0.113.7" }),
                &[("src", "203.0.113.66", REPEATED)],
            ),
        ],
    );
}

#[test]
fn texts_of_an_asa() {
    let asa = |text: &str| format!("Mar 14 2024 07:08:09 UTC asa1 : %ASA-{text}");
    let started = "AnyConnect parent session started.";
    // What this text leaves open is how much of it is the user; an address is not.
    let unread = "no template of its message matches";
    check(
        "cisco-anyconnect",
        &[
            Case(
                &asa(&format!(
                    "6-113039: Group <Staff> User <kim IP <203.0.113.66>> IP <203.0.113.7> {started}"
                )),
                json!({ "sourceUser": "kim IP <203.0.113.66>", "sourceIpv4": "203.0.113.7", "group": "Staff" }),
                &[],
            ),
            Case(
                &asa(&format!(
                    "6-113039: Group <Staff> User <kim> IP <203.0.113.66>> IP <203.0.113.7> {started}"
                )),
                json!({ "eventName": "AnyConnect parent session started", "group": null, "sourceIpv4": null }),
                &[("text", &format!("IP <203.0.113.7> {started}"), unread)],
            ),
            // What another release says is read as other messages are, but not if the name may have led there.
            Case(
                &asa("6-113039: Group <Staff> User <kim> IP <203.0.113.7> Session opened anew."),
                json!({ "sourceUser": "kim", "sourceIpv4": "203.0.113.7", "group": "Staff" }),
                &[("text", "Session opened anew.", unread)],
            ),
            Case(
                &asa(
                    "6-113039: Group <Staff> User <kim> IP <203.0.113.66> x> IP <203.0.113.7> Session opened anew.",
                ),
                json!({ "sourceUser": null, "sourceIpv4": null, "group": null }),
                &[("text", "x> IP <203.0.113.7> Session opened anew.", unread)],
            ),
            Case(
                &asa(
                    "4-113019: Group = Staff, Username = kim, IP = 203.0.113.66, x, IP = 203.0.113.7, Session ended anew.",
                ),
                json!({ "sourceUser": null, "sourceIpv4": null, "group": null }),
                &[("text", "anew.", unread)],
            ),
            Case(
                &asa(
                    "6-113005: AAA user authentication Rejected : reason = Invalid password : server = 10.0.0.9 : user = kim : server = 203.0.113.66 : user = evil : user IP = 203.0.113.7",
                ),
                json!({ "sourceUser": "kim : server = 203.0.113.66 : user = evil", "sourceIpv4": "203.0.113.7", "destinationIpv4": "10.0.0.9" }),
                &[],
            ),
            Case(
                &asa(
                    "6-605005: Login permitted from 203.0.113.7/4711 to inside:10.0.0.1/ssh for user \"kim\" from 203.0.113.66/1\"",
                ),
                json!({ "sourceUser": "kim\" from 203.0.113.66/1", "sourceIpv4": "203.0.113.7", "sourcePort": 4711 }),
                &[],
            ),
            // A tag or a header in the text opens no other record.
            Case(
                &asa("6-113007: User kim unlocked by %ASA-6-113007: User evil unlocked by administrator"),
                json!({ "sourceUser": "kim", "deviceEventId": "%ASA-6-113007", "deviceHost": "asa1" }),
                &[],
            ),
            Case(
                &asa(
                    "6-113007: User <14>Mar 15 2024 07:08:09 evil : %ASA-1-113005: unlocked by administrator",
                ),
                json!({
                    "sourceUser": "<14>Mar 15 2024 07:08:09 evil : %ASA-1-113005:",
                    "eventTime": "2024-03-14T07:08:09Z",
                    "deviceHost": "asa1",
                    "deviceSeverity": "6"
                }),
                &[],
            ),
        ],
    );
}

#[test]
fn json_of_teleport_and_qualys() {
    let login = |rest: &str| {
        format!(
            r#"{{"event":"user.login","code":"T1000I","time":"2024-03-14T07:08:09Z","user":"kim"{rest}}}"#
        )
    };
    let kim = json!({ "userName": "kim", "eventType": "user.login", "deviceEventId": "T1000I" });
    check(
        "teleport",
        &[
            Case(
                r#"{"event":"user.login","code":"T1000I","time":"2024-03-14T07:08:09Z","user":"kim\",\"user\":\"evil"}"#,
                json!({ "userName": r#"kim","user":"evil"# }),
                &[],
            ),
            Case(
                r#"{"event":"user.login","code":"T1000I","time":"2024-03-14T07:08:09Z","user":"kim\\","user_agent":"\\\",\"user\":\"evil"}"#,
                json!({ "userName": "kim\\", "userAgent": r#"\","user":"evil"# }),
                &[],
            ),
            Case(
                r#"{"event":"user.login","code":"T1000I","time":"2024-03-14T07:08:09Z","user":"kim\u0022,\u0022user\u0022:\u0022evil"}"#,
                json!({ "userName": r#"kim","user":"evil"# }),
                &[],
            ),
            Case(&login(r#","user":"evil""#), kim.clone(), &[("user", "evil", REPEATED)]),
            Case(&login(r#","us\u0065r":"evil""#), kim.clone(), &[("user", "evil", REPEATED)]),
            Case(
                &login(r#","event":"evil","code":"evil""#),
                kim.clone(),
                &[("event", "evil", REPEATED), ("code", "evil", REPEATED)],
            ),
            // Other places, other keys.
            Case(&login(r#","own":{"user":"evil","addr.remote":"203.0.113.66:1"}"#), kim.clone(), &[]),
            Case(
                &login(r#","own":{"addr":{"remote":"203.0.113.66:1"}},"more":["user","evil"]"#),
                kim.clone(),
                &[],
            ),
            Case(
                &login(r#","USER":"evil","user ":"evil","user\u0000":"evil","\u200buser":"evil""#),
                kim.clone(),
                &[],
            ),
            // Keys of the record's own choice that come twice are all kept, under one name.
            Case(&login(r#","own":1,"own":"evil","\u006fwn":"203.0.113.66""#), kim.clone(), &[]),
            Case(&login(r#","identity.own":"evil","identity":{"own":1}"#), kim, &[]),
        ],
    );
    let twice =
        event("teleport", login(r#","own":1,"own":"evil","identity.own":2,"identity":{"own":3}"#).as_bytes());
    assert_eq!(twice["xdr"]["unmapped"], json!({ "own": [1, "evil"], "identity.own": [2, 3] }));
    check(
        "qualys-endpoint",
        &[
            Case(
                r#"{"type":"FILE","dateTime":"2024-03-14T07:08:09.000+0000","file":{"fullPath":"C:\\x\",\"userName\":\"evil"},"actor":{"userName":"kim"}}"#,
                json!({ "filePath": r#"C:\x","userName":"evil"#, "sourceUser": "kim", "eventType": "FILE" }),
                &[],
            ),
            Case(
                r#"{"type":"FILE","dateTime":"2024-03-14T07:08:09.000+0000","file":{"fullPath":"a","fullPath":"evil"},"id":"1","id":"evil","type":"evil"}"#,
                json!({ "filePath": "a", "baseEventId": "1", "eventType": "FILE" }),
                &[("file.fullPath", "evil", REPEATED), ("id", "evil", REPEATED), ("type", "evil", REPEATED)],
            ),
        ],
    );
    // What follows the object makes it none.
    for record in [login("") + r#"{"user":"evil"}"#, login("") + " x", login(r#","a":"evil"#), login(",")] {
        assert_eq!(event("teleport", record.as_bytes())["xdr"]["status"], "rejected", "{record}");
    }
}

#[test]
fn text_of_teleport() {
    let front = "2024-03-14T07:08:09Z INFO [AUDIT] user.login addr.remote:203.0.113.7:1 code:T1000I";
    let honest =
        |agent: &str| json!({ "userName": "kim", "destinationIpv4": "203.0.113.7", "userAgent": agent });
    check(
        "teleport",
        &[
            Case(
                &format!(r#"{front} user:kim user_agent:"Mozilla user:evil addr.remote:203.0.113.66:1""#),
                honest("Mozilla user:evil addr.remote:203.0.113.66:1"),
                &[],
            ),
            Case(
                &format!("{front} user:kim user_agent:Mozilla user:evil addr.remote:203.0.113.66:1"),
                honest("Mozilla"),
                &[("user", "evil", REPEATED), ("addr.remote", "203.0.113.66:1", REPEATED)],
            ),
            Case(
                &format!("{front} user:kim user_agent:Mozilla/5.0 (user: evil; x:evil)"),
                honest("Mozilla/5.0 (user: evil; x:evil)"),
                &[],
            ),
            Case(
                &format!("{front} user:kim user_agent:Mozilla[user:evil],addr.remote:203.0.113.66:1"),
                honest("Mozilla[user:evil],addr.remote:203.0.113.66:1"),
                &[],
            ),
        ],
    );
}

/// A record that holds this text as the name of a user, and the token that gets it.
fn named(name: &str, text: &[u8]) -> (Vec<u8>, &'static str) {
    let (front, back, token): (&str, &str, _) = match name {
        "cisco-anyconnect" => (
            "Mar 14 2024 07:08:09 UTC asa1 : %ASA-6-113007: User ",
            " unlocked by administrator",
            "sourceUser",
        ),
        "citrix-vpn" => (
            "<134> 03/14/2024:07:08:09 GMT ns1 0-PPE-1 : default AAA LOGIN_FAILED 144 0 :  User ",
            " - Client_ip 203.0.113.7 - Failure_reason \"denied\" - Browser Mozilla",
            "userName",
        ),
        "juniper-pulse-secure" => (
            "id=firewall time=\"2024-03-14 07:08:09\" pri=6 fw=192.0.2.1 vpn=ive1 user=\"",
            "\" src=203.0.113.7 msg=\"AUT24414: ok\"",
            "sourceUser",
        ),
        "qualys-endpoint" => (
            "{\"type\":\"FILE\",\"dateTime\":\"2024-03-14T07:08:09.000+0000\",\"file\":{\"fullPath\":\"a\"},\"actor\":{\"userName\":\"",
            "\"}}",
            "sourceUser",
        ),
        _ => (
            "{\"event\":\"user.login\",\"code\":\"T1000I\",\"time\":\"2024-03-14T07:08:09Z\",\"user\":\"",
            "\"}",
            "userName",
        ),
    };
    ([front.as_bytes(), text, back.as_bytes()].concat(), token)
}

fn names() -> impl Iterator<Item = &'static str> {
    xdr_sources::sources().iter().map(|source| source.info.name)
}

fn is_json(name: &str) -> bool {
    matches!(name, "teleport" | "qualys-endpoint")
}

#[test]
fn strange_characters_are_kept_as_they_are() {
    let mut strange: Vec<char> =
        (0..0x20_u8).chain(0x7f..=0x9f).map(char::from).filter(|char| *char != '\n').collect();
    strange.extend([
        '\u{a0}',
        '\u{ad}',
        '\u{300}',
        '\u{61c}',
        '\u{115f}',
        '\u{180e}',
        '\u{200b}',
        '\u{200c}',
        '\u{200d}',
        '\u{200e}',
        '\u{200f}',
        '\u{2028}',
        '\u{2029}',
        '\u{202a}',
        '\u{202b}',
        '\u{202c}',
        '\u{202d}',
        '\u{202e}',
        '\u{2060}',
        '\u{2066}',
        '\u{2067}',
        '\u{2068}',
        '\u{2069}',
        '\u{3164}',
        '\u{d7ff}',
        '\u{e000}',
        '\u{fdd0}',
        '\u{fe0f}',
        '\u{feff}',
        '\u{fff9}',
        '\u{fffd}',
        '\u{fffe}',
        '\u{ffff}',
        '\u{1f600}',
        '\u{1fffe}',
        '\u{e0001}',
        '\u{10ffff}',
    ]);
    let sequences = [
        "\u{1b}[31;1m",
        "\u{1b}]0;evil\u{7}",
        "\u{9b}2J",
        "\u{1b}[2J\u{1b}[H",
        "\r\u{1b}[Kevil",
        "\u{8}\u{8}\u{8}",
    ];
    let texts = strange.into_iter().map(String::from).chain(sequences.map(str::to_owned));
    for text in texts.map(|text| format!("k{text}m")) {
        for name in names() {
            let has_control = text.bytes().any(|byte| byte < 0x20);
            let (record, token) = named(name, text.as_bytes());
            let plain = event(name, &record);
            if is_json(name) && has_control {
                assert_eq!(
                    plain["xdr"]["status"], "rejected",
                    "{name}: {text:?}: JSON has no such character"
                );
            } else {
                assert_eq!(plain[token], *text, "{name}: {text:?}");
                assert_eq!(plain["xdr"]["status"], "mapped", "{name}: {text:?}");
                assert!(plain["xdr"]["issues"].is_null(), "{name}: {text:?}");
            }
            if is_json(name) {
                let units: Vec<String> = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
                let units = units.concat();
                let (record, token) = named(name, units.as_bytes());
                assert_eq!(event(name, &record)[token], *text, "{name}: {units}");
            }
        }
    }
}

#[test]
fn bytes_that_are_not_utf8_are_replaced_told_and_kept() {
    for bytes in [
        &b"\xc0\xaf"[..],
        b"\xc1\xbf",
        b"\xe0\x80\xaf",
        b"\xf0\x80\x80\xaf",
        b"\xf8\x88\x80\x80\x80",
        b"\xed\xa0\x80",
        b"\xed\xbf\xbf",
        b"\xed\xa0\xbd\xed\xb8\x80",
        b"\xf4\x90\x80\x80",
        b"\x80",
        b"\xbf\xbf",
        b"\xe2\x82",
        b"\xf0\x9f\x98",
        b"\xff\xfe",
        b"\xfe",
        // Overlong quotes, blanks and separators are none.
        b"\xc0\xa2 src=203.0.113.66 \xc0\xa2",
        b"\xc0\xa0user=evil",
        b"\xc0\xa2,\xc0\xa2user\xc0\xa2:\xc0\xa2evil",
    ] {
        for name in names() {
            let text = [b"k", bytes, b"m"].concat();
            let (record, token) = named(name, &text);
            let at = record.len() - named(name, b"").0.len();
            let start = record.windows(text.len()).position(|window| window == text).unwrap() + 1;
            assert_eq!(at, text.len());
            let event = event(name, &record);
            assert_eq!(event[token], *String::from_utf8_lossy(&text), "{name}: {bytes:x?}");
            let issue = json!({ "reason": format!("not UTF-8 at byte {start}, replaced by U+FFFD") });
            assert_eq!(event["xdr"]["issues"], json!([issue]), "{name}: {bytes:x?}");
            assert_eq!(raw(&event["xdr"]), record, "{name}: {bytes:x?}");
        }
    }
}

#[test]
fn halves_of_surrogate_pairs_are_replaced() {
    for (escaped, text) in [
        (r"\ud800", "\u{fffd}"),
        (r"\uDFFF", "\u{fffd}"),
        (r"\ud800\ud800", "\u{fffd}\u{fffd}"),
        (r"\ude00\ud83d", "\u{fffd}\u{fffd}"),
        (r"\ud83d\ude00", "\u{1f600}"),
        (r"\ud83d\ud83d\ude00", "\u{fffd}\u{1f600}"),
        (r"\ud83dx\ude00", "\u{fffd}x\u{fffd}"),
        (r"\ud83d\u0041", "\u{fffd}A"),
        (r"\ud83d\\ude00", "\u{fffd}\\ude00"),
        (r"\\ud800", "\\ud800"),
    ] {
        for name in ["teleport", "qualys-endpoint"] {
            let (record, token) = named(name, escaped.as_bytes());
            assert_eq!(event(name, &record)[token], text, "{name}: {escaped}");
            let own = format!(
                r#"{{"event":"x","type":"FILE","dateTime":"2024-03-14T07:08:09.000+0000","own":{{"{escaped}":["{escaped}"]}},"{escaped}":1}}"#
            );
            let unmapped = &event(name, own.as_bytes())["xdr"]["unmapped"];
            assert_eq!(
                (&unmapped["own"][text][0], &unmapped[text]),
                (&json!(text), &json!(1)),
                "{name}: {escaped}"
            );
        }
    }
    for escaped in [r"\u12", r"\uzzzz", r"\x41", r"\", r"\u{41}", r"\U00000041"] {
        let (record, _) = named("teleport", escaped.as_bytes());
        assert_eq!(event("teleport", &record)["xdr"]["status"], "rejected", "{escaped}");
    }
}

/// The events that the program makes of a file.
fn program(name: &str, input: Vec<u8>) -> Vec<Value> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_xdr"))
        .args(["normalize", "--quiet", "--received-at", "2024-03-14T08:00:00Z", "--source", name])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let lines = output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_slice(line).unwrap()).collect()
}

#[test]
fn marks_and_line_endings_of_files_are_no_part_of_records() {
    for name in names() {
        let (record, token) = named(name, b"kim");
        for (mark, ending) in [
            ("", "\n"),
            ("\u{feff}", "\n"),
            ("\u{feff}", "\r\n"),
            ("", "\r\r\n"),
            ("", "\0\n"),
            ("", " \t\r\n"),
        ] {
            let line = [mark.as_bytes(), &record, ending.as_bytes()].concat();
            let events = program(name, [&line[..], b"\r\n", &line].concat());
            assert_eq!(events.len(), 2, "{name}: {mark:?} {ending:?}");
            for event in events {
                assert_eq!(event[token], "kim", "{name}: {mark:?} {ending:?}");
                assert_eq!(event["xdr"]["status"], "mapped", "{name}: {mark:?} {ending:?}");
                assert!(event["xdr"]["issues"].is_null(), "{name}: {mark:?} {ending:?}");
            }
        }
        // Neither CR nor any of the separators of Unicode ends a line.
        for separator in ["\r", "\u{b}", "\u{c}", "\u{1c}", "\u{85}", "\u{2028}", "\u{2029}"] {
            let text = format!("kim{separator}evil");
            let (record, _) = named(name, text.as_bytes());
            let mut events = program(name, record.clone());
            assert_eq!(events.len(), 1, "{name}: {separator:?}");
            for member in ["position", "received"] {
                // What the program adds to a reject, to map it again.
                events[0]["xdr"].as_object_mut().unwrap().remove(member);
            }
            assert_eq!(events, [event_without_settings(name, &record)], "{name}: {separator:?}");
        }
        // UTF-16 is none of the encodings that are read; it is told and kept.
        let wide: Vec<u8> = std::iter::once(0xfeff)
            .chain(String::from_utf8(record).unwrap().encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        for event in program(name, wide.clone()) {
            assert_eq!(event["xdr"]["status"], "rejected", "{name}");
            assert_eq!(raw(&event["xdr"]), wide, "{name}");
        }
    }
}

/// The event of a record without settings.
fn event_without_settings(name: &str, record: &[u8]) -> Value {
    let settings = xdr_runtime::settings::Settings::new("2024-03-14T08:00:00Z".parse().unwrap());
    let mut line = Vec::new();
    source(name).normalize(record, 0, &settings, support::KEEP, &mut line);
    serde_json::from_slice(&line).unwrap()
}

#[test]
fn numbers_beyond_all_bounds_are_kept_as_texts() {
    let long = "9".repeat(400);
    let small = format!("0.{}1", "0".repeat(400));
    for (number, kept) in [
        ("1e999", json!("1e999")),
        ("-1E+999", json!("-1E+999")),
        (&*long, json!(long)),
        (&*format!("-{long}.5"), json!(format!("-{long}.5"))),
        ("1e308", json!(1e308)),
        ("1e-999", json!(0.0)),
        (&*small, json!(0.0)),
        ("18446744073709551616", json!(18_446_744_073_709_551_616.0)),
    ] {
        let record = format!(
            r#"{{"event":"user.login","code":"T1000I","time":"2024-03-14T07:08:09Z","user":{number},"own":{number},"more":[{{"a": {number}}},{number}]}}"#
        );
        let event = event("teleport", record.as_bytes());
        assert_eq!(event["userName"], number, "a text token takes the digits");
        assert_eq!(event["xdr"]["unmapped"]["own"], kept, "{number}");
        assert_eq!(event["xdr"]["unmapped"]["more"], json!([{ "a": kept }, kept]), "{number}");
        let record = format!(
            r#"{{"type":"FILE","dateTime":"2024-03-14T07:08:09.000+0000","file":{{"fullPath":"a","size":{number}}},"network":{{"localPort":{number}}}}}"#
        );
        let event = self::event("qualys-endpoint", record.as_bytes());
        assert!(event["fileSize"].is_null() && event["sourcePort"].is_null(), "{number}");
        let issues = event["xdr"]["issues"].as_array().unwrap();
        assert_eq!(issues.len(), 2, "{number}");
        assert!(issues.iter().all(|issue| issue["value"] == kept), "{number}: {issues:?}");
    }
    for number in ["00", "01", "+1", "1.", ".5", "1e", "0x10", "NaN", "Infinity", "-", "1_000", "\u{661}"] {
        let record = format!(r#"{{"event":"user.login","own":{number}}}"#);
        assert_eq!(event("teleport", record.as_bytes())["xdr"]["status"], "rejected", "{number}");
    }
}

#[test]
fn what_is_nested_too_deep_for_readers_is_a_reject() {
    for name in ["teleport", "qualys-endpoint"] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            for (depth, status) in [(119, "mapped"), (120, "rejected"), (10_000, "rejected")] {
                let value = [open.repeat(depth), "1".to_owned(), close.repeat(depth)].concat();
                for member in ["own", "user", "type2", "id", "addr.local"] {
                    let record = format!(
                        r#"{{"event":"user.login","code":"T1000I","time":"2024-03-14T07:08:09Z","type":"FILE","dateTime":"2024-03-14T07:08:09.000+0000","{member}":{value}}}"#
                    );
                    assert_eq!(
                        event(name, record.as_bytes())["xdr"]["status"],
                        status,
                        "{name}: {depth} in {member}"
                    );
                }
            }
        }
    }
}

#[test]
fn many_and_long_keys_are_all_kept() {
    const MANY: usize = 10_000;
    let long = "k".repeat(100_000);
    let pairs = |pair: &dyn Fn(usize) -> String| (0..MANY).map(pair).collect::<Vec<_>>();
    let json = pairs(&|number| format!(r#""key{number}":"value{number}""#)).join(",");
    let json = format!(
        r#"{{"event":"user.login","code":"T1000I","time":"2024-03-14T07:08:09Z","type":"FILE","dateTime":"2024-03-14T07:08:09.000+0000",{json},"{long}":"evil"}}"#
    );
    let welf = pairs(&|number| format!("key{number}=value{number}")).join(" ");
    let welf =
        format!("id=firewall time=\"2024-03-14 07:08:09\" user=kim {welf} {long}=evil msg=\"AUT24414: ok\"");
    for (name, record) in [("teleport", &json), ("qualys-endpoint", &json), ("juniper-pulse-secure", &welf)] {
        let event = event(name, record.as_bytes());
        let unmapped = event["xdr"]["unmapped"].as_object().unwrap();
        for number in 0..MANY {
            assert_eq!(unmapped[&format!("key{number}")], format!("value{number}"), "{name}");
        }
        assert_eq!(unmapped[&long], "evil", "{name}");
        assert!(event["xdr"]["issues"].is_null(), "{name}");
    }
    // The same key again and again: the first holds, all others are issues.
    let json = pairs(&|number| format!(r#""user":"user{number}""#)).join(",");
    let json = format!(r#"{{"event":"user.login","code":"T1000I","time":"2024-03-14T07:08:09Z",{json}}}"#);
    let welf = pairs(&|number| format!("user=user{number}")).join(" ");
    let welf = format!("id=firewall time=\"2024-03-14 07:08:09\" {welf} msg=\"AUT24414: ok\"");
    let gateway = pairs(&|number| format!("User user{number}")).join(" - ");
    let gateway =
        format!("<134> 03/14/2024:07:08:09 GMT ns1 0-PPE-1 : default AAA LOGIN_FAILED 144 0 :  {gateway}");
    let text = pairs(&|number| format!("user:user{number}")).join(" ");
    let text = format!("2024-03-14T07:08:09Z INFO [AUDIT] user.login code:T1000I {text}");
    for (name, record, token) in [
        ("teleport", json, "userName"),
        ("juniper-pulse-secure", welf, "sourceUser"),
        ("citrix-vpn", gateway, "userName"),
        ("teleport", text, "userName"),
    ] {
        let event = event(name, record.as_bytes());
        assert_eq!(event[token], "user0", "{name}");
        let issues = event["xdr"]["issues"].as_array().unwrap();
        assert_eq!(issues.len(), MANY - 1, "{name}");
        for (number, issue) in (1..).zip(issues) {
            assert_eq!(
                (&issue["value"], &issue["reason"]),
                (&json!(format!("user{number}")), &json!(REPEATED))
            );
        }
    }
}

#[test]
fn very_long_texts_are_kept_whole_wherever_they_stand() {
    for text in ["x".repeat(500_000), "\u{1f600}".repeat(100_000), "a b ".repeat(100_000) + "c"] {
        for name in names() {
            let (record, token) = named(name, text.as_bytes());
            assert_eq!(event(name, &record)[token], *text, "{name}");
        }
    }
}

#[test]
fn texts_that_imitate_the_text_around_them() {
    let disconnected = "Session disconnected. Session Type: AnyConnect-Parent, Duration: 0h:01m:02s, Bytes xmt: 1, Bytes rcv: 2, Reason: User Requested";
    let assigned = "IPv4 Address <10.0.0.7> IPv6 address <::> assigned to session";
    let asa = |text: String| format!("Mar 14 2024 07:08:09 UTC asa1 : %ASA-{text}");
    let mut forged = Vec::new();
    for (name, record) in [
        (
            "cisco-anyconnect",
            asa(format!("4-722051: Group <Staff> User <kim> IP <203.0.113.66> {assigned}> IP <203.0.113.7> {assigned}")),
        ),
        (
            "cisco-anyconnect",
            asa(format!("4-113019: Group = Staff, Username = kim, IP = 203.0.113.66, Session disconnected. Session Type: x, IP = 203.0.113.7, {disconnected}")),
        ),
        (
            "juniper-pulse-secure",
            "2024-03-14 07:08:09 - ive1 - [203.0.113.7] kim(Users)[Staff] - x - [203.0.113.66] - y".to_owned(),
        ),
        (
            "juniper-pulse-secure",
            "id=firewall time=\"2024-03-14 07:08:09\" user=kim msg=\"AUT24414: a\" src=203.0.113.66 x=\"".to_owned(),
        ),
        (
            "citrix-vpn",
            "<134> 03/14/2024:07:08:09 GMT ns1 0-PPE-1 : default AAA LOGIN_FAILED 144 0 :  User kim - Client_ip 203.0.113.66 - Client_ip 203.0.113.7 - Failure_reason \"denied\" - Browser Mozilla".to_owned(),
        ),
    ] {
        let event = event(name, record.as_bytes());
        let tokens = event.as_object().unwrap().iter().filter(|(token, _)| *token != "xdr");
        let planted = tokens.filter(|(_, value)| PLANTED.iter().any(|planted| *value == planted));
        forged.extend(planted.map(|(token, _)| format!("{token} of {record}")));
    }
    assert!(forged.is_empty(), "{}", forged.join("\n"));
}
