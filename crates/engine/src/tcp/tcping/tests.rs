mod half_open;

use std::collections::BTreeMap;

use wireline_packet::tcp::{Flags, Segment};

use super::*;

const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));
const ROUTER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 254));

/// What becomes of a SYN.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    /// Open after so many milliseconds, of which TCP's round trip is what is left after so many lost SYNs.
    Open(u64, u32),
    Refused,
    Icmp(IpAddr, u8, u8),
    /// Nothing, and the channel says so itself after so many milliseconds.
    Silent(Option<u64>),
    Local(i32),
}

/// A network where the fate of a SYN depends on when it leaves (in milliseconds) and where to.
struct Sim {
    fate: fn(u64, SocketAddr) -> Fate,
    stop_at: Option<u64>,
}

#[derive(Default)]
struct Run {
    events: Vec<Event>,
    /// Milliseconds.
    sent_at: Vec<u64>,
    ended_at: u64,
}

enum Arrival {
    Handshake(Handshake),
    Icmp(u32, SocketAddr, IpAddr, u8, u8, Vec<u8>),
    Segment(SocketAddr, Vec<u8>),
}

impl Sim {
    const fn new(fate: fn(u64, SocketAddr) -> Fate) -> Self {
        Self { fate, stop_at: None }
    }

    fn run(&self, config: Config, targets: Vec<Target>) -> Run {
        self.run_with(config, targets, |_, _| {})
    }

    fn run_with(
        &self,
        config: Config,
        targets: Vec<Target>,
        mut look: impl FnMut(&mut Tcping, &Event),
    ) -> Run {
        let is_half_open = config.carrier == Carrier::HalfOpen;
        let mut engine = Tcping::new(config, targets, Instant::ZERO);
        let mut now = Instant::ZERO;
        let mut path: BTreeMap<(Instant, u32), Arrival> = BTreeMap::new();
        let mut run = Run::default();
        loop {
            let mut contents = Vec::new();
            while let Some(transmit) = engine.poll_transmit(now, &mut contents) {
                let ms = now.as_nanos() / 1_000_000;
                run.sent_at.push(ms);
                self.carry(
                    &mut engine,
                    now,
                    transmit,
                    is_half_open.then_some(&contents),
                    &mut path,
                );
            }
            while let Some(event) = engine.poll_event() {
                look(&mut engine, &event);
                run.events.push(event);
            }
            if engine.is_finished() {
                run.ended_at = now.as_nanos() / 1_000_000;
                return run;
            }
            let arrival = path.keys().next().map(|(at, _)| *at);
            let stop = self.stop_at.map(Instant::from_millis).filter(|at| *at > now);
            let wake = engine.next_timeout().into_iter().chain(arrival).chain(stop).min();
            now = wake.expect("waits for something").max(now);
            while let Some(entry) = path.first_entry().filter(|entry| entry.key().0 <= now) {
                deliver(&mut engine, now, entry.remove());
            }
            engine.handle_timeout(now);
            if self.stop_at.is_some_and(|at| Instant::from_millis(at) <= now) {
                engine.handle_stop(now);
            }
        }
    }

    fn carry(
        &self,
        engine: &mut Tcping,
        now: Instant,
        transmit: Transmit,
        segment: Option<&Vec<u8>>,
        path: &mut BTreeMap<(Instant, u32), Arrival>,
    ) {
        let (id, to) = (transmit.id, transmit.destination);
        let after = |ms: u64| now + Duration::from_millis(ms);
        engine.handle_stamp(Stamp { id, stage: Stage::Sent, at: now + Duration::from_micros(10) });
        let shake = |at, answer, rtt, retransmits| {
            Arrival::Handshake(Handshake { id, at, answer, rtt, retransmits })
        };
        let reply = |flags| Arrival::Segment(to, answer(segment.unwrap(), flags));
        match ((self.fate)(now.as_nanos() / 1_000_000, to), segment.is_some()) {
            (Fate::Open(ms, lost), false) => {
                let rtt = ms.saturating_sub(u64::from(lost) * 1000);
                let rtt = Some(Duration::from_millis(rtt));
                path.insert((after(ms), id), shake(after(ms), Answer::Accepted, rtt, lost));
            }
            (Fate::Open(ms, _), true) => {
                path.insert((after(ms), id), reply(Flags::SYN | Flags::ACK));
            }
            (Fate::Refused, false) => {
                path.insert((after(1), id), shake(after(1), Answer::Refused, None, 0));
            }
            (Fate::Refused, true) => {
                path.insert((after(1), id), reply(Flags::RST | Flags::ACK));
            }
            (Fate::Icmp(by, icmp_type, code), _) => {
                let quoted = segment.map_or(Vec::new(), |segment| segment[..8].to_vec());
                path.insert((after(1), id), Arrival::Icmp(id, to, by, icmp_type, code, quoted));
            }
            (Fate::Silent(Some(ms)), false) => {
                let resent = u32::try_from(ms / 1000).unwrap();
                path.insert((after(ms), id), shake(after(ms), Answer::Silence, None, resent));
            }
            (Fate::Silent(_), _) => {}
            (Fate::Local(errno), _) => {
                engine.handle_unsent(now, &transmit, &io::Error::from_raw_os_error(errno));
            }
        }
    }
}

