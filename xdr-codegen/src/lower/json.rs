//! The tree of paths that a JSON step reads.
//!
//! A field's name is its path unless the step says otherwise. Fields that another step defines on the way to this one, or that the
//! catalogue defines, have no path.

use super::fields::{Fields, Scope};
use crate::ast;
use crate::diag::{Code, Diagnostic, Diagnostics, quote};
use crate::ir::{Choose, Json, Node, Slot, Step};
use crate::node::Text;
use crate::path;
use crate::source::Span;

/// What the trees added to the fields.
pub(super) struct Trees {
    /// How many fields have names of their own; those behind stand in for others.
    pub(super) named: usize,
    /// Fields below an array of which each element speaks, and where that is said.
    pub(super) each: Vec<(Slot, Span)>,
}

/// A tree without paths; [`fill`] fills it when all other definers are known.
pub(super) fn empty() -> Json {
    Json { root: Node::default(), envelopes: Vec::new(), key: None, prefer: Vec::new(), hand: None }
}

/// Fills the trees of all JSON steps.
pub(super) fn fill(
    spec: &ast::Spec,
    steps: &mut [Step],
    fields: &mut Fields,
    diags: &mut Diagnostics,
) -> Trees {
    let named = fields.names().len();
    let key = match &spec.embedded {
        Some(ast::Embedded::Key(key)) => Some(key.text.as_str()),
        _ => None,
    };
    let mut fill = Fill { fields, diags, key, one_ofs: 0, wanted: Vec::new(), each: Vec::new() };
    fill.collect(&spec.decode, &Scope::new());
    fill.one_ofs = 0;
    fill.steps(&spec.decode, steps, &Scope::new());
    Trees { named, each: fill.each }
}

struct Fill<'f> {
    fields: &'f mut Fields,
    diags: &'f mut Diagnostics,
    /// The key by which a record is known to be one.
    key: Option<&'f str>,
    one_ofs: usize,
    /// For each JSON step, the fields that have their name as path.
    wanted: Vec<Vec<(String, Span)>>,
    each: Vec<(Slot, Span)>,
}

