//! Blocks: maps whose keys the language knows. `node!` defines one as a struct, `words!` defines a set of words as an enum.

use super::{FromNode, MAP_HELP, Node, NodeKind, unknown};
use crate::diag::{Code, Diagnostic, Diagnostics, near, quote};

/// A key of a block, for the reference and for messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyDoc {
    /// The key.
    pub name: &'static str,
    /// What it holds.
    pub doc: &'static str,
    /// Whether the block must have it.
    pub required: bool,
}

/// Reads the keys of one block; `node!` uses it.
pub struct Block<'n> {
    node: &'n Node,
    entries: &'n [(Node, Node)],
    name: &'static str,
    /// Keys of the block that unknown ones look like.
    misspelt: Vec<&'static str>,
}

impl<'n> Block<'n> {
    /// Begins with a node that must be a map, and reports the keys that the block does not know.
    pub fn begin(
        node: &'n Node,
        name: &'static str,
        keys: &[KeyDoc],
        diags: &mut Diagnostics,
    ) -> Option<Self> {
        let NodeKind::Map(entries) = &node.kind else {
            node.wrong("a map", MAP_HELP, diags);
            return None;
        };
        let mut misspelt = Vec::new();
        for (key, _) in entries {
            let Some(text) = key.scalar() else { continue };
            if keys.iter().all(|known| known.name != text) {
                let message = format!("`{name}` has no key {}", quote(text));
                let known = keys.iter().map(|key| key.name);
                misspelt.extend(near(text, known.clone()));
                diags.push(unknown(Code::UnknownKey, key.span, message, text, known));
            }
        }
        Some(Self { node, entries, name, misspelt })
    }

    /// The value under a key.
    pub fn value(&self, key: &str) -> Option<&'n Node> {
        self.entries.iter().find(|(name, _)| name.scalar() == Some(key)).map(|(_, value)| value)
    }

    /// Reads a key that may be missing.
    pub fn optional<T: FromNode>(&self, key: &str, diags: &mut Diagnostics) -> Option<T> {
        T::from_node(self.value(key)?, diags)
    }

    /// Reads a key that must be there.
    pub fn required<T: FromNode>(&self, key: &str, diags: &mut Diagnostics) -> Option<T> {
        let Some(value) = self.value(key) else {
            if self.misspelt.contains(&key) {
                // It is there, and said to be misspelt.
                return None;
            }
            // The whole block would be underlined over many lines: its beginning says as much.
            let span = self.entries.first().map_or(self.node.span, |(key, _)| key.span);
            let message = format!("`{}` lacks the key `{key}`", self.name);
            diags.push(
                Diagnostic::new(Code::MissingKey, span, message).help(format!("expected {}", T::EXPECTED)),
            );
            return None;
        };
        T::from_node(value, diags)
    }
}

/// Defines a block: a struct with a place, its keys with their documentation, and how it is read.
///
/// Each key says how it is read: `required T` (the block is dropped without it), `optional T` (an `Option`), or `list T`
/// (empty when missing). Behind the type may stand, in brackets, the role of its texts, or `with from` for rows that need one.
/// What must hold of keys together stands behind `where`, as a constant list of rules.
macro_rules! node {
    (
        $(#[doc = $about:literal])+
        pub struct $name:ident in $block:literal $(where $rules:path)? {
            $($(#[doc = $doc:literal])+ $key:literal => $field:ident: $mode:ident $type:ty $([$($role:ident)+])?,)*
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name {
            /// The place of the whole block.
            pub span: $crate::source::Span,
            $($(#[doc = $doc])+ pub $field: $crate::node::node!(@type $mode $type),)*
        }

        impl $name {
            /// What the block is called in messages and in the reference.
            pub const BLOCK: &'static str = $block;
            /// Its keys.
            pub const KEYS: &'static [$crate::node::KeyDoc] = &[
                $($crate::node::KeyDoc {
                    name: $key,
                    doc: concat!($($doc),+).trim_ascii_start(),
                    required: $crate::node::node!(@required $mode),
                },)*
            ];
        }

        impl $crate::node::FromNode for $name {
            const EXPECTED: &'static str = "a map";

            fn from_node(node: &$crate::node::Node, diags: &mut $crate::diag::Diagnostics) -> Option<Self> {
                let block = $crate::node::Block::begin(node, Self::BLOCK, Self::KEYS, diags)?;
                // All keys are read before the first missing one ends it: everything is reported.
                $(let $field = $crate::node::node!(@read $mode block $key diags);)*
                Some(Self { span: node.span, $($field: $crate::node::node!(@keep $mode $field),)* })
            }

            fn shape() -> $crate::node::Shape {
                $crate::node::Shape::Block(stringify!($name), || {
                    let shapes = [$($crate::node::node!(@shape $type $(, $($role)+)?),)*];
                    let rules: &[&[$crate::node::Rule]] = &[$($rules,)?];
                    $crate::node::BlockShape {
                        about: concat!($($about),+).trim_ascii_start(),
                        keys: Self::KEYS.iter().copied().zip(shapes).collect(),
                        rules: rules.concat(),
                    }
                })
            }
        }
    };
    (@shape $type:ty) => { <$type as $crate::node::FromNode>::shape() };
    (@shape $type:ty, with from) => { $crate::node::node!(@shape $type).with("from") };
    (@shape $type:ty, $role:ident) => { $crate::node::node!(@shape $type).of($crate::node::Role::$role) };
    (@type required $type:ty) => { $type };
    (@type optional $type:ty) => { Option<$type> };
    (@type list $type:ty) => { $type };
    (@required required) => { true };
    (@required $mode:ident) => { false };
    (@read required $block:ident $key:literal $diags:ident) => { $block.required($key, $diags) };
    (@read $mode:ident $block:ident $key:literal $diags:ident) => { $block.optional($key, $diags) };
    (@keep required $field:ident) => { $field? };
    (@keep optional $field:ident) => { $field };
    (@keep list $field:ident) => { $field.unwrap_or_default() };
}

/// Defines a set of words that a key may take, as an enum without fields.
macro_rules! words {
    (
        $(#[doc = $about:literal])+
        pub enum $name:ident or $code:ident, $expected:literal {
            $($(#[doc = $doc:literal])+ $word:literal => $variant:ident,)+
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl $name {
            /// The word as it is spelt.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl $crate::node::Words for $name {
            const CODE: $crate::diag::Code = $crate::diag::Code::$code;
            const EXPECTED: &'static str = $expected;
            const WORDS: &'static [(&'static str, Self)] = &[$(($word, Self::$variant)),+];
            const DOCS: &'static [&'static str] = &[$(concat!($($doc),+).trim_ascii_start()),+];
        }
    };
}

pub(crate) use {node, words};
