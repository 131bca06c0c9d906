//! The tables that primitives want to live as long as the program: each content is kept once.
//!
//! The primitives of `xdr-runtime` read tables that a compiled program has in its image, so a table that is made at run time can never be given
//! back. What is kept here is shared by content, down to single texts and templates: to load a spec again costs only what was changed in it,
//! and what a thousand variants of a spec have in common is kept once.

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use xdr_model::Token;
use xdr_model::pattern::{ByteSet, Op, Pattern, Run};
use xdr_model::time::Item;
use xdr_runtime::format::{cef, csv, json, key_value, leef, wrap::Wrap};
use xdr_runtime::{catalogue, decode, enrich, info};

/// Contents of one type.
type Shelf<T> = HashSet<&'static [T]>;

macro_rules! pool {
    ($($shelf:ident: $kind:ty,)*) => {
        /// All that is kept.
        #[derive(Default)]
        pub(super) struct Pool {
            texts: HashSet<&'static str>,
            $($shelf: Shelf<$kind>,)*
        }

        $(impl Kept for $kind {
            fn shelf(pool: &mut Pool) -> &mut Shelf<Self> {
                &mut pool.$shelf
            }
        })*
    };
}

pool! {
    names: &'static str,
    bytes: u8,
    numbers: u16,
    places: (u16, u16),
    constants: (u16, &'static str),
    cases: (&'static str, &'static str),
    heads: ([u8; 4], u16),
    sets: ByteSet,
    runs: Run,
    ops: Op<'static>,
    patterns: Pattern<'static>,
    templates: decode::Template,
    keys: key_value::Key,
    nested: key_value::Nested,
    pairs: key_value::KeyValue,
    cef: cef::Cef,
    leef: leef::Leef,
    csv: csv::Csv,
    nodes: json::Node,
    trees: json::Json,
    paths: &'static [&'static str],
    messages: catalogue::Message,
    catalogues: catalogue::Catalogue,
    items: Item,
    formats: &'static [Item],
    tokens: Token,
    reads: &'static [Token],
    declared: enrich::Declared,
    wraps: Wrap,
    rows: info::Row,
    values: info::ValueMap,
    infos: info::Info,
}

/// What the pool has a shelf for.
pub(super) trait Kept: Eq + Hash + Sized + 'static {
    /// The shelf.
    fn shelf(pool: &mut Pool) -> &mut Shelf<Self>;
}

static POOL: LazyLock<Mutex<Pool>> = LazyLock::new(Mutex::default);

impl Pool {
    /// The program's pool. Whoever panicked while it was held left it whole: contents are only ever added.
    pub(super) fn open() -> MutexGuard<'static, Self> {
        POOL.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The text, kept.
    pub(super) fn text(&mut self, text: &str) -> &'static str {
        if let Some(known) = self.texts.get(text) {
            return known;
        }
        let kept: &'static str = text.to_owned().leak();
        self.texts.insert(kept);
        kept
    }

    /// The texts, kept.
    pub(super) fn texts(&mut self, texts: &[String]) -> &'static [&'static str] {
        let texts = texts.iter().map(|text| self.text(text)).collect();
        self.list(texts)
    }

    /// The list, kept.
    pub(super) fn list<T: Kept>(&mut self, list: Vec<T>) -> &'static [T] {
        if list.is_empty() {
            return &[];
        }
        let all = T::shelf(self);
        if let Some(known) = all.get(list.as_slice()) {
            return known;
        }
        let kept: &'static [T] = list.leak();
        all.insert(kept);
        kept
    }

    /// The one, kept.
    pub(super) fn one<T: Kept + Clone>(&mut self, one: T) -> &'static T {
        let all = T::shelf(self);
        if let Some(known) = all.get(std::slice::from_ref(&one)).and_then(|list| list.first()) {
            return known;
        }
        let kept: &'static T = Box::leak(Box::new(one));
        all.insert(std::slice::from_ref(kept));
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_is_kept_once() {
        let mut pool = Pool::open();
        let one = pool.texts(&["only here: a".to_owned(), "only here: b".to_owned()]);
        let other = pool.texts(&["only here: a".to_owned(), "only here: b".to_owned()]);
        let third = pool.texts(&["only here: a".to_owned(), "only here: c".to_owned()]);
        assert!(std::ptr::eq(one, other));
        assert_ne!(one, third);
        assert_eq!(one.first().map(|text| text.as_ptr()), third.first().map(|text| text.as_ptr()));
    }
}
