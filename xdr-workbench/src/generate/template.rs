//! Templates written backwards: a value for each capture, a choice at each fork.

use std::collections::BTreeMap;

use xdr_codegen::ir::{Keyless, Module, Op, Slot, Target, Template, To};
use xdr_model::pattern::{ByteSet, Run as Shape};

use super::Run;
use super::random::Chooser;
use super::reading;
use super::value::{self, HOSTS, Makers, Value};

/// What a part of a record fills, in the order in which it is read.
#[derive(Clone, Debug)]
pub(super) enum Fill {
    /// A field, unless it is filled already.
    Field(Slot, Value),
    /// A field, by this key; if it is filled already with another text, what no row reads, under the key's name.
    Key(Slot, String, Value),
    /// One more value of a field.
    Further(Slot, Value),
    /// A field that no row reads.
    Extra(String, Value),
    /// A field takes the value of the first of others that has one.
    Prefer(Slot, Vec<Slot>),
    /// A constant of the catalogue.
    Constant(Slot, String),
}

/// A text, and what reading it fills.
#[derive(Clone, Debug, Default)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) fills: Vec<Fill>,
    /// The text in hand that no step reads and no field keeps.
    pub(super) left: Option<String>,
}

/// What is wanted of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// This text.
    Text(String),
    /// Any value.
    Present,
    /// None.
    Absent,
}

/// A captured value and where it goes.
pub(super) type Captured<'m> = (&'m Target, Value);

