//! One plan a token: in which order its mappings are tried.

use std::collections::BTreeMap;

use xdr_model::Token;

use super::fields::Fields;
use super::rows::{Lowered, Mapping};
use crate::ast::{self, FanIn};
use crate::diag::{Code, Diagnostic, Diagnostics, near, quote};
use crate::ir::{By, Input, Plan};
use crate::node::Text;

pub(super) fn plans(spec: &ast::Spec, rows: &Lowered, fields: &Fields, diags: &mut Diagnostics) -> Vec<Plan> {
    let mut policies: BTreeMap<Token, (&Text, &FanIn)> = BTreeMap::new();
    for (name, policy) in spec.fan_in.iter() {
        if let Some(token) = super::rows::token(name, diags) {
            policies.insert(token, (name, policy));
        }
    }
    let mut plans = Vec::new();
    for token in Token::ALL {
        let mappings: Vec<&Mapping> = rows.mappings.iter().filter(|mapping| mapping.token == token).collect();
        report_twice(token, &mappings, diags);
        let policy = policies.remove(&token);
        let mut plan = Plan { token, by: None, candidates: Vec::new(), gather: false };
        if let Some((name, policy)) = policy {
            let written = rows.rows.iter().filter(|row| row.token == Some(token) && row.waived.is_empty());
            let whole = written.count() == mappings.len();
            // What is wrong with a row is said already; that its mapping is missing here follows from it.
            let quiet = &mut Diagnostics::new();
            let diags = if whole { &mut *diags } else { quiet };
            follow(&mut plan, name, policy, &mappings, fields, diags);
        } else {
            agree(token, &mappings, diags);
            plan.candidates = mappings.iter().map(|mapping| mapping.candidate.clone()).collect();
        }
        let spare = rows.spare.iter().filter(|mapping| mapping.token == token);
        plan.candidates.extend(spare.map(|mapping| mapping.candidate.clone()));
        if !plan.candidates.is_empty() {
            plans.push(plan);
        }
    }
    plans
}

/// Reports mappings that are those of a row before: they would never speak.
fn report_twice(token: Token, mappings: &[&Mapping], diags: &mut Diagnostics) {
    for (index, mapping) in mappings.iter().enumerate() {
        let same = |other: &&&Mapping| {
            let (one, other) = (&mapping.candidate, &other.candidate);
            (&one.input, &one.when, &one.none) == (&other.input, &other.when, &other.none)
        };
        if let Some(first) = mappings.iter().take(index).find(same) {
            let message = format!("`{}` is mapped a second time in the same way", token.name());
            diags.push(
                Diagnostic::new(Code::RowTwice, mapping.span, message)
                    .also(first.span, "first mapped here")
                    .help("delete this row, or give it what tells it from the other; a row that the guide prints twice is `waived` once"),
            );
        }
    }
}

/// Without a policy all mappings must have the same input.
fn agree(token: Token, mappings: &[&Mapping], diags: &mut Diagnostics) {
    let Some((first, rest)) = mappings.split_first() else { return };
    let input = |mapping: &Mapping| match &mapping.candidate.input {
        Input::Field(slot, _) => Some(*slot),
        _ => None,
    };
    if let Some(other) = rest.iter().find(|other| input(other).is_none() || input(other) != input(first)) {
        let message = format!("two mappings to `{}`, and nothing says how they meet", token.name());
        diags.push(
            Diagnostic::new(Code::FanInMissing, other.span, message)
                .also(first.span, "first mapped here")
                .help(format!("add `{}: first` under `fan-in`, or another policy", token.name())),
        );
    }
}

fn follow(
    plan: &mut Plan,
    name: &Text,
    policy: &FanIn,
    mappings: &[&Mapping],
    fields: &Fields,
    diags: &mut Diagnostics,
) {
    if mappings.len() < 2 {
        let message = format!(
            "`{}` has {} and needs no policy",
            name.text,
            if mappings.is_empty() { "no mapping" } else { "one mapping" }
        );
        diags.push(Diagnostic::new(Code::FanInNeedless, name.span, message).help("delete the policy"));
    }
    let candidates = |all: &[&Mapping]| all.iter().map(|mapping| mapping.candidate.clone()).collect();
    match policy {
        FanIn::First(_) => plan.candidates = candidates(mappings),
        FanIn::List(span) => {
            if !plan.token.kind().is_list() {
                let message = format!("`{}` holds one value, not a list", name.text);
                diags.push(Diagnostic::new(Code::ListMisfit, *span, message).help("use `first`"));
            }
            if let Some(odd) = mappings.iter().find(|mapping| {
                !matches!(mapping.candidate.input, Input::Field(..))
                    || !mapping.candidate.when.is_empty()
                    || !mapping.candidate.none.is_empty()
            }) {
                let message = "`list` gathers plain fields: no constants, conditions or `none`";
                diags.push(
                    Diagnostic::new(Code::ListMisfit, odd.span, message)
                        .also(*span, "gathered here")
                        .help("use `first`"),
                );
            }
            plan.gather = true;
            plan.candidates = candidates(mappings);
        }
        FanIn::Rule(rule) => {
            let mut ordered: Vec<&Mapping> = Vec::new();
            for wanted in rule.first.iter() {
                let named: Vec<&&Mapping> =
                    mappings.iter().filter(|mapping| mapping.name == wanted.text).collect();
                if named.is_empty() {
                    stranger(plan.token, wanted, mappings, diags);
                }
                for mapping in named {
                    if !ordered.iter().any(|known| std::ptr::eq(*known, *mapping)) {
                        ordered.push(mapping);
                    }
                }
            }
            for left in
                mappings.iter().filter(|mapping| !ordered.iter().any(|known| std::ptr::eq(*known, **mapping)))
            {
                let message = format!("the policy of `{}` leaves out {}", name.text, quote(&left.name));
                diags.push(
                    Diagnostic::new(Code::FanInIncomplete, rule.first.span, message)
                        .also(left.span, "mapped here")
                        .help("name every mapping, the last resort last"),
                );
            }
            if let Some(by) = &rule.by {
                let mut cases = Vec::new();
                for (value, wanted) in rule.cases.iter() {
                    match ordered.iter().position(|mapping| mapping.name == wanted.text) {
                        Some(index) => cases.push((value.text.clone(), index)),
                        None => stranger(plan.token, wanted, mappings, diags),
                    }
                }
                plan.by = fields.slot(&by.text).map(|slot| By { slot, cases });
            }
            plan.candidates = candidates(&ordered);
        }
    }
}

fn stranger(token: Token, wanted: &Text, mappings: &[&Mapping], diags: &mut Diagnostics) {
    let message = format!("{} is no mapping to `{}`", quote(&wanted.text), token.name());
    let names = mappings.iter().map(|mapping| mapping.name.as_str());
    let diagnostic = Diagnostic::new(Code::FanInStranger, wanted.span, message);
    diags.push(match near(&wanted.text, names.clone()) {
        Some(near) => diagnostic.suggest(Some(near)),
        None => {
            diagnostic.help(format!("its mappings are {}", names.map(quote).collect::<Vec<_>>().join(", ")))
        }
    });
}
