//! Snapshots: each sample record as it came, then its event with one member a line.
//!
//! What is the same for all records of a file stands once, at its top. Of `eventId`, which changes with every byte, only that it is there is shown;
//! `customerId` where it is not the setting's. What is not shown here is not compared, neither by the test of snapshots nor by mutation.

use std::fmt::Write as _;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use uuid::Uuid;
use xdr_runtime::engine::{self, Engine};
use xdr_runtime::info::Records;
use xdr_runtime::ndjson::Keep;
use xdr_runtime::settings::Settings;

/// The setting `customerId` of every snapshot.
const CUSTOMER: Uuid = Uuid::from_u128(0xd656_b196_edb7_45e6_8485_3748_a740_d002);

/// What goes into the account of a record, as the program does it without options.
pub const KEEP: Keep = Keep { unmapped: true, raw: false };

/// Members that constants and settings fill, mostly; those that are the same in all events of a file are shown once.
const SAME: [&str; 6] =
    ["deviceType", "deviceVendor", "deviceModel", "collectorId", "eventSourceId", "collectorReceivedTime"];

/// Members that every event has, of which a snapshot shows only that they are there.
const GIVEN: [&str; 2] = ["eventId", "customerId"];

/// Whether a member is shown once for all records, if it is the same in all of them.
pub(crate) fn is_common(key: &str) -> bool {
    SAME.contains(&key) || GIVEN.contains(&key)
}

/// The settings of every snapshot: all of them given, none by the clock of the machine.
pub fn settings() -> Settings {
    // 2024-03-14T08:00:00Z
    let received = chrono::DateTime::from_timestamp(1_710_403_200, 0).unwrap_or_default();
    let mut settings = Settings::new(received);
    settings.customer_id = Some(CUSTOMER);
    settings.collector_id = Some(Uuid::from_u128(0xae10_2769_bd05_415d_af3c_2cc5_9681_cbab));
    settings.event_source_id = Some(Uuid::from_u128(0x1ae6_39f0_0944_4cbc_81ef_87c0_40ca_9eb2));
    settings.device_host = Some("el.example.com".to_owned());
    settings
}

/// The lines of an input as the program reads them: without their endings, and without blank ones.
pub fn lines(input: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = input.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    lines.filter(|line| !line.trim_ascii().is_empty())
}

/// A file of samples and its events, as a snapshot holds them.
pub fn shown(engine: &dyn Engine, records: Records, input: &[u8]) -> String {
    let settings = settings();
    let event = |record: &[u8]| {
        let mut event = Vec::new();
        engine.normalize(record, 0, &settings, KEEP, &mut event);
        Members::of(&String::from_utf8_lossy(&event))
    };
    let lines: Vec<(&[u8], Vec<Members>)> =
        lines(input).map(|line| (line, engine::records(records, line).map(event).collect())).collect();
    // A reject has none of them.
    let mapped = lines.iter().flat_map(|(_, events)| events);
    let mapped = mapped.filter(|event| SAME.iter().any(|key| event.get(key).is_some()));
    let mut same: Vec<(&str, String)> = Vec::new();
    for key in SAME.into_iter().chain(GIVEN) {
        let mut values = mapped.clone().map(|event| value(key, event));
        if let Some(Some(first)) = values.next()
            && values.all(|value| value.as_ref() == Some(&first))
        {
            same.push((key, first));
        }
    }
    let mut out: String = String::new();
    for (key, value) in &same {
        let _ = writeln!(out, "{key} {value}");
    }
    if same.is_empty() {
        out.push('\n');
    }
    for (number, (line, events)) in lines.iter().enumerate() {
        let _ = writeln!(out, "\n#{} {}", number + 1, visible(line));
        for event in events {
            members(&mut out, event, &same);
        }
    }
    out
}

/// What is shown of a member: of an id that changes with every byte, or is a setting, only that it is there.
fn value(key: &str, event: &Members) -> Option<String> {
    let value = event.get(key)?;
    let is_setting = || Uuid::parse_str(value.trim_matches('"')) == Ok(CUSTOMER);
    let elided = key == "eventId" || (key == "customerId" && is_setting());
    Some(if elided { "…".to_owned() } else { value.to_owned() })
}

/// What a snapshot holds of the event of one record, whatever the other records of its file are.
pub fn event(line: &[u8]) -> String {
    let mut out = String::new();
    members(&mut out, &Members::of(&String::from_utf8_lossy(line)), &[]);
    out
}

/// An event, one member a line, but those that are the `same` for all. The members of the account have the key `xdr` in front, and so have its
/// unmapped fields.
fn members(out: &mut String, event: &Members, same: &[(&str, String)]) {
    for (key, _) in &event.0 {
        let Some(value) = value(key, event) else { continue };
        if key == "xdr" {
            account(out, &Members::of(&value));
        } else if !same.iter().any(|(known, _)| known == key) {
            let _ = writeln!(out, "  {key} {value}");
        }
    }
}

