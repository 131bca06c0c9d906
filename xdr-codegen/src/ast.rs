//! A spec as it is written: the blocks of `mapping-specs/README.md`, key by key, every leaf with its place.
//!
//! The doc comments of the keys are the reference for spec authors; [`reference()`] lists them. Names are texts here: that they
//! name something, and that rows make sense, is for the later stages.

mod catalogue;
mod decode;
mod embedded;
mod enrich;
mod extension;
mod required;
mod row;

use crate::diag::{Code, Diagnostic, Diagnostics, quote};
use crate::node::{
    Entries, Flag, FromNode, KeyDoc, Node, NodeKind, OneOrMany, Rule, Shape, Spanned, Text, node, unknown,
    words,
};
use crate::source::Span;

pub use catalogue::{CatalogueFile, Family, Match, Message, Pairs, Reading, TextEntry};
pub use decode::{Catalogue, Choose, Csv, Json, KeyValue, Keyless, Status, Step, Steps, Syslog};
pub use embedded::{Embedded, EmbeddedRule};
pub use enrich::{Directory, Enrich, Enricher, Geo, Networks};
pub use extension::{Cef, Leef};
pub use required::{Required, RequiredRule};
pub use row::{Conversion, OrderPolicy, Row, RunValue, Section, Setting, Test, TimeRule, When, YearPolicy};

/// Every block of the language with its keys, in the order of the reference.
pub fn reference() -> Vec<(&'static str, &'static [KeyDoc])> {
    vec![
        (Spec::BLOCK, Spec::KEYS),
        (Guide::BLOCK, Guide::KEYS),
        (Device::BLOCK, Device::KEYS),
        (EmbeddedRule::BLOCK, EmbeddedRule::KEYS),
        (Step::BLOCK, Step::KEYS),
        (Syslog::BLOCK, Syslog::KEYS),
        (KeyValue::BLOCK, KeyValue::KEYS),
        (Cef::BLOCK, Cef::KEYS),
        (Leef::BLOCK, Leef::KEYS),
        (Csv::BLOCK, Csv::KEYS),
        (Json::BLOCK, Json::KEYS),
        (Choose::BLOCK, Choose::KEYS),
        (Catalogue::BLOCK, Catalogue::KEYS),
        (Row::BLOCK, Row::KEYS),
        (Conversion::BLOCK, Conversion::KEYS),
        (TimeRule::BLOCK, TimeRule::KEYS),
        (ValueMap::BLOCK, ValueMap::KEYS),
        (FanInRule::BLOCK, FanInRule::KEYS),
        (RequiredRule::BLOCK, RequiredRule::KEYS),
        (Enrich::BLOCK, Enrich::KEYS),
        (Networks::BLOCK, Networks::KEYS),
        (Directory::BLOCK, Directory::KEYS),
        (Geo::BLOCK, Geo::KEYS),
        (CatalogueFile::BLOCK, CatalogueFile::KEYS),
        (Message::BLOCK, Message::KEYS),
        (Match::BLOCK, Match::KEYS),
        (Pairs::BLOCK, Pairs::KEYS),
        (Family::BLOCK, Family::KEYS),
    ]
}

node! {
    /// A whole `spec.yaml`.
    pub struct Spec in "spec" {
        /// The source's name, equal to its folder's: lower-case words joined by `-`.
        "source" => source: required Text [Source],
        /// The guide that was transcribed.
        "guide" => guide: required Guide,
        /// The guide's "Device Details".
        "device" => device: required Device,
        /// How the input is cut into records; `lines` by default.
        "records" => records: optional Spanned<Records>,
        /// Wrappers to take off a whole line before anything else, in order.
        "unwrap" => unwrap: list Vec<Spanned<Wrapper>>,
        /// Records that stand as a text in a member of the line's JSON object: the members, or the key of such records that are objects.
        "embedded" => embedded: optional Embedded,
        /// The steps that take a record apart into fields.
        "decode" => decode: required Steps,
        /// The guide's field table: one entry a row, in the guide's order.
        "map" => map: required Vec<Row> [with from],
        /// The guide's table of internal fields, in its order.
        "internal" => internal: list Vec<Row>,
        /// The guide's value mappings, by name.
        "values" => values: list Entries<ValueMap> [Name],
        /// Token → how several mappings to it meet.
        "fan-in" => fan_in: list Entries<FanIn> [Token],
        /// Tokens without which no record is mapped.
        "required" => required: optional OneOrMany<Required> [Token],
        /// Which tokens are filled with what no record holds.
        "enrich" => enrich: optional Enrich,
        /// Mappings that the guide does not have, in the form of `map`.
        "beyond" => beyond: list Vec<Row>,
    }
}

