//! Rules over a whole spec.
//!
//! Guaranteed afterwards, when nothing was reported: no template is shadowed by one before it.

mod templates;

use crate::diag::Diagnostics;
use crate::ir::Module;

/// Checks a lowered spec. Rules are independent of each other.
pub fn check(module: &Module, diags: &mut Diagnostics) {
    templates::check(module, diags);
}
