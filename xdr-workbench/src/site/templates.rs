//! Templates as people read them, written back from the steps that match them: `User <{user}>{? from {IP}}`.

use xdr_model::pattern::{Op, Target};

use super::html::Html;

/// The parts that templates share, numbered as they turn up.
#[derive(Default)]
pub(super) struct Parts(Vec<&'static [Op<'static>]>);

impl Parts {
    /// The number of a part, from 1.
    fn number(&mut self, ops: &'static [Op<'static>]) -> usize {
        let known = self.0.iter().position(|part| *part == ops);
        known.unwrap_or_else(|| {
            self.0.push(ops);
            self.0.len() - 1
        }) + 1
    }

    /// The parts so far, with their numbers.
    pub(super) fn all(&self) -> impl Iterator<Item = (usize, &'static [Op<'static>])> {
        self.0.iter().enumerate().map(|(index, ops)| (index + 1, *ops))
    }
}

/// Writes templates of one source.
pub(super) struct Writer<'w> {
    pub(super) fields: &'static [&'static str],
    pub(super) parts: &'w mut Parts,
}

impl Writer<'_> {
    /// Writes the steps of a template.
    pub(super) fn write(&mut self, html: &mut Html, ops: &'static [Op<'static>]) {
        let mut at = 0;
        while let Some(op) = ops.get(at) {
            at = self.op(html, ops, at, *op, ops.len());
        }
    }

    /// Writes the steps of a range.
    fn range(&mut self, html: &mut Html, ops: &'static [Op<'static>], from: usize, to: usize) {
        let mut at = from;
        while let Some(op) = ops.get(at).filter(|_| at < to) {
            at = self.op(html, ops, at, *op, to);
        }
    }

    /// Writes a step, with what belongs to it; gives the index of what follows.
    fn op(
        &mut self,
        html: &mut Html,
        ops: &'static [Op<'static>],
        at: usize,
        op: Op<'static>,
        end: usize,
    ) -> usize {
        match op {
            Op::Literal(text) | Op::Lead(text) => {
                html.text(text);
            }
            Op::Text(target, _)
            | Op::Last(target, _)
            | Op::Shape(target, _)
            | Op::Address(target)
            | Op::Rest(target) => {
                self.capture(html, target, "");
            }
            Op::Words(target, words) => self.capture(html, target, &format!(":{}", words.join("|"))),
            Op::Open => {
                let close = closing(ops, at).filter(|close| *close < end);
                if let Some((close, Op::Close(target))) =
                    close.and_then(|close| Some((close, *ops.get(close)?)))
                {
                    html.leaf("b", &[], &format!("{{{}=", self.name(target)));
                    self.range(html, ops, at + 1, close);
                    html.leaf("b", &[], "}");
                    return close + 1;
                }
            }
            Op::Split(other, ..) => {
                let other = usize::from(other);
                if other > at && other <= end {
                    return self.split(html, ops, at, other, end);
                }
            }
            Op::Part(part) => {
                let number = self.parts.number(part);
                html.link(&format!("#part-{number}"), &format!("{{part {number}}}"));
            }
            Op::Close(_) | Op::Jump(_) => {}
        }
        at + 1
    }

    /// Writes what may be left out, or two ways to go on.
    fn split(
        &mut self,
        html: &mut Html,
        ops: &'static [Op<'static>],
        at: usize,
        other: usize,
        end: usize,
    ) -> usize {
        let jump = other.checked_sub(1).filter(|last| *last > at).and_then(|last| ops.get(last));
        if let Some(Op::Jump(behind)) = jump {
            let behind = usize::from(*behind);
            if behind > other && behind <= end {
                html.leaf("i", &[], "(");
                self.range(html, ops, at + 1, other - 1);
                html.leaf("i", &[], " | ");
                self.range(html, ops, other, behind);
                html.leaf("i", &[], ")");
                return behind;
            }
        }
        html.leaf("i", &[], "{?");
        self.range(html, ops, at + 1, other);
        html.leaf("i", &[], "}");
        other
    }

    fn capture(&self, html: &mut Html, target: Target<'static>, how: &str) {
        html.leaf("b", &[], &format!("{{{}{how}}}", self.name(target)));
    }

    /// What a capture is called; `*` is what the next step reads.
    fn name(&self, target: Target<'static>) -> String {
        let field = |number: u16| self.fields.get(usize::from(number)).copied().unwrap_or("?").to_owned();
        match target {
            Target::Field(number) | Target::FieldHand(number) => field(number),
            Target::Extra(name) | Target::ExtraHand(name) => format!("_{name}"),
            Target::Hand => "*".to_owned(),
        }
    }
}

/// The end of the group that begins here.
fn closing(ops: &[Op<'_>], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (index, op) in ops.iter().enumerate().skip(open) {
        match op {
            Op::Open => depth += 1,
            Op::Close(_) => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(index);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use xdr_model::pattern::Next;

    fn written(ops: &'static [Op<'static>]) -> String {
        let mut html = Html::default();
        let mut parts = Parts::default();
        Writer { fields: &["user", "IP"], parts: &mut parts }.write(&mut html, ops);
        html.finish()
    }

    #[test]
    fn captures_and_what_may_be_missing_are_written_as_in_specs() {
        const OPS: [Op<'static>; 5] = [
            Op::Literal("User <"),
            Op::Text(Target::Field(0), Next::Any),
            Op::Split(5, Next::Any, Next::Any),
            Op::Literal("> from "),
            Op::Address(Target::Extra("x<y")),
        ];
        assert_eq!(written(&OPS), "User &lt;<b>{user}</b><i>{?</i>&gt; from <b>{_x&lt;y}</b><i>}</i>");
    }

    #[test]
    fn groups_and_two_ways_are_written_with_all_that_is_in_them() {
        const OPS: [Op<'static>; 8] = [
            Op::Open,
            Op::Literal("a"),
            Op::Close(Target::Field(1)),
            Op::Split(6, Next::Any, Next::Any),
            Op::Literal("b"),
            Op::Jump(7),
            Op::Literal("c"),
            Op::Words(Target::Hand, &["d", "e"]),
        ];
        assert_eq!(written(&OPS), "<b>{IP=</b>a<b>}</b><i>(</i>b<i> | </i>c<i>)</i><b>{*:d|e}</b>");
    }
}
