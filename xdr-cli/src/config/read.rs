//! Reads the configuration's TOML: every key is known, and every value is what its key takes.

use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};
use xdr_codegen::diag::near;

use super::{Config, Finding, LONGEST_RECORD, Limits, MOST_THREADS, Spans};
use crate::enrich;
use crate::settings::{Given, Key};

/// The keys at the top.
const TOP: [&str; 2] = ["limits", "sources"];
/// The keys of `limits`.
const LIMITS: [&str; 2] = ["max-record", "threads"];

pub(super) fn read(name: &str, text: &str, sources: &[&str]) -> (Config, Vec<Finding>) {
    let folder = Path::new(name).parent().unwrap_or(Path::new(""));
    let mut reader = Reader { text, folder, findings: Vec::new() };
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let span = error.span().unwrap_or_default();
        let key = text.get(span.clone()).filter(|_| error.message() == "duplicate key");
        let key = key.map(|key| format!(" `{key}`")).unwrap_or_default();
        reader.wrong(span, &format!("{}{key}", error.message()));
    }
    let mut config = Config::default();
    if reader.findings.is_empty() {
        reader.top(table.get_ref(), sources, &mut config);
    }
    reader.findings.sort_by_key(|finding| (finding.span.start, finding.span.end));
    (config, reader.findings)
}

struct Reader<'f> {
    text: &'f str,
    /// Where files are looked for.
    folder: &'f Path,
    findings: Vec<Finding>,
}

