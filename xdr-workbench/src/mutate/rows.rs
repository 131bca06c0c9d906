//! Mutants of rows and fan-in: how tokens get their values.

use xdr_codegen::ir::{Candidate, Condition, How, Input, Module, Plan, TimeRule, Zone};
use xdr_model::Token;
use xdr_model::time::{Item, Year};

use super::mutant::{Mutants, Scope};

/// Where a mapping stands in a module: its plan, and its place among the candidates.
type At = (usize, usize);

/// What is changed of a rule for times.
type Change = fn(&mut TimeRule);

fn candidate(module: &mut Module, (plan, index): At) -> Option<&mut Candidate> {
    module.plans.get_mut(plan)?.candidates.get_mut(index)
}

fn how(module: &mut Module, at: At) -> Option<&mut How> {
    match &mut candidate(module, at)?.input {
        Input::Field(_, how) => Some(how),
        _ => None,
    }
}

fn time(module: &mut Module, at: At) -> Option<&mut TimeRule> {
    match how(module, at)? {
        How::Time(rule) => Some(rule),
        _ => None,
    }
}

/// Takes mappings out of a plan; the preferences of `by` follow.
fn retain(plan: &mut Plan, keep: impl Fn(usize, &Candidate) -> bool) {
    let kept: Vec<bool> = plan.candidates.iter().enumerate().map(|(index, one)| keep(index, one)).collect();
    let is_kept = |index: &usize| kept.get(*index).copied().unwrap_or_default();
    if let Some(by) = &mut plan.by {
        by.cases.retain(|(_, index)| is_kept(index));
        for (_, index) in &mut by.cases {
            *index = (0..*index).filter(is_kept).count();
        }
    }
    let mut index = 0;
    plan.candidates.retain(|_| {
        index += 1;
        is_kept(&(index - 1))
    });
}

fn remove(module: &mut Module, (plan, index): At) {
    if let Some(plan) = module.plans.get_mut(plan) {
        retain(plan, |other, _| other != index);
    }
    module.plans.retain(|plan| !plan.candidates.is_empty());
}

/// The first token of the same kind that no plan fills.
fn like(module: &Module, token: Token) -> Option<Token> {
    let is_free = |other: &Token| module.plans.iter().all(|plan| plan.token != *other);
    Token::ALL.into_iter().find(|other| other.kind() == token.kind() && is_free(other))
}

