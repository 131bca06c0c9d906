//! LEEF, the Log Event Extended Format: `LEEF:1.0|vendor|product|version|event|key=value<tab>key=value`.
//!
//! In version 2.0 one more part may say what stands between the pairs instead of a tab: a character, or its number in hexadecimal digits,
//! as `x5E` or `0x5E`. Many writers of 2.0 leave the part out, or leave it empty, and write tabs. The format has no escapes: a part of
//! the header ends at the next bar, a pair at the next separator, a key at the first `=`. Blanks around keys and values are no part of them.

use xdr_model::pattern::Target;

use crate::field::{Fault, Field, Fill, Name};
use crate::format::cef::header;
use crate::format::extension::{Extension, Pair};
use crate::format::part::Key;
use crate::format::text::{after, slice, trim};
use crate::format::{Miss, put};
use crate::lookup::Lookup;
use crate::record::Scratch;

/// How a spec reads LEEF.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Leef {
    /// Where the text in front of `LEEF:` goes.
    pub prefix: Target<'static>,
    /// Where the format's own version goes.
    pub version: Target<'static>,
    /// Where the device's vendor goes.
    pub vendor: Target<'static>,
    /// Where the device's product goes.
    pub product: Target<'static>,
    /// Where the device's version goes.
    pub device_version: Target<'static>,
    /// Where the event's id goes.
    pub event: Target<'static>,
    /// The keys that a spec lists.
    pub keys: &'static [Key],
    /// Where the keys stand.
    pub lookup: Lookup,
    /// Whether `cs1Label` and the like name the value of `cs1`.
    pub labels: bool,
}

/// The word that a header begins with.
const MARK: &str = "LEEF:";

/// Reads all of `text`. Unlisted keys are extras under their own names. A repeated key is a fault, and its first value holds.
///
/// # Errors
/// There is no header, or it ends before its parts are there.
pub fn read<'a>(
    form: &Leef,
    text: &'a str,
    scratch: &'a Scratch,
    fill: &mut impl Fill<'a>,
) -> Result<(), Miss> {
    let (prefix, version) = header(text, MARK).ok_or(Miss { at: 0, expected: "`LEEF:` and a version" })?;
    let parts = [
        (form.vendor, "`|` behind the vendor"),
        (form.product, "`|` behind the product"),
        (form.device_version, "`|` behind the device's version"),
    ];
    let mut rest = after(text, version.end + 1);
    let mut found = [""; 3];
    for (part, (_, expected)) in found.iter_mut().zip(parts) {
        (*part, rest) = rest.split_once('|').ok_or(Miss { at: text.len(), expected })?;
    }
    // Some writers leave the last bar out where nothing follows.
    let (event, rest) = rest.split_once('|').unwrap_or((rest, ""));
    let version = slice(text, version.start, version.end);
    let (separator, attributes) =
        if version.starts_with('1') { None } else { separator(rest) }.unwrap_or(('\t', rest));
    if !prefix.is_empty() {
        put(fill, &form.prefix, prefix);
    }
    put(fill, &form.version, version);
    for (part, (target, _)) in found.into_iter().zip(parts).chain([(event, (form.event, ""))]) {
        put(fill, &target, trim(part));
    }
    for piece in
        attributes.split(separator).map(trim).filter(|piece| !piece.is_empty() && pair(piece).is_none())
    {
        let name = Name::known("leef.attributes");
        fill.fault(Fault { name, value: Field::text(piece), reason: "no key in front of it" });
    }
    let Leef { keys, lookup, labels, .. } = *form;
    Extension { keys, lookup, labels }.read(attributes.split(separator).filter_map(pair), scratch, fill);
    Ok(())
}

/// What a header of version 2.0 says of the separator, if it says anything, and the attributes.
fn separator(rest: &str) -> Option<(char, &str)> {
    let (part, attributes) = rest.split_once('|')?;
    let mut chars = part.chars();
    let separator = match (chars.next(), chars.next()) {
        (None, _) => '\t',
        (Some(one), None) => one,
        _ => {
            let digits = part.strip_prefix("0x").or_else(|| part.strip_prefix('x'))?;
            if digits.len() > 4 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return None;
            }
            char::from_u32(u32::from_str_radix(digits, 16).ok()?)?
        }
    };
    Some((separator, attributes))
}

fn pair(piece: &str) -> Option<Pair<'_>> {
    let (key, value) = piece.split_once('=')?;
    let key = trim(key);
    (!key.is_empty()).then(|| Pair { key, value: Field::text(trim(value)) })
}

#[cfg(test)]
mod tests;
