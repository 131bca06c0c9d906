//! The catalogue file.

use super::decode::keys;
use super::fields::Fields;
use super::pattern::{Patterns, constants};
use crate::ast::{self, Fold, Reading, Status, TextEntry};
use crate::diag::{Code, Diagnostic, Diagnostics, quote};
use crate::ir;
use crate::node::{OneOrMany, Spanned, Text};

/// A catalogue without messages.
pub(super) fn empty() -> ir::Catalogue {
    ir::Catalogue {
        parts: Vec::new(),
        messages: Vec::new(),
        prefixes: Vec::new(),
        suffixes: Vec::new(),
        pairs: None,
        otherwise_partial: true,
        folded: Vec::new(),
        keyless: Vec::new(),
    }
}

pub(super) fn lower(
    file: &ast::CatalogueFile,
    step: &ast::Catalogue,
    fields: &mut Fields,
    patterns: &mut Patterns<'_>,
    diags: &mut Diagnostics,
) -> ir::Catalogue {
    let trailing = file.trailing.as_ref().map(|text| text.text.clone()).unwrap_or_default();
    for (name, texts) in file.parts.iter() {
        patterns.part(name, texts, fields, diags);
    }
    let outer = std::mem::replace(&mut patterns.trailing, trailing);
    let mut messages = Vec::new();
    for (key, message) in file.messages.iter() {
        let entry = Entry {
            set: &message.set,
            text: message.text.as_ref(),
            read: message.read.as_ref(),
            partial: message.status.is_some_and(|status| status.value == Status::Partial),
            required: message.required.as_ref(),
        };
        messages.push(entry.lower(key, &key.text, file, (fields, patterns, diags)));
    }
    let order: Vec<String> = messages
        .iter()
        .filter(|message| !message.templates.is_empty())
        .map(|message| message.key.clone())
        .collect();
    messages.sort_by(|a, b| a.key.cmp(&b.key));
    let keyless = order
        .iter()
        .filter_map(|key| messages.binary_search_by(|message| message.key.cmp(key)).ok())
        .filter_map(|index| u16::try_from(index).ok())
        .collect();
    let folded = match step.fold.map(|fold| fold.value) {
        Some(Fold::Case) => folded(&messages, diags),
        _ => Vec::new(),
    };
    let (prefixes, suffixes) = families(file, fields, patterns, diags);
    patterns.trailing = outer;
    let pairs = file.pairs.as_ref().map(|pairs| ir::Pairs {
        separator: pairs.separator.as_ref().map_or(" - ".to_owned(), |text| text.text.clone()),
        keys: keys(&pairs.keys, fields, patterns, diags),
        prefix: pairs
            .prefix
            .as_ref()
            .map(|name| ir::Target { to: fields.define(&name.text, name.span, diags), hand: false }),
        unlisted: unlisted(pairs, diags),
    });
    for (name, _) in file.parts.iter().filter(|(name, _)| !patterns.used.contains(&name.text)) {
        let message = format!("no template uses the part {}", quote(&name.text));
        diags.push(Diagnostic::new(Code::UnusedPart, name.span, message).help("delete it"));
    }
    let mut parts: Vec<_> = patterns.parts.values().collect();
    parts.sort_by_key(|part| part.number);
    ir::Catalogue {
        parts: parts.into_iter().map(|part| part.ops.clone()).collect(),
        messages,
        prefixes,
        suffixes,
        pairs,
        otherwise_partial: step.otherwise.is_none_or(|otherwise| otherwise.value == Status::Partial),
        folded,
        keyless,
    }
}

/// What unlisted keys end with. Words of letters, digits and underscores are all that stands in front of it.
fn unlisted(pairs: &ast::Pairs, diags: &mut Diagnostics) -> String {
    let Some(end) = &pairs.unlisted else { return String::new() };
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if end.text.is_empty() || !end.text.bytes().all(|byte| byte.is_ascii_graphic() && !word(byte)) {
        let message = format!("`unlisted` is {}, which does not end a word", quote(&end.text));
        let help = "give the punctuation that ends every key, such as `:`";
        diags.push(Diagnostic::new(Code::WrongType, end.span, message).help(help));
    }
    end.text.clone()
}

