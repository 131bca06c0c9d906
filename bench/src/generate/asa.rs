//! Messages of a Cisco ASA by syslog: mostly connections and translations, then denials, logins and sessions of clients.

use std::fmt::Write;

use super::World;

const GROUPS: [&str; 5] = ["Staff", "Field_Staff", "Guests", "GP_Contractors", "Admins"];
const REASONS: [&str; 4] = ["User Requested", "Idle Timeout", "Connection Preempted", "Max time exceeded"];

/// What writes the text of one kind of message.
type Kind = fn(&mut World, &mut String);

/// Level, number and text of each kind, with how many of a hundred records it is.
const KINDS: [(u64, (u8, u32, Kind)); 17] = [
    (18, (6, 302_013, built_tcp)),
    (17, (6, 302_014, teardown_tcp)),
    (9, (6, 302_015, built_udp)),
    (8, (6, 302_016, teardown_udp)),
    (8, (6, 305_011, translation)),
    (8, (6, 305_012, translation_end)),
    (7, (4, 106_023, deny)),
    (6, (6, 106_100, access_list)),
    (4, (6, 725_002, handshake)),
    (3, (6, 113_004, accepted)),
    (2, (6, 113_005, rejected)),
    (2, (6, 113_039, parent_started)),
    (2, (4, 113_019, disconnected)),
    (2, (4, 722_051, assigned)),
    (2, (6, 722_022, svc_established)),
    (1, (6, 722_023, svc_terminated)),
    (1, (6, 716_002, web_terminated)),
];

/// One record.
pub(super) fn record(world: &mut World, out: &mut String) {
    let (level, id, text) = world.rng.weighted(&KINDS);
    let host = world.rng.pick(&["gw1", "gw2", "edge-fw.example.com"]);
    let time = world.now.format("%b %d %Y %H:%M:%S");
    let _ = write!(out, "<{}>{time} {host} : %ASA-{level}-{id}: ", 160 + u32::from(level));
    text(world, out);
}

fn built_tcp(world: &mut World, out: &mut String) {
    built(world, out, "TCP");
}

fn built_udp(world: &mut World, out: &mut String) {
    built(world, out, "UDP");
}

/// An inbound connection may carry the client's identity; an outbound one names the target first.
fn built(world: &mut World, out: &mut String, protocol: &str) {
    let (serial, outside, inside, mapped) = (world.serial, world.outside(), world.inside(), world.outside());
    let (client, service) = (world.client_port(), world.service_port());
    if world.rng.percent(55) {
        let _ = write!(
            out,
            "Built outbound {protocol} connection {serial} for outside:{outside}/{service} ({outside}/{service}) to inside:{inside}/{client} ({mapped}/{client})"
        );
        return;
    }
    let user = world.rng.percent(60).then(|| world.user());
    let _ = write!(
        out,
        "Built inbound {protocol} connection {serial} for outside:{outside}/{client} ({outside}/{client})"
    );
    if let Some(user) = &user {
        let _ = write!(out, "(LOCAL\\{user})");
    }
    let _ = write!(out, " to inside:{inside}/{service} ({mapped}/{service})");
    if let Some(user) = &user {
        let _ = write!(out, " ({user})");
    }
}

fn teardown_tcp(world: &mut World, out: &mut String) {
    let user = teardown(world, out, "TCP");
    let reason =
        world.rng.pick(&["TCP FINs", "TCP Reset-O", "TCP Reset-I", "SYN Timeout", "Connection timeout"]);
    let _ = write!(out, " {reason}");
    identity_end(out, user.as_deref());
}

fn teardown_udp(world: &mut World, out: &mut String) {
    let user = teardown(world, out, "UDP");
    identity_end(out, user.as_deref());
}

fn teardown(world: &mut World, out: &mut String, protocol: &str) -> Option<String> {
    let user = world.rng.percent(25).then(|| world.user());
    let (serial, outside, inside) = (world.serial, world.outside(), world.inside());
    let (client, service) = (world.client_port(), world.service_port());
    let _ = write!(out, "Teardown {protocol} connection {} for outside:{outside}/{client}", serial - 4_711);
    if let Some(user) = &user {
        let _ = write!(out, "(LOCAL\\{user})");
    }
    let (duration, bytes) = (clock(world), world.rng.spread(9));
    let _ = write!(out, " to inside:{inside}/{service} duration {duration} bytes {bytes}");
    user
}

fn identity_end(out: &mut String, user: Option<&str>) {
    if let Some(user) = user {
        let _ = write!(out, " ({user})");
    }
}

