//! Cisco ASA: one pattern for the header, one for the text of each message.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

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
        event_name: String,
        event_type: &'r str,
        action: &'r str,
        outcome: &'r str,
        reason: &'r str,
        severity: &'r str,
        device_severity: &'r str,
        device_event_id: &'r str,
        duration: u64,
        device_host: &'r str,
        device_type: &'r str,
        device_vendor: &'r str,
        device_model: &'r str,
        source_ipv4: Ipv4Addr,
        source_ipv6: Ipv6Addr,
        #[serde(rename = "natSourceIP")]
        nat_source_ip: IpAddr,
        source_port: u16,
        source_domain: &'r str,
        source_interface: &'r str,
        source_user: &'r str,
        destination_ipv4: Ipv4Addr,
        destination_port: u16,
        policy: &'r str,
        group: &'r str,
        session_id: &'r str,
        protocol: &'r str,
        in_byte: u64,
        out_byte: u64,
        collector_received_time: &'r str,
    }
}

/// The patterns.
pub(super) struct Asa {
    header: Regex,
    texts: Patterns,
}

impl Asa {
    /// Compiles them.
    pub(super) fn new() -> Self {
        const BUILT: &str = r"^Built (?<direction>inbound|outbound) (?<protocol>TCP|UDP) connection (?<session>\d+) for (?<if1>[^:]+):(?<ip1>[^/]+)/(?<port1>\d+) \((?<mapped1>[^/]+)/(?<mport1>\d+)\)(?:\((?<domain>[^\\)]+)\\(?<user>[^)]+)\))? to (?<if2>[^:]+):(?<ip2>[^/]+)/(?<port2>\d+) \((?<mapped2>[^/]+)/(?<mport2>\d+)\)(?: \((?<aaa>[^)]+)\))?$";
        const TEARDOWN: &str = r"^Teardown (?<protocol>TCP|UDP) connection (?<session>\d+) for (?<if1>[^:]+):(?<ip1>[^/]+)/(?<port1>\d+)(?:\((?<domain>[^\\)]+)\\(?<user>[^)]+)\))? to (?<if2>[^:]+):(?<ip2>[^/]+)/(?<port2>\d+) duration (?<duration>[\d:]+) bytes (?<bytes>\d+)(?: (?<reason>[^(]+?))?(?: \((?<aaa>[^)]+)\))?$";
        Self {
            header: pattern(
                r"^<(?<pri>\d+)>(?<time>\w{3} \d{2} \d{4} \d{2}:\d{2}:\d{2}) (?<host>\S+) : (?<tag>%ASA-(?<level>\d)-(?<id>\d{6})): (?<text>.*)$",
            ),
            texts: patterns(&[
                ("302013", BUILT),
                ("302015", BUILT),
                ("302014", TEARDOWN),
                ("302016", TEARDOWN),
                (
                    "305011",
                    r"^Built dynamic (?<protocol>TCP|UDP) translation from (?<if>[^:]+):(?<ip>[^/]+)/(?<port>\d+) to (?<if2>[^:]+):(?<mapped>[^/]+)/(?<mport>\d+)$",
                ),
                (
                    "305012",
                    r"^Teardown dynamic (?<protocol>TCP|UDP) translation from (?<if>[^:]+):(?<ip>[^/]+)/(?<port>\d+) to (?<if2>[^:]+):(?<mapped>[^/]+)/(?<mport>\d+) duration (?<duration>[\d:]+)$",
                ),
                (
                    "106023",
                    r#"^Deny (?<protocol>\S+) src (?<if>[^:]+):(?<ip>[^/]+)/(?<port>\d+) dst (?<if2>[^:]+):(?<ip2>[^/]+)/(?<port2>\d+) by access-group "(?<policy>[^"]+)" \[(?<hash>[^\]]+)\]$"#,
                ),
                (
                    "106100",
                    r"^access-list (?<policy>\S+) (?<verb>permitted|denied) (?<protocol>\S+) (?<if>[^/]+)/(?<ip>[^(]+)\((?<port>\d+)\) -> (?<if2>[^/]+)/(?<ip2>[^(]+)\((?<port2>\d+)\) hit-cnt (?<count>\d+) (?<interval>.+) \[(?<hash>[^\]]+)\]$",
                ),
                (
                    "725002",
                    r"^Device completed SSL handshake with (?<role>\S+) (?<if>[^:]+):(?<ip>[^/]+)/(?<port>\d+) to (?<ip2>[^/]+)/(?<port2>\d+) for (?<protocol>\S+) session$",
                ),
                (
                    "113004",
                    r"^AAA user (?<kind>\S+) Successful : server = (?<server>\S+) : user = (?<user>\S+)$",
                ),
                (
                    "113005",
                    r"^AAA user (?<kind>\S+) Rejected : reason = (?<reason>.+) : server = (?<server>\S+) : user = (?<user>\S+) : user IP = (?<ip>\S+)$",
                ),
                (
                    "113039",
                    r"^Group <(?<group>[^>]*)> User <(?<user>[^>]*)> IP <(?<ip>[^>]*)> AnyConnect parent session started\.$",
                ),
                (
                    "113019",
                    r"^Group = (?<group>.+), Username = (?<user>.+), IP = (?<ip>\S+), Session disconnected\. Session Type: (?<kind>[^,]+), Duration: (?<h>\d+)h:(?<m>\d+)m:(?<s>\d+)s, Bytes xmt: (?<out>\d+), Bytes rcv: (?<in>\d+), Reason: (?<reason>.+)$",
                ),
                (
                    "722051",
                    r"^Group <(?<group>[^>]*)> User <(?<user>[^>]*)> IP <(?<ip>[^>]*)> IPv4 Address <(?<inner>[^>]*)> IPv6 address <(?<inner6>[^>]*)> assigned to session$",
                ),
                (
                    "722022",
                    r"^Group <(?<group>[^>]*)> User <(?<user>[^>]*)> IP <(?<ip>[^>]*)> (?<protocol>\S+) SVC connection established (?<compression>\S+) compression$",
                ),
                (
                    "722023",
                    r"^Group <(?<group>[^>]*)> User <(?<user>[^>]*)> IP <(?<ip>[^>]*)> (?<protocol>\S+) SVC connection terminated (?<compression>\S+) compression$",
                ),
                (
                    "716002",
                    r"^Group <(?<group>[^>]*)> User <(?<user>[^>]*)> IP <(?<ip>[^>]*)> WebVPN session terminated: (?<reason>.+)\.$",
                ),
            ]),
        }
    }
}

