//! Teleport: the members of all events in one struct, as a log's reader would have it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use serde::Deserialize;

use super::{Mapped, Milliseconds, Nanoseconds, Text, text, time};
use crate::contestants::event::{event, write};
use crate::corpus::RECEIVED_AT;

/// An event as it is on the wire, without what no token takes.
#[derive(Deserialize)]
pub(super) struct Record<'r> {
    #[serde(borrow)]
    event: Text<'r>,
    #[serde(borrow)]
    uid: Option<Text<'r>>,
    #[serde(borrow)]
    code: Text<'r>,
    #[serde(borrow)]
    time: Text<'r>,
    #[serde(borrow)]
    cluster_name: Option<Text<'r>>,
    #[serde(borrow)]
    user: Option<Text<'r>>,
    #[serde(borrow)]
    login: Option<Text<'r>>,
    #[serde(borrow)]
    sid: Option<Text<'r>>,
    #[serde(borrow)]
    server_id: Option<Text<'r>>,
    #[serde(borrow)]
    server_hostname: Option<Text<'r>>,
    server_addr: Option<SocketAddr>,
    #[serde(borrow)]
    server_labels: Option<Labels<'r>>,
    #[serde(rename = "addr.local")]
    addr_local: Option<SocketAddr>,
    #[serde(rename = "addr.remote")]
    addr_remote: Option<SocketAddr>,
    #[serde(borrow)]
    proto: Option<Text<'r>>,
    #[serde(borrow)]
    session_recording: Option<Text<'r>>,
    #[serde(borrow)]
    program: Option<Text<'r>>,
    #[serde(borrow)]
    path: Option<Text<'r>>,
    pid: Option<u64>,
    cgroup_id: Option<u64>,
    src_addr: Option<Ipv4Addr>,
    dst_addr: Option<Ipv4Addr>,
    dst_port: Option<u16>,
    version: Option<u64>,
    action: Option<u64>,
    tx: Option<u64>,
    rx: Option<u64>,
    #[serde(borrow)]
    participants: Option<Vec<Text<'r>>>,
    #[serde(borrow)]
    session_start: Option<Text<'r>>,
    #[serde(borrow)]
    session_stop: Option<Text<'r>>,
    #[serde(borrow)]
    cert_type: Option<Text<'r>>,
    #[serde(borrow)]
    identity: Option<Identity<'r>>,
    #[serde(borrow)]
    attributes: Option<Traits<'r>>,
    #[serde(borrow)]
    method: Option<Text<'r>>,
    success: Option<bool>,
    #[serde(borrow)]
    error: Option<Text<'r>>,
    #[serde(borrow)]
    user_agent: Option<Text<'r>>,
    #[serde(borrow)]
    db_name: Option<Text<'r>>,
    #[serde(borrow)]
    db_protocol: Option<Text<'r>>,
    #[serde(borrow)]
    db_service: Option<Text<'r>>,
    #[serde(borrow)]
    db_uri: Option<Text<'r>>,
    #[serde(borrow)]
    db_user: Option<Text<'r>>,
    #[serde(borrow)]
    db_query: Option<Text<'r>>,
}

#[derive(Deserialize)]
struct Labels<'r> {
    #[serde(borrow)]
    datacenter: Option<Text<'r>>,
    #[serde(borrow)]
    hostname: Option<Text<'r>>,
}

#[derive(Deserialize)]
struct Identity<'r> {
    #[serde(borrow)]
    user: Option<Text<'r>>,
    #[serde(borrow)]
    roles: Option<Vec<Text<'r>>>,
    #[serde(borrow)]
    logins: Option<Vec<Text<'r>>>,
    #[serde(borrow)]
    expires: Option<Text<'r>>,
    #[serde(borrow)]
    traits: Option<Traits<'r>>,
}

#[derive(Deserialize)]
struct Traits<'r> {
    #[serde(borrow)]
    email: Option<Vec<Text<'r>>>,
    #[serde(borrow)]
    groups: Option<Vec<Text<'r>>>,
}

event! {
    /// The tokens of the events that the generator writes.
    Event {
        event_time: Milliseconds,
        event_name: &'r str,
        event_type: &'r str,
        event_sub_type: &'r str,
        object: &'r str,
        action: String,
        outcome: &'r str,
        error: &'r str,
        severity: &'r str,
        external_id: &'r str,
        device_event_id: &'r str,
        beginning_time: Nanoseconds,
        end_time: Nanoseconds,
        method: &'r str,
        device_name: &'r str,
        device_id: &'r str,
        #[serde(rename = "deviceIPAddresses")]
        device_ip_addresses: [IpAddr; 1],
        device_type: &'r str,
        device_vendor: &'r str,
        device_model: &'r str,
        version: String,
        region: &'r str,
        #[serde(rename = "cluster_name")]
        cluster_name: &'r str,
        source_ipv4: IpAddr,
        source_port: u16,
        source_user: String,
        destination_ipv4: IpAddr,
        destination_port: u16,
        user_name: &'r str,
        group: String,
        permissions: Vec<&'r str>,
        email_recipient: String,
        participants: Vec<&'r str>,
        connector: String,
        session_id: &'r str,
        application: &'r str,
        process_id: u64,
        file_path: &'r str,
        protocol: &'r str,
        user_agent: &'r str,
        in_byte: u64,
        out_byte: u64,
        #[serde(rename = "db_name")]
        db_name: &'r str,
        #[serde(rename = "db_service")]
        db_service: &'r str,
        #[serde(rename = "db_protocol")]
        db_protocol: &'r str,
        #[serde(rename = "db_uri")]
        db_uri: &'r str,
        #[serde(rename = "db_user")]
        db_user: &'r str,
        #[serde(rename = "db_query")]
        db_query: &'r str,
        collector_received_time: &'r str,
    }
}

