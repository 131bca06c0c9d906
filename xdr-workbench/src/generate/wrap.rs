//! Wrappers around whole records.

use serde_json::Value;
use xdr_codegen::ir::{Embedded, Module, Wrap};

use super::random::Chooser;
use super::template::Made;

/// What may stand around a record.
#[derive(Clone, Copy)]
enum Way<'m> {
    /// Nothing.
    Bare,
    /// A wrapper of the whole line.
    Wrap(Wrap),
    /// An object that has the record at the end of this path.
    Member(&'m [String]),
}

/// The record, in one of the wrappers that the source takes off or in none.
pub(super) fn wrap(module: &Module, choose: &mut Chooser, text: &str) -> Made<String> {
    let kept = text.trim_matches([' ', '\t', '\0', '\r', '\n']);
    let escaped = ["#012", "#015", "#000"].iter().any(|escape| text.ends_with(escape));
    if kept != text || text.is_empty() || text.contains('\n') || escaped || text.starts_with('\u{feff}') {
        return Err("what stands at the ends of a record is no part of it".to_owned());
    }
    if holds_another(module, text) {
        return Err("it would be taken for an object around a record".to_owned());
    }
    let paths = match &module.embedded {
        Embedded::In { paths, .. } => paths.as_slice(),
        Embedded::Never | Embedded::Key(_) => &[],
    };
    let wraps = module.unwrap.iter().map(|wrap| Way::Wrap(*wrap));
    let mut ways: Vec<Way<'_>> = [Way::Bare].into_iter().chain(wraps).collect();
    if !paths.is_empty() {
        // One of all, so that wrappers are as frequent as each other.
        ways.extend(paths.get(choose.choose("member", paths.len())).map(|path| Way::Member(path)));
    }
    let index = choose.choose("wrapper", ways.len());
    let csv = module.unwrap.iter().position(|wrap| *wrap == Wrap::Csv);
    let json = module.unwrap.iter().position(|wrap| *wrap == Wrap::Json);
    match ways.get(index).copied().unwrap_or(Way::Bare) {
        Way::Wrap(Wrap::Csv) if json.is_some_and(|json| csv > Some(json)) && text.contains('"') => {
            Err("the text could be wrapped as a JSON string too".to_owned())
        }
        Way::Wrap(Wrap::Csv) => Ok(format!("\"{}\"", text.replace('"', "\"\""))),
        // Without a quote inside it would be taken for a cell of CSV, whose backslashes stay.
        Way::Wrap(Wrap::Json)
            if csv.is_some_and(|csv| Some(csv) < json) && !text.contains('"') && text.contains('\\') =>
        {
            Err("the JSON string could be a cell of CSV too".to_owned())
        }
        Way::Wrap(Wrap::Json) => Ok(Value::from(text).to_string()),
        way @ (Way::Bare | Way::Member(_)) => {
            let quoted = text.starts_with('"') && text.ends_with('"') && !module.unwrap.is_empty();
            let stray = csv.is_some() && text.ends_with('"') && text.matches('"').count() == 1;
            if quoted || stray {
                return Err("its quotes would be taken for a wrapper".to_owned());
            }
            Ok(if let Way::Member(path) = way { around(path, text) } else { text.to_owned() })
        }
    }
}

/// Objects with nothing in them but the text.
fn around(path: &[String], text: &str) -> String {
    path.iter().rfold(Value::from(text).to_string(), |inner, key| {
        format!("{{{}:{inner}}}", Value::from(key.as_str()))
    })
}

/// Whether a record is an object that the source would look for another record in.
fn holds_another(module: &Module, text: &str) -> bool {
    let Embedded::In { paths, keys } = &module.embedded else { return false };
    let Ok(Value::Object(object)) = serde_json::from_str(text) else { return false };
    let end = |path: &Vec<String>| {
        let (first, below) = path.split_first()?;
        let inside = below.iter().try_fold(object.get(first)?, |inside, key| inside.get(key))?;
        inside.as_str().filter(|text| !text.trim().is_empty())
    };
    !keys.iter().any(|key| object.contains_key(key)) && paths.iter().any(|path| end(path).is_some())
}
