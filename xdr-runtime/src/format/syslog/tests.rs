//! Tests of the format `syslog`.

mod layers;

use proptest::prelude::*;

use super::*;
use crate::format::sink::{Sink, assert_inside};

const fn header(before: &'static [&'static str], after: &'static [&'static str]) -> Header {
    Header {
        host: Target::Extra("host"),
        time: Target::Extra("time"),
        pri: Target::Extra("pri"),
        program: Target::Extra("program"),
        pid: Target::Extra("pid"),
        msgid: Target::Extra("msgid"),
        relay: Target::Extra("relay"),
        relay_time: Target::Extra("syslog.relay.time"),
        before: Words::new(before),
        after,
    }
}

const CISCO: Header = header(&["%ASA-", "%FTD-", "%PIX-"], &[]);
const PULSE: Header = header(&[], &["PulseSecure:", "Juniper:"]);
const PLAIN: Header = header(&[], &[]);
const COLUMNS: Header = Header { before: Words::new(&[]).or_columns(b",\t"), ..PLAIN };

/// `expected`: the parts as `name=text`, in the order in which they are given, and the body.
fn check(header: &Header, text: &str, expected: &[&str], body: &str) {
    let mut sink = Sink::default();
    let found = read(header, text, &mut sink);
    sink.assert_inside(text);
    assert_eq!(
        (sink.extras(), found),
        (expected.iter().map(|part| (*part).to_owned()).collect(), body),
        "{text}"
    );
}

/// Checks a header in front of a Cisco message.
fn cisco(header: &str, expected: &[&str]) {
    for body in [
        "%ASA-6-113008: AAA transaction status ACCEPT : user = kim",
        "%FTD-5-111010 User 'kim', running 'CLI'",
    ] {
        check(&CISCO, &format!("{header}{body}"), expected, body);
    }
}

#[test]
fn a_stamp_that_a_separator_follows_is_a_column_in_front_of_columns() {
    for (text, expected, body) in [
        (
            "<14>Mar 14 07:08:09 fw7 2024-03-14T07:08:01Z,login,kim",
            &["host=fw7", "time=Mar 14 07:08:09", "pri=14"][..],
            "2024-03-14T07:08:01Z,login,kim",
        ),
        (
            "<14>Mar 14 07:08:09 2024-03-14T07:08:01Z\tlogin\tkim",
            &["time=Mar 14 07:08:09", "pri=14"],
            "2024-03-14T07:08:01Z\tlogin\tkim",
        ),
        ("<14>Mar 14 2024 07:08:01,login", &["pri=14"], "Mar 14 2024 07:08:01,login"),
        (
            "<14>1 2024-03-14T07:08:09Z fw7 gate - - - 2024-03-14T07:08:01.5+01:00,login",
            &["host=fw7", "time=2024-03-14T07:08:09Z", "pri=14", "program=gate"],
            "2024-03-14T07:08:01.5+01:00,login",
        ),
        ("2024-03-14T07:08:01Z,login,kim", &[], "2024-03-14T07:08:01Z,login,kim"),
        // A relay's stamp has a blank behind it.
        (
            "<14>Mar 14 07:08:10 relay7 Mar 14 07:08:09 fw7 2024-03-14T07:08:01Z,login",
            &[
                "host=fw7",
                "time=Mar 14 07:08:09",
                "pri=14",
                "relay=relay7",
                "syslog.relay.time=Mar 14 07:08:10",
            ],
            "2024-03-14T07:08:01Z,login",
        ),
        (
            "<14>Mar 14 07:08:09 fw7 1,2024/03/14 07:08:01",
            &["host=fw7", "time=Mar 14 07:08:09", "pri=14"],
            "1,2024/03/14 07:08:01",
        ),
    ] {
        check(&COLUMNS, text, expected, body);
    }
    // Elsewhere it is a part of the header, as before.
    check(&PLAIN, "Mar 14 2024 07:08:01,login", &["time=Mar 14 2024 07:08:01"], ",login");
}

