//! What is wrong with a configuration, and how it is shown.

use std::borrow::Cow;
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
    /// Whether the value behind the place is shown. That of a key that nobody knows is not: it may be a password.
    pub(crate) shows_value: bool,
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
            (Some(help), _) => failure.help(format!("{help} {all}")),
            (None, 0) => failure,
            (None, _) => failure.help(all),
        }
    }

    /// With the line that it is about; ends with a line break.
    pub(crate) fn excerpt(&self, name: &str, text: &str, coloured: bool) -> String {
        let renderer = if coloured { Renderer::styled() } else { Renderer::plain() };
        let annotation = AnnotationKind::Primary.span(self.span.clone());
        let text = if self.shows_value { Cow::Borrowed(text) } else { self.without_value(text) };
        let snippet = Snippet::source(&*text).path(name).annotation(annotation);
        let group = Level::ERROR.primary_title(&*self.message).element(snippet);
        let group = match &self.help {
            Some(help) => group.element(Level::HELP.message(&**help)),
            None => group,
        };
        renderer.render(&[group]) + "\n"
    }

    /// The text without what stands behind the sign of assignment in the line of this place.
    fn without_value<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let (before, behind) = text.split_at_checked(self.span.end).unwrap_or((text, ""));
        let (line, rest) = behind.split_at(behind.find('\n').unwrap_or(behind.len()));
        match line.split_once('=') {
            Some((name, _)) => Cow::Owned(format!("{before}{name}= …{rest}")),
            None => Cow::Borrowed(text),
        }
    }
}
