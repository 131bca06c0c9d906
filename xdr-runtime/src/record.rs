//! A record taken apart: its fields, and what else was found in it.
//!
//! [`Parts`] is what every generated `Record` is made of. `N` is the number of fields that rows of the spec read; other fields are
//! kept as extras. All of it borrows from the record's text.

use std::cell::OnceCell;

use smallvec::SmallVec;
use xdr_model::Token;

use crate::field::{Fault, Field, Fill, Name, Shape, Undo};
use crate::format::Miss;

/// How much of a record was understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// Its message is known, and its text was read.
    Mapped,
    /// Its header is known, but its message or its text is not.
    Partial,
    /// No event could be made of it.
    Rejected,
}

impl Status {
    /// The word used in output: `mapped`, `partial` or `rejected`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Mapped => "mapped",
            Self::Partial => "partial",
            Self::Rejected => "rejected",
        }
    }
}

/// Why no event could be made of a record. The record itself is kept by whoever asked for the event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// What is wrong, in a few words.
    pub reason: &'static str,
    /// The byte of the record where it went wrong.
    pub at: usize,
    /// What was expected there.
    pub expected: String,
}

impl std::fmt::Display for Reject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at byte {}: expected {}", self.reason, self.at, self.expected)
    }
}

impl std::error::Error for Reject {}

/// Where the text of a message stopped being what its templates say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unread<'a> {
    /// The text.
    pub text: &'a str,
    /// Why it was not read.
    pub reason: &'static str,
}

