//! Records that somebody means harm with, made of records that are in order.
//!
//! What such a record must become cannot be said whole. But whatever it is, it gives one line, a reject keeps its bytes, and where the
//! wire's form can tell true from forged, no forged value stands in a true one's place without a word.

use serde_json::{Map, Value as Json};
use xdr_codegen::ir::{Condition, Json as Tree, KeyValue, Module, Step};
use xdr_model::{Kind, Token};

use super::random::Chooser;
use super::{Attack, Draft, Promise};

/// What forged values say.
const FORGED: [&str; 3] = ["mallory", "203.0.113.99", "forged"];

/// How the text of a record is made.
enum Form<'m> {
    Object(&'m Tree),
    KeyValue(&'m KeyValue),
    Pairs(&'m xdr_codegen::ir::Pairs),
    Text,
}

/// Does a record some harm; gives what was done, the record, and what must hold.
pub(super) fn spoil(choose: &mut Chooser, module: &Module, draft: &Draft) -> (Attack, Vec<u8>, Vec<Promise>) {
    let index = choose.choose("attack", Attack::ALL.len());
    let attack = Attack::ALL.get(index).copied().unwrap_or(Attack::Cut);
    let form = form(module, draft);
    let done = match attack {
        Attack::Injection => injection(choose, module, &form, draft),
        Attack::DuplicateKey => duplicate(choose, &form, draft),
        Attack::InnerRecord => within(choose, module, &form, draft, &draft.text),
        Attack::Overlong => {
            let long = choose.word(&["A", "é", "\"", "x=y "]).repeat(20_000);
            within(choose, module, &form, draft, &long)
                .or_else(|| Some((format!("{}{long}", draft.record), Vec::new())))
        }
        Attack::Nesting => Some((nested(choose, &form, draft), Vec::new())),
        Attack::Control => Some((control(choose, draft), Vec::new())),
        Attack::NotUtf8 => return (attack, not_utf8(choose, draft), vec![Promise::RawKept]),
        Attack::Cut => None,
    };
    match done {
        Some((record, promises)) => (attack, record.replace('\n', " ").into_bytes(), promises),
        None => (Attack::Cut, cut(choose, draft), Vec::new()),
    }
}

/// The form that the record has, as far as that is certain.
fn form<'m>(module: &'m Module, draft: &Draft) -> Form<'m> {
    let mut steps: Vec<&Step> = Vec::new();
    flat(&module.steps, &mut steps);
    let text = draft.text.as_str();
    let object: Option<Map<String, Json>> = serde_json::from_str(text).ok();
    if object.is_some() {
        let tree = steps.iter().find_map(|step| match step {
            Step::Json(tree) => Some(tree),
            _ => None,
        });
        return tree.map_or(Form::Text, Form::Object);
    }
    let pairs = steps.iter().find_map(|step| match step {
        Step::KeyValue(pairs) if known(pairs, text).len() > 1 && begins(pairs, text) => Some(pairs),
        _ => None,
    });
    if let Some(pairs) = pairs {
        return Form::KeyValue(pairs);
    }
    // Pairs of a catalogue count where no template of the message may read the text otherwise.
    let catalogue = module.catalogue.as_ref();
    let message = draft.event["xdr"]["message"].as_str().unwrap_or_default();
    let entry = catalogue.and_then(|known| known.messages.iter().find(|entry| entry.key == message));
    match catalogue.and_then(|catalogue| catalogue.pairs.as_ref()) {
        Some(pairs)
            if entry.is_some_and(|entry| {
                entry.text == xdr_codegen::ir::Text::Pairs && entry.templates.is_empty()
            }) =>
        {
            Form::Pairs(pairs)
        }
        _ => Form::Text,
    }
}

fn flat<'m>(steps: &'m [Step], all: &mut Vec<&'m Step>) {
    for step in steps {
        all.push(step);
        if let Step::OneOf(forms) = step {
            for (_, steps) in forms {
                flat(steps, all);
            }
        }
    }
}

/// Whether the text has the key that pairs of this form begin with.
fn begins(pairs: &KeyValue, text: &str) -> bool {
    let first = pairs.first.as_ref().map(|first| format!("{first}{}", char::from(pairs.assign)));
    first.is_none_or(|first| text.split(' ').any(|word| word.starts_with(&first)))
}

/// Whether a text decides what other fields mean: the key of a message, a word of a condition, a case of a value map.
fn decides(module: &Module, draft: &Draft, text: &str) -> bool {
    let message = draft.event["xdr"]["message"].as_str().unwrap_or_default();
    let same = |known: &String| known.eq_ignore_ascii_case(text);
    let in_plans = module.plans.iter().any(|plan| {
        let by = plan.by.as_ref().is_some_and(|by| by.cases.iter().any(|(case, _)| same(case)));
        let when = plan.candidates.iter().flat_map(|one| &one.when).any(|when| match when {
            Condition::Is(_, texts) => texts.iter().any(same),
            _ => false,
        });
        by || when || plan.candidates.iter().any(|one| one.none.iter().any(same))
    });
    let in_maps = module.values.iter().any(|map| map.cases.iter().any(|(from, to)| same(from) || same(to)));
    let keys = message.split(' ').chain([message]).any(|word| word.eq_ignore_ascii_case(text));
    in_plans || in_maps || keys
}

