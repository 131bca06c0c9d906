//! Events as rows of columns, told value by value as they are mapped.

mod lines;

use std::ops::Range;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, SchemaRef};
use xdr_model::Token;
use xdr_runtime::columns::{Columns, Member};
use xdr_runtime::sink::Constants;

use lines::Names;

use super::Batch;
use super::account::Account;
use super::columns::{Blanks, Column, Run, Words, with_runs};

/// What a number takes, in bytes.
const NUMBER: usize = 8;

/// How many of the constants that came last are looked at for those of a record.
const CONSTANTS: usize = 4;

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
    days: Vec<Option<i32>>,
    /// Constants, and the rows that have them.
    constants: Vec<(&'static Constants, Range<usize>)>,
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
            constants: Vec::new(),
        }
    }

    /// An empty table of the same schema.
    pub(super) fn anew(&self) -> Self {
        Self::new(Arc::clone(&self.schema))
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
        if self.account.source.of.len() != rows || self.account.status.of.len() != rows {
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
        let mut runs: Vec<Vec<Run>> = vec![Vec::new(); self.tokens.len()];
        for (constants, among) in self.constants.drain(..) {
            for (token, text, _) in constants.list {
                if let Some(runs) = runs.get_mut(token.index()) {
                    runs.push((text, among.start..among.end.min(rows)));
                }
            }
        }
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(self.tokens.len() + 1);
        for ((column, runs), field) in self.tokens.iter_mut().zip(runs).zip(self.schema.fields()) {
            let own = match column {
                Some(column) if !column.is_blank() => column.finish(rows)?,
                _ => self.blanks.rows(field.data_type(), rows),
            };
            columns.push(match own.as_binary_opt() {
                Some(own) if !runs.is_empty() => Arc::new(with_runs(own, &runs)),
                _ => own,
            });
        }
        let (account, Words { known: sources, of }) = self.account.finish(rows)?;
        columns.push(Arc::new(account));
        Ok(Batch {
            rows: RecordBatch::try_new(Arc::clone(&self.schema), columns)?,
            days: std::mem::take(&mut self.days),
            of,
            sources,
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

    fn constants(&mut self, constants: &'static Constants) {
        let row = self.count;
        // A record has few of them.
        let known = self.constants.iter_mut().rev().take(CONSTANTS);
        let mut known = known.filter(|(known, rows)| std::ptr::eq(*known, constants) && rows.end == row);
        match known.next() {
            Some((_, rows)) => rows.end += 1,
            None => self.constants.push((constants, row..row + 1)),
        }
        self.size += constants.list.iter().map(|(_, text, _)| text.len()).sum::<usize>();
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
            Member::Source => self.account.source.push(text),
            Member::Status => self.account.status.push(text),
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

#[cfg(test)]
mod tests {
    use super::super::schema;
    use super::*;

    static GATE: Constants = Constants {
        list: &[(Token::DeviceType, "VPN", 0), (Token::DeviceVendor, "Acme", 1)],
        json: ",\"deviceType\":\"VPN\",\"deviceVendor\":\"Acme\"",
    };
    static AGENT: Constants =
        Constants { list: &[(Token::DeviceModel, "Agent", 2)], json: ",\"deviceModel\":\"Agent\"" };

    /// Rows with both constants, one of them or none, and a vendor that the record tells.
    fn rows(of: &[(bool, bool, Option<&str>)]) -> Rows {
        let mut rows = Rows::new(Arc::new(schema::held()));
        for (gate, agent, vendor) in of {
            if *gate {
                rows.constants(&GATE);
            }
            if let Some(vendor) = vendor {
                rows.text(Token::DeviceVendor, vendor.as_bytes());
            }
            if *agent {
                rows.constants(&AGENT);
            }
            Columns::account(&mut rows, Member::Source, if *gate { "gate" } else { "other" }.as_bytes());
            Columns::account(&mut rows, Member::Status, if *agent { "mapped" } else { "partial" }.as_bytes());
            rows.end();
        }
        rows
    }

    /// The texts of a column, a row each; `-` for none.
    fn texts(column: &ArrayRef) -> String {
        let text = |text: Option<&[u8]>| {
            text.map_or("-".to_owned(), |text| String::from_utf8(text.to_vec()).unwrap())
        };
        column.as_binary::<i32>().iter().map(text).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn constants_stand_in_the_rows_that_have_them() {
        let (all, none) = ((true, true, None), (false, false, None));
        let told = (false, true, Some("Other"));
        for (of, vendors, models, sources, statuses) in [
            (
                &[all, all, all][..],
                "Acme Acme Acme",
                "Agent Agent Agent",
                "gate gate gate",
                "mapped mapped mapped",
            ),
            (&[none, all], "- Acme", "- Agent", "other gate", "partial mapped"),
            (&[all, all, none], "Acme Acme -", "Agent Agent -", "gate gate other", "mapped mapped partial"),
            (
                &[told, all, told, all, none],
                "Other Acme Other Acme -",
                "Agent Agent Agent Agent -",
                "other gate other gate other",
                "mapped mapped mapped mapped partial",
            ),
        ] {
            for begun in [false, true] {
                let mut rows = rows(of);
                if begun {
                    rows.constants(&GATE);
                    Columns::account(&mut rows, Member::Source, b"broken");
                }
                for again in [false, true] {
                    let Batch { rows: columns, of, sources: known, .. } = rows.finish().unwrap();
                    if again {
                        assert_eq!(columns.num_rows(), 0);
                        continue;
                    }
                    let column = |token: Token| texts(columns.column(token.index()));
                    assert_eq!(column(Token::DeviceVendor), vendors);
                    assert_eq!(
                        column(Token::DeviceType).replace("VPN", "Acme"),
                        vendors.replace("Other", "-")
                    );
                    assert_eq!(column(Token::DeviceModel), models);
                    let account = columns.column(Token::COUNT).as_struct();
                    assert_eq!((&*texts(account.column(0)), &*texts(account.column(1))), (sources, statuses));
                    let names: Vec<&str> = of.iter().map(|index| &*known[*index]).collect();
                    assert_eq!(names.join(" "), sources);
                }
            }
        }
    }
}
