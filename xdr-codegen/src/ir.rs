//! A spec with all its names resolved.
//!
//! Fields are numbers, tokens are tokens, templates are ops, times are items, and every token has one plan that says in which order its
//! mappings are tried. Spans are kept for reports only. Emission reads nothing else and cannot fail.

mod embedded;
mod enrich;
mod required;
mod time;

use xdr_model::pattern::{ByteSet, Run};
use xdr_model::{Kind, Token};

use crate::source::Span;

pub use embedded::Embedded;
pub use enrich::{Enricher, Enrichment, Part, part, reads};
pub use required::Required;
pub use time::{TimeRule, Zone};

/// The number of a field that something reads.
pub type Slot = u16;

/// One source.
#[derive(Clone, Debug, PartialEq)]
pub struct Module {
    /// Its name.
    pub name: String,
    /// The guide's title, its date and its formats.
    pub title: String,
    /// When the guide was published.
    pub published: String,
    /// The formats the guide names.
    pub formats: Vec<String>,
    /// Type, vendor and product.
    pub device: [String; 3],
    /// The versions the guide supports.
    pub versions: Vec<String>,
    /// Whether a line may hold an array of records.
    pub json_records: bool,
    /// Wrappers of whole records.
    pub unwrap: Vec<Wrap>,
    /// Which records stand as a text in a member of the line's object.
    pub embedded: Embedded,
    /// The fields that are read, by their numbers.
    pub fields: Vec<String>,
    /// How many of them have names of their own; those behind stand in for others.
    pub named: usize,
    /// Fields that are told by the account and not by a token: the key of the catalogue.
    pub told: Vec<Slot>,
    /// How a record is taken apart.
    pub steps: Vec<Step>,
    /// The rows, in the spec's order, those beyond the guide last.
    pub rows: Vec<Row>,
    /// The value maps.
    pub values: Vec<ValueMap>,
    /// One plan a token, in the schema's order.
    pub plans: Vec<Plan>,
    /// The messages.
    pub catalogue: Option<Catalogue>,
    /// The enrichments.
    pub enrich: Vec<Enrichment>,
    /// The tokens that mapped events must have.
    pub required: Vec<Required>,
}

/// A wrapper of a whole record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrap {
    /// Quotes of CSV.
    Csv,
    /// A string of JSON.
    Json,
}

/// A step of `decode`.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// A syslog header.
    Syslog(Header),
    /// Templates.
    Template(Vec<Template>),
    /// Pairs with an assignment sign.
    KeyValue(KeyValue),
    /// CEF.
    Cef(Extension),
    /// LEEF.
    Leef(Extension),
    /// Columns.
    Csv(Csv),
    /// A JSON object.
    Json(Json),
    /// Named lists of steps.
    OneOf(Vec<(String, Vec<Step>)>),
    /// The catalogue, by these fields.
    Catalogue(Vec<Slot>, Keyless),
}

/// What becomes of a record without a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keyless {
    /// Its text is not read.
    Unread,
    /// Its text may say which message it is.
    Match,
    /// Its text must say so.
    Require,
}

/// Where the parts of a syslog header go.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    /// The parts in the order host, time, pri, program, pid, msgid, relay, relay-time.
    pub parts: [Target; 8],
    /// Words that open the body.
    pub before: Vec<String>,
    /// Words that close the header.
    pub after: Vec<String>,
    /// What stands between the columns of what follows the header, if that is columns.
    pub columns: Vec<u8>,
}

/// A template and its constants.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    /// The ops.
    pub ops: Vec<Op>,
    /// Characters that may follow.
    pub trailing: String,
    /// Field and constant.
    pub set: Vec<(Slot, String)>,
    /// Lines that it matches, for the check of shadowed templates.
    pub witnesses: Vec<String>,
    /// Where it stands.
    pub span: Span,
}

/// Where a captured text goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The field.
    pub to: To,
    /// Whether the text is handed on.
    pub hand: bool,
}

/// The field of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum To {
    /// None; the text is only handed on.
    Nothing,
    /// A field that is read.
    Field(Slot),
    /// A field that is not.
    Extra(String),
}

/// What may follow an open text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct First {
    /// The bytes it may begin with: those of the first set, then those of the second, and so on; empty if it must be the end.
    pub sets: Vec<ByteSet>,
    /// Whether the text may end.
    pub end: bool,
}

/// A step of a pattern; see [`xdr_model::pattern::Op`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// Text.
    Literal(String),
    /// Text in front of open text.
    Lead(String),
    /// Open text.
    Text(Target, First),
    /// Open text, to the last place.
    Last(Target, First),
    /// Runs.
    Shape(Target, Vec<Run>),
    /// An address.
    Address(Target),
    /// Words.
    Words(Target, Vec<String>),
    /// The rest.
    Rest(Target),
    /// The start of a group.
    Open,
    /// The end of a group.
    Close(Target),
    /// Go on, or at this op; what may begin either way, if that is known.
    Split(u16, Option<First>, Option<First>),
    /// Go on at this op.
    Jump(u16),
    /// The part with this number.
    Part(usize),
}

