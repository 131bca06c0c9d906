//! Enrichment: values that no record holds, looked up by what the record became.
//!
//! A spec declares which tokens are read and which are filled; the run's [`Enrichment`] says by what. The tokens that are read are
//! mapped once more in front of the record, into a sink that only keeps their values ([`Seen`]). So what was found
//! is at hand when the schema's order comes to a token that is filled, be it before those that were read, and a record of a
//! source or a run without enrichment is mapped as if there were none.

mod countries;
mod directory;
mod geo;
mod networks;

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use smallvec::SmallVec;
use xdr_model::{Token, Value};

use crate::field::{Field, Name};
use crate::map::Mapper;
use crate::record::{Parts, Status};
use crate::settings::Settings;
use crate::sink::{Assumed, Issue, Origin, Sink};

pub use directory::{Directory, Fault, Person};
pub use geo::{Geo, NoPlaces, Place};
pub use networks::{BadNetwork, Networks};

/// What a run enriches events with. The default knows the private networks and nothing else.
#[derive(Clone, Debug, Default)]
pub struct Enrichment {
    /// Which addresses are local.
    pub networks: Networks,
    /// Who the users are.
    pub directory: Option<Arc<Directory>>,
    /// Where addresses are.
    pub geo: Option<Arc<Geo>>,
    /// Labels for every event.
    pub tags: Vec<String>,
}

impl Enrichment {
    /// Whether there is something to look up in. Labels are not looked up.
    pub const fn can(&self, by: By) -> bool {
        match by {
            By::Networks => !self.networks.is_empty(),
            By::Directory => self.directory.is_some(),
            By::Geo => self.geo.is_some(),
            By::Tags => false,
        }
    }
}

/// The ways to enrich.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Which sides of the event are local.
    Networks,
    /// What a directory knows of the user.
    Directory,
    /// The place of an address.
    Geo,
    /// The run's labels.
    Tags,
}

impl By {
    /// The key of the spec language.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Networks => "networks",
            Self::Directory => "directory",
            Self::Geo => "geo",
            Self::Tags => "tags",
        }
    }
}

/// An enrichment of a source, as its spec declares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Declared {
    /// What looks up.
    pub by: By,
    /// The tokens that are read. Of each list the first that has a value counts. Networks have two lists: source and destination.
    pub reads: &'static [&'static [Token]],
    /// The tokens that are filled.
    pub fills: &'static [Token],
}

/// Looks up what is declared for a record. `read` maps one of the tokens that are read; it is asked for those that are needed, and
/// for none if the run has nothing to look up in.
pub fn find<'a, const N: usize>(
    declared: &[Declared],
    parts: &Parts<'a, N>,
    names: &'static [&'static str; N],
    settings: &'a Settings,
    read: fn(&mut Mapper<'_, 'a, Seen<'a>, N>, Token),
) -> Found<'a> {
    let with = &settings.enrichment;
    if !declared.iter().any(|one| with.can(one.by)) {
        return Found::default();
    }
    let mut seen = Seen::default();
    let mapper = Mapper::new(parts, names, settings, &mut seen);
    let mut reader = Reader { mapper, read, addresses: SmallVec::new() };
    let mut found = Found::default();
    for one in declared {
        match (one.by, one.reads) {
            (By::Networks, [source, destination]) if with.can(By::Networks) => {
                // Fewer records have a destination.
                if let Some(destination) = reader.address(destination)
                    && let Some(source) = reader.address(source)
                {
                    found.context = with.networks.context(source, destination);
                }
            }
            (By::Directory, [user]) => {
                found.person = with.directory.as_ref().and_then(|all| all.person(&reader.text(user)?));
            }
            (By::Geo, [address]) => {
                let place = with.geo.as_ref().and_then(|geo| geo.place(reader.address(address)?));
                found.places.push(place);
            }
            _ => {}
        }
    }
    found
}

