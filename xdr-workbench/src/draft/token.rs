//! Which token a cell of a guide means.
//!
//! A name that differs from one token's in its spelling alone is that token. A name that is only near to one is not taken for
//! it: who reads the guide decides.

use xdr_model::Token;

use super::text::{folded, is_nothing};

/// What a name of a guide is in the schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    /// The token's own spelling.
    Exact(Token),
    /// The token in another spelling: letter case, `_`, blanks, or letters that printers and scanners take for each other.
    Drift(Token),
    /// No token, but these have names that a slip could make of it; the nearest first.
    Near(Vec<Token>),
    /// No token.
    Unknown,
    /// The cell says that there is none.
    Nothing,
}

impl Match {
    /// The token, where it is certain.
    pub fn certain(&self) -> Option<Token> {
        match self {
            Self::Exact(token) | Self::Drift(token) => Some(*token),
            _ => None,
        }
    }
}

/// Letters that look alike, made one. The text is in lower case.
pub(super) fn seen(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            'i' | '1' => 'l',
            '0' => 'o',
            other => other,
        })
        .collect()
}

/// What one name means.
pub fn find(printed: &str) -> Match {
    if is_nothing(printed) {
        return Match::Nothing;
    }
    if let Some(token) = Token::from_name(printed) {
        return Match::Exact(token);
    }
    let bare = folded(printed);
    let only = |same: &dyn Fn(Token) -> bool| {
        let mut found = Token::ALL.into_iter().filter(|token| same(*token));
        found.next().filter(|_| found.next().is_none())
    };
    let spelling = only(&|token| folded(token.name()) == bare);
    let looks = || only(&|token| seen(&folded(token.name())) == seen(&bare));
    if let Some(token) = spelling.or_else(looks) {
        return Match::Drift(token);
    }
    let near = near(&bare);
    if near.is_empty() { Match::Unknown } else { Match::Near(near) }
}

/// The tokens of which a slip could make this name. Names that differ in a number are names of two things.
fn near(bare: &str) -> Vec<Token> {
    const LONGEST: usize = 64;
    if bare.len() > LONGEST {
        return Vec::new();
    }
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let limit = (bare.chars().count() / 6).max(1);
    let mut found: Vec<(usize, Token)> = Vec::new();
    for token in Token::ALL {
        let name = folded(token.name());
        let (one, other) = (digits(bare), digits(&name));
        if !one.is_empty() && !other.is_empty() && one != other {
            continue;
        }
        // `sourceIp` may be either version.
        let begun = bare.len() >= 6 && name.strip_prefix(bare).is_some_and(|rest| rest.len() <= 2);
        let distance = strsim::damerau_levenshtein(&seen(bare), &seen(&name));
        if distance <= limit || begun {
            found.push((distance, token));
        }
    }
    found.sort();
    found.into_iter().map(|(_, token)| token).take(3).collect()
}

/// The names of a cell: several if separators stand between them and each part could be a name.
pub(super) fn names(cell: &str) -> Vec<String> {
    let one = || vec![cell.to_owned()];
    if find(cell).certain().is_some() {
        return one();
    }
    for separator in [",", ";", "/", "|", " or ", " and ", " & ", " "] {
        let parts: Vec<&str> = cell.split(separator).map(str::trim).filter(|part| !part.is_empty()).collect();
        let known = |part: &&str| find(part).certain().is_some();
        let name =
            |part: &&str| part.chars().all(|character| character.is_alphanumeric() || character == '_');
        // A blank may also be a break in one name: there each part must be known.
        let enough = if separator == " " {
            parts.iter().all(known)
        } else {
            parts.iter().all(name) && parts.iter().any(known)
        };
        if parts.len() > 1 && enough {
            return parts.into_iter().map(str::to_owned).collect();
        }
    }
    one()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_are_taken_and_slips_are_not() {
        for (printed, expected) in [
            ("sourceIpv4", Match::Exact(Token::SourceIpv4)),
            ("sourceIPv4", Match::Drift(Token::SourceIpv4)),
            ("DeviceType", Match::Drift(Token::DeviceType)),
            ("source_user", Match::Drift(Token::SourceUser)),
            ("clusterName", Match::Drift(Token::ClusterName)),
            ("externalld", Match::Drift(Token::ExternalId)),
            ("destination Port", Match::Drift(Token::DestinationPort)),
            ("sourceUsr", Match::Near(vec![Token::SourceUser])),
            ("soruceUser", Match::Near(vec![Token::SourceUser])),
            ("sourceIp", Match::Near(vec![Token::SourceIpv4, Token::SourceIpv6])),
            ("destinationIpv6", Match::Unknown),
            ("ruleName", Match::Unknown),
            ("N/A", Match::Nothing),
            ("", Match::Nothing),
        ] {
            assert_eq!(find(printed), expected, "{printed}");
        }
    }

    #[test]
    fn a_cell_may_hold_several_names() {
        for (cell, expected) in [
            ("sourceUser", &["sourceUser"][..]),
            ("sourceIpv4 / sourceIpv6", &["sourceIpv4", "sourceIpv6"]),
            ("sourceUser, userName", &["sourceUser", "userName"]),
            ("sourceUser or ruleName", &["sourceUser", "ruleName"]),
            ("sourceUser userName", &["sourceUser", "userName"]),
            ("source User", &["source User"]),
            ("see the note, please", &["see the note, please"]),
        ] {
            assert_eq!(names(cell), expected, "{cell}");
        }
    }
}
