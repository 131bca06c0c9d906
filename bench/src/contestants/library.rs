//! The library of xdr: to lines of JSON, and to typed events.

use std::hint::black_box;

use xdr_runtime::engine::Source;
use xdr_runtime::record::Scratch;
use xdr_runtime::settings::Settings;
use xdr_runtime::xdr_model::Event;

use crate::contestant::{Check, Contestant, Mapper};
use crate::corpus::{Corpus, KEEP};

/// The library, from bytes in memory to bytes in memory.
pub(super) struct Library {
    source: &'static Source,
    settings: Settings,
}

impl Library {
    /// For the source of a corpus.
    pub(super) fn new(corpus: &Corpus) -> Self {
        Self { source: corpus.source, settings: corpus.settings.clone() }
    }
}

impl Mapper for Library {
    fn map(&mut self, record: &[u8], position: u64, out: &mut Vec<u8>) -> Result<(), String> {
        black_box(self.source.normalize(record, position, &self.settings, KEEP, out));
        Ok(())
    }

    fn leaves_out(&self) -> &'static [&'static str] {
        &[]
    }
}

/// The library's typed events; nothing is written while it is timed.
pub(super) struct Typed(Library);

impl Typed {
    /// For the source of a corpus.
    pub(super) fn new(corpus: &Corpus) -> Self {
        Self(Library::new(corpus))
    }
}

/// A few tokens, as a program that counts or filters would ask for them.
fn touch(event: &Event<'_>) -> usize {
    event.event_time().map_or(0, |time| time.at.timestamp().unsigned_abs().count_ones() as usize)
        + event.source_ipv4().map_or(0, |address| usize::from(address.octets()[3]))
        + event.source_port().map_or(0, usize::from)
        + event.source_user().or(event.user_name()).map_or(0, str::len)
        + event.outcome().map_or(0, str::len)
        + event.iter().count()
}

impl Contestant for Typed {
    fn name(&self) -> &'static str {
        "xdr event"
    }

    fn note(&self) -> &'static str {
        "typed event, some tokens asked for, nothing written"
    }

    fn check(&mut self) -> Check<'_> {
        Check::Events(self)
    }

    fn run(&mut self, corpus: &Corpus) -> Result<u64, String> {
        let mut touched = 0;
        for (position, record) in corpus.lines() {
            let scratch = Scratch::new();
            let event = self.0.source.event(record, position, &self.0.settings, &scratch);
            touched += event.as_ref().map_or(0, touch);
        }
        black_box(touched);
        Ok(0)
    }
}

impl Mapper for Typed {
    fn map(&mut self, record: &[u8], position: u64, out: &mut Vec<u8>) -> Result<(), String> {
        let scratch = Scratch::new();
        let event = self
            .0
            .source
            .event(record, position, &self.0.settings, &scratch)
            .map_err(|reject| reject.to_string())?;
        event.write_json(out);
        Ok(())
    }

    fn leaves_out(&self) -> &'static [&'static str] {
        &[]
    }
}
