//! Conversions as the language's reference says them, for texts whose value was chosen.

use std::net::{Ipv4Addr, Ipv6Addr};

use serde_json::Value as Json;
use xdr_codegen::ir::ValueMap;
use xdr_model::{Kind, Token};

use super::value::Value;

/// The value that a text is for a token; `Err`: it is refused, and why in a word.
pub(super) fn by_kind(token: Token, value: &Value) -> Result<Json, &'static str> {
    let text = value.text.as_str();
    let number = |text: &str| text.parse::<i64>().ok();
    Ok(match token.kind() {
        Kind::String | Kind::StringList | Kind::Timestamp => Json::from(text),
        Kind::Integer => Json::from(number(text).ok_or("integer")?),
        Kind::Ipv4 => Json::from(ipv4(text).ok_or("ipv4")?),
        Kind::Ipv6 => Json::from(ipv6(text).ok_or("ipv6")?),
        Kind::Ip | Kind::IpList => Json::from(ip(text).ok_or("ip")?),
        Kind::Port => {
            let port = text.parse::<u16>().ok().filter(|_| is_digits(text));
            Json::from(port.ok_or(if is_digits(text) { "port range" } else { "port" })?)
        }
        Kind::Duration => Json::from(value.seconds.or_else(|| seconds(text)).ok_or("duration")?),
        Kind::Uuid => Json::from(uuid::Uuid::try_parse(text).map_err(|_| "uuid")?.hyphenated().to_string()),
        Kind::Hash => {
            let length = token
                .hash_digits()
                .map_or_else(|| matches!(text.len(), 32 | 40 | 64 | 96 | 128), |digits| text.len() == digits);
            let is_hash = text.bytes().all(|byte| byte.is_ascii_hexdigit());
            Json::from((is_hash && length).then_some(text).ok_or("hash")?)
        }
        Kind::Boolean => match text.to_ascii_lowercase().as_str() {
            "true" => Json::Bool(true),
            "false" => Json::Bool(false),
            _ => return Err("boolean"),
        },
    })
}

/// The seconds of a number of them, or of a clock such as `26:03:04`.
fn seconds(text: &str) -> Option<u64> {
    let parts: Vec<&str> = text.split(':').collect();
    if !parts.iter().all(|part| is_digits(part)) {
        return None;
    }
    match *parts {
        [seconds] => seconds.parse().ok(),
        [hours, minutes, seconds] if minutes.len() == 2 && seconds.len() == 2 => {
            let below_60 = |part: &str| part.parse::<u64>().ok().filter(|number| *number < 60);
            Some(hours.parse::<u64>().ok()? * 3600 + below_60(minutes)? * 60 + below_60(seconds)?)
        }
        _ => None,
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn ipv4(text: &str) -> Option<String> {
    text.parse::<Ipv4Addr>().ok().map(|address| address.to_string())
}

fn ipv6(text: &str) -> Option<String> {
    text.parse::<Ipv6Addr>().ok().map(|address| address.to_string())
}

/// An address of either version in its short form.
pub(super) fn ip(text: &str) -> Option<String> {
    ipv4(text).or_else(|| ipv6(text))
}

/// The pieces between separators, without blanks around them and those that are empty. A separator in parentheses is none, if all of
/// them are closed.
pub(super) fn pieces<'t>(text: &'t str, separator: &str) -> impl Iterator<Item = &'t str> {
    let open = |text: &str| {
        text.chars().fold(0_usize, |open, letter| match letter {
            '(' => open + 1,
            ')' => open.saturating_sub(1),
            _ => open,
        })
    };
    let (mut pieces, mut rest, mut end) = (Vec::new(), text, 0);
    while let Some(at) = rest.get(end..).and_then(|behind| behind.find(separator)).map(|at| at + end) {
        let (piece, behind) = rest.split_at_checked(at).unwrap_or((rest, ""));
        end = at + separator.len();
        if open(text) == 0 && open(piece) > 0 {
            continue;
        }
        pieces.push(piece);
        (rest, end) = (behind.strip_prefix(separator).unwrap_or_default(), 0);
    }
    pieces.push(rest);
    pieces.into_iter().map(str::trim).filter(|piece| !piece.is_empty())
}

/// Host and port of an address with a port, or the host alone; `None` if the text is neither.
pub(super) fn socket(value: &Value) -> Option<(String, Option<u32>)> {
    if let Some((host, port)) = &value.socket {
        return Some((host.clone(), Some((*port).into())));
    }
    let text = value.text.as_str();
    if ip(text).is_some() || !text.contains(':') {
        return (!text.is_empty()).then(|| (text.to_owned(), None));
    }
    let (host, port) = text.rsplit_once(':')?;
    let bare = !host.is_empty() && !host.contains([':', '[']) && is_digits(port);
    bare.then(|| Some((host.to_owned(), Some(port.parse().ok()?)))).flatten()
}

/// Whether one of these kinds takes a text that a token refuses.
pub(super) fn accepted(token: Token, kinds: &[Kind], text: &str) -> bool {
    !broken(token, text) && kinds.iter().any(|kind| accepts(*kind, text))
}

/// Whether a token takes a text, so that none does that comes behind it.
pub(super) fn taken(tokens: &[Token], text: &str) -> bool {
    let value = Value::text(text);
    tokens.iter().any(|token| broken(*token, text) || by_kind(*token, &value).is_ok())
}

/// Whether a text for an address is a broken one: digits and dots alone are no host's name, nor are signs, nor is what has blanks,
/// quotes or brackets in it.
fn broken(token: Token, text: &str) -> bool {
    matches!(token.kind(), Kind::Ipv4 | Kind::Ipv6 | Kind::Ip | Kind::IpList)
        && ip(text).is_none()
        && (!text.bytes().any(|byte| byte.is_ascii_alphabetic() || byte >= 128)
            || text.bytes().any(|byte| byte.is_ascii_whitespace() || b"\"<>()\\,;".contains(&byte)))
}

fn accepts(kind: Kind, text: &str) -> bool {
    match kind {
        Kind::String | Kind::StringList => true,
        Kind::Ipv4 => ipv4(text).is_some(),
        Kind::Ipv6 => ipv6(text).is_some(),
        Kind::Ip | Kind::IpList => ip(text).is_some(),
        Kind::Integer => text.parse::<i64>().is_ok(),
        Kind::Port => is_digits(text) && text.parse::<u16>().is_ok(),
        Kind::Duration => seconds(text).is_some(),
        Kind::Uuid => uuid::Uuid::try_parse(text).is_ok(),
        Kind::Boolean => text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false"),
        Kind::Timestamp | Kind::Hash => false,
    }
}

/// The normalised value of a text.
pub(super) fn mapped<'m>(map: &'m ValueMap, text: &str) -> Option<&'m str> {
    if !map.ranges.is_empty() {
        let number: i64 = text.parse().ok()?;
        let range = map.ranges.iter().find(|(low, high, _)| (*low..=*high).contains(&number));
        return range.map(|(_, _, value)| value.as_str());
    }
    let same = |from: &String| if map.fold { from.eq_ignore_ascii_case(text) } else { from == text };
    map.cases.iter().find(|(from, _)| same(from)).map(|(_, value)| value.as_str())
}

/// A text's base name, or the folder in front of it.
pub(super) fn cut(text: &str, base: bool) -> &str {
    match (text.rfind(['/', '\\']), base) {
        (Some(at), true) => text.get(at + 1..).unwrap_or_default(),
        (Some(at), false) => text.get(..at).unwrap_or_default(),
        (None, true) => text,
        (None, false) => "",
    }
}
