//! Events as lines of JSON: the tokens in the schema's order, then `xdr`, the account of the record.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use smallvec::SmallVec;
use xdr_model::token::JsonKey;
use xdr_model::write::{Buffer, Output};
use xdr_model::{Token, Value, write};

use crate::enrich::Ready;
use crate::field::{Field, Name, Shape};
use crate::format::json;
use crate::record::{Reject, Status};
use crate::sink::{Assumed, Constants, Issue, Origin, Sink};

/// What of a record goes into its account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// The fields that no row took.
    pub unmapped: bool,
    /// The raw record, always.
    pub raw: bool,
}

/// Writes one record as one line. Nothing is written to `out` that is not a whole line once [`Line::end`] was called.
pub struct Line<'o, 'a> {
    out: Buffer<'o>,
    source: &'static str,
    keep: Keep,
    issues: SmallVec<[Issue<'a>; 4]>,
    stage: Stage,
    /// The status that the account told.
    pub status: Status,
    /// What times did not state.
    pub assumed: Assumed,
}

/// Room for what a line has besides the texts of its record: keys, constants, the account.
const ROOM: usize = 768;

#[derive(PartialEq)]
enum Stage {
    Empty,
    Values,
    Account,
    Unmapped,
}

impl<'o, 'a> Line<'o, 'a> {
    /// Begins a line at the end of `out`. `length` is that of the record, and of what is added to it, from which the line's can be guessed.
    pub fn begin(out: &'o mut Vec<u8>, source: &'static str, keep: Keep, length: usize) -> Self {
        let mut out = Buffer::new(out, length.saturating_add(ROOM));
        out.push(b'{');
        Self {
            out,
            source,
            keep,
            issues: SmallVec::new(),
            stage: Stage::Empty,
            status: Status::Mapped,
            assumed: Assumed::default(),
        }
    }

    #[inline]
    fn key(&mut self, token: Token) {
        let JsonKey { block, length } = token.next_json_key();
        if self.stage == Stage::Empty {
            self.stage = Stage::Values;
            self.out.extend_from_slice(block.get(1..*length).unwrap_or_default());
        } else {
            self.out.block(block, *length);
        }
    }

    #[cold]
    #[inline(never)]
    fn ready_as_text(&mut self, token: Token, text: &str) {
        self.key(token);
        write::string(&mut self.out, text);
    }

    /// The issues so far.
    pub fn issues(&self) -> &[Issue<'a>] {
        &self.issues
    }

    /// Ends the line. `raw` is the record as it was read, if it is to be kept: `repaired` says that it was not
    /// UTF-8 and what replaced it.
    pub fn end(mut self, raw: Option<&[u8]>, repaired: Option<&Reject>) {
        let Self { out, issues, stage, keep, .. } = &mut self;
        if *stage == Stage::Unmapped {
            out.push(b'}');
        }
        if !issues.is_empty() || repaired.is_some() {
            out.extend_from_slice(b",\"issues\":");
            issues_json(out, issues, repaired);
        }
        if let Some(raw) = raw.filter(|_| keep.raw || repaired.is_some()) {
            raw_member(out, raw);
        }
        out.extend_from_slice(b"}}\n");
    }
}

impl<'a> Sink<'a> for Line<'_, 'a> {
    #[inline]
    fn value(&mut self, token: Token, value: Value<'a>, _origin: Origin<'a>) {
        self.key(token);
        write::value(&mut self.out, &value);
    }

    #[inline]
    fn printed(&mut self, token: Token, value: &Value<'a>, text: &'a str, _origin: Origin<'a>) {
        self.key(token);
        if matches!(value, Value::Integer(_) | Value::Port(_)) {
            self.out.extend_from_slice(text.as_bytes());
        } else {
            write::string(&mut self.out, text);
        }
    }

    #[inline]
    fn text(&mut self, token: Token, text: &'a str, _origin: Origin<'a>) {
        self.key(token);
        write::string(&mut self.out, text);
    }

    #[inline]
    fn ready(&mut self, token: Token, text: &'a Ready, _origin: Origin<'a>) {
        let (Some(json), Stage::Values) = (text.json(), &self.stage) else {
            return self.ready_as_text(token, text);
        };
        let JsonKey { block, length } = token.next_json_key();
        self.out.blocks((block, *length), json);
    }

