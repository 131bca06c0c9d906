//! JSON records written backwards: members in any order, strings with escapes, one path of several, arrays whose elements speak.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use xdr_codegen::ir::{Choose, Json, Node, Slot};

use super::template::{Fill, Made, Piece, Wish, Writer};
use super::value::{Form, Value};

/// A JSON object; the text behind it is that of the field that is handed on.
pub(super) fn write<'g>(w: &mut Writer<'_, 'g>, json: &'g Json, inner: Piece) -> Made<Piece> {
    if json.hand.is_none() && !inner.text.is_empty() {
        return Err("no field hands a text on to the next step".to_owned());
    }
    if let Some(slot) = json.hand {
        w.preset.insert(slot, inner.text.clone());
    }
    let wanted = redirect(w, json);
    let density = *w.choose.pick(&[10, 3, 2]).unwrap_or(&3);
    let mut object = Object { density, fills: Vec::new(), wanted: &wanted, each: false };
    let members = object.members(w, &json.root)?;
    let mut fills = object.fills;
    let mut text = joined(w, &members);
    for (slot, others) in &json.prefer {
        fills.push(Fill::Prefer(*slot, others.clone()));
    }
    if !json.envelopes.is_empty() && w.choose.once_in(3) {
        let index = w.choose.choose("envelope", json.envelopes.len());
        let path = json.envelopes.get(index).map_or(&[][..], Vec::as_slice);
        for depth in (0..path.len()).rev() {
            let Some(key) = path.get(depth) else { continue };
            let mut members = vec![format!("{}:{text}", string(w, key))];
            if w.choose.once_in(3) {
                let known = depth.checked_sub(1).and_then(|above| path.get(above));
                let name = known.map_or_else(|| "x-outer".to_owned(), |known| format!("{known}.x-outer"));
                members.push(format!("{}:7", string(w, "x-outer")));
                fills.push(Fill::Extra(name, Value { form: Form::Number, ..Value::text("7") }));
            }
            text = joined(w, &members);
        }
    } else if json.envelopes.iter().any(|path| path.first().is_some_and(|key| holds(&text, key))) {
        return Err("its text would be taken for a wrapped one".to_owned());
    }
    let missing = w.preset.keys().find(|slot| wanted.contains(slot));
    if missing.is_some() {
        return Err("a field that names the message found no place".to_owned());
    }
    fills.extend(inner.fills);
    let named = json.hand.is_some();
    Ok(Piece { text, fills, left: inner.left.filter(|_| !named) })
}

/// Whether an object has this key, however it is written, or a text within it is as one.
fn holds(object: &str, key: &str) -> bool {
    let members: Result<serde_json::Map<String, serde_json::Value>, _> = serde_json::from_str(object);
    object.contains(&format!("\"{key}\"")) || members.is_ok_and(|members| members.contains_key(key))
}

/// Fields that must be there. One that stands at no path of its own is written at one of the paths it may come from.
fn redirect(w: &mut Writer<'_, '_>, json: &Json) -> BTreeSet<Slot> {
    let mut slots = BTreeSet::new();
    own(&json.root, &mut slots);
    let wanted: Vec<Slot> = w.preset.keys().copied().collect();
    let mut places = BTreeSet::new();
    for slot in wanted {
        let others =
            json.prefer.iter().find(|(of, _)| *of == slot).map_or(&[][..], |(_, others)| others.as_slice());
        let mut all: Vec<Slot> = others.to_vec();
        if slots.contains(&slot) {
            all.insert(0, slot);
        }
        // Mostly the first: one further behind counts only where those in front are absent.
        let index = if w.choose.once_in(3) { w.choose.below(all.len()) } else { 0 };
        if let (Some(place), Some(text)) = (all.get(index).copied(), w.preset.remove(&slot)) {
            w.preset.insert(place, text);
            places.insert(place);
        }
    }
    places
}

fn own(node: &Node, slots: &mut BTreeSet<Slot>) {
    slots.extend(node.slot);
    node.children.iter().for_each(|child| own(child, slots));
}

/// The object at hand.
struct Object<'o> {
    density: usize,
    fills: Vec<Fill>,
    wanted: &'o BTreeSet<Slot>,
    /// Whether this is one of several objects that all count.
    each: bool,
}