impl Mapper for Asa {
    fn map(&mut self, record: &[u8], _: u64, out: &mut Vec<u8>) -> Result<(), String> {
        let header = Caught::of(&self.header, text(record)?)?;
        let id = header.get("id").unwrap_or_default();
        let pattern = self.texts.get(id).ok_or_else(|| format!("no message {id}"))?;
        let body = Caught::of(pattern, header.get("text").unwrap_or_default())?;
        let mut event = Event {
            event_time: Some(time(header.get("time").unwrap_or_default(), "%b %d %Y %H:%M:%S")?),
            severity: header.get("level").and_then(severity),
            device_severity: header.get("level"),
            device_event_id: header.get("tag"),
            device_host: header.get("host"),
            device_type: Some("VPN"),
            device_vendor: Some("Cisco"),
            device_model: Some("AnyConnect"),
            source_ipv4: body.read("ip"),
            source_port: body.read("port"),
            source_interface: body.get("if"),
            source_user: body.get("user"),
            destination_ipv4: body.read("ip2"),
            destination_port: body.read("port2"),
            policy: body.get("policy"),
            group: body.get("group"),
            reason: body.get("reason"),
            protocol: body.get("protocol"),
            session_id: body.get("session"),
            duration: body.get("duration").and_then(seconds),
            collector_received_time: Some(RECEIVED_AT),
            ..Event::default()
        };
        message(id, &body, &mut event);
        write(&event, out)
    }
}

fn severity(level: &str) -> Option<&'static str> {
    Some(match level {
        "1" => "Alert",
        "2" => "Critical",
        "3" => "Error",
        "4" => "Warning",
        "5" => "Notice",
        "6" => "Informational",
        "7" => "Debug",
        _ => return None,
    })
}

