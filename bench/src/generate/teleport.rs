//! Events of Teleport's audit log as JSON: sessions on nodes, what runs in them, databases, logins and certificates.

use std::fmt::Write;

use chrono::{DateTime, TimeDelta, Utc};

use super::World;

/// What writes the members of one kind of event behind the common ones.
type Kind = fn(&mut World, &mut String);

/// Event, code and members of each kind, with how many of a hundred records it is.
const KINDS: [(u64, (&str, &str, Kind)); 14] = [
    (18, ("session.command", "T4000I", command)),
    (16, ("session.network", "T4002I", network)),
    (10, ("session.data", "T2006I", data)),
    (9, ("session.start", "T2000I", start)),
    (8, ("session.end", "T2004I", end)),
    (6, ("session.leave", "T2003I", leave)),
    (9, ("cert.create", "TC000I", certificate)),
    (6, ("user.login", "T1001I", login)),
    (2, ("user.login", "T1000W", login_failed)),
    (6, ("db.session.query", "TDB02I", query)),
    (3, ("db.session.start", "TDB00I", database)),
    (2, ("db.session.end", "TDB01I", database_end)),
    (3, ("exec", "T3002I", exec)),
    (2, ("auth", "T3007W", auth)),
];

/// One record.
pub(super) fn record(world: &mut World, out: &mut String) {
    let (event, code, members) = world.rng.weighted(&KINDS);
    let number = world.rng.range(0, 9);
    let (uid, time) = (world.uuid(), world.now.format("%Y-%m-%dT%H:%M:%S%.3fZ"));
    let _ = write!(
        out,
        r#"{{"ei":{number},"event":"{event}","uid":"{uid}","code":"{code}","time":"{time}","cluster_name":"example.com""#
    );
    members(world, out);
    out.push('}');
}

fn account(world: &mut World) -> String {
    format!("{}@example.com", world.user())
}

fn unix_login(world: &mut World) -> &'static str {
    world.rng.pick(&["root", "ubuntu", "deploy"])
}

/// A time with nine digits of its second; the last is never a nought, which the product would leave out.
fn nanoseconds(world: &mut World, at: DateTime<Utc>) -> String {
    format!(
        "{}.{:08}{}Z",
        at.format("%Y-%m-%dT%H:%M:%S"),
        world.rng.range(0, 100_000_000),
        world.rng.range(1, 10)
    )
}

/// What the events of a session on a node have in common: user, login, session and node.
fn session(world: &mut World, out: &mut String) {
    let (user, login) = (account(world), unix_login(world));
    let (sid, server) = (world.uuid(), world.uuid());
    let _ = write!(
        out,
        r#","namespace":"default","user":"{user}","login":"{login}","sid":"{sid}","server_id":"{server}""#
    );
}

