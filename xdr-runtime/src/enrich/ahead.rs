//! Looking up before the record is mapped, for tokens that come before those that are read for them, as `eventContext` does.
//!
//! The tokens that are read are mapped once more, into a sink that keeps their value.

use std::net::IpAddr;

use xdr_model::{Token, Value};

use super::{By, Enriching};
use crate::field::{Field, Name};
use crate::map::Mapper;
use crate::record::{Parts, Status};
use crate::settings::Settings;
use crate::sink::{Assumed, Issue, Origin, Sink};

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

impl<'a, S: Sink<'a>> Enriching<'_, 'a, S> {
    /// Looks up what is declared to be looked up ahead. `read` maps one of the tokens that are read.
    pub fn ahead<const N: usize>(
        &mut self,
        parts: &Parts<'a, N>,
        names: &'static [&'static str; N],
        settings: &'a Settings,
        read: fn(&mut Mapper<'_, 'a, Seen<'a>, N>, Token),
    ) {
        self.ahead_by(parts, names, settings, read);
    }

    /// As [`Self::ahead`], by whatever maps one of the tokens.
    pub fn ahead_by<const N: usize>(
        &mut self,
        parts: &Parts<'a, N>,
        names: &'static [&'static str; N],
        settings: &'a Settings,
        read: impl Fn(&mut Mapper<'_, 'a, Seen<'a>, N>, Token),
    ) {
        let mut seen = Seen::default();
        let mut reader = Reader { mapper: Mapper::new(parts, names, settings, &mut seen), read };
        let (declared, with) = (self.declared, self.with);
        for one in declared.iter().filter(|one| one.ahead && with.can(one.by)) {
            match (one.by, one.reads) {
                (By::Networks, [source, destination]) => {
                    // Fewer records have a destination.
                    let destination = reader.address(destination);
                    let source = destination.and_then(|_| reader.address(source));
                    let both = source.zip(destination);
                    self.context = Some(both.and_then(|(source, to)| with.networks.context(source, to)));
                }
                (By::Directory, [user]) => {
                    let directory = with.directory.as_ref();
                    let person = directory.and_then(|all| match reader.first(user)? {
                        Value::Text(user) => all.person(&user),
                        _ => None,
                    });
                    self.person = Some(person);
                }
                // What a place reads is kept as if it had been mapped.
                (By::Geo, [address]) => {
                    for token in *address {
                        let known = reader.address(&[*token]);
                        self.addresses.extend(known.map(|known| (*token, known)));
                    }
                }
                _ => {}
            }
        }
    }
}

/// Reads tokens.
struct Reader<'m, 'a, F, const N: usize> {
    mapper: Mapper<'m, 'a, Seen<'a>, N>,
    read: F,
}

impl<'a, F, const N: usize> Reader<'_, 'a, F, N>
where
    F: Fn(&mut Mapper<'_, 'a, Seen<'a>, N>, Token),
{
    /// The value of the first token that has one.
    fn first(&mut self, tokens: &[Token]) -> Option<Value<'a>> {
        tokens.iter().find_map(|token| {
            (self.read)(&mut self.mapper, *token);
            self.mapper.sink().0.take()
        })
    }

    fn address(&mut self, tokens: &[Token]) -> Option<IpAddr> {
        match self.first(tokens)? {
            Value::Ipv4(address) => Some(IpAddr::V4(address)),
            Value::Ipv6(address) => Some(IpAddr::V6(address).to_canonical()),
            Value::Ip(address) => Some(address.to_canonical()),
            _ => None,
        }
    }
}
