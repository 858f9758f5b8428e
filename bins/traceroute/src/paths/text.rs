//! The graph as text: a line a place, hop by hop, with where it leads; then the ways through it.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use wireline_cli::{Progress, Render, Streams, escape};
use wireline_engine::millis;
use wireline_engine::trace::paths::{Event, Kind, Path, Start, Summary, Vertex};
use wireline_engine::trace::{Change, words};
use wireline_tool::Lookup;

use super::map::Map;
use crate::origins::Origins;

/// Characters of a line that a terminal shows.
const COLUMNS: usize = 80;

/// Characters that a name has room for; a longer one pushes what follows it aside.
const NAME: usize = 38;

pub(super) struct Text {
    map: Map,
    /// As long as there is nothing else to show.
    progress: Option<Progress>,
}

impl Text {
    pub(super) const fn new(names: Lookup, origins: Option<Origins>) -> Self {
        Self { map: Map::new(names, origins), progress: None }
    }

    fn start(&mut self, start: &Start, to: &mut Streams<'_>) -> io::Result<()> {
        let (target, port, hops) = (Map::target(start), start.port, start.max_hops);
        let confidence = start.confidence;
        writeln!(
            to.out,
            "paths to {target}, UDP port {port}, {hops} hops max, {confidence} % sure"
        )?;
        to.out.flush()?;
        self.progress = Some(Progress::endless("asking"));
        Ok(())
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
        for line in notes(summary, self.map.start.as_ref()) {
            writeln!(to.out, "{line}")?;
        }
        to.out.flush()?;
        // Where nobody answered it is the reason to fail.
        let error = summary.error.as_ref().filter(|_| summary.answered > 0);
        error.map_or(Ok(()), |why| writeln!(to.err, "send: {}", escape(why)))
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
        format!("{label:>4} {side}  {name} {:12}", time.unwrap_or_default())
    }

