//! Events of Qualys EDR as JSON: processes and files for the most part, connections, registry values and mutexes.

use std::fmt::Write;

use super::World;

/// What writes the section of one type and says what its action was.
type Kind = fn(&mut World, &mut String, u64) -> &'static str;

/// Name, letter of the id and section of each type, with how many of a hundred records it is.
const KINDS: [(u64, (&str, &str, Kind)); 5] = [
    (40, ("PROCESS", "RTP", process)),
    (30, ("FILE", "F", file)),
    (18, ("NETWORK", "N", network)),
    (8, ("REGISTRY", "R", registry)),
    (4, ("MUTEX", "RTM", mutex)),
];

const PROGRAMS: [&str; 6] =
    ["report.exe", "powershell.exe", "chrome.exe", "setup.exe", "outlook.exe", "rundll32.exe"];

/// One record.
pub(super) fn record(world: &mut World, out: &mut String) {
    let (kind, letters, section) = world.rng.weighted(&KINDS);
    let mut body = String::new();
    let desk = world.rng.range(1, 400);
    let action = section(world, &mut body, desk);
    let (time, id) = (world.now.format("%Y-%m-%dT%H:%M:%S%.3f+0000"), world.uuid());
    let customer = CUSTOMER;
    let _ = write!(
        out,
        "{{\"dateTime\":\"{time}\",\"id\":\"{letters}_{id}_{}\",\"type\":\"{kind}\",\"action\":\"{action}\",\"eventSource\":\"EDR\",\"customerId\":\"{customer}\",{body}",
        world.now.format("%-d-%-m-%Y")
    );
    if kind != "PROCESS" || world.rng.percent(50) {
        actor(world, out, desk);
    }
    if kind == "PROCESS" || world.rng.percent(40) {
        indicator(world, out);
    }
    asset(world, out, desk);
    out.push('}');
}

/// The tenant, the same for the whole estate.
const CUSTOMER: &str = "5473b4c0-03bb-5052-8dc6-29e789310759";

fn process(world: &mut World, out: &mut String, desk: u64) -> &'static str {
    let (user, program, parent) = (world.user(), world.rng.pick(&PROGRAMS), world.rng.pick(&PROGRAMS));
    let (pid, parent_pid) = (world.rng.range(100, 30_000), world.rng.range(100, 30_000));
    let (md5, size, image) = (world.hex(32), world.rng.spread(8), world.rng.range(1 << 53, 1 << 56));
    let _ = write!(
        out,
        r#""process":{{"processName":"{program}","fullPath":"C:\\Users\\{user}\\Downloads\\{program}","parentProcessName":"{parent}","userName":"DESK-{desk}\\{user}","pid":{pid},"parentPid":{parent_pid},"elevated":false,"arguments":"{program} /quiet \"C:\\Users\\{user}\\a b.txt\"","processFile":{{"fileName":"{program}","moduleName":"{program}","md5":"{md5}","size":{size},"uniqueImageId":"{image}"}}}}"#
    );
    world.rng.pick(&["CREATED", "RUNNING", "TERMINATED"])
}

fn file(world: &mut World, out: &mut String, _: u64) -> &'static str {
    let (user, kind) = (world.user(), world.rng.pick(&["dll", "exe", "docx", "txt"]));
    let name = format!("{}-{}.{kind}", world.rng.pick(&["plan", "setup", "notes", "update"]), world.hex(4));
    let (md5, sha256, size) = (world.hex(32), world.hex(64), world.rng.spread(8));
    let _ = write!(
        out,
        r#""file":{{"fullPath":"C:\\Users\\{user}\\Downloads\\{name}","path":"C:\\Users\\{user}\\Downloads","fileName":"{name}","fileType":"{kind}","md5":"{md5}","sha256":"{sha256}","size":{size}}}"#
    );
    world.rng.pick(&["CREATED", "WRITE", "DELETED"])
}

fn network(world: &mut World, out: &mut String, _: u64) -> &'static str {
    let (from, to) = (world.inside(), world.outside());
    let (port, service) = (world.client_port(), world.service_port());
    let protocol = if service == 53 { "UDP" } else { "TCP" };
    let _ = write!(
        out,
        r#""network":{{"protocol":"{protocol}","localIP":"{from}","localPort":{port},"remoteIP":"{to}","remotePort":{service}}}"#
    );
    world.rng.pick(&["ESTABLISHED", "CLOSED"])
}

fn registry(world: &mut World, out: &mut String, _: u64) -> &'static str {
    let number = world.rng.range(1_001, 1_400);
    let value = world.rng.pick(&["<local>", "1", "C:\\\\Tools\\\\run.exe"]);
    let _ = write!(
        out,
        r#""registry":{{"key":"HKU\\S-1-5-21-1000000001-1000000002-1000000003-{number}\\Software\\Example\\Settings","value":"{value}"}}"#
    );
    world.rng.pick(&["WRITE", "CREATED", "DELETED"])
}

fn mutex(world: &mut World, out: &mut String, _: u64) -> &'static str {
    let (session, name) = (world.rng.range(1, 4), world.hex(8));
    let _ = write!(
        out,
        r#""mutex":{{"mutexName":"\\Sessions\\{session}\\BaseNamedObjects\\Local\\example-{name}"}}"#
    );
    world.rng.pick(&["CREATED", "RUNNING"])
}

fn actor(world: &mut World, out: &mut String, desk: u64) {
    let (user, program) = (world.user(), world.rng.pick(&PROGRAMS));
    let (number, pid) = (world.rng.range(1_001, 1_400), world.rng.range(100, 30_000));
    let unique = world.rng.range(1 << 53, 1 << 56);
    let _ = write!(
        out,
        r#","actor":{{"userId":"S-1-5-21-1000000001-1000000002-1000000003-{number}","userName":"DESK-{desk}\\{user}","processId":{pid},"processName":"{program}","imageFullPath":"C:\\Windows\\System32\\{program}","processUniqueId":"{unique}"}}"#
    );
}

/// One indicator. Its score is a text on the wire, and a clean verdict has no name.
fn indicator(world: &mut World, out: &mut String) {
    let sha256 = world.hex(64);
    let (score, threat, family, category, verdict) = world.rng.weighted(&[
        (80, (0, "", "", "", "KNOWN")),
        (8, (3, "", "", "", "SUSPICIOUS")),
        (6, (5, "Win32.Tool.Sample", "Tool.Sample", "PUA", "SUSPICIOUS")),
        (4, (8, "Win32.Trojan.Sample", "Trojan.Sample", "Trojan", "MALICIOUS")),
        (2, (10, "Win32.Backdoor.Sample", "Backdoor.Sample", "Backdoor", "MALICIOUS")),
    ]);
    let _ = write!(
        out,
        r#","indicator2":[{{"sha256":"{sha256}","score":"{score}","threatName":"{threat}","familyName":"{family}","category":"{category}","verdict":"{verdict}"}}]"#
    );
}

fn asset(world: &mut World, out: &mut String, desk: u64) {
    let agent = world.uuid();
    let (inside, outside6) = (world.inside(), world.outside6());
    let _ = write!(
        out,
        r#","asset":{{"agentId":"{agent}","fullOSName":"Microsoft Windows 10 Pro 10.0.19045 Build 19045","hostName":"desk-{desk}","netBiosName":"DESK-{desk}","platform":"WINDOWS","customerId":"{CUSTOMER}","interfaces":[{{"ipAddress":"{inside}","macAddress":"00:00:5e:00:53:{:02x}"}},{{"ipAddress":"{outside6}"}}]}}"#,
        world.rng.range(0, 256)
    );
}
