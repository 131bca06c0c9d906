//! The block `decode`: how a record is taken apart, as far as guide and lines say it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::barred::Barred;
use super::columns::{Found, Wanted};
use super::guide::{Guide, Note};
use super::lines::{Layout, Seen};
use super::plan::Planned;
use super::split_stamp;
use super::text::{folded, without_places};
use super::yaml::{comment, list, quoted, scalar};

/// A field that rows read.
pub(super) struct Field {
    /// As rows call it.
    pub(super) name: String,
    /// As the guide calls it.
    pub(super) printed: String,
    /// The guide's sample.
    pub(super) sample: String,
    /// Whether all rows that read it fill lists.
    pub(super) list: bool,
}

/// The fields that rows read, each once.
pub(super) fn fields(rows: &[Planned]) -> Vec<Field> {
    let mut fields: Vec<Field> = Vec::new();
    for row in rows {
        if let Some(name) = row.reads().filter(|name| !fields.iter().any(|field| field.name == *name)) {
            let sample = row.sample.clone().unwrap_or_default();
            let mut readers = rows.iter().filter(|other| other.reads().as_ref() == Some(&name));
            let list = readers.all(|row| row.known.is_some_and(|token| token.kind().is_list()));
            fields.push(Field { name, printed: row.from.join("."), sample, list });
        }
    }
    fields
}

/// The layout: what the author asked for, what lines show, what the guide says.
pub(super) fn layout(asked: Option<Layout>, seen: &Seen, guide: &Guide) -> Option<Layout> {
    let said = |words: &[&str]| {
        guide.formats.iter().any(|format| words.iter().any(|word| folded(format).contains(word)))
    };
    let stated = match () {
        () if said(&["json"]) => Some(Layout::Json),
        () if said(&["csv", "delimited", "separated"]) => Some(Layout::Columns),
        () if said(&["leef"]) => Some(Layout::Leef),
        () if said(&["cef"]) => Some(Layout::Cef),
        () if said(&["welf", "keyvalue", "kv", "syslog"]) => Some(Layout::Pairs),
        () => None,
    };
    asked.or(seen.layout).or(stated)
}

/// The text of `records` and `decode`, and what was assumed for it.
pub(super) fn block(
    layout: Layout,
    seen: &Seen,
    guide: &Guide,
    fields: &[Field],
    notes: &mut Vec<Note>,
) -> String {
    let mut out = String::new();
    match layout {
        Layout::Json => {
            let said = guide.formats.iter().any(|format| folded(format).contains("syslog"));
            json(&mut out, seen, seen.header || seen.layout.is_none() && said, fields, notes);
        }
        Layout::Cef | Layout::Leef => {
            if let Some(form) = Barred::of(layout) {
                barred(&mut out, seen, fields, form, notes);
            }
        }
        Layout::Pairs => {
            out.push_str("decode:\n");
            pairs(&mut out, seen, fields, notes);
        }
        Layout::Columns => columns(&mut out, seen, guide, fields, notes),
        Layout::Text => text(&mut out, notes),
    }
    let strangers = seen.strangers();
    if !strangers.is_empty() {
        notes.push(Note::new(
            0,
            format!(
                "keys of the lines that no row of the guide reads, kept under unmapped: {}",
                strangers.join(", ")
            ),
        ));
    }
    let pairs = Barred::of(layout).map(|form| paired(form, seen, fields).0);
    let is_pair =
        |field: &&Field| pairs.as_ref().is_none_or(|pairs| pairs.iter().any(|pair| pair.name == field.name));
    let missing: Vec<&str> = fields
        .iter()
        .filter(|field| seen.keys(&field.printed).is_empty())
        .filter(is_pair)
        .map(|field| field.printed.as_str())
        .collect();
    if seen.layout.is_some() && !missing.is_empty() && !matches!(layout, Layout::Columns | Layout::Text) {
        notes.push(Note::new(
            0,
            format!("fields of the guide that the lines do not show: {}", missing.join(", ")),
        ));
    }
    out
}

