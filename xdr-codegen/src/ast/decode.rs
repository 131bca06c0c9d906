//! The steps of `decode`.

use std::ops::Deref;

use crate::ast::Fold;
use crate::ast::extension::{Cef, Leef};
use crate::diag::{Code, Diagnostic, Diagnostics, quote};
use crate::node::{
    Block, BlockShape, Entries, Flag, FromNode, KeyDoc, MAP_HELP, Node, NodeKind, OneOrMany, Role, Rule,
    Shape, Spanned, Text, node, unknown, words,
};
use crate::source::Span;

/// A step of `decode`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Takes off a syslog header.
    Syslog(Syslog),
    /// Matches the whole text in hand; the first template that matches counts.
    Template(OneOrMany<Text>),
    /// Reads pairs of key and value.
    KeyValue(KeyValue),
    /// Reads CEF.
    Cef(Cef),
    /// Reads LEEF.
    Leef(Leef),
    /// Reads columns.
    Csv(Csv),
    /// Reads a JSON object.
    Json(Json),
    /// Named lists of steps, of which the first that succeeds is taken.
    OneOf(Entries<Steps>),
    /// Looks the record's message up.
    Catalogue(Catalogue),
}

impl Step {
    /// What the block is called in messages and in the reference.
    pub const BLOCK: &'static str = "decode";
    /// The steps.
    pub const KEYS: &'static [KeyDoc] = &[
        KeyDoc { name: "syslog", doc: "Takes off a syslog header.", required: false },
        KeyDoc {
            name: "template",
            doc: "A template, or a list of which the first that matches counts.",
            required: false,
        },
        KeyDoc { name: "key-value", doc: "Reads pairs of key and value.", required: false },
        KeyDoc { name: "cef", doc: "Reads CEF, the Common Event Format.", required: false },
        KeyDoc { name: "leef", doc: "Reads LEEF, the Log Event Extended Format.", required: false },
        KeyDoc { name: "csv", doc: "Reads columns with a separator between them.", required: false },
        KeyDoc { name: "json", doc: "Reads a JSON object.", required: false },
        KeyDoc {
            name: "one-of",
            doc: "Named lists of steps; the first that succeeds is taken.",
            required: false,
        },
        KeyDoc { name: "catalogue", doc: "Looks the record's message up.", required: false },
    ];
}

impl FromNode for Step {
    const EXPECTED: &'static str = "a step with its name as key";

    fn from_node(node: &Node, diags: &mut Diagnostics) -> Option<Self> {
        let (key, value) = single(node, Self::EXPECTED, diags)?;
        let name = key.scalar()?;
        let mut known = Self::KEYS.iter().zip(&FORMS);
        if let Some((_, form)) = known.find(|(key, _)| key.name == name) {
            return (form.read)(value, diags);
        }
        let message = format!("there is no step {}", quote(name));
        let known = Self::KEYS.iter().map(|key| key.name);
        diags.push(unknown(Code::UnknownStep, key.span, message, name, known));
        None
    }

    fn shape() -> Shape {
        Shape::One("Step", || {
            let shapes = FORMS.iter().map(|form| (form.shape)());
            let keys = Self::KEYS.iter().copied().zip(shapes).collect();
            BlockShape { about: "A step that takes its part of a record.", keys, rules: Vec::new() }
        })
    }
}

/// How a step is read, and what may be written.
struct Form {
    read: fn(&Node, &mut Diagnostics) -> Option<Step>,
    shape: fn() -> Shape,
}

/// The forms of the steps, in the order of [`Step::KEYS`]. Reading and the shape both go by them.
const FORMS: [Form; Step::KEYS.len()] = [
    Form { read: |node, diags| Syslog::from_node(node, diags).map(Step::Syslog), shape: Syslog::shape },
    Form {
        read: |node, diags| OneOrMany::from_node(node, diags).map(Step::Template),
        shape: <OneOrMany<Text>>::shape,
    },
    Form { read: |node, diags| KeyValue::from_node(node, diags).map(Step::KeyValue), shape: KeyValue::shape },
    Form { read: |node, diags| Cef::from_node(node, diags).map(Step::Cef), shape: Cef::shape },
    Form { read: |node, diags| Leef::from_node(node, diags).map(Step::Leef), shape: Leef::shape },
    Form { read: |node, diags| Csv::from_node(node, diags).map(Step::Csv), shape: Csv::shape },
    Form { read: |node, diags| Json::from_node(node, diags).map(Step::Json), shape: Json::shape },
    Form {
        read: |node, diags| Entries::from_node(node, diags).map(Step::OneOf),
        shape: || Shape::Entries { keys: Role::Name, values: Box::new(Steps::shape()), least: 1 },
    },
    Form {
        read: |node, diags| Catalogue::from_node(node, diags).map(Step::Catalogue),
        shape: Catalogue::shape,
    },
];