/// A duration as connections print it; most are short.
fn clock(world: &mut World) -> String {
    let seconds = world.rng.spread(5);
    format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

fn translation(world: &mut World, out: &mut String) {
    let (inside, mapped, port) = (world.inside(), world.outside(), world.client_port());
    let protocol = world.rng.pick(&["TCP", "UDP"]);
    let _ = write!(
        out,
        "Built dynamic {protocol} translation from inside:{inside}/{port} to outside:{mapped}/{}",
        world.client_port()
    );
}

fn translation_end(world: &mut World, out: &mut String) {
    let (inside, mapped, port) = (world.inside(), world.outside(), world.client_port());
    let protocol = world.rng.pick(&["TCP", "UDP"]);
    let (to, duration) = (world.client_port(), clock(world));
    let _ = write!(
        out,
        "Teardown dynamic {protocol} translation from inside:{inside}/{port} to outside:{mapped}/{to} duration {duration}"
    );
}

fn deny(world: &mut World, out: &mut String) {
    let (source, target) = (world.outside(), world.inside());
    let protocol = world.rng.pick(&["tcp", "udp"]);
    let (from, to) = (world.client_port(), world.rng.range(1, 9_000));
    let _ = write!(
        out,
        "Deny {protocol} src outside:{source}/{from} dst inside:{target}/{to} by access-group \"outside_in\" [0x{}, 0x0]",
        world.hex(8)
    );
}

fn access_list(world: &mut World, out: &mut String) {
    let (source, target) = (world.outside(), world.inside());
    let (verb, protocol) = (world.rng.pick(&["permitted", "denied"]), world.rng.pick(&["tcp", "udp"]));
    let (from, to) = (world.client_port(), world.service_port());
    let (count, interval) = match world.rng.range(0, 3) {
        0 => (world.rng.range(2, 300), "300-second interval"),
        _ => (1, "first hit"),
    };
    let _ = write!(
        out,
        "access-list outside_in {verb} {protocol} outside/{source}({from}) -> inside/{target}({to}) hit-cnt {count} {interval} [0x{}, 0x0]",
        world.hex(8)
    );
}

fn handshake(world: &mut World, out: &mut String) {
    let (client, port) = (world.outside(), world.client_port());
    let version = world.rng.pick(&["TLSv1.2", "TLSv1.3", "DTLSv1.2"]);
    let _ = write!(
        out,
        "Device completed SSL handshake with client outside:{client}/{port} to 198.51.100.1/443 for {version} session"
    );
}

fn accepted(world: &mut World, out: &mut String) {
    let server = world.rng.pick(&["10.1.0.5", "10.1.0.6"]);
    let user = world.user();
    let _ = write!(out, "AAA user authentication Successful : server = {server} : user = {user}");
}

fn rejected(world: &mut World, out: &mut String) {
    let server = world.rng.pick(&["10.1.0.5", "10.1.0.6"]);
    let reason = world.rng.pick(&["AAA failure", "Invalid password", "Account has been locked out"]);
    let (user, from) = (world.user(), world.outside());
    let _ = write!(
        out,
        "AAA user authentication Rejected : reason = {reason} : server = {server} : user = {user} : user IP = {from}"
    );
}

fn parent_started(world: &mut World, out: &mut String) {
    who(world, out);
    out.push_str("AnyConnect parent session started.");
}

fn disconnected(world: &mut World, out: &mut String) {
    let (group, reason) = (world.rng.pick(&GROUPS), world.rng.pick(&REASONS));
    let (user, from) = (world.user(), world.outside());
    let kind = world.rng.pick(&["AnyConnect-Parent", "SSL", "DTLS"]);
    let seconds = world.rng.range(60, 40_000);
    let _ = write!(
        out,
        "Group = {group}, Username = {user}, IP = {from}, Session disconnected. Session Type: {kind}, Duration: {}h:{:02}m:{:02}s, Bytes xmt: {}, Bytes rcv: {}, Reason: {reason}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60,
        world.rng.spread(10),
        world.rng.spread(10)
    );
}

fn assigned(world: &mut World, out: &mut String) {
    who(world, out);
    let inner = world.inside();
    let inner6 = if world.rng.percent(20) { world.outside6() } else { "::".to_owned() };
    let _ = write!(out, "IPv4 Address <{inner}> IPv6 address <{inner6}> assigned to session");
}

fn svc_established(world: &mut World, out: &mut String) {
    who(world, out);
    let protocol = world.rng.pick(&["TCP", "UDP"]);
    let _ = write!(out, "{protocol} SVC connection established without compression");
}

fn svc_terminated(world: &mut World, out: &mut String) {
    who(world, out);
    let protocol = world.rng.pick(&["TCP", "UDP"]);
    let _ = write!(out, "{protocol} SVC connection terminated without compression");
}

fn web_terminated(world: &mut World, out: &mut String) {
    who(world, out);
    let reason = world.rng.pick(&REASONS);
    let _ = write!(out, "WebVPN session terminated: {reason}.");
}

fn who(world: &mut World, out: &mut String) {
    let group = world.rng.pick(&GROUPS);
    let (user, from) = (world.user(), world.outside());
    let _ = write!(out, "Group <{group}> User <{user}> IP <{from}> ");
}
