//! Events told to columns, value by value: for tables, which take values and not their JSON.
//!
//! What is told is what a line of JSON would say, in the same order: the tokens, then the account. Only with the feature `columns`.

use std::borrow::Cow;

use smallvec::SmallVec;
use xdr_model::write::{self, Buffer, Output};
use xdr_model::{Timestamp, Token, Value};

use crate::engine::{Issues, Mapping, Outcome, unless_utf16};
use crate::field::{Field, Name, Shape};
use crate::format::json;
use crate::ndjson::{self, Keep};
use crate::prepare::{Prepared, prepare};
use crate::record::{NOT_UTF8, Reject, Scratch, Status};
use crate::settings::Settings;
use crate::sink::{Assumed, Constants, Issue, Origin, Reason, Sink};

/// The columns of a table. Each record is told by values of its tokens and members of its account, and ended by [`Columns::end`]; what
/// is not told of it has no value. Texts are UTF-8.
pub trait Columns {
    /// A value that is a text, or is printed as one.
    fn text(&mut self, token: Token, text: &[u8]);

    /// Texts that stand together, the same ones in most records of a source.
    fn constants(&mut self, constants: &'static Constants) {
        for (token, text, _) in constants.list {
            self.text(*token, text.as_bytes());
        }
    }

    /// A whole number, a port, a duration in seconds, or a truth as 1 or 0.
    fn number(&mut self, token: Token, number: i64);

    /// A time: microseconds since 1970, rounded down, and, if that is not all of it, its text; else that is empty.
    fn time(&mut self, token: Token, micros: i64, finer: &[u8]);

    /// A list, whose elements follow.
    fn list(&mut self, token: Token);

    /// The next element of the list of this token.
    fn element(&mut self, token: Token, text: &[u8]);

    /// A member of the account.
    fn account(&mut self, member: Member, text: &[u8]);

    /// The record is told.
    fn end(&mut self);
}

/// The members of the account of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Member {
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

/// The room for texts that are made: at first, for it stays as large as one was.
const ROOM: usize = 1024;

/// Tells one record to columns.
struct Row<'o, 'a> {
    to: &'o mut dyn Columns,
    /// Where texts are made that no field has as they are; empty between members, but for the unmapped fields.
    room: Buffer<'o>,
    source: &'static str,
    keep: Keep,
    issues: SmallVec<[Issue<'a>; 4]>,
    status: Status,
    assumed: Assumed,
}

impl<'o> Row<'o, '_> {
    fn new(to: &'o mut dyn Columns, room: &'o mut Vec<u8>, source: &'static str, keep: Keep) -> Self {
        let (status, assumed) = (Status::Mapped, Assumed::default());
        let room = Buffer::over(room, ROOM);
        Self { to, room, source, keep, issues: SmallVec::new(), status, assumed }
    }

