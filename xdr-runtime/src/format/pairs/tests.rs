//! Tests of the format `pairs`.
use proptest::prelude::*;

use super::*;
use crate::format::sink::Sink;

macro_rules! keys {
    ($($name:literal)*) => { &[$(Key { name: $name, value: Values::Whole(Target::Extra($name)) }),*] };
}

const BODY: Pairs = Pairs {
    separator: " - ",
    keys: keys![
        "Compression_ratio_send" "Total_bytes_send" "Total_bytes_recv" "username:domainname" "SSLVPN_client_type"
        "Denied_by_policy" "applicationName" "Failure_reason" "HandshakeTime" "Browser_type" "customername" "connectionId"
        "LogoutMethod" "Delink Time" "CipherSuite" "Destination" "SessionId:" "Start_time" "Client_ip" "startTime" "Remote_ip"
        "ADM_User" "Group(s)" "Duration" "End_time" "Command" "Vserver" "Browser" "Context" "Session" "Nat_ip" "Status"
        "Access" "Source" "SPCBId" "Reason" "NatIP" "State" "User"
    ],
    lookup: Lookup::LINEAR,
    heads: ByteSet::WORD,
    phrases: &[13],
    prefix: Some(Target::Field(0)),
    unlisted: "",
};

/// The prefix, if there is one, then the pairs as `key=value`, then faults.
fn check(text: &str, expected: &[&str]) {
    let mut sink = Sink::default();
    read(&BODY, text, &mut sink).unwrap();
    sink.assert_inside(text);
    let mut found: Vec<_> = sink.field(0).map(|prefix| format!("^{prefix}")).into_iter().collect();
    found.extend(sink.extras());
    found.extend(sink.faults());
    assert_eq!(found, expected, "{text}");
}

