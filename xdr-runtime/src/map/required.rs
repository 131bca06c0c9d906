//! Tokens that mapped events must have.

use xdr_model::Token;

use super::Mapper;
use crate::field::{Field, Name};
use crate::record::Status;
use crate::sink::{Issue, Reason, Sink};

/// The reason of an issue of a token that a mapped event must have.
pub const REQUIRED: &str = "required, and there is no value";

impl<'a, S: Sink<'a>, const N: usize> Mapper<'_, 'a, S, N> {
    /// Whether the record's message requires a token.
    #[cold]
    pub fn is_required(&self, token: Token) -> bool {
        self.parts.required.contains(&token)
    }

    /// A token that is required got no value: a record that would be mapped is only partial. Of one that is partial all the same
    /// nothing more is said.
    #[cold]
    pub fn lacks(&mut self, token: Token) {
        if self.parts.status == Status::Mapped {
            self.status = Status::Partial;
            let (name, value) = (Name::known(""), Field::default());
            self.sink.issue(Issue { token: Some(token), name, value, reason: Reason::Other(REQUIRED) });
        }
    }
}
