//! The steps of a spec's `decode`, as generated `parse` functions call them.
//!
//! A step takes the text in hand, fills fields and leaves a text for the next step. A step that cannot do its work gives a
//! [`Reject`] that says how far it came.

use xdr_model::pattern::{Captures, Miss, Pattern, find, first_of, handed_on, miss_of};

use crate::field::{Field, Fill, Name};
use crate::format::{cef, csv, json, key_value, leef, put, syslog};
use crate::record::{Mark, Parts, Reject};

/// A template and the constants that hold where it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Template {
    /// The text.
    pub pattern: Pattern<'static>,
    /// Field and constant.
    pub set: &'static [(u16, &'static str)],
}

/// One of the forms in which a source writes its records.
#[derive(Clone, Copy, Debug)]
pub struct Form<S> {
    /// Its name.
    pub name: &'static str,
    /// A word without which no text is of this form; empty if there is none.
    pub needs: &'static str,
    /// Its steps.
    pub steps: S,
}

/// The steps of a form, as a generated module has them.
pub type Steps<const N: usize> = for<'a> fn(&mut Parts<'a, N>) -> Result<(), Reject>;

/// Takes the syslog header off the text in hand. A text without a header stays as it is.
pub fn syslog<const N: usize>(parts: &mut Parts<'_, N>, header: &syslog::Header) {
    let text = parts.hand;
    parts.hand = syslog::read(header, text, parts);
}

/// Reads the whole text in hand by the first template that matches it.
///
/// # Errors
/// The furthest place that any of the templates reached.
pub fn template<const N: usize>(
    parts: &mut Parts<'_, N>,
    templates: &'static [Template],
) -> Result<(), Reject> {
    let text = parts.hand;
    if let Some(text) = handed_on(templates, |template| &template.pattern, text) {
        parts.hand = text;
        constants(parts, templates.last().map_or(&[], |last| last.set));
        return Ok(());
    }
    parts.hand = "";
    if matching(parts, templates, text) {
        return Ok(());
    }
    if parts.tentative {
        return Err(Reject { reason: "no template matches", at: 0, expected: String::new() });
    }
    let miss = miss(templates, text);
    Err(Reject {
        reason: "no template matches",
        at: parts.offset(text) + miss.at,
        expected: miss.expected.to_string(),
    })
}

/// Reads pairs out of the text in hand.
///
/// # Errors
/// The text does not begin as these pairs do.
pub fn key_value<const N: usize>(
    parts: &mut Parts<'_, N>,
    pairs: &'static key_value::KeyValue,
) -> Result<(), Reject> {
    let text = parts.hand;
    parts.hand = "";
    let (start, scratch) = (parts.offset(text), parts.scratch);
    key_value::read(pairs, text, scratch, parts).map_err(|miss| parts.reject("no pairs", start, miss))
}

/// Reads the text in hand as CEF.
///
/// # Errors
/// There is no whole header of CEF in it.
pub fn cef<const N: usize>(parts: &mut Parts<'_, N>, form: &'static cef::Cef) -> Result<(), Reject> {
    let text = parts.hand;
    parts.hand = "";
    let (start, scratch) = (parts.offset(text), parts.scratch);
    cef::read(form, text, scratch, parts).map_err(|miss| parts.reject("no CEF", start, miss))
}

/// Reads the text in hand as LEEF.
///
/// # Errors
/// There is no whole header of LEEF in it.
pub fn leef<const N: usize>(parts: &mut Parts<'_, N>, form: &'static leef::Leef) -> Result<(), Reject> {
    let text = parts.hand;
    parts.hand = "";
    let (start, scratch) = (parts.offset(text), parts.scratch);
    leef::read(form, text, scratch, parts).map_err(|miss| parts.reject("no LEEF", start, miss))
}

/// Reads the text in hand as columns.
///
/// # Errors
/// The text has too few columns, or is of another kind.
pub fn csv<const N: usize>(parts: &mut Parts<'_, N>, form: &'static csv::Csv) -> Result<(), Reject> {
    let text = parts.hand;
    parts.hand = "";
    let (start, scratch) = (parts.offset(text), parts.scratch);
    csv::read(form, text, scratch, parts).map_err(|miss| parts.reject("no such columns", start, miss))
}

/// Reads the text in hand as one JSON object.
///
/// # Errors
/// The text is no JSON object.
pub fn json<const N: usize>(parts: &mut Parts<'_, N>, tree: &'static json::Json) -> Result<(), Reject> {
    let text = parts.hand;
    parts.hand = "";
    let start = parts.offset(text);
    json::read(tree, text, parts).map_err(|miss| parts.reject("not a JSON object", start, miss))
}

/// Hands the text of a field on to the next step.
pub fn hand<const N: usize>(parts: &mut Parts<'_, N>, slot: u16) {
    parts.hand = parts.plain(slot);
}

/// Takes the first of several lists of steps that succeeds.
///
/// # Errors
/// Of the lists' rejects, the one that came furthest; its form is named in what was expected.
pub fn one_of<const N: usize>(parts: &mut Parts<'_, N>, forms: &[Form<Steps<N>>]) -> Result<(), Reject> {
    one_of_by(parts, forms, |form, parts| (form.steps)(parts))
}

