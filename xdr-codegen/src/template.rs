//! The template language: text into pieces.
//!
//! ```text
//! template := piece*
//! piece    := literal | "{{" | "}}" | "{" inner "}"
//! inner    := "?" template | "|" template ("|" template)* | "@" part | name? "*"? (":" kind | "=" template)?
//! kind     := word | shape | choice
//! ```
//!
//! Names and parts are not looked up here; see `lower::pattern`.

use std::collections::BTreeMap;

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while, take_while1};
use nom::character::complete::{char, one_of};
use nom::combinator::{cut, map, opt, recognize, verify};
use nom::error::ParseError;
use nom::multi::{many0, many1, separated_list1};
use nom::sequence::delimited;
use nom::{IResult, Parser};
use xdr_model::pattern::{ByteSet, Run};

/// A piece of a template. Offsets are in bytes from the template's start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Text as it is.
    Literal(String),
    /// `{name}`, `{name:kind}`, `{*}`.
    Capture {
        /// Whose text this is.
        name: Name,
        /// What text it is.
        kind: Kind,
    },
    /// `{name=…}`.
    Group {
        /// Whose text this is.
        name: Name,
        /// What is captured.
        pieces: Vec<Piece>,
    },
    /// `{? …}`.
    Optional(Vec<Piece>),
    /// `{|a|b}`.
    Either(Vec<Vec<Piece>>),
    /// `{@part}`.
    Part {
        /// The part's name.
        name: String,
        /// Where it stands.
        at: usize,
    },
}

/// The name of a capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The field; empty in `{*}`. A leading underscore is still there.
    pub text: String,
    /// Whether the text is handed on to the next step.
    pub hand: bool,
    /// Where it stands.
    pub at: usize,
}

/// What a capture takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Open text, to the first place where the rest matches.
    Text,
    /// Open text, to the last such place.
    Last,
    /// All that is left.
    Rest,
    /// An IP address, by its characters.
    Address,
    /// Runs of characters.
    Shape(Vec<Run>),
    /// One of these words.
    Words(Vec<String>),
}

/// What is wrong with a template, and at which byte of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The byte.
    pub at: usize,
    /// What was found, or what was expected.
    pub message: String,
    /// The unknown kind, if that is what is wrong.
    pub kind: Option<String>,
}

/// The kinds of captures that have a name.
pub const KINDS: [&str; 10] =
    ["text", "word", "digit", "digits", "number", "hex", "name", "ip", "last", "rest"];

/// How deep braces may be nested.
const DEPTH: usize = 8;

/// Parses a template.
///
/// # Errors
/// The first place that is no template.
pub fn parse(text: &str) -> Result<Vec<Piece>, Fault> {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            // A `}` too many is found below, at its own place.
            b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH {
            return Err(Fault { at, message: format!("braces are nested deeper than {DEPTH}"), kind: None });
        }
    }
    match pieces(text, text, Inside::Nothing) {
        Ok(("", pieces)) => Ok(merge(pieces)),
        Ok((rest, _)) => {
            Err(fault(text, rest, "a `}` closes nothing; a literal brace is written `}}`", None))
        }
        Err(nom::Err::Error(broken) | nom::Err::Failure(broken)) => {
            let message = format!("expected {}", broken.expected.unwrap_or("`}`"));
            Err(fault(text, broken.rest, &message, broken.kind))
        }
        Err(nom::Err::Incomplete(_)) => Err(fault(text, "", "expected more text", None)),
    }
}

fn fault(whole: &str, rest: &str, message: &str, kind: Option<&str>) -> Fault {
    Fault { at: whole.len() - rest.len(), message: message.to_owned(), kind: kind.map(str::to_owned) }
}

/// A parse error: where, and what was expected there.
#[derive(Clone, Copy, Debug)]
struct Broken<'t> {
    rest: &'t str,
    expected: Option<&'static str>,
    kind: Option<&'t str>,
}

impl<'t> ParseError<&'t str> for Broken<'t> {
    fn from_error_kind(rest: &'t str, _: nom::error::ErrorKind) -> Self {
        Self { rest, expected: None, kind: None }
    }
    fn append(_: &'t str, _: nom::error::ErrorKind, other: Self) -> Self {
        other
    }
}

type Parsed<'t, T> = IResult<&'t str, T, Broken<'t>>;

fn broken<'t, T>(rest: &'t str, expected: &'static str) -> Parsed<'t, T> {
    Err(nom::Err::Failure(Broken { rest, expected: Some(expected), kind: None }))
}

