//! Rules over a whole spec.
//!
//! Guaranteed afterwards, when nothing was reported: no template is shadowed by one before it, as far as witnesses tell, and no
//! message that is found by its text is taken for an earlier one; each token is enriched once and by a row, and what enrichments
//! read is mapped; required tokens are given by rows and named once.

mod enrich;
mod required;
mod templates;

use crate::diag::Diagnostics;
use crate::ir::Module;

/// Checks a lowered spec. Rules are independent of each other.
pub fn check(module: &Module, diags: &mut Diagnostics) {
    templates::check(module, diags);
    enrich::check(module, diags);
    required::check(module, diags);
}
