//! What a record must give: tokens without which it is not mapped.

use super::When;
use crate::diag::Diagnostics;
use crate::node::{FromNode, Node, NodeKind, Role, Shape, TEXT_HELP, Text, node};

/// A token that an event must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Required {
    /// Always.
    Token(Text),
    /// Where conditions hold.
    Rule(RequiredRule),
}

impl Required {
    /// The token.
    pub fn token(&self) -> &Text {
        match self {
            Self::Token(token) => token,
            Self::Rule(rule) => &rule.token,
        }
    }

    /// When the event must have it.
    pub fn when(&self) -> Option<&When> {
        match self {
            Self::Token(_) => None,
            Self::Rule(rule) => rule.when.as_ref(),
        }
    }
}

node! {
    /// A token that an event must have under conditions.
    pub struct RequiredRule in "required" {
        /// The token.
        "token" => token: required Text [Token],
        /// When the event must have it; several conditions must all hold.
        "when" => when: optional When,
    }
}

impl FromNode for Required {
    const EXPECTED: &'static str = "a token, or a map with `token`";

    fn from_node(node: &Node, diags: &mut Diagnostics) -> Option<Self> {
        match &node.kind {
            NodeKind::Map(_) => RequiredRule::from_node(node, diags).map(Self::Rule),
            NodeKind::Scalar { .. } => Text::from_node(node, diags).map(Self::Token),
            _ => {
                node.wrong(Self::EXPECTED, TEXT_HELP, diags);
                None
            }
        }
    }
    fn shape() -> Shape {
        Shape::AnyOf(vec![Text::shape().of(Role::Token), RequiredRule::shape()])
    }
}
