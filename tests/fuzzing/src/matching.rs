//! The matcher, with the patterns of the compiled sources' catalogues: captures lie inside the text and in order.

use xdr_model::pattern::{Captures, Pattern};

/// The first two bytes choose the pattern, the others are the text.
pub(crate) fn run(data: &[u8]) {
    let (Some(number), Some(rest)) = (data.first_chunk::<2>(), data.get(2..)) else { return };
    let patterns: Vec<&Pattern<'static>> = xdr_runtime::sources()
        .iter()
        .filter_map(|source| source.info.catalogue)
        .flat_map(|catalogue| [catalogue.messages, catalogue.prefixes, catalogue.suffixes])
        .flatten()
        .flat_map(|message| message.templates)
        .map(|template| &template.pattern)
        .collect();
    let pattern = patterns.get(usize::from(u16::from_le_bytes(*number)) % patterns.len().max(1));
    let text = String::from_utf8_lossy(rest);
    let mut captures = Captures::new();
    let Some(pattern) = pattern else { return };
    match pattern.captures(&text, &mut captures) {
        Ok(()) => inside(&text, &captures),
        Err(miss) => {
            assert!(captures.is_empty() && miss.at <= text.len());
            let _ = pattern.nearly(&text, &mut captures);
            inside(&text, &captures);
        }
    }
}

fn inside(text: &str, captures: &Captures<'_, '_>) {
    for (_, capture) in captures.iter() {
        let (outer, inner) = (text.as_bytes().as_ptr_range(), capture.as_bytes().as_ptr_range());
        assert!(outer.start <= inner.start && inner.end <= outer.end, "{capture:?} of {text:?}");
    }
}
