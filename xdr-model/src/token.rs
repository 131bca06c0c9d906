//! The schema: one table, `tokens!`, from which the enum, its look-ups, the accessors of
//! [`Event`](crate::Event) and the docs are made.
//!
//! The order of the table is the schema's order: the order of the enum, and of the keys of a printed event.

use crate::Kind;
use std::fmt;

/// Hands the whole schema to the macro named: category's tokens in the schema's order, each as
/// `Variant, accessor, "spelling", Kind, Category, "description";`.
macro_rules! tokens {
    ($callback:ident) => {
        $callback! {
            EventTime, event_time, "eventTime", Timestamp, Event, "moment at which the event happened";
            EventName, event_name, "eventName", String, Event, "readable name of the event";
            EventType, event_type, "eventType", String, Event, "type of the event, in the source's words";
            EventSubType, event_sub_type, "eventSubType", String, Event, "finer type within the event's type";
            Category, category, "category", String, Event, "word by which the source groups its events";
            Action, action, "action", String, Event, "what was done, normalised where the guide has a value map";
            Object, object, "object", String, Event, "thing acted on: a registry key, a mutex, a recording, a VPN";
            Outcome, outcome, "outcome", String, Event, "whether it succeeded: Success or Failure";
            Reason, reason, "reason", String, Event, "why the outcome was what it was";
            Message, message, "message", String, Event, "text of the message, as the source wrote it";
            Error, error, "error", String, Event, "text of the error that the source reported";
            Severity, severity, "severity", String, Event, "normalised severity: Alert, Critical, Error, Warning, Notice, Informational, Debug or a word of the guide";
            DeviceSeverity, device_severity, "deviceSeverity", String, Event, "severity as the device itself reports it";
            PulsePriority, pulse_priority, "pulsePriority", Integer, Event, "priority digit of a Pulse Secure record, 0 to 7";
            EventContext, event_context, "eventContext", String, Event, "direction between networks, such as local-to-remote";
            EventId, event_id, "eventId", Uuid, Event, "identifier given to the record when it was normalised";
            BaseEventId, base_event_id, "baseEventId", String, Event, "identifier that the source gave to the event";
            ExternalId, external_id, "externalId", String, Event, "identifier of the source's record or connection";
            DeviceEventId, device_event_id, "deviceEventId", String, Event, "the device's code for this kind of event";
            RecordType, record_type, "recordType", String, Event, "kind of record, in the source's words";
            LogFormat, log_format, "logFormat", String, Event, "marker of the log format that the source writes";
            DetectionMethod, detection_method, "detectionMethod", String, Event, "engine that produced the event";
            Method, method, "method", String, Event, "method by which the user logged in";
            BeginningTime, beginning_time, "beginningTime", Timestamp, Event, "start of the session or connection";
            EndTime, end_time, "endTime", Timestamp, Event, "end of the session or connection, or its expiry";
            Duration, duration, "duration", Duration, Event, "elapsed time in seconds";
            Count, count, "count", Integer, Event, "how many sessions or events the record speaks of";
            Tags, tags, "tags", StringList, Event, "labels put on the record while it was read";
            DeviceHost, device_host, "deviceHost", String, Device, "host that sent or produced the record";
            DeviceName, device_name, "deviceName", String, Device, "name of the device, where it differs from the sending host";
            DeviceId, device_id, "deviceId", String, Device, "identifier of the device";
            DeviceIpAddresses, device_ip_addresses, "deviceIPAddresses", IpList, Device, "addresses of the device";
            DeviceType, device_type, "deviceType", String, Device, "class of the source: VPN, Endpoint, IAM";
            DeviceVendor, device_vendor, "deviceVendor", String, Device, "vendor of the source";
            DeviceModel, device_model, "deviceModel", String, Device, "product of the vendor";
            OsDetails, os_details, "osDetails", String, Device, "operating system and its edition";
            Version, version, "version", String, Device, "version of the system, the software or the protocol";
            PacketEngine, packet_engine, "packetEngine", String, Device, "marker of the packet engine";
            PpeId, ppe_id, "ppeId", Integer, Device, "number of the packet engine";
            Region, region, "region", String, Device, "region or data centre";
            ClusterName, cluster_name, "cluster_name", String, Device, "cluster that the event belongs to";
            SourceIpv4, source_ipv4, "sourceIpv4", Ipv4, Source, "IPv4 address that the activity came from";
            SourceIpv6, source_ipv6, "sourceIpv6", Ipv6, Source, "IPv6 address that the activity came from";
            NatSourceIp, nat_source_ip, "natSourceIP", Ip, Source, "public or translated address of the origin";
            SourcePort, source_port, "sourcePort", Port, Source, "port at the origin";
            SourceDomain, source_domain, "sourceDomain", String, Source, "domain of the origin";
            SourceInterface, source_interface, "sourceInterface", String, Source, "network interface on the origin's side";
            SourceUser, source_user, "sourceUser", String, Source, "user at the origin";
            SourceUserId, source_user_id, "sourceUserId", String, Source, "identifier of the user at the origin, such as a uid or SID";
            SourceProcess, source_process, "sourceProcess", String, Source, "process at the origin; the parent process on endpoints";
            DestinationIpv4, destination_ipv4, "destinationIpv4", Ipv4, Destination, "IPv4 address that the activity went to";
            DestinationHost, destination_host, "destinationHost", String, Destination, "host that the activity went to";
            DestinationPort, destination_port, "destinationPort", Port, Destination, "port at the target";
            DestinationProcess, destination_process, "destinationProcess", String, Destination, "process at the target; the child process on endpoints";
            UserName, user_name, "userName", String, User, "account name";
            AccountName, account_name, "accountName", String, User, "account that the action used on the target";
            UserRealm, user_realm, "userRealm", String, User, "realm in which the user signed in";
            UserRole, user_role, "userRole", StringList, User, "roles of the user in the session";
            Group, group, "group", String, User, "group of the user or of the asset";
            Permissions, permissions, "permissions", StringList, User, "roles and rights granted";
            Connector, connector, "connector", String, User, "identity connector, or the control group";
            EmailRecipient, email_recipient, "emailRecipient", String, User, "mail address of the user";
            UserDepartment, user_department, "userDepartment", String, User, "department of the user, from the directory";
            UserEmployeeId, user_employee_id, "userEmployeeId", String, User, "employee number of the user, from the directory";
            UserStatus, user_status, "userStatus", String, User, "employment status of the user, from the directory";
            SessionId, session_id, "sessionId", String, Session, "identifier of the session";
            Participants, participants, "participants", StringList, Session, "people who take part in the session";
            Policy, policy, "policy", String, Session, "policy or rule that decided";
            VpnType, vpn_type, "vpnType", String, Session, "kind of VPN access: management or user traffic";
            VpnClientMessage, vpn_client_message, "vpnClientMessage", Integer, Session, "number of the message that the VPN client sent";
            VirtualSystem, virtual_system, "virtualSystem", String, Session, "virtual server that took the connection";
            VirtualPort, virtual_port, "virtualPort", Port, Session, "port of the virtual server";
            Protocol, protocol, "protocol", String, Network, "protocol of the traffic";
            Application, application, "application", String, Network, "application or program involved";
            RequestUrl, request_url, "requestUrl", String, Network, "URL that was asked for";
            UserAgent, user_agent, "userAgent", String, Network, "client software, as it names itself";
            InByte, in_byte, "inByte", Integer, Network, "bytes received";
            OutByte, out_byte, "outByte", Integer, Network, "bytes sent";
            ProcessName, process_name, "processName", String, Process, "name of the process";
            ProcessId, process_id, "processId", Integer, Process, "number of the process in its system";
            FileName, file_name, "fileName", String, File, "name of the file";
            FilePath, file_path, "filePath", String, File, "full path of the file";
            FileType, file_type, "fileType", String, File, "type of the file";
            FileSize, file_size, "fileSize", Integer, File, "size of the file in bytes";
            Md5Hash, md5_hash, "md5Hash", Hash, File, "MD5 digest of the file";
            Sha256Hash, sha256_hash, "sha256Hash", Hash, File, "SHA-256 digest of the file";
            DbName, db_name, "db_name", String, Database, "database";
            DbService, db_service, "db_service", String, Database, "database service";
            DbProtocol, db_protocol, "db_protocol", String, Database, "protocol spoken to the database";
            DbUri, db_uri, "db_uri", String, Database, "address of the database";
            DbUser, db_user, "db_user", String, Database, "account on the database";
            DbQuery, db_query, "db_query", String, Database, "statement that was run";
            DbQueryParameters, db_query_parameters, "db_query_parameters", StringList, Database, "values bound to the statement";
            Risk, risk, "risk", String, Threat, "name of the threat or detection";
            RiskType, risk_type, "riskType", String, Threat, "family of the threat";
            RiskScore, risk_score, "riskScore", Integer, Threat, "score of the threat, 0 to 10";
            Reputation, reputation, "reputation", String, Threat, "verdict on the object";
            GeoSourceCity, geo_source_city, "geoSourceCity", String, Geo, "city of the origin";
            GeoSourceCountry, geo_source_country, "geoSourceCountry", String, Geo, "country of the origin";
            GeoSourceCoordinates, geo_source_coordinates, "geoSourceCoordinates", String, Geo, "latitude and longitude of the origin, joined by a comma";
            GeoDestinationCity, geo_destination_city, "geoDestinationCity", String, Geo, "city of the target";
            GeoDestinationCountry, geo_destination_country, "geoDestinationCountry", String, Geo, "country of the target";
            GeoDestinationCoordinates, geo_destination_coordinates, "geoDestinationCoordinates", String, Geo, "latitude and longitude of the target, joined by a comma";
            CustomerId, customer_id, "customerId", Uuid, Collection, "customer whose record this is";
            CollectorId, collector_id, "collectorId", Uuid, Collection, "collector that received the record";
            CollectorReceivedTime, collector_received_time, "collectorReceivedTime", Timestamp, Collection, "moment at which the collector received the record";
            EventSourceId, event_source_id, "eventSourceId", Uuid, Collection, "configured source that the record came through";
            CustomString6, custom_string6, "customString6", String, Custom, "free slot; endpoints keep their agent's identifier here";
            CustomString9, custom_string9, "customString9", String, Custom, "free slot; endpoints keep a registry value here";
        }
    };
}
pub(crate) use tokens;

