//! The lock of a spec.
//!
//! It holds what is written, not what it compiles to: an entry of a lock is a line that its author knows again.

use std::collections::BTreeMap;

use xdr_codegen::ast::{
    CatalogueFile, Choose, Conversion, Csv, Embedded, Enrich, FanIn, Reading, Required, Row,
    Section as Table, Spec, Step, Test, TextEntry, When, Wrapper,
};
use xdr_codegen::diag::Diagnostics;
use xdr_codegen::node::{Entries, Flag, OneOrMany, Text};
use xdr_codegen::source::Files;
use xdr_codegen::{Input, parse};
use xdr_model::Token;

use super::{Entry, Lock, Section, Version};

/// The lock of a source's folder.
///
/// # Errors
/// The spec or its catalogue cannot be read; `xdr check` says why.
pub fn lock(input: &Input, version: Version) -> Result<Lock, String> {
    let mut files = Files::new();
    let mut diags = Diagnostics::new();
    let mut by_name = BTreeMap::new();
    for (path, bytes) in &input.files {
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
        if let Some(file) = files.add_bytes(path, bytes.clone(), &mut diags) {
            by_name.insert(name.to_owned(), file);
        }
    }
    let wrong = || format!("the spec of `{}` has errors; `xdr check` shows them", input.name);
    let spec =
        by_name.get("spec.yaml").and_then(|file| parse::spec(*file, &files, &mut diags)).ok_or_else(wrong)?;
    let mut catalogue = None;
    if let Some(name) = catalogue_name(&spec.decode) {
        let file = by_name.get(name).ok_or_else(wrong)?;
        catalogue = Some(parse::catalogue(*file, &files, &mut diags).ok_or_else(wrong)?);
    }
    if diags.has_errors() {
        return Err(wrong());
    }
    Ok(of(&spec, catalogue.as_ref(), version))
}

fn of(spec: &Spec, catalogue: Option<&CatalogueFile>, version: Version) -> Lock {
    let mut decode = Vec::new();
    steps(&spec.decode, "", &mut decode);
    let wrappers = spec.unwrap.iter().map(|wrapper| match wrapper.value {
        Wrapper::Csv => "csv",
        Wrapper::Json => "json",
    });
    let records = Entry::new("records")
        .with("as", [spec.records.map_or("lines", |records| records.value.word())])
        .with("unwrap", wrappers);
    let records = match &spec.embedded {
        None => records,
        Some(Embedded::Key(key)) => records.with("embedded", texts(key)),
        Some(Embedded::Rule(rule)) => {
            records.with("embedded in", many(&rule.members)).with("embedded key", many(&rule.keys))
        }
    };
    decode.insert(0, records);
    if let Some(tokens) = &spec.required {
        decode.push(Entry::new("required").with("required", tokens.iter().map(required)));
    }
    let (mut messages, mut families) = (Vec::new(), Vec::new());
    spec.enrich.iter().for_each(|enrich| self::enrich(enrich, &mut decode));
    if let Some(catalogue) = catalogue {
        self::catalogue(catalogue, &mut decode);
        for (key, message) in catalogue.messages.iter() {
            let status = message.status.map(|status| status.value.word());
            let entry =
                said(key, &message.set, message.text.as_ref(), message.read.map(|read| read.value), status);
            messages.push(entry.with("required", many(&message.required)).with("note", texts(&message.note)));
        }
        for (key, family) in catalogue.families.iter() {
            let status = family.status.map(|status| status.value.word());
            let entry =
                said(key, &family.set, family.text.as_ref(), family.read.map(|read| read.value), status);
            families.push(entry.with("required", many(&family.required)));
        }
    }
    let (values, cases) = values(spec);
    let all = [about(spec), tokens(spec), decode, rows(spec), values, cases, messages, families];
    let sections =
        super::SECTIONS.into_iter().zip(all).map(|(name, entries)| Section { name, entries }).collect();
    Lock { source: spec.source.text.clone(), version, sections }
}

fn texts<'t>(text: impl Into<Option<&'t Text>>) -> Option<&'t str> {
    text.into().map(|text| text.text.as_str())
}

