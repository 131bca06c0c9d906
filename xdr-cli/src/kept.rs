//! What a line of output keeps of a record that was rejected, so that the record can be mapped again as if for the first time.
//!
//! The runtime writes the record itself and why it is a reject. Added here are the record's place in the input, of which its event id
//! is made, and the moment of receipt, by which times without a year get theirs.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Deserialize;

use crate::settings;

/// The end of a line of output: that of the account, and that of the object.
const END: &[u8] = b"}}\n";

/// Why the bytes of a reject are not all of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Part {
    /// The first piece of a line that is longer than records may be.
    Long,
    /// A further piece of such a line. The ones before it are in the lines before.
    More,
    /// The input broke off within the record.
    Torn,
}

/// Adds to the reject that `out` ends with where its record began and when it was received.
pub(crate) fn mark(out: &mut Vec<u8>, position: u64, received: DateTime<Utc>, part: Option<Part>) {
    let Some(rest) = out.strip_suffix(END) else { return };
    out.truncate(rest.len());
    out.extend_from_slice(b",\"position\":");
    out.extend_from_slice(position.to_string().as_bytes());
    out.extend_from_slice(b",\"received\":\"");
    out.extend_from_slice(moment(received).as_bytes());
    out.push(b'"');
    out.extend_from_slice(match part {
        None => b"",
        Some(Part::Long) => b",\"part\":\"long\"",
        Some(Part::More) => b",\"part\":\"more\"",
        Some(Part::Torn) => b",\"part\":\"torn\"",
    });
    out.extend_from_slice(END);
}

/// A moment of receipt as [`mark`] takes it.
fn moment(received: DateTime<Utc>) -> String {
    received.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// A line of output.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// An event.
    Event,
    Reject(Kept),
}

/// A record that was rejected.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) source: String,
    pub(crate) raw: Vec<u8>,
    /// Where it began in its input, in bytes.
    pub(crate) position: u64,
    pub(crate) received: DateTime<Utc>,
    pub(crate) part: Option<Part>,
}

impl Kept {
    /// Whether these first pieces of a line go on in the next one.
    pub(crate) fn goes_on_in(&self, next: &Self) -> bool {
        (self.part, next.part) == (Some(Part::Long), Some(Part::More))
            && self.source == next.source
            && self.received == next.received
            && self.position.saturating_add(self.raw.len() as u64) == next.position
    }
}

#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct Object {
    xdr: Account,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
struct Account {
    source: String,
    status: String,
    raw: Option<String>,
    raw_encoding: Option<String>,
    position: Option<u64>,
    received: Option<String>,
    part: Option<Part>,
}

