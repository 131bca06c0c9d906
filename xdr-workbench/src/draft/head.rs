//! Heads of tables, and headings of sections: what a guide calls its parts, in the words that it may use.

use super::text::{folded, words};

/// Where a table of fields has its columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    /// How many columns the names of fields take; 0 in a table of internal fields.
    pub(super) names: usize,
    /// The column at which the names begin.
    pub(super) from: usize,
    /// The column of the token.
    pub(super) token: usize,
    /// The column of the sample.
    pub(super) sample: Option<usize>,
    /// The last column that the head names.
    pub(super) last: usize,
}

impl Columns {
    /// What a table without a head has, if the token stands there: fields in front of it, the sample behind.
    pub(super) fn around(token: usize) -> Self {
        Self { names: token, from: 0, token, sample: Some(token + 1), last: token + 2 }
    }

    /// The columns, moved to the right as the rows of a table are whose head lacks cells.
    pub(super) fn moved(self, by: usize) -> Self {
        Self {
            names: self.names + by,
            token: self.token + by,
            sample: self.sample.map(|at| at + by),
            last: self.last + by,
            ..self
        }
    }
}

/// What a cell of a head names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Field,
    Token,
    Sample,
    Text,
}

fn column(cell: &str) -> Option<Column> {
    let words = words(cell);
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    if words.is_empty() || words.len() > 8 {
        return None;
    }
    if has(&["description", "descriptions", "comment", "comments", "notes", "remarks", "details", "meaning"])
    {
        return Some(Column::Text);
    }
    if has(&["sample", "samples", "example", "examples"]) {
        return Some(Column::Sample);
    }
    if has(&["qql", "token", "tokens", "label", "labels"]) {
        return Some(Column::Token);
    }
    let field = has(&["field", "fields", "attribute", "attributes", "parameter", "parameters"]);
    let ours = has(&["qualys", "xdr", "normalized", "normalised", "mapped", "target"]);
    match (field, ours) {
        (true, true) => Some(Column::Token),
        (true, false) => Some(Column::Field),
        _ => None,
    }
}

/// The columns of a table of fields, if these cells are its head: a token must be among them, and something besides.
pub(super) fn columns(cells: &[String]) -> Option<Columns> {
    let found: Vec<Option<Column>> = cells.iter().map(|cell| column(cell)).collect();
    let filled = cells.iter().filter(|cell| !cell.is_empty()).count();
    let known = found.iter().flatten().count();
    // A row may hold such a word in its description; a head holds nothing else.
    if known < 2 || known + 1 < filled {
        return None;
    }
    let place = |wanted: Column| found.iter().position(|column| *column == Some(wanted));
    let token = place(Column::Token)?;
    let from = place(Column::Field);
    // The names go up to the next column that is headed.
    let names = from.map_or(0, |from| {
        let behind = cells.iter().skip(from + 1).position(|cell| !cell.is_empty());
        behind.map_or(1, |behind| behind + 1)
    });
    let last = cells.iter().rposition(|cell| !cell.is_empty()).unwrap_or(token);
    Some(Columns { names, from: from.unwrap_or(0), token, sample: place(Column::Sample), last })
}

/// Whether these cells are the head of a table of values: certainly, if each speaks of values; or if they could be.
pub(super) fn heads_values(cells: &[String]) -> Option<bool> {
    const OURS: [&str; 5] = ["qualys", "xdr", "normalized", "normalised", "mapped"];
    const WORDS: [&str; 8] = ["value", "values", "source", "field", "original", "token", "vendor", "raw"];
    let filled: Vec<Vec<String>> =
        cells.iter().filter(|cell| !cell.is_empty()).map(|cell| words(cell)).collect();
    let has = |words: &[String], wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    let values = filled.len() > 1 && filled.iter().all(|words| has(words, &["value", "values"]));
    let known = filled.iter().all(|words| has(words, &WORDS) || has(words, &OURS));
    let ours = filled.last().is_some_and(|words| has(words, &OURS));
    match () {
        () if values => Some(true),
        () if filled.len() > 1 && (known || ours) => Some(false),
        () => None,
    }
}