/// The listed keys that the text has.
fn known<'p>(pairs: &'p KeyValue, text: &str) -> Vec<&'p str> {
    let assign = char::from(pairs.assign);
    let stands = |key: &&str| text.contains(&format!(" {key}{assign}"));
    pairs.keys.iter().map(|key| key.name.as_str()).filter(stands).collect()
}

/// A token whose value stands in the record just once, as a text by itself.
fn target(choose: &mut Chooser, module: &Module, form: &Form<'_>, draft: &Draft) -> Option<(String, String)> {
    let event = draft.event.as_object()?;
    let quoted = |text: &str| Json::from(text).to_string();
    let candidates: Vec<(String, String)> = event
        .iter()
        .filter(|(name, _)| Token::from_name(name).is_some_and(|token| token.kind() == Kind::String))
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
        .filter(|(_, text)| text.len() > 2 && draft.text.matches(text.as_str()).count() == 1)
        .filter(|(_, text)| !decides(module, draft, text) && !text.contains(['/', '\\']))
        .filter(|(_, text)| !matches!(form, Form::Object(_)) || is_member(&draft.text, &quoted(text)))
        .collect();
    choose.pick(&candidates).cloned()
}

/// Whether a quoted text stands in JSON, and not as a key.
fn is_member(json: &str, quoted: &str) -> bool {
    json.split_once(quoted).is_some_and(|(_, behind)| !behind.trim_start().starts_with(':'))
}

/// The tokens of an event that another value does not touch.
fn others(draft: &Draft, value: &str) -> Map<String, Json> {
    let event = draft.event.as_object();
    let own = |name: &str| name == "xdr" || name == "eventId";
    let kept = |json: &Json| match json {
        Json::Array(members) => !members.iter().any(|member| shares(member, value)),
        json => !shares(json, value),
    };
    let all = event.into_iter().flatten();
    all.filter(|(name, json)| !own(name) && kept(json))
        .map(|(name, json)| (name.clone(), json.clone()))
        .collect()
}

/// Whether one of two values is a piece of the other, so that both may come from one field.
fn shares(json: &Json, value: &str) -> bool {
    let text = json.as_str().map_or_else(|| json.to_string(), str::to_owned);
    text.contains(value) || value.contains(&text)
}

type Spoiled = Option<(String, Vec<Promise>)>;

/// A value in whose place another one stands, escaped where the form has escapes.
fn within(choose: &mut Chooser, module: &Module, form: &Form<'_>, draft: &Draft, payload: &str) -> Spoiled {
    let (_, text) = target(choose, module, form, draft)?;
    let Form::Object(tree) = form else {
        return Some((draft.text.replacen(&text, payload, 1), Vec::new()));
    };
    // A string of JSON is one value, whatever it holds.
    let written = Json::from(payload).to_string();
    let record = draft.text.replacen(&Json::from(text.as_str()).to_string(), &written, 1);
    // The text that is handed on says what the record is.
    let decides = tree.hand.is_some_and(|slot| {
        let node = tree.root.children.iter().find(|child| child.slot == Some(slot));
        let object: Json = serde_json::from_str(&draft.text).unwrap_or_default();
        node.and_then(|node| object[&node.key].as_str()).is_some_and(|handed| handed.contains(&text))
    });
    let promise = Promise::Values(others(draft, &text));
    Some((record, if decides { Vec::new() } else { vec![promise] }))
}

/// A value that closes its quote and goes on with fields that the record has.
fn injection(choose: &mut Chooser, module: &Module, form: &Form<'_>, draft: &Draft) -> Spoiled {
    let forged = choose.word(&FORGED);
    match form {
        Form::Object(tree) => {
            let key = choose.pick(&tree.root.children).map_or("user", |child| child.key.as_str());
            within(choose, module, form, draft, &format!("x\",\"{key}\":\"{forged}"))
        }
        Form::KeyValue(pairs) => {
            let keys = known(pairs, &draft.text);
            let key = choose.pick(&keys)?;
            let (_, text) = target(choose, module, form, draft)?;
            let assign = char::from(pairs.assign);
            let quote = choose.word(&["\"", ""]);
            let payload = format!("{text}{quote} {key}{assign}{quote}{forged}");
            let record = draft.text.replacen(&text, &payload, 1);
            let inside = draft.text.find(&text)?
                > draft.text.find(&format!("{}{assign}", pairs.keys.first()?.name))?;
            let values = Promise::NeverSilent(others(draft, &text));
            Some((
                record,
                if inside && is_whole(pairs, &draft.text, &text) { vec![values] } else { Vec::new() },
            ))
        }
        Form::Pairs(pairs) => {
            let key = choose.pick(&pairs.keys)?;
            let payload = format!("x{}{} {forged}", pairs.separator, key.name);
            within(choose, module, form, draft, &payload)
        }
        Form::Text => {
            let payload = format!("x\" user {forged}> IP <203.0.113.99");
            within(choose, module, form, draft, &payload)
        }
    }
}