fn json(out: &mut String, seen: &Seen, header: bool, fields: &[Field], notes: &mut Vec<Note>) {
    if !header {
        out.push_str("records: json\n\n");
    }
    out.push_str("decode:\n");
    if header {
        out.push_str("  - syslog: {}\n");
    }
    let envelope = seen.envelope();
    let below = envelope.as_ref().map(|path| format!("{path}."));
    let mut paths = String::new();
    // The path of a list, and whether all that is read of it are members of lists.
    let mut arrays: BTreeMap<String, bool> = BTreeMap::new();
    for field in fields {
        let mut wanted: Vec<String> = seen.keys(&field.printed).to_vec();
        let (plain, mut lists) = without_places(&field.printed);
        for path in &wanted {
            lists.extend(seen.arrays.iter().filter(|array| path.starts_with(&format!("{array}."))).cloned());
        }
        let inner = |path: &String| {
            below.as_ref().and_then(|below| path.strip_prefix(below)).unwrap_or(path).to_owned()
        };
        for path in &lists {
            *arrays.entry(inner(path)).or_insert(true) &= field.list;
        }
        wanted = wanted.iter().map(inner).collect();
        if wanted.is_empty() {
            let path = if xdr_codegen::path::parse(&plain).is_ok() {
                plain
            } else {
                format!("\"{}\"", plain.replace('"', ""))
            };
            wanted.push(path);
        }
        if wanted == [field.name.clone()] {
            continue;
        }
        if let Some(reason) = seen.reason(&field.printed) {
            paths.push_str(&comment("        ", reason));
            notes.push(Note::new(0, format!("`{}`: {reason}", field.printed)));
        }
        let path = match wanted.as_slice() {
            [path] => scalar(path),
            several => list(several),
        };
        let _ = writeln!(paths, "        {}: {path}", scalar(&field.name));
    }
    if paths.is_empty() && envelope.is_none() && arrays.is_empty() {
        out.push_str("  # Each field is found by its name as a path.\n  - json: {}\n");
        return;
    }
    out.push_str("  - json:\n");
    if let Some(path) = envelope {
        let _ = writeln!(out, "      envelope: [{}]", scalar(&path));
    }
    if !arrays.is_empty() {
        out.push_str(&comment("      ", "Where the first element speaks, the others stay under unmapped. It can be `{ highest: key }` too, or `{ by: type }`: then a path such as `list.User.id` names the element whose `type` is `User`."));
        let choose = |(path, each): (&String, &bool)| {
            format!("{}: {}", scalar(path), if *each { "each" } else { "first" })
        };
        let choices: Vec<String> = arrays.iter().map(choose).collect();
        let _ = writeln!(out, "      choose: {{ {} }}", choices.join(", "));
        notes.push(Note::new(
            0,
            format!("lists of objects, and which element speaks: {}", choices.join(", ")),
        ));
    }
    if !paths.is_empty() {
        out.push_str("      paths:\n");
        out.push_str(&paths);
    }
}

/// A part of the syslog header, and the field that it is.
type Part<'f> = (&'static str, &'f str);

/// The fields that parts of the syslog header are, where no key of the record is; and the others.
fn header<'f>(seen: &Seen, fields: impl Iterator<Item = &'f Field>) -> (Vec<Part<'f>>, Vec<&'f Field>) {
    let mut header: Vec<Part<'f>> = Vec::new();
    let mut rest = Vec::new();
    for field in fields {
        let part = header_part(field).filter(|part| {
            let free = !header.iter().any(|(taken, _)| taken == part);
            free && seen.keys(&field.printed).is_empty()
        });
        match part {
            Some(part) => header.push((part, field.name.as_str())),
            None => rest.push(field),
        }
    }
    (header, rest)
}

/// The step of the syslog header; gives the fields that it does not fill.
fn syslog<'f>(
    out: &mut String,
    seen: &Seen,
    fields: impl Iterator<Item = &'f Field>,
    notes: &mut Vec<Note>,
) -> Vec<&'f Field> {
    let (header, rest) = self::header(seen, fields);
    if header.is_empty() {
        out.push_str("  - syslog: {}\n");
    } else {
        let parts: Vec<String> =
            header.iter().map(|(part, field)| format!("{part}: {}", scalar(field))).collect();
        out.push_str(&comment("  ", "The guide does not say where these stand: the parts of the syslog header with their names are taken."));
        let _ = writeln!(out, "  - syslog: {{ {} }}", parts.join(", "));
        notes.push(Note::new(
            0,
            format!(
                "taken from the syslog header, as no key has the name: {}",
                header.iter().map(|(_, field)| *field).collect::<Vec<_>>().join(", ")
            ),
        ));
    }
    rest
}

