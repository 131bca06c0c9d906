//! Rows of the guide's tables, their conditions and conversions.

use super::decode::single;
use super::enrich::Enricher;
use crate::diag::{Code, Diagnostic, Diagnostics, quote};
use crate::node::{
    BlockShape, Entries, FromNode, KeyDoc, Node, NodeKind, OneOrMany, Role, Rule, Shape, Spanned, Text, node,
    unknown, words,
};
use crate::source::Span;

/// A row has a token or a reason, one input, and is not waived and mapped at once.
const ROW: &[Rule] = &[
    Rule::Some(&["token", "waived"]),
    Rule::Some(&["waived", "from", "field", "value", "setting", "run", "enrich"]),
    Rule::One(&["field", "value", "setting", "run"]),
    // Labels may stand behind a `value`.
    Rule::Without("enrich", "field"),
    Rule::Without("enrich", "setting"),
    Rule::Without("enrich", "run"),
    Rule::Without("waived", "field"),
    Rule::Without("waived", "value"),
    Rule::Without("waived", "values"),
    Rule::Without("waived", "otherwise"),
    Rule::Without("waived", "setting"),
    Rule::Without("waived", "run"),
    Rule::Without("waived", "enrich"),
    Rule::Without("waived", "as"),
    Rule::Without("waived", "when"),
];

/// Only the device's zone, a year that a text lacks and an order that is a setting are asked of other fields.
const TIME: &[Rule] = &[
    Rule::NeedsWord("zone-from", "zone", "device"),
    Rule::Needs("year-from", "year"),
    Rule::Needs("order-from", "order"),
];

node! {
    /// A row of the guide's table, or a mapping beyond it.
    pub struct Row in "row" where ROW {
        /// The guide's first column, as printed; a list for nested columns.
        "from" => from: optional OneOrMany<Text> [Name],
        /// The QQL token; left out only in a waived row.
        "token" => token: optional Text [Token],
        /// The guide's sample, as printed.
        "sample" => sample: optional Text,
        /// The separator, when the sample cell lists several values.
        "alternatives" => alternatives: optional Text,
        /// The field that is read, when it is not named as `from` (lists are joined by dots).
        "field" => field: optional Text [Name],
        /// A constant instead of a field.
        "value" => value: optional Text,
        /// A run-time setting instead of a field.
        "setting" => setting: optional Spanned<Setting>,
        /// A value of the run instead of a field.
        "run" => run: optional Spanned<RunValue>,
        /// What fills the token instead of a field; the `enrich` block declares it.
        "enrich" => enrich: optional Spanned<Enricher>,
        /// The part of the guide in which the row is printed.
        "section" => section: optional Spanned<Section>,
        /// When the row applies; several conditions must all hold.
        "when" => when: optional When,
        /// The conversion; without it the token's kind decides.
        "as" => conversion: optional Conversion,
        /// The value map that the value goes through.
        "values" => values: optional Text [Name],
        /// The token that gets a value which this row's token refuses and that one accepts; of a list the first that accepts it.
        "otherwise" => otherwise: optional OneOrMany<Text> [Token],
        /// Texts that mean "no value" on this wire.
        "none" => none: optional OneOrMany<Text>,
        /// What was decided where the guide leaves a choice.
        "decision" => decision: optional Text,
        /// Why this row is not mapped.
        "waived" => waived: optional Text [Name],
    }
}

words! {
    /// What a run can be told.
    pub enum Setting or UnknownSetting, "a setting" {
        /// The customer's id.
        "customerId" => CustomerId,
        /// The collector's id.
        "collectorId" => CollectorId,
        /// The event source's id.
        "eventSourceId" => EventSourceId,
        /// The host of the device.
        "deviceHost" => DeviceHost,
    }
}

words! {
    /// What a run knows by itself.
    pub enum RunValue or UnknownWord, "`event-id` or `received-time`" {
        /// The id of the event, made from the source, the position and the bytes.
        "event-id" => EventId,
        /// The moment of receipt.
        "received-time" => ReceivedTime,
    }
}

words! {
    /// The part of the guide in which a row is printed.
    pub enum Section or UnknownWord, "`field`, `derived` or `internal`" {
        /// The field table.
        "field" => Field,
        /// The table of derived fields.
        "derived" => Derived,
        /// The table of internal fields.
        "internal" => Internal,
    }
}

/// When a row applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct When {
    /// The place of the whole.
    pub span: Span,
    /// Field and what it must be; all must hold.
    pub tests: Vec<(Text, Test)>,
}

/// What a field must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// One of these texts.
    Is(OneOrMany<Text>),
    /// It has a value: the word `present` without quotes.
    Present(Span),
    /// It has none: the word `absent` without quotes.
    Absent(Span),
}