/// Whether a text is the whole value of a key, so that what is put behind it stands where keys do.
fn is_whole(pairs: &KeyValue, text: &str, value: &str) -> bool {
    let assign = char::from(pairs.assign);
    text.contains(&format!("{assign}\"{value}\" ")) || text.contains(&format!("{assign}{value} "))
}

/// A key once more, with a forged value: the first one holds, and an issue says so.
fn duplicate(choose: &mut Chooser, form: &Form<'_>, draft: &Draft) -> Spoiled {
    let forged = choose.word(&FORGED);
    let mut all = draft.event.as_object()?.clone();
    all.remove("xdr");
    all.remove("eventId");
    match form {
        Form::Object(tree) => {
            let object: Map<String, Json> = serde_json::from_str(&draft.text).ok()?;
            let wrapped =
                tree.envelopes.iter().any(|path| path.first().is_some_and(|key| object.contains_key(key)));
            let known = |key: &&String| tree.root.children.iter().any(|child| child.key == **key);
            let keys: Vec<&String> = object.keys().filter(known).collect();
            let key = choose.pick(&keys).filter(|_| !wrapped)?;
            let end = draft.text.rfind('}')?;
            let (head, tail) = draft.text.split_at_checked(end)?;
            let record = format!("{head},{}:\"{forged}\"{tail}", Json::from(key.as_str()));
            Some((record, vec![Promise::Values(all), Promise::Issue("repeated key")]))
        }
        Form::KeyValue(pairs) => {
            let keys = known(pairs, &draft.text);
            let assign = char::from(pairs.assign);
            let key = choose.pick(&keys)?;
            // What follows the key that is always the last belongs to its value.
            let open = pairs.last.as_ref().is_some_and(|last| keys.contains(&last.as_str()));
            let record = format!("{} {key}{assign}{forged}", draft.text);
            Some((record, if open { Vec::new() } else { vec![Promise::NeverSilent(all)] }))
        }
        Form::Pairs(pairs) => {
            let known: Vec<&str> = pairs.keys.iter().map(|key| key.name.as_str()).collect();
            let has = |key: &&&str| draft.text.contains(&format!("{}{key} ", pairs.separator));
            let keys: Vec<&str> = known.iter().filter(has).copied().collect();
            let key = choose.pick(&keys)?;
            let record = format!("{}{}{key} {forged}", draft.text, pairs.separator);
            Some((record, vec![Promise::NeverSilent(all)]))
        }
        Form::Text => None,
    }
}

/// A place between two characters.
fn place(choose: &mut Chooser, text: &str) -> usize {
    let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    choose.pick(&places).copied().unwrap_or_default()
}

fn cut(choose: &mut Chooser, draft: &Draft) -> Vec<u8> {
    let bytes = draft.record.as_bytes();
    let length = 1 + choose.below(bytes.len().saturating_sub(1).max(1));
    let kept = bytes.get(..length).unwrap_or(bytes);
    // A record of blanks is none.
    if kept.trim_ascii().is_empty() { bytes.to_vec() } else { kept.to_vec() }
}

fn control(choose: &mut Chooser, draft: &Draft) -> String {
    let at = place(choose, &draft.record);
    let (head, tail) = draft.record.split_at_checked(at).unwrap_or(("", &draft.record));
    let control = choose.word(&["\0", "\u{1}", "\u{1b}[31m", "\u{7f}", "\r", "\u{85}", "\u{202e}", "\t"]);
    format!("{head}{control}{tail}")
}

fn not_utf8(choose: &mut Chooser, draft: &Draft) -> Vec<u8> {
    let at = place(choose, &draft.record);
    let bytes = draft.record.as_bytes();
    let bad: [&[u8]; 4] = [&[0xff], &[0xc3], &[0xed, 0xa0, 0x80], &[0xf0, 0x9f, 0x98]];
    let bad = choose.pick(&bad).copied().unwrap_or_default();
    [bytes.get(..at).unwrap_or_default(), bad, b"x", bytes.get(at..).unwrap_or_default()].concat()
}

fn nested(choose: &mut Chooser, form: &Form<'_>, draft: &Draft) -> String {
    let depth = 2000 + choose.below(4000);
    let closed = choose.once_in(2);
    match form {
        Form::Object(_) => {
            let inside = draft.text.get(1..).unwrap_or_default();
            let ends = if closed { "]".repeat(depth) } else { String::new() };
            format!("{{\"x-deep\":{}{ends},{inside}", "[".repeat(depth))
        }
        Form::KeyValue(pairs) => {
            let assign = char::from(pairs.assign);
            let key = choose.pick(&pairs.keys).map_or("x", |key| key.name.as_str());
            format!("{} {key}{assign}{}", draft.text, format!("map[a{assign}").repeat(depth))
        }
        Form::Pairs(_) | Form::Text => {
            let open = choose.word(&["(", "<", "[", "\"", "{"]);
            format!("{}{}", draft.text, open.repeat(depth))
        }
    }
}
