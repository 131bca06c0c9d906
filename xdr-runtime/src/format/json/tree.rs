//! Reading an object by a tree of paths, in one pass that checks the grammar as well.
//!
//! As in [`check`](super::check), a step that gives nothing found the text wrong.

use crate::field::{Fault, Field, Fill, Name, Shape};
use crate::format::json::check::Check;
use crate::format::json::{Choose, Node, is_key, score};
use crate::format::order::{Last, Order, usual};
use crate::format::part::REPEATED;
use crate::format::seen::Seen;

/// Reads an object by a tree of paths.
pub(super) struct Reader<'r, 'a, F> {
    pub(super) check: Check<'a>,
    fill: &'r mut F,
    order: Order<'r>,
}

/// Has a text read by a reader of objects.
pub(super) fn read<'a, F: Fill<'a>, T>(
    check: Check<'a>,
    fill: &mut F,
    read: impl FnOnce(&mut Reader<'_, 'a, F>) -> T,
) -> T {
    usual(|order| read(&mut Reader { check, fill, order }))
}

impl<'a, F: Fill<'a>> Reader<'_, 'a, F> {
    /// One object, and nothing else; whether one of the watched keys occurs with an object.
    pub(super) fn record(&mut self, root: &Node, watched: &[&[&str]]) -> Option<bool> {
        self.check.blanks();
        if self.check.peek() != Some(b'{') {
            return self.check.miss("an object");
        }
        let occurs = self.object(root, 0, false, watched)?;
        self.check.end()?;
        Some(occurs)
    }

    /// The object that begins at the next byte. `depth`: how many arrays and objects are open around it. `each`: it is one of
    /// several objects of an array, all of which count. `watched`: keys that something is said of: whether one of them occurs with an object.
    pub(super) fn object(
        &mut self,
        node: &Node,
        depth: u32,
        each: bool,
        watched: &[&[&str]],
    ) -> Option<bool> {
        let mut seen = Seen::default();
        let mut last = Last::NONE;
        let mut watched_occurs = false;
        let mut more = self.check.open(b'}', depth)?;
        while more {
            let (key, found) = self.key(node, &mut last)?;
            // What wraps a record is an object.
            if self.check.peek() == Some(b'{') {
                watched_occurs |=
                    watched.iter().any(|path| path.first().is_some_and(|first| is_key(key, first)));
            }
            match found {
                Some((index, child)) if seen.first(index) => {
                    // Most values are strings.
                    if self.check.peek() == Some(b'"') {
                        let text = self.check.text()?;
                        self.whole(child, text, each);
                    } else {
                        self.place(child, depth + 1, each)?;
                    }
                }
                Some((_, child)) => {
                    let (name, value) = (Name::known(child.name), self.check.value(depth + 1)?);
                    self.fill.fault(Fault { name, value, reason: REPEATED });
                }
                None => {
                    let value = self.check.value(depth + 1)?;
                    self.fill.extra(Name::below(node.name, key), value);
                }
            }
            more = self.check.next_member()?;
        }
        Some(watched_occurs)
    }

