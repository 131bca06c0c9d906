//! Events as frames: for tables, whose columns take values and not their JSON.
//!
//! A frame holds what a line of JSON would say, in the same order: the tokens, then the account. It begins with a byte that begins no line,
//! so that lines (of rejects) and frames may stand in one row. Then comes its length, and then its members, each a code, the
//! length of its content, and that content. Only with the feature `frames`.

use std::borrow::Cow;

use smallvec::SmallVec;
use xdr_model::write::{self, Buffer};
use xdr_model::{Timestamp, Token, Value};

use crate::engine::{Issues, Mapping, Outcome, prepare};
use crate::field::{Field, Name};
use crate::ndjson::{self, Keep};
use crate::record::{NOT_UTF8, Reject, Scratch, Status};
use crate::settings::Settings;
use crate::sink::{Assumed, Issue, Origin, Reason, Sink};

/// What a frame begins with; codes below it are those of tokens.
const OPEN: u8 = 0x80;

/// A member of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Member {
    /// A value: text, but a number of eight bytes for whole numbers, ports, durations and booleans; for times the
    /// microseconds since 1970, rounded down, and behind them, if that is not all of it, the text; lists as [`elements`] reads them.
    Token(Token),
    /// The name of the source.
    Source,
    /// The word of the status.
    Status,
    /// The message's key.
    Message,
    /// The fields that no row took, as JSON.
    Unmapped,
    /// The issues, as JSON.
    Issues,
    /// The record, as text or in base64.
    Raw,
    /// `base64` if the record is that.
    RawEncoding,
}

/// The members of the account; the code of each is its place behind [`OPEN`].
const ACCOUNT: [Member; 7] = [
    Member::Source,
    Member::Status,
    Member::Message,
    Member::Unmapped,
    Member::Issues,
    Member::Raw,
    Member::RawEncoding,
];

impl Member {
    fn of(code: u8) -> Option<Self> {
        match code.checked_sub(OPEN) {
            None => Token::from_index(usize::from(code)).map(Self::Token),
            Some(place) => ACCOUNT.get(usize::from(place).checked_sub(1)?).copied(),
        }
    }

    #[inline]
    fn code(self) -> u8 {
        let place = match self {
            Self::Token(token) => token.index(),
            Self::Source => 0x81,
            Self::Status => 0x82,
            Self::Message => 0x83,
            Self::Unmapped => 0x84,
            Self::Issues => 0x85,
            Self::Raw => 0x86,
            Self::RawEncoding => 0x87,
        };
        u8::try_from(place).unwrap_or(OPEN)
    }
}

/// The bytes of a code and a length.
const HEAD: usize = 5;

/// The room for a value that is printed: the longest address has 39 bytes.
const SHORT: usize = 48;
/// The room for an unmapped field, besides its texts: quotes and what is between names and values.
const FIELD: usize = 64;

/// A length as it is written. One that is too long for that makes a frame that cannot be read, which is told then.
#[inline]
fn length(bytes: usize) -> [u8; 4] {
    u32::try_from(bytes).unwrap_or(u32::MAX).to_le_bytes()
}

/// Writes one record as one frame. If it is dropped before [`Frame::end`], nothing of it stays.
struct Frame<'o, 'a> {
    out: &'o mut Vec<u8>,
    /// Where the frame begins.
    start: usize,
    source: &'static str,
    keep: Keep,
    issues: SmallVec<[Issue<'a>; 4]>,
    /// Where the fields that no row took begin.
    unmapped: Option<usize>,
    status: Status,
    assumed: Assumed,
    ended: bool,
}

impl<'o> Frame<'o, '_> {
    fn begin(out: &'o mut Vec<u8>, source: &'static str, keep: Keep) -> Self {
        let start = out.len();
        out.extend_from_slice(&[OPEN; HEAD]);
        let (status, assumed) = (Status::Mapped, Assumed::default());
        Self {
            out,
            start,
            source,
            keep,
            issues: SmallVec::new(),
            unmapped: None,
            status,
            assumed,
            ended: false,
        }
    }

    #[inline]
    fn member(&mut self, member: Member, content: &[u8]) {
        let [a, b, c, d] = length(content.len());
        self.out.extend_from_slice(&[member.code(), a, b, c, d]);
        self.out.extend_from_slice(content);
    }

