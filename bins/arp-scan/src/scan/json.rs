//! `--json`: an object a line, with names where they were asked for.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use wireline_cli::{JsonLines, Render, Streams};
use wireline_tool::Lookup;

use crate::event::{Event, Host};

/// Every event.
pub(crate) struct Json {
    lines: JsonLines,
    names: Lookup,
}

impl Json {
    pub(crate) const fn new(names: Lookup) -> Self {
        Self { lines: JsonLines { tool: "arp-scan" }, names }
    }

    fn named(&self, host: &Host) -> Box<Host> {
        let name = self.names.name(SocketAddr::new(host.address, 0));
        Box::new(Host { name: name.or_else(|| host.name.clone()), ..host.clone() })
    }
}

impl Render<Event> for Json {
    fn event(&mut self, at: Duration, event: &Event, to: &mut Streams<'_>) -> io::Result<()> {
        let named = match event {
            Event::Host(host) => Event::Host(self.named(host)),
            Event::Overheard(host) => Event::Overheard(self.named(host)),
            other => return self.lines.event(at, other, to),
        };
        self.lines.event(at, &named, to)
    }
}