node! {
    /// The guide that was transcribed.
    pub struct Guide in "guide" {
        /// The guide's title.
        "title" => title: required Text,
        /// The date of the edition, as `2024-03-14`, if the guide has one.
        "published" => published: optional Text [Date],
        /// The log formats that the guide names.
        "formats" => formats: list Vec<Text>,
    }
}

node! {
    /// The guide's "Device Details".
    pub struct Device in "device" {
        /// The device's type, such as `VPN`.
        "type" => kind: required Text,
        /// The vendor.
        "vendor" => vendor: required Text,
        /// The product.
        "product" => product: required Text,
        /// The versions that the guide names.
        "versions" => versions: list Vec<Text>,
    }
}

words! {
    /// How the input is cut into records.
    pub enum Records or UnknownWord, "`lines` or `json`" {
        /// One record a line.
        "lines" => Lines,
        /// Lines of JSON; a line that holds an array is one record an element.
        "json" => Json,
    }
}

words! {
    /// A wrapper around a whole line.
    pub enum Wrapper or UnknownWord, "`csv` or `json`" {
        /// Outer quotes, inner quotes doubled.
        "csv" => Csv,
        /// A JSON string.
        "json" => Json,
    }
}

/// A value map that is a mapping of its own has both ends.
const VALUE_MAP: &[Rule] =
    &[Rule::Needs("from", "token"), Rule::Needs("token", "from"), Rule::Needs("ranges", "over")];

node! {
    /// A value mapping of the guide.
    pub struct ValueMap in "values" where VALUE_MAP {
        /// The guide's heading.
        "title" => title: optional Text,
        /// The field that is read, when the map is a mapping of its own.
        "from" => from: optional Text [Name],
        /// The token that is filled, when the map is a mapping of its own.
        "token" => token: optional Text [Token],
        /// Source value → normalised value, in the guide's order.
        "cases" => cases: list Entries<Text>,
        /// For numbers: `n` or `n-m` → normalised value.
        "ranges" => ranges: list Entries<Text> [Range],
        /// With `ranges`: the numbers that can occur.
        "over" => over: optional Text [Range],
        /// How source values are compared; `exact` by default.
        "fold" => fold: optional Spanned<Fold>,
        /// What becomes of a value outside the map; `refuse` by default.
        "otherwise" => otherwise: optional Spanned<Outside>,
        /// Whether the map is not the guide's; `false` by default.
        "beyond" => beyond: optional Flag,
        /// What was decided where the guide leaves a choice.
        "decision" => decision: optional Text,
    }
}

words! {
    /// How source values and the keys of messages are compared.
    pub enum Fold or UnknownWord, "`exact` or `case`" {
        /// Character by character.
        "exact" => Exact,
        /// Without regard to case.
        "case" => Case,
    }
}

words! {
    /// What becomes of a value outside a map.
    pub enum Outside or UnknownWord, "`keep`, `refuse` or `none`" {
        /// It stays as it is.
        "keep" => Keep,
        /// It is refused with an issue.
        "refuse" => Refuse,
        /// It is no value.
        "none" => None,
    }
}

/// The policies that are one word, with what they mean.
const POLICIES: [(&str, &str); 2] = [
    ("first", "The first mapping that has a value, in the order of the rows."),
    ("list", "All of them, for list tokens."),
];

/// How several mappings to one token meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FanIn {
    /// The first that has a value, in the order of the rows.
    First(Span),
    /// All of them.
    List(Span),
    /// By names.
    Rule(FanInRule),
}

impl FanIn {
    /// The place of the whole.
    pub fn span(&self) -> Span {
        match self {
            Self::First(span) | Self::List(span) => *span,
            Self::Rule(rule) => rule.span,
        }
    }
}

/// What `by` and `cases` say, they say together.
const FAN_IN: &[Rule] = &[Rule::Needs("by", "cases"), Rule::Needs("cases", "by")];

node! {
    /// A policy that names the mappings.
    pub struct FanInRule in "fan-in" where FAN_IN {
        /// The mappings in order; the first that has a value counts.
        "first" => first: required OneOrMany<Text> [Name],
        /// The field that decides which one is preferred.
        "by" => by: optional Text [Name],
        /// With `by`: value of that field → the mapping that is preferred.
        "cases" => cases: list Entries<Text>,
    }
}

