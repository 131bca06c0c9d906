//! NetScaler Gateway: one pattern for the header, one for the body of each message.

use std::net::Ipv4Addr;

use chrono::{DateTime, Utc};
use regex::Regex;

use super::{Caught, Patterns, pattern, patterns, seconds, text, time};
use crate::contestant::Mapper;
use crate::contestants::event::{event, write};
use crate::corpus::RECEIVED_AT;

event! {
    /// The tokens of the messages that the generator writes.
    Event {
        event_time: DateTime<Utc>,
        event_name: &'r str,
        category: &'r str,
        outcome: &'r str,
        reason: &'r str,
        message: &'r str,
        severity: &'r str,
        device_severity: String,
        external_id: &'r str,
        log_format: &'r str,
        beginning_time: DateTime<Utc>,
        end_time: DateTime<Utc>,
        duration: u64,
        tags: [&'r str; 1],
        device_host: &'r str,
        device_name: &'r str,
        device_type: &'r str,
        device_vendor: &'r str,
        device_model: &'r str,
        packet_engine: &'r str,
        ppe_id: u64,
        source_ipv4: Ipv4Addr,
        #[serde(rename = "natSourceIP")]
        nat_source_ip: Ipv4Addr,
        source_port: u16,
        source_domain: &'r str,
        destination_ipv4: Ipv4Addr,
        destination_port: u16,
        destination_host: &'r str,
        user_name: &'r str,
        group: &'r str,
        session_id: &'r str,
        virtual_system: &'r str,
        virtual_port: u16,
        application: &'r str,
        protocol: &'r str,
        request_url: &'r str,
        user_agent: &'r str,
        in_byte: u64,
        out_byte: u64,
        collector_received_time: &'r str,
    }
}

const STAMP: &str = "%m/%d/%Y:%H:%M:%S GMT";

/// The patterns.
pub(super) struct NetScaler {
    header: Regex,
    bodies: Patterns,
}

impl NetScaler {
    /// Compiles them.
    pub(super) fn new() -> Self {
        const SESSION: &str = r#"^Context (?<context>\S+)@(?<address>[^@ ]+) - SessionId: (?<number>\d+) - User (?<user>.+?) - Client_ip (?<client>\S+) - Nat_ip "?(?<natted>[^"]+?)"? - Vserver (?<vserver>[^ ]+):(?<vport>\d+) - "#;
        const ICA: &str = r"^Nat_ip (?<nat>\S+) - Vserver (?<vserver>\S+):(?<vport>\d+) - Source (?<source>\S+):(?<sport>\d+) - Destination (?<dest>\S+):(?<dport>\d+) - customername (?<customer>.*?) ?- username:domainname (?<user>[^:]+):(?<domain>\S*) - ";
        const BYTES: &str = r"Total_bytes_send (?<send>\d+) - Total_bytes_recv (?<recv>\d+) - Total_compressedbytes_send \d+ - Total_compressedbytes_recv \d+ - Compression_ratio_send \S+ - Compression_ratio_recv \S+";
        let tcp = format!(
            r#"{SESSION}Source (?<source>\S+):(?<sport>\d+) - Destination (?<dest>\S+):(?<dport>\d+) - Start_time "(?<start>[^"]+)" - End_time "(?<end>[^"]+)" - Duration (?<duration>[\d:]+)  - {BYTES} - Access (?<access>\S+) - Group\(s\) "(?<group>[^"]*)"$"#
        );
        let login = format!(
            r#"{SESSION}Browser_type "(?<agent>.*)" - SSLVPN_client_type (?<kind>\S+) - Group\(s\) "(?<group>[^"]*)"$"#
        );
        let logout = format!(
            r#"{SESSION}Start_time "(?<start>[^"]+)" - End_time "(?<end>[^"]+)" - Duration (?<duration>[\d:]+)  - Http_resources_accessed \d+ - NonHttp_services_accessed \d+ - Total_TCP_connections \d+ - Total_UDP_flows \d+ - Total_policies_allowed \d+ - Total_policies_denied \d+ - {BYTES} - LogoutMethod "(?<reason>[^"]*)" - Group\(s\) "(?<group>[^"]*)"$"#
        );
        let ica_start = format!(
            r#"{ICA}applicationName (?<application>.*) - startTime "(?<start>[^"]+)" - connectionId (?<id>\S+)$"#
        );
        let ica_end = format!(
            r#"{ICA}startTime "(?<start>[^"]+)" - endTime "(?<end>[^"]+)" - Duration (?<duration>[\d:]+)  - {BYTES} - connectionId (?<id>\S+)$"#
        );
        Self {
            header: pattern(
                r"^<(?<pri>\d+)> (?<time>\d\d/\d\d/\d{4}:\d\d:\d\d:\d\d GMT) (?<host>\S+) (?<node>\d+)-(?<ppe>PPE)-(?<engine>\d+) : (?<partition>\S+) (?<category>[A-Z]\w*) (?<event>[A-Z]\w*) (?<serial>\d+) (?<format>\d) : *(?<body>.*)$",
            ),
            bodies: patterns(&[
                ("TCPCONNSTAT", tcp.as_str()),
                ("LOGIN", &login),
                ("LOGOUT", &logout),
                ("ICASTART", &ica_start),
                ("ICAEND_CONNSTAT", &ica_end),
                (
                    "HTTPREQUEST",
                    r"^Context (?<context>\S+)@(?<client>[^@ ]+) - SessionId: (?<number>\d+) - (?<host>\S+) User (?<user>.+?) : Group\(s\) (?<group>.+?) : Vserver (?<vserver>\S+):(?<vport>\d+) - (?<time>\S+ GMT) : SSO is (?<sso>\S+) : (?<method>\S+) (?<url>.+?)(?: - -)?$",
                ),
                (
                    "CONN_DELINK",
                    r"^Source (?<source>\S+):(?<sport>\d+) - Vserver (?<vserver>\S+):(?<vport>\d+) - NatIP (?<nat>\S+):(?<nport>\d+) - Destination (?<dest>\S+):(?<dport>\d+) - Delink Time (?<end>\S+ GMT) - Total_bytes_send (?<send>\d+) - Total_bytes_recv (?<recv>\d+)$",
                ),
                (
                    "CONN_TERMINATE",
                    r"^Source (?<source>\S+):(?<sport>\d+) - Destination (?<dest>\S+):(?<dport>\d+) - Start Time (?<start>\S+ GMT) - End Time (?<end>\S+ GMT) - Total_bytes_send (?<send>\d+) - Total_bytes_recv (?<recv>\d+)$",
                ),
                (
                    "SSL_HANDSHAKE_SUCCESS",
                    r#"^SPCBId (?<spcb>\d+) - ClientIP (?<client>\S+) - ClientPort (?<sport>\d+) - VserverServiceIP (?<vserver>\S+) - VserverServicePort (?<vport>\d+) - ClientVersion (?<protocol>\S+) - CipherSuite "(?<cipher>[^"]*)" - Session (?<session>\S+)$"#,
                ),
                (
                    "LOGIN_FAILED",
                    r#"^User (?<user>.+?) - Client_ip (?<client>\S+) - Failure_reason "(?<message>.*)" - Browser (?<agent>.*)$"#,
                ),
                (
                    "CMD_EXECUTED",
                    r#"^User (?<user>.+?) - ADM_User (?<admin>\S+) - Remote_ip (?<client>\S+) - Command "(?<command>.*)" - Status "(?<status>[^"]*)"$"#,
                ),
            ]),
        }
    }
}

impl Mapper for NetScaler {
    fn map(&mut self, record: &[u8], _: u64, out: &mut Vec<u8>) -> Result<(), String> {
        let header = Caught::of(&self.header, text(record)?)?;
        let name = header.get("event").unwrap_or_default();
        let pattern = self.bodies.get(name).ok_or_else(|| format!("no event {name}"))?;
        let body = Caught::of(pattern, header.get("body").unwrap_or_default())?;
        let level = header.read::<u8>("pri").unwrap_or(0) % 8;
        let stamp = |name| body.get(name).map(|text| time(text, STAMP)).transpose();
        let event = Event {
            event_time: Some(time(header.get("time").unwrap_or_default(), STAMP)?),
            event_name: Some(name),
            category: header.get("category"),
            outcome: outcome(name, &body),
            reason: body.get("reason"),
            message: body.get("message"),
            severity: severity(level),
            device_severity: Some(level.to_string()),
            external_id: body.get("id"),
            log_format: header.get("format"),
            beginning_time: stamp("start")?,
            end_time: stamp("end")?,
            duration: body.get("duration").and_then(seconds),
            tags: Some(["VPN"]),
            device_host: header.get("host"),
            device_name: header.get("host"),
            device_type: Some("VPN"),
            device_vendor: Some("Citrix"),
            device_model: Some("NetScaler Gateway"),
            packet_engine: header.get("ppe"),
            ppe_id: header.read("engine"),
            source_ipv4: body.read("source").or_else(|| body.read("client")),
            nat_source_ip: body.read("nat"),
            source_port: body.read("sport"),
            source_domain: body.get("domain"),
            destination_ipv4: body.read("dest"),
            destination_port: body.read("dport"),
            destination_host: body.get("host"),
            user_name: body.get("user"),
            group: body.get("group"),
            session_id: header.get("serial"),
            virtual_system: body.get("vserver"),
            virtual_port: body.read("vport"),
            application: body.get("application"),
            protocol: body.get("protocol"),
            request_url: body.get("url"),
            user_agent: body.get("agent"),
            in_byte: body.read("recv"),
            out_byte: body.read("send"),
            collector_received_time: Some(RECEIVED_AT),
        };
        write(&event, out)
    }
}

fn severity(level: u8) -> Option<&'static str> {
    let words = ["", "Alert", "Critical", "Error", "Warning", "Notice", "Informational", "Debug"];
    words.get(usize::from(level)).copied().filter(|word| !word.is_empty())
}

fn outcome(event: &str, body: &Caught<'_>) -> Option<&'static str> {
    let success = match event {
        "LOGIN" | "HTTPREQUEST" | "ICASTART" | "SSL_HANDSHAKE_SUCCESS" => true,
        "LOGIN_FAILED" => false,
        "TCPCONNSTAT" => body.get("access") == Some("Allowed"),
        "CMD_EXECUTED" => body.get("status") == Some("Success"),
        _ => return None,
    };
    Some(if success { "Success" } else { "Failure" })
}
