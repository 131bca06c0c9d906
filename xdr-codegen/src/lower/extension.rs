//! The steps that read CEF and LEEF.

use super::decode::keys;
use super::fields::Fields;
use super::pattern::Patterns;
use crate::ast;
use crate::diag::{Code, Diagnostic, Diagnostics, quote};
use crate::ir;
use crate::node::{Entries, OneOrMany, Text};

/// The words that headers begin with.
const CEF: &str = "CEF:";
const LEEF: &str = "LEEF:";

/// The words with which the texts begin that a step takes, if it takes CEF or LEEF.
pub(super) fn marks(step: &ast::Step) -> Vec<&'static str> {
    match step {
        ast::Step::Cef(_) => vec![CEF],
        ast::Step::Leef(_) => vec![LEEF],
        ast::Step::OneOf(forms) => {
            let first = forms.iter().filter_map(|(_, steps)| steps.first());
            first.flat_map(marks).collect()
        }
        _ => Vec::new(),
    }
}

pub(super) fn cef(
    step: &ast::Cef,
    fields: &mut Fields,
    patterns: &mut Patterns<'_>,
    diags: &mut Diagnostics,
) -> ir::Extension {
    let ast::Cef {
        prefix,
        version,
        vendor,
        product,
        device_version,
        signature,
        name,
        severity,
        keys,
        labels,
        span: _,
    } = step;
    let parts = [
        (prefix, "cef.prefix"),
        (version, "cef.version"),
        (vendor, "cef.vendor"),
        (product, "cef.product"),
        (device_version, "cef.device-version"),
        (signature, "cef.signature"),
        (name, "cef.name"),
        (severity, "cef.severity"),
    ];
    let labels = labels.is_some_and(|flag| flag.value);
    let begins = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_key = |key: &str| {
        key.starts_with(begins) && key.chars().all(|c| begins(c) || matches!(c, '.' | '-' | '[' | ']'))
    };
    let shape = "keys begin with a letter, a digit or `_`, and go on with these, `.`, `-`, `[` and `]`";
    spelled(keys, labels, is_key, shape, diags);
    lowered(&parts, keys, labels, fields, patterns, diags)
}

pub(super) fn leef(
    step: &ast::Leef,
    fields: &mut Fields,
    patterns: &mut Patterns<'_>,
    diags: &mut Diagnostics,
) -> ir::Extension {
    let ast::Leef { prefix, version, vendor, product, device_version, event, keys, labels, span: _ } = step;
    let parts = [
        (prefix, "leef.prefix"),
        (version, "leef.version"),
        (vendor, "leef.vendor"),
        (product, "leef.product"),
        (device_version, "leef.device-version"),
        (event, "leef.event"),
    ];
    let labels = labels.is_some_and(|flag| flag.value);
    let is_key = |key: &str| !key.contains(['=', '\t']);
    spelled(keys, labels, is_key, "keys hold neither `=` nor tabs", diags);
    lowered(&parts, keys, labels, fields, patterns, diags)
}

/// Reports keys that no record can have. With labels a key is any text.
fn spelled(
    keys: &Entries<OneOrMany<Text>>,
    labels: bool,
    is_key: impl Fn(&str) -> bool,
    shape: &str,
    diags: &mut Diagnostics,
) {
    for (name, _) in keys.iter() {
        let key = name.text.as_str();
        let label =
            key.strip_suffix("Label").filter(|stem| stem.ends_with(|last: char| last.is_ascii_digit()));
        if let Some(stem) = label.filter(|_| labels) {
            let message = format!("{} is no key where `labels` is `true`", quote(key));
            diags.push(Diagnostic::new(Code::ConflictingKeys, name.span, message).help(format!(
                "list the label, that is the value of {}, as the key of what {} holds",
                quote(key),
                quote(stem)
            )));
        }
        let can_be = key.trim() == key && (labels || is_key(key));
        if !(can_be || key.is_empty()) {
            let message = format!("{} can be no key of the wire", quote(key));
            let help = if key.trim() == key { shape } else { "keys have no blanks around them" };
            diags.push(Diagnostic::new(Code::WrongType, name.span, message).help(help));
        }
    }
}

fn lowered(
    parts: &[(&Option<Text>, &str)],
    keys: &Entries<OneOrMany<Text>>,
    labels: bool,
    fields: &mut Fields,
    patterns: &mut Patterns<'_>,
    diags: &mut Diagnostics,
) -> ir::Extension {
    let parts = parts.iter().enumerate().map(|(index, (name, default))| {
        let to = match name {
            Some(name) => {
                // The prefix is the only part that a record may lack.
                if index > 0 {
                    fields.always(&name.text, name.span, diags);
                }
                fields.define(&name.text, name.span, diags)
            }
            None => ir::To::Extra((*default).to_owned()),
        };
        ir::Target { to, hand: false }
    });
    let parts = parts.collect();
    ir::Extension { parts, keys: self::keys(keys, fields, patterns, diags), labels }
}
