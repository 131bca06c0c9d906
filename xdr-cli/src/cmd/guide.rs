//! `xdr guide`: the guide's tables, written back from the compiled spec.

use std::fmt::Write as _;
use std::io::Write;

use serde::Serialize;
use xdr_runtime::enrich::Declared;
use xdr_runtime::info::{Info, Row, Section, ValueMap};

use crate::cli::{GuideArgs, GuideFormat};
use crate::enrich::told;
use crate::failure::{DONE, Failure};

/// Prints the guide of a source.
pub(super) fn run(args: &GuideArgs, to: &mut dyn Write) -> Result<u8, Failure> {
    let info = super::source(&args.name)?.info;
    match args.format {
        GuideFormat::Json => super::json(to, &rows(info)),
        GuideFormat::Markdown => {
            to.write_all(markdown(info).as_bytes())?;
            Ok(DONE)
        }
    }
}

/// A row of the JSON form.
#[derive(Debug, PartialEq, Serialize)]
struct JsonRow {
    section: &'static str,
    from: Vec<&'static str>,
    token: Option<&'static str>,
    sample: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waived: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    enrich: Option<&'static str>,
}

fn some(text: &'static str) -> Option<&'static str> {
    Some(text).filter(|text| !text.is_empty())
}

/// Whether a row stands in one of the guide's tables of fields. Mappings made by value maps stand in tables of their own.
fn in_guide(row: &Row) -> bool {
    matches!(row.section, Section::Field | Section::Derived | Section::Internal)
}

/// What fills the token of a row besides records.
fn enricher(info: &Info, row: &Row) -> Option<&'static Declared> {
    if row.waived.is_empty() { info.enrichment(row.token?) } else { None }
}

/// The guide's rows, then its value maps, in its order.
fn rows(info: &Info) -> Vec<JsonRow> {
    let fields = info.rows.iter().filter(|row| in_guide(row)).map(|row| JsonRow {
        section: row.section.word(),
        from: row.from.to_vec(),
        token: row.token.map(xdr_model::Token::name),
        sample: some(row.sample),
        waived: some(row.waived),
        enrich: enricher(info, row).map(|one| one.by.word()),
    });
    let maps = info.values.iter().filter(|map| !map.beyond).flat_map(|map| {
        map.cases.iter().map(|&(from, normalised)| JsonRow {
            section: Section::ValueMap.word(),
            from: vec![from],
            token: map.token.map(xdr_model::Token::name),
            sample: some(normalised),
            waived: None,
            enrich: None,
        })
    });
    fields.chain(maps).collect()
}

fn markdown(info: &Info) -> String {
    let mut out = format!("# {}\n\n", cell(info.title));
    let [kind, vendor, product] = info.device;
    for (name, text) in [
        ("Source", format!("`{}`", info.name)),
        ("Guide published", info.published.to_owned()),
        ("Device", [kind, vendor, product].map(cell).join(", ")),
        ("Versions", info.versions.join(", ")),
        ("Formats", info.formats.join(", ")),
    ] {
        if !text.is_empty() {
            let _ = writeln!(out, "- {name}: {text}");
        }
    }
    for (section, heading) in [
        (Section::Field, "Fields"),
        (Section::Derived, "Derived fields"),
        (Section::Internal, "Internal fields"),
    ] {
        let rows: Vec<&Row> = info.rows.iter().filter(|row| row.section == section).collect();
        if !rows.is_empty() {
            let _ = write!(out, "\n## {heading}\n\n");
            field_table(&mut out, &rows);
        }
    }
    if info.values.iter().any(|map| !map.beyond) {
        out.push_str("\n## Value mappings\n");
        for map in info.values.iter().filter(|map| !map.beyond) {
            value_table(&mut out, map);
        }
    }
    enrichment(&mut out, info);
    decisions(&mut out, info);
    beyond(&mut out, info);
    out
}

fn field_table(out: &mut String, rows: &[&Row]) {
    out.push_str("| Field | Token | Sample | Not mapped because |\n|---|---|---|---|\n");
    for row in rows {
        let token = row.token.map_or(String::new(), |token| format!("`{token}`"));
        let _ = writeln!(out, "| {} | {token} | {} | {} |", path(row), cell(row.sample), cell(row.waived));
    }
}

fn value_table(out: &mut String, map: &ValueMap) {
    let token = map.token.map_or(String::new(), |token| format!(" → `{token}`"));
    let _ =
        write!(out, "\n### {}{token}\n\n| Source value | Normalised value |\n|---|---|\n", cell(map.title));
    for (from, normalised) in map.cases {
        let _ = writeln!(out, "| {} | {} |", cell(from), cell(normalised));
    }
}

/// What is filled with what no record holds.
fn enrichment(out: &mut String, info: &Info) {
    if info.enrich.is_empty() {
        return;
    }
    out.push_str("\n## Enrichment\n\n| By | Reads | Fills | Option |\n|---|---|---|---|\n");
    for one in info.enrich {
        let option = told::option(one.by);
        let _ =
            writeln!(out, "| {} | {} | {} | `{option}` |", one.by.word(), told::reads(one), told::fills(one));
    }
}

