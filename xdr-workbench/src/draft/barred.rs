//! CEF and LEEF: a head between bars, in front of pairs. Lines are read as the runtime reads them.

use std::fmt::Write as _;

use xdr_runtime::field::{Fault, Field as Text, Fill, Name};
use xdr_runtime::format::cef::{self, Cef};
use xdr_runtime::format::leef::{self, Leef};
use xdr_runtime::lookup::Lookup;
use xdr_runtime::record::Scratch;
use xdr_runtime::xdr_model::pattern::Target;

use super::decode::{Field, as_key};
use super::lines::{Layout, Seen};
use super::pairs::cef_key;
use super::text::folded;
use super::yaml::scalar;

/// A form with a head between bars.
pub(super) struct Barred {
    /// The step of `decode`.
    pub(super) step: &'static str,
    word: &'static str,
    version: &'static str,
    /// What stands between pairs.
    separator: &'static str,
    /// The head's parts: the key of the step, and the names that a guide may have for it, folded.
    parts: &'static [(&'static str, &'static [&'static str])],
}

const CEF: Barred = Barred {
    step: "cef",
    word: "CEF",
    version: "0",
    separator: " ",
    parts: &[
        ("version", &["cefversion", "version"]),
        ("vendor", &["devicevendor", "vendor"]),
        ("product", &["deviceproduct", "product"]),
        ("device-version", &["deviceversion", "productversion"]),
        ("signature", &["signatureid", "deviceeventclassid", "eventclassid", "eventid", "deviceeventid"]),
        ("name", &["name", "eventname"]),
        ("severity", &["severity", "agentseverity", "deviceseverity"]),
    ],
};

const LEEF: Barred = Barred {
    step: "leef",
    word: "LEEF",
    version: "1.0",
    separator: "\t",
    parts: &[
        ("version", &["leefversion", "version"]),
        ("vendor", &["vendor", "devicevendor"]),
        ("product", &["product", "deviceproduct"]),
        ("device-version", &["productversion", "deviceversion"]),
        ("event", &["eventid", "deviceeventid", "signatureid"]),
    ],
};

