//! The steps that read CEF and LEEF: a header of fixed parts, and pairs.

use crate::node::{Entries, Flag, OneOrMany, Text, node};

node! {
    /// Reads CEF, the Common Event Format. The parts of the header without a field name go to `unmapped`.
    pub struct Cef in "cef" {
        /// The field that gets the text in front of `CEF:`.
        "prefix" => prefix: optional Text,
        /// The field that gets the version of the format.
        "version" => version: optional Text,
        /// The field that gets the device's vendor.
        "vendor" => vendor: optional Text,
        /// The field that gets the device's product.
        "product" => product: optional Text,
        /// The field that gets the device's version.
        "device-version" => device_version: optional Text,
        /// The field that gets the signature id, which names the kind of event.
        "signature" => signature: optional Text,
        /// The field that gets the event's name.
        "name" => name: optional Text,
        /// The field that gets the severity.
        "severity" => severity: optional Text,
        /// Key of the wire → template of its value, or several that are tried in order.
        "keys" => keys: list Entries<OneOrMany<Text>> [Name],
        /// Whether the value of `cs1Label` is the key of the value of `cs1`; `false` by default.
        "labels" => labels: optional Flag,
    }
}

node! {
    /// Reads LEEF, the Log Event Extended Format. The parts of the header without a field name go to `unmapped`.
    pub struct Leef in "leef" {
        /// The field that gets the text in front of `LEEF:`.
        "prefix" => prefix: optional Text,
        /// The field that gets the version of the format.
        "version" => version: optional Text,
        /// The field that gets the device's vendor.
        "vendor" => vendor: optional Text,
        /// The field that gets the device's product.
        "product" => product: optional Text,
        /// The field that gets the device's version.
        "device-version" => device_version: optional Text,
        /// The field that gets the event's id.
        "event" => event: optional Text,
        /// Key of the wire → template of its value, or several that are tried in order.
        "keys" => keys: list Entries<OneOrMany<Text>> [Name],
        /// Whether the value of `cs1Label` is the key of the value of `cs1`; `false` by default.
        "labels" => labels: optional Flag,
    }
}