fn answer(syn: &[u8], flags: Flags) -> Vec<u8> {
    let syn = Segment::parse(syn).unwrap();
    let reply = Segment {
        source_port: syn.destination_port,
        destination_port: syn.source_port,
        sequence: 77,
        acknowledgment: syn.sequence.wrapping_add(1),
        flags,
        ..syn
    };
    let mut octets = Vec::new();
    reply.emit(THERE, HERE, &mut octets);
    octets
}

fn deliver(engine: &mut Tcping, now: Instant, arrival: Arrival) {
    match arrival {
        Arrival::Handshake(handshake) => engine.handle_handshake(now, handshake),
        Arrival::Icmp(flow, destination, from, icmp_type, code, quoted) => {
            let refusal = Refusal {
                origin: Origin::Icmp { from, icmp_type, code },
                destination: SocketAddr::new(destination.ip(), 0),
                flow,
                info: 0,
                at: None,
                hop_limit: Some(63),
                extensions_at: None,
                quoted: &quoted,
            };
            engine.handle_refusal(now, refusal);
        }
        Arrival::Segment(source, contents) => {
            let at = Some(now);
            let (hop_limit, options, flow, contents) = (Some(64), &[][..], 0, &contents[..]);
            let source = SocketAddr::new(source.ip(), 0);
            engine.handle_reply(now, Reply { source, hop_limit, at, options, flow, contents });
        }
    }
}

fn config(count: u64) -> Config {
    Config {
        carrier: Carrier::Connect,
        interval: Duration::from_secs(1),
        count: Some(count),
        timeout: Duration::from_secs(3),
        max_time: None,
        retries: 0,
        resolve_after: None,
        until: None,
        seed: 1,
        source_ports: vec![50_000, 50_001],
        is_ours: |address| address == HERE,
    }
}

fn half_open(count: u64) -> Config {
    Config { carrier: Carrier::HalfOpen, ..config(count) }
}

fn one() -> Vec<Target> {
    vec![Target::new("host", SocketAddr::new(THERE, 443))]
}

