//! The headers that most records have, read at fixed places: `<166>Mar 04 2024 07:08:09 fw7 : `, the same without year or colon, and
//! `<134>1 2024-03-14T07:08:09Z fw7 `. Whatever is only a little different is left to the lenient reader, which finds the same in
//! these.

use xdr_model::read;

use super::found::Found;
use super::piece::is_level;

/// What such a header has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Usual<'a> {
    pub(super) pri: &'a str,
    pub(super) time: &'a str,
    pub(super) host: &'a str,
}

impl<'a> From<Usual<'a>> for Found<'a> {
    fn from(Usual { pri, time, host }: Usual<'a>) -> Self {
        Self { pri: Some(pri), time: Some(time), host: Some(host), ..Self::default() }
    }
}

/// The parts of a header that fills the text; `None` if it is another one.
pub(super) fn read(text: &str) -> Option<Usual<'_>> {
    let behind = text.strip_prefix('<')?;
    let (pri, rest) = match behind.as_bytes() {
        [b'1'..=b'9', b'>', ..] => behind.split_at_checked(1)?,
        [b'1'..=b'9', b'0'..=b'9', b'>', ..] => behind.split_at_checked(2)?,
        [b'1', b'0'..=b'8', b'0'..=b'9', b'>', ..] | [b'1', b'9', b'0' | b'1', b'>', ..] => {
            behind.split_at_checked(3)?
        }
        _ => return None,
    };
    let rest = rest.get(1..)?;
    let versioned = rest.strip_prefix("1 ");
    let stamped = versioned.unwrap_or(rest);
    let length = if versioned.is_some() { iso(stamped.as_bytes()) } else { bsd(stamped.as_bytes()) }?;
    let (time, rest) = stamped.split_at_checked(length)?;
    let rest = rest.strip_prefix(' ')?;
    let end = rest.bytes().position(|byte| matches!(byte, b' ' | b':')).unwrap_or(rest.len());
    let (host, rest) = rest.split_at_checked(end)?;
    let is_end =
        matches!(rest, "" | " ") || (versioned.is_none() && matches!(rest, ":" | ": " | " :" | " : "));
    if !is_end || !is_plain_host(host) {
        return None;
    }
    Some(Usual { pri, time, host })
}

/// A name or an IPv4 address that nothing else can be: no zone word, no level such as `local4.info`.
fn is_plain_host(host: &str) -> bool {
    let (mut letters, mut dots, mut small) = (false, false, false);
    for byte in host.bytes() {
        match byte {
            b'a'..=b'z' => (letters, small) = (true, true),
            b'A'..=b'Z' => letters = true,
            b'.' => (dots, small) = (true, true),
            b'0'..=b'9' | b'-' | b'_' => small = true,
            _ => return false,
        }
    }
    let begins = host.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric);
    begins && small && if letters { !(dots && is_level(host)) } else { read::ipv4(host).is_ok() }
}

/// The length of `Mmm dd hh:mm:ss`, or with a year of four digits behind the day.
fn bsd(bytes: &[u8]) -> Option<usize> {
    let (month, rest) = bytes.split_first_chunk::<3>()?;
    let known = matches!(
        month,
        b"Jan"
            | b"Feb"
            | b"Mar"
            | b"Apr"
            | b"May"
            | b"Jun"
            | b"Jul"
            | b"Aug"
            | b"Sep"
            | b"Oct"
            | b"Nov"
            | b"Dec"
    );
    let rest = match rest {
        [b' ', b' ' | b'0'..=b'3', b'0'..=b'9', b' ', rest @ ..] if known => rest,
        _ => return None,
    };
    if is_clock(rest) {
        return Some(15);
    }
    match rest {
        [b'0'..=b'9', b'0'..=b'9', b'0'..=b'9', b'0'..=b'9', b' ', rest @ ..] if is_clock(rest) => Some(20),
        _ => None,
    }
}

/// The length of `2024-03-14T07:08:09`, with `Z` or an offset with a colon, or without.
fn iso(bytes: &[u8]) -> Option<usize> {
    let [
        b'0'..=b'9',
        b'0'..=b'9',
        b'0'..=b'9',
        b'0'..=b'9',
        b'-',
        b'0'..=b'9',
        b'0'..=b'9',
        b'-',
        b'0'..=b'9',
        b'0'..=b'9',
        b'T',
        rest @ ..,
    ] = bytes
    else {
        return None;
    };
    if !is_clock(rest) {
        return None;
    }
    match rest.get(8..)? {
        [b' ', ..] => Some(19),
        [b'Z', b' ', ..] => Some(20),
        [b'+' | b'-', b'0'..=b'9', b'0'..=b'9', b':', b'0'..=b'9', b'0'..=b'9', b' ', ..] => Some(25),
        _ => None,
    }
}

/// Whether `hh:mm:ss` opens the text, and a blank, an offset or nothing follows.
fn is_clock(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [b'0'..=b'9', b'0'..=b'9', b':', b'0'..=b'9', b'0'..=b'9', b':', b'0'..=b'9', b'0'..=b'9', rest @ ..]
            if !matches!(rest, [b'0'..=b'9' | b'.', ..])
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::syslog::bounded;
    use proptest::prelude::{prop_assert_eq, proptest};

    #[test]
    fn usual_headers_are_read() {
        for header in [
            "<166>Mar 04 2024 07:08:09 fw7 : ",
            "<166>Mar  4 07:08:09 fw-7.: ",
            "<6>Mar 14 07:08:09 192.0.2.1 ",
            "<134>1 2024-03-14T07:08:09Z fw_7 ",
            "<191>1 2024-03-14T07:08:09+01:00 192.0.2.1",
            "<166>Mar 04 2024 07:08:09 fw.example.com : ",
        ] {
            let found = read(header).map(Found::from);
            assert!(found.is_some(), "{header}");
            assert_eq!(found, bounded::read(header), "{header}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_the_lenient_reader_reads(
            header in "<[0-9]{1,3}>(1 )?(Mar|May|XYZ)? ?([0-9]{1,2} )?([0-9]{4}[ -])?([0-9]{2}-[0-9]{2}T)?[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:?[0-9]{2}|\\.[0-9])? ?([a-zA-Z0-9._-]{0,6}|fw.example.com|UTC|info|local4.info|192.0.2.1)[ :]{0,3}",
            close in "<1[0-9]{2}>(1 2024-03-14T07:08:09Z|Mar 04 2024 07:08:09|Mar  4 07:08:09) ([a-zA-Z0-9._-]{1,6}|fw.example.com|UTC|EST|kern.notice|local4.info|192.0.2.1|300.1.1.1)[ :]{0,3}",
        ) {
            for header in [header, close] {
                if let Some(found) = read(&header).map(Found::from) {
                    prop_assert_eq!(Some(found), bounded::read(&header), "{}", header);
                }
            }
        }
    }
}
