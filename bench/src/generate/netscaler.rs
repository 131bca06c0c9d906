//! Messages of a NetScaler Gateway by syslog: connections of tunnels, requests, handshakes, and the logins around them.

use std::fmt::Write;

use chrono::{DateTime, Utc};

use super::World;

/// What writes the body of one kind of message.
type Kind = fn(&mut World, &mut String);

/// Feature, event and body of each kind, with how many of a hundred records it is.
const KINDS: [(u64, (&str, &str, Kind)); 11] = [
    (24, ("SSLVPN", "TCPCONNSTAT", tcp_connection)),
    (16, ("SSLVPN", "HTTPREQUEST", request)),
    (15, ("TCP", "CONN_DELINK", delink)),
    (11, ("TCP", "CONN_TERMINATE", terminate)),
    (12, ("SSLLOG", "SSL_HANDSHAKE_SUCCESS", handshake)),
    (6, ("SSLVPN", "LOGIN", login)),
    (5, ("SSLVPN", "LOGOUT", logout)),
    (4, ("SSLVPN", "ICASTART", ica_start)),
    (4, ("SSLVPN", "ICAEND_CONNSTAT", ica_end)),
    (2, ("AAA", "LOGIN_FAILED", login_failed)),
    (1, ("GUI", "CMD_EXECUTED", command)),
];

/// One record.
pub(super) fn record(world: &mut World, out: &mut String) {
    let (feature, event, body) = world.rng.weighted(&KINDS);
    let host = world.rng.pick(&["ns1", "ns2"]);
    let engine = world.rng.range(0, 4);
    let (stamp, serial) = (stamp(world.now), world.serial);
    let _ = write!(out, "<134> {stamp} {host} 0-PPE-{engine} : default {feature} {event} {serial} 0 : ");
    body(world, out);
}

fn stamp(time: DateTime<Utc>) -> String {
    time.format("%m/%d/%Y:%H:%M:%S GMT").to_string()
}

/// What the messages of a session begin with. Gives the client's address.
fn session(world: &mut World, out: &mut String) -> String {
    let (user, from) = (world.user(), world.outside());
    let number = world.rng.range(1, 9_000);
    let _ = write!(
        out,
        "Context {user}@{from} - SessionId: {number} - User {user} - Client_ip {from} - Nat_ip \"Mapped Ip\" - Vserver 192.0.2.10:443 - "
    );
    from
}

/// Begin, end and duration of something that ended now.
fn span(world: &mut World) -> (String, String, String) {
    let start = world.earlier(30_000);
    let seconds = (world.now - start).num_seconds();
    let duration = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    (stamp(start), stamp(world.now), duration)
}

/// Byte counts as the gateway prints them, with those of its compression.
fn bytes(world: &mut World, out: &mut String) {
    let (send, receive) = (world.rng.spread(8), world.rng.spread(9));
    let _ = write!(
        out,
        "Total_bytes_send {send} - Total_bytes_recv {receive} - Total_compressedbytes_send 0 - Total_compressedbytes_recv 0 - Compression_ratio_send 0.00% - Compression_ratio_recv 0.00%"
    );
}

fn groups(world: &mut World) -> &'static str {
    world.rng.pick(&["N/A", "staff", "staff,vpn_users", "contractors", "admins,vpn_users"])
}

fn tcp_connection(world: &mut World, out: &mut String) {
    let from = session(world, out);
    let (to, port) = (world.inside(), world.client_port());
    let (start, end, duration) = span(world);
    let service = world.service_port();
    let _ = write!(
        out,
        "Source {from}:{port} - Destination {to}:{service} - Start_time \"{start}\" - End_time \"{end}\" - Duration {duration}  - "
    );
    bytes(world, out);
    let access = if world.rng.percent(96) { "Allowed" } else { "Denied" };
    let _ = write!(out, " - Access {access} - Group(s) \"{}\"", groups(world));
}

fn request(world: &mut World, out: &mut String) {
    let (user, from) = (world.user(), world.outside());
    let number = world.rng.range(1, 9_000);
    let (groups, time) = (groups(world), stamp(world.now));
    let sso = if world.rng.percent(50) { "ON" } else { "OFF" };
    let method = world.rng.pick(&["GET", "GET", "POST"]);
    let path = world.rng.pick(&["/portal/index.html", "/api/v1/items?page=", "/static/app.js?v=", "/mail/"]);
    let _ = write!(
        out,
        "Context {user}@{from} - SessionId: {number} - gw.example.com User {user} : Group(s) {groups} : Vserver 192.0.2.10:443 - {time} : SSO is {sso} : {method} {path}{number} - -"
    );
}

