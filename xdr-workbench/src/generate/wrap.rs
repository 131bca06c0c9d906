//! Wrappers around whole records.

use xdr_codegen::ir::{Module, Wrap};

use super::random::Chooser;
use super::template::Made;

/// The record, in one of the wrappers that the source takes off or in none.
pub(super) fn wrap(module: &Module, choose: &mut Chooser, text: &str) -> Made<String> {
    let kept = text.trim_matches([' ', '\t', '\0', '\r', '\n']);
    let escaped = ["#012", "#015", "#000"].iter().any(|escape| text.ends_with(escape));
    if kept != text || text.is_empty() || text.contains('\n') || escaped || text.starts_with('\u{feff}') {
        return Err("what stands at the ends of a record is no part of it".to_owned());
    }
    let ways: Vec<Option<Wrap>> = [None].into_iter().chain(module.unwrap.iter().copied().map(Some)).collect();
    let index = choose.choose("wrapper", ways.len());
    let csv = module.unwrap.iter().position(|wrap| *wrap == Wrap::Csv);
    let json = module.unwrap.iter().position(|wrap| *wrap == Wrap::Json);
    match ways.get(index).copied().flatten() {
        Some(Wrap::Csv) if json.is_some_and(|json| csv > Some(json)) && text.contains('"') => {
            Err("the text could be wrapped as a JSON string too".to_owned())
        }
        Some(Wrap::Csv) => Ok(format!("\"{}\"", text.replace('"', "\"\""))),
        // Without a quote inside it would be taken for a cell of CSV, whose backslashes stay.
        Some(Wrap::Json)
            if csv.is_some_and(|csv| Some(csv) < json) && !text.contains('"') && text.contains('\\') =>
        {
            Err("the JSON string could be a cell of CSV too".to_owned())
        }
        Some(Wrap::Json) => Ok(serde_json::Value::from(text).to_string()),
        None => {
            let quoted = text.starts_with('"') && text.ends_with('"') && !ways.is_empty();
            let stray = csv.is_some() && text.ends_with('"') && text.matches('"').count() == 1;
            if (quoted && !module.unwrap.is_empty()) || stray {
                return Err("its quotes would be taken for a wrapper".to_owned());
            }
            Ok(text.to_owned())
        }
    }
}
