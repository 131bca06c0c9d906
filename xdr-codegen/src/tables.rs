//! What the tables of a source hold beyond what its spec says: computed once here, for whoever writes the tables as Rust and whoever
//! fills them at run time.

mod sharing;

use std::collections::BTreeSet;

use xdr_model::pattern::ByteSet;

use crate::ir::{self, Enricher};

pub use sharing::{Sharing, sharing};

/// Lists of so many names are searched from their beginning.
const SHORT: usize = 4;

/// How many places the table of a list of names has; `None` if the list is searched from its beginning.
pub fn places(names: usize) -> Option<usize> {
    (names > SHORT).then(|| (2 * names).next_power_of_two())
}

/// What a choice or an open text looks ahead for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next<'i> {
    /// The end of the text.
    End,
    /// This byte.
    Byte(u8),
    /// First bytes in these sets, or, if the flag is set, the end.
    Sets(&'i [ByteSet], bool),
}

/// What is looked ahead for where a text may begin so.
pub fn next(first: &ir::First) -> Next<'_> {
    match first.sets.as_slice() {
        [] => Next::End,
        [set] if set.ascii.is_power_of_two() && !set.wide && !first.end => {
            Next::Byte(u8::try_from(set.ascii.trailing_zeros()).unwrap_or(b' '))
        }
        sets => Next::Sets(sets, first.end),
    }
}

/// A word that every text which these steps take holds; empty if none is known.
pub fn needs(steps: &[ir::Step]) -> &str {
    // Steps that hand on more than slices of the text end the search.
    let slices = |step: &&ir::Step| matches!(step, ir::Step::Syslog(_) | ir::Step::Template(_));
    let count = steps.iter().take_while(slices).count();
    let words = steps.iter().take(count + 1).filter_map(|step| match step {
        ir::Step::Template(templates) => match templates.as_slice() {
            [one] => Some(ir::longest_word(&one.ops)),
            _ => None,
        },
        ir::Step::Cef(_) => Some("CEF:"),
        ir::Step::Leef(_) => Some("LEEF:"),
        _ => None,
    });
    words.max_by_key(|word| word.len()).unwrap_or_default()
}

/// The indices of the keys of several words.
pub fn phrases(keys: &[ir::Key]) -> impl Iterator<Item = usize> {
    let several = |(_, key): &(usize, &ir::Key)| key.name.contains([' ', '\t']);
    keys.iter().enumerate().filter(several).map(|(index, _)| index)
}

/// The messages that a record without a key may be, by how their templates begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Texts<'i> {
    /// Indices of the messages, in the order in which their templates are tried.
    pub order: &'i [u16],
    /// The first bytes of templates, and the places in `order` of their messages, sorted.
    pub heads: Vec<([u8; 4], usize)>,
    /// The places in `order` of messages of which a template does not begin with bytes that are always the same, sorted.
    pub open: Vec<usize>,
}

/// The messages that a record without a key may be.
pub fn texts(catalogue: &ir::Catalogue) -> Texts<'_> {
    let (mut heads, mut open) = (BTreeSet::new(), Vec::new());
    for (place, index) in catalogue.keyless.iter().enumerate() {
        let templates =
            catalogue.messages.get(usize::from(*index)).map_or(&[][..], |message| &message.templates);
        let own: Option<Vec<[u8; 4]>> = templates.iter().map(head).collect();
        match own {
            Some(own) => heads.extend(own.into_iter().map(|head| (head, place))),
            None => open.push(place),
        }
    }
    Texts { order: &catalogue.keyless, heads: heads.into_iter().collect(), open }
}

/// The first bytes of every text that a template matches. A blank may be several, so there is none among them.
fn head(template: &ir::Template) -> Option<[u8; 4]> {
    match template.ops.first() {
        Some(ir::Op::Literal(text) | ir::Op::Lead(text)) => {
            text.as_bytes().first_chunk().copied().filter(|head| !head.contains(&b' '))
        }
        _ => None,
    }
}

/// The values of `by` that prefer a mapping, with its index. The first mapping of the plan needs no preference.
pub fn preferred(by: &ir::By) -> impl Iterator<Item = (&str, usize)> {
    by.cases.iter().filter(|(_, index)| *index != 0).map(|(value, index)| (value.as_str(), *index))
}

/// Whether something has to be looked up for each record.
pub fn looks_up(module: &ir::Module) -> bool {
    module.enrich.iter().any(|one| one.by != Enricher::Tags)
}

/// Whether something is filled before all that it needs is read.
pub fn is_ahead(one: &ir::Enrichment) -> bool {
    let filled = one.fills.iter().map(|(token, ..)| token).min();
    let read = one.reads.iter().flatten().map(|(token, _)| token).max();
    filled < read
}

/// The plans of the tokens that are read before the record is mapped; `None` if nothing is looked up then.
pub fn read_ahead(module: &ir::Module) -> Option<impl Iterator<Item = &ir::Plan>> {
    let ahead: Vec<ir::Enrichment> = module.enrich.iter().filter(|one| is_ahead(one)).cloned().collect();
    let reads = ir::reads(&ahead);
    (!ahead.is_empty()).then(|| module.plans.iter().filter(move |plan| reads.contains(&plan.token)))
}