impl FromNode for Test {
    const EXPECTED: &'static str = "a text, a list of texts, `present` or `absent`";

    fn from_node(node: &Node, diags: &mut Diagnostics) -> Option<Self> {
        match node.word() {
            Some("present") => Some(Self::Present(node.span)),
            Some("absent") => Some(Self::Absent(node.span)),
            _ => OneOrMany::from_node(node, diags).map(Self::Is),
        }
    }

    fn shape() -> Shape {
        let words = [("present", "The field has a value."), ("absent", "The field has none.")];
        Shape::AnyOf(vec![Shape::Words(words.to_vec()), <OneOrMany<Text>>::shape()])
    }
}

impl FromNode for When {
    const EXPECTED: &'static str = "a map";

    fn from_node(node: &Node, diags: &mut Diagnostics) -> Option<Self> {
        let Entries { items, span } = Entries::from_node(node, diags)?;
        if items.is_empty() && matches!(&node.kind, NodeKind::Map(entries) if entries.is_empty()) {
            diags.push(
                Diagnostic::new(Code::Empty, span, "`when` has no condition")
                    .help("name a field and what it must be, or leave `when` away"),
            );
        }
        Some(Self { span, tests: items })
    }

    fn shape() -> Shape {
        Shape::Entries { keys: Role::Name, values: Box::new(Test::shape()), least: 1 }
    }
}

/// How a text becomes a value, where the token's kind does not say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conversion {
    /// A time.
    Time(Box<TimeRule>),
    /// An address with a port; the port goes to the token, if one is named.
    Socket {
        /// The place of the whole.
        span: Span,
        /// The token that gets the port.
        port: Option<Text>,
    },
    /// A list, one member between separators.
    Split {
        /// The place of the whole.
        span: Span,
        /// The separator.
        separator: Text,
    },
    /// A phrase around the value, which stands for `{}`.
    Phrase {
        /// The place of the whole.
        span: Span,
        /// The phrase.
        phrase: Text,
    },
    /// The severity of a syslog priority.
    PriSeverity(Span),
    /// What follows the last separator of a path.
    BaseName(Span),
    /// What stands before the last separator of a path.
    DirName(Span),
}

impl Conversion {
    /// What the block is called in messages and in the reference.
    pub const BLOCK: &'static str = "as";
    /// The conversions.
    pub const KEYS: &'static [KeyDoc] = &[
        KeyDoc { name: "time", doc: "A time, by formats that are tried in order.", required: false },
        KeyDoc {
            name: "socket",
            doc: "An address with a port; the token that gets the port may be named.",
            required: false,
        },
        KeyDoc { name: "split", doc: "A list; the separator of its members.", required: false },
        KeyDoc { name: "text", doc: "A phrase around the value, which stands for `{}`.", required: false },
        KeyDoc { name: "pri-severity", doc: "The severity, 0 to 7, of a syslog priority.", required: false },
        KeyDoc { name: "base-name", doc: "What follows the last `/` or `\\` of a path.", required: false },
        KeyDoc { name: "dir-name", doc: "What stands before it.", required: false },
    ];

    /// The place of the whole.
    pub fn span(&self) -> Span {
        match self {
            Self::Time(rule) => rule.span,
            Self::Socket { span, .. }
            | Self::Split { span, .. }
            | Self::Phrase { span, .. }
            | Self::PriSeverity(span)
            | Self::BaseName(span)
            | Self::DirName(span) => *span,
        }
    }
}

/// How a conversion is written.
struct Form {
    /// As one word.
    word: Option<fn(Span) -> Conversion>,
    /// As a key, with a value.
    value: Option<Value>,
}

/// The value of a conversion.
enum Value {
    /// The keys of a block, of which the conversion is the first.
    Block(fn(&Node, &mut Diagnostics) -> Option<Conversion>, fn() -> Shape),
    /// A text of a role.
    Text(fn(Span, Text) -> Conversion, Role),
}

/// The forms of the conversions, in the order of [`Conversion::KEYS`]. Reading and the shape both go by them.
const FORMS: [Form; Conversion::KEYS.len()] = {
    use Conversion::{BaseName, DirName, Phrase, PriSeverity, Socket, Split, Time};
    let time = |node: &Node, diags: &mut Diagnostics| {
        TimeRule::from_node(node, diags).map(|rule| Time(Box::new(rule)))
    };
    [
        Form { word: None, value: Some(Value::Block(time, TimeRule::shape)) },
        Form {
            word: Some(|span| Socket { span, port: None }),
            value: Some(Value::Text(|span, port| Socket { span, port: Some(port) }, Role::Token)),
        },
        Form { word: None, value: Some(Value::Text(|span, separator| Split { span, separator }, Role::Any)) },
        Form { word: None, value: Some(Value::Text(|span, phrase| Phrase { span, phrase }, Role::Any)) },
        Form { word: Some(PriSeverity), value: None },
        Form { word: Some(BaseName), value: None },
        Form { word: Some(DirName), value: None },
    ]
};

