//! Records that stand as a text in a member of the line's object.

/// Which records stand as a text in a member of the line's object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Embedded {
    /// None do.
    Never,
    /// Objects that have this key, in any member.
    Key(String),
    /// Any text, in certain members.
    In {
        /// Their paths, in order.
        paths: Vec<Vec<String>>,
        /// Keys of records that are objects themselves.
        keys: Vec<String>,
    },
}