/// A part of a guide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Heading {
    /// The list of the guide's parts.
    Contents,
    /// Device details.
    Device,
    /// Supported formats.
    Formats,
    /// The tables of fields.
    Fields,
    /// The table of internal fields.
    Internal,
    /// The tables of values.
    Values,
    /// One table of values, with its title.
    Map(String),
    /// Something else.
    Other,
}

/// The part that a line without tabs opens.
pub(super) fn heading(text: &str) -> Option<Heading> {
    const OTHER: [&str; 7] =
        ["aboutthisguide", "aboutqualys", "qualyssupport", "overview", "support", "introduction", "appendix"];
    if let Some(title) = map_title(text) {
        return Some(Heading::Map(title));
    }
    if text.ends_with(['.', ',', ';']) || text.chars().count() > 60 {
        return None;
    }
    let bare = folded(text);
    let found = match bare.as_str() {
        "tableofcontents" | "contents" => Heading::Contents,
        "devicedetails" | "devicedetail" | "deviceinformation" | "productdetails" => Heading::Device,
        "supportedformats" | "supportedformat" | "supportedlogformats" | "logformats" | "formats" => {
            Heading::Formats
        }
        _ if OTHER.contains(&bare.as_str()) => Heading::Other,
        _ if bare.ends_with("internalfields") || bare.ends_with("internalfield") => {
            // A row of a field table may be called so too, without the publisher's name.
            if words(text).len() < 3 {
                return None;
            }
            Heading::Internal
        }
        _ if bare.contains("valuemapping") || bare == "valuemaps" || bare == "valuesmapping" => {
            Heading::Values
        }
        _ if bare.starts_with("datafieldmapping")
            || bare.starts_with("fieldmapping")
            || bare.starts_with("datafieldsmapping") =>
        {
            Heading::Fields
        }
        _ => return None,
    };
    Some(found)
}

/// What stands behind "Data source field:".
fn map_title(text: &str) -> Option<String> {
    const OPENINGS: [&str; 4] =
        ["data source field", "data source fields", "source field", "field value mapping for"];
    let lower = text.to_lowercase();
    let opening =
        OPENINGS.iter().filter(|opening| lower.starts_with(**opening)).max_by_key(|opening| opening.len())?;
    let rest = text.get(opening.len()..)?.trim_start();
    let rest = rest.strip_prefix([':', '-', '–', '—']).or_else(|| rest.is_empty().then_some(rest))?;
    let title = rest.trim();
    (!title.is_empty()).then(|| title.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<String> {
        text.split('|').map(str::to_owned).collect()
    }

    #[test]
    fn columns_are_known_by_several_words() {
        for (head, expected) in [
            (
                "Data Source Fields|Qualys Context XDR QQL Tokens|Sample Values|Description",
                Some((0, 1, 1, Some(2))),
            ),
            (
                "Data Source Fields|||Qualys XDR QQL Tokens|Sample Values|Description",
                Some((0, 3, 3, Some(4))),
            ),
            ("Qualys Context XDR QQL Tokens|Sample Values", Some((0, 0, 0, Some(1)))),
            ("Sample|Vendor Field|Notes|Qualys Field", Some((1, 1, 3, Some(0)))),
            ("Raw Attribute|Token", Some((0, 1, 1, None))),
            ("Description|Example", None),
            ("Source Values|Qualys Normalized Values", None),
            ("token|sourceUser|abc|token of the session", None),
        ] {
            let found =
                columns(&cells(head)).map(|found| (found.from, found.names, found.token, found.sample));
            assert_eq!(found, expected, "{head}");
        }
    }

    #[test]
    fn headings_are_short_lines_of_known_words() {
        for (text, expected) in [
            ("Data Field Mappings", Some(Heading::Fields)),
            ("Qualys Internal Fields", Some(Heading::Internal)),
            ("Internal Fields", None),
            ("Field Value Mappings", Some(Heading::Values)),
            ("Data source field: EventName", Some(Heading::Map("EventName".to_owned()))),
            ("Data Source Field – action", Some(Heading::Map("action".to_owned()))),
            ("Supported Formats", Some(Heading::Formats)),
            ("This section provides a detailed mapping of the data source fields to the schema.", None),
        ] {
            assert_eq!(heading(text), expected, "{text}");
        }
    }
}
