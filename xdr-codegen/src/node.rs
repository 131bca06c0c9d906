//! The tree that a YAML text becomes, and how Rust types are read from it.
//!
//! [`FromNode`] reads a type from a [`Node`]. It pushes everything that does not fit and gives the value as far as it can.
//! The macros `node!` and `words!` write it for blocks with keys and for sets of words.

mod block;
mod shape;
mod trap;

use std::ops::Deref;

use crate::diag::{Code, Diagnostic, Diagnostics, Instead, near, quote};
use crate::source::Span;

pub use block::{Block, KeyDoc};
pub(crate) use block::{node, words};
pub use shape::{BlockShape, Role, Rule, Shape};
pub use trap::trap;

/// A piece of a YAML text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Where it stands, with its quotes or brackets.
    pub span: Span,
    /// What it is.
    pub kind: NodeKind,
}

/// What a piece of a YAML text is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeKind {
    /// A text. Without quotes it keeps its spelling: `022` stays `022`.
    Scalar {
        /// As it is meant: without quotes, escapes replaced.
        text: String,
        /// Whether it was written in quotes or as a block (`|`, `>`).
        quoted: bool,
    },
    /// A list, in order.
    List(Vec<Node>),
    /// A map, in the order of the text; keys are scalars and unique.
    Map(Vec<(Node, Node)>),
    /// Nothing: a key without a value.
    Null,
    /// Something that was reported already; readers say nothing more about it.
    Refused,
}

impl NodeKind {
    /// What it is, for messages that say what was found.
    pub fn what(&self) -> String {
        match self {
            Self::Scalar { text, .. } => format!("the text {}", quote(text)),
            Self::List(_) => "a list".to_owned(),
            Self::Map(_) => "a map".to_owned(),
            Self::Null => "nothing".to_owned(),
            Self::Refused => "something that is refused".to_owned(),
        }
    }
}

impl Node {
    /// The text of a scalar.
    pub fn scalar(&self) -> Option<&str> {
        match &self.kind {
            NodeKind::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The text of a scalar without quotes, with which the words of the language are written.
    pub fn word(&self) -> Option<&str> {
        match &self.kind {
            NodeKind::Scalar { text, quoted: false } => Some(text),
            _ => None,
        }
    }

    /// The value under a key of a map.
    pub fn get(&self, key: &str) -> Option<&Self> {
        let NodeKind::Map(entries) = &self.kind else { return None };
        entries.iter().find(|(name, _)| name.scalar() == Some(key)).map(|(_, value)| value)
    }

    /// Whether it holds something that was reported already.
    pub fn has_refused(&self) -> bool {
        match &self.kind {
            NodeKind::Refused => true,
            NodeKind::List(items) => items.iter().any(Self::has_refused),
            NodeKind::Map(entries) => entries.iter().any(|(_, value)| value.has_refused()),
            NodeKind::Scalar { .. } | NodeKind::Null => false,
        }
    }

    /// Reports that something else was expected here; says nothing about what was reported before.
    pub fn wrong(&self, expected: &str, help: &str, diags: &mut Diagnostics) {
        let help = match &self.kind {
            NodeKind::Refused => return,
            NodeKind::Null => "give the key a value, or leave the key away",
            _ => help,
        };
        let message = format!("expected {expected}, found {}", self.kind.what());
        diags.push(Diagnostic::new(Code::WrongType, self.span, message).help(help));
    }
}

/// The help where a text is expected: most often a template was not quoted.
pub const TEXT_HELP: &str = "a text that begins with `{` or `[` must be quoted";
/// The help where a list is expected.
pub const LIST_HELP: &str = "write a list, as in `[a, b]`";
/// The help where a map is expected.
pub const MAP_HELP: &str = "write a map, as in `{ key: value }`";

/// A type that is read from a piece of YAML.
pub trait FromNode: Sized {
    /// What is expected, for messages: `a text`.
    const EXPECTED: &'static str;

    /// Reads the value; pushes what does not fit, and gives nothing when no value can be made.
    fn from_node(node: &Node, diags: &mut Diagnostics) -> Option<Self>;

    /// What may be written.
    fn shape() -> Shape;
}

/// A scalar that is meant as text. It may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text {
    /// The text as meant.
    pub text: String,
    /// Its place, quotes included.
    pub span: Span,
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl FromNode for Text {
    const EXPECTED: &'static str = "a text";

    fn from_node(node: &Node, diags: &mut Diagnostics) -> Option<Self> {
        let NodeKind::Scalar { text, quoted } = &node.kind else {
            node.wrong(Self::EXPECTED, TEXT_HELP, diags);
            return None;
        };
        if !quoted && let Some(taken_for) = trap(text) {
            let message = format!("{} without quotes could be read as {taken_for}", quote(text));
            diags.push(
                Diagnostic::new(Code::UnquotedTrap, node.span, message)
                    .help(format!("quote it: `\"{}\"`", quote(text).trim_matches('`')))
                    // Texts that are read as something else hold neither quotes nor escapes.
                    .instead(Instead::Text(format!("\"{text}\""))),
            );
        }
        Some(Self { text: text.clone(), span: node.span })
    }

    fn shape() -> Shape {
        Shape::Text(Role::Any)
    }
}

/// `true` or `false`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flag {
    /// The value.
    pub value: bool,
    /// Its place.
    pub span: Span,
}

impl FromNode for Flag {
    const EXPECTED: &'static str = "`true` or `false`";

