//! Making values of fields, as generated `map` functions call it.
//!
//! Each method tries one mapping: it gives `true` if the token got its value, so that `a || b || c` is "the first that has one".
//! A field that has nothing to say is passed over; a text that the token's kind refuses becomes an issue.

mod address;
mod conditions;
mod convert;
mod left;
mod list;
mod required;
mod times;

use std::borrow::Cow;
use std::mem::ManuallyDrop;

use smallvec::SmallVec;
use xdr_model::{Kind, Refusal, Token, Value, read};

use crate::field::{Field, Name, Shape};
use crate::record::{Parts, Slots, Status};
use crate::settings::{Setting, Settings, event_id};
use crate::sink::{Constants, Issue, Origin, Reason, Sink};

pub use convert::folded;
use convert::{accepted, flat, has_no_sign, shorten, shorten_escaped, sole, taken, value, value_to};
use left::Left;
pub use required::REQUIRED;
pub use times::Beside;

/// A value map of the spec.
#[derive(Clone, Copy, Debug)]
pub struct Values<M = Normalized> {
    /// The normalised value of a source value.
    pub map: M,
    /// What becomes of a value outside the map.
    pub otherwise: Otherwise,
}

impl<M: Fn(&str) -> Option<&'static str>> Values<M> {
    /// What a text becomes; `None` if there is to be no value.
    #[inline]
    fn of<'t>(&self, text: Cow<'t, str>) -> Result<Option<Cow<'t, str>>, Reason> {
        match ((self.map)(&text), self.otherwise) {
            (Some(value), _) => Ok(Some(Cow::Borrowed(value))),
            (None, Otherwise::Keep) => Ok(Some(text)),
            (None, Otherwise::Refuse) => Err(Reason::Other("not in the value map")),
            (None, Otherwise::Nothing) => Ok(None),
        }
    }
}

/// The normalised value of a source value, as a generated module has it.
pub type Normalized = fn(&str) -> Option<&'static str>;

/// What becomes of a value outside a value map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Otherwise {
    /// It is kept as it is.
    Keep,
    /// It is an issue.
    Refuse,
    /// The token has no value.
    Nothing,
}

/// The members of a list; more than records have are heap.
type Members<'a> = SmallVec<[Cow<'a, str>; 12]>;

/// How the text of a field is cut before it becomes a text value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Not at all.
    Whole,
    /// What follows the last slash or backslash.
    BaseName,
    /// What stands before it.
    DirName,
}

/// Maps one record.
pub struct Mapper<'m, 'a, S, const N: usize> {
    parts: &'m Parts<'a, N>,
    names: &'static [&'static str; N],
    settings: &'a Settings,
    sink: &'m mut S,
    used: Slots,
    /// How much of the record is understood.
    status: Status,
    /// The fields that were read as an IPv4 address, with or without a port.
    ipv4: Slots,
    /// The fields whose whole value was refused, and why.
    refusals: SmallVec<[(u16, Reason); 4]>,
}

