//! What the worker asks of whatever carries messages: to deliver them, to store what they became, and to be told that they are done.

use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use twox_hash::XxHash3_64;

/// How many bytes of places a message takes: as many as the largest that a NATS server can be told to carry has.
const MESSAGE: u64 = 1 << 26;

/// A message as it was delivered.
#[derive(Debug)]
pub(crate) struct Message<D> {
    pub(crate) payload: Bytes,
    /// The subject or topic that it was published to.
    pub(crate) subject: String,
    /// What its header `Xdr-Source` says.
    pub(crate) source: Option<String>,
    pub(crate) place: Place,
    /// When the broker received it.
    pub(crate) received: DateTime<Utc>,
    /// By what it is settled.
    pub(crate) delivery: D,
}

/// The place of a message in what the broker keeps. It is the same each time the message is delivered, and no other's.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// The stream, or the topic and partition.
    log: Arc<str>,
    seed: u64,
    /// The number of the message there.
    number: u64,
}

impl Place {
    /// The place of the message of this number in this log.
    pub(crate) fn new(log: &Arc<str>, number: u64) -> Self {
        Self { log: Arc::clone(log), seed: XxHash3_64::oneshot(log.as_bytes()), number }
    }

    /// The place of its first byte, as event ids are made of it. Within a log no two messages share a place; logs that do are told
    /// apart by their names.
    pub(crate) fn base(&self) -> u64 {
        self.seed.wrapping_add(self.number.wrapping_mul(MESSAGE))
    }

    /// The id of what became of it and has no id of its own.
    pub(crate) fn id(&self, kind: Kind, index: usize) -> String {
        let letter = match kind {
            Kind::Event => 'e',
            Kind::Reject => 'r',
        };
        format!("{}:{}:{letter}{index}", self.log, self.number)
    }
}

/// What an output message holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Event,
    Reject,
}

/// A message to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Out {
    pub(crate) kind: Kind,
    /// The same each time it is made of the same message, and no other's.
    pub(crate) id: String,
    /// One or more lines, without the last line break.
    pub(crate) payload: Bytes,
}

/// What a broker said of a message that it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    Stored,
    /// It had been stored before, and was not stored again.
    Repeat,
}

/// Why there is no message.
#[derive(Debug)]
pub(crate) enum NoMessage {
    /// There is none now; it is asked again.
    Now(String),
    /// There will be none: the worker ends.
    #[cfg_attr(all(not(feature = "nats"), not(test)), expect(dead_code, reason = "no other broker can tell"))]
    Ever(String),
}

impl From<String> for NoMessage {
    fn from(why: String) -> Self {
        Self::Now(why)
    }
}

/// Carries messages. The worker's core knows nothing else of a broker.
pub(crate) trait Transport: Send + Sync + 'static {
    /// By what a message is settled.
    type Delivery: Send + 'static;
    /// A message on its way to being stored.
    type Sent: Send + 'static;

    /// The next message; whoever stops waiting loses none.
    ///
    /// # Errors
    /// Why there is none.
    fn receive(&self) -> impl Future<Output = Result<Message<Self::Delivery>, NoMessage>> + Send;

    /// Hands a message over, to be stored.
    ///
    /// # Errors
    /// Why it cannot be now. It is handed over again.
    fn send(&self, out: &Out) -> impl Future<Output = Result<Self::Sent, String>> + Send;

    /// Waits until the broker has it.
    ///
    /// # Errors
    /// Why nobody knows whether it has. It is handed over again.
    fn stored(&self, sent: Self::Sent) -> impl Future<Output = Result<Kept, String>> + Send;

    /// Says that all of a message is stored. Messages are settled in the order in which they were received.
    ///
    /// # Errors
    /// Why the broker could not be told. It may deliver the message again.
    fn settle(&self, delivery: Self::Delivery) -> impl Future<Output = Result<(), String>> + Send;

    /// How many messages the group has not settled.
    ///
    /// # Errors
    /// The broker does not answer.
    fn lag(&self) -> impl Future<Output = Result<u64, String>> + Send;

    /// Gives back what was delivered and not received, and tells the broker all that it was to be told.
    fn close(&self) -> impl Future<Output = ()> + Send;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_differ_by_log_and_number_and_leave_room_for_a_message() {
        let (logs, other) = (Arc::from("logs"), Arc::from("other"));
        let place = Place::new(&logs, 7);
        assert_eq!(place.base(), Place::new(&logs, 7).base());
        assert_eq!(Place::new(&logs, 8).base().wrapping_sub(place.base()), 64 << 20);
        assert_ne!(Place::new(&other, 7).base(), place.base());
        assert_eq!(place.id(Kind::Reject, 3), "logs:7:r3");
        assert_eq!(place.id(Kind::Event, 0), "logs:7:e0");
        // Behind the last number places begin again.
        let _ = Place::new(&logs, u64::MAX).base();
    }
}
