//! Addresses, with or without a port.

use std::borrow::Cow;
use std::net::IpAddr;

use smallvec::SmallVec;
use xdr_model::{Kind, Refusal, Token, Value, read};

use super::convert::{accepted, socket, sole, taken};
use super::{Mapper, Members};
use crate::field::Field;
use crate::sink::{Reason, Sink};

impl<'a, S: Sink<'a>, const N: usize> Mapper<'_, 'a, S, N> {
    /// The address of an address with a port.
    #[inline]
    pub fn socket(&mut self, token: Token, slot: u16, row: u16, others: &[Kind]) -> bool {
        self.has(slot) && self.socket_of(token, slot, row, others)
    }

    fn socket_of(&mut self, token: Token, slot: u16, row: u16, others: &[Kind]) -> bool {
        let field = self.parts.slot(slot);
        if !field.has_value() {
            return false;
        }
        let host = || {
            let text = sole(field, &[token]).ok_or(Refusal::NotSocket)?;
            socket(text).map(|(host, _)| host)
        };
        match host().and_then(|host| self.read(token, host, slot, row)) {
            Ok(put) => put,
            Err(_) if host().is_ok_and(|host| accepted(token, others, &host)) => false,
            Err(refusal) => self.refuse(token, slot, Reason::Refused(refusal)),
        }
    }

    /// The address of an address with a port which the row's own token, and those named before this one, have refused.
    #[inline]
    pub fn socket_refused(&mut self, token: Token, slot: u16, row: u16, by: &[Token]) -> bool {
        self.has(slot) && !self.was_ipv4(slot, by) && self.socket_refused_of(token, slot, row, by)
    }

    fn socket_refused_of(&mut self, token: Token, slot: u16, row: u16, by: &[Token]) -> bool {
        let Some(text) = sole(self.parts.slot(slot), by) else { return false };
        let Ok((host, _)) = socket(text) else { return false };
        !taken(by, &host) && self.spare(token, host, slot, row)
    }

    /// The port of an address with a port; nothing if there is none, or if the address itself became no value: a port of another
    /// address would lie.
    pub fn socket_port(&mut self, token: Token, slot: u16, row: u16) -> bool {
        let field = self.parts.slot(slot);
        if !field.has_value() || !self.is_told(slot) {
            return false;
        }
        match socket(field.decoded()) {
            // Port 0 stands for no port.
            Ok((_, Some(port))) if port.bytes().all(|digit| digit == b'0') => false,
            Ok((_, Some(port))) => match self.read(token, port, slot, row) {
                Ok(put) => put,
                Err(refusal) => self.refuse(token, slot, Reason::Refused(refusal)),
            },
            _ => false,
        }
    }

    /// A list of addresses: an address with or without a port, or a JSON array of them. Members that are none are issues.
    pub fn addresses(
        &mut self,
        token: Token,
        slot: u16,
        row: u16,
        separator: Option<&str>,
        others: &[Kind],
    ) -> bool {
        if !self.has(slot) {
            return false;
        }
        let mut members = Members::new();
        if self.members(token, slot, separator, &mut members) != Some(true) {
            return false;
        }
        let mut list: SmallVec<[IpAddr; 2]> = SmallVec::new();
        // A member that another token takes goes there if it is alone.
        let others = if members.len() == 1 { others } else { &[] };
        for member in &members {
            // Mostly without a port.
            let address = read::ip(member);
            match address.or_else(|_| read::socket(member).and_then(|(host, _)| read::ip(host))) {
                Ok(address) => list.push(address),
                Err(_)
                    if accepted(token, others, read::socket(member).map_or(&**member, |(host, _)| host)) => {}
                // The other members are good all the same.
                Err(refusal) => {
                    let value = match member {
                        Cow::Borrowed(text) => Field::text(text),
                        Cow::Owned(_) => self.parts.slot(slot),
                    };
                    self.refuse_value(token, slot, value, Reason::Refused(refusal));
                }
            }
        }
        !list.is_empty() && self.put(token, Value::IpList(list), slot, row)
    }
}
