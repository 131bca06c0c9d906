//! `map`: one statement a token, in the schema's order.

use proc_macro2::TokenStream;
use quote::quote;
use xdr_model::time::{Item, Whole, alone, either_order, fused};
use xdr_model::{Kind, write};

use super::required::Lack;
use super::{Names, enrich, ident};
use crate::{ident as idents, ir, tables};

pub(super) fn items(module: &ir::Module, names: &Names) -> Vec<TokenStream> {
    let mut items = Vec::new();
    let mut times = Vec::new();
    let maps = map_names(module);
    for (map, name) in module.values.iter().zip(&maps) {
        items.push(value_map(map, name));
    }
    let told = module.told.iter().map(|slot| {
        let slot = names.slot(*slot);
        quote!(m.told(#slot);)
    });
    let context = Context { module, names, maps: &maps };
    let mut groups = Vec::new();
    let mut calls = Vec::new();
    for (number, plans) in groups_of(&module.plans).enumerate() {
        let category = plans.first().map_or("", |plan| plan.token.category().name());
        let function = ident(&format!("map_{}_{}", number + 1, idents::snake(category)));
        let statements = statements(plans, &context, &mut times);
        let doc = format!(" Tokens of the category {category}.");
        groups.push(quote! {
            #[doc = #doc]
            fn #function<'a, S: Sink<'a>>(m: &mut Mapper<'_, 'a, S, FIELDS>) { #(#statements)* }
        });
        calls.push(quote!(#function(&mut m);));
    }
    items.extend(enrich::declared(module));
    items.append(&mut times);
    items.append(&mut groups);
    let m = if module.told.is_empty() && calls.is_empty() { quote!(m) } else { quote!(mut m) };
    let name = &module.name;
    let body = quote! {
        let #m = Mapper::new(&record.0, &NAMES, settings, sink);
        #(#told)*
        #(#calls)*
        m.finish();
    };
    let body = if tables::looks_up(module) {
        let ahead = tables::read_ahead(module).map(|plans| {
            // Times are not read, so no rule of theirs is written twice.
            items.push(enrich::read(plans, |plan| statement(plan, &context, &mut Vec::new(), false)));
            quote!(sink.ahead(&record.0, &NAMES, settings, map_read);)
        });
        items.push(quote! {
            /// Tells the sink what a record becomes; what is to be looked up is left to the sink.
            fn map_record<'a, S: Sink<'a>>(record: &Record<'a>, settings: &'a Settings, sink: &mut S) { #body }
        });
        quote! {
            if enrich::is_given(&ENRICH, settings) {
                let mut sink = Enriching::new(sink, &ENRICH, settings);
                #ahead
                map_record(record, settings, &mut sink);
            } else {
                map_record(record, settings, sink);
            }
        }
    } else {
        body
    };
    items.push(quote! {
        /// Tells the sink what a record becomes: its tokens in the schema's order, then the account.
        pub fn map<'a, S: Sink<'a>>(record: &Record<'a>, settings: &'a Settings, sink: &mut S) { #body }
    });
    let doc = format!(" The source `{name}`.");
    items.push(quote! {
        #[doc = #doc]
        #[derive(Clone, Copy, Debug)]
        pub struct Source;
    });
    items.push(quote! {
        impl Mapping for Source {
            type Record<'a> = Record<'a>;

            fn info(&self) -> &'static info::Info {
                &INFO
            }

            fn record<'a>(&self, text: &'a str, position: u64, scratch: &'a Scratch) -> Record<'a> {
                Record::new(text, position, scratch)
            }

            fn parse(&self, record: &mut Record<'_>) -> Result<(), Reject> {
                parse(record)
            }

            fn around<'a>(&self, record: &mut Record<'a>, around: &'a Around) {
                around.keep(&mut record.0);
            }

            fn map<'a, S: Sink<'a>>(&self, record: &Record<'a>, settings: &'a Settings, sink: &mut S) {
                map(record, settings, sink);
            }
        }
    });
    items
}

/// The plans in their order, cut where the category changes and into pieces of a readable length.
fn groups_of(plans: &[ir::Plan]) -> impl Iterator<Item = &[ir::Plan]> {
    const LONGEST: usize = 8;
    const MOST_CANDIDATES: usize = 16;
    let by_category = plans.chunk_by(|one, next| one.token.category() == next.token.category());
    by_category.flat_map(|mut group| {
        std::iter::from_fn(move || {
            let mut candidates = 0;
            let fits = |plan: &&ir::Plan| {
                candidates += plan.candidates.len();
                candidates <= MOST_CANDIDATES
            };
            let count = group.iter().take(LONGEST).take_while(fits).count().max(1);
            let (piece, rest) = group.split_at_checked(count)?;
            group = rest;
            Some(piece)
        })
    })
}

struct Context<'i> {
    module: &'i ir::Module,
    names: &'i Names,
    maps: &'i [String],
}

fn map_names(module: &ir::Module) -> Vec<String> {
    let names: Vec<String> = module.values.iter().map(|map| format!("values {}", map.name)).collect();
    idents::distinct(names.iter().map(String::as_str), &["parse", "map"])
}

/// The statements of tokens in a row. Constants that stand together are told in one go.
fn statements(plans: &[ir::Plan], context: &Context<'_>, statics: &mut Vec<TokenStream>) -> Vec<TokenStream> {
    let mut statements = Vec::new();
    for run in plans.chunk_by(|one, next| constant(one).is_some() && constant(next).is_some()) {
        let constants: Vec<_> = run.iter().filter_map(|plan| Some((plan.token, constant(plan)?))).collect();
        if let [(first, (_, row)), _, ..] = constants.as_slice() {
            let name = ident(&format!("CONSTANTS_{row}"));
            let doc = format!(" The constants from {} on.", first.name());
            statics.push(constants_static(&name, &doc, &constants));
            statements.push(quote!(m.constants(&#name);));
        } else {
            statements.extend(run.iter().map(|plan| statement(plan, context, statics, true)));
        }
    }
    statements
}

/// The text and the row of a plan that is nothing but a text.
fn constant(plan: &ir::Plan) -> Option<(&str, usize)> {
    let [candidate] = plan.candidates.as_slice() else { return None };
    let ir::Input::Constant(text) = &candidate.input else { return None };
    let alone = plan.by.is_none() && !plan.gather && candidate.when.is_empty();
    (alone && plan.token.kind() == Kind::String).then_some((text, candidate.row))
}

fn constants_static(
    name: &proc_macro2::Ident,
    doc: &str,
    constants: &[(xdr_model::Token, (&str, usize))],
) -> TokenStream {
    let mut json = Vec::new();
    let list = constants.iter().map(|(token, (text, number))| {
        json.push(b',');
        write::string(&mut json, token.name());
        json.push(b':');
        write::string(&mut json, text);
        let (token, row) = (ident(token.variant_name()), row(*number));
        quote!((Token::#token, #text, #row))
    });
    let list: Vec<_> = list.collect();
    let json = String::from_utf8_lossy(&json);
    quote! {
        #[doc = #doc]
        static #name: Constants = Constants { list: &[#(#list),*], json: #json };
    }
}

/// The statement of a token. `held`: what is required of it is checked too.
fn statement(
    plan: &ir::Plan,
    context: &Context<'_>,
    times: &mut Vec<TokenStream>,
    held: bool,
) -> TokenStream {
    let token = ident(plan.token.variant_name());
    let lack = if held { Lack::of(plan.token, context.module, context.names) } else { Lack::default() };
    if plan.gather {
        let fields = plan.candidates.iter().filter_map(|candidate| match &candidate.input {
            ir::Input::Field(slot, _) => {
                let slot = context.names.slot(*slot);
                let row = row(candidate.row);
                Some(quote!((#slot, #row)))
            }
            _ => None,
        });
        return lack.call(&quote! { m.gather(Token::#token, &[#(#fields),*]) });
    }
    let alone = plan.candidates.len() == 1 && plan.by.is_none();
    let tries: Vec<Attempt> =
        plan.candidates.iter().map(|candidate| attempt(plan, candidate, context, times)).collect();
    let links: Vec<TokenStream> =
        tries.iter().map(|one| if alone { one.call.clone() } else { one.link() }).collect();
    let chain = quote!(#(#links)||*);
    let Some(by) = &plan.by else {
        return match &*links {
            [one] if plain(plan) => lack.call(one),
            _ => lack.chain(&chain),
        };
    };
    let slot = context.names.slot(by.slot);
    // A candidate is tried once, for one that refuses its text tells of it: not again where it was preferred. The first of the
    // chain needs no preference.
    let preferred: Vec<_> = tables::preferred(by).collect();
    let cases =
        preferred.iter().filter_map(|(value, index)| Some((quote!(#value), tries.get(*index)?.call.clone())));
    let cases = arms(cases);
    if cases.is_empty() {
        return lack.chain(&chain);
    }
    let rest = tries.iter().enumerate().map(|(index, one)| {
        let values: Vec<_> =
            preferred.iter().filter(|(_, other)| *other == index).map(|(value, _)| value).collect();
        let call = &one.call;
        match values.as_slice() {
            [] => one.link(),
            [value] => quote!((by != #value && #call)),
            values => quote!((!matches!(by, #(#values)|*) && #call)),
        }
    });
    let chain = lack.chain(&quote!(match by { #(#cases)* _ => false } #(|| #rest)*));
    quote! {
        let by = m.peek(#slot);
        #chain
    }
}

/// Arms of a `match`; patterns with the same outcome share one, at the place of the first.
fn arms(cases: impl Iterator<Item = (TokenStream, TokenStream)>) -> Vec<TokenStream> {
    let mut grouped: Vec<(Vec<TokenStream>, TokenStream)> = Vec::new();
    for (pattern, outcome) in cases {
        let text = outcome.to_string();
        match grouped.iter_mut().find(|(_, known)| known.to_string() == text) {
            Some((patterns, _)) => patterns.push(pattern),
            None => grouped.push((vec![pattern], outcome)),
        }
    }
    grouped.into_iter().map(|(patterns, outcome)| quote!(#(#patterns)|* => #outcome,)).collect()
}

/// Whether a plan is one call without conditions.
fn plain(plan: &ir::Plan) -> bool {
    plan.candidates.iter().all(|one| one.when.is_empty() && one.none.is_empty())
}

fn row(row: usize) -> proc_macro2::Literal {
    proc_macro2::Literal::usize_unsuffixed(row)
}

/// The expression that tries a candidate.
struct Attempt {
    call: TokenStream,
    /// Whether conditions stand in front of the call, joined by `&&`.
    guarded: bool,
}

impl Attempt {
    /// As a link of a chain of `||`.
    fn link(&self) -> TokenStream {
        let call = &self.call;
        if self.guarded { quote!((#call)) } else { call.clone() }
    }
}

fn attempt(
    plan: &ir::Plan,
    candidate: &ir::Candidate,
    context: &Context<'_>,
    times: &mut Vec<TokenStream>,
) -> Attempt {
    let token = ident(plan.token.variant_name());
    let number = row(candidate.row);
    let mut conditions: Vec<TokenStream> =
        candidate.when.iter().map(|when| condition(when, context.names)).collect();
    let call = match &candidate.input {
        ir::Input::Field(slot, how) => {
            let slot = context.names.slot(*slot);
            if !candidate.none.is_empty() {
                let none = &candidate.none;
                conditions.push(quote!(m.given(#slot, &[#(#none),*])));
            }
            field(&token, &slot, &number, how, context, candidate.row, times)
        }
        ir::Input::Constant(text) => quote!(m.constant(Token::#token, #text, #number)),
        ir::Input::Setting(setting) => {
            let setting = ident(match setting {
                ir::Setting::CustomerId => "CustomerId",
                ir::Setting::CollectorId => "CollectorId",
                ir::Setting::EventSourceId => "EventSourceId",
                ir::Setting::DeviceHost => "DeviceHost",
            });
            quote!(m.setting(Token::#token, Setting::#setting, #number))
        }
        ir::Input::EventId => {
            let name = &context.module.name;
            quote!(m.event_id(Token::#token, #name, #number))
        }
        ir::Input::Received => quote!(m.received(Token::#token, #number)),
        ir::Input::Enriched(part) => enrich::call(&token, *part, &number),
        ir::Input::Labels(own) => quote!(m.tagged(Token::#token, &[#own], #number)),
    };
    let guarded = !conditions.is_empty();
    let call = if guarded { quote!(#(#conditions)&&* && #call) } else { call };
    Attempt { call, guarded }
}

pub(super) fn condition(condition: &ir::Condition, names: &Names) -> TokenStream {
    match condition {
        ir::Condition::Is(slot, texts) => {
            let slot = names.slot(*slot);
            quote!(m.is(#slot, &[#(#texts),*]))
        }
        ir::Condition::Present(slot) => {
            let slot = names.slot(*slot);
            quote!(m.present(#slot))
        }
        ir::Condition::Absent(slot) => {
            let slot = names.slot(*slot);
            quote!(m.absent(#slot))
        }
    }
}

fn field(
    token: &proc_macro2::Ident,
    slot: &TokenStream,
    row: &proc_macro2::Literal,
    how: &ir::How,
    context: &Context<'_>,
    number: usize,
    times: &mut Vec<TokenStream>,
) -> TokenStream {
    let head = quote!(Token::#token, #slot, #row);
    match how {
        ir::How::Text => quote!(m.text(#head)),
        ir::How::PriSeverity(map) => {
            let values = if let Some(map) = map {
                let values = values(*map, context);
                quote!(Some(#values))
            } else {
                quote!(None)
            };
            quote!(m.pri_severity(#head, #values))
        }
        ir::How::BaseName => quote!(m.cut(#head, Cut::BaseName)),
        ir::How::DirName => quote!(m.cut(#head, Cut::DirName)),
        ir::How::Phrase(before, after) => quote!(m.phrase(#head, #before, #after)),
        ir::How::Values(map) => {
            let values = values(*map, context);
            quote!(m.mapped(#head, #values))
        }
        ir::How::List(separator) => {
            let separator = text_option(separator.as_ref());
            quote!(m.list(#head, #separator))
        }
        ir::How::Addresses(separator, others) => {
            let (separator, others) = (text_option(separator.as_ref()), kinds(others));
            quote!(m.addresses(#head, #separator, #others))
        }
        ir::How::Kind(others) if others.is_empty() => quote!(m.kind(#head)),
        ir::How::Kind(others) => {
            let others = kinds(others);
            quote!(m.kind_or(#head, #others))
        }
        ir::How::Refused(by) => {
            let by = tokens(by);
            quote!(m.refused(#head, #by))
        }
        ir::How::Socket(others) => {
            let others = kinds(others);
            quote!(m.socket(#head, #others))
        }
        ir::How::SocketRefused(by) => {
            let by = tokens(by);
            quote!(m.socket_refused(#head, #by))
        }
        ir::How::SocketPort => quote!(m.socket_port(#head)),
        ir::How::Time(rule) => {
            let name = ident(&format!("TIME_{number}"));
            times.push(time_rule(&name, rule));
            if rule.zone_from.is_none() && rule.year_from.is_none() && rule.order_from.is_empty() {
                return quote!(m.time(#head, &#name));
            }
            let slot = |slot: Option<ir::Slot>| {
                let some = slot.map(|slot| context.names.slot(slot)).map(|slot| quote!(Some(#slot)));
                some.unwrap_or_else(|| quote!(None))
            };
            let (zone, year) = (slot(rule.zone_from), slot(rule.year_from));
            let order = rule.order_from.iter().map(|slot| context.names.slot(*slot));
            let beside = ident(&format!("BESIDE_{number}"));
            times.push(quote! {
                static #beside: Beside<'static> =
                    Beside { zone: #zone, year: #year, order: &[#(#order),*] };
            });
            quote!(m.time_beside(#head, &#name, &#beside))
        }
    }
}

fn values(map: usize, context: &Context<'_>) -> TokenStream {
    let name = ident(context.maps.get(map).map_or("unknown", String::as_str));
    let otherwise = ident(match context.module.values.get(map).map(|map| map.otherwise) {
        Some(ir::Otherwise::Keep) => "Keep",
        Some(ir::Otherwise::Nothing) => "Nothing",
        _ => "Refuse",
    });
    quote! {
        Values { map: #name, otherwise: Otherwise::#otherwise }
    }
}

fn text_option(text: Option<&String>) -> TokenStream {
    if let Some(text) = text { quote!(Some(#text)) } else { quote!(None) }
}

fn kinds(kinds: &[Kind]) -> TokenStream {
    let kinds = kinds.iter().map(|kind| ident(&format!("{kind:?}")));
    quote!(&[#(Kind::#kinds),*])
}

fn tokens(tokens: &[xdr_model::Token]) -> TokenStream {
    let tokens = tokens.iter().map(|token| ident(token.variant_name()));
    quote!(&[#(Token::#tokens),*])
}

fn value_map(map: &ir::ValueMap, name: &str) -> TokenStream {
    let name = ident(name);
    let doc = format!(" The value map `{}`.", map.title);
    let body = if !map.ranges.is_empty() {
        let ranges = arms(map.ranges.iter().map(|(low, high, value)| {
            let (first, last) =
                (proc_macro2::Literal::i64_unsuffixed(*low), proc_macro2::Literal::i64_unsuffixed(*high));
            (if low == high { quote!(#first) } else { quote!(#first..=#last) }, quote!(#value))
        }));
        quote! {
            let number = ::xdr_model::read::integer(text).ok()?;
            Some(match number { #(#ranges)* _ => return None })
        }
    } else if map.fold {
        let cases = map.cases.iter().map(|(from, to)| quote!((#from, #to)));
        quote! { ::xdr_runtime::map::folded(text, &[#(#cases),*]) }
    } else {
        let cases = arms(map.cases.iter().map(|(from, to)| (quote!(#from), quote!(#to))));
        quote! { Some(match text { #(#cases)* _ => return None }) }
    };
    quote! {
        #[doc = #doc]
        fn #name(text: &str) -> Option<&'static str> { #body }
    }
}

fn time_rule(name: &proc_macro2::Ident, rule: &ir::TimeRule) -> TokenStream {
    let fused: Vec<Vec<Item>> = rule.formats.iter().map(|format| fused(format)).collect();
    let (either_order, alone) = (either_order(&fused), alone(&fused));
    let formats = fused.iter().map(|format| {
        let items = format.iter().copied().map(item);
        quote!(&[#(#items),*])
    });
    let zone = match &rule.zone {
        ir::Zone::Stated => quote!(Stated),
        ir::Zone::Device => quote!(Device),
        ir::Zone::Utc => quote!(Utc),
        ir::Zone::Named(zone) => {
            let zone = ident(&zone_variant(zone.name()));
            quote!(Named(::xdr_model::Tz::#zone))
        }
    };
    let year = ident(&format!("{:?}", rule.year));
    let (order_setting, unset) = (rule.order_setting, &rule.unset);
    quote! {
        static #name: ::xdr_model::time::TimeRule<'static> = ::xdr_model::time::TimeRule {
            formats: &[#(#formats),*],
            zone: ::xdr_model::time::Zone::#zone,
            year: ::xdr_model::time::Year::#year,
            order_setting: #order_setting,
            either_order: #either_order,
            alone: #alone,
            unset: &[#(#unset),*],
        };
    }
}

fn item(item: Item) -> TokenStream {
    let path = quote!(::xdr_model::time::Item);
    match item {
        Item::Byte(byte) => {
            let byte = proc_macro2::Literal::byte_character(byte);
            quote!(#path::Byte(#byte))
        }
        Item::Optional(count) => quote!(#path::Optional(#count)),
        Item::EpochParts(digits) => quote!(#path::EpochParts(#digits)),
        Item::Whole(whole) => {
            let whole = match whole {
                Whole::Clock => quote!(Clock),
                Whole::Ymd(sign) => ordered("Ymd", sign),
                Whole::Mdy(sign) => ordered("Mdy", sign),
                Whole::Dmy(sign) => ordered("Dmy", sign),
            };
            quote!(#path::Whole(::xdr_model::time::Whole::#whole))
        }
        other => {
            let name = ident(&format!("{other:?}"));
            quote!(#path::#name)
        }
    }
}

/// How chrono-tz names the variant of a zone: `Europe__Paris`, `Etc__GMTPlus1`.
fn zone_variant(name: &str) -> String {
    let mut variant = String::new();
    let mut rest = name.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '/' => variant.push_str("__"),
            '+' => variant.push_str("Plus"),
            '-' if rest.peek().is_some_and(char::is_ascii_digit) => variant.push_str("Minus"),
            '-' => {}
            _ => variant.push(c),
        }
    }
    variant
}

/// A date by the order of its parts, and the byte between them.
fn ordered(order: &str, sign: u8) -> TokenStream {
    let (order, sign) = (ident(order), proc_macro2::Literal::byte_character(sign));
    quote!(#order(#sign))
}
