//! How much a matcher remembers.

/// What a matcher remembers beyond where to go back to. All of them go the same ways in the same order.
pub(in crate::pattern) trait Mode {
    /// How far it came, and what it found on the way: for texts that do not match.
    const TRACED: bool = false;
    /// Which ways lead nowhere, so that nothing is tried twice.
    const THOROUGH: bool = !Self::TRACED;
}

/// See [`Mode::THOROUGH`].
pub(in crate::pattern) struct Thorough;
/// See [`Mode::TRACED`].
pub(in crate::pattern) struct Traced;

impl Mode for Thorough {}
impl Mode for Traced {
    const TRACED: bool = true;
}