    /// A member whose length is known when it is written.
    fn written(&mut self, member: Member, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.out.len();
        self.out.extend_from_slice(&[member.code(); HEAD]);
        write(self.out);
        self.close(start);
    }

    /// The same, for what is written piece by piece and is mostly short.
    fn printed(&mut self, member: Member, print: impl FnOnce(&mut Buffer<'_>)) {
        self.written(member, |out| print(&mut Buffer::new(out, SHORT)));
    }

    fn list(&mut self, member: Member, list: &[Cow<'_, str>]) {
        self.written(member, |out| {
            for text in list {
                element(out, |out| out.extend_from_slice(text.as_bytes()));
            }
        });
    }

    /// Puts the length of what begins here into its head.
    fn close(&mut self, start: usize) {
        let length = length(self.out.len().saturating_sub(start + HEAD));
        if let Some(room) = self.out.get_mut(start + 1..start + HEAD) {
            room.copy_from_slice(&length);
        }
    }

    fn end(mut self, raw: &[u8], repaired: Option<&Reject>) {
        if let Some(start) = self.unmapped {
            self.out.push(b'}');
            self.close(start);
        }
        if !self.issues.is_empty() || repaired.is_some() {
            let issues = std::mem::take(&mut self.issues);
            self.written(Member::Issues, |out| ndjson::issues_json(out, &issues, repaired));
        }
        if self.keep.raw || repaired.is_some() {
            if std::str::from_utf8(raw).is_ok() {
                self.member(Member::Raw, raw);
            } else {
                self.member(Member::Raw, ndjson::base64(raw).as_bytes());
                self.member(Member::RawEncoding, b"base64");
            }
        }
        self.close(self.start);
        self.ended = true;
    }
}

impl Drop for Frame<'_, '_> {
    fn drop(&mut self) {
        if !self.ended {
            self.out.truncate(self.start);
        }
    }
}

impl<'a> Sink<'a> for Frame<'_, 'a> {
    fn value(&mut self, token: Token, value: Value<'a>, _origin: Origin<'a>) {
        let member = Member::Token(token);
        match &value {
            Value::Text(text) | Value::Hash(text) => self.member(member, text.as_bytes()),
            Value::Integer(number) => self.member(member, &number.to_le_bytes()),
            Value::Port(port) => self.member(member, &u64::from(*port).to_le_bytes()),
            Value::Duration(seconds) => self.member(member, &seconds.to_le_bytes()),
            Value::Boolean(flag) => self.member(member, &u64::from(*flag).to_le_bytes()),
            Value::Ipv4(address) => self.printed(member, |out| write::ipv4(out, *address)),
            Value::Ipv6(address) => self.printed(member, |out| write::ipv6(out, *address)),
            Value::Ip(address) => self.printed(member, |out| write::ip(out, *address)),
            Value::Uuid(id) => self.printed(member, |out| write::uuid(out, *id)),
            Value::Timestamp(time) => self.written(member, |out| moment(out, *time)),
            Value::TextList(list) => self.list(member, list),
            Value::IpList(list) => {
                self.written(member, |out| {
                    for one in list {
                        element(out, |out| write::ip(out, *one));
                    }
                });
            }
        }
    }

    #[inline]
    fn text(&mut self, token: Token, text: &'a str, _origin: Origin<'a>) {
        self.member(Member::Token(token), text.as_bytes());
    }

    fn joined(&mut self, token: Token, list: &[Cow<'a, str>], separator: &'static str, _origin: Origin<'a>) {
        self.written(Member::Token(token), |out| {
            for (at, text) in list.iter().enumerate() {
                if at > 0 {
                    out.extend_from_slice(separator.as_bytes());
                }
                out.extend_from_slice(text.as_bytes());
            }
        });
    }

    fn texts(&mut self, token: Token, list: &[Cow<'a, str>], _origin: Origin<'a>) {
        self.list(Member::Token(token), list);
    }

    fn issue(&mut self, issue: Issue<'a>) {
        self.issues.push(issue);
    }

    fn assumed(&mut self, what: Assumed) {
        self.assumed = self.assumed.or(what);
    }

    fn account(&mut self, status: Status, message: Option<&'a str>) {
        self.status = status;
        self.member(Member::Source, self.source.as_bytes());
        self.member(Member::Status, status.word().as_bytes());
        if let Some(message) = message {
            self.member(Member::Message, message.as_bytes());
        }
    }

    fn unmapped(&mut self, name: Name<'a>, fields: &[Field<'a>]) {
        if !self.keep.unmapped {
            return;
        }
        if self.unmapped.is_some() {
            self.out.push(b',');
        } else {
            self.unmapped = Some(self.out.len());
            self.out.extend_from_slice(&[Member::Unmapped.code(); HEAD]);
            self.out.push(b'{');
        }
        let texts: usize = fields.iter().map(|field| field.raw.len()).sum();
        let room =
            name.known.len().saturating_add(name.key.raw.len()).saturating_add(texts).saturating_add(FIELD);
        ndjson::fields_json(&mut Buffer::new(self.out, room), name, fields);
    }
}

/// Appends a time, as [`Member::Token`] says. The text of a time has its digits and no more, so they are all that counts.
fn moment(out: &mut Vec<u8>, time: Timestamp) {
    // As the text tells a leap second: as the one behind it.
    let nanos = time.at.timestamp_subsec_nanos();
    let (more, nanos) = if nanos >= 1_000_000_000 { (1, nanos - 1_000_000_000) } else { (0, nanos) };
    let told = nanos - nanos % 10_u32.pow(9 - u32::from(time.digits.min(9)));
    let seconds = time.at.timestamp().saturating_add(more);
    let micros = seconds.saturating_mul(1_000_000).saturating_add(i64::from(told / 1000));
    out.extend_from_slice(&micros.to_le_bytes());
    if !told.is_multiple_of(1000) {
        write::timestamp(out, time);
    }
}

/// Appends an element of a list.
fn element(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    write(out);
    let length = length(out.len().saturating_sub(start + 4));
    if let Some(room) = out.get_mut(start..start + 4) {
        room.copy_from_slice(&length);
    }
}

/// Appends the record's frame to `out`, or the line of a reject.
pub(crate) fn normalize<M: Mapping>(
    mapping: &M,
    record: &[u8],
    position: u64,
    settings: &Settings,
    keep: Keep,
    out: &mut Vec<u8>,
) -> Outcome {
    let (text, repaired) = prepare(mapping.info(), record);
    let scratch = Scratch::new();
    let mut parsed = mapping.record(&text, position, &scratch);
    if let Err(reject) = mapping.parse(&mut parsed) {
        ndjson::reject(out, mapping.info().name, record, &reject);
        return Outcome { status: Some(Status::Rejected), reject: Some(reject.reason), ..Outcome::default() };
    }
    let mut frame = Frame::begin(out, mapping.info().name, keep);
    mapping.map(&parsed, settings, &mut frame);
    let mut issues: Issues = frame.issues.iter().map(|issue| (issue.token, issue.reason)).collect();
    issues.extend(repaired.iter().map(|_| (None, Reason::Other(NOT_UTF8))));
    let outcome = Outcome { status: Some(frame.status), issues, reject: None, assumed: frame.assumed };
    frame.end(record, repaired.as_ref());
    outcome
}

/// A record as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'f> {
    /// A line of JSON, without its line break.
    Line(&'f [u8]),
    /// The members of a frame, which [`members`] reads.
    Frame(&'f [u8]),
}

/// Takes the next record off `bytes`; `None` behind the last one, and where they are broken.
pub fn next<'f>(bytes: &mut &'f [u8]) -> Option<Piece<'f>> {
    if bytes.first() == Some(&OPEN) {
        let (_, content) = member(bytes)?;
        return Some(Piece::Frame(content));
    }
    let end = memchr::memchr(b'\n', bytes)?;
    let line = bytes.get(..end)?;
    *bytes = bytes.get(end + 1..)?;
    Some(Piece::Line(line))
}

/// Takes code and content off `bytes`.
#[inline]
fn member<'f>(bytes: &mut &'f [u8]) -> Option<(u8, &'f [u8])> {
    let ([code, length @ ..], rest) = bytes.split_first_chunk::<HEAD>()?;
    let (content, rest) = rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
    *bytes = rest;
    Some((*code, content))
}

/// Calls `take` with each member of a frame and its content, until that gives an error; gives `None` if the frame is broken.
///
/// # Errors
/// That of `take`.
#[inline]
pub fn members<'f, E>(
    mut frame: &'f [u8],
    mut take: impl FnMut(Member, &'f [u8]) -> Result<(), E>,
) -> Result<Option<()>, E> {
    while !frame.is_empty() {
        let Some((code, content)) = member(&mut frame) else { return Ok(None) };
        let Some(member) = Member::of(code) else { return Ok(None) };
        take(member, content)?;
    }
    Ok(Some(()))
}

/// Calls `take` with each element of a list; gives `None` if the list is broken.
pub fn elements<'f>(mut list: &'f [u8], mut take: impl FnMut(&'f [u8])) -> Option<()> {
    while !list.is_empty() {
        let (length, rest) = list.split_first_chunk::<4>()?;
        let (text, rest) = rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
        take(text);
        list = rest;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_that_of_its_member() {
        for member in Token::ALL.map(Member::Token).into_iter().chain(ACCOUNT) {
            assert_eq!(Member::of(member.code()), Some(member));
        }
        assert_eq!(Member::of(OPEN), None);
        assert!(Token::COUNT <= usize::from(OPEN));
    }

    #[test]
    fn times_are_those_of_their_text() {
        for (text, digits) in [
            ("2024-03-14T07:08:09Z", 0),
            ("2024-03-14T07:08:09.123456Z", 6),
            ("2024-03-14T07:08:09.123456789Z", 9),
            ("2024-03-14T07:08:09.123456789Z", 3),
            ("1969-12-31T23:59:59.999999999Z", 9),
            ("2016-12-31T23:59:60.5Z", 1),
        ] {
            let time = Timestamp { at: text.parse().unwrap(), digits };
            let mut found = Vec::new();
            moment(&mut found, time);
            let told: chrono::DateTime<chrono::Utc> = time.to_string().parse().unwrap();
            let (micros, rest) = found.split_first_chunk::<8>().unwrap();
            assert_eq!(i64::from_le_bytes(*micros), told.timestamp_micros(), "{text}");
            let exact = told.timestamp_subsec_nanos().is_multiple_of(1000);
            assert_eq!(rest, if exact { String::new() } else { time.to_string() }.as_bytes(), "{text}");
        }
    }

    #[test]
    fn frames_and_lines_stand_in_one_row_and_what_is_cut_is_noticed() {
        let mut out = b"{\"a\":1}\n".to_vec();
        let keep = Keep { unmapped: true, raw: true };
        let mut frame = Frame::begin(&mut out, "acme", keep);
        let origin = Origin { row: 0, field: Field::default() };
        frame.text(Token::SourceUser, "kim\n{", origin);
        frame.texts(Token::UserRole, &["a".into(), "".into()], origin);
        frame.joined(Token::Policy, &["a".into(), "b".into()], ", ", origin);
        frame.account(Status::Mapped, Some("7"));
        frame.end(b"\xff", None);
        let whole = out.len();
        drop(Frame::begin(&mut out, "acme", keep));
        assert_eq!(out.len(), whole);
        out.extend_from_slice(b"{}\n");

        let mut rest = &out[..];
        assert_eq!(next(&mut rest), Some(Piece::Line(b"{\"a\":1}")));
        let Some(Piece::Frame(frame)) = next(&mut rest) else { panic!() };
        assert_eq!((next(&mut rest), next(&mut rest)), (Some(Piece::Line(b"{}")), None));
        let mut found = Vec::new();
        let take = |member, content: &[u8]| {
            found.push((member, content.to_vec()));
            Ok::<(), ()>(())
        };
        members(frame, take).unwrap().unwrap();
        let text = |member, text: &str| (member, text.as_bytes().to_vec());
        assert_eq!(found[0], text(Member::Token(Token::SourceUser), "kim\n{"));
        let mut list = Vec::new();
        elements(&found[1].1, |text| list.push(text.to_vec())).unwrap();
        assert_eq!(list, [b"a".to_vec(), b"".to_vec()]);
        let account = [
            text(Member::Token(Token::Policy), "a, b"),
            text(Member::Source, "acme"),
            text(Member::Status, "mapped"),
            text(Member::Message, "7"),
            text(Member::Raw, "/w=="),
            text(Member::RawEncoding, "base64"),
        ];
        assert_eq!(found[2..], account);
        for end in 1..whole - 8 {
            assert_eq!(next(&mut &out[8..8 + end]), None, "cut at {end}");
        }
        assert_eq!(members(&frame[1..], |_, _| Ok::<(), ()>(())), Ok(None));
        assert_eq!(elements(&[1, 0, 0], |_| ()), None);
    }
}
