//! Runs a source over records, be it compiled or interpreted: bytes in, a line of JSON, an event or an explanation out.

use std::borrow::Cow;

use smallvec::SmallVec;
use xdr_model::{Event, Token, Value};

#[cfg(feature = "columns")]
use crate::columns::Columns;
use crate::field::{Field, Name};
use crate::format::json;
use crate::info::{Info, Records};
use crate::ndjson::{self, Keep, Line};
use crate::prepare::{self, Around, Prepared, prepare};
use crate::record::{NOT_UTF8, Reject, Scratch, Status};
use crate::settings::Settings;
use crate::sink::{Assumed, Issue, Origin, Reason, Sink};

/// What a source knows: a generated module, without data of its own, or a spec that is interpreted.
pub trait Mapping {
    /// A record taken apart.
    type Record<'a>;
    /// What the source says of itself.
    fn info(&self) -> &'static Info;
    /// The record that is this text, not yet taken apart. `position` is where it began in the input, in bytes.
    fn record<'a>(&self, text: &'a str, position: u64, scratch: &'a Scratch) -> Self::Record<'a>;
    /// Takes a record apart.
    ///
    /// # Errors
    /// Why it is not a record of this source.
    fn parse(&self, record: &mut Self::Record<'_>) -> Result<(), Reject>;
    /// Keeps what stood around the record with what it was taken apart into.
    fn around<'a>(&self, record: &mut Self::Record<'a>, around: &'a Around);
    /// Tells the sink what the record becomes.
    fn map<'a, S: Sink<'a>>(&self, record: &Self::Record<'a>, settings: &'a Settings, sink: &mut S);
}

/// Token, if it is about one, and reason of each issue of a record.
pub type Issues = SmallVec<[(Option<Token>, Reason); 4]>;

/// What became of one record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// How much was understood; `None` before there was a record.
    pub status: Option<Status>,
    /// Token, if it is about one, and reason of each issue.
    pub issues: Issues,
    /// Why it was rejected.
    pub reject: Option<&'static str>,
    /// What its times did not state.
    pub assumed: Assumed,
}

/// A step on the way from a record to its event.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// A token got a value.
    Value {
        /// The token.
        token: Token,
        /// The value, as JSON.
        value: String,
        /// The row, an index into [`Info::rows`].
        row: usize,
        /// The piece of the record it was made of: its place in bytes and its text.
        piece: Option<(usize, String)>,
    },
    /// Something could not be mapped.
    Issue {
        /// The token.
        token: Option<Token>,
        /// The field.
        field: String,
        /// The text.
        value: String,
        /// Why.
        reason: String,
    },
    /// A field that no row took.
    Unmapped {
        /// Its name.
        field: String,
        /// Its text.
        value: String,
    },
}

/// A record explained.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The record as it was parsed, after wrappers were taken off and what is not UTF-8 was replaced.
    pub text: String,
    /// How much was understood.
    pub status: Status,
    /// The message's key.
    pub message: Option<String>,
    /// What was told, in order.
    pub told: Vec<Told>,
    /// Why it was rejected.
    pub reject: Option<Reject>,
}

/// What can be done with the records of a source, whatever its types are.
pub trait Engine {
    /// As [`Source::normalize`].
    fn normalize(
        &self,
        record: &[u8],
        position: u64,
        settings: &Settings,
        keep: Keep,
        out: &mut Vec<u8>,
    ) -> Outcome;

    /// As [`Source::tell`].
    #[cfg(feature = "columns")]
    fn tell(
        &self,
        record: &[u8],
        position: u64,
        settings: &Settings,
        keep: Keep,
        to: &mut dyn Columns,
        room: &mut Vec<u8>,
    ) -> Outcome;

    /// As [`Source::event`].
    ///
    /// # Errors
    /// Why no event can be made of it.
    fn event<'a>(
        &self,
        record: &'a [u8],
        position: u64,
        settings: &'a Settings,
        scratch: &'a Scratch,
    ) -> Result<Event<'a>, Reject>;

    /// As [`Source::explain`].
    fn explain(&self, record: &[u8], settings: &Settings) -> Explanation;
}

impl<M: Mapping> Engine for M {
    fn normalize(
        &self,
        record: &[u8],
        position: u64,
        settings: &Settings,
        keep: Keep,
        out: &mut Vec<u8>,
    ) -> Outcome {
        normalize(self, record, position, settings, keep, out)
    }

    #[cfg(feature = "columns")]
    fn tell(
        &self,
        record: &[u8],
        position: u64,
        settings: &Settings,
        keep: Keep,
        to: &mut dyn Columns,
        room: &mut Vec<u8>,
    ) -> Outcome {
        crate::columns::normalize(self, record, position, settings, keep, to, room)
    }

    fn event<'a>(
        &self,
        record: &'a [u8],
        position: u64,
        settings: &'a Settings,
        scratch: &'a Scratch,
    ) -> Result<Event<'a>, Reject> {
        event(self, record, position, settings, scratch)
    }

    fn explain(&self, record: &[u8], settings: &Settings) -> Explanation {
        explain(self, record, settings)
    }
}