impl Run {
    fn probes<'a>(&'a self) -> Vec<&'a Probe> {
        let probe = |event: &'a Event| match event {
            Event::Probe(probe) => Some(probe),
            _ => None,
        };
        self.events.iter().filter_map(probe).collect()
    }

    fn verdicts(&self) -> Vec<&str> {
        self.probes().iter().map(|probe| probe.outcome.verdict).collect()
    }

    fn turns(&self) -> Vec<(Reach, u128, u64)> {
        let turn = |event: &Event| match event {
            Event::Turn(turn) => Some((turn.state, turn.after.as_millis(), turn.probes)),
            _ => None,
        };
        self.events.iter().filter_map(turn).collect()
    }

    fn target(&self) -> &TargetSummary {
        let found = self.events.iter().find_map(|event| match event {
            Event::TargetSummary(summary) => Some(summary),
            _ => None,
        });
        found.unwrap()
    }

    fn summary(&self) -> &Summary {
        match self.events.last() {
            Some(Event::Summary(summary)) => summary,
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn probes_leave_by_an_absolute_schedule_and_the_run_ends_with_the_last_answer() {
    let run = Sim::new(|_, _| Fate::Open(7, 0)).run(config(3), one());
    assert_eq!(run.sent_at, [0, 1000, 2000]);
    assert_eq!(run.ended_at, 2007);
    let rtt = run.target().rtt.unwrap();
    assert_eq!((rtt.min, rtt.max), (Duration::from_millis(7), Duration::from_millis(7)));
    assert_eq!(run.summary().end, End::Counted);
    assert_eq!(run.probes()[0].rtt.unwrap().clock, Clock::Kernel);
}

#[test]
fn interval_of_a_millisecond_is_kept() {
    let run = Sim::new(|_, _| Fate::Open(50, 0))
        .run(Config { interval: Duration::from_millis(1), ..config(500) }, one());
    assert_eq!(run.sent_at, (0..500).collect::<Vec<u64>>());
}

#[test]
fn turns_slept_through_are_left_out_and_the_grid_is_kept() {
    let ms = Instant::from_millis;
    let interval = Duration::from_millis(10);
    assert_eq!(following(ms(100), interval, ms(105)), ms(110));
    assert_eq!(following(ms(100), interval, ms(125)), ms(110), "a moment is made up for");
    assert_eq!(following(ms(100), interval, ms(1234)), ms(1230));
    assert_eq!(following(ms(100), Duration::ZERO, ms(1234)), ms(1234));
}

#[test]
fn lost_syn_is_told_and_its_wait_is_in_no_round_trip() {
    let run = Sim::new(|at, _| if at == 0 { Fate::Open(1001, 1) } else { Fate::Open(4, 0) })
        .run(config(3), one());
    let first = run.probes().into_iter().find(|probe| probe.seq == 1).unwrap().clone();
    let rtt = first.rtt.unwrap();
    assert!(rtt.coarse && rtt.time == Duration::from_millis(2), "{rtt:?}");
    assert_eq!((first.syn_lost, first.syn_sent), (1, 2));
    assert_eq!(first.app, Some(Duration::from_millis(1001)));
    assert_eq!(first.lost_for, Some(Duration::from_millis(999)));
    let target = run.target();
    assert_eq!(target.rtt.unwrap().max, Duration::from_millis(4));
    assert_eq!(target.coarse, 1);
    assert_eq!((target.counts.syn_lost, target.counts.open), (1, 3));
}

#[test]
fn every_kind_of_failure_is_counted_by_itself() {
    let run = Sim::new(|at, _| match at / 1000 {
        0 => Fate::Refused,
        1 => Fate::Icmp(ROUTER, 3, 13),
        2 => Fate::Icmp(ROUTER, 3, 1),
        3 => Fate::Icmp(HERE, 3, 1),
        4 => Fate::Local(24),
        5 => Fate::Local(101),
        _ => Fate::Silent(Some(3000)),
    })
    .run(config(7), one());
    let want =
        ["closed", "rejected", "unreachable", "no_neighbour", "local", "no_route", "filtered"];
    assert_eq!(run.verdicts(), want);
    let counts = run.target().counts;
    let told = [counts.closed, counts.rejected, counts.unreachable, counts.local, counts.silent];
    assert_eq!(told, [1, 1, 3, 1, 1]);
    assert_eq!(run.target().loss_percent.to_string(), "100");
    assert_eq!(run.probes()[6].syn_sent, 4);
    let rejecter = run.target().rejected_by[0];
    assert_eq!((rejecter.by, rejecter.icmp_code), (ROUTER, 13));
}

#[test]
fn icmp_that_is_only_advice_ends_nothing() {
    let run = Sim::new(|_, _| Fate::Icmp(ROUTER, 3, 4)).run(config(1), one());
    assert_eq!(run.verdicts(), ["filtered"]);
}

#[test]
fn channel_that_forgets_a_try_does_not_hold_up_the_run() {
    let run = Sim::new(|_, _| Fate::Silent(None)).run(config(1), one());
    assert_eq!((run.verdicts(), run.ended_at), (vec!["filtered"], 3500));
}

#[test]
fn local_errors_are_neither_up_nor_down() {
    let run = Sim::new(|at, _| if at == 1000 { Fate::Local(24) } else { Fate::Open(1, 0) })
        .run(config(3), one());
    assert_eq!(run.turns(), []);
    assert_eq!(run.target().loss_percent.to_string(), "0");
    assert_eq!(run.target().up.longest_probes, 2);
}

#[test]
fn streaks_go_by_the_order_of_leaving() {
    // Silent from 1 s to 3 s, and known to be so three seconds later, when others have been answered.
    let run = Sim::new(|at, _| match at {
        1000..3000 => Fate::Silent(Some(3000)),
        _ => Fate::Open(1, 0),
    })
    .run(config(8), one());
    assert_eq!(run.turns(), [(Reach::Down, 1000, 1), (Reach::Up, 2000, 2)]);
    let target = run.target();
    assert_eq!((target.down.count, target.down.total.as_millis()), (1, 2000));
    assert_eq!((target.up.count, target.up.longest_probes), (2, 5));
    assert_eq!(target.state, Some(Reach::Up));
}

#[test]
fn retries_are_one_probe() {
    let run = Sim::new(|at, _| if at < 2 { Fate::Refused } else { Fate::Open(1, 0) })
        .run(Config { retries: 2, ..config(1) }, one());
    assert_eq!(run.verdicts(), ["open"]);
    let probe = run.probes()[0];
    assert_eq!((probe.tries, probe.syn_sent, probe.syn_lost), (3, 3, 0));
    assert_eq!(run.sent_at, [0, 1, 2]);
}

#[test]
fn until_open_ends_with_the_first_open_one() {
    let run = Sim::new(|at, _| if at < 2000 { Fate::Refused } else { Fate::Open(1, 0) })
        .run(Config { until: Some(Until::Open), count: None, ..config(0) }, one());
    assert_eq!(run.verdicts(), ["closed", "closed", "open"]);
    assert_eq!((run.summary().end, run.ended_at), (End::Until, 2001));
}

#[test]
fn until_closed_waits_for_each_target_and_asks_no_longer_than_needed() {
    let mut targets = one();
    targets.push(Target::new("other", SocketAddr::new(ROUTER, 443)));
    let run = Sim::new(|at, to| match (to.ip() == THERE, at) {
        (true, 1000..) | (false, 3000..) => Fate::Refused,
        _ => Fate::Open(1, 0),
    })
    .run(Config { until: Some(Until::Closed), count: None, ..config(0) }, targets);
    assert_eq!(run.summary().end, End::Until);
    let of_first = run.probes().iter().filter(|probe| &*probe.target.name == "host").count();
    assert_eq!(of_first, 2, "no longer than it takes");
}

#[test]
fn max_time_ends_it_and_who_said_nothing_is_silent() {
    let run = Sim::new(|_, _| Fate::Silent(Some(3000))).run(
        Config { max_time: Some(Duration::from_millis(2500)), count: None, ..config(0) },
        one(),
    );
    assert_eq!(run.verdicts(), ["filtered"; 3]);
    assert_eq!((run.ended_at, run.summary().end), (2500, End::MaxTime));
    assert_eq!(run.probes()[0].syn_sent, 3);
}

#[test]
fn stop_reports_what_was_measured_and_what_was_not() {
    let sim = Sim {
        stop_at: Some(1500),
        ..Sim::new(|at, _| match at {
            0 => Fate::Open(1, 0),
            _ => Fate::Silent(Some(3000)),
        })
    };
    let run = sim.run(Config { count: None, ..config(0) }, one());
    let counts = run.summary().counts;
    assert_eq!((counts.open, counts.silent, counts.unfinished), (1, 0, 1));
    assert_eq!(run.summary().end, End::Stopped);
}

#[test]
fn name_is_looked_up_anew_after_failures_in_a_row() {
    let config = Config { resolve_after: Some(2), ..config(4) };
    let run = Sim::new(|_, to| if to.ip() == THERE { Fate::Refused } else { Fate::Open(1, 0) })
        .run_with(config, one(), |engine, event| {
            if let Event::Resolve { index, .. } = event {
                engine.handle_addresses(*index, &[THERE, ROUTER]);
            }
        });
    assert_eq!(run.verdicts(), ["closed", "closed", "open", "open"]);
    let told = run
        .events
        .iter()
        .any(|event| matches!(event, Event::Resolved { before, .. } if *before == THERE));
    assert!(told && run.target().lookups == 1);
    assert_eq!(run.probes()[0].target.address.ip(), THERE, "as it was asked");
}

#[test]
fn lookup_without_an_answer_changes_nothing_and_is_made_again() {
    let config = Config { resolve_after: Some(1), ..config(3) };
    let run = Sim::new(|_, _| Fate::Refused).run_with(config, one(), |engine, event| {
        if let Event::Resolve { index, .. } = event {
            engine.handle_addresses(*index, &[]);
            engine.handle_addresses(999, &[]);
        }
    });
    assert_eq!(run.verdicts(), ["closed"; 3]);
    assert_eq!(run.target().lookups, 2, "none after the last probe has begun");
}

#[test]
fn query_tells_how_it_is_going() {
    let mut engine = Tcping::new(config(1), one(), Instant::ZERO);
    engine.handle_query(Instant::ZERO);
    let events: Vec<_> = std::iter::from_fn(|| engine.poll_event()).collect();
    assert!(matches!(events[..], [Event::Start { .. }, Event::Status(_)]));
}

#[test]
fn no_target_is_no_run() {
    let mut engine = Tcping::new(config(1), Vec::new(), Instant::ZERO);
    while engine.poll_event().is_some() {}
    assert!(engine.is_finished());
}

#[test]
fn thousand_targets_end_in_time() {
    let targets = (1..=1000).map(|port| Target::new("h", SocketAddr::new(THERE, port)));
    let targets = targets.collect::<Vec<_>>();
    let run = Sim::new(|_, to| if to.port() % 2 == 0 { Fate::Open(3, 0) } else { Fate::Refused })
        .run(config(2), targets);
    assert_eq!((run.summary().counts.open, run.summary().counts.closed), (1000, 1000));
    assert_eq!(run.summary().up, 500);
    assert!(run.ended_at < 2100, "{}", run.ended_at);
}
