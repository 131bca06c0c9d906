//! Where addresses are: databases in MaxMind's format, with a bounded cache in front of each.
//!
//! Two layouts of a record are read: the nested one of MaxMind, `{"city": {"names": {"en": …}}, "country": {…}, "location": {…}}`,
//! and the flat one that other publishers use, `{"city": …, "country_code": …, "latitude": …, "longitude": …}`.
//!
//! The cache has two parts, neither of which is ever locked. The first knows which place an address leads to, and forgets an address
//! for another one. The second keeps places as texts, until it is full: so values can be lent for as long as the settings live. A
//! place that finds no room in it is decoded each time.

mod record;

use std::net::{IpAddr, Ipv4Addr};
use std::ops::Deref;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use maxminddb::Reader;

use super::networks::is_placeless;
use super::{Part, Ready};
use record::Record;

/// How many addresses the cache knows; a power of two.
const ADDRESSES: usize = 1 << 15;
/// How many places the cache keeps; a power of two.
const PLACES: usize = 1 << 14;
/// In how many slots a place may be.
const WAYS: usize = 4;
/// How many records are looked at to see whether a database holds places.
const PROBED: usize = 1000;

/// A place, as texts for tokens. What is not known is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Latitude and longitude in degrees, joined by a comma.
    pub coordinates: Ready,
    /// The country's name in English.
    pub country: Ready,
    /// The city's name in English.
    pub city: Ready,
}

impl Place {
    /// What a token gets of it; coordinates unless another part is asked for.
    #[inline]
    pub(super) const fn part(&self, part: Part) -> &Ready {
        match part {
            Part::Country(_) => &self.country,
            Part::City(_) => &self.city,
            Part::Coordinates(_) | Part::Context | Part::Column => &self.coordinates,
        }
    }

    fn is_empty(&self) -> bool {
        self.coordinates.is_empty() && self.country.is_empty() && self.city.is_empty()
    }
}

/// The place of an address.
#[derive(Clone, Debug)]
pub enum Found<'g> {
    /// One that the cache keeps.
    Kept(&'g Place),
    /// One that found no room there.
    Loose(Box<Place>),
}

impl Deref for Found<'_> {
    type Target = Place;

    fn deref(&self) -> &Place {
        match self {
            Self::Kept(place) => place,
            Self::Loose(place) => place,
        }
    }
}

/// Why a file is no database of places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoPlaces {
    /// It cannot be read as a database.
    Broken(String),
    /// It is one of another kind, which it says.
    Other(String),
}

impl std::fmt::Display for NoPlaces {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Broken(why) => write!(f, "no database in MaxMind's format: {why}"),
            Self::Other(kind) => {
                write!(f, "the database `{kind}` holds neither cities, countries nor coordinates")
            }
        }
    }
}

/// Databases of places, asked in order.
#[derive(Debug, Default)]
pub struct Geo(Vec<Base>);

impl Geo {
    /// Adds a database, the bytes of a whole file.
    ///
    /// # Errors
    /// The bytes are no database, or one without places.
    pub fn add(&mut self, bytes: Vec<u8>) -> Result<(), NoPlaces> {
        self.0.push(Base::new(bytes)?);
        Ok(())
    }

    /// The place of an address, by the first database that knows it. Addresses that are not routed on the internet have none.
    pub fn place(&self, address: IpAddr) -> Option<Found<'_>> {
        self.0.iter().find_map(|base| base.place(address))
    }
}

/// Offset of a record, and what it says.
type Kept = OnceLock<(u32, Place)>;

struct Base {
    reader: Reader<Vec<u8>>,
    /// Of addresses of version 4: the address, and the slot of its place, [`NOWHERE`] or [`LOOSE`]. At first
    /// each knows of the broadcast address that it has none.
    addresses: Box<[AtomicU64]>,
    places: Box<[Kept]>,
}

/// Stands for the place of an address that has none.
const NOWHERE: u32 = u32::MAX;
/// Stands for a place that is not kept.
const LOOSE: u32 = NOWHERE - 1;

impl std::fmt::Debug for Base {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Base").field("metadata", self.reader.metadata()).finish_non_exhaustive()
    }
}

