//! Events, and lines of output, as rows of columns.
//!
//! Events are told value by value as they are mapped. Lines are those of rejects, and of events that were mapped before and are only
//! handed on.

use std::sync::Arc;

use arrow_array::types::{TimestampMicrosecondType, UInt64Type};
use arrow_array::{Array, ArrayRef, RecordBatch, StructArray};
use arrow_buffer::NullBuffer;
use arrow_schema::{ArrowError, SchemaRef};
use chrono::{DateTime, NaiveDate};
use xdr_model::Token;
use xdr_model::token::JsonKey;
use xdr_runtime::columns::{Columns, Member};

use super::Batch;
use super::columns::{Blanks, Column, Numbers, Texts};
use super::json::{Cursor, Wrong};
use super::schema;

/// What a number takes, in bytes.
const NUMBER: usize = 8;

/// A table that is being filled.
pub(super) struct Rows {
    schema: SchemaRef,
    tokens: Vec<Option<Column>>,
    account: Account,
    count: usize,
    /// How many bytes the values have, roughly.
    size: usize,
    names: Names,
    /// Which token came behind each, by its index and 1; behind 0 the first one.
    follow: Vec<Option<Token>>,
    /// What tokens without a value have.
    blanks: Blanks,
    /// Times of the present row that are finer than their column: an object that is not closed, or nothing.
    exact: Vec<u8>,
    /// The day of the present row, in days since 1970, if its event has a time.
    day: Option<i32>,
    /// The day of each row.
    pub(super) days: Vec<Option<i32>>,
    /// The source of each row, an index into [`Rows::sources`].
    pub(super) of: Vec<usize>,
    pub(super) sources: Vec<String>,
}

struct Account {
    source: Texts,
    status: Texts,
    message: Texts,
    unmapped: Texts,
    issues: Texts,
    reason: Texts,
    at: Numbers<UInt64Type>,
    expected: Texts,
    rejected: Vec<bool>,
    raw: Texts,
    raw_encoding: Texts,
    position: Numbers<UInt64Type>,
    received: Numbers<TimestampMicrosecondType>,
    part: Texts,
    exact: Texts,
}

impl Account {
    fn new() -> Self {
        Self {
            source: Texts::new(),
            status: Texts::new(),
            message: Texts::new(),
            unmapped: Texts::new(),
            issues: Texts::new(),
            reason: Texts::new(),
            at: Numbers::new(),
            expected: Texts::new(),
            rejected: Vec::new(),
            raw: Texts::new(),
            raw_encoding: Texts::new(),
            position: Numbers::new(),
            received: Numbers::new(),
            part: Texts::new(),
            exact: Texts::new(),
        }
    }
}

impl Rows {
    pub(super) fn new(schema: SchemaRef) -> Self {
        Self {
            schema,
            tokens: Token::ALL.iter().map(|_| None).collect(),
            account: Account::new(),
            count: 0,
            size: 0,
            names: Names::new(),
            follow: vec![None; Token::COUNT + 1],
            blanks: Blanks::default(),
            exact: Vec::new(),
            day: None,
            days: Vec::new(),
            of: Vec::new(),
            sources: Vec::new(),
        }
    }

    /// An empty table of the same schema.
    pub(super) fn anew(&self) -> Self {
        Self::new(Arc::clone(&self.schema))
    }

    /// Appends a line of output, which is UTF-8.
    ///
    /// # Errors
    /// It is none.
    pub(super) fn push(&mut self, line: &[u8]) -> Result<(), Wrong> {
        let mut cursor = Cursor::new(line);
        self.size += line.len();
        self.members(&mut cursor)?;
        cursor.end()?;
        self.close().map_err(|expected| cursor.wrong(expected))
    }

    /// Notes the day of an event's time, and the text of a time if it is finer than its column.
    fn moment(&mut self, token: Token, micros: i64, finer: &[u8]) {
        if token == Token::EventTime {
            self.day = i32::try_from(micros.div_euclid(86_400_000_000)).ok();
        }
        if !finer.is_empty() {
            add(&mut self.exact, token.name(), finer);
        }
    }

    fn source(&mut self, source: &[u8]) {
        self.account.source.push(self.count, source);
        let known = self.sources.iter().position(|known| known.as_bytes() == source);
        self.of.push(known.unwrap_or_else(|| {
            self.sources.push(String::from_utf8_lossy(source).into_owned());
            self.sources.len() - 1
        }));
    }

    /// How much the values hold, in bytes.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// The column of a token.
    #[inline]
    fn column(&mut self, token: Token) -> Option<&mut Column> {
        let slot = self.tokens.get_mut(token.index())?;
        if slot.is_none() {
            begin(slot, token);
        }
        slot.as_mut()
    }

