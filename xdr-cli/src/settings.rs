//! The settings of a run: what the command line says, else the configuration file, else the default.

use std::fmt::Display;
use std::str::FromStr;
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use uuid::Uuid;
use xdr_codegen::diag::near;
use xdr_model::time::DateOrder;
use xdr_runtime::info::Info;
use xdr_runtime::settings::Settings;

use crate::cli::SettingsArgs;
use crate::config::Config;
use crate::enrich::{self, Live};
use crate::failure::Failure;

/// A setting that the file or the command line may give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Zone,
    DateOrder,
    DeviceHost,
    CustomerId,
    CollectorId,
    EventSourceId,
}

impl Key {
    pub(crate) const ALL: [Self; 6] = [
        Self::Zone,
        Self::DateOrder,
        Self::DeviceHost,
        Self::CustomerId,
        Self::CollectorId,
        Self::EventSourceId,
    ];

    /// Those that `--set` takes.
    const SET: [Self; 4] = [Self::CustomerId, Self::CollectorId, Self::EventSourceId, Self::DeviceHost];

    /// The key's name in the configuration file.
    pub(crate) const fn in_file(self) -> &'static str {
        match self {
            Self::Zone => "zone",
            Self::DateOrder => "date-order",
            Self::DeviceHost => "device-host",
            Self::CustomerId => "customer-id",
            Self::CollectorId => "collector-id",
            Self::EventSourceId => "event-source-id",
        }
    }

    /// The key's name in `--set`: that of the token it fills.
    const fn in_set(self) -> &'static str {
        match self {
            Self::DeviceHost => "deviceHost",
            Self::CustomerId => "customerId",
            Self::CollectorId => "collectorId",
            Self::EventSourceId => "eventSourceId",
            other => other.in_file(),
        }
    }
}

/// The settings that were given.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Given {
    pub(crate) zone: Option<Tz>,
    pub(crate) order: Option<DateOrder>,
    pub(crate) device_host: Option<String>,
    pub(crate) customer_id: Option<Uuid>,
    pub(crate) collector_id: Option<Uuid>,
    pub(crate) event_source_id: Option<Uuid>,
    pub(crate) enrich: enrich::Given,
}

impl Given {
    /// Gives one setting; the text is as written in the file.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub(crate) fn set(&mut self, key: Key, text: &str) -> Result<(), String> {
        match key {
            Key::Zone => self.zone = Some(zone(text)?),
            Key::DateOrder => self.order = Some(order(text)?),
            Key::DeviceHost => self.device_host = Some(host(text)?),
            Key::CustomerId => self.customer_id = Some(uuid(text)?),
            Key::CollectorId => self.collector_id = Some(uuid(text)?),
            Key::EventSourceId => self.event_source_id = Some(uuid(text)?),
        }
        Ok(())
    }
}

/// A member of `--set`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Assignment {
    key: Key,
    text: String,
}

impl FromStr for Assignment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) =
            text.split_once('=').ok_or("expected KEY=VALUE, such as `deviceHost=gw.example.com`")?;
        let Some(key) = Key::SET.into_iter().find(|key| key.in_set() == name) else {
            let names = Key::SET.map(Key::in_set);
            let hint = match near(name, names.into_iter()) {
                Some(name) => format!("did you mean `{name}`?"),
                None => format!("known: {}", names.join(", ")),
            };
            return Err(format!("unknown setting `{name}`, {hint}"));
        };
        Given::default().set(key, value)?;
        Ok(Self { key, text: value.to_owned() })
    }
}

/// A zone by its name in the time zone database.
///
/// # Errors
/// There is no such zone.
pub(crate) fn zone(text: &str) -> Result<Tz, String> {
    text.parse().map_err(|_| {
        let near = near(text, chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()));
        // A near offset is another one.
        let hint = match near.filter(|_| !text.contains(|c: char| c.is_ascii_digit())) {
            Some(name) => format!("did you mean `{name}`?"),
            None => "expected a name of the tz database, such as `Europe/London` or `UTC`".to_owned(),
        };
        format!("unknown time zone `{text}`, {hint}")
    })
}

