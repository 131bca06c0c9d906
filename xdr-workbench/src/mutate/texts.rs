//! Mutants of templates and messages.

use xdr_codegen::ast;
use xdr_codegen::ir::{Catalogue, Message, Module, Op, Target, Template, Text, To};
use xdr_codegen::source::Span;

use super::mutant::{Mutants, Scope};

/// The name that a renamed capture gets: no wire has it.
const RENAMED: &str = "renamed";

/// Gives a list of templates.
pub(super) type List = fn(&mut Module, [usize; 2]) -> Option<&mut Vec<Template>>;

/// Gives a list of messages.
type Messages = fn(&mut Catalogue) -> &mut Vec<Message>;

impl Mutants<'_> {
    /// The templates of a list; `list` gives it, by the numbers of `at`.
    pub(super) fn list(&mut self, templates: &[Template], scope: Scope, list: List, at: [usize; 2]) {
        for (number, template) in templates.iter().enumerate() {
            let what = "drops the template".to_owned();
            self.add("drop-template", template.span, scope, what, move |module| {
                if let Some(list) = list(module, at) {
                    list.remove(number);
                }
            });
            for (index, (slot, _)) in template.set.iter().enumerate() {
                let what = format!("drops the constant `{}` of the template", self.field(*slot));
                self.add("drop-constant", template.span, scope, what, move |module| {
                    if let Some(one) = list(module, at).and_then(|list| list.get_mut(number)) {
                        one.set.remove(index);
                    }
                });
            }
            self.ops(&template.ops, template.span, scope, move |module| {
                Some(&mut list(module, at)?.get_mut(number)?.ops)
            });
        }
    }

    /// The ops of a template or part.
    pub(super) fn ops(
        &mut self,
        ops: &[Op],
        span: Span,
        scope: Scope,
        get: impl Fn(&mut Module) -> Option<&mut Vec<Op>> + Copy + Send + Sync + 'static,
    ) {
        let mut optional = 0;
        for (index, op) in ops.iter().enumerate() {
            if let Some(target) = target(op) {
                self.capture(ops, index, target, span, scope, get);
            }
            match op {
                Op::Words(_, words) => {
                    for (word, text) in words.iter().enumerate() {
                        let place = self.within(span, text, 0);
                        self.add(
                            "drop-word",
                            place,
                            scope,
                            format!("drops the word `{text}`"),
                            move |module| {
                                if let Some(Op::Words(_, words)) =
                                    get(module).and_then(|ops| ops.get_mut(index))
                                {
                                    words.remove(word);
                                }
                            },
                        );
                    }
                }
                Op::Split(around, ..) => {
                    let place = self.within(span, "{?", optional);
                    optional += usize::from(self.files.slice(place) == "{?");
                    let blank = is_blank(ops, index, usize::from(*around));
                    for (what, to) in [("never takes", *around), ("always takes", small(index + 1))] {
                        let operator = if to == *around { "drop-piece" } else { "require-piece" };
                        self.add(
                            operator,
                            place,
                            scope,
                            format!("{what} an optional piece"),
                            move |module| {
                                if let Some(op) = get(module).and_then(|ops| ops.get_mut(index)) {
                                    *op = Op::Jump(to);
                                }
                            },
                        );
                        let why = (blank && to == *around)
                            .then_some("blanks in front of open text are left out of it");
                        self.equivalent(why);
                    }
                }
                _ => {}
            }
        }
    }

    fn capture(
        &mut self,
        ops: &[Op],
        index: usize,
        to: &Target,
        span: Span,
        scope: Scope,
        get: impl Fn(&mut Module) -> Option<&mut Vec<Op>> + Copy + Send + Sync + 'static,
    ) {
        let (name, written) = match &to.to {
            To::Nothing => return,
            To::Field(slot) => (self.field(*slot), format!("{{{}", self.field(*slot))),
            To::Extra(name) => (name.clone(), format!("{{_{name}")),
        };
        let before = ops.iter().take(index).filter_map(target).filter(|other| other.to == to.to).count();
        let place = self.within(span, &written, before);
        self.add("rename-capture", place, scope, format!("renames the capture `{name}`"), move |module| {
            let op = get(module).and_then(|ops| ops.get_mut(index));
            if let Some(target) = op.and_then(target_mut) {
                target.to = To::Extra(RENAMED.to_owned());
            }
        });
    }

    pub(super) fn catalogue(&mut self, written: &ast::CatalogueFile) {
        let Some(catalogue) = &self.module.catalogue else { return };
        let lists: [(Messages, List, &[Message], bool); 3] = [
            (
                |all| &mut all.messages,
                |module, [one, _]| templates(module, |all| &mut all.messages, one),
                &catalogue.messages,
                true,
            ),
            (
                |all| &mut all.prefixes,
                |module, [one, _]| templates(module, |all| &mut all.prefixes, one),
                &catalogue.prefixes,
                false,
            ),
            (
                |all| &mut all.suffixes,
                |module, [one, _]| templates(module, |all| &mut all.suffixes, one),
                &catalogue.suffixes,
                false,
            ),
        ];
        for (get, list, messages, listed) in lists {
            for (index, message) in messages.iter().enumerate() {
                let scope = if listed { Scope::Message(index) } else { Scope::Families };
                self.message(message, scope, get, index, written);
                self.list(&message.templates, scope, list, [index, 0]);
            }
        }
        for (number, (part, (_, texts))) in catalogue.parts.iter().zip(written.parts.iter()).enumerate() {
            let span = texts.iter().map(|text| text.span).reduce(Span::to).unwrap_or_default();
            self.ops(part, span, Scope::Part(number), move |module| {
                module.catalogue.as_mut()?.parts.get_mut(number)
            });
        }
        if let Some(trailing) = &written.trailing {
            self.add(
                "drop-trailing",
                trailing.span,
                Scope::Whole,
                "allows nothing behind a text".to_owned(),
                |module| {
                    for message in module.catalogue.iter_mut().flat_map(|all| &mut all.messages) {
                        for template in &mut message.templates {
                            template.trailing.clear();
                        }
                    }
                },
            );
        }
    }

    fn message(
        &mut self,
        message: &Message,
        scope: Scope,
        get: Messages,
        index: usize,
        written: &ast::CatalogueFile,
    ) {
        let key = &message.key;
        let change = move |edit: fn(&mut Message)| {
            move |module: &mut Module| {
                if let Some(message) = module.catalogue.as_mut().and_then(|all| get(all).get_mut(index)) {
                    edit(message);
                }
            }
        };
        // Nothing names it any more and no text reads as its own, but the places of the others stay as they are.
        self.add(
            "drop-message",
            message.span,
            scope,
            format!("drops `{key}`"),
            change(|message| {
                message.key.push('\0');
                message.templates.clear();
                message.set.clear();
            }),
        );
        let set = written.messages.get(key).map(|message| &message.set);
        for (number, (slot, _)) in message.set.iter().enumerate() {
            let field = self.field(*slot);
            let place = set.and_then(|set| set.iter().find(|(name, _)| name.text == field));
            let place = place.map_or(message.span, |(name, _)| name.span);
            self.add(
                "drop-constant",
                place,
                scope,
                format!("drops the constant `{field}` of `{key}`"),
                move |module| {
                    if let Some(message) = module.catalogue.as_mut().and_then(|all| get(all).get_mut(index)) {
                        message.set.remove(number);
                    }
                },
            );
        }
        for (number, (token, span)) in message.required.iter().enumerate() {
            let what = format!("`{key}` does not require `{}`", token.name());
            self.add("drop-required", *span, scope, what, move |module| {
                if let Some(message) = module.catalogue.as_mut().and_then(|all| get(all).get_mut(index)) {
                    message.required.remove(number);
                }
            });
        }
        self.add(
            "swap-status",
            message.span,
            scope,
            format!("`{key}` has the other status"),
            change(|message| {
                message.partial = !message.partial;
            }),
        );
        if message.text != Text::Templates {
            self.add(
                "drop-read",
                message.span,
                scope,
                format!("`{key}` is read by its templates only"),
                change(|message| {
                    message.text = Text::Templates;
                }),
            );
        }
    }
}