/// What was decided where the guide leaves a choice.
fn decisions(out: &mut String, info: &Info) {
    let rows = info.rows.iter().filter(|row| !row.decision.is_empty()).map(|row| {
        let token = row.token.map_or(String::new(), |token| format!("`{token}`"));
        let arrow = if row.from.is_empty() || token.is_empty() { "" } else { " → " };
        format!("{}{arrow}{token}: {}", path(row), cell(row.decision))
    });
    let maps = info.values.iter().filter(|map| !map.decision.is_empty());
    let maps = maps.map(|map| format!("values of {}: {}", cell(map.title), cell(map.decision)));
    let mut heading = "\n## Decisions\n\n";
    for line in rows.chain(maps) {
        out.push_str(std::mem::take(&mut heading));
        let _ = writeln!(out, "- {line}");
    }
}

/// What the spec has and the guide has not.
fn beyond(out: &mut String, info: &Info) {
    let rows: Vec<&Row> = info.rows.iter().filter(|row| row.section == Section::Beyond).collect();
    let maps: Vec<&ValueMap> = info.values.iter().filter(|map| map.beyond).collect();
    if rows.is_empty() && maps.is_empty() {
        return;
    }
    out.push_str("\n## Beyond the guide\n");
    if !rows.is_empty() {
        out.push('\n');
        field_table(out, &rows);
    }
    for map in maps {
        value_table(out, map);
    }
}

fn path(row: &Row) -> String {
    row.from.iter().map(|part| cell(part)).collect::<Vec<_>>().join(" › ")
}

/// A text inside a table: bars would end the cell, a break the row; `<` would begin a tag.
fn cell(text: &str) -> String {
    let mut out = String::new();
    for character in text.chars() {
        match character {
            '|' | '<' | '*' | '\\' | '`' | '[' => {
                out.push('\\');
                out.push(character);
            }
            '\n' | '\r' => out.push(' '),
            _ => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use xdr_model::Token;
    use xdr_runtime::enrich::By;
    use xdr_runtime::info::{Embedded, Records};

    const fn row(
        section: Section,
        from: &'static [&'static str],
        token: Option<Token>,
        sample: &'static str,
    ) -> Row {
        Row { section, from, token, sample, decision: "", waived: "" }
    }

    static INFO: Info = Info {
        name: "acme-vpn",
        title: "Acme VPN",
        published: "2024-03-14",
        formats: &["Syslog"],
        device: ["VPN", "Acme", "Acme VPN"],
        versions: &["1.0"],
        records: Records::Lines,
        unwrap: &[],
        embedded: Embedded::Never,
        fields: &[],
        rows: &[
            row(Section::Field, &["a|b", "c"], Some(Token::SourceUser), "kim"),
            Row {
                waived: "no directory",
                decision: "left out",
                ..row(Section::Internal, &[], Some(Token::UserStatus), "")
            },
            row(Section::Internal, &[], Some(Token::GeoSourceCity), "Oslo"),
            row(Section::ValueMap, &["Verb"], Some(Token::Action), ""),
            row(Section::Beyond, &["Port"], Some(Token::SourcePort), ""),
        ],
        values: &[
            ValueMap {
                title: "verb",
                token: Some(Token::Action),
                cases: &[("ok", "Allow")],
                decision: "",
                beyond: false,
            },
            ValueMap { title: "own", token: None, cases: &[("x", "y")], decision: "", beyond: true },
        ],
        catalogue: None,
        enrich: &[Declared {
            by: By::Geo,
            reads: &[&[Token::SourceIpv4]],
            fills: &[Token::GeoSourceCity],
            ahead: false,
        }],
        required: &[],
    };

    #[test]
    fn json_holds_the_guide_s_rows_and_values_only() {
        let expected = serde_json::json!([
            { "section": "field", "from": ["a|b", "c"], "token": "sourceUser", "sample": "kim" },
            { "section": "internal", "from": [], "token": "userStatus", "sample": null, "waived": "no directory" },
            { "section": "internal", "from": [], "token": "geoSourceCity", "sample": "Oslo", "enrich": "geo" },
            { "section": "value-map", "from": ["ok"], "token": "action", "sample": "Allow" },
        ]);
        assert_eq!(serde_json::to_value(rows(&INFO)).unwrap(), expected);
    }

    #[test]
    fn markdown_has_tables_decisions_and_what_goes_beyond() {
        assert_eq!(
            markdown(&INFO),
            "\
# Acme VPN

- Source: `acme-vpn`
- Guide published: 2024-03-14
- Device: VPN, Acme, Acme VPN
- Versions: 1.0
- Formats: Syslog

## Fields

| Field | Token | Sample | Not mapped because |
|---|---|---|---|
| a\\|b › c | `sourceUser` | kim |  |

## Internal fields

| Field | Token | Sample | Not mapped because |
|---|---|---|---|
|  | `userStatus` |  | no directory |
|  | `geoSourceCity` | Oslo |  |

## Value mappings

### verb → `action`

| Source value | Normalised value |
|---|---|
| ok | Allow |

## Enrichment

| By | Reads | Fills | Option |
|---|---|---|---|
| geo | sourceIpv4 | geoSourceCity | `--geo` |

## Decisions

- `userStatus`: left out

## Beyond the guide

| Field | Token | Sample | Not mapped because |
|---|---|---|---|
| Port | `sourcePort` |  |  |

### own

| Source value | Normalised value |
|---|---|
| x | y |
"
        );
    }
}