#[test]
fn native_headers_tell_the_host_by_its_colon() {
    // H1, A3
    cisco("<166>Jun 22 2024 13:29:11 fw1 : ", &["host=fw1", "time=Jun 22 2024 13:29:11", "pri=166"]);
    // H2
    cisco("<164>Jan 31 2024 17:24:03: ", &["time=Jan 31 2024 17:24:03", "pri=164"]);
    // H3, A2
    cisco("Mar 04 2024 07:08:09: ", &["time=Mar 04 2024 07:08:09"]);
    // H4, A4
    cisco("Mar  4 07:08:09 fw7: ", &["host=fw7", "time=Mar  4 07:08:09"]);
    // A5
    cisco("Mar  4 07:08:09 fw7 ", &["host=fw7", "time=Mar  4 07:08:09"]);
    // A12
    cisco("<111> Mar 04 07:08:09 fw7 : ", &["host=fw7", "time=Mar 04 07:08:09", "pri=111"]);
    // H13
    cisco("Apr 15 2024 00:21:14 192.0.2.1 : ", &["host=192.0.2.1", "time=Apr 15 2024 00:21:14"]);
    cisco("Apr 15 2024 00:21:14 2001:db8::1: ", &["host=2001:db8::1", "time=Apr 15 2024 00:21:14"]);
    cisco("Apr 15 2024 00:21:14 <IP> : ", &["host=<IP>", "time=Apr 15 2024 00:21:14"]);
    // H14, H15, A1, A16
    cisco("", &[]);
}

#[test]
fn fractions_zones_and_offsets_belong_to_the_time() {
    // H6, A6
    cisco("<166>2024-03-04T07:08:09Z: ", &["time=2024-03-04T07:08:09Z", "pri=166"]);
    cisco("<166>2024-03-04T07:08:09Z fw7 : ", &["host=fw7", "time=2024-03-04T07:08:09Z", "pri=166"]);
    cisco("2024-03-04T07:08:09Z fw7  ", &["host=fw7", "time=2024-03-04T07:08:09Z"]);
    // H7
    cisco(
        "2024-03-04T07:08:09.254798+00:00 local4.err vpn116 ",
        &["host=vpn116", "time=2024-03-04T07:08:09.254798+00:00", "syslog.level=local4.err"],
    );
    // H8, A7
    cisco("Apr 30 09:22:38.340591: ", &["time=Apr 30 09:22:38.340591"]);
    cisco("Mar 04 2024 07:08:09.120 fw7 : ", &["host=fw7", "time=Mar 04 2024 07:08:09.120"]);
}

#[test]
fn the_last_stamp_wins_and_an_outer_host_fills_in() {
    // H9, A8
    cisco(
        "Sep 25 12:42:21 fw7.example.com : Sep 25 08:42:21 EDT: ",
        &["host=fw7.example.com", "time=Sep 25 08:42:21 EDT", "syslog.relay.time=Sep 25 12:42:21"],
    );
    cisco(
        "<13>Sep 25 12:42:21 relay1 <166>Sep 25 2024 12:42:20 fw7 : ",
        &[
            "host=fw7",
            "time=Sep 25 2024 12:42:20",
            "pri=166",
            "relay=relay1",
            "syslog.relay.pri=13",
            "syslog.relay.time=Sep 25 12:42:21",
        ],
    );
}

#[test]
fn emblem_headers_have_a_colon_behind_the_priority() {
    // H10, A9
    cisco("<166>:Jul 12 10:25:06 PDT: ", &["time=Jul 12 10:25:06 PDT", "pri=166"]);
    // H11, A10
    cisco("<166>:: ", &["pri=166"]);
    // H12
    cisco(
        "Jul 12 10:25:07 192.0.2.78/192.0.2.12 :Jul 12 10:25:06 PDT: ",
        &[
            "host=192.0.2.12",
            "time=Jul 12 10:25:06 PDT",
            "relay=192.0.2.78",
            "syslog.relay.time=Jul 12 10:25:07",
        ],
    );
}

