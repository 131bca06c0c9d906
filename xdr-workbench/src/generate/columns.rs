//! Columns written backwards, with and without quotes.

use xdr_codegen::ir::{Csv, Key, KeyTemplates, To};
use xdr_runtime::format::csv;

use super::extension::nameless;
use super::pairs::{by_key, handing, of_key};
use super::template::{Fill, Made, Piece, Wish, Writer};
use super::value::Value;

/// A text of columns; the text in hand behind it goes into the column that hands one on.
pub(super) fn write<'g>(w: &mut Writer<'_, 'g>, form: &'g Csv, inner: Piece) -> Made<Piece> {
    let all = form.columns.len();
    let handing = handing(w, &form.columns, &inner)?;
    // What is wanted may stand in any column, so short records are few.
    let short = w.wishes.is_empty() && inner.text.is_empty() && w.choose.once_in(4);
    let least = form.least.max(form.kind.map_or(0, |kind| kind + 1));
    let count = if short { least + w.choose.below(all - least + 1) } else { all };
    let (mut texts, mut fills, mut left) = (Vec::new(), Vec::new(), inner.left.clone());
    for (index, key) in form.columns.iter().enumerate().take(count) {
        let handed = if handing == Some(index) { inner.text.as_str() } else { "" };
        let (text, some, named) = column(w, key, handed)?;
        if handing == Some(index) && named {
            left = None;
        }
        texts.push(written(w, form.separator, &text)?);
        fills.extend(some);
    }
    if count == all && w.choose.once_in(4) {
        let more = w.choose.word(&["one", "7"]).to_owned();
        texts.push(more.clone());
        fills.push(Fill::Extra("csv.more".to_owned(), Value::text(more)));
    }
    fills.extend(inner.fills);
    Ok(Piece { text: texts.join(&char::from(form.separator).to_string()), fills, left })
}

/// The text of a column and what it fills; whether a field keeps what it hands on.
fn column<'g>(w: &mut Writer<'_, 'g>, key: &'g Key, inner: &str) -> Made<(String, Vec<Fill>, bool)> {
    let to = match &key.value {
        KeyTemplates::Whole(target) if !target.hand => &target.to,
        _ => return of_key(w, &format!("column {}, templates", key.name), key, inner),
    };
    let fits = |text: &str| text.trim() == text && !text.contains('\n');
    let value = match to {
        To::Field(slot) if w.wishes.get(slot) == Some(&Wish::Absent) || nameless(w, *slot) => Value::text(""),
        To::Extra(_) if w.choose.once_in(6) => {
            Value::text(w.choose.word(&["a \"b\", c; d|e", "\"", "", "say \"\""]))
        }
        _ => w.value(to, fits, |choose| choose.word(&["kim", "lee"]).to_owned())?,
    };
    Ok((value.text.clone(), by_key(key, to, value).into_iter().collect(), false))
}

/// A column as it stands in the record: in quotes where it has to be, and now and then where it has not.
fn written(w: &mut Writer<'_, '_>, separator: u8, text: &str) -> Made<String> {
    let opens = text.contains(char::from(separator)) || text.starts_with('"');
    let written = if opens || w.choose.once_in(4) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    };
    let read: Vec<_> = csv::columns(separator, &written).collect();
    if read == [text] { Ok(written) } else { Err(format!("`{text}` has no form as a column")) }
}

/// Whether a text has these columns.
pub(super) fn stand(w: &Writer<'_, '_>, form: &Csv, text: &str) -> Made<bool> {
    let found: Vec<_> = csv::columns(form.separator, text).take(form.columns.len()).collect();
    if found.len() < form.least {
        return Ok(false);
    }
    let Some(index) = form.kind else { return Ok(true) };
    match (found.get(index), form.columns.get(index).map(|key| &key.value)) {
        (Some(text), Some(KeyTemplates::Templates(templates))) => Ok(w.first(templates, text)?.is_some()),
        (None, _) => Ok(false),
        _ => Ok(true),
    }
}