/// What surrounds a template: decides which characters end it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Nothing,
    Braces,
    Bars,
}

fn pieces<'t>(whole: &'t str, text: &'t str, inside: Inside) -> Parsed<'t, Vec<Piece>> {
    many0(|rest| piece(whole, rest, inside)).parse(text)
}

fn piece<'t>(whole: &'t str, text: &'t str, inside: Inside) -> Parsed<'t, Piece> {
    let literal = |c: char| c != '{' && c != '}' && (inside != Inside::Bars || c != '|');
    let escape =
        verify(alt((tag("{{"), tag("}}"))), |escape: &str| inside == Inside::Nothing || escape == "{{");
    alt((
        map(take_while1(literal), |text: &str| Piece::Literal(single_blanks(text))),
        map(escape, |escape: &str| Piece::Literal(escape.get(..1).unwrap_or_default().to_owned())),
        delimited(char('{'), cut(|rest| inner(whole, rest)), cut(closing)),
    ))
    .parse(text)
}

/// A run of blanks stands for one or more, as one blank does: all that reads literals knows of one only.
fn single_blanks(text: &str) -> String {
    let mut before = None;
    let is_first = |c: &char| before.replace(*c) != Some(' ') || *c != ' ';
    text.chars().filter(is_first).collect()
}

fn closing(text: &str) -> Parsed<'_, ()> {
    match text.strip_prefix('}') {
        Some(rest) => Ok((rest, ())),
        None => broken(text, "`}`"),
    }
}

fn inner<'t>(whole: &'t str, text: &'t str) -> Parsed<'t, Piece> {
    if let Some(rest) = text.strip_prefix('?') {
        let (behind, inner) = pieces(whole, rest, Inside::Braces)?;
        if inner.is_empty() {
            return broken(rest, "a piece that may be missing");
        }
        return Ok((behind, Piece::Optional(merge(inner))));
    }
    if let Some(rest) = text.strip_prefix('|') {
        let (behind, all) =
            separated_list1(char('|'), |rest| pieces(whole, rest, Inside::Bars)).parse(rest)?;
        if all.iter().all(Vec::is_empty) {
            return broken(rest, "pieces between the bars");
        }
        return Ok((behind, Piece::Either(all.into_iter().map(merge).collect())));
    }
    let at = whole.len() - text.len();
    if let Some(rest) = text.strip_prefix('@') {
        let name = take_while1(|c: char| c.is_alphanumeric() || c == '-' || c == '_');
        return map(name, |name: &str| Piece::Part { name: name.to_owned(), at }).parse(rest);
    }
    let (rest, name) = take_while(|c: char| !matches!(c, ':' | '=' | '}' | '{' | '*' | '|')).parse(text)?;
    let (rest, star) = opt(char('*')).parse(rest)?;
    let name = Name { text: name.to_owned(), hand: star.is_some(), at };
    if name.text.is_empty() && !name.hand {
        return broken(text, "a name, `?`, `|`, `@` or `*`");
    }
    if let Some(rest) = rest.strip_prefix('=') {
        let (rest, inner) = pieces(whole, rest, Inside::Braces)?;
        return Ok((rest, Piece::Group { name, pieces: merge(inner) }));
    }
    if let Some(rest) = rest.strip_prefix(':') {
        let (rest, kind) = kind(rest)?;
        return Ok((rest, Piece::Capture { name, kind }));
    }
    Ok((rest, Piece::Capture { name, kind: Kind::Text }))
}

fn kind(text: &str) -> Parsed<'_, Kind> {
    if text.starts_with('[') {
        return match map(shape, Kind::Shape).parse(text) {
            Err(nom::Err::Error(_)) => broken(text, "a class of characters, such as `[A-Z]3`"),
            found => found,
        };
    }
    let (rest, word) = recognize(take_while1(|c: char| c != '{' && c != '}')).parse(text)?;
    if word.contains('|') {
        let words: Vec<String> = word.split('|').map(str::to_owned).collect();
        if words.iter().any(String::is_empty) {
            return broken(text, "words between the bars");
        }
        let hidden = |(index, word): (usize, &String)| {
            words.iter().take(index).any(|before| word.starts_with(before.as_str()))
        };
        if words.iter().enumerate().any(hidden) {
            return broken(text, "the longer of two words with one beginning first");
        }
        return Ok((rest, Kind::Words(words)));
    }
    match named(word) {
        Some(kind) => Ok((rest, kind)),
        None => Err(nom::Err::Failure(Broken { rest: text, expected: Some("a kind"), kind: Some(word) })),
    }
}