/// A source that lives as long as the program.
pub struct Source {
    /// What it says of itself.
    pub info: &'static Info,
    engine: &'static (dyn Engine + Sync),
}

/// The sources that a program has compiled in.
pub struct Registry {
    /// Every source, sorted by name.
    pub sources: &'static [Source],
    /// Name and generated Rust of each.
    pub expanded: &'static [(&'static str, &'static str)],
}

impl Registry {
    /// The source of this name.
    pub fn source(&self, name: &str) -> Option<&'static Source> {
        self.sources.iter().find(|source| source.info.name == name)
    }

    /// The generated Rust of the source of this name.
    pub fn expanded(&self, name: &str) -> Option<&'static str> {
        self.expanded.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
    }
}

impl Source {
    /// The source of this mapping, which says `info` of itself.
    pub const fn of<M: Mapping + Sync>(info: &'static Info, mapping: &'static M) -> Self {
        Self { info, engine: mapping }
    }

    /// What runs it.
    pub const fn engine(&self) -> &'static (dyn Engine + Sync) {
        self.engine
    }

    /// Appends the record's line to `out` and says what became of it. A reject's line is appended too.
    ///
    /// `position` is where the record began in the input, in bytes.
    pub fn normalize(
        &self,
        record: &[u8],
        position: u64,
        settings: &Settings,
        keep: Keep,
        out: &mut Vec<u8>,
    ) -> Outcome {
        self.engine.normalize(record, position, settings, keep, out)
    }

    /// As [`Source::normalize`], but tells the event to columns; a reject's line is left in `room`, which has no meaning otherwise.
    #[cfg(feature = "columns")]
    pub fn tell(
        &self,
        record: &[u8],
        position: u64,
        settings: &Settings,
        keep: Keep,
        to: &mut dyn Columns,
        room: &mut Vec<u8>,
    ) -> Outcome {
        self.engine.tell(record, position, settings, keep, to, room)
    }

    /// The typed event of a record, borrowing from it and, where a text had to be unescaped or taken out of a wrapper, from `scratch`.
    ///
    /// # Errors
    /// Why no event can be made of it. Records that are not UTF-8 are rejects here: only [`Source::normalize`] repairs them.
    pub fn event<'a>(
        &self,
        record: &'a [u8],
        position: u64,
        settings: &'a Settings,
        scratch: &'a Scratch,
    ) -> Result<Event<'a>, Reject> {
        self.engine.event(record, position, settings, scratch)
    }

    /// Where each token of the record's event comes from.
    pub fn explain(&self, record: &[u8], settings: &Settings) -> Explanation {
        self.engine.explain(record, settings)
    }

    /// The records that one line of input holds: itself, or, for sources of JSON, the members of an array, be it one that goes on in other lines.
    pub fn records<'a>(&self, line: &'a [u8]) -> Split<'a> {
        records(self.info.records, line)
    }
}

/// The records that one line of input holds, where it is cut into records in this way.
pub fn records(how: Records, line: &[u8]) -> Split<'_> {
    if how == Records::Json
        && let Some(b',' | b']') = line.trim_ascii_end().last()
        && let Some(object) = std::str::from_utf8(line).ok().and_then(json::listed)
    {
        return Split::One(Some(object.as_bytes()));
    }
    if how == Records::Json
        && line.trim_ascii_start().first() == Some(&b'[')
        && let Some(records) = std::str::from_utf8(line).ok().and_then(json::records)
    {
        let mut members = Vec::new();
        members.extend(records.map(str::as_bytes));
        // What opens an array and has no members is a record that cannot be read, unless the array is really empty.
        let empty = |line: &[u8]| line.trim_ascii().strip_prefix(b"[").map(<[u8]>::trim_ascii) == Some(b"]");
        if !members.is_empty() || empty(line) {
            return Split::Members(members.into_iter());
        }
    }
    Split::One(Some(line))
}

/// The records of a line.
pub enum Split<'a> {
    /// The line itself.
    One(Option<&'a [u8]>),
    /// The members of an array.
    Members(std::vec::IntoIter<&'a [u8]>),
}

impl<'a> Iterator for Split<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        match self {
            Self::One(line) => line.take(),
            Self::Members(members) => members.next(),
        }
    }
}

/// The reject of a text, or that the text is UTF-16: of ASCII every other byte is zero there, which is a character of UTF-8 as well.
#[cold]
pub(crate) fn unless_utf16(reject: Reject, text: &str) -> Reject {
    let begin = text.as_bytes().iter().take(64);
    let zeros = begin.clone().filter(|byte| **byte == 0).count();
    if zeros < 2 || !(begin.len() / 3..=begin.len() * 2 / 3).contains(&zeros) {
        return reject;
    }
    let expected = "UTF-8, which `iconv -f UTF-16 -t UTF-8` makes of a file".to_owned();
    Reject { reason: "UTF-16", at: 0, expected }
}

