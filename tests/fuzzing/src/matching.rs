//! The matcher, with the templates of the compiled sources' catalogues: captures lie inside the text, and the templates of a
//! message, of which beginnings alike are matched once, give what each gives alone.

use xdr_model::pattern::{Captures, first_of};
use xdr_runtime::decode::Template;

/// The first two bytes choose the message, the others are the text.
pub(crate) fn run(data: &[u8]) {
    let (Some(number), Some(rest)) = (data.first_chunk::<2>(), data.get(2..)) else { return };
    let lists: Vec<&[Template]> = xdr_sources::sources()
        .iter()
        .filter_map(|source| source.info.catalogue)
        .flat_map(|catalogue| [catalogue.messages, catalogue.prefixes, catalogue.suffixes])
        .flatten()
        .map(|message| message.templates)
        .filter(|templates| !templates.is_empty())
        .collect();
    let list = lists.get(usize::from(u16::from_le_bytes(*number)) % lists.len().max(1));
    let text = String::from_utf8_lossy(rest);
    let Some(list) = list else { return };
    let mut captures = Captures::new();
    let together = first_of(list, |template| &template.pattern, &text, &mut captures)
        .map(|number| (number, captures.iter().collect::<Vec<_>>()));
    inside(&text, &captures);
    let mut alone = None;
    for (number, template) in list.iter().enumerate() {
        let mut captures = Captures::new();
        match template.pattern.captures(&text, &mut captures) {
            Ok(()) => {
                alone = Some((number, captures.iter().collect::<Vec<_>>()));
                break;
            }
            Err(miss) => {
                assert!(captures.is_empty() && miss.at <= text.len());
                let _ = template.pattern.nearly(&text, &mut captures);
                inside(&text, &captures);
            }
        }
    }
    assert_eq!(together, alone, "{text:?}");
}

fn inside(text: &str, captures: &Captures<'_, '_>) {
    for (_, capture) in captures.iter() {
        let (outer, inner) = (text.as_bytes().as_ptr_range(), capture.as_bytes().as_ptr_range());
        assert!(outer.start <= inner.start && inner.end <= outer.end, "{capture:?} of {text:?}");
    }
}
