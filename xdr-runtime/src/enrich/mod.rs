//! Enrichment: values that no record holds, looked up by what the record became.
//!
//! A spec declares which tokens are read and which are filled; the run's [`Enrichment`] says by what. If it has something to look up in,
//! the record is mapped into [`Enriching`], a sink in front of the sink that keeps what is read; if it has nothing, nothing of this is called.

mod ahead;
mod countries;
mod directory;
mod geo;
mod networks;
mod ready;

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use smallvec::SmallVec;
use xdr_model::{Token, Value};

use crate::field::{Field, Name};
use crate::map::Mapper;
use crate::record::Status;
use crate::settings::Settings;
use crate::sink::{Assumed, Constants, Issue, Origin, Sink};

pub use ahead::Seen;
pub use directory::{Directory, Fault, Person};
pub use geo::{Found, Geo, NoPlaces, Place};
pub use networks::{BadNetwork, Networks};
pub use ready::Ready;

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

    /// How many bytes it is likely to add to a line.
    #[inline]
    pub(crate) const fn room(&self) -> usize {
        /// Two places of three tokens.
        const PLACES: usize = 320;
        /// What a directory knows of a user.
        const PERSON: usize = 128;
        (if self.geo.is_some() { PLACES } else { 0 }) + (if self.directory.is_some() { PERSON } else { 0 })
    }
}

/// The ways to enrich.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Declared {
    /// What looks up.
    pub by: By,
    /// The tokens that are read. Of each list the first that has a value counts. Networks have two lists: source and destination.
    pub reads: &'static [&'static [Token]],
    /// The tokens that are filled.
    pub fills: &'static [Token],
    /// Whether one of the tokens that are filled comes before one that is read, in the schema's order.
    pub ahead: bool,
}

/// What a filled token gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The direction between networks.
    Context,
    /// What the directory's column of the token's name says.
    Column,
    /// Latitude and longitude of the address with this number among those looked up.
    Coordinates(u8),
    /// Its country.
    Country(u8),
    /// Its city.
    City(u8),
}

/// Whether a run has something to look up in for what is declared.
pub fn is_given(declared: &[Declared], settings: &Settings) -> bool {
    declared.iter().any(|one| settings.enrichment.can(one.by))
}

/// What was looked up, and what came of it.
type Asked<T> = Option<Option<T>>;