/// A list of at least one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Steps {
    /// The steps that could be read, in order.
    pub items: Vec<Step>,
    /// Whether something of the list could not be read.
    pub broken: bool,
    /// The place of the whole.
    pub span: Span,
}

impl Deref for Steps {
    type Target = [Step];

    fn deref(&self) -> &[Step] {
        &self.items
    }
}

impl FromNode for Steps {
    const EXPECTED: &'static str = "a list";

    fn from_node(node: &Node, diags: &mut Diagnostics) -> Option<Self> {
        let before = diags.errors();
        let items: Vec<Step> = Vec::from_node(node, diags)?;
        if matches!(&node.kind, NodeKind::List(items) if items.is_empty()) {
            diags.push(
                Diagnostic::new(Code::NoSteps, node.span, "there is no step")
                    .help("begin with a step such as `- syslog: {}`, `- json: {}` or `- template: \"…\"`"),
            );
        }
        let broken = diags.errors() > before || node.has_refused();
        Some(Self { items, broken, span: node.span })
    }

    fn shape() -> Shape {
        Shape::List(Box::new(Step::shape()), 1)
    }
}

/// The only entry of a map that must have one.
pub(super) fn single<'n>(
    node: &'n Node,
    expected: &str,
    diags: &mut Diagnostics,
) -> Option<(&'n Node, &'n Node)> {
    let NodeKind::Map(entries) = &node.kind else {
        node.wrong(expected, MAP_HELP, diags);
        return None;
    };
    match entries.as_slice() {
        [] => {
            let message = format!("expected {expected}, found an empty map");
            diags.push(Diagnostic::new(Code::Empty, node.span, message).help("write a key and its value"));
            None
        }
        [(key, value)] => Some((key, value)),
        [(first, _), (second, _), ..] => {
            let message = format!("expected {expected}, found several keys");
            diags.push(
                Diagnostic::new(Code::ConflictingKeys, second.span, message)
                    .also(first.span, "the first key")
                    .help("keep one of the keys; another step begins with a `-` of its own"),
            );
            None
        }
    }
}

node! {
    /// Takes off whatever syslog header stands in front. The keys without a field name leave their part to `unmapped`.
    pub struct Syslog in "syslog" {
        /// The field that gets the host of the header's last stamp.
        "host" => host: optional Text [Name],
        /// The field that gets the last stamp of the header, with its zone word or offset.
        "time" => time: optional Text [Name],
        /// The field that gets the priority.
        "pri" => pri: optional Text [Name],
        /// The field that gets the program's name.
        "program" => program: optional Text [Name],
        /// The field that gets the process id.
        "pid" => pid: optional Text [Name],
        /// The field that gets the message id of RFC 5424.
        "msgid" => msgid: optional Text [Name],
        /// The field that gets the host of an outer header.
        "relay" => relay: optional Text [Name],
        /// The field that gets the stamp of an outer header; of several the outermost.
        "relay-time" => relay_time: optional Text [Name],
        /// Words that open the body: everything in front of the first of them is header.
        "before" => before: list Vec<Text> [Name],
        /// Words that close the header; they are taken off with it.
        "after" => after: list Vec<Text> [Name],
    }
}

/// Brackets are counted in texts that have no escapes.
const KEY_VALUE: &[Rule] = &[Rule::Without("escapes", "nested")];

node! {
    /// Reads pairs of key and value, separated by blanks.
    pub struct KeyValue in "key-value" where KEY_VALUE {
        /// What stands between key and value; `=` by default.
        "assign" => assign: optional Text [Name],
        /// Key of the wire → template of its value, or several that are tried in order.
        "keys" => keys: list Entries<OneOrMany<Text>> [Name],
        /// A key that the text must begin with.
        "first" => first: optional Text [Name],
        /// A listed key that is always the last one: its value runs to the end of the text.
        "last" => last: optional Text,
        /// Whether only listed keys end an unquoted value; `false` by default.
        "only-known" => only_known: optional Flag,
        /// Whether the values of a text in which `=` or a backslash is escaped are escaped as those of CEF; `false` by default.
        "escapes" => escapes: optional Flag,
        /// Listed keys whose values, if they begin with `[` or `map[`, run to the bracket that closes it.
        "nested" => nested: list Vec<Text>,
    }
}

