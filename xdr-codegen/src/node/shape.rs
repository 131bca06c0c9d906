//! What may be written where a type is read, as data: the parser's own tables, for those who describe the language to others.
//!
//! Every [`FromNode`](super::FromNode) has its shape. The macros `node!` and `words!` make it of the same lines from which they make the
//! reader, so the two cannot differ.

use super::KeyDoc;

/// What may be written in a place.
#[derive(Clone, Debug)]
pub enum Shape {
    /// A text of this role.
    Text(Role),
    /// `true` or `false`.
    Flag,
    /// One of these words, each with what it means.
    Words(Vec<(&'static str, &'static str)>),
    /// A list of at least so many.
    List(Box<Shape>, usize),
    /// One, or a list of at least one.
    OneOrMany(Box<Shape>),
    /// A map from texts of the author's choice, with at least so many entries.
    Entries {
        /// The role of its keys.
        keys: Role,
        /// Its values.
        values: Box<Shape>,
        /// The least number of entries.
        least: usize,
    },
    /// A map whose keys the language knows. Blocks may hold each other, so what is in one is asked for by a function.
    Block(&'static str, fn() -> BlockShape),
    /// A map with exactly one of the keys of a block.
    One(&'static str, fn() -> BlockShape),
    /// One of several.
    AnyOf(Vec<Shape>),
    /// A block that must have this key here.
    With(Box<Shape>, &'static str),
}

/// A map whose keys the language knows.
#[derive(Clone, Debug)]
pub struct BlockShape {
    /// What it is.
    pub about: &'static str,
    /// Its keys, each with what stands under it.
    pub keys: Vec<(KeyDoc, Shape)>,
    /// What must hold of its keys together.
    pub rules: Vec<Rule>,
}

/// What must hold of the keys of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// At least one of them is there.
    Some(&'static [&'static str]),
    /// At most one of them is there.
    One(&'static [&'static str]),
    /// The first is not there without the second.
    Needs(&'static str, &'static str),
    /// The first is not there unless the second has this word.
    NeedsWord(&'static str, &'static str, &'static str),
    /// The first is not there with the second.
    Without(&'static str, &'static str),
}

/// What a text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Anything.
    Any,
    /// A name, which may not be blank.
    Name,
    /// A token of the schema.
    Token,
    /// A source.
    Source,
    /// A day of the calendar.
    Date,
    /// A number, or a range of numbers.
    Range,
    /// The beginning or the end of a message's key.
    Family,
}

impl Shape {
    /// The same with texts of this role: the keys of a map, and else every text in it.
    #[must_use]
    pub fn of(self, role: Role) -> Self {
        match self {
            Self::Text(_) => Self::Text(role),
            Self::List(inner, least) => Self::List(Box::new(inner.of(role)), least),
            Self::OneOrMany(inner) => Self::OneOrMany(Box::new(inner.of(role))),
            Self::Entries { values, least, .. } => Self::Entries { keys: role, values, least },
            other => other,
        }
    }

    /// The same, with blocks that must have this key here.
    #[must_use]
    pub fn with(self, key: &'static str) -> Self {
        match self {
            Self::List(inner, least) => Self::List(Box::new(inner.with(key)), least),
            inner => Self::With(Box::new(inner), key),
        }
    }
}
