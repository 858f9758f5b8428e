//! Which flow was seen where.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use super::super::rewriting::Change;
use super::event::Kind;
use crate::echo::Sample;

/// Where a flow is at some hop; `None` where nobody answers.
pub(super) type Place = Option<IpAddr>;

/// Silent hops in a row after which a flow is not followed any further.
const SILENT: u8 = 4;

/// What is known of one flow at one hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    Unasked,
    Known(Seen),
    /// Its answers cannot be told from those for another hop, or it does not come so far.
    Unusable,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) place: Place,
    pub(super) kind: Kind,
}

impl Seen {
    pub(super) const SILENCE: Self = Self { place: None, kind: Kind::Silent };
}

impl Cell {
    pub(super) const fn seen(self) -> Option<Seen> {
        match self {
            Self::Known(seen) => Some(seen),
            _ => None,
        }
    }
}

/// One hop.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// By flow.
    pub(super) cells: Vec<Cell>,
    /// Everybody who ever answered from here.
    pub(super) answers: BTreeMap<IpAddr, Answers>,
    /// What they quoted that was rewritten, those too whose answers nobody could tell whose they were.
    pub(super) rewritten: BTreeMap<IpAddr, Vec<Change>>,
    /// Probes that repeated what was known, and those of them that were answered.
    pub(super) repeated: usize,
    pub(super) confirmed: usize,
    /// One flow was seen in two places.
    pub(super) is_unstable: bool,
}

/// All answers of one address for one hop.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answers {
    pub(super) kind: Kind,
    pub(super) best: Sample,
    pub(super) count: u32,
    /// Where the last probe was going that was quoted with another destination.
    pub(super) translated: Option<SocketAddr>,
}

impl Row {
    fn new(flows: usize) -> Self {
        Self {
            cells: vec![Cell::Unasked; flows],
            answers: BTreeMap::new(),
            rewritten: BTreeMap::new(),
            repeated: 0,
            confirmed: 0,
            is_unstable: false,
        }
    }

    /// Takes in where a flow was seen.
    pub(super) fn hear(&mut self, flow: usize, seen: Seen) {
        let Some(cell) = self.cells.get_mut(flow) else { return };
        match cell.seen() {
            Some(known) if known.place.is_some() => self.is_unstable |= known.place != seen.place,
            _ => *cell = Cell::Known(seen),
        }
    }

    /// Passes over a flow from now on, and over an address that only it was seen at.
    fn forget(&mut self, flow: usize) {
        let Some(cell) = self.cells.get_mut(flow) else { return };
        let place = cell.seen().and_then(|seen| seen.place);
        *cell = Cell::Unusable;
        let is_there = |cell: &Cell| cell.seen().is_some_and(|seen| seen.place == place);
        if let Some(address) = place.filter(|_| !self.cells.iter().any(is_there)) {
            self.answers.remove(&address);
        }
    }

    /// Counts an answer.
    pub(super) fn count(&mut self, address: IpAddr, kind: Kind, sample: Sample) {
        let new = Answers { kind, best: sample, count: 0, translated: None };
        let answers = self.answers.entry(address).or_insert(new);
        answers.count += 1;
        if sample.rtt < answers.best.rtt {
            answers.best = sample;
        }
    }

    /// Remembers that somebody quoted a probe on its way elsewhere.
    pub(super) fn note(&mut self, address: IpAddr, translated: Option<SocketAddr>) {
        if let Some(answers) = self.answers.get_mut(&address) {
            answers.translated = translated.or(answers.translated);
        }
    }

    /// The places with the flows that were seen there. One that was only seen when a probe was repeated has
    /// none.
    pub(super) fn places(&self) -> BTreeMap<Place, Vec<usize>> {
        let mut places: BTreeMap<Place, Vec<usize>> =
            self.answers.keys().map(|address| (Some(*address), Vec::new())).collect();
        for (flow, cell) in self.cells.iter().enumerate() {
            if let Some(seen) = cell.seen() {
                places.entry(seen.place).or_default().push(flow);
            }
        }
        places
    }