impl Mutants<'_> {
    pub(super) fn rows(&mut self) {
        let module = self.module;
        for (number, row) in module.rows.iter().enumerate() {
            let of_row = |one: &&Candidate| one.row == number;
            let Some(first) = module.plans.iter().flat_map(|plan| &plan.candidates).find(of_row) else {
                continue;
            };
            let token = row.token.map_or("", Token::name);
            let looked_up = match first.input {
                Input::Enriched(_) => {
                    Some("what is looked up is not in a snapshot: its run has nothing to look up in")
                }
                Input::Labels(None) => Some("the run's labels are not in a snapshot: its run has none"),
                _ => None,
            };
            self.add(
                "drop-row",
                row.span,
                Scope::Plans,
                format!("drops the row of `{token}`"),
                move |module| {
                    for plan in &mut module.plans {
                        retain(plan, |_, one| one.row != number);
                    }
                    module.plans.retain(|plan| !plan.candidates.is_empty());
                },
            );
            self.equivalent(looked_up);
            if looked_up.is_none() {
                self.token(number);
            }
        }
        for (number, required) in module.required.iter().enumerate() {
            let what = format!("does not require `{}`", required.token.name());
            self.add("drop-required", required.span, Scope::Plans, what, move |module| {
                module.required.remove(number);
            });
        }
        for (plan, one) in module.plans.iter().enumerate() {
            for (index, candidate) in one.candidates.iter().enumerate() {
                self.candidate((plan, index), one.token, candidate);
            }
            self.fan_in(plan, one);
        }
    }

    /// The row fills another token of the same kind.
    fn token(&mut self, row: usize) {
        let find = |(number, plan): (usize, &Plan)| {
            let index = plan.candidates.iter().position(|one| one.row == row)?;
            Some((number, index, plan.token))
        };
        let Some((plan, index, token)) = self.module.plans.iter().enumerate().find_map(find) else { return };
        let Some(other) = like(self.module, token) else { return };
        let span = self.module.rows.get(row).map(|row| row.span).unwrap_or_default();
        let what = format!("fills `{}` instead of `{}`", other.name(), token.name());
        let place = self.within(span, token.name(), 0);
        self.add("swap-token", place, Scope::Plans, what, move |module| {
            let Some(one) = candidate(module, (plan, index)).cloned() else { return };
            remove(module, (plan, index));
            let at = module.plans.partition_point(|plan| plan.token < other);
            module.plans.insert(at, Plan { token: other, by: None, candidates: vec![one], gather: false });
        });
    }

    fn candidate(&mut self, at: At, token: Token, one: &Candidate) {
        let span = self.module.rows.get(one.row).map(|row| row.span).unwrap_or_default();
        for (number, condition) in one.when.iter().enumerate() {
            let (Condition::Is(slot, _) | Condition::Present(slot) | Condition::Absent(slot)) = condition;
            let what = format!("applies whatever `{}` is", self.field(*slot));
            let place = self.within(span, "when", 0);
            self.add("drop-when", place, Scope::Plans, what, move |module| {
                if let Some(one) = candidate(module, at) {
                    one.when.remove(number);
                }
            });
            let plan = self.module.plans.get(at.0);
            let before = plan.filter(|plan| plan.by.is_none() && !plan.gather);
            let before = before.and_then(|plan| plan.candidates.get(..at.1)).unwrap_or_default();
            let same = |other: &Candidate| {
                let alike = other.input == one.input && other.none == one.none;
                alike && matches!(other.when.as_slice(), [only] if opposite(only, condition))
            };
            let why = before.iter().any(same).then_some(
                "where the condition does not hold, a row in front makes the same value of the same field",
            );
            self.equivalent(why);
            let Condition::Is(_, texts) = condition else { continue };
            for (text, word) in texts.iter().enumerate().filter(|_| texts.len() > 1) {
                let place = self.within(span, word, 0);
                self.add(
                    "drop-when",
                    place,
                    Scope::Plans,
                    format!("does not apply to `{word}`"),
                    move |module| {
                        if let Some(Condition::Is(_, texts)) =
                            candidate(module, at).and_then(|one| one.when.get_mut(number))
                        {
                            texts.remove(text);
                        }
                    },
                );
            }
        }
        for (number, text) in one.none.iter().enumerate() {
            let place = self.within(span, text, 0);
            let what = format!("takes `{text}` for a value of `{}`", token.name());
            self.add("drop-none", place, Scope::Plans, what, move |module| {
                if let Some(one) = candidate(module, at) {
                    one.none.remove(number);
                }
            });
        }
        if let Input::Field(_, how) = &one.input {
            self.how(at, token, how, span);
        }
    }

    fn how(&mut self, at: At, token: Token, made: &How, span: xdr_codegen::source::Span) {
        let name = token.name();
        let plain = match made {
            How::Refused(_) | How::SocketRefused(_) => {
                let place = self.within(span, "otherwise", 0);
                let what = format!("drops `otherwise: {name}`");
                self.add("drop-otherwise", place, Scope::Plans, what, move |module| remove(module, at));
                return;
            }
            How::SocketPort => {
                let place = self.within(span, "socket", 0);
                self.add(
                    "drop-port",
                    place,
                    Scope::Plans,
                    format!("drops the port, `{name}`"),
                    move |module| {
                        remove(module, at);
                    },
                );
                return;
            }
            How::Time(rule) => return self.time(at, rule, span),
            How::BaseName => ("base-name", How::Text),
            How::DirName => ("dir-name", How::Text),
            How::Phrase(..) => ("text", How::Text),
            How::Values(_) => ("values", How::Text),
            How::PriSeverity(Some(_)) => ("values", How::PriSeverity(None)),
            How::List(Some(_)) => ("split", How::List(None)),
            How::Addresses(Some(_), others) => ("split", How::Addresses(None, others.clone())),
            How::Socket(others) => ("socket", How::Kind(others.clone())),
            _ => return,
        };
        let (key, plain) = plain;
        let place = self.within(span, key, 0);
        let what = format!("drops the conversion `{key}` of `{name}`");
        self.add("drop-conversion", place, Scope::Plans, what, move |module| {
            if let Some(made) = how(module, at) {
                *made = plain.clone();
            }
        });
    }

    fn time(&mut self, at: At, rule: &TimeRule, span: xdr_codegen::source::Span) {
        let place = self.within(span, "time:", 0);
        let edit = |edit: fn(&mut TimeRule)| {
            move |module: &mut Module| {
                if let Some(rule) = time(module, at) {
                    edit(rule);
                }
            }
        };
        for (number, format) in rule.formats.iter().enumerate() {
            if rule.formats.len() > 1 {
                let what = format!("drops the format with number {}", number + 1);
                self.add("drop-format", place, Scope::Plans, what, move |module| {
                    if let Some(rule) = time(module, at) {
                        rule.formats.remove(number);
                    }
                });
            }
            if format.contains(&Item::Day) && format.contains(&Item::Month) {
                let what = format!("swaps day and month in the format with number {}", number + 1);
                self.add("swap-date", place, Scope::Plans, what, move |module| {
                    let format = time(module, at).and_then(|rule| rule.formats.get_mut(number));
                    for item in format.into_iter().flatten() {
                        *item = match *item {
                            Item::Day => Item::Month,
                            Item::Month => Item::Day,
                            other => other,
                        };
                    }
                });
            }
        }
        if rule.zone != Zone::Stated {
            let place = self.within(span, "zone", 0);
            let what = "shifts times without a zone by an hour".to_owned();
            self.add(
                "shift-zone",
                place,
                Scope::Plans,
                what,
                edit(|rule| rule.zone = Zone::Named(xdr_model::Tz::Etc__GMTMinus1)),
            );
        }
        if rule.year != Year::Stated {
            let place = self.within(span, "year", 0);
            let what = "takes the other rule for times without a year".to_owned();
            self.add(
                "swap-year",
                place,
                Scope::Plans,
                what,
                edit(|rule| {
                    rule.year = if rule.year == Year::Past { Year::Nearest } else { Year::Past };
                }),
            );
        }
        let asked: [(&str, &'static str, bool, Change); 3] = [
            ("zone-from", "drop-zone-from", rule.zone_from.is_some(), |rule| rule.zone_from = None),
            ("year-from", "drop-year-from", rule.year_from.is_some(), |rule| rule.year_from = None),
            ("order-from", "drop-order-from", !rule.order_from.is_empty(), |rule| rule.order_from.clear()),
        ];
        for (key, operator, _, drop) in asked.into_iter().filter(|(.., there, _)| *there) {
            let place = self.within(span, key, 0);
            self.add(operator, place, Scope::Plans, format!("drops `{key}`"), edit(drop));
        }
        for (number, text) in rule.unset.iter().enumerate() {
            let place = self.within(span, text, 0);
            self.add(
                "drop-unset",
                place,
                Scope::Plans,
                format!("takes `{text}` for a time"),
                move |module| {
                    if let Some(rule) = time(module, at) {
                        rule.unset.remove(number);
                    }
                },
            );
        }
    }

    fn fan_in(&mut self, number: usize, plan: &Plan) {
        let name = plan.token.name();
        let span = |index: usize| {
            let row = plan.candidates.get(index).and_then(|one| self.module.rows.get(one.row));
            row.map(|row| row.span).unwrap_or_default()
        };
        let first = span(0);
        if plan.gather {
            self.add(
                "drop-list",
                first,
                Scope::Plans,
                format!("`{name}` takes the first of its fields only"),
                move |module| {
                    if let Some(plan) = module.plans.get_mut(number) {
                        plan.gather = false;
                    }
                },
            );
            return;
        }
        let spans: Vec<_> = (0..plan.candidates.len()).map(span).collect();
        for (index, pair) in plan.candidates.windows(2).enumerate() {
            let [one, other] = pair else { continue };
            // What another row refused fills a token only where no row does; the language has no way to say otherwise.
            if spare(one) || spare(other) {
                continue;
            }
            let place = spans.get(index + 1).copied().unwrap_or_default();
            let what = format!("`{name}` prefers this row to the one before it");
            self.add("swap-order", place, Scope::Plans, what, move |module| {
                if let Some(plan) = module.plans.get_mut(number) {
                    plan.candidates.swap(index, index + 1);
                    for (_, preferred) in plan.by.iter_mut().flat_map(|by| &mut by.cases) {
                        *preferred = match *preferred {
                            other if other == index => index + 1,
                            other if other == index + 1 => index,
                            other => other,
                        };
                    }
                }
            });
            self.equivalent(match (excludes(one, other), one.input == other.input) {
                (true, _) => Some("no record fills both rows: their conditions exclude each other"),
                (_, true) => Some("both rows make the same value of the same field"),
                _ => None,
            });
        }
        for (case, (value, _)) in plan.by.iter().flat_map(|by| &by.cases).enumerate() {
            let what = format!("`{name}` prefers nothing by `{value}`");
            self.add("drop-case", first, Scope::Plans, what, move |module| {
                if let Some(by) = module.plans.get_mut(number).and_then(|plan| plan.by.as_mut()) {
                    by.cases.remove(case);
                }
            });
            let why = plan.by.iter().filter_map(|by| by.cases.get(case)).any(|(_, index)| *index == 0);
            self.equivalent(why.then_some("the row that is preferred is the first one anyway"));
        }
    }
}

