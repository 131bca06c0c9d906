//! From what is written to what is meant: names become numbers, tokens and ops, each looked up once.
//!
//! Guaranteed afterwards, when nothing was reported: every field that is read is defined somewhere and every field defined is read or kept;
//! tokens, value maps, parts, zones and formats exist; every row is a mapping that fits its token or is waived. What
//! concerns several items at once is for `check`.

mod ahead;
mod catalogue;
mod columns;
mod decode;
mod embedded;
mod enrich;
mod extension;
mod fields;
mod json;
mod pattern;
mod plans;
mod required;
mod rows;
mod time;
mod values;

use std::collections::BTreeMap;

use fields::Fields;
use pattern::Patterns;

use crate::ast;
use crate::diag::{Code, Diagnostic, Diagnostics, quote};
use crate::ir;
use crate::node::Text;
use crate::source::{FileId, Files};

/// Lowers a spec and its catalogue. Items that cannot be lowered are left out, and reported.
///
/// `catalogues` are the files beside the spec, by name; `folder` is the name that the source must have.
pub fn lower(
    spec: &ast::Spec,
    folder: &str,
    catalogues: &BTreeMap<String, FileId>,
    files: &Files,
    diags: &mut Diagnostics,
) -> ir::Module {
    if spec.source.text != folder {
        let message =
            format!("the source {} stands in the folder {}", quote(&spec.source.text), quote(folder));
        diags.push(Diagnostic::new(Code::BadSourceName, spec.source.span, message).help("name both alike"));
    }
    let mut fields = Fields::default();
    fields.incomplete = spec.decode.broken;
    collect_reads(spec, &mut fields);
    let mut patterns = Patterns {
        files,
        parts: BTreeMap::new(),
        used: std::collections::BTreeSet::new(),
        trailing: String::new(),
    };
    let mut steps = decode::Steps::new(catalogues, &mut fields, &mut patterns, diags).all(&spec.decode);
    let values = values::maps(spec, diags);
    let enrich = enrich::enrichments(spec, diags);
    let rows = rows::Rows::new(spec, &values, &enrich, &fields, diags).all();
    let trees = json::fill(spec, &mut steps.list, &mut fields, diags);
    rows::report_several(&rows, &trees, diags);
    // What a row without a token reads matters when it has one.
    for (name, _) in rows::all(spec).filter(|row| row.token.is_none()).filter_map(rows::field) {
        fields.hush(&name);
    }
    fields.report_unknown(diags);
    fields.report_many(diags);
    let plans = plans::plans(spec, &rows, &fields, diags);
    let required = required::of_source(spec, &fields, diags);
    let embedded = embedded::embedded(spec, diags);
    let text = |text: &Text| text.text.clone();
    ir::Module {
        name: text(&spec.source),
        title: text(&spec.guide.title),
        published: spec.guide.published.as_ref().map(text).unwrap_or_default(),
        formats: spec.guide.formats.iter().map(text).collect(),
        device: [text(&spec.device.kind), text(&spec.device.vendor), text(&spec.device.product)],
        versions: spec.device.versions.iter().map(text).collect(),
        json_records: spec.records.is_some_and(|records| records.value == ast::Records::Json),
        unwrap: spec
            .unwrap
            .iter()
            .map(|wrap| match wrap.value {
                ast::Wrapper::Csv => ir::Wrap::Csv,
                ast::Wrapper::Json => ir::Wrap::Json,
            })
            .collect(),
        embedded,
        fields: fields.names(),
        named: trees.named,
        told: steps.told(spec, &fields),
        steps: steps.list,
        rows: rows.rows,
        values,
        plans,
        catalogue: steps.catalogue,
        enrich,
        required,
    }
}

/// All the places of a spec that read a field.
fn collect_reads(spec: &ast::Spec, fields: &mut Fields) {
    for row in rows::all(spec) {
        if let Some((name, at)) = rows::field(row) {
            fields.read(&name, at);
        }
        if let Some(ast::Conversion::Time(rule)) = &row.conversion {
            let order = rule.order_from.iter().flat_map(|all| all.iter());
            for name in rule.zone_from.iter().chain(&rule.year_from).chain(order) {
                fields.read(&name.text, name.span);
            }
        }
        for (name, _) in row.when.iter().flat_map(|when| &when.tests) {
            fields.read(&name.text, name.span);
        }
    }
    for (_, map) in spec.values.iter() {
        if let (Some(from), Some(_)) = (&map.from, &map.token) {
            fields.read(&from.text, from.span);
        }
    }
    for (_, policy) in spec.fan_in.iter() {
        if let ast::FanIn::Rule(ast::FanInRule { by: Some(by), .. }) = policy {
            fields.read(&by.text, by.span);
        }
    }
    for when in spec.required.iter().flat_map(|all| all.iter()).filter_map(ast::Required::when) {
        for (name, _) in &when.tests {
            fields.read(&name.text, name.span);
        }
    }
    collect_step_reads(&spec.decode, fields);
}

fn collect_step_reads(steps: &[ast::Step], fields: &mut Fields) {
    for step in steps {
        match step {
            ast::Step::Catalogue(catalogue) => {
                for name in catalogue.key.iter() {
                    fields.read(&name.text, name.span);
                }
            }
            ast::Step::Json(json) => {
                if let Some(hand) = &json.hand {
                    fields.read(&hand.text, hand.span);
                }
            }
            ast::Step::OneOf(forms) => forms.iter().for_each(|(_, steps)| collect_step_reads(steps, fields)),
            _ => {}
        }
    }
}
