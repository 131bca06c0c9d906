//! CEF and LEEF: a head between bars, in front of pairs.

use super::decode::Field;
use super::lines::{Layout, Seen};
use super::text::folded;

/// A form with a head between bars.
pub(super) struct Barred {
    pub(super) word: &'static str,
    /// The head's parts: the names that a guide may have for each, folded; the first, as `_name`, is the name where it has none.
    parts: &'static [&'static [&'static str]],
}

pub(super) const CEF: Barred = Barred {
    word: "CEF",
    parts: &[
        &["cefversion", "version"],
        &["devicevendor", "vendor"],
        &["deviceproduct", "product"],
        &["deviceversion", "productversion"],
        &["signatureid", "deviceeventclassid", "eventclassid", "eventid", "deviceeventid"],
        &["name", "eventname"],
        &["severity", "agentseverity", "deviceseverity"],
    ],
};

pub(super) const LEEF: Barred = Barred {
    word: "LEEF",
    parts: &[
        &["leefversion", "version"],
        &["vendor", "devicevendor"],
        &["product", "deviceproduct"],
        &["productversion", "deviceversion"],
        &["eventid", "deviceeventid", "signatureid"],
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
        let find = |names: &&[&str]| {
            let is = |field: &&Field| {
                seen.keys(&field.printed).is_empty() && names.contains(&folded(&field.printed).as_str())
            };
            fields.iter().find(is)
        };
        self.parts.iter().map(find).collect()
    }

    /// The template of the head, with the rest for the next step.
    pub(super) fn template(&self, head: &[Option<&Field>]) -> String {
        let captures: Vec<String> = head
            .iter()
            .zip(self.parts)
            .map(|(field, names)| match field {
                Some(field) => format!("{{{}}}", field.name),
                None => format!("{{_{}}}", names.first().unwrap_or(&"part")),
            })
            .collect();
        format!("{}:{}|{{*}}", self.word, captures.join("|"))
    }

    /// A head, of samples where there are any.
    pub(super) fn sample(&self, head: &[Option<&Field>]) -> String {
        let values: Vec<&str> = head
            .iter()
            .enumerate()
            .map(|(at, field)| match field {
                Some(field) if !field.sample.is_empty() && !field.sample.contains('|') => {
                    field.sample.as_str()
                }
                _ if at == 0 => "0",
                _ => "x",
            })
            .collect();
        format!("{}:{}|", self.word, values.join("|"))
    }
}
