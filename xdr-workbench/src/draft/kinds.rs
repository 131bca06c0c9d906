//! What a sample says about the conversion of its row.

use xdr_model::{Kind, Token, read};

use super::stamp::{self, Orders};
use super::text::is_nothing;
use super::yaml::{list, quoted, scalar};

/// What a row needs besides field and token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Conversion {
    /// The value of `as`.
    pub(super) how: Option<String>,
    /// What stands between the values of the sample.
    pub(super) alternatives: Option<&'static str>,
    /// The token that takes what the row's token refuses.
    pub(super) otherwise: Option<Token>,
    /// Whether somebody must say which token that is.
    pub(super) open: bool,
    /// Texts that mean "no value".
    pub(super) none: Vec<String>,
    /// What the author should look at.
    pub(super) doubt: Option<String>,
}

/// What the guide as a whole says about values.
#[derive(Clone, Debug, Default)]
pub(super) struct Habits {
    /// Whether records are JSON, where lists need no separator.
    pub(super) json: bool,
    /// The orders of day and month that the samples of times have.
    pub(super) orders: Orders,
    /// The formats of the first sample of a time, for times without one.
    pub(super) usual: Option<Vec<String>>,
}

/// The conversion of a row; `values` are values of the field in real records, if any are known.
pub(super) fn conversion(token: Token, sample: &str, values: &[String], habits: &Habits) -> Conversion {
    let mut found = match token.kind() {
        Kind::Timestamp => time(sample, values, habits),
        Kind::StringList => text_list(sample, habits),
        Kind::String => alternatives_of_words(sample),
        _ => checked(token, sample),
    };
    if token.kind() == Kind::Ipv4 {
        found.otherwise = other_version(token);
        if let (None, Some(host), None) = (found.otherwise, host(token), &found.doubt) {
            found.open = true;
            found.doubt = Some(format!(
                "the schema has no token for an IPv6 address here: `otherwise: {host}` takes every value that is no IPv4 address, \
                 and without `otherwise` each is an issue"
            ));
        }
    }
    found
}

/// The token of an address of the other version.
fn other_version(token: Token) -> Option<Token> {
    Token::from_name(&format!("{}Ipv6", token.name().strip_suffix("Ipv4")?))
}

/// The token of the host that has an address.
fn host(token: Token) -> Option<Token> {
    Token::from_name(&format!("{}Host", token.name().strip_suffix("Ipv4")?))
}

fn time(sample: &str, values: &[String], habits: &Habits) -> Conversion {
    let mut formats = Vec::new();
    let mut unread = None;
    for text in
        std::iter::once(sample).chain(values.iter().map(String::as_str)).filter(|text| !is_nothing(text))
    {
        match stamp::formats(text, habits.orders) {
            Some(more) => {
                // A format with a fraction takes times without one too.
                let known = |format: &String| {
                    formats.iter().any(|old: &String| old == format || old.replace("%.f", "") == *format)
                };
                let fresh: Vec<String> = more.into_iter().filter(|format| !known(format)).collect();
                formats.retain(|old| !fresh.iter().any(|format| format.replace("%.f", "") == *old));
                formats.extend(fresh);
            }
            None => unread = Some(text.to_owned()),
        }
    }
    if formats.is_empty() && sample.is_empty() {
        formats = habits.usual.clone().unwrap_or_default();
    }
    let doubt = match (&unread, formats.is_empty()) {
        (Some(text), _) => Some(format!("no format of a time is known for `{text}`")),
        (None, true) => Some("there is no sample to read the format of the time from".to_owned()),
        (None, false) => None,
    };
    if formats.is_empty() {
        // The question mark is no format, so that the check points at it.
        return Conversion { how: Some("{ time: [\"?\"] }".to_owned()), doubt, ..Conversion::default() };
    }
    Conversion { how: Some(stamp::rule(&formats)), doubt, ..Conversion::default() }
}

fn text_list(sample: &str, habits: &Habits) -> Conversion {
    // Of two separators the semicolon is the outer one: `a,1;b,2`.
    let separator = ["; ", ";", ", ", ",", "|"].into_iter().find(|separator| sample.contains(separator));
    match separator {
        Some(separator) if !habits.json => {
            Conversion { how: Some(format!("{{ split: {} }}", quoted(separator))), ..Conversion::default() }
        }
        _ => Conversion::default(),
    }
}

