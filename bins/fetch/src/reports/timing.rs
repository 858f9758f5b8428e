//! `--timing`: every phase of every hop.

use super::{Page, Told};

/// Writes it.
pub(super) fn write(page: &mut Page, told: &Told<'_>) {
    for hop in &told.account.hops {
        page.line(&hop.url);
    }
}
