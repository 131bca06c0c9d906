//! `xdr sources`: what is compiled in.

use std::io::Write;

use anstyle::Style;
use serde::Serialize;
use xdr_runtime::info::{Info, Records, Section};

use crate::cli::ListFormat;
use crate::failure::{DONE, Failure};
use crate::text::columns;

/// A source as it is listed. Rows are those of the guide's tables.
#[derive(Serialize)]
struct Listed {
    name: &'static str,
    title: &'static str,
    published: &'static str,
    formats: &'static [&'static str],
    device: Device,
    records: &'static str,
    rows: usize,
    waived: usize,
    beyond: usize,
    messages: usize,
}

#[derive(Serialize)]
struct Device {
    r#type: &'static str,
    vendor: &'static str,
    product: &'static str,
    versions: &'static [&'static str],
}

impl Listed {
    fn of(info: &'static Info) -> Self {
        let [kind, vendor, product] = info.device;
        let guide =
            || info.rows.iter().filter(|row| !matches!(row.section, Section::Beyond | Section::ValueMap));
        Self {
            name: info.name,
            title: info.title,
            published: info.published,
            formats: info.formats,
            device: Device { r#type: kind, vendor, product, versions: info.versions },
            records: match info.records {
                Records::Lines => "lines",
                Records::Json => "json",
            },
            rows: guide().count(),
            waived: guide().filter(|row| !row.waived.is_empty()).count(),
            beyond: info.rows.iter().filter(|row| row.section == Section::Beyond).count(),
            messages: info.catalogue.map_or(0, |catalogue| catalogue.messages.len()),
        }
    }
}

/// Prints the list.
pub(super) fn run(format: ListFormat, to: &mut dyn Write) -> Result<u8, Failure> {
    let listed: Vec<Listed> =
        crate::registry::sources().iter().map(|source| Listed::of(source.info)).collect();
    if format == ListFormat::Json {
        return super::json(to, &listed);
    }
    let mut rows = vec![["SOURCE", "TITLE", "ROWS", "WAIVED", "MESSAGES", "VERSIONS"].map(str::to_owned)];
    rows.extend(listed.iter().map(|listed| {
        [
            listed.name.to_owned(),
            listed.title.to_owned(),
            format!("{:>4}", listed.rows),
            format!("{:>6}", listed.waived),
            format!("{:>8}", listed.messages),
            listed.device.versions.join(", "),
        ]
    }));
    print(to, &rows)
}

/// Prints a table whose first row is its heading.
pub(super) fn print<const N: usize>(to: &mut dyn Write, rows: &[[String; N]]) -> Result<u8, Failure> {
    let bold = Style::new().bold();
    for (at, line) in columns(rows).iter().enumerate() {
        if at == 0 {
            writeln!(to, "{bold}{line}{bold:#}")?;
        } else {
            writeln!(to, "{line}")?;
        }
    }
    Ok(DONE)
}
