//! Lines of output as rows: those of rejects, and of events that were mapped before and are only handed on.

use chrono::{DateTime, NaiveDate};
use xdr_model::Token;
use xdr_model::token::JsonKey;

use super::super::columns::Column;
use super::super::json::{Cursor, Wrong};
use super::{Rows, add};

impl Rows {
    /// Appends a line of output, which is UTF-8.
    ///
    /// # Errors
    /// It is none.
    pub(in super::super) fn push(&mut self, line: &[u8]) -> Result<(), Wrong> {
        let mut cursor = Cursor::new(line);
        self.size += line.len();
        self.members(&mut cursor)?;
        cursor.end()?;
        self.close().map_err(|expected| cursor.wrong(expected))
    }

    /// The members of a line. Mostly the one behind a token is the same as in the line before, and is looked for first.
    fn members(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Wrong> {
        cursor.need(b'{', "an object")?;
        if cursor.take(b'}') {
            return Ok(());
        }
        let mut before = 0;
        loop {
            let guess = self.follow.get(before).copied().flatten();
            if let Some(token) = guess.filter(|token| cursor.take_text(opening(*token))) {
                before = token.index() + 1;
                self.token(token, cursor)?;
            } else if cursor.take_text(b"\"xdr\":") {
                self.account(cursor)?;
            } else {
                let key = cursor.string()?;
                cursor.need(b':', "`:`")?;
                if *key == *b"xdr" {
                    self.account(cursor)?;
                } else {
                    let token = self.names.find(&key).ok_or_else(|| cursor.wrong("a token's value"))?;
                    if let Some(guess) = self.follow.get_mut(before) {
                        *guess = Some(token);
                    }
                    before = token.index() + 1;
                    self.token(token, cursor)?;
                }
            }
            if !cursor.take(b',') {
                return cursor.need(b'}', "`,` or `}`");
            }
        }
    }

    fn token(&mut self, token: Token, cursor: &mut Cursor<'_>) -> Result<(), Wrong> {
        let row = self.count;
        let Some(slot) = self.tokens.get_mut(token.index()) else { return Ok(()) };
        match slot.get_or_insert_with(|| Column::of(token.kind())) {
            Column::Text(texts) => texts.push(row, &cursor.string()?),
            Column::Integer(numbers) => numbers.push(row, cursor.number("a whole number")?),
            Column::Port(numbers) => numbers.push(row, cursor.number("a port")?),
            Column::Seconds(numbers) => numbers.push(row, cursor.number("a number of seconds")?),
            Column::Boolean(flags) => flags.push(row, u16::from(cursor.number::<bool>("`true` or `false`")?)),
            Column::List(list) => {
                list.begin(row);
                cursor.array(|cursor| {
                    list.element(&cursor.string()?);
                    Ok(())
                })?;
            }
            Column::Time(times) => {
                let text = cursor.string()?;
                let time = Time::read(&text).ok_or_else(|| cursor.wrong("a time in UTC"))?;
                times.push(row, time.micros);
                self.moment(token, time.micros, if time.is_exact { b"" } else { &text });
            }
        }
        Ok(())
    }

    fn account(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Wrong> {
        let row = self.count;
        cursor.object(|cursor, key| {
            let Self { account, exact, .. } = &mut *self;
            match key {
                b"source" => account.source.push(&cursor.string()?),
                b"status" => account.status.push(&cursor.string()?),
                b"message" => account.message.push(row, &cursor.string()?),
                b"unmapped" => account.unmapped.push(row, cursor.any()?),
                b"issues" => account.issues.push(row, cursor.any()?),
                b"raw" => account.raw.push(row, &cursor.string()?),
                b"rawEncoding" => account.raw_encoding.push(row, &cursor.string()?),
                b"position" => account.position.push(row, cursor.number("a place in bytes")?),
                b"received" => {
                    let text = cursor.string()?;
                    let time = Time::read(&text).ok_or_else(|| cursor.wrong("a time in UTC"))?;
                    account.received.push(row, time.micros);
                    if !time.is_exact {
                        add(exact, "received", &text);
                    }
                }
                b"part" => account.part.push(row, &cursor.string()?),
                b"reject" => {
                    account.rejected.resize(row, false);
                    account.rejected.push(true);
                    return cursor.object(|cursor, key| {
                        match key {
                            b"reason" => account.reason.push(row, &cursor.string()?),
                            b"at" => account.at.push(row, cursor.number("a place in bytes")?),
                            b"expected" => account.expected.push(row, &cursor.string()?),
                            _ => return Err(cursor.wrong("`reason`, `at` or `expected`")),
                        }
                        Ok(())
                    });
                }
                // What a table holds beside the lines; they do not have it.
                _ => return Err(cursor.wrong("a member of the account")),
            }
            Ok(())
        })
    }
}

/// The spelling as the opening of a member: `"sourceIpv4":`.
fn opening(token: Token) -> &'static [u8] {
    // It begins with a comma.
    let JsonKey { block, length } = token.next_json_key();
    block.get(1..*length).unwrap_or_default()
}

/// Tokens by a number made of their names, several in one place where they share it.
pub(super) struct Names(Vec<Vec<Token>>);

impl Names {
    const PLACES: usize = 512;

    pub(super) fn new() -> Self {
        let mut places = vec![Vec::new(); Self::PLACES];
        for token in Token::ALL {
            if let Some(place) = places.get_mut(Self::place(token.name().as_bytes())) {
                place.push(token);
            }
        }
        Self(places)
    }

