//! Templates as the tables that the matcher reads.

use xdr_codegen::{ir, tables};
use xdr_model::pattern::{Needle, Next, Op, Pattern, Target};
use xdr_runtime::decode::Template;

use super::pool::Pool;

/// Makes tables of templates.
pub(super) struct Patterns<'p> {
    pub(super) pool: &'p mut Pool,
    /// The parts of the catalogue's templates, by their numbers.
    pub(super) parts: Vec<&'static [Op<'static>]>,
}

impl<'p> Patterns<'p> {
    /// For a source whose catalogue has these parts.
    pub(super) fn new(pool: &'p mut Pool, parts: &[Vec<ir::Op>]) -> Self {
        let mut patterns = Self { pool, parts: Vec::new() };
        // No part holds another one, so their order does not matter.
        patterns.parts = parts.iter().map(|part| patterns.ops(part)).collect();
        patterns
    }

    /// The templates of one list, with their constants.
    pub(super) fn templates(&mut self, list: &[ir::Template]) -> &'static [Template] {
        let patterns = self.each(list);
        let with_constants = |(template, pattern): (&ir::Template, Pattern<'static>)| {
            let set = template.set.iter().map(|(slot, text)| (*slot, self.pool.text(text))).collect();
            Template { pattern, set: self.pool.list(set) }
        };
        let templates = list.iter().zip(patterns).map(with_constants).collect();
        self.pool.list(templates)
    }

    /// The patterns of one list of templates.
    pub(super) fn patterns(&mut self, list: &[ir::Template]) -> &'static [Pattern<'static>] {
        let patterns = self.each(list);
        self.pool.list(patterns)
    }

    fn each(&mut self, list: &[ir::Template]) -> Vec<Pattern<'static>> {
        let shared = tables::sharing(list);
        let pattern = |(template, sharing): (&ir::Template, tables::Sharing)| Pattern {
            ops: self.ops(&template.ops),
            trailing: self.pool.text(&template.trailing),
            shared: sharing.shared,
            watched: self.pool.list(sharing.watched),
            needs: Needle::new(self.pool.text(&sharing.needs)),
        };
        list.iter().zip(shared).map(pattern).collect()
    }

    fn ops(&mut self, ops: &[ir::Op]) -> &'static [Op<'static>] {
        let ops = ops.iter().map(|op| self.op(op)).collect();
        self.pool.list(ops)
    }

    fn op(&mut self, op: &ir::Op) -> Op<'static> {
        match op {
            ir::Op::Literal(text) => Op::Literal(self.pool.text(text)),
            ir::Op::Lead(text) => Op::Lead(self.pool.text(text)),
            ir::Op::Text(to, first) => Op::Text(self.target(to), self.next(first)),
            ir::Op::Last(to, first) => Op::Last(self.target(to), self.next(first)),
            ir::Op::Shape(to, runs) => Op::Shape(self.target(to), self.pool.list(runs.clone())),
            ir::Op::Address(to) => Op::Address(self.target(to)),
            ir::Op::Words(to, words) => Op::Words(self.target(to), self.pool.texts(words)),
            ir::Op::Rest(to) => Op::Rest(self.target(to)),
            ir::Op::Open => Op::Open,
            ir::Op::Close(to) => Op::Close(self.target(to)),
            ir::Op::Split(to, here, there) => {
                let [here, there] =
                    [here, there].map(|way| way.as_ref().map_or(Next::Any, |way| self.next(way)));
                Op::Split(*to, here, there)
            }
            ir::Op::Jump(to) => Op::Jump(*to),
            ir::Op::Part(number) => Op::Part(self.parts.get(*number).copied().unwrap_or_default()),
        }
    }

    /// Where a captured text goes.
    pub(super) fn target(&mut self, target: &ir::Target) -> Target<'static> {
        match (&target.to, target.hand) {
            (ir::To::Nothing, _) => Target::Hand,
            (ir::To::Field(slot), false) => Target::Field(*slot),
            (ir::To::Field(slot), true) => Target::FieldHand(*slot),
            (ir::To::Extra(name), false) => Target::Extra(self.pool.text(name)),
            (ir::To::Extra(name), true) => Target::ExtraHand(self.pool.text(name)),
        }
    }

    fn next(&mut self, first: &ir::First) -> Next<'static> {
        match tables::next(first) {
            tables::Next::End => Next::End,
            tables::Next::Byte(byte) => Next::Byte(byte),
            tables::Next::Sets(sets, end) => Next::Set(self.pool.list(sets.to_vec()), end),
        }
    }
}
