//! Tests of mapping messages.

use std::sync::Arc;

use xdr_runtime::ndjson::Keep;
use xdr_runtime::settings::Settings;

use super::*;
use crate::mapper::broken;

/// What became of a message.
struct Mapped {
    source: &'static str,
    outs: Vec<Out>,
    summary: Summary,
}

impl Mapping {
    /// Maps a message by itself.
    fn map<D>(&self, message: &Message<D>) -> Mapped {
        let mut batch = Batch::new(self);
        let outs = batch.map(message);
        let (source, summary) = batch.counts().next().unwrap();
        Mapped { source, outs, summary }
    }
}

fn mapping(mapper: Mapper, lines: bool, batch: usize, largest: usize) -> Mapping {
    let name = mapper.source.info.name;
    Mapping {
        mappers: BTreeMap::from([(name, mapper)]),
        router: Router { only: Some(name), routes: Vec::new() },
        lines,
        batch,
        largest,
        fixed: false,
    }
}

fn teleport() -> Mapper {
    let source = crate::registry::source("teleport").unwrap();
    let settings = Settings::new("2024-03-14T07:08:09Z".parse().unwrap());
    Mapper::new(source, settings, Keep { unmapped: true, raw: false }, true, 1 << 20)
}

fn message(payload: &str, number: u64) -> Message<()> {
    Message {
        payload: Bytes::from(payload.to_owned()),
        subject: "logs.any".to_owned(),
        source: None,
        place: Place::new(&Arc::from("logs"), number),
        received: "2024-03-14T08:00:00Z".parse().unwrap(),
        delivery: (),
    }
}

const RECORD: &str =
    r#"{"event":"session.start","code":"T2000I","user":"kim","time":"2024-03-14T07:08:09Z"}"#;

fn ids(mapped: &Mapped) -> Vec<&str> {
    mapped.outs.iter().map(|out| out.id.as_str()).collect()
}

#[test]
fn a_message_gives_the_same_messages_each_time_and_another_one_others() {
    let mapping = mapping(teleport(), false, 1, 1 << 20);
    let (first, again) = (mapping.map(&message(RECORD, 7)), mapping.map(&message(RECORD, 7)));
    assert_eq!(first.outs, again.outs);
    let [out] = first.outs.as_slice() else { panic!("{:?}", first.outs) };
    let event: serde_json::Value = serde_json::from_slice(&out.payload).unwrap();
    assert_eq!(event["eventId"], out.id);
    assert_eq!(event["collectorReceivedTime"], "2024-03-14T08:00:00Z", "it is when the broker received it");
    assert_ne!(mapping.map(&message(RECORD, 8)).outs[0].id, out.id);
}

#[test]
fn what_a_message_becomes_does_not_depend_on_those_before_it() {
    let mut mapping = mapping(teleport(), true, 1, 1 << 20);
    mapping.router.only = None;
    let payloads = [RECORD, "nonsense", "", RECORD, "\n\n"];
    let messages: Vec<Message<()>> = (0..10)
        .map(|number| {
            let message = message(payloads[number % 5], number as u64);
            let received = message.received + chrono::TimeDelta::seconds(i64::try_from(number).unwrap());
            let subject = if number % 3 == 0 { "logs.nobody" } else { "logs.teleport" };
            Message { received, subject: subject.to_owned(), ..message }
        })
        .collect();
    let mut batch = Batch::new(&mapping);
    let mut total = Summary::default();
    for message in &messages {
        let alone = mapping.map(message);
        assert_eq!(batch.map(message), alone.outs);
        total.merge(&alone.summary);
    }
    let mut sum = Summary::default();
    let mut sources = Vec::new();
    for (source, summary) in batch.counts() {
        sources.push(source);
        sum.merge(&summary);
    }
    assert_eq!(sources, [UNKNOWN, "teleport"]);
    assert_eq!((sum.records(), sum.blank, sum.bytes), (total.records(), total.blank, total.bytes));
    assert_eq!((sum.mapped, sum.rejected), (total.mapped, total.rejected));
    let moment = mapping.mappers["teleport"].settings.now().clock.received;
    assert_eq!(moment.to_string(), "2024-03-14 07:08:09 UTC", "the settings of others are as they were");
}

#[test]
fn lines_become_events_and_rejects_each_with_its_own_id() {
    let mapping = mapping(teleport(), true, 1, 1 << 20);
    let mapped = mapping.map(&message(&format!("{RECORD}\r\n\nnonsense\n[{RECORD},{RECORD}]\nrubbish"), 7));
    let kinds: Vec<Kind> = mapped.outs.iter().map(|out| out.kind).collect();
    assert_eq!(kinds, [Kind::Event, Kind::Event, Kind::Event, Kind::Reject, Kind::Reject]);
    let mut found = ids(&mapped);
    assert_eq!(found[3..], ["logs:7:r0", "logs:7:r1"]);
    found.sort_unstable();
    found.dedup();
    assert_eq!(found.len(), 5);
    let summary = &mapped.summary;
    assert_eq!((summary.mapped, summary.partial, summary.rejected, summary.blank), (3, 0, 2, 1));
}