fn many<'t>(texts: impl Into<Option<&'t OneOrMany<Text>>>) -> Vec<&'t str> {
    texts.into().into_iter().flat_map(|texts| texts.iter()).map(|text| text.text.as_str()).collect()
}

fn list(texts: &[Text]) -> impl Iterator<Item = &str> {
    texts.iter().map(|text| text.text.as_str())
}

fn about(spec: &Spec) -> Vec<Entry> {
    let (guide, device) = (&spec.guide, &spec.device);
    vec![
        Entry::new("guide")
            .with("title", [&*guide.title])
            .with("published", texts(&guide.published))
            .with("formats", list(&guide.formats)),
        Entry::new("device")
            .with("type", [&*device.kind])
            .with("vendor", [&*device.vendor])
            .with("product", [&*device.product])
            .with("versions", list(&device.versions)),
    ]
}

/// All the rows, in the order in which they fill their tokens.
fn all(spec: &Spec) -> impl Iterator<Item = (&'static str, &Row)> {
    let tables = [("map", &spec.map), ("internal", &spec.internal), ("beyond", &spec.beyond)];
    tables.into_iter().flat_map(|(name, rows)| rows.iter().map(move |row| (name, row)))
}

fn joined(row: &Row) -> String {
    row.from.iter().flat_map(|from| from.iter()).map(|text| text.text.as_str()).collect::<Vec<_>>().join(".")
}

/// What `fan-in` calls the mapping of a row.
fn mapping(row: &Row) -> String {
    let word = if row.enrich.is_some() {
        "enrich"
    } else if row.value.is_some() {
        "value"
    } else if row.setting.is_some() {
        "setting"
    } else if row.run.is_some() {
        "run"
    } else {
        return row.field.as_ref().map_or_else(|| joined(row), |field| field.text.clone());
    };
    word.to_owned()
}

/// The tokens that the source fills, in the schema's order, with their kinds and what fills them, in its order.
fn tokens(spec: &Spec) -> Vec<Entry> {
    let mut from: BTreeMap<Token, Vec<String>> = BTreeMap::new();
    let mut spare: BTreeMap<Token, Vec<String>> = BTreeMap::new();
    let mut fill = |token: &str, name: String| from.entry_of(token, name);
    for (_, row) in all(spec).filter(|(_, row)| row.waived.is_none()) {
        if let Some(token) = &row.token {
            fill(token, mapping(row));
        }
    }
    for (name, map) in spec.values.iter() {
        if let (Some(_), Some(token)) = (&map.from, &map.token) {
            fill(token, name.text.clone());
        }
    }
    for (_, row) in all(spec).filter(|(_, row)| row.waived.is_none()) {
        let refused = row.otherwise.iter().flat_map(|tokens| tokens.iter());
        let port = match &row.conversion {
            Some(Conversion::Socket { port, .. }) => port.as_ref(),
            _ => None,
        };
        for token in refused.chain(port) {
            spare.entry_of(token, format!("{} (else)", mapping(row)));
        }
    }
    for (token, policy) in spec.fan_in.iter() {
        if let (FanIn::Rule(rule), Some(token)) = (policy, Token::from_name(&token.text)) {
            from.insert(token, rule.first.iter().map(|name| name.text.clone()).collect());
        }
    }
    let filled = Token::ALL.into_iter().filter(|token| from.contains_key(token) || spare.contains_key(token));
    filled
        .map(|token| {
            let policy = spec.fan_in.get(token.name());
            let (by, cases) = match policy {
                Some(FanIn::Rule(rule)) => (texts(&rule.by), pairs(&rule.cases)),
                _ => (None, Vec::new()),
            };
            Entry::new(token.name())
                .with("kind", [token.kind().name()])
                .with("from", from.get(&token).into_iter().chain(spare.get(&token)).flatten())
                .with("list", matches!(policy, Some(FanIn::List(_))).then_some("all"))
                .with("by", by)
                .with("by case", cases)
        })
        .collect()
}

/// Adds a name to those of a token, once.
trait Fill {
    fn entry_of(&mut self, token: &str, name: String);
}

