//! The configuration file: the settings of sources and the limits of runs, so that they need not be typed for every run.
//!
//! ```toml
//! [limits]
//! max-record = 65536
//!
//! [sources.citrix-vpn]
//! zone = "Europe/London"
//! date-order = "dmy"
//! customer-id = "d656b196-edb7-45e6-8485-3748a740d002"
//! ```
//!
//! The whole file is read whatever source a run is about, and all that is wrong with it is found in one go.

mod example;
mod finding;
mod read;

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::enrich;
use crate::failure::Failure;
use crate::settings::Given;

pub(crate) use example::example;
pub(crate) use finding::Finding;

/// The longest record that may be asked for, in bytes.
pub(crate) const LONGEST_RECORD: u32 = 1 << 30;
/// The most threads that may be asked for.
pub(crate) const MOST_THREADS: u16 = 256;

/// What a configuration file says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Config {
    /// Its limits.
    pub(crate) limits: Limits,
    sources: BTreeMap<String, Given>,
    /// Where what a source is enriched with is given, by the source and the key.
    spans: Spans,
}

/// Places in the text, by source and key.
type Spans = BTreeMap<(String, &'static str), Range<usize>>;

/// The limits of a run; what is absent has its default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Limits {
    /// The longest record, in bytes.
    pub(crate) max_record: Option<u32>,
    /// How many threads map records.
    pub(crate) threads: Option<u16>,
}

impl Config {
    /// What the file at `path` says; without one, nothing. It may have settings of every source that is compiled in, and of `tried`.
    ///
    /// # Errors
    /// The file cannot be read, is not TOML, names something unknown, or holds a value that a setting does not take. The first such
    /// thing is named with its place.
    pub(crate) fn open(path: Option<&Path>, tried: Option<&'static str>) -> Result<Self, Failure> {
        let Some(path) = path else { return Ok(Self::default()) };
        let name = path.display().to_string();
        let text = load(path)?;
        let mut sources = source_names();
        sources.extend(tried.filter(|name| !sources.contains(name)));
        let (config, findings) = check(&name, &text, &sources);
        match findings.split_first() {
            None => Ok(config),
            Some((first, rest)) => Err(first.failure(&name, &text, rest.len())),
        }
    }

    /// The settings of one source.
    pub(crate) fn source(&self, name: &str) -> Given {
        self.sources.get(name).cloned().unwrap_or_default()
    }

    /// Where what a source is enriched with by this key is given.
    pub(crate) fn span(&self, source: &str, key: enrich::Key) -> Range<usize> {
        self.spans.get(&(source.to_owned(), key.in_file())).cloned().unwrap_or_default()
    }

    /// The sources that it has settings of, by name.
    pub(crate) fn sources(&self) -> impl Iterator<Item = (&str, &Given)> {
        self.sources.iter().map(|(name, given)| (name.as_str(), given))
    }

    /// The files that it names, of whatever source.
    pub(crate) fn files(&self) -> impl Iterator<Item = &PathBuf> {
        self.sources.values().flat_map(|given| given.enrich.files())
    }
}

/// The text of a configuration file.
///
/// # Errors
/// It cannot be read, or is no text.
pub(crate) fn load(path: &Path) -> Result<String, Failure> {
    let name = path.display();
    let mut bytes = std::fs::read(path).map_err(|error| Failure::reading(format!("`{name}`"), &error))?;
    // Places are counted without the mark, which editors do not show.
    if bytes.starts_with(b"\xef\xbb\xbf") {
        bytes.drain(..3);
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes().get(..at).unwrap_or_default());
        let message = "not UTF-8, in which TOML is written".to_owned();
        Finding { span: at..at, message, help: None, hidden: None }.failure(&name.to_string(), &text, 0)
    })
}

/// Reads a configuration, and says all that is wrong with it in the order of the text. `sources` are the names of all sources; files
/// that it names are looked for beside the file called `name`.
pub(crate) fn check(name: &str, text: &str, sources: &[&str]) -> (Config, Vec<Finding>) {
    read::read(name, text, sources)
}

