//! Texts for the rows of templates, written from the templates: the same for the same catalogue, and short to read.
//!
//! A text holds each capture's field by its name, or a number or an address where the field's rows want one; no two captures of a text are the same, so
//! a capture that goes to a wrong token is seen.

use std::fmt::Write as _;

use xdr_codegen::ir::{Catalogue, How, Input, Message, Module, Op, Slot, Target, Template, To};
use xdr_model::Kind;
use xdr_model::pattern::{ByteSet, Run};

use crate::generate::reading;

/// At most so many texts are written from a template.
const MOST: usize = 12;

/// What a field's first reader wants.
#[derive(Clone, Debug)]
enum Wanted {
    /// Any text.
    Text,
    Ipv4,
    Ipv6,
    Number,
    Port,
    Duration,
    /// One of these.
    Exact(Vec<String>),
}

/// How open texts are written; the first way that reads back counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    /// As the field is called.
    Name,
    /// The same in one word.
    Word,
    /// As short as can be.
    Short,
}

/// Writes the texts of a source's templates.
pub(super) struct Writer<'m> {
    module: &'m Module,
    catalogue: &'m Catalogue,
    wanted: Vec<Wanted>,
}

/// A text that is being written.
struct Draft {
    variant: usize,
    style: Style,
    text: String,
    captures: usize,
    splits: usize,
}

impl<'m> Writer<'m> {
    pub(super) fn new(module: &'m Module, catalogue: &'m Catalogue) -> Self {
        let slots = 0..u16::try_from(module.fields.len()).unwrap_or(u16::MAX);
        Self { module, catalogue, wanted: slots.map(|slot| wanted(module, slot)).collect() }
    }

    /// The texts of a message: of each template one with all that is optional, one without, and one for each word of a list of words.
    pub(super) fn texts(&self, message: &Message) -> Vec<String> {
        let mut texts: Vec<String> = Vec::new();
        for (index, template) in message.templates.iter().enumerate() {
            for variant in 0..self.variants(&template.ops) {
                let styles = [Style::Name, Style::Word, Style::Short];
                let reads_back = |text: &String| {
                    let found = reading::first(&message.templates, &self.catalogue.parts, text);
                    matches!(found, Ok(Some((found, _))) if found == index)
                };
                let mut drafts = styles.into_iter().map(|style| self.write(template, variant, style));
                let text = drafts.clone().find(reads_back).or_else(|| drafts.next()).unwrap_or_default();
                if !texts.contains(&text) {
                    texts.push(text);
                }
            }
        }
        texts
    }

