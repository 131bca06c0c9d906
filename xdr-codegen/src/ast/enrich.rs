//! The `enrich` block: which tokens are filled with what no record holds, and which tokens are read for it.

use crate::node::{OneOrMany, Rule, Text, node, words};

node! {
    /// The enrichments of a source.
    pub struct Enrich in "enrich" {
        /// The direction between networks that are local and others.
        "networks" => networks: optional Networks,
        /// What a directory knows of the user.
        "directory" => directory: optional Directory,
        /// The places of addresses, one entry an address.
        "geo" => geo: optional OneOrMany<Geo>,
        /// The token that gets the run's labels.
        "tags" => tags: optional Text [Token],
    }
}

node! {
    /// The direction between networks that are local and others.
    pub struct Networks in "networks" {
        /// The tokens of the source's address; the first that has a value counts.
        "source" => source: required OneOrMany<Text> [Token],
        /// The tokens of the destination's address.
        "destination" => destination: required OneOrMany<Text> [Token],
        /// The token that gets the direction.
        "context" => context: required Text [Token],
    }
}

node! {
    /// What a directory knows of the user.
    pub struct Directory in "directory" {
        /// The tokens of the user; the first that has a value counts.
        "user" => user: required OneOrMany<Text> [Token],
        /// The tokens that get what the directory's columns of these names say.
        "fill" => fill: required OneOrMany<Text> [Token],
    }
}

/// A place fills something.
const GEO: &[Rule] = &[Rule::Some(&["coordinates", "country", "city"])];

node! {
    /// The place of an address.
    pub struct Geo in "geo" where GEO {
        /// The tokens of the address; the first that has a value counts.
        "address" => address: required OneOrMany<Text> [Token],
        /// The token that gets latitude and longitude.
        "coordinates" => coordinates: optional Text [Token],
        /// The token that gets the country.
        "country" => country: optional Text [Token],
        /// The token that gets the city.
        "city" => city: optional Text [Token],
    }
}

words! {
    /// What fills a row's token, as the `enrich` block says.
    pub enum Enricher or UnknownWord, "`networks`, `directory`, `geo` or `tags`" {
        /// The direction between networks.
        "networks" => Networks,
        /// The directory.
        "directory" => Directory,
        /// The place of an address.
        "geo" => Geo,
        /// The run's labels.
        "tags" => Tags,
    }
}
