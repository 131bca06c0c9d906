//! Value maps: cases and ranges.

use std::collections::BTreeMap;

use super::rows::token;
use crate::ast::{self, Fold, Outside};
use crate::diag::{Code, Diagnostic, Diagnostics, quote};
use crate::ir::{Otherwise, ValueMap};
use crate::node::Text;

/// All value maps of the spec, in order.
pub(super) fn maps(spec: &ast::Spec, diags: &mut Diagnostics) -> Vec<ValueMap> {
    spec.values.iter().map(|(name, map)| lower(spec, name, map, diags)).collect()
}

fn lower(spec: &ast::Spec, name: &Text, map: &ast::ValueMap, diags: &mut Diagnostics) -> ValueMap {
    let named_by_rows: Vec<&ast::Row> = super::rows::all(spec)
        .filter(|row| row.values.as_ref().is_some_and(|values| values.text == name.text))
        .collect();
    let own = map.token.as_ref().and_then(|text| token(text, diags));
    match (&map.from, &map.token) {
        (Some(given), None) | (None, Some(given)) => diags.push(
            Diagnostic::new(
                Code::ConflictingKeys,
                given.span,
                "`from` and `token` say something only together",
            )
            .help("give both, or name the map in the `values` of a row"),
        ),
        (None, None) if named_by_rows.is_empty() => {
            let message = format!("no row uses the value map {}", quote(&name.text));
            diags.push(
                Diagnostic::new(Code::UnusedValueMap, name.span, message)
                    .help("name it in the `values` of a row, or delete it"),
            );
        }
        _ => {}
    }
    let quiet = &mut Diagnostics::new();
    let by_row = named_by_rows.iter().find_map(|row| row.token.as_ref()).and_then(|text| token(text, quiet));
    let fold = map.fold.map(|fold| fold.value);
    if !map.cases.is_empty() && !map.ranges.is_empty() {
        diags.push(
            Diagnostic::new(
                Code::ConflictingKeys,
                map.ranges.span,
                "a map has `cases` or `ranges`, not both",
            )
            .help("make two maps of it"),
        );
    } else if map.cases.is_empty() && map.ranges.is_empty() {
        let message = format!("the value map {} is empty", quote(&name.text));
        diags.push(Diagnostic::new(Code::Empty, name.span, message).help("add `cases` or `ranges`"));
    }
    check_cases(map, fold, diags);
    let ranges = ranges(map, diags);
    let printed = if map.cases.is_empty() { &map.ranges } else { &map.cases };
    let text = |text: &Option<Text>| text.as_ref().map(|text| text.text.clone()).unwrap_or_default();
    ValueMap {
        name: name.text.clone(),
        title: map.title.as_ref().map_or_else(|| name.text.clone(), |title| title.text.clone()),
        token: own.or(by_row),
        cases: printed.iter().map(|(key, value)| (key.text.clone(), value.text.clone())).collect(),
        ranges,
        fold: fold == Some(Fold::Case),
        otherwise: match map.otherwise.map(|otherwise| otherwise.value) {
            Some(Outside::Keep) => Otherwise::Keep,
            Some(Outside::None) => Otherwise::Nothing,
            _ => Otherwise::Refuse,
        },
        decision: text(&map.decision),
        beyond: map.beyond.is_some_and(|flag| flag.value),
    }
}

/// Keys that differ in case only must be meant so.
fn check_cases(map: &ast::ValueMap, fold: Option<Fold>, diags: &mut Diagnostics) {
    let mut seen: BTreeMap<String, &Text> = BTreeMap::new();
    for (key, value) in map.cases.iter() {
        if value.text.is_empty() {
            diags.push(
                Diagnostic::new(Code::UnknownCaseValue, value.span, "a normalised value is empty")
                    .help("leave the case out and say `otherwise: none`"),
            );
        }
        let Some(first) = seen.insert(key.text.to_ascii_lowercase(), key) else { continue };
        let (code, message, help) = match fold {
            Some(Fold::Case) => (
                Code::UnreachableKey,
                format!("{} is never reached: case does not count here", quote(&key.text)),
                "delete it, or compare with `fold: exact`",
            ),
            None => (
                Code::CaseOnlyDuplicate,
                format!("{} and {} differ in case only", quote(&first.text), quote(&key.text)),
                "say `fold: exact` if that is meant, or `fold: case` and keep one",
            ),
            Some(Fold::Exact) => continue,
        };
        diags.push(Diagnostic::new(code, key.span, message).also(first.span, "the first one").help(help));
    }
}

/// The ranges, ascending. They may not overlap, and must cover what `over` names.
fn ranges(map: &ast::ValueMap, diags: &mut Diagnostics) -> Vec<(i64, i64, String)> {
    let mut all: Vec<(i64, i64, &Text, &Text)> = Vec::new();
    for (key, value) in map.ranges.iter() {
        if let Some((low, high)) = range(key, diags) {
            all.push((low, high, key, value));
        }
    }
    all.sort_by_key(|(low, high, ..)| (*low, *high));
    for pair in all.windows(2) {
        if let [(_, high, first, _), (low, _, second, _)] = pair
            && low <= high
        {
            let message = format!("the ranges {} and {} overlap", quote(&first.text), quote(&second.text));
            diags.push(
                Diagnostic::new(Code::RangeOverlap, second.span, message)
                    .also(first.span, "the other range")
                    .help(format!("both hold {low}")),
            );
        }
    }
    if let Some(over) = &map.over {
        if let Some((low, high)) = range(over, diags) {
            let mut next = low;
            for (from, to, ..) in &all {
                if *from > next && next <= high {
                    gap(over, next, (*from - 1).min(high), diags);
                }
                next = next.max(to.saturating_add(1));
            }
            if next <= high {
                gap(over, next, high, diags);
            }
            for (_, _, key, _) in all.iter().filter(|(from, to, ..)| *from > high || *to < low) {
                let message = format!("{} lies outside of {}", quote(&key.text), quote(&over.text));
                diags.push(
                    Diagnostic::new(Code::UnreachableKey, key.span, message)
                        .also(over.span, "what can occur")
                        .help("delete it, or widen `over`"),
                );
            }
        }
    } else if let Some((key, _)) = map.ranges.first() {
        diags.push(
            Diagnostic::new(Code::RangeGap, key.span, "nothing says which numbers can occur")
                .help("add `over`, such as `over: 0-10`; every number of it must be in a range"),
        );
    }
    all.into_iter().map(|(low, high, _, value)| (low, high, value.text.clone())).collect()
}

fn gap(over: &Text, low: i64, high: i64, diags: &mut Diagnostics) {
    let missing = if low == high { low.to_string() } else { format!("{low}-{high}") };
    diags.push(
        Diagnostic::new(Code::RangeGap, over.span, format!("no range holds {missing}"))
            .help("add a range for it, or narrow `over`"),
    );
}

fn range(text: &Text, diags: &mut Diagnostics) -> Option<(i64, i64)> {
    let (low, high) = text.text.split_once('-').unwrap_or((&text.text, &text.text));
    match (low.trim().parse::<i64>(), high.trim().parse::<i64>()) {
        (Ok(low), Ok(high)) if low <= high => Some((low, high)),
        _ => {
            let message = format!("{} is no range", quote(&text.text));
            diags.push(
                Diagnostic::new(Code::BadRange, text.span, message)
                    .help("write `7` or `7-9`, the smaller number first"),
            );
            None
        }
    }
}
