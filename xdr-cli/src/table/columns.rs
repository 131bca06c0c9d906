//! Columns that are being filled: values are appended where a record has them, and what lies between becomes null.
//!
//! So a record costs as much as it has values, though a table has more than a hundred columns.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::types::{Int64Type, TimestampMicrosecondType, UInt16Type, UInt64Type};
use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, BinaryArray, BooleanArray, ListArray, PrimitiveArray, new_null_array,
};
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer, OffsetBufferBuilder, ScalarBuffer};
use arrow_schema::{ArrowError, DataType};

use super::schema;

/// Which rows have a value: a bit a row, the lowest first.
#[derive(Default)]
struct Present(Vec<u64>);

impl Present {
    /// So many rows, of which all have one.
    fn all(rows: usize) -> Self {
        let mut bits = vec![u64::MAX; rows / 64];
        bits.push((1 << (rows % 64)) - 1);
        Self(bits)
    }

    #[inline]
    fn set(&mut self, row: usize) {
        let at = row / 64;
        if at >= self.0.len() {
            self.grow(at);
        }
        if let Some(word) = self.0.get_mut(at) {
            *word |= 1 << (row % 64);
        }
    }

    #[cold]
    fn grow(&mut self, at: usize) {
        self.0.resize(at + 1, 0);
    }

    /// Which of so many rows have none; `None` if all have one. It begins anew then.
    fn finish(&mut self, rows: usize) -> Option<NullBuffer> {
        let room = self.0.len();
        Self(std::mem::replace(&mut self.0, Vec::with_capacity(room))).nulls(rows)
    }

    /// Which of so many rows have none, for the last time.
    fn nulls(mut self, rows: usize) -> Option<NullBuffer> {
        self.0.resize(rows.div_ceil(64), 0);
        let nulls = NullBuffer::new(BooleanBuffer::new(Buffer::from_vec(self.0), 0, rows));
        Some(nulls).filter(|nulls| nulls.null_count() > 0)
    }
}

/// A column of texts, which are UTF-8.
pub(super) struct Texts {
    /// Where each row up to the last text ends; 0 in front.
    ends: OffsetBufferBuilder<i32>,
    bytes: Vec<u8>,
    /// Which rows have a text, once there was one without.
    present: Option<Present>,
}

impl Texts {
    pub(super) fn new() -> Self {
        Self { ends: OffsetBufferBuilder::new(0), bytes: Vec::new(), present: None }
    }

    #[inline]
    pub(super) fn push(&mut self, row: usize, text: &[u8]) {
        if self.ends.len() <= row {
            self.skip(row);
        }
        if let Some(present) = &mut self.present {
            present.set(row);
        }
        self.bytes.extend_from_slice(text);
        // No more than the bytes, which are in memory.
        let _ = self.ends.try_push_length(text.len());
    }

    /// Adds rows without a text, up to so many.
    #[inline(never)]
    fn skip(&mut self, rows: usize) {
        let before = self.rows();
        self.present.get_or_insert_with(|| Present::all(before));
        while self.ends.len() <= rows {
            // It does not grow.
            let _ = self.ends.try_push_length(0);
        }
    }

    /// The column with so many rows; a value of a row behind them is left out. It begins anew then, with room for a little more than it
    /// had: room that grows is copied each time, and memory that is asked for in the same pieces again is at hand.
    ///
    /// # Errors
    /// More bytes than the type of the ends holds.
    pub(super) fn finish(&mut self, rows: usize) -> Result<BinaryArray, ArrowError> {
        let room = if self.rows() == 0 { 0 } else { more(rows) };
        if self.rows() < rows {
            self.skip(rows);
        }
        let bytes = Vec::with_capacity(more(self.bytes.len()));
        let bytes = std::mem::replace(&mut self.bytes, bytes);
        let ends = std::mem::replace(&mut self.ends, OffsetBufferBuilder::new(room));
        let nulls = self.present.take().and_then(|present| present.nulls(rows));
        debug_assert!(std::str::from_utf8(&bytes).is_ok(), "texts are UTF-8");
        let ends = ends.try_finish().map_err(|_| ArrowError::OffsetOverflowError(bytes.len()))?;
        let ends = if ends.len() > rows + 1 { ends.slice(0, rows) } else { ends };
        BinaryArray::try_new(ends, Buffer::from_vec(bytes), nulls)
    }

    /// How many rows there are up to the last text.
    pub(super) fn rows(&self) -> usize {
        self.ends.len() - 1
    }
}

/// An eighth more than this.
fn more(length: usize) -> usize {
    length + length / 8
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
    /// Those of the rows up to the last one that has a number.
    values: Vec<T::Native>,
    present: Present,
}

