//! The readers of wire formats: what they give away is a slice of the text, and they give up instead of panicking.

use xdr_model::pattern::{ByteSet, Target};
use xdr_runtime::field::{Fault, Field, Fill, Name, Undo};
use xdr_runtime::format::cef::{self, Cef};
use xdr_runtime::format::csv::{self, Csv};
use xdr_runtime::format::json::{self, Choose, Node};
use xdr_runtime::format::key_value::{self, Key, KeyValue, Nested, Values};
use xdr_runtime::format::leef::{self, Leef};
use xdr_runtime::format::pairs::{self, Pairs};
use xdr_runtime::format::syslog::{self, Header, Words};
use xdr_runtime::format::wrap::{self, Wrap};
use xdr_runtime::lookup::Lookup;
use xdr_runtime::record::Scratch;

/// Takes what a format finds, and holds it to the text it must come from.
struct Inside<'t>(&'t str);

impl Inside<'_> {
    fn holds(&self, piece: &str) {
        let (outer, inner) = (self.0.as_bytes().as_ptr_range(), piece.as_bytes().as_ptr_range());
        let inside = outer.start <= inner.start && inner.end <= outer.end;
        assert!(inside || piece.is_empty(), "{piece:?} is no slice of {:?}", self.0);
    }
}

impl Undo for Inside<'_> {
    type Mark = ();
    fn mark(&self) {}
    fn undo(&mut self, (): &()) {}
}

impl<'a> Fill<'a> for Inside<'a> {
    fn field(&mut self, _slot: u16, field: Field<'a>) {
        self.holds(field.raw);
        let _ = field.decoded();
    }

    fn further(&mut self, slot: u16, field: Field<'a>) {
        self.field(slot, field);
    }

    fn extra(&mut self, name: Name<'a>, field: Field<'a>) {
        self.holds(name.key.raw);
        self.field(0, field);
    }

    fn fault(&mut self, fault: Fault<'a>) {
        self.extra(fault.name, fault.value);
    }

    fn hand(&mut self, text: &'a str) -> bool {
        self.holds(text);
        true
    }
}

fn each_text(data: &[u8], read: impl Fn(&str)) {
    read(&String::from_utf8_lossy(data));
}

pub(crate) fn syslog(data: &[u8]) {
    const NONE: Target<'static> = Target::Extra("part");
    const OPEN: Header = Header {
        host: NONE,
        time: NONE,
        pri: NONE,
        program: NONE,
        pid: NONE,
        msgid: NONE,
        relay: NONE,
        relay_time: NONE,
        before: Words::new(&[]),
        after: &[],
    };
    each_text(data, |text| {
        for header in [
            OPEN,
            Header { before: Words::new(&["%ASA-", "%FTD-"]), ..OPEN },
            Header { after: &["PulseSecure:", "Juniper:"], ..OPEN },
        ] {
            let mut inside = Inside(text);
            let body = syslog::read(&header, text, &mut inside);
            inside.holds(body);
            assert!(text.ends_with(body), "the body is the end of the text");
        }
    });
}

const fn whole(name: &'static str) -> Key {
    Key { name, value: Values::Whole(Target::Extra(name)) }
}

pub(crate) fn key_value(data: &[u8]) {
    const KEYS: &[Key] = &[whole("id"), whole("time"), whole("user"), whole("msg")];
    const WELF: KeyValue = KeyValue {
        assign: b'=',
        keys: KEYS,
        lookup: Lookup::LINEAR,
        first: None,
        last: None,
        only_known: false,
        escapes: false,
        nested: &[],
    };
    each_text(data, |text| {
        for pairs in [
            WELF,
            KeyValue { first: Some("id"), ..WELF },
            KeyValue { only_known: true, ..WELF },
            KeyValue { last: Some("msg"), ..WELF },
            KeyValue { nested: &[Nested { key: "msg", apart: true }], ..WELF },
        ] {
            let _ = key_value::read(&pairs, text, &Scratch::new(), &mut Inside(text));
        }
        let escaped = KeyValue { escapes: true, ..WELF };
        let _ = key_value::read(&escaped, text, &Scratch::new(), &mut Inside(text));
    });
}

/// The header's parts are fields, which may have been unescaped; all else is a slice.
struct Behind<'t>(Inside<'t>);

impl<'a> Fill<'a> for Behind<'a> {
    fn field(&mut self, _slot: u16, field: Field<'a>) {
        assert!(field.raw.len() <= self.0.0.len(), "unescaping makes nothing longer");
    }

    fn further(&mut self, slot: u16, field: Field<'a>) {
        self.field(slot, field);
    }

    fn extra(&mut self, name: Name<'a>, field: Field<'a>) {
        self.0.extra(name, field);
    }

    fn fault(&mut self, fault: Fault<'a>) {
        self.0.fault(fault);
    }

    fn hand(&mut self, text: &'a str) -> bool {
        self.0.hand(text)
    }
}

const EXTENSION: &[Key] = &[whole("src"), whole("msg"), whole("Policy Name")];

pub(crate) fn cef(data: &[u8]) {
    const PART: Target<'static> = Target::Field(0);
    const GATE: Cef = Cef {
        prefix: PART,
        version: PART,
        vendor: PART,
        product: PART,
        device_version: PART,
        signature: PART,
        name: PART,
        severity: PART,
        keys: EXTENSION,
        lookup: Lookup::LINEAR,
        labels: false,
    };
    each_text(data, |text| {
        for form in [GATE, Cef { labels: true, ..GATE }] {
            let scratch = Scratch::new();
            let _ = cef::read(&form, text, &scratch, &mut Behind(Inside(text)));
        }
        assert!(cef::unescape(text).len() <= text.len(), "unescaping makes nothing longer");
    });
}

