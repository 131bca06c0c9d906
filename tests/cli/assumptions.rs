//! What a run had to assume to read its times: every kind is counted, by records, and nothing else is.

use super::{Done, fed, normalize, temporary};

const ZONE: &str = "UTC, as no zone was stated (see --zone)";
const WORD: &str = "the usual meaning of a zone word such as IST or CST (see --zone)";
const CLOCK: &str = "one moment for an hour that the zone's clock showed twice or skipped";
const YEAR: &str = "a year by the moment of receipt (see --received-at)";
const ORDER: &str = "the source's order of day and month (see --date-order)";

/// A record of `cisco-anyconnect` with this stamp.
fn asa(stamp: &str) -> String {
    format!(
        "{stamp} asa1 : %ASA-6-113005: AAA user authentication Rejected : reason = Invalid password : server = 10.0.0.9 : user = kim"
    )
}

/// A record of `citrix-vpn` with this stamp.
fn gateway(stamp: &str) -> String {
    format!("<134> {stamp} ns1 0-PPE-1 : default AAA LOGIN_FAILED 144 0 :  User kim - Client_ip 203.0.113.5")
}

/// A record of `juniper-pulse-secure` with this stamp.
fn welf(stamp: &str) -> String {
    format!(
        "id=firewall time=\"{stamp}\" pri=6 fw=192.0.2.1 vpn=ive1 user=kim src=203.0.113.7 msg=\"AUT24414: Agent login succeeded\""
    )
}

/// The lines of the account that tell what was assumed.
fn told(done: &Done) -> Vec<&str> {
    done.stderr.lines().filter(|line| line.trim_start().starts_with("times of ")).collect()
}

fn lines(counts: &[(&str, &str)]) -> Vec<String> {
    counts.iter().map(|(records, what)| format!("  times of {records} assume {what}")).collect()
}

/// Asserts the time of one record, and what was assumed to read it.
fn check(source: &str, args: &[&str], record: &str, time: &str, assumed: &[&str]) {
    let done = fed(normalize(source, args), record.as_bytes()).expect(0);
    assert_eq!(done.events()[0]["eventTime"], time, "{record}");
    let expected = lines(&assumed.iter().map(|what| ("1 record", *what)).collect::<Vec<_>>());
    assert_eq!(told(&done), expected, "{record}");
}

#[test]
fn each_kind_is_told() {
    let paris = ["--zone", "Europe/Paris"];
    // The moment of receipt is 2024-03-14T07:08:09Z.
    for (stamp, args, time, assumed) in [
        ("2024-03-14T06:00:00Z", &[][..], "2024-03-14T06:00:00Z", &[][..]),
        ("Mar 14 2024 06:00:00 CET", &[], "2024-03-14T05:00:00Z", &[]),
        ("Mar 14 2024 06:00:00", &[], "2024-03-14T06:00:00Z", &[ZONE]),
        ("Mar 14 2024 06:00:00", &paris, "2024-03-14T05:00:00Z", &[]),
        ("Mar 14 06:00:00 UTC", &[], "2024-03-14T06:00:00Z", &[YEAR]),
        ("Mar 14 06:00:00", &[], "2024-03-14T06:00:00Z", &[ZONE, YEAR]),
        ("Mar 14 06:00:00", &paris, "2024-03-14T05:00:00Z", &[YEAR]),
        ("Mar 14 2024 06:00:00 IST", &[], "2024-03-14T00:30:00Z", &[WORD]),
        ("Mar 14 2024 06:00:00 IST", &["--zone", "Asia/Kolkata"], "2024-03-14T00:30:00Z", &[]),
        ("Mar 14 2024 06:00:00 IST", &["--zone", "Asia/Jerusalem"], "2024-03-14T04:00:00Z", &[]),
        ("Mar 14 2024 06:00:00 CST", &["--zone", "Asia/Shanghai"], "2024-03-13T22:00:00Z", &[]),
        ("Mar 14 06:00:00 CST", &[], "2024-03-14T12:00:00Z", &[WORD, YEAR]),
        ("Oct 29 2023 02:30:00", &paris, "2023-10-29T00:30:00Z", &[CLOCK]),
        ("Oct 29 02:30:00", &paris, "2023-10-29T00:30:00Z", &[CLOCK, YEAR]),
        ("Oct 29 2023 02:30:00 CET", &paris, "2023-10-29T01:30:00Z", &[]),
        ("Mar 26 2023 02:30:00", &paris, "2023-03-26T01:30:00Z", &[CLOCK]),
        ("Mar 26 2023 02:30:00", &[], "2023-03-26T02:30:00Z", &[ZONE]),
        // The newest year whose 29 February is not ahead of the receipt.
        ("Feb 29 06:00:00 UTC", &[], "2024-02-29T06:00:00Z", &[YEAR]),
        ("Mar 22 06:00:00 UTC", &[], "2023-03-22T06:00:00Z", &[YEAR]),
    ] {
        check("cisco-anyconnect", args, &asa(stamp), time, assumed);
    }
    for (stamp, args, time, assumed) in [
        ("03/14/2024:06:00:00 GMT", &[][..], "2024-03-14T06:00:00Z", &[][..]),
        ("14/03/2024:06:00:00 GMT", &[], "2024-03-14T06:00:00Z", &[]),
        ("03/04/2024:06:00:00 GMT", &[], "2024-03-04T06:00:00Z", &[ORDER]),
        ("03/04/2024:06:00:00 GMT", &["--date-order", "auto"], "2024-03-04T06:00:00Z", &[ORDER]),
        ("03/04/2024:06:00:00 GMT", &["--date-order", "mdy"], "2024-03-04T06:00:00Z", &[]),
        ("03/04/2024:06:00:00 GMT", &["--date-order", "dmy"], "2024-04-03T06:00:00Z", &[]),
        ("03/03/2024:06:00:00 GMT", &[], "2024-03-03T06:00:00Z", &[]),
        ("2024/03/04:06:00:00 GMT", &[], "2024-03-04T06:00:00Z", &[]),
        ("03/04/2024:06:00:00", &[], "2024-03-04T06:00:00Z", &[ZONE, ORDER]),
        ("03/31/2024:02:30:00", &paris, "2024-03-31T01:30:00Z", &[CLOCK]),
    ] {
        check("citrix-vpn", args, &gateway(stamp), time, assumed);
    }
    for (stamp, args, time, assumed) in [
        ("2024-03-14 06:00:00", &[][..], "2024-03-14T06:00:00Z", &[ZONE][..]),
        ("2024-03-14 06:00:00", &["--zone", "UTC"], "2024-03-14T06:00:00Z", &[]),
        ("2023-10-29 02:30:00", &paris, "2023-10-29T00:30:00Z", &[CLOCK]),
    ] {
        check("juniper-pulse-secure", args, &welf(stamp), time, assumed);
    }
}