    /// Where it leads, and what else there is to say of it.
    fn tail(&self, vertex: &Vertex) -> Vec<String> {
        let mut words = Vec::new();
        if let Some(to) = vertex.translated_to.zip(vertex.translated_port).map(SocketAddr::from) {
            words.extend(["translated".to_owned(), format!("to {to}")]);
        }
        words.extend(rewritten(&vertex.rewritten));
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

/// What was rewritten beside the destination, which has words of its own.
fn rewritten(changes: &[Change]) -> Vec<String> {
    let is_told = |change: &&Change| {
        matches!(change, Change::Destination { .. } | Change::DestinationPort { .. })
    };
    let others: Vec<_> = changes.iter().filter(|change| !is_told(change)).copied().collect();
    if others.is_empty() {
        return Vec::new();
    }
    let text = format!("rewritten: {}", words::changes(&others));
    text.split(' ').map(str::to_owned).collect()
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
            INDENT.clone_into(&mut line);
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
    let all = match (summary.complete, summary.reached) {
        (true, true) => format!("all there are, {sure} % sure"),
        (true, false) => format!("all that answer, {sure} % sure"),
        (false, _) => "perhaps not all".to_owned(),
    };
    let counted = [
        counted(summary.vertices, "place", "places"),
        counted(summary.links, "link", "links"),
        counted(summary.paths, "path", "paths"),
    ];
    let first = format!("{}: {all}; {}", counted.join(", "), counted_probes(summary));
    std::iter::once(first).chain(reservations(summary).into_iter().flatten()).collect()
}

/// What is to be kept in mind beside the graph.
fn reservations(summary: &Summary) -> [Option<String>; 7] {
    let last = || match summary.last_hop {
        Some(hop) => format!("the last answer is from hop {hop}"),
        None => "nobody answered".to_owned(),
    };
    let says =
        |hops: &[u8], what: &str| (!hops.is_empty()).then(|| format!("hop {}: {what}", list(hops)));
    [
        (!summary.reached).then(|| format!("target not reached: {}", last())),
        summary.interrupted.then(|| "interrupted: there is more to ask".to_owned()),
        summary.out_of_flows.then(|| "out of source ports: more would be needed".to_owned()),
        says(&summary.per_packet, "balanced by packet, so that no source port has one way"),
        says(&summary.rate_limited, "rate-limited? answered more when asked slowly"),
        summary.translated_from.map(|hop| format!("hop {hop}: from there on another destination")),
        summary
            .rewritten_from
            .filter(|hop| summary.translated_from != Some(*hop))
            .map(|hop| format!("hop {hop}: from there on a rewritten header")),
    ]
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
            Event::Start(start) => self.start(start, to),
            Event::Summary(summary) => {
                self.progress = None;
                self.graph(summary, to)
            }
            Event::Vertex(_) | Event::Link(_) | Event::Path(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use wireline_engine::trace::paths::Link;

    use super::*;

    const TARGET: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9));

    const fn at(n: u8) -> IpAddr {
        IpAddr::V4(Ipv4Addr::new(192, 0, 2, n))
    }

    fn vertex(hop: u8, address: Option<IpAddr>, kind: Kind, next: &[Option<IpAddr>]) -> Event {
        Event::Vertex(Vertex {
            hop,
            address,
            kind,
            sample: None,
            answers: 1,
            translated_to: None,
            translated_port: None,
            rewritten: Vec::new(),
            next: next.to_vec(),
            complete: true,
        })
    }

    fn start() -> Event {
        Event::Start(Start {
            v: 1,
            target: "a\x1b.example".to_owned(),
            address: SocketAddr::new(TARGET, 0),
            method: "udp",
            port: 33_434,
            first_hop: 1,
            max_hops: 30,
            size: 60,
            confidence: 99.5,
            flows: 256,
        })
    }

    fn summary() -> Summary {
        Summary {
            reached: true,
            last_hop: Some(3),
            vertices: 4,
            links: 4,
            paths: 2,
            complete: true,
            out_of_flows: false,
            interrupted: false,
            per_packet: Vec::new(),
            rate_limited: Vec::new(),
            translated_from: None,
            rewritten_from: None,
            flows: 11,
            sent: 42,
            answered: 40,
            error: None,
            elapsed: Duration::from_millis(1234),
        }
    }

    /// What is printed on stdout.
    fn printed(events: &[Event]) -> String {
        let mut text = Text::new(Lookup::numeric(), None);
        let (mut out, mut err) = (Vec::new(), Vec::new());
        for event in events {
            let mut to = Streams { out: &mut out, err: &mut err };
            text.event(Duration::ZERO, event, &mut to).unwrap();
        }
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn diamond_is_drawn_hop_by_hop() {
        let path = |middle, port| {
            let hops = vec![Some(at(1)), middle, Some(TARGET)];
            Event::Path(Path { hops, ports: vec![port, 7], reached: true })
        };
        let link = Link { hop: 1, from: Some(at(1)), to: None, flows: 1, ports: vec![40_000] };
        let text = printed(&[
            start(),
            vertex(1, Some(at(1)), Kind::Router, &[None, Some(at(2))]),
            Event::Link(link),
            vertex(2, None, Kind::Silent, &[Some(TARGET)]),
            vertex(2, Some(at(2)), Kind::Router, &[Some(TARGET)]),
            vertex(3, Some(TARGET), Kind::Target, &[]),
            path(None, 40_000),
            path(Some(at(2)), 40_001),
            Event::Summary(summary()),
        ]);
        let expected = "\
paths to a\\027.example (203.0.113.9), UDP port 33434, 30 hops max, 99.5 % sure
   1 o  192.0.2.1                -> 2a 2b
  2a /  *                        -> 3
  2b \\  192.0.2.2                -> 3
   3 o  203.0.113.9              target

source port and way: traceroute -U -p 33434 --sport=PORT a\\027.example
  40000  1 2a 3
  40001  1 2b 3

4 places, 4 links, 2 paths: all there are, 99.5 % sure; 42 probes in 1.2 s
";
        assert_eq!(text, expected);
    }

    #[test]
    fn wide_branches_are_continued_on_the_next_line() {
        let next: Vec<_> = (100..130).map(|n| Some(at(n))).collect();
        let branches = next.iter().map(|next| vertex(2, *next, Kind::Router, &[]));
        let first = vertex(1, Some(at(1)), Kind::Router, &next);
        let events: Vec<_> = [start(), first]
            .into_iter()
            .chain(branches)
            .chain([Event::Summary(summary())])
            .collect();
        let text = printed(&events);
        let lines: Vec<_> = text.lines().skip(1).take(4).collect();
        assert!(lines[0].ends_with(" 2l 2m 2n 2o"), "{text}");
        assert!(lines[1].starts_with("          2p 2q "), "{text}");
        assert!(lines[1].ends_with(" 2ac 2ad"), "{text}");
        assert!(lines.iter().all(|line| line.len() <= COLUMNS), "{text}");
    }

    #[test]
    fn summary_says_what_is_not_known() {
        let summary = Summary {
            reached: false,
            last_hop: None,
            vertices: 1,
            complete: false,
            out_of_flows: true,
            interrupted: true,
            per_packet: vec![2, 3],
            rate_limited: vec![1],
            translated_from: Some(4),
            rewritten_from: Some(3),
            ..summary()
        };
        let notes = notes(&summary, None);
        assert_eq!(
            notes,
            [
                "1 place, 4 links, 2 paths: perhaps not all; 42 probes in 1.2 s",
                "target not reached: nobody answered",
                "interrupted: there is more to ask",
                "out of source ports: more would be needed",
                "hop 2, 3: balanced by packet, so that no source port has one way",
                "hop 1: rate-limited? answered more when asked slowly",
                "hop 4: from there on another destination",
                "hop 3: from there on a rewritten header",
            ]
        );
    }
}
