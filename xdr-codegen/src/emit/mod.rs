//! A checked [`ir::Module`] as Rust. Nothing can fail here: what could not be written was refused before.
//!
//! The output is one module: tables, a `Record`, `parse`, `map`, and the `Source` that the registry walks.

mod decode;
mod enrich;
mod imports;
mod info;
mod map;
mod required;
mod tables;

use std::cell::RefCell;
use std::collections::HashMap;

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use xdr_model::pattern::ByteSet;

use crate::ident;
use crate::ir;

/// The items of a source's module, in order.
pub fn module(module: &ir::Module) -> Vec<TokenStream> {
    let names = Names::of(module);
    let mut items = fields(module, &names);
    items.extend(decode::items(module, &names));
    items.extend(tables::ahead(&names));
    items.extend(map::items(module, &names));
    items.extend(info::items(module));
    items.insert(0, imports::of(&items));
    items
}

/// Identifiers of the module's fields, and what its patterns look ahead for.
pub(crate) struct Names {
    fields: Vec<String>,
    /// The sets of bytes, in the order in which they are first used.
    ahead: RefCell<Vec<Vec<ByteSet>>>,
    /// Their numbers.
    numbers: RefCell<HashMap<Vec<(u128, bool)>, usize>>,
}

impl Names {
    fn of(module: &ir::Module) -> Self {
        let fields = ident::distinct(module.fields.iter().map(String::as_str), &["parts", "new"]);
        Self { fields, ahead: RefCell::default(), numbers: RefCell::default() }
    }

    /// The number of the table of these sets, which is made if there is none yet.
    fn ahead(&self, sets: &[ByteSet]) -> usize {
        let key = sets.iter().map(|set| (set.ascii, set.wide)).collect();
        *self.numbers.borrow_mut().entry(key).or_insert_with(|| {
            let mut ahead = self.ahead.borrow_mut();
            ahead.push(sets.to_vec());
            ahead.len() - 1
        })
    }

    fn accessor(&self, slot: usize) -> Ident {
        ident(self.fields.get(slot).map_or("unknown", String::as_str))
    }

    /// `field::USER`.
    fn slot(&self, slot: ir::Slot) -> TokenStream {
        let name = ident(&self.accessor(slot.into()).to_string().trim_end_matches('_').to_uppercase());
        quote!(field::#name)
    }
}

fn ident(name: &str) -> Ident {
    Ident::new(name, Span::call_site())
}

fn fields(module: &ir::Module, names: &Names) -> Vec<TokenStream> {
    let count = proc_macro2::Literal::usize_unsuffixed(module.fields.len());
    let constants = (0u16..).zip(&module.fields).map(|(slot, name)| {
        let path = names.slot(slot);
        let ident = path.into_iter().last();
        let doc = format!(" `{name}`");
        let slot = proc_macro2::Literal::u16_unsuffixed(slot);
        quote! { #[doc = #doc] pub(super) const #ident: u16 = #slot; }
    });
    let accessors = (0u16..).zip(&module.fields).map(|(slot, name)| {
        let accessor = names.accessor(slot.into());
        let constant = names.slot(slot);
        let doc = format!(" The field `{name}`.");
        quote! {
            #[doc = #doc]
            pub fn #accessor(&self) -> Field<'a> {
                self.0.slot(#constant)
            }
        }
    });
    let list = &module.fields;
    let doc =
        format!(" A record of {}, taken apart into the fields that rows of its guide read.", module.title);
    let methods = if module.fields.is_empty() {
        quote!()
    } else {
        quote! { impl<'a> Record<'a> { #(#accessors)* } }
    };
    vec![
        quote! {
            /// How many fields are read.
            const FIELDS: usize = #count;
        },
        quote! {
            /// The fields' names, by their numbers.
            static NAMES: [&str; FIELDS] = [#(#list),*];
        },
        quote! {
            /// The fields' numbers.
            mod field { #(#constants)* }
        },
        quote! {
            #[doc = #doc]
            #[derive(Clone, Debug)]
            pub struct Record<'a>(Parts<'a, FIELDS>);
        },
        methods,
        quote! {
            impl<'a> Record<'a> {
                /// The record that is this text, not yet taken apart. `position` is where it began in the input, in bytes; `scratch` is
                /// room for a text that has to be unescaped.
                pub fn new(text: &'a str, position: u64, scratch: &'a Scratch) -> Self {
                    Self(Parts::new(text, position, scratch))
                }

                /// All that was found, fields without a row included.
                pub fn parts(&self) -> &Parts<'a, FIELDS> {
                    &self.0
                }
            }
        },
    ]
}
