//! Columns that are being filled: values are appended where a record has them, and what lies between becomes null.
//!
//! So a record costs as much as it has values, though a table has more than a hundred columns.

use std::sync::Arc;

use arrow_array::types::{Int64Type, TimestampMicrosecondType, UInt16Type, UInt64Type};
use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, BinaryArray, BooleanArray, ListArray, PrimitiveArray, new_null_array,
};
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer, OffsetBufferBuilder, ScalarBuffer};
use arrow_schema::{ArrowError, DataType};

use super::schema;

/// Which rows have a value.
#[derive(Default)]
struct Present {
    /// How many rows there are up to the last value.
    rows: usize,
    /// Whether one of these has no value.
    gaps: bool,
    /// A bit a row, the lowest first; kept from the first gap on.
    bits: Vec<u64>,
}

impl Present {
    /// Says that there is a value in this row, none in those behind the last one; gives the number of these.
    #[inline]
    fn set(&mut self, row: usize) -> usize {
        if row == self.rows && !self.gaps {
            self.rows = row + 1;
            return 0;
        }
        self.mark(row)
    }

    fn mark(&mut self, row: usize) -> usize {
        self.note();
        let between = row.saturating_sub(self.rows);
        self.rows = row + 1;
        if self.bits.len() <= row / 64 {
            self.bits.resize(row / 64 + 1, 0);
        }
        if let Some(word) = self.bits.last_mut() {
            *word |= 1 << (row % 64);
        }
        between
    }

    /// Keeps bits from now on.
    fn note(&mut self) {
        if !self.gaps {
            self.gaps = true;
            self.bits.resize(self.rows / 64, u64::MAX);
            if !self.rows.is_multiple_of(64) {
                self.bits.push((1 << (self.rows % 64)) - 1);
            }
        }
    }

    /// Ends behind so many rows, and begins anew. Gives how many are added, all without a value.
    fn end(&mut self, rows: usize) -> (usize, Option<NullBuffer>) {
        let behind = rows.saturating_sub(self.rows);
        if behind > 0 {
            self.note();
        }
        let Self { gaps, mut bits, .. } = std::mem::take(self);
        if !gaps {
            return (0, None);
        }
        bits.resize(rows.div_ceil(64), 0);
        (behind, Some(NullBuffer::new(BooleanBuffer::new(Buffer::from_vec(bits), 0, rows))))
    }
}

/// A column of texts, which are UTF-8.
#[derive(Default)]
pub(super) struct Texts {
    present: Present,
    bytes: Vec<u8>,
    /// Where each text ends. `None` before the first one.
    ends: Option<OffsetBufferBuilder<i32>>,
    /// The bytes and ends to make room for with the first text: a little more than the rows before took. Room that grows is copied
    /// each time, and memory that is asked for in the same pieces again is at hand.
    room: (usize, usize),
}

impl Texts {
    #[inline]
    pub(super) fn push(&mut self, row: usize, text: &[u8]) {
        let Self { present, bytes, ends, room } = self;
        let ends = ends.get_or_insert_with(|| begin(bytes, *room));
        let between = present.set(row);
        if between > 0 {
            fill(ends, between);
        }
        bytes.extend_from_slice(text);
        ends.push_length(text.len());
    }

    /// The column with so many rows; a value of a row behind them is left out. It begins anew then.
    ///
    /// # Errors
    /// More bytes than the type of the ends holds.
    pub(super) fn finish(&mut self, rows: usize) -> Result<BinaryArray, ArrowError> {
        let Self { present, bytes, ends, room } = self;
        let mut ends = ends.take().unwrap_or_else(|| begin(bytes, *room));
        let (behind, nulls) = present.end(rows);
        fill(&mut ends, behind);
        let bytes = std::mem::take(bytes);
        debug_assert!(std::str::from_utf8(&bytes).is_ok(), "texts are UTF-8");
        *room = (more(bytes.len()), more(rows));
        let ends = ends.try_finish().map_err(|_| ArrowError::OffsetOverflowError(bytes.len()))?;
        let ends = if ends.len() > rows + 1 { ends.slice(0, rows) } else { ends };
        BinaryArray::try_new(ends, Buffer::from_vec(bytes), nulls)
    }

