//! Templates and their ops as constant tables.

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use xdr_model::pattern::{ByteSet, Run};

use super::{Names, ident};
use crate::ir;
use crate::tables::{self, Sharing, sharing};

const P: &str = "PART_";

/// The templates of one list, with their constants.
pub(super) fn templates(list: &[ir::Template], names: &Names) -> Vec<TokenStream> {
    let with_constants = |(template, pattern): (&ir::Template, TokenStream)| {
        let set = set(&template.set, names);
        quote! { decode::Template { pattern: #pattern, set: #set } }
    };
    list.iter().zip(patterns(list, names)).map(with_constants).collect()
}

/// The patterns of one list of templates.
pub(super) fn patterns(list: &[ir::Template], names: &Names) -> Vec<TokenStream> {
    list.iter().zip(sharing(list)).map(|(template, sharing)| pattern(template, &sharing, names)).collect()
}

fn pattern(template: &ir::Template, sharing: &Sharing, names: &Names) -> TokenStream {
    let ops = ops(&template.ops, names);
    let trailing = &template.trailing;
    if *sharing == Sharing::default() {
        return quote! { Pattern::new(&[#(#ops),*], #trailing) };
    }
    let shared = Literal::u16_unsuffixed(sharing.shared);
    let watched = sharing.watched.iter().map(|level| Literal::u16_unsuffixed(*level));
    let needs = match sharing.needs.as_str() {
        "" => quote!(Needle::NONE),
        word => quote!(Needle::new(#word)),
    };
    quote! {
        Pattern {
            ops: &[#(#ops),*],
            trailing: #trailing,
            shared: #shared,
            watched: &[#(#watched),*],
            needs: #needs,
        }
    }
}

pub(super) fn set(set: &[(ir::Slot, String)], names: &Names) -> TokenStream {
    let entries = set.iter().map(|(slot, text)| {
        let slot = names.slot(*slot);
        quote!((#slot, #text))
    });
    quote!(&[#(#entries),*])
}

/// The parts of a catalogue's templates, as statics.
pub(super) fn parts(parts: &[Vec<ir::Op>], names: &Names) -> Vec<TokenStream> {
    parts
        .iter()
        .enumerate()
        .map(|(number, part)| {
            let name = part_name(number);
            let count = Literal::usize_unsuffixed(part.len());
            let ops = ops(part, names);
            quote! { static #name: [Op<'static>; #count] = [#(#ops),*]; }
        })
        .collect()
}

fn part_name(number: usize) -> proc_macro2::Ident {
    ident(&format!("{P}{number}"))
}

fn ops<'i>(ops: &'i [ir::Op], names: &'i Names) -> impl Iterator<Item = TokenStream> + 'i {
    ops.iter().map(move |op| match op {
        ir::Op::Literal(text) => quote!(Op::Literal(#text)),
        ir::Op::Lead(text) => quote!(Op::Lead(#text)),
        ir::Op::Text(to, first) => {
            let (to, next) = (target(to, names), next(first, names));
            quote!(Op::Text(#to, #next))
        }
        ir::Op::Last(to, first) => {
            let (to, next) = (target(to, names), next(first, names));
            quote!(Op::Last(#to, #next))
        }
        ir::Op::Shape(to, runs) => {
            let to = target(to, names);
            let runs = runs.iter().map(run);
            quote!(Op::Shape(#to, &[#(#runs),*]))
        }
        ir::Op::Address(to) => {
            let to = target(to, names);
            quote!(Op::Address(#to))
        }
        ir::Op::Words(to, words) => {
            let to = target(to, names);
            quote!(Op::Words(#to, &[#(#words),*]))
        }
        ir::Op::Rest(to) => {
            let to = target(to, names);
            quote!(Op::Rest(#to))
        }
        ir::Op::Open => quote!(Op::Open),
        ir::Op::Close(to) => {
            let to = target(to, names);
            quote!(Op::Close(#to))
        }
        ir::Op::Split(to, here, there) => {
            let to = Literal::u16_unsuffixed(*to);
            let way = |way: &Option<ir::First>| {
                way.as_ref().map_or_else(|| quote!(Next::Any), |way| next(way, names))
            };
            let [here, there] = [here, there].map(way);
            quote!(Op::Split(#to, #here, #there))
        }
        ir::Op::Jump(to) => {
            let to = Literal::u16_unsuffixed(*to);
            quote!(Op::Jump(#to))
        }
        ir::Op::Part(number) => {
            let part = part_name(*number);
            quote!(Op::Part(&#part))
        }
    })
}

pub(super) fn target(target: &ir::Target, names: &Names) -> TokenStream {
    match (&target.to, target.hand) {
        (ir::To::Nothing, _) => quote!(Target::Hand),
        (ir::To::Field(slot), false) => {
            let slot = names.slot(*slot);
            quote!(Target::Field(#slot))
        }
        (ir::To::Field(slot), true) => {
            let slot = names.slot(*slot);
            quote!(Target::FieldHand(#slot))
        }
        (ir::To::Extra(name), false) => quote!(Target::Extra(#name)),
        (ir::To::Extra(name), true) => quote!(Target::ExtraHand(#name)),
    }
}

fn next(first: &ir::First, names: &Names) -> TokenStream {
    match tables::next(first) {
        tables::Next::End => quote!(Next::End),
        tables::Next::Byte(byte) => {
            let byte = Literal::byte_character(byte);
            quote!(Next::Byte(#byte))
        }
        tables::Next::Sets(sets, end) => {
            let name = ahead_name(names.ahead(sets));
            quote!(Next::Set(&#name, #end))
        }
    }
}

fn ahead_name(number: usize) -> proc_macro2::Ident {
    ident(&format!("AHEAD_{number}"))
}

/// What the patterns look ahead for, each once.
pub(super) fn ahead(names: &Names) -> Vec<TokenStream> {
    let item = |(number, sets): (usize, &Vec<ByteSet>)| {
        let name = ahead_name(number);
        let count = Literal::usize_unsuffixed(sets.len());
        let sets = sets.iter().map(|set| byte_set(*set));
        quote! { static #name: [ByteSet; #count] = [#(#sets),*]; }
    };
    names.ahead.borrow().iter().enumerate().map(item).collect()
}

fn run(run: &Run) -> TokenStream {
    let set = byte_set(run.set);
    let min = Literal::u16_unsuffixed(run.min);
    let max = if run.max == u16::MAX {
        quote!(u16::MAX)
    } else {
        let max = Literal::u16_unsuffixed(run.max);
        quote!(#max)
    };
    quote!(Run { set: #set, min: #min, max: #max })
}

fn byte_set(set: ByteSet) -> TokenStream {
    let known = [
        (ByteSet::DIGITS, "DIGITS"),
        (ByteSet::HEX, "HEX"),
        (ByteSet::NAME, "NAME"),
        (ByteSet::WORD, "WORD"),
    ];
    if let Some((_, name)) = known.iter().find(|(known, _)| *known == set) {
        let name = ident(name);
        return quote!(ByteSet::#name);
    }
    let ascii = hex(set.ascii);
    let wide = set.wide;
    quote!(ByteSet { ascii: #ascii, wide: #wide })
}

/// A number as Rust writes it readably: in hexadecimal digits, four to a group.
fn hex(number: u128) -> Literal {
    let digits = format!("{number:x}");
    let mut text = String::from("0x");
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 4 == 0 {
            text.push('_');
        }
        text.push(digit);
    }
    text.parse().unwrap_or_else(|_| Literal::u128_unsuffixed(number))
}
