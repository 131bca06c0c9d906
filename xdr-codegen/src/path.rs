//! The language of JSON paths: keys joined by dots; a key with dots or slashes of its own is quoted.

use nom::branch::alt;
use nom::bytes::complete::take_while1;
use nom::character::complete::char;
use nom::combinator::{all_consuming, map};
use nom::multi::separated_list1;
use nom::sequence::delimited;
use nom::{IResult, Parser};

/// The keys of a path, outermost first.
///
/// # Errors
/// The byte at which the text stops being a path.
pub fn parse(text: &str) -> Result<Vec<String>, usize> {
    if is_rooted(text) {
        return Err(0);
    }
    let bare = take_while1(|c: char| !matches!(c, '.' | '"' | '[' | ']'));
    let quoted = delimited(char('"'), take_while1(|c: char| c != '"'), char('"'));
    let key = map(alt((quoted, bare)), |key: &str| key.to_owned());
    let parsed: IResult<&str, Vec<String>> = all_consuming(separated_list1(char('.'), key)).parse(text);
    parsed.map(|(_, keys)| keys).map_err(|error| match error {
        nom::Err::Error(error) | nom::Err::Failure(error) => text.len() - error.input.len(),
        nom::Err::Incomplete(_) => text.len(),
    })
}

/// Whether a path begins as those of other languages do, `$.user`: no record has such a key, and nobody would notice. A key `$` is quoted.
pub fn is_rooted(text: &str) -> bool {
    text.strip_prefix('$').is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_joined_by_dots() {
        assert_eq!(parse("process.processFile.md5").unwrap(), ["process", "processFile", "md5"]);
        assert_eq!(parse(r#"labels."teleport.dev/os""#).unwrap(), ["labels", "teleport.dev/os"]);
        assert_eq!(parse(r#""addr.local""#).unwrap(), ["addr.local"]);
        assert_eq!(parse(r#""$".$type"#).unwrap(), ["$", "$type"]);
    }

    #[test]
    fn faults_name_their_place() {
        for text in ["", "a..b", ".a", "a.", r#"a."b"#, "a[0]", "$", "$.a", "$[0]"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