    /// How many rows there are up to the last text.
    pub(super) fn rows(&self) -> usize {
        self.present.rows
    }
}

#[cold]
fn begin(bytes: &mut Vec<u8>, (length, rows): (usize, usize)) -> OffsetBufferBuilder<i32> {
    bytes.reserve(length);
    OffsetBufferBuilder::new(rows)
}

/// Rows without a text.
fn fill(ends: &mut OffsetBufferBuilder<i32>, rows: usize) {
    for _ in 0..rows {
        ends.push_length(0);
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
    present: Present,
    values: Vec<T::Native>,
}

impl<T: ArrowPrimitiveType> Numbers<T> {
    pub(super) fn new() -> Self {
        Self { present: Present::default(), values: Vec::new() }
    }

    #[inline]
    pub(super) fn push(&mut self, row: usize, value: T::Native) {
        let between = self.present.set(row);
        if between > 0 {
            self.values.resize(self.values.len() + between, T::Native::default());
        }
        self.values.push(value);
    }

    /// The column with so many rows; it begins anew then.
    pub(super) fn finish(&mut self, rows: usize) -> Result<PrimitiveArray<T>, ArrowError> {
        let (behind, nulls) = self.present.end(rows);
        let mut values = std::mem::take(&mut self.values);
        values.resize(values.len() + behind, T::Native::default());
        values.truncate(rows);
        self.values.reserve(more(values.len()));
        PrimitiveArray::try_new(ScalarBuffer::from(values), nulls)
    }
}

/// A column of lists of texts.
#[derive(Default)]
pub(super) struct Lists {
    present: Present,
    elements: Texts,
    /// Where each list ends; 0 in front. Empty before the first list.
    ends: Vec<i32>,
}

impl Lists {
    /// Begins a list in this row; its elements follow.
    pub(super) fn begin(&mut self, row: usize) {
        let between = self.present.set(row);
        let last = self.ends.last().copied().unwrap_or_default();
        // The first one has a 0 in front.
        let front = usize::from(self.ends.is_empty());
        self.ends.resize(self.ends.len() + front + between + 1, last);
    }

    pub(super) fn element(&mut self, text: &[u8]) {
        self.elements.push(self.elements.present.rows, text);
        if let Some(last) = self.ends.last_mut() {
            *last = i32::try_from(self.elements.present.rows).unwrap_or(-1);
        }
    }

    fn finish(&mut self, rows: usize) -> Result<ListArray, ArrowError> {
        let (_, nulls) = self.present.end(rows);
        let mut ends = std::mem::take(&mut self.ends);
        let last = ends.last().copied().unwrap_or_default();
        ends.resize(rows + 1, last);
        let elements = self.elements.finish(self.elements.present.rows)?;
        ListArray::try_new(schema::element(), offsets(ends)?, Arc::new(elements), nulls)
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
            Kind::StringList | Kind::IpList => Self::List(Lists::default()),
            Kind::String | Kind::Ipv4 | Kind::Ipv6 | Kind::Ip | Kind::Uuid | Kind::Hash => {
                Self::Text(Texts::default())
            }
        }
    }

    /// Whether no row has a value yet.
    pub(super) fn is_blank(&self) -> bool {
        let present = match self {
            Self::Text(column) => &column.present,
            Self::Integer(column) => &column.present,
            Self::Port(column) | Self::Boolean(column) => &column.present,
            Self::Seconds(column) => &column.present,
            Self::Time(column) => &column.present,
            Self::List(column) => &column.present,
        };
        present.rows == 0
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
        let mut texts = Texts::default();
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
        let mut column = Texts::default();
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
        let mut lists = Lists::default();
        for _ in 0..2 {
            lists.begin(1);
            lists.element(b"a");
            let array = lists.finish(2).unwrap();
            assert_eq!((array.null_count(), array.value_length(1)), (1, 1));
        }
    }

    #[test]
    fn lists_may_be_absent_empty_or_long() {
        let mut lists = Lists::default();
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
                    (Texts::default(), Numbers::<Int64Type>::new(), Lists::default());
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
