//! What need not be tried again, or at all: ways that are known to lead nowhere. All of it leaves out only what would fail.

use super::{Choice, Matcher, Mode, Way};
use crate::pattern::{Op, pieces};

/// How many bytes a literal has at least of which a text likely holds no other.
const TELLING: usize = if cfg!(test) { 1 } else { 4 };

impl<M: Mode> Matcher<'_, '_, '_, M> {
    /// Whether an open text of the op at `pc` that begins at `at` is known to have no end that leads on.
    #[inline]
    pub(super) fn is_exhausted(&self, pc: usize, at: usize) -> bool {
        self.exhausted.iter().any(|(known, from)| usize::from(*known) == pc && at >= *from)
    }

    /// Notes that no end of the open text that begins at `from` leads on.
    pub(super) fn exhaust<const PART: bool>(&mut self, pc: usize, from: usize) {
        // Who wants to know how far a text matches must go there again; the ops of a part have numbers of their own.
        if M::TRACED || PART {
            return;
        }
        let pc = u16::try_from(pc).unwrap_or(u16::MAX);
        match self.exhausted.iter_mut().find(|(known, _)| *known == pc) {
            Some((_, known)) => *known = from.min(*known),
            None => self.exhausted.push((pc, from)),
        }
    }

    /// Gives up the last choices if all ways from them lead through one literal in front of op `pc`, at which the match failed, and the
    /// text holds it once: another way would come to where this one came. Says whether it did so.
    pub(super) fn give_up(&mut self, ops: &[Op<'_>], pc: usize, base: usize) -> bool {
        if M::TRACED {
            return false;
        }
        let Some(Choice { pc: top, way: Way::Longer | Way::Shorter, .. }) = self.last_choice(base) else {
            return false;
        };
        let top = usize::from(top);
        // The longest literal on the way that failed.
        let mut longest = (0, "");
        for (index, op) in ops.iter().enumerate().take(pc).skip(top + 1) {
            if let Op::Literal(literal) | Op::Lead(literal) = op
                && literal.len() > longest.1.len()
            {
                longest = (index, literal);
            }
        }
        let (pc, literal) = longest;
        if literal.len() < TELLING {
            return false;
        }
        // The way that failed may have gone through one just in front of what is left to try.
        let Some((needed, from)) = self.ways_to(ops, pc, literal, base, Choice::tried) else { return false };
        let text = self.text.as_bytes();
        self.spend(text.len().saturating_sub(from) / 8);
        let first = pieces::find(text, literal.as_bytes(), from);
        if first.is_none_or(|first| pieces::find(text, literal.as_bytes(), first + 1).is_some()) {
            return false;
        }
        while self.last_choice(base).is_some_and(|choice| choice.leads_to(needed, pc)) {
            self.open -= 1;
        }
        true
    }

    /// For the literal at op `pc`: the first op from which on no op leads around it, and the lowest `bound` of the last choices that
    /// need it; `None` if none does.
    fn ways_to(
        &mut self,
        ops: &[Op<'_>],
        pc: usize,
        literal: &str,
        base: usize,
        bound: impl Fn(&Choice) -> usize,
    ) -> Option<(usize, usize)> {
        // A blank may be several; then the text need not hold the literal byte by byte.
        if literal.contains(' ') && !self.has_single_blanks() {
            return None;
        }
        let around = |op: &Op<'_>| matches!(op, Op::Split(to, ..) | Op::Jump(to) if usize::from(*to) > pc);
        let needed = ops.get(..pc)?.iter().rposition(around).map_or(0, |last| last + 1);
        let choices = self.choices.get(base..self.open)?.iter().rev();
        let from = choices.take_while(|choice| choice.leads_to(needed, pc)).map(bound).min()?;
        Some((needed, from))
    }

    /// Gives up the last choices from which no way leads past the literal at op `pc`, which did not match: all ways go through it, and
    /// the text does not hold it from the choice's byte on. `lacks`: from this byte on the text is known not to hold it.
    pub(super) fn prune(&mut self, ops: &[Op<'_>], pc: usize, lacks: Option<usize>, base: usize) {
        if M::TRACED || self.last_choice(base).is_none_or(|choice| usize::from(choice.pc) > pc) {
            return;
        }
        let Some(Op::Literal(literal) | Op::Lead(literal)) = ops.get(pc) else { return };
        let Some((needed, from)) = self.ways_to(ops, pc, literal, base, Choice::bound) else { return };
        let (text, literal) = (self.text.as_bytes(), literal.as_bytes());
        let until =
            lacks.map_or(text.len(), |lacks| (lacks + literal.len()).saturating_sub(1).min(text.len()));
        let last = pieces::find_last(text.get(..until).unwrap_or_default(), literal, from);
        self.spend((until - last.unwrap_or(from).min(until)) / 8);
        while let Some(choice) = self.last_choice(base) {
            if !choice.leads_to(needed, pc) || last.is_some_and(|last| last >= choice.bound()) {
                return;
            }
            self.open -= 1;
        }
    }
}