impl Fill for BTreeMap<Token, Vec<String>> {
    fn entry_of(&mut self, token: &str, name: String) {
        let Some(token) = Token::from_name(token) else { return };
        let names = self.entry(token).or_default();
        if !names.contains(&name) {
            names.push(name);
        }
    }
}

fn pairs(entries: &Entries<Text>) -> Vec<String> {
    entries.iter().map(|(key, value)| format!("{} = {}", key.text, value.text)).collect()
}

fn rows(spec: &Spec) -> Vec<Entry> {
    all(spec).map(|(table, row)| self::row(table, row)).collect()
}

fn row(table: &str, row: &Row) -> Entry {
    let from = joined(row);
    let key = if from.is_empty() {
        row.token.as_ref().map_or_else(String::new, |token| token.text.clone())
    } else {
        from
    };
    let section = row.section.map_or(table, |section| match section.value {
        Table::Field => "map",
        Table::Derived => "derived",
        Table::Internal => "internal",
    });
    let token = row.token.as_deref().filter(|_| row.waived.is_none());
    let entry = Entry::new(key)
        .with("token", token)
        .with("field", texts(&row.field))
        .with("value", texts(&row.value))
        .with("setting", row.setting.map(|word| word.value.word()))
        .with("run", row.run.map(|word| word.value.word()))
        .with("enrich", row.enrich.map(|word| word.value.word()))
        .with("when", tests(row.when.as_ref()));
    conversion(row.conversion.as_ref(), entry)
        .with("values", texts(&row.values))
        .with("otherwise", many(&row.otherwise))
        .with("none", many(&row.none))
        .with("table", [section])
        .with("sample", texts(&row.sample))
        .with("alternatives", texts(&row.alternatives))
        .with("decision", texts(&row.decision))
        .with("waived", texts(&row.waived))
}

/// Conditions as texts.
fn tests(when: Option<&When>) -> Vec<String> {
    let tests = when.into_iter().flat_map(|when| &when.tests).map(|(field, test)| {
        let test = match test {
            Test::Present(_) => "is present".to_owned(),
            Test::Absent(_) => "is absent".to_owned(),
            Test::Is(values) => format!("is {}", list(values).collect::<Vec<_>>().join(" or ")),
        };
        format!("{} {test}", field.text)
    });
    tests.collect()
}

/// A required token with its conditions.
fn required(required: &Required) -> String {
    let when = tests(required.when());
    if when.is_empty() {
        required.token().text.clone()
    } else {
        format!("{} where {}", required.token().text, when.join(" and "))
    }
}

fn conversion(conversion: Option<&Conversion>, entry: Entry) -> Entry {
    match conversion {
        None => entry,
        Some(Conversion::Time(rule)) => entry
            .with("as", ["time"])
            .with("formats", list(&rule.formats))
            .with("zone", texts(&rule.zone))
            .with("zone-from", texts(&rule.zone_from))
            .with("year", rule.year.map(|word| word.value.word()))
            .with("year-from", texts(&rule.year_from))
            .with("order", rule.order.map(|word| word.value.word()))
            .with("order-from", many(&rule.order_from))
            .with("unset", many(&rule.unset)),
        Some(Conversion::Socket { port, .. }) => entry.with("as", ["socket"]).with("port", texts(port)),
        Some(Conversion::Split { separator, .. }) => entry.with("as", [format!("split {}", separator.text)]),
        Some(Conversion::Phrase { phrase, .. }) => entry.with("as", [format!("text {}", phrase.text)]),
        Some(Conversion::PriSeverity(_)) => entry.with("as", ["pri-severity"]),
        Some(Conversion::BaseName(_)) => entry.with("as", ["base-name"]),
        Some(Conversion::DirName(_)) => entry.with("as", ["dir-name"]),
    }
}