pub(crate) fn leef(data: &[u8]) {
    const PART: Target<'static> = Target::Field(0);
    const GATE: Leef = Leef {
        prefix: PART,
        version: PART,
        vendor: PART,
        product: PART,
        device_version: PART,
        event: PART,
        keys: EXTENSION,
        lookup: Lookup::LINEAR,
        labels: false,
    };
    each_text(data, |text| {
        for form in [GATE, Leef { labels: true, ..GATE }] {
            let scratch = Scratch::new();
            let _ = leef::read(&form, text, &scratch, &mut Inside(text));
        }
    });
}

pub(crate) fn pairs(data: &[u8]) {
    const KEYS: &[Key] =
        &[whole("Delink Time"), whole("Total_bytes_send"), whole("Browser"), whole("User"), whole("IP =")];
    const BODY: Pairs = Pairs {
        separator: " - ",
        keys: KEYS,
        lookup: Lookup::LINEAR,
        heads: ByteSet::WORD,
        phrases: &[0, 4],
        prefix: None,
        unlisted: "",
    };
    each_text(data, |text| {
        for pairs in [BODY, Pairs { separator: ", ", unlisted: ":", ..BODY }] {
            let _ = pairs::read(&pairs, text, &mut Inside(text));
        }
    });
}

pub(crate) fn json(data: &[u8]) {
    macro_rules! node {
        ($key:literal, $children:expr, $choose:expr $(,)?) => {
            Node {
                key: $key,
                quoted: concat!("\"", $key, "\":"),
                slot: Some(1),
                children: $children,
                lookup: Lookup::LINEAR,
                choose: $choose,
                name: $key,
            }
        };
    }
    const LEAVES: &[Node] = &[node!("score", &[], Choose::None), node!("a", &[], Choose::None)];
    const BRANCHES: &[Node] = &[node!("a", LEAVES, Choose::None), node!("first", &[], Choose::None)];
    const TREE: json::Json = json::Json {
        root: node!(
            "",
            &[
                node!("a", LEAVES, Choose::None),
                node!("best", LEAVES, Choose::Highest("score")),
                node!("first", LEAVES, Choose::First),
                node!("each", LEAVES, Choose::Each),
                node!("by", BRANCHES, Choose::By("a")),
            ],
            Choose::None,
        ),
        envelopes: &[&["data"], &["log", "audit"]],
        key: None,
    };
    each_text(data, |text| {
        let read = json::read(&TREE, text, &mut Inside(text)).is_ok();
        let standard: Result<serde_json::Map<String, serde_json::Value>, _> = serde_json::from_str(text);
        // The standard reader has a lower limit of nesting, and refuses lone surrogates and numbers beyond its range.
        if standard.is_ok() {
            assert!(read, "serde_json reads it");
        }
        for record in json::records(text).into_iter().flatten() {
            Inside(text).holds(record);
        }
        for element in json::elements(text) {
            Inside(text).holds(element.raw);
        }
        let _ = (json::is_empty(text), json::unescape(text));
        if read {
            let mut compact = Vec::new();
            json::compact(&mut compact, text);
            let kept: Result<serde_json::Value, _> = serde_json::from_slice(&compact);
            assert!(kept.is_ok(), "what is kept of a record every reader takes");
        }
    });
}

pub(crate) fn wrap(data: &[u8]) {
    each_text(data, |text| {
        for wraps in [&[Wrap::Csv][..], &[Wrap::Json], &[Wrap::Csv, Wrap::Json], &[]] {
            // A lone surrogate of two times six bytes becomes one of three; nothing grows.
            assert!(wrap::unwrap(wraps, text).len() <= text.len());
        }
    });
}

/// What had doubled quotes is no slice of the text, but no longer than it.
struct NoLonger(usize);

impl<'a> Fill<'a> for NoLonger {
    fn field(&mut self, _slot: u16, field: Field<'a>) {
        assert!(field.raw.len() <= self.0, "taking quotes off makes nothing longer");
    }

    fn further(&mut self, slot: u16, field: Field<'a>) {
        self.field(slot, field);
    }

    fn extra(&mut self, _name: Name<'a>, field: Field<'a>) {
        self.field(0, field);
    }

    fn fault(&mut self, fault: Fault<'a>) {
        self.field(0, fault.value);
    }

    fn hand(&mut self, text: &'a str) -> bool {
        self.field(0, Field::text(text));
        true
    }
}

pub(crate) fn csv(data: &[u8]) {
    const COLUMNS: Csv = Csv { separator: b',', columns: EXTENSION, least: 1, kind: None };
    each_text(data, |text| {
        for form in [
            COLUMNS,
            Csv { separator: b'\t', ..COLUMNS },
            Csv { separator: b' ', least: EXTENSION.len(), ..COLUMNS },
            Csv { kind: Some(0), ..COLUMNS },
        ] {
            let scratch = Scratch::new();
            let _ = csv::read(&form, text, &scratch, &mut NoLonger(text.len()));
            let all: usize = csv::columns(form.separator, text).map(|column| column.len() + 1).sum();
            assert!(all <= text.len() + 1, "columns hold no more than the text");
        }
    });
}