    #[inline]
    fn constants(&mut self, constants: &'static Constants) {
        let json = constants.json.as_bytes();
        let first = self.stage == Stage::Empty;
        if first {
            self.stage = Stage::Values;
        }
        self.out.extend_from_slice(json.get(usize::from(first)..).unwrap_or_default());
    }

    #[inline]
    fn escaped(&mut self, token: Token, origin: Origin<'a>) {
        self.key(token);
        text_json(&mut self.out, origin.field);
    }

    fn joined(&mut self, token: Token, list: &[Cow<'a, str>], separator: &'static str, _origin: Origin<'a>) {
        self.key(token);
        write::joined(&mut self.out, list, separator);
    }

    fn texts(&mut self, token: Token, list: &[Cow<'a, str>], _origin: Origin<'a>) {
        self.key(token);
        write::texts(&mut self.out, list);
    }

    fn issue(&mut self, issue: Issue<'a>) {
        self.issues.push(issue);
    }

    fn assumed(&mut self, what: Assumed) {
        self.assumed = self.assumed.or(what);
    }

    fn account(&mut self, status: Status, message: Option<&'a str>) {
        self.status = status;
        account(&mut self.out, self.source, status, message, self.stage == Stage::Empty);
        self.stage = Stage::Account;
    }

    fn unmapped(&mut self, name: Name<'a>, fields: &[Field<'a>]) {
        if !self.keep.unmapped {
            return;
        }
        if self.stage == Stage::Unmapped {
            self.out.push(b',');
        } else {
            self.stage = Stage::Unmapped;
            self.out.extend_from_slice(b",\"unmapped\":{");
        }
        fields_json(&mut self.out, name, fields);
    }
}

/// Appends the issues as an array, that of a repair first.
pub(crate) fn issues_json(out: &mut impl Output, issues: &[Issue<'_>], repaired: Option<&Reject>) {
    out.push(b'[');
    if let Some(reject) = repaired {
        repair(out, reject);
    }
    for (index, entry) in issues.iter().enumerate() {
        if index > 0 || repaired.is_some() {
            out.push(b',');
        }
        issue(out, entry);
    }
    out.push(b']');
}

/// Appends the fields of one name as a member.
#[inline]
pub(crate) fn fields_json(out: &mut impl Output, name: Name<'_>, fields: &[Field<'_>]) {
    name_json(out, name);
    out.push(b':');
    match fields {
        [Field { raw, shape: Shape::Text }] => write::string(out, raw),
        [field] => field_json(out, *field),
        fields => array_json(out, fields),
    }
}

#[inline(never)]
fn array_json(out: &mut impl Output, fields: &[Field<'_>]) {
    out.push(b'[');
    for (index, field) in fields.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        field_json(out, *field);
    }
    out.push(b']');
}

/// Bytes that are no text.
pub(crate) fn base64(raw: &[u8]) -> String {
    BASE64.encode(raw)
}

/// Writes the line of a record that no event could be made of.
pub fn reject(out: &mut Vec<u8>, source: &str, raw: &[u8], reject: &Reject) {
    out.push(b'{');
    account(out, source, Status::Rejected, None, true);
    out.extend_from_slice(b",\"reject\":{\"reason\":");
    write::string(out, reject.reason);
    out.extend_from_slice(b",\"at\":");
    out.extend_from_slice(reject.at.to_string().as_bytes());
    out.extend_from_slice(b",\"expected\":");
    write::string(out, &reject.expected);
    out.push(b'}');
    raw_member(out, raw);
    out.extend_from_slice(b"}}\n");
}

/// `first`: nothing stands in front of it.
fn account(out: &mut impl Output, source: &str, status: Status, message: Option<&str>, first: bool) {
    let opens = b",\"xdr\":{\"source\":\"";
    out.extend_from_slice(opens.get(usize::from(first)..).unwrap_or_default());
    out.extend_from_slice(source.as_bytes());
    out.extend_from_slice(b"\",\"status\":\"");
    out.extend_from_slice(status.word().as_bytes());
    out.push(b'"');
    if let Some(message) = message {
        out.extend_from_slice(b",\"message\":");
        write::string(out, message);
    }
}

fn repair(out: &mut impl Output, reject: &Reject) {
    out.extend_from_slice(b"{\"reason\":\"not UTF-8 at byte ");
    out.extend_from_slice(reject.at.to_string().as_bytes());
    out.extend_from_slice(b", replaced by U+FFFD\"}");
}

fn issue(out: &mut impl Output, issue: &Issue<'_>) {
    out.push(b'{');
    if let Some(token) = issue.token {
        out.extend_from_slice(b"\"token\":\"");
        out.extend_from_slice(token.name().as_bytes());
        out.extend_from_slice(b"\",");
    }
    if issue.value.is_present() {
        out.extend_from_slice(b"\"field\":");
        name_json(out, issue.name);
        out.extend_from_slice(b",\"value\":");
        field_json(out, issue.value);
        out.push(b',');
    }
    out.extend_from_slice(b"\"reason\":");
    write::display(out, &issue.reason);
    out.push(b'}');
}

/// `raw` as a member of the account: as text, or, if it is not UTF-8, in base64, which `rawEncoding` says.
fn raw_member(out: &mut impl Output, raw: &[u8]) {
    if let Ok(text) = std::str::from_utf8(raw) {
        out.extend_from_slice(b",\"raw\":");
        write::string(out, text);
    } else {
        out.extend_from_slice(b",\"raw\":\"");
        out.extend_from_slice(base64(raw).as_bytes());
        out.extend_from_slice(b"\",\"rawEncoding\":\"base64\"");
    }
}

#[inline]
fn name_json(out: &mut impl Output, name: Name<'_>) {
    if name.key.is_present() { key_json(out, name) } else { write::string(out, name.known) }
}

/// A name that ends in a key of the record.
#[inline(never)]
fn key_json(out: &mut impl Output, name: Name<'_>) {
    if name.known.is_empty() {
        write::string(out, &name.key.decoded());
    } else if name.key.is_escaped() || !out.clean_path(name.known.as_bytes(), name.key.raw.as_bytes()) {
        write::joined(out, &[Cow::Borrowed(name.known), name.key.decoded()], ".");
    }
}

/// Writes a text; escapes that are as they should be are not undone to be made again.
fn text_json(out: &mut impl Output, field: Field<'_>) {
    if field.shape == Shape::Escaped && json::is_canonical(field.raw) {
        out.push(b'"');
        out.extend_from_slice(field.raw.as_bytes());
        return out.push(b'"');
    }
    write::string(out, &field.decoded());
}

/// Writes a field as the JSON it came as; other texts, and numbers that no reader holds, become strings.
#[inline(never)]
fn field_json(out: &mut impl Output, field: Field<'_>) {
    match field.shape {
        Shape::Absent => out.extend_from_slice(b"null"),
        Shape::Number => json::number(out, field.raw),
        Shape::Boolean => out.extend_from_slice(field.raw.as_bytes()),
        Shape::Array | Shape::Object => json::compact(out, field.raw),
        Shape::Text | Shape::Escaped | Shape::Cef => text_json(out, field),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static CONSTANTS: Constants = Constants {
        list: &[(Token::DeviceType, "VPN", 0), (Token::DeviceVendor, "Acme", 1)],
        json: ",\"deviceType\":\"VPN\",\"deviceVendor\":\"Acme\"",
    };

    #[test]
    fn constants_stand_first_or_behind_other_tokens() {
        let account = r#""xdr":{"source":"gate","status":"mapped"}}"#;
        for (before, expected) in [("", r"{"), ("gw1", r#"{"deviceHost":"gw1","#)] {
            let mut out = Vec::new();
            let keep = Keep { unmapped: true, raw: false };
            let mut line = Line::begin(&mut out, "gate", keep, 0);
            if !before.is_empty() {
                line.text(Token::DeviceHost, before, Origin { row: 0, field: Field::default() });
            }
            line.constants(&CONSTANTS);
            line.account(Status::Mapped, None);
            line.end(None, None);
            let expected = format!("{expected}\"deviceType\":\"VPN\",\"deviceVendor\":\"Acme\",{account}\n");
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }
}
