//! The `vrl` crate: Vector's language, compiled once, run for each record. The programs are in `vrl/`.

use std::collections::BTreeMap;

use vrl::compiler::runtime::Runtime;
use vrl::compiler::{Program, TargetValue, TimeZone, compile};
use vrl::value::{KeyString, Secrets, Value};

use crate::contestant::{Contestant, Mapper, Mapping};

/// A source, the program as a user would write it, and the tuned one.
const PROGRAMS: [(&str, &str, &str); 5] = [
    (
        "cisco-anyconnect",
        include_str!("../../vrl/cisco-anyconnect.vrl"),
        include_str!("../../vrl/cisco-anyconnect.tuned.vrl"),
    ),
    ("citrix-vpn", include_str!("../../vrl/citrix-vpn.vrl"), include_str!("../../vrl/citrix-vpn.tuned.vrl")),
    (
        "juniper-pulse-secure",
        include_str!("../../vrl/juniper-pulse-secure.vrl"),
        include_str!("../../vrl/juniper-pulse-secure.tuned.vrl"),
    ),
    (
        "qualys-endpoint",
        include_str!("../../vrl/qualys-endpoint.vrl"),
        include_str!("../../vrl/qualys-endpoint.tuned.vrl"),
    ),
    ("teleport", include_str!("../../vrl/teleport.vrl"), include_str!("../../vrl/teleport.tuned.vrl")),
];

/// The contestants for a source.
///
/// # Errors
/// A program that does not compile.
pub(super) fn of(source: &str) -> Result<Vec<Box<dyn Contestant>>, String> {
    let Some((_, plain, tuned)) = PROGRAMS.iter().find(|(name, ..)| *name == source) else {
        return Ok(Vec::new());
    };
    Ok(vec![
        Box::new(Mapping::new(
            crate::report::BASE,
            "as a user would write it; no event id, no account",
            Vrl::new(plain)?,
        )),
        Box::new(Mapping::new("vrl tuned", "tuned by hand; no event id, no account", Vrl::new(tuned)?)),
    ])
}

/// A compiled program and what it runs in.
struct Vrl {
    program: Program,
    runtime: Runtime,
    zone: TimeZone,
}

impl Vrl {
    fn new(source: &str) -> Result<Self, String> {
        let compiled = compile(source, &vrl::stdlib::all())
            .map_err(|diagnostics| vrl::diagnostic::Formatter::new(source, diagnostics).to_string())?;
        let zone = TimeZone::parse("UTC").ok_or("there is no zone UTC")?;
        Ok(Self { program: compiled.program, runtime: Runtime::default(), zone })
    }
}

impl Mapper for Vrl {
    fn map(&mut self, record: &[u8], _: u64, out: &mut Vec<u8>) -> Result<(), String> {
        // As Vector hands an event over: an object with the line as its message.
        let message = Value::from(std::str::from_utf8(record).map_err(|error| error.to_string())?);
        let mut target = TargetValue {
            value: Value::Object(BTreeMap::from([(KeyString::from("message"), message)])),
            metadata: Value::Object(BTreeMap::new()),
            secrets: Secrets::new(),
        };
        let done = self.runtime.resolve(&mut target, &self.program, &self.zone);
        self.runtime.clear();
        done.map_err(|error| error.to_string())?;
        serde_json::to_writer(&mut *out, &target.value).map_err(|error| error.to_string())?;
        out.push(b'\n');
        Ok(())
    }
}
