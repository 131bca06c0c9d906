//! Records of all five sources, made up from a seed: the kinds of messages that a VPN estate sends, as often as it sends
//! them, with users, addresses, ports, times and byte counts that vary.

mod asa;
mod netscaler;
mod pulse;
mod qualys;
mod teleport;
mod world;

pub use world::World;

/// Appends one record, without a line break.
type Write = fn(&mut World, &mut String);

/// The sources, each with what writes its records.
const WRITERS: [(&str, Write); 5] = [
    ("cisco-anyconnect", asa::record),
    ("citrix-vpn", netscaler::record),
    ("juniper-pulse-secure", pulse::record),
    ("qualys-endpoint", qualys::record),
    ("teleport", teleport::record),
];

/// The names of the sources.
pub fn sources() -> impl Iterator<Item = &'static str> {
    WRITERS.iter().map(|(name, _)| *name)
}

/// So many records of a source, each with a line break; `None` if there is no such source.
pub fn corpus(source: &str, records: usize) -> Option<Vec<u8>> {
    let at = WRITERS.iter().position(|(name, _)| *name == source)?;
    let (_, write) = WRITERS[at];
    let mut world = World::new(0x5eed_0000 + at as u64);
    let mut out = String::new();
    for _ in 0..records {
        world.tick();
        write(&mut world, &mut out);
        out.push('\n');
    }
    Some(out.into_bytes())
}
