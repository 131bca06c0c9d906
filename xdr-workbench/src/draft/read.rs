//! The text of a guide, read into its model.
//!
//! Tables are known by their heads, not by their places, so that their order does not matter. What is no row, no heading and no
//! ornament of a page is reported.

use super::facts::{self, Facts};
use super::guide::{Guide, Note, Row, ValueTable};
use super::head::{Columns, Heading, columns, heading, heads_values};
use super::scan::{self, Loose};
use super::text::{Line, is_nothing, lines, words};
use super::token;

/// Reads a guide.
pub fn guide(text: &str) -> Guide {
    let lines = lines(text);
    let mut reader = Reader::default();
    for (at, line) in lines.iter().enumerate() {
        let next = lines.get(at + 1..).unwrap_or_default().iter().find(|line| !line.is_empty());
        reader.line(line, next);
    }
    reader.finish()
}

/// The table that rows belong to.
#[derive(Clone, Debug, Default)]
enum Table {
    #[default]
    None,
    Fields(Columns),
    Internal(Columns),
    Values,
}

#[derive(Default)]
struct Reader {
    guide: Guide,
    facts: Facts,
    place: Option<Heading>,
    table: Table,
    /// The names above the row at hand, by depth.
    above: Vec<String>,
    /// Whether the line before was a row, so that a line without tabs goes on with it.
    open: bool,
    /// The last line without tabs: the title of a table that has no other.
    title: Option<String>,
    /// Lines without tabs where tables are expected.
    loose: Vec<Loose>,
}

impl Reader {
    fn line(&mut self, line: &Line, next: Option<&Line>) {
        if line.is_empty() {
            self.open = false;
            return;
        }
        if let Some(text) = line.single() {
            self.text(line, text, next);
        } else if self.place == Some(Heading::Contents) && facts::ends_with_page(line) {
            // A line of the contents.
        } else {
            self.cells(line);
        }
    }

    fn text(&mut self, line: &Line, text: &str, next: Option<&Line>) {
        if self.place == Some(Heading::Contents) {
            if facts::ends_with_page(line) {
                return;
            }
            self.place = Some(Heading::Other);
        }
        if let Some(found) = heading(text) {
            self.opens(found, line);
            return;
        }
        match &self.place {
            None | Some(Heading::Other) => self.facts.front(text),
            Some(Heading::Device) => self.facts.device(text),
            Some(Heading::Formats) => self.facts.format(text),
            Some(Heading::Fields | Heading::Internal | Heading::Values | Heading::Map(_)) => {
                self.beside_table(line, text, next);
            }
            Some(Heading::Contents) => {}
        }
    }

    fn opens(&mut self, found: Heading, line: &Line) {
        self.table = Table::None;
        self.open = false;
        self.title = None;
        if let Heading::Map(title) = &found {
            let map = ValueTable { line: line.number, title: title.clone(), ..ValueTable::default() };
            self.guide.maps.push(map);
            self.table = Table::Values;
        }
        self.place = Some(found);
    }

    /// A line without tabs among tables: the rest of a cell, a name that stands alone, an ornament, or something to report.
    fn beside_table(&mut self, line: &Line, text: &str, next: Option<&Line>) {
        let number = text.bytes().all(|byte| byte.is_ascii_digit());
        if facts::is_ornament(text) && !number || self.facts.preamble(text) {
            return;
        }
        let inside = !matches!(self.table, Table::None);
        if inside && facts::is_footnote(text) {
            self.note(line, format!("a footnote of the guide: {text}"));
            return;
        }
        let nested = next.is_some_and(|next| next.cells.len() > 1 && next.cell(0).is_empty());
        if let (true, Table::Fields(found)) = (nested && words(text).len() <= 3, &self.table) {
            let found = *found;
            self.field_row(line, found);
            return;
        }
        if inside && self.open {
            self.goes_on(line, text);
            return;
        }
        self.title = (words(text).len() <= 6).then(|| text.to_owned());
        self.loose.push(Loose { line: line.clone(), internal: self.place == Some(Heading::Internal) });
    }

