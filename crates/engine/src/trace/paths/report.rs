//! What the table means, in events.

use std::collections::{BTreeMap, BTreeSet};

use super::event::{Event, Kind, Link, Path, Vertex};
use super::plan::Planner;
use super::table::{Place, Row};

/// Source ports that are told of a link or of a path.
const PORTS: usize = 8;

/// Reads the table; changes nothing.
pub(super) struct Reporter<'a> {
    pub(super) planner: Planner<'a>,
    /// By flow.
    pub(super) ports: &'a [u16],
}

/// Everything, in the order in which it is told.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) events: Vec<Event>,
    pub(super) vertices: usize,
    pub(super) links: usize,
    pub(super) paths: usize,
    pub(super) reached: bool,
    pub(super) complete: bool,
    pub(super) out_of_flows: bool,
    pub(super) translated_from: Option<u8>,
    pub(super) rewritten_from: Option<u8>,
}

impl Reporter<'_> {
    pub(super) fn report(&self) -> Report {
        let mut report = Report { complete: true, ..Report::default() };
        let all: Vec<usize> = (0..self.ports.len()).collect();
        let first = *self.planner.table.hops().start();
        self.judge(first, &all, &mut report);
        for hop in self.hops() {
            let Some(row) = self.planner.table.row(hop) else { break };
            let links = self.links(hop, row);
            for (place, flows) in row.places() {
                self.vertex(hop, row, (place, &flows), &links, &mut report);
            }
        }
        self.paths(&mut report);
        report
    }

    fn hops(&self) -> impl Iterator<Item = u8> {
        let table = self.planner.table;
        let last = table.last();
        table.hops().take_while(move |hop| last.is_some_and(|last| *hop <= last))
    }

    /// Whether enough is known behind these flows, that are at the hop before.
    fn judge(&self, hop: u8, flows: &[usize], report: &mut Report) -> bool {
        let complete = self.planner.is_complete(hop, flows);
        report.complete &= complete;
        let before = hop.checked_sub(1).and_then(|hop| self.planner.table.row(hop));
        let is_used_up = |row: &Row| !row.cells.contains(&super::table::Cell::Unasked);
        report.out_of_flows |= !complete && before.is_none_or(is_used_up);
        complete
    }

    fn vertex(
        &self,
        hop: u8,
        row: &Row,
        (place, flows): (Place, &[usize]),
        links: &BTreeMap<(Place, Place), Vec<usize>>,
        report: &mut Report,
    ) {
        let complete = self.judge(hop.saturating_add(1), flows, report);
        let links: Vec<_> = links.iter().filter(|((from, _), _)| *from == place).collect();
        let answers = place.and_then(|address| row.answers.get(&address));
        report.vertices += 1;
        report.links += links.len();
        report.reached |= row.kind(place) == Kind::Target;
        let translated = answers.and_then(|answers| answers.translated);
        report.translated_from = report.translated_from.or(translated.map(|_| hop));
        let rewritten = row.changes(place);
        let here = Some(hop).filter(|_| !rewritten.is_empty());
        report.rewritten_from = report.rewritten_from.or(here);
        report.events.push(Event::Vertex(Vertex {
            hop,
            address: place,
            kind: row.kind(place),
            sample: answers.map(|answers| answers.best),
            answers: answers.map_or(0, |answers| answers.count),
            translated_to: translated.map(|to| to.ip()),
            translated_port: translated.map(|to| to.port()),
            rewritten,
            next: links.iter().map(|((_, to), _)| *to).collect(),
            complete,
        }));
        report.events.extend(links.into_iter().map(|((from, to), flows)| {
            let ports = self.ports_of(flows);
            Event::Link(Link { hop, from: *from, to: *to, flows: flows.len(), ports })
        }));
    }

    /// The links behind a hop, each with the flows that were seen at both ends. Where packets of one flow go
    /// several ways that is no proof, unless there is one way only to be from, or to go to.
    fn links(&self, hop: u8, row: &Row) -> BTreeMap<(Place, Place), Vec<usize>> {
        let mut links: BTreeMap<(Place, Place), Vec<usize>> = BTreeMap::new();
        let Some(next) = self.planner.table.row(hop.saturating_add(1)) else { return links };
        let goes_on = |flow: &usize| self.planner.table.goes_on(hop, *flow);
        let seen = (0..self.ports.len()).filter(goes_on).filter_map(|flow| {
            Some((flow, row.cells[flow].seen()?.place, next.cells[flow].seen()?.place))
        });
        let (from, to) = (row.places(), next.places());
        let is_doubtful = row.is_unstable || next.is_unstable;
        if is_doubtful && from.len() > 1 && to.len() > 1 {
            return links;
        }
        for (flow, from, to) in seen {
            links.entry((from, to)).or_default().push(flow);
        }
        if is_doubtful && !links.is_empty() {
            let all = from.keys().filter(|from| !row.kind(**from).is_end());
            let all = all.flat_map(|from| to.keys().map(|to| (*from, *to)));
            all.for_each(|link| {
                links.entry(link).or_default();
            });
        }
        links
    }

    fn ports_of(&self, flows: &[usize]) -> Vec<u16> {
        flows.iter().filter_map(|flow| self.ports.get(*flow)).take(PORTS).copied().collect()
    }

    /// The ways that flows were followed from end to end.
    fn paths(&self, report: &mut Report) {
        let mut paths: BTreeMap<Vec<Place>, (bool, Vec<usize>)> = BTreeMap::new();
        for flow in 0..self.ports.len() {
            let Ok(path) = self.planner.table.path(flow) else { continue };
            if !self.is_stable(path.len()) {
                continue;
            }
            let reached = path.last().is_some_and(|seen| seen.kind == Kind::Target);
            let places = path.iter().map(|seen| seen.place).collect();
            paths.entry(places).or_insert((reached, Vec::new())).1.push(flow);
        }
        report.paths = paths.len();
        report.events.extend(paths.into_iter().map(|(hops, (reached, flows))| {
            Event::Path(Path { hops, ports: self.ports_of(&flows), reached })
        }));
    }

    /// Whether a flow takes the same way each time, so many hops far.
    fn is_stable(&self, hops: usize) -> bool {
        let mut rows = self.hops().take(hops).filter_map(|hop| self.planner.table.row(hop));
        rows.all(|row| !row.is_unstable)
    }

    /// The hops to which packets of one flow go several ways.
    pub(super) fn unstable(&self) -> Vec<u8> {
        let is_unstable =
            |hop: &u8| self.planner.table.row(*hop).is_some_and(|row| row.is_unstable);
        let hops: BTreeSet<u8> = self.hops().filter(is_unstable).collect();
        hops.into_iter().collect()
    }
}