impl Object<'_> {
    /// The members that a node's children and a stranger make.
    fn members<'g>(&mut self, w: &mut Writer<'_, 'g>, node: &'g Node) -> Made<Vec<String>> {
        let mut children: Vec<&Node> = node.children.iter().collect();
        w.choose.shuffle(&mut children);
        let mut members = Vec::new();
        for child in children {
            if let Some(must) = self.wants(w, child) {
                let key = string(w, &child.key);
                let value = self.value(w, child, must)?;
                members.push(format!("{key}:{value}"));
            }
        }
        if w.choose.once_in(4) {
            let known = if node.path.is_empty() { String::new() } else { format!("{}.", node.path) };
            let (json, value) = stranger(w);
            members.push(format!("{}:{json}", string(w, "x-more")));
            self.fills.push(Fill::Extra(format!("{known}x-more"), value));
        }
        Ok(members)
    }

    /// Whether a path is to be written: nothing, or whether it has to be.
    fn wants(&self, w: &mut Writer<'_, '_>, child: &Node) -> Option<bool> {
        let mut slots = BTreeSet::new();
        own(child, &mut slots);
        let must = slots.iter().any(|slot| self.wanted.contains(slot) && w.preset.contains_key(slot));
        let wished = slots.iter().any(|slot| w.wishes.get(slot).is_some_and(|wish| *wish != Wish::Absent));
        let unwanted = child.slot.is_some_and(|slot| w.wishes.get(&slot) == Some(&Wish::Absent));
        let chosen =
            w.choose.once_in(self.density) && w.choose.choose(&format!("path {}", child.path), 2) == 0;
        (must || wished || (chosen && !unwanted)).then_some(must)
    }

    fn value<'g>(&mut self, w: &mut Writer<'_, 'g>, node: &'g Node, must: bool) -> Made<String> {
        let wished = node.slot.is_some_and(|slot| w.wishes.contains_key(&slot));
        let inside = !node.children.is_empty()
            && !wished
            && (node.slot.is_none() || (w.choose.choose(&format!("path {}, an object", node.path), 2) == 1));
        if inside && (!must || node.slot.is_none_or(|slot| !self.wanted.contains(&slot))) {
            return match node.choose {
                Choose::None => self.object(w, node),
                _ if w.choose.once_in(4) => self.object(w, node),
                _ => self.array(w, node),
            };
        }
        let Some(slot) = node.slot else { return self.object(w, node) };
        self.scalar(w, slot)
    }

    fn object<'g>(&mut self, w: &mut Writer<'_, 'g>, node: &'g Node) -> Made<String> {
        let members = self.members(w, node)?;
        Ok(joined(w, &members))
    }

    /// Several elements, of which one speaks, or all.
    fn array<'g>(&mut self, w: &mut Writer<'_, 'g>, node: &'g Node) -> Made<String> {
        if let Choose::By(key) = &node.choose {
            return self.named(w, node, key);
        }
        let count = 1 + w.choose.below(3);
        let mut elements = Vec::new();
        if node.choose == Choose::Each {
            let before = std::mem::replace(&mut self.each, true);
            for _ in 0..count {
                elements.push(self.object(w, node)?);
            }
            self.each = before;
            return Ok(format!("[{}]", elements.join(",")));
        }
        let speaks = if node.choose == Choose::First { 0 } else { w.choose.below(count) };
        for index in 0..count {
            if index == speaks {
                let mut text = self.object(w, node)?;
                if let Choose::Highest(key) = &node.choose {
                    text = self.highest(w, node, key, &text, count)?;
                }
                elements.push(text);
            } else {
                // One that does not speak: with a low number where the highest does, or with none.
                let low = match &node.choose {
                    Choose::Highest(key) => format!("{{\"{key}\":-5}}"),
                    _ => "{\"other\":1}".to_owned(),
                };
                self.fills.push(Fill::Extra(
                    node.path.clone(),
                    Value { form: Form::Object, ..Value::text(low.clone()) },
                ));
                elements.push(low);
            }
        }
        Ok(format!("[{}]", elements.join(",")))
    }

    /// Elements that the value of a key tells apart, and one that no path names.
    fn named<'g>(&mut self, w: &mut Writer<'_, 'g>, node: &'g Node, key: &str) -> Made<String> {
        let mut elements = Vec::new();
        for child in &node.children {
            let Some(must) = self.wants(w, child) else { continue };
            if child.children.is_empty() {
                // A whole element as a value has the text of its object, which nobody makes up here.
                if must {
                    return Err("an element as a whole is wanted".to_owned());
                }
                continue;
            }
            let text = self.object(w, child)?;
            let read: serde_json::Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
            if read.get(key).is_some() {
                return Err("the key that tells the elements apart has another value".to_owned());
            }
            let value = Value::text(child.key.clone());
            let leaf = child.children.iter().find(|leaf| leaf.key == key);
            match leaf.and_then(|leaf| leaf.slot) {
                Some(slot) => self.fills.push(Fill::Field(slot, value)),
                None => self.fills.push(Fill::Extra(format!("{}.{key}", child.path), value)),
            }
            let inside = text.trim().trim_start_matches('{').trim_start();
            let comma = if inside.starts_with('}') { "" } else { "," };
            elements.push(format!("{{{}:{}{comma}{inside}", string(w, key), string(w, &child.key)));
        }
        if elements.is_empty() || w.choose.once_in(3) {
            let other = format!("{{\"{key}\":\"other\"}}");
            let value = Value { form: Form::Object, ..Value::text(other.clone()) };
            self.fills.push(Fill::Extra(node.path.clone(), value));
            elements.push(other);
        }
        if w.choose.once_in(2) {
            w.choose.shuffle(&mut elements);
        }
        Ok(format!("[{}]", elements.join(",")))
    }

    /// Sees to it that the element has a number, as the others may have one.
    fn highest(
        &mut self,
        w: &mut Writer<'_, '_>,
        node: &Node,
        key: &str,
        text: &str,
        count: usize,
    ) -> Made<String> {
        let read: serde_json::Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let number = match read.get(key) {
            Some(serde_json::Value::Number(number)) => number.as_f64(),
            Some(serde_json::Value::String(text)) => text.parse().ok(),
            _ => None,
        };
        match number {
            Some(number) if number > -5.0 => Ok(text.to_owned()),
            _ if count == 1 => Ok(text.to_owned()),
            None if read.get(key).is_none() => {
                let number = w.choose.within(0, 10).to_string();
                let child = node.children.iter().find(|child| child.key == key);
                let value = Value { form: Form::Number, ..Value::text(number.clone()) };
                match child.and_then(|child| child.slot) {
                    Some(slot) => self.fills.push(Fill::Field(slot, value)),
                    None => self.fills.push(Fill::Extra(format!("{}.{key}", node.path), value)),
                }
                let inside = text.trim().trim_start_matches('{').trim_start();
                let comma = if inside.starts_with('}') { "" } else { "," };
                Ok(format!("{{\"{key}\":{number}{comma}{inside}"))
            }
            _ => Err("its number is not the highest".to_owned()),
        }
    }

    fn scalar(&mut self, w: &mut Writer<'_, '_>, slot: Slot) -> Made<String> {
        let to = xdr_codegen::ir::To::Field(slot);
        let preset = w.preset.contains_key(&slot);
        if !preset
            && !matches!(w.wishes.get(&slot), Some(Wish::Text(_)))
            && w.makers.takes_lists(slot)
            && w.choose.once_in(3)
        {
            return Ok(self.list(w, slot));
        }
        let wished = w.wishes.contains_key(&slot);
        if !preset && !wished && w.choose.once_in(16) {
            // `null` is no value, and nothing is empty text's.
            let (json, value) = match w.choose.below(4) {
                0 => ("null", None),
                1 => ("\"\"", Some(Value::text(""))),
                2 => ("[]", Some(Value { form: Form::Array(Some(Vec::new())), ..Value::text("[]") })),
                _ => ("{}", Some(Value { form: Form::Object, ..Value::text("{}") })),
            };
            if let Some(value) = value {
                self.fill(slot, value);
            }
            return Ok(json.to_owned());
        }
        let mut value = w.value(&to, |text| !text.contains('\n'), |_| "kim".to_owned())?;
        let json = match value.text.as_str() {
            "true" | "false" if w.choose.once_in(2) => {
                value.form = Form::Boolean;
                value.text.clone()
            }
            text if is_number(text) && w.choose.once_in(2) => {
                value.form = Form::Number;
                value.text.clone()
            }
            text => string(w, text),
        };
        self.fill(slot, value);
        Ok(json)
    }

    fn list(&mut self, w: &mut Writer<'_, '_>, slot: Slot) -> String {
        let count = 1 + w.choose.below(3);
        let members: Vec<String> =
            (0..count).map(|_| w.choose.word(&["access", "editor", "Büro \"7\"", ""]).to_owned()).collect();
        let texts: Vec<String> = members.iter().map(|member| string(w, member)).collect();
        let text = format!("[{}]", texts.join(","));
        let members = members.into_iter().filter(|member| !member.is_empty()).collect();
        self.fill(slot, Value { form: Form::Array(Some(members)), ..Value::text(text.clone()) });
        text
    }

    fn fill(&mut self, slot: Slot, value: Value) {
        self.fills.push(if self.each { Fill::Further(slot, value) } else { Fill::Field(slot, value) });
    }
}

