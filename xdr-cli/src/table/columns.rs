//! Columns that are being filled: values are appended where a record has them, and what lies between becomes null.
//!
//! So a record costs as much as it has values, though a table has more than a hundred columns.

use std::sync::Arc;

use arrow_array::types::{Int64Type, TimestampMicrosecondType, UInt16Type, UInt64Type};
use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, BooleanArray, ListArray, PrimitiveArray, StringArray,
};
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::ArrowError;

use super::schema;

/// Which rows have a value.
struct Present {
    rows: usize,
    /// A bit a row, the lowest first.
    bits: Vec<u64>,
}

impl Present {
    fn new() -> Self {
        Self { rows: 0, bits: Vec::new() }
    }

    /// Says that there is a value in this row, none in those behind the last one; gives the number of these.
    fn set(&mut self, row: usize) -> usize {
        let between = row.saturating_sub(self.rows);
        self.rows = row + 1;
        while self.bits.len() <= row / 64 {
            self.bits.push(0);
        }
        if let Some(word) = self.bits.last_mut() {
            *word |= 1 << (row % 64);
        }
        between
    }

    /// Ends behind so many rows. Gives how many are added, all without a value.
    fn end(mut self, rows: usize) -> (usize, Option<NullBuffer>) {
        let behind = rows.saturating_sub(self.rows);
        self.bits.resize(rows.div_ceil(64), 0);
        let bits = BooleanBuffer::new(Buffer::from_vec(self.bits), 0, rows);
        (behind, Some(NullBuffer::new(bits)).filter(|nulls| nulls.null_count() > 0))
    }
}

/// A column of texts.
pub(super) struct Texts {
    present: Present,
    bytes: Vec<u8>,
    /// Where each text ends; 0 in front.
    ends: Vec<i32>,
}

impl Texts {
    pub(super) fn new() -> Self {
        Self { present: Present::new(), bytes: Vec::new(), ends: vec![0] }
    }

    pub(super) fn push(&mut self, row: usize, text: &[u8]) {
        let between = self.present.set(row);
        self.fill(between);
        self.bytes.extend_from_slice(text);
        self.ends.push(end(&self.bytes));
    }

    #[inline]
    fn fill(&mut self, rows: usize) {
        if rows > 0 {
            let last = self.ends.last().copied().unwrap_or_default();
            self.ends.resize(self.ends.len() + rows, last);
        }
    }

    fn finish(mut self, rows: usize) -> Result<StringArray, ArrowError> {
        let (behind, nulls) = std::mem::replace(&mut self.present, Present::new()).end(rows);
        self.fill(behind);
        StringArray::try_new(offsets(self.ends)?, Buffer::from_vec(self.bytes), nulls)
    }
}

/// Where the text that ends here ends. More than the type holds is found when the column is finished: the ends do not grow.
fn end(bytes: &[u8]) -> i32 {
    i32::try_from(bytes.len()).unwrap_or(-1)
}

fn offsets(ends: Vec<i32>) -> Result<OffsetBuffer<i32>, ArrowError> {
    // They only grow, so an end that is too much is the last, or followed by such.
    if ends.last().is_none_or(|end| *end < 0) {
        return Err(ArrowError::OffsetOverflowError(ends.len()));
    }
    Ok(OffsetBuffer::new(ScalarBuffer::from(ends)))
}

/// A column of numbers of one type.
pub(super) struct Numbers<T: ArrowPrimitiveType> {
    present: Present,
    values: Vec<T::Native>,
}

impl<T: ArrowPrimitiveType> Numbers<T> {
    pub(super) fn new() -> Self {
        Self { present: Present::new(), values: Vec::new() }
    }

    pub(super) fn push(&mut self, row: usize, value: T::Native) {
        let between = self.present.set(row);
        if between > 0 {
            self.values.resize(self.values.len() + between, T::Native::default());
        }
        self.values.push(value);
    }

    fn finish(mut self, rows: usize) -> Result<PrimitiveArray<T>, ArrowError> {
        let (behind, nulls) = self.present.end(rows);
        self.values.resize(self.values.len() + behind, T::Native::default());
        PrimitiveArray::try_new(ScalarBuffer::from(self.values), nulls)
    }
}

/// A column of lists of texts.
pub(super) struct Lists {
    present: Present,
    elements: Texts,
    ends: Vec<i32>,
}

impl Lists {
    fn new() -> Self {
        Self { present: Present::new(), elements: Texts::new(), ends: vec![0] }
    }

    /// Begins a list in this row; its elements follow.
    pub(super) fn begin(&mut self, row: usize) {
        let between = self.present.set(row);
        let last = self.ends.last().copied().unwrap_or_default();
        self.ends.resize(self.ends.len() + between + 1, last);
    }

    pub(super) fn element(&mut self, text: &[u8]) {
        self.elements.push(self.elements.present.rows, text);
        if let Some(last) = self.ends.last_mut() {
            *last = i32::try_from(self.elements.present.rows).unwrap_or(-1);
        }
    }

