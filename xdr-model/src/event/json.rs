//! Reading printed events back.

use super::Event;
use crate::{Kind, Refusal, Token, Value, read, time};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value as Json;
use std::borrow::Cow;
use std::fmt;

/// The key of a printed record that holds the account of it, not a token.
const ACCOUNT: &str = "xdr";

/// Why a text is not a printed event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventError {
    /// Not JSON, or not an object; the message is the JSON reader's.
    Json(String),
    /// A key that is neither a token nor `xdr`.
    UnknownToken(String),
    /// A token that comes twice.
    Repeated(Token),
    /// A JSON value of another type than the token's kind has.
    WrongType {
        /// The token.
        token: Token,
        /// What was found: `a string`.
        found: &'static str,
    },
    /// A JSON value of the right type that the token's kind refuses.
    Refused {
        /// The token.
        token: Token,
        /// Why.
        refusal: Refusal,
    },
}

impl fmt::Display for EventError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(message) => write!(f, "not a JSON object: {message}"),
            Self::UnknownToken(key) => write!(f, "no token is named `{key}`"),
            Self::Repeated(token) => write!(f, "`{token}` comes twice"),
            Self::WrongType { token, found } => {
                write!(f, "`{token}` is {found}, not the form of kind {}", token.kind())
            }
            Self::Refused { token, refusal } => write!(f, "`{token}`: {refusal}"),
        }
    }
}

impl std::error::Error for EventError {}

impl Event<'static> {
    /// Reads back what [`Event::to_json`] printed, each value by its token's kind. The key `xdr` is passed over.
    ///
    /// # Errors
    /// [`EventError`] names the key that is unknown, comes twice or has a value of another form.
    pub fn from_json(text: &str) -> Result<Self, EventError> {
        let Members(members) =
            serde_json::from_str(text).map_err(|error| EventError::Json(error.to_string()))?;
        let mut event = Self::with_capacity(members.len());
        for (key, json) in members {
            let Some(token) = Token::from_name(&key) else { return Err(EventError::UnknownToken(key)) };
            if event.insert(token, value_of(token, json)?).is_some() {
                return Err(EventError::Repeated(token));
            }
        }
        Ok(event)
    }
}

/// An object's members in their order, repeated ones as well, without the account.
struct Members(Vec<(String, Json)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(key) = map.next_key::<String>()? {
                    // The account may hold what this reader has no value for, such as the number 1e999.
                    if key == ACCOUNT {
                        map.next_value::<IgnoredAny>()?;
                    } else {
                        members.push((key, map.next_value()?));
                    }
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Collect)
    }
}

fn value_of(token: Token, json: Json) -> Result<Value<'static>, EventError> {
    let refused = |refusal| EventError::Refused { token, refusal };
    let wrong = |json: &Json| EventError::WrongType { token, found: type_name(json) };
    let value = match (token.kind(), json) {
        (Kind::Boolean, Json::Bool(flag)) => Ok(Value::Boolean(flag)),
        (Kind::Integer, Json::Number(number)) => {
            let refusal = if number.is_f64() { Refusal::NotInteger } else { Refusal::IntegerRange };
            number.as_i64().map(Value::Integer).ok_or(refusal)
        }
        (Kind::Port, Json::Number(number)) => number
            .as_u64()
            .and_then(|number| u16::try_from(number).ok())
            .map(Value::Port)
            .ok_or(Refusal::PortRange),
        (Kind::Duration, Json::Number(number)) => {
            number.as_u64().map(Value::Duration).ok_or(Refusal::DurationRange)
        }
        (Kind::String, Json::String(text)) => Ok(Value::Text(Cow::Owned(text))),
        (Kind::Ipv4, Json::String(text)) => read::ipv4(&text).map(Value::Ipv4),
        (Kind::Ipv6, Json::String(text)) => read::ipv6(&text).map(Value::Ipv6),
        (Kind::Ip, Json::String(text)) => read::ip(&text).map(Value::Ip),
        (Kind::Timestamp, Json::String(text)) => time::rfc3339(&text).map(Value::Timestamp),
        (Kind::Uuid, Json::String(text)) => read::uuid(&text).map(Value::Uuid),
        (Kind::Hash, Json::String(text)) => {
            read::kind_accepts(token, &text).map(|()| Value::Hash(Cow::Owned(text)))
        }
        (Kind::StringList, Json::Array(members)) => {
            let text = |member| match member {
                Json::String(text) => Ok(Cow::Owned(text)),
                other => Err(wrong(&other)),
            };
            return members.into_iter().map(text).collect::<Result<_, _>>().map(Value::TextList);
        }
        (Kind::IpList, Json::Array(members)) => {
            let address = |member| match member {
                Json::String(text) => read::ip(&text).map_err(refused),
                other => Err(wrong(&other)),
            };
            return members.into_iter().map(address).collect::<Result<_, _>>().map(Value::IpList);
        }
        (_, json) => return Err(wrong(&json)),
    };
    value.map_err(refused)
}

