//! `xdr tokens`: the schema, as a table or as a JSON Schema.

use std::io::Write;

use serde::Serialize;
use serde_json::{Map, Value, json};
use xdr_model::{Kind, Token};

use super::sources;
use crate::cli::TokensFormat;
use crate::failure::Failure;

/// A token as it is listed, with the sources that have a row for it which is not waived.
#[derive(Serialize)]
struct Listed {
    name: &'static str,
    kind: &'static str,
    category: &'static str,
    description: &'static str,
    sources: Vec<&'static str>,
}

impl Listed {
    fn of(token: Token) -> Self {
        let fills = |source: &&xdr_runtime::engine::Source| {
            source.info.rows.iter().any(|row| row.token == Some(token) && row.waived.is_empty())
        };
        Self {
            name: token.name(),
            kind: token.kind().name(),
            category: token.category().name(),
            description: token.description(),
            sources: crate::registry::sources().iter().filter(fills).map(|source| source.info.name).collect(),
        }
    }
}

/// Prints the schema.
pub(super) fn run(format: TokensFormat, to: &mut dyn Write) -> Result<u8, Failure> {
    let listed: Vec<Listed> = Token::ALL.into_iter().map(Listed::of).collect();
    match format {
        TokensFormat::Json => super::json(to, &listed),
        TokensFormat::JsonSchema => super::json(to, &schema()),
        TokensFormat::Text => {
            let mut rows = vec![["TOKEN", "KIND", "CATEGORY", "DESCRIPTION", "SOURCES"].map(str::to_owned)];
            rows.extend(listed.into_iter().map(|listed| {
                let cells =
                    [listed.name, listed.kind, listed.category, listed.description].map(str::to_owned);
                let [name, kind, category, description] = cells;
                [name, kind, category, description, listed.sources.join(", ")]
            }));
            sources::print(to, &rows)
        }
    }
}

/// The schema of a line of output.
fn schema() -> Value {
    let mut properties: Map<String, Value> =
        Token::ALL.into_iter().map(|token| (token.name().into(), of(token))).collect();
    properties.insert("xdr".to_owned(), account());
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "xdr event",
        "type": "object",
        "properties": properties,
        "required": ["xdr"],
        "additionalProperties": false,
    })
}

fn of(token: Token) -> Value {
    let mut schema = match token.kind() {
        Kind::String => json!({ "type": "string" }),
        Kind::Integer => json!({ "type": "integer", "minimum": i64::MIN, "maximum": i64::MAX }),
        Kind::Ipv4 => json!({ "type": "string", "format": "ipv4" }),
        Kind::Ipv6 => json!({ "type": "string", "format": "ipv6" }),
        Kind::Ip => ip(),
        Kind::Port => json!({ "type": "integer", "minimum": 0, "maximum": u16::MAX }),
        Kind::Timestamp => json!({ "type": "string", "format": "date-time", "pattern": "Z$" }),
        Kind::Duration => json!({ "type": "integer", "minimum": 0 }),
        Kind::Uuid => json!({ "type": "string", "format": "uuid" }),
        Kind::Hash => match token.hash_digits() {
            Some(digits) => json!({ "type": "string", "pattern": format!("^[0-9A-Fa-f]{{{digits}}}$") }),
            None => json!({ "type": "string", "pattern": "^[0-9A-Fa-f]+$" }),
        },
        Kind::Boolean => json!({ "type": "boolean" }),
        Kind::StringList => json!({ "type": "array", "items": { "type": "string" } }),
        Kind::IpList => json!({ "type": "array", "items": ip() }),
    };
    if let Value::Object(members) = &mut schema {
        members.insert("description".to_owned(), token.description().into());
    }
    schema
}

fn ip() -> Value {
    json!({ "type": "string", "anyOf": [{ "format": "ipv4" }, { "format": "ipv6" }] })
}

/// The schema of the account of a record.
fn account() -> Value {
    json!({
        "description": "account of the record",
        "type": "object",
        "required": ["source", "status"],
        "additionalProperties": false,
        "properties": {
            "source": { "type": "string" },
            "status": { "enum": ["mapped", "partial", "rejected"] },
            "message": { "type": "string" },
            "unmapped": { "type": "object" },
            "issues": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["reason"],
                    "properties": {
                        "token": { "type": "string" },
                        "field": { "type": "string" },
                        "value": {},
                        "reason": { "type": "string" },
                    },
                },
            },
            "reject": {
                "type": "object",
                "required": ["reason", "at", "expected"],
                "properties": {
                    "reason": { "type": "string" },
                    "at": { "type": "integer", "minimum": 0 },
                    "expected": { "type": "string" },
                },
            },
            "raw": { "type": "string" },
            "rawEncoding": { "const": "base64" },
            "position": { "type": "integer", "minimum": 0 },
            "received": { "type": "string", "format": "date-time", "pattern": "Z$" },
            "part": { "enum": ["long", "more", "torn"] },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_knows_every_token_and_the_account() {
        let schema = schema();
        let properties = schema["properties"].as_object().unwrap();
        assert_eq!(properties.len(), Token::COUNT + 1);
        assert_eq!(properties["md5Hash"]["pattern"], "^[0-9A-Fa-f]{32}$");
        assert_eq!(properties["sourcePort"]["maximum"], 65535);
    }
}