#[test]
fn counts_of_a_mixed_input_are_exact() {
    let input: Vec<String> = [
        (7, asa("Mar 14 2024 06:00:00")),
        (5, asa("Mar 14 06:00:00")),
        (3, asa("Mar 14 2024 06:00:00 IST")),
        (2, asa("Mar 14 06:00:00 EST")),
        (11, asa("2024-03-14T06:00:00+01:00")),
        (4, asa("Mar 14 2024 06:00:00 CEST")),
        // No time, and so nothing assumed: refused, absent, no record.
        (2, asa("Feb 30 06:00:00")),
        (2, asa("Mar 14 2024 25:00:00")),
        (1, "%ASA-6-113007: User kim unlocked by administrator".to_owned()),
        (3, "no such record".to_owned()),
    ]
    .iter()
    .flat_map(|(times, line)| vec![line.clone(); *times])
    .collect();
    for input in [input.join("\n"), input.iter().rev().cloned().collect::<Vec<_>>().join("\r\n")] {
        for args in [&[][..], &["--raw"], &["--unmapped", "drop"]] {
            let done = fed(normalize("cisco-anyconnect", args), input.as_bytes()).expect(0);
            assert_eq!(done.events().len(), 40);
            let timed = done.events().iter().filter(|event| event["eventTime"].is_string()).count();
            assert_eq!(timed, 32);
            assert_eq!(told(&done), lines(&[("12 records", ZONE), ("5 records", WORD), ("7 records", YEAR)]));
        }
        // With a zone fewer remain: India's is known by its word, the eastern one is not.
        let args = ["--zone", "Asia/Kolkata"];
        let done = fed(normalize("cisco-anyconnect", &args), input.as_bytes()).expect(0);
        assert_eq!(told(&done), lines(&[("2 records", WORD), ("7 records", YEAR)]));
    }
    let input: String = [
        (6, "03/04/2024:06:00:00 GMT"),
        (4, "03/04/2024:06:00:00"),
        (3, "13/04/2024:06:00:00"),
        (2, "10/27/2024:02:30:00"),
        (1, "13/13/2024:06:00:00"),
        (5, "2024/03/04:06:00:00 GMT"),
    ]
    .iter()
    .map(|(times, stamp)| (gateway(stamp) + "\n").repeat(*times))
    .collect();
    for (args, expected) in [
        (&[][..], lines(&[("9 records", ZONE), ("10 records", ORDER)])),
        (&["--zone", "Europe/Paris"], lines(&[("2 records", CLOCK), ("10 records", ORDER)])),
        (&["--zone", "Europe/Paris", "--date-order", "dmy"], lines(&[("2 records", CLOCK)])),
        (&["--zone", "Asia/Kolkata", "--date-order", "mdy"], vec![]),
        // 13/04 and 10/27 leave no choice, whatever is set.
        (&["--date-order", "dmy"], lines(&[("9 records", ZONE)])),
    ] {
        let done = fed(normalize("citrix-vpn", args), input.as_bytes()).expect(0);
        assert_eq!(done.events().len(), 21);
        assert_eq!(told(&done), expected, "{args:?}");
    }
}