fn order(text: &str) -> Result<DateOrder, String> {
    match text {
        "auto" => Ok(DateOrder::Auto),
        "dmy" => Ok(DateOrder::Dmy),
        "mdy" => Ok(DateOrder::Mdy),
        _ => Err(format!("`{text}` is no date order, expected `auto`, `dmy` or `mdy`")),
    }
}

fn host(text: &str) -> Result<String, String> {
    if text.trim().is_empty() { Err("the host is empty".to_owned()) } else { Ok(text.to_owned()) }
}

fn uuid(text: &str) -> Result<Uuid, String> {
    parse(text, "a UUID, such as `d656b196-edb7-45e6-8485-3748a740d002`")
}

/// A moment in RFC 3339.
///
/// # Errors
/// The text is no such moment.
pub(crate) fn moment(text: &str) -> Result<DateTime<Utc>, String> {
    let hint = "expected RFC 3339, such as `2024-03-14T07:08:09Z`";
    DateTime::parse_from_rfc3339(text)
        .map(|time| time.with_timezone(&Utc))
        .map_err(|_| format!("`{text}` is no moment, {hint}"))
}

fn parse<T: FromStr>(text: &str, expected: impl Display) -> Result<T, String> {
    text.parse().map_err(|_| format!("`{text}` is not {expected}"))
}

/// The settings for a run over records of one source.
///
/// # Errors
/// A file that the configuration or the command line names is wrong or cannot be read.
pub(crate) fn resolve(args: &SettingsArgs, config: &Config, source: &'static Info) -> Result<Live, Failure> {
    let mut given = config.source(source.name);
    given.zone = args.zone.or(given.zone);
    given.order = args.date_order.map(DateOrder::from).or(given.order);
    for Assignment { key, text } in &args.set {
        given.set(*key, text).map_err(Failure::usage)?;
    }
    let received = args.received_at.unwrap_or_else(|| DateTime::from(SystemTime::now()));
    let mut settings = Settings::new(received);
    settings.clock.zone = given.zone;
    settings.clock.order = given.order.unwrap_or(settings.clock.order);
    settings.customer_id = given.customer_id;
    settings.collector_id = given.collector_id;
    settings.event_source_id = given.event_source_id;
    settings.device_host = given.device_host;
    let (enrichment, watched) = enrich::load(&given.enrich.or(&args.enrich), source)?;
    settings.enrichment = enrichment;
    Ok(Live::new(settings, watched))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_of_the_command_line_are_checked_when_they_are_read() {
        let error = |text: &str| text.parse::<Assignment>().unwrap_err();
        assert_eq!(error("deviceHost"), "expected KEY=VALUE, such as `deviceHost=gw.example.com`");
        assert_eq!(error("customerid=x"), "unknown setting `customerid`, did you mean `customerId`?");
        assert_eq!(
            error("colour=x"),
            "unknown setting `colour`, known: customerId, collectorId, eventSourceId, deviceHost"
        );
        assert!(error("customerId=42").starts_with("`42` is not a UUID"));
        assert_eq!(error("deviceHost= "), "the host is empty");
        let set: Assignment = "deviceHost=a=b".parse().unwrap();
        assert_eq!(set, Assignment { key: Key::DeviceHost, text: "a=b".to_owned() });
    }

    #[test]
    fn zones_have_the_names_of_the_database() {
        assert_eq!(zone("Europe/London"), Ok(chrono_tz::Europe::London));
        assert_eq!(
            zone("europe/lodnon").unwrap_err(),
            "unknown time zone `europe/lodnon`, did you mean `Europe/London`?"
        );
        for text in ["the moon and the stars", "GMT+2", "+02:00"] {
            assert!(zone(text).unwrap_err().contains("expected a name"), "{text}");
        }
    }

    #[test]
    fn moments_are_rfc_3339_and_become_utc() {
        assert_eq!(moment("2024-03-14T08:08:09+01:00").unwrap(), moment("2024-03-14T07:08:09Z").unwrap());
        assert!(moment("yesterday").is_err() && moment("2024-03-14").is_err());
    }
}