#[test]
fn several_lines_go_into_a_message_up_to_their_number_and_size() {
    let payload = format!("{RECORD}\n").repeat(5);
    let one = mapping(teleport(), true, 1, 1 << 20).map(&message(&payload, 7));
    let lines = |mapped: &Mapped| -> Vec<usize> {
        mapped.outs.iter().map(|out| out.payload.split(|byte| *byte == b'\n').count()).collect()
    };
    let joined =
        |mapped: &Mapped| mapped.outs.iter().map(|out| out.payload.clone()).collect::<Vec<_>>().join(&b'\n');
    for (batch, largest, expected) in [
        (1, 1 << 20, vec![1; 5]),
        (2, 1 << 20, vec![2, 2, 1]),
        (9, 1 << 20, vec![5]),
        (9, 2 * one.outs[0].payload.len() + 9, vec![2, 2, 1]),
    ] {
        let mapped = mapping(teleport(), true, batch, largest).map(&message(&payload, 7));
        assert_eq!(lines(&mapped), expected, "{batch} {largest}");
        assert_eq!(joined(&mapped), joined(&one));
        assert!(mapped.outs.iter().all(|out| out.payload.len() <= largest));
    }
    let mapped = mapping(teleport(), true, 2, 1 << 20).map(&message(&payload, 7));
    assert_eq!(ids(&mapped)[..2], ["logs:7:e0", "logs:7:e1"]);
    assert_eq!(mapped.outs[2].id, one.outs[4].id, "one event goes by its own id");
}

#[test]
fn what_is_too_large_to_be_stored_is_rejected_in_pieces_that_are_not() {
    let big = RECORD.replace("kim", &"k\\u0001\"".replace('"', "").repeat(2000));
    let payload = format!("{RECORD}\n{big}\n{RECORD}\n{}", "x\u{1}".repeat(9000));
    let mapping = mapping(teleport(), true, 1, 5000);
    let mapped = mapping.map(&message(&payload, 7));
    assert!(mapped.outs.iter().all(|out| out.payload.len() <= 5000));
    let mut raw = String::new();
    for out in mapped.outs.iter().filter(|out| out.kind == Kind::Reject) {
        let reject: serde_json::Value = serde_json::from_slice(&out.payload).unwrap();
        assert_eq!(reject["xdr"]["reject"]["reason"], TOO_LARGE);
        raw.push_str(reject["xdr"]["raw"].as_str().unwrap());
    }
    assert_eq!(raw, format!("{big}{}", "x\u{1}".repeat(9000)), "no byte is lost");
    assert_eq!(mapped.summary.mapped, 2);
    assert_eq!(mapped.summary.records(), mapped.outs.len() as u64);
}

#[test]
fn a_message_of_no_known_source_is_a_reject() {
    let mut mapping = mapping(teleport(), true, 1, 1 << 20);
    mapping.router.only = None;
    for (payload, header) in [(RECORD, None), ("", None), (RECORD, Some("citrix-vpn"))] {
        let message = Message { source: header.map(str::to_owned), ..message(payload, 7) };
        let mapped = mapping.map(&message);
        assert_eq!((mapped.source, ids(&mapped)), (UNKNOWN, vec!["logs:7:r0"]));
        let reject: serde_json::Value = serde_json::from_slice(&mapped.outs[0].payload).unwrap();
        assert_eq!(reject["xdr"]["raw"], payload);
        assert_eq!(reject["xdr"]["reject"]["reason"], NO_SOURCE);
    }
}

#[test]
fn a_record_that_makes_mapping_panic_is_a_reject_and_the_others_are_mapped() {
    let mapped = mapping(broken::mapper(), true, 1, 1 << 20).map(&message("kim\nboom\nlee", 7));
    let texts: Vec<String> =
        mapped.outs.iter().map(|out| String::from_utf8(out.payload.to_vec()).unwrap()).collect();
    assert_eq!(mapped.outs.len(), 3);
    assert!(texts[0].contains("kim") && texts[1].contains("lee"));
    assert!(texts[2].contains(FAULT) && texts[2].contains("\"raw\":\"boom\""));
    assert_eq!((mapped.summary.mapped, mapped.summary.rejected), (2, 1));
}

#[test]
fn only_the_events_own_id_is_taken() {
    for (line, expected) in [
        (r#"{"eventId":"a-b","xdr":{"source":"s"}}"#, Some("a-b")),
        (r#"{"action":"\"eventId\":\"x\"","eventId":"a","xdr":{}}"#, Some("a")),
        (r#"{"action":"x","xdr":{"unmapped":{"eventId":"b"}}}"#, None),
        (r#"{"xdr":{"source":"s","raw":"\"eventId\":\"b\""}}"#, None),
        (r#"{"eventId":"","xdr":{}}"#, None),
    ] {
        assert_eq!(event_id(line.as_bytes()), expected, "{line}");
    }
}