fn account(out: &mut String, account: &Members) {
    for (key, value) in &account.0 {
        match key.as_str() {
            "source" => {}
            // The record stands above; what counts is that it is all there.
            "raw" => out.push_str("  xdr.raw …\n"),
            "unmapped" => {
                for (field, value) in &Members::of(value.get()).0 {
                    let _ = writeln!(out, "  xdr.unmapped.{field} {}", value.get());
                }
            }
            "issues" => {
                let issues: Vec<&RawValue> = serde_json::from_str(value.get()).unwrap_or_default();
                for issue in issues {
                    let _ = writeln!(out, "  xdr.issue {}", issue.get());
                }
            }
            key => {
                let _ = writeln!(out, "  xdr.{key} {}", value.get());
            }
        }
    }
}

/// A record as text: control characters and bytes that are not UTF-8 are escaped.
fn visible(record: &[u8]) -> String {
    let mut out = String::new();
    for chunk in record.utf8_chunks() {
        for character in chunk.valid().chars() {
            if character.is_control() {
                out.extend(character.escape_default());
            } else {
                out.push(character);
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

/// The text of a snapshot's file, without the head that the test's library puts in front.
pub fn body(file: &str) -> &str {
    let body = file.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n"));
    body.map_or(file, |(_, body)| body)
}

/// Whether a text is the one of a snapshot: blank lines around it do not count.
pub fn is_accepted(file: &str, shown: &str) -> bool {
    body(file).trim_matches('\n') == shown.trim_matches('\n')
}

/// What differs between a snapshot's file and what the samples give now, for people: each record that differs, with the lines that are gone and those
/// that are new. Empty if nothing does.
pub fn difference(file: &str, shown: &str) -> String {
    let (mut before, now) = (blocks(body(file)), blocks(shown));
    let mut out = String::new();
    for Block { head, lines } in now {
        // Records are found by their line, for samples may have been added in front of them.
        let place = before.iter().position(|known| known.head == head);
        let old = place.map_or_else(Vec::new, |place| before.remove(place).lines);
        if old == lines {
            continue;
        }
        let note = if place.is_none() { "  (new)" } else { "" };
        let _ = writeln!(out, "{}{note}", if head.is_empty() { "all records" } else { head });
        for (sign, these, others) in [("-", &old, &lines), ("+", &lines, &old)] {
            for line in these.iter().filter(|line| !others.contains(line)) {
                let _ = writeln!(out, "{sign} {line}");
            }
        }
    }
    for Block { head, .. } in before {
        let _ = writeln!(out, "{head}  (gone)");
    }
    out
}

/// A record of a snapshot; the first has no line of its own, it is what all have in common.
struct Block<'s> {
    head: &'s str,
    lines: Vec<&'s str>,
}

fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks = vec![Block { head: "", lines: Vec::new() }];
    for line in text.lines().filter(|line| !line.is_empty()) {
        match (line.strip_prefix('#'), blocks.last_mut()) {
            (Some(record), _) => {
                let head = record.split_once(' ').map_or(record, |(_, head)| head);
                blocks.push(Block { head, lines: Vec::new() });
            }
            (None, Some(block)) => block.lines.push(line.trim_start()),
            (None, None) => {}
        }
    }
    blocks
}

/// The members of a JSON object in their order, each as the text it was printed as.
struct Members(Vec<(String, Box<RawValue>)>);

impl Members {
    /// The members of a text that is one JSON object; of any other none.
    fn of(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or(Self(Vec::new()))
    }

    fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| value.get())
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Members;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Collect)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "---\nsource: tests/corpus.rs\n---\ndeviceType VPN\n\n#1 one\n  action \"Allow\"\n\n#2 two\n  xdr.status \"mapped\"\n";

    #[test]
    fn a_difference_names_the_record_and_its_lines() {
        let same = body(OLD);
        assert!(is_accepted(OLD, same) && difference(OLD, same).is_empty());
        let now = "deviceType VPN\n\n#1 new\n  action \"Deny\"\n\n#2 one\n  action \"Deny\"\n";
        assert!(!is_accepted(OLD, now));
        assert_eq!(
            difference(OLD, now),
            "new  (new)\n+ action \"Deny\"\none\n- action \"Allow\"\n+ action \"Deny\"\ntwo  (gone)\n"
        );
        assert_eq!(
            difference(OLD, &same.replace("VPN", "IAM")),
            "all records\n- deviceType VPN\n+ deviceType IAM\n"
        );
    }

    #[test]
    fn the_settings_are_those_of_the_snapshots() {
        assert_eq!(settings().clock.received.to_rfc3339(), "2024-03-14T08:00:00+00:00");
        assert_eq!(CUSTOMER.to_string(), "d656b196-edb7-45e6-8485-3748a740d002");
    }
}
