//! Pulse Secure, WELF: one pattern for records of users, one for those of the device, and one for the text of each code
//! that has more to say.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use chrono::{DateTime, Utc};
use regex::Regex;

use super::{Caught, Patterns, pattern, patterns, text, time};
use crate::contestant::Mapper;
use crate::contestants::event::{event, write};
use crate::corpus::RECEIVED_AT;

event! {
    /// The tokens of the messages that the generator writes.
    Event {
        event_time: DateTime<Utc>,
        event_name: &'r str,
        event_type: &'r str,
        event_sub_type: &'r str,
        object: &'r str,
        outcome: &'r str,
        reason: &'r str,
        message: &'r str,
        severity: &'r str,
        pulse_priority: u64,
        device_event_id: &'r str,
        record_type: &'r str,
        duration: u64,
        device_host: &'r str,
        #[serde(rename = "deviceIPAddresses")]
        device_ip_addresses: [IpAddr; 1],
        device_type: &'r str,
        device_vendor: &'r str,
        device_model: &'r str,
        source_ipv4: Ipv4Addr,
        source_ipv6: Ipv6Addr,
        #[serde(rename = "natSourceIP")]
        nat_source_ip: IpAddr,
        source_user: &'r str,
        destination_ipv4: Ipv4Addr,
        destination_host: &'r str,
        user_realm: &'r str,
        user_role: Vec<&'r str>,
        session_id: &'r str,
        vpn_type: &'r str,
        protocol: &'r str,
        request_url: &'r str,
        user_agent: &'r str,
        in_byte: u64,
        out_byte: u64,
        collector_received_time: &'r str,
    }
}

/// The patterns.
pub(super) struct Pulse {
    user: Regex,
    device: Regex,
    texts: Patterns,
}

impl Pulse {
    /// Compiles them.
    pub(super) fn new() -> Self {
        const HEADER: &str = r#"^<(?<header>\d+)>\w{3} [ \d]\d \d\d:\d\d:\d\d (?<host>\S+) PulseSecure: id=(?<id>\S+) time="(?<time>[^"]+)" pri=(?<pri>\d) fw=(?<fw>\S+) vpn=(?<vpn>\S+)"#;
        const TEXT: &str = r#" msg="(?<code>[A-Z]{3}\d+): (?<text>.*)"$"#;
        let user = format!(
            r#"{HEADER} ivs=(?<ivs>.*?) user=(?<user>.*?) realm="(?<realm>[^"]*)" roles="(?<roles>[^"]*)" proto=(?<proto>\S*) src=(?<src>\S*) dst=(?<dst>\S*) dstname=(?<dstname>\S*) type=(?<type>\S*) op=(?<op>\S*) arg="(?<arg>[^"]*)" result=(?<result>\d*) sent=(?<sent>\d*) rcvd=(?<rcvd>\d*) agent="(?<agent>[^"]*)" duration=(?<duration>\d*){TEXT}"#
        );
        let device = format!(
            r#"{HEADER} user=(?<user>.*?) realm="(?<realm>[^"]*)" roles="(?<roles>[^"]*)" type=(?<type>\S*) proto=(?<proto>\S*) src=(?<src>\S*) dst=(?<dst>\S*) dstname=(?<dstname>\S*) sent=(?<sent>\d*) rcvd=(?<rcvd>\d*){TEXT}"#
        );
        Self {
            user: pattern(&user),
            device: pattern(&device),
            texts: patterns(&[
                (
                    "WEB20174",
                    r"^WebRequest completed, (?<method>\S+) to (?<url>\S+) from (?<from>\S+) result=(?<status>\d+) sent=(?<tsent>\d+) received=(?<treceived>\d+) in (?<seconds>\d+) seconds$",
                ),
                ("AUT31504", r"^Login succeeded for .+ \(session:(?<session>\w+)\) from \S+ with .+$"),
                (
                    "AUT23457",
                    r"^Login failed using auth server (?<server>.+?) \((?<kind>[^)]+)\)\. Reason: (?<reason>.+?)\.?$",
                ),
                ("AUT22673", r"^Logout from (?<from>\S+) \(session:(?<session>\w+)\)$"),
                (
                    "NWC23464",
                    r"^VPN Tunneling: Session started for user \(session:(?<session>\w+)\) with IPv4 address (?<tunnel>[^,]+), hostname (?<client>\S+)$",
                ),
                (
                    "NWC23465",
                    r"^VPN Tunneling: Session ended for user \(session:(?<session>\w+)\) with IPv4 address (?<tunnel>\S+)$",
                ),
                ("NWC23508", r"^Key Exchange number \d+ occurred for user with NCIP (?<tunnel>\S+)$"),
                ("AUT20915", r"^Session timed out for .+ \(session:(?<session>\w+)\) due to inactivity .+$"),
                ("SYS31437", r"^Successful syslog connection to peer: '(?<peer>[^']+)'$"),
            ]),
        }
    }
}

