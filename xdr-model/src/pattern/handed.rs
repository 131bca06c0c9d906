//! Lists of patterns whose last one takes any text and hands it on: most texts pass them as they are.

use super::{Next, Op, Pattern, Target, pieces};

/// The text that is handed on, if the last of several patterns hands on any text and it is plain at a look that no other matches. Else
/// [`first_of`](super::first_of) has to say what becomes of the text; where there is one, it says the same.
pub fn handed_on<'p, 'a, T>(
    patterns: &[T],
    pattern: impl Fn(&T) -> &Pattern<'p>,
    text: &'a str,
) -> Option<&'a str> {
    let (last, others) = patterns.split_last()?;
    let last = pattern(last);
    let takes_all = matches!(last.ops, [Op::Text(Target::Hand, Next::End) | Op::Rest(Target::Hand)]);
    let passes = takes_all
        && last.trailing.is_empty()
        && others.iter().all(|other| {
            let other = pattern(other);
            other.trailing.is_empty() && other.cannot_match(text)
        });
    passes.then(|| text.trim_start_matches(' '))
}

impl Pattern<'_> {
    /// Whether the text lacks what the pattern begins with, or a word that it needs. If not, the pattern may match or not.
    fn cannot_match(&self, text: &str) -> bool {
        let first = text.as_bytes().first();
        let cannot_begin = match self.ops.iter().find(|op| !matches!(op, Op::Open)) {
            Some(Op::Literal(literal) | Op::Lead(literal)) => {
                literal.as_bytes().first().is_some_and(|byte| Some(byte) != first)
            }
            Some(Op::Shape(_, [run, ..])) => run.min > 0 && !first.is_some_and(|byte| run.set.has(*byte)),
            Some(Op::Text(_, next)) => pieces::first(text, text.len(), *next, 0).is_none(),
            _ => false,
        };
        cannot_begin || !self.needs.is_in(text)
    }
}
