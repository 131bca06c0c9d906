//! How much a matcher remembers.

/// What a matcher remembers beyond where to go back to. Both go the same ways in the same order.
pub(in crate::pattern) trait Mode {
    /// Whether it remembers how far it came, and what it found on the way, for texts that do not match; else which ways lead nowhere, so that
    /// nothing is tried twice.
    const TRACED: bool;
}

/// A matcher that tries nothing twice.
pub(in crate::pattern) struct Thorough;
/// A matcher that can say how far it came.
pub(in crate::pattern) struct Traced;

impl Mode for Thorough {
    const TRACED: bool = false;
}
impl Mode for Traced {
    const TRACED: bool = true;
}
