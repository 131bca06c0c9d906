//! The steps of `decode` from the last to the first: each writes what it would take off in front of the text of those behind it.

use xdr_codegen::ir::{Key, KeyTemplates, Module, Op, Slot, Step, Target, Template, To, longest_word};

use super::extension::Format;
use super::template::{Fill, Made, Piece, Writer, reads, targets as captures};
use super::value::Value;
use super::{columns, extension, header, object, pairs};

impl<'g> Writer<'_, 'g> {
    /// A text for these steps.
    pub(super) fn steps(&mut self, chain: &[&'g Step], write: &mut Body<'_, 'g>) -> Made<Piece> {
        let Some((step, rest)) = chain.split_first() else {
            return Ok(Piece::default());
        };
        let site = format!("{}step {} from the end", self.forms, chain.len());
        match step {
            Step::Syslog(parts) => {
                let outer = std::mem::replace(&mut self.headed, true);
                let inner = if rest.is_empty() { Ok(self.open_end()) } else { self.steps(rest, write) };
                self.headed = outer;
                let inner = inner?;
                header::write(self, &site, parts, inner)
            }
            Step::Template(templates) => self.template_step(&site, templates, rest, write),
            Step::KeyValue(pairs) => {
                let inner = self.steps(rest, write)?;
                pairs::key_value(self, pairs, inner)
            }
            Step::Cef(extension) => {
                let inner = self.steps(rest, write)?;
                extension::write(self, Format::Cef, extension, inner)
            }
            Step::Leef(extension) => {
                let inner = self.steps(rest, write)?;
                extension::write(self, Format::Leef, extension, inner)
            }
            Step::Csv(form) => {
                let inner = self.steps(rest, write)?;
                columns::write(self, form, inner)
            }
            Step::Json(json) => {
                let inner = self.steps(rest, write)?;
                object::write(self, json, inner)
            }
            Step::OneOf(forms) => self.one_of(&site, forms, rest, write),
            Step::Catalogue(slots, keyless) => {
                self.lookup = Some((slots, *keyless));
                let body = write(self)?;
                let behind = self.steps(rest, write)?;
                if !behind.text.is_empty() {
                    return Err(
                        "a step behind the catalogue needs a text, and the catalogue leaves none".to_owned()
                    );
                }
                Ok(body)
            }
        }
    }

    /// What no step reads.
    fn open_end(&mut self) -> Piece {
        let text = super::value::text(self.choose).text;
        Piece { left: Some(text.clone()), text, fills: Vec::new() }
    }

    fn template_step(
        &mut self,
        site: &str,
        templates: &'g [Template],
        rest: &[&'g Step],
        write: &mut Body<'_, 'g>,
    ) -> Made<Piece> {
        let reading = templates.iter().any(reads);
        if reading {
            self.hints.push(templates);
        }
        let inner = self.steps(rest, write);
        if reading {
            self.hints.pop();
        }
        let inner = inner?;
        if !reading {
            let (_, text, captured) = self.by_one_of(site, templates, &inner.text)?;
            let named = captured.iter().any(|(target, _)| target.hand && target.to != To::Nothing);
            let mut fills = Self::fills(captured);
            fills.extend(inner.fills);
            return Ok(Piece { text, fills, left: inner.left.filter(|_| !named) });
        }
        // The text in hand is what the template reads: which one, and with which values, is found by reading it.
        let (_, captures) =
            self.first(templates, &inner.text)?.ok_or("no template of a step reads the text")?;
        let handed = captures.iter().find(|(target, _)| target.hand).map(|(_, text)| text.as_str());
        if handed != Some(inner.text.as_str()) {
            return Err("a step hands on less than the text it reads".to_owned());
        }
        let named = captures.iter().any(|(target, _)| target.hand && target.to != To::Nothing);
        let values = captures.into_iter().map(|(target, text)| (target, Value::text(text)));
        let mut fills = Self::fills(values.collect());
        fills.extend(inner.fills);
        Ok(Piece { text: inner.text, fills, left: inner.left.filter(|_| !named) })
    }

    fn one_of(
        &mut self,
        site: &str,
        forms: &'g [(String, Vec<Step>)],
        rest: &[&'g Step],
        write: &mut Body<'_, 'g>,
    ) -> Made<Piece> {
        let index = self.choose.choose(&format!("{site}, forms"), forms.len());
        let (form, steps) = forms.get(index).ok_or("there is no form")?;
        let chain: Vec<&Step> = steps.iter().chain(rest.iter().copied()).collect();
        let outer = self.forms.clone();
        self.forms = format!("{outer}form {form}, ");
        let piece = self.steps(&chain, write);
        self.forms = outer;
        let piece = piece?;
        for (name, steps) in forms.iter().take(index) {
            if self.takes(steps, &piece.text)? {
                return Err(format!("the form `{name}` takes its text"));
            }
        }
        Ok(piece)
    }

    /// Whether steps would take a text. What cannot be told is taken for a no; then the record's event tells.
    fn takes(&self, steps: &'g [Step], text: &str) -> Made<bool> {
        let whole = text;
        let mut text = Some(whole.to_owned());
        let mut lost = false;
        for step in steps {
            match step {
                Step::Syslog(_) => (text, lost) = (None, true),
                Step::Template(templates) => {
                    let Some(known) = &text else {
                        // Behind a header nobody looked at, but a word that every text of a template holds must stand somewhere.
                        if templates.iter().any(|template| whole.contains(longest_word(&template.ops))) {
                            continue;
                        }
                        return Ok(false);
                    };
                    match self.first(templates, known)? {
                        None => return Ok(false),
                        Some((_, captures)) => {
                            text = captures.into_iter().find(|(target, _)| target.hand).map(|(_, text)| text);
                        }
                    }
                }
                Step::KeyValue(pairs) => {
                    let Some(known) = &text else { return Ok(false) };
                    let begins =
                        |key: &String| known.starts_with(&format!("{key}{}", char::from(pairs.assign)));
                    return Ok(match &pairs.first {
                        Some(first) => begins(first),
                        None => pairs.keys.iter().any(|key| begins(&key.name)),
                    });
                }
                Step::Cef(_) => {
                    return Ok(extension::stands(Format::Cef, text.as_deref().unwrap_or(whole)));
                }
                Step::Leef(_) => {
                    return Ok(extension::stands(Format::Leef, text.as_deref().unwrap_or(whole)));
                }
                Step::Csv(form) => {
                    return text.map_or(Ok(false), |text| columns::stand(self, form, &text));
                }
                Step::Json(_) => return Ok(text.is_some_and(|text| text.starts_with('{'))),
                Step::Catalogue(..) => return Ok(text.is_some()),
                Step::OneOf(_) => return Ok(false),
            }
        }
        Ok(!lost)
    }

    /// A text for a message whose text may be any: now and then one that a step reads on its way.
    pub(super) fn free(&mut self) -> Made<String> {
        let hints = self.hints.clone();
        let hint =
            if hints.is_empty() || self.choose.once_in(2) { None } else { self.choose.pick(&hints).copied() };
        let Some(templates) = hint else {
            return Ok(super::value::text(self.choose).text);
        };
        // Those that read more than everything.
        let index = self.choose.choose("texts that a step reads", templates.len());
        let template = templates.get(index..=index).unwrap_or_default();
        let open = |op: &Op| matches!(op, Op::Literal(_) | Op::Lead(_));
        if !template.iter().any(|template| template.ops.iter().any(open)) {
            return Ok(super::value::text(self.choose).text);
        }
        // The group that is handed on is the text itself.
        let (_, text, _) = self.by_one_of("texts that a step reads, one", template, "")?;
        Ok(text)
    }
}

/// Writes the text of the record's message.
pub(super) type Body<'b, 'g> = dyn FnMut(&mut Writer<'_, 'g>) -> Made<Piece> + 'b;

/// Adds what is filled in front.
pub(super) fn in_front(mut fills: Vec<Fill>, piece: Piece, text: String) -> Piece {
    fills.extend(piece.fills);
    Piece { text, fills, left: piece.left }
}

/// The fields that keep a text that is handed on.
pub(super) fn handed(module: &Module) -> Vec<Slot> {
    let catalogue = module.catalogue.iter();
    let messages = catalogue.flat_map(|all| all.messages.iter().chain(&all.prefixes).chain(&all.suffixes));
    let mut slots = of_templates(messages.flat_map(|message| &message.templates));
    handed_by(&module.steps, &mut slots);
    slots
}

fn handed_by(steps: &[Step], slots: &mut Vec<Slot>) {
    for step in steps {
        let keys: &[Key] = match step {
            Step::KeyValue(pairs) => &pairs.keys,
            Step::Cef(form) | Step::Leef(form) => &form.keys,
            Step::Csv(form) => &form.columns,
            _ => &[],
        };
        for key in keys {
            match &key.value {
                KeyTemplates::Whole(target) => slots.extend(kept(target)),
                KeyTemplates::Templates(templates) => slots.extend(of_templates(templates)),
            }
        }
        match step {
            Step::Template(templates) => slots.extend(of_templates(templates)),
            Step::Json(json) => slots.extend(json.hand),
            Step::OneOf(forms) => forms.iter().for_each(|(_, steps)| handed_by(steps, slots)),
            _ => {}
        }
    }
}

fn of_templates<'t>(templates: impl IntoIterator<Item = &'t Template>) -> Vec<Slot> {
    templates.into_iter().flat_map(|template| captures(&template.ops)).filter_map(kept).collect()
}

/// The field of a target that hands on.
fn kept(target: &Target) -> Option<Slot> {
    match target.to {
        To::Field(slot) if target.hand => Some(slot),
        _ => None,
    }
}
