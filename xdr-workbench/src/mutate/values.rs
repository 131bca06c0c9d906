//! Mutants of value maps.

use xdr_codegen::ast;
use xdr_codegen::ir::{Module, Otherwise, ValueMap};
use xdr_codegen::node::Text;

use super::mutant::{Mutants, Scope};

impl Mutants<'_> {
    /// `spec` is what the module was made of: places of entries stand there.
    pub(super) fn values(&mut self, spec: &ast::Spec) {
        for (number, map) in self.module.values.iter().enumerate() {
            let Some(written) = spec.values.get(&map.name) else { continue };
            let change = move |edit: fn(&mut ValueMap)| {
                move |module: &mut Module| {
                    if let Some(map) = module.values.get_mut(number) {
                        edit(map);
                    }
                }
            };
            if map.ranges.is_empty() {
                self.cases(number, map, written);
            } else {
                self.ranges(number, map, written);
            }
            let place = written.otherwise.as_ref().map_or(written.span, |otherwise| otherwise.span);
            for (word, otherwise) in
                [("keep", Otherwise::Keep), ("refuse", Otherwise::Refuse), ("none", Otherwise::Nothing)]
            {
                if otherwise != map.otherwise {
                    let what = format!("`otherwise` of `{}` is `{word}`", map.name);
                    self.add("swap-otherwise", place, Scope::Plans, what, move |module| {
                        if let Some(map) = module.values.get_mut(number) {
                            map.otherwise = otherwise;
                        }
                    });
                }
            }
            if map.fold {
                let place = written.fold.as_ref().map_or(written.span, |fold| fold.span);
                self.add(
                    "drop-fold",
                    place,
                    Scope::Plans,
                    format!("`{}` tells case apart", map.name),
                    change(|map| map.fold = false),
                );
            }
        }
    }

    fn cases(&mut self, number: usize, map: &ValueMap, written: &ast::ValueMap) {
        for (case, (from, to)) in map.cases.iter().enumerate() {
            let place = written.cases.items.get(case).map_or(written.span, |(key, _)| key.span);
            let what = format!("drops the entry `{from}` of `{}`", map.name);
            self.add("drop-entry", place, Scope::Plans, what, move |module| {
                if let Some(map) = module.values.get_mut(number) {
                    map.cases.remove(case);
                }
            });
            let kept = map.otherwise == Otherwise::Keep && from == to && !map.fold;
            self.equivalent(kept.then_some("a value outside the map is kept, and this entry keeps it too"));
        }
    }

    /// Of a map of ranges the cases are no more than what the guide prints: values are looked up in the ranges.
    fn ranges(&mut self, number: usize, map: &ValueMap, written: &ast::ValueMap) {
        // The ranges are ascending, the spec has them in any order.
        let mut keys: Vec<&Text> = written.ranges.iter().map(|(key, _)| key).collect();
        keys.sort_by_key(|key| bounds(&key.text));
        for (range, (low, high, _)) in map.ranges.iter().enumerate() {
            let key = keys.get(range).filter(|key| bounds(&key.text) == Some((*low, *high)));
            let place = key.map_or(written.span, |key| key.span);
            let text = if low == high { low.to_string() } else { format!("{low}-{high}") };
            let what = format!("drops the entry `{text}` of `{}`", map.name);
            self.add("drop-entry", place, Scope::Plans, what, move |module| {
                if let Some(map) = module.values.get_mut(number) {
                    map.ranges.remove(range);
                }
            });
            // Without its only number a range is dropped.
            if low == high {
                continue;
            }
            let mut shift = |operator, what: &str, edit: fn(&mut (i64, i64, String))| {
                self.add(
                    operator,
                    place,
                    Scope::Plans,
                    format!("{what} the range `{text}` of `{}`", map.name),
                    move |module| {
                        let range = module.values.get_mut(number).and_then(|map| map.ranges.get_mut(range));
                        if let Some(range) = range {
                            edit(range);
                        }
                    },
                );
            };
            shift("shift-range", "begins later", |range| range.0 += 1);
            shift("shift-range", "ends sooner", |range| range.1 -= 1);
        }
    }
}

/// The bounds of a range as it is written.
fn bounds(text: &str) -> Option<(i64, i64)> {
    let (low, high) = text.split_once('-').unwrap_or((text, text));
    Some((low.trim().parse().ok()?, high.trim().parse().ok()?))
}
