//! What `explain` and `guide` say of enrichments.

use xdr_model::Token;
use xdr_runtime::enrich::{By, Declared};

/// What a value that is not of the record was found by: `geo of sourceIpv4 or sourceIpv6`.
pub(crate) fn found_by(enrich: &[Declared], token: Token) -> Option<String> {
    let one = enrich.iter().find(|one| one.fills.contains(&token))?;
    let reads = reads(one);
    Some(if reads.is_empty() { one.by.word().to_owned() } else { format!("{} of {reads}", one.by.word()) })
}

/// The tokens that are read: `sourceIpv4 or sourceIpv6 and destinationIpv4`.
pub(crate) fn reads(one: &Declared) -> String {
    let sides = one.reads.iter().map(|side| names(side, " or "));
    sides.collect::<Vec<_>>().join(" and ")
}

/// The tokens that are filled.
pub(crate) fn fills(one: &Declared) -> String {
    names(one.fills, ", ")
}

fn names(tokens: &[Token], between: &str) -> String {
    tokens.iter().map(|token| token.name()).collect::<Vec<_>>().join(between)
}

/// The option that gives an enrichment what it looks up in.
pub(crate) const fn option(by: By) -> &'static str {
    match by {
        By::Networks => "--networks",
        By::Directory => "--directory",
        By::Geo => "--geo",
        By::Tags => "--tag",
    }
}