/// The fields of a record.
#[derive(Clone, Debug)]
pub struct Parts<'a, const N: usize> {
    /// The whole record.
    pub text: &'a str,
    /// Where the record began in the input, in bytes; part of its `eventId`.
    pub position: u64,
    /// The key of its message, if it names one.
    pub message: Option<&'a str>,
    /// What decoding found out; never `Rejected`.
    pub status: Status,
    /// The tokens without which its message is not mapped.
    pub(crate) required: &'static [Token],
    pub(crate) slots: [Field<'a>; N],
    /// Further values of fields that have one.
    pub(crate) further: SmallVec<[Further<'a>; 2]>,
    pub(crate) extras: SmallVec<[(Name<'a>, Field<'a>); 16]>,
    pub(crate) faults: SmallVec<[Fault<'a>; 2]>,
    pub(crate) hand: &'a str,
    /// Whether what fails now may be tried in another way: then nobody asks why it failed.
    pub(crate) tentative: bool,
    /// What fields were before they were filled once more.
    replaced: SmallVec<[(u16, Field<'a>); 8]>,
    /// The fields that constants of the catalogue fill.
    pub(crate) constants: Slots,
    /// The fields that are filled.
    pub(crate) present: Slots,
    pub(crate) scratch: &'a Scratch,
}

/// A further value of a field.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Further<'a> {
    pub(crate) slot: u16,
    pub(crate) field: Field<'a>,
    /// Whether the field has several by its nature, so that rows read this one too; else it is only kept.
    pub(crate) is_read: bool,
}

/// A set of fields, a bit for each: no source has more than 256.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Slots([u64; 4]);

impl Slots {
    #[inline]
    pub(crate) fn insert(&mut self, slot: u16) {
        if let Some(bits) = self.0.get_mut(usize::from(slot / 64)) {
            *bits |= 1 << (slot % 64);
        }
    }

    #[inline]
    pub(crate) fn remove(&mut self, slot: u16) {
        if let Some(bits) = self.0.get_mut(usize::from(slot / 64)) {
            *bits &= !(1 << (slot % 64));
        }
    }

    #[inline]
    pub(crate) fn contains(&self, slot: u16) -> bool {
        self.0.get(usize::from(slot / 64)).is_some_and(|bits| bits >> (slot % 64) & 1 == 1)
    }

    /// Those that are in neither of the others, in order.
    pub(crate) fn without(self, one: Self, other: Self) -> impl Iterator<Item = u16> {
        let mut words = self.0;
        for (word, (one, other)) in words.iter_mut().zip(one.0.into_iter().zip(other.0)) {
            *word &= !one & !other;
        }
        (0..4_u16).zip(words).flat_map(|(index, mut word)| {
            std::iter::from_fn(move || {
                let bit = u16::try_from(word.trailing_zeros()).ok().filter(|bit| *bit < 64)?;
                word &= word - 1;
                Some(index * 64 + bit)
            })
        })
    }
}

/// Room for texts of a record that have to be unescaped before they are taken apart further; one for each record.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    text: OnceCell<String>,
    /// Room for the next one. A spec says what is taken apart further, so there are few.
    next: OnceCell<Box<Self>>,
}

impl Scratch {
    /// Room in which there is nothing yet.
    pub const fn new() -> Self {
        Self { text: OnceCell::new(), next: OnceCell::new() }
    }

    /// Keeps a text; equal ones once.
    pub(crate) fn keep(&self, text: &str) -> &str {
        let mut room = self;
        loop {
            let kept = room.text.get_or_init(|| text.to_owned());
            if kept == text {
                return kept;
            }
            room = room.next.get_or_init(Box::default);
        }
    }

    /// Whether this is one of the texts that are kept.
    pub(crate) fn holds(&self, text: &str) -> bool {
        let mut rooms = std::iter::successors(Some(self), |room| room.next.get().map(|next| &**next));
        rooms.any(|room| room.text.get().is_some_and(|kept| std::ptr::eq(kept.as_str(), text)))
    }
}

/// What was known of a record at some moment.
#[derive(Debug)]
pub struct Mark<'a> {
    present: Slots,
    replaced: usize,
    further: usize,
    extras: usize,
    faults: usize,
    hand: &'a str,
    message: Option<&'a str>,
    status: Status,
    required: &'static [Token],
    constants: Slots,
}

impl<'a, const N: usize> Parts<'a, N> {
    /// A record of which nothing is known yet; the text in hand is all of it. `position` is where it began in the input, in bytes.
    #[expect(clippy::inline_always, reason = "else it is made at one place and copied to another")]
    #[inline(always)]
    pub fn new(text: &'a str, position: u64, scratch: &'a Scratch) -> Self {
        Self {
            text,
            position,
            message: None,
            status: Status::Mapped,
            required: &[],
            // Copied in one piece.
            slots: const { [Field::ABSENT; N] },
            further: SmallVec::new(),
            extras: SmallVec::new(),
            faults: SmallVec::new(),
            hand: text,
            tentative: false,
            replaced: SmallVec::new(),
            constants: Slots::default(),
            present: Slots::default(),
            scratch,
        }
    }

    /// The field with this number; absent if the record has none.
    pub fn slot(&self, slot: u16) -> Field<'a> {
        self.slots.get(usize::from(slot)).copied().unwrap_or_default()
    }

    /// The text of the field with this number, unescaped.
    pub(crate) fn plain(&self, slot: u16) -> &'a str {
        let field = self.slot(slot);
        if field.is_escaped() { self.scratch.keep(&field.decoded()) } else { field.raw }
    }

    /// The text that no step has taken yet.
    pub fn hand(&self) -> &'a str {
        self.hand
    }

    /// Gives the field with this number a new value.
    pub(crate) fn set(&mut self, slot: u16, field: Field<'a>) {
        if let Some(place) = self.slots.get_mut(usize::from(slot)) {
            if place.is_present() {
                self.replaced.push((slot, *place));
            }
            (place.raw, place.shape) = (field.raw, field.shape);
            if field.is_present() {
                self.present.insert(slot);
            } else {
                self.present.remove(slot);
            }
        }
    }

    /// Keeps what a field was to be filled with too, unless it is the same text or a part of what the field holds: no row reads it.
    #[cold]
    fn keep_another(&mut self, slot: u16, raw: &'a str, shape: Shape) {
        let (field, first) = (Field { raw, shape }, self.slot(slot));
        let (outer, inner) = (first.raw.as_bytes().as_ptr_range(), field.raw.as_bytes().as_ptr_range());
        let is_part = if first.is_escaped() {
            // What is read of it is a copy without the escapes.
            first.decoded().contains(&*field.decoded())
        } else {
            outer.start <= inner.start && inner.end <= outer.end
        };
        if field.has_value() && !is_part && !field.says(first) {
            self.further.push(Further { slot, field, is_read: false });
        }
    }

    /// What is known now, to go back to.
    pub(crate) fn mark(&self) -> Mark<'a> {
        Mark {
            present: self.present,
            replaced: self.replaced.len(),
            further: self.further.len(),
            extras: self.extras.len(),
            faults: self.faults.len(),
            hand: self.hand,
            message: self.message,
            status: self.status,
            required: self.required,
            constants: self.constants,
        }
    }

    /// Goes back to what was known then.
    pub(crate) fn restore(&mut self, mark: &Mark<'a>) {
        for slot in self.present.without(mark.present, Slots::default()) {
            if let Some(place) = self.slots.get_mut(usize::from(slot)) {
                *place = Field::default();
            }
        }
        self.present = mark.present;
        // The last one first: what a field was at the mark comes back last.
        while self.replaced.len() > mark.replaced {
            let Some((slot, field)) = self.replaced.pop() else { break };
            if let Some(place) = self.slots.get_mut(usize::from(slot)).filter(|_| mark.present.contains(slot))
            {
                *place = field;
            }
        }
        self.further.truncate(mark.further);
        self.extras.truncate(mark.extras);
        self.faults.truncate(mark.faults);
        self.hand = mark.hand;
        self.message = mark.message;
        self.status = mark.status;
        self.required = mark.required;
        self.constants = mark.constants;
    }

    /// The reject of a text that begins at byte `start`.
    pub(crate) fn reject(&self, reason: &'static str, start: usize, miss: Miss) -> Reject {
        let expected = if self.tentative { String::new() } else { miss.expected.to_owned() };
        Reject { reason, at: start + miss.at, expected }
    }

    /// The byte of the record at which `part`, a slice of it, begins; 0 for other texts.
    #[inline]
    pub fn offset(&self, part: &str) -> usize {
        offset(self.text, part)
    }
}