#[test]
fn order_and_zone_are_settings_of_a_source() {
    let config = temporary(
        "assumptions.toml",
        b"[sources.citrix-vpn]\ndate-order = \"dmy\"\nzone = \"Europe/Paris\"\n[sources.cisco-anyconnect]\nzone = \"Asia/Jerusalem\"\n",
    );
    let with = ["--config", &*config];
    check("citrix-vpn", &with, &gateway("03/04/2024:06:00:00"), "2024-04-03T04:00:00Z", &[]);
    check("cisco-anyconnect", &with, &asa("Mar 14 2024 06:00:00 IST"), "2024-03-14T04:00:00Z", &[]);
    check("cisco-anyconnect", &with, &asa("Mar 14 2024 06:00:00"), "2024-03-14T04:00:00Z", &[]);
    // A source that the file does not name knows nothing of it.
    check("juniper-pulse-secure", &with, &welf("2024-03-14 06:00:00"), "2024-03-14T06:00:00Z", &[ZONE]);
    // The command line holds.
    let over = [&with[..], &["--date-order", "auto", "--zone", "UTC"]].concat();
    check("citrix-vpn", &over, &gateway("03/04/2024:06:00:00"), "2024-03-04T06:00:00Z", &[ORDER]);
}

#[test]
fn records_around_new_year_get_their_year_by_the_moment_of_receipt() {
    for (received, zone, stamp, time) in [
        ("2025-01-01T00:00:05Z", "UTC", "Dec 31 23:59:59", "2024-12-31T23:59:59Z"),
        ("2024-12-31T23:59:58Z", "UTC", "Jan  1 00:00:03", "2025-01-01T00:00:03Z"),
        ("2024-12-31T15:00:05Z", "Asia/Tokyo", "Jan  1 00:00:03", "2024-12-31T15:00:03Z"),
        ("2025-01-01T09:59:59Z", "Pacific/Honolulu", "Dec 31 23:59:58", "2025-01-01T09:59:58Z"),
        ("2026-03-01T00:00:00Z", "UTC", "Feb 29 06:00:00", "2024-02-29T06:00:00Z"),
    ] {
        let args = [
            "normalize",
            "--source",
            "cisco-anyconnect",
            "--received-at",
            received,
            "--zone",
            zone,
            "--quiet",
        ];
        let done = fed(args, asa(stamp).as_bytes()).expect(0);
        assert_eq!(done.events()[0]["eventTime"], time, "{received} {zone} {stamp}");
    }
}

#[test]
fn a_time_that_is_refused_is_named_with_its_reason() {
    for (source, record, reason) in [
        ("cisco-anyconnect", asa("Feb 30 06:00:00"), "no such date or time of day"),
        ("cisco-anyconnect", asa("Mar 14 2024 24:00:01"), "no such date or time of day"),
        ("citrix-vpn", gateway("13/13/2024:06:00:00 GMT"), "no such date or time of day"),
        ("citrix-vpn", gateway("03/04/24:06:00:00 GMT"), "not a time of the expected form"),
        ("juniper-pulse-secure", welf("0000-00-00 00:00:00"), "no such date or time of day"),
        ("juniper-pulse-secure", welf("14.03.2024 06:00"), "not a time of the expected form"),
    ] {
        let done = fed(normalize(source, &[]), record.as_bytes()).expect(0);
        let event = &done.events()[0];
        assert!(event["eventTime"].is_null(), "{record}");
        let issue = event["xdr"]["issues"]
            .as_array()
            .and_then(|issues| issues.iter().find(|issue| issue["token"] == "eventTime"))
            .unwrap_or_else(|| panic!("{event}"));
        assert_eq!(issue["reason"], reason, "{record}");
        assert!(record.contains(issue["value"].as_str().unwrap()), "{record}");
        assert!(told(&done).is_empty(), "{}", done.stderr);
    }
}