#[test]
fn a_colon_by_itself_makes_a_host_of_what_a_box_may_call_itself() {
    cisco("Mar 04 2024 07:08:09 fw7/ctx1 : ", &["host=fw7/ctx1", "time=Mar 04 2024 07:08:09"]);
    cisco("<166>Mar  4 07:08:09 fw7(standby) : ", &["host=fw7(standby)", "time=Mar  4 07:08:09", "pri=166"]);
    cisco("Mar  4 07:08:09 {fw7} : ", &["time=Mar  4 07:08:09", "syslog.header={fw7}"]);
    cisco("Mar 04 2024 07:08:09 fw7/ctx1: ", &["host=fw7/ctx1", "time=Mar 04 2024 07:08:09"]);
    cisco(
        "Mar  4 07:08:09 192.0.2.1 fw7/ctx1 : ",
        &["host=fw7/ctx1", "time=Mar  4 07:08:09", "relay=192.0.2.1"],
    );
    cisco(
        "Mar  4 07:08:09 192.0.2.1 gate/sub: ",
        &["host=192.0.2.1", "time=Mar  4 07:08:09", "syslog.header=gate/sub:"],
    );
    cisco("Mar  4 07:08:09 fw7/ctx1 ", &["time=Mar  4 07:08:09", "syslog.header=fw7/ctx1"]);
    cisco("fw7/ctx1 : ", &["syslog.header=fw7/ctx1"]);
}

#[test]
fn an_address_with_a_port_is_a_host() {
    cisco(
        "<166>192.0.2.254:514 : local4.info ",
        &["host=192.0.2.254", "pri=166", "syslog.port=514", "syslog.level=local4.info"],
    );
    cisco(
        "<166>192.0.2.254:514 : local4.info Mar 04 2024 07:08:09 fw7 : ",
        &[
            "host=fw7",
            "time=Mar 04 2024 07:08:09",
            "pri=166",
            "relay=192.0.2.254",
            "syslog.port=514",
            "syslog.level=local4.info",
        ],
    );
    cisco(
        "Mar  4 07:08:09 [2001:db8::1]:514 ",
        &["host=[2001:db8::1]", "time=Mar  4 07:08:09", "syslog.port=514"],
    );
    cisco("Mar  4 07:08:09 192.0.2.254:70000 ", &["time=Mar  4 07:08:09", "syslog.header=192.0.2.254:70000"]);
}

#[test]
fn relays_and_programs_leave_their_names() {
    // H5, A11
    cisco(
        "Oct 10 2024 12:34:56 localhost CiscoASA[999]: ",
        &["host=localhost", "time=Oct 10 2024 12:34:56", "program=CiscoASA", "pid=999"],
    );
    // A13
    cisco("{name=relay-1} : ", &["syslog.header={name=relay-1}"]);
    cisco("Mar  4 07:08:09 relay SyslogGen ", &["host=relay", "time=Mar  4 07:08:09", "program=SyslogGen"]);
    cisco("avr. 04 2024 07:08:09 fw7 : ", &["host=fw7", "time=avr. 04 2024 07:08:09"]);
    cisco("Mar  4 07:08:09 192.0.2.9 fw7 : ", &["host=fw7", "time=Mar  4 07:08:09", "relay=192.0.2.9"]);
    cisco(
        "Mar  4 07:08:09 192.0.2.9 CiscoASA: ",
        &["host=192.0.2.9", "time=Mar  4 07:08:09", "program=CiscoASA"],
    );
    cisco("Mar  4 07:08:09 svc: 192.0.2.9 ", &["host=192.0.2.9", "time=Mar  4 07:08:09", "program=svc"]);
    // RFC 5424 in front of a native message
    cisco(
        r#"231 <166>1 2024-03-04T07:08:09Z fw7 asa 12 ID4 [x@1 a="b c]"][y] "#,
        &[
            "host=fw7",
            "time=2024-03-04T07:08:09Z",
            "pri=166",
            "program=asa",
            "pid=12",
            "msgid=ID4",
            r#"syslog.data=[x@1 a="b c]"][y]"#,
        ],
    );
    cisco("<166>1 2024-03-04T07:08:09Z fw7 : ", &["host=fw7", "time=2024-03-04T07:08:09Z", "pri=166"]);
    cisco("<166>1 - fw7 - - - - ", &["host=fw7", "pri=166"]);
}