/// The reason of a reject whose bytes are not UTF-8.
pub const NOT_UTF8: &str = "not UTF-8";

/// The byte of `text` at which `part` begins, if it is a slice of it; else 0.
pub fn offset(text: &str, part: &str) -> usize {
    let at = (part.as_ptr() as usize).wrapping_sub(text.as_ptr() as usize);
    if at <= text.len() { at } else { 0 }
}

impl<'a, const N: usize> Undo for Parts<'a, N> {
    type Mark = Mark<'a>;

    fn mark(&self) -> Mark<'a> {
        Parts::mark(self)
    }

    fn undo(&mut self, mark: &Mark<'a>) {
        self.restore(mark);
    }
}

impl<'a, const N: usize> Fill<'a> for Parts<'a, N> {
    #[inline]
    fn field(&mut self, slot: u16, field: Field<'a>) {
        if let Some(place) = self.slots.get_mut(usize::from(slot))
            && field.is_present()
        {
            if place.is_present() {
                self.keep_another(slot, field.raw, field.shape);
            } else {
                // Its words one by one, here and in the call, stay in registers. As a whole it goes through memory, where it is read in larger
                // pieces than it was just written in, and the processor waits for that.
                (place.raw, place.shape) = (field.raw, field.shape);
                self.present.insert(slot);
            }
        }
    }

    fn holds_another(&self, slot: u16, text: &str) -> bool {
        let field = self.slot(slot);
        field.is_present() && field.raw != text
    }

    fn further(&mut self, slot: u16, field: Field<'a>) {
        if self.slot(slot).is_present() {
            self.further.push(Further { slot, field, is_read: true });
        } else {
            self.set(slot, field);
        }
    }

    fn extra(&mut self, name: Name<'a>, field: Field<'a>) {
        self.extras.push((name, field));
    }

    fn fault(&mut self, fault: Fault<'a>) {
        self.faults.push(fault);
    }

    fn hand(&mut self, text: &'a str) -> bool {
        // No step that hands on leaves the text in hand there while it reads.
        let is_first = self.hand.is_empty();
        if is_first {
            self.hand = text;
        }
        is_first || text.is_empty()
    }
}