fn templates(module: &mut Module, get: Messages, index: usize) -> Option<&mut Vec<Template>> {
    Some(&mut get(module.catalogue.as_mut()?).get_mut(index)?.templates)
}

/// Whether an optional piece is a blank, and open text follows it, captured by itself.
fn is_blank(ops: &[Op], split: usize, around: usize) -> bool {
    let piece = ops.get(split + 1..around).unwrap_or_default();
    let blank = matches!(piece, [Op::Literal(text) | Op::Lead(text)] if text == " ");
    blank && matches!(ops.get(around), Some(Op::Text(..) | Op::Last(..) | Op::Rest(_)))
}

fn target(op: &Op) -> Option<&Target> {
    match op {
        Op::Text(to, _)
        | Op::Last(to, _)
        | Op::Shape(to, _)
        | Op::Address(to)
        | Op::Words(to, _)
        | Op::Rest(to)
        | Op::Close(to) => Some(to),
        _ => None,
    }
}

fn target_mut(op: &mut Op) -> Option<&mut Target> {
    match op {
        Op::Text(to, _)
        | Op::Last(to, _)
        | Op::Shape(to, _)
        | Op::Address(to)
        | Op::Words(to, _)
        | Op::Rest(to)
        | Op::Close(to) => Some(to),
        _ => None,
    }
}

fn small(index: usize) -> u16 {
    u16::try_from(index).unwrap_or(u16::MAX)
}