/// What a token speaks of; groups the schema for readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// The event itself: when, what, with which result.
    Event,
    /// The device that logged.
    Device,
    /// The side that the activity came from.
    Source,
    /// The side that the activity went to.
    Destination,
    /// The account and the person behind it.
    User,
    /// The session in which it happened.
    Session,
    /// The traffic.
    Network,
    /// The process that acted.
    Process,
    /// The file acted on.
    File,
    /// The database acted on.
    Database,
    /// Threats found.
    Threat,
    /// Places of the addresses.
    Geo,
    /// How the record was collected.
    Collection,
    /// Free slots.
    Custom,
}

impl Category {
    /// The category's name, lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Device => "device",
            Self::Source => "source",
            Self::Destination => "destination",
            Self::User => "user",
            Self::Session => "session",
            Self::Network => "network",
            Self::Process => "process",
            Self::File => "file",
            Self::Database => "database",
            Self::Threat => "threat",
            Self::Geo => "geo",
            Self::Collection => "collection",
            Self::Custom => "custom",
        }
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

macro_rules! define {
    ($($variant:ident, $accessor:ident, $name:literal, $kind:ident, $category:ident, $description:literal;)*) => {
        /// A token of the schema.
        ///
        /// The order of the variants is the schema's order.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Token {
            $(#[doc = concat!("`", $name, "`: ", $description, ".")] $variant,)*
        }

        impl Token {
            /// How many tokens the schema has.
            pub const COUNT: usize = [$($name),*].len();

            /// Every token, in the schema's order.
            pub const ALL: [Self; Self::COUNT] = [$(Self::$variant),*];

            /// The canonical spelling: `sourceIpv4`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The name of the enum's variant, for code that is generated: `SourceIpv4`.
            pub const fn variant_name(self) -> &'static str {
                match self { $(Self::$variant => stringify!($variant),)* }
            }

            /// The name of the accessor of [`Event`](crate::Event), for code that is generated: `source_ipv4`.
            pub const fn accessor_name(self) -> &'static str {
                match self { $(Self::$variant => stringify!($accessor),)* }
            }

            /// What the token may hold.
            pub const fn kind(self) -> Kind {
                match self { $(Self::$variant => Kind::$kind,)* }
            }

            /// The group that the token belongs to.
            pub const fn category(self) -> Category {
                match self { $(Self::$variant => Category::$category,)* }
            }

            /// One line on what the token means, without a final stop.
            pub const fn description(self) -> &'static str {
                match self { $(Self::$variant => $description,)* }
            }

            /// The token of this spelling; letter case counts.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }

            /// The spelling as the opening of a JSON member: `"sourceIpv4":`.
            pub(crate) const fn json_key(self) -> &'static str {
                match self { $(Self::$variant => concat!("\"", $name, "\":"),)* }
            }

            /// The spelling as the opening of a JSON member behind another one: `,"sourceIpv4":`.
            pub fn next_json_key(self) -> &'static JsonKey {
                static TABLE: [JsonKey; Token::COUNT] = [$(JsonKey::new(concat!(",\"", $name, "\":"))),*];
                &TABLE[self as usize]
            }
        }
    };
}
tokens!(define);