/// Reads a line of output.
///
/// # Errors
/// Why it is none, or why its record cannot be had from it.
pub(crate) fn read(line: &[u8]) -> Result<Line, String> {
    let Object { xdr: account } = serde_json::from_slice(line).map_err(|error| {
        let (text, column) = (error.to_string(), error.column());
        // The place within the line, which is the only one that it knows, would be taken for that in the file.
        let why = text.rsplit_once(" at line ").map_or(&*text, |(why, _)| why);
        format!("no reject and no event of xdr, at its byte {column}: {why}")
    })?;
    match account.status.as_str() {
        "mapped" | "partial" => return Ok(Line::Event),
        "rejected" => {}
        other => {
            return Err(format!("the status is `{other}`, expected `mapped`, `partial` or `rejected`"));
        }
    }
    let missing = |member: &str| format!("a reject without `xdr.{member}`, by which it is mapped again");
    let raw = account.raw.ok_or_else(|| missing("raw"))?;
    let raw = match account.raw_encoding.as_deref() {
        None => raw.into_bytes(),
        Some("base64") => BASE64.decode(&raw).map_err(|error| format!("`xdr.raw` is no base64: {error}"))?,
        Some(other) => return Err(format!("`xdr.rawEncoding` is `{other}`, expected `base64`")),
    };
    let received = account.received.ok_or_else(|| missing("received"))?;
    Ok(Line::Reject(Kept {
        source: account.source,
        raw,
        position: account.position.ok_or_else(|| missing("position"))?,
        received: settings::moment(&received).map_err(|why| format!("`xdr.received`: {why}"))?,
        part: account.part,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reject(raw: &[u8], part: Option<Part>) -> Vec<u8> {
        let reject =
            xdr_runtime::record::Reject { reason: "no header", at: 0, expected: "a \"header\"".to_owned() };
        let mut out = b"{\"before\":1}\n".to_vec();
        let start = out.len();
        xdr_runtime::ndjson::reject(&mut out, "acme-vpn", raw, &reject);
        mark(&mut out, 1 << 60, "2024-03-14T08:00:00.25Z".parse().unwrap(), part);
        out.split_off(start)
    }

    #[test]
    fn what_is_kept_comes_back_whatever_the_bytes_are() {
        for raw in
            [&b""[..], b"a \"b\" \\ }}\n \x01", "gr\u{fc}n \u{1f600}".as_bytes(), b"\xff\x00\"}}\n", b"}}\n"]
        {
            for part in [None, Some(Part::Long), Some(Part::More), Some(Part::Torn)] {
                let line = reject(raw, part);
                assert_eq!(memchr::memchr_iter(b'\n', &line).count(), 1);
                let expected = Kept {
                    source: "acme-vpn".to_owned(),
                    raw: raw.to_vec(),
                    position: 1 << 60,
                    received: "2024-03-14T08:00:00.25Z".parse().unwrap(),
                    part,
                };
                assert_eq!(read(&line), Ok(Line::Reject(expected)), "{}", String::from_utf8_lossy(&line));
            }
        }
    }

    #[test]
    fn events_are_told_from_rejects_and_both_from_anything_else() {
        assert_eq!(
            read(br#"{"action":"x","xdr":{"source":"a","status":"partial","unmapped":{}}}"#),
            Ok(Line::Event)
        );
        for (line, why) in [
            ("", "no reject and no event of xdr, at its byte 0: EOF"),
            ("[1]", "no reject and no event of xdr, at its byte 2: "),
            (r#"{"action":"x"}"#, "no reject and no event of xdr, at its byte 14: missing field `xdr`"),
            (r#"{"xdr":{"source":"a","status":"odd"}}"#, "the status is `odd`, expected `mapped`"),
            (r#"{"xdr":{"source":"a","status":"rejected"}}"#, "a reject without `xdr.raw`"),
            (
                r#"{"xdr":{"source":"a","status":"rejected","raw":"x","received":"2024-03-14T08:00:00Z"}}"#,
                "a reject without `xdr.position`",
            ),
            (
                r#"{"xdr":{"source":"a","status":"rejected","raw":"x","position":1}}"#,
                "a reject without `xdr.received`",
            ),
            (
                r#"{"xdr":{"source":"a","status":"rejected","raw":"x","position":1,"received":"now"}}"#,
                "`xdr.received`: `now` is no moment",
            ),
            (
                r#"{"xdr":{"source":"a","status":"rejected","raw":"?","rawEncoding":"base64"}}"#,
                "`xdr.raw` is no base64: ",
            ),
            (
                r#"{"xdr":{"source":"a","status":"rejected","raw":"?","rawEncoding":"hex"}}"#,
                "`xdr.rawEncoding` is `hex`",
            ),
        ] {
            let found = read(line.as_bytes()).unwrap_err();
            assert!(found.starts_with(why), "{line}: {found}");
        }
    }

    #[test]
    fn pieces_of_a_line_are_those_that_touch() {
        let piece = |position, raw: &[u8], part| Kept {
            source: "a".to_owned(),
            raw: raw.to_vec(),
            position,
            received: DateTime::UNIX_EPOCH,
            part,
        };
        let (long, more) = (Some(Part::Long), Some(Part::More));
        assert!(piece(5, b"abc", long).goes_on_in(&piece(8, b"d", more)));
        assert!(!piece(5, b"abc", long).goes_on_in(&piece(9, b"d", more)), "a piece between them is missing");
        assert!(!piece(5, b"abc", long).goes_on_in(&piece(8, b"d", long)), "another line");
        assert!(!piece(5, b"abc", None).goes_on_in(&piece(8, b"d", more)));
        let other = Kept { source: "b".to_owned(), ..piece(8, b"d", more) };
        assert!(!piece(5, b"abc", long).goes_on_in(&other));
    }
}
