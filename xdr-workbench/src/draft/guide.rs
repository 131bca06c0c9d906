//! A guide as it was read: its facts and tables, in its own words and order.

/// What a guide says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guide {
    /// The product's name on the first page.
    pub title: Option<String>,
    /// The day of publication, as `2024-03-14`.
    pub published: Option<String>,
    /// The formats that the guide says the product logs in.
    pub formats: Vec<String>,
    /// The guide's device details.
    pub device: Device,
    /// The rows of the tables of fields.
    pub rows: Vec<Row>,
    /// The rows of the table of internal fields.
    pub internal: Vec<Row>,
    /// The tables of values.
    pub maps: Vec<ValueTable>,
    /// Whether the tables had lost their columns and were put together again.
    pub scanned: bool,
    /// What was seen and could not be taken over as it stands.
    pub notes: Vec<Note>,
}

/// What the guide says about the device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Device {
    /// Its class, such as `VPN`.
    pub kind: Option<String>,
    /// Its vendor.
    pub vendor: Option<String>,
    /// The product.
    pub product: Option<String>,
    /// The versions that the guide is about.
    pub versions: Vec<String>,
}

/// A row of a table of fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// The guide's line, counted from 1.
    pub line: usize,
    /// The names of the field, outermost first; empty in a table of internal fields.
    pub from: Vec<String>,
    /// The cell of the token.
    pub token: String,
    /// The cell of the sample.
    pub sample: String,
    /// Whether the following rows are nested below this one.
    pub heading: bool,
    /// What is uncertain about how the row was read.
    pub doubts: Vec<String>,
}

/// A table of values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ValueTable {
    /// The guide's line, counted from 1.
    pub line: usize,
    /// What stands behind "Data source field:".
    pub title: String,
    /// The heads of the first and the last column, of its last row of heads.
    pub heads: Option<[String; 2]>,
    /// Source value and normalised value.
    pub cases: Vec<[String; 2]>,
    /// What is uncertain about how the table was read.
    pub doubts: Vec<String>,
}

/// Something that the author of the spec should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The guide's line, counted from 1; 0 if it is about the whole.
    pub line: usize,
    /// What, in one line.
    pub text: String,
    /// Whether `xdr check` refuses the draft for it.
    pub refused: bool,
}

impl Note {
    /// A remark about a line.
    pub fn new(line: usize, text: impl Into<String>) -> Self {
        Self { line, text: text.into(), refused: false }
    }

    /// Something that `xdr check` refuses until it is decided.
    pub fn open(line: usize, text: impl Into<String>) -> Self {
        Self { line, text: text.into(), refused: true }
    }
}
