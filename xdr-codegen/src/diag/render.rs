//! Diagnostics as text: for a terminal, for GitHub's annotations, or as JSON.

use std::fmt::Write as _;
use std::ops::Range;

use annotate_snippets::renderer::{DEFAULT_TERM_WIDTH, Renderer};
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Snippet};

use super::{Diagnostic, Diagnostics, Label, Severity};
use crate::source::{Files, SourceFile, Span, floor_boundary};

/// How diagnostics are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Style {
    /// For a terminal, without colours.
    #[default]
    Plain,
    /// For a terminal that shows colours.
    Colour,
    /// One workflow command of GitHub a line.
    Github,
    /// One JSON array of objects with the members `code`, `title` (of the code), `severity`, `message`, `file`, `line`, `column`,
    /// `endLine`, `endColumn`, `help` (a text or null), `replacement` (what to write in that place instead, or null) and `labels`
    /// (with `file`, places and `text`; the first is the primary one).
    Json,
}

/// All diagnostics by file and position, as one text that ends with a line break, or as nothing when there are none
/// (as JSON: an empty array). Lines and columns count from 1, columns in characters.
pub fn render(diags: &Diagnostics, files: &Files, style: Style) -> String {
    let sorted = diags.sorted();
    match style {
        Style::Plain | Style::Colour => terminal(&sorted, diags.omitted(), files, style),
        Style::Github => sorted.iter().map(|diagnostic| github(diagnostic, files)).collect(),
        Style::Json => {
            let objects: Vec<_> = sorted.iter().map(|diagnostic| json(diagnostic, files)).collect();
            format!("[{}]\n", objects.join(",\n "))
        }
    }
}

fn terminal(sorted: &[&Diagnostic], omitted: usize, files: &Files, style: Style) -> String {
    let renderer = if style == Style::Colour { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.term_width(DEFAULT_TERM_WIDTH);
    let mut out = String::new();
    for diagnostic in sorted {
        out.push_str(&renderer.render(&[group(diagnostic, files)]));
        out.push_str("\n\n");
    }
    if omitted > 0 {
        let _ = writeln!(out, "… and {omitted} more");
    }
    out
}

fn group<'f>(diagnostic: &Diagnostic, files: &'f Files) -> Group<'f> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(printable(&diagnostic.message)).id(diagnostic.code.to_string());
    let mut group = Group::with_title(title);
    for excerpt in excerpts(diagnostic) {
        let Some(file) = excerpt.first().and_then(|(label, _)| files.get(label.span.file)) else { continue };
        group = match window(file, &excerpt) {
            Some(window) => group.element(snippet(file, window, &excerpt)),
            None => group.element(origin(file, &excerpt)),
        };
    }
    match &diagnostic.help {
        Some(help) => group.element(Level::HELP.message(printable(help))),
        None => group,
    }
}

/// Labels that are shown in one piece of source: those of one file within some lines of each other, the primary one first.
fn excerpts(diagnostic: &Diagnostic) -> Vec<Vec<(&Label, AnnotationKind)>> {
    // A label that is further away, in bytes, gets a piece of its own.
    const NEAR: u32 = 4096;
    let mut excerpts = vec![vec![(&diagnostic.primary, AnnotationKind::Primary)]];
    for label in &diagnostic.secondary {
        let near = |excerpt: &&mut Vec<(&Label, AnnotationKind)>| {
            excerpt.iter().all(|(other, _)| {
                other.span.file == label.span.file && other.span.start.abs_diff(label.span.start) <= NEAR
            })
        };
        match excerpts.iter_mut().find(near) {
            Some(excerpt) => excerpt.push((label, AnnotationKind::Context)),
            None => excerpts.push(vec![(label, AnnotationKind::Context)]),
        }
    }
    excerpts
}

/// The whole lines around the labels; nothing when they are too long to be worth showing.
fn window(file: &SourceFile, excerpt: &[(&Label, AnnotationKind)]) -> Option<(usize, Range<usize>)> {
    const LONGEST: usize = 32 * 1024;
    let first = excerpt.iter().map(|(label, _)| label.span.start).min()?;
    let last = excerpt
        .iter()
        .map(|(label, _)| label.span.end.min(label.span.start.saturating_add(NEAR_END)))
        .max()?;
    let (first_line, _) = file.line_column(first);
    let (last_line, _) = file.line_column(last);
    let range = file.line_start(first_line)..file.line_start(last_line + 1);
    (range.len() <= LONGEST).then_some((first_line, range))
}

/// How much of a long span is underlined, in bytes.
const NEAR_END: u32 = 2048;

