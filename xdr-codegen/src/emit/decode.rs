//! `parse`: the steps of `decode`, and the tables they work by.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::tables::{parts, patterns, set, target, templates};
use super::{Names, ident};
use crate::{ir, tables as derived};

pub(super) fn items(module: &ir::Module, names: &Names) -> Vec<TokenStream> {
    let mut build = Build { names, named: module.named, items: Vec::new(), count: 0 };
    let steps = build.steps(&module.steps);
    let mut items = Vec::new();
    if let Some(catalogue) = &module.catalogue {
        items.extend(parts(&catalogue.parts, names));
        items.push(messages("MESSAGES", "The messages, by their keys.", &catalogue.messages, names));
        items.push(messages(
            "PREFIXES",
            "Families of messages, by how their keys begin.",
            &catalogue.prefixes,
            names,
        ));
        items.push(messages(
            "SUFFIXES",
            "Families of messages, by how their keys end.",
            &catalogue.suffixes,
            names,
        ));
        items.push(catalogue_item(catalogue, names));
    }
    items.append(&mut build.items);
    items.push(quote! {
        /// Takes a record apart.
        ///
        /// # Errors
        /// Why it is not a record of this source.
        pub fn parse(record: &mut Record<'_>) -> Result<(), Reject> {
            let parts = &mut record.0;
            #(#steps)*
            decode::rest(parts);
            Ok(())
        }
    });
    items
}

/// Builds the statements of `parse` and collects the items they refer to.
struct Build<'n> {
    names: &'n Names,
    named: usize,
    items: Vec<TokenStream>,
    count: usize,
}