impl Fill<'_> {
    /// Decides which fields each step finds by their names, before any of them is counted as defined by it.
    fn collect(&mut self, steps: &[ast::Step], scope: &Scope) {
        for step in steps {
            match step {
                ast::Step::Json(json) => {
                    let mut wanted: Vec<(String, Span)> = Vec::new();
                    for (name, at) in self.fields.reads() {
                        let listed = json.paths.get(name).is_some();
                        if !listed && !self.fields.is_defined(name, scope) && !name.starts_with('_') {
                            wanted.push((name.to_owned(), at));
                        }
                    }
                    self.wanted.push(wanted);
                }
                ast::Step::OneOf(forms) => {
                    self.one_ofs += 1;
                    let number = self.one_ofs;
                    for (index, (_, steps)) in forms.iter().enumerate() {
                        let mut inner = scope.clone();
                        inner.push((number, index));
                        self.collect(steps, &inner);
                    }
                }
                _ => {}
            }
        }
        if scope.is_empty() {
            self.wanted.reverse();
        }
    }

    fn steps(&mut self, steps: &[ast::Step], lowered: &mut [Step], scope: &Scope) {
        // A catalogue that cannot be found leaves no step: the others stay in order.
        let steps = steps.iter().filter(|step| !matches!(step, ast::Step::Catalogue(..)));
        let lowered = lowered.iter_mut().filter(|step| !matches!(step, Step::Catalogue(..)));
        for (step, lowered) in steps.zip(lowered) {
            match (step, lowered) {
                (ast::Step::Json(json), Step::Json(tree)) => *tree = self.tree(json, scope),
                (ast::Step::OneOf(forms), Step::OneOf(all)) => {
                    self.one_ofs += 1;
                    let number = self.one_ofs;
                    for (index, ((_, steps), (_, lowered))) in forms.iter().zip(all).enumerate() {
                        let mut inner = scope.clone();
                        inner.push((number, index));
                        self.steps(steps, lowered, &inner);
                    }
                }
                _ => {}
            }
        }
    }

    fn tree(&mut self, json: &ast::Json, scope: &Scope) -> Json {
        let mut tree = empty();
        tree.envelopes = json.envelope.iter().filter_map(|text| self.path(text)).collect();
        tree.key = self.key.map(str::to_owned);
        tree.hand = json.hand.as_ref().and_then(|name| self.fields.slot(&name.text));
        let wanted = self.wanted.pop().unwrap_or_default();
        for (name, at) in wanted {
            self.fields.scope.clone_from(scope);
            self.fields.define(&name, at, self.diags);
            self.fields.scope.clear();
            let text = Text { text: name.clone(), span: at };
            if let (Some(slot), Some(keys)) = (self.fields.slot(&name), self.path(&text)) {
                put(&mut tree.root, &keys, slot);
            }
        }
        // Paths with one way first, so that alternatives can share them.
        let (single, several): (Vec<_>, Vec<_>) = json.paths.iter().partition(|(_, paths)| paths.len() == 1);
        for (name, paths) in single.into_iter().chain(several) {
            let Some(slot) = self.fields.slot(&name.text) else { continue };
            let mut others = Vec::new();
            for (index, text) in paths.iter().enumerate() {
                let Some(keys) = self.path(text) else { continue };
                let taken = found(&tree.root, &keys);
                match taken {
                    None if index == 0 => put(&mut tree.root, &keys, slot),
                    None => {
                        let stand_in = self.fields.stand_in(text.text.clone());
                        put(&mut tree.root, &keys, stand_in);
                        others.push(stand_in);
                    }
                    Some(other) if other == slot => {}
                    Some(other) => others.push(other),
                }
            }
            if !others.is_empty() {
                tree.prefer.push((slot, others));
            }
        }
        for (text, choose) in json.choose.iter() {
            let Some(keys) = self.path(text) else { continue };
            let Some(node) = at(&mut tree.root, &keys) else {
                let message = format!("no field has a path through {}", quote(&text.text));
                self.diags.push(
                    Diagnostic::new(Code::UnknownField, text.span, message)
                        .help("delete it, or write the path as the fields' paths begin"),
                );
                continue;
            };
            node.choose = match choose {
                ast::Choose::First(_) => Choose::First,
                ast::Choose::Each(_) => Choose::Each,
                ast::Choose::Highest(key) => Choose::Highest(key.text.clone()),
                ast::Choose::By(key) => Choose::By(key.text.clone()),
            };
            if node.choose == Choose::Each {
                let mut slots = Vec::new();
                below(node, &mut slots);
                self.each.extend(slots.into_iter().map(|slot| (slot, text.span)));
            }
        }
        tree
    }

    fn path(&mut self, text: &Text) -> Option<Vec<String>> {
        path(text, self.diags)
    }
}

/// The keys of a path; reports what is none.
pub(super) fn path(text: &Text, diags: &mut Diagnostics) -> Option<Vec<String>> {
    match path::parse(&text.text) {
        Ok(keys) => Some(keys),
        Err(at) => {
            let message = format!("{} is no path: it breaks off at character {}", quote(&text.text), at + 1);
            let help = if path::is_rooted(&text.text) {
                "a path begins with the outermost key, without `$`"
            } else {
                "keys are joined by dots; a key with dots of its own is quoted: `labels.\"example.com/os\"`"
            };
            diags.push(Diagnostic::new(Code::JsonPathSyntax, text.span, message).help(help));
            None
        }
    }
}

/// Gives the node at a path a field.
fn put(root: &mut Node, keys: &[String], slot: Slot) {
    let mut node = root;
    for key in keys {
        let index = node.children.iter().position(|child| child.key == *key).unwrap_or_else(|| {
            let path = if node.path.is_empty() { key.clone() } else { format!("{}.{key}", node.path) };
            node.children.push(Node { key: key.clone(), path, ..Node::default() });
            node.children.len() - 1
        });
        let Some(child) = node.children.get_mut(index) else { return };
        node = child;
    }
    node.slot = Some(slot);
}

/// The fields at a node and below it.
fn below(node: &Node, slots: &mut Vec<Slot>) {
    slots.extend(node.slot);
    node.children.iter().for_each(|child| below(child, slots));
}

fn found(root: &Node, keys: &[String]) -> Option<Slot> {
    let mut node = root;
    for key in keys {
        node = node.children.iter().find(|child| child.key == *key)?;
    }
    node.slot
}

fn at<'n>(root: &'n mut Node, keys: &[String]) -> Option<&'n mut Node> {
    let mut node = root;
    for key in keys {
        node = node.children.iter_mut().find(|child| child.key == *key)?;
    }
    Some(node)
}
