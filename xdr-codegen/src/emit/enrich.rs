//! Enrichment: what is declared, and how the tokens that are read are mapped ahead of the others.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::ident;
use crate::ir::{self, Enricher, Part};
use crate::tables;

/// The table of what is declared; nothing if there is nothing.
pub(super) fn declared(module: &ir::Module) -> Option<TokenStream> {
    if module.enrich.is_empty() {
        return None;
    }
    let count = Literal::usize_unsuffixed(module.enrich.len());
    let each = module.enrich.iter().map(|one| {
        let by = ident(match one.by {
            Enricher::Networks => "Networks",
            Enricher::Directory => "Directory",
            Enricher::Geo => "Geo",
            Enricher::Tags => "Tags",
        });
        let reads = one.reads.iter().map(|list| {
            let tokens = list.iter().map(|(token, _)| ident(token.variant_name()));
            quote!(&[#(Token::#tokens),*])
        });
        let fills = one.fills.iter().map(|(token, ..)| ident(token.variant_name()));
        let ahead = tables::is_ahead(one);
        quote! {
            enrich::Declared { by: enrich::By::#by, reads: &[#(#reads),*], fills: &[#(Token::#fills),*], ahead: #ahead }
        }
    });
    Some(quote! {
        /// Which tokens are filled with what no record holds.
        static ENRICH: [enrich::Declared; #count] = [#(#each),*];
    })
}

/// The function that maps one of the tokens that are read ahead; `statement` writes one of a plan.
pub(super) fn read<'i>(
    plans: impl Iterator<Item = &'i ir::Plan>,
    mut statement: impl FnMut(&ir::Plan) -> TokenStream,
) -> TokenStream {
    let arms = plans.map(|plan| {
        let token = ident(plan.token.variant_name());
        let statement = statement(plan);
        quote!(Token::#token => { #statement })
    });
    quote! {
        /// Maps a token that is read ahead of the others.
        fn map_read<'a, S: Sink<'a>>(m: &mut Mapper<'_, 'a, S, FIELDS>, token: Token) {
            match token { #(#arms)* _ => {} }
        }
    }
}

/// The call that fills a token.
pub(super) fn call(token: &proc_macro2::Ident, part: Part, row: &Literal) -> TokenStream {
    let (part, number) = match part {
        Part::Context | Part::Labels => ("Context", None),
        Part::Column => ("Column", None),
        Part::Coordinates(number) => ("Coordinates", Some(number)),
        Part::Country(number) => ("Country", Some(number)),
        Part::City(number) => ("City", Some(number)),
    };
    let part = ident(part);
    let number = number.map(|number| {
        let number = Literal::usize_unsuffixed(number);
        quote!((#number))
    });
    quote!(m.enriched(Token::#token, Part::#part #number, #row))
}