    fn place(name: &[u8]) -> usize {
        let byte = |at: usize| name.get(at).map_or(0, |byte| usize::from(*byte));
        let last = name.len().saturating_sub(1);
        (name.len() * 37 + byte(0) * 3 + byte(name.len() / 2) * 11 + byte(last) * 101) % Self::PLACES
    }

    fn find(&self, name: &[u8]) -> Option<Token> {
        self.0.get(Self::place(name))?.iter().find(|token| token.name().as_bytes() == name).copied()
    }
}

/// A time as its column holds it.
#[derive(Debug, PartialEq, Eq)]
struct Time {
    /// Microseconds since 1970, rounded down.
    micros: i64,
    /// Whether that is all of it.
    is_exact: bool,
}

impl Time {
    /// Reads `2024-03-14T07:08:09.5Z`.
    fn read(text: &[u8]) -> Option<Self> {
        let number = |from: usize, to: usize| -> Option<u32> {
            text.get(from..to)?.iter().try_fold(0_u32, |number, byte| {
                byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0'))
            })
        };
        let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
        if marks.iter().any(|(at, mark)| text.get(*at) != Some(mark)) || text.last() != Some(&b'Z') {
            return Self::other(text);
        }
        let date =
            NaiveDate::from_ymd_opt(i32::try_from(number(0, 4)?).ok()?, number(5, 7)?, number(8, 10)?)?;
        let days = i64::from(date.to_epoch_days());
        let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
        let fraction = text.get(19..text.len() - 1)?;
        let (mut micros, mut finer) = (0_i64, false);
        if !fraction.is_empty() {
            let digits = fraction.strip_prefix(b".").filter(|digits| !digits.is_empty())?;
            for at in 0..digits.len().max(6) {
                let digit = digits.get(at).copied().unwrap_or(b'0');
                if !digit.is_ascii_digit() {
                    return None;
                }
                if at < 6 {
                    micros = micros * 10 + i64::from(digit - b'0');
                } else {
                    finer |= digit != b'0';
                }
            }
        }
        let seconds = days * 86_400 + i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
        // A leap second is told as the one behind it.
        Some(Self { micros: seconds * 1_000_000 + micros, is_exact: !finer && second < 60 })
    }

    /// Another way to write a time, which this program does not use.
    fn other(text: &[u8]) -> Option<Self> {
        let time = DateTime::parse_from_rfc3339(std::str::from_utf8(text).ok()?).ok()?;
        let is_exact = time.timestamp_subsec_nanos() % 1000 == 0;
        Some(Self { micros: time.timestamp_micros(), is_exact })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::super::schema;
    use super::*;

    #[test]
    fn times_are_those_that_chrono_reads() {
        for text in [
            "2024-03-14T07:08:09Z",
            "2024-03-14T07:08:09.5Z",
            "2024-03-14T07:08:09.123456Z",
            "1969-12-31T23:59:59.999999Z",
            "0000-01-01T00:00:00Z",
            "9999-12-31T23:59:59.999999Z",
            "2024-02-29T00:00:00.000Z",
            "2024-03-14T08:08:09+01:00",
        ] {
            let expected = DateTime::parse_from_rfc3339(text).unwrap().timestamp_micros();
            assert_eq!(
                Time::read(text.as_bytes()),
                Some(Time { micros: expected, is_exact: true }),
                "{text}"
            );
        }
        let floor = |text: &str| DateTime::parse_from_rfc3339(text).unwrap().timestamp_micros();
        for (text, micros) in [
            ("2024-03-14T07:08:09.1234567Z", floor("2024-03-14T07:08:09.123456Z")),
            ("1969-12-31T23:59:59.999999999Z", -1),
            ("2016-12-31T23:59:60Z", floor("2017-01-01T00:00:00Z")),
        ] {
            assert_eq!(Time::read(text.as_bytes()), Some(Time { micros, is_exact: false }), "{text}");
        }
        for text in [
            "",
            "now",
            "2024-03-14",
            "2024-13-14T07:08:09Z",
            "2024-03-14T07:08:09.Z",
            "2024-03-14T07:08:09.xZ",
        ] {
            assert_eq!(Time::read(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn every_token_is_found_by_its_name_and_nothing_else_is() {
        let names = Names::new();
        for token in Token::ALL {
            assert_eq!(names.find(token.name().as_bytes()), Some(token));
            assert_eq!(names.find(token.name().to_uppercase().as_bytes()), None);
        }
        assert_eq!(names.find(b""), None);
        assert!(names.0.iter().all(|place| place.len() <= 3));
    }

    #[test]
    fn a_line_that_is_none_is_told() {
        let mut rows = Rows::new(Arc::new(schema::held()));
        for (line, expected) in [
            ("", "an object"),
            ("{}", "`xdr` with `source` and `status`"),
            (r#"{"xdr":{}}"#, "`xdr` with `source` and `status`"),
            (r#"{"colour":1,"xdr":{"source":"a","status":"mapped"}}"#, "a token's value"),
            (r#"{"sourcePort":"1","xdr":{"source":"a","status":"mapped"}}"#, "a port"),
            (r#"{"eventTime":"now"}"#, "a time in UTC"),
            (r#"{"xdr":{"source":"a","status":"mapped","colour":1}}"#, "a member of the account"),
        ] {
            assert_eq!(rows.push(line.as_bytes()).unwrap_err().expected, expected, "{line}");
        }
    }
}
