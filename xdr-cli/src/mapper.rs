//! Maps the lines of a block: events and rejects as bytes, and what is to be said of them.

use std::panic::{AssertUnwindSafe, catch_unwind};

use memchr::memrchr;
use xdr_runtime::engine::Source;
use xdr_runtime::ndjson::{self, Keep};
use xdr_runtime::record::Reject;
use xdr_runtime::settings::Settings;

use crate::enrich::Live;
use crate::kept::{self, Part};
use crate::lines::{Block, Piece};
use crate::summary::Summary;
use crate::table::Filler;

/// The reason of a reject whose input broke off.
pub(crate) const TORN: &str = "input broke off";

/// How records become events: the same for a whole run and all its threads.
pub(crate) struct Mapper {
    pub(crate) source: &'static Source,
    pub(crate) settings: Live,
    pub(crate) keep: Keep,
    /// Whether rejects are kept apart from events.
    pub(crate) apart: bool,
    /// The longest record, in bytes; not 0.
    limit: usize,
    /// The reason of rejects that are longer.
    too_long: &'static str,
}

/// Where the results of mapping go.
pub(crate) struct Results<'r> {
    /// What the records are mapped with: [`Mapper::settings`] as they were when their block began.
    pub(crate) settings: &'r Settings,
    /// Events, and rejects unless they are kept apart.
    pub(crate) events: Events<'r>,
    /// Rejects, if they are kept apart.
    pub(crate) rejects: &'r mut Vec<u8>,
    pub(crate) summary: &'r mut Summary,
    /// How many reasons of issues the summary counts apart.
    pub(crate) reasons: usize,
}

/// What takes events.
pub(crate) enum Events<'r> {
    /// Each is a line.
    Lines(&'r mut Vec<u8>),
    /// Each is a row of a table.
    Rows(&'r mut Filler),
}

impl Events<'_> {
    /// How much was taken, in bytes.
    fn size(&self) -> usize {
        match self {
            Self::Lines(lines) => lines.len(),
            Self::Rows(filler) => filler.size(),
        }
    }
}

/// How much to map at most: up to the piece that brings the events, or the rejects, to so many bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Until {
    pub(crate) events: usize,
    pub(crate) rejects: usize,
}

/// The record that begins at this byte of the input made the mapping panic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Broken(pub(crate) u64);

impl Mapper {
    /// Maps records of at most `limit` bytes.
    pub(crate) fn new(
        source: &'static Source,
        settings: impl Into<Live>,
        keep: Keep,
        apart: bool,
        limit: u32,
    ) -> Self {
        let limit = limit.max(1);
        // A reason lives as long as the program, so it is made once and never freed.
        let too_long = format!("longer than {limit} bytes").leak();
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Self { source, settings: settings.into(), keep, apart, limit, too_long }
    }

    /// Maps the lines of the block that were not handed on yet, and appends the results.
    ///
    /// # Errors
    /// The record that cannot be mapped because of a fault of the program. The records before it are done.
    pub(crate) fn map(&self, block: &mut Block, mut to: Results<'_>, until: Until) -> Result<(), Broken> {
        let mut at = block.at();
        let ended = catch_unwind(AssertUnwindSafe(|| {
            while to.events.size() < until.events && to.rejects.len() < until.rejects {
                let Some((piece, position)) = block.next(self.limit) else { break };
                at = position;
                self.piece(piece, position, &mut to);
            }
        }));
        ended.map_err(|_| {
            // A part of the record's line may have been written. A part of a row is none when the rows are finished.
            let events = if let Events::Lines(lines) = to.events { Some(lines) } else { None };
            for out in [events, Some(to.rejects)].into_iter().flatten() {
                out.truncate(memrchr(b'\n', out).map_or(0, |end| end + 1));
            }
            Broken(at)
        })
    }

    fn piece(&self, piece: Piece<'_>, at: u64, to: &mut Results<'_>) {
        match piece {
            Piece::Line(line) => self.line(line, at, to),
            Piece::Long(bytes) => self.reject(bytes, at, Part::Long, to),
            Piece::More(bytes) => self.reject(bytes, at, Part::More, to),
            Piece::Torn(bytes) => self.reject(bytes, at, Part::Torn, to),
        }
    }

    /// Maps a line that is longer than a record may be as its pieces, any other as a line.
    pub(crate) fn whole(&self, line: &[u8], at: u64, to: &mut Results<'_>) {
        if line.len() <= self.limit {
            return self.line(line, at, to);
        }
        let (mut at, mut part) = (at, Part::Long);
        for piece in line.chunks(self.limit) {
            self.reject(piece, at, part, to);
            at = at.saturating_add(piece.len() as u64);
            part = Part::More;
        }
    }

