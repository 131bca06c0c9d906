//! Rows and values of specs and drafts, and the text of a guide that says them.

use std::fmt::Write as _;

use xdr_codegen::ast::{Row, Spec};
use xdr_codegen::diag::Diagnostics;
use xdr_codegen::source::Files;
use xdr_runtime::info::{Info, Section};

/// Field, token and sample.
pub(crate) type RowFacts = (Vec<String>, String, String);

/// What a guide says, without how it is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) rows: Vec<RowFacts>,
    /// Title, source value and normalised value.
    pub(crate) values: Vec<[String; 3]>,
}

impl Facts {
    pub(crate) fn len(&self) -> usize {
        self.rows.len() + self.values.len()
    }

    /// What the other lacks or has otherwise, a line each.
    pub(crate) fn differences(&self, other: &Self) -> Vec<String> {
        let mut found = Vec::new();
        let mut rest = other.rows.clone();
        for row in &self.rows {
            if let Some(at) = rest.iter().position(|other| other == row) {
                rest.remove(at);
            } else {
                let near = other
                    .rows
                    .iter()
                    .find(|other| other.0 == row.0 && (other.1 == row.1 || other.2 == row.2));
                found.push(format!("row {row:?}, drafted {near:?}"));
            }
        }
        let mut rest = other.values.clone();
        for value in &self.values {
            if let Some(at) = rest.iter().position(|other| other == value) {
                rest.remove(at);
            } else {
                found.push(format!("value {value:?}"));
            }
        }
        found
    }
}

/// What a compiled source's guide says.
pub(crate) fn of_source(info: &Info) -> Facts {
    let in_guide =
        |section: Section| matches!(section, Section::Field | Section::Derived | Section::Internal);
    let rows = info.rows.iter().filter(|row| in_guide(row.section)).map(|row| {
        let from = row.from.iter().map(|part| (*part).to_owned()).collect();
        (from, row.token.map(|token| token.name().to_owned()).unwrap_or_default(), row.sample.to_owned())
    });
    let values = info.values.iter().filter(|map| !map.beyond).flat_map(|map| {
        map.cases.iter().map(|(source, normalised)| [map.title, source, normalised].map(str::to_owned))
    });
    Facts { rows: rows.collect(), values: values.collect() }
}

/// What a drafted spec says.
pub(crate) fn drafted(spec: &str) -> Facts {
    let mut files = Files::new();
    let mut diags = Diagnostics::new();
    let file = files.add("spec.yaml", spec);
    let spec: Spec = xdr_codegen::parse::spec(file, &files, &mut diags).unwrap();
    let row = |row: &Row| {
        let from = row.from.iter().flat_map(|from| from.iter()).map(|part| part.text.clone()).collect();
        let text = |text: &Option<xdr_codegen::node::Text>| {
            text.as_ref().map(|text| text.text.clone()).unwrap_or_default()
        };
        (from, text(&row.token), text(&row.sample))
    };
    let rows = spec.map.iter().chain(&spec.internal).map(row).collect();
    let values = spec.values.iter().flat_map(|(name, map)| {
        let title = map.title.as_ref().map_or_else(|| name.text.clone(), |title| title.text.clone());
        let cases = map.cases.iter().chain(map.ranges.iter());
        cases
            .map(move |(source, normalised)| [title.clone(), source.text.clone(), normalised.text.clone()])
            .collect::<Vec<_>>()
    });
    Facts { rows, values: values.collect() }
}

/// The text of a guide that says what a source's spec took from its own.
pub(crate) fn written_back(info: &Info) -> String {
    let [kind, vendor, product] = info.device;
    let mut text =
        format!("Context Extended Detection and Response\n\n{}\n\nData Mapping Guide\n\n", info.title);
    text.push_str(&day(info.published));
    let _ = write!(
        text,
        "\n\nTable of Contents\n\nOverview\t5\nDevice Details.....\t5\nData Field Mappings\t6\nQualys Internal Fields\t7\n"
    );
    let _ = write!(
        text,
        "\nDevice Details\n\n- **Device Type** – {kind}\n- **Device Vendor** – {vendor}\n- **Device Product** – {product}\n"
    );
    let _ = write!(
        text,
        "- **Supported Versions** – {}\n\nSupported Formats\n\nLogs come in these formats:\n\n",
        info.versions.join(", ")
    );
    for format in info.formats {
        let _ = writeln!(text, "- **{format}**");
    }
    text.push_str("\nData Field Mappings\n\nThis section says what the fields become.\n\n");
    let rows: Vec<_> = info
        .rows
        .iter()
        .filter(|row| row.section != Section::Beyond && row.section != Section::ValueMap)
        .collect();
    let (fields, internal): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| !row.from.is_empty());
    let depth = fields.iter().map(|row: &&xdr_runtime::info::Row| row.from.len()).max().unwrap_or(1);
    let head = format!(
        "Data Source Fields{}Qualys Context XDR QQL Tokens\tSample Values\tDescription\n",
        "\t".repeat(depth)
    );
    text.push_str(&head);
    for (at, row) in fields.iter().enumerate() {
        if at > 0 && at % 20 == 0 {
            let _ = write!(text, "\n{head}");
        }
        let names: Vec<&str> =
            (0..depth)
                .map(|place| {
                    if place + 1 == row.from.len() {
                        row.from.last().copied().unwrap_or_default()
                    } else {
                        ""
                    }
                })
                .collect();
        let token = row.token.map_or("", xdr_runtime::xdr_model::Token::name);
        let _ = writeln!(text, "{}\t{token}\t{}\tsome words about it", names.join("\t"), row.sample);
    }
    text.push_str("\nQualys Internal Fields\n\nQualys Context XDR QQL Tokens\tSample Values\n");
    for row in internal {
        let _ =
            writeln!(text, "{}\t{}", row.token.map_or("", xdr_runtime::xdr_model::Token::name), row.sample);
    }
    text.push_str("\nField Value Mappings\n");
    for map in info.values.iter().filter(|map| !map.beyond) {
        let _ =
            write!(text, "\nData source field: {}\n\nSource Values\tQualys Normalized Values\n", map.title);
        for (source, normalised) in map.cases {
            let _ = writeln!(text, "{source}\t{normalised}");
        }
    }
    text
}

/// A day as guides print it.
fn day(published: &str) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let mut parts = published.split('-').map(|part| part.parse::<usize>().unwrap_or(0));
    let (Some(year), Some(month), Some(day)) = (parts.next(), parts.next(), parts.next()) else {
        return String::new();
    };
    format!("{} {day}, {year}", MONTHS[month - 1])
}