impl Barred {
    /// The form of a layout.
    pub(super) fn of(layout: Layout) -> Option<&'static Self> {
        match layout {
            Layout::Cef => Some(&CEF),
            Layout::Leef => Some(&LEEF),
            _ => None,
        }
    }

    /// The field that each part of the head is, by its name; one that is a key of the lines is none.
    pub(super) fn head<'f>(&self, seen: &Seen, fields: &'f [Field]) -> Vec<Option<&'f Field>> {
        let find = |(_, names): &(&str, &[&str])| {
            let is = |field: &&Field| {
                seen.keys(&field.printed).is_empty() && names.contains(&folded(&field.printed).as_str())
            };
            fields.iter().find(is)
        };
        self.parts.iter().map(find).collect()
    }

    /// The keys of the step that say which field each part of the head is. A part without one is kept under its own name.
    pub(super) fn head_keys(&self, head: &[Option<&Field>]) -> String {
        let mut out = String::new();
        for (field, (part, _)) in head.iter().zip(self.parts) {
            if let Some(field) = field {
                let _ = writeln!(out, "      {part}: {}", scalar(&field.name));
            }
        }
        out
    }

    /// Whether names are no keys of the form, and no custom key is listed itself, so that other pairs must tell them.
    pub(super) fn needs_labels(&self, fields: &[&Field]) -> bool {
        const CUSTOM: [&str; 6] = ["cs", "cn", "cfp", "c6a", "flexString", "deviceCustomDate"];
        let is_custom = |name: &str| {
            stem(name).is_some()
                || CUSTOM.contains(&name.trim_end_matches(|last: char| last.is_ascii_digit()))
        };
        self.step == CEF.step
            && fields
                .iter()
                .any(|field| field.printed.contains(' ') && self.key(&field.printed, true) == field.printed)
            && !fields.iter().any(|field| is_custom(&field.printed))
    }

    /// The key of a field of which no line shows one.
    pub(super) fn key(&self, name: &str, labels: bool) -> String {
        let known = cef_key(&folded(name)).filter(|_| self.step == CEF.step);
        match known {
            Some(key) => key.to_owned(),
            None if labels && name.trim() == name => name.to_owned(),
            None => as_key(name),
        }
    }

    /// A record, of samples where there are any. With `labels` a key that the form cannot write is told by another pair.
    pub(super) fn sample(&self, head: &[Option<&Field>], pairs: &[(String, String)], labels: bool) -> String {
        let mut out = format!("{}:", self.word);
        for (at, field) in head.iter().enumerate() {
            let sample = field.map(|field| field.sample.as_str());
            let usual = if at == 0 { self.version } else { "x" };
            let sample = sample.filter(|sample| !sample.is_empty() && !sample.contains(['|', '\\']));
            let _ = write!(out, "{}|", sample.unwrap_or(usual));
        }
        let mut done: Vec<&str> = Vec::new();
        let mut texts: Vec<String> = Vec::new();
        let mut stems = (1..=9).map(|number| format!("cs{number}"));
        for (key, value) in pairs {
            if done.contains(&key.as_str()) {
                continue;
            }
            done.push(key);
            let value = self.escaped(value);
            if !key.contains(' ') {
                texts.push(format!("{key}={value}"));
            } else if let Some(stem) = stems.next().filter(|_| labels) {
                texts.push(format!("{stem}={value}"));
                texts.push(format!("{stem}Label={}", self.escaped(key)));
            }
        }
        out + &texts.join(self.separator)
    }

    fn escaped(&self, value: &str) -> String {
        if self.step == CEF.step { value.replace('\\', "\\\\").replace('=', "\\=") } else { value.to_owned() }
    }

    /// The pairs of a line, if it has the form; with `labels` under the names that other pairs tell.
    pub(super) fn pairs(&self, line: &str, labels: bool) -> Option<Vec<(String, String)>> {
        const NONE: Target<'static> = Target::Field(0);
        let scratch = Scratch::new();
        let mut found = Found::default();
        let read = if self.step == CEF.step {
            let form = Cef {
                prefix: NONE,
                version: NONE,
                vendor: NONE,
                product: NONE,
                device_version: NONE,
                signature: NONE,
                name: NONE,
                severity: NONE,
                keys: &[],
                lookup: Lookup::LINEAR,
                labels,
            };
            cef::read(&form, line, &scratch, &mut found)
        } else {
            let form = Leef {
                prefix: NONE,
                version: NONE,
                vendor: NONE,
                product: NONE,
                device_version: NONE,
                event: NONE,
                keys: &[],
                lookup: Lookup::LINEAR,
                labels,
            };
            leef::read(&form, line, &scratch, &mut found)
        };
        read.ok().map(|()| found.0)
    }
}

/// The key that a key of a label names: one that ends in a digit.
pub(super) fn stem(key: &str) -> Option<&str> {
    key.strip_suffix("Label").filter(|stem| stem.ends_with(|last: char| last.is_ascii_digit()))
}

/// Pairs as they are read.
#[derive(Default)]
struct Found(Vec<(String, String)>);

impl<'a> Fill<'a> for Found {
    fn field(&mut self, _slot: u16, _field: Text<'a>) {}

    fn further(&mut self, _slot: u16, _field: Text<'a>) {}

    fn extra(&mut self, name: Name<'a>, field: Text<'a>) {
        self.0.push((name.key.decoded().into_owned(), field.decoded().into_owned()));
    }

    fn fault(&mut self, _fault: Fault<'a>) {}

    fn hand(&mut self, _text: &'a str) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_those_of_the_form() {
        let line = "<14>gw CEF:0|a\\|b|c|d|e|f|g|cs1=a b cs1Label=Host ID file=C:\\\\x\\=\"y";
        let pairs = |labels| CEF.pairs(line, labels).unwrap();
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(pairs(true), [pair("Host ID", "a b"), pair("file", "C:\\x=\"y")]);
        assert_eq!(pairs(false)[1], pair("cs1Label", "Host ID"));
        assert_eq!(LEEF.pairs("LEEF:2.0|a|b|c|d|^|x=1^y=2", true).unwrap(), [pair("x", "1"), pair("y", "2")]);
        assert_eq!(CEF.pairs("CEF:0|a|b|c", true), None);
    }
}