#[test]
fn pairs_are_cut_at_separators_with_a_known_key() {
    // D1, D3, D4
    check(
        r#"Context kim@203.0.113.5 - SessionId: 42 - User kim - Client_ip 203.0.113.5 - Nat_ip "Mapped Ip" - Vserver 192.0.2.10:443"#,
        &[
            "Context=kim@203.0.113.5",
            "SessionId:=42",
            "User=kim",
            "Client_ip=203.0.113.5",
            "Nat_ip=Mapped Ip",
            "Vserver=192.0.2.10:443",
        ],
    );
    // D8: two blanks, and two keys of which one begins with the other
    check(
        r#" Source 203.0.113.5:50500 - Duration 00:08:09  - Total_bytes_send 49 - Access Allowed - Group(s) "A, B""#,
        &[
            "Source=203.0.113.5:50500",
            "Duration=00:08:09",
            "Total_bytes_send=49",
            "Access=Allowed",
            "Group(s)=A, B",
        ],
    );
    // D16
    check(
        r#"SPCBId 12 - CipherSuite "AES-256 TLSv1.2 - x" - Session New - HandshakeTime 12 ms"#,
        &["SPCBId=12", "CipherSuite=AES-256 TLSv1.2 - x", "Session=New", "HandshakeTime=12 ms"],
    );
    // D17
    check(r#"Denied_by_policy "P1"  - Group(s) "N/A""#, &["Denied_by_policy=P1", "Group(s)=N/A"]);
    // D13
    check(
        r#"Compression_ratio_send 0.00% - LogoutMethod "TimedOut" - Group(s) "N/A""#,
        &["Compression_ratio_send=0.00%", "LogoutMethod=TimedOut", "Group(s)=N/A"],
    );
}

#[test]
fn a_separator_without_a_known_key_belongs_to_the_value() {
    check("Group(s) A - B - C - User kim - x", &["Group(s)=A - B - C", "User=kim - x"]);
    check("User Status - State UP", &["User=Status", "State=UP"]);
}

#[test]
fn a_separator_may_be_glued_to_a_number() {
    check("SessionId: 651- User kim", &["SessionId:=651", "User=kim"]);
    check("Context a- User kim", &["Context=a- User kim"]);
}

#[test]
fn a_separator_may_be_missing_in_front_of_a_long_key() {
    // D9
    check(
        "NatIP 192.0.2.3:5 - Delink Time 03/14/2024:07:08:09 GMT Total_bytes_send 0 - Total_bytes_recv 7",
        &[
            "NatIP=192.0.2.3:5",
            "Delink Time=03/14/2024:07:08:09 GMT",
            "Total_bytes_send=0",
            "Total_bytes_recv=7",
        ],
    );
    check(
        "Delink Time 03/14/2024:07:08:09  - Total_bytes_send 0",
        &["Delink Time=03/14/2024:07:08:09", "Total_bytes_send=0"],
    );
    check("Reason bad User or Status", &["Reason=bad User or Status"]);
}

#[test]
fn an_empty_value_stays_empty() {
    // D5, D10
    check("Client_ip  - Nat_ip \"Mapped Ip\"", &["Client_ip=", "Nat_ip=Mapped Ip"]);
    check("Client_ip - Nat_ip 192.0.2.1", &["Client_ip=", "Nat_ip=192.0.2.1"]);
    check(
        "customername  - username:domainname kim: - applicationName  - connectionId 9b6",
        &["customername=", "username:domainname=kim:", "applicationName=", "connectionId=9b6"],
    );
    check("User kim - Client_ip", &["User=kim", "Client_ip="]);
    check("User kim - Client_ip  - ", &["User=kim", "Client_ip="]);
    check("Group(s) \"\" - User \"", &["Group(s)=", "User="]);
}

#[test]
fn text_in_front_of_the_first_key_is_the_prefix() {
    // D10, D11
    check(
        r#"[TCP] [CGP] Source 203.0.113.5:5 - Destination 10.0.0.9:1494 - applicationName Desk top $S63-12 - startTime "03/14/2024:07:08:09 GMT""#,
        &[
            "^[TCP] [CGP]",
            "Source=203.0.113.5:5",
            "Destination=10.0.0.9:1494",
            "applicationName=Desk top $S63-12",
            "startTime=03/14/2024:07:08:09 GMT",
        ],
    );
    check("[A][Remote ip = 203.0.113.5:5000] User kim", &["^[A][Remote ip = 203.0.113.5:5000]", "User=kim"]);
    check("gw.example.com - User kim", &["^gw.example.com", "User=kim"]);
}

#[test]
fn quotes_inside_a_quoted_value_need_no_escape() {
    // D14
    check(
        r#"User root - ADM_User NONE - Remote_ip 192.0.2.9 - Command "login kim "*****"" - Status "Success""#,
        &[
            "User=root",
            "ADM_User=NONE",
            "Remote_ip=192.0.2.9",
            r#"Command=login kim "*****""#,
            "Status=Success",
        ],
    );
    // D6
    check(
        r#"User kim - Failure_reason "External - User "x" - denied" - Browser Mozilla/5.0 (X11; rv - 1)"#,
        &["User=kim", r#"Failure_reason=External - User "x" - denied"#, "Browser=Mozilla/5.0 (X11; rv - 1)"],
    );
    check(r#"Command "a - Status b" - Status "Done""#, &["Command=a - Status b", "Status=Done"]);
    check(
        r#"Command "set x Total_bytes_send 5" - Status "Done""#,
        &["Command=set x Total_bytes_send 5", "Status=Done"],
    );
}

#[test]
fn a_value_may_go_on_behind_its_quotes() {
    check(r#"Command "write memory" mode(4)"#, &[r#"Command="write memory" mode(4)"#]);
    check(
        r#"Start_time " 03/14/2024:07:08:09 GMT " - State UP"#,
        &["Start_time=03/14/2024:07:08:09 GMT", "State=UP"],
    );
}

#[test]
fn a_value_may_have_lost_its_closing_quote() {
    check(
        r#"Browser_type "Mozilla/5.0 (Windows - SSLVPN_client_type ICA - Group(s) "N/A""#,
        &["Browser_type=Mozilla/5.0 (Windows", "SSLVPN_client_type=ICA", "Group(s)=N/A"],
    );
    check(
        r#"Browser_type "Mozilla - SSLVPN_client_type ICA"#,
        &["Browser_type=Mozilla", "SSLVPN_client_type=ICA"],
    );
    check(r#"User kim - Browser_type "Mozilla/5.0 (X"#, &["User=kim", "Browser_type=Mozilla/5.0 (X"]);
}

#[test]
fn a_repeated_key_is_a_fault_and_the_first_holds() {
    check("User kim - User root", &["User=kim", "User: repeated key"]);
}

#[test]
fn a_text_without_known_keys_is_refused() {
    for text in ["", "  ", "some text - more", "Users kim", "\"User kim\"", " - - ", "[User kim]"] {
        let mut sink = Sink::default();
        assert!(read(&BODY, text, &mut sink).is_err(), "{text}");
        assert!(sink.extras.is_empty() && sink.fields.is_empty());
    }
}

#[test]
fn other_separators_work_alike() {
    const LIST: Pairs = Pairs {
        separator: ", ",
        keys: keys!["IP =" "User ="],
        lookup: Lookup::LINEAR,
        heads: ByteSet::WORD,
        phrases: &[0, 1],
        prefix: None,
        unlisted: "",
    };
    let mut sink = Sink::default();
    read(&LIST, "x, User = kim, a, IP = 192.0.2.1", &mut sink).unwrap();
    assert_eq!(sink.extras(), ["prefix=x", "User ==kim, a", "IP ==192.0.2.1"]);
}

#[test]
fn hostile_texts_take_linear_time() {
    let start = std::time::Instant::now();
    for piece in [
        " - - - \"",
        " ",
        "-",
        "- ",
        " - User",
        " - User \"x",
        "\" - User \"",
        "1- ",
        " Start_time",
        "[",
        " - Group(s) \"",
        "\"",
    ] {
        for head in ["", "User "] {
            let text = format!("{head}{}", piece.repeat(250_000 / piece.len()));
            let _ = read(&BODY, &text, &mut Sink::default());
        }
    }
    assert!(start.elapsed().as_secs() < 20);
}

#[test]
fn the_order_of_texts_before_changes_nothing() {
    const WORDS: Pairs = Pairs { keys: keys!["Delink Time" "Delink" "State" "User"], phrases: &[0], ..BODY };
    for _ in 0..2 {
        for (text, expected) in [
            ("User kim - Delink a - State UP", ["User=kim", "Delink=a", "State=UP"]),
            ("User kim - Delink Time a - State UP", ["User=kim", "Delink Time=a", "State=UP"]),
            ("User kim - State UP - Delink Timer", ["User=kim", "State=UP", "Delink=Timer"]),
            ("User kim - State UP - Delinked - Delink", ["User=kim", "State=UP - Delinked", "Delink="]),
        ] {
            let mut sink = Sink::default();
            read(&WORDS, text, &mut sink).unwrap();
            assert_eq!(sink.extras(), expected, "{text}");
        }
    }
}

proptest! {
    #[test]
    fn any_text_is_survived(text in "(User|Status|Start_time|Group\\(s\\)| - |[\" \\t\\[\\]\\-a1é]|Client_ip ){0,30}|.*") {
        let mut sink = Sink::default();
        let _ = read(&BODY, &text, &mut sink);
        sink.assert_inside(&text);
    }

    #[test]
    fn plain_values_come_back(values in proptest::collection::vec("[a-z0-9.:/]([a-z0-9.:/ ]{0,10}[a-z0-9.:/])?", 3)) {
        let text = format!("Source {} - Status \"{}\" - User {}", values[0], values[1], values[2]);
        let mut sink = Sink::default();
        read(&BODY, &text, &mut sink).unwrap();
        let found: Vec<_> = ["Source", "Status", "User"].iter().filter_map(|key| sink.extra(key)).collect();
        prop_assert_eq!(found, values);
    }
}

/// The pairs as `key=value`, then faults, of a text as FTD writes it, in which keys may be unlisted.
fn check_unlisted(text: &str, expected: &[&str]) {
    const OPEN: Pairs = Pairs {
        separator: ", ",
        keys: keys!["AccessControlRuleName:" "SrcIP:" "UserAgent:" "Message:" "URL:"],
        phrases: &[],
        prefix: None,
        unlisted: ":",
        ..BODY
    };
    let mut sink = Sink::default();
    read(&OPEN, text, &mut sink).unwrap();
    sink.assert_inside(text);
    let mut found = sink.extras();
    found.extend(sink.faults());
    assert_eq!(found, expected, "{text}");
}

#[test]
fn a_capitalised_word_that_ends_as_keys_do_is_a_key() {
    check_unlisted(
        "SrcIP: 203.0.113.5, New_Key2: a b, UserAgent: Mozilla/5.0 (X11, like Gecko), LastKey:",
        &["SrcIP:=203.0.113.5", "New_Key2=a b", "UserAgent:=Mozilla/5.0 (X11, like Gecko)", "LastKey="],
    );
    // Two that follow each other, and one that occurs again.
    check_unlisted(
        "URL: http://192.0.2.7/, KeyOne: 1, KeyTwo: 2, SrcIP: 203.0.113.5, KeyOne: 3",
        &["URL:=http://192.0.2.7/", "KeyOne=1", "KeyTwo=2", "SrcIP:=203.0.113.5", "KeyOne: repeated key"],
    );
    // Not behind a whole separator, not capitalised, not one word, not followed by a blank.
    check_unlisted(
        "AccessControlRuleName: a,AKey: b AKey: c, aKey: d, Two Words: e, K-eY: f, AKey:g, : h, SrcIP: 203.0.113.5",
        &[
            "AccessControlRuleName:=a,AKey: b AKey: c, aKey: d, Two Words: e, K-eY: f, AKey:g, : h",
            "SrcIP:=203.0.113.5",
        ],
    );
    // A word as any text has it.
    check_unlisted(
        "UserAgent: Example/1.0 (X11), Build: 7, OS: b, URL: http://192.0.2.7/?q=a, Note: b, SrcIP: 203.0.113.5",
        &[
            "UserAgent:=Example/1.0 (X11), Build: 7, OS: b",
            "URL:=http://192.0.2.7/?q=a, Note: b",
            "SrcIP:=203.0.113.5",
        ],
    );
    // What stands in front of the first listed key, and in quotes.
    check_unlisted(
        "NewKey: a, OtherKey: b, SrcIP: 203.0.113.5",
        &["prefix=NewKey: a, OtherKey: b", "SrcIP:=203.0.113.5"],
    );
    check_unlisted(
        r#"Message: "POLICY, NewKey: a, SrcIP: b", NewKey: "c, OtherKey: d", SrcIP: 203.0.113.5"#,
        &["Message:=POLICY, NewKey: a, SrcIP: b", "NewKey=c, OtherKey: d", "SrcIP:=203.0.113.5"],
    );
}
