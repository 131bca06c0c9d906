//! Findings as SARIF 2.1.0, which code hosts and editors read.
//!
//! Rules are the compiler's codes, all of them and in their order, with their documentation as help. A result has its place, the other
//! places that belong to it, and the text to write instead where it is known.

use serde_json::{Value, json};
use xdr_codegen::Checked;
use xdr_codegen::diag::render::Place;
use xdr_codegen::diag::{Code, Diagnostic};
use xdr_codegen::source::{Files, Span};

/// The findings as one log with one run. Its text ends with a line break.
///
/// `version` is that of the program which asks.
pub fn report(checked: &Checked, version: &str) -> String {
    let diagnostics = &checked.diagnostics;
    let results: Vec<Value> =
        diagnostics.sorted().into_iter().map(|found| result(found, &checked.files)).collect();
    let mut run = json!({
        "tool": { "driver": {
            "name": "xdr",
            "semanticVersion": version,
            "rules": Code::ALL.iter().map(|code| rule(*code)).collect::<Vec<_>>(),
        } },
        "columnKind": "unicodeCodePoints",
        "results": results,
    });
    if let (true, Value::Object(run)) = (diagnostics.omitted() > 0, &mut run) {
        let text = format!("{} more findings are not listed", diagnostics.omitted());
        let notes = json!([{ "level": "warning", "message": { "text": text } }]);
        run.insert(
            "invocations".to_owned(),
            json!([{ "executionSuccessful": true, "toolExecutionNotifications": notes }]),
        );
    }
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    });
    format!("{log:#}\n")
}

fn rule(code: Code) -> Value {
    let docs = code.docs();
    let block = |piece: &str| format!("```yaml\n{piece}\n```");
    let markdown =
        format!("{}\n\nWrong:\n\n{}\n\nRight:\n\n{}\n", docs.matters, block(docs.bad), block(docs.good));
    json!({
        "id": code.to_string(),
        "name": format!("{code:?}"),
        "shortDescription": { "text": code.title() },
        "fullDescription": { "text": docs.catches },
        "help": { "text": code.explain(), "markdown": markdown },
        "defaultConfiguration": { "level": "error" },
    })
}

fn result(found: &Diagnostic, files: &Files) -> Value {
    let text = match &found.help {
        Some(help) => format!("{}\nhelp: {help}", found.message),
        None => found.message.clone(),
    };
    let mut result = json!({
        "ruleId": found.code.to_string(),
        "ruleIndex": Code::ALL.iter().position(|code| *code == found.code),
        "level": found.severity.word(),
        "message": { "text": text },
        "locations": [{ "physicalLocation": place(found.primary.span, files) }],
    });
    let Value::Object(members) = &mut result else { return result };
    if !found.secondary.is_empty() {
        let related = found.secondary.iter().map(|label| {
            json!({ "physicalLocation": place(label.span, files), "message": { "text": label.text } })
        });
        members.insert("relatedLocations".to_owned(), related.collect());
    }
    if let Some(text) = found.replacement(files) {
        let at = Place::of(found.primary.span, files);
        let change = json!({
            "artifactLocation": { "uri": uri(at.file) },
            "replacements": [{ "deletedRegion": region(at), "insertedContent": { "text": text } }],
        });
        let description = json!({ "text": format!("write `{text}`") });
        members
            .insert("fixes".to_owned(), json!([{ "description": description, "artifactChanges": [change] }]));
    }
    result
}

fn place(span: Span, files: &Files) -> Value {
    let at = Place::of(span, files);
    json!({ "artifactLocation": { "uri": uri(at.file) }, "region": region(at) })
}

fn region(at: Place<'_>) -> Value {
    json!({
        "startLine": at.line,
        "startColumn": at.column,
        "endLine": at.end_line,
        "endColumn": at.end_column,
    })
}

/// A path as the reference of a URI: relative ones stay so.
fn uri(path: &str) -> String {
    let path = path.trim_start_matches("./");
    let mut uri = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                uri.push(char::from(byte));
            }
            other => {
                uri.push('%');
                uri.extend(
                    [other >> 4, other & 15]
                        .into_iter()
                        .filter_map(|digit| char::from_digit(u32::from(digit), 16)),
                );
            }
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_references() {
        for (path, expected) in [
            ("./mapping-specs/a/spec.yaml", "mapping-specs/a/spec.yaml"),
            ("/a b/é.yaml", "file:///a%20b/%c3%a9.yaml"),
            ("a:b#c", "a%3ab%23c"),
        ] {
            assert_eq!(uri(path), expected);
        }
    }
}