/// Writes one record.
pub(super) struct Writer<'w, 'g> {
    pub(super) module: &'g Module,
    pub(super) makers: &'w Makers,
    pub(super) choose: &'w mut Chooser,
    pub(super) run: &'w Run,
    /// Fields whose text is decided: those that name the message.
    pub(super) preset: BTreeMap<Slot, String>,
    /// The fields that name the message in the form that is written, and what becomes of a record without them.
    pub(super) lookup: Option<(&'g [Slot], Keyless)>,
    /// What is wanted of fields, so that a certain row has its say.
    pub(super) wishes: BTreeMap<Slot, Wish>,
    /// The forms that the steps at hand are those of, for the names of sites.
    pub(super) forms: String,
    /// Whether a syslog header stands in front of what is written.
    pub(super) headed: bool,
    /// Templates that read a text and hand all of it on: texts that nothing else reads are written by them.
    pub(super) hints: Vec<&'g [Template]>,
}

/// What an op writes is the record's fault if it cannot be read back; the words say which.
pub(super) type Made<T> = Result<T, String>;

/// Whether the template captures the whole text that it hands on, so that the text in hand is not written by it.
pub(super) fn reads(template: &Template) -> bool {
    template.ops.iter().any(|op| matches!(op, Op::Close(target) if target.hand))
}

impl<'g> Writer<'_, 'g> {
    fn parts(&self) -> &'g [Vec<Op>] {
        self.module.catalogue.as_ref().map_or(&[], |catalogue| &catalogue.parts)
    }

    /// The first template that reads a text, and its captures.
    pub(super) fn first(
        &self,
        templates: &'g [Template],
        text: &str,
    ) -> Made<Option<(usize, Vec<reading::Capture<'g>>)>> {
        reading::first(templates, self.parts(), text)
    }

    /// Writes a text by one of several templates; `inner` is the text to hand on.
    pub(super) fn by_one_of(
        &mut self,
        site: &str,
        templates: &'g [Template],
        inner: &str,
    ) -> Made<(usize, String, Vec<Captured<'g>>)> {
        let fills = |index| {
            let template: Option<&Template> = templates.get(index);
            template.is_some_and(|template| targets(&template.ops).any(|target| self.is_unwanted(&target.to)))
        };
        let spared: Vec<bool> = (0..templates.len()).map(|index| !fills(index)).collect();
        let suits = |index| spared.get(index).copied().unwrap_or_default();
        let index = self.choose.choose_of(site, templates.len(), suits);
        self.written_by(site, templates, index, inner)
    }

    /// Whether a capture would fill a field that is wanted to have no value.
    pub(super) fn is_unwanted(&self, to: &To) -> bool {
        matches!(to, To::Field(slot) if self.wishes.get(slot) == Some(&Wish::Absent))
    }

    /// Writes a text by the template of this number, which must be the one that reads it.
    pub(super) fn written_by(
        &mut self,
        site: &str,
        templates: &'g [Template],
        index: usize,
        inner: &str,
    ) -> Made<(usize, String, Vec<Captured<'g>>)> {
        let template = templates.get(index).ok_or("there is no template")?;
        let mut text = String::new();
        let mut captured = Vec::new();
        self.ops(site, index, template, &template.ops, inner, &mut text, &mut captured)?;
        if !inner.is_empty() && !captured.iter().any(|(target, value)| target.hand && value.text == inner) {
            return Err("the text behind it has no place in the template".to_owned());
        }
        if !template.trailing.is_empty() && self.choose.once_in(6) {
            text.extend(template.trailing.chars().next());
        }
        let Some((first, read)) = self.first(templates, &text)? else {
            return Err("its text does not read back by any template".to_owned());
        };
        if first != index {
            return Err(format!("its text is read by template {} of the list", first + 1));
        }
        let same = read.len() == captured.len()
            && read
                .iter()
                .zip(&captured)
                .all(|((to, text), (target, value))| to == target && *text == value.text);
        if same {
            Ok((index, text, captured))
        } else {
            Err("its text reads back with other values".to_owned())
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the state of one walk, which recurses for parts")]
    fn ops(
        &mut self,
        site: &str,
        number: usize,
        template: &'g Template,
        ops: &'g [Op],
        inner: &str,
        text: &mut String,
        captured: &mut Vec<Captured<'g>>,
    ) -> Made<()> {
        let mut opened = Vec::new();
        // The shape right in front and what was written of it: a text behind it must not go on with it.
        let mut shape: Option<(&[_], String)> = None;
        let mut pc = 0;
        while let Some(op) = ops.get(pc) {
            let at = pc;
            let in_front = shape.take();
            pc += 1;
            match op {
                Op::Literal(literal) | Op::Lead(literal) => self.literal(literal, text),
                Op::Text(target, _) | Op::Last(target, _) | Op::Rest(target) if target.hand => {
                    captured.push((target, Value::text(inner)));
                    text.push_str(inner);
                }
                Op::Text(target, _) | Op::Last(target, _) | Op::Rest(target) => {
                    let trailing = &template.trailing;
                    let goes_on = |text: &str| {
                        in_front.as_ref().is_some_and(|(runs, shape)| {
                            reading::shape(&format!("{shape}{text}"), runs) != Some(shape.len())
                        })
                    };
                    let fits = |text: &str| {
                        text.trim() == text && !text.ends_with(|c| trailing.contains(c)) && !goes_on(text)
                    };
                    self.capture(target, fits, |choose| value::text(choose).text, text, captured)?;
                }
                Op::Shape(target, runs) => {
                    let fits =
                        |text: &str| reading::shape(text, runs) == Some(text.len()) && text.trim() == text;
                    self.capture(target, fits, |choose| shaped(runs, choose), text, captured)?;
                    shape = captured.last().map(|(_, value)| (&**runs, value.text.clone()));
                }
                Op::Address(target) => {
                    let fits = |text: &str| text.parse::<std::net::IpAddr>().is_ok();
                    self.capture(target, fits, value::ipv4, text, captured)?;
                }
                Op::Words(target, words) => {
                    let word =
                        self.choose.choose(&format!("{site}, template {} op {at}", number + 1), words.len());
                    let word = words.get(word).map_or("", String::as_str);
                    self.capture(target, |text| text == word, |_| word.to_owned(), text, captured)?;
                }
                Op::Open => {
                    let close = closing(ops, at);
                    if let Some((close, known)) =
                        close.and_then(|close| Some((close, self.take_preset(ops.get(close)?)?)))
                    {
                        let inside = ops.get(at + 1..close).unwrap_or_default();
                        let read = reading::ops(inside, self.parts(), &known, "")?;
                        let read = read.ok_or_else(|| format!("`{known}` cannot be written here"))?;
                        captured.extend(read.into_iter().map(|(target, text)| (target, Value::text(text))));
                        text.push_str(&known);
                        if let Some(Op::Close(target)) = ops.get(close) {
                            captured.push((target, Value::text(known)));
                        }
                        pc = close + 1;
                    } else {
                        opened.push(text.len());
                    }
                }
                Op::Close(target) => {
                    let from = opened.pop().unwrap_or_default();
                    let inside = text.get(from..).unwrap_or_default().trim_start_matches(' ');
                    // A group around a single capture has its value.
                    let same = captured.last().filter(|(_, value)| value.text == inside);
                    let value = same.map_or_else(|| Value::text(inside), |(_, value)| value.clone());
                    captured.push((target, value));
                }
                Op::Split(other, ..) => {
                    if self.choose.choose(&format!("{site}, template {} op {at}", number + 1), 2) == 1 {
                        pc = usize::from(*other);
                    }
                }
                Op::Jump(to) => pc = usize::from(*to),
                Op::Part(part) => {
                    let part_ops = self.parts().get(*part).map_or(&[][..], Vec::as_slice);
                    let site = format!("part {}", part + 1);
                    self.ops(&site, 0, template, part_ops, "", text, captured)?;
                }
            }
        }
        Ok(())
    }

    fn literal(&mut self, literal: &str, text: &mut String) {
        if literal.contains(' ') && self.choose.once_in(24) {
            text.push_str(&literal.replacen(' ', "  ", 1));
        } else {
            text.push_str(literal);
        }
    }

    /// Takes the text that is decided for a field.
    fn take_preset(&mut self, op: &Op) -> Option<String> {
        match op {
            Op::Close(Target { to: To::Field(slot), .. }) => self.preset.remove(slot),
            _ => None,
        }
    }

    fn capture(
        &mut self,
        target: &'g Target,
        fits: impl Fn(&str) -> bool,
        fallback: impl Fn(&mut Chooser) -> String,
        text: &mut String,
        captured: &mut Vec<Captured<'g>>,
    ) -> Made<()> {
        let value = self.value(&target.to, fits, fallback)?;
        text.push_str(&value.text);
        captured.push((target, value));
        Ok(())
    }

    /// A value that suits its place.
    pub(super) fn value(
        &mut self,
        to: &To,
        fits: impl Fn(&str) -> bool,
        fallback: impl Fn(&mut Chooser) -> String,
    ) -> Made<Value> {
        let slot = match to {
            To::Field(slot) => Some(*slot),
            To::Nothing | To::Extra(_) => None,
        };
        if let Some(known) = slot.and_then(|slot| self.preset.remove(&slot)) {
            return if fits(&known) {
                Ok(Value::text(known))
            } else {
                Err(format!("`{known}` cannot be written here"))
            };
        }
        if let Some(Wish::Text(wanted)) = slot.and_then(|slot| self.wishes.get(&slot))
            && fits(wanted)
        {
            return Ok(Value::text(wanted.clone()));
        }
        for _ in 0..8 {
            let mark = self.choose.mark();
            let value = self.makers.value(slot, self.choose, self.run);
            if fits(&value.text) {
                return Ok(value);
            }
            self.choose.forget(mark);
        }
        let text = fallback(self.choose);
        if fits(&text) {
            Ok(Value::text(text))
        } else {
            Err("no text was found that suits a capture".to_owned())
        }
    }

    /// What captured values fill.
    pub(super) fn fills(captured: Vec<Captured<'_>>) -> Vec<Fill> {
        captured.into_iter().filter_map(|(target, value)| fill(&target.to, value)).collect()
    }
}

/// What a value fills, if anything.
pub(super) fn fill(to: &To, value: Value) -> Option<Fill> {
    match to {
        To::Nothing => None,
        To::Field(slot) => Some(Fill::Field(*slot, value)),
        To::Extra(name) => Some(Fill::Extra(name.clone(), value)),
    }
}

/// Whether a template hands a text on.
pub(super) fn hands_on(template: &Template) -> bool {
    template.ops.iter().any(hands)
}

/// The targets of captures.
pub(super) fn targets(ops: &[Op]) -> impl Iterator<Item = &Target> {
    ops.iter().filter_map(|op| match op {
        Op::Text(target, _)
        | Op::Last(target, _)
        | Op::Rest(target)
        | Op::Shape(target, _)
        | Op::Address(target)
        | Op::Words(target, _)
        | Op::Close(target) => Some(target),
        _ => None,
    })
}

/// Whether an op hands a text on.
fn hands(op: &Op) -> bool {
    targets(std::slice::from_ref(op)).any(|target| target.hand)
}

/// The op that closes the group which opens at an op.
fn closing(ops: &[Op], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (index, op) in ops.iter().enumerate().skip(open) {
        match op {
            Op::Open => depth += 1,
            Op::Close(_) if depth == 1 => return Some(index),
            Op::Close(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// A text of runs of characters, mostly letters and digits.
fn shaped(runs: &[Shape], choose: &mut Chooser) -> String {
    let mut text = String::new();
    for run in runs {
        let fixed = run.min == run.max;
        let most = run.max.min(run.min.saturating_add(5)).max(run.min);
        let count = if fixed { i64::from(run.min) } else { choose.within(run.min.into(), most.into()) };
        if run.set == ByteSet::WORD && choose.once_in(3) {
            let host = choose.word(&HOSTS);
            text.push_str(host);
            continue;
        }
        let usual: Vec<char> =
            ('0'..='9').chain('a'..='z').chain('A'..='Z').filter(|c| has(run.set, *c)).collect();
        let others: Vec<char> = ('!'..='~').chain([' ']).filter(|c| has(run.set, *c)).collect();
        let from = if usual.is_empty() || choose.once_in(12) { &others } else { &usual };
        for _ in 0..count {
            text.extend(choose.pick(from));
        }
    }
    text
}

fn has(set: ByteSet, c: char) -> bool {
    u8::try_from(c).is_ok_and(|byte| set.has(byte))
}