    /// A line that goes on with the last cell of the row before.
    fn goes_on(&mut self, line: &Line, text: &str) {
        let rows = match self.table {
            Table::Fields(_) => &mut self.guide.rows,
            Table::Internal(_) => &mut self.guide.internal,
            Table::Values => {
                self.note(line, format!("behind a row of a table of values, and not taken: {text}"));
                return;
            }
            Table::None => return,
        };
        let (Table::Fields(cells) | Table::Internal(cells)) = self.table else { return };
        // Behind a sample that ends its row there is nothing else that could go on.
        let ends = cells.sample.is_some_and(|sample| sample >= cells.last);
        if let (true, Some(row)) = (ends, rows.last_mut()) {
            if !row.sample.is_empty() {
                row.sample.push(' ');
            }
            row.sample.push_str(text);
            row.doubts.push(format!("the sample goes on in line {} of the guide", line.number));
        }
    }

    fn cells(&mut self, line: &Line) {
        if let Some(found) = columns(&line.cells) {
            let internal = found.names == 0 || self.place == Some(Heading::Internal);
            self.table = if internal { Table::Internal(found) } else { Table::Fields(found) };
            self.open = false;
            return;
        }
        let among_fields = matches!(self.table, Table::Fields(_) | Table::Internal(_));
        let begun = matches!(self.table, Table::Values)
            && self.guide.maps.last().is_some_and(|map| !map.cases.is_empty());
        let head = if begun || self.place != Some(Heading::Values) && matches!(self.table, Table::None) {
            heads_values(&line.cells) == Some(true)
        } else {
            heads_values(&line.cells).is_some()
        };
        if head && !among_fields {
            self.value_head(line);
            return;
        }
        match self.table {
            Table::Fields(found) => self.field_row(line, found),
            Table::Internal(found) => self.internal_row(line, found),
            Table::Values => self.value_row(line),
            Table::None => self.row_without_head(line),
        }
        self.open = true;
    }

    /// A row in front of which no head was found.
    fn row_without_head(&mut self, line: &Line) {
        // In a table of fields the first cell is one, even if a token has its name.
        let names = usize::from(self.place == Some(Heading::Fields));
        let known = |cell: &String| token::find(cell).certain().is_some();
        let at = line.cells.iter().skip(names).position(known).map(|at| at + names);
        match (&self.place, at) {
            (Some(Heading::Fields), Some(at)) => {
                let found = Columns::around(at);
                self.table = Table::Fields(found);
                self.note(line, "the table has no head that is known: columns are told by its first row");
                self.field_row(line, found);
            }
            (Some(Heading::Internal), Some(at)) => {
                let found = Columns { names: 0, ..Columns::around(at) };
                self.table = Table::Internal(found);
                self.note(line, "the table has no head that is known: columns are told by its first row");
                self.internal_row(line, found);
            }
            (Some(Heading::Values), _) => self.value_head(line),
            (Some(Heading::Fields | Heading::Internal), None) => {
                self.note(line, format!("taken for the head of a table: {}", line.cells.join(" · ")));
            }
            _ => {
                self.note(
                    line,
                    format!("a row outside of the tables, not taken: {}", line.cells.join(" · ")),
                );
            }
        }
    }

    fn field_row(&mut self, line: &Line, found: Columns) {
        let found = self.in_place(line, found);
        let names = line.cells.iter().skip(found.from).take(found.names.max(1)).enumerate();
        let mut row = Row { line: line.number, ..Row::default() };
        let mut any = false;
        for (depth, name) in names.filter(|(_, name)| !name.is_empty()) {
            if depth > self.above.len() {
                row.doubts.push("the name stands deeper than the one above it".to_owned());
            }
            self.above.truncate(depth);
            self.above.push(facts::without_mark(name));
            any = true;
        }
        row.token = facts::without_mark(line.cell(found.token)).replace("\\_", "_");
        row.sample = found.sample.map(|at| line.cell(at).to_owned()).unwrap_or_default();
        if any {
            row.from.clone_from(&self.above);
        } else if is_nothing(&row.token) && row.sample.is_empty() {
            return;
        } else {
            // It may be the field above, in a cell that was joined with this one, or a slip.
            row.from = vec![String::new()];
        }
        if line.cells.len() > found.last + 1
            && line.cells.iter().skip(found.last + 1).any(|cell| !cell.is_empty())
        {
            row.doubts.push("the row has more cells than the head of its table".to_owned());
        }
        self.guide.rows.push(row);
    }

