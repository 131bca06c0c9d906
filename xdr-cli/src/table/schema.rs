//! The columns of a table: one a token, of the type that the token's kind has, and the account of the record.
//!
//! Everything else is text, as in the lines of JSON: addresses and UUIDs too, which few readers of Parquet have types for. While a table is
//! being made, texts are held as bytes ([`held`]): what is mapped is UTF-8, and what is read back is looked at once, as a line. To look at
//! each column again would cost a thirtieth of the run. Files say that they are texts ([`written`]).

use std::sync::Arc;

use arrow_schema::{DataType, Field, Fields, Schema, TimeUnit};
use xdr_model::{Kind, Token};

/// The zone of all times.
pub(super) const UTC: &str = "UTC";

/// The type of texts while they are held.
const TEXT: DataType = DataType::Binary;

/// The type of a kind's values, as they are held.
fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Integer => DataType::Int64,
        Kind::Port => DataType::UInt16,
        Kind::Duration => DataType::UInt64,
        Kind::Boolean => DataType::Boolean,
        // Nanoseconds reach from 1677 to 2262 only, and not every reader knows them.
        Kind::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some(UTC.into())),
        Kind::StringList | Kind::IpList => DataType::List(element()),
        Kind::String | Kind::Ipv4 | Kind::Ipv6 | Kind::Ip | Kind::Uuid | Kind::Hash => TEXT,
    }
}

/// The elements of lists.
pub(super) fn element() -> Arc<Field> {
    Arc::new(Field::new("element", TEXT, false))
}

/// The members of the account, in their order.
pub(super) fn account() -> Fields {
    let text = |name: &str| Field::new(name, TEXT, true);
    Fields::from(vec![
        Field::new("source", TEXT, false),
        Field::new("status", TEXT, false),
        text("message"),
        text("unmapped"),
        text("issues"),
        Field::new("reject", DataType::Struct(reject()), true),
        text("raw"),
        text("rawEncoding"),
        Field::new("position", DataType::UInt64, true),
        Field::new("received", data_type(Kind::Timestamp), true),
        text("part"),
        text("exact"),
    ])
}

/// Why a record was rejected.
pub(super) fn reject() -> Fields {
    Fields::from(vec![
        Field::new("reason", TEXT, false),
        Field::new("at", DataType::UInt64, false),
        Field::new("expected", TEXT, false),
    ])
}

/// The schema of every table while it is being made.
pub(super) fn held() -> Schema {
    let mut fields: Vec<Field> =
        Token::ALL.iter().map(|token| Field::new(token.name(), data_type(token.kind()), true)).collect();
    fields.push(Field::new("xdr", DataType::Struct(account()), false));
    Schema::new(fields)
}

/// The schema of every file.
pub(super) fn written() -> Schema {
    Schema::new(held().fields().iter().map(as_text).collect::<Fields>())
}

/// The field, with texts in place of bytes.
fn as_text(field: &Arc<Field>) -> Arc<Field> {
    let data_type = match field.data_type() {
        &TEXT => DataType::Utf8,
        DataType::List(element) => DataType::List(as_text(element)),
        DataType::Struct(members) => DataType::Struct(members.iter().map(as_text).collect()),
        other => other.clone(),
    };
    Arc::new(field.as_ref().clone().with_data_type(data_type))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_column_for_every_token_and_one_for_the_account() {
        let schema = written();
        assert_eq!(schema.fields().len(), Token::COUNT + 1);
        let is = |name: &str| schema.field_with_name(name).unwrap().data_type().clone();
        assert_eq!(is("sourcePort"), DataType::UInt16);
        assert_eq!(is("eventTime"), DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())));
        assert_eq!(is("eventId"), DataType::Utf8);
        assert!(matches!(is("userRole"), DataType::List(element) if element.data_type() == &DataType::Utf8));
        assert!(!format!("{schema:?}").contains("Binary"));
        // In the schema's order, which is that of the keys of an event.
        let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        assert!(Token::ALL.iter().map(|token| token.name()).eq(names[..Token::COUNT].iter().copied()));
    }
}
