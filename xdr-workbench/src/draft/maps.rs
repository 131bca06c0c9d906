//! Value maps: which field each table of values is about, and which token it fills.

use std::collections::BTreeSet;

use xdr_model::{Kind, Token};

use super::guide::{Guide, Note, ValueTable};
use super::lines::Seen;
use super::plan::{Input, Planned};
use super::text::{folded, words};
use super::token::find;

/// A value map of the spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PlannedMap {
    /// The key in the spec.
    pub(super) name: String,
    /// The guide's title.
    pub(super) title: String,
    /// The field and the token of a map that is a mapping of its own.
    pub(super) own: Option<(String, Token)>,
    /// Source value and normalised value.
    pub(super) cases: Vec<[String; 2]>,
    /// The lowest and the highest number, if the source values are ranges.
    pub(super) over: Option<(i64, i64)>,
    /// Whether two source values differ in case alone.
    pub(super) exact: bool,
    /// What becomes of other values.
    pub(super) otherwise: Option<&'static str>,
    /// What the author should know.
    pub(super) comments: Vec<String>,
}

/// The maps of a guide. Rows whose values go through one are told so.
pub(super) fn all(
    guide: &Guide,
    seen: &Seen,
    rows: &mut [Planned],
    notes: &mut Vec<Note>,
) -> Vec<PlannedMap> {
    let mut taken = BTreeSet::new();
    let mut maps: Vec<PlannedMap> = Vec::new();
    for table in &guide.maps {
        let mut map = begun(table, &mut taken, notes);
        attach(table, seen, &mut map, rows, notes);
        for comment in &map.comments {
            let note = Note::new(table.line, format!("value map `{}`: {comment}", map.title));
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
        maps.push(map);
    }
    maps
}

/// The name of a map: its title's words.
fn name(title: &str, taken: &mut BTreeSet<String>) -> String {
    let simple = title.chars().all(|character| character.is_ascii_alphanumeric());
    let base = if simple && !title.is_empty() { title.to_owned() } else { words(title).join("-") };
    let base = if base.is_empty() { "values".to_owned() } else { base };
    let mut name = base.clone();
    let mut number = 2;
    while !taken.insert(name.clone()) {
        name = format!("{base}-{number}");
        number += 1;
    }
    name
}

fn begun(table: &ValueTable, taken: &mut BTreeSet<String>, notes: &mut Vec<Note>) -> PlannedMap {
    let mut comments = table.doubts.clone();
    let mut cases: Vec<[String; 2]> = Vec::new();
    for [source, normalised] in &table.cases {
        let parts: Vec<&str> =
            source.split([',', ';']).map(str::trim).filter(|part| !part.is_empty()).collect();
        let short = parts.len() > 1 && parts.iter().all(|part| words(part).len() <= 2);
        if short {
            comments.push(format!("the cell `{source}` is taken for several source values"));
        }
        let sources = if short { parts } else { vec![source.as_str()] };
        for source in sources {
            let case = [source.to_owned(), normalised.clone()];
            if cases.contains(&case) {
                comments.push(format!("`{source}` is printed twice"));
                continue;
            }
            if cases.iter().any(|[other, _]| other == source) {
                notes.push(Note::open(
                    table.line,
                    format!("value map `{}`: `{source}` has two normalised values", table.title),
                ));
            }
            cases.push(case);
        }
    }
    for [source, _] in &cases {
        if ["others", "other", "default", "any", "anyother", "else", "rest"]
            .contains(&folded(source).as_str())
        {
            comments.push(format!(
                "`{source}` may mean every other value, which a map cannot turn into a word: see `otherwise`"
            ));
        }
    }
    let over = over(&cases);
    let folds: BTreeSet<String> = cases.iter().map(|[source, _]| source.to_ascii_lowercase()).collect();
    PlannedMap {
        name: name(&table.title, taken),
        title: table.title.clone(),
        own: None,
        exact: folds.len() < cases.len(),
        cases,
        over,
        otherwise: None,
        comments,
    }
}

/// The lowest and the highest number of ranges; nothing if no source value is one.
fn over(cases: &[[String; 2]]) -> Option<(i64, i64)> {
    let mut bounds = Vec::new();
    let mut wide = false;
    for [source, _] in cases {
        let (low, high) = source.split_once('-').unwrap_or((source, source));
        let (low, high): (i64, i64) = (low.trim().parse().ok()?, high.trim().parse().ok()?);
        wide |= low < high;
        bounds.extend([low, high]);
    }
    let (low, high) = (bounds.iter().min()?, bounds.iter().max()?);
    wide.then_some((*low, *high))
}

/// What a cell of a head names, without the remark in parentheses.
fn head(table: &ValueTable, at: usize) -> String {
    let cell = table.heads.as_ref().and_then(|heads| heads.get(at)).map_or("", String::as_str);
    cell.split('(').next().unwrap_or(cell).trim().to_owned()
}

/// Whether a row reads a field and its sample is among the source values.
fn holds_sample(cases: &[[String; 2]], row: &Planned) -> bool {
    let Some(sample) = &row.sample else { return false };
    let parts: Vec<&str> = match row.conversion.alternatives {
        Some(separator) => sample.split(separator).collect(),
        None => vec![sample.as_str()],
    };
    let holds = |part: &&str| {
        cases.iter().any(|[source, _]| source == part)
            || over(cases)
                .is_some_and(|(low, high)| part.parse().is_ok_and(|number| (low..=high).contains(&number)))
    };
    row.reads().is_some() && parts.iter().any(holds)
}

/// Whether a name is that of the row's field, in any spelling.
fn is_field(row: &Planned, name: &str) -> bool {
    let bare = folded(name);
    let own = |part: &String| folded(part) == bare;
    !bare.is_empty()
        && row.reads().is_some()
        && (row.from.last().is_some_and(own) || folded(&row.from.join(".")) == bare)
}

/// Whether a name is that of the row's token.
fn fills(row: &Planned, name: &str) -> bool {
    row.known.is_some() && row.reads().is_some() && find(name).certain() == row.known
}

/// The row whose values a table gives.
struct Found {
    at: usize,
    /// Why the row was taken, where no name of table or row says it.
    by: Option<String>,
    /// The token whose words the table gives, if it is not the row's.
    own: Option<Token>,
}

/// The rows that a table's heads or title name: the head's words first, then the title's, then a sample that the table holds.
fn named_rows(table: &ValueTable, cases: &[[String; 2]], rows: &[Planned]) -> Vec<usize> {
    let (source, title) = (head(table, 0), table.title.as_str());
    let all = |wanted: &dyn Fn(&Planned) -> bool| -> Vec<usize> {
        rows.iter().enumerate().filter(|(_, row)| wanted(row)).map(|(at, _)| at).collect()
    };
    let found = [
        all(&|row| is_field(row, &source)),
        all(&|row| fills(row, &source)),
        all(&|row| is_field(row, title)),
        all(&|row| fills(row, title)),
        all(&|row| words_in(row, title) && holds_sample(cases, row)),
    ];
    found.into_iter().find(|rows| !rows.is_empty()).unwrap_or_default()
}

/// The row of a table, or what must be decided.
fn row_of(table: &ValueTable, cases: &[[String; 2]], rows: &[Planned]) -> Result<Found, String> {
    let text = |row: &Planned| row.known.is_some_and(|token| token.kind() == Kind::String);
    let of = |at: &usize| rows.get(*at);
    let title = table.title.as_str();
    let words = |name: &str| find(name).certain().filter(|token| token.kind() == Kind::String);
    let (by_head, by_title) = (words(&head(table, 1)), words(title));
    let token = by_head.or(by_title);
    let named = named_rows(table, cases, rows);
    // Of a map that fills a token of its own the source may be of any kind.
    let free = token.is_some_and(|token| !rows.iter().any(|row| row.known == Some(token)));
    let mut by_sample = false;
    let candidates = if named.is_empty() {
        let holding: Vec<usize> = rows
            .iter()
            .enumerate()
            .filter(|(_, row)| (free || text(row)) && holds_sample(cases, row))
            .map(|(at, _)| at)
            .collect();
        if holding.len() != 1 {
            return Err("the guide does not say which field these are the values of: name the map in the `values` of a row".to_owned());
        }
        by_sample = true;
        holding
    } else {
        named
    };
    let Some(first) = candidates.first().and_then(of) else { return Err(String::new()) };
    let field = first.from.join(".");
    let sample = first.sample.clone().unwrap_or_default();
    let by_name = [title, &head(table, 0)].iter().any(|name| is_field(first, name) || fills(first, name));
    let by = if by_sample {
        Some(format!("taken for the values of `{field}`, as only its sample `{sample}` is among them"))
    } else {
        let text = format!("taken for the values of `{field}`, by its name and its sample `{sample}`");
        Some(text).filter(|_| !by_name)
    };
    // One of several rows, by their samples.
    let one = |places: Vec<usize>| -> Result<usize, String> {
        let holding: Vec<usize> =
            places.iter().copied().filter(|at| of(at).is_some_and(|row| holds_sample(cases, row))).collect();
        match (places.as_slice(), holding.as_slice()) {
            ([at], _) | (_, [at]) => Ok(*at),
            _ => {
                let row = |at: &usize| Some(format!("`{}` for `{}`", of(at)?.from.join("."), of(at)?.known?));
                let rows: Vec<String> = places.iter().filter_map(row).collect();
                Err(format!(
                    "several rows may have these values ({}): name the map in the `values` of those that do",
                    rows.join(", ")
                ))
            }
        }
    };
    let own = |token: Token, by| {
        Ok(Found { at: candidates.first().copied().unwrap_or_default(), by, own: Some(token) })
    };
    // A row that has the token already gets the map: beside it the map would not be heard.
    if let Some(token) = token {
        let fills = |at: &usize| of(at).is_some_and(|row| row.known == Some(token) && row.reads().is_some());
        let mut places: Vec<usize> = candidates.iter().copied().filter(fills).collect();
        if places.is_empty() {
            let same = |at: &usize| of(at).is_some_and(|row| row.from == first.from);
            places = (0..rows.len()).filter(fills).filter(same).collect();
        }
        if !places.is_empty() {
            return Ok(Found { at: one(places)?, by, own: None });
        }
    }
    let texts: Vec<usize> = candidates.iter().copied().filter(|at| of(at).is_some_and(text)).collect();
    // The name of a field is no claim that its words are the token's that has this name too.
    let titled = is_field(first, title);
    let Some(wanted) = by_head.or(by_title.filter(|_| !titled)) else {
        return match by_title {
            _ if !texts.is_empty() => Ok(Found { at: one(texts)?, by, own: None }),
            Some(token) => Err(format!(
                "these are words for `{field}`, which fills a token that is no text; `{token}` is the name of a token too: \
                 say which token gets the words"
            )),
            None => Err(format!("`{field}` fills a token that is no text: say which token gets the words")),
        };
    };
    if let Some(other) = rows.iter().find(|row| row.known == Some(wanted) && row.reads().is_some()) {
        return Err(format!(
            "the words of `{field}` are those of `{wanted}`, which `{}` fills: name the map in the `values` of a row",
            other.from.join(".")
        ));
    }
    let source = head(table, 0);
    let exact = is_field(first, &source) || fills(first, &source);
    if by_head.is_none() && exact && !texts.is_empty() {
        return Err(format!(
            "the words may be those of the row of `{field}`, or of `{wanted}`, which the title names: name the map in the `values` \
             of the row, or give it `from` and `token`"
        ));
    }
    own(wanted, by)
}

fn attach(
    table: &ValueTable,
    seen: &Seen,
    map: &mut PlannedMap,
    rows: &mut [Planned],
    notes: &mut Vec<Note>,
) {
    let cases = map.cases.clone();
    let found = match row_of(table, &cases, rows) {
        Ok(found) => found,
        Err(text) => {
            // No row uses the map, which the check refuses.
            notes.push(Note::open(table.line, format!("value map `{}`: {text}", table.title)));
            map.comments.push(format!("Decide: {text}."));
            return;
        }
    };
    map.comments.extend(found.by);
    let Some(row) = rows.get_mut(found.at) else { return };
    match found.own {
        Some(token) => map.own = row.reads().map(|field| (field, token)),
        None if row.input == Input::Field => row.values = Some(map.name.clone()),
        None => {}
    }
    let row = &*row;
    let (field, sample) = (row.from.join("."), row.sample.clone().unwrap_or_default());
    let holds = |row: &Planned| holds_sample(&cases, row);
    let outside = !sample.is_empty() && !holds(row);
    let strange = |value: &&String| map.over.is_none() && !cases.iter().any(|[source, _]| source == *value);
    let others: Vec<String> =
        seen.values(&field).iter().filter(strange).map(|value| format!("`{value}`")).collect();
    let evidence = if outside {
        Some(format!("the guide's own sample `{sample}` is not in the table"))
    } else {
        Some(format!("the lines have words that are not in the table ({})", others.join(", ")))
            .filter(|_| !others.is_empty())
    };
    if let (Some(evidence), None) = (evidence, &map.own) {
        map.otherwise = Some("keep");
        map.comments.push(format!("{evidence}, so other words are kept"));
    } else {
        map.otherwise = Some("refuse");
        map.comments.push(
            "the guide does not say what becomes of other values: each is an issue, unless this says `keep` or `none`"
                .to_owned(),
        );
    }
}

/// Whether all words of a title stand in the name of the row's field or token.
fn words_in(row: &Planned, title: &str) -> bool {
    let name = folded(&row.from.join(" ")) + &row.token.as_deref().map(folded).unwrap_or_default();
    let words = words(title);
    !words.is_empty() && words.iter().all(|word| name.contains(word))
}
