//! What a run is told from outside: zones, orders, ids, the moment of receipt.

use std::sync::OnceLock;

use chrono::{DateTime, Utc};
use twox_hash::{XxHash3_64, XxHash3_128};
use uuid::Uuid;
use xdr_model::Timestamp;
use xdr_model::time::Clock;

use crate::enrich::Enrichment;

/// The settings of a run. They are the same for all its records, so the same input gives the same output.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Zone, date order and moment of receipt.
    pub clock: Clock,
    /// The tenant.
    pub customer_id: Option<Uuid>,
    /// The collector that received the records.
    pub collector_id: Option<Uuid>,
    /// The configured source.
    pub event_source_id: Option<Uuid>,
    /// The host to name where a record names none.
    pub device_host: Option<String>,
    /// What events are enriched with, where the spec says so.
    pub enrichment: Enrichment,
    /// The moment of receipt as it is printed: the same for all records of a run, so it is printed once.
    receipt: OnceLock<(DateTime<Utc>, String)>,
}

impl Settings {
    /// Settings for records received at this moment, all else by default.
    pub fn new(received: DateTime<Utc>) -> Self {
        Self {
            clock: Clock { zone: None, order: xdr_model::time::DateOrder::Auto, received },
            customer_id: None,
            collector_id: None,
            event_source_id: None,
            device_host: None,
            enrichment: Enrichment::default(),
            receipt: OnceLock::new(),
        }
    }

    /// The moment of receipt, in milliseconds unless it is a whole second.
    pub(crate) fn received(&self) -> Timestamp {
        let at = self.clock.received;
        Timestamp { at, digits: if at.timestamp_subsec_nanos() == 0 { 0 } else { 3 } }
    }

    /// The moment of receipt as JSON has it, without quotes; `None` if the clock was set after it was first asked for.
    pub(crate) fn received_text(&self) -> Option<&str> {
        let print = || (self.clock.received, self.received().to_string());
        let (at, text) = self.receipt.get_or_init(print);
        (*at == self.clock.received).then_some(text)
    }
}

/// A setting that a row of a spec may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// `customerId`.
    CustomerId,
    /// `collectorId`.
    CollectorId,
    /// `eventSourceId`.
    EventSourceId,
    /// `deviceHost`.
    DeviceHost,
}

/// The id of an event: the same for the same record at the same place of the same source's input, and no other.
///
/// It is an RFC 9562 UUID of version 8, made of XXH3-128 over the source's name, the position and the text.
pub fn event_id(source: &str, position: u64, text: &str) -> Uuid {
    let seed = XxHash3_64::oneshot_with_seed(position, source.as_bytes());
    let hash = XxHash3_128::oneshot_with_seed(seed, text.as_bytes());
    Uuid::new_v8(hash.to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_differ_by_source_position_and_text() {
        let id = event_id("acme-vpn", 7, "text");
        assert_eq!(id, event_id("acme-vpn", 7, "text"));
        assert_eq!(id.get_version_num(), 8);
        for other in
            [event_id("acme", 7, "text"), event_id("acme-vpn", 8, "text"), event_id("acme-vpn", 7, "text ")]
        {
            assert_ne!(id, other);
        }
    }
}
