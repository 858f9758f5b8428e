//! The graph as text: a line a place, hop by hop, with where it leads; then the ways through it.

use std::io;
use std::time::Duration;

use wireline_cli::{Render, Streams, escape};
use wireline_engine::millis;
use wireline_engine::trace::paths::{Event, Kind, Path, Start, Summary, Vertex};
use wireline_tool::Lookup;

use super::map::Map;
use crate::origins::Origins;

/// Characters of a line that a terminal shows.
const COLUMNS: usize = 80;

/// Characters that a name has room for; a longer one pushes what follows it aside.
const NAME: usize = 38;

pub(super) struct Text {
    map: Map,
}

impl Text {
    pub(super) const fn new(names: Lookup, origins: Option<Origins>) -> Self {
        Self { map: Map::new(names, origins) }
    }

    fn start(start: &Start, to: &mut Streams<'_>) -> io::Result<()> {
        let (target, port, hops) = (Map::target(start), start.port, start.max_hops);
        let confidence = start.confidence;
        writeln!(to.out, "paths to {target}, UDP port {port}, {hops} hops max, {confidence} % sure")
    }

    fn graph(&mut self, summary: &Summary, to: &mut Streams<'_>) -> io::Result<()> {
        self.map.label();
        let names: Vec<_> = self.map.vertices.iter().map(|vertex| self.map.name(vertex)).collect();
        let widest = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).min(NAME);
        for (vertex, name) in self.map.vertices.iter().zip(&names) {
            let head = self.head(vertex, &format!("{name:widest$}"));
            for line in joined(&head, &self.tail(vertex)) {
                writeln!(to.out, "{line}")?;
            }
        }
        self.paths(to)?;
        writeln!(to.out)?;
        notes(summary, self.map.start.as_ref()).iter().try_for_each(|it| writeln!(to.out, "{it}"))
    }

    /// `2a  / gw.example (192.0.2.1)   0.061 ms`.
    fn head(&self, vertex: &Vertex, name: &str) -> String {
        let label = self.map.label_of(vertex.hop, vertex.address);
        let side = match self.map.place(vertex) {
            (_, 1) => 'o',
            (0, _) => '/',
            (n, all) if n + 1 == all => '\\',
            _ => '|',
        };
        let time = vertex.sample.map(|best| format!("{:9.3} ms", millis(best.rtt)));
        format!("{label:>4} {side}  {name} {}", time.unwrap_or_default())
    }

    /// Where it leads, and what else there is to say of it.
    fn tail(&self, vertex: &Vertex) -> Vec<String> {
        let mut words = Vec::new();
        if let Some(to) = vertex.translated_to {
            words.extend(["translated".to_owned(), format!("to {to}")]);
        }
        match vertex.kind {
            Kind::Target => words.push("target".to_owned()),
            Kind::Unreachable => words.push("unreachable".to_owned()),
            Kind::Router | Kind::Silent => {}
        }
        if !vertex.next.is_empty() {
            let label = |next| self.map.label_of(vertex.hop.saturating_add(1), next).to_owned();
            words.push("->".to_owned());
            words.extend(vertex.next.iter().map(|next| label(*next)));
        }
        if !vertex.complete {
            words.push("?".to_owned());
        }
        words
    }

    fn paths(&self, to: &mut Streams<'_>) -> io::Result<()> {
        let (Some(start), false) = (&self.map.start, self.map.paths.is_empty()) else {
            return Ok(());
        };
        let (host, port) = (escape(&start.target), start.port);
        writeln!(to.out, "\nsource port and way: traceroute -U -p {port} --sport=PORT {host}")?;
        for path in &self.map.paths {
            for line in joined(&head_of(path), &self.way(path, start.first_hop)) {
                writeln!(to.out, "{line}")?;
            }
        }
        Ok(())
    }

    fn way(&self, path: &Path, first: u8) -> Vec<String> {
        let label = |(hop, address)| self.map.label_of(hop, address).to_owned();
        let mut words: Vec<_> = (first..).zip(path.hops.iter().copied()).map(label).collect();
        if !path.reached {
            words.push("(not to the target)".to_owned());
        }
        words
    }
}

fn head_of(path: &Path) -> String {
    path.ports.first().map_or_else(String::new, |port| format!("{port:>7} "))
}

/// The words behind the head, if they fit, and below it otherwise.
fn joined(head: &str, words: &[String]) -> Vec<String> {
    const INDENT: &str = "         ";
    let mut lines = vec![head.trim_end().to_owned()];
    let mut line = head.to_owned();
    for word in words {
        if line.chars().count() + 1 + word.chars().count() > COLUMNS {
            line = INDENT.to_owned();
            lines.push(String::new());
        }
        line = format!("{line} {word}");
        if let Some(last) = lines.last_mut() {
            line.clone_into(last);
        }
    }
    lines
}

/// What is known, and what is not.
fn notes(summary: &Summary, start: Option<&Start>) -> Vec<String> {
    let sure = start.map_or(0.0, |start| start.confidence);
    let all = if summary.complete {
        format!("all there are, {sure} % sure")
    } else {
        "not all there are".to_owned()
    };
    let counted = [
        counted(summary.vertices, "place", "places"),
        counted(summary.links, "link", "links"),
        counted(summary.paths, "path", "paths"),
    ];
    let sent = counted_probes(summary);
    let mut lines = vec![format!("{}: {all}; {sent}", counted.join(", "))];
    let mut note = |applies: bool, text: String| lines.extend(applies.then_some(text));
    let last = summary
        .last_hop
        .map_or("nobody answered".to_owned(), |hop| format!("the last answer is from hop {hop}"));
    note(!summary.reached, format!("target not reached: {last}"));
    note(summary.interrupted, "interrupted: there is more to ask".to_owned());
    note(summary.out_of_flows, "out of source ports: more flows would be needed".to_owned());
    note(
        !summary.per_packet.is_empty(),
        format!("hop {}: balanced by packet, no flow has one way", list(&summary.per_packet)),
    );
    note(
        !summary.rate_limited.is_empty(),
        format!(
            "hop {}: rate-limited? answered more when asked slowly",
            list(&summary.rate_limited)
        ),
    );
    if let Some(hop) = summary.translated_from {
        note(true, format!("hop {hop}: from there on the destination is rewritten"));
    }
    if let Some(why) = &summary.error {
        note(true, format!("send: {why}"));
    }
    lines
}

fn counted_probes(summary: &Summary) -> String {
    let seconds = summary.elapsed.as_secs_f64();
    format!("{} in {seconds:.1} s", counted(summary.sent as usize, "probe", "probes"))
}

fn counted(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

fn list(hops: &[u8]) -> String {
    hops.iter().map(u8::to_string).collect::<Vec<_>>().join(", ")
}

impl Render<Event> for Text {
    fn event(&mut self, _at: Duration, event: &Event, to: &mut Streams<'_>) -> io::Result<()> {
        self.map.take(event);
        match event {
            Event::Start(start) => Self::start(start, to),
            Event::Summary(summary) => self.graph(summary, to),
            Event::Vertex(_) | Event::Link(_) | Event::Path(_) => Ok(()),
        }
    }
}
