//! JSON lines of the events that were asked for.

use std::io;
use std::time::Duration;

use serde::Serialize;
use wireline_cli::{JsonLines, Render, Streams};

/// The events for which `wanted` is true, an object a line.
pub(crate) struct Json<E> {
    lines: JsonLines,
    wanted: fn(&E) -> bool,
}

impl<E> Json<E> {
    pub(crate) const fn new(wanted: fn(&E) -> bool) -> Self {
        Self { lines: JsonLines { tool: "ping" }, wanted }
    }
}

impl<E: Serialize> Render<E> for Json<E> {
    fn event(&mut self, at: Duration, event: &E, to: &mut Streams<'_>) -> io::Result<()> {
        if (self.wanted)(event) { self.lines.event(at, event, to) } else { Ok(()) }
    }
}