#[test]
fn the_day_of_the_week_in_front_of_a_stamp_is_no_host() {
    cisco("Tue, Mar 05 2024 07:08:09 fw7 : ", &["host=fw7", "time=Mar 05 2024 07:08:09"]);
    cisco("Mar  5 07:08:09 Tue ", &["host=Tue", "time=Mar  5 07:08:09"]);
}

#[test]
fn what_a_relay_saw_several_times_stands_in_brackets() {
    let body = "%ASA-6-113008: AAA transaction status ACCEPT : user = kim";
    for (header, expected) in [
        (
            "Mar 14 07:08:09 10.0.0.1 : message repeated 3 times: [ ",
            &["host=10.0.0.1", "time=Mar 14 07:08:09", "syslog.repetitions=3"][..],
        ),
        (
            "<14>Mar 14 07:08:11 relay1 message repeated 27 times: [Mar 14 07:08:09 fw7 : ",
            &[
                "host=fw7",
                "time=Mar 14 07:08:09",
                "pri=14",
                "relay=relay1",
                "syslog.repetitions=27",
                "syslog.relay.time=Mar 14 07:08:11",
            ],
        ),
    ] {
        check(&CISCO, &format!("{header}{body}]"), expected, body);
    }
}

#[test]
fn what_is_damaged_does_not_lose_the_line() {
    // A17
    cisco("Ma 04 2024 07:08:09 fw7 : ", &["host=fw7", "time=Ma 04 2024 07:08:09"]);
    cisco("Ma 04 2024 07:08:09: ", &["time=Ma 04 2024 07:08:09"]);
    cisco(": 1: ", &["syslog.header=1:"]);
    cisco("\"Mar 04 2024 07:08:09 fw7 : ", &["host=fw7", "time=Mar 04 2024 07:08:09", "syslog.header=\""]);
    cisco("04 2024 07:08:09 fw7 : ", &["host=fw7", "time=04 2024 07:08:09"]);
    cisco("<166>Mar 04 2024 07:08 fw7: ", &["host=fw7", "time=Mar 04 2024 07:08", "pri=166"]);
    cisco("Mar 04 07:08: ", &["time=Mar 04 07:08"]);
    cisco("3/14/2024 7:08:09 PM fw7 : ", &["host=fw7", "time=3/14/2024 7:08:09 PM"]);
    // A stamp that can be read counts, be it the relay's; of several damaged ones the last.
    cisco(
        "Ma 04 2024 07:08:09 <166>Mar 04 2024 07:08:10 fw7 : ",
        &["host=fw7", "time=Mar 04 2024 07:08:10", "pri=166", "syslog.header=Ma 04 2024 07:08:09"],
    );
    cisco(
        "<13>Ma 04 07:08:09 <166>Ma 04 07:08:09 fw7 : ",
        &[
            "host=fw7",
            "time=Ma 04 07:08:09",
            "pri=166",
            "syslog.relay.pri=13",
            "syslog.header=Ma 04 07:08:09",
        ],
    );
    check(&CISCO, ": 1: Group <GP1> User <kim>", &["syslog.header=: 1:"], "Group <GP1> User <kim>");
}

#[test]
fn of_two_process_ids_none_is_lost() {
    cisco("<134> [28C] [29] ", &["pri=134", "pid=29", "syslog.header=28C"]);
    cisco(
        "<134>1 2024-03-14T07:08:09Z fw1 asa[28] 29 - - ",
        &["host=fw1", "time=2024-03-14T07:08:09Z", "pri=134", "program=asa", "pid=29", "syslog.header=28"],
    );
}

