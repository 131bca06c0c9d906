//! Lists of texts.

use std::borrow::Cow;

use xdr_model::Token;

use super::convert::pieces;
use super::{Mapper, Members};
use crate::field::{Field, Shape};
use crate::format::json;
use crate::sink::{Reason, Sink};

impl<'a, S: Sink<'a>, const N: usize> Mapper<'_, 'a, S, N> {
    /// A list of texts: the members of a JSON array, the pieces between `separator`, or one text.
    #[inline]
    pub fn list(&mut self, token: Token, slot: u16, row: u16, separator: Option<&str>) -> bool {
        self.has(slot) && self.list_of(token, slot, row, separator)
    }

    fn list_of(&mut self, token: Token, slot: u16, row: u16, separator: Option<&str>) -> bool {
        let mut members = Members::new();
        match self.members(token, slot, separator, &mut members) {
            Some(true) => self.put_texts(token, &members, slot, row),
            _ => false,
        }
    }

    /// A list of all the members that these fields have; each goes with its row.
    pub fn gather(&mut self, token: Token, fields: &[(u16, u16)]) -> bool {
        let mut members = Members::new();
        let mut first = None;
        for (slot, row) in fields.iter().filter(|(slot, _)| self.parts.present.contains(*slot)) {
            if self.members(token, *slot, None, &mut members) == Some(true) {
                self.told(*slot);
                first = first.or(Some((*slot, *row)));
            }
        }
        first.is_some_and(|(slot, row)| self.put_texts(token, &members, slot, row))
    }

    /// Appends a field's members. `Some(true)` if there are any, `None` after an issue.
    pub(super) fn members(
        &mut self,
        token: Token,
        slot: u16,
        separator: Option<&str>,
        members: &mut Members<'a>,
    ) -> Option<bool> {
        let before = members.len();
        self.values(token, slot, self.parts.slot(slot), separator, members)?;
        let parts = self.parts;
        for further in parts.further.iter().filter(|further| further.is_read && further.slot == slot) {
            self.values(token, slot, further.field, separator, members)?;
        }
        Some(members.len() > before)
    }

    /// Appends the members of one value of a field; `None` after an issue.
    fn values(
        &mut self,
        token: Token,
        slot: u16,
        field: Field<'a>,
        separator: Option<&str>,
        members: &mut Members<'a>,
    ) -> Option<()> {
        if !field.has_value() {
            return Some(());
        }
        match field.shape {
            Shape::Array => {
                for element in json::elements(field.raw) {
                    match element.shape {
                        Shape::Absent => {}
                        _ if element.raw.is_empty() => {}
                        _ => members.push(element.decoded()),
                    }
                }
            }
            Shape::Object => {
                self.refuse(token, slot, Reason::Other("an object where a list was expected"));
                return None;
            }
            _ => match (separator, field.shape) {
                (Some(separator), Shape::Text) => {
                    for piece in pieces(field.raw, separator) {
                        members.push(Cow::Borrowed(piece));
                    }
                }
                (Some(separator), _) => {
                    let text = field.decoded();
                    members.extend(pieces(&text, separator).map(|piece| Cow::Owned(piece.to_owned())));
                }
                (None, _) => members.push(field.decoded()),
            },
        }
        Some(())
    }
}