    fn part(&self, number: usize) -> &'m [Op] {
        self.catalogue.parts.get(number).map_or(&[], Vec::as_slice)
    }

    /// How many texts show all of a template.
    fn variants(&self, ops: &[Op]) -> usize {
        let of = |op: &Op| match op {
            Op::Words(_, words) => words.len(),
            Op::Split(..) => 2,
            Op::Part(number) => self.variants(self.part(*number)),
            _ => 1,
        };
        ops.iter().map(of).max().unwrap_or(1).clamp(1, MOST)
    }

    fn write(&self, template: &Template, variant: usize, style: Style) -> String {
        let mut draft = Draft { variant, style, text: String::new(), captures: 0, splits: 0 };
        self.ops(&template.ops, &mut draft);
        draft.text
    }

    fn ops(&self, ops: &[Op], draft: &mut Draft) {
        let mut pc = 0;
        while let Some(op) = ops.get(pc) {
            pc += 1;
            match op {
                Op::Literal(text) | Op::Lead(text) => draft.text.push_str(text),
                Op::Text(to, _) | Op::Last(to, _) | Op::Rest(to) => self.capture(to, draft, |_| true),
                Op::Shape(to, runs) => {
                    self.capture(to, draft, |text| reading::shape(text, runs) == Some(text.len()));
                    // Nothing was written that fits: the shape says what does.
                    if draft.text.ends_with('\0') {
                        draft.text.pop();
                        draft.text.push_str(&shaped(runs, draft.captures));
                    }
                }
                Op::Address(_) => {
                    draft.captures += 1;
                    let _ = write!(draft.text, "192.0.2.{}", draft.captures);
                }
                Op::Words(_, words) => {
                    draft.captures += 1;
                    let word = draft.variant.checked_rem(words.len()).and_then(|at| words.get(at));
                    draft.text.push_str(word.map_or("", String::as_str));
                }
                Op::Open | Op::Close(_) => {}
                Op::Split(other, ..) => {
                    draft.splits += 1;
                    let around = match draft.variant {
                        0 => false,
                        1 => true,
                        variant => (variant + draft.splits).is_multiple_of(2),
                    };
                    if around {
                        pc = usize::from(*other);
                    }
                }
                Op::Jump(to) => pc = usize::from(*to),
                Op::Part(number) => self.ops(self.part(*number), draft),
            }
        }
    }

    /// Writes a text for a capture that fits; a NUL if none does.
    fn capture(&self, to: &Target, draft: &mut Draft, fits: impl Fn(&str) -> bool) {
        draft.captures += 1;
        let number = draft.captures;
        let name = match &to.to {
            To::Field(slot) => self.module.fields.get(usize::from(*slot)).map_or("", String::as_str),
            To::Extra(name) => name.as_str(),
            To::Nothing => "text",
        };
        let open = match draft.style {
            Style::Name => name.to_owned(),
            Style::Word => word(name),
            Style::Short => format!("x{number}"),
        };
        let wanted = match &to.to {
            To::Field(slot) => self.wanted.get(usize::from(*slot)).unwrap_or(&Wanted::Text),
            To::Extra(_) | To::Nothing => &Wanted::Text,
        };
        let exact = match wanted {
            Wanted::Text => open.clone(),
            Wanted::Ipv4 => format!("192.0.2.{number}"),
            Wanted::Ipv6 => format!("2001:db8::{number}"),
            Wanted::Number => format!("{}", 100 + number),
            Wanted::Port => format!("{}", 50000 + number),
            Wanted::Duration => format!("00:00:{number:02}"),
            Wanted::Exact(texts) => {
                let text = draft.variant.checked_rem(texts.len()).and_then(|at| texts.get(at));
                text.cloned().unwrap_or_default()
            }
        };
        // Where a template tells the versions of addresses apart, the other one fits.
        let other = match wanted {
            Wanted::Ipv4 => format!("2001:db8::{number}"),
            _ => exact.clone(),
        };
        let choices = [exact, other, open, number.to_string(), word(name)];
        match choices.iter().find(|text| fits(text)) {
            Some(text) => draft.text.push_str(text),
            None => draft.text.push('\0'),
        }
    }
}

/// A name as one word.
fn word(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

/// What the first row wants that reads a field.
fn wanted(module: &Module, slot: Slot) -> Wanted {
    let readers =
        module.plans.iter().flat_map(|plan| plan.candidates.iter().map(move |one| (plan.token, one)));
    for (token, one) in readers {
        let Input::Field(of, how) = &one.input else { continue };
        if *of != slot {
            continue;
        }
        let sample = || {
            let sample = module.rows.get(one.row).map(|row| row.sample.clone());
            Wanted::Exact(sample.into_iter().collect())
        };
        return match how {
            How::Refused(_) | How::SocketRefused(_) | How::SocketPort => continue,
            How::Values(map) => {
                let cases = module.values.get(*map).map_or(&[][..], |map| &map.cases);
                Wanted::Exact(cases.iter().map(|(from, _)| from.clone()).collect())
            }
            How::Time(_) | How::PriSeverity(_) => sample(),
            How::Kind(_) | How::Socket(_) | How::Addresses(..) => match token.kind() {
                Kind::Ipv4 | Kind::Ip => Wanted::Ipv4,
                Kind::Ipv6 => Wanted::Ipv6,
                Kind::Port => Wanted::Port,
                Kind::Integer => Wanted::Number,
                Kind::Duration => Wanted::Duration,
                Kind::String | Kind::StringList => Wanted::Text,
                _ if matches!(how, How::Addresses(..)) => Wanted::Ipv4,
                _ => sample(),
            },
            How::Text | How::BaseName | How::DirName | How::Phrase(..) | How::List(_) => Wanted::Text,
        };
    }
    Wanted::Text
}

/// A text of runs of characters, as short as can be.
fn shaped(runs: &[Run], number: usize) -> String {
    let digit = char::from_digit(u32::try_from(number % 10).unwrap_or_default(), 10).unwrap_or('0');
    let mut text = String::new();
    for run in runs {
        let usual = [digit].into_iter().chain('0'..='9').chain('a'..='z').chain('A'..='Z');
        let found = usual.chain(' '..='~').find(|c| has(run.set, *c));
        text.extend(std::iter::repeat_n(found.unwrap_or('é'), usize::from(run.min)));
    }
    text
}

fn has(set: ByteSet, c: char) -> bool {
    u8::try_from(c).is_ok_and(|byte| set.has(byte))
}
