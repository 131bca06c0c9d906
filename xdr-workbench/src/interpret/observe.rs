//! What an interpreter tells whoever watches it: which pieces of a spec a record has used.
//!
//! Everything is named by its number in the [`ir::Module`] that is interpreted, so that an observer can find its place in the
//! spec. Steps of `decode` are numbered in the order in which they are written, the steps of a form behind their `one-of`; [`steps`] lists them so.

use xdr_codegen::ir;
use xdr_model::Token;
use xdr_runtime::record::Reject;
use xdr_runtime::sink::Reason;

/// Watches records go through a spec. All that is told is optional; calls come in the order in which things happen.
///
/// Methods take `&self`, as a source is shared between threads: observers keep what they are told in cells.
pub trait Observer {
    /// Whether anything is to be told. Finding out takes time, so an observer that wants nothing says so.
    const WATCHES: bool = true;

    /// Which form of the `one-of` with this number was taken; `None` if none was.
    fn form(&self, _step: usize, _form: Option<usize>) {}

    /// Which template of a list matched a text, and which way through it was taken; `None` if none did.
    fn template(&self, _list: List, _matched: Option<Matched<'_>>) {}

    /// A listed key was found in a record.
    fn key(&self, _list: Keys, _key: usize) {}

    /// A step `csv` read a text: whether it has all columns that are listed.
    fn columns(&self, _step: usize, _all: bool) {}

    /// A step `csv` refused a text; told of forms that fail in the end too.
    fn refused(&self, _step: usize, _why: Unread) {}

    /// Which message a record names, and is looked up by; told of forms that fail in the end too.
    fn asked(&self, _message: Message) {}

    /// Which message a record is.
    fn message(&self, _message: Message) {}

    /// How a message's text was read.
    fn body(&self, _message: Message, _body: Body) {}

    /// A plan preferred a mapping because a field has a value of its `by`: the plan, and the case.
    fn preferred(&self, _plan: usize, _case: usize) {}

    /// A mapping of a plan was tried.
    fn tried(&self, _mapping: Mapping, _outcome: Outcome) {}

    /// A value went through the value map with this number.
    fn value(&self, _map: usize, _arm: Arm) {}

    /// Something could not be mapped: a value that a row refuses, or, without a token, a fault of the record.
    fn issue(&self, _token: Option<Token>, _reason: Reason) {}

    /// No event could be made of the record.
    fn reject(&self, _reject: &Reject) {}

    /// An event was made of the record.
    fn event(&self) {}
}

/// Watches nothing.
impl Observer for () {
    const WATCHES: bool = false;
}

/// A mapping: one way to a token's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mapping {
    /// The plan, an index into `Module::plans`.
    pub plan: usize,
    /// The mapping, an index into the plan's candidates.
    pub candidate: usize,
    /// Its row, an index into `Module::rows`.
    pub row: usize,
}

/// Why a step `csv` does not read a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unread {
    /// It has too few columns.
    Short,
    /// It is of another kind.
    Kind,
}

/// What came of a mapping that was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It gave the token its value.
    Value,
    /// The condition of `when` with this number does not hold.
    Unmet(usize),
    /// The field has the text with this number of those that mean no value.
    None(usize),
    /// It had nothing to say.
    Nothing,
    /// It left an issue.
    Issue,
}

/// An arm of a value map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Arm {
    /// The case, or range, with this number.
    Case(usize),
    /// None of them.
    Otherwise,
}

/// A list of templates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum List {
    /// That of a step `template`.
    Step(usize),
    /// That of a key.
    Key(Keys, usize),
    /// That of a message.
    Message(Message),
}

/// A list of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Keys {
    /// That of a step `key-value`.
    Step(usize),
    /// The catalogue's pairs.
    Pairs,
}

/// A message of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Message {
    /// A listed one, an index into `Catalogue::messages`.
    Listed(usize),
    /// A family by its beginning, an index into `Catalogue::prefixes`.
    Prefix(usize),
    /// A family by its end, an index into `Catalogue::suffixes`.
    Suffix(usize),
    /// The record names one that is not listed.
    Unlisted,
    /// The record names none, and its text does not say which one it is.
    Unnamed,
}

/// How the text of a message was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Body {
    /// By a template.
    Template,
    /// As pairs.
    Pairs,
    /// Not at all: it needs no reading, or there was none.
    Unread,
    /// It is not what the templates say.
    Missed,
}

/// The template that matched, and the way through it.
#[derive(Clone, Copy, Debug)]
pub struct Matched<'w> {
    /// Its number in the list.
    pub template: usize,
    /// The choices on the way, in order.
    pub ways: &'w [Way],
}

/// A choice of a template that a match came by: an optional piece, or one of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Way {
    /// The part of the catalogue that the choice stands in, if it does.
    pub part: Option<usize>,
    /// The index of its [`Op::Split`](ir::Op::Split) among the ops of the template or part.
    pub split: usize,
    /// Whether the piece behind it was taken; else the match went around it.
    pub taken: bool,
}

/// The steps of a source in the order of their numbers.
pub fn steps(module: &ir::Module) -> Vec<&ir::Step> {
    fn walk<'i>(steps: &'i [ir::Step], all: &mut Vec<&'i ir::Step>) {
        for step in steps {
            all.push(step);
            if let ir::Step::OneOf(forms) = step {
                for (_, steps) in forms {
                    walk(steps, all);
                }
            }
        }
    }
    let mut all = Vec::new();
    walk(&module.steps, &mut all);
    all
}