    /// What was rewritten on the way to a place: where nobody was seen to answer, what anybody quoted.
    pub(super) fn changes(&self, place: Place) -> Vec<Change> {
        let is_there = |address: &IpAddr| {
            place.map_or(!self.answers.contains_key(address), |place| place == *address)
        };
        let found = self.rewritten.iter().find(|(address, _)| is_there(address));
        found.map(|(_, changes)| changes.clone()).unwrap_or_default()
    }

    pub(super) fn kind(&self, place: Place) -> Kind {
        let answers = place.and_then(|address| self.answers.get(&address));
        answers.map_or(Kind::Silent, |answers| answers.kind)
    }
}

/// All hops.
#[derive(Clone, Debug)]
pub(super) struct Table {
    first: u8,
    rows: Vec<Row>,
    flows: usize,
}

impl Table {
    pub(super) fn new(first: u8, last: u8, flows: usize) -> Self {
        let hops = usize::from(last.saturating_sub(first)) + 1;
        Self { first, rows: vec![Row::new(flows); hops], flows }
    }

    pub(super) fn hops(&self) -> std::ops::RangeInclusive<u8> {
        let last = u8::try_from(self.rows.len() - 1).unwrap_or(u8::MAX);
        self.first..=self.first.saturating_add(last)
    }

    pub(super) fn row(&self, hop: u8) -> Option<&Row> {
        self.rows.get(usize::from(hop.checked_sub(self.first)?))
    }

    pub(super) fn row_mut(&mut self, hop: u8) -> Option<&mut Row> {
        self.rows.get_mut(usize::from(hop.checked_sub(self.first)?))
    }

    pub(super) fn cell(&self, hop: u8, flow: usize) -> Cell {
        let cell = self.row(hop).and_then(|row| row.cells.get(flow));
        cell.copied().unwrap_or(Cell::Unusable)
    }

    pub(super) fn seen(&self, hop: u8, flow: usize) -> Option<Seen> {
        self.cell(hop, flow).seen()
    }

    /// The flows in front of a hop, by where they were at the one before it: all of them at the source.
    pub(super) fn before(&self, hop: u8) -> BTreeMap<Place, Vec<usize>> {
        match hop.checked_sub(1).and_then(|before| self.row(before)) {
            None => [(None, (0..self.flows).collect())].into(),
            Some(row) => row.places(),
        }
    }

    /// The most places at one hop.
    pub(super) fn widest(&self) -> usize {
        self.rows.iter().map(|row| row.places().len()).max().unwrap_or(0)
    }

    /// Whether a flow that was at this hop is worth following.
    pub(super) fn goes_on(&self, hop: u8, flow: usize) -> bool {
        let Some(seen) = self.seen(hop, flow) else { return false };
        let is_silent = |back: u8| self.seen(hop.saturating_sub(back), flow) == Some(Seen::SILENCE);
        !seen.kind.is_end() && !(0..SILENT).all(is_silent)
    }

    /// A flow turns out to end at a hop: what was taken for a later one is none.
    pub(super) fn forget_behind(&mut self, hop: u8, flow: usize) {
        let behind = usize::from(hop.saturating_sub(self.first)) + 1;
        for row in self.rows.iter_mut().skip(behind) {
            row.forget(flow);
        }
    }

    /// The last hop that anything is known of.
    pub(super) fn last(&self) -> Option<u8> {
        let is_known = |row: &Row| row.cells.iter().any(|cell| cell.seen().is_some());
        let n = self.rows.iter().rposition(is_known)?;
        Some(u8::try_from(n).unwrap_or(u8::MAX).saturating_add(self.first))
    }

    /// From the first hop to the end of a flow, where all of it is known; otherwise a hop that is not.
    pub(super) fn path(&self, flow: usize) -> Result<Vec<Seen>, u8> {
        let last = self.last().unwrap_or(self.first);
        let mut path = Vec::new();
        for hop in self.first..=last {
            let seen = self.seen(hop, flow).ok_or(hop)?;
            path.push(seen);
            if !self.goes_on(hop, flow) {
                break;
            }
        }
        Ok(path)
    }
}