/// Several single words in one cell are several values, not one.
fn alternatives_of_words(sample: &str) -> Conversion {
    let parts: Vec<&str> = sample.split(", ").collect();
    let words = parts.iter().all(|part| !part.is_empty() && !part.contains([' ', '=', '"', ',']));
    let alternatives = (parts.len() > 1 && words).then_some(", ");
    Conversion { alternatives, ..Conversion::default() }
}

/// Kinds that refuse texts: the sample shows whether there is a port, a list of values, or a word for "no value".
fn checked(token: Token, sample: &str) -> Conversion {
    let accepts = |text: &str| {
        read::kind_accepts(token, text).is_ok()
            || token.kind() == Kind::Ipv4
                && other_version(token).or_else(|| host(token)).is_some()
                && read::ipv6(text).is_ok()
    };
    if sample.is_empty() || sample == "null" || accepts(sample) {
        return Conversion::default();
    }
    if is_nothing(sample) {
        return Conversion { none: vec![sample.to_owned()], ..Conversion::default() };
    }
    let address = matches!(token.kind(), Kind::Ipv4 | Kind::Ipv6 | Kind::Ip | Kind::IpList);
    let with_port = |text: &str| read::socket(text).is_ok_and(|(host, port)| port.is_some() && accepts(host));
    if address && with_port(sample) {
        return Conversion { how: Some(socket(token)), ..Conversion::default() };
    }
    for separator in [", ", "; ", " / ", " or ", ",", ";", "/", " "] {
        let parts: Vec<&str> = sample.split(separator).collect();
        if parts.len() > 1 && parts.iter().all(|part| accepts(part)) {
            return Conversion { alternatives: Some(separator), ..Conversion::default() };
        }
    }
    let doubt = Some(format!("the sample {} is no {}", scalar(sample), token.kind().name()));
    Conversion { doubt, ..Conversion::default() }
}

/// The conversion of an address with a port, and where the port goes.
fn socket(token: Token) -> String {
    let side = ["source", "destination"].into_iter().find(|side| token.name().starts_with(side));
    match side.and_then(|side| Token::from_name(&format!("{side}Port"))) {
        Some(port) => format!("{{ socket: {port} }}"),
        None => "socket".to_owned(),
    }
}

impl Conversion {
    /// The members that a row gets by it, in the order of the hand-written specs.
    pub(super) fn members(&self) -> Vec<String> {
        let mut members = Vec::new();
        if let Some(separator) = self.alternatives {
            members.push(format!("alternatives: {}", quoted(separator)));
        }
        if let Some(how) = &self.how {
            members.push(format!("as: {how}"));
        }
        if let Some(token) = self.otherwise {
            members.push(format!("otherwise: {token}"));
        }
        if self.open {
            // The question mark is no token, so that the check points at it.
            members.push("otherwise: \"?\"".to_owned());
        }
        if !self.none.is_empty() {
            members.push(format!("none: {}", list(&self.none)));
        }
        members
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(token: Token, sample: &str) -> String {
        conversion(token, sample, &[], &Habits::default()).members().join(", ")
    }

    #[test]
    fn samples_say_how_values_are_read() {
        for (token, sample, expected) in [
            (Token::SourceIpv4, "192.0.2.7", "otherwise: sourceIpv6"),
            (Token::DestinationIpv4, "192.0.2.7:22", "as: { socket: destinationPort }, otherwise: \"?\""),
            (Token::DeviceIpAddresses, "192.0.2.7:22", "as: socket"),
            (Token::OutByte, "13449, 300, 5846", "alternatives: \", \""),
            (Token::SourcePort, "N/A", "none: [N/A]"),
            (Token::UserRole, "a b, c", "as: { split: \", \" }"),
            (Token::Protocol, "https, ssh", "alternatives: \", \""),
            (Token::Message, "one thing, and another", ""),
            (Token::EventTime, "2022-09-12T14:43:32.093Z", "as: { time: [\"%Y-%m-%dT%H:%M:%S%.f%z\"] }"),
            (Token::EventTime, "a while ago", "as: { time: [\"?\"] }"),
            (Token::EventTime, "", "as: { time: [\"?\"] }"),
        ] {
            assert_eq!(members(token, sample), expected, "{token}: {sample}");
        }
        let doubt = conversion(Token::FileSize, "10 kB", &[], &Habits::default()).doubt;
        assert_eq!(doubt.as_deref(), Some("the sample 10 kB is no integer"));
    }
}
