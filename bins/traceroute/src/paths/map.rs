//! What was found, kept until all of it is known, and what each place on it is called.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};

use wireline_cli::escape;
use wireline_engine::trace::paths::{Event, Link, Path, Start, Vertex};
use wireline_tool::Lookup;

use crate::origins::Origins;

/// An address at a hop, or silence there.
type Key = (u8, Option<IpAddr>);

/// Vertices, links and paths in the order in which they were told, which is hop by hop.
pub(super) struct Map {
    names: Lookup,
    origins: Option<Origins>,
    pub(super) start: Option<Start>,
    pub(super) vertices: Vec<Vertex>,
    pub(super) links: Vec<Link>,
    pub(super) paths: Vec<Path>,
    labels: BTreeMap<Key, String>,
}

impl Map {
    pub(super) const fn new(names: Lookup, origins: Option<Origins>) -> Self {
        Self {
            names,
            origins,
            start: None,
            vertices: Vec::new(),
            links: Vec::new(),
            paths: Vec::new(),
            labels: BTreeMap::new(),
        }
    }

    pub(super) fn take(&mut self, event: &Event) {
        match event {
            Event::Start(start) => self.start = Some(start.clone()),
            Event::Vertex(vertex) => self.vertices.push(vertex.clone()),
            Event::Link(link) => self.links.push(link.clone()),
            Event::Path(path) => self.paths.push(path.clone()),
            Event::Summary(_) => {}
        }
    }

    /// Calls each vertex by its hop, with a letter where it has neighbours.
    pub(super) fn label(&mut self) {
        for hop in self.vertices.chunk_by(|one, other| one.hop == other.hop) {
            for (n, vertex) in hop.iter().enumerate() {
                let letters = if hop.len() > 1 { letters(n) } else { String::new() };
                let label = format!("{}{letters}", vertex.hop);
                self.labels.insert((vertex.hop, vertex.address), label);
            }
        }
    }

    pub(super) fn label_of(&self, hop: u8, address: Option<IpAddr>) -> &str {
        self.labels.get(&(hop, address)).map_or("?", String::as_str)
    }

    /// How many share its hop, and which of them it is.
    pub(super) fn place(&self, vertex: &Vertex) -> (usize, usize) {
        let hop = || self.vertices.iter().filter(|other| other.hop == vertex.hop);
        let before = hop().take_while(|other| other.address != vertex.address).count();
        (before, hop().count())
    }

    /// `name (192.0.2.1) [AS64500]`, or `*` for who is silent.
    pub(super) fn name(&self, vertex: &Vertex) -> String {
        let Some(address) = vertex.address else { return "*".to_owned() };
        let mut text = self.names.text(SocketAddr::new(address, 0));
        if let Some(origins) = &self.origins {
            let _ = write!(text, " [{}]", origins.text(address));
        }
        text
    }

    /// `example.net (192.0.2.9)`.
    pub(super) fn target(start: &Start) -> String {
        let address = Lookup::numeric().text(start.address);
        format!("{} ({address})", escape(&start.target))
    }
}

/// `a` to `z`, and then `aa`.
fn letters(n: usize) -> String {
    let letter = char::from(b'a' + u8::try_from(n % 26).unwrap_or(0));
    match n / 26 {
        0 => letter.to_string(),
        more => letters(more - 1) + &letter.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_go_on_behind_the_alphabet() {
        assert_eq!(
            [0, 25, 26, 51, 52, 701, 702].map(letters),
            ["a", "z", "aa", "az", "ba", "zz", "aaa"]
        );
    }
}
