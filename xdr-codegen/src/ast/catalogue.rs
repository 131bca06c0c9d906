//! The catalogue file: a source's messages.

use super::Status;
use crate::diag::Diagnostics;
use crate::node::{
    Entries, FromNode, Node, NodeKind, OneOrMany, Shape, Spanned, TEXT_HELP, Text, node, words,
};

node! {
    /// A whole catalogue file.
    pub struct CatalogueFile in "catalogue file" {
        /// Key → message.
        "messages" => messages: list Entries<Message> [Name],
        /// Beginning (`AUT*`) or end (`*I`) of keys that are not listed → what is known of them.
        "families" => families: list Entries<Family> [Family],
        /// Named pieces of templates, each one template or several alternatives.
        "parts" => parts: list Entries<OneOrMany<Text>> [Name],
        /// Characters that may follow any text and belong to no field.
        "trailing" => trailing: optional Text,
        /// How bodies made of pairs are read.
        "pairs" => pairs: optional Pairs,
    }
}

node! {
    /// A message of a catalogue.
    pub struct Message in "message" {
        /// Field → constant, for fields that the record itself does not fill.
        "set" => set: list Entries<Text> [Name],
        /// The templates of its text.
        "text" => text: optional OneOrMany<TextEntry>,
        /// How the text is read besides templates.
        "read" => read: optional Spanned<Reading>,
        /// The state of such a record; `mapped` by default.
        "status" => status: optional Spanned<Status>,
        /// Tokens without which such a record is not mapped.
        "required" => required: optional OneOrMany<Text> [Token],
        /// A remark for readers.
        "note" => note: optional Text,
    }
}

words! {
    /// How a message's text is read besides templates.
    pub enum Reading or UnknownWord, "`any` or `pairs`" {
        /// It needs no reading: the message alone counts.
        "any" => Any,
        /// As the catalogue's pairs.
        "pairs" => Pairs,
    }
}

/// One of the templates of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextEntry {
    /// A template.
    Template(Text),
    /// A template with constants of its own.
    Match(Match),
}

impl TextEntry {
    /// The template.
    pub fn template(&self) -> &Text {
        match self {
            Self::Template(template) => template,
            Self::Match(entry) => &entry.template,
        }
    }
}

node! {
    /// A template with constants of its own.
    pub struct Match in "text" {
        /// The template.
        "match" => template: required Text,
        /// Field → constant, when this template matches.
        "set" => set: list Entries<Text>,
    }
}

impl FromNode for TextEntry {
    const EXPECTED: &'static str = "a template as text, or a map with `match`";

    fn from_node(node: &Node, diags: &mut Diagnostics) -> Option<Self> {
        match &node.kind {
            NodeKind::Map(_) => Match::from_node(node, diags).map(Self::Match),
            NodeKind::Scalar { .. } => Text::from_node(node, diags).map(Self::Template),
            _ => {
                node.wrong(Self::EXPECTED, TEXT_HELP, diags);
                None
            }
        }
    }

    fn shape() -> Shape {
        Shape::AnyOf(vec![Text::shape(), Match::shape()])
    }
}

node! {
    /// How bodies made of pairs are read.
    pub struct Pairs in "pairs" {
        /// What stands between two pairs; ` - ` by default.
        "separator" => separator: optional Text,
        /// Key of the wire → template of its value, or several that are tried in order.
        "keys" => keys: required Entries<OneOrMany<Text>>,
        /// The field that gets the text in front of the first key.
        "prefix" => prefix: optional Text,
        /// What keys end with: a capitalised word that ends so, behind a separator, is a key though it is not listed.
        "unlisted" => unlisted: optional Text,
    }
}

node! {
    /// What is known of keys that are not listed.
    pub struct Family in "families" {
        /// Field → constant.
        "set" => set: list Entries<Text> [Name],
        /// Templates of its text, as in messages.
        "text" => text: optional OneOrMany<TextEntry>,
        /// How the text is read besides templates.
        "read" => read: optional Spanned<Reading>,
        /// The state of such a record; `partial` by default.
        "status" => status: optional Spanned<Status>,
        /// Tokens without which such a record is not mapped.
        "required" => required: optional OneOrMany<Text> [Token],
    }
}
