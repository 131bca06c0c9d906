//! Records that stand as a text in a member of the line's object.

use crate::diag::Diagnostics;
use crate::node::{FromNode, Node, NodeKind, OneOrMany, Role, Shape, Text, node};

/// Which records stand as a text in a member of the line's object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Embedded {
    /// Objects that have this key, in any member.
    Key(Text),
    /// Any text, in certain members.
    Rule(EmbeddedRule),
}

node! {
    /// The members of the line's object that may hold a record as a text.
    pub struct EmbeddedRule in "embedded" {
        /// The paths of the members; the first that holds a text counts.
        "in" => members: required OneOrMany<Text> [Name],
        /// Keys of records that are objects themselves: a line with one of them holds no other record.
        "key" => keys: optional OneOrMany<Text> [Name],
    }
}

impl FromNode for Embedded {
    const EXPECTED: &'static str = "a key, or a map with `in`";

    fn from_node(node: &Node, diags: &mut Diagnostics) -> Option<Self> {
        match &node.kind {
            NodeKind::Map(_) => EmbeddedRule::from_node(node, diags).map(Self::Rule),
            NodeKind::Scalar { .. } => Text::from_node(node, diags).map(Self::Key),
            _ => {
                node.wrong(
                    Self::EXPECTED,
                    "the members that hold a record are listed as `{ in: [message, log] }`",
                    diags,
                );
                None
            }
        }
    }

    fn shape() -> Shape {
        Shape::AnyOf(vec![Text::shape().of(Role::Name), EmbeddedRule::shape()])
    }
}