    /// The columns of this row: a head that lost its empty cells stands to the left of its rows.
    fn in_place(&mut self, line: &Line, found: Columns) -> Columns {
        let known = |at: usize| token::find(line.cell(at)).certain().is_some();
        if known(found.token) || line.cells.len() <= found.last + 1 {
            return found;
        }
        let by = line.cells.len() - found.last - 1;
        if (1..=by).any(|by| known(found.token + by)) {
            let by = (1..=by).find(|by| known(found.token + by)).unwrap_or(by);
            let moved = found.moved(by);
            self.table = Table::Fields(moved);
            self.note(line, format!("the head of the table lacks {by} of the columns that its rows have"));
            return moved;
        }
        found
    }

    fn internal_row(&mut self, line: &Line, found: Columns) {
        let row = Row {
            line: line.number,
            token: facts::without_mark(line.cell(found.token)).replace("\\_", "_"),
            sample: found.sample.map(|at| line.cell(at).to_owned()).unwrap_or_default(),
            ..Row::default()
        };
        if row.token.is_empty() && row.sample.is_empty() {
            return;
        }
        self.guide.internal.push(row);
    }

    fn value_head(&mut self, line: &Line) {
        let ends = facts::ends_of(&line.cells);
        let fresh = !matches!(self.table, Table::Values);
        let again = self.guide.maps.last().is_some_and(|map| map.heads == ends && ends.is_some());
        if again && !fresh {
            return;
        }
        let begun = self.guide.maps.last().is_some_and(|map| !map.cases.is_empty());
        if fresh || begun {
            let title = self.title.take().unwrap_or_default();
            if self.loose.last().and_then(|loose| loose.line.single()) == Some(title.as_str()) {
                self.loose.pop();
            }
            self.guide.maps.push(ValueTable { line: line.number, title, ..ValueTable::default() });
        }
        self.table = Table::Values;
        if let Some(map) = self.guide.maps.last_mut() {
            map.heads = ends;
        }
    }

    fn value_row(&mut self, line: &Line) {
        let names: Vec<String> = self.guide.rows.iter().filter_map(|row| row.from.last().cloned()).collect();
        let Some(map) = self.guide.maps.last_mut() else { return };
        let Some(ends) = facts::ends_of(&line.cells) else {
            self.note(line, format!("a row of values with one cell, not taken: {}", line.cells.join(" · ")));
            return;
        };
        // Heads may take two lines, of which the second names fields or tokens.
        let names_something = |cell: &str| {
            let bare = cell.split('(').next().unwrap_or(cell).trim();
            token::find(bare).certain().is_some() || names.iter().any(|name| name == bare)
        };
        if map.cases.is_empty() && ends.iter().all(|cell| names_something(cell)) {
            map.heads = Some(ends);
            return;
        }
        let between = line.cells.iter().filter(|cell| !cell.is_empty()).count();
        if between > 2 && !map.doubts.iter().any(|doubt| doubt.contains("column")) {
            map.doubts.push("the first and the last column are taken, those between them are not".to_owned());
        }
        map.cases.push(ends);
    }

    fn note(&mut self, line: &Line, text: impl Into<String>) {
        self.guide.notes.push(Note::new(line.number, text));
    }

    fn finish(mut self) -> Guide {
        let clean = !self.guide.rows.is_empty();
        if clean {
            for Loose { line, .. } in std::mem::take(&mut self.loose) {
                let text = line.single().unwrap_or_default();
                if !facts::is_sentence(text) && !facts::is_ornament(text) {
                    self.note(&line, format!("beside the tables, not taken: {text}"));
                }
            }
        } else {
            scan::tables(&self.loose, &mut self.guide);
        }
        self.facts.into_guide(&mut self.guide);
        for row in &mut self.guide.rows {
            row.heading = false;
        }
        let deeper: Vec<bool> = self
            .guide
            .rows
            .iter()
            .zip(self.guide.rows.iter().skip(1))
            .map(|(row, next)| next.from.len() > row.from.len() && next.from.starts_with(&row.from))
            .collect();
        for (row, deeper) in self.guide.rows.iter_mut().zip(deeper) {
            row.heading = deeper;
        }
        self.guide.maps.retain(|map| !map.cases.is_empty());
        self.guide.notes.sort_by_key(|note| note.line);
        self.guide
    }
}