impl Build<'_> {
    /// A name that no other table has: `TEMPLATES`, `TEMPLATES_2`.
    fn name(&mut self, kind: &str) -> proc_macro2::Ident {
        self.count += 1;
        ident(&if self.count == 1 { kind.to_owned() } else { format!("{kind}_{}", self.count) })
    }

    /// A node of a tree of paths. The children of one that has many become an item of their own, with a table.
    fn node(&mut self, node: &ir::Node) -> TokenStream {
        let ir::Node { key, path, slot, children, choose } = node;
        let quoted = format!("\"{key}\":");
        let slot = option(slot.map(|slot| self.names.slot(slot)));
        let nodes: Vec<_> = children.iter().map(|child| self.node(child)).collect();
        let choose = match choose {
            ir::Choose::None => quote!(None),
            ir::Choose::First => quote!(First),
            ir::Choose::Each => quote!(Each),
            ir::Choose::Highest(key) => quote!(Highest(#key)),
            ir::Choose::By(key) => quote!(By(#key)),
        };
        let (list, table) = if derived::places(nodes.len()).is_none() {
            (quote!([#(#nodes),*]), quote!(Lookup::LINEAR))
        } else {
            let name = self.name("NODES");
            let count = Literal::usize_unsuffixed(nodes.len());
            self.items.push(quote! { static #name: [json::Node; #count] = [#(#nodes),*]; });
            (quote!(#name), lookup(&name, &quote!(json), nodes.len()))
        };
        quote! {
            json::Node {
                key: #key,
                quoted: #quoted,
                slot: #slot,
                children: &#list,
                lookup: #table,
                choose: json::Choose::#choose,
                name: #path,
            }
        }
    }

    /// The statements, which work on `parts`.
    fn steps(&mut self, steps: &[ir::Step]) -> Vec<TokenStream> {
        steps.iter().map(|step| self.step(step)).collect()
    }

    fn step(&mut self, step: &ir::Step) -> TokenStream {
        let names = self.names;
        match step {
            ir::Step::Syslog(header) => {
                let name = self.name("HEADER");
                self.items.push(header_item(&name, header, names));
                quote! { decode::syslog(parts, &#name); }
            }
            ir::Step::Template(templates) => {
                let name = self.name("TEMPLATES");
                let count = Literal::usize_unsuffixed(templates.len());
                let list = self::templates(templates, names);
                self.items.push(quote! { static #name: [decode::Template; #count] = [#(#list),*]; });
                quote! { decode::template(parts, &#name)?; }
            }
            ir::Step::KeyValue(pairs) => {
                let name = self.name("PAIRS");
                let known = self.name("KEYS");
                let keys = keys(&known, &pairs.keys, names);
                let lookup = lookup(&known, &quote!(key_value), pairs.keys.len());
                let ir::KeyValue { only_known, escapes, .. } = *pairs;
                let assign = Literal::byte_character(pairs.assign);
                let (first, last) = (option(pairs.first.as_ref()), option(pairs.last.as_ref()));
                let nested = pairs
                    .nested
                    .iter()
                    .map(|(key, apart)| quote!(key_value::Nested { key: #key, apart: #apart }));
                self.items.push(keys);
                self.items.push(quote! {
                    static #name: key_value::KeyValue = key_value::KeyValue {
                        assign: #assign,
                        keys: &#known,
                        lookup: #lookup,
                        first: #first,
                        last: #last,
                        only_known: #only_known,
                        escapes: #escapes,
                        nested: &[#(#nested),*],
                    };
                });
                quote! { decode::key_value(parts, &#name)?; }
            }
            ir::Step::Cef(form) => {
                let name = self.extension("CEF", &quote!(cef::Cef), &CEF_PARTS, form);
                quote! { decode::cef(parts, &#name)?; }
            }
            ir::Step::Leef(form) => {
                let name = self.extension("LEEF", &quote!(leef::Leef), &LEEF_PARTS, form);
                quote! { decode::leef(parts, &#name)?; }
            }
            ir::Step::Csv(form) => {
                let (name, known) = (self.name("CSV"), self.name("COLUMNS"));
                self.items.push(keys(&known, &form.columns, names));
                let separator = Literal::byte_character(form.separator);
                let least = Literal::usize_unsuffixed(form.least);
                let kind = option(form.kind.map(Literal::usize_unsuffixed));
                self.items.push(quote! {
                    static #name: csv::Csv =
                        csv::Csv { separator: #separator, columns: &#known, least: #least, kind: #kind };
                });
                quote! { decode::csv(parts, &#name)?; }
            }
            ir::Step::Json(json) => {
                let name = self.name("PATHS");
                let root = self.node(&json.root);
                let envelopes = json.envelopes.iter().map(|path| quote!(&[#(#path),*]));
                let key = option(json.key.as_ref());
                self.items.push(quote! {
                    static #name: json::Json =
                        json::Json { root: #root, envelopes: &[#(#envelopes),*], key: #key };
                });
                let prefer = self.alternatives(&json.prefer);
                let hand = json.hand.map(|slot| {
                    let slot = names.slot(slot);
                    quote! { decode::hand(parts, #slot); }
                });
                quote! { decode::json(parts, &#name)?; #prefer #hand }
            }
            ir::Step::OneOf(forms) => self.one_of(forms),
            ir::Step::Catalogue(key, keyless) => {
                let key = key.iter().map(|slot| names.slot(*slot));
                let keyless = ident(&format!("{keyless:?}"));
                quote! { catalogue::read(parts, &CATALOGUE, &[#(#key),*], catalogue::Keyless::#keyless)?; }
            }
        }
    }

    /// The table of a step with a header of these parts and pairs behind it.
    fn extension(
        &mut self,
        kind: &str,
        of: &TokenStream,
        fields: &[&str],
        form: &ir::Extension,
    ) -> proc_macro2::Ident {
        let name = self.name(kind);
        let known = self.name("KEYS");
        let keys = keys(&known, &form.keys, self.names);
        let lookup = lookup(&known, &quote!(key_value), form.keys.len());
        let parts = fields.iter().zip(&form.parts).map(|(field, part)| {
            let (field, to) = (ident(field), target(part, self.names));
            quote!(#field: #to)
        });
        let labels = form.labels;
        let item = quote! { static #name: #of = #of { #(#parts,)* keys: &#known, lookup: #lookup, labels: #labels }; };
        self.items.extend([keys, item]);
        name
    }

    /// The calls that fill fields from their alternatives; of many, in functions of their own.
    fn alternatives(&mut self, prefer: &[(ir::Slot, Vec<ir::Slot>)]) -> TokenStream {
        /// How many calls stand in a function at most.
        const CALLS: usize = 12;
        let rows = Literal::usize_unsuffixed(self.named);
        let calls = prefer.iter().map(|(slot, others)| {
            let slot = self.names.slot(*slot);
            let others = others.iter().map(|slot| self.names.slot(*slot));
            quote! { decode::prefer(parts, #slot, &[#(#others),*], #rows); }
        });
        let calls: Vec<TokenStream> = calls.collect();
        if calls.len() <= CALLS {
            return quote! { #(#calls)* };
        }
        let mut all = TokenStream::new();
        for calls in calls.chunks(CALLS) {
            let name = self.name("alternatives");
            self.items.push(quote! {
                /// Fields that other paths fill where their own has no value.
                fn #name(parts: &mut Parts<'_, FIELDS>) { #(#calls)* }
            });
            all.extend(quote! { #name(parts); });
        }
        all
    }

    fn one_of(&mut self, forms: &[(String, Vec<ir::Step>)]) -> TokenStream {
        let mut list = Vec::new();
        for (form, all) in forms {
            self.count += 1;
            let function = ident(&format!("form_{}_{}", self.count, crate::ident::snake(form)));
            let steps = self.steps(all);
            let doc = format!(" The form `{form}`.");
            self.items.push(quote! {
                #[doc = #doc]
                fn #function(parts: &mut Parts<'_, FIELDS>) -> Result<(), Reject> {
                    #(#steps)*
                    Ok(())
                }
            });
            let needs = derived::needs(all);
            list.push(quote!(decode::Form { name: #form, needs: #needs, steps: #function }));
        }
        quote! { decode::one_of(parts, &[#(#list),*])?; }
    }
}

/// The parts of the headers, in the order of [`ir::Extension::parts`].
const CEF_PARTS: [&str; 8] =
    ["prefix", "version", "vendor", "product", "device_version", "signature", "name", "severity"];
const LEEF_PARTS: [&str; 6] = ["prefix", "version", "vendor", "product", "device_version", "event"];

fn header_item(name: &proc_macro2::Ident, header: &ir::Header, names: &Names) -> TokenStream {
    let [host, time, pri, program, pid, msgid, relay, relay_time] =
        header.parts.each_ref().map(|part| target(part, names));
    let ir::Header { before, after, columns, .. } = header;
    let columns = (!columns.is_empty()).then(|| {
        let columns = Literal::byte_string(columns);
        quote!(.or_columns(#columns))
    });
    quote! {
        static #name: syslog::Header = syslog::Header {
            host: #host,
            time: #time,
            pri: #pri,
            program: #program,
            pid: #pid,
            msgid: #msgid,
            relay: #relay,
            relay_time: #relay_time,
            before: syslog::Words::new(&[#(#before),*])#columns,
            after: &[#(#after),*],
        };
    }
}

/// Where the names of a list stand.
fn lookup(list: &proc_macro2::Ident, module: &TokenStream, length: usize) -> TokenStream {
    let Some(slots) = derived::places(length) else {
        return quote!(Lookup::LINEAR);
    };
    let slots = Literal::usize_unsuffixed(slots);
    quote!(Lookup::of(&#module::table::<#slots>(&#list)))
}

fn keys(name: &proc_macro2::Ident, keys: &[ir::Key], names: &Names) -> TokenStream {
    let count = Literal::usize_unsuffixed(keys.len());
    let keys = keys.iter().map(|key| {
        let name = &key.name;
        let value = match &key.value {
            ir::KeyTemplates::Whole(to) => {
                let to = target(to, names);
                quote!(key_value::Values::Whole(#to))
            }
            ir::KeyTemplates::Templates(templates) => {
                let patterns = patterns(templates, names);
                quote!(key_value::Values::Patterns(&[#(#patterns),*]))
            }
        };
        quote!(key_value::Key { name: #name, value: #value })
    });
    quote! { static #name: [key_value::Key; #count] = [#(#keys),*]; }
}

fn messages(name: &str, doc: &str, messages: &[ir::Message], names: &Names) -> TokenStream {
    let name = ident(name);
    let doc = format!(" {doc}");
    let count = Literal::usize_unsuffixed(messages.len());
    let list = messages.iter().map(|message| {
        let ir::Message { key, .. } = message;
        let constants = set(&message.set, names);
        let templates = templates(&message.templates, names);
        let text = match message.text {
            ir::Text::Templates => quote!(Templates),
            ir::Text::Pairs => quote!(Pairs),
            ir::Text::Any => quote!(Any),
        };
        let status = if message.partial { quote!(Partial) } else { quote!(Mapped) };
        let required = message.required.iter().map(|(token, _)| ident(token.variant_name()));
        quote! {
            catalogue::Message {
                key: #key,
                set: #constants,
                templates: &[#(#templates),*],
                text: catalogue::Text::#text,
                status: Status::#status,
                required: &[#(Token::#required),*],
            }
        }
    });
    quote! {
        #[doc = #doc]
        static #name: [catalogue::Message; #count] = [#(#list),*];
    }
}

fn catalogue_item(catalogue: &ir::Catalogue, names: &Names) -> TokenStream {
    let known = ident("PAIR_KEYS");
    let keys = catalogue.pairs.as_ref().map(|pairs| keys(&known, &pairs.keys, names));
    let pairs = option(catalogue.pairs.as_ref().map(|pairs| {
        let separator = &pairs.separator;
        let lookup = lookup(&known, &quote!(pairs), pairs.keys.len());
        let prefix = option(pairs.prefix.as_ref().map(|to| target(to, names)));
        let phrases = derived::phrases(&pairs.keys).map(Literal::usize_unsuffixed);
        let unlisted = &pairs.unlisted;
        quote! {
            pairs::Pairs {
                separator: #separator,
                keys: &#known,
                lookup: #lookup,
                heads: pairs::heads(&#known),
                phrases: &[#(#phrases),*],
                prefix: #prefix,
                unlisted: #unlisted,
            }
        }
    }));
    let lookup = lookup(&ident("MESSAGES"), &quote!(catalogue), catalogue.messages.len());
    let otherwise = if catalogue.otherwise_partial { quote!(Partial) } else { quote!(Mapped) };
    let keyless = texts(catalogue);
    let folded = catalogue.folded.iter().map(|index| Literal::u16_unsuffixed(*index));
    quote! {
        #keys
        /// The source's messages.
        static CATALOGUE: catalogue::Catalogue = catalogue::Catalogue {
            messages: &MESSAGES,
            lookup: #lookup,
            prefixes: &PREFIXES,
            suffixes: &SUFFIXES,
            pairs: #pairs,
            otherwise: Status::#otherwise,
            folded: &[#(#folded),*],
            keyless: #keyless,
        };
    }
}

/// The messages that a record without a key may be, by how their templates begin.
fn texts(catalogue: &ir::Catalogue) -> TokenStream {
    let derived::Texts { order, heads, open } = derived::texts(catalogue);
    let heads = heads.into_iter().map(|(head, place)| {
        let (head, place) = (Literal::byte_string(&head), Literal::usize_unsuffixed(place));
        quote!((*#head, #place))
    });
    let open = open.into_iter().map(Literal::usize_unsuffixed);
    let order = order.iter().map(|index| Literal::u16_unsuffixed(*index));
    quote! { catalogue::Texts { order: &[#(#order),*], heads: &[#(#heads),*], open: &[#(#open),*] } }
}

fn option<T: quote::ToTokens>(value: Option<T>) -> TokenStream {
    if let Some(value) = value { quote!(Some(#value)) } else { quote!(None) }
}
