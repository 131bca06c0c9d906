//! Rows, value maps and preferences.

use std::collections::BTreeSet;

use xdr_codegen::ast::FanIn;
use xdr_codegen::ir::{self, How, Input, Otherwise};
use xdr_codegen::source::Span;
use xdr_model::{Kind as Value, Token};

use super::Lister;
use crate::coverage::item::{Kind, Used};
use crate::interpret::observe::Arm;

impl Lister<'_> {
    pub(super) fn map(&mut self) {
        self.rows();
        self.values();
        self.preferences();
    }

    fn rows(&mut self) {
        let module = self.written.module;
        let mut refused = BTreeSet::new();
        for (number, row) in module.rows.iter().enumerate().filter(|(_, row)| row.waived.is_empty()) {
            let token = row.token.map_or("", Token::name);
            let from =
                if row.from.is_empty() { String::new() } else { format!("`{}` → ", row.from.join(".")) };
            let name = format!("{from}{token}");
            let mut own = Vec::new();
            for (plan, candidate, one) in of_row(module, number) {
                let at = (plan, candidate);
                let filled = module.plans.get(plan).map(|plan| plan.token);
                if filled == row.token {
                    own.push(Used::Value(plan, candidate));
                    self.exceptions(&name, row.span, at, one);
                    if may_refuse(one, filled, &mut refused) {
                        let what = format!("{name}: a value that is refused");
                        self.add(Kind::Refusal, what, row.span, [Used::Issue(plan, candidate)]);
                    }
                } else {
                    let other = filled.map_or("", Token::name);
                    let what = format!("{name}, otherwise {other}");
                    self.add(Kind::Fallback, what, row.span, [Used::Value(plan, candidate)]);
                }
            }
            self.add(Kind::Row, name, row.span, own);
        }
    }

    /// What keeps a row from being mapped.
    fn exceptions(&mut self, name: &str, span: Span, (plan, candidate): (usize, usize), one: &ir::Candidate) {
        if !one.when.is_empty() {
            let what = format!("{name}: its `when` does not hold");
            self.add(Kind::Exception, what, span, [Used::Unmet(plan, candidate)]);
        }
        for (index, text) in one.none.iter().enumerate() {
            let what = format!("{name}: `{text}` is no value");
            self.add(Kind::Exception, what, span, [Used::None(plan, candidate, index)]);
        }
    }

    fn values(&mut self) {
        let written = self.written;
        for (number, (map, (name, block))) in
            written.module.values.iter().zip(written.spec.values.iter()).enumerate()
        {
            let arm = |index: usize| [Used::Arm(number, Arm::Case(index))];
            if map.ranges.is_empty() {
                for (index, ((from, to), (text, _))) in map.cases.iter().zip(block.cases.iter()).enumerate() {
                    let what = format!("`{from}` → {to} of `{}`", map.name);
                    self.add(Kind::Case, what, text.span, arm(index));
                }
            }
            for (index, (low, high, to)) in map.ranges.iter().enumerate() {
                let range = if low == high { low.to_string() } else { format!("{low}-{high}") };
                let at = block.ranges.iter().find(|(text, _)| text.text == range);
                let what = format!("{range} → {to} of `{}`", map.name);
                self.add(Kind::Range, what, at.map_or(name.span, |(text, _)| text.span), arm(index));
            }
            let how = match map.otherwise {
                Otherwise::Keep => "kept",
                Otherwise::Refuse => "refused",
                Otherwise::Nothing => "no value",
            };
            let at = block.otherwise.map_or(name.span, |otherwise| otherwise.span);
            let what = format!("a value outside `{}`, which is {how}", map.name);
            let kind = if map.otherwise == Otherwise::Refuse { Kind::Refusal } else { Kind::Fallback };
            self.add(kind, what, at, [Used::Arm(number, Arm::Otherwise)]);
        }
    }

    fn preferences(&mut self) {
        for (number, plan) in self.written.module.plans.iter().enumerate() {
            let Some(by) = &plan.by else { continue };
            let written = self.written.spec.fan_in.get(plan.token.name());
            let Some(FanIn::Rule(rule)) = written else { continue };
            // The first mapping is tried first in any case.
            for (case, (value, _)) in by.cases.iter().enumerate().filter(|(_, (_, first))| *first != 0) {
                let at = rule.cases.iter().find(|(text, _)| text.text == *value);
                let what = format!("{} by `{value}`", plan.token.name());
                let span = at.map_or(rule.span, |(text, _)| text.span);
                self.add(Kind::Preference, what, span, [Used::Preferred(number, case)]);
            }
        }
    }
}

/// The mappings of a row: plan, candidate, and the mapping itself.
fn of_row(module: &ir::Module, row: usize) -> impl Iterator<Item = (usize, usize, &ir::Candidate)> {
    module.plans.iter().enumerate().flat_map(move |(number, plan)| {
        let candidates = plan.candidates.iter().enumerate();
        candidates.filter(move |(_, one)| one.row == row).map(move |(index, one)| (number, index, one))
    })
}

/// Whether a mapping can refuse a value. A value that several rows refuse for one reason is one issue, of the first of them in the schema's
/// order; `known` are the fields and kinds that were met.
fn may_refuse(one: &ir::Candidate, token: Option<Token>, known: &mut BTreeSet<(ir::Slot, String)>) -> bool {
    let Input::Field(slot, how) = &one.input else { return false };
    let takes_all = |others: &[Value]| others.contains(&Value::String);
    let refuses = match how {
        How::Kind(others) | How::Socket(others) | How::Addresses(_, others) => !takes_all(others),
        How::Time(_) | How::PriSeverity(_) => true,
        _ => false,
    };
    let kind = token.map(|token| format!("{:?}", token.kind())).unwrap_or_default();
    refuses && known.insert((*slot, kind))
}