/// As [`one_of`], by whatever takes a form's steps.
///
/// # Errors
/// As [`one_of`] has them.
pub fn one_of_by<'a, S, const N: usize>(
    parts: &mut Parts<'a, N>,
    forms: &[Form<S>],
    take: impl Fn(&Form<S>, &mut Parts<'a, N>) -> Result<(), Reject>,
) -> Result<(), Reject> {
    let before = parts.mark();
    let outer = std::mem::replace(&mut parts.tentative, true);
    for form in forms {
        if !form.needs.is_empty() && find(parts.hand.as_bytes(), form.needs.as_bytes(), 0).is_none() {
            continue;
        }
        if take(form, parts).is_ok() {
            parts.tentative = outer;
            return Ok(());
        }
        parts.restore(&before);
    }
    parts.tentative = outer;
    if outer {
        return Err(Reject { reason: NO_FORM, at: 0, expected: String::new() });
    }
    Err(furthest(parts, &before, forms, take))
}

/// Of the rejects of forms that all fail, the one that came furthest.
#[cold]
fn furthest<'a, S, const N: usize>(
    parts: &mut Parts<'a, N>,
    before: &Mark<'a>,
    forms: &[Form<S>],
    take: impl Fn(&Form<S>, &mut Parts<'a, N>) -> Result<(), Reject>,
) -> Reject {
    let mut furthest: Option<(&str, Reject)> = None;
    for form in forms {
        let Err(reject) = take(form, parts) else { continue };
        parts.restore(before);
        if furthest.as_ref().is_none_or(|(_, best)| reject.at > best.at) {
            furthest = Some((form.name, reject));
        }
    }
    let (name, reject) =
        furthest.unwrap_or(("", Reject { reason: "no form", at: 0, expected: "a form".to_owned() }));
    Reject { reason: NO_FORM, at: reject.at, expected: format!("{} (form `{name}`)", reject.expected) }
}

/// The reason of a reject that no form of the source takes.
const NO_FORM: &str = "no form of the source matches";

/// Matches `text` and fills the captures and constants of the first template that matches; whether one does.
pub(crate) fn matching<'a, const N: usize>(
    parts: &mut Parts<'a, N>,
    templates: &'static [Template],
    text: &'a str,
) -> bool {
    matching_if(parts, templates, text, |_| true)
}

/// As [`matching`], without the constants, and if `accept` agrees to the captures.
pub(crate) fn fields<'a, const N: usize>(
    parts: &mut Parts<'a, N>,
    templates: &'static [Template],
    text: &'a str,
    accept: impl FnOnce(&Captures<'static, 'a>) -> bool,
) -> bool {
    let mut captures = Captures::new();
    let found = first_of(templates, |template| &template.pattern, text, &mut captures);
    let matches = found.is_some() && accept(&captures);
    if matches {
        captures.each(|target, text| {
            put(parts, target, text);
        });
    }
    matches
}

/// As [`matching`], if `accept` agrees to the captures.
#[inline]
pub(crate) fn matching_if<'a, const N: usize>(
    parts: &mut Parts<'a, N>,
    templates: &'static [Template],
    text: &'a str,
    accept: impl FnOnce(&Captures<'static, 'a>) -> bool,
) -> bool {
    let mut captures = Captures::new();
    let Some(number) = first_of(templates, |template| &template.pattern, text, &mut captures) else {
        return false;
    };
    if !accept(&captures) {
        return false;
    }
    captures.each(|target, text| {
        put(parts, target, text);
    });
    if let Some(template) = templates.get(number) {
        constants(parts, template.set);
    }
    true
}

/// The furthest place that one of the templates, of which none matches, reached.
pub(crate) fn miss(templates: &'static [Template], text: &str) -> Miss<'static> {
    miss_of(templates, |template| &template.pattern, text)
}

/// Fills fields with constants; a field that the record filled keeps its value.
pub(crate) fn constants<const N: usize>(parts: &mut Parts<'_, N>, set: &'static [(u16, &'static str)]) {
    for (slot, text) in set {
        if !parts.slot(*slot).is_present() {
            parts.set(*slot, Field::text(text));
            parts.constants.insert(*slot);
        }
    }
}

/// Keeps the text in hand under `unmapped` as `text`, if there is any and no field has it.
pub fn rest<const N: usize>(parts: &mut Parts<'_, N>) {
    let text = std::mem::take(&mut parts.hand);
    if text.trim().is_empty() {
        return;
    }
    let kept = parts.scratch.holds(text);
    let same = |field: &Field<'_>| {
        std::ptr::eq(field.raw, text) || (kept && field.is_escaped() && field.decoded() == text)
    };
    if !parts.slots.iter().any(same) && !parts.extras.iter().any(|(_, field)| same(field)) {
        parts.extra(Name::known("text"), Field::text(text));
    }
}

/// Fills a field from the first of `others` that has a value, if it has none of its own. Fields from `named` on have no rows:
/// their value moves.
#[inline]
pub fn prefer<const N: usize>(parts: &mut Parts<'_, N>, slot: u16, others: &[u16], named: u16) {
    if others.iter().any(|other| parts.present.contains(*other)) && !parts.slot(slot).has_value() {
        take_first(parts, slot, others, named);
    }
}

fn take_first<const N: usize>(parts: &mut Parts<'_, N>, slot: u16, others: &[u16], named: u16) {
    for other in others {
        let field = parts.slot(*other);
        if field.has_value() {
            parts.set(slot, field);
            if *other >= named {
                parts.set(*other, Field::default());
            }
            return;
        }
    }
}
