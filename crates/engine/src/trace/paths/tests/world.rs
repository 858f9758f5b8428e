//! Routers that exist nowhere, each of which chooses a way for each flow, in virtual time.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use crate::trace::Wait;
use crate::trace::paths::{Config, Event, Kind, Paths, Summary};
use crate::{Datagrams as _, Engine as _, Instant, Origin, Refusal, Transmit};

/// At which hop, from where, to where.
pub(super) type Edge = (u8, Option<IpAddr>, Option<IpAddr>);

#[derive(Clone, Debug)]
pub(super) struct World {
    /// From, to; 0 is the source, the last is the target.
    pub(super) edges: Vec<(u8, u8)>,
    pub(super) target: u8,
    pub(super) seed: u64,
    pub(super) silent: BTreeSet<u8>,
    /// Routers that choose for each packet.
    pub(super) fickle: BTreeSet<u8>,
    /// Answers lost, in a thousand.
    pub(super) loss: u64,
    /// Answers at once, and then one a second, of each router; 0 is no limit.
    pub(super) burst: u32,
    /// Routers that quote no data.
    pub(super) curt: bool,
    pub(super) flows: u16,
    pub(super) confidence: f64,
    pub(super) wait: Wait,
}

#[derive(Debug)]
pub(super) struct Seen {
    pub(super) links: BTreeSet<Edge>,
    pub(super) events: Vec<Event>,
    pub(super) summary: Summary,
}

struct InFlight {
    arrives: Instant,
    flow: u32,
    from: u8,
    quoted: Vec<u8>,
}

/// Tokens left and when they were counted, by router.
type Buckets = BTreeMap<u8, (f64, Instant)>;

impl World {
    pub(super) fn of(edges: &[(u8, u8)]) -> Self {
        Self {
            edges: edges.to_vec(),
            target: edges.iter().map(|(_, to)| *to).max().unwrap(),
            seed: 1,
            silent: BTreeSet::new(),
            fickle: BTreeSet::new(),
            loss: 0,
            burst: 0,
            curt: false,
            flows: 256,
            confidence: 95.0,
            wait: Wait::Adaptive,
        }
    }

    fn address(&self, node: u8) -> IpAddr {
        if node == self.target { TARGET.ip() } else { Ipv4Addr::new(192, 0, 2, node).into() }
    }

    fn place(&self, node: u8) -> Option<IpAddr> {
        (!self.silent.contains(&node)).then(|| self.address(node))
    }

    /// All links behind the first hop that a flow may take.
    pub(super) fn truth(&self) -> BTreeSet<Edge> {
        let mut truth = BTreeSet::new();
        let mut here = BTreeSet::from([0]);
        for hop in 0.. {
            let steps: Vec<_> = self.edges.iter().filter(|(from, _)| here.contains(from)).collect();
            if hop > 0 {
                truth.extend(steps.iter().map(|(a, b)| (hop, self.place(*a), self.place(*b))));
            }
            here = steps.into_iter().map(|(_, to)| *to).collect();
            if here.is_empty() {
                break;
            }
        }
        truth
    }

    /// The node that a probe's hop limit runs out at.
    fn walk(&self, flow: u32, packet: u64, ttl: u8) -> u8 {
        let mut node = 0;
        for _ in 0..ttl {
            let next: Vec<_> = self.edges.iter().filter(|(from, _)| *from == node).collect();
            if next.is_empty() {
                break;
            }
            let salt = if self.fickle.contains(&node) { packet << 20 } else { 0 };
            let choice = mix(self.seed ^ mix(u64::from(node) ^ mix(u64::from(flow) + salt)));
            node = next[usize::try_from(choice % next.len() as u64).unwrap()].1;
        }
        node
    }

    fn is_lost(&self, packet: u64) -> bool {
        mix(self.seed ^ mix(packet ^ 0x1055)) % 1000 < self.loss
    }