/// Whether a mapping takes what another one refused, or a port that comes with an address.
fn spare(one: &Candidate) -> bool {
    matches!(one.input, Input::Field(_, How::Refused(_) | How::SocketRefused(_) | How::SocketPort))
}

/// Whether one condition holds where the other does not.
fn opposite(one: &Condition, other: &Condition) -> bool {
    match (one, other) {
        (Condition::Present(a), Condition::Absent(b)) | (Condition::Absent(a), Condition::Present(b)) => {
            a == b
        }
        _ => false,
    }
}

/// Whether no record gives both something to say: their conditions exclude each other, or one reads a field that the other wants to be absent.
fn excludes(one: &Candidate, other: &Candidate) -> bool {
    let wants_absent = |one: &Candidate, other: &Candidate| match one.input {
        Input::Field(slot, _) => other.when.contains(&Condition::Absent(slot)),
        _ => false,
    };
    if wants_absent(one, other) || wants_absent(other, one) {
        return true;
    }
    let pairs = one.when.iter().flat_map(|one| other.when.iter().map(move |other| (one, other)));
    pairs.into_iter().any(|pair| match pair {
        (Condition::Is(a, one), Condition::Is(b, other)) => {
            a == b && !one.iter().any(|text| other.contains(text))
        }
        (Condition::Present(a), Condition::Absent(b)) | (Condition::Absent(a), Condition::Present(b)) => {
            a == b
        }
        // The empty text is a text and no value.
        (Condition::Is(a, texts), Condition::Absent(b)) | (Condition::Absent(b), Condition::Is(a, texts)) => {
            a == b && !texts.iter().any(String::is_empty)
        }
        _ => false,
    })
}