/// A sink that hands everything on, keeps the values that enrichments read, and fills the tokens that are asked for.
#[derive(Debug)]
pub struct Enriching<'s, 'a, S> {
    sink: &'s mut S,
    declared: &'static [Declared],
    with: &'a Enrichment,
    addresses: SmallVec<[(Token, IpAddr); 4]>,
    /// The tokens of users, if there is a directory.
    users: &'static [Token],
    texts: SmallVec<[(Token, Cow<'a, str>); 2]>,
    context: Asked<&'static str>,
    person: Asked<Person<'a>>,
    /// The place of the address with this number. The tokens of one place stand together, so that of one address is enough.
    place: Option<(u8, Option<Found<'a>>)>,
    /// Whether values have to be kept: something is looked up behind those that it reads.
    keeps: bool,
}

impl<'s, 'a, S: Sink<'a>> Enriching<'s, 'a, S> {
    /// A sink in front of `sink`.
    #[inline]
    pub fn new(sink: &'s mut S, declared: &'static [Declared], settings: &'a Settings) -> Self {
        let with = &settings.enrichment;
        let (mut users, mut keeps): (&'static [Token], _) = (&[], false);
        for one in declared.iter().filter(|one| with.can(one.by)) {
            keeps |= !one.ahead;
            if let (By::Directory, [tokens]) = (one.by, one.reads) {
                users = tokens;
            }
        }
        Self {
            sink,
            declared,
            with,
            addresses: SmallVec::new(),
            users,
            texts: SmallVec::new(),
            context: None,
            person: None,
            place: None,
            keeps,
        }
    }

    /// What is declared by `by`; of several the one with this number.
    fn reads(&self, by: By, number: u8) -> &'static [&'static [Token]] {
        let mut declared = self.declared.iter().filter(|one| one.by == by && self.with.can(by));
        declared.nth(usize::from(number)).map(|one| one.reads).unwrap_or_default()
    }

    #[inline]
    fn address(&self, tokens: &[Token]) -> Option<IpAddr> {
        let known = |token: &Token| self.addresses.iter().find(|(known, _)| known == token);
        tokens.iter().find_map(known).map(|(_, address)| *address)
    }

    /// Which sides of the event are local.
    #[inline(never)]
    fn context(&mut self, token: Token, origin: Origin<'a>) -> bool {
        let context = self.context.unwrap_or_else(|| match self.reads(By::Networks, 0) {
            [source, destination] => self
                .address(source)
                .zip(self.address(destination))
                .and_then(|(source, destination)| self.with.networks.context(source, destination)),
            _ => None,
        });
        self.context = Some(context);
        if let Some(text) = context {
            self.sink.text(token, text, origin);
        }
        context.is_some()
    }

    /// Looks up the user.
    #[inline(never)]
    fn find_person(&mut self) -> Option<Person<'a>> {
        let known = |token: &Token| self.texts.iter().find(|(known, _)| known == token);
        let user = self.users.iter().find_map(known);
        let directory = self.with.directory.as_ref();
        let person = directory.zip(user).and_then(|(all, (_, user))| all.person(user));
        self.person = Some(person);
        person
    }

    /// Fills a token with a part of the place of the address with this number.
    #[inline]
    fn placed(&mut self, number: u8, token: Token, part: Part, origin: Origin<'a>) -> bool {
        let Some(geo) = &self.with.geo else { return false };
        if !matches!(&self.place, Some((known, _)) if *known == number) {
            self.find_place(geo, number);
        }
        match &self.place {
            Some((_, Some(Found::Kept(place)))) => {
                let text = place.part(part);
                let some = !text.is_empty();
                if some {
                    self.sink.ready(token, text, origin);
                }
                some
            }
            Some((_, Some(Found::Loose(place)))) => {
                let text = place.part(part).to_string();
                let some = !text.is_empty();
                if some {
                    self.sink.value(token, Value::Text(Cow::Owned(text)), origin);
                }
                some
            }
            Some((_, None)) | None => false,
        }
    }

    /// Looks up the address with this number.
    #[inline(never)]
    fn find_place(&mut self, geo: &'a Geo, number: u8) {
        let address = self.reads(By::Geo, number).first().and_then(|tokens| self.address(tokens));
        self.place = Some((number, address.and_then(|address| geo.place(address))));
    }

    /// Keeps what may be read.
    #[inline]
    fn keep(&mut self, token: Token, value: &Value<'a>) {
        let address = match value {
            Value::Ipv4(address) => IpAddr::V4(*address),
            Value::Ipv6(address) => IpAddr::V6(*address).to_canonical(),
            Value::Ip(address) => address.to_canonical(),
            Value::Text(text) => return self.keep_text(token, || text.clone()),
            _ => return,
        };
        self.addresses.push((token, address));
    }

    #[inline]
    fn keep_text(&mut self, token: Token, text: impl FnOnce() -> Cow<'a, str>) {
        if self.is_user(token) {
            self.texts.push((token, text()));
        }
    }

    /// Whether a user stands in this token. It is asked of every text, and sources have one or two such tokens.
    #[inline]
    fn is_user(&self, token: Token) -> bool {
        match self.users {
            [] => false,
            [one] => *one == token,
            [one, other] => *one == token || *other == token,
            more => more.contains(&token),
        }
    }
}

/// Whether enrichments read values of its kind.
#[inline]
fn may_be_read(value: &Value<'_>) -> bool {
    matches!(value, Value::Ipv4(_) | Value::Ipv6(_) | Value::Ip(_) | Value::Text(_))
}

impl<'a, S: Sink<'a>> Sink<'a> for Enriching<'_, 'a, S> {
    #[expect(clippy::inline_always, reason = "handing on must not cost a call with two copies")]
    #[inline(always)]
    fn value(&mut self, token: Token, value: Value<'a>, origin: Origin<'a>) {
        if self.keeps && may_be_read(&value) {
            self.keep(token, &value);
        }
        self.sink.value(token, value, origin);
    }