fn normalize<M: Mapping>(
    mapping: &M,
    record: &[u8],
    position: u64,
    settings: &Settings,
    keep: Keep,
    out: &mut Vec<u8>,
) -> Outcome {
    // Not moved out of what is given.
    let Prepared { text, repaired, around } = &prepare(mapping.info(), record);
    let scratch = Scratch::new();
    let mut parsed = mapping.record(text, position, &scratch);
    match mapping.parse(&mut parsed) {
        Ok(()) => {
            if let Some(around) = around {
                mapping.around(&mut parsed, around);
            }
            let length = text.len() + settings.enrichment.room();
            let mut line = Line::begin(out, mapping.info().name, keep, length);
            mapping.map(&parsed, settings, &mut line);
            let mut outcome =
                Outcome { status: Some(line.status), assumed: line.assumed, ..Outcome::default() };
            outcome.issues.extend(line.issues().iter().map(|issue| (issue.token, issue.reason)));
            outcome.issues.extend(repaired.iter().map(|_| (None, Reason::Other(NOT_UTF8))));
            line.end(Some(record), repaired.as_ref());
            outcome
        }
        Err(reject) => {
            let reject = unless_utf16(reject, text);
            ndjson::reject(out, mapping.info().name, record, &reject);
            Outcome { status: Some(Status::Rejected), reject: Some(reject.reason), ..Outcome::default() }
        }
    }
}

fn event<'a, M: Mapping>(
    mapping: &M,
    record: &'a [u8],
    position: u64,
    settings: &'a Settings,
    scratch: &'a Scratch,
) -> Result<Event<'a>, Reject> {
    let text = match prepare::text(mapping.info(), record)? {
        Cow::Borrowed(text) => text,
        Cow::Owned(text) => scratch.keep(&text),
    };
    let mut parsed = mapping.record(text, position, scratch);
    mapping.parse(&mut parsed).map_err(|reject| unless_utf16(reject, text))?;
    let mut sink = Collect(Event::default());
    mapping.map(&parsed, settings, &mut sink);
    Ok(sink.0)
}

fn explain<M: Mapping>(mapping: &M, record: &[u8], settings: &Settings) -> Explanation {
    let Prepared { text, around, .. } = prepare(mapping.info(), record);
    let scratch = Scratch::new();
    let mut parsed = mapping.record(&text, 0, &scratch);
    match mapping.parse(&mut parsed) {
        Ok(()) => {
            if let Some(around) = &around {
                mapping.around(&mut parsed, around);
            }
            let mut sink = Explain { text: &text, told: Vec::new(), status: Status::Mapped, message: None };
            mapping.map(&parsed, settings, &mut sink);
            let Explain { told, status, message, .. } = sink;
            Explanation { text: text.to_string(), status, message, told, reject: None }
        }
        Err(reject) => Explanation {
            text: text.to_string(),
            status: Status::Rejected,
            message: None,
            told: Vec::new(),
            reject: Some(unless_utf16(reject, &text)),
        },
    }
}

/// Collects a typed event.
struct Collect<'a>(Event<'a>);

impl<'a> Sink<'a> for Collect<'a> {
    fn value(&mut self, token: Token, value: Value<'a>, _origin: Origin<'a>) {
        self.0.insert(token, value);
    }
    fn issue(&mut self, _issue: Issue<'a>) {}
    fn assumed(&mut self, _what: Assumed) {}
    fn account(&mut self, _status: Status, _message: Option<&'a str>) {}
    fn unmapped(&mut self, _name: Name<'a>, _fields: &[Field<'a>]) {}
}

/// Writes down what is told.
struct Explain<'e> {
    text: &'e str,
    told: Vec<Told>,
    status: Status,
    message: Option<String>,
}

impl Explain<'_> {
    /// Where a slice of the record begins; `None` for constants.
    fn place(&self, raw: &str) -> Option<usize> {
        let at = (raw.as_ptr() as usize).checked_sub(self.text.as_ptr() as usize)?;
        (at + raw.len() <= self.text.len() && !raw.is_empty()).then_some(at)
    }
}

impl<'a> Sink<'a> for Explain<'_> {
    fn value(&mut self, token: Token, value: Value<'a>, origin: Origin<'a>) {
        let mut json = Vec::new();
        xdr_model::write::value(&mut json, &value);
        self.told.push(Told::Value {
            token,
            value: String::from_utf8_lossy(&json).into_owned(),
            row: usize::from(origin.row),
            piece: self.place(origin.field.raw).map(|at| (at, origin.field.raw.to_owned())),
        });
    }

    fn issue(&mut self, issue: Issue<'a>) {
        self.told.push(Told::Issue {
            token: issue.token,
            field: issue.name.to_string(),
            value: issue.value.decoded().into_owned(),
            reason: issue.reason.to_string(),
        });
    }

    fn assumed(&mut self, _what: Assumed) {}

    fn account(&mut self, status: Status, message: Option<&'a str>) {
        self.status = status;
        self.message = message.map(str::to_owned);
    }

    fn unmapped(&mut self, name: Name<'a>, fields: &[Field<'a>]) {
        for field in fields {
            self.told.push(Told::Unmapped { field: name.to_string(), value: field.decoded().into_owned() });
        }
    }
}
