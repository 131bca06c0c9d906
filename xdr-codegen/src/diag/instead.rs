//! What to write in place of what is wrong, where one text is most likely meant.

use super::{Diagnostic, near};
use crate::node::trap;
use crate::source::Files;

/// What to write in the primary place of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Instead {
    /// Another name, inside whatever quotes stand there.
    Name(String),
    /// This text, as YAML writes it.
    Text(String),
}

impl Diagnostic {
    /// The text that, written in the primary place, mends what was found. There is none where it is not known, where the place
    /// holds more than the wrong name, and where the name would need other quotes than those that stand there.
    pub fn replacement(&self, files: &Files) -> Option<String> {
        match self.instead.as_ref()? {
            Instead::Text(text) => Some(text.clone()),
            Instead::Name(name) => within(files.slice(self.primary.span), name),
        }
    }
}

/// The name in the quotes that stand around another one.
fn within(there: &str, name: &str) -> Option<String> {
    let between = |mark: char| there.strip_prefix(mark)?.strip_suffix(mark);
    let (quotes, inner) = match (between('"'), between('\'')) {
        (Some(inner), _) => ("\"", inner),
        (None, Some(inner)) => ("'", inner),
        (None, None) => ("", there),
    };
    // A place that is wider than the name has little in common with it.
    near(inner, std::iter::once(name))?;
    let fits = if quotes.is_empty() {
        plain(name)
    } else {
        !name.contains(quotes) && !name.contains('\\') && !name.chars().any(char::is_control)
    };
    fits.then(|| format!("{quotes}{name}{quotes}"))
}

/// Whether a name needs no quotes, wherever it stands.
fn plain(name: &str) -> bool {
    let ends = |end: Option<char>| end.is_some_and(char::is_alphanumeric);
    let part = |part: char| part.is_alphanumeric() || matches!(part, '_' | '-' | '.' | '/' | ' ');
    ends(name.chars().next()) && ends(name.chars().last()) && name.chars().all(part) && trap(name).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_that_stand_there_are_kept() {
        for (there, name, expected) in [
            ("sourceUsr", "sourceUser", Some("sourceUser")),
            ("\"sourceUsr\"", "sourceUser", Some("\"sourceUser\"")),
            ("'sourceUsr'", "sourceUser", Some("'sourceUser'")),
            ("user nam", "user name", Some("user name")),
        ] {
            assert_eq!(within(there, name).as_deref(), expected, "{there}");
        }
    }

    #[test]
    fn what_could_mean_something_else_is_not_offered() {
        for (there, name) in [
            // The place is the whole template.
            ("'it''s {Usr} and more of it'", "User"),
            // These would need quotes, or others.
            ("Groups", "Group(s)"),
            ("n", "no"),
            ("a {b", "a {b}"),
            ("'its'", "it's"),
            ("\"C:ab\"", "C:\\ab"),
        ] {
            assert_eq!(within(there, name), None, "{there}");
        }
    }
}
