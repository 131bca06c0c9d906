//! What real lines say about a layout: its form, its keys, and which of them a guide's fields are.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::barred::{Barred, stem};
use super::text::{folded, without_places};
use super::{columns, pairs};

/// How records are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// One JSON object.
    Json,
    /// `key=value`, also behind a syslog header.
    Pairs,
    /// CEF: a head between bars, and pairs.
    Cef,
    /// LEEF: the same with other parts.
    Leef,
    /// Columns with a separator between them.
    Columns,
    /// A text that templates take apart.
    Text,
}

/// How many values of a key are kept.
const KEPT: usize = 20;

/// What was seen in lines.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// The layout of most lines.
    pub(super) layout: Option<Layout>,
    /// How many lines there were, and how many have the layout.
    pub(super) lines: [usize; 2],
    /// Whether something stands in front of the record, such as a syslog header.
    pub(super) header: bool,
    /// What stands between key and value.
    pub(super) assign: char,
    /// Whether commas stand between pairs.
    pub(super) commas: bool,
    /// Key or path of the wire, and values of it.
    keys: BTreeMap<String, Vec<String>>,
    /// Whether other pairs tell the names of keys such as `cs1`, and the keys are these names.
    pub(super) labels: bool,
    /// The keys as they are then, if there are such pairs.
    labelled: Option<BTreeMap<String, Vec<String>>>,
    /// A day and a clock, if the lines begin with `date=…` and `time=…`.
    pub(super) split_stamp: Option<(String, String)>,
    /// The columns of lines that have no other form.
    pub(super) columns: Option<columns::Table>,
    /// Paths of arrays that hold objects.
    pub(super) arrays: BTreeSet<String>,
    /// Field of the guide, and the keys of the wire that it is, with the reason where the name does not say it.
    found: BTreeMap<String, (Vec<String>, Option<String>)>,
}

impl Seen {
    /// Looks at lines.
    pub(super) fn of(text: &str) -> Self {
        let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let count = |has: &dyn Fn(&str) -> bool| lines.iter().filter(|line| has(line)).count();
        let objects: Vec<Option<Value>> = lines.iter().map(|line| object(line)).collect();
        let json = objects.iter().flatten().count();
        let barred =
            |layout, line: &str| Barred::of(layout).is_some_and(|form| form.pairs(line, false).is_some());
        let cef = count(&|line| barred(Layout::Cef, line));
        let leef = count(&|line| barred(Layout::Leef, line));
        let equal = count(&|line| pairs::of(line, '=').len() >= 3);
        let colon = count(&|line| pairs::of(line, ':').len() >= 3);
        let mut seen = Self { assign: '=', ..Self::default() };
        let half = |number: usize| number > 0 && number * 2 >= lines.len();
        let (layout, understood) = match () {
            () if half(json) => (Layout::Json, json),
            () if half(cef) => (Layout::Cef, cef),
            () if half(leef) => (Layout::Leef, leef),
            () if half(equal) => (Layout::Pairs, equal),
            () if half(colon) => (Layout::Pairs, colon),
            () => (Layout::Text, 0),
        };
        seen.lines = [lines.len(), understood];
        seen.layout = (!lines.is_empty()).then_some(layout);
        match layout {
            Layout::Json => {
                for (line, object) in lines.iter().zip(objects) {
                    seen.header |= !line.starts_with(['{', '[']);
                    if let Some(object) = object {
                        seen.flatten("", &object);
                    }
                }
            }
            Layout::Pairs => {
                if !half(equal) {
                    seen.assign = ':';
                }
                seen.pairs(&lines);
            }
            Layout::Cef | Layout::Leef => {
                if let Some(form) = Barred::of(layout) {
                    seen.barred(&lines, form);
                }
            }
            Layout::Columns | Layout::Text => {
                seen.columns = columns::of(&lines);
                if seen.columns.is_some() {
                    seen.layout = Some(Layout::Columns);
                }
                seen.lines = [lines.len(); 2];
            }
        }
        seen
    }