    /// Ends a row; says what is missing in it.
    fn close(&mut self) -> Result<(), &'static str> {
        let rows = self.count + 1;
        if self.account.source.rows() != rows || self.account.status.rows() != rows {
            return Err("`xdr` with `source` and `status`");
        }
        if !self.exact.is_empty() {
            self.exact.push(b'}');
            self.account.exact.push(self.count, &self.exact);
            self.exact.clear();
        }
        self.days.push(self.day.take());
        self.count = rows;
        Ok(())
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
            if key == b"source" {
                self.source(&cursor.string()?);
                return Ok(());
            }
            let Self { account, exact, .. } = &mut *self;
            match key {
                b"status" => account.status.push(row, &cursor.string()?),
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

    /// The rows as columns; the table is empty then.
    ///
    /// # Errors
    /// More text than a column holds. The table must not be used any more then.
    pub(super) fn finish(&mut self) -> Result<Batch, ArrowError> {
        let rows = std::mem::take(&mut self.count);
        self.size = 0;
        // Of a row that was begun and not ended nothing stays.
        self.day = None;
        self.exact.clear();
        self.of.truncate(rows);
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(self.tokens.len() + 1);
        for (column, field) in self.tokens.iter_mut().zip(self.schema.fields()) {
            columns.push(match column {
                Some(column) if !column.is_blank() => column.finish(rows)?,
                _ => self.blanks.rows(field.data_type(), rows),
            });
        }
        columns.push(Arc::new(self.account.finish(rows)?));
        Ok(Batch {
            rows: RecordBatch::try_new(Arc::clone(&self.schema), columns)?,
            days: std::mem::take(&mut self.days),
            of: std::mem::take(&mut self.of),
            sources: std::mem::take(&mut self.sources),
        })
    }
}

impl Columns for Rows {
    #[inline]
    fn text(&mut self, token: Token, text: &[u8]) {
        self.size += text.len();
        let row = self.count;
        if let Some(Column::Text(texts)) = self.column(token) {
            texts.push(row, text);
        }
    }

    fn number(&mut self, token: Token, number: i64) {
        self.size += NUMBER;
        let row = self.count;
        // Each kind of number fits into its column.
        match self.column(token) {
            Some(Column::Integer(numbers)) => numbers.push(row, number),
            Some(Column::Seconds(numbers)) => numbers.push(row, number.cast_unsigned()),
            Some(Column::Port(numbers) | Column::Boolean(numbers)) => {
                numbers.push(row, u16::try_from(number).unwrap_or(u16::MAX));
            }
            _ => {}
        }
    }

    fn time(&mut self, token: Token, micros: i64, finer: &[u8]) {
        self.size += NUMBER;
        let row = self.count;
        if let Some(Column::Time(times)) = self.column(token) {
            times.push(row, micros);
            self.moment(token, micros, finer);
        }
    }

    fn list(&mut self, token: Token) {
        let row = self.count;
        if let Some(Column::List(list)) = self.column(token) {
            list.begin(row);
        }
    }

    fn element(&mut self, token: Token, text: &[u8]) {
        self.size += text.len();
        if let Some(Column::List(list)) = self.column(token) {
            list.element(text);
        }
    }

    fn account(&mut self, member: Member, text: &[u8]) {
        self.size += text.len();
        let row = self.count;
        match member {
            Member::Source => self.source(text),
            Member::Status => self.account.status.push(row, text),
            Member::Message => self.account.message.push(row, text),
            Member::Unmapped => self.account.unmapped.push(row, text),
            Member::Issues => self.account.issues.push(row, text),
            Member::Raw => self.account.raw.push(row, text),
            Member::RawEncoding => self.account.raw_encoding.push(row, text),
        }
    }

    fn end(&mut self) {
        // The account of an event has its source and its status.
        let _ = self.close();
    }
}

/// Adds a member to an object that is not closed.
fn add(object: &mut Vec<u8>, name: &str, text: &[u8]) {
    object.push(if object.is_empty() { b'{' } else { b',' });
    for part in [&b"\""[..], name.as_bytes(), b"\":\"", text, b"\""] {
        object.extend_from_slice(part);
    }
}

/// Out of the way of the values: this happens once a token.
#[cold]
fn begin(slot: &mut Option<Column>, token: Token) {
    *slot = Some(Column::of(token.kind()));
}

impl Account {
    fn finish(&mut self, rows: usize) -> Result<StructArray, ArrowError> {
        let mut rejected = std::mem::take(&mut self.rejected);
        rejected.resize(rows, false);
        let rejected = NullBuffer::from(rejected);
        // In a row that is no reject its members are not null but hidden; their types do not allow null.
        let reject: Vec<ArrayRef> = vec![
            filled(self.reason.finish(rows)?, &rejected)?,
            filled(self.at.finish(rows)?, &rejected)?,
            filled(self.expected.finish(rows)?, &rejected)?,
        ];
        let reject = StructArray::try_new(schema::reject(), reject, Some(rejected))?;
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.source.finish(rows)?),
            Arc::new(self.status.finish(rows)?),
            Arc::new(self.message.finish(rows)?),
            Arc::new(self.unmapped.finish(rows)?),
            Arc::new(self.issues.finish(rows)?),
            Arc::new(reject),
            Arc::new(self.raw.finish(rows)?),
            Arc::new(self.raw_encoding.finish(rows)?),
            Arc::new(self.position.finish(rows)?),
            Arc::new(self.received.finish(rows)?.with_timezone(schema::UTC)),
            Arc::new(self.part.finish(rows)?),
            Arc::new(self.exact.finish(rows)?),
        ];
        StructArray::try_new(schema::account(), columns, None)
    }
}

/// A column whose nulls are all hidden by those of its parent.
fn filled(array: impl Array + 'static, parent: &NullBuffer) -> Result<ArrayRef, ArrowError> {
    if let Some(nulls) = array.nulls()
        && !parent.contains(nulls)
    {
        return Err(ArrowError::InvalidArgumentError("a reject without `reason`, `at` or `expected`".into()));
    }
    Ok(Arc::new(array))
}

/// The spelling as the opening of a member: `"sourceIpv4":`.
fn opening(token: Token) -> &'static [u8] {
    // It begins with a comma.
    let JsonKey { block, length } = token.next_json_key();
    block.get(1..*length).unwrap_or_default()
}

/// Tokens by a number made of their names, several in one place where they share it.
struct Names(Vec<Vec<Token>>);

impl Names {
    const PLACES: usize = 512;

    fn new() -> Self {
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
