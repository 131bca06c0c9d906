//! The configuration file: the settings of sources, so that they need not be typed for every run.
//!
//! ```toml
//! [sources.citrix-vpn]
//! zone = "Europe/London"
//! date-order = "dmy"
//! customer-id = "d656b196-edb7-45e6-8485-3748a740d002"
//! ```

use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};
use xdr_codegen::diag::near;

use crate::enrich;
use crate::failure::Failure;
use crate::settings::{Given, Key};

/// The settings of one source, out of the file at `path`. `sources` are the names of all sources. The whole file is checked.
///
/// # Errors
/// The file cannot be read, is not TOML, names something unknown, or holds a value that a setting does not take.
pub(crate) fn load(path: &Path, source: &str, sources: &[&str]) -> Result<Given, Failure> {
    let name = path.display().to_string();
    let text =
        std::fs::read_to_string(path).map_err(|error| Failure::reading(format!("`{name}`"), &error))?;
    read(&name, &text, source, sources)
}

fn read(name: &str, text: &str, source: &str, sources: &[&str]) -> Result<Given, Failure> {
    let file = File { name, text };
    let table = DeTable::parse(text).map_err(|error| file.wrong(error.span(), error.message()))?;
    let mut found = Given::default();
    for (key, value) in table.get_ref() {
        if key.get_ref() != "sources" {
            return Err(file.unknown("key", key, ["sources"].into_iter()));
        }
        for (key, value) in file.table("sources", value)? {
            if !sources.contains(&key.get_ref().as_ref()) {
                return Err(file.unknown("source", key, sources.iter().copied()));
            }
            let given = file.settings(key.get_ref(), file.table(key.get_ref(), value)?)?;
            if key.get_ref() == source {
                found = given;
            }
        }
    }
    Ok(found)
}

struct File<'f> {
    name: &'f str,
    text: &'f str,
}