/// The value maps, and their cases and ranges.
fn values(spec: &Spec) -> (Vec<Entry>, Vec<Entry>) {
    let (mut maps, mut cases) = (Vec::new(), Vec::new());
    for (name, map) in spec.values.iter() {
        let outside = map.otherwise.map_or("refuse", |word| word.value.word());
        maps.push(
            Entry::new(&*name.text)
                .with("from", texts(&map.from))
                .with("token", texts(&map.token))
                .with("fold", [map.fold.map_or("exact", |word| word.value.word())])
                .with("otherwise", [outside])
                .with("title", texts(&map.title))
                .with("decision", texts(&map.decision))
                .with("beyond", map.beyond.filter(|flag| flag.value).map(|_| "true")),
        );
        for (from, to) in map.cases.iter().chain(map.ranges.iter()) {
            cases.push(
                Entry::new(format!("{}: {}", name.text, from.text))
                    .with("to", [&*to.text])
                    .with("else", [outside]),
            );
        }
    }
    (maps, cases)
}

fn said(
    key: &Text,
    set: &Entries<Text>,
    text: Option<&OneOrMany<TextEntry>>,
    read: Option<Reading>,
    status: Option<&str>,
) -> Entry {
    let templates = text.into_iter().flat_map(|text| text.iter()).map(|entry| match entry {
        TextEntry::Match(own) if !own.set.is_empty() => {
            format!("{} (sets {})", own.template.text, pairs(&own.set).join(", "))
        }
        other => other.template().text.clone(),
    });
    let mut entry = Entry::new(&*key.text);
    for (field, value) in set.iter() {
        entry = entry.with(&format!("set {}", field.text), [&*value.text]);
    }
    entry.with("text", templates).with("read", read.map(Reading::word)).with("status", status)
}

/// What a step says of its parts.
fn header(entry: Entry, parts: &[(&str, &Option<Text>)], labels: Option<&Flag>) -> Entry {
    parts
        .iter()
        .fold(entry, |entry, (part, field)| entry.with(part, texts(*field)))
        .with("labels", labels.map(|flag| flag.value.to_string()))
}

/// The columns of a step.
fn columns(step: &Csv, name: &str, to: &mut Vec<Entry>) {
    to.push(
        Entry::new(name)
            .with("columns", list(&step.columns))
            .with("separator", texts(&step.separator))
            .with("least", texts(&step.least))
            .with("kind", texts(&step.kind)),
    );
    keys(&step.keys, name, to);
}

/// The steps of `decode`, each under its way.
fn steps(list: &[Step], way: &str, to: &mut Vec<Entry>) {
    for (number, step) in list.iter().enumerate() {
        let name = |step: &str| format!("{way}{} {step}", number + 1);
        match step {
            Step::Syslog(step) => {
                let parts = [
                    ("host", &step.host),
                    ("time", &step.time),
                    ("pri", &step.pri),
                    ("program", &step.program),
                    ("pid", &step.pid),
                    ("msgid", &step.msgid),
                    ("relay", &step.relay),
                    ("relay-time", &step.relay_time),
                ];
                let entry = parts
                    .into_iter()
                    .fold(Entry::new(name("syslog")), |entry, (part, field)| entry.with(part, texts(field)));
                to.push(
                    entry.with("before", self::list(&step.before)).with("after", self::list(&step.after)),
                );
            }
            Step::Template(templates) => {
                to.push(Entry::new(name("template")).with("text", self::list(templates)));
            }
            Step::Cef(step) => {
                let parts = [
                    ("prefix", &step.prefix),
                    ("version", &step.version),
                    ("vendor", &step.vendor),
                    ("product", &step.product),
                    ("device-version", &step.device_version),
                    ("signature", &step.signature),
                    ("name", &step.name),
                    ("severity", &step.severity),
                ];
                to.push(header(Entry::new(name("cef")), &parts, step.labels.as_ref()));
                keys(&step.keys, &name("cef"), to);
            }
            Step::Leef(step) => {
                let parts = [
                    ("prefix", &step.prefix),
                    ("version", &step.version),
                    ("vendor", &step.vendor),
                    ("product", &step.product),
                    ("device-version", &step.device_version),
                    ("event", &step.event),
                ];
                to.push(header(Entry::new(name("leef")), &parts, step.labels.as_ref()));
                keys(&step.keys, &name("leef"), to);
            }
            Step::KeyValue(step) => {
                to.push(
                    Entry::new(name("key-value"))
                        .with("assign", texts(&step.assign))
                        .with("first", texts(&step.first))
                        .with("last", texts(&step.last))
                        .with("only-known", step.only_known.map(|flag| flag.value.to_string()))
                        .with("escapes", step.escapes.map(|flag| flag.value.to_string()))
                        .with("nested", self::list(&step.nested)),
                );
                keys(&step.keys, &name("key-value"), to);
            }
            Step::Csv(step) => columns(step, &name("csv"), to),
            Step::Json(step) => {
                to.push(
                    Entry::new(name("json"))
                        .with("envelope", self::list(&step.envelope))
                        .with("hand", texts(&step.hand)),
                );
                keys(&step.paths, &name("json"), to);
                for (path, choose) in step.choose.iter() {
                    let choose = match choose {
                        Choose::First(_) => "first".to_owned(),
                        Choose::Each(_) => "each".to_owned(),
                        Choose::Highest(key) => format!("highest {}", key.text),
                        Choose::By(key) => format!("by {}", key.text),
                    };
                    to.push(
                        Entry::new(format!("{} choose {}", name("json"), path.text)).with("choose", [choose]),
                    );
                }
            }
            Step::OneOf(forms) => {
                to.push(Entry::new(name("one-of")).with("forms", forms.iter().map(|(form, _)| &*form.text)));
                for (form, list) in forms.iter() {
                    steps(list, &format!("{} {} ", name("one-of"), form.text), to);
                }
            }
            Step::Catalogue(step) => to.push(
                Entry::new(name("catalogue"))
                    .with("key", self::list(&step.key))
                    .with("otherwise", [step.otherwise.map_or("partial", |word| word.value.word())])
                    .with("fold", step.fold.map(|word| word.value.word()))
                    .with("keyless", step.keyless.map(|word| word.value.word())),
            ),
        }
    }
}