    /// A text that is made here.
    #[inline]
    fn made(&mut self, token: Token, make: impl FnOnce(&mut Buffer<'_>)) {
        make(&mut self.room);
        self.to.text(token, self.room.written());
        self.room.truncate(0);
    }

    /// A member of the account that was made here.
    fn member(&mut self, member: Member) {
        self.to.account(member, self.room.written());
        self.room.truncate(0);
    }

    fn tell(&mut self, token: Token, value: &Value<'_>) {
        match value {
            Value::Text(text) | Value::Hash(text) => self.to.text(token, text.as_bytes()),
            Value::Integer(number) => self.to.number(token, *number),
            Value::Port(port) => self.to.number(token, i64::from(*port)),
            Value::Duration(seconds) => self.to.number(token, seconds.cast_signed()),
            Value::Boolean(flag) => self.to.number(token, i64::from(*flag)),
            Value::Ipv4(address) => self.made(token, |out| write::ipv4(out, *address)),
            Value::Ipv6(address) => self.made(token, |out| write::ipv6(out, *address)),
            Value::Ip(address) => self.made(token, |out| write::ip(out, *address)),
            Value::Uuid(id) => self.made(token, |out| write::uuid(out, *id)),
            Value::Timestamp(time) => {
                let micros = moment(*time, &mut self.room);
                self.to.time(token, micros, self.room.written());
                self.room.truncate(0);
            }
            Value::TextList(list) => self.list(token, list),
            Value::IpList(list) => {
                self.to.list(token);
                for one in list {
                    write::ip(&mut self.room, *one);
                    self.to.element(token, self.room.written());
                    self.room.truncate(0);
                }
            }
        }
    }

    fn list(&mut self, token: Token, list: &[Cow<'_, str>]) {
        self.to.list(token);
        for text in list {
            self.to.element(token, text.as_bytes());
        }
    }

    fn end(mut self, raw: &[u8], repaired: Option<&Reject>) {
        if !self.room.written().is_empty() {
            self.room.push(b'}');
            self.member(Member::Unmapped);
        }
        if !self.issues.is_empty() || repaired.is_some() {
            ndjson::issues_json(&mut self.room, &self.issues, repaired);
            self.member(Member::Issues);
        }
        if self.keep.raw || repaired.is_some() {
            if std::str::from_utf8(raw).is_ok() {
                self.to.account(Member::Raw, raw);
            } else {
                self.to.account(Member::Raw, ndjson::base64(raw).as_bytes());
                self.to.account(Member::RawEncoding, b"base64");
            }
        }
        self.to.end();
        self.room.leave();
    }
}

impl<'a> Sink<'a> for Row<'_, 'a> {
    fn value(&mut self, token: Token, value: Value<'a>, _origin: Origin<'a>) {
        self.tell(token, &value);
    }

    #[inline]
    fn text(&mut self, token: Token, text: &'a str, _origin: Origin<'a>) {
        self.to.text(token, text.as_bytes());
    }

    fn printed(&mut self, token: Token, value: &Value<'a>, text: &'a str, _origin: Origin<'a>) {
        match value {
            Value::Ipv4(_) | Value::Ipv6(_) | Value::Ip(_) | Value::Uuid(_) | Value::Hash(_) => {
                self.to.text(token, text.as_bytes());
            }
            value => self.tell(token, value),
        }
    }

    fn constants(&mut self, constants: &'static Constants) {
        self.to.constants(constants);
    }

    fn escaped(&mut self, token: Token, origin: Origin<'a>) {
        match origin.field {
            Field { raw, shape: Shape::Escaped } => self.made(token, |out| json::unescape_to(out, raw)),
            field => self.to.text(token, field.decoded().as_bytes()),
        }
    }

    fn joined(&mut self, token: Token, list: &[Cow<'a, str>], separator: &'static str, _origin: Origin<'a>) {
        self.made(token, |out| {
            for (at, text) in list.iter().enumerate() {
                if at > 0 {
                    out.extend_from_slice(separator.as_bytes());
                }
                out.extend_from_slice(text.as_bytes());
            }
        });
    }

    fn texts(&mut self, token: Token, list: &[Cow<'a, str>], _origin: Origin<'a>) {
        self.list(token, list);
    }

    fn issue(&mut self, issue: Issue<'a>) {
        self.issues.push(issue);
    }

    fn assumed(&mut self, what: Assumed) {
        self.assumed = self.assumed.or(what);
    }

    fn account(&mut self, status: Status, message: Option<&'a str>) {
        self.status = status;
        self.to.account(Member::Source, self.source.as_bytes());
        self.to.account(Member::Status, status.word().as_bytes());
        if let Some(message) = message {
            self.to.account(Member::Message, message.as_bytes());
        }
    }

    fn unmapped(&mut self, name: Name<'a>, fields: &[Field<'a>]) {
        if !self.keep.unmapped {
            return;
        }
        let begins = self.room.written().is_empty();
        self.room.push(if begins { b'{' } else { b',' });
        ndjson::fields_json(&mut self.room, name, fields);
    }
}

/// The microseconds of a time. Appends its text if that is finer. The text of a time has its digits and no more, so they are all that
/// counts.
fn moment(time: Timestamp, finer: &mut impl Output) -> i64 {
    // As the text tells a leap second: as the one behind it.
    let nanos = time.at.timestamp_subsec_nanos();
    let (more, nanos) = if nanos >= 1_000_000_000 { (1, nanos - 1_000_000_000) } else { (0, nanos) };
    let told = nanos - nanos % 10_u32.pow(9 - u32::from(time.digits.min(9)));
    let seconds = time.at.timestamp().saturating_add(more);
    if !told.is_multiple_of(1000) {
        write::timestamp(finer, time);
    }
    seconds.saturating_mul(1_000_000).saturating_add(i64::from(told / 1000))
}

/// Tells the record's event to columns, or writes the line of a reject into `room`; what is in it otherwise has no meaning.
pub(crate) fn normalize<M: Mapping>(
    mapping: &M,
    record: &[u8],
    position: u64,
    settings: &Settings,
    keep: Keep,
    to: &mut dyn Columns,
    room: &mut Vec<u8>,
) -> Outcome {
    let Prepared { text, repaired, around } = &prepare(mapping.info(), record);
    let scratch = Scratch::new();
    let mut parsed = mapping.record(text, position, &scratch);
    if let Err(reject) = mapping.parse(&mut parsed) {
        let reject = unless_utf16(reject, text);
        room.clear();
        ndjson::reject(room, mapping.info().name, record, &reject);
        return Outcome { status: Some(Status::Rejected), reject: Some(reject.reason), ..Outcome::default() };
    }
    if let Some(around) = around {
        mapping.around(&mut parsed, around);
    }
    let mut row = Row::new(to, room, mapping.info().name, keep);
    mapping.map(&parsed, settings, &mut row);
    let mut issues: Issues = row.issues.iter().map(|issue| (issue.token, issue.reason)).collect();
    issues.extend(repaired.iter().map(|_| (None, Reason::Other(NOT_UTF8))));
    let outcome = Outcome { status: Some(row.status), issues, reject: None, assumed: row.assumed };
    row.end(record, repaired.as_ref());
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was told, a line each.
    #[derive(Default)]
    struct Told(Vec<String>);

    impl Told {
        fn add(&mut self, what: &str, content: &[u8]) {
            self.0.push(format!("{what} {}", std::str::from_utf8(content).unwrap()));
        }
    }

    impl Columns for Told {
        fn text(&mut self, token: Token, text: &[u8]) {
            self.add(token.name(), text);
        }
        fn number(&mut self, token: Token, number: i64) {
            self.add(token.name(), number.to_string().as_bytes());
        }
        fn time(&mut self, token: Token, micros: i64, finer: &[u8]) {
            self.add(&format!("{} {micros}", token.name()), finer);
        }
        fn list(&mut self, token: Token) {
            self.add(token.name(), b"[");
        }
        fn element(&mut self, token: Token, text: &[u8]) {
            self.add(token.name(), text);
        }
        fn account(&mut self, member: Member, text: &[u8]) {
            self.add(&format!("{member:?}"), text);
        }
        fn end(&mut self) {
            self.add("end", b"");
        }
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
            let mut finer = Vec::new();
            let micros = moment(time, &mut finer);
            let told: chrono::DateTime<chrono::Utc> = time.to_string().parse().unwrap();
            assert_eq!(micros, told.timestamp_micros(), "{text}");
            let exact = told.timestamp_subsec_nanos().is_multiple_of(1000);
            assert_eq!(finer, if exact { String::new() } else { time.to_string() }.as_bytes(), "{text}");
        }
    }

    #[test]
    fn a_record_is_told_in_order_and_ended() {
        // What is in the room at first has no meaning.
        let (mut told, mut room) = (Told::default(), b"{\"before\":1".to_vec());
        let keep = Keep { unmapped: true, raw: true };
        let mut row = Row::new(&mut told, &mut room, "acme", keep);
        let origin = Origin { row: 0, field: Field::default() };
        row.text(Token::SourceUser, "kim\n{", origin);
        let escaped = |raw| Origin { row: 0, field: Field { raw, shape: Shape::Escaped } };
        row.escaped(Token::FilePath, escaped(r"C:\\a\tb\u00fc\ud83d\ude00\q"));
        row.escaped(Token::FileName, Origin { row: 0, field: Field { raw: r"a\=b", shape: Shape::Cef } });
        row.texts(Token::UserRole, &["a".into(), "".into()], origin);
        row.joined(Token::Policy, &["a".into(), "b".into()], ", ", origin);
        row.value(Token::SourcePort, Value::Port(7), origin);
        row.printed(Token::SourceIpv4, &Value::Ipv4([192, 0, 2, 7].into()), "192.0.2.7", origin);
        let address = "2001:db8::7".parse().unwrap();
        row.value(Token::DeviceIpAddresses, Value::IpList([address].into_iter().collect()), origin);
        row.account(Status::Mapped, Some("7"));
        for name in ["a", "b"] {
            row.unmapped(Name::known(name), &[Field::text("x")]);
        }
        row.end(b"\xff", None);
        let expected = [
            "sourceUser kim\n{",
            "filePath C:\\a\tbü😀\\q",
            "fileName a=b",
            "userRole [",
            "userRole a",
            "userRole ",
            "policy a, b",
            "sourcePort 7",
            "sourceIpv4 192.0.2.7",
            "deviceIPAddresses [",
            "deviceIPAddresses 2001:db8::7",
            "Source acme",
            "Status mapped",
            "Message 7",
            "Unmapped {\"a\":\"x\",\"b\":\"x\"}",
            "Raw /w==",
            "RawEncoding base64",
            "end ",
        ];
        assert_eq!(told.0, expected);
    }
}
