//! The step that reads columns.

use super::decode::value;
use super::fields::Fields;
use super::pattern::Patterns;
use crate::ast;
use crate::diag::{Code, Diagnostic, Diagnostics, near, quote};
use crate::ir;
use crate::node::Text;

/// Every column of the step, those without a template of their own too.
pub(super) fn csv(
    step: &ast::Csv,
    fields: &mut Fields,
    patterns: &mut Patterns<'_>,
    diags: &mut Diagnostics,
) -> ir::Csv {
    if step.columns.is_empty() {
        diags.push(
            Diagnostic::new(Code::Empty, step.span, "`csv` has no columns")
                .help("name the columns in the order of the record: `columns: [time, user, address]`"),
        );
    }
    for (index, column) in step.columns.iter().enumerate() {
        if let Some(first) = step.columns.iter().take(index).find(|first| first.text == column.text) {
            let message = format!("the column {} is listed twice", quote(&column.text));
            diags.push(
                Diagnostic::new(Code::DuplicateDefinition, column.span, message)
                    .also(first.span, "listed here already")
                    .help("columns need names of their own, as `reserved 2`"),
            );
        }
    }
    let least = least(step, diags);
    let mut columns = Vec::with_capacity(step.columns.len());
    for (index, name) in step.columns.iter().enumerate() {
        let value = if let Some(texts) = step.keys.get(&name.text) {
            value(texts, fields, patterns, diags)
        } else {
            let to = field(name, index < least, fields, diags);
            ir::KeyTemplates::Whole(ir::Target { to, hand: false })
        };
        columns.push(ir::Key { name: name.text.clone(), value });
    }
    for (name, _) in step.keys.iter() {
        let _ = place(name, &columns, diags);
    }
    let kind = step.kind.as_ref().and_then(|name| {
        let index = place(name, &columns, diags)?;
        if matches!(columns.get(index), Some(ir::Key { value: ir::KeyTemplates::Whole(_), .. })) {
            let message = format!("the column {} takes any text, and tells no form apart", quote(&name.text));
            diags.push(Diagnostic::new(Code::WrongType, name.span, message).help(
                "give it a template under `keys` that reads one kind of record, such as `\"{Type=TRAFFIC}\"`",
            ));
        }
        Some(index)
    });
    ir::Csv { separator: separator(step.separator.as_ref(), diags), columns, least, kind }
}

/// Where a whole column goes: to the field of its name if something reads that, else under its name to `unmapped`.
fn field(name: &Text, always: bool, fields: &mut Fields, diags: &mut Diagnostics) -> ir::To {
    if fields.slot(&name.text).is_none() {
        fields.see(&name.text);
        return ir::To::Extra(name.text.strip_prefix('_').unwrap_or(&name.text).to_owned());
    }
    if always {
        fields.always(&name.text, name.span, diags);
    }
    fields.define(&name.text, name.span, diags)
}

/// The index of a column that another key names.
fn place(name: &Text, columns: &[ir::Key], diags: &mut Diagnostics) -> Option<usize> {
    let found = columns.iter().position(|column| column.name == name.text);
    if found.is_none() {
        let message = format!("{} is none of the columns", quote(&name.text));
        let near = near(&name.text, columns.iter().map(|column| column.name.as_str()));
        diags.push(
            Diagnostic::new(Code::UnknownField, name.span, message)
                .help("name one of those listed under `columns`")
                .suggest(near),
        );
    }
    found
}

/// The separators of the texts that a step takes, if it takes columns. A blank tells nothing: it follows the stamps of headers too.
pub(super) fn separators(step: &ast::Step) -> Vec<u8> {
    match step {
        ast::Step::Csv(csv) => {
            // What is wrong with it is said where the step is lowered.
            let separator = separator(csv.separator.as_ref(), &mut Diagnostics::new());
            if separator == b' ' { Vec::new() } else { vec![separator] }
        }
        ast::Step::OneOf(forms) => {
            let first = forms.iter().filter_map(|(_, steps)| steps.first());
            first.flat_map(separators).collect()
        }
        _ => Vec::new(),
    }
}

fn separator(text: Option<&Text>, diags: &mut Diagnostics) -> u8 {
    match text.map(|text| (text.span, text.text.as_bytes())) {
        None => b',',
        Some((_, [byte @ (b' ' | b'\t')])) => *byte,
        Some((_, [byte])) if byte.is_ascii_punctuation() && *byte != b'"' => *byte,
        Some((span, _)) => {
            diags.push(
                Diagnostic::new(
                    Code::WrongType,
                    span,
                    "expected one punctuation character, a blank or a tab between two columns",
                )
                .help("the default is `,`; a tab is written `\"\\t\"`"),
            );
            b','
        }
    }
}

fn least(step: &ast::Csv, diags: &mut Diagnostics) -> usize {
    let all = step.columns.len();
    let Some(text) = &step.least else { return all };
    match text.text.parse() {
        Ok(least) if (1..=all).contains(&least) => least,
        _ => {
            let message = format!("expected a number from 1 to {all}, found {}", quote(&text.text));
            diags.push(
                Diagnostic::new(Code::WrongType, text.span, message)
                    .help("say how many columns the shortest record has"),
            );
            all
        }
    }
}