/// Reads tokens, addresses once each.
struct Reader<'m, 'a, const N: usize> {
    mapper: Mapper<'m, 'a, Seen<'a>, N>,
    read: fn(&mut Mapper<'_, 'a, Seen<'a>, N>, Token),
    addresses: SmallVec<[(Token, Option<IpAddr>); 4]>,
}

impl<'a, const N: usize> Reader<'_, 'a, N> {
    fn value(&mut self, token: Token) -> Option<Value<'a>> {
        (self.read)(&mut self.mapper, token);
        self.mapper.sink().0.take()
    }

    /// The first of the tokens that is an address.
    fn address(&mut self, tokens: &[Token]) -> Option<IpAddr> {
        tokens.iter().find_map(|token| {
            if let Some((_, known)) = self.addresses.iter().find(|(known, _)| known == token) {
                return *known;
            }
            let address = match self.value(*token) {
                Some(Value::Ipv4(address)) => Some(IpAddr::V4(address)),
                Some(Value::Ipv6(address)) => Some(IpAddr::V6(address).to_canonical()),
                Some(Value::Ip(address)) => Some(address.to_canonical()),
                _ => None,
            };
            self.addresses.push((*token, address));
            address
        })
    }

    /// The first of the tokens that is a text.
    fn text(&mut self, tokens: &[Token]) -> Option<Cow<'a, str>> {
        tokens.iter().find_map(|token| match self.value(*token) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        })
    }
}

/// What was found for a record.
#[derive(Debug, Default)]
pub struct Found<'a> {
    context: Option<&'static str>,
    person: Option<Person<'a>>,
    places: SmallVec<[Option<Cow<'a, Place>>; 2]>,
}

impl<'a> Found<'a> {
    /// The direction between networks.
    pub fn context(&self) -> Option<Cow<'a, str>> {
        self.context.map(Cow::Borrowed)
    }

    /// What the directory says for a token.
    pub fn person(&self, token: Token) -> Option<Cow<'a, str>> {
        self.person.and_then(|person| person.get(token)).map(Cow::Borrowed)
    }

    /// Latitude and longitude of the address of the `number`th place that is looked up.
    pub fn coordinates(&self, number: usize) -> Option<Cow<'a, str>> {
        self.of_place(number, |place| &place.coordinates)
    }

    /// Its country.
    pub fn country(&self, number: usize) -> Option<Cow<'a, str>> {
        self.of_place(number, |place| &place.country)
    }

    /// Its city.
    pub fn city(&self, number: usize) -> Option<Cow<'a, str>> {
        self.of_place(number, |place| &place.city)
    }

    fn of_place(&self, number: usize, part: fn(&Place) -> &str) -> Option<Cow<'a, str>> {
        let text = match self.places.get(number)?.as_ref()? {
            Cow::Borrowed(place) => Cow::Borrowed(part(place)),
            Cow::Owned(place) => Cow::Owned(part(place).to_owned()),
        };
        (!text.is_empty()).then_some(text)
    }
}

/// The value of the token that is read.
#[derive(Debug, Default)]
pub struct Seen<'a>(Option<Value<'a>>);

impl<'a> Sink<'a> for Seen<'a> {
    fn value(&mut self, _token: Token, value: Value<'a>, _origin: Origin<'a>) {
        self.0 = Some(value);
    }
    // All that is said besides is said when the record is mapped.
    fn issue(&mut self, _issue: Issue<'a>) {}
    fn assumed(&mut self, _what: Assumed) {}
    fn account(&mut self, _status: Status, _message: Option<&'a str>) {}
    fn unmapped(&mut self, _name: Name<'a>, _fields: &[Field<'a>]) {}
}

impl<'a, S: Sink<'a>, const N: usize> Mapper<'_, 'a, S, N> {
    /// A text that was found outside the record.
    pub fn enriched(&mut self, token: Token, text: Option<Cow<'a, str>>, row: u16) -> bool {
        let origin = Origin { row, field: Field::default() };
        match text {
            None => return false,
            Some(Cow::Borrowed(text)) => self.sink().text(token, text, origin),
            Some(text) => self.sink().value(token, Value::Text(text), origin),
        }
        true
    }

    /// A list of labels: the spec's own, and those of the run that are not among them.
    pub fn tagged(&mut self, token: Token, own: &[&'static str], row: u16) -> bool {
        let run = &self.settings().enrichment.tags;
        let more = run.iter().map(String::as_str).filter(|tag| !own.contains(tag));
        let list: SmallVec<[Cow<'a, str>; 4]> = own.iter().copied().chain(more).map(Cow::Borrowed).collect();
        let some = !list.is_empty();
        if some {
            self.sink().texts(token, &list, Origin { row, field: Field::default() });
        }
        some
    }
}
