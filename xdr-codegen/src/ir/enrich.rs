//! Enrichments with their tokens resolved.

use xdr_model::Token;

use crate::source::Span;

/// The ways to enrich.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enricher {
    /// The direction between networks.
    Networks,
    /// The directory of users.
    Directory,
    /// The place of an address.
    Geo,
    /// The run's labels.
    Tags,
}

impl Enricher {
    /// The key of the language.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Networks => "networks",
            Self::Directory => "directory",
            Self::Geo => "geo",
            Self::Tags => "tags",
        }
    }
}

/// What a filled token gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The direction between networks.
    Context,
    /// What the directory's column of the token's name says.
    Column,
    /// Latitude and longitude of the address with this number among those looked up.
    Coordinates(usize),
    /// Its country.
    Country(usize),
    /// Its city.
    City(usize),
    /// The run's labels.
    Labels,
}

/// An enrichment.
#[derive(Clone, Debug, PartialEq)]
pub struct Enrichment {
    /// What looks up.
    pub by: Enricher,
    /// The tokens that are read: of each list the first that has a value counts.
    pub reads: Vec<Vec<(Token, Span)>>,
    /// The tokens that are filled.
    pub fills: Vec<(Token, Part, Span)>,
}

/// The part that a token gets by enrichments of a kind.
pub fn part(enrichments: &[Enrichment], by: Enricher, token: Token) -> Option<Part> {
    let fills = enrichments.iter().filter(|one| one.by == by).flat_map(|one| &one.fills);
    fills.into_iter().find(|(filled, ..)| *filled == token).map(|(_, part, _)| *part)
}

/// The tokens that enrichments read, in the schema's order.
pub fn reads(enrichments: &[Enrichment]) -> Vec<Token> {
    let mut tokens: Vec<Token> =
        enrichments.iter().flat_map(|one| one.reads.iter().flatten()).map(|(token, _)| *token).collect();
    tokens.sort_unstable();
    tokens.dedup();
    tokens
}