/// The order of the messages by their keys in small letters; two that differ in case only are reported.
fn folded(messages: &[ir::Message], diags: &mut Diagnostics) -> Vec<u16> {
    let small = |index: usize| messages.get(index).map(|message| message.key.to_ascii_lowercase());
    let mut order: Vec<usize> = (0..messages.len()).collect();
    order.sort_by_key(|index| small(*index));
    for (index, next) in order.iter().zip(order.iter().skip(1)) {
        let (Some(one), Some(other)) = (messages.get(*index), messages.get(*next)) else { continue };
        if one.key.eq_ignore_ascii_case(&other.key) && one.key != other.key {
            let (first, second) =
                if one.span.start <= other.span.start { (one, other) } else { (other, one) };
            let message = format!("the key {} differs from another one in case only", quote(&second.key));
            diags.push(
                Diagnostic::new(Code::CaseOnlyDuplicate, second.span, message)
                    .also(first.span, "the other one")
                    .help("keep one, or compare with `fold: exact`"),
            );
        }
    }
    order.into_iter().filter_map(|index| u16::try_from(index).ok()).collect()
}

/// What messages and families have in common.
struct Entry<'a> {
    set: &'a crate::node::Entries<Text>,
    text: Option<&'a OneOrMany<TextEntry>>,
    read: Option<&'a Spanned<Reading>>,
    partial: bool,
    required: Option<&'a OneOrMany<Text>>,
}

impl Entry<'_> {
    fn lower(
        &self,
        place: &Text,
        key: &str,
        file: &ast::CatalogueFile,
        (fields, patterns, diags): (&mut Fields, &mut Patterns<'_>, &mut Diagnostics),
    ) -> ir::Message {
        let mut templates = Vec::new();
        for entry in self.text.iter().flat_map(|texts| texts.iter()) {
            let Some(mut template) = patterns.template(entry.template(), fields, diags) else { continue };
            if let TextEntry::Match(entry) = entry {
                template.set = constants(&entry.set, fields, diags);
            }
            templates.push(template);
        }
        if let Some(read) = self.read.filter(|read| read.value == Reading::Pairs && file.pairs.is_none()) {
            diags.push(
                Diagnostic::new(Code::MissingKey, read.span, "the catalogue has no `pairs` to read by")
                    .help("add the key `pairs` with the keys of the wire"),
            );
        }
        ir::Message {
            key: key.to_owned(),
            set: constants(self.set, fields, diags),
            templates,
            text: match self.read.map(|read| read.value) {
                None => ir::Text::Templates,
                Some(Reading::Any) => ir::Text::Any,
                Some(Reading::Pairs) => ir::Text::Pairs,
            },
            partial: self.partial,
            required: super::required::of_message(self.required, diags),
            span: place.span,
        }
    }
}

/// Families by the beginning and by the end of keys, longest first.
fn families(
    file: &ast::CatalogueFile,
    fields: &mut Fields,
    patterns: &mut Patterns<'_>,
    diags: &mut Diagnostics,
) -> (Vec<ir::Message>, Vec<ir::Message>) {
    let (mut prefixes, mut suffixes) = (Vec::new(), Vec::new());
    for (key, family) in file.families.iter() {
        let entry = Entry {
            set: &family.set,
            text: family.text.as_ref(),
            read: family.read.as_ref(),
            partial: family.status.is_none_or(|status| status.value == Status::Partial),
            required: family.required.as_ref(),
        };
        match (key.text.strip_prefix('*'), key.text.strip_suffix('*')) {
            (Some(end), None) if !end.contains('*') => {
                suffixes.push(entry.lower(key, end, file, (fields, patterns, diags)));
            }
            (None, Some(begin)) if !begin.contains('*') => {
                prefixes.push(entry.lower(key, begin, file, (fields, patterns, diags)));
            }
            _ => {
                let message = format!("{} is no family", quote(&key.text));
                diags.push(
                    Diagnostic::new(Code::BadFamily, key.span, message)
                        .help("write the beginning of keys as `AUT*`, or their end as `*I`"),
                );
            }
        }
    }
    prefixes.sort_by(|a: &ir::Message, b| (b.key.len(), &a.key).cmp(&(a.key.len(), &b.key)));
    suffixes.sort_by(|a: &ir::Message, b| (b.key.len(), &a.key).cmp(&(a.key.len(), &b.key)));
    (prefixes, suffixes)
}
