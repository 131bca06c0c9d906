//! What follows a token's mappings if the token is required: the call that keeps a record without it from being mapped.

use proc_macro2::TokenStream;
use quote::quote;
use xdr_model::Token;

use super::map::condition;
use super::{Names, ident};
use crate::ir;

/// What is to be done where a token has no value; nothing, if nothing requires it.
#[derive(Default)]
pub(super) struct Lack(Option<TokenStream>, TokenStream);

impl Lack {
    pub(super) fn of(token: Token, module: &ir::Module, names: &Names) -> Self {
        let of_source: Vec<_> = module.required.iter().filter(|one| one.token == token).collect();
        let name = ident(token.variant_name());
        let lacks = Some(quote!(m.lacks(Token::#name);));
        if of_source.iter().any(|one| one.when.is_empty()) {
            return Self(lacks, quote!());
        }
        let mut ways = Vec::new();
        if module.is_required_by_messages(token) {
            ways.push(quote!(m.is_required(Token::#name)));
        }
        ways.extend(of_source.iter().map(|one| {
            let conditions = one.when.iter().map(|when| condition(when, names));
            quote!(#(#conditions)&&*)
        }));
        match ways.as_slice() {
            [] => Self::default(),
            [one] => Self(lacks, quote!(&& #one)),
            several => Self(lacks, quote!(&& (#(#several)||*))),
        }
    }

    /// One mapping, as a statement.
    pub(super) fn call(&self, mapping: &TokenStream) -> TokenStream {
        let Self(lacks, conditions) = self;
        match lacks {
            None => quote!(#mapping;),
            Some(lacks) => quote! { if !#mapping #conditions { #lacks } },
        }
    }

    /// Several mappings of which the first that gives a value counts, as a statement.
    pub(super) fn chain(&self, mappings: &TokenStream) -> TokenStream {
        let Self(lacks, conditions) = self;
        match lacks {
            None => quote!(let _ = #mappings;),
            Some(lacks) => quote! { if !(#mappings) #conditions { #lacks } },
        }
    }
}
