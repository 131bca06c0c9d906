//! Texts as addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use memchr::memchr;

use super::{Refusal, is_digits, refuse};

/// An IPv4 address: four decimal bytes without leading zeros, joined by dots.
///
/// # Errors
/// [`Refusal::NotIpv4`].
pub fn ipv4(text: &str) -> Result<Ipv4Addr, Refusal> {
    octets(text.as_bytes()).map(Ipv4Addr::from).ok_or_else(|| refuse(text, Refusal::NotIpv4))
}

#[inline]
fn octets(text: &[u8]) -> Option<[u8; 4]> {
    let mut octets = [0; 4];
    let mut rest = text;
    for (at, octet) in octets.iter_mut().enumerate() {
        if at > 0 {
            rest = rest.strip_prefix(b".")?;
        }
        (*octet, rest) = self::octet(rest)?;
    }
    rest.is_empty().then_some(octets)
}

/// The number from 0 to 255 that opens a text, and what follows it. A zero in front of another digit could be meant as octal: then the
/// zero is all of the number, and a digit follows where a dot or the end must.
#[inline]
fn octet(text: &[u8]) -> Option<(u8, &[u8])> {
    match text {
        [a @ b'1'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', rest @ ..] => {
            let number = u16::from(a - b'0') * 100 + u16::from(b - b'0') * 10 + u16::from(c - b'0');
            u8::try_from(number).ok().zip(Some(rest))
        }
        [a @ b'1'..=b'9', b @ b'0'..=b'9', rest @ ..] => Some(((a - b'0') * 10 + (b - b'0'), rest)),
        [a @ b'0'..=b'9', rest @ ..] => Some((a - b'0', rest)),
        _ => None,
    }
}

/// An IPv6 address, in any form that RFC 4291 allows.
///
/// # Errors
/// [`Refusal::NotIpv6`], or [`Refusal::ZoneSuffix`] for an address followed by `%zone`.
pub fn ipv6(text: &str) -> Result<Ipv6Addr, Refusal> {
    if let Some(address) = usual_ipv6(text.as_bytes()) {
        return Ok(address);
    }
    text.parse().map_err(|_| match text.split_once('%') {
        Some((address, _)) if address.parse::<Ipv6Addr>().is_ok() => Refusal::ZoneSuffix,
        _ => refuse(text, Refusal::NotIpv6),
    })
}

/// An IPv6 address of hexadecimal groups; `None` for other forms, and for most of what is no address.
pub(super) fn usual_ipv6(bytes: &[u8]) -> Option<Ipv6Addr> {
    let mut groups = [0_u16; 8];
    let mut count = 0;
    // How many groups stand in front of `::`.
    let mut gap = None;
    let mut rest = bytes;
    if let Some(after) = rest.strip_prefix(b"::") {
        gap = Some(0);
        rest = after;
    }
    while !rest.is_empty() {
        let mut group = 0;
        let mut digits = 0;
        while let Some((digit, after)) = rest.split_first()
            && let Some(value) = hex(*digit)
        {
            group = group << 4 | u16::from(value);
            digits += 1;
            rest = after;
        }
        if digits == 0 || digits > 4 {
            return None;
        }
        *groups.get_mut(count)? = group;
        count += 1;
        match rest {
            [] => break,
            [b':', b':', after @ ..] if gap.is_none() => {
                gap = Some(count);
                rest = after;
            }
            [b':', after @ ..] if !after.is_empty() => rest = after,
            _ => return None,
        }
    }
    match gap {
        None if count == 8 => {}
        Some(gap) if count < 8 => groups.get_mut(gap..)?.rotate_right(8 - count),
        _ => return None,
    }
    Some(Ipv6Addr::from(groups))
}

/// An address of either version.
///
/// # Errors
/// [`Refusal::NotIp`], or [`Refusal::ZoneSuffix`] for an IPv6 address followed by `%zone`.
pub fn ip(text: &str) -> Result<IpAddr, Refusal> {
    if let Ok(address) = ipv4(text) {
        return Ok(IpAddr::V4(address));
    }
    ipv6(text).map(IpAddr::V6).map_err(|refusal| match refusal {
        Refusal::NotIpv6 => Refusal::NotIp,
        other => other,
    })
}

/// A host or an address, without brackets, and the port that may follow it after a colon.
///
/// A scheme in front (`tcp://`) is passed over. Several colons without brackets are an IPv6 address: without a port if
/// the whole is one, else with a port after the last colon. The host is not checked further, the port has decimal
/// digits.
///
/// # Errors
/// [`Refusal::NotSocket`].
pub fn socket(text: &str) -> Result<(&str, Option<&str>), Refusal> {
    let bad = || refuse(text, Refusal::NotSocket);
    // No scheme holds a colon, so it ends at the first one.
    let colon = memchr(b':', text.as_bytes());
    // Mostly a port is all that follows it.
    if let Some((host, port)) = colon.and_then(|at| Some((text.get(..at)?, text.get(at + 1..)?)))
        && is_digits(port)
        && !host.is_empty()
        && !host.starts_with('[')
    {
        return Ok((host, Some(port)));
    }
    let after = colon.and_then(|at| text.get(at..)?.strip_prefix("://"));
    let place = match (colon.and_then(|at| text.get(..at)), after) {
        (Some(scheme), Some(place)) if is_scheme(scheme) => place,
        _ => text,
    };
    if let Some(inner) = place.strip_prefix('[') {
        let (host, after) = inner.split_once(']').ok_or_else(bad)?;
        return match after.strip_prefix(':') {
            _ if host.is_empty() => Err(bad()),
            None if after.is_empty() => Ok((host, None)),
            Some(port) if is_digits(port) => Ok((host, Some(port))),
            _ => Err(bad()),
        };
    }
    let Some((host, port)) = place.rsplit_once(':') else {
        return if place.is_empty() { Err(bad()) } else { Ok((place, None)) };
    };
    if host.contains(':') {
        if is_ipv6(place) {
            return Ok((place, None));
        }
        if !is_ipv6(host) {
            return Err(bad());
        }
    }
    if host.is_empty() || !is_digits(port) { Err(bad()) } else { Ok((host, Some(port))) }
}

fn is_ipv6(text: &str) -> bool {
    ipv6(text).is_ok()
}

/// RFC 3986, section 3.1.
fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}

#[inline]
const fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}