impl Reader<'_> {
    fn top(&mut self, table: &DeTable<'_>, sources: &[&str], config: &mut Config) {
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "limits" => {
                    if let Some(table) = self.table("limits", value) {
                        config.limits = self.limits(table);
                    }
                }
                "sources" => {
                    for (key, value) in self.table("sources", value).into_iter().flatten() {
                        let name = key.get_ref().as_ref();
                        if !sources.contains(&name) {
                            self.unknown("source", key, value, sources);
                        } else if let Some(table) = self.table(name, value) {
                            let given = self.source(name, table, &mut config.spans);
                            config.sources.insert(name.to_owned(), given);
                        }
                    }
                }
                _ => self.unknown("key", key, value, &TOP),
            }
        }
    }

    fn limits(&mut self, table: &DeTable<'_>) -> Limits {
        let mut limits = Limits::default();
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "max-record" => limits.max_record = self.number(key, value, LONGEST_RECORD),
                "threads" => limits.threads = self.number(key, value, MOST_THREADS),
                _ => self.unknown("key", key, value, &LIMITS),
            }
        }
        limits
    }

    /// An integer from 1 to `most`.
    fn number<N: TryFrom<i64> + Into<i64> + Copy>(
        &mut self,
        key: &Spanned<DeString<'_>>,
        value: &Spanned<DeValue<'_>>,
        most: N,
    ) -> Option<N> {
        let name = key.get_ref();
        let DeValue::Integer(integer) = value.get_ref() else {
            let message = format!("`{name}` of `limits` is a {}, an integer is expected", kind(value));
            self.wrong(value.span(), &message);
            return None;
        };
        let number = i64::from_str_radix(integer.as_str(), integer.radix()).ok();
        let number = number.filter(|number| (1..=most.into()).contains(number));
        let number = number.and_then(|number| N::try_from(number).ok());
        if number.is_none() {
            let message = format!("`{name}` is {integer}, expected 1 to {}", most.into());
            self.wrong(value.span(), &message);
        }
        number
    }

    fn source(&mut self, source: &str, table: &DeTable<'_>, spans: &mut Spans) -> Given {
        let mut given = Given::default();
        for (name, value) in table {
            let written = name.get_ref().as_ref();
            if let Some(key) = enrich::Key::ALL.into_iter().find(|key| key.in_file() == written) {
                self.enrichment(source, key, value, &mut given.enrich);
                spans.insert((source.to_owned(), key.in_file()), value.span());
            } else if let Some(key) = Key::ALL.into_iter().find(|key| key.in_file() == written) {
                self.setting(source, key, value, &mut given);
            } else {
                let known = Key::ALL.map(Key::in_file).into_iter();
                let known: Vec<&str> = known.chain(enrich::Key::ALL.map(enrich::Key::in_file)).collect();
                self.unknown("key", name, value, &known);
            }
        }
        given
    }

    fn setting(&mut self, source: &str, key: Key, value: &Spanned<DeValue<'_>>, given: &mut Given) {
        let name = key.in_file();
        let DeValue::String(text) = value.get_ref() else {
            let message = format!("`{name}` of `{source}` is a {}, a string is expected", kind(value));
            return self.wrong(value.span(), &message);
        };
        if let Err(reason) = given.set(key, text) {
            self.wrong(value.span(), &format!("`{name}`: {reason}"));
        }
    }

    /// A string, or, if the key takes several, a list of strings.
    fn enrichment(
        &mut self,
        source: &str,
        key: enrich::Key,
        value: &Spanned<DeValue<'_>>,
        given: &mut enrich::Given,
    ) {
        let name = key.in_file();
        let members = match value.get_ref() {
            DeValue::Array(members) if key.takes_several() => members.iter().collect(),
            _ => vec![value],
        };
        let known = self.findings.len();
        for member in members {
            let DeValue::String(text) = member.get_ref() else {
                let expected = if key.takes_several() { "strings are" } else { "a string is" };
                let message = format!("`{name}` of `{source}` holds a {}, {expected} expected", kind(member));
                self.wrong(member.span(), &message);
                continue;
            };
            if let Err(reason) = given.set(key, text, self.folder) {
                self.wrong(member.span(), &format!("`{name}`: {reason}"));
            }
        }
        // What is missing may be what is wrong.
        if let Err(reason) = given.fits(key)
            && self.findings.len() == known
        {
            self.wrong(value.span(), &format!("`{name}`: {reason}"));
        }
    }

    fn table<'t, 'v>(&mut self, name: &str, value: &'t Spanned<DeValue<'v>>) -> Option<&'t DeTable<'v>> {
        if let DeValue::Table(table) = value.get_ref() {
            return Some(table);
        }
        self.wrong(value.span(), &format!("`{name}` is a {}, a table is expected", kind(value)));
        None
    }

    fn unknown(
        &mut self,
        what: &str,
        key: &Spanned<DeString<'_>>,
        value: &Spanned<DeValue<'_>>,
        known: &[&str],
    ) {
        let help = match near(key.get_ref(), known.iter().copied()) {
            Some(name) => format!("did you mean `{name}`?"),
            None => format!("known: {}", known.join(", ")),
        };
        let message = format!("unknown {what} `{}`", key.get_ref().escape_debug());
        let hidden = self.behind(&key.span(), value.span());
        self.findings.push(Finding { span: key.span(), message, help: Some(help), hidden });
    }

    /// Where a value stands that is not to be shown. That of `a.b = 1` begins, to the parser, with its key; then it is all that stands
    /// behind the sign of assignment in the line, and a table under a heading is nothing of it.
    fn behind(&self, key: &Range<usize>, value: Range<usize>) -> Option<Range<usize>> {
        let behind = self.text.get(key.end..)?;
        let line = behind.get(..behind.find('\n').unwrap_or(behind.len()))?;
        let from = key.end + line.find('=')? + 1;
        let from = from + self.text.get(from..)?.bytes().take_while(|byte| *byte == b' ').count();
        Some(if value.start >= from { value } else { from..key.end + line.len() })
    }

    fn wrong(&mut self, span: Range<usize>, message: &str) {
        // The TOML parser's messages may have several lines.
        let message = message.lines().collect::<Vec<_>>().join(", ");
        self.findings.push(Finding { span, message, help: None, hidden: None });
    }
}

fn kind(value: &Spanned<DeValue<'_>>) -> &'static str {
    match value.get_ref() {
        DeValue::String(_) => "string",
        DeValue::Integer(_) | DeValue::Float(_) => "number",
        DeValue::Boolean(_) => "boolean",
        DeValue::Datetime(_) => "date",
        DeValue::Array(_) => "list",
        DeValue::Table(_) => "table",
    }
}
