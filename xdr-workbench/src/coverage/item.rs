//! What of a spec records can use: one item for each thing, with its place.

use xdr_codegen::source::{Files, Span};

use crate::interpret::observe::{Arm, List, Message, Unread};

/// A kind of item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A row that gives its token a value.
    Row,
    /// A message or family whose text is read.
    Message,
    /// A template of a list.
    Template,
    /// A form of a `one-of`.
    Form,
    /// An optional piece, taken or left out.
    Optional,
    /// One of several pieces of a template.
    Alternative,
    /// A case of a value map.
    Case,
    /// A range of a value map.
    Range,
    /// A value of `by` that prefers a mapping.
    Preference,
    /// What a row's `when` or `none` keeps from being mapped.
    Exception,
    /// What takes over where nothing else does: `otherwise`, the text behind a message's templates.
    Fallback,
    /// A value, text or record that the spec refuses.
    Refusal,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::Row,
        Self::Message,
        Self::Template,
        Self::Form,
        Self::Optional,
        Self::Alternative,
        Self::Case,
        Self::Range,
        Self::Preference,
        Self::Exception,
        Self::Fallback,
        Self::Refusal,
    ];

    /// The word used in reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Row => "row",
            Self::Message => "message",
            Self::Template => "template",
            Self::Form => "form",
            Self::Optional => "optional",
            Self::Alternative => "alternative",
            Self::Case => "case",
            Self::Range => "range",
            Self::Preference => "preference",
            Self::Exception => "exception",
            Self::Fallback => "fallback",
            Self::Refusal => "refusal",
        }
    }

    /// The figure that it counts in.
    pub const fn figure(self) -> Figure {
        match self {
            Self::Row => Figure::Rows,
            Self::Message => Figure::Messages,
            Self::Template => Figure::Templates,
            _ => Figure::Branches,
        }
    }
}

/// A figure of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Figure {
    /// Rows.
    Rows,
    /// Messages and families.
    Messages,
    /// Templates.
    Templates,
    /// All else.
    Branches,
}

impl Figure {
    /// Every figure.
    pub const ALL: [Self; 4] = [Self::Rows, Self::Messages, Self::Templates, Self::Branches];

    /// The word used in reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Rows => "rows",
            Self::Messages => "messages",
            Self::Templates => "templates",
            Self::Branches => "branches",
        }
    }
}

/// A place in a file of a spec. Lines and columns count from 1; columns count characters.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, as it was named.
    pub file: String,
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
    /// The bytes of the file from the first to behind the last.
    pub bytes: (usize, usize),
}

impl Place {
    /// The place of a span.
    pub fn of(span: Span, files: &Files) -> Self {
        let Some(file) = files.get(span.file) else { return Self::default() };
        let (line, column) = file.line_column(span.start);
        let bytes = (span.start as usize, span.end as usize);
        Self { file: file.name.clone(), line, column, bytes }
    }
}

/// Something of a spec that records can use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What it is.
    pub kind: Kind,
    /// Which one: a few words.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// How often records used it.
    pub hits: u64,
}

/// Where a template or part of a catalogue stands, for the choices in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Scope {
    /// A template of a list.
    Template(List, usize),
    /// A part of the catalogue.
    Part(usize),
}

/// Something that a record used, by the numbers of the IR.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Used {
    /// A mapping gave a value: plan and candidate.
    Value(usize, usize),
    /// A mapping's condition did not hold.
    Unmet(usize, usize),
    /// A mapping's field had a text that means no value.
    None(usize, usize, usize),
    /// A mapping left an issue.
    Issue(usize, usize),
    /// A mapping was preferred: plan and case.
    Preferred(usize, usize),
    /// An arm of a value map.
    Arm(usize, Arm),
    /// A message occurred.
    Seen(Message),
    /// A message's text was read.
    Read(Message),
    /// A message's text was read otherwise than by its templates.
    Beside(Message),
    /// A message's text was not what its templates say.
    Missed,
    /// A template of a list matched.
    Template(List, usize),
    /// None of a list matched.
    NoTemplate(List),
    /// A choice of a template or part: the index of its op, and whether its piece was taken.
    Way(Scope, usize, bool),
    /// A form was taken.
    Form(usize, usize),
    /// No form was.
    NoForm(usize),
    /// A step `csv` read a text; whether it had all columns.
    Columns(usize, bool),
    /// A step `csv` did not read a text.
    Refused(usize, Unread),
    /// A record was refused for this reason.
    Reject(&'static str),
}