/// The source.
pub(super) struct Teleport;

impl Mapped for Teleport {
    type Record<'r> = Record<'r>;

    fn map(record: &Record<'_>, out: &mut Vec<u8>) -> Result<(), String> {
        let code = record.code.get().unwrap_or_default();
        let labels = record.server_labels.as_ref();
        let mut event = Event {
            event_time: Some(Milliseconds(time(&record.time.0)?)),
            event_name: name(code),
            event_type: record.event.get(),
            object: text(record.session_recording.as_ref()),
            action: record.action.map(|number| number.to_string()),
            outcome: Some(outcome(record, code)),
            error: text(record.error.as_ref()),
            severity: Some(if code.ends_with('W') { "Warning" } else { "Informational" }),
            external_id: text(record.uid.as_ref()),
            device_event_id: Some(code),
            method: text(record.method.as_ref()),
            device_name: text(record.server_hostname.as_ref())
                .or_else(|| text(labels.and_then(|labels| labels.hostname.as_ref()))),
            device_id: text(record.server_id.as_ref()),
            device_ip_addresses: record.server_addr.map(|socket| [socket.ip()]),
            device_type: Some("IAM"),
            device_vendor: Some("Teleport"),
            device_model: Some("Teleport"),
            version: record.version.map(|number| number.to_string()),
            region: text(labels.and_then(|labels| labels.datacenter.as_ref())),
            cluster_name: text(record.cluster_name.as_ref()),
            source_user: text(record.login.as_ref()).map(str::to_owned),
            user_name: text(record.user.as_ref()),
            participants: list(record.participants.as_ref()),
            connector: record.cgroup_id.map(|number| number.to_string()),
            session_id: text(record.sid.as_ref()),
            application: text(record.program.as_ref()),
            process_id: record.pid,
            file_path: text(record.path.as_ref()),
            protocol: text(record.proto.as_ref()),
            user_agent: text(record.user_agent.as_ref()),
            in_byte: record.rx,
            out_byte: record.tx,
            db_name: text(record.db_name.as_ref()),
            db_service: text(record.db_service.as_ref()),
            db_protocol: text(record.db_protocol.as_ref()),
            db_uri: text(record.db_uri.as_ref()),
            db_user: text(record.db_user.as_ref()),
            db_query: text(record.db_query.as_ref()),
            collector_received_time: Some(RECEIVED_AT),
            ..Event::default()
        };
        event.take_addresses(record);
        event.take_times(record)?;
        event.take_identity(record)?;
        write(&event, out)
    }
}

impl<'r> Event<'r> {
    fn take_addresses(&mut self, record: &'r Record<'_>) {
        self.source_ipv4 = record.src_addr.map(IpAddr::V4).or(record.addr_local.map(|socket| socket.ip()));
        self.source_port = record.addr_local.or(record.server_addr).map(|socket| socket.port());
        self.destination_ipv4 =
            record.dst_addr.map(IpAddr::V4).or(record.addr_remote.map(|socket| socket.ip()));
        self.destination_port = record.dst_port.or(record.addr_remote.map(|socket| socket.port()));
    }

    fn take_times(&mut self, record: &'r Record<'_>) -> Result<(), String> {
        let read = |text: &Text<'_>| time(&text.0).map(Nanoseconds);
        self.beginning_time = record.session_start.as_ref().map(read).transpose()?;
        self.end_time = record.session_stop.as_ref().map(read).transpose()?;
        Ok(())
    }

    fn take_identity(&mut self, record: &'r Record<'_>) -> Result<(), String> {
        self.event_sub_type = text(record.cert_type.as_ref());
        if let Some(identity) = &record.identity {
            self.user_name = text(identity.user.as_ref());
            self.permissions = list(identity.roles.as_ref());
            self.source_user = joined(identity.logins.as_ref());
            self.end_time =
                identity.expires.as_ref().map(|text| time(&text.0).map(Nanoseconds)).transpose()?;
            self.take_traits(identity.traits.as_ref());
        }
        self.take_traits(record.attributes.as_ref());
        Ok(())
    }

    fn take_traits(&mut self, traits: Option<&Traits<'_>>) {
        if let Some(traits) = traits {
            self.email_recipient = joined(traits.email.as_ref());
            self.group = joined(traits.groups.as_ref());
        }
    }
}

fn list<'t>(texts: Option<&'t Vec<Text<'_>>>) -> Option<Vec<&'t str>> {
    Some(texts?.iter().filter_map(Text::get).collect())
}

fn joined(texts: Option<&Vec<Text<'_>>>) -> Option<String> {
    list(texts).map(|texts| texts.join(", "))
}

/// `success` speaks first, then an error; a refused connection is a failure, and so is a code that ends so.
fn outcome(record: &Record<'_>, code: &str) -> &'static str {
    let success = record
        .success
        .unwrap_or(record.error.is_none() && record.action != Some(1) && !code.ends_with(['W', 'E']));
    if success { "Success" } else { "Failure" }
}

fn name(code: &str) -> Option<&'static str> {
    Some(match code {
        "T4000I" => "Command run in a session",
        "T4002I" => "Network connection in a session",
        "T2006I" => "Session data transferred",
        "T2000I" => "Session started",
        "T2004I" => "Session ended",
        "T2003I" => "Session left",
        "TC000I" => "Certificate issued",
        "T1001I" => "Single sign-on login",
        "T1000W" => "Local login failed",
        "TDB02I" => "Database query",
        "TDB00I" => "Database session started",
        "TDB01I" => "Database session ended",
        "T3002I" => "Command executed",
        "T3007W" => "Authentication attempt failed",
        _ => return None,
    })
}
