//! What the templates of one list have in common at their beginnings, so that the matcher goes over it once.

use std::cmp::Reverse;
use std::collections::HashSet;

use xdr_model::pattern::Needle;

use crate::ir::{self, Op, Template};

/// Less than this is matched again: to keep and fetch a state costs about as much.
const FEWEST: usize = 3;

/// Shorter words stand in many texts, as parentheses do.
const TELLING: usize = 4;

/// What a template shares with others of its list.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Sharing {
    /// How many of its first ops the template in front of it has too.
    pub shared: u16,
    /// Up to which of its ops templates behind it are the same, in order.
    pub watched: Vec<u16>,
    /// A word that stands in every text which it matches, and not in those that all others do; empty if there is none.
    pub needs: String,
}

/// What each template of a list shares.
pub fn sharing(list: &[Template]) -> Vec<Sharing> {
    let mut all: Vec<Sharing> = list.iter().map(|_| Sharing::default()).collect();
    for (pair, sharing) in list.windows(2).zip(all.iter_mut().skip(1)) {
        if let [one, other] = pair {
            sharing.shared = shared(&one.ops, &other.ops);
        }
    }
    for index in 0..all.len() {
        let mut least = u16::MAX;
        let mut watched = Vec::new();
        for behind in all.iter().skip(index + 1) {
            least = least.min(behind.shared);
            if least == 0 {
                break;
            }
            watched.push(least);
        }
        watched.sort_unstable();
        watched.dedup();
        if let Some(sharing) = all.get_mut(index) {
            sharing.watched = watched;
        }
    }
    for (sharing, needs) in all.iter_mut().zip(needs(list)) {
        needs.clone_into(&mut sharing.needs);
    }
    all
}

/// Of each template the word that it needs and the fewest others; of several the longest of those that are quickly looked for.
fn needs(list: &[Template]) -> impl Iterator<Item = &str> {
    let words: Vec<HashSet<&str>> = list.iter().map(|template| ir::words(&template.ops).collect()).collect();
    list.iter().map(move |template| {
        let others = |word: &str| words.iter().filter(|words| words.contains(word)).count();
        let known = ir::words(&template.ops).map(|word| (others(word), word));
        let is_quick = |word: &str| word.len() >= TELLING && Needle::new(word).is_rare();
        let rarest = known.min_by_key(|(others, word)| (*others, !is_quick(word), Reverse(word.len())));
        rarest.filter(|(others, _)| *others < list.len()).map_or("", |(_, word)| word)
    })
}

/// How many of the first ops are the same, and stay so whatever follows them: an open text is matched together with a literal
/// behind it.
fn shared(one: &[Op], other: &[Op]) -> u16 {
    let mut count = one.iter().zip(other).take_while(|(one, other)| one == other).count();
    if matches!(count.checked_sub(1).and_then(|last| one.get(last)), Some(Op::Text(..))) {
        count -= 1;
    }
    if count < FEWEST { 0 } else { u16::try_from(count).unwrap_or(0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::ir::{First, Target, To};

    fn template(text: &str) -> Template {
        let open = First { sets: Vec::new(), end: true };
        let ops = text.chars().map(|letter| match letter {
            '*' => Op::Text(Target { to: To::Nothing, hand: false }, open.clone()),
            'a'..='z' => Op::Address(Target { to: To::Extra(letter.to_string()), hand: false }),
            _ => Op::Literal(letter.to_string()),
        });
        let ops = ops.collect();
        let span = crate::source::Span::default();
        Template { ops, trailing: String::new(), set: Vec::new(), witnesses: Vec::new(), span }
    }

    fn shares(texts: &[&str]) -> Vec<(u16, Vec<u16>)> {
        let list: Vec<_> = texts.iter().map(|text| template(text)).collect();
        sharing(&list).into_iter().map(|sharing| (sharing.shared, sharing.watched)).collect()
    }

    #[test]
    fn a_template_watches_what_those_behind_it_share() {
        assert_eq!(
            shares(&["abcdef", "abcdeg", "abcx", "abcxyz", "q"]),
            [(0, vec![3, 5]), (5, vec![3]), (3, vec![4]), (4, vec![]), (0, vec![])]
        );
        assert_eq!(shares(&["abcd", "abcd"]), [(0, vec![4]), (4, vec![])]);
    }

    #[test]
    fn a_template_needs_what_the_fewest_others_need() {
        let list: Vec<_> = ["A*B", "A*B*C", "A", "AD"].into_iter().map(template).collect();
        assert_eq!(needs(&list).collect::<Vec<_>>(), ["B", "C", "", "D"]);
        let words = |text: &str| {
            let mut template = template("A");
            template.ops = vec![Op::Literal(text.to_owned())];
            template
        };
        let list = [words("Flume enrichment timezone"), words("the rest")];
        assert_eq!(needs(&list).collect::<Vec<_>>(), ["Flume", "rest"]);
    }

    #[test]
    fn an_open_text_is_matched_with_what_follows_it() {
        assert_eq!(shares(&["abc*Xd", "abc*Ye"]), [(0, vec![3]), (3, vec![])]);
        assert_eq!(shares(&["ab*Xd", "ab*Ye"]), [(0, vec![]), (0, vec![])]);
    }
}