fn snippet<'f>(
    file: &'f SourceFile,
    (line, range): (usize, Range<usize>),
    excerpt: &[(&Label, AnnotationKind)],
) -> Snippet<'f, annotate_snippets::Annotation<'f>> {
    let start = range.start;
    let source = file.text.get(range).unwrap_or_default();
    let annotations = excerpt.iter().map(|(label, kind)| {
        let place = within(source, label.span, start);
        let text = (!label.text.is_empty()).then(|| printable(&label.text));
        kind.span(place).label(text)
    });
    Snippet::source(source).path(&file.name).line_start(line).annotations(annotations)
}

/// A span as offsets in `source`, which begins at the byte `start` of the file; on character boundaries.
fn within(source: &str, span: Span, start: usize) -> Range<usize> {
    let shift = |offset: u32| floor_boundary(source, (offset as usize).saturating_sub(start));
    let from = shift(span.start);
    from..shift(span.end.min(span.start.saturating_add(NEAR_END))).max(from)
}

fn origin<'f>(file: &'f SourceFile, excerpt: &[(&Label, AnnotationKind)]) -> Origin<'f> {
    let start = excerpt.first().map_or(0, |(label, _)| label.span.start);
    let (line, column) = file.line_column(start);
    Origin::path(&file.name).line(line).char_column(column)
}

/// Control characters would break the frame that is drawn around a text, or a terminal.
fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

fn github(diagnostic: &Diagnostic, files: &Files) -> String {
    let place = Place::of(diagnostic.primary.span, files);
    let help =
        diagnostic.help.as_ref().map(|help| format!("\nhelp: {}", printable(help))).unwrap_or_default();
    format!(
        "::{} file={},line={},col={},endLine={},endColumn={},title={}::{}\n",
        diagnostic.severity.word(),
        // Annotations are found by their path in the repository.
        command_property(place.file.trim_start_matches("./")),
        place.line,
        place.column,
        place.end_line,
        place.end_column,
        command_property(&format!("{} {}", diagnostic.code, diagnostic.code.title())),
        command_text(&format!("{}{help}", printable(&diagnostic.message))),
    )
}

fn command_text(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn command_property(text: &str) -> String {
    command_text(text).replace(':', "%3A").replace(',', "%2C")
}

/// A span as people count: lines and columns from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'f> {
    /// The file, as it is shown.
    pub file: &'f str,
    /// The line of the first character.
    pub line: usize,
    /// Its column.
    pub column: usize,
    /// The line of the end.
    pub end_line: usize,
    /// The column behind the last character.
    pub end_column: usize,
}

impl<'f> Place<'f> {
    /// The place of a span.
    pub fn of(span: Span, files: &'f Files) -> Self {
        let Some(file) = files.get(span.file) else {
            return Self { file: "", line: 1, column: 1, end_line: 1, end_column: 1 };
        };
        let (line, column) = file.line_column(span.start);
        let (end_line, end_column) = file.line_column(span.end);
        Self { file: &file.name, line, column, end_line, end_column }
    }

    fn json(&self) -> String {
        format!(
            "\"file\":{},\"line\":{},\"column\":{},\"endLine\":{},\"endColumn\":{}",
            json_text(self.file),
            self.line,
            self.column,
            self.end_line,
            self.end_column,
        )
    }
}

fn json(diagnostic: &Diagnostic, files: &Files) -> String {
    let labels = std::iter::once(&diagnostic.primary).chain(&diagnostic.secondary).map(|label| {
        format!("{{{},\"text\":{}}}", Place::of(label.span, files).json(), json_text(&label.text))
    });
    format!(
        "{{\"code\":\"{}\",\"title\":{},\"severity\":\"{}\",\"message\":{},{},\"help\":{},\"replacement\":{},\"labels\":[{}]}}",
        diagnostic.code,
        json_text(diagnostic.code.title()),
        diagnostic.severity.word(),
        json_text(&diagnostic.message),
        Place::of(diagnostic.primary.span, files).json(),
        or_null(diagnostic.help.as_deref()),
        or_null(diagnostic.replacement(files).as_deref()),
        labels.collect::<Vec<_>>().join(","),
    )
}

fn or_null(text: Option<&str>) -> String {
    text.map_or_else(|| "null".to_owned(), json_text)
}