fn named(word: &str) -> Option<Kind> {
    let runs = |class: &str, min, max| vec![Run { set: class_set(class), min, max }];
    Some(match word {
        "text" => Kind::Text,
        "last" => Kind::Last,
        "rest" => Kind::Rest,
        "ip" => Kind::Address,
        "word" => {
            Kind::Shape(vec![Run { set: ByteSet { ascii: !(1 << b' '), wide: true }, min: 1, max: u16::MAX }])
        }
        "digit" => Kind::Shape(runs("0-9", 1, 1)),
        "digits" => Kind::Shape(runs("0-9", 1, u16::MAX)),
        "hex" => Kind::Shape(runs("0-9a-fA-FxX", 1, u16::MAX)),
        "name" => Kind::Shape(runs("A-Za-z0-9_.-", 1, u16::MAX)),
        "number" => {
            let mut all = runs("+-", 0, 1);
            all.extend(runs("0-9", 1, u16::MAX));
            Kind::Shape(all)
        }
        _ => return None,
    })
}

/// `[A-Z]3[0-9]3-5`: classes with counts, and literal characters.
fn shape(text: &str) -> Parsed<'_, Vec<Run>> {
    many1(alt((
        class,
        map(one_of(" !#$%&'()*+,-./:;<>?@_~\""), |c| Run { set: of(c), min: 1, max: 1 }),
        map(verify(nom::character::complete::anychar, char::is_ascii_alphabetic), |c| Run {
            set: of(c),
            min: 1,
            max: 1,
        }),
    )))
    .parse(text)
}

fn of(c: char) -> ByteSet {
    u8::try_from(c).map_or(ByteSet { ascii: 0, wide: true }, |byte| ByteSet {
        ascii: 1u128.wrapping_shl(byte.into()),
        wide: false,
    })
}

fn class(text: &str) -> Parsed<'_, Run> {
    let (rest, members) =
        delimited(char('['), take_while1(|c: char| c != ']' && c != '{' && c != '}'), char(']'))
            .parse(text)?;
    let set = match members.strip_prefix('^') {
        Some(members) => {
            let set = class_set(members);
            ByteSet { ascii: !set.ascii, wide: !set.wide }
        }
        None => class_set(members),
    };
    if set == ByteSet::default() {
        return broken(text, "a class with characters in it");
    }
    let (rest, least) = count(rest)?;
    let Some(min) = least else {
        let (rest, plus) = opt(char('+')).parse(rest)?;
        return Ok((rest, Run { set, min: 1, max: if plus.is_some() { u16::MAX } else { 1 } }));
    };
    let (rest, plus) = opt(char('+')).parse(rest)?;
    if plus.is_some() {
        return Ok((rest, Run { set, min, max: u16::MAX }));
    }
    let (rest, max) = match rest.strip_prefix('-') {
        Some(behind) if behind.starts_with(|c: char| c.is_ascii_digit()) => count(behind)?,
        _ => (rest, None),
    };
    let max = max.unwrap_or(min);
    if max < min || max == 0 {
        return broken(text, "a count whose end is not below its start");
    }
    Ok((rest, Run { set, min, max }))
}

/// How often a class is to stand, if that is said.
fn count(text: &str) -> Parsed<'_, Option<u16>> {
    let (behind, digits) = take_while(|c: char| c.is_ascii_digit()).parse(text)?;
    if digits.is_empty() {
        return Ok((text, None));
    }
    match digits.parse() {
        Ok(count) => Ok((behind, Some(count))),
        Err(_) => broken(text, "a count of at most 65535"),
    }
}

/// The set that `A-Z0-9_` stands for. A dash at either end is itself.
fn class_set(members: &str) -> ByteSet {
    let mut set = ByteSet::default();
    let mut rest = members.chars().peekable();
    while let Some(first) = rest.next() {
        let mut last = first;
        let mut ahead = rest.clone();
        if ahead.next() == Some('-')
            && let Some(end) = ahead.next()
        {
            last = end;
            rest = ahead;
        }
        if !first.is_ascii() || !last.is_ascii() {
            set.wide = true;
        }
        for byte in (first as u32)..=(last as u32).min(127) {
            set.ascii |= 1 << byte;
        }
    }
    set
}

