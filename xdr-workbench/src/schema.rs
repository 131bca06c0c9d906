//! The JSON Schemas of specs and catalogues, for editors.
//!
//! They are made of the shapes by which the compiler reads ([`Shape`]), so they know its keys, its words and what it says about them, and
//! nothing else. What a schema can express it refuses as the compiler does; names that must close, templates, formats and samples are for `xdr check`.
//!
//! The dialect is draft 7, which all editors know. `enumDescriptions` is what they show beside words, `errorMessage` what they say. Tokens are an enum
//! whose members stand alone, each with its description: of an `enum` editors show all members wherever one is looked at.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use xdr_codegen::ast::{CatalogueFile, Spec};
use xdr_codegen::node::{BlockShape, FromNode, KeyDoc, Role, Rule, Shape};
use xdr_model::Token;

/// The schema of `spec.yaml`.
pub fn spec() -> Value {
    root("xdr mapping spec", &Spec::shape())
}

/// The schema of a catalogue file.
pub fn catalogue() -> Value {
    root("xdr message catalogue", &CatalogueFile::shape())
}

/// The blocks that were met, by their name.
#[derive(Default)]
struct Definitions(BTreeMap<&'static str, Value>);

fn root(title: &str, shape: &Shape) -> Value {
    let mut definitions = Definitions::default();
    let _ = definitions.of(shape);
    let name = match shape {
        Shape::Block(name, _) => *name,
        _ => "",
    };
    let mut schema = Map::new();
    schema.insert("$schema".to_owned(), "http://json-schema.org/draft-07/schema#".into());
    if let Some(Value::Object(whole)) = definitions.0.remove(name) {
        schema.extend(whole);
    }
    schema.insert("title".to_owned(), title.into());
    schema.insert("definitions".to_owned(), json!(definitions.0));
    Value::Object(schema)
}

impl Definitions {
    fn of(&mut self, shape: &Shape) -> Value {
        match shape {
            Shape::Text(role) => self.text(*role),
            Shape::Flag => json!({ "type": "boolean" }),
            Shape::Words(words) => described(words.iter().copied()),
            Shape::List(inner, least) => {
                sized(json!({ "type": "array", "items": self.of(inner) }), "minItems", *least)
            }
            Shape::OneOrMany(inner) => {
                let one = self.of(inner);
                json!({ "anyOf": [one, { "type": "array", "items": one, "minItems": 1 }] })
            }
            Shape::Entries { keys: Role::Token, values, least } => {
                sized(self.by_token(values), "minProperties", *least)
            }
            Shape::Entries { keys, values, least } => {
                let mut map = json!({ "type": "object", "additionalProperties": self.of(values) });
                if let (true, Value::Object(members)) = (*keys != Role::Any, &mut map) {
                    members.insert("propertyNames".to_owned(), self.text(*keys));
                }
                sized(map, "minProperties", *least)
            }
            Shape::Block(name, block) => self.block(name, *block, false),
            Shape::One(name, block) => self.block(name, *block, true),
            Shape::AnyOf(all) => {
                let is_block = |shape: &&Shape| matches!(shape, Shape::Block(..) | Shape::One(..));
                let (blocks, others): (Vec<_>, Vec<_>) = all.iter().partition(is_block);
                let mut all: Vec<Value> = others.into_iter().map(|shape| self.of(shape)).collect();
                match blocks.as_slice() {
                    [] | [_] => all.extend(blocks.into_iter().map(|shape| self.of(shape))),
                    [.., last] => all.push(self.merged(&blocks, last)),
                }
                json!({ "anyOf": all })
            }
            Shape::With(inner, key) => json!({ "allOf": [self.of(inner), { "required": [key] }] }),
        }
    }

    /// Several blocks of which one stands here, as one, for editors offer the keys of one only. It has the name of the last.
    fn merged(&mut self, blocks: &[&Shape], last: &Shape) -> Value {
        let (mut properties, mut heads, mut all_of) = (Map::new(), Vec::new(), Vec::new());
        let mut about = "";
        for shape in blocks {
            let (Shape::Block(_, block) | Shape::One(_, block)) = shape else { continue };
            let block = block();
            let is_one = matches!(shape, Shape::One(..));
            let (known, rules) = self.keys(&block);
            about = block.about;
            all_of.extend(rules);
            // What tells the blocks apart: each key of which one alone is there, or those that must be.
            let (mine, further): (Vec<_>, Vec<_>) =
                block.keys.iter().map(|(key, _)| key).partition(|key| is_one || key.required);
            let mine: Vec<&str> = mine.into_iter().map(|key: &KeyDoc| key.name).collect();
            all_of.extend(further.iter().map(|key| json!({ "dependencies": { key.name: mine } })));
            heads.extend(if is_one { mine.chunks(1).map(<[_]>::to_vec).collect() } else { vec![mine] });
            properties.extend(known);
        }
        let heads: Vec<Value> = heads.into_iter().map(|keys| json!({ "required": keys })).collect();
        all_of.push(json!({ "oneOf": heads }));
        let (Shape::Block(name, _) | Shape::One(name, _)) = last else { return Value::Null };
        self.0.insert(
            name,
            json!({
                "title": name,
                "description": about,
                "type": "object",
                "properties": properties,
                "additionalProperties": false,
                "allOf": all_of,
            }),
        );
        json!({ "$ref": format!("#/definitions/{name}") })
    }

    /// A map from tokens. They are listed, so that an editor can say of each what it is.
    fn by_token(&mut self, values: &Shape) -> Value {
        let value = self.of(values);
        self.0.insert("OfToken", value);
        let entry = |token: Token| {
            let entry = json!({
                "allOf": [{ "$ref": "#/definitions/OfToken" }],
                "description": meaning(token),
                "type": types(values),
            });
            (token.name().to_owned(), entry)
        };
        let properties: Map<String, Value> = Token::ALL.into_iter().map(entry).collect();
        json!({ "type": "object", "properties": properties, "additionalProperties": false })
    }

    /// A reference to a block, which is defined when it is met first.
    fn block(&mut self, name: &'static str, block: fn() -> BlockShape, one: bool) -> Value {
        let reference = json!({ "$ref": format!("#/definitions/{name}") });
        if self.0.contains_key(name) {
            return reference;
        }
        // What is inside may refer to it.
        self.0.insert(name, Value::Null);
        let block = block();
        let (properties, rules) = self.keys(&block);
        let BlockShape { about, keys, .. } = block;
        let required: Vec<&str> =
            keys.iter().filter(|(key, _)| key.required).map(|(key, _)| key.name).collect();
        let mut definition = json!({
            "title": name,
            "description": about,
            "type": "object",
            "properties": properties,
            "additionalProperties": false,
        });
        if let Value::Object(members) = &mut definition {
            if !required.is_empty() {
                members.insert("required".to_owned(), required.into());
            }
            if one {
                members.insert("minProperties".to_owned(), 1.into());
                members.insert("maxProperties".to_owned(), 1.into());
            }
            if !rules.is_empty() {
                members.insert("allOf".to_owned(), rules.into());
            }
        }
        self.0.insert(name, definition);
        reference
    }

    /// The keys of a block with what stands behind them, and what must hold of them together.
    fn keys(&mut self, block: &BlockShape) -> (Map<String, Value>, Vec<Value>) {
        let mut properties = Map::new();
        for (key, shape) in &block.keys {
            let mut inner = self.of(shape);
            // Beside a reference a description says nothing.
            if inner.get("$ref").is_some() {
                inner = json!({ "allOf": [inner] });
            }
            if let Value::Object(members) = &mut inner {
                // By the type editors know what to write behind a key that they complete.
                if members.contains_key("allOf") {
                    members.insert("type".to_owned(), types(shape));
                }
                members.insert("description".to_owned(), key.doc.into());
            }
            properties.insert(key.name.to_owned(), inner);
        }
        (properties, block.rules.iter().flat_map(rule).collect())
    }

    /// A text. Plain whole numbers are texts as they stand; what else a reader takes for no text must be quoted.
    fn text(&mut self, role: Role) -> Value {
        let pattern = |pattern: &str| json!({ "type": "string", "pattern": pattern });
        match role {
            Role::Any => json!({ "type": ["string", "integer"] }),
            Role::Name => json!({ "type": ["string", "integer"], "pattern": "\\S" }),
            Role::Source => pattern("^[a-z][a-z0-9]*(-[a-z0-9]+)*$"),
            Role::Date => pattern(DATE),
            Role::Range => pattern("^ *[0-9]+ *(- *[0-9]+ *)?$"),
            Role::Family => pattern(r"^(\*[^*]+|[^*]+\*)$"),
            Role::Token => {
                let token = |token: Token| json!({ "const": token.name(), "title": token.name(), "description": meaning(token) });
                self.0.entry("Token").or_insert_with(|| {
                    let tokens: Vec<Value> = Token::ALL.into_iter().map(token).collect();
                    json!({ "description": "A token of the QQL schema.", "oneOf": tokens })
                });
                json!({ "$ref": "#/definitions/Token" })
            }
        }
    }
}

/// Days of the calendar, leap days in leap years only.
const DATE: &str = "^([0-9]{4}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))|([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)$";

/// What editors say of a token.
fn meaning(token: Token) -> String {
    format!("{}: {}", token.kind().name(), token.description())
}

/// The types of what a shape allows.
fn types(shape: &Shape) -> Value {
    let mut all = Vec::new();
    collect_types(shape, &mut all);
    match all.as_slice() {
        [one] => (*one).into(),
        _ => all.into(),
    }
}

fn collect_types(shape: &Shape, all: &mut Vec<&'static str>) {
    let mut add = |name| {
        if !all.contains(&name) {
            all.push(name);
        }
    };
    match shape {
        Shape::Text(Role::Any | Role::Name) => ["string", "integer"].into_iter().for_each(add),
        Shape::Text(_) | Shape::Words(_) => add("string"),
        Shape::Flag => add("boolean"),
        Shape::List(..) => add("array"),
        Shape::Entries { .. } | Shape::Block(..) | Shape::One(..) => add("object"),
        Shape::OneOrMany(inner) => {
            collect_types(inner, all);
            collect_types(&Shape::List(inner.clone(), 1), all);
        }
        Shape::AnyOf(shapes) => shapes.iter().for_each(|shape| collect_types(shape, all)),
        Shape::With(inner, _) => collect_types(inner, all),
    }
}

/// One of some words, with what editors show beside them.
fn described<D: Into<Value>>(words: impl Iterator<Item = (&'static str, D)>) -> Value {
    let (words, docs): (Vec<Value>, Vec<Value>) = words.map(|(word, doc)| (word.into(), doc.into())).unzip();
    json!({ "enum": words, "enumDescriptions": docs, "markdownEnumDescriptions": docs })
}

fn sized(mut schema: Value, name: &str, least: usize) -> Value {
    if let (true, Value::Object(members)) = (least > 0, &mut schema) {
        members.insert(name.to_owned(), least.into());
    }
    schema
}

/// What must hold of keys together.
fn rule(rule: &Rule) -> Vec<Value> {
    let not_both = |one: &str, other: &str| {
        json!({
            "not": { "type": "object", "required": [one, other] },
            "errorMessage": format!("`{one}` and `{other}` exclude each other"),
        })
    };
    match *rule {
        Rule::Some(keys) => {
            let any: Vec<Value> = keys.iter().map(|key| json!({ "required": [key] })).collect();
            vec![json!({ "anyOf": any })]
        }
        Rule::One(keys) => {
            let behind = |at: usize| keys.iter().skip(at + 1);
            let pairs =
                keys.iter().enumerate().flat_map(|(at, one)| behind(at).map(move |other| (one, other)));
            pairs.map(|(one, other)| not_both(one, other)).collect()
        }
        Rule::Without(one, other) => vec![not_both(one, other)],
        Rule::Needs(key, other) => vec![json!({ "dependencies": { key: [other] } })],
        Rule::NeedsWord(key, other, word) => {
            vec![
                json!({ "dependencies": { key: { "required": [other], "properties": { other: { "const": word } } } } }),
            ]
        }
    }
}