impl FromNode for FanIn {
    const EXPECTED: &'static str = "`first`, `list` or a map";

    fn from_node(node: &Node, diags: &mut Diagnostics) -> Option<Self> {
        match &node.kind {
            NodeKind::Scalar { text, .. } if text == "first" => Some(Self::First(node.span)),
            NodeKind::Scalar { text, .. } if text == "list" => Some(Self::List(node.span)),
            NodeKind::Scalar { text, .. } => {
                let message = format!("expected {}, found {}", Self::EXPECTED, quote(text));
                diags.push(unknown(
                    Code::UnknownWord,
                    node.span,
                    message,
                    text,
                    POLICIES.iter().map(|(word, _)| *word),
                ));
                None
            }
            NodeKind::Map(_) => {
                let rule = FanInRule::from_node(node, diags)?;
                for rule in FAN_IN {
                    if let Rule::Needs(key, other) = rule
                        && let (Some(value), None) = (node.get(key), node.get(other))
                    {
                        let message = format!("`{key}` says nothing without `{other}`");
                        diags.push(
                            Diagnostic::new(Code::ConflictingKeys, value.span, message)
                                .help(format!("add `{other}`, or leave `{key}` away")),
                        );
                    }
                }
                Some(Self::Rule(rule))
            }
            _ => {
                node.wrong(Self::EXPECTED, "name the mappings in order: `{ first: [a, b] }`", diags);
                None
            }
        }
    }

    fn shape() -> Shape {
        Shape::AnyOf(vec![Shape::Words(POLICIES.to_vec()), FanInRule::shape()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pieces of the language's reference that show keys: what stands in backticks in table rows, and code blocks.
    fn shown_keys() -> Vec<String> {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../mapping-specs/README.md");
        let text = std::fs::read_to_string(path).unwrap();
        let mut pieces = Vec::new();
        let mut in_code = false;
        for line in text.lines() {
            if line.starts_with("```") {
                in_code = !in_code;
            } else if in_code {
                pieces.push(line.to_owned());
            } else if line.starts_with('|') {
                pieces.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
            } else if let Some(heading) = line.strip_prefix("### `") {
                pieces.push(heading.trim_end_matches('`').to_owned());
            }
        }
        pieces
    }

    #[test]
    fn the_reference_shows_every_key_of_every_block() {
        let pieces = shown_keys();
        let part = |character: char| character.is_alphanumeric() || character == '-';
        for (block, keys) in reference() {
            assert!(!keys.is_empty(), "{block}");
            for key in keys {
                let found =
                    pieces.iter().any(|piece| piece.split(|at| !part(at)).any(|word| word == key.name));
                assert!(found, "mapping-specs/README.md does not show `{}` of `{block}`", key.name);
                assert!(
                    key.doc.ends_with('.') && !key.doc.starts_with(' '),
                    "{block}.{}: {:?}",
                    key.name,
                    key.doc
                );
            }
        }
    }

    #[test]
    fn the_top_level_table_of_the_reference_is_the_spec_block() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../mapping-specs/README.md");
        let text = std::fs::read_to_string(path).unwrap();
        let table = |heading: &str| -> Vec<String> {
            let lines = text.lines().skip_while(|line| *line != heading).skip(1);
            let rows = lines.skip_while(|line| !line.starts_with("|---")).skip(1);
            let rows = rows.take_while(|line| line.starts_with('|'));
            let cells = rows.filter_map(|row| row.split('|').nth(1));
            cells
                .flat_map(|cell| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>())
                .collect()
        };
        let names = |keys: &[KeyDoc]| -> Vec<String> { keys.iter().map(|key| key.name.to_owned()).collect() };
        assert_eq!(table("## Top-level keys"), names(Spec::KEYS));
        assert_eq!(table("## Rows: `map`, `internal`, `beyond`"), names(Row::KEYS));
        assert_eq!(table("## `values`"), names(ValueMap::KEYS));
        assert_eq!(table("### `key-value`"), names(KeyValue::KEYS));
        assert_eq!(table("### `cef`"), names(Cef::KEYS));
        assert_eq!(table("### `leef`"), names(Leef::KEYS));
        assert_eq!(table("### `csv`"), names(Csv::KEYS));
        assert_eq!(table("### `json`"), names(Json::KEYS));
        assert_eq!(table("### `catalogue`"), names(Catalogue::KEYS));
        assert_eq!(table("### Time"), names(TimeRule::KEYS));
    }
}
