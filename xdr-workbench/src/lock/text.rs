//! A lock's file: JSON, one entry a line, so that a review shows a change as the lines that it is.

use std::fmt::Write;

use serde_json::{Map, Value};

use super::{Entry, Lock, SECTIONS, Section};

/// The name of the file, beside the spec.
pub const FILE: &str = "lock.json";

/// The form of the file. A program that knows another one refuses it.
const FORM: u64 = 1;

/// The text of the file. The same lock gives the same bytes.
pub fn write(lock: &Lock) -> String {
    let mut out = format!(
        "{{\n\"form\": {FORM},\n\"source\": {},\n\"version\": {}",
        quoted(&lock.source),
        quoted(&lock.version.to_string())
    );
    for section in &lock.sections {
        let _ = write!(out, ",\n\"{}\": [", section.name);
        for (number, entry) in section.entries.iter().enumerate() {
            out.push_str(if number == 0 { "\n" } else { ",\n" });
            line(entry, &mut out);
        }
        out.push_str(if section.entries.is_empty() { "]" } else { "\n]" });
    }
    out.push_str("\n}\n");
    out
}

fn line(entry: &Entry, out: &mut String) {
    let _ = write!(out, "[{}", quoted(&entry.key));
    for (name, values) in &entry.says {
        let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
        let _ = match values.as_slice() {
            [one] => write!(out, ", {{{}: {one}}}", quoted(name)),
            _ => write!(out, ", {{{}: [{}]}}", quoted(name), values.join(", ")),
        };
    }
    out.push(']');
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// Reads the text of a file.
///
/// # Errors
/// What is wrong with it, and where.
pub fn read(text: &str) -> Result<Lock, String> {
    let whole: Map<String, Value> =
        serde_json::from_str(text).map_err(|error| format!("no lock: {error}"))?;
    match whole.get("form").and_then(Value::as_u64) {
        Some(FORM) => {}
        Some(other) => {
            return Err(format!(
                "the lock has the form {other}, this program knows {FORM}: `xdr lock` writes it anew"
            ));
        }
        None => return Err("no lock: expected the member `form`".to_owned()),
    }
    let known = |name: &str| ["form", "source", "version"].contains(&name) || SECTIONS.contains(&name);
    if let Some(name) = whole.keys().find(|name| !known(name)) {
        return Err(format!("a lock has no member `{name}`"));
    }
    let text = |name: &str| {
        let text = whole.get(name).and_then(Value::as_str);
        text.ok_or_else(|| format!("expected a text as `{name}`"))
    };
    let mut sections = Vec::new();
    for name in SECTIONS {
        let Some(Value::Array(entries)) = whole.get(name) else {
            return Err(format!("expected a list as `{name}`"));
        };
        let entries = entries.iter().enumerate().map(|(number, value)| {
            entry(value).ok_or_else(|| {
                format!(
                    "entry {} of `{name}`: expected a name and objects of texts, found {value}",
                    number + 1
                )
            })
        });
        sections.push(Section { name, entries: entries.collect::<Result<_, String>>()? });
    }
    Ok(Lock { source: text("source")?.to_owned(), version: text("version")?.parse()?, sections })
}

fn entry(value: &Value) -> Option<Entry> {
    let (key, says) = value.as_array()?.split_first()?;
    let mut entry = Entry::new(key.as_str()?);
    for said in says {
        let said = said.as_object().filter(|said| said.len() == 1)?;
        for (name, values) in said {
            let values: Vec<&str> = match values {
                Value::String(one) => vec![one],
                Value::Array(all) => all.iter().map(Value::as_str).collect::<Option<_>>()?,
                _ => return None,
            };
            entry = entry.with(name, values);
        }
    }
    Some(entry)
}

#[cfg(test)]
mod tests {
    use super::super::Version;
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let mut sections: Vec<Section> =
            SECTIONS.map(|name| Section { name, entries: Vec::new() }).into_iter().collect();
        let row = Entry::new("a \"b\"\n").with("token", ["action"]).with("none", ["x", "y, z"]);
        sections.get_mut(3).unwrap().entries = vec![row, Entry::new("")];
        let lock = Lock { source: "acme".to_owned(), version: Version::FIRST, sections };
        let text = write(&lock);
        assert_eq!(read(&text).unwrap(), lock);
        assert!(text.contains(
            "\n[\"a \\\"b\\\"\\n\", {\"token\": \"action\"}, {\"none\": [\"x\", \"y, z\"]}],\n[\"\"]\n]"
        ));
    }

    #[test]
    fn what_is_no_lock_is_refused_with_its_place() {
        let sections = SECTIONS.map(|name| format!(", \"{name}\": []")).concat();
        let whole = format!("{{ \"form\": 1, \"source\": \"a\", \"version\": \"1.0.0\"{sections} }}");
        assert!(read(&whole).is_ok());
        for (from, to, expected) in [
            ("{ ", "[", "no lock: expected value at line 1 column 2"),
            (
                "\"form\": 1",
                "\"form\": 2",
                "the lock has the form 2, this program knows 1: `xdr lock` writes it anew",
            ),
            ("\"form\": 1,", "", "no lock: expected the member `form`"),
            ("\"1.0.0\"", "\"1.0\"", "`1.0` is no version; expected three numbers such as `1.4.0`"),
            ("\"a\"", "7", "expected a text as `source`"),
            ("\"rows\": []", "\"rows\": {}", "expected a list as `rows`"),
            ("\"rows\": []", "\"rows\": [], \"more\": []", "a lock has no member `more`"),
            (
                "\"rows\": []",
                "\"rows\": [[\"a\"], [\"b\", 1]]",
                "entry 2 of `rows`: expected a name and objects of texts, found [\"b\",1]",
            ),
        ] {
            let text = whole.replacen(from, to, 1);
            assert_ne!(text, whole);
            let error = read(&text).unwrap_err();
            assert!(error.starts_with(expected) || from == "{ ", "{error}");
        }
    }
}
