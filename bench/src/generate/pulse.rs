//! Records of a Pulse Secure gateway in its WELF form: web requests, logins, tunnels, and a few of the device itself.

use std::fmt::Write;

use super::World;

/// What writes the text of one kind of message, and what it sets of the other pairs.
type Kind = fn(&mut World, &mut Fields);

/// Code and text of each kind, with how many of a hundred records it is.
const KINDS: [(u64, (&str, Kind)); 11] = [
    (32, ("WEB20174", request)),
    (14, ("AUT24326", primary_passed)),
    (4, ("AUT24327", primary_failed)),
    (9, ("AUT31504", login)),
    (3, ("AUT23457", login_failed)),
    (7, ("AUT22673", logout)),
    (9, ("NWC23464", tunnel_started)),
    (8, ("NWC23465", tunnel_ended)),
    (8, ("NWC23508", key_exchange)),
    (4, ("AUT20915", idle)),
    (2, ("SYS31437", syslog_peer)),
];

/// The pairs that differ by kind. What is empty is printed as empty.
struct Fields {
    user: String,
    from: String,
    protocol: &'static str,
    target: String,
    target_name: &'static str,
    operation: &'static str,
    argument: String,
    result: u64,
    sent: Option<u64>,
    received: Option<u64>,
    duration: Option<u64>,
    agent: &'static str,
    text: String,
    device: bool,
}

const AGENTS: [&str; 3] = [
    "Pulse-Secure/9.1.11 (Windows 10)",
    "Pulse-Secure/22.3.1 (Windows 11)",
    "Pulse-Secure/9.1.14 (Macintosh)",
];

/// One record.
pub(super) fn record(world: &mut World, out: &mut String) {
    let (code, kind) = world.rng.weighted(&KINDS);
    let (user, from) = (world.user(), if world.rng.percent(3) { world.outside6() } else { world.outside() });
    let user = if world.rng.percent(20) { format!("EXAMPLE\\{user}") } else { user };
    let agent = world.rng.pick(&AGENTS);
    let mut fields = Fields {
        user,
        from,
        protocol: "auth",
        target: String::new(),
        target_name: "",
        operation: "",
        argument: String::new(),
        result: 0,
        sent: None,
        received: None,
        duration: None,
        agent,
        text: String::new(),
        device: false,
    };
    kind(world, &mut fields);
    let level = world.rng.weighted(&[(80, 6), (10, 5), (6, 4), (3, 3), (1, 2)]);
    let box_address = world.rng.pick(&["10.2.0.1", "10.2.0.2"]);
    let _ = write!(
        out,
        "<{}>{} {box_address} PulseSecure: id=firewall time=\"{}\" pri={level} fw={box_address} vpn=ive1",
        128 + level,
        world.now.format("%b %d %H:%M:%S"),
        world.now.format("%Y-%m-%d %H:%M:%S"),
    );
    if fields.device {
        let _ = write!(
            out,
            " user=System realm=\"\" roles=\"\" type=mgmt proto= src={box_address} dst= dstname= sent= rcvd="
        );
    } else {
        user_fields(world, &fields, out);
    }
    let _ = write!(out, " msg=\"{code}: {}\"", fields.text);
}

fn user_fields(world: &mut World, fields: &Fields, out: &mut String) {
    let (realm, roles) = (
        world.rng.pick(&["Users", "Corp - Tablet", "Partners"]),
        world.rng.pick(&["Staff", "Staff, Mail", "Guests (all), Portal_West", "Contractors"]),
    );
    let Fields { user, from, protocol, target, target_name, operation, argument, agent, .. } = fields;
    let _ = write!(
        out,
        " ivs=Default Network user={user} realm=\"{realm}\" roles=\"{roles}\" proto={protocol} src={from} dst={target} dstname={target_name} type=vpn op={operation} arg=\"{argument}\" result="
    );
    if fields.result > 0 {
        let _ = write!(out, "{}", fields.result);
    }
    for (name, number) in [("sent", fields.sent), ("rcvd", fields.received)] {
        let _ = write!(out, " {name}=");
        if let Some(number) = number {
            let _ = write!(out, "{number}");
        }
    }
    let _ = write!(out, " agent=\"{agent}\" duration=");
    if let Some(seconds) = fields.duration {
        let _ = write!(out, "{seconds}");
    }
}

