//! The `use` items of a module: those names that its items mention.

use std::collections::BTreeSet;

use proc_macro2::{Spacing, TokenStream, TokenTree};
use quote::quote;

use super::ident;

/// Module and names, in the order in which rustfmt would put them.
const KNOWN: [(&str, &[&str]); 13] = [
    ("::xdr_model", &["Kind", "Token"]),
    ("::xdr_model::pattern", &["ByteSet", "Needle", "Next", "Op", "Pattern", "Run", "Target"]),
    ("::xdr_runtime", &["catalogue", "decode", "enrich", "info"]),
    ("::xdr_runtime::engine", &["Mapping"]),
    ("::xdr_runtime::enrich", &["Enriching", "Part"]),
    ("::xdr_runtime::field", &["Field"]),
    ("::xdr_runtime::format", &["cef", "csv", "json", "key_value", "leef", "pairs", "syslog"]),
    ("::xdr_runtime::lookup", &["Lookup"]),
    ("::xdr_runtime::map", &["Beside", "Cut", "Mapper", "Otherwise", "Values"]),
    ("::xdr_runtime::prepare", &["Around"]),
    ("::xdr_runtime::record", &["Parts", "Reject", "Scratch", "Status"]),
    ("::xdr_runtime::settings", &["Setting", "Settings"]),
    ("::xdr_runtime::sink", &["Constants", "Sink"]),
];

/// Imports of the names that the items mention.
pub(super) fn of(items: &[TokenStream]) -> TokenStream {
    let mut mentioned = BTreeSet::new();
    for item in items {
        collect(item.clone(), &mut mentioned);
    }
    let uses = KNOWN.iter().map(|(module, names)| {
        let names: Vec<_> =
            names.iter().filter(|name| mentioned.contains(**name)).map(|name| ident(name)).collect();
        let module: TokenStream = module.parse().unwrap_or_default();
        match names.as_slice() {
            [] => quote!(),
            [name] => quote!(use #module::#name;),
            names => quote!(use #module::{#(#names),*};),
        }
    });
    quote!(#(#uses)*)
}

/// The identifiers of a piece of Rust, but not those that name a struct's field or stand behind a path.
fn collect(tokens: TokenStream, mentioned: &mut BTreeSet<String>) {
    let colon = |token: &TokenTree, spacing| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ':' && punct.spacing() == spacing);
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (index, token) in tokens.iter().enumerate() {
        let before = |back: usize| index.checked_sub(back).and_then(|index| tokens.get(index));
        match token {
            TokenTree::Ident(ident) => {
                let behind_path = before(2).is_some_and(|token| colon(token, Spacing::Joint));
                let names_field = tokens.get(index + 1).is_some_and(|token| colon(token, Spacing::Alone));
                if !behind_path && !names_field {
                    mentioned.insert(ident.to_string());
                }
            }
            TokenTree::Group(group) => collect(group.stream(), mentioned),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}