fn pairs(out: &mut String, seen: &Seen, fields: &[Field], notes: &mut Vec<Note>) {
    let split = fields.iter().any(|field| field.name == split_stamp::FIELD);
    let whole = fields.iter().filter(|field| field.name != split_stamp::FIELD);
    let rest = syslog(out, seen, whole, notes);
    if split {
        let [both, rest] = split_stamp::templates();
        let _ = writeln!(out, "  - template:\n      - {}\n      - {}", quoted(&both), quoted(&rest));
    }
    if rest.is_empty() {
        return;
    }
    if seen.layout.is_none() {
        let text = "The guide does not show how a record is laid out. These are its fields as keys of `key=value`: put the keys of the wire in their place, or another step.";
        out.push_str(&comment("  ", text));
        notes.push(Note::new(0, "the guide does not show how a record is laid out: `decode` takes its fields for keys of `key=value`"));
    }
    if seen.commas {
        let text = "commas stand between the pairs: a value in quotes with a comma behind it is not closed, and needs a template";
        out.push_str(&comment("  ", text));
        notes.push(Note::new(0, text));
    }
    out.push_str("  - key-value:\n");
    if seen.layout.is_some() && seen.assign != '=' {
        let _ = writeln!(out, "      assign: {}", quoted(&seen.assign.to_string()));
    }
    keys(out, seen, &rest, &|field| as_key(&field.printed), notes);
}

/// The list of keys, each with the field that it is.
fn keys(
    out: &mut String,
    seen: &Seen,
    fields: &[&Field],
    own: &dyn Fn(&Field) -> String,
    notes: &mut Vec<Note>,
) {
    out.push_str("      keys:\n");
    let mut templates: BTreeMap<String, &str> = BTreeMap::new();
    let end = if seen.commas { "{?,}" } else { "" };
    for field in fields {
        let mut wanted: Vec<String> = seen.keys(&field.printed).to_vec();
        if wanted.is_empty() {
            wanted.push(own(field));
            if seen.layout.is_some() {
                out.push_str("        # Not in the lines.\n");
            }
        } else if let Some(reason) = seen.reason(&field.printed) {
            out.push_str(&comment("        ", reason));
        }
        for key in wanted {
            if let Some(taken) = templates.insert(key.clone(), &field.name) {
                let text = format!(
                    "`{taken}` and `{}` seem to be the same key, `{key}`: say which key is `{}`, or waive its row",
                    field.name, field.name
                );
                out.push_str(&comment("        ", &format!("Decide: {text}.")));
                notes.push(Note::open(0, text));
                continue;
            }
            let _ =
                writeln!(out, "        {}: {}", scalar(&key), quoted(&format!("{{{}}}{end}", field.name)));
        }
    }
}

/// A name as a key can be written: what no key can hold becomes `_`.
pub(super) fn as_key(name: &str) -> String {
    let part = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '.' | '-');
    let key: String = name.chars().map(|character| if part(character) { character } else { '_' }).collect();
    let letter = key.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    if letter { key } else { format!("_{key}") }
}

/// The part of a syslog header that a field is by its name, if the name is none that keys have.
fn header_part(field: &Field) -> Option<&'static str> {
    let name = &field.printed;
    let is_stamp =
        field.sample.starts_with(|first: char| first.is_ascii_uppercase()) || field.sample.contains('T');
    if name.starts_with(|first: char| first.is_ascii_lowercase()) && !name.contains(' ') {
        return None;
    }
    match folded(name).as_str() {
        "timestamp" | "time" | "eventtime" | "datetime" | "logtime" if is_stamp => Some("time"),
        "host" | "hostname" | "devicehost" | "syslogserver" => Some("host"),
        _ => None,
    }
}

/// The fields of CEF and LEEF that pairs hold, and whether other pairs tell the names of some.
pub(super) fn paired<'f>(form: &Barred, seen: &Seen, fields: &'f [Field]) -> (Vec<&'f Field>, bool) {
    let head = form.head(seen, fields);
    let taken = |field: &&Field| head.iter().flatten().any(|part| part.name == field.name);
    let (_, rest) = header(seen, fields.iter().filter(|field| !taken(field)));
    let told = seen.labels || seen.layout.is_none() && form.needs_labels(&rest);
    (rest, told)
}

