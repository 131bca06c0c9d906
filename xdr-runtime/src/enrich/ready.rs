//! Texts that are told again and again, with their JSON made beforehand.

use std::ops::Deref;

use xdr_model::write;

/// The most bytes of JSON that are made beforehand: all of them are copied, which is faster than copying a part.
const BLOCK: usize = 32;

/// A text that may be told many times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ready {
    text: Box<str>,
    /// The text as JSON, and zeros behind it.
    block: [u8; BLOCK],
    /// How long that is; 0 if it is longer than a block.
    length: u8,
}

impl Ready {
    /// The JSON as a block, and how much of it counts; `None` if it is too long for that.
    #[inline]
    pub fn json(&self) -> Option<(&[u8; BLOCK], usize)> {
        (self.length > 0).then_some((&self.block, usize::from(self.length)))
    }
}

impl Deref for Ready {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl std::fmt::Display for Ready {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self)
    }
}

impl Default for Ready {
    fn default() -> Self {
        Self::from("")
    }
}

impl From<&str> for Ready {
    fn from(text: &str) -> Self {
        let mut json = Vec::new();
        write::string(&mut json, text);
        let mut block = [0; BLOCK];
        let length = match (block.get_mut(..json.len()), u8::try_from(json.len())) {
            (Some(room), Ok(length)) => {
                room.copy_from_slice(&json);
                length
            }
            _ => 0,
        };
        Self { text: text.into(), block, length }
    }
}

impl From<String> for Ready {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_json_is_that_of_the_text_or_is_left_to_be_made() {
        let longest = "x".repeat(BLOCK - 2);
        for text in ["", "Oslo", "the \"lab\"", "a\\b\n", "S\u{e3}o Paulo", &longest] {
            let ready = Ready::from(text);
            let (block, length) = ready.json().unwrap();
            assert_eq!(serde_json::from_slice::<String>(&block[..length]).unwrap(), text);
            assert_eq!(&*ready, text);
        }
        for text in ["x".repeat(BLOCK - 1), "\"".repeat(BLOCK / 2), "x".repeat(1000)] {
            let ready = Ready::from(text.clone());
            assert_eq!((ready.json(), &*ready), (None, text.as_str()));
        }
    }
}
