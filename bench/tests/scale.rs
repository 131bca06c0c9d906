//! The generated specs compile without a finding, have the size that is told, and their records are mapped.

use std::collections::BTreeSet;

use xdr_bench::scale::messages::{self, CASES};
use xdr_bench::scale::spec::{self, Folder, SIZES, SMALL};
use xdr_codegen::{Input, Style, compile, render};

fn input(folder: Folder) -> Input {
    let mut files = vec![("spec.yaml".to_owned(), folder.spec.into_bytes())];
    files.extend(folder.catalogue.map(|text| ("catalogue.yaml".to_owned(), text.into_bytes())));
    Input { name: folder.name, files }
}

#[test]
fn generated_specs_compile_without_a_finding() {
    let small =
        [0, 1, 250, 499].map(|number| spec::folder(&format!("scale-{number}"), number * SMALL, SMALL));
    let large = SIZES.map(|size| spec::folder(&spec::catalogue_name(size), 0, size));
    let inputs: Vec<_> = small.into_iter().chain(large).chain([spec::tiny()]).map(input).collect();
    let (generated, checked) =
        compile(&inputs).unwrap_or_else(|checked| panic!("{}", render(&checked, Style::Plain)));
    assert_eq!(render(&checked, Style::Plain), "");
    assert_eq!(generated.len(), 7);
}

#[test]
fn a_small_spec_has_30_rows_and_20_messages() {
    let folder = spec::folder("scale-0", 0, SMALL);
    assert_eq!(folder.spec.matches("token: ").count() - 1, 30, "all but that of the value map");
    assert_eq!(folder.catalogue.map(|text| text.matches("set: ").count()), Some(20));
}

#[test]
fn no_two_messages_of_the_largest_catalogue_share_words_or_length() {
    let words: BTreeSet<_> = (0..SIZES[1]).map(spec::phrase).collect();
    assert_eq!(words.len(), SIZES[1]);
    assert_eq!(words.iter().map(String::len).collect::<BTreeSet<_>>().len(), 1);
}

#[test]
fn all_cases_have_records_of_the_same_form_that_are_mapped() {
    messages::measure(1_000, 1).expect("records that are mapped");
    let [ten, thousand] = [CASES[0], CASES[2]].map(|case| messages::lines(case, 1_000));
    for ((one, phrase), (other, other_phrase)) in ten.iter().zip(&thousand) {
        assert_eq!(one.split(phrase).last(), other.split(other_phrase).last());
        assert_eq!(one.len(), other.len());
    }
}
