//! What takes part in a measurement.

use crate::corpus::Corpus;

/// How much output is gathered before it is thrown away, as a writer would flush it.
const CHUNK: usize = 64 * 1024;

/// One way through the records of a source.
pub trait Contestant {
    /// Its name in the table.
    fn name(&self) -> &'static str;

    /// What a reader of the figure has to know.
    fn note(&self) -> &'static str {
        ""
    }

    /// How its result is compared with xdr's.
    fn check(&mut self) -> Check<'_>;

    /// Goes through all records once. This is what is timed; the bytes written are given for the record.
    ///
    /// # Errors
    /// Why it could not.
    fn run(&mut self, corpus: &Corpus) -> Result<u64, String>;
}

/// How a result is compared with xdr's.
pub enum Check<'c> {
    /// Record by record: the tokens of its event, but for those that it may leave out.
    Events(&'c mut dyn Mapper),
    /// In its own way, over the whole corpus.
    Whole(fn(&Corpus) -> Result<(), String>),
    /// In its own way, with what it holds.
    Own(OwnCheck<'c>),
}

/// A check that holds what it needs.
pub type OwnCheck<'c> = Box<dyn FnOnce(&Corpus) -> Result<(), String> + 'c>;

/// Makes an event of a record.
pub trait Mapper {
    /// Appends the record's event as a line of JSON. `position` is where it began in the input.
    ///
    /// # Errors
    /// Why it could not.
    fn map(&mut self, record: &[u8], position: u64, out: &mut Vec<u8>) -> Result<(), String>;

    /// The tokens of xdr's events that its own leave out.
    fn leaves_out(&self) -> &'static [&'static str] {
        &["eventId"]
    }
}

/// A contestant that does nothing but map records, as they lie in memory, to lines in a buffer.
pub struct Mapping<M> {
    name: &'static str,
    note: &'static str,
    mapper: M,
    out: Vec<u8>,
}

impl<M: Mapper> Mapping<M> {
    /// A contestant of that name.
    pub fn new(name: &'static str, note: &'static str, mapper: M) -> Self {
        Self { name, note, mapper, out: Vec::with_capacity(2 * CHUNK) }
    }
}

impl<M: Mapper> Contestant for Mapping<M> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn note(&self) -> &'static str {
        self.note
    }

    fn check(&mut self) -> Check<'_> {
        Check::Events(&mut self.mapper)
    }

    fn run(&mut self, corpus: &Corpus) -> Result<u64, String> {
        let mut written = 0;
        for (position, record) in corpus.lines() {
            self.mapper.map(record, position, &mut self.out)?;
            if self.out.len() >= CHUNK {
                written += self.out.len() as u64;
                self.out.clear();
            }
        }
        written += self.out.len() as u64;
        self.out.clear();
        Ok(written)
    }
}