impl Base {
    fn new(bytes: Vec<u8>) -> Result<Self, NoPlaces> {
        let broken = |error: maxminddb::MaxMindDbError| NoPlaces::Broken(error.to_string());
        if u32::try_from(bytes.len()).is_err() {
            return Err(NoPlaces::Broken("more than 4 GiB".to_owned()));
        }
        let reader = Reader::from_source(bytes).map_err(broken)?;
        let mut some = false;
        for record in reader.networks(maxminddb::WithinOptions::default()).map_err(broken)?.take(PROBED) {
            // One record that is none does not spoil the others.
            let record = record.map_err(broken)?.decode::<Record<'_>>().ok().flatten();
            some |= record.is_some_and(|record| !record.place().is_empty());
            if some {
                break;
            }
        }
        if !some {
            return Err(NoPlaces::Other(reader.metadata().database_type.clone()));
        }
        Ok(Self {
            reader,
            addresses: (0..ADDRESSES).map(|_| AtomicU64::new(u64::MAX)).collect(),
            places: (0..PLACES).map(|_| Kept::new()).collect(),
        })
    }

    #[inline]
    fn place(&self, address: IpAddr) -> Option<Found<'_>> {
        match address {
            IpAddr::V4(address) => self.recent(address),
            IpAddr::V6(_) => self.look_up(address).map(|found| found.1),
        }
    }

    /// The place of an address, by the cache.
    #[inline]
    fn recent(&self, address: Ipv4Addr) -> Option<Found<'_>> {
        let bits = address.to_bits();
        let recent = self.addresses.get(spread(bits) & (ADDRESSES - 1))?;
        let known = recent.load(Ordering::Relaxed);
        // Address and slot are one number, so no thread sees one without the other.
        let [b0, b1, b2, b3, s0, s1, s2, s3] = known.to_be_bytes();
        if u32::from_be_bytes([b0, b1, b2, b3]) == bits {
            let slot = u32::from_be_bytes([s0, s1, s2, s3]);
            if let Some((_, place)) = self.slot(slot) {
                return Some(Found::Kept(place));
            }
            if slot == NOWHERE {
                return None;
            }
        }
        let (slot, place) = self.look_up(IpAddr::V4(address)).unzip();
        recent.store(u64::from(bits) << 32 | u64::from(slot.unwrap_or(NOWHERE)), Ordering::Relaxed);
        place
    }

    /// A place that is kept.
    #[inline]
    fn slot(&self, slot: u32) -> Option<&(u32, Place)> {
        self.places.get(usize::try_from(slot).ok()?)?.get()
    }

    /// The place of an address, and its slot or [`LOOSE`].
    fn look_up(&self, address: IpAddr) -> Option<(u32, Found<'_>)> {
        let unknown = address.is_ipv6() && self.reader.metadata().ip_version == 4;
        if unknown || is_placeless(address) {
            return None;
        }
        let offset = u32::try_from(self.reader.lookup(address).ok()?.offset()?).ok()?;
        Some(self.kept(offset, address)).filter(|(_, place)| !place.is_empty())
    }

    /// The place of the record at an offset, and its slot or [`LOOSE`]; the address is one that leads to it.
    fn kept(&self, offset: u32, address: IpAddr) -> (u32, Found<'_>) {
        let first = spread(offset) & (PLACES - WAYS);
        let mut decoded = None;
        for (number, slot) in self.places.iter().enumerate().skip(first).take(WAYS) {
            if slot.get().is_none() {
                let place = decoded.take().unwrap_or_else(|| self.decode(address));
                // Another thread may have been faster, with this place or with another one.
                decoded = slot.set((offset, place)).err().map(|(_, place)| place);
            }
            match slot.get() {
                Some((known, place)) if *known == offset => {
                    return (u32::try_from(number).unwrap_or(LOOSE), Found::Kept(place));
                }
                _ => {}
            }
        }
        (LOOSE, Found::Loose(Box::new(decoded.unwrap_or_else(|| self.decode(address)))))
    }

    /// A record that cannot be decoded says nothing.
    fn decode(&self, address: IpAddr) -> Place {
        let record = self.reader.lookup(address).and_then(|found| found.decode::<Record<'_>>());
        record.ok().flatten().map(Record::place).unwrap_or_default()
    }
}

/// Spreads the bits of a number: neighbours come apart.
fn spread(bits: u32) -> usize {
    // The fraction of the golden ratio in 64 bits; its product's upper half is taken.
    let product = u64::from(bits).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    usize::try_from(product).unwrap_or_default()
}

#[cfg(test)]
#[path = "geo/tests.rs"]
mod tests;
