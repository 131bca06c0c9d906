//! Every list of templates over the texts of the samples: matching the list gives what matching each template alone gives, in
//! their order, whatever of it is matched only once.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use xdr_model::pattern::{Captures, Needle, Next, Op, Pattern, first_of};
use xdr_runtime::decode::Template;

/// What the texts of a source's samples may be read as: what stands behind each colon with a blank, and the same with its end cut off.
fn texts(source: &str) -> BTreeSet<String> {
    let samples =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../mapping-specs").join(source).join("samples");
    let mut texts = BTreeSet::new();
    for entry in fs::read_dir(samples).unwrap() {
        for line in String::from_utf8_lossy(&fs::read(entry.unwrap().path()).unwrap()).lines() {
            for (at, _) in line.match_indices(": ").take(4) {
                let text = line.get(at + 2..).unwrap();
                texts.insert(text.to_owned());
                texts.insert(text.chars().take(text.chars().count() * 2 / 3).collect());
            }
        }
    }
    texts
}

/// A word that the beginning of the list's texts is likely to hold; lists are tried over texts that hold it, and over some others.
fn word(list: &[Template]) -> String {
    let ops = format!("{:?}", list.first().map(|template| &template.pattern.ops));
    let words = ops.split(|c: char| !c.is_ascii_alphabetic());
    let known = [
        "Literal", "Lead", "Field", "Extra", "Text", "Shape", "Address", "ByteSet", "Split", "Jump", "wide",
        "ascii", "false",
    ];
    words
        .filter(|word| word.len() > 3 && !known.contains(word))
        .max_by_key(|word| word.len())
        .unwrap_or("")
        .to_owned()
}

#[test]
fn lists_match_as_their_templates_do_alone() {
    let (mut matched, mut later) = (0, 0);
    for source in xdr_sources::sources() {
        let Some(catalogue) = source.info.catalogue else { continue };
        let texts = texts(source.info.name);
        let messages = [catalogue.messages, catalogue.prefixes, catalogue.suffixes];
        for list in
            messages.into_iter().flatten().map(|message| message.templates).filter(|list| list.len() > 1)
        {
            let word = word(list);
            for (index, text) in texts.iter().enumerate() {
                if index % 37 != 0 && !text.contains(&word) {
                    continue;
                }
                let mut captures = Captures::new();
                let together = first_of(list, |template| &template.pattern, text, &mut captures)
                    .map(|number| (number, captures.iter().collect::<Vec<_>>()));
                let alone = list.iter().enumerate().find_map(|(number, template)| {
                    let mut captures = Captures::new();
                    template.pattern.captures(text, &mut captures).ok()?;
                    Some((number, captures.iter().collect::<Vec<_>>()))
                });
                matched += usize::from(alone.is_some());
                later += usize::from(alone.as_ref().is_some_and(|(number, _)| *number > 0));
                assert_eq!(together, alone, "{}: {text:?}", source.info.name);
            }
        }
    }
    assert!(matched > 1000 && later > 300, "{matched} texts matched, {later} by a later template");
}

/// The ops without what the compiler found out about the ways that they lead: each way may be tried, and of what follows an
/// open text only the first byte is known.
fn blunt(ops: &[Op<'static>]) -> &'static [Op<'static>] {
    let first_byte = |next: Next<'static>| match next {
        Next::Set(sets, end) => Next::Set(&sets[..1], end),
        other => other,
    };
    let ops = ops.iter().map(|op| match op {
        Op::Split(to, ..) => Op::Split(*to, Next::Any, Next::Any),
        Op::Text(target, next) => Op::Text(*target, first_byte(*next)),
        Op::Last(target, next) => Op::Last(*target, first_byte(*next)),
        Op::Part(part) => Op::Part(blunt(part)),
        other => *other,
    });
    Box::leak(ops.collect())
}

#[test]
fn looking_ahead_changes_nothing() {
    let mut matched = 0;
    for source in xdr_sources::sources() {
        let Some(catalogue) = source.info.catalogue else { continue };
        let texts = texts(source.info.name);
        let messages = [catalogue.messages, catalogue.prefixes, catalogue.suffixes];
        for list in messages.into_iter().flatten().map(|message| message.templates) {
            let word = word(list);
            for template in list {
                let plain = Pattern {
                    ops: blunt(template.pattern.ops),
                    shared: 0,
                    watched: &[],
                    needs: Needle::NONE,
                    ..template.pattern
                };
                for text in texts.iter().filter(|text| text.contains(&word)) {
                    let mut captures = [Captures::new(), Captures::new()];
                    let [ahead, blind] = &mut captures;
                    let ahead = template
                        .pattern
                        .captures(text, ahead)
                        .ok()
                        .map(|()| ahead.iter().collect::<Vec<_>>());
                    let blind = plain.captures(text, blind).ok().map(|()| blind.iter().collect::<Vec<_>>());
                    matched += usize::from(blind.is_some());
                    assert_eq!(ahead, blind, "{}: {text:?}", source.info.name);
                }
            }
        }
    }
    assert!(matched > 1000, "{matched} texts matched");
}