impl<T: ArrowPrimitiveType> Numbers<T> {
    pub(super) fn new() -> Self {
        Self { values: Vec::new(), present: Present::default() }
    }

    #[inline]
    pub(super) fn push(&mut self, row: usize, value: T::Native) {
        if self.values.len() < row {
            self.values.resize(row, T::Native::default());
        }
        self.present.set(row);
        self.values.push(value);
    }

    /// The column with so many rows; it begins anew then.
    pub(super) fn finish(&mut self, rows: usize) -> Result<PrimitiveArray<T>, ArrowError> {
        let nulls = self.present.finish(rows);
        let room = if self.values.is_empty() { 0 } else { more(rows) };
        let mut values = std::mem::replace(&mut self.values, Vec::with_capacity(room));
        values.resize(rows, T::Native::default());
        PrimitiveArray::try_new(ScalarBuffer::from(values), nulls)
    }
}

/// A column of lists of texts.
pub(super) struct Lists {
    /// Where the list of each row ends, up to the last one that has a list; 0 in front.
    ends: Vec<i32>,
    elements: Texts,
    present: Present,
}

impl Lists {
    fn new() -> Self {
        Self { ends: vec![0], elements: Texts::new(), present: Present::default() }
    }

    /// Begins a list in this row; its elements follow.
    pub(super) fn begin(&mut self, row: usize) {
        self.present.set(row);
        let last = self.ends.last().copied().unwrap_or_default();
        self.ends.resize(row + 2, last);
    }

    pub(super) fn element(&mut self, text: &[u8]) {
        self.elements.push(self.elements.rows(), text);
        if let Some(last) = self.ends.last_mut() {
            *last = i32::try_from(self.elements.rows()).unwrap_or(-1);
        }
    }

    fn finish(&mut self, rows: usize) -> Result<ListArray, ArrowError> {
        let nulls = self.present.finish(rows);
        let mut ends = std::mem::replace(&mut self.ends, vec![0]);
        let last = ends.last().copied().unwrap_or_default();
        ends.resize(rows + 1, last);
        let elements = self.elements.finish(self.elements.rows())?;
        ListArray::try_new(schema::element(), offsets(ends)?, Arc::new(elements), nulls)
    }
}

