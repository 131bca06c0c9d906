//! What the check of many specs costs: as much a spec as the check of few.
#![expect(clippy::unwrap_used, reason = "helpers of tests may fail as tests do")]

mod support;

use std::path::Path;
use std::time::{Duration, Instant};

use support::many;
use xdr_codegen::{Input, Style, check_on, render};

/// So many sources hold each of the project's own once.
const SET: usize = 50;

/// The sources with the first numbers, as they are read from a folder.
fn inputs(count: usize) -> Vec<Input> {
    let named = |(name, text): (&str, String)| (name.to_owned(), text.into_bytes());
    let input = |many::Folder { name, files }: many::Folder| Input {
        files: files.into_iter().map(|(file, text)| named((&format!("{name}/{file}"), text))).collect(),
        name,
    };
    (0..count).map(|number| input(many::folder(number))).collect()
}

/// How long a check takes.
fn time(inputs: &[Input]) -> Duration {
    let start = Instant::now();
    let checked = check_on(inputs, 1);
    let time = start.elapsed();
    assert_eq!(render(&checked, Style::Plain), "", "the sources are sound");
    time
}

#[test]
fn six_times_as_many_specs_take_about_six_times_as_long() {
    // Without the copies of the project's own, which take a test's build seconds.
    let made = |count| {
        inputs(count).into_iter().enumerate().filter(|(number, _)| number % 10 > 0).map(|(_, one)| one)
    };
    let (few, many): (Vec<_>, Vec<_>) = (made(SET).collect(), made(6 * SET).collect());
    // The least of some runs, in turn, as other programs run too.
    let runs = [0; 3].map(|_| (time(&few), time(&many)));
    let few = runs.iter().map(|run| run.0).min().unwrap();
    let many = runs.iter().map(|run| run.1).min().unwrap();
    println!("{SET} specs: {few:?}, six times as many: {many:?}");
    // Quadratic growth would be 36.
    assert!(many < 15 * few, "{few:?}, then {many:?}");
}

#[test]
fn findings_do_not_depend_on_the_number_of_threads() {
    let mut inputs = inputs(SET);
    for (number, input) in inputs.iter_mut().enumerate().filter(|(number, _)| number % 3 == 0) {
        for (_, bytes) in &mut input.files {
            let text = String::from_utf8(std::mem::take(bytes)).unwrap();
            let text = text.replacen("token: sourceUser", "token: sourceUsr", 1);
            *bytes =
                text.replacen("title: ", if number % 2 == 0 { "titel: " } else { "title: " }, 1).into_bytes();
        }
    }
    let one = render(&check_on(&inputs, 1), Style::Json);
    assert!(one.lines().count() > 15, "{one}");
    for threads in [0, 2, 7, 1000] {
        assert_eq!(render(&check_on(&inputs, threads), Style::Json), one, "{threads} threads");
    }
}

#[test]
#[ignore = "writes the sets that docs/check.md measures"]
fn sets_to_measure_are_written() {
    for count in [100, 200, 500] {
        many::write(&Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("many/{count}")), count);
    }
}