    fn from_node(node: &Node, diags: &mut Diagnostics) -> Option<Self> {
        match node.word() {
            Some("true") => Some(Self { value: true, span: node.span }),
            Some("false") => Some(Self { value: false, span: node.span }),
            _ => {
                node.wrong(Self::EXPECTED, "write one of the two words, without quotes", diags);
                None
            }
        }
    }

    fn shape() -> Shape {
        Shape::Flag
    }
}

/// Members that cannot be read are left out.
impl<T: FromNode> FromNode for Vec<T> {
    const EXPECTED: &'static str = "a list";

    fn from_node(node: &Node, diags: &mut Diagnostics) -> Option<Self> {
        let NodeKind::List(items) = &node.kind else {
            node.wrong(Self::EXPECTED, LIST_HELP, diags);
            return None;
        };
        Some(items.iter().filter_map(|item| T::from_node(item, diags)).collect())
    }

    fn shape() -> Shape {
        Shape::List(Box::new(T::shape()), 0)
    }
}

/// One value, or a list of at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneOrMany<T> {
    /// The values, in order.
    pub items: Vec<T>,
    /// The place of the whole.
    pub span: Span,
}

impl<T> Deref for OneOrMany<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.items
    }
}

impl<T: FromNode> FromNode for OneOrMany<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    fn from_node(node: &Node, diags: &mut Diagnostics) -> Option<Self> {
        let items = match &node.kind {
            NodeKind::List(items) if items.is_empty() => {
                diags.push(
                    Diagnostic::new(Code::Empty, node.span, "the list is empty")
                        .help("give it a member, or leave the key away"),
                );
                return None;
            }
            NodeKind::List(_) => Vec::from_node(node, diags)?,
            _ => vec![T::from_node(node, diags)?],
        };
        (!items.is_empty()).then_some(Self { items, span: node.span })
    }

    fn shape() -> Shape {
        Shape::OneOrMany(Box::new(T::shape()))
    }
}

/// A map from texts of the author's choice, in the order of the text. Its keys are unique.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entries<T> {
    /// Keys and values.
    pub items: Vec<(Text, T)>,
    /// The place of the whole.
    pub span: Span,
}

impl<T> Entries<T> {
    /// The value under a key.
    pub fn get(&self, key: &str) -> Option<&T> {
        self.items.iter().find(|(name, _)| name.text == key).map(|(_, value)| value)
    }
}

impl<T> Default for Entries<T> {
    fn default() -> Self {
        Self { items: Vec::new(), span: Span::default() }
    }
}

impl<T> Deref for Entries<T> {
    type Target = [(Text, T)];

    fn deref(&self) -> &[(Text, T)] {
        &self.items
    }
}

impl<T: FromNode> FromNode for Entries<T> {
    const EXPECTED: &'static str = "a map";

    fn from_node(node: &Node, diags: &mut Diagnostics) -> Option<Self> {
        let NodeKind::Map(entries) = &node.kind else {
            node.wrong(Self::EXPECTED, MAP_HELP, diags);
            return None;
        };
        let mut items = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let key = Text::from_node(key, diags);
            let value = T::from_node(value, diags);
            items.extend(key.zip(value));
        }
        Some(Self { items, span: node.span })
    }

    fn shape() -> Shape {
        Shape::Entries { keys: Role::Any, values: Box::new(T::shape()), least: 0 }
    }
}

/// One of a set of words, with its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The word's meaning.
    pub value: T,
    /// Its place.
    pub span: Span,
}

/// A set of words of the language; `words!` writes it.
pub trait Words: Copy + 'static {
    /// The code of the diagnostic for another word.
    const CODE: Code;
    /// What is expected, for messages.
    const EXPECTED: &'static str;
    /// The words, as they are spelt, with their meaning.
    const WORDS: &'static [(&'static str, Self)];
    /// What each of them means, in the same order.
    const DOCS: &'static [&'static str];
}

impl<T: Words> FromNode for Spanned<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    fn from_node(node: &Node, diags: &mut Diagnostics) -> Option<Self> {
        let Some(text) = node.scalar() else {
            node.wrong(T::EXPECTED, "write one word", diags);
            return None;
        };
        if let Some(&(_, value)) = T::WORDS.iter().find(|(word, _)| *word == text) {
            return Some(Self { value, span: node.span });
        }
        let message = format!("expected {}, found {}", T::EXPECTED, quote(text));
        diags.push(unknown(T::CODE, node.span, message, text, T::WORDS.iter().map(|(word, _)| *word)));
        None
    }

    fn shape() -> Shape {
        let words = T::WORDS.iter().map(|(word, _)| *word);
        Shape::Words(words.zip(T::DOCS.iter().copied()).collect())
    }
}

/// A diagnostic about a name that is none of `known`: it suggests the nearest, or lists them.
pub fn unknown<'a>(
    code: Code,
    span: Span,
    message: String,
    name: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Diagnostic {
    let diagnostic = Diagnostic::new(code, span, message);
    match near(name, known.clone()) {
        Some(near) => diagnostic.suggest(Some(near)),
        None => diagnostic.help(format!("known here: {}", known.map(quote).collect::<Vec<_>>().join(", "))),
    }
}