/// A text and the rows that have it.
pub(super) type Run = (&'static str, Range<usize>);

/// The column with these runs in rows in which it has nothing itself.
pub(super) fn with_runs(own: &BinaryArray, runs: &[Run]) -> BinaryArray {
    if let [(text, rows)] = runs
        && *rows == (0..own.len())
    {
        return BinaryArray::new_repeated(text, own.len());
    }
    let mut texts: Vec<Option<&[u8]>> = own.iter().collect();
    for (text, rows) in runs {
        if let Some(texts) = texts.get_mut(rows.clone()) {
            texts.fill(Some(text.as_bytes()));
        }
    }
    texts.into_iter().collect()
}

/// A column of few words. Each row has one, mostly that of the row before.
#[derive(Default)]
pub(super) struct Words {
    pub(super) known: Vec<String>,
    /// The word of each row, an index into `known`.
    pub(super) of: Vec<usize>,
}

impl Words {
    /// Appends the word of the next row.
    #[inline]
    pub(super) fn push(&mut self, word: &[u8]) {
        let last = self.of.last().copied().unwrap_or_default();
        let is_last = self.known.get(last).is_some_and(|last| last.as_bytes() == word);
        let index = if is_last { last } else { self.index(word) };
        self.of.push(index);
    }

    #[inline(never)]
    fn index(&mut self, word: &[u8]) -> usize {
        self.known.iter().position(|known| known.as_bytes() == word).unwrap_or_else(|| {
            self.known.push(String::from_utf8_lossy(word).into_owned());
            self.known.len() - 1
        })
    }

    /// The column.
    fn column(&self) -> BinaryArray {
        match &*self.known {
            [word] => BinaryArray::new_repeated(word, self.of.len()),
            known => self.of.iter().map(|index| known.get(*index).map(String::as_bytes)).collect(),
        }
    }

    /// The words with so many rows; those of rows behind them are left out. It begins anew then.
    pub(super) fn finish(&mut self, rows: usize) -> (BinaryArray, Self) {
        self.of.truncate(rows);
        let words = std::mem::take(self);
        (words.column(), words)
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

    /// Whether no row has a value yet.
    pub(super) fn is_blank(&self) -> bool {
        let rows = match self {
            Self::Text(column) => column.rows(),
            Self::Integer(column) => column.values.len(),
            Self::Port(column) | Self::Boolean(column) => column.values.len(),
            Self::Seconds(column) => column.values.len(),
            Self::Time(column) => column.values.len(),
            Self::List(column) => column.ends.len() - 1,
        };
        rows == 0
    }

    /// The column with so many rows; it begins anew then.
    pub(super) fn finish(&mut self, rows: usize) -> Result<ArrayRef, ArrowError> {
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

/// Columns without a value, of all types that were asked for.
#[derive(Default)]
pub(super) struct Blanks(Vec<ArrayRef>);

impl Blanks {
    /// So many rows of this type.
    pub(super) fn rows(&mut self, data_type: &DataType, rows: usize) -> ArrayRef {
        let known = self.0.iter().position(|column| column.data_type() == data_type);
        if let Some(column) = known.and_then(|at| self.0.get(at)).filter(|column| column.len() >= rows) {
            return column.slice(0, rows);
        }
        let column = new_null_array(data_type, more(rows));
        let slice = column.slice(0, rows);
        match known.and_then(|at| self.0.get_mut(at)) {
            Some(place) => *place = column,
            None => self.0.push(column),
        }
        slice
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
        let found: Vec<Option<&[u8]>> = array.iter().collect();
        assert_eq!(
            found,
            [None, None, Some(&b"kim"[..]), Some(b""), None, None, Some("grün".as_bytes()), None]
        );

        let mut numbers = Numbers::<Int64Type>::new();
        numbers.push(1, -7);
        let found: Vec<Option<i64>> = numbers.finish(3).unwrap().iter().collect();
        assert_eq!(found, [None, Some(-7), None]);
        assert_eq!(Numbers::<Int64Type>::new().finish(2).unwrap().null_count(), 2);
    }

    #[test]
    fn a_finished_column_begins_anew_and_gaps_are_kept_wherever_they_begin() {
        let mut column = Texts::new();
        for gap in [None, Some(0), Some(1), Some(63), Some(64), Some(65), Some(128), Some(199), None] {
            let expected: Vec<Option<String>> =
                (0..200).map(|row| (Some(row) != gap).then(|| row.to_string())).collect();
            for (row, text) in expected.iter().enumerate() {
                if let Some(text) = text {
                    column.push(row, text.as_bytes());
                }
            }
            let array = column.finish(200).unwrap();
            assert_eq!(array.null_count(), usize::from(gap.is_some()));
            assert!(
                array.iter().eq(expected.iter().map(|text| text.as_ref().map(String::as_bytes))),
                "{gap:?}"
            );
        }
        assert_eq!(column.finish(3).unwrap().null_count(), 3);
        let mut lists = Lists::new();
        for _ in 0..2 {
            lists.begin(1);
            lists.element(b"a");
            let array = lists.finish(2).unwrap();
            assert_eq!((array.null_count(), array.value_length(1)), (1, 1));
        }
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
                let text = |text: Option<&[u8]>| String::from_utf8(text.unwrap().to_vec()).unwrap();
                list.map(|list| list.as_binary::<i32>().iter().map(text).collect())
            })
            .collect();
        let list = |texts: &[&str]| Some(texts.iter().map(|text| (*text).to_owned()).collect());
        assert_eq!(found, [None, list(&[]), list(&["a", "b"]), None, list(&["c"]), None]);
    }

    #[test]
    fn booleans_are_columns_of_bits() {
        let mut column = Column::of(xdr_model::Kind::Boolean);
        let Column::Boolean(flags) = &mut column else { panic!() };
        flags.push(0, 1);
        flags.push(2, 0);
        let array = column.finish(3).unwrap();
        let found: Vec<Option<bool>> = array.as_boolean().iter().collect();
        assert_eq!(found, [Some(true), None, Some(false)]);
    }

    #[test]
    fn of_a_row_that_was_begun_and_not_ended_nothing_stays() {
        for rows in [0, 1, 64, 70] {
            for begun in [false, true] {
                let (mut texts, mut numbers, mut lists) =
                    (Texts::new(), Numbers::<Int64Type>::new(), Lists::new());
                for row in 0..rows + usize::from(begun) {
                    if row % 3 != 1 || row == rows {
                        texts.push(row, row.to_string().as_bytes());
                        numbers.push(row, 7);
                        lists.begin(row);
                        lists.element(b"a");
                    }
                }
                let filled = (0..rows).filter(|row| row % 3 != 1).count();
                let texts = texts.finish(rows).unwrap();
                assert_eq!((texts.len(), texts.len() - texts.null_count()), (rows, filled));
                let numbers = numbers.finish(rows).unwrap();
                assert_eq!((numbers.len(), numbers.len() - numbers.null_count()), (rows, filled));
                let lists = lists.finish(rows).unwrap();
                assert_eq!((lists.len(), lists.len() - lists.null_count()), (rows, filled));
            }
        }
    }
}