    #[expect(clippy::while_let_on_iterator, reason = "`for` would move it, which costs as much as asking it")]
    fn line(&self, line: &[u8], at: u64, to: &mut Results<'_>) {
        let mut records = 0;
        if !line.trim_ascii().is_empty() {
            let mut found = self.source.records(line);
            while let Some(record) = found.next() {
                records += 1;
                // Members of an array are slices of the line, so they have a place in it.
                let offset = record.as_ptr().addr().saturating_sub(line.as_ptr().addr());
                self.record(record, at.saturating_add(offset as u64), to);
            }
        }
        to.summary.blank += u64::from(records == 0);
    }

    /// Maps a record that began at this byte of the input.
    pub(crate) fn record(&self, record: &[u8], at: u64, to: &mut Results<'_>) {
        let mark = |line: &mut Vec<u8>| kept::mark(line, at, to.settings.clock.received, None);
        match &mut to.events {
            Events::Lines(lines) => {
                let start = lines.len();
                let outcome = self.source.normalize(record, at, to.settings, self.keep, lines);
                if to.summary.add(&outcome, to.reasons) {
                    mark(lines);
                    if self.apart {
                        to.rejects.extend_from_slice(lines.get(start..).unwrap_or_default());
                        lines.truncate(start);
                    }
                }
            }
            Events::Rows(filler) => {
                let outcome = filler.map(self.source, record, at, to.settings, self.keep);
                if to.summary.add(&outcome, to.reasons) {
                    filler.reject(self.apart.then_some(&mut *to.rejects), mark);
                }
            }
        }
    }

    /// Rejects bytes that are no record to ask the source about.
    fn reject(&self, bytes: &[u8], at: u64, part: Part, to: &mut Results<'_>) {
        let (reason, expected) = match part {
            Part::Long | Part::More => (self.too_long, "the end of the line"),
            Part::Torn => (TORN, "the rest of the record"),
        };
        let reject = Reject { reason, at: bytes.len(), expected: expected.to_owned() };
        let write = |line: &mut Vec<u8>| {
            ndjson::reject(line, self.source.info.name, bytes, &reject);
            kept::mark(line, at, to.settings.clock.received, Some(part));
        };
        match &mut to.events {
            _ if self.apart => write(to.rejects),
            Events::Lines(lines) => write(lines),
            Events::Rows(filler) => filler.reject(None, write),
        }
        to.summary.reject(reject.reason);
    }
}

/// A source that panics, and a mapper of it, for tests.
#[cfg(test)]
pub(crate) mod broken {
    use xdr_model::{Token, Value};
    use xdr_runtime::engine::{Mapping, Source};
    use xdr_runtime::field::Field;
    use xdr_runtime::info::{Embedded, Info, Records};
    use xdr_runtime::ndjson::Keep;
    use xdr_runtime::prepare::Around;
    use xdr_runtime::record::{Reject, Scratch, Status};
    use xdr_runtime::settings::Settings;
    use xdr_runtime::sink::{Origin, Sink};

    use super::Mapper;

    /// Records are names. `bad` is a reject; at `boom` half a line is written, then the mapping panics.
    struct Fragile;

    impl Mapping for Fragile {
        type Record<'a> = &'a str;
        fn info(&self) -> &'static Info {
            &INFO
        }

        fn record<'a>(&self, text: &'a str, _: u64, _: &'a Scratch) -> &'a str {
            text
        }

        fn parse(&self, record: &mut &str) -> Result<(), Reject> {
            match *record {
                "bad" => Err(Reject { reason: "bad", at: 0, expected: String::new() }),
                _ => Ok(()),
            }
        }

        fn around<'a>(&self, _: &mut &'a str, _: &'a Around) {
            unreachable!("none of its records stands in an object");
        }

        fn map<'a, S: Sink<'a>>(&self, record: &&'a str, _: &'a Settings, sink: &mut S) {
            let origin = Origin { row: 0, field: Field::default() };
            sink.value(Token::SourceUser, Value::Text((*record).into()), origin);
            assert!(*record != "boom", "as the test wants it");
            sink.account(Status::Mapped, None);
        }
    }

    static INFO: Info = Info {
        name: "fragile",
        title: "Fragile",
        published: "2024-03-14",
        formats: &[],
        device: ["", "", ""],
        versions: &[],
        records: Records::Lines,
        unwrap: &[],
        embedded: Embedded::Never,
        fields: &[],
        rows: &[],
        values: &[],
        catalogue: None,
        enrich: &[],
        required: &[],
    };

    static FRAGILE: Source = Source::of(&INFO, &Fragile);

    /// A mapper of the source; rejects are kept apart.
    pub(crate) fn mapper() -> Mapper {
        let settings = Settings::new("2024-03-14T07:08:09Z".parse().unwrap());
        Mapper::new(&FRAGILE, settings, Keep { unmapped: true, raw: false }, true, 100)
    }
}
