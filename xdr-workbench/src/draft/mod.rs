//! Drafts of specs: a folder that builds at once, or the whole spec of a published guide.
//!
//! The text of a guide is read into a model of its tables ([`read`]), its rows are decided one by one (`plan`, `maps`), real lines
//! say how a record is laid out (`lines`, `decode`), and the spec is written as the hand-written ones are (`write`). What is
//! uncertain is never decided in silence: it stands as a comment above its row and in [`Draft::notes`], and where a decision is
//! needed, the draft holds what the guide prints, which `xdr check` refuses at its place.

mod align;
mod barred;
mod closing;
mod columns;
mod decode;
mod facts;
mod guide;
mod head;
mod kinds;
mod lines;
mod maps;
mod pairs;
mod plan;
mod read;
mod sample;
mod scan;
mod skeleton;
mod split_stamp;
mod stamp;
mod text;
mod token;
mod write;
mod yaml;

pub use guide::{Device, Guide, Note, Row, ValueTable};
pub use lines::Layout;
pub use read::guide as read;
pub use skeleton::skeleton;
pub use token::{Match, find};

use kinds::Habits;
use lines::Seen;
use stamp::Orders;

/// A source's folder, as texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// `spec.yaml`.
    pub spec: String,
    /// The file of samples.
    pub samples: String,
    /// How many rows the tables have, how many of them are mapped, and how many are waived.
    pub rows: [usize; 3],
    /// What the author should know, in the guide's order.
    pub notes: Vec<Note>,
}

/// The draft of a spec from a guide. `lines` are real records, if there are any; `asked` is the layout, if the author knows it.
pub fn from_guide(name: &str, guide: &Guide, lines: Option<&str>, asked: Option<Layout>) -> Draft {
    let mut notes = guide.notes.clone();
    let mut seen = lines.map(Seen::of).unwrap_or_default();
    let names: Vec<(String, String)> =
        guide.rows.iter().map(|row| (row.from.join("."), row.sample.clone())).collect();
    seen.find(&names);
    let printed = decode::printed(guide);
    seen.place(&decode::wanted(guide, &[], &printed));
    let device = &guide.device;
    for (what, value) in [("type", &device.kind), ("vendor", &device.vendor), ("product", &device.product)] {
        if value.is_none() {
            notes.push(Note::open(0, format!("the guide names no {what} of the device")));
        }
    }
    let layout = decode::layout(asked, &seen, guide);
    if layout.is_none() {
        notes.push(Note::new(
            0,
            "neither guide nor lines say in which form records come: `key=value` is taken",
        ));
    }
    let layout = layout.unwrap_or(Layout::Pairs);
    if let (Some(found), [lines, understood]) = (seen.layout, seen.lines)
        && understood < lines
    {
        notes.push(Note::new(0, format!("{understood} of {lines} lines have the layout of most, {found:?}")));
    }
    let habits = habits(guide, layout);
    let mut map = plan::fields(guide, &seen, &habits, &mut notes);
    if layout == Layout::Pairs {
        split_stamp::join(&mut map, &seen, &mut notes);
    }
    let mut internal = plan::internal(guide, &mut notes);
    let values = maps::all(guide, &seen, &mut map, &mut notes);
    let enrich = closing::enrich(&mut map, &mut internal, &mut notes);
    let fields = decode::fields(&map);
    let remark = "A draft from the guide. Where a comment says Decide, xdr check refuses what stands there until it is decided.";
    let both: Vec<&plan::Planned> = map.iter().chain(&internal).collect();
    let spec = [
        write::opening(name, guide, remark),
        "\n".to_owned(),
        decode::block(layout, &seen, guide, &fields, &mut notes),
        write::rows("map", &map),
        write::rows("internal", &internal),
        write::values(&values),
        closing::fan_in(&both, &values, &mut notes),
        enrich,
    ]
    .concat();
    let waived = both.iter().filter(|row| row.waived.is_some()).count();
    notes.sort_by_key(|note| note.line);
    // Two rows of one cell have the same notes, and others stand between them.
    let mut said = std::collections::BTreeSet::new();
    notes.retain(|note| said.insert((note.line, note.text.clone())));
    let mapped = both.iter().filter(|row| row.waived.is_none() && row.known.is_some()).count();
    Draft {
        spec,
        samples: sample::line(layout, &seen, guide, &fields, &map) + "\n",
        rows: [both.len(), mapped, waived],
        notes,
    }
}

fn habits(guide: &Guide, layout: Layout) -> Habits {
    let mut orders = Orders::default();
    let times = guide.rows.iter().filter(|row| {
        find(&row.token).certain().is_some_and(|token| token.kind() == xdr_model::Kind::Timestamp)
    });
    let samples: Vec<&str> = times.map(|row| row.sample.as_str()).collect();
    for sample in &samples {
        orders.learn(sample);
    }
    let usual = samples.iter().find_map(|sample| stamp::formats(sample, orders));
    Habits { json: layout == Layout::Json, orders, usual }
}