/// The longest word of the literals that no way around leads past; every text that matches holds it.
pub fn longest_word(ops: &[Op]) -> &str {
    // Of several the first.
    words(ops).rev().max_by_key(|word| word.len()).unwrap_or_default()
}

/// The words of literals that stand in every line the ops match.
pub fn words(ops: &[Op]) -> impl DoubleEndedIterator<Item = &str> {
    let mut optional_to = 0;
    let mut literals = Vec::new();
    for (index, op) in ops.iter().enumerate() {
        match op {
            Op::Split(to, ..) | Op::Jump(to) => optional_to = optional_to.max(usize::from(*to)),
            Op::Literal(text) | Op::Lead(text) if index >= optional_to => literals.push(text.as_str()),
            _ => {}
        }
    }
    // A blank may be several, so a literal stands in a line word by word.
    literals.into_iter().flat_map(|text| text.split(' ')).filter(|word| !word.is_empty())
}

/// Pairs with an assignment sign.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyValue {
    /// The sign.
    pub assign: u8,
    /// The keys.
    pub keys: Vec<Key>,
    /// The key the text begins with.
    pub first: Option<String>,
    /// The key that is always the last one.
    pub last: Option<String>,
    /// Whether only listed keys end a value.
    pub only_known: bool,
    /// Whether a text with escapes has values as those of CEF.
    pub escapes: bool,
    /// Keys whose values may be nested, and whether keys below them are listed.
    pub nested: Vec<(String, bool)>,
}

/// A header of fixed parts with pairs behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct Extension {
    /// Where the parts go: prefix, version, vendor, product and the device's version, then of CEF signature, name and severity,
    /// of LEEF the event.
    pub parts: Vec<Target>,
    /// The keys.
    pub keys: Vec<Key>,
    /// Whether labels name the values of other keys.
    pub labels: bool,
}

/// Columns with a separator between them.
#[derive(Clone, Debug, PartialEq)]
pub struct Csv {
    /// The separator.
    pub separator: u8,
    /// The columns, in their order.
    pub columns: Vec<Key>,
    /// How many a record has at least.
    pub least: usize,
    /// The column whose template must match.
    pub kind: Option<usize>,
}

/// A key of the wire.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// As written.
    pub name: String,
    /// What becomes of its value.
    pub value: KeyTemplates,
}

/// What becomes of a value.
#[derive(Clone, Debug, PartialEq)]
pub enum KeyTemplates {
    /// All of it is one capture.
    Whole(Target),
    /// It is matched.
    Templates(Vec<Template>),
}

/// The paths of a JSON object.
#[derive(Clone, Debug, PartialEq)]
pub struct Json {
    /// The object.
    pub root: Node,
    /// Paths under which it may be wrapped.
    pub envelopes: Vec<Vec<String>>,
    /// The key by which it is known.
    pub key: Option<String>,
    /// Fields with alternatives: the field, and the fields that stand in for it, in order.
    pub prefer: Vec<(Slot, Vec<Slot>)>,
    /// The field whose text is handed on.
    pub hand: Option<Slot>,
}

/// A key of a JSON object.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Node {
    /// The key.
    pub key: String,
    /// The path, as it is written.
    pub path: String,
    /// The field its value fills.
    pub slot: Option<Slot>,
    /// The keys below.
    pub children: Vec<Node>,
    /// Which element of an array speaks.
    pub choose: Choose,
}

/// Which element of an array speaks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Choose {
    /// The array is a value.
    #[default]
    None,
    /// The first.
    First,
    /// The one with the highest number under this key.
    Highest(String),
    /// All of them, each under the value of this key.
    By(String),
    /// All of them.
    Each,
}

/// A catalogue.
#[derive(Clone, Debug, PartialEq)]
pub struct Catalogue {
    /// The parts of templates, by their numbers.
    pub parts: Vec<Vec<Op>>,
    /// Sorted by key.
    pub messages: Vec<Message>,
    /// For keys that begin so, longest first.
    pub prefixes: Vec<Message>,
    /// For keys that end so, longest first.
    pub suffixes: Vec<Message>,
    /// The pairs.
    pub pairs: Option<Pairs>,
    /// Whether an unlisted message is only partial.
    pub otherwise_partial: bool,
    /// The messages, by their index and in the order of their keys in small letters, if keys are compared without regard to case.
    pub folded: Vec<u16>,
    /// The messages, by their index and in the catalogue's order, whose templates find the message of a record without a key.
    pub keyless: Vec<u16>,
}

