//! Versions of locks, and how far a class of change moves them.

use std::fmt;
use std::str::FromStr;

use super::Class;

/// A version as semantic versioning has it, without labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// Moved by what breaks.
    pub major: u32,
    /// Moved by what is new; while `major` is 0, by what breaks too.
    pub minor: u32,
    /// Moved by the rest.
    pub patch: u32,
}

impl Version {
    /// The version of a first lock.
    pub const FIRST: Self = Self { major: 1, minor: 0, patch: 0 };

    /// The least version that marks changes of this class. Before 1.0.0 a break is marked by the second number, and all else by the third.
    #[must_use]
    pub fn marking(self, class: Class) -> Self {
        let Self { major, minor, patch } = self;
        match (class, major) {
            (Class::Breaking, 1..) => Self { major: major.saturating_add(1), minor: 0, patch: 0 },
            (Class::Breaking, 0) | (Class::Minor, 1..) => {
                Self { major, minor: minor.saturating_add(1), patch: 0 }
            }
            (Class::Minor, 0) | (Class::Patch, _) => Self { major, minor, patch: patch.saturating_add(1) },
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut numbers = text.split('.').map(|number| {
            let plain = number.bytes().all(|byte| byte.is_ascii_digit())
                && (number == "0" || !number.starts_with('0'));
            number.parse().ok().filter(|_| plain)
        });
        let mut next = || numbers.next().flatten();
        match (next(), next(), next(), text.split('.').count()) {
            (Some(major), Some(minor), Some(patch), 3) => Ok(Self { major, minor, patch }),
            _ => Err(format!("`{text}` is no version; expected three numbers such as `1.4.0`")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_moves_its_number() {
        for (from, class, to) in [
            ("1.2.3", Class::Breaking, "2.0.0"),
            ("1.2.3", Class::Minor, "1.3.0"),
            ("1.2.3", Class::Patch, "1.2.4"),
            ("0.2.3", Class::Breaking, "0.3.0"),
            ("0.2.3", Class::Minor, "0.2.4"),
            ("0.2.3", Class::Patch, "0.2.4"),
        ] {
            assert_eq!(from.parse::<Version>().unwrap().marking(class).to_string(), to);
        }
        assert!("1.10.0".parse::<Version>().unwrap() > "1.9.9".parse().unwrap());
    }

    #[test]
    fn texts_that_are_no_version_are_refused() {
        for text in ["", "1", "1.2", "1.2.3.4", "1.2.x", "01.2.3", "1.+2.3", "1.2.99999999999"] {
            assert!(text.parse::<Version>().is_err(), "{text}");
        }
    }
}