/// What only one kind of message says.
fn message<'r>(id: &str, body: &Caught<'r>, event: &mut Event<'r>) {
    let (name, kind, outcome) = match id {
        "302013" | "302015" => {
            connection(body, event);
            (format!("Built {} connection", body.get("protocol").unwrap_or_default()), "TRAFFIC", "Success")
        }
        "302014" | "302016" => {
            event.action = Some("Block");
            event.source_ipv4 = body.read("ip1");
            event.source_port = body.read("port1");
            event.source_interface = body.get("if1");
            event.source_domain = body.get("domain");
            (format!("Teardown {} connection", body.get("protocol").unwrap_or_default()), "TRAFFIC", "")
        }
        "305011" => {
            event.action = Some("Allow");
            event.nat_source_ip = body.read("mapped");
            event.source_port = body.read("mport");
            ("Built port translation".to_owned(), "TRAFFIC", "Success")
        }
        "305012" => {
            event.action = Some("Block");
            event.nat_source_ip = body.read("mapped");
            event.source_port = body.read("mport");
            ("Teardown port translation".to_owned(), "TRAFFIC", "")
        }
        "106023" => {
            event.action = Some("Deny");
            ("Deny by access-group".to_owned(), "TRAFFIC", "Failure")
        }
        "106100" => {
            let permitted = body.get("verb") == Some("permitted");
            event.action = Some(if permitted { "Allow" } else { "Deny" });
            ("access-list hit".to_owned(), "TRAFFIC", if permitted { "Success" } else { "Failure" })
        }
        "725002" => ("Device completed SSL handshake".to_owned(), "SSL handshake", "Success"),
        "113004" => {
            event.destination_ipv4 = body.read("server");
            (format!("AAA user {} Successful", body.get("kind").unwrap_or_default()), "AAA", "Success")
        }
        "113005" => {
            event.destination_ipv4 = body.read("server");
            (format!("AAA user {} Rejected", body.get("kind").unwrap_or_default()), "AAA", "Failure")
        }
        "113039" => ("AnyConnect parent session started".to_owned(), "VPN session", "Success"),
        "113019" => {
            let part = |name| body.read::<u64>(name).unwrap_or(0);
            event.duration = Some(part("h") * 3600 + part("m") * 60 + part("s"));
            event.in_byte = body.read("in");
            event.out_byte = body.read("out");
            ("Session disconnected".to_owned(), "VPN session", "")
        }
        "722051" => {
            event.source_ipv4 = body.read("inner");
            event.source_ipv6 = body.read("inner6").filter(|address: &Ipv6Addr| !address.is_unspecified());
            event.nat_source_ip = body.read("ip");
            ("Address assigned to session".to_owned(), "SVC connection", "Success")
        }
        "722022" => ("SVC connection established".to_owned(), "SVC connection", "Success"),
        "722023" => {
            event.action = Some("terminated");
            ("SVC connection terminated".to_owned(), "SVC connection", "")
        }
        _ => {
            event.action = Some("terminated");
            ("WebVPN session terminated".to_owned(), "WebVPN session", "")
        }
    };
    event.event_name = Some(name);
    event.event_type = Some(kind);
    event.outcome = Some(outcome).filter(|outcome| !outcome.is_empty());
}

/// An inbound connection comes from its first end, an outbound one from its second.
fn connection<'r>(body: &Caught<'r>, event: &mut Event<'r>) {
    let first = ["ip1", "if1", "mapped1", "mport1", "port1"];
    let second = ["ip2", "if2", "mapped2", "mport2", "port2"];
    let inbound = body.get("direction") == Some("inbound");
    let (from, to) = if inbound { (first, second) } else { (second, first) };
    event.action = Some("Allow");
    event.source_ipv4 = body.read(from[0]);
    event.source_interface = body.get(from[1]);
    event.nat_source_ip = body.read(from[2]);
    event.source_port = body.read(from[3]);
    event.source_domain = body.get("domain");
    event.destination_ipv4 = body.read(to[0]);
    event.destination_port = body.read(to[4]);
}