impl File<'_> {
    fn settings(&self, source: &str, table: &DeTable<'_>) -> Result<Given, Failure> {
        let mut given = Given::default();
        for (name, value) in table {
            if let Some(key) = enrich::Key::ALL.into_iter().find(|key| key.in_file() == name.get_ref()) {
                self.enrichment(source, key, value, &mut given.enrich)?;
                continue;
            }
            let Some(key) = Key::ALL.into_iter().find(|key| key.in_file() == name.get_ref()) else {
                let known = Key::ALL.into_iter().map(Key::in_file);
                return Err(self.unknown(
                    "key",
                    name,
                    known.chain(enrich::Key::ALL.map(enrich::Key::in_file)),
                ));
            };
            let DeValue::String(text) = value.get_ref() else {
                let message =
                    format!("`{}` of `{source}` is a {}, a string is expected", key.in_file(), kind(value));
                return Err(self.wrong(Some(value.span()), &message));
            };
            given.set(key, text).map_err(|reason| {
                self.wrong(Some(value.span()), &format!("`{}`: {reason}", key.in_file()))
            })?;
        }
        Ok(given)
    }

    /// A string, or, if the key takes several, a list of strings.
    fn enrichment(
        &self,
        source: &str,
        key: enrich::Key,
        value: &Spanned<DeValue<'_>>,
        given: &mut enrich::Given,
    ) -> Result<(), Failure> {
        let folder = Path::new(self.name).parent().unwrap_or(Path::new(""));
        let members = match value.get_ref() {
            DeValue::Array(members) if key.takes_several() => members.iter().collect(),
            _ => vec![value],
        };
        for member in members {
            let DeValue::String(text) = member.get_ref() else {
                let expected = if key.takes_several() { "strings are" } else { "a string is" };
                let message = format!(
                    "`{}` of `{source}` holds a {}, {expected} expected",
                    key.in_file(),
                    kind(member)
                );
                return Err(self.wrong(Some(member.span()), &message));
            };
            given.set(key, text, folder).map_err(|reason| {
                self.wrong(Some(member.span()), &format!("`{}`: {reason}", key.in_file()))
            })?;
        }
        Ok(())
    }

    fn table<'t, 'v>(&self, name: &str, value: &'t Spanned<DeValue<'v>>) -> Result<&'t DeTable<'v>, Failure> {
        if let DeValue::Table(table) = value.get_ref() {
            return Ok(table);
        }
        Err(self.wrong(Some(value.span()), &format!("`{name}` is a {}, a table is expected", kind(value))))
    }

    fn unknown<'n>(
        &self,
        what: &str,
        key: &Spanned<DeString<'_>>,
        known: impl Iterator<Item = &'n str>,
    ) -> Failure {
        let known: Vec<&str> = known.collect();
        let failure = self.wrong(Some(key.span()), &format!("unknown {what} `{}`", key.get_ref()));
        match near(key.get_ref(), known.iter().copied()) {
            Some(name) => failure.suggest(Some(name)),
            None => failure.help(format!("known: {}", known.join(", "))),
        }
    }

    /// An error at a place of the file, which is shown as `file:line:`. The TOML parser's messages may have several lines.
    fn wrong(&self, span: Option<Range<usize>>, message: &str) -> Failure {
        let at = span.map_or(0, |span| span.start);
        let line = self.text.bytes().take(at).filter(|&byte| byte == b'\n').count() + 1;
        let message = message.lines().collect::<Vec<_>>().join(", ");
        Failure::usage(format!("{}:{line}: {message}", self.name))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<Given, (String, Option<String>)> {
        read("xdr.toml", text, "acme-vpn", &["acme-vpn", "acme-edr"]).map_err(|failure| match failure {
            Failure::Error { message, help, .. } => (message, help),
            Failure::Closed => panic!(),
        })
    }

    #[test]
    fn settings_are_those_of_the_source() {
        let given = check(
            "[sources.acme-edr]\nzone = \"Asia/Tokyo\"\n[sources.acme-vpn]\nzone = \"Europe/London\"\ndate-order = \"dmy\"\n\
             device-host = \"gw.example.com\"\ncustomer-id = \"d656b196-edb7-45e6-8485-3748a740d002\"\n",
        )
        .unwrap();
        assert_eq!(given.zone, Some(chrono_tz::Europe::London));
        assert_eq!(given.device_host.as_deref(), Some("gw.example.com"));
        assert!(given.customer_id.is_some() && given.order.is_some() && given.collector_id.is_none());
        assert_eq!(check("").unwrap(), Given::default());
    }

    #[test]
    fn mistakes_are_shown_at_their_line_with_a_near_name() {
        for (text, message, help) in [
            ("[source.acme-vpn]", "xdr.toml:1: unknown key `source`", "did you mean `sources`?"),
            ("\n[sources.acme-vnp]", "xdr.toml:2: unknown source `acme-vnp`", "did you mean `acme-vpn`?"),
            ("[sources.acme-vpn]\nzoen=\"UTC\"", "xdr.toml:2: unknown key `zoen`", "did you mean `zone`?"),
            ("[sources.acme-edr]\nzoen=\"UTC\"", "xdr.toml:2: unknown key `zoen`", "did you mean `zone`?"),
            (
                "[sources.acme-vpn]\ncolour=1",
                "xdr.toml:2: unknown key `colour`",
                "known: zone, date-order, device-host, customer-id, collector-id, event-source-id, networks, directory, geo, tags",
            ),
            ("[sources.acme-vpn]\ntagz=\"a\"", "xdr.toml:2: unknown key `tagz`", "did you mean `tags`?"),
            (
                "[sources.acme-vpn]\ntags=[\"a\",\n1]",
                "xdr.toml:3: `tags` of `acme-vpn` holds a number, strings are expected",
                "",
            ),
            (
                "[sources.acme-vpn]\ndirectory=[\"a\"]",
                "xdr.toml:2: `directory` of `acme-vpn` holds a list, a string is expected",
                "",
            ),
            (
                "[sources.acme-vpn]\nnetworks=[\"10.0.0.0/8\", \"10.0.0.1/8\"]",
                "xdr.toml:2: `networks`: `10.0.0.1/8` is the address of a host with the length of a network, which is `10.0.0.0/8`",
                "",
            ),
            ("[sources.acme-vpn]\ngeo=\"\"", "xdr.toml:2: `geo`: the name of a file is empty", ""),
            ("[sources.acme-vpn]\ntags=[\" \"]", "xdr.toml:2: `tags`: a label is empty", ""),
            ("sources=1", "xdr.toml:1: `sources` is a number, a table is expected", ""),
            (
                "[sources.acme-vpn]\nzone=1",
                "xdr.toml:2: `zone` of `acme-vpn` is a number, a string is expected",
                "",
            ),
            (
                "[sources.acme-vpn]\n\ndate-order=\"ymd\"",
                "xdr.toml:3: `date-order`: `ymd` is no date order, expected `auto`, `dmy` or `mdy`",
                "",
            ),
        ] {
            let expected = (message.to_owned(), Some(help.to_owned()).filter(|help| !help.is_empty()));
            assert_eq!(check(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_toml_or_repeats_a_key_is_an_error() {
        for text in ["[sources", "[sources.acme-vpn]\nzone=\"UTC\"\nzone=\"UTC\"\n", "= 1"] {
            let (message, _) = check(text).unwrap_err();
            assert!(message.starts_with("xdr.toml:") && !message.contains('\n'), "{message}");
        }
    }
}