/// The names of the sources that are compiled in.
pub(crate) fn source_names() -> Vec<&'static str> {
    crate::registry::sources().iter().map(|source| source.info.name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> (Config, Vec<String>) {
        let (config, findings) = check("xdr.toml", text, &["acme-vpn", "acme-edr"]);
        let all = findings.len();
        let shown = findings.iter().map(|finding| match finding.failure("xdr.toml", text, 0) {
            Failure::Error { message, help, .. } => {
                [Some(message), help].into_iter().flatten().collect::<Vec<_>>().join("; ")
            }
            Failure::Closed => String::new(),
        });
        let shown: Vec<String> = shown.collect();
        assert_eq!(shown.len(), all);
        (config, shown)
    }

    #[test]
    fn settings_are_those_of_the_source() {
        let (config, findings) = found(
            "[sources.acme-edr]\nzone = \"Asia/Tokyo\"\n[sources.acme-vpn]\nzone = \"Europe/London\"\ndate-order = \"dmy\"\n\
             device-host = \"gw.example.com\"\ncustomer-id = \"d656b196-edb7-45e6-8485-3748a740d002\"\n\
             [limits]\nmax-record = 0x1000\nthreads = 2\n",
        );
        assert_eq!(findings, [] as [&str; 0]);
        let given = config.source("acme-vpn");
        assert_eq!(given.zone, Some(chrono_tz::Europe::London));
        assert_eq!(given.device_host.as_deref(), Some("gw.example.com"));
        assert!(given.customer_id.is_some() && given.order.is_some() && given.collector_id.is_none());
        assert_eq!(config.limits, Limits { max_record: Some(4096), threads: Some(2) });
        assert_eq!(found(""), (Config::default(), Vec::new()));
    }

    #[test]
    fn all_mistakes_are_shown_at_their_places_with_near_names() {
        let text = "[source.acme-vpn]\n[sources.acme-vnp]\n[sources.acme-vpn]\nzoen = \"UTC\"\ncolour = 1\n\
            tagz = \"a\"\ntags = [\"a\",\n1, \" \"]\ndirectory = [\"a\"]\n\
            networks = [\"10.0.0.0/8\", \"10.0.0.1/8\"]\ngeo = \"\"\nzone = 1\n\ndate-order = \"ymd\"\n[sources.acme-edr]\n\
            zone = \"Europe/Lodnon\"\n[limits]\nmax-recrod = 1\nmax-record = 0\nthreads = \"2\"\n";
        let known = "zone, date-order, device-host, customer-id, collector-id, event-source-id, networks, directory, geo, tags";
        assert_eq!(
            found(text).1,
            [
                "xdr.toml:1:2: unknown key `source`; did you mean `sources`?",
                "xdr.toml:2:10: unknown source `acme-vnp`; did you mean `acme-vpn`?",
                "xdr.toml:4:1: unknown key `zoen`; did you mean `zone`?",
                &format!("xdr.toml:5:1: unknown key `colour`; known: {known}"),
                "xdr.toml:6:1: unknown key `tagz`; did you mean `tags`?",
                "xdr.toml:8:1: `tags` of `acme-vpn` holds a number, strings are expected",
                "xdr.toml:8:4: `tags`: a label is empty",
                "xdr.toml:9:13: `directory` of `acme-vpn` holds a list, a string is expected",
                "xdr.toml:10:27: `networks`: `10.0.0.1/8` is the address of a host with the length of a network, which is `10.0.0.0/8`",
                "xdr.toml:11:7: `geo`: the name of a file is empty",
                "xdr.toml:12:8: `zone` of `acme-vpn` is a number, a string is expected",
                "xdr.toml:14:14: `date-order`: `ymd` is no date order, expected `auto`, `dmy` or `mdy`",
                "xdr.toml:16:8: `zone`: unknown time zone `Europe/Lodnon`, did you mean `Europe/London`?",
                "xdr.toml:18:1: unknown key `max-recrod`; did you mean `max-record`?",
                "xdr.toml:19:14: `max-record` is 0, expected 1 to 1073741824",
                "xdr.toml:20:11: `threads` of `limits` is a string, an integer is expected",
            ]
        );
        let networks =
            "[sources.acme-vpn]\nnetworks = [\"private\", \"none\"]\n[sources.acme-edr]\nnetworks = []\n";
        assert_eq!(
            found(networks).1,
            [
                "xdr.toml:2:12: `networks`: `none` and other networks exclude each other",
                "xdr.toml:4:12: `networks`: no network; `none` leaves `eventContext` out",
            ]
        );
        assert_eq!(found("sources = 1").1, ["xdr.toml:1:11: `sources` is a number, a table is expected"]);
    }

    #[test]
    fn what_is_no_toml_or_repeats_a_key_is_an_error() {
        let twice = "[sources.acme-vpn]\nzone=\"UTC\"\nzone=\"UTC\"\n";
        assert_eq!(found(twice).1, ["xdr.toml:3:1: duplicate key `zone`"]);
        for text in ["[sources", twice, "= 1"] {
            let (_, findings) = found(text);
            assert!(!findings.is_empty(), "{text}");
            assert!(
                findings.iter().all(|one| one.starts_with("xdr.toml:") && !one.contains('\n')),
                "{findings:?}"
            );
        }
    }
}
