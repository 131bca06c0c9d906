//! Records that stand as a text in a member of the line's object.

use super::json;
use crate::ast;
use crate::diag::{Code, Diagnostic, Diagnostics, quote};
use crate::ir::Embedded;
use crate::node::Text;
use crate::source::Span;

/// What the spec says of such records, if it does not contradict its steps.
pub(super) fn embedded(spec: &ast::Spec, diags: &mut Diagnostics) -> Embedded {
    let reads = reads_objects(&spec.decode);
    match &spec.embedded {
        None => Embedded::Never,
        Some(ast::Embedded::Key(key)) => {
            if !reads && !spec.decode.broken {
                no_objects(
                    key,
                    "write the members that hold a record, as in `{ in: [message, log] }`",
                    diags,
                );
            }
            Embedded::Key(key.text.clone())
        }
        Some(ast::Embedded::Rule(rule)) => {
            let keys: Vec<Text> = rule.keys.iter().flat_map(|keys| keys.iter().cloned()).collect();
            if !spec.decode.broken {
                match keys.first() {
                    Some(key) if !reads => no_objects(key, "leave `key` away", diags),
                    None if reads => unknown_objects(rule.members.span, diags),
                    _ => {}
                }
            }
            unique(&keys, diags);
            let mut paths: Vec<Vec<String>> = Vec::new();
            for text in rule.members.iter() {
                let Some(path) = json::path(text, diags) else { continue };
                if paths.contains(&path) {
                    twice(text, diags);
                } else {
                    paths.push(path);
                }
            }
            Embedded::In { paths, keys: keys.into_iter().map(|key| key.text).collect() }
        }
    }
}

/// Whether a step reads objects.
fn reads_objects(steps: &[ast::Step]) -> bool {
    steps.iter().any(|step| match step {
        ast::Step::Json(_) => true,
        ast::Step::OneOf(forms) => forms.iter().any(|(_, steps)| reads_objects(steps)),
        _ => false,
    })
}

fn no_objects(key: &Text, help: &str, diags: &mut Diagnostics) {
    let message = format!("no record is an object with the key {}: no step is `json`", quote(&key.text));
    diags.push(Diagnostic::new(Code::ConflictingKeys, key.span, message).help(help));
}

fn unknown_objects(at: Span, diags: &mut Diagnostics) {
    let message = "a record of the step `json` would be taken for an object around one";
    diags.push(
        Diagnostic::new(Code::ConflictingKeys, at, message)
            .help("add `key`, which names a key that such records have: `{ in: [message], key: code }`"),
    );
}

fn unique(keys: &[Text], diags: &mut Diagnostics) {
    for (index, key) in keys.iter().enumerate() {
        if keys.iter().take(index).any(|before| before.text == key.text) {
            twice(key, diags);
        }
    }
}

fn twice(text: &Text, diags: &mut Diagnostics) {
    let message = format!("{} is listed before", quote(&text.text));
    diags.push(Diagnostic::new(Code::ConflictingKeys, text.span, message).help("delete one of them"));
}