#[test]
fn a_record_whose_tag_was_cut_off_may_still_have_a_header() {
    // A15
    let body = "Group <GP1> User <kim> IP <203.0.113.5> SVC closing connection: DPD failure.";
    check(&CISCO, body, &[], body);
    check(
        &CISCO,
        &format!("Mar 04 2024 07:08:09 fw7 : {body}"),
        &["host=fw7", "time=Mar 04 2024 07:08:09"],
        body,
    );
    check(&CISCO, &format!("Mar  4 07:08:09 fw7: {body}"), &["host=fw7", "time=Mar  4 07:08:09"], body);
    check(
        &CISCO,
        &format!("<166>Mar 04 2024 07:08:09: {body}"),
        &["time=Mar 04 2024 07:08:09", "pri=166"],
        body,
    );
    check(&CISCO, &format!("<166>:: {body}"), &["pri=166"], body);
}

#[test]
fn a_word_inside_a_body_bounds_nothing() {
    let body = "User 'kim', running 'CLI' from IP 198.51.100.9, executed 'show log | include %ASA-6'";
    check(&CISCO, body, &[], body);
    let body = "id=firewall time=\"2024-03-14 07:08:09\" pri=6 fw=192.0.2.20 vpn=ive user=kim Juniper: realm=\"x\" msg=\"y\"";
    check(&PULSE, body, &[], body);
    for body in [
        "2024-03-14 07:08:09 - ive - [203.0.113.5] kim(Users)[R] - Login Juniper: x",
        "2024-03-14 07:08:09 - ive - [203.0.113.5] Juniper: x(Users)[R] - Login",
        "ive | 2024-03-14 07:08:09 | ADM100 | Juniper: x",
        "{\"user\":\" Juniper: x\"}",
        "id=firewall user= Juniper: x",
    ] {
        check(&PULSE, body, &[], body);
        let text = format!("<134>Mar 14 07:08:09 ive1 {body}");
        check(&PULSE, &text, &["host=ive1", "time=Mar 14 07:08:09", "pri=134"], body);
    }
}

/// Checks headers of Pulse boxes in front of both of its forms.
fn pulse(header: &str, expected: &[&str]) {
    let bodies = [
        "2024-03-14 07:08:09 - ive1 - [203.0.113.5] kim(Users)[A] - Login succeeded. Flume enrichment timezone UTC",
        "id=firewall time=\"2024-03-14 07:08:09\" pri=6 msg=\"AUT24326: ok\"",
        "ive | 2024-03-14 07:08:09 | ADM100 | info | 192.0.2.20 |  | text",
        "{\"message_id\":\"AUT24414\"}",
    ];
    for body in bodies {
        check(&PULSE, &format!("{header}{body}"), expected, body);
    }
}