fn request(world: &mut World, fields: &mut Fields) {
    let host = world.rng.pick(&["files.example.com", "wiki.example.com", "mail.example.com"]);
    let path = world.rng.pick(&["/plans", "/index.html", "/api/items", "/static/app.js"]);
    let method = world.rng.pick(&["GET", "GET", "GET", "POST"]);
    let status = world.rng.weighted(&[(80, 200), (8, 302), (7, 404), (3, 403), (2, 500)]);
    let (sent, received, seconds) = (world.rng.spread(5), world.rng.spread(8), world.rng.spread(2));
    let query = world.hex(6);
    fields.protocol = world.rng.pick(&["https", "http"]);
    fields.target = world.inside();
    fields.target_name = host;
    fields.operation = method;
    fields.argument = format!("{path}?q={query}&x=1");
    fields.result = status;
    fields.sent = Some(sent);
    fields.received = Some(received);
    fields.duration = Some(seconds);
    let _ = write!(
        fields.text,
        "WebRequest completed, {method} to https://{host}{path} from {} result={status} sent={sent} received={received} in {seconds} seconds",
        fields.from
    );
}

fn primary_passed(_: &mut World, fields: &mut Fields) {
    fields.text = format!("Primary authentication successful for {}/AD1 from {}", fields.user, fields.from);
}

fn primary_failed(_: &mut World, fields: &mut Fields) {
    fields.text = format!("Primary authentication failed for {}/AD1 from {}", fields.user, fields.from);
}

fn login(world: &mut World, fields: &mut Fields) {
    fields.text = format!(
        "Login succeeded for {}/Users (session:{}) from {} with {}",
        fields.user,
        world.hex(8),
        fields.from,
        fields.agent
    );
}

fn login_failed(world: &mut World, fields: &mut Fields) {
    let reason = world.rng.pick(&["Failed", "No Roles", "Wrong Certificate", "Account Locked"]);
    fields.text = format!("Login failed using auth server AD1 (Active Directory). Reason: {reason}");
}

fn logout(world: &mut World, fields: &mut Fields) {
    fields.text = format!("Logout from {} (session:{})", fields.from, world.hex(8));
}

fn tunnel_started(world: &mut World, fields: &mut Fields) {
    fields.text = format!(
        "VPN Tunneling: Session started for user (session:{}) with IPv4 address {}, hostname LAPTOP-{}",
        world.hex(8),
        world.inside(),
        world.rng.range(1, 900)
    );
}

fn tunnel_ended(world: &mut World, fields: &mut Fields) {
    fields.text = format!(
        "VPN Tunneling: Session ended for user (session:{}) with IPv4 address {}",
        world.hex(8),
        world.inside()
    );
}

fn key_exchange(world: &mut World, fields: &mut Fields) {
    fields.text = format!(
        "Key Exchange number {} occurred for user with NCIP {}",
        world.rng.range(1, 90),
        world.inside()
    );
}

fn idle(world: &mut World, fields: &mut Fields) {
    fields.text = format!(
        "Session timed out for {}/Users (session:{}) due to inactivity (last access at {}). Idle session identified after user request.",
        fields.user,
        world.hex(8),
        world.earlier(4_000).format("%H:%M:%S %Y/%m/%d")
    );
}

fn syslog_peer(world: &mut World, fields: &mut Fields) {
    fields.device = true;
    fields.text = format!("Successful syslog connection to peer: '{}'", world.inside());
}