/// A message.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Its key.
    pub key: String,
    /// Field and constant.
    pub set: Vec<(Slot, String)>,
    /// Its templates.
    pub templates: Vec<Template>,
    /// What becomes of a text that no template reads.
    pub text: Text,
    /// Whether it is partial at best.
    pub partial: bool,
    /// The tokens that such an event must have if it is mapped.
    pub required: Vec<(Token, Span)>,
    /// Where it stands.
    pub span: Span,
}

/// What becomes of a text that no template reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    /// It is not understood.
    Templates,
    /// It is read as pairs.
    Pairs,
    /// It needs no reading.
    Any,
}

/// Bodies made of pairs.
#[derive(Clone, Debug, PartialEq)]
pub struct Pairs {
    /// What stands between pairs.
    pub separator: String,
    /// The keys, longest first.
    pub keys: Vec<Key>,
    /// Where text in front of the first key goes.
    pub prefix: Option<Target>,
    /// What unlisted keys end with; empty if there are none.
    pub unlisted: String,
}

/// Which table of the guide a row stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// The field table.
    Field,
    /// A derived row.
    Derived,
    /// The internal fields.
    Internal,
    /// A value map that is a mapping of its own.
    ValueMap,
    /// None.
    Beyond,
}

/// A row of the guide, for reports.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its table.
    pub section: Section,
    /// The first column.
    pub from: Vec<String>,
    /// The token.
    pub token: Option<Token>,
    /// The sample as printed.
    pub sample: String,
    /// The decision beside it.
    pub decision: String,
    /// Why it is waived.
    pub waived: String,
    /// Where it stands.
    pub span: Span,
}

/// A value map.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueMap {
    /// Its name in the spec.
    pub name: String,
    /// The guide's heading.
    pub title: String,
    /// The token whose values it makes.
    pub token: Option<Token>,
    /// Source value and normalised value, in order.
    pub cases: Vec<(String, String)>,
    /// Ranges and their value, ascending; empty for a map of cases.
    pub ranges: Vec<(i64, i64, String)>,
    /// Whether letters are compared without regard to case.
    pub fold: bool,
    /// What becomes of other values.
    pub otherwise: Otherwise,
    /// The decision beside it.
    pub decision: String,
    /// Whether it is not the guide's.
    pub beyond: bool,
}

/// What becomes of a value outside a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Otherwise {
    /// It is kept.
    Keep,
    /// It is an issue.
    Refuse,
    /// There is no value.
    Nothing,
}

/// How a token gets its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The token.
    pub token: Token,
    /// Prefers a mapping by the value of a field.
    pub by: Option<By>,
    /// The mappings, in the order in which they are tried.
    pub candidates: Vec<Candidate>,
    /// Whether all of them are gathered into a list.
    pub gather: bool,
}

/// Prefers a mapping by the value of a field.
#[derive(Clone, Debug, PartialEq)]
pub struct By {
    /// The field.
    pub slot: Slot,
    /// Its values and the mapping to try first, an index into the candidates.
    pub cases: Vec<(String, usize)>,
}

/// One way to a token's value.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The row, an index into [`Module::rows`].
    pub row: usize,
    /// When it applies; all must hold.
    pub when: Vec<Condition>,
    /// Texts that mean no value.
    pub none: Vec<String>,
    /// Where the value comes from.
    pub input: Input,
}

/// A condition on a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// It has one of these texts.
    Is(Slot, Vec<String>),
    /// It has a value.
    Present(Slot),
    /// It has none.
    Absent(Slot),
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A field, and what is made of it.
    Field(Slot, How),
    /// A constant.
    Constant(String),
    /// A setting of the run.
    Setting(Setting),
    /// The id of the event.
    EventId,
    /// The moment of receipt.
    Received,
    /// What an enrichment finds.
    Enriched(Part),
    /// A constant, if there is one, and the run's labels.
    Labels(Option<String>),
}

/// A setting of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// `customerId`.
    CustomerId,
    /// `collectorId`.
    CollectorId,
    /// `eventSourceId`.
    EventSourceId,
    /// `deviceHost`.
    DeviceHost,
}

/// What is made of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum How {
    /// A text.
    Text,
    /// What follows the last slash.
    BaseName,
    /// What stands before it.
    DirName,
    /// A phrase around the text.
    Phrase(String, String),
    /// The value of a map, by its number.
    Values(usize),
    /// The severity of a syslog priority, and the value map it goes through.
    PriSeverity(Option<usize>),
    /// A list.
    List(Option<String>),
    /// A list of addresses; a refused text may suit one of these kinds.
    Addresses(Option<String>, Vec<Kind>),
    /// A value of the token's kind; a refused text may suit one of these kinds.
    Kind(Vec<Kind>),
    /// What those tokens refuse.
    Refused(Vec<Token>),
    /// The address of a socket; a refused one may suit one of these kinds.
    Socket(Vec<Kind>),
    /// The address of a socket that those tokens refuse.
    SocketRefused(Vec<Token>),
    /// The port of a socket.
    SocketPort,
    /// A time.
    Time(TimeRule),
}