impl Conversion {
    fn forms() -> impl Iterator<Item = (&'static KeyDoc, &'static Form)> {
        Self::KEYS.iter().zip(&FORMS)
    }

    fn form(name: &str) -> Option<(&'static str, &'static Form)> {
        Self::forms().find(|(key, _)| key.name == name).map(|(key, form)| (key.name, form))
    }
}

impl FromNode for Conversion {
    const EXPECTED: &'static str = "a conversion";

    fn from_node(node: &Node, diags: &mut Diagnostics) -> Option<Self> {
        let span = node.span;
        if let Some(word) = node.scalar() {
            let Some((word, form)) = Self::form(word) else { return Self::unknown(span, word, diags) };
            if form.word.is_none() {
                let message = format!("the conversion `{word}` needs a value");
                diags.push(
                    Diagnostic::new(Code::WrongType, span, message).help(format!("write `{{ {word}: … }}`")),
                );
            }
            return form.word.map(|make| make(span));
        }
        // A block's keys stand beside each other; of all others there is one.
        for (_, form) in Self::forms().filter(|(key, _)| node.get(key.name).is_some()) {
            if let Some(Value::Block(read, _)) = &form.value {
                return read(node, diags);
            }
        }
        let (key, value) = single(node, Self::EXPECTED, diags)?;
        let Some((word, form)) = Self::form(key.scalar()?) else {
            return Self::unknown(key.span, key.scalar()?, diags);
        };
        match &form.value {
            Some(Value::Text(make, _)) => Text::from_node(value, diags).map(|text| make(span, text)),
            Some(Value::Block(read, _)) => read(node, diags),
            None => {
                let message = format!("the conversion `{word}` takes no value");
                diags.push(
                    Diagnostic::new(Code::WrongType, value.span, message).help(format!("write `as: {word}`")),
                );
                None
            }
        }
    }

    fn shape() -> Shape {
        let words = Self::forms().filter(|(_, form)| form.word.is_some()).map(|(key, _)| (key.name, key.doc));
        let mut all = vec![Shape::Words(words.collect())];
        all.extend(Self::forms().filter_map(|(_, form)| match form.value {
            Some(Value::Block(_, shape)) => Some(shape()),
            _ => None,
        }));
        all.push(Shape::One("Conversion", || {
            let text = |form: &Form| match form.value {
                Some(Value::Text(_, role)) => Some(Shape::Text(role)),
                _ => None,
            };
            let keys = Self::forms().filter_map(|(key, form)| Some((*key, text(form)?)));
            BlockShape { about: "How a text becomes a value.", keys: keys.collect(), rules: Vec::new() }
        }));
        Shape::AnyOf(all)
    }
}

impl Conversion {
    fn unknown(span: Span, word: &str, diags: &mut Diagnostics) -> Option<Self> {
        let message = format!("there is no conversion {}", quote(word));
        diags.push(unknown(
            Code::UnknownConversion,
            span,
            message,
            word,
            Self::KEYS.iter().map(|key| key.name),
        ));
        None
    }
}

node! {
    /// How a text becomes a time.
    pub struct TimeRule in "time" where TIME {
        /// The formats, tried in order.
        "time" => formats: required OneOrMany<Text>,
        /// The zone of texts that have none: `device`, `utc` or a name such as `Europe/Paris`.
        "zone" => zone: optional Text,
        /// With `zone: device`: the field of another stamp, whose offset, unless it is zero, holds for this text too.
        "zone-from" => zone_from: optional Text,
        /// The year of texts that have none.
        "year" => year: optional Spanned<YearPolicy>,
        /// With `year`: the field that states the year of texts that have none, as four digits or in a stamp of its own.
        "year-from" => year_from: optional Text,
        /// What decides where two formats read one text as two days.
        "order" => order: optional Spanned<OrderPolicy>,
        /// With `order`: the fields of other stamps, of which the first that tells decides how a text with two meanings is read.
        "order-from" => order_from: optional OneOrMany<Text>,
        /// Texts that mean no time.
        "unset" => unset: optional OneOrMany<Text>,
    }
}

words! {
    /// The year of a time that has none.
    pub enum YearPolicy or UnknownWord, "`past` or `nearest`" {
        /// The year that brings the time nearest to the moment of receipt.
        "nearest" => Nearest,
        /// The latest year that does not bring the time more than seven days beyond the moment of receipt.
        "past" => Past,
    }
}

words! {
    /// What decides between day and month.
    pub enum OrderPolicy or UnknownWord, "`setting`" {
        /// The run's `--date-order`.
        "setting" => Setting,
    }
}