#[test]
fn the_tag_of_a_pulse_box_closes_its_header() {
    // P2
    pulse(
        "<134>1 2024-03-14T07:08:09+01:00 192.0.2.20 PulseSecure: - - - ",
        &["host=192.0.2.20", "time=2024-03-14T07:08:09+01:00", "pri=134", "program=PulseSecure"],
    );
    // P3
    pulse(
        "Mar 14 07:08:09 ive1 1 2024-03-14T07:08:08+01:00 192.0.2.20 PulseSecure: - - - ",
        &[
            "host=192.0.2.20",
            "time=2024-03-14T07:08:08+01:00",
            "program=PulseSecure",
            "relay=ive1",
            "syslog.relay.time=Mar 14 07:08:09",
        ],
    );
    // P4
    pulse(
        "Mar 14 07:08:09 192.0.2.20 Juniper: ",
        &["host=192.0.2.20", "time=Mar 14 07:08:09", "program=Juniper"],
    );
    pulse("2024-04-28 15:53:14 Juniper: ", &["time=2024-04-28 15:53:14", "program=Juniper"]);
    pulse(
        "<134>Mar 14 07:08:09 192.0.2.20 PulseSecure: ",
        &["host=192.0.2.20", "time=Mar 14 07:08:09", "pri=134", "program=PulseSecure"],
    );
    // P7, P8
    pulse(
        "412 <134>1 2024-03-14T07:08:09Z ive1 PulseSecure: - - - ",
        &["host=ive1", "time=2024-03-14T07:08:09Z", "pri=134", "program=PulseSecure"],
    );
    // P10
    pulse(
        "03-14-2024\t07:08:09\tLocal0.Info\t192.0.2.20\tJuniper: ",
        &["host=192.0.2.20", "time=03-14-2024\t07:08:09", "program=Juniper", "syslog.level=Local0.Info"],
    );
    // RFC 5424 with data behind the tag
    pulse(
        "<134>1 2024-03-14T07:08:09Z ive1 PulseSecure: - - [meta sequenceId=\"12\"] ",
        &[
            "host=ive1",
            "time=2024-03-14T07:08:09Z",
            "pri=134",
            "program=PulseSecure",
            "syslog.data=[meta sequenceId=\"12\"]",
        ],
    );
    // P11
    pulse(
        "<13> relay Mar 14 07:08:09 x  2024-03-14T07:08:08Z ive1 PulseSecure: - - - ",
        &[
            "host=ive1",
            "time=2024-03-14T07:08:08Z",
            "pri=13",
            "program=PulseSecure",
            "relay=x",
            "syslog.relay.time=Mar 14 07:08:09",
            "syslog.header=relay",
        ],
    );
    // P1, P5, P6, P9: no header
    pulse("", &[]);
    check(
        &PULSE,
        "info - [203.0.113.5] - kim(Users)[A,B] - 2024/03/14 07:08:09 - text",
        &[],
        "info - [203.0.113.5] - kim(Users)[A,B] - 2024/03/14 07:08:09 - text",
    );
}

#[test]
fn a_tag_that_was_not_announced_ends_a_header_as_well() {
    check(
        &PLAIN,
        "Mar 14 07:08:09 ive1 1 2024-03-14T07:08:08+01:00 192.0.2.20 PulseSecure: - - - 2024-03-14 07:08:07 - ive - x",
        &[
            "host=192.0.2.20",
            "time=2024-03-14T07:08:08+01:00",
            "program=PulseSecure",
            "relay=ive1",
            "syslog.relay.time=Mar 14 07:08:09",
        ],
        "2024-03-14 07:08:07 - ive - x",
    );
    check(
        &PLAIN,
        "<13> relay Mar 14 07:08:09 x  2024-03-14T07:08:08Z ive1 PulseSecure: text",
        &[
            "host=ive1",
            "time=2024-03-14T07:08:08Z",
            "pri=13",
            "program=PulseSecure",
            "relay=x",
            "syslog.relay.time=Mar 14 07:08:09",
            "syslog.header=relay",
        ],
        "text",
    );
}

#[test]
fn headers_of_both_standards_are_read() {
    check(
        &PLAIN,
        "<34>Oct 11 22:14:15 host1 su[12]: 'su root' failed for kim",
        &["host=host1", "time=Oct 11 22:14:15", "pri=34", "program=su", "pid=12"],
        "'su root' failed for kim",
    );
    check(
        &PLAIN,
        "<165>1 2024-10-11T22:14:15.003Z h.example.com evn - ID47 [ex@32473 iut=\"3\" q=\"a \\\"]\"][p] \u{feff}text here",
        &[
            "host=h.example.com",
            "time=2024-10-11T22:14:15.003Z",
            "pri=165",
            "program=evn",
            "msgid=ID47",
            "syslog.data=[ex@32473 iut=\"3\" q=\"a \\\"]\"][p]",
        ],
        "text here",
    );
    check(&PLAIN, "<165>1 - - - - - -", &["pri=165"], "");
    check(
        &PLAIN,
        "83 <34>1 2024-10-11T22:14:15Z h app - - - {\"a\":1}",
        &["host=h", "time=2024-10-11T22:14:15Z", "pri=34", "program=app"],
        "{\"a\":1}",
    );
    // A version without the rest of RFC 5424
    check(
        &PLAIN,
        "<34>1 2024-10-11T22:14:15Z h app: some words of text",
        &["host=h", "time=2024-10-11T22:14:15Z", "pri=34", "program=app"],
        "some words of text",
    );
    check(
        &PLAIN,
        "2024-10-11T22:14:15+02:00 h app[7]: text",
        &["host=h", "time=2024-10-11T22:14:15+02:00", "program=app", "pid=7"],
        "text",
    );
    check(&PLAIN, "Oct 11 22:14:15 h {\"a\":1}", &["host=h", "time=Oct 11 22:14:15"], "{\"a\":1}");
    check(&PLAIN, "<34>{\"a\":1}", &["pri=34"], "{\"a\":1}");
}