    #[expect(clippy::inline_always, reason = "handing on must not cost a call with two copies")]
    #[inline(always)]
    fn printed(&mut self, token: Token, value: &Value<'a>, text: &'a str, origin: Origin<'a>) {
        if self.keeps && may_be_read(value) {
            self.keep(token, value);
        }
        self.sink.printed(token, value, text, origin);
    }

    #[expect(clippy::inline_always, reason = "handing on must not cost a call with two copies")]
    #[inline(always)]
    fn text(&mut self, token: Token, text: &'a str, origin: Origin<'a>) {
        self.keep_text(token, || Cow::Borrowed(text));
        self.sink.text(token, text, origin);
    }

    #[inline]
    fn constants(&mut self, constants: &'static Constants) {
        for (token, text, _) in constants.list {
            self.keep_text(*token, || Cow::Borrowed(text));
        }
        self.sink.constants(constants);
    }

    fn escaped(&mut self, token: Token, origin: Origin<'a>) {
        self.keep_text(token, || origin.field.decoded());
        self.sink.escaped(token, origin);
    }

    fn joined(&mut self, token: Token, list: &[Cow<'a, str>], separator: &'static str, origin: Origin<'a>) {
        self.keep_text(token, || Cow::Owned(list.join(separator)));
        self.sink.joined(token, list, separator, origin);
    }

    fn texts(&mut self, token: Token, list: &[Cow<'a, str>], origin: Origin<'a>) {
        self.sink.texts(token, list, origin);
    }

    fn enriched(&mut self, token: Token, part: Part, origin: Origin<'a>) -> bool {
        match part {
            Part::Context => self.context(token, origin),
            Part::Column if self.users.is_empty() => false,
            Part::Column => {
                let person = self.person.unwrap_or_else(|| self.find_person());
                let cell = person.and_then(|person| person.get(token));
                if let Some(text) = cell {
                    self.sink.ready(token, text, origin);
                }
                cell.is_some()
            }
            Part::Coordinates(number) | Part::Country(number) | Part::City(number) => {
                self.placed(number, token, part, origin)
            }
        }
    }

    fn issue(&mut self, issue: Issue<'a>) {
        self.sink.issue(issue);
    }

    fn assumed(&mut self, what: Assumed) {
        self.sink.assumed(what);
    }

    fn account(&mut self, status: Status, message: Option<&'a str>) {
        self.sink.account(status, message);
    }

    fn unmapped(&mut self, name: Name<'a>, fields: &[Field<'a>]) {
        self.sink.unmapped(name, fields);
    }
}

impl<'a, S: Sink<'a>, const N: usize> Mapper<'_, 'a, S, N> {
    /// A text that is found outside the record.
    pub fn enriched(&mut self, token: Token, part: Part, row: u16) -> bool {
        self.sink().enriched(token, part, Origin { row, field: Field::default() })
    }

    /// A list of labels: the spec's own, and those of the run that are not among them.
    pub fn tagged(&mut self, token: Token, own: &[&'static str], row: u16) -> bool {
        let run = &self.settings().enrichment.tags;
        if own.is_empty() && run.is_empty() {
            return false;
        }
        let more = run.iter().map(String::as_str).filter(|tag| !own.contains(tag));
        let mut list: SmallVec<[Cow<'a, str>; 4]> = SmallVec::new();
        list.extend(own.iter().copied().chain(more).map(Cow::Borrowed));
        let some = !list.is_empty();
        if some {
            self.sink().texts(token, &list, Origin { row, field: Field::default() });
        }
        some
    }
}
