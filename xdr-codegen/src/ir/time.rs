//! How times are read.

use xdr_model::time::Item;

use super::Slot;

/// How a time is read.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeRule {
    /// The formats.
    pub formats: Vec<Vec<Item>>,
    /// The zone of formats without one.
    pub zone: Zone,
    /// The field of a stamp whose offset comes before the device's zone.
    pub zone_from: Option<Slot>,
    /// The year of texts without one.
    pub year: xdr_model::time::Year,
    /// The field that states the year, which comes before the rule.
    pub year_from: Option<Slot>,
    /// Whether the order of day and month is a setting.
    pub order_setting: bool,
    /// The fields of other stamps that tell the order of a text that means two days.
    pub order_from: Vec<Slot>,
    /// Texts that mean no time.
    pub unset: Vec<String>,
}

/// A zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Zone {
    /// Every format has one.
    Stated,
    /// The run's.
    Device,
    /// UTC.
    Utc,
    /// A named one.
    Named(xdr_model::Tz),
}