/// The names that every match of the pieces captures, with their places; those behind a leading underscore are left out.
pub fn always(pieces: &[Piece]) -> BTreeMap<&str, usize> {
    let mut all = BTreeMap::new();
    for piece in pieces {
        match piece {
            Piece::Capture { name, .. } | Piece::Group { name, .. } => {
                if !name.text.is_empty() && !name.text.starts_with('_') {
                    all.insert(name.text.as_str(), name.at);
                }
                if let Piece::Group { pieces, .. } = piece {
                    all.append(&mut always(pieces));
                }
            }
            Piece::Either(alternatives) => {
                let mut each = alternatives.iter().map(|pieces| always(pieces));
                let mut common = each.next().unwrap_or_default();
                for other in each {
                    common.retain(|name, _| other.contains_key(name));
                }
                all.append(&mut common);
            }
            Piece::Literal(_) | Piece::Optional(_) | Piece::Part { .. } => {}
        }
    }
    all
}

/// Joins neighbouring literals.
fn merge(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut merged: Vec<Piece> = Vec::new();
    for piece in pieces {
        match (merged.last_mut(), piece) {
            (Some(Piece::Literal(before)), Piece::Literal(text)) => before.push_str(&text),
            (_, piece) => merged.push(piece),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capture(name: &str, at: usize, kind: Kind) -> Piece {
        Piece::Capture { name: Name { text: name.to_owned(), hand: false, at }, kind }
    }
    fn literal(text: &str) -> Piece {
        Piece::Literal(text.to_owned())
    }

    #[test]
    fn captures_and_optional_pieces() {
        assert_eq!(
            parse("user = {user}{? : IP = {user IP/IP}}").unwrap(),
            [
                literal("user = "),
                capture("user", 8, Kind::Text),
                Piece::Optional(vec![literal(" : IP = "), capture("user IP/IP", 24, Kind::Text)]),
            ]
        );
    }

    #[test]
    fn a_run_of_blanks_is_one_blank() {
        assert_eq!(
            parse("a:   b  {?  src} {{  {c}  ").unwrap(),
            [
                literal("a: b "),
                Piece::Optional(vec![literal(" src")]),
                literal(" { "),
                capture("c", 22, Kind::Text),
                literal(" "),
            ]
        );
    }

    #[test]
    fn groups_choices_parts_and_hands() {
        let pieces = parse("{id=%{p:ASA|FTD}-{s:digit}}{|a|b {c}}{@who}{*}").unwrap();
        assert_eq!(pieces.len(), 4);
        assert!(matches!(&pieces[0], Piece::Group { pieces, .. } if pieces.len() == 4));
        assert!(matches!(&pieces[1], Piece::Either(all) if all.len() == 2));
        assert!(matches!(&pieces[2], Piece::Part { name, at: 38 } if name == "who"));
        assert!(matches!(&pieces[3], Piece::Capture { name: Name { hand: true, .. }, .. }));
    }

    #[test]
    fn shapes_have_counts() {
        let Piece::Capture { kind: Kind::Shape(runs), .. } =
            parse("{code:[A-Z]3[0-9]3-5}").unwrap().remove(0)
        else {
            unreachable!("a shape")
        };
        assert_eq!((runs[0].min, runs[0].max, runs[1].min, runs[1].max), (3, 3, 3, 5));
        assert!(runs[0].set.has(b'Q') && !runs[0].set.has(b'q'));
    }

    #[test]
    fn braces_are_escaped_by_doubling() {
        assert_eq!(parse("a {{b}} c").unwrap(), [literal("a {b} c")]);
    }

    #[test]
    fn names_that_every_match_captures() {
        let pieces = parse("{a} {?{b} }{|{c} x{d}|{c}}{g=({e:digits})} {_f} {*}").unwrap();
        assert_eq!(always(&pieces).into_keys().collect::<Vec<_>>(), ["a", "c", "e", "g"]);
    }

    #[test]
    fn faults_name_their_place() {
        for (text, at) in [("a {user", 7), ("a {user:wrd}", 8), ("a } b", 2), ("{}", 1), ("{x:a||b}", 3)] {
            assert_eq!(parse(text).unwrap_err().at, at, "{text}");
        }
        assert_eq!(parse("{user:wrd}").unwrap_err().kind.as_deref(), Some("wrd"));
        assert!(parse(&"{?".repeat(100)).is_err());
    }
}
