//! Qualys EDR: the sections of an event as structs.

use std::net::{IpAddr, Ipv4Addr};

use serde::Deserialize;
use uuid::Uuid;

use super::{Mapped, Milliseconds, Text, text, time};
use crate::contestants::event::{event, write};
use crate::corpus::RECEIVED_AT;

/// An event as it is on the wire, without what no token takes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record<'r> {
    #[serde(borrow)]
    date_time: Text<'r>,
    #[serde(borrow)]
    id: Option<Text<'r>>,
    #[serde(borrow, rename = "type")]
    kind: Text<'r>,
    #[serde(borrow)]
    action: Option<Text<'r>>,
    #[serde(borrow)]
    event_source: Option<Text<'r>>,
    customer_id: Option<Uuid>,
    #[serde(borrow)]
    process: Option<Process<'r>>,
    #[serde(borrow)]
    file: Option<File<'r>>,
    #[serde(borrow)]
    network: Option<Network<'r>>,
    #[serde(borrow)]
    registry: Option<Registry<'r>>,
    #[serde(borrow)]
    mutex: Option<Mutex<'r>>,
    #[serde(borrow)]
    actor: Option<Actor<'r>>,
    #[serde(borrow, default)]
    indicator2: Vec<Indicator<'r>>,
    #[serde(borrow)]
    asset: Option<Asset<'r>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Process<'r> {
    #[serde(borrow)]
    process_name: Option<Text<'r>>,
    #[serde(borrow)]
    full_path: Option<Text<'r>>,
    #[serde(borrow)]
    parent_process_name: Option<Text<'r>>,
    #[serde(borrow)]
    user_name: Option<Text<'r>>,
    #[serde(borrow)]
    process_file: Option<ProcessFile<'r>>,
    pid: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProcessFile<'r> {
    #[serde(borrow)]
    module_name: Option<Text<'r>>,
    #[serde(borrow)]
    md5: Option<Text<'r>>,
    size: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File<'r> {
    #[serde(borrow)]
    full_path: Option<Text<'r>>,
    #[serde(borrow)]
    file_name: Option<Text<'r>>,
    #[serde(borrow)]
    file_type: Option<Text<'r>>,
    #[serde(borrow)]
    md5: Option<Text<'r>>,
    #[serde(borrow)]
    sha256: Option<Text<'r>>,
    size: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Network<'r> {
    #[serde(borrow)]
    protocol: Option<Text<'r>>,
    #[serde(rename = "localIP")]
    local_ip: Option<Ipv4Addr>,
    local_port: Option<u16>,
    #[serde(rename = "remoteIP")]
    remote_ip: Option<Ipv4Addr>,
    remote_port: Option<u16>,
}

