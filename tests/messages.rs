//! The table of messages of each source is a snapshot: every message of its catalogue by its key alone, and by the texts of its templates.
//!
//! `xdr messages NAME` prints it. A table says that a change of a message is seen; that its rows are right is known by those who read them beside
//! the vendor's list of messages.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod support;

use std::collections::BTreeSet;

use support::{entries, root};
use xdr_codegen::ir::Module;
use xdr_workbench::messages::{Entry, rows, table};

/// The sources' specs.
fn modules() -> Vec<Module> {
    let inputs = xdr_codegen::load(&root().join("mapping-specs")).unwrap();
    inputs.iter().map(|input| xdr_codegen::resolve(input).unwrap()).collect()
}

#[test]
fn each_message_is_what_its_rows_say() {
    for module in modules().iter().filter(|module| module.catalogue.is_some()) {
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path("messages");
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(module.name.as_str(), table(module)));
    }
}

#[test]
fn every_message_and_family_has_a_row_of_its_key_alone_and_every_template_one_of_its_text() {
    for module in modules() {
        let Some(catalogue) = &module.catalogue else { continue };
        let rows = rows(&module);
        let bare: BTreeSet<Entry> =
            rows.iter().filter(|row| !row.is_templates).map(|row| row.entry).collect();
        let entries = catalogue.messages.len() + catalogue.prefixes.len() + catalogue.suffixes.len();
        assert_eq!(bare.len(), entries, "{}", module.name);
        for (index, message) in catalogue.messages.iter().enumerate() {
            let texts = rows.iter().filter(|row| row.is_templates && row.entry == Entry::Listed(index));
            assert!(texts.count() >= message.templates.len(), "{}: {}", module.name, message.key);
        }
    }
}

#[test]
fn every_table_has_its_source() {
    let names: BTreeSet<String> = modules().into_iter().map(|module| module.name).collect();
    for table in entries(&root().join("tests/messages")) {
        let name = table.file_stem().unwrap().to_str().unwrap();
        assert!(names.contains(name), "{} belongs to no source: remove it", table.display());
    }
}
