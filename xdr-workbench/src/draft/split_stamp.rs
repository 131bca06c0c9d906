//! Times that pairs hold in two keys, `date=2024-03-14 time=07:08:09`: read as one field.

use super::guide::Note;
use super::lines::Seen;
use super::plan::{Planned, say};
use super::stamp::{self, Orders};
use super::text::folded;
use xdr_model::{Kind, Token};

/// The name of the field in the spec.
pub(super) const FIELD: &str = "date and time";

/// The template in front of the pairs: the two keys, wherever they open the text, and the rest.
pub(super) fn templates() -> [String; 2] {
    [format!("{{{FIELD}=date={{_date:word}} time={{_time:word}}}} {{*}}"), "{*}".to_owned()]
}

/// Gives the row of the event's time both keys, if the lines begin with them. Says whether it did.
pub(super) fn join(rows: &mut [Planned], seen: &Seen, notes: &mut Vec<Note>) -> bool {
    let day =
        rows.iter().find(|row| folded(&row.from.join(".")) == "date").and_then(|row| row.sample.clone());
    let Some((date, time)) = &seen.split_stamp else { return false };
    let Some(found) = stamp::formats(&format!("{date} {time}"), Orders::default()) else { return false };
    let mine = |row: &&mut Planned| {
        let stamp = row.known.is_some_and(|token| token.kind() == Kind::Timestamp) && row.reads().is_some();
        let name = folded(&row.from.join("."));
        let named = ["date", "time", "datetime", "dateandtime", "timestamp"].contains(&name.as_str());
        let key = seen.keys(&row.from.join(".")).iter().any(|key| key == "date" || key == "time");
        stamp && (key || named)
    };
    let Some(row) = rows.iter_mut().filter(mine).min_by_key(|row| row.known != Some(Token::EventTime)) else {
        return false;
    };
    let mut formats: Vec<String> = found
        .iter()
        .filter_map(|format| format.split_once(' ').map(|(date, time)| format!("date={date} time={time}")))
        .collect();
    let mut joined = false;
    // The guide's sample is not written as the wire has it.
    let sample = row.sample.as_deref().unwrap_or_default();
    if let Some(more) = stamp::formats(sample, Orders::default()) {
        formats.extend(more);
    } else {
        // The clock alone: with the day, which another row has, it is what the wire has.
        let clock = if sample.is_empty() { time.as_str() } else { sample };
        let day = day.as_deref().unwrap_or(date);
        if stamp::formats(&format!("{day} {clock}"), Orders::default()).as_ref() == Some(&found) {
            row.sample = Some(format!("date={day} time={clock}"));
            joined = true;
        }
    }
    if joined {
        say(row, notes, "the guide prints day and clock in two rows: the sample is put together of both");
    }
    row.field = Some(FIELD.to_owned());
    row.comments.retain(|comment| !comment.starts_with("Decide: no format"));
    notes.retain(|note| note.line != row.line || !note.text.contains("no format of a time"));
    row.conversion.how = Some(stamp::rule(&formats));
    row.conversion.doubt = None;
    say(row, notes, "the lines have the time in two keys, `date` and `time`, which are read as one field");
    if let Some(key) = seen.offset() {
        let text = format!(
            "`{key}` of the lines is an offset from UTC: write `{key}: \"{{{key}}}\"` under `keys` and `zone-from: {key}` here, or these times are read in the run's zone"
        );
        say(row, notes, &text);
    }
    true
}
