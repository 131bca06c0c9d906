//! What a compiled source says of itself: its guide's rows, its value maps, its messages.

use xdr_model::Token;

use crate::catalogue::Catalogue;
use crate::enrich::Declared;
use crate::format::json::Holders;
use crate::format::wrap::Wrap;

/// A compiled source's description.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Info {
    /// The source's name.
    pub name: &'static str,
    /// The guide's title.
    pub title: &'static str,
    /// When the guide was published, as the spec has it.
    pub published: &'static str,
    /// The formats the guide names.
    pub formats: &'static [&'static str],
    /// Type, vendor and product of the device.
    pub device: [&'static str; 3],
    /// The versions the guide supports.
    pub versions: &'static [&'static str],
    /// How the input is cut into records.
    pub records: Records,
    /// Wrappers to take off a record before it is parsed.
    pub unwrap: &'static [Wrap],
    /// Which records stand as a text in a member of the line's object.
    pub embedded: Embedded,
    /// Names of the fields that rows read, by their numbers.
    pub fields: &'static [&'static str],
    /// The rows of the guide and those beyond it, in the spec's order.
    pub rows: &'static [Row],
    /// The value maps.
    pub values: &'static [ValueMap],
    /// The messages, if the source has a catalogue.
    pub catalogue: Option<&'static Catalogue>,
    /// Which tokens are filled with what no record holds.
    pub enrich: &'static [Declared],
    /// The tokens that mapped events must have, some of them under conditions that only the spec tells.
    pub required: &'static [Token],
}

impl Info {
    /// The enrichment that fills a token.
    pub fn enrichment(&self, token: Token) -> Option<&'static Declared> {
        self.enrich.iter().find(|one| one.fills.contains(&token))
    }
}

/// How the input is cut into records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Records {
    /// Each line is a record.
    Lines,
    /// Each line is a record, or an array of records.
    Json,
}

/// Which records stand as a text in a member of the line's object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Embedded {
    /// None do.
    Never,
    /// Objects that have this key, in any member.
    Key(&'static str),
    /// Any text, in these members.
    In(Holders),
}

/// Which table of the guide a row stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Section {
    /// The field table.
    Field,
    /// A row that the field table calls derived.
    Derived,
    /// The internal fields.
    Internal,
    /// A value mapping.
    ValueMap,
    /// None: the row goes beyond the guide.
    Beyond,
}

impl Section {
    /// The word used in output: `field`, `derived`, `internal`, `value-map` or `beyond`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Field => "field",
            Self::Derived => "derived",
            Self::Internal => "internal",
            Self::ValueMap => "value-map",
            Self::Beyond => "beyond",
        }
    }
}

/// One row of a guide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Row {
    /// Where the guide prints it.
    pub section: Section,
    /// The guide's first column, outermost heading first; empty where the table has no such column.
    pub from: &'static [&'static str],
    /// The token; `None` only in waived rows.
    pub token: Option<Token>,
    /// The sample as printed; empty if there is none.
    pub sample: &'static str,
    /// What was decided where the guide leaves a choice.
    pub decision: &'static str,
    /// Why the row is not mapped; empty if it is.
    pub waived: &'static str,
}

/// A value mapping of a guide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ValueMap {
    /// The guide's heading.
    pub title: &'static str,
    /// The token whose values are normalised.
    pub token: Option<Token>,
    /// Source value and normalised value, in the guide's order.
    pub cases: &'static [(&'static str, &'static str)],
    /// What was decided where the guide leaves a choice.
    pub decision: &'static str,
    /// Whether the map is not the guide's.
    pub beyond: bool,
}
