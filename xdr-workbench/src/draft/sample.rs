//! One line of samples, made of the guide's sample cells.

use std::net::{IpAddr, Ipv4Addr};

use serde_json::{Map, Value};

use super::barred::Barred;
use super::decode::{Field, as_key, found, paired, printed, wanted};
use super::guide::Guide;
use super::lines::{Layout, Seen};
use super::plan::Planned;
use super::split_stamp;
use super::text::is_nothing;

/// A value for a row: one of its samples, with addresses that are nobody's.
fn value(row: &Planned) -> Option<String> {
    let sample = row.sample.as_deref().filter(|sample| !is_nothing(sample) && *sample != "null")?;
    let first =
        row.conversion.alternatives.and_then(|separator| sample.split(separator).next()).unwrap_or(sample);
    Some(nobody_s(first))
}

/// A text whose addresses are those of documentation, where they could be somebody's.
fn nobody_s(text: &str) -> String {
    let address = |word: &str| word.parse::<IpAddr>().ok();
    let safe = |address: IpAddr| match address {
        IpAddr::V4(address) => {
            address.is_private()
                || address.is_documentation()
                || address.is_loopback()
                || address.is_unspecified()
                || address.is_link_local()
        }
        IpAddr::V6(_) => false,
    };
    let mut out = String::new();
    let mut word = String::new();
    let flush = |out: &mut String, word: &mut String| {
        let instead = address(word.trim_end_matches('.')).filter(|found| !safe(*found));
        match instead {
            Some(IpAddr::V4(found)) => out.push_str(&Ipv4Addr::new(192, 0, 2, found.octets()[3]).to_string()),
            Some(IpAddr::V6(_)) => out.push_str("2001:db8::7"),
            None => out.push_str(word),
        }
        word.clear();
    };
    for character in text.chars() {
        if character.is_ascii_hexdigit() || matches!(character, '.' | ':') {
            word.push(character);
        } else {
            flush(&mut out, &mut word);
            out.push(character);
        }
    }
    flush(&mut out, &mut word);
    out
}

const HEADER: &str = "<134>Mar 14 07:08:09 gw.example.com";

/// The values of columns.
fn columns(seen: &Seen, guide: &Guide, fields: &[Field]) -> String {
    let separator = seen.columns.as_ref().map_or(',', |columns| columns.separator);
    let printed = printed(guide);
    let wanted = wanted(guide, fields, &printed);
    let names = found(seen, &wanted).names;
    let values = names.iter().map(|name| {
        let field = wanted.iter().find(|field| field.name == name);
        let value = field.map_or_else(|| "x".to_owned(), |field| nobody_s(field.sample));
        let quoted = value.contains([separator, '"']);
        if quoted { format!("\"{}\"", value.replace('"', "\"\"")) } else { value }
    });
    values.collect::<Vec<_>>().join(&separator.to_string())
}

/// The line.
pub(super) fn line(layout: Layout, seen: &Seen, guide: &Guide, fields: &[Field], rows: &[Planned]) -> String {
    let form = Barred::of(layout);
    let head = form.map(|form| form.head(seen, fields)).unwrap_or_default();
    let paired = form.map(|form| paired(form, seen, fields));
    let labels = paired.as_ref().is_some_and(|(_, labels)| *labels);
    let in_pairs =
        |name: &str| paired.as_ref().is_none_or(|(fields, _)| fields.iter().any(|field| field.name == name));
    let reading = rows.iter().filter(|row| row.reads().is_some_and(|name| in_pairs(&name)));
    let filled: Vec<(String, String)> = reading
        .filter_map(|row| {
            let printed = row.from.join(".");
            let field = row.reads()?;
            if field == split_stamp::FIELD {
                return None;
            }
            let own = match form {
                Some(form) => form.key(&printed, labels),
                None if layout == Layout::Json => field,
                None => as_key(&printed),
            };
            Some((seen.keys(&printed).first().cloned().unwrap_or(own), value(row)?))
        })
        .collect();
    match (layout, form) {
        (Layout::Json, _) => json(&filled, seen),
        (_, Some(form)) => format!("{HEADER} {}", form.sample(&head, &filled, labels)),
        (Layout::Text, _) => format!("{HEADER} put a record here"),
        (Layout::Columns, _) => format!("{HEADER} {}", columns(seen, guide, fields)),
        _ => {
            let split = fields.iter().any(|field| field.name == split_stamp::FIELD);
            let stamp = seen.split_stamp.as_ref().filter(|_| split);
            let stamp = stamp.map(|(date, time)| format!("date={date} time={time} ")).unwrap_or_default();
            format!("{HEADER} {stamp}{}", pairs(&filled))
        }
    }
}

fn pairs(filled: &[(String, String)]) -> String {
    let mut out: Vec<String> = Vec::new();
    for (key, value) in filled {
        let opening = format!("{key}=");
        if out.iter().any(|pair| pair.starts_with(&opening)) || key.contains(' ') {
            continue;
        }
        let bare = !value.contains([' ', '=', '"']);
        out.push(if bare { format!("{opening}{value}") } else { format!("{opening}\"{value}\"") });
    }
    out.join(" ")
}

fn json(filled: &[(String, String)], seen: &Seen) -> String {
    let mut root = Map::new();
    for (path, value) in filled {
        let Ok(keys) = xdr_codegen::path::parse(path) else { continue };
        put(&mut root, &keys, "", value, seen);
    }
    Value::Object(root).to_string()
}

/// Puts a value to its place, unless something stands there.
fn put(object: &mut Map<String, Value>, keys: &[String], path: &str, value: &str, seen: &Seen) {
    let Some((key, rest)) = keys.split_first() else { return };
    if rest.is_empty() {
        let read: Option<Value> =
            serde_json::from_str(value).ok().filter(|read: &Value| read.is_number() || read.is_boolean());
        object
            .entry(key.clone())
            .or_insert_with(|| read.unwrap_or_else(|| Value::String(value.replace("\\\\", "\\"))));
        return;
    }
    let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
    let inner = object.entry(key.clone()).or_insert_with(|| {
        let inner = Value::Object(Map::new());
        if seen.arrays.contains(&path) { Value::Array(vec![inner]) } else { inner }
    });
    let inner = if let Value::Array(items) = inner { items.first_mut() } else { Some(inner) };
    if let Some(Value::Object(inner)) = inner {
        put(inner, rest, &path, value, seen);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_somebody_become_nobody_s() {
        for (text, expected) in [
            ("36.255.31.246", "192.0.2.246"),
            ("10.0.96.25:443", "10.0.96.25:443"),
            ("see 8.8.8.8, please", "see 192.0.2.8, please"),
            ("FE80:0000:0000:0000:0202:B3FF:FE1E:8329", "2001:db8::7"),
            ("00:05:07", "00:05:07"),
            ("6.3 (9600)", "6.3 (9600)"),
        ] {
            assert_eq!(nobody_s(text), expected, "{text}");
        }
    }
}
