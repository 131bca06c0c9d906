//! The account of each row: what became of its record.

use std::sync::Arc;

use arrow_array::types::{TimestampMicrosecondType, UInt64Type};
use arrow_array::{Array, ArrayRef, StructArray};
use arrow_buffer::NullBuffer;
use arrow_schema::ArrowError;

use super::columns::{Numbers, Texts, Words};
use super::schema;

/// The members of the account that are being filled.
pub(super) struct Account {
    pub(super) source: Words,
    pub(super) status: Words,
    pub(super) message: Texts,
    pub(super) unmapped: Texts,
    pub(super) issues: Texts,
    pub(super) reason: Texts,
    pub(super) at: Numbers<UInt64Type>,
    pub(super) expected: Texts,
    pub(super) rejected: Vec<bool>,
    pub(super) raw: Texts,
    pub(super) raw_encoding: Texts,
    pub(super) position: Numbers<UInt64Type>,
    pub(super) received: Numbers<TimestampMicrosecondType>,
    pub(super) part: Texts,
    pub(super) exact: Texts,
}

impl Account {
    pub(super) fn new() -> Self {
        Self {
            source: Words::default(),
            status: Words::default(),
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

    /// The account with so many rows, and of which source each is.
    pub(super) fn finish(&mut self, rows: usize) -> Result<(StructArray, Words), ArrowError> {
        let (source, sources) = self.source.finish(rows);
        let (status, _) = self.status.finish(rows);
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
            Arc::new(source),
            Arc::new(status),
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
        Ok((StructArray::try_new(schema::account(), columns, None)?, sources))
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