impl<'m, 'a, S: Sink<'a>, const N: usize> Mapper<'m, 'a, S, N> {
    /// A mapper of this record. `names` are the names of its fields, by their numbers.
    pub fn new(
        parts: &'m Parts<'a, N>,
        names: &'static [&'static str; N],
        settings: &'a Settings,
        sink: &'m mut S,
    ) -> Self {
        Self {
            parts,
            names,
            settings,
            sink,
            used: Slots::default(),
            status: parts.status,
            ipv4: Slots::default(),
            refusals: SmallVec::new(),
        }
    }

    /// Tells the sink what is left: the account, the fields that no row took, the record's faults.
    pub fn finish(self) {
        self.sink.account(self.status, self.parts.message);
        // It is big, so it is filled where it is.
        let mut left = Left::new();
        left::find(&mut left, self.parts, self.names, self.used);
        left::unmapped(&left, self.sink);
        for fault in &self.parts.faults {
            let reason = Reason::Other(fault.reason);
            self.sink.issue(Issue { token: None, name: fault.name, value: fault.value, reason });
        }
    }

    // Mappings.

    /// A text. Arrays of JSON are joined by a comma and a blank.
    #[inline]
    pub fn text(&mut self, token: Token, slot: u16, row: u16) -> bool {
        self.has(slot) && self.text_of(token, slot, row)
    }

    fn text_of(&mut self, token: Token, slot: u16, row: u16) -> bool {
        let field = self.parts.slot(slot);
        if field.is_plain() {
            return !field.raw.is_empty() && self.put_text(token, field.raw, slot, row);
        }
        self.other_text(token, slot, row)
    }

    /// Out of the way of plain texts, which most are, as are the functions below whose names begin alike: a call that comes back into the
    /// usual way would have it keep registers.
    #[inline(never)]
    fn other_text(&mut self, token: Token, slot: u16, row: u16) -> bool {
        let field = self.parts.slot(slot);
        if field.shape == Shape::Escaped {
            self.told(slot);
            self.sink.escaped(token, Origin { row, field });
            return true;
        }
        self.cut(token, slot, row, Cut::Whole)
    }

    /// A text of which a part is taken.
    #[inline]
    pub fn cut(&mut self, token: Token, slot: u16, row: u16, cut: Cut) -> bool {
        self.has(slot) && self.cut_of(token, slot, row, cut)
    }

    #[inline(never)]
    fn cut_of(&mut self, token: Token, slot: u16, row: u16, cut: Cut) -> bool {
        let field = self.parts.slot(slot);
        if !field.has_value() {
            return false;
        }
        match field.shape {
            Shape::Object => self.refuse(token, slot, Reason::Other("an object where a text was expected")),
            Shape::Array => {
                let mut members = Members::new();
                if !flat(field.raw, &mut members) {
                    return self.refuse(token, slot, Reason::Other("an array of more than texts"));
                }
                let some = !members.is_empty();
                if some {
                    self.told(slot);
                    self.sink.joined(token, &members, ", ", Origin { row, field });
                }
                some
            }
            Shape::Escaped if let Some(part) = shorten_escaped(field.raw, cut) => {
                let some = !part.raw.is_empty();
                if some {
                    self.told(slot);
                    self.sink.escaped(token, Origin { row, field: part });
                }
                some
            }
            _ => {
                let text = shorten(field.decoded(), cut);
                !text.is_empty() && self.put(token, Value::Text(text), slot, row)
            }
        }
    }

    /// A phrase around a text.
    pub fn phrase(
        &mut self,
        token: Token,
        slot: u16,
        row: u16,
        before: &'static str,
        after: &'static str,
    ) -> bool {
        let field = self.parts.slot(slot);
        if !field.has_value() {
            return false;
        }
        self.told(slot);
        let texts = [Cow::Borrowed(before), field.decoded(), Cow::Borrowed(after)];
        self.sink.joined(token, &texts, "", Origin { row, field });
        true
    }

    /// The normalised value of a text.
    #[inline]
    pub fn mapped(&mut self, token: Token, slot: u16, row: u16, values: Values) -> bool {
        self.mapped_by(token, slot, row, values)
    }

    /// As [`Self::mapped`], by whatever gives normalised values.
    #[inline]
    pub fn mapped_by<M>(&mut self, token: Token, slot: u16, row: u16, values: Values<M>) -> bool
    where
        M: Fn(&str) -> Option<&'static str> + Copy,
    {
        self.has(slot) && self.mapped_of(token, slot, row, values)
    }

    fn mapped_of<M>(&mut self, token: Token, slot: u16, row: u16, values: Values<M>) -> bool
    where
        M: Fn(&str) -> Option<&'static str> + Copy,
    {
        let field = self.parts.slot(slot);
        if !field.is_plain() || field.raw.is_empty() {
            return self.other_mapped(token, slot, row, values);
        }
        self.put_mapped(token, values.of(Cow::Borrowed(field.raw)), slot, row)
    }

    #[inline(never)]
    fn other_mapped<M>(&mut self, token: Token, slot: u16, row: u16, values: Values<M>) -> bool
    where
        M: Fn(&str) -> Option<&'static str> + Copy,
    {
        let field = self.parts.slot(slot);
        if !field.has_value() {
            return false;
        }
        self.put_mapped(token, values.of(field.decoded()), slot, row)
    }

    #[inline]
    fn put_mapped(
        &mut self,
        token: Token,
        value: Result<Option<Cow<'a, str>>, Reason>,
        slot: u16,
        row: u16,
    ) -> bool {
        match value {
            Ok(Some(Cow::Borrowed(text))) => self.put_text(token, text, slot, row),
            Ok(Some(text)) => self.put(token, Value::Text(text), slot, row),
            Ok(None) => false,
            Err(reason) => self.refuse(token, slot, reason),
        }
    }

    /// The severity of a syslog priority (RFC 5424, section 6.2.1), or its normalised value.
    pub fn pri_severity(&mut self, token: Token, slot: u16, row: u16, values: Option<Values>) -> bool {
        self.pri_severity_by(token, slot, row, values)
    }

    /// As [`Self::pri_severity`], by whatever gives normalised values.
    pub fn pri_severity_by<M>(&mut self, token: Token, slot: u16, row: u16, values: Option<Values<M>>) -> bool
    where
        M: Fn(&str) -> Option<&'static str> + Copy,
    {
        const DIGITS: [&str; 8] = ["0", "1", "2", "3", "4", "5", "6", "7"];
        let field = self.parts.slot(slot);
        if !field.has_value() {
            return false;
        }
        let digit = match field.decoded().parse::<u8>() {
            Ok(priority) if priority <= 191 => DIGITS.get(usize::from(priority % 8)),
            _ => None,
        };
        let Some(digit) = digit else {
            return self.refuse(token, slot, Reason::Other("not a syslog priority"));
        };
        let digit = Cow::Borrowed(*digit);
        let value = match values {
            Some(values) => values.of(digit),
            None => Ok(Some(digit)),
        };
        self.put_mapped(token, value, slot, row)
    }

    /// A value of one of the kinds that need only their text.
    #[inline]
    pub fn kind(&mut self, token: Token, slot: u16, row: u16) -> bool {
        self.kind_or(token, slot, row, &[])
    }

    /// As [`Self::kind`]; a text that the token refuses is no issue if one of the kinds `others` takes it.
    #[inline]
    pub fn kind_or(&mut self, token: Token, slot: u16, row: u16, others: &[Kind]) -> bool {
        self.has(slot) && self.kind_or_of(token, slot, row, others)
    }

    fn kind_or_of(&mut self, token: Token, slot: u16, row: u16, others: &[Kind]) -> bool {
        let field = self.parts.slot(slot);
        if field.is_plain() && self.plain(token, field.raw, slot, row) {
            return true;
        }
        self.other_kind(token, slot, row, others)
    }

    #[inline(never)]
    fn other_kind(&mut self, token: Token, slot: u16, row: u16, others: &[Kind]) -> bool {
        let field = self.parts.slot(slot);
        if !field.has_value() {
            return false;
        }
        match self.read(token, field.decoded(), slot, row) {
            Ok(put) => put,
            Err(refusal) => self.refuse_unless(token, slot, refusal, others),
        }
    }

    /// A value that the row's own token, and those named before this one, have refused. What this one refuses too is no issue here.
    #[inline]
    pub fn refused(&mut self, token: Token, slot: u16, row: u16, by: &[Token]) -> bool {
        self.has(slot) && !self.was_ipv4(slot, by) && self.refused_of(token, slot, row, by)
    }

    fn refused_of(&mut self, token: Token, slot: u16, row: u16, by: &[Token]) -> bool {
        let Some(text) = sole(self.parts.slot(slot), by) else { return false };
        !taken(by, &text) && self.spare(token, text, slot, row)
    }

    /// A constant.
    pub fn constant(&mut self, token: Token, text: &'static str, row: u16) -> bool {
        if token.kind() == Kind::String {
            self.sink.text(token, text, Origin { row, field: Field::default() });
            return true;
        }
        self.other_constant(token, text, row)
    }

    /// Constants of tokens that stand together.
    #[inline]
    pub fn constants(&mut self, constants: &'static Constants) {
        self.sink.constants(constants);
    }

    #[inline(never)]
    fn other_constant(&mut self, token: Token, text: &'static str, row: u16) -> bool {
        let value = match token.kind() {
            Kind::StringList => {
                self.sink.texts(token, &[Cow::Borrowed(text)], Origin { row, field: Field::default() });
                return true;
            }
            _ => match value(token, Cow::Borrowed(text)) {
                Ok(value) => value,
                Err(_) => return false,
            },
        };
        self.tell(token, value, row)
    }

    /// A setting of the run, if it is given.
    pub fn setting(&mut self, token: Token, setting: Setting, row: u16) -> bool {
        let settings = self.settings;
        let value = match setting {
            Setting::CustomerId => settings.customer_id.map(Value::Uuid),
            Setting::CollectorId => settings.collector_id.map(Value::Uuid),
            Setting::EventSourceId => settings.event_source_id.map(Value::Uuid),
            Setting::DeviceHost => {
                settings.device_host.as_deref().map(|host| Value::Text(Cow::Borrowed(host)))
            }
        };
        value.is_some_and(|value| self.tell(token, value, row))
    }

    /// The id of the event.
    pub fn event_id(&mut self, token: Token, source: &str, row: u16) -> bool {
        let id = event_id(source, self.parts.position, self.parts.text);
        self.tell(token, Value::Uuid(id), row)
    }

    /// The moment of receipt.
    pub fn received(&mut self, token: Token, row: u16) -> bool {
        let value = Value::Timestamp(self.settings.received());
        let Some(text) = self.settings.received_text() else { return self.tell(token, value, row) };
        self.sink.printed(token, &value, text, Origin { row, field: Field::default() });
        true
    }

    // Helpers.

    /// Whether the first of these tokens, which is an IPv4 address, has read this field already.
    #[inline]
    fn was_ipv4(&self, slot: u16, by: &[Token]) -> bool {
        self.ipv4.contains(slot) && by.first().is_some_and(|token| token.kind() == Kind::Ipv4)
    }

    /// Tells the value that a text is if it is printed as it stands; whether it is.
    #[inline]
    fn plain(&mut self, token: Token, text: &'a str, slot: u16, row: u16) -> bool {
        let value = match token.kind() {
            Kind::Ipv4 => read::ipv4(text).map(Value::Ipv4),
            Kind::Port if has_no_sign(text) => read::port(text).map(Value::Port),
            Kind::Integer if has_no_sign(text) => read::integer(text).map(Value::Integer),
            _ => return false,
        };
        let Ok(value) = value else { return false };
        // None of these three owns anything: the compiler would look for it.
        let value = ManuallyDrop::new(value);
        if matches!(*value, Value::Ipv4(_)) {
            self.ipv4.insert(slot);
        }
        self.printed(token, &value, text, slot, row)
    }

    /// Reads the value that a text of a field is, and tells it; what is printed as it stands is told so.
    fn read(&mut self, token: Token, text: Cow<'a, str>, slot: u16, row: u16) -> Result<bool, Refusal> {
        if let Cow::Borrowed(text) = text
            && self.plain(token, text, slot, row)
        {
            return Ok(true);
        }
        value_to(token, text, |value| {
            if matches!(value, Value::Ipv4(_)) {
                self.ipv4.insert(slot);
            }
            self.put(token, value, slot, row)
        })
    }

    #[inline]
    fn printed(&mut self, token: Token, value: &Value<'a>, text: &'a str, slot: u16, row: u16) -> bool {
        self.told(slot);
        self.sink.printed(token, value, text, Origin { row, field: self.parts.slot(slot) });
        true
    }

    pub(crate) fn sink(&mut self) -> &mut S {
        self.sink
    }

    pub(crate) fn settings(&self) -> &'a Settings {
        self.settings
    }

    fn put_texts(&mut self, token: Token, list: &[Cow<'a, str>], slot: u16, row: u16) -> bool {
        self.told(slot);
        self.sink.texts(token, list, Origin { row, field: self.parts.slot(slot) });
        true
    }

    #[expect(clippy::inline_always, reason = "a call would cost a tenth of what a text does")]
    #[inline(always)]
    fn put_text(&mut self, token: Token, text: &'a str, slot: u16, row: u16) -> bool {
        self.told(slot);
        self.sink.text(token, text, Origin { row, field: self.parts.slot(slot) });
        true
    }

    fn put(&mut self, token: Token, value: Value<'a>, slot: u16, row: u16) -> bool {
        self.told(slot);
        self.sink.value(token, value, Origin { row, field: self.parts.slot(slot) });
        true
    }

    fn tell(&mut self, token: Token, value: Value<'a>, row: u16) -> bool {
        self.sink.value(token, value, Origin { row, field: Field::default() });
        true
    }

    /// Puts a text that another token refused, if this one takes it.
    fn spare(&mut self, token: Token, text: Cow<'a, str>, slot: u16, row: u16) -> bool {
        if token.kind() == Kind::String {
            return self.put(token, Value::Text(text), slot, row);
        }
        match value(token, text) {
            Ok(value) => self.put(token, value, slot, row),
            Err(_) => false,
        }
    }

    fn refuse_unless(&mut self, token: Token, slot: u16, refusal: Refusal, others: &[Kind]) -> bool {
        if sole(self.parts.slot(slot), &[token]).is_some_and(|text| accepted(token, others, &text)) {
            return false;
        }
        self.refuse(token, slot, Reason::Refused(refusal))
    }

    /// A value that several rows refuse for one reason is one issue, of the first of their tokens.
    #[cold]
    fn refuse(&mut self, token: Token, slot: u16, reason: Reason) -> bool {
        if self.refusals.contains(&(slot, reason)) {
            return false;
        }
        self.refusals.push((slot, reason));
        self.refuse_value(token, slot, self.parts.slot(slot), reason)
    }

    #[cold]
    fn refuse_value(&mut self, token: Token, slot: u16, value: Field<'a>, reason: Reason) -> bool {
        let name = self.names.get(usize::from(slot)).copied().unwrap_or_default();
        self.sink.issue(Issue { token: Some(token), name: Name::known(name), value, reason });
        false
    }
}