node! {
    /// Reads columns with a separator between them, quoted or not.
    pub struct Csv in "csv" {
        /// The names of the columns, in their order. A column fills the field of its name; where nothing reads that, it goes to `unmapped`.
        "columns" => columns: required Vec<Text> [Name],
        /// Column → template of its value, or several that are tried in order.
        "keys" => keys: list Entries<OneOrMany<Text>> [Name],
        /// What stands between two columns; `,` by default.
        "separator" => separator: optional Text,
        /// How many columns a record has at least; by default all that are listed.
        "least" => least: optional Text,
        /// A column of `keys` whose template must match, so that other forms are told apart.
        "kind" => kind: optional Text [Name],
    }
}

node! {
    /// Reads a JSON object.
    pub struct Json in "json" {
        /// Paths under which the object itself may be wrapped.
        "envelope" => envelope: list Vec<Text>,
        /// Field → path, or paths of which the first present counts. By default a field's name is its path.
        "paths" => paths: list Entries<OneOrMany<Text>> [Name],
        /// The field whose text is handed on to the next step.
        "hand" => hand: optional Text [Name],
        /// Path of an array of objects → which of its elements speak.
        "choose" => choose: list Entries<Choose>,
    }
}

/// Which element of an array speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choose {
    /// The first.
    First(Span),
    /// The one with the highest number under that key; of equal ones the first.
    Highest(Text),
    /// All of them, each under the value that it has for that key.
    By(Text),
    /// All of them, for list tokens.
    Each(Span),
}

impl Choose {
    /// What the block is called in messages and in the reference.
    pub const BLOCK: &'static str = "choose";
    /// Its keys.
    pub const KEYS: &'static [KeyDoc] = &[
        KeyDoc {
            name: "highest",
            doc: "The key whose number is compared: the highest speaks.",
            required: false,
        },
        KeyDoc {
            name: "by",
            doc: "The key whose value names the element: paths go through it as through a key.",
            required: false,
        },
    ];
}

impl FromNode for Choose {
    const EXPECTED: &'static str = "`first`, `each`, `{ highest: key }` or `{ by: key }`";

    fn from_node(node: &Node, diags: &mut Diagnostics) -> Option<Self> {
        match &node.kind {
            NodeKind::Map(_) => {
                let block = Block::begin(node, Self::BLOCK, Self::KEYS, diags)?;
                let (key, value) = single(node, Self::EXPECTED, diags)?;
                let read = Text::from_node(value, diags)?;
                let highest = block.value("highest").is_some();
                key.scalar().map(|_| if highest { Self::Highest(read) } else { Self::By(read) })
            }
            NodeKind::Scalar { text, .. } if text == "first" => Some(Self::First(node.span)),
            NodeKind::Scalar { text, .. } if text == "each" => Some(Self::Each(node.span)),
            NodeKind::Scalar { text, .. } => {
                let message = format!("expected {}, found {}", Self::EXPECTED, quote(text));
                diags.push(
                    Diagnostic::new(Code::UnknownWord, node.span, message)
                        .help("name the key that decides: `{ highest: score }`, or the one that tells elements apart: `{ by: type }`"),
                );
                None
            }
            _ => {
                node.wrong(Self::EXPECTED, "say which element speaks", diags);
                None
            }
        }
    }

    fn shape() -> Shape {
        let words = [("first", "The first."), ("each", "All of them, for list tokens.")];
        let by_key = Shape::One("Choose", || BlockShape {
            about: "The element with the highest number under a key, or each under the value of a key.",
            keys: Self::KEYS.iter().map(|key| (*key, Text::shape())).collect(),
            rules: Vec::new(),
        });
        Shape::AnyOf(vec![Shape::Words(words.to_vec()), by_key])
    }
}

node! {
    /// Looks the record's message up and reads the text in hand by it.
    pub struct Catalogue in "catalogue" {
        /// The field that names the message; several are joined by one blank.
        "key" => key: required OneOrMany<Text> [Name],
        /// The catalogue, beside the spec.
        "file" => file: required Text [Name],
        /// What a record is whose message is not listed; `partial` by default.
        "otherwise" => otherwise: optional Spanned<Status>,
        /// How keys are compared; `exact` by default.
        "fold" => fold: optional Spanned<Fold>,
        /// What becomes of a record without a key.
        "keyless" => keyless: optional Spanned<Keyless>,
    }
}

words! {
    /// The state of a record.
    pub enum Status or UnknownWord, "`partial` or `mapped`" {
        /// The header is known, the text is not.
        "partial" => Partial,
        /// Everything is known.
        "mapped" => Mapped,
    }
}

words! {
    /// What becomes of a record without a key.
    pub enum Keyless or UnknownWord, "`match` or `require`" {
        /// It is tried against the templates of all messages.
        "match" => Match,
        /// So too, and the step fails if none matches.
        "require" => Require,
    }
}
