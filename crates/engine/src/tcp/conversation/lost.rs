//! What is known not to have arrived, and what somebody says of all this.

use super::{Conversation, Course, Observed};
use crate::tcp::{Caption, Line, Note};

impl Conversation {
    /// As [`observe`](Self::observe), of a segment that its receiver never gets: nothing comes of it there.
    pub fn observe_lost(&mut self, seen: &Observed<'_>) {
        let Some(from) = self.end(seen.source, seen.destination) else { return };
        let (course, to) = (self.course, from.other());
        self.observe(seen);
        let syn_ack = self.course.syn_ack;
        self.course = Course { syn_ack, ..course };
        if let Some(Line::Segment(step)) = self.lines.back_mut() {
            *to.of_mut(&mut step.after) = *to.of(&step.before);
            *to.of_mut(&mut self.states) = *to.of(&step.before);
            step.notes.push(Note::Lost);
        }
    }

    /// Puts a sentence behind what was seen so far.
    pub fn say(&mut self, text: impl Into<String>) {
        self.push(Line::Caption(Caption { text: text.into() }));
    }
}
