//! Diagnostics: what is wrong with a spec, where, and what to do about it.
//!
//! Stages push into a [`Diagnostics`] and go on; [`render::render`] turns the collection into text. Messages are lower case
//! without a final stop, names are quoted by [`quote()`], near names come from [`near`].

pub mod codes;
mod instead;
pub mod render;

pub use codes::Code;
pub use instead::Instead;

use crate::source::Span;

/// The most diagnostics that are kept; the rest is only counted.
pub const MAX_KEPT: usize = 200;

/// How bad a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The spec does not compile.
    Error,
    /// The spec compiles, but somebody should look.
    Warning,
}

impl Severity {
    /// The word that is shown: `error` or `warning`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// A place, and what is to be said about it; the text may be empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What stands beside the underline.
    pub text: String,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a diagnostic says something only when it is pushed"]
pub struct Diagnostic {
    /// What kind of finding it is.
    pub code: Code,
    /// How bad it is; an error unless [`Diagnostic::as_warning`] was called.
    pub severity: Severity,
    /// One line: what was found and what was expected.
    pub message: String,
    /// Where it is.
    pub primary: Label,
    /// Other places that belong to it.
    pub secondary: Vec<Label>,
    /// What to do about it.
    pub help: Option<String>,
    /// What to write in the primary place instead, if it is known; see [`Diagnostic::replacement`].
    pub instead: Option<Instead>,
}

impl Diagnostic {
    /// An error of that code at that place.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        let primary = Label { span, text: String::new() };
        let message = message.into();
        Self {
            code,
            severity: Severity::Error,
            message,
            primary,
            secondary: Vec::new(),
            help: None,
            instead: None,
        }
    }

    /// Says something beside the underline.
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.primary.text = text.into();
        self
    }

    /// Shows another place as well.
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Self {
        self.secondary.push(Label { span, text: text.into() });
        self
    }

    /// Says what to do.
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Says what to write in the primary place instead.
    pub fn instead(mut self, instead: Instead) -> Self {
        self.instead = Some(instead);
        self
    }

    /// Asks whether a near name was meant; says nothing when there is none.
    pub fn suggest(self, near: Option<&str>) -> Self {
        match near {
            Some(name) => {
                self.help(format!("did you mean {}?", quote(name))).instead(Instead::Name(name.to_owned()))
            }
            None => self,
        }
    }

    /// Lets the spec compile all the same.
    pub fn as_warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// Equal findings must come to stand side by side by it.
    fn order(&self) -> (Span, Code, &str, &str, Option<&str>) {
        (self.primary.span, self.code, &self.message, &self.primary.text, self.help.as_deref())
    }
}

/// Collects what the stages find.
#[derive(Debug, Clone, Default)]
pub struct Diagnostics {
    kept: Vec<Diagnostic>,
    omitted: usize,
    errors: usize,
}

impl Diagnostics {
    /// A collection without findings.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a finding. Behind the first [`MAX_KEPT`] they are counted only.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.errors += usize::from(diagnostic.severity == Severity::Error);
        if self.kept.len() < MAX_KEPT {
            self.kept.push(diagnostic);
        } else {
            self.omitted += 1;
        }
    }

    /// Adds all findings of another collection.
    pub fn append(&mut self, other: Self) {
        let errors = self.errors + other.errors;
        self.omitted += other.omitted;
        for diagnostic in other.kept {
            self.push(diagnostic);
        }
        self.errors = errors;
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Whether something was found that keeps a spec from compiling.
    pub fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// Whether an error was found inside a place; what follows from it need not be said too.
    pub fn has_error_in(&self, place: Span) -> bool {
        self.kept.iter().any(|found| {
            let at = found.primary.span;
            let inside = at.file == place.file && place.start <= at.start && at.end <= place.end;
            inside && found.severity == Severity::Error
        })
    }

    /// How many errors were found so far, those that are not kept included.
    pub fn errors(&self) -> usize {
        self.errors
    }

    /// How many findings were counted and not kept.
    pub fn omitted(&self) -> usize {
        self.omitted
    }

    /// The findings by file and position; of exact duplicates one.
    pub fn sorted(&self) -> Vec<&Diagnostic> {
        let mut sorted: Vec<_> = self.kept.iter().collect();
        sorted.sort_by(|left, right| left.order().cmp(&right.order()));
        sorted.dedup();
        sorted
    }

    /// The codes of [`Diagnostics::sorted`], for tests.
    pub fn codes(&self) -> Vec<Code> {
        self.sorted().iter().map(|diagnostic| diagnostic.code).collect()
    }
}

/// A name in backticks, shortened when it is long; control characters are escaped.
pub fn quote(name: &str) -> String {
    const LONGEST: usize = 60;
    let mut shown = String::new();
    for character in name.chars().take(LONGEST) {
        if character.is_control() {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    let more = if name.chars().nth(LONGEST).is_some() { "…" } else { "" };
    format!("`{shown}{more}`")
}

/// The name that was probably meant: one that differs in case only, else the one with the fewest typing errors, if they are few.
pub fn near<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // A name of hundreds of characters is no slip of the hand, and the comparison takes quadratic time.
    const LONGEST: usize = 64;
    if name.is_empty() || name.len() > LONGEST {
        return None;
    }
    let lower = name.to_lowercase();
    // Every other letter is one slip away from a letter.
    let limit = match lower.chars().count() {
        1 => 0,
        count => (count / 3).max(1),
    };
    let mut best: Option<(usize, &str)> = None;
    for candidate in names.filter(|candidate| candidate.len() <= LONGEST) {
        let distance = strsim::damerau_levenshtein(&lower, &candidate.to_lowercase());
        if distance <= limit && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    fn at(start: usize) -> Diagnostic {
        Diagnostic::new(Code::UnknownKey, Span::new(FileId::default(), start, start + 1), "m")
    }

    #[test]
    fn findings_are_sorted_and_duplicates_removed() {
        let mut diags = Diagnostics::new();
        for start in [7, 3, 7, 5] {
            diags.push(at(start));
        }
        diags.push(at(3).help("another"));
        let starts: Vec<_> = diags.sorted().iter().map(|found| found.primary.span.start).collect();
        assert_eq!(starts, [3, 3, 5, 7]);
    }

    #[test]
    fn warnings_are_no_errors_and_what_is_omitted_still_counts() {
        let mut diags = Diagnostics::new();
        diags.push(at(0).as_warning());
        assert!(!diags.is_empty() && !diags.has_errors());
        for start in 1..MAX_KEPT {
            diags.push(at(start).as_warning());
        }
        diags.push(at(9));
        assert_eq!(diags.omitted(), 1);
        assert!(diags.has_errors(), "an error that is not kept is an error");
    }

    #[test]
    fn near_names_differ_by_case_or_by_a_slip() {
        let names = ["a", "sourceIpv4", "sourceIpv6", "sourceUser", "eventTime", "userName", "username2"];
        for (name, expected) in [
            ("sourceIPv6", Some("sourceIpv6")),
            ("sourceIp", Some("sourceIpv4")),
            ("soruceUser", Some("sourceUser")),
            ("USERNAME", Some("userName")),
            ("colour", None),
            ("", None),
            ("x", None),
            ("A", Some("a")),
        ] {
            assert_eq!(near(name, names.into_iter()), expected, "{name}");
        }
        assert_eq!(near(&"a".repeat(65), ["a"].into_iter()), None);
    }

    #[test]
    fn quoted_names_are_short_and_printable() {
        assert_eq!(quote("a\nb"), "`a\\nb`");
        assert_eq!(quote(&"é".repeat(61)), format!("`{}…`", "é".repeat(60)));
    }
}