fn delink(world: &mut World, out: &mut String) {
    let (from, nat, to) = (world.outside(), world.outside(), world.inside());
    let (port, nat_port, service) = (world.client_port(), world.client_port(), world.service_port());
    let end = stamp(world.now);
    let _ = write!(
        out,
        " Source {from}:{port} - Vserver 192.0.2.10:443 - NatIP {nat}:{nat_port} - Destination {to}:{service} - Delink Time {end} - Total_bytes_send {} - Total_bytes_recv {}",
        world.rng.spread(8),
        world.rng.spread(9)
    );
}

fn terminate(world: &mut World, out: &mut String) {
    let (from, to, port) = (world.outside(), world.inside(), world.client_port());
    let (start, end, _) = span(world);
    let service = world.service_port();
    let _ = write!(
        out,
        " Source {from}:{port} - Destination {to}:{service} - Start Time {start} - End Time {end} - Total_bytes_send {} - Total_bytes_recv {}",
        world.rng.spread(8),
        world.rng.spread(9)
    );
}

fn handshake(world: &mut World, out: &mut String) {
    let (from, port) = (world.outside(), world.client_port());
    let (version, cipher) = world.rng.weighted(&[
        (6, ("TLSv1.2", "TLS1.2-ECDHE-RSA-AES256-GCM-SHA384 TLSv1.2 Non-Export 256-bit")),
        (4, ("TLSv1.3", "TLS1.3-AES256-GCM-SHA384 TLSv1.3 Non-Export 256-bit")),
    ]);
    let session = if world.rng.percent(60) { "New" } else { "Reuse" };
    let _ = write!(
        out,
        " SPCBId {} - ClientIP {from} - ClientPort {port} - VserverServiceIP 192.0.2.10 - VserverServicePort 443 - ClientVersion {version} - CipherSuite \"{cipher}\" - Session {session}",
        world.rng.range(1, 999_999)
    );
}

fn login(world: &mut World, out: &mut String) {
    session(world, out);
    let (agent, groups) = (world.user_agent(), groups(world));
    let kind = world.rng.pick(&["Agent", "ICA", "Clientless"]);
    let _ = write!(out, "Browser_type \"{agent}\" - SSLVPN_client_type {kind} - Group(s) \"{groups}\"");
}

fn logout(world: &mut World, out: &mut String) {
    session(world, out);
    let (start, end, duration) = span(world);
    let _ = write!(
        out,
        "Start_time \"{start}\" - End_time \"{end}\" - Duration {duration}  - Http_resources_accessed {} - NonHttp_services_accessed 0 - Total_TCP_connections {} - Total_UDP_flows {} - Total_policies_allowed {} - Total_policies_denied 0 - ",
        world.rng.range(0, 900),
        world.rng.range(1, 900),
        world.rng.range(0, 90),
        world.rng.range(1, 900)
    );
    bytes(world, out);
    let method = world.rng.pick(&["Explicit", "TimedOut", "InternalError"]);
    let _ = write!(out, " - LogoutMethod \"{method}\" - Group(s) \"{}\"", groups(world));
}

/// What the messages of published applications begin with.
fn ica(world: &mut World, out: &mut String) {
    let (from, nat, to) = (world.outside(), world.outside(), world.inside());
    let (user, port) = (world.user(), world.client_port());
    let _ = write!(
        out,
        " Nat_ip {nat} - Vserver 192.0.2.10:443 - Source {from}:{port} - Destination {to}:2598 - customername  - username:domainname {user}:CORP - "
    );
}

fn ica_start(world: &mut World, out: &mut String) {
    ica(world, out);
    let application = world.rng.pick(&["Desktop $S63-12", "Ledger", "Mail"]);
    let _ = write!(
        out,
        "applicationName {application} - startTime \"{}\" - connectionId {}",
        stamp(world.now),
        world.hex(8)
    );
}

fn ica_end(world: &mut World, out: &mut String) {
    ica(world, out);
    let (start, end, duration) = span(world);
    let _ = write!(out, "startTime \"{start}\" - endTime \"{end}\" - Duration {duration}  - ");
    bytes(world, out);
    let _ = write!(out, " - connectionId {}", world.hex(8));
}

fn login_failed(world: &mut World, out: &mut String) {
    let (user, from, agent) = (world.user(), world.outside(), world.user_agent());
    let reason = world.rng.pick(&[
        "External authentication server denied access",
        "Invalid credentials passed",
        "User not found",
    ]);
    let _ = write!(out, " User {user} - Client_ip {from} - Failure_reason \"{reason}\" - Browser {agent}");
}

fn command(world: &mut World, out: &mut String) {
    let from = world.inside();
    let command = world.rng.pick(&["show ns info", "show vpn vserver", "save ns config", "stat lb vserver"]);
    let _ = write!(
        out,
        " User nsroot - ADM_User NONE - Remote_ip {from} - Command \"{command}\" - Status \"Success\""
    );
}
