//! Tokens that mapped events must have.

use xdr_model::Token;

use super::{Condition, Message, Module};
use crate::source::Span;

/// A token that every mapped event of a source must have.
#[derive(Clone, Debug, PartialEq)]
pub struct Required {
    /// The token.
    pub token: Token,
    /// When it must; all must hold.
    pub when: Vec<Condition>,
    /// Where it is named.
    pub span: Span,
}

impl Module {
    /// All messages and families.
    pub fn messages(&self) -> impl Iterator<Item = &Message> {
        let catalogue = self.catalogue.iter();
        catalogue.flat_map(|all| all.messages.iter().chain(&all.prefixes).chain(&all.suffixes))
    }

    /// Whether some message requires a token.
    pub fn is_required_by_messages(&self, token: Token) -> bool {
        self.messages().any(|message| message.required.iter().any(|(required, _)| *required == token))
    }
}
