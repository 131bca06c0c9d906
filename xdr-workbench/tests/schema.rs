//! The JSON Schemas: a validator that knows nothing of the compiler, and a YAML reader of its own, give the compiler's verdict wherever a
//! schema can express what is wrong.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use serde_json::Value;
use xdr_codegen::diag::Code;
use xdr_codegen::{Input, check};
use xdr_workbench::schema;

/// What a schema can express. All other codes are about the text before it is read, about names that must close, or about
/// the small languages inside of texts.
const EXPRESSIBLE: [Code; 21] = [
    Code::UnquotedTrap,
    Code::EmptyFile,
    Code::UnknownKey,
    Code::MissingKey,
    Code::WrongType,
    Code::Empty,
    Code::BadSourceName,
    Code::UnknownWord,
    Code::ConflictingKeys,
    Code::BadDate,
    Code::UnknownToken,
    Code::UnknownConversion,
    Code::UnknownSetting,
    Code::RowWithoutToken,
    Code::WaivedAndMapped,
    Code::SeveralInputs,
    Code::NoInput,
    Code::BadRange,
    Code::NoSteps,
    Code::UnknownStep,
    Code::BadFamily,
];

/// Cases of these codes that a schema cannot express all the same, and why.
const BEYOND: [(&str, &str); 8] = [
    ("E0203-key-of-cef", "which texts can be keys depends on the format, and on whether labels name them"),
    ("E0203-key-of-the-wire", "which texts can be keys depends on what stands between keys and values"),
    ("E0203-unlisted-keys", "which texts end a word is told where keys are, and not by a type"),
    ("E0207-embedded-key-without-objects", "which steps read objects is told by steps within steps"),
    ("E0207-embedded-objects", "which steps read objects is told by steps within steps"),
    ("E0207-embedded-without-objects", "which steps read objects is told by steps within steps"),
    ("E0207-label-as-key", "whether a key is a label depends on its name and on another key of the step"),
    ("E0207-required-of-a-partial-message", "messages and families without a status differ in what it is"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn entries(dir: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// The validators, made as editors make them: of the files.
struct Schemas {
    spec: Validator,
    catalogue: Validator,
}

impl Schemas {
    fn new() -> Self {
        let read = |name: &str| {
            let text = fs::read_to_string(root().join("mapping-specs").join(name)).unwrap();
            jsonschema::draft7::new(&serde_json::from_str(&text).unwrap()).unwrap()
        };
        Self { spec: read("spec.schema.json"), catalogue: read("catalogue.schema.json") }
    }

    /// What the schema says against a text; nothing at all where the text is no YAML to begin with.
    fn against(&self, name: &str, text: &[u8]) -> Option<Vec<String>> {
        let value: Value = serde_yaml::from_str(std::str::from_utf8(text).ok()?).ok()?;
        let validator = if name == "spec.yaml" { &self.spec } else { &self.catalogue };
        Some(
            validator
                .iter_errors(&value)
                .map(|error| format!("{name}: {}: {error}", error.instance_path()))
                .collect(),
        )
    }
}

/// The YAML files of a folder, by name.
fn files(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let yaml = entries(dir).into_iter().filter(|path| path.extension().is_some_and(|end| end == "yaml"));
    yaml.map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap()))
        .collect()
}

#[test]
fn the_files_are_what_the_program_prints() {
    for (name, schema) in [("spec", schema::spec()), ("catalogue", schema::catalogue())] {
        let path = root().join(format!("mapping-specs/{name}.schema.json"));
        let text = fs::read_to_string(path).unwrap();
        assert!(text == format!("{schema:#}\n"), "run: xdr schema {name} > mapping-specs/{name}.schema.json");
        jsonschema::meta::validate(&schema).unwrap();
    }
}

#[test]
fn every_spec_of_the_project_names_its_schema_and_passes() {
    let schemas = Schemas::new();
    let mut seen = 0;
    for dir in entries(&root().join("mapping-specs")).into_iter().filter(|path| path.is_dir()) {
        for (name, text) in files(&dir) {
            assert_eq!(schemas.against(&name, &text), Some(Vec::new()), "{}", dir.display());
            let first = std::str::from_utf8(&text).unwrap().lines().next().unwrap();
            let schema = name.trim_end_matches(".yaml");
            assert_eq!(
                first,
                format!("# yaml-language-server: $schema=../{schema}.schema.json"),
                "{}/{name}",
                dir.display()
            );
            seen += 1;
        }
    }
    assert!(seen >= 10, "{seen} files");
}

#[test]
fn other_good_specs_pass() {
    let schemas = Schemas::new();
    let dirs = [root().join("xdr-codegen/tests/codegen"), root().join("examples/add_a_vendor")];
    let mut seen = 0;
    for dir in dirs.iter().flat_map(|dir| entries(dir)).filter(|path| path.is_dir()) {
        for (name, text) in files(&dir) {
            assert_eq!(schemas.against(&name, &text), Some(Vec::new()), "{}", dir.display());
            seen += 1;
        }
    }
    assert!(seen > 30, "{seen} files");
}

#[test]
fn broken_specs_are_refused_where_a_schema_can_express_it_and_only_there() {
    let schemas = Schemas::new();
    let mut shown = BTreeSet::new();
    let (mut compared, mut differ) = (0, Vec::new());
    for dir in entries(&root().join("xdr-codegen/tests/ui")) {
        let case = dir.file_name().unwrap().to_str().unwrap().to_owned();
        let files = files(&dir);
        let against: Option<Vec<_>> = files.iter().map(|(name, text)| schemas.against(name, text)).collect();
        // What no YAML reader takes, or each in its own way, no schema sees.
        let Some(against) = against else { continue };
        let against: Vec<String> = against.concat();
        let found = check(&[Input { name: "acme-vpn".to_owned(), files }]).diagnostics.codes();
        if found.iter().any(|code| code.number() < 200 && !EXPRESSIBLE.contains(code)) {
            continue;
        }
        compared += 1;
        let expressible: Vec<_> = found.iter().filter(|code| EXPRESSIBLE.contains(code)).collect();
        let beyond = BEYOND.iter().any(|(name, _)| *name == case);
        if against.is_empty() != (expressible.is_empty() || beyond) {
            differ.push(format!("{case}: the compiler {found:?}, the schema {against:#?}"));
        }
        if !against.is_empty() {
            shown.extend(expressible.into_iter().copied());
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
    println!("{compared} cases compared, {} codes refused by the schema", shown.len());
    assert!(compared > 70, "{compared} cases");
    assert_eq!(shown, BTreeSet::from(EXPRESSIBLE), "each of these codes has a case that the schema refuses");
}

#[test]
fn tokens_have_their_kind_and_meaning_beside_them() {
    let schema = schema::spec();
    // Each alone, so that an editor shows of a token what it means and not what all of them mean.
    let tokens = schema["definitions"]["Token"]["oneOf"].as_array().unwrap();
    let names: Vec<_> = tokens.iter().map(|token| token["const"].as_str().unwrap()).collect();
    assert!(names.into_iter().eq(xdr_model::Token::ALL.into_iter().map(xdr_model::Token::name)));
    let token = xdr_model::Token::from_name("sourcePort").unwrap();
    let shown = tokens.iter().find(|token| token["const"] == "sourcePort").unwrap();
    let meaning = format!("port: {}", token.description());
    assert_eq!(shown["description"], meaning);
    assert_eq!(schema["properties"]["fan-in"]["properties"]["sourcePort"]["description"], meaning);
}

#[test]
fn keys_have_a_type_so_that_editors_know_what_to_write_behind_them() {
    let schema = schema::spec();
    let row = &schema["definitions"]["Row"]["properties"];
    assert_eq!(row["token"]["type"], "string");
    assert_eq!(schema["properties"]["guide"]["type"], "object");
    // One block for all conversions, or only the keys of one would be offered.
    let conversion = &schema["definitions"]["Conversion"]["properties"];
    for key in ["time", "zone", "socket", "split", "text"] {
        assert!(conversion[key].is_object(), "{key}");
    }
}
