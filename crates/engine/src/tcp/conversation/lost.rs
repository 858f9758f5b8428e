//! What is known not to have arrived, and what somebody says of all this.

use super::{Conversation, Observed};
use crate::tcp::{Caption, Line};

impl Conversation {
    /// As [`observe`](Self::observe), of a segment that its receiver never gets: nothing comes of it there.
    pub fn observe_lost(&mut self, seen: &Observed<'_>) {
        self.take(seen, false);
    }

    /// Puts a sentence behind what was seen so far.
    pub fn say(&mut self, text: impl Into<String>) {
        self.push(Line::Caption(Caption { text: text.into() }));
    }
}
