//! The QQL token schema, typed values and the normalised event.
//!
//! The schema is one table: the macro `tokens!` of [`token`]. [`Token`], its look-ups, the accessors of [`Event`] and
//! the docs are made from it. A [`Value`] has one of a closed set of [`Kind`]s; [`read`] makes values of texts,
//! [`time`] reads moments by formats compiled beforehand, and [`write`](mod@write) prints values as JSON. [`pattern`]
//! is the matcher of templates that compiler and runtime share.
//!
//! Nothing here knows a vendor, and nothing here touches the outside: text in, values out, and no text panics.
//!
//! ```
//! use xdr_model::{Event, Token};
//!
//! let event = Event::from_json(r#"{"eventTime":"2024-03-14T07:08:09.5Z","sourceIpv4":"192.0.2.7"}"#)?;
//! assert_eq!(event.source_ipv4(), Some("192.0.2.7".parse().unwrap()));
//! assert_eq!(event.iter().map(|(token, _)| token).collect::<Vec<_>>(), [Token::EventTime, Token::SourceIpv4]);
//! # Ok::<(), xdr_model::EventError>(())
//! ```

pub mod event;
pub mod kind;
pub mod pattern;
pub mod read;
mod refusal;
pub mod time;
pub mod token;
pub mod value;
pub mod write;

pub use chrono_tz::Tz;
pub use event::{Event, EventError};
pub use kind::Kind;
pub use refusal::{Refusal, Word};
pub use token::{Category, Token};
pub use value::{Timestamp, Value};
