//! How codes are spelt: `E0301`.

use std::fmt;
use std::str::FromStr;

use super::Code;

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "E{:04}", self.number())
    }
}

/// A text that is no code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoSuchCode;

impl fmt::Display for NoSuchCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("there is no such code; codes look like `E0301`")
    }
}

impl std::error::Error for NoSuchCode {}

impl FromStr for Code {
    type Err = NoSuchCode;

    /// Reads `E0301`, `e301` or `301`.
    fn from_str(text: &str) -> Result<Self, NoSuchCode> {
        let digits = text.strip_prefix(['E', 'e']).unwrap_or(text);
        let number: u16 = digits.parse().map_err(|_| NoSuchCode)?;
        Self::ALL.iter().copied().find(|code| code.number() == number).ok_or(NoSuchCode)
    }
}
