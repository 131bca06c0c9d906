//! Writes small databases in MaxMind's format, version 2.0: what tests of places read.
//!
//! Records are written without pointers, each value of the data section once. Networks must not overlap.
#![allow(
    dead_code,
    clippy::allow_attributes,
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "each test is a crate of its own and takes from here what it needs; helpers may fail as tests do"
)]

use std::collections::BTreeMap;
use std::net::IpAddr;

/// A value of a record.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// A text.
    Text(String),
    /// A number of eight bytes.
    Double(f64),
    /// A number of four bytes.
    Float(f32),
    /// A number of two bytes without sign.
    Short(u16),
    /// A number of four bytes without sign.
    Unsigned(u32),
    /// A number of eight bytes without sign.
    Long(u64),
    /// Keys and values.
    Map(Vec<(&'static str, Data)>),
    /// A list.
    List(Vec<Data>),
}

/// A text.
pub fn text(text: &str) -> Data {
    Data::Text(text.to_owned())
}

/// A record as MaxMind lays it out, with more in it than is read.
pub fn nested(city: &str, country: &str, code: &str, latitude: f64, longitude: f64) -> Data {
    let names = |name: &str| ("names", Data::Map(vec![("de", text("anders")), ("en", text(name))]));
    Data::Map(vec![
        ("city", Data::Map(vec![("geoname_id", Data::Unsigned(7)), names(city)])),
        ("continent", Data::Map(vec![("code", text("EU")), names("Europe")])),
        ("country", Data::Map(vec![("iso_code", text(code)), names(country)])),
        (
            "location",
            Data::Map(vec![
                ("accuracy_radius", Data::Unsigned(20)),
                ("latitude", Data::Double(latitude)),
                ("longitude", Data::Double(longitude)),
                ("time_zone", text("Europe/Oslo")),
            ]),
        ),
        ("subdivisions", Data::List(vec![Data::Map(vec![names("Viken")])])),
    ])
}

/// A record with all keys at its top, and a code for the country.
pub fn flat(city: &str, code: &str, latitude: f32, longitude: f32) -> Data {
    Data::Map(vec![
        ("city", text(city)),
        ("country_code", text(code)),
        ("latitude", Data::Float(latitude)),
        ("longitude", Data::Float(longitude)),
        ("postcode", text("")),
        ("state1", text("Viken")),
        ("timezone", text("Europe/Oslo")),
    ])
}

/// A database of documentation's addresses, in the nested layout.
pub fn documentation() -> Vec<u8> {
    database(
        "Test-City",
        6,
        &[
            ("192.0.2.0/24", nested("Santa Clara", "United States", "US", 37.3526, -121.9541)),
            ("198.51.100.0/24", nested("Kolkata", "India", "IN", 22.5626, 88.363)),
            ("203.0.113.0/24", nested("Glendale", "United States", "US", 34.164, -118.2387)),
            ("2001:db8::/32", nested("London", "United Kingdom", "GB", 51.5143, -0.0912)),
        ],
    )
}

#[derive(Clone, Copy)]
enum Slot {
    Empty,
    Node(usize),
    Data(usize),
}

/// A database with these networks. `version` is that of the tree's addresses: 4 or 6; in the latter those of version 4 are too.
pub fn database(kind: &str, version: u16, networks: &[(&str, Data)]) -> Vec<u8> {
    let mut nodes = vec![[Slot::Empty; 2]];
    let mut section: Vec<u8> = Vec::new();
    let mut known: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
    for (network, record) in networks {
        let mut bytes = Vec::new();
        encode(&mut bytes, record);
        let next = section.len();
        let at = *known.entry(bytes).or_insert_with_key(|bytes| {
            section.extend(bytes);
            next
        });
        let (address, length) = network.split_once('/').unwrap();
        let length: usize = length.parse().unwrap();
        let (bits, length) = match (address.parse().unwrap(), version) {
            (IpAddr::V4(address), 4) => (u128::from(address.to_bits()) << 96, length),
            (IpAddr::V4(address), _) => (u128::from(address.to_bits()), length + 96),
            (IpAddr::V6(address), _) => (address.to_bits(), length),
        };
        insert(&mut nodes, bits, length, at);
    }
    let count = nodes.len();
    let mut out = Vec::new();
    for slot in nodes.iter().flatten() {
        let number = match slot {
            Slot::Empty => count,
            Slot::Node(node) => *node,
            Slot::Data(at) => count + 16 + at,
        };
        out.extend((number as u32).to_be_bytes());
    }
    out.extend([0; 16]);
    out.extend(section);
    out.extend(b"\xab\xcd\xefMaxMind.com");
    let number = Data::Short;
    encode(
        &mut out,
        &Data::Map(vec![
            ("binary_format_major_version", number(2)),
            ("binary_format_minor_version", number(0)),
            ("build_epoch", Data::Long(1_710_400_089)),
            ("database_type", text(kind)),
            ("description", Data::Map(vec![("en", text("made by a test"))])),
            ("ip_version", number(version)),
            ("languages", Data::List(vec![text("en")])),
            ("node_count", Data::Unsigned(count as u32)),
            ("record_size", number(32)),
        ]),
    );
    out
}

fn insert(nodes: &mut Vec<[Slot; 2]>, bits: u128, length: usize, data: usize) {
    let mut node = 0;
    for depth in 0..length {
        let side = (bits >> (127 - depth) & 1) as usize;
        if depth + 1 == length {
            assert!(matches!(nodes[node][side], Slot::Empty), "networks overlap");
            nodes[node][side] = Slot::Data(data);
            return;
        }
        node = match nodes[node][side] {
            Slot::Node(next) => next,
            Slot::Data(_) => panic!("networks overlap"),
            Slot::Empty => {
                nodes.push([Slot::Empty; 2]);
                let next = nodes.len() - 1;
                nodes[node][side] = Slot::Node(next);
                next
            }
        };
    }
}

fn encode(out: &mut Vec<u8>, data: &Data) {
    match data {
        Data::Text(text) => {
            head(out, 2, text.len());
            out.extend(text.as_bytes());
        }
        Data::Double(number) => {
            head(out, 3, 8);
            out.extend(number.to_be_bytes());
        }
        Data::Float(number) => {
            head(out, 15, 4);
            out.extend(number.to_be_bytes());
        }
        Data::Unsigned(number) => {
            head(out, 6, 4);
            out.extend(number.to_be_bytes());
        }
        Data::Short(number) => {
            head(out, 5, 2);
            out.extend(number.to_be_bytes());
        }
        Data::Long(number) => {
            head(out, 9, 8);
            out.extend(number.to_be_bytes());
        }
        Data::Map(members) => {
            head(out, 7, members.len());
            for (key, value) in members {
                encode(out, &text(key));
                encode(out, value);
            }
        }
        Data::List(members) => {
            head(out, 11, members.len());
            for member in members {
                encode(out, member);
            }
        }
    }
}

/// The byte that says type and size, with those that either of them needs besides.
fn head(out: &mut Vec<u8>, kind: u8, size: usize) {
    let (first, more) = if size < 29 { (size as u8, None) } else { (29, Some((size - 29) as u8)) };
    assert!(size < 29 + 256, "a size of three bytes is not needed here");
    if kind < 8 {
        out.push(kind << 5 | first);
    } else {
        out.extend([first, kind - 7]);
    }
    out.extend(more);
}
