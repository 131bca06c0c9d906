//! What the source says of itself: its guide's rows, its value maps.

use proc_macro2::TokenStream;
use quote::quote;

use super::ident;
use crate::ir;

pub(super) fn items(module: &ir::Module) -> Vec<TokenStream> {
    let rows = module.rows.iter().map(row);
    let values = module.values.iter().map(value_map);
    let ir::Module { name, title, published, formats, device: [kind, vendor, product], versions, .. } =
        module;
    let records = if module.json_records { quote!(Json) } else { quote!(Lines) };
    let unwrap = module.unwrap.iter().map(|wrap| match wrap {
        ir::Wrap::Csv => quote!(::xdr_runtime::format::wrap::Wrap::Csv),
        ir::Wrap::Json => quote!(::xdr_runtime::format::wrap::Wrap::Json),
    });
    let embedded = embedded(&module.embedded);
    let catalogue = if module.catalogue.is_some() { quote!(Some(&CATALOGUE)) } else { quote!(None) };
    let enrich = if module.enrich.is_empty() { quote!(&[]) } else { quote!(&ENRICH) };
    let required = module.required.iter().map(|one| ident(one.token.variant_name()));
    let count = proc_macro2::Literal::usize_unsuffixed;
    let (row_count, value_count) = (count(module.rows.len()), count(module.values.len()));
    vec![
        quote! {
            /// The rows of the guide, those beyond it last.
            static ROWS: [info::Row; #row_count] = [#(#rows),*];
        },
        quote! {
            /// The value maps.
            static VALUES: [info::ValueMap; #value_count] = [#(#values),*];
        },
        quote! {
            /// What the source says of itself.
            pub static INFO: info::Info = info::Info {
                name: #name,
                title: #title,
                published: #published,
                formats: &[#(#formats),*],
                device: [#kind, #vendor, #product],
                versions: &[#(#versions),*],
                records: info::Records::#records,
                unwrap: &[#(#unwrap),*],
                embedded: #embedded,
                fields: &NAMES,
                rows: &ROWS,
                values: &VALUES,
                catalogue: #catalogue,
                enrich: #enrich,
                required: &[#(Token::#required),*],
            };
        },
    ]
}

fn embedded(embedded: &ir::Embedded) -> TokenStream {
    match embedded {
        ir::Embedded::Never => quote!(info::Embedded::Never),
        ir::Embedded::Key(key) => quote!(info::Embedded::Key(#key)),
        ir::Embedded::In { paths, keys } => {
            let paths = paths.iter().map(|path| quote!(&[#(#path),*]));
            quote! {
                info::Embedded::In(::xdr_runtime::format::json::Holders { paths: &[#(#paths),*], keys: &[#(#keys),*] })
            }
        }
    }
}

fn row(row: &ir::Row) -> TokenStream {
    let ir::Row { from, sample, decision, waived, .. } = row;
    let section = ident(match row.section {
        ir::Section::Field => "Field",
        ir::Section::Derived => "Derived",
        ir::Section::Internal => "Internal",
        ir::Section::ValueMap => "ValueMap",
        ir::Section::Beyond => "Beyond",
    });
    let token = token(row.token);
    quote! {
        info::Row {
            section: info::Section::#section,
            from: &[#(#from),*],
            token: #token,
            sample: #sample,
            decision: #decision,
            waived: #waived,
        }
    }
}

fn token(token: Option<xdr_model::Token>) -> TokenStream {
    if let Some(token) = token {
        let token = ident(token.variant_name());
        quote!(Some(Token::#token))
    } else {
        quote!(None)
    }
}

fn value_map(map: &ir::ValueMap) -> TokenStream {
    let ir::ValueMap { title, decision, beyond, .. } = map;
    let token = token(map.token);
    let cases = map.cases.iter().map(|(from, to)| quote!((#from, #to)));
    quote! {
        info::ValueMap { title: #title, token: #token, cases: &[#(#cases),*], decision: #decision, beyond: #beyond }
    }
}