impl Mapper for Pulse {
    fn map(&mut self, record: &[u8], _: u64, out: &mut Vec<u8>) -> Result<(), String> {
        let record = text(record)?;
        let welf = Caught::of(&self.user, record).or_else(|_| Caught::of(&self.device, record))?;
        let code = welf.get("code").unwrap_or_default();
        let (name, kind, outcome) = message(code).ok_or_else(|| format!("no code {code}"))?;
        let mut event = Event {
            event_time: Some(time(welf.get("time").unwrap_or_default(), "%Y-%m-%d %H:%M:%S")?),
            event_name: Some(name),
            event_type: Some(kind),
            event_sub_type: Some("Misc"),
            object: welf.get("vpn"),
            outcome,
            message: welf.get("text"),
            severity: welf.get("pri").and_then(severity),
            pulse_priority: welf.read("pri"),
            device_event_id: Some(code),
            record_type: welf.get("id"),
            duration: welf.read("duration"),
            device_host: welf.get("host"),
            device_ip_addresses: welf.read("fw").map(|address| [address]),
            device_type: Some("VPN"),
            device_vendor: Some("Juniper"),
            device_model: Some("Pulsesecure"),
            source_ipv4: welf.read("src"),
            source_ipv6: welf.read("src"),
            source_user: welf.get("user"),
            destination_ipv4: welf.read("dst"),
            destination_host: welf.get("dstname"),
            user_realm: welf.get("realm"),
            user_role: welf.get("roles").map(|roles| roles.split(", ").collect()),
            vpn_type: welf.get("type"),
            protocol: welf.get("proto"),
            user_agent: welf.get("agent"),
            in_byte: welf.read("rcvd"),
            out_byte: welf.read("sent"),
            collector_received_time: Some(RECEIVED_AT),
            ..Event::default()
        };
        if let Some(pattern) = self.texts.get(code) {
            let body = Caught::of(pattern, welf.get("text").unwrap_or_default())?;
            event.session_id = body.get("session");
            event.nat_source_ip = body.read("tunnel");
            event.reason = body.get("reason");
            if let Some(status) = body.get("status") {
                event.outcome = Some(if status < "400" { "Success" } else { "Failure" });
                event.request_url = body.get("url");
            }
            event.destination_ipv4 = event.destination_ipv4.or_else(|| body.read("peer"));
        }
        write(&event, out)
    }
}

fn severity(level: &str) -> Option<&'static str> {
    Some(match level {
        "0" | "1" | "2" => "Critical",
        "3" => "Major",
        "4" | "5" => "Minor",
        "6" | "7" => "Info",
        _ => return None,
    })
}

/// Name, category and outcome of a code.
fn message(code: &str) -> Option<(&'static str, &'static str, Option<&'static str>)> {
    Some(match code {
        "WEB20174" => ("Request Completed", "WebRequest", None),
        "AUT24326" => ("Log Auth Success", "Authenticate", Some("Success")),
        "AUT24327" => ("Log Auth Failure", "Authenticate", Some("Failure")),
        "AUT31504" => ("Login With UA", "Authenticate", Some("Success")),
        "AUT23457" => ("Signin Reject Log", "Authenticate", Some("Failure")),
        "AUT22673" => ("Logout", "Authenticate", None),
        "NWC23464" => ("Session Start", "NetworkConnect", Some("Success")),
        "NWC23465" => ("Session End", "NetworkConnect", None),
        "NWC23508" => ("Key Exchange", "NetworkConnect", None),
        "AUT20915" => ("User Idle Timeout By Request", "Authenticate", None),
        "SYS31437" => ("Connection Success", "SystemStatus", Some("Success")),
        _ => return None,
    })
}
