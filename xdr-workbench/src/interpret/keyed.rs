//! Messages by themselves: what a source makes of a message's key and text, apart from any header or envelope that carries them.

use xdr_runtime::catalogue::{self, Keyless};
use xdr_runtime::engine::Mapping;
use xdr_runtime::field::{Field, Fill};
use xdr_runtime::info::Info;
use xdr_runtime::prepare::Around;
use xdr_runtime::record::{Reject, Scratch};
use xdr_runtime::settings::Settings;
use xdr_runtime::sink::Sink;

use super::decode::Step;
use super::pool::Pool;
use super::{Interpreted, Parts};

/// A source whose records are the texts of one message: nothing but the fields of its key is known of them beforehand. What the source requires of
/// every record, such as a time, it does not require of them; what the message requires, it does.
pub struct Keyed<'i> {
    source: &'i Interpreted,
    slots: &'i [u16],
    /// The words of the key, one for each of the last of the fields.
    words: Vec<&'static str>,
}

impl Interpreted {
    /// This source for texts of the message that has this key; `None` if it has no catalogue.
    pub fn keyed(&self, key: &str) -> Option<Keyed<'_>> {
        let slots = slots(&self.steps)?;
        // The first part of a key may be of several words, such as the name of a product.
        let mut words: Vec<&str> = key.rsplitn(slots.len(), ' ').collect();
        words.reverse();
        let mut pool = Pool::open();
        Some(Keyed { source: self, slots, words: words.into_iter().map(|word| pool.text(word)).collect() })
    }
}

/// The fields that name the message, in the first of the forms that has some.
fn slots(steps: &[Step]) -> Option<&[u16]> {
    steps.iter().find_map(|step| match step {
        Step::Catalogue(slots, _) => Some(slots.as_slice()),
        Step::OneOf(_, forms) => forms.iter().find_map(|form| slots(&form.steps)),
        _ => None,
    })
}

impl Mapping for Keyed<'_> {
    type Record<'a> = Parts<'a>;

    fn info(&self) -> &'static Info {
        self.source.info
    }

    fn record<'a>(&self, text: &'a str, position: u64, scratch: &'a Scratch) -> Parts<'a> {
        Parts::new(text, position, scratch)
    }

    fn parse(&self, record: &mut Parts<'_>) -> Result<(), Reject> {
        for (slot, word) in self.slots.iter().rev().zip(self.words.iter().rev()) {
            record.field(*slot, Field::text(word));
        }
        if let Some(messages) = self.source.messages {
            catalogue::read(record, messages.catalogue, self.slots, Keyless::Unread)?;
        }
        xdr_runtime::decode::rest(record);
        Ok(())
    }

    fn around<'a>(&self, record: &mut Parts<'a>, around: &'a Around) {
        around.keep(record);
    }

    fn map<'a, S: Sink<'a>>(&self, record: &Parts<'a>, settings: &'a Settings, sink: &mut S) {
        self.source.plans.message(record, self.source.names, settings, sink);
    }
}