/// A JSON string. Two dozen lines instead of a JSON crate: this is all of JSON that the compiler writes.
fn json_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            other if other.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(other));
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::Code;
    use crate::source::MAX_BYTES;

    fn two_labels(style: Style) -> String {
        let mut files = Files::new();
        let text = "map:\n  - { from: é, token: action }\n  - { from: B, token: action }\n";
        let file = files.add("acme,vpn/spec.yaml", text);
        let at = |nth: usize| {
            let start = text.match_indices("action").nth(nth).unwrap().0;
            Span::new(file, start, start + "action".len())
        };
        let mut diags = Diagnostics::new();
        diags.push(
            Diagnostic::new(Code::FanInMissing, at(1), "two rows fill `action`")
                .label("mapped again")
                .also(at(0), "first mapped here")
                .help("say under `fan-in` how they meet: 100%\nor not"),
        );
        diags.push(
            Diagnostic::new(Code::UnreadField, Span::top(file), "a \"quoted\"\u{1b}[1m word").as_warning(),
        );
        render(&diags, &files, style)
    }

    #[test]
    fn terminal_shows_the_source_with_both_places() {
        insta::assert_snapshot!(two_labels(Style::Plain), @r#"
warning[E0303]: a "quoted"\u{1b}[1m word
 --> acme,vpn/spec.yaml:1:1
  |
1 | map:
  | ^

error[E0501]: two rows fill `action`
 --> acme,vpn/spec.yaml:3:23
  |
2 |   - { from: é, token: action }
  |                       ------ first mapped here
3 |   - { from: B, token: action }
  |                       ^^^^^^ mapped again
  |
  = help: say under `fan-in` how they meet: 100%\nor not
"#);
        let coloured = two_labels(Style::Colour);
        assert!(coloured.contains("\u{1b}["));
        assert!(!coloured.contains("\u{1b}[1m word"), "what a spec holds does not reach the terminal raw");
    }

    #[test]
    fn github_gets_one_escaped_command_a_line() {
        insta::assert_snapshot!(two_labels(Style::Github), @r#"
::warning file=acme%2Cvpn/spec.yaml,line=1,col=1,endLine=1,endColumn=1,title=E0303 field that nothing reads::a "quoted"\u{1b}[1m word
::error file=acme%2Cvpn/spec.yaml,line=3,col=23,endLine=3,endColumn=29,title=E0501 two mappings to one token without a policy::two rows fill `action`%0Ahelp: say under `fan-in` how they meet: 100%25\nor not
"#);
    }

    #[test]
    fn json_is_one_array_with_places_in_characters() {
        insta::assert_snapshot!(two_labels(Style::Json), @r#"
[{"code":"E0303","title":"field that nothing reads","severity":"warning","message":"a \"quoted\"\u001b[1m word","file":"acme,vpn/spec.yaml","line":1,"column":1,"endLine":1,"endColumn":1,"help":null,"replacement":null,"labels":[{"file":"acme,vpn/spec.yaml","line":1,"column":1,"endLine":1,"endColumn":1,"text":""}]},
 {"code":"E0501","title":"two mappings to one token without a policy","severity":"error","message":"two rows fill `action`","file":"acme,vpn/spec.yaml","line":3,"column":23,"endLine":3,"endColumn":29,"help":"say under `fan-in` how they meet: 100%\nor not","replacement":null,"labels":[{"file":"acme,vpn/spec.yaml","line":3,"column":23,"endLine":3,"endColumn":29,"text":"mapped again"},{"file":"acme,vpn/spec.yaml","line":2,"column":23,"endLine":2,"endColumn":29,"text":"first mapped here"}]}]
"#);
        assert_eq!(render(&Diagnostics::new(), &Files::new(), Style::Json), "[]\n");
    }

    #[test]
    fn nothing_found_is_an_empty_text() {
        assert_eq!(render(&Diagnostics::new(), &Files::new(), Style::Plain), "");
    }

    #[test]
    fn long_lines_and_far_places_are_shown_in_pieces() {
        let mut files = Files::new();
        let far = files.add("far", format!("a: b\n{}c: d\n", "# comment\n".repeat(2000)));
        let long = files.add("long", format!("{}: x", "a".repeat(MAX_BYTES - 10)));
        let mut diags = Diagnostics::new();
        diags.push(
            Diagnostic::new(Code::DuplicateKey, Span::new(far, 20_005, 20_006), "m")
                .also(Span::new(far, 0, 1), "first"),
        );
        diags.push(Diagnostic::new(Code::UnknownKey, Span::new(long, 5, MAX_BYTES), "n"));
        diags.push(Diagnostic::new(
            Code::UnknownKey,
            Span::new(long, usize::MAX, usize::MAX),
            "behind the end",
        ));
        insta::assert_snapshot!(render(&diags, &files, Style::Plain), @r"
error[E0106]: m
    --> far:2002:1
     |
2002 | c: d
     | ^
     |
    ::: far:1:1
     |
   1 | a: b
     | - first

error[E0201]: n
--> long:1:6

error[E0201]: behind the end
--> long:1:8388602
");
    }
}