/// A member that no path names.
fn stranger(w: &mut Writer<'_, '_>) -> (String, Value) {
    match w.choose.below(4) {
        0 => ("12".to_owned(), Value { form: Form::Number, ..Value::text("12") }),
        1 => ("true".to_owned(), Value { form: Form::Boolean, ..Value::text("true") }),
        2 => {
            let text = "{\"a\":[1,\"b\"]}";
            (text.to_owned(), Value { form: Form::Object, ..Value::text(text) })
        }
        _ => {
            let value = super::value::text(w.choose);
            (string(w, &value.text.clone()), value)
        }
    }
}

/// An object of members, with blanks between its tokens now and then.
fn joined(w: &mut Writer<'_, '_>, members: &[String]) -> String {
    if w.choose.once_in(4) {
        format!("{{ {} }}", members.join(" , "))
    } else {
        format!("{{{}}}", members.join(","))
    }
}

/// Whether a text is a number as JSON writes it, of a size that every reader holds.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let leads = digits.len() > 1 && digits.starts_with('0');
    !digits.is_empty()
        && digits.len() < 16
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !leads
        && text != "-0"
}

/// A JSON string, some of whose characters are escapes though they need not be.
fn string(w: &mut Writer<'_, '_>, text: &str) -> String {
    let rate = if w.choose.once_in(3) { 4 } else { usize::MAX };
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '/' if rate < 9 => out.push_str("\\/"),
            c if u32::from(c) < 0x20 || (rate < 9 && w.choose.once_in(rate)) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