fn barred(out: &mut String, seen: &Seen, fields: &[Field], form: &Barred, notes: &mut Vec<Note>) {
    let head = form.head(seen, fields);
    let taken = |field: &&Field| head.iter().flatten().any(|part| part.name == field.name);
    out.push_str("decode:\n");
    syslog(out, seen, fields.iter().filter(|field| !taken(field)), notes);
    let (rest, labels) = paired(form, seen, fields);
    let parts = form.head_keys(&head);
    if parts.is_empty() && rest.is_empty() && !labels {
        let _ = writeln!(out, "  - {}: {{}}", form.step);
        return;
    }
    let _ = writeln!(out, "  - {}:", form.step);
    out.push_str(&parts);
    if labels {
        let why = if seen.labels {
            "The lines have pairs such as `cs1Label=Name`: what they name is a key."
        } else {
            "Names with blanks can be no keys of CEF: other pairs, such as `cs1Label=Name`, must tell them."
        };
        out.push_str(&comment("      ", why));
        out.push_str("      labels: true\n");
    }
    if !rest.is_empty() {
        keys(out, seen, &rest, &|field| form.key(&field.printed, labels), notes);
    }
}

/// The fields of the guide in its order, those that no row reads too: they are columns of the record like others.
pub(super) fn wanted<'f>(guide: &'f Guide, fields: &'f [Field], printed: &'f [String]) -> Vec<Wanted<'f>> {
    let mut all: Vec<Wanted<'f>> = Vec::new();
    for (row, printed) in guide.rows.iter().zip(printed) {
        let field = fields.iter().find(|field| field.printed == *printed);
        let name = field.map_or(printed.as_str(), |field| field.name.as_str());
        let derived = folded(printed).starts_with("derived");
        if !derived && !printed.is_empty() && all.iter().all(|known| known.name != name) {
            all.push(Wanted { name, printed, sample: &row.sample });
        }
    }
    all
}

/// The names of the guide's rows, as fields are called by it.
pub(super) fn printed(guide: &Guide) -> Vec<String> {
    guide.rows.iter().map(|row| row.from.join(".")).collect()
}

/// Which field each column is. Without lines they are the guide's rows in their order.
pub(super) fn found<'f>(seen: &Seen, wanted: &[Wanted<'f>]) -> Found<'f> {
    match &seen.columns {
        Some(columns) => columns.fields(wanted),
        None => {
            Found { names: wanted.iter().map(|field| field.name.to_owned()).collect(), ..Found::default() }
        }
    }
}

fn text(out: &mut String, notes: &mut Vec<Note>) {
    let text =
        "neither guide nor lines show how a record is laid out: its template needs a capture for each field";
    out.push_str("decode:\n");
    out.push_str(&comment("  ", &format!("Decide: {text}.")));
    out.push_str("  - syslog: {}\n  - template: \"{_text}\"\n");
    notes.push(Note::open(0, text));
}

fn columns(out: &mut String, seen: &Seen, guide: &Guide, fields: &[Field], notes: &mut Vec<Note>) {
    let printed = printed(guide);
    let found = found(seen, &wanted(guide, fields, &printed));
    out.push_str("decode:\n  - syslog: {}\n  - csv:\n");
    if let Some(columns) = seen.columns.as_ref().filter(|columns| columns.separator != ',') {
        let _ = writeln!(out, "      separator: {}", quoted(&columns.separator.to_string()));
    }
    let how = if seen.columns.is_some() {
        "The columns of the lines. Fields are told by heads, samples and the guide's order: look whether each stands where it belongs."
    } else {
        "The guide's rows in their order are taken for the columns: put columns between that it leaves out."
    };
    out.push_str(&comment("      ", how));
    notes.push(Note::new(0, how.trim_end_matches('.')));
    if !found.by_place.is_empty() {
        let text = format!("told only by their place between others: {}", found.by_place.join(", "));
        out.push_str(&comment("      ", &format!("These are {text}.")));
        notes.push(Note::new(0, format!("columns {text}")));
    }
    let is_read = |name: &str| fields.iter().any(|field| field.printed == name);
    let may_be = |(name, may): &(&str, Vec<usize>)| {
        let numbers: Vec<String> = may.iter().map(ToString::to_string).collect();
        if may.is_empty() { (*name).to_owned() } else { format!("{name} ({})", numbers.join(" or ")) }
    };
    let missing: Vec<String> = found.missing.iter().filter(|(name, _)| is_read(name)).map(may_be).collect();
    if !missing.is_empty() {
        let text = format!("of these fields it is not known which column they are: {}", missing.join(", "));
        out.push_str(&comment("      ", &format!("Decide: {text}.")));
        notes.push(Note::open(0, text));
    }
    out.push_str("      columns:\n");
    for name in &found.names {
        let _ = writeln!(out, "        - {}", scalar(name));
    }
}