#[derive(Deserialize)]
struct Registry<'r> {
    #[serde(borrow)]
    key: Option<Text<'r>>,
    #[serde(borrow)]
    value: Option<Text<'r>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mutex<'r> {
    #[serde(borrow)]
    mutex_name: Option<Text<'r>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Actor<'r> {
    #[serde(borrow)]
    user_id: Option<Text<'r>>,
    #[serde(borrow)]
    user_name: Option<Text<'r>>,
    process_id: Option<u64>,
    #[serde(borrow)]
    process_name: Option<Text<'r>>,
    #[serde(borrow)]
    image_full_path: Option<Text<'r>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Indicator<'r> {
    #[serde(borrow)]
    sha256: Option<Text<'r>>,
    #[serde(borrow)]
    score: Option<Text<'r>>,
    #[serde(borrow)]
    threat_name: Option<Text<'r>>,
    #[serde(borrow)]
    family_name: Option<Text<'r>>,
    #[serde(borrow)]
    verdict: Option<Text<'r>>,
}

impl Indicator<'_> {
    fn score(&self) -> Option<i64> {
        text(self.score.as_ref())?.parse().ok()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asset<'r> {
    #[serde(borrow)]
    agent_id: Option<Text<'r>>,
    #[serde(borrow, rename = "fullOSName")]
    full_os_name: Option<Text<'r>>,
    #[serde(borrow)]
    host_name: Option<Text<'r>>,
    #[serde(default)]
    interfaces: Vec<Interface>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Interface {
    ip_address: Option<IpAddr>,
}

event! {
    /// The tokens of the events that the generator writes.
    Event {
        event_time: Milliseconds,
        event_name: &'r str,
        event_type: &'r str,
        action: &'r str,
        object: &'r str,
        severity: &'r str,
        base_event_id: &'r str,
        detection_method: &'r str,
        device_host: &'r str,
        #[serde(rename = "deviceIPAddresses")]
        device_ip_addresses: Vec<IpAddr>,
        device_type: &'r str,
        device_vendor: &'r str,
        device_model: &'r str,
        os_details: &'r str,
        source_ipv4: Ipv4Addr,
        source_port: u16,
        source_user: &'r str,
        source_user_id: &'r str,
        source_process: &'r str,
        destination_ipv4: Ipv4Addr,
        destination_port: u16,
        destination_process: &'r str,
        protocol: &'r str,
        process_name: &'r str,
        process_id: u64,
        file_name: &'r str,
        file_path: &'r str,
        file_type: &'r str,
        file_size: u64,
        md5_hash: &'r str,
        sha256_hash: &'r str,
        risk: &'r str,
        risk_type: &'r str,
        risk_score: i64,
        reputation: &'r str,
        customer_id: Uuid,
        collector_received_time: &'r str,
        custom_string6: &'r str,
        custom_string9: &'r str,
    }
}

/// The source.
pub(super) struct Qualys;

impl Mapped for Qualys {
    type Record<'r> = Record<'r>;

    fn map(record: &Record<'_>, out: &mut Vec<u8>) -> Result<(), String> {
        let kind = record.kind.get().unwrap_or_default();
        let mut event = Event {
            event_time: Some(Milliseconds(time(&record.date_time.0)?)),
            event_name: name(kind),
            event_type: Some(kind),
            action: text(record.action.as_ref()).map(action),
            base_event_id: text(record.id.as_ref()),
            detection_method: text(record.event_source.as_ref()),
            device_type: Some("Endpoint"),
            device_vendor: Some("Qualys"),
            device_model: Some("EDR"),
            customer_id: record.customer_id,
            collector_received_time: Some(RECEIVED_AT),
            ..Event::default()
        };
        event.take_process(record);
        event.take_file(record);
        event.take_others(record);
        event.take_actor(record);
        event.take_indicator(record);
        event.take_asset(record);
        write(&event, out)
    }
}

impl<'r> Event<'r> {
    fn take_process(&mut self, record: &'r Record<'_>) {
        let Some(process) = &record.process else { return };
        self.destination_process = text(process.process_name.as_ref());
        self.source_process = text(process.parent_process_name.as_ref());
        self.source_user = text(process.user_name.as_ref());
        self.file_path = text(process.full_path.as_ref());
        self.process_id = process.pid;
        if let Some(file) = &process.process_file {
            self.file_name = text(file.module_name.as_ref());
            self.md5_hash = text(file.md5.as_ref());
            self.file_size = file.size;
        }
    }

    fn take_file(&mut self, record: &'r Record<'_>) {
        let Some(file) = &record.file else { return };
        self.file_path = text(file.full_path.as_ref());
        self.file_name = text(file.file_name.as_ref());
        self.file_type = text(file.file_type.as_ref());
        self.md5_hash = text(file.md5.as_ref());
        self.sha256_hash = text(file.sha256.as_ref());
        self.file_size = file.size;
    }

    fn take_others(&mut self, record: &'r Record<'_>) {
        if let Some(network) = &record.network {
            self.protocol = text(network.protocol.as_ref());
            self.source_ipv4 = network.local_ip;
            self.source_port = network.local_port;
            self.destination_ipv4 = network.remote_ip;
            self.destination_port = network.remote_port;
        }
        if let Some(registry) = &record.registry {
            self.object = text(registry.key.as_ref());
            self.custom_string9 = text(registry.value.as_ref());
        }
        if let Some(mutex) = &record.mutex {
            self.object = text(mutex.mutex_name.as_ref());
        }
    }

    fn take_actor(&mut self, record: &'r Record<'_>) {
        let Some(actor) = &record.actor else { return };
        self.source_user_id = text(actor.user_id.as_ref());
        self.process_id = actor.process_id.or(self.process_id);
        self.process_name = text(actor.process_name.as_ref());
        self.source_user = self.source_user.or(text(actor.user_name.as_ref()));
        if matches!(self.event_type, Some("MUTEX" | "REGISTRY" | "NETWORK")) {
            self.file_path = text(actor.image_full_path.as_ref());
        }
    }

    /// Of several indicators the one with the highest score speaks, of equal ones the first.
    fn take_indicator(&mut self, record: &'r Record<'_>) {
        let Some(indicator) = record.indicator2.iter().rev().max_by_key(|indicator| indicator.score()) else {
            return;
        };
        self.sha256_hash = text(indicator.sha256.as_ref()).or(self.sha256_hash);
        self.risk_score = indicator.score();
        self.severity = indicator.score().and_then(severity);
        self.risk = text(indicator.threat_name.as_ref());
        self.risk_type = text(indicator.family_name.as_ref());
        self.reputation = text(indicator.verdict.as_ref());
    }

    fn take_asset(&mut self, record: &'r Record<'_>) {
        let Some(asset) = &record.asset else { return };
        self.custom_string6 = text(asset.agent_id.as_ref());
        self.os_details = text(asset.full_os_name.as_ref());
        self.device_host = text(asset.host_name.as_ref());
        self.device_ip_addresses =
            Some(asset.interfaces.iter().filter_map(|interface| interface.ip_address).collect());
    }
}

fn name(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "PROCESS" => "EDR Process Event",
        "FILE" => "EDR File Event",
        "MUTEX" => "EDR Mutex Event",
        "REGISTRY" => "EDR Registry Event",
        "NETWORK" => "EDR Network Event",
        _ => return None,
    })
}

fn action(word: &str) -> &str {
    match word {
        "CREATED" => "Created",
        "RUNNING" => "Running",
        "TERMINATED" => "Terminated",
        "DELETED" => "Deleted",
        "WRITE" => "Write",
        "ESTABLISHED" => "Established",
        "CLOSED" => "Closed",
        other => other,
    }
}

fn severity(score: i64) -> Option<&'static str> {
    Some(match score {
        10 => "Alert",
        7..=9 => "Critical",
        4..=6 => "Error",
        1..=3 => "Warning",
        0 => "Informational",
        _ => return None,
    })
}
