//! The other tables of `decode`: headers, keys, trees of paths, messages.

use xdr_codegen::{ir, tables};
use xdr_runtime::catalogue::{self, Catalogue, Texts};
use xdr_runtime::format::{cef, csv, json, key_value, leef, pairs, syslog};
use xdr_runtime::lookup::Lookup;
use xdr_runtime::record::Status;

use super::patterns::Patterns;

impl Patterns<'_> {
    /// Where these names stand.
    fn lookup<'n>(&mut self, names: impl ExactSizeIterator<Item = &'n str>) -> Lookup {
        match tables::places(names.len()) {
            None => Lookup::LINEAR,
            Some(places) => Lookup::of(self.pool.list(xdr_runtime::lookup::table(places, names))),
        }
    }

    pub(super) fn header(&mut self, header: &ir::Header) -> syslog::Header {
        let [host, time, pri, program, pid, msgid, relay, relay_time] =
            header.parts.each_ref().map(|part| self.target(part));
        let [before, after] = [&header.before, &header.after].map(|words| self.pool.texts(words));
        let before = syslog::Words::new(before).or_columns(self.pool.list(header.columns.clone()));
        syslog::Header { host, time, pri, program, pid, msgid, relay, relay_time, before, after }
    }

    fn keys(&mut self, keys: &[ir::Key]) -> (&'static [key_value::Key], Lookup) {
        let lookup = self.lookup(keys.iter().map(|key| key.name.as_str()));
        let key = |key: &ir::Key| key_value::Key {
            name: self.pool.text(&key.name),
            value: match &key.value {
                ir::KeyTemplates::Whole(to) => key_value::Values::Whole(self.target(to)),
                ir::KeyTemplates::Templates(list) => key_value::Values::Patterns(self.patterns(list)),
            },
        };
        let keys = keys.iter().map(key).collect();
        (self.pool.list(keys), lookup)
    }

    pub(super) fn key_value(&mut self, pairs: &ir::KeyValue) -> &'static key_value::KeyValue {
        let (keys, lookup) = self.keys(&pairs.keys);
        let nested =
            |(key, apart): &(String, bool)| key_value::Nested { key: self.pool.text(key), apart: *apart };
        let nested = pairs.nested.iter().map(nested).collect();
        let [first, last] =
            [&pairs.first, &pairs.last].map(|key| key.as_ref().map(|key| self.pool.text(key)));
        let pairs = key_value::KeyValue {
            assign: pairs.assign,
            keys,
            lookup,
            first,
            last,
            only_known: pairs.only_known,
            escapes: pairs.escapes,
            nested: self.pool.list(nested),
        };
        self.pool.one(pairs)
    }

    /// `None` if it has not the parts of a header, which none has that was checked.
    pub(super) fn cef(&mut self, form: &ir::Extension) -> Option<&'static cef::Cef> {
        let parts: Vec<_> = form.parts.iter().map(|part| self.target(part)).collect();
        let [prefix, version, vendor, product, device_version, signature, name, severity] = *parts else {
            return None;
        };
        let (keys, lookup) = self.keys(&form.keys);
        let labels = form.labels;
        let form = cef::Cef {
            prefix,
            version,
            vendor,
            product,
            device_version,
            signature,
            name,
            severity,
            keys,
            lookup,
            labels,
        };
        Some(self.pool.one(form))
    }

    /// As [`Self::cef`].
    pub(super) fn leef(&mut self, form: &ir::Extension) -> Option<&'static leef::Leef> {
        let parts: Vec<_> = form.parts.iter().map(|part| self.target(part)).collect();
        let [prefix, version, vendor, product, device_version, event] = *parts else { return None };
        let (keys, lookup) = self.keys(&form.keys);
        let labels = form.labels;
        let form =
            leef::Leef { prefix, version, vendor, product, device_version, event, keys, lookup, labels };
        Some(self.pool.one(form))
    }

    pub(super) fn csv(&mut self, form: &ir::Csv) -> &'static csv::Csv {
        let (columns, _) = self.keys(&form.columns);
        let ir::Csv { separator, least, kind, .. } = *form;
        self.pool.one(csv::Csv { separator, columns, least, kind })
    }

    pub(super) fn json(&mut self, json: &ir::Json) -> &'static json::Json {
        let envelopes = json.envelopes.iter().map(|path| self.pool.texts(path)).collect();
        let key = json.key.as_ref().map(|key| self.pool.text(key));
        let json = json::Json { root: self.node(&json.root), envelopes: self.pool.list(envelopes), key };
        self.pool.one(json)
    }

    fn node(&mut self, node: &ir::Node) -> json::Node {
        let children = node.children.iter().map(|child| self.node(child)).collect();
        json::Node {
            key: self.pool.text(&node.key),
            quoted: self.pool.text(&format!("\"{}\":", node.key)),
            slot: node.slot,
            children: self.pool.list(children),
            lookup: self.lookup(node.children.iter().map(|child| child.key.as_str())),
            choose: match &node.choose {
                ir::Choose::None => json::Choose::None,
                ir::Choose::First => json::Choose::First,
                ir::Choose::Each => json::Choose::Each,
                ir::Choose::Highest(key) => json::Choose::Highest(self.pool.text(key)),
                ir::Choose::By(key) => json::Choose::By(self.pool.text(key)),
            },
            name: self.pool.text(&node.path),
        }
    }

    pub(super) fn catalogue(&mut self, catalogue: &ir::Catalogue) -> &'static Catalogue {
        let pairs = catalogue.pairs.as_ref().map(|pairs| {
            let (keys, lookup) = self.keys(&pairs.keys);
            let phrases = tables::phrases(&pairs.keys).map(small).collect();
            pairs::Pairs {
                separator: self.pool.text(&pairs.separator),
                keys,
                lookup,
                heads: pairs::heads(keys),
                phrases: self.pool.list(phrases),
                prefix: pairs.prefix.as_ref().map(|to| self.target(to)),
                unlisted: self.pool.text(&pairs.unlisted),
            }
        });
        let [prefixes, suffixes] = [&catalogue.prefixes, &catalogue.suffixes].map(|list| self.messages(list));
        let without = Catalogue {
            messages: &[],
            lookup: Lookup::LINEAR,
            prefixes,
            suffixes,
            pairs,
            otherwise: status(catalogue.otherwise_partial),
            folded: &[],
            keyless: Texts { order: &[], heads: &[], open: &[] },
        };
        self.listed(catalogue, &without)
    }

    /// A catalogue with the listed messages of another one.
    pub(super) fn listed(&mut self, catalogue: &ir::Catalogue, shared: &Catalogue) -> &'static Catalogue {
        let tables::Texts { order, heads, open } = tables::texts(catalogue);
        let heads = heads.into_iter().map(|(head, place)| (head, small(place))).collect();
        let open = open.into_iter().map(small).collect();
        let keyless = Texts {
            order: self.pool.list(order.to_vec()),
            heads: self.pool.list(heads),
            open: self.pool.list(open),
        };
        let catalogue = Catalogue {
            messages: self.messages(&catalogue.messages),
            lookup: self.lookup(catalogue.messages.iter().map(|message| message.key.as_str())),
            folded: self.pool.list(catalogue.folded.clone()),
            keyless,
            ..*shared
        };
        self.pool.one(catalogue)
    }

    fn messages(&mut self, messages: &[ir::Message]) -> &'static [catalogue::Message] {
        let message = |message: &ir::Message| {
            let set = message.set.iter().map(|(slot, text)| (*slot, self.pool.text(text))).collect();
            catalogue::Message {
                key: self.pool.text(&message.key),
                set: self.pool.list(set),
                templates: self.templates(&message.templates),
                text: match message.text {
                    ir::Text::Templates => catalogue::Text::Templates,
                    ir::Text::Pairs => catalogue::Text::Pairs,
                    ir::Text::Any => catalogue::Text::Any,
                },
                status: status(message.partial),
                required: self.pool.list(message.required.iter().map(|(token, _)| *token).collect()),
            }
        };
        let messages = messages.iter().map(message).collect();
        self.pool.list(messages)
    }
}

fn small(place: usize) -> u16 {
    u16::try_from(place).unwrap_or(u16::MAX)
}

fn status(partial: bool) -> Status {
    if partial { Status::Partial } else { Status::Mapped }
}