fn addresses(world: &mut World, out: &mut String) {
    let (node, client, port) = (world.inside(), world.outside(), world.client_port());
    let _ = write!(out, r#","addr.local":"{node}:3022","addr.remote":"{client}:{port}""#);
}

fn command(world: &mut World, out: &mut String) {
    session(world, out);
    let program = world.rng.pick(&["ls", "cat", "systemctl", "curl", "ps"]);
    let (pid, group) = (world.rng.range(1_000, 400_000), world.rng.range(10_000, 4_026_531_840));
    let _ = write!(
        out,
        r#","program":"{program}","path":"/usr/bin/{program}","argv":["-l","/srv/data"],"pid":{pid},"ppid":{},"cgroup_id":{group},"return_code":0"#,
        pid - 7
    );
}

fn network(world: &mut World, out: &mut String) {
    session(world, out);
    let program = world.rng.pick(&["curl", "ssh", "apt-get", "git"]);
    let (pid, group) = (world.rng.range(1_000, 400_000), world.rng.range(10_000, 4_026_531_840));
    let (from, to, port) = (world.inside(), world.outside(), world.service_port());
    let action = u64::from(world.rng.percent(4));
    let _ = write!(
        out,
        r#","program":"{program}","pid":{pid},"cgroup_id":{group},"src_addr":"{from}","dst_addr":"{to}","dst_port":{port},"version":4,"action":{action}"#
    );
}

fn data(world: &mut World, out: &mut String) {
    session(world, out);
    addresses(world, out);
    let _ = write!(out, r#","tx":{},"rx":{}"#, world.rng.spread(8), world.rng.spread(8));
}

/// The node as the events of a session name it.
fn node(world: &mut World, out: &mut String) {
    let (number, address) = (world.rng.range(1, 90), world.inside());
    let region = world.rng.pick(&["us-east-1", "eu-west-1"]);
    let _ = write!(
        out,
        r#","server_hostname":"node-{number}.example.com","server_addr":"{address}:3022","server_labels":{{"datacenter":"{region}","hostname":"node-{number}.example.com"}}"#
    );
}

fn start(world: &mut World, out: &mut String) {
    session(world, out);
    node(world, out);
    addresses(world, out);
    out.push_str(r#","proto":"ssh","size":"80:25","session_recording":"node""#);
}

fn end(world: &mut World, out: &mut String) {
    session(world, out);
    node(world, out);
    let participants = if world.rng.percent(20) {
        format!(r#""{}","{}""#, account(world), account(world))
    } else {
        format!("\"{}\"", account(world))
    };
    let (start, stop) = (world.earlier(9_000), world.now - TimeDelta::seconds(1));
    let (start, stop) = (nanoseconds(world, start), nanoseconds(world, stop));
    let _ = write!(
        out,
        r#","enhanced_recording":true,"interactive":true,"participants":[{participants}],"session_start":"{start}","session_stop":"{stop}","session_recording":"node""#
    );
}

fn leave(world: &mut World, out: &mut String) {
    session(world, out);
}

fn certificate(world: &mut World, out: &mut String) {
    let (user, login) = (account(world), unix_login(world));
    let expires = world.now + TimeDelta::hours(12);
    let expires = nanoseconds(world, expires);
    let _ = write!(
        out,
        r#","cert_type":"user","identity":{{"user":"{user}","roles":["access","reader"],"logins":["{login}","-teleport-internal-join"],"expires":"{expires}","route_to_cluster":"example.com","traits":{{"aws_role_arns":null,"db_names":null,"db_users":null,"email":["{user}"],"groups":["staff"],"kubernetes_groups":null,"kubernetes_users":null,"logins":["{login}"],"windows_logins":null}}}}"#
    );
}

fn login(world: &mut World, out: &mut String) {
    let (user, agent) = (account(world), world.user_agent());
    let method = world.rng.pick(&["saml", "oidc"]);
    let _ = write!(
        out,
        r#","user":"{user}","method":"{method}","success":true,"attributes":{{"email":["{user}"],"groups":["staff"]}},"user_agent":"{agent}""#
    );
}

fn login_failed(world: &mut World, out: &mut String) {
    let user = account(world);
    let error = world.rng.pick(&["invalid username, password or second factor", "access denied"]);
    let _ = write!(out, r#","user":"{user}","method":"local","success":false,"error":"{error}""#);
}

/// What the events of a database session have in common.
fn database_session(world: &mut World, out: &mut String) {
    let (user, sid) = (account(world), world.uuid());
    let (name, protocol, port) =
        world.rng.weighted(&[(60, ("orders", "postgres", 5432)), (40, ("stock", "mysql", 3306))]);
    let _ = write!(
        out,
        r#","user":"{user}","sid":"{sid}","db_name":"{name}","db_protocol":"{protocol}","db_service":"{name}-db","db_uri":"{name}.example.com:{port}","db_user":"reader""#
    );
}

fn query(world: &mut World, out: &mut String) {
    database_session(world, out);
    let _ = write!(
        out,
        r#","db_query":"SELECT id FROM orders WHERE note = 'a \"{}\" c' LIMIT {}","success":true"#,
        world.hex(4),
        world.rng.range(1, 500)
    );
}

fn database(world: &mut World, out: &mut String) {
    database_session(world, out);
    let server = world.uuid();
    let _ = write!(out, r#","namespace":"default","server_id":"{server}","success":true"#);
}

fn database_end(world: &mut World, out: &mut String) {
    database_session(world, out);
}

fn exec(world: &mut World, out: &mut String) {
    session(world, out);
    addresses(world, out);
    out.push_str(r#","proto":"ssh","command":"uptime","exitCode":"0""#);
}

fn auth(world: &mut World, out: &mut String) {
    let user = account(world);
    addresses(world, out);
    let _ = write!(out, r#","user":"{user}","success":false,"error":"ssh: principal not in the list""#);
}
