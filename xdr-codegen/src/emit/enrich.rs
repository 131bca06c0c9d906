//! Enrichment: what is declared, and how the tokens that are read are mapped ahead of the others.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::ident;
use crate::ir::{self, Enricher, Part};

/// Whether something has to be looked up for each record.
pub(super) fn looks_up(module: &ir::Module) -> bool {
    module.enrich.iter().any(|one| one.by != Enricher::Tags)
}

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
        quote! { enrich::Declared { by: enrich::By::#by, reads: &[#(#reads),*], fills: &[#(Token::#fills),*] } }
    });
    Some(quote! {
        /// Which tokens are filled with what no record holds.
        static ENRICH: [enrich::Declared; #count] = [#(#each),*];
    })
}

/// The function that maps one of the tokens that are read; `statement` writes one of a plan.
pub(super) fn read(module: &ir::Module, mut statement: impl FnMut(&ir::Plan) -> TokenStream) -> TokenStream {
    let reads = ir::reads(&module.enrich);
    let arms = module.plans.iter().filter(|plan| reads.contains(&plan.token)).map(|plan| {
        let token = ident(plan.token.variant_name());
        let statement = statement(plan);
        quote!(Token::#token => { #statement })
    });
    quote! {
        /// Maps a token that enrichment reads.
        fn map_read<'a, S: Sink<'a>>(m: &mut Mapper<'_, 'a, S, FIELDS>, token: Token) {
            match token { #(#arms)* _ => {} }
        }
    }
}

/// Whether a mapping needs what was looked up.
pub(super) fn needs_found(plan: &ir::Plan) -> bool {
    plan.candidates.iter().any(|candidate| matches!(candidate.input, ir::Input::Enriched(_)))
}

/// The call that fills a token.
pub(super) fn call(token: &proc_macro2::Ident, part: Part, row: &Literal) -> TokenStream {
    let found = match part {
        Part::Context | Part::Labels => quote!(found.context()),
        Part::Column => quote!(found.person(Token::#token)),
        Part::Coordinates(number) => {
            let number = Literal::usize_unsuffixed(number);
            quote!(found.coordinates(#number))
        }
        Part::Country(number) => {
            let number = Literal::usize_unsuffixed(number);
            quote!(found.country(#number))
        }
        Part::City(number) => {
            let number = Literal::usize_unsuffixed(number);
            quote!(found.city(#number))
        }
    };
    quote!(m.enriched(Token::#token, #found, #row))
}