#[test]
fn a_text_without_a_header_stays_untouched() {
    for text in [
        "",
        " ",
        " plain text",
        "{\"a\":1}",
        "<b>x",
        "<999>x",
        "12 x",
        "May the force",
        "1 2 3",
        ": 1: x",
        "Mar 14 07:08 x",
    ] {
        check(&PLAIN, text, &[], text);
    }
}

#[test]
fn bodies_far_inside_are_not_looked_for() {
    let text = format!("{} %ASA-6-1: x", "y".repeat(600));
    check(&CISCO, &text, &[], &text);
    let text = format!("{}%ASA-6-1: x", "é".repeat(250));
    check(&CISCO, &text, &[&format!("syslog.header={}", "é".repeat(250))], "%ASA-6-1: x");
}

#[test]
fn hostile_texts_take_linear_time() {
    let start = std::time::Instant::now();
    for piece in
        ["<1>", "1: ", ": ", "Mar 14 07:08:09 ", "[a \"", "2024-03-14T07:08:09Z ", "<1>1 - ", " ", "Juniper:"]
    {
        let text = piece.repeat(250_000 / piece.len());
        for header in [&CISCO, &PULSE, &PLAIN] {
            read(header, &text, &mut Sink::default());
        }
    }
    assert!(start.elapsed().as_secs() < 10);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn any_text_is_survived(
        text in "(<13>|<166>|1 |: |:|-|- |Mar 14 |2024 |07:08:09|T07:08:09Z|2024-03-14| |EDT|fw1|192\\.0\\.2\\.1|%ASA-|Juniper:|\\[a\\]|[a \"\\[\\]é]){0,16}|.*"
    ) {
        for header in [&CISCO, &PULSE, &PLAIN] {
            let mut sink = Sink::default();
            let body = read(header, &text, &mut sink);
            sink.assert_inside(&text);
            assert_inside(&text, body);
        }
    }

    #[test]
    fn the_body_is_the_same_behind_every_header(
        pri in proptest::option::of(0_u8..192),
        time in prop_oneof![Just(""), Just("Mar 04 2024 07:08:09"), Just("Mar  4 07:08:09.123 CEST"), Just("2024-03-04T07:08:09+01:00")],
        host in "(|fw[0-9]|192\\.0\\.2\\.[1-9]|[a-z]{1,8}\\.example\\.com)",
        colon in prop_oneof![Just(" : "), Just(": "), Just(" ")],
    ) {
        let pri = pri.map(|pri| format!("<{pri}>")).unwrap_or_default();
        let host = if time.is_empty() { "" } else { host.as_str() };
        // Behind a zone word a colon with a blank in front of it would make a host of the word.
        let colon = if host.is_empty() { ": " } else { colon };
        let text = format!("{pri}{time}{}{host}{colon}%ASA-6-113008: x", if host.is_empty() { "" } else { " " });
        let mut sink = Sink::default();
        prop_assert_eq!(read(&CISCO, &text, &mut sink), "%ASA-6-113008: x");
        prop_assert_eq!(sink.extra("host").unwrap_or_default(), host);
        prop_assert_eq!(sink.extra("time").unwrap_or_default(), time);
    }
}
