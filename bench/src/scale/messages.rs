//! The time of a record beside the number of messages in its source's catalogue.

use std::time::Instant;

use serde_json::{Value, json};
use xdr_runtime::engine::Source;
use xdr_runtime::record::Status;
use xdr_runtime::settings::Settings;

use super::generated::SOURCES;
use super::spec::{self, FORMS, SIZES};
use super::table::table;
use crate::corpus::{KEEP, RECEIVED_AT};
use crate::measure::Rounds;
use crate::rng::Rng;

/// Output is thrown away when there is so much.
const CHUNK: usize = 64 * 1024;

/// What is measured.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// How many messages the catalogue has.
    pub catalogue: usize,
    /// Of how many of them there are records.
    pub used: usize,
    /// Whether records name their message. If not, all its templates are tried.
    pub keyed: bool,
}

/// The first of those with a key, and the first of those without, is what the others are told against.
pub const CASES: [Case; 5] = [
    Case { catalogue: SIZES[0], used: SIZES[0], keyed: true },
    Case { catalogue: SIZES[1], used: SIZES[0], keyed: true },
    Case { catalogue: SIZES[1], used: SIZES[1], keyed: true },
    Case { catalogue: SIZES[0], used: SIZES[0], keyed: false },
    Case { catalogue: SIZES[1], used: SIZES[1], keyed: false },
];

/// A case and the nanoseconds of a record in its rounds.
pub type Figure = (Case, Rounds);

/// Checks every record, then measures all cases in turn, round by round. Of records without a key there are a tenth.
///
/// # Errors
/// A record that is not mapped, or is taken for another message.
#[expect(clippy::cast_precision_loss, reason = "counts of records are far below 2^52")]
pub fn measure(records: usize, rounds: usize) -> Result<Vec<Figure>, String> {
    let settings = Settings::new(RECEIVED_AT.parse().unwrap_or_default());
    let mut prepared = Vec::new();
    for case in CASES {
        let name = spec::catalogue_name(case.catalogue);
        let source = SOURCES.iter().find(|source| source.info.name == name).ok_or("no such catalogue")?;
        let lines = lines(case, if case.keyed { records } else { records.div_ceil(10) });
        check(source, &lines, &settings)?;
        prepared.push((source, lines, Vec::new()));
    }
    let mut out = Vec::with_capacity(2 * CHUNK);
    for _ in 0..rounds {
        for (source, lines, times) in &mut prepared {
            let started = Instant::now();
            for (line, _) in lines.iter() {
                source.normalize(line.as_bytes(), 0, &settings, KEEP, &mut out);
                if out.len() >= CHUNK {
                    out.clear();
                }
            }
            times.push(started.elapsed().as_secs_f64() * 1e9 / lines.len() as f64);
        }
    }
    Ok(CASES.into_iter().zip(prepared).map(|(case, (.., times))| (case, Rounds::new(times))).collect())
}

/// Every record must be mapped without an issue, as the message whose words it holds.
fn check(source: &Source, lines: &[(String, String)], settings: &Settings) -> Result<(), String> {
    let mut out = Vec::new();
    for (line, phrase) in lines {
        out.clear();
        let outcome = source.normalize(line.as_bytes(), 0, settings, KEEP, &mut out);
        let event: Value = serde_json::from_slice(&out).unwrap_or_default();
        if outcome.status != Some(Status::Mapped)
            || !outcome.issues.is_empty()
            || event["eventName"] != **phrase
        {
            return Err(format!("{line} became {event}"));
        }
    }
    Ok(())
}

/// Records, each with the words of its message. The n-th has the same form and values in every case.
pub fn lines(case: Case, records: usize) -> Vec<(String, String)> {
    let (mut values, mut choice) = (Rng::new(1), Rng::new(2));
    let line = |at| {
        let of_form = usize::try_from(choice.range(0, (case.used / FORMS) as u64)).unwrap_or(0);
        let number = at % FORMS + FORMS * of_form;
        let key = if case.keyed { spec::key(number) } else { String::new() };
        let (phrase, text) = (spec::phrase(number), text(number, &mut values));
        (format!("<166>Mar 14 2024 07:08:09 gw.example.com : %SCALE-6-{key}: {text}"), phrase)
    };
    (0..records).map(line).collect()
}

/// A text of the message; half of them by its first template.
fn text(number: usize, rng: &mut Rng) -> String {
    let phrase = spec::phrase(number);
    let user = rng.pick(&["kim", "ana", "lee", "j.doe", "ops-7"]);
    let address = format!("10.{}.{}.{}", rng.range(0, 256), rng.range(0, 256), rng.range(1, 255));
    let (small, port, bytes) = (rng.range(1, 90_000), rng.range(1_024, 65_536), rng.spread(9));
    let verb = rng.pick(&["Built", "Refused", "Dropped"]);
    let long = rng.percent(50);
    let reason = |before: &str| if long { format!("{before}idle timeout") } else { String::new() };
    match number % FORMS {
        0 => {
            let user = if long { format!(" ({user})") } else { String::new() };
            format!("{verb} TCP {phrase} {small} for outside:{address}/{port} to 198.51.100.9/443{user}")
        }
        1 => format!("{phrase}: user {user} of group staff from {address}{}", reason(", reason: ")),
        2 => format!("Policy in-out {phrase} {verb} TCP {address} port {port}{}", reason(" by ")),
        3 => format!(
            "Session {small} of {user} {phrase} after {small} s, {bytes} out, {bytes} in{}",
            reason(", reason: ")
        ),
        _ => format!(
            "Group <staff> User <{user}> IP <{address}> {phrase} on outside, outcome Success{}",
            reason(", reason: ")
        ),
    }
}

/// The times of a case over those of ten messages: the ratio of the medians, and that of the fastest rounds.
fn ratios(figures: &[Figure], (case, rounds): &Figure) -> [f64; 2] {
    let base = figures.iter().find(|(base, _)| base.keyed == case.keyed);
    let of = |time: fn(&Rounds) -> f64| base.map_or(f64::NAN, |(_, base)| time(rounds) / time(base));
    [of(Rounds::median), of(Rounds::fastest)]
}

/// The table, in Markdown.
pub fn report(figures: &[Figure]) -> String {
    let head = ["messages", "with records", "key", "ns per record", "min", "max", "ratio", "of the min"];
    let row = |figure: &Figure| {
        let (case, rounds) = figure;
        let key = if case.keyed { "yes" } else { "no" }.to_owned();
        let times = [rounds.median(), rounds.fastest(), rounds.slowest()].map(|time| format!("{time:.0}"));
        let mut row = vec![case.catalogue.to_string(), case.used.to_string(), key];
        row.extend(times);
        row.extend(ratios(figures, figure).map(|ratio| format!("{ratio:.2}")));
        row
    };
    table(&head, figures.iter().map(row).collect())
}

/// The figures, to work with.
pub fn json(figures: &[Figure]) -> Value {
    let one = |figure: &Figure| {
        let (case, rounds) = figure;
        let [ratio, of_fastest] = ratios(figures, figure);
        json!({
            "messages": case.catalogue, "withRecords": case.used, "key": case.keyed, "nanoseconds": rounds.seconds(),
            "ratio": ratio, "ratioOfFastest": of_fastest,
        })
    };
    figures.iter().map(one).collect()
}
