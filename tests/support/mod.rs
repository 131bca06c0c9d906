//! What the tests of the whole workspace share: the sources, their samples, and the settings of a run that never change.
#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "each test is a crate of its own and takes from here what it needs; `expect` would fail in some"
)]

pub(crate) mod many;
pub(crate) mod mmdb;
pub(crate) mod mutate;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use xdr_runtime::engine::{Outcome, Source};
use xdr_runtime::enrich::{Directory, Geo};
use xdr_runtime::ndjson::Keep;
use xdr_runtime::settings::Settings;

/// What goes into the account of a record, as the program does it without options.
pub(crate) const KEEP: Keep = Keep { unmapped: true, raw: false };

/// The setting `customerId` of every test.
pub(crate) const CUSTOMER: &str = "d656b196-edb7-45e6-8485-3748a740d002";

/// The folder of the workspace.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The settings of every test: all of them given, none by the clock of the machine.
pub(crate) fn settings() -> Settings {
    let mut settings = Settings::new("2024-03-14T08:00:00Z".parse().unwrap());
    settings.customer_id = Some(CUSTOMER.parse().unwrap());
    settings.collector_id = Some("ae102769-bd05-415d-af3c-2cc59681cbab".parse().unwrap());
    settings.event_source_id = Some("1ae639f0-0944-4cbc-81ef-87c040ca9eb2".parse().unwrap());
    settings.device_host = Some("el.example.com".to_owned());
    settings
}

/// The same settings with something to look up in: the places of documentation's addresses, and a user whom samples name.
pub(crate) fn enriched() -> Settings {
    let mut settings = settings();
    let mut geo = Geo::default();
    geo.add(mmdb::documentation()).unwrap();
    settings.enrichment.geo = Some(Arc::new(geo));
    let users = r"user,userEmployeeId,userDepartment,userStatus
kim,E7,Engineering,Full Time Employee
DESK-7\kim,E7,Engineering,Full Time Employee
";
    settings.enrichment.directory = Some(Arc::new(Directory::read(users.as_bytes()).unwrap()));
    settings.enrichment.tags = vec!["dmz".to_owned()];
    settings
}

/// The source of this name.
pub(crate) fn source(name: &str) -> &'static Source {
    xdr_sources::source(name).expect("a source that is compiled in")
}

/// The files in a folder, sorted, if it is there.
pub(crate) fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// The files of samples of a source.
pub(crate) fn sample_files(name: &str) -> Vec<PathBuf> {
    entries(&root().join("mapping-specs").join(name).join("samples"))
}

/// The lines of an input as the program reads them: without their endings, and without blank ones. Each with the byte at which
/// it begins.
pub(crate) fn lines(input: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    let mut at = 0;
    input.split(|byte| *byte == b'\n').filter_map(move |line| {
        let start = at;
        at += line.len() as u64 + 1;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        (!line.trim_ascii().is_empty()).then_some((start, line))
    })
}

/// Every sample of a source, one a record.
pub(crate) fn samples(name: &str) -> Vec<Vec<u8>> {
    let source = source(name);
    let mut samples = Vec::new();
    for path in sample_files(name) {
        let text = fs::read(&path).unwrap();
        for (_, line) in lines(&text) {
            samples.extend(source.records(line).map(<[u8]>::to_vec));
        }
    }
    assert!(!samples.is_empty(), "`{name}` has no samples");
    samples
}

/// The line that a record becomes, its ending included, and what became of it.
pub(crate) fn normalize(source: &Source, record: &[u8], position: u64) -> (Vec<u8>, Outcome) {
    let mut out = Vec::new();
    let outcome = source.normalize(record, position, &settings(), KEEP, &mut out);
    (out, outcome)
}

/// How many lines a text has that end.
pub(crate) fn endings(text: &[u8]) -> usize {
    text.split(|byte| *byte == b'\n').count() - 1
}

/// The members of a JSON object in their order, each as the text it was printed as.
pub(crate) struct Members(pub(crate) Vec<(String, Box<RawValue>)>);

impl Members {
    /// The members of a text that is one JSON object.
    pub(crate) fn of(text: &str) -> Self {
        serde_json::from_str(text).unwrap()
    }

    /// The text of a member.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| value.get())
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Members;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Collect)
    }
}