    /// A key, and which child of the node it is. `last`: the known key in front of it.
    #[inline]
    fn key(&mut self, node: &Node, last: &mut Last) -> Option<(Field<'a>, Option<(usize, &'static Node)>)> {
        if let Some(index) = self.order.expected(node.children, *last)
            && let Some(child) = node.children.get(index)
            && self.check.eat_key(child.quoted)
        {
            *last = Last::at(index);
            return Some((Field::text(child.key), Some((index, child))));
        }
        let key = self.check.key()?;
        let found = match key.shape {
            Shape::Escaped => node.lookup.find(node.children, &key.decoded(), |child| child.key),
            _ => node.lookup.find(node.children, key.raw, |child| child.key),
        };
        if let Some(index) = found {
            // One that was read without escapes needs none where it is compared.
            if key.shape != Shape::Escaped {
                self.order.learn(node.children, *last, index);
            }
            *last = Last::at(index);
        }
        Some((key, found.and_then(|index| Some((index, node.children.get(index)?)))))
    }

    /// A value that a path leads to.
    fn place(&mut self, node: &Node, depth: u32, each: bool) -> Option<()> {
        match self.check.peek() {
            Some(b'{') if !node.children.is_empty() => {
                self.object(node, depth, each, &[])?;
            }
            Some(b'[') if node.choose != Choose::None => self.array(node, depth, each)?,
            _ => {
                let value = self.check.value(depth)?;
                if value.is_present() {
                    self.whole(node, value, each);
                }
            }
        }
        Some(())
    }

    #[inline]
    fn whole(&mut self, node: &Node, value: Field<'a>, each: bool) {
        match node.slot {
            Some(slot) if each => self.fill.further(slot, value),
            Some(slot) => self.fill.field(slot, value),
            None => self.fill.extra(Name::known(node.name), value),
        }
    }

    /// Reads the elements that speak; the others are kept under the array's name.
    fn array(&mut self, node: &Node, depth: u32, each: bool) -> Option<()> {
        let start = self.check.at;
        if !self.check.open(b']', depth)? {
            let value = Field { raw: self.check.since(start), shape: Shape::Array };
            self.whole(node, value, each);
            return Some(());
        }
        let chosen = match node.choose {
            Choose::By(key) => return self.by(node, key, depth, each),
            Choose::Highest(key) => self.highest(key, depth + 1)?,
            Choose::None | Choose::First | Choose::Each => 0,
        };
        let all = node.choose == Choose::Each;
        let mut index = 0;
        loop {
            if index != chosen && !all {
                let element = self.check.value(depth + 1)?;
                self.fill.extra(Name::known(node.name), element);
            } else if self.check.peek() == Some(b'{') && !node.children.is_empty() {
                self.object(node, depth + 1, each || all, &[])?;
            } else {
                let element = self.check.value(depth + 1)?;
                self.whole(node, element, each || all);
            }
            if !self.check.next_element()? {
                return Some(());
            }
            index += 1;
        }
    }

    /// Reads the elements, the first of which begins at the next byte, as members of an object, each under the value that it has for
    /// `key`; what no path names is kept under the array's name.
    fn by(&mut self, node: &Node, key: &str, depth: u32, each: bool) -> Option<()> {
        let mut seen = Seen::default();
        loop {
            let start = self.check.at;
            let named = value_of(&mut self.check, key, depth + 1)?;
            self.check.at = start;
            let found = named
                .0
                .and_then(|named| node.lookup.find(node.children, &named.decoded(), |child| child.key))
                .and_then(|index| Some((index, node.children.get(index)?)));
            match found {
                Some((index, child)) if seen.first(index) => self.place(child, depth + 1, each)?,
                _ => {
                    let element = self.check.value(depth + 1)?;
                    self.fill.extra(Name::known(node.name), element);
                }
            }
            if !self.check.next_element()? {
                return Some(());
            }
        }
    }

    /// The index of the element in which `key` has the highest number, of the elements that begin at the next byte. Nothing is read
    /// of them.
    fn highest(&mut self, key: &str, depth: u32) -> Option<usize> {
        let start = self.check.at;
        self.check.value(depth)?;
        // One element is the usual case.
        let more = self.check.next_element()?;
        self.check.at = start;
        let chosen = if more { self.highest_of_several(key, depth)? } else { 0 };
        self.check.at = start;
        Some(chosen)
    }

    fn highest_of_several(&mut self, key: &str, depth: u32) -> Option<usize> {
        let mut best = (0, Score(None));
        let mut index = 0;
        loop {
            let value = number_of(&mut self.check, key, depth)?;
            if value > best.1 {
                best = (index, value);
            }
            if !self.check.next_element()? {
                return Some(best.0);
            }
            index += 1;
        }
    }
}

/// A number, or none, which is lower than all.
#[derive(Clone, Copy, Default, PartialEq, PartialOrd)]
struct Score(Option<f64>);

/// The number that `key` has in the value that is read; none if the value is no object.
fn number_of(check: &mut Check<'_>, key: &str, depth: u32) -> Option<Score> {
    let value = value_of(check, key, depth)?;
    Some(Score(value.0.and_then(score)))
}

/// The value of a member, if there is one.
struct Named<'a>(Option<Field<'a>>);

/// What the first member of this key is in the value that is read; nothing if there is none, or the value is no object.
fn value_of<'a>(check: &mut Check<'a>, key: &str, depth: u32) -> Option<Named<'a>> {
    if check.peek() != Some(b'{') {
        check.value(depth)?;
        return Some(Named(None));
    }
    let mut first = None;
    let mut more = check.open(b'}', depth)?;
    while more {
        let name = check.key()?;
        let value = check.value(depth + 1)?;
        if first.is_none() && is_key(name, key) {
            first = Some(value);
        }
        more = check.next_member()?;
    }
    Some(Named(first))
}
