//! What to ask next: hop by hop, as the Multipath Detection Algorithm has it (Augustin, Friedman and
//! Teixeira, "Multipath Tracing with Paris Traceroute", E2EMON 2007, §III).

use std::collections::{BTreeMap, BTreeSet};

use super::stops::Stops;
use super::table::{Cell, Place, Table};

/// One flow to be asked for at one hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ask {
    pub(super) hop: u8,
    pub(super) flow: usize,
    /// What is known already is to be confirmed.
    pub(super) repeats: bool,
    /// How often it was asked and not answered.
    pub(super) tries: u8,
}

/// Repeated probes that show whether a hop is chosen for each flow or for each packet: two ways taken at
/// random would look like one with a chance of one in a thousand.
const REPEATS: usize = 10;

/// Flows asked for at once in search of some that come by one router.
const SEARCH: usize = 64;

/// Reads the table; changes nothing.
pub(super) struct Planner<'a> {
    pub(super) table: &'a Table,
    pub(super) stops: &'a Stops,
}

/// What is missing behind one vertex.
struct Demand {
    /// Flows to be seen behind it.
    missing: usize,
    /// Those known to come by that nobody asked for yet.
    candidates: Vec<usize>,
}

impl Planner<'_> {
    /// Everything that may be asked for at once, each flow for one hop only; nothing when all is known.
    pub(super) fn next(&self) -> Vec<Ask> {
        for hop in self.table.hops() {
            let mut asks = self.onward(hop);
            self.backward(hop, &mut asks);
            if !asks.is_empty() {
                return asks.into_iter().map(|(flow, hop)| ask(hop, flow, false)).collect();
            }
            let repeats = self.repeats(hop);
            if !repeats.is_empty() {
                return repeats;
            }
            let all = 0..self.table.row(hop).map_or(0, |row| row.cells.len());
            if !all.into_iter().any(|flow| self.table.goes_on(hop, flow)) {
                break;
            }
        }
        self.whole_paths()
    }

    /// Whether enough is known of what comes behind a place at the hop before this one.
    pub(super) fn is_complete(&self, hop: u8, flows: &[usize]) -> bool {
        let onward = self.followed(hop, flows);
        onward.is_empty() || self.table.row(hop).is_none() || self.demand(hop, &onward).missing == 0
    }

    /// Of the flows of one place at the hop before, those worth following.
    fn followed(&self, hop: u8, flows: &[usize]) -> Vec<usize> {
        let goes_on = |flow: &usize| match hop.checked_sub(1) {
            Some(before) if self.table.row(before).is_some() => self.table.goes_on(before, *flow),
            _ => true,
        };
        flows.iter().copied().filter(goes_on).collect()
    }

    /// What is missing behind the vertices at the hop before, by flow.
    fn onward(&self, hop: u8) -> BTreeMap<usize, u8> {
        let mut asks = BTreeMap::new();
        let before = self.table.before(hop);
        let is_alone = before.len() == 1;
        for (place, flows) in &before {
            let flows = self.followed(hop, flows);
            if flows.is_empty() {
                continue;
            }
            let demand = self.demand(hop, &flows);
            let found = demand.candidates.len().min(demand.missing);
            asks.extend(demand.candidates[..found].iter().map(|flow| (*flow, hop)));
            let still = demand.missing - found;
            // Who is silent beside others may be anybody: more of the same is not to be had.
            if still > 0 && (place.is_some() || is_alone) {
                self.search(hop, flows.len(), still, &mut asks);
            }
        }
        asks
    }

    fn demand(&self, hop: u8, flows: &[usize]) -> Demand {
        let seen: Vec<_> = flows.iter().filter_map(|flow| self.table.seen(hop, *flow)).collect();
        let next: BTreeSet<Place> = seen.iter().map(|seen| seen.place).collect();
        let is_unasked = |flow: &usize| self.table.cell(hop, *flow) == Cell::Unasked;
        Demand {
            missing: self.stops.after(next.len()).saturating_sub(seen.len()),
            candidates: flows.iter().copied().filter(is_unasked).collect(),
        }
    }

    /// Flows that may come by the place that `known` flows came by at the hop before ("node control").
    fn search(&self, hop: u8, known: usize, missing: usize, asks: &mut BTreeMap<usize, u8>) {
        let Some(before) = hop.checked_sub(1) else { return };
        let Some(row) = self.table.row(before) else { return };
        let asked = row.cells.iter().filter(|cell| **cell != Cell::Unasked).count();
        let wanted = (missing * asked).div_ceil(known.max(1)).min(SEARCH);
        let fresh = row.cells.iter().enumerate().filter(|(_, cell)| **cell == Cell::Unasked);
        let fresh = fresh.map(|(flow, _)| flow).filter(|flow| !asks.contains_key(flow));
        let chosen: Vec<_> = fresh.take(wanted).collect();
        asks.extend(chosen.into_iter().map(|flow| (flow, before)));
    }

    /// A vertex that no flow is known to have come to from anywhere.
    fn backward(&self, hop: u8, asks: &mut BTreeMap<usize, u8>) {
        let Some(before) = hop.checked_sub(1).filter(|hop| self.table.row(*hop).is_some()) else {
            return;
        };
        let Some(row) = self.table.row(hop) else { return };
        for flows in row.places().into_values() {
            if flows.iter().any(|flow| self.table.seen(before, *flow).is_some()) {
                continue;
            }
            let is_unasked = |flow: &&usize| self.table.cell(before, **flow) == Cell::Unasked;
            if let Some(flow) = flows.iter().find(is_unasked) {
                asks.insert(*flow, before);
            }
        }
    }

    /// Where there is a choice, whether it is the flow that decides. All are flows of one place, so that
    /// routers that take their ways in turn are found out too.
    fn repeats(&self, hop: u8) -> Vec<Ask> {
        let Some(row) = self.table.row(hop) else { return Vec::new() };
        let places = row.places();
        let is_settled = row.is_unstable || row.confirmed >= REPEATS || row.repeated >= 2 * REPEATS;
        if places.len() < 2 || is_settled {
            return Vec::new();
        }
        let answering = places.iter().filter(|(place, _)| place.is_some());
        let most = answering.map(|(_, flows)| flows).max_by_key(|flows| flows.len());
        let flows = most.into_iter().flatten().take(REPEATS - row.confirmed);
        flows.map(|flow| ask(hop, *flow, true)).collect()
    }

    /// What is missing for one flow on each link to be known from end to end.
    fn whole_paths(&self) -> Vec<Ask> {
        let mut asks = BTreeMap::new();
        for hop in self.table.hops().skip(1) {
            let Some(row) = self.table.row(hop) else { break };
            for flows in row.places().into_values() {
                self.whole_paths_to(hop, &flows, &mut asks);
            }
        }
        asks.into_iter().map(|(flow, hop)| ask(hop, flow, false)).collect()
    }

    fn whole_paths_to(&self, hop: u8, flows: &[usize], asks: &mut BTreeMap<usize, u8>) {
        let mut by_origin: BTreeMap<Place, Vec<usize>> = BTreeMap::new();
        for flow in flows {
            if let Some(seen) = hop.checked_sub(1).and_then(|hop| self.table.seen(hop, *flow)) {
                by_origin.entry(seen.place).or_default().push(*flow);
            }
        }
        for flows in by_origin.into_values() {
            let paths: Vec<_> = flows.iter().map(|flow| (*flow, self.table.path(*flow))).collect();
            if paths.iter().any(|(_, path)| path.is_ok()) {
                continue;
            }
            let unasked = paths.into_iter().filter_map(|(flow, path)| Some((flow, path.err()?)));
            let mut usable =
                unasked.filter(|(flow, hop)| self.table.cell(*hop, *flow) == Cell::Unasked);
            if let Some((flow, hop)) = usable.next() {
                asks.entry(flow).or_insert(hop);
            }
        }
    }
}

const fn ask(hop: u8, flow: usize, repeats: bool) -> Ask {
    Ask { hop, flow, repeats, tries: 0 }
}