    fn barred(&mut self, lines: &[&str], form: &Barred) {
        for (key, value) in lines.iter().filter_map(|line| form.pairs(line, true)).flatten() {
            self.keep(&key, &value);
        }
        let labelled = std::mem::take(&mut self.keys);
        for (key, value) in lines.iter().filter_map(|line| form.pairs(line, false)).flatten() {
            self.keep(&key, &value);
        }
        self.labelled = (labelled != self.keys).then_some(labelled);
    }

    fn pairs(&mut self, lines: &[&str]) {
        let mut commas = [0_usize; 2];
        for line in lines {
            let found = pairs::of(line, self.assign);
            if let Some(first) = found.first() {
                self.header |= first.at > 0;
            }
            if let [date, time, ..] = found.as_slice()
                && (date.key, time.key) == ("date", "time")
            {
                self.split_stamp = Some((date.value.to_owned(), time.value.to_owned()));
            }
            for pair in found.iter().rev().skip(1) {
                if let Some(count) = commas.get_mut(usize::from(pair.comma)) {
                    *count += 1;
                }
            }
            for pair in found {
                self.keep(pair.key, pair.value);
            }
        }
        let [without, with] = commas;
        self.commas = with > without;
    }

    fn keep(&mut self, key: &str, value: &str) {
        let values = self.keys.entry(key.to_owned()).or_default();
        if values.len() < KEPT && !value.is_empty() && !values.iter().any(|old| old == value) {
            values.push(value.to_owned());
        }
    }

    fn flatten(&mut self, path: &str, value: &Value) {
        match value {
            Value::Object(members) => {
                for (key, member) in members {
                    let key =
                        if key.contains(['.', '"', '[', ']']) { format!("\"{key}\"") } else { key.clone() };
                    let path = if path.is_empty() { key } else { format!("{path}.{key}") };
                    self.flatten(&path, member);
                }
            }
            Value::Array(items) => {
                if items.iter().any(Value::is_object) {
                    self.arrays.insert(path.to_owned());
                    for item in items.iter().filter(|item| item.is_object()) {
                        self.flatten(path, item);
                    }
                } else if !items.is_empty() {
                    let text: Vec<String> = items.iter().map(text_of).collect();
                    self.keep(path, &text.join(", "));
                }
            }
            other => self.keep(path, &text_of(other)),
        }
    }

    /// Finds the keys of the guide's fields, given by name and sample.
    pub(super) fn find(&mut self, fields: &[(String, String)]) {
        // A guide that lists `cs1` or `cs1Label` reads these, not the names.
        let stems: Vec<&str> = self.keys.keys().filter_map(|key| stem(key)).collect();
        let is_listed = |name: &str| stem(name).is_some() || stems.contains(&name);
        if !fields.iter().any(|(name, _)| is_listed(name))
            && let Some(labelled) = self.labelled.take()
        {
            self.keys = labelled;
            self.labels = true;
        }
        for (name, sample) in fields {
            if let Some(found) = self.keys_of(name, sample) {
                self.found.insert(name.clone(), found);
            }
        }
    }

    /// The key that holds nothing but offsets from UTC, as `tz` does.
    pub(super) fn offset(&self) -> Option<&str> {
        let is_offset = |values: &Vec<String>| {
            !values.is_empty() && values.iter().all(|value| xdr_model::time::bare_offset(value).is_some())
        };
        self.keys.iter().find(|(_, values)| is_offset(values)).map(|(key, _)| key.as_str())
    }