fn keys(entries: &Entries<OneOrMany<Text>>, way: &str, to: &mut Vec<Entry>) {
    to.extend(
        entries
            .iter()
            .map(|(key, texts)| Entry::new(format!("{way} {}", key.text)).with("text", list(texts))),
    );
}

fn catalogue(file: &CatalogueFile, to: &mut Vec<Entry>) {
    to.push(Entry::new("catalogue").with("trailing", texts(&file.trailing)));
    for (name, part) in file.parts.iter() {
        to.push(Entry::new(format!("part {}", name.text)).with("text", list(part)));
    }
    if let Some(body) = &file.pairs {
        to.push(
            Entry::new("pairs")
                .with("separator", texts(&body.separator))
                .with("prefix", texts(&body.prefix))
                .with("unlisted", texts(&body.unlisted)),
        );
        keys(&body.keys, "pairs", to);
    }
}

fn enrich(enrich: &Enrich, to: &mut Vec<Entry>) {
    if let Some(networks) = &enrich.networks {
        to.push(
            Entry::new("enrich networks")
                .with("source", list(&networks.source))
                .with("destination", list(&networks.destination))
                .with("context", [&*networks.context]),
        );
    }
    if let Some(directory) = &enrich.directory {
        to.push(
            Entry::new("enrich directory")
                .with("user", list(&directory.user))
                .with("fill", list(&directory.fill)),
        );
    }
    for geo in enrich.geo.iter().flat_map(|geo| geo.iter()) {
        let address = list(&geo.address).collect::<Vec<_>>().join(" or ");
        to.push(
            Entry::new(format!("enrich geo {address}"))
                .with("coordinates", texts(&geo.coordinates))
                .with("country", texts(&geo.country))
                .with("city", texts(&geo.city)),
        );
    }
    to.extend(enrich.tags.iter().map(|tags| Entry::new("enrich tags").with("token", [&*tags.text])));
}

/// The file of the catalogue that a step names.
fn catalogue_name(list: &[Step]) -> Option<&str> {
    list.iter().find_map(|step| match step {
        Step::Catalogue(step) => Some(&*step.file.text),
        Step::OneOf(forms) => forms.iter().find_map(|(_, list)| catalogue_name(list)),
        _ => None,
    })
}