    fn finish(mut self, rows: usize) -> Result<ListArray, ArrowError> {
        let (behind, nulls) = self.present.end(rows);
        let last = self.ends.last().copied().unwrap_or_default();
        self.ends.resize(self.ends.len() + behind, last);
        let count = self.elements.present.rows;
        let elements = self.elements.finish(count)?;
        ListArray::try_new(schema::element(), offsets(self.ends)?, Arc::new(elements), nulls)
    }
}

/// A column of the kind of a token.
pub(super) enum Column {
    Text(Texts),
    Integer(Numbers<Int64Type>),
    Port(Numbers<UInt16Type>),
    Seconds(Numbers<UInt64Type>),
    Time(Numbers<TimestampMicrosecondType>),
    Boolean(Numbers<UInt16Type>),
    List(Lists),
}

impl Column {
    pub(super) fn of(kind: xdr_model::Kind) -> Self {
        use xdr_model::Kind;
        match kind {
            Kind::Integer => Self::Integer(Numbers::new()),
            Kind::Port => Self::Port(Numbers::new()),
            Kind::Duration => Self::Seconds(Numbers::new()),
            Kind::Timestamp => Self::Time(Numbers::new()),
            Kind::Boolean => Self::Boolean(Numbers::new()),
            Kind::StringList | Kind::IpList => Self::List(Lists::new()),
            Kind::String | Kind::Ipv4 | Kind::Ipv6 | Kind::Ip | Kind::Uuid | Kind::Hash => {
                Self::Text(Texts::new())
            }
        }
    }

    /// The column with so many rows.
    pub(super) fn finish(self, rows: usize) -> Result<ArrayRef, ArrowError> {
        Ok(match self {
            Self::Text(column) => Arc::new(column.finish(rows)?),
            Self::Integer(column) => Arc::new(column.finish(rows)?),
            Self::Port(column) => Arc::new(column.finish(rows)?),
            Self::Seconds(column) => Arc::new(column.finish(rows)?),
            Self::Time(column) => Arc::new(column.finish(rows)?.with_timezone(schema::UTC)),
            Self::Boolean(column) => {
                let column = column.finish(rows)?;
                let values = BooleanBuffer::collect_bool(rows, |row| column.values().get(row) == Some(&1));
                Arc::new(BooleanArray::new(values, column.nulls().cloned()))
            }
            Self::List(column) => Arc::new(column.finish(rows)?),
        })
    }
}

impl Texts {
    /// The column with so many rows, for what is no token's.
    pub(super) fn array(self, rows: usize) -> Result<ArrayRef, ArrowError> {
        Ok(Arc::new(self.finish(rows)?))
    }

    /// How many rows there are up to the last text.
    pub(super) fn rows(&self) -> usize {
        self.present.rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::cast::AsArray;

    #[test]
    fn rows_without_a_value_are_null_before_between_and_behind() {
        let mut texts = Texts::new();
        texts.push(2, b"kim");
        texts.push(3, b"");
        texts.push(6, "gr\u{fc}n".as_bytes());
        let array = texts.finish(8).unwrap();
        let found: Vec<Option<&str>> = array.iter().collect();
        assert_eq!(found, [None, None, Some("kim"), Some(""), None, None, Some("grün"), None]);

        let mut numbers = Numbers::<Int64Type>::new();
        numbers.push(1, -7);
        let found: Vec<Option<i64>> = numbers.finish(3).unwrap().iter().collect();
        assert_eq!(found, [None, Some(-7), None]);
        assert_eq!(Numbers::<Int64Type>::new().finish(2).unwrap().null_count(), 2);
    }

    #[test]
    fn lists_may_be_absent_empty_or_long() {
        let mut lists = Lists::new();
        lists.begin(1);
        lists.begin(2);
        lists.element(b"a");
        lists.element(b"b");
        lists.begin(4);
        lists.element(b"c");
        let array = lists.finish(6).unwrap();
        let found: Vec<Option<Vec<String>>> = array
            .iter()
            .map(|list| {
                list.map(|list| list.as_string::<i32>().iter().map(|text| text.unwrap().to_owned()).collect())
            })
            .collect();
        let list = |texts: &[&str]| Some(texts.iter().map(|text| (*text).to_owned()).collect());
        assert_eq!(found, [None, list(&[]), list(&["a", "b"]), None, list(&["c"]), None]);
    }

    #[test]
    fn booleans_and_texts_that_are_not_utf8_are_told() {
        let mut column = Column::of(xdr_model::Kind::Boolean);
        let Column::Boolean(flags) = &mut column else { panic!() };
        flags.push(0, 1);
        flags.push(2, 0);
        let array = column.finish(3).unwrap();
        let found: Vec<Option<bool>> = array.as_boolean().iter().collect();
        assert_eq!(found, [Some(true), None, Some(false)]);
        let mut texts = Texts::new();
        texts.push(0, b"\xff");
        assert!(texts.finish(1).is_err());
    }
}
