//! The JSON sources with typed structs that borrow from the record, read by `serde_json` or by `sonic-rs`.

mod qualys;
mod teleport;

use std::borrow::Cow;
use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, Serializer};

use crate::contestant::{Contestant, Mapper, Mapping};

/// What a reader of the figure has to know.
const NOTE: &str = "typed structs that borrow, chrono, serde_json to write; no event id, no account";

/// The contestants for a source of JSON.
pub(super) fn of(source: &str) -> Vec<Box<dyn Contestant>> {
    match source {
        "qualys-endpoint" => pair::<qualys::Qualys>(),
        "teleport" => pair::<teleport::Teleport>(),
        _ => Vec::new(),
    }
}

fn pair<S: Mapped + 'static>() -> Vec<Box<dyn Contestant>> {
    vec![
        Box::new(Mapping::new("serde_json", NOTE, Typed::<SerdeJson, S>(PhantomData))),
        Box::new(Mapping::new("sonic-rs", NOTE, Typed::<SonicRs, S>(PhantomData))),
    ]
}

/// What reads JSON into a struct.
trait Reader {
    fn read<'r, T: Deserialize<'r>>(record: &'r [u8]) -> Result<T, String>;
}

struct SerdeJson;

impl Reader for SerdeJson {
    fn read<'r, T: Deserialize<'r>>(record: &'r [u8]) -> Result<T, String> {
        serde_json::from_slice(record).map_err(|error| error.to_string())
    }
}

struct SonicRs;

impl Reader for SonicRs {
    fn read<'r, T: Deserialize<'r>>(record: &'r [u8]) -> Result<T, String> {
        sonic_rs::from_slice(record).map_err(|error| error.to_string())
    }
}

/// A source whose records have a struct.
trait Mapped {
    type Record<'r>: Deserialize<'r>;

    fn map(record: &Self::Record<'_>, out: &mut Vec<u8>) -> Result<(), String>;
}

/// A source read by a reader.
struct Typed<R, S>(PhantomData<(R, S)>);

impl<R: Reader, S: Mapped> Mapper for Typed<R, S> {
    fn map(&mut self, record: &[u8], _: u64, out: &mut Vec<u8>) -> Result<(), String> {
        let record = R::read::<S::Record<'_>>(record)?;
        S::map(&record, out)
    }
}

/// A text that borrows from the record if nothing in it had to be unescaped.
#[derive(Debug, Default, Deserialize)]
struct Text<'r>(#[serde(borrow)] Cow<'r, str>);

impl Text<'_> {
    fn get(&self) -> Option<&str> {
        Some(&*self.0).filter(|text| !text.is_empty())
    }
}

/// The text of a member, if it is there and not empty.
fn text<'t>(text: Option<&'t Text<'_>>) -> Option<&'t str> {
    text.and_then(Text::get)
}

/// A time with milliseconds, as in the record.
struct Milliseconds(DateTime<Utc>);

impl Serialize for Milliseconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0.format("%Y-%m-%dT%H:%M:%S%.3fZ"))
    }
}

/// A time with nanoseconds, as in the record.
struct Nanoseconds(DateTime<Utc>);

impl Serialize for Nanoseconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0.format("%Y-%m-%dT%H:%M:%S%.9fZ"))
    }
}

/// A time that says its offset.
fn time(text: &str) -> Result<DateTime<Utc>, String> {
    DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%#z")
        .map(|time| time.to_utc())
        .map_err(|error| format!("{text}: {error}"))
}
