//! The text of a drafted spec.

use std::fmt::Write as _;

use super::guide::Guide;
use super::maps::PlannedMap;
use super::plan::{Input, Planned};
use super::yaml::{comment, flow, list, scalar};

/// The first line of a spec, by which editors find its schema.
pub(super) const SCHEMA: &str = "# yaml-language-server: $schema=../spec.schema.json\n";

/// The parts in front of `decode`.
pub(super) fn opening(name: &str, guide: &Guide, remark: &str) -> String {
    let title = guide.title.clone().unwrap_or_else(|| name.to_owned());
    let mut out = SCHEMA.to_owned() + &comment("", remark);
    let _ = writeln!(out, "source: {name}");
    let mut about = vec![format!("title: {}", scalar(&title))];
    about.extend(guide.published.as_ref().map(|day| format!("published: {day}")));
    if !guide.formats.is_empty() {
        about.push(format!("formats: {}", list(&guide.formats)));
    }
    out.push_str(&flow("guide: ", &about));
    let device = &guide.device;
    let mut members = Vec::new();
    for (key, value) in [("type", &device.kind), ("vendor", &device.vendor), ("product", &device.product)] {
        // What the guide lacks is left empty, and the check points at it.
        members.push(format!("{key}: {}", scalar(value.as_deref().unwrap_or_default())));
    }
    if !device.versions.is_empty() {
        members.push(format!("versions: {}", list(&device.versions)));
    }
    out.push_str(&flow("device: ", &members));
    out
}

/// The rows of `map` or `internal`.
pub(super) fn rows(key: &str, rows: &[Planned]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut out = format!("\n{key}:\n");
    for row in rows {
        for text in &row.comments {
            out.push_str(&comment("  ", text));
        }
        out.push_str(&flow("  - ", &members(row)));
    }
    out
}

fn members(row: &Planned) -> Vec<String> {
    let mut members = Vec::new();
    match row.from.as_slice() {
        [] => {}
        [name] => members.push(format!("from: {}", scalar(name))),
        path => members.push(format!("from: {}", list(path))),
    }
    if let Some(token) = &row.token {
        members.push(format!("token: {}", scalar(token)));
    }
    if let Some(section) = row.section {
        members.push(format!("section: {section}"));
    }
    let input = row.waived.is_none();
    if let (true, Some(field), Input::Field) = (input, &row.field, &row.input) {
        members.push(format!("field: {}", scalar(field)));
    }
    match &row.input {
        Input::Value(value) if input => members.push(format!("value: {}", scalar(value))),
        Input::Setting(setting) if input => members.push(format!("setting: {setting}")),
        Input::Run(run) if input => members.push(format!("run: {run}")),
        _ => {}
    }
    if let Some(sample) = &row.sample {
        members.push(format!("sample: {}", scalar(sample)));
    }
    if input {
        members.extend(row.conversion.members());
        members.extend(row.values.as_ref().map(|map| format!("values: {}", scalar(map))));
        if let Input::Enrich(by) = row.input {
            members.push(format!("enrich: {by}"));
        }
    }
    members.extend(row.waived.as_ref().map(|why| format!("waived: {}", scalar(why))));
    members
}

/// The block `values`.
pub(super) fn values(maps: &[PlannedMap]) -> String {
    if maps.is_empty() {
        return String::new();
    }
    let mut out = String::from("\nvalues:\n");
    for map in maps {
        for text in &map.comments {
            out.push_str(&comment("  ", text));
        }
        let _ = writeln!(out, "  {}:", scalar(&map.name));
        let title = if map.title.is_empty() { &map.name } else { &map.title };
        let _ = writeln!(out, "    title: {}", scalar(title));
        if let Some((field, token)) = &map.own {
            let _ = writeln!(out, "    from: {}\n    token: {token}", scalar(field));
        }
        if let Some(otherwise) = map.otherwise {
            let _ = writeln!(out, "    otherwise: {otherwise}");
        }
        if map.exact {
            out.push_str("    fold: exact\n");
        }
        let key = if map.over.is_some() { "ranges" } else { "cases" };
        let _ = writeln!(out, "    {key}:");
        for [source, normalised] in &map.cases {
            let _ = writeln!(out, "      {}: {}", scalar(source), scalar(normalised));
        }
        if let Some((low, high)) = map.over {
            let _ = writeln!(out, "    over: {low}-{high}");
        }
    }
    out
}
