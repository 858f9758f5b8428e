//! The graph in the language of Graphviz.

use std::io;
use std::time::Duration;

use wireline_cli::{Render, Streams, escape};
use wireline_engine::millis;
use wireline_engine::trace::paths::{Event, Kind, Link, Summary, Vertex};
use wireline_tool::Lookup;

use super::map::Map;
use crate::origins::Origins;

pub(super) struct Dot {
    map: Map,
}

impl Dot {
    pub(super) const fn new(names: Lookup, origins: Option<Origins>) -> Self {
        Self { map: Map::new(names, origins) }
    }

    fn graph(&mut self, summary: &Summary, to: &mut Streams<'_>) -> io::Result<()> {
        self.map.label();
        let title = self.map.start.as_ref().map(|start| {
            let all = if summary.complete { "all paths" } else { "paths" };
            format!("{all} to {}, UDP port {}", Map::target(start), start.port)
        });
        writeln!(to.out, "digraph paths {{")?;
        writeln!(to.out, "  label={};", quoted(&title.unwrap_or_default()))?;
        writeln!(to.out, "  rankdir=LR;\n  node [shape=box];")?;
        for hop in self.map.vertices.chunk_by(|one, other| one.hop == other.hop) {
            writeln!(to.out, "  {{ rank=same;")?;
            hop.iter().try_for_each(|vertex| writeln!(to.out, "    {}", self.node(vertex)))?;
            writeln!(to.out, "  }}")?;
        }
        self.map.links.iter().try_for_each(|link| writeln!(to.out, "  {}", self.edge(link)))?;
        writeln!(to.out, "}}")?;
        to.out.flush()?;
        summary.error.as_ref().map_or(Ok(()), |why| writeln!(to.err, "send: {}", escape(why)))
    }

    fn node(&self, vertex: &Vertex) -> String {
        let id = quoted(self.map.label_of(vertex.hop, vertex.address));
        let time = vertex.sample.map(|best| format!("\n{:.3} ms", millis(best.rtt)));
        let text = quoted(&format!("{}{}", self.map.name(vertex), time.unwrap_or_default()));
        let look = match vertex.kind {
            Kind::Router => "",
            Kind::Target => ", style=bold",
            Kind::Unreachable => ", color=red",
            Kind::Silent => ", style=dashed",
        };
        format!("{id} [label={text}{look}];")
    }

    fn edge(&self, link: &Link) -> String {
        let from = quoted(self.map.label_of(link.hop, link.from));
        let to = quoted(self.map.label_of(link.hop.saturating_add(1), link.to));
        let port = link.ports.first().map(u16::to_string).unwrap_or_default();
        format!("{from} -> {to} [label={}];", quoted(&port))
    }
}

impl Render<Event> for Dot {
    fn event(&mut self, _at: Duration, event: &Event, to: &mut Streams<'_>) -> io::Result<()> {
        self.map.take(event);
        match event {
            Event::Summary(summary) => self.graph(summary, to),
            _ => Ok(()),
        }
    }
}

/// A string in quotes: what begins an escape there, or ends it, is escaped itself.
fn quoted(text: &str) -> String {
    let inside = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{inside}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_strangers_stay_in_their_quotes() {
        assert_eq!(quoted("a\" -> \"b"), r#""a\" -> \"b""#);
        assert_eq!(quoted("a\\027\nb\\"), r#""a\\027\nb\\""#);
    }
}
