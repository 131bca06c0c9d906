//! What is wrong with a configuration, and how it is shown.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use crate::failure::Failure;

/// Something wrong at a place of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    /// Where, in bytes.
    pub(crate) span: Range<usize>,
    /// What; one line.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) help: Option<String>,
    /// Where the value of a key stands that nobody knows. It is never shown: it may be a password.
    pub(crate) hidden: Option<Range<usize>>,
}

impl Finding {
    /// As the reason why a run does not begin; `more` says how many other findings there are.
    pub(super) fn failure(&self, name: &str, text: &str, more: usize) -> Failure {
        let before = text.get(..self.span.start).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let failure = Failure::usage(format!("{name}:{line}:{column}: {}", self.message));
        let all = format!("`xdr config --check {name}` shows {more} more");
        match (&self.help, more) {
            (Some(help), 0) => failure.help(help),
            (Some(help), _) => {
                let stop = if help.ends_with('?') { "" } else { ";" };
                failure.help(format!("{help}{stop} {all}"))
            }
            (None, 0) => failure,
            (None, _) => failure.help(all),
        }
    }

    /// With the lines that it is about, without what is `hidden` in them, in the order of the text; ends with a line break.
    pub(crate) fn excerpt(&self, name: &str, text: &str, hidden: &[Range<usize>], coloured: bool) -> String {
        let renderer = if coloured { Renderer::styled() } else { Renderer::plain() };
        let (lines, span) = self.lines(text, hidden);
        let annotation = AnnotationKind::Primary.span(span);
        let number = text.get(..self.span.start).unwrap_or(text).matches('\n').count() + 1;
        let snippet = Snippet::source(lines).line_start(number).path(name).annotation(annotation);
        let group = Level::ERROR.primary_title(&*self.message).element(snippet);
        let group = match &self.help {
            Some(help) => group.element(Level::HELP.message(&**help)),
            None => group,
        };
        renderer.render(&[group]) + "\n"
    }

    /// The lines of this place, and where it is in them. Others are left out: to look through a long text for each finding takes long.
    fn lines(&self, text: &str, hidden: &[Range<usize>]) -> (String, Range<usize>) {
        let Range { start, end } = self.span.clone();
        let (before, behind) = (text.get(..start).unwrap_or(text), text.get(end..).unwrap_or_default());
        let first = before.rfind('\n').map_or(0, |at| at + 1);
        let last = end + behind.find('\n').unwrap_or(behind.len());
        let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
        let mut lines = String::new();
        let mut span = start - first..end - first;
        let mut from = first;
        let here = hidden.partition_point(|value| value.end <= first);
        for value in hidden.iter().skip(here).take_while(|value| value.start < last) {
            if value.start < from {
                continue;
            }
            lines.push_str(part(from, value.start));
            let mark = lines.len();
            lines.push('…');
            from = value.end;
            if from <= start {
                span = lines.len() + start - from..lines.len() + end - from;
            } else if value.start <= start {
                span = mark..lines.len();
            }
        }
        lines.push_str(part(from, last));
        (lines, span)
    }
}