    fn may_answer(&self, node: u8, now: Instant, buckets: &mut Buckets) -> bool {
        if self.burst == 0 {
            return true;
        }
        let most = f64::from(self.burst);
        let bucket = buckets.entry(node).or_insert((most, now));
        bucket.0 = (bucket.0 + now.since(bucket.1).as_secs_f64()).min(most);
        bucket.1 = now;
        let may = bucket.0 >= 1.0;
        bucket.0 -= if may { 1.0 } else { 0.0 };
        may
    }

    pub(super) fn config(&self, max_hops: u8) -> Config {
        Config {
            name: "target".to_owned(),
            target: TARGET,
            source: None,
            traffic_class: 0,
            port: PORT,
            first_hop: 1,
            max_hops,
            confidence: self.confidence,
            ports: (40_000..).take(self.flows.into()).collect(),
            interval: Duration::from_micros(500),
            wait: self.wait,
            size: 60,
            overhead: 28,
            seed: 0x7061_7468,
        }
    }

    fn engine(&self) -> Paths {
        Paths::new(self.config(30), Instant::ZERO)
    }

    pub(super) fn trace(&self) -> Seen {
        let (mut engine, mut now) = (self.engine(), Instant::ZERO);
        let (mut path, mut packet, mut buckets) = (Vec::new(), 0, Buckets::new());
        let mut events = Vec::new();
        loop {
            let mut contents = Vec::new();
            while let Some(transmit) = engine.poll_transmit(now, &mut contents) {
                packet += 1;
                path.extend(self.answer(now, transmit, packet, &contents, &mut buckets));
            }
            events.extend(std::iter::from_fn(|| engine.poll_event()));
            if engine.is_finished() {
                return seen(events);
            }
            let arrival = path.iter().map(|sent: &InFlight| sent.arrives).min();
            let wake = engine.next_timeout();
            now = arrival.into_iter().chain(wake).min().unwrap().max(now);
            for sent in path.extract_if(.., |sent| sent.arrives <= now) {
                self.deliver(&mut engine, now, &sent);
            }
            engine.handle_timeout(now);
        }
    }

    fn answer(
        &self,
        now: Instant,
        transmit: Transmit,
        packet: u64,
        contents: &[u8],
        buckets: &mut Buckets,
    ) -> Option<InFlight> {
        let ttl = transmit.hop_limit.unwrap();
        let from = self.walk(transmit.flow, packet, ttl);
        let is_dropped = self.silent.contains(&from) || self.is_lost(packet);
        (self.may_answer(from, now, buckets) && !is_dropped).then(|| InFlight {
            arrives: now + Duration::from_millis(5) * u32::from(ttl),
            flow: transmit.flow,
            from,
            quoted: if self.curt { Vec::new() } else { contents.to_vec() },
        })
    }

    fn deliver(&self, engine: &mut Paths, now: Instant, sent: &InFlight) {
        let (icmp_type, code) = if sent.from == self.target { (3, 3) } else { (11, 0) };
        engine.handle_refusal(
            now,
            Refusal {
                origin: Origin::Icmp { from: self.address(sent.from), icmp_type, code },
                destination: SocketAddr::new(TARGET.ip(), PORT),
                flow: sent.flow,
                info: 0,
                at: Some(now),
                hop_limit: None,
                extensions_at: None,
                quoted: &sent.quoted,
            },
        );
    }
}

pub(super) const TARGET: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9)), 0);
pub(super) const PORT: u16 = 33_434;

fn seen(events: Vec<Event>) -> Seen {
    let link = |event: &Event| match event {
        Event::Link(link) => Some((link.hop, link.from, link.to)),
        _ => None,
    };
    let Some(Event::Summary(summary)) = events.last().cloned() else { panic!("{events:?}") };
    Seen { links: events.iter().filter_map(link).collect(), events, summary }
}

impl Seen {
    /// Of the vertices at one hop.
    pub(super) fn kinds(&self, hop: u8) -> Vec<Kind> {
        let kind = |event: &Event| match event {
            Event::Vertex(vertex) if vertex.hop == hop => Some(vertex.kind),
            _ => None,
        };
        self.events.iter().filter_map(kind).collect()
    }
}

/// Splitmix64's last step: each bit of the result depends on each of the argument.
fn mix(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}