/// A text of at most 32 bytes, as a block of that size: copying all of it is faster than copying a part.
#[derive(Clone, Copy, Debug)]
pub struct JsonKey {
    /// The text, and zeros behind it.
    pub block: [u8; 32],
    /// How long the text is.
    pub length: usize,
}

impl JsonKey {
    #[expect(clippy::indexing_slicing, reason = "runs in the compiler; a longer text fails there")]
    const fn new(text: &str) -> Self {
        let (mut block, mut at) = ([0; 32], 0);
        while at < text.len() {
            block[at] = text.as_bytes()[at];
            at += 1;
        }
        Self { block, length: text.len() }
    }
}

impl Token {
    /// The place in the schema's order, below [`Token::COUNT`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The token at a place of the schema's order.
    pub fn from_index(index: usize) -> Option<Self> {
        Self::ALL.get(index).copied()
    }

    /// How many hexadecimal digits a value of this token has, for tokens of [`Kind::Hash`].
    pub const fn hash_digits(self) -> Option<usize> {
        match self {
            Self::Md5Hash => Some(32),
            Self::Sha256Hash => Some(64),
            _ => None,
        }
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::{Category, Token};
    use crate::Kind;

    #[test]
    fn the_schema_has_109_tokens() {
        assert_eq!(Token::COUNT, 109);
    }

    #[test]
    fn order_is_the_table_s() {
        for (at, token) in Token::ALL.into_iter().enumerate() {
            assert_eq!(token.index(), at);
            assert_eq!(Token::from_index(at), Some(token));
        }
        assert_eq!(Token::from_index(Token::COUNT), None);
        assert_eq!(Token::ALL[0], Token::EventTime);
    }

    #[test]
    fn categories_stand_together_in_their_order() {
        assert!(Token::ALL.is_sorted_by_key(|token| token.category()));
        assert_eq!(Token::ALL.map(Token::category).last(), Some(&Category::Custom));
    }

    #[test]
    fn spellings_lead_back_to_their_tokens() {
        for token in Token::ALL {
            assert_eq!(Token::from_name(token.name()), Some(token));
            assert_eq!(token.json_key(), format!("\"{token}\":"));
        }
    }

    #[test]
    fn other_spellings_are_unknown() {
        for name in ["", "sourceIPv4", "SourceIpv4", "eventtime", "DeviceType", " action", "xdr"] {
            assert_eq!(Token::from_name(name), None, "{name}");
        }
    }

    /// The three spellings of a row are written by hand; this holds them together.
    #[test]
    fn spellings_of_a_row_agree() {
        let plain = |text: &str| text.replace('_', "").to_ascii_lowercase();
        for token in Token::ALL {
            assert_eq!(plain(token.name()), plain(token.variant_name()));
            assert_eq!(plain(token.name()), plain(token.accessor_name()));
            assert_eq!(token.accessor_name(), token.accessor_name().to_ascii_lowercase());
            assert!(token.variant_name().starts_with(|c: char| c.is_ascii_uppercase()));
        }
    }

    #[test]
    fn descriptions_are_one_line_without_a_stop() {
        for token in Token::ALL {
            let text = token.description();
            assert!(!text.is_empty() && !text.ends_with('.') && !text.contains('\n'), "{token}");
        }
    }

    #[test]
    fn kinds_are_the_documented_ones() {
        let of = |kind: Kind| {
            let mut names: Vec<_> =
                Token::ALL.into_iter().filter(|token| token.kind() == kind).map(Token::name).collect();
            names.sort_unstable();
            names.join(" ")
        };
        assert_eq!(of(Kind::Ipv4), "destinationIpv4 sourceIpv4");
        assert_eq!(of(Kind::Ipv6), "sourceIpv6");
        assert_eq!(of(Kind::Ip), "natSourceIP");
        assert_eq!(of(Kind::IpList), "deviceIPAddresses");
        assert_eq!(of(Kind::StringList), "db_query_parameters participants permissions tags userRole");
        assert_eq!(of(Kind::Duration), "duration");
        assert_eq!(of(Kind::Hash), "md5Hash sha256Hash");
        assert_eq!(of(Kind::Uuid), "collectorId customerId eventId eventSourceId");
        assert_eq!(of(Kind::Port), "destinationPort sourcePort virtualPort");
        assert_eq!(of(Kind::Timestamp), "beginningTime collectorReceivedTime endTime eventTime");
        assert_eq!(
            of(Kind::Integer),
            "count fileSize inByte outByte ppeId processId pulsePriority riskScore vpnClientMessage"
        );
        assert_eq!(of(Kind::Boolean), "");
    }

    #[test]
    fn every_hash_token_has_a_length() {
        for token in Token::ALL {
            assert_eq!(token.hash_digits().is_some(), token.kind() == Kind::Hash, "{token}");
        }
    }
}