    /// Takes the columns for keys that are fields of the guide.
    pub(super) fn place(&mut self, wanted: &[columns::Wanted<'_>]) {
        let Some(table) = self.columns.clone() else { return };
        let found = table.fields(wanted);
        for (name, values) in found.names.iter().zip(&table.values) {
            let Some(field) = wanted.iter().find(|field| field.name == name) else { continue };
            self.found.insert(field.printed.to_owned(), (vec![name.clone()], None));
            for value in values {
                self.keep(name, value);
            }
        }
    }

    fn keys_of(&self, name: &str, sample: &str) -> Option<(Vec<String>, Option<String>)> {
        let known = |key: &str| self.keys.contains_key(key);
        let (plain, lists) = without_places(name);
        if !lists.is_empty() && known(&plain) {
            return Some((vec![plain], None));
        }
        let quoted = format!("\"{name}\"");
        if known(name) {
            return Some((vec![name.to_owned()], None));
        }
        if known(&quoted) {
            return Some((vec![quoted], None));
        }
        let by_name = |name: &str| -> Vec<String> {
            let bare = folded(name);
            let same = self.keys.keys().filter(|key| !bare.is_empty() && folded(key) == bare);
            let same: Vec<String> = same.cloned().collect();
            let last = || {
                self.keys.keys().filter(|key| key.rsplit('.').next().is_some_and(|last| folded(last) == bare))
            };
            let alias = || {
                let usual = [pairs::cef_key(&bare), pairs::leef_key(&bare)];
                usual.into_iter().flatten().find(|key| known(key)).map(str::to_owned)
            };
            if !same.is_empty() {
                return same;
            }
            alias().map_or_else(|| last().cloned().collect(), |key| vec![key])
        };
        let found = by_name(name);
        if !found.is_empty() {
            let reason = if found.len() > 1 {
                format!("several keys have this name: {}", found.join(", "))
            } else {
                String::new()
            };
            return Some((found, Some(reason).filter(|reason| !reason.is_empty())));
        }
        let parts: Vec<String> = name
            .split(['/', ',', '|', ';'])
            .map(str::trim)
            .flat_map(|part| if known(part) { vec![part.to_owned()] } else { by_name(part) })
            .collect();
        if !parts.is_empty() {
            return Some((parts, None));
        }
        let bare = folded(sample);
        let mixed = bare.contains(char::is_numeric) && bare.contains(char::is_alphabetic);
        let mut holding = self.keys.iter().filter(|(_, values)| values.iter().any(|value| value == sample));
        let (key, _) = holding.next().filter(|_| holding.next().is_none() && !bare.is_empty())?;
        // What is short may stand under a key by chance, unless the names have something in common too.
        if bare.len() >= 5 || bare.len() >= 3 && mixed {
            let reason = format!("told by the sample, which only the key `{key}` has");
            return Some((vec![key.clone()], Some(reason)));
        }
        if akin(name, key) {
            let reason = format!("told by the name and the sample, which only the key `{key}` has");
            return Some((vec![key.clone()], Some(reason)));
        }
        None
    }

    /// The keys of the wire of a field.
    pub(super) fn keys(&self, field: &str) -> &[String] {
        self.found.get(field).map_or(&[], |(keys, _)| keys)
    }

    /// Why keys were taken that have other names than the field.
    pub(super) fn reason(&self, field: &str) -> Option<&str> {
        self.found.get(field)?.1.as_deref()
    }

    /// Values of a field.
    pub(super) fn values(&self, field: &str) -> &[String] {
        let key = self.keys(field).first();
        key.and_then(|key| self.keys.get(key)).map_or(&[], Vec::as_slice)
    }

    /// Keys of the wire that no field is.
    pub(super) fn strangers(&self) -> Vec<&str> {
        let split = ["date", "time"].into_iter().filter(|_| self.split_stamp.is_some());
        let taken: BTreeSet<&str> =
            self.found.values().flat_map(|(keys, _)| keys.iter().map(String::as_str)).chain(split).collect();
        self.keys.keys().map(String::as_str).filter(|key| !taken.contains(key)).collect()
    }

    /// The path below which most of the fields that were found stand, if none stands outside of it.
    pub(super) fn envelope(&self) -> Option<String> {
        let firsts: BTreeSet<&str> = self.keys.keys().filter_map(|key| key.split('.').next()).collect();
        let [only] = firsts.into_iter().collect::<Vec<_>>()[..] else { return None };
        let nested = self.keys.keys().all(|key| key.contains('.'));
        (nested && !self.arrays.contains(only)).then(|| only.to_owned())
    }
}

/// Whether a key is a part of a field's name, such as `user` of `actor.user.name`, or ends in its last, as `dport` does in `port`.
fn akin(name: &str, key: &str) -> bool {
    let key = folded(key.rsplit('.').next().unwrap_or(key));
    let parts: Vec<String> = name.split(['.', ' ', '_', '-', '/']).map(folded).collect();
    let ends = parts.last().is_some_and(|last| last.len() >= 4 && key.ends_with(last.as_str()));
    key.len() >= 2 && parts.contains(&key) || ends
}

/// The object of a line, which a header may stand in front of. Of an array the first object.
fn object(line: &str) -> Option<Value> {
    let start = line.find(['{', '['])?;
    // Brackets of a header, as in `app[7]: {…}`.
    let starts = [Some(start), line.find('{')];
    starts.into_iter().flatten().find_map(|start| match serde_json::from_str(line.get(start..)?).ok()? {
        Value::Array(items) => items.into_iter().find(Value::is_object),
        object @ Value::Object(_) => Some(object),
        _ => None,
    })
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(text: &str, fields: &[(&str, &str)]) -> Seen {
        let mut seen = Seen::of(text);
        let fields: Vec<(String, String)> =
            fields.iter().map(|(name, sample)| ((*name).to_owned(), (*sample).to_owned())).collect();
        seen.find(&fields);
        seen
    }

    #[test]
    fn json_is_seen_through_headers_and_nesting() {
        let text = r#"<14>Mar 14 07:08:09 gw app[7]: {"user":{"name":"kim"},"addr.local":"192.0.2.7","list":[{"id":7}],"extra":true}"#;
        let seen =
            seen(text, &[("user.name", ""), ("addr.local", ""), ("ID", ""), ("Local address", "192.0.2.7x")]);
        assert_eq!((seen.layout, seen.header), (Some(Layout::Json), true));
        assert_eq!(seen.keys("user.name"), ["user.name"]);
        assert_eq!(seen.keys("addr.local"), ["\"addr.local\""]);
        assert_eq!(seen.keys("ID"), ["list.id"]);
        assert!(seen.keys("Local address").is_empty());
        assert_eq!(seen.strangers(), ["extra"]);
        assert!(seen.arrays.contains("list"));
    }

    #[test]
    fn pairs_are_found_by_name_alternatives_and_sample() {
        let text = "<134>Mar 14 07:08:09 gw app: src_ip=192.0.2.7 dst=198.51.100.44 user=\"kim, x=1\" rule=office-out n=1\n";
        let seen = seen(text, &[("Src IP", ""), ("dst/dstip", ""), ("Policy", "office-out"), ("user", "")]);
        assert_eq!((seen.layout, seen.header, seen.commas), (Some(Layout::Pairs), true, false));
        assert_eq!(seen.keys("Src IP"), ["src_ip"]);
        assert_eq!(seen.keys("dst/dstip"), ["dst"]);
        assert_eq!(seen.keys("Policy"), ["rule"]);
        assert!(seen.reason("Policy").is_some_and(|reason| reason.contains("sample")));
        assert_eq!(seen.values("user"), ["kim, x=1"]);
        assert_eq!(seen.strangers(), ["n"]);
    }

    #[test]
    fn a_short_sample_tells_a_key_if_the_names_are_akin() {
        let text = "app: user=kim sport=50188 dport=443 sent=1093 code=7 note=7\n";
        let names = ["actor.user.name", "target.port", "bytes.out", "reply.code"];
        let samples = ["kim", "443", "1093", "7"];
        let fields: Vec<(&str, &str)> = names.into_iter().zip(samples).collect();
        let seen = seen(text, &fields);
        let keys: Vec<&[String]> = names.iter().map(|name| seen.keys(name)).collect();
        assert_eq!(keys, [&["user".to_owned()][..], &["dport".to_owned()], &[], &[]]);
        assert!(seen.reason("target.port").is_some_and(|reason| reason.contains("`dport`")));
        assert_eq!(seen.strangers(), ["code", "note", "sent", "sport"]);
    }

    #[test]
    fn cef_is_known_by_its_word_and_its_names() {
        let seen = seen(
            "CEF:0|Acme|Wall|1.0|100|Denied|5|src=192.0.2.7 act=deny all msg=a b",
            &[("sourceAddress", ""), ("act", "")],
        );
        assert_eq!(seen.layout, Some(Layout::Cef));
        assert_eq!(seen.keys("sourceAddress"), ["src"]);
        assert_eq!(seen.values("act"), ["deny all"]);
    }
}