fn type_name(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "a boolean",
        Json::Number(_) => "a number",
        Json::String(_) => "a string",
        Json::Array(_) => "an array",
        Json::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::{Event, EventError};
    use crate::{Kind, Refusal, Timestamp, Token, Value};
    use chrono::DateTime;
    use proptest::prelude::{BoxedStrategy, Just, Strategy, any, prop, prop_assert_eq, proptest};
    use std::borrow::Cow;
    use uuid::Uuid;

    #[test]
    fn the_account_is_passed_over() {
        let event = Event::from_json(r#"{"action":"Allow","xdr":{"source":"acme"}}"#).unwrap();
        assert_eq!(event.to_json(), r#"{"action":"Allow"}"#);
    }

    #[test]
    fn wrong_texts_are_named() {
        for (given, expected) in [
            (r#"{"actoin":"Allow"}"#, "no token is named `actoin`"),
            (r#"{"action":1}"#, "`action` is a number, not the form of kind string"),
            (r#"{"action":"a","action":"b"}"#, "`action` comes twice"),
            (r#"{"sourcePort":65536}"#, "`sourcePort`: port above 65535"),
            (r#"{"sourcePort":"22"}"#, "`sourcePort` is a string, not the form of kind port"),
            (r#"{"count":1.5}"#, "`count`: not an integer"),
            (r#"{"count":18446744073709551615}"#, "`count`: integer beyond 64 bits"),
            (r#"{"tags":["a",null]}"#, "`tags` is null, not the form of kind string list"),
            (r#"{"deviceIPAddresses":["::1","kim"]}"#, "`deviceIPAddresses`: not an IP address"),
            (r#"{"md5Hash":"abc"}"#, "`md5Hash`: wrong number of digits for this digest"),
            (r#"{"eventTime":"2024-02-30T00:00:00Z"}"#, "`eventTime`: no such date or time of day"),
        ] {
            assert_eq!(Event::from_json(given).unwrap_err().to_string(), expected);
        }
        for given in ["", "[]", "1", "{", r#"{"action":"a"} x"#] {
            assert!(matches!(Event::from_json(given), Err(EventError::Json(_))), "{given}");
        }
        let refused = EventError::Refused { token: Token::SourceIpv4, refusal: Refusal::NotIpv4 };
        assert_eq!(Event::from_json(r#"{"sourceIpv4":"::1"}"#), Err(refused));
    }

    fn stamp(seconds: i64, nanos: u32, digits: u8) -> Value<'static> {
        Value::Timestamp(Timestamp { at: DateTime::from_timestamp(seconds, nanos).unwrap(), digits })
    }

    fn value_for(token: Token) -> BoxedStrategy<Value<'static>> {
        let list = || prop::collection::vec(any::<String>(), 0..4);
        match token.kind() {
            Kind::String => any::<String>().prop_map(|text| Value::Text(text.into())).boxed(),
            Kind::Integer => any::<i64>().prop_map(Value::Integer).boxed(),
            Kind::Ipv4 => any::<[u8; 4]>().prop_map(|bytes| Value::Ipv4(bytes.into())).boxed(),
            Kind::Ipv6 => any::<[u16; 8]>().prop_map(|groups| Value::Ipv6(groups.into())).boxed(),
            Kind::Ip => any::<[u8; 16]>().prop_map(|bytes| Value::Ip(bytes.into())).boxed(),
            Kind::Port => any::<u16>().prop_map(Value::Port).boxed(),
            Kind::Timestamp => (-62_167_219_200_i64..253_402_300_800, 0_u32..1_000_000_000, 0_u8..=9)
                .prop_map(|(seconds, nanos, digits)| stamp(seconds, nanos, digits))
                .boxed(),
            Kind::Duration => any::<u64>().prop_map(Value::Duration).boxed(),
            Kind::Uuid => any::<[u8; 16]>().prop_map(|bytes| Value::Uuid(Uuid::from_bytes(bytes))).boxed(),
            Kind::Hash => {
                let digits = token.hash_digits().unwrap_or(40);
                prop::string::string_regex(&format!("[0-9a-fA-F]{{{digits}}}"))
                    .unwrap()
                    .prop_map(|text| Value::Hash(text.into()))
                    .boxed()
            }
            Kind::Boolean => any::<bool>().prop_map(Value::Boolean).boxed(),
            Kind::StringList => {
                list().prop_map(|list| Value::TextList(list.into_iter().map(Cow::Owned).collect())).boxed()
            }
            Kind::IpList => prop::collection::vec(any::<[u8; 4]>(), 0..4)
                .prop_map(|list| Value::IpList(list.into_iter().map(Into::into).collect()))
                .boxed(),
        }
    }

    fn entry() -> impl Strategy<Value = (Token, Value<'static>)> {
        prop::sample::select(Token::ALL.to_vec()).prop_flat_map(|token| (Just(token), value_for(token)))
    }

    proptest! {
        #[test]
        fn print_parse_print_agrees(entries in prop::collection::vec(entry(), 0..24)) {
            let mut event = Event::new();
            for (token, value) in entries {
                event.insert(token, value);
            }
            let printed = event.to_json();
            let read = Event::from_json(&printed).unwrap();
            prop_assert_eq!(read.to_json(), printed);
            prop_assert_eq!(read.len(), event.len());
            prop_assert_eq!(event.clone().into_owned(), event);
        }

        #[test]
        fn no_text_is_too_strange_to_read(text in any::<String>()) {
            let _ = Event::from_json(&text);
        }
    }
}
