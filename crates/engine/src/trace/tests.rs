mod discovery;
mod rewritten;
mod when;

use std::net::{IpAddr, Ipv4Addr};

use super::*;
use crate::Origin;

const TARGET: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9));
const SOURCE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
const FIRST_PORT: u16 = 33_434;

const fn ms(count: u64) -> Duration {
    Duration::from_millis(count)
}

const fn router(hop: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(10, 200, hop, 1))
}

fn config() -> Config {
    Config {
        name: "target".to_owned(),
        target: SocketAddr::new(TARGET, 0),
        source: Some(SOURCE),
        traffic_class: 0,
        method: Method::UdpRising { port: FIRST_PORT },
        method_name: "udp",
        first_hop: 1,
        max_hops: 30,
        probes: 3,
        window: None,
        is_sparing: true,
        interval: None,
        wait: Wait::Adaptive,
        size: 60,
        overhead: 28,
        is_source_routed: false,
        discover_mtu: false,
    }
}

fn told_wait(max: u64, here: f64, near: f64) -> Config {
    Config {
        wait: Wait::Told { max: ms(max), here, near },
        window: Some(16),
        is_sparing: false,
        ..config()
    }
}

/// What comes back for a probe.
#[derive(Clone, Copy, Debug)]
struct Error {
    from: Option<IpAddr>,
    icmp: (u8, u8),
    info: u32,
}

const EXPIRED: (u8, u8) = (11, 0);
const NO_PORT: (u8, u8) = (3, 3);
const NO_HOST: (u8, u8) = (3, 1);
const TOO_LONG: (u8, u8) = (3, 4);

impl Error {
    const fn of(from: IpAddr, icmp: (u8, u8)) -> Self {
        Self { from: Some(from), icmp, info: 0 }
    }

    /// What this machine says of a datagram that is longer than its link.
    const fn local_too_long(mtu: u32) -> Self {
        Self { from: None, icmp: TOO_LONG, info: mtu }
    }

    fn origin(self) -> Origin {
        let (icmp_type, code) = self.icmp;
        match self.from {
            Some(from) => Origin::Icmp { from, icmp_type, code },
            None => Origin::Local(crate::echo::LocalError::MESSAGE_TOO_LONG),
        }
    }
}

/// One probe as it left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sent {
    at: Duration,
    hop: u8,
    /// From 1, of all.
    number: usize,
    /// Octets after the UDP header.
    data: usize,
}

/// What one run did.
#[derive(Debug, Default)]
struct Run {
    events: Vec<(Duration, Event)>,
    sent: Vec<Sent>,
    ended_at: Duration,
    most_under_way: usize,
}

/// A path that answers hop h after h times 5 ms, whose target is at the last hop.
fn healthy(length: u8) -> impl Fn(Sent) -> Vec<(Duration, Error)> {
    move |sent| {
        let hop = sent.hop.min(length);
        let error = match hop {
            hop if hop == length => Error::of(TARGET, NO_PORT),
            hop => Error::of(router(hop), EXPIRED),
        };
        vec![(ms(5) * hop.into(), error)]
    }
}

/// As [`healthy`], less some.
fn without(length: u8, is_lost: impl Fn(Sent) -> bool) -> impl Fn(Sent) -> Vec<(Duration, Error)> {
    let whole = healthy(length);
    move |sent| if is_lost(sent) { vec![] } else { whole(sent) }
}

/// Runs a trace to its end. `path` says what comes back for each probe, and how much later.
fn run(config: Config, path: impl Fn(Sent) -> Vec<(Duration, Error)>) -> Run {
    let mut trace = Trace::new(config, Instant::ZERO);
    let mut now = Instant::ZERO;
    let mut coming: Vec<(Instant, SocketAddr, Error)> = Vec::new();
    let mut run = Run::default();
    for _ in 0..100_000 {
        transmit(&mut trace, now, &mut run, &path, &mut coming);
        run.most_under_way = run.most_under_way.max(trace.expected());
        let events = std::iter::from_fn(|| trace.poll_event());
        run.events.extend(events.map(|event| (now - Instant::ZERO, event)));
        if trace.is_finished() {
            run.ended_at = now - Instant::ZERO;
            return run;
        }
        let arrival = coming.iter().map(|(at, ..)| *at).min();
        let next = arrival.into_iter().chain(trace.next_timeout()).min();
        now = next.expect("an engine that waits for nothing").max(now);
        for (_, destination, error) in coming.extract_if(.., |(at, ..)| *at <= now) {
            trace.handle_refusal(now, refusal(destination, error));
        }
        trace.handle_timeout(now);
    }
    panic!("a trace without an end: {:?}", run.sent.last());
}

fn transmit(
    trace: &mut Trace,
    now: Instant,
    run: &mut Run,
    path: &impl Fn(Sent) -> Vec<(Duration, Error)>,
    coming: &mut Vec<(Instant, SocketAddr, Error)>,
) {
    let mut contents = Vec::new();
    while let Some(transmit) = trace.poll_transmit(now, &mut contents) {
        let hop = transmit.hop_limit.expect("a hop limit");
        let number = run.sent.len() + 1;
        let sent = Sent { at: now - Instant::ZERO, hop, number, data: contents.len() };
        run.sent.push(sent);
        let answers = path(sent).into_iter();
        coming.extend(answers.map(|(after, error)| (now + after, transmit.destination, error)));
    }
}

fn refusal(destination: SocketAddr, error: Error) -> Refusal<'static> {
    Refusal {
        origin: error.origin(),
        destination,
        flow: 0,
        info: error.info,
        at: None,
        hop_limit: Some(64),
        extensions_at: None,
        quoted: &[],
    }
}

impl Run {
    fn probes(&self) -> Vec<&Probe> {
        let mut probes = Vec::new();
        for (_, event) in &self.events {
            if let Event::Probe(probe) = event {
                probes.push(probe);
            }
        }
        probes
    }

    /// Hop, number and source of each.
    fn told(&self) -> Vec<(u8, u8, Option<IpAddr>)> {
        let told =
            |probe: &&Probe| (probe.hop, probe.nth, probe.outcome.answer().map(|it| it.source));
        self.probes().iter().map(told).collect()
    }

    fn late(&self) -> Vec<&Probe> {
        let mut late = Vec::new();
        for (_, event) in &self.events {
            if let Event::Late(probe) = event {
                late.push(probe);
            }
        }
        late
    }

    fn summary(&self) -> &Summary {
        let Some((_, Event::Summary(summary))) = self.events.last() else {
            panic!("no summary at the end: {:?}", self.events.last());
        };
        summary
    }

    /// When probes of this hop left.
    fn sent_to(&self, hop: u8) -> Vec<Duration> {
        self.sent.iter().filter(|sent| sent.hop == hop).map(|sent| sent.at).collect()
    }
}

/// How long each lost probe was waited for.
fn waits(run: &Run) -> Vec<Duration> {
    let waited = |probe: &&Probe| match probe.outcome {
        Outcome::Lost { waited, .. } => Some(waited),
        _ => None,
    };
    run.probes().iter().filter_map(waited).collect()
}

#[test]
fn events_are_in_the_order_of_hops() {
    // The first hops answer last.
    let run = run(config(), |sent| {
        let (_, error) = healthy(4)(sent)[0];
        vec![(ms(u64::from(40 - 10 * sent.hop.min(4))), error)]
    });

    assert!(matches!(run.events[0].1, Event::Start(_)));
    let expected: Vec<_> = (1..=4_u8)
        .flat_map(|hop| {
            let from = if hop == 4 { TARGET } else { router(hop) };
            (1..=3).map(move |nth| (hop, nth, Some(from)))
        })
        .collect();
    assert_eq!(run.told(), expected);
    assert!(run.summary().reached);
    assert_eq!(run.summary().last_hop, Some(4));
}

#[test]
fn nothing_is_told_of_hops_behind_the_target() {
    let run = run(config(), healthy(2));

    assert_eq!(run.told().len(), 6);
    assert_eq!(run.summary().last_hop, Some(2));
    assert!(run.sent.len() < 60, "nothing leaves once the target is known: {}", run.sent.len());
}

#[test]
fn one_refusal_ends_the_trace_with_its_hop() {
    let run = run(config(), |sent| match (sent.hop, sent.number % 3) {
        (1, _) => healthy(9)(sent),
        (2, 2) => vec![(ms(10), Error::of(router(2), NO_HOST))],
        _ => vec![],
    });

    let silent = |nth| (2, nth, None);
    assert_eq!(run.told()[3..], [silent(1), (2, 2, Some(router(2))), silent(3)]);
    assert!(!run.summary().reached, "a refusal is no answer of the target");
}

#[test]
fn first_and_last_hops_are_kept() {
    let run = run(Config { first_hop: 3, max_hops: 5, ..config() }, healthy(9));

    let hops: Vec<_> = run.told().iter().map(|(hop, ..)| *hop).collect();
    assert_eq!(hops, [3, 3, 3, 4, 4, 4, 5, 5, 5]);
    assert_eq!(run.sent.len(), 9);
    assert_eq!((run.summary().reached, run.summary().last_hop), (false, Some(5)));
}

#[test]
fn hop_255_is_the_last_there_is() {
    let run = run(Config { first_hop: 254, max_hops: 255, ..config() }, |_| vec![]);

    let hops: Vec<_> = run.sent.iter().map(|sent| sent.hop).collect();
    assert_eq!(hops, [254, 254, 254, 255, 255, 255]);
}

#[test]
fn late_answer_is_told_after_the_loss() {
    let config = Config { max_hops: 2, ..told_wait(100, 0.0, 0.0) };
    let run = run(config, |sent| match sent.number {
        1 => vec![(ms(150), Error::of(router(1), EXPIRED))],
        4 => vec![],
        _ => vec![(ms(99), Error::of(router(sent.hop), EXPIRED))],
    });

    // Nothing is left to wait for when it comes, but for the last, which is not sent at once.
    assert_eq!(waits(&run), [ms(100); 2]);
    assert!(run.late().len() <= 1);
}

#[test]
fn late_answer_of_a_running_trace_is_an_event_of_its_own() {
    let config = Config { window: Some(1), max_hops: 4, ..told_wait(100, 0.0, 0.0) };
    let run = run(Config { window: Some(1), ..config }, |sent| match sent.number {
        1 => vec![(ms(150), Error::of(router(1), EXPIRED))],
        _ => vec![(ms(90), Error::of(router(sent.hop), EXPIRED))],
    });

    assert_eq!(waits(&run), [ms(100)]);
    let [late] = run.late()[..] else { panic!("{:?}", run.late()) };
    assert_eq!((late.hop, late.nth), (1, 1));
    assert_eq!(late.outcome.answer().map(|answer| answer.sample.rtt), Some(ms(150)));
}

#[test]
fn duplicate_counts_once() {
    let run = run(config(), |sent| [healthy(3)(sent), healthy(3)(sent)].concat());

    assert_eq!(run.told().len(), 9);
    assert_eq!(run.late().len(), 0, "a second answer is not a late one");
    assert!(run.summary().answered <= run.summary().sent);
}

#[test]
fn two_answers_of_which_one_is_a_refusal_are_the_first() {
    let run = run(config(), |sent| {
        let mut answers = healthy(3)(sent);
        answers.push((answers[0].0 + ms(1), Error::of(router(9), NO_HOST)));
        answers
    });

    let expected: Vec<_> = (1..=3_u8)
        .flat_map(|hop| {
            let from = if hop == 3 { TARGET } else { router(hop) };
            (1..=3).map(move |nth| (hop, nth, Some(from)))
        })
        .collect();
    assert_eq!(run.told(), expected);
}

/// A trace of which three probes have left, at the origin.
fn waiting() -> Trace {
    let config = Config { interval: Some(Duration::ZERO), max_hops: 1, ..config() };
    let mut trace = Trace::new(config, Instant::ZERO);
    let mut contents = Vec::new();
    while trace.poll_transmit(Instant::ZERO, &mut contents).is_some() {}
    assert!(matches!(trace.poll_event(), Some(Event::Start(_))));
    assert_eq!(trace.expected(), 3);
    trace
}

#[test]
fn errors_about_other_numbers_are_nobodys() {
    let mut trace = waiting();
    let now = Instant::from_millis(1);
    for port in [0, 1, 80, FIRST_PORT - 1, FIRST_PORT + 3, FIRST_PORT + 100, 65_535] {
        let to = SocketAddr::new(TARGET, port);
        trace.handle_refusal(now, refusal(to, Error::of(router(1), NO_HOST)));
    }
    let other = SocketAddr::new(router(7), FIRST_PORT + 3);
    trace.handle_refusal(now, refusal(other, Error::of(router(1), NO_HOST)));

    assert!(trace.poll_event().is_none());
    assert_eq!(trace.expected(), 3, "all are still waited for");
}

#[test]
fn error_that_quotes_another_target_tells_of_a_translation() {
    let mut trace = waiting();
    let inside = SocketAddr::new(router(7), FIRST_PORT);
    trace.handle_refusal(Instant::from_millis(1), refusal(inside, Error::of(router(1), EXPIRED)));

    let Some(Event::Probe(probe)) = trace.poll_event() else { panic!("no answer") };
    let answer = probe.outcome.answer().expect("an answer");
    assert_eq!(answer.translated_to, Some(router(7)));
}

#[test]
fn another_destination_in_a_quote_is_told_with_the_first_hop_that_saw_it() {
    let mut trace = waiting();
    let inside = SocketAddr::new(router(7), FIRST_PORT);
    trace.handle_refusal(Instant::from_millis(1), refusal(inside, Error::of(router(1), EXPIRED)));
    trace.handle_stop(Instant::from_millis(2));

    let events: Vec<_> = std::iter::from_fn(|| trace.poll_event()).collect();
    let Some(Event::Summary(summary)) = events.last() else { panic!("{events:?}") };
    assert_eq!(summary.translated_from, Some(1));
}

#[test]
fn quenches_and_redirects_say_nothing() {
    let mut trace = waiting();
    for icmp in [(4, 0), (5, 0), (5, 1)] {
        let to = SocketAddr::new(TARGET, FIRST_PORT);
        trace.handle_refusal(Instant::from_millis(1), refusal(to, Error::of(router(1), icmp)));
    }

    assert_eq!(trace.expected(), 3);
}

#[test]
fn stop_is_the_end_with_what_is_known() {
    let mut trace = waiting();
    let to = SocketAddr::new(TARGET, FIRST_PORT);
    let now = Instant::from_millis(5);
    trace.handle_refusal(now, refusal(to, Error::of(router(1), EXPIRED)));
    trace.handle_stop(Instant::from_millis(7));

    assert!(matches!(trace.poll_event(), Some(Event::Probe(Probe { hop: 1, nth: 1, .. }))));
    let Some(Event::Summary(summary)) = trace.poll_event() else { panic!("no summary") };
    assert_eq!((summary.sent, summary.answered, summary.elapsed), (3, 1, ms(7)));
    assert!(trace.is_finished());
    assert_eq!(trace.next_timeout(), None, "nothing is waited for");
    let mut contents = Vec::new();
    assert!(trace.poll_transmit(Instant::from_millis(8), &mut contents).is_none());
}

#[test]
fn router_that_runs_dry_is_named_and_a_lossy_hop_is_not() {
    let dry = run(config(), without(4, |sent| sent.hop == 2 && sent.number % 3 != 1));
    assert_eq!(dry.summary().rate_limited, [2]);

    let lossy = run(config(), without(4, |sent| sent.hop >= 2 && sent.number % 3 == 0));
    assert_eq!(lossy.summary().rate_limited, [0_u8; 0]);
}

const NOT_PERMITTED: i32 = 1;

#[test]
fn unsent_probe_is_refused_with_its_reason() {
    let mut trace = Trace::new(Config { max_hops: 1, probes: 1, ..config() }, Instant::ZERO);
    let mut contents = Vec::new();
    let transmit = trace.poll_transmit(Instant::ZERO, &mut contents).expect("a probe");
    let why = io::Error::from_raw_os_error(NOT_PERMITTED);
    trace.handle_unsent(Instant::ZERO, &transmit, &why);

    let events: Vec<_> = std::iter::from_fn(|| trace.poll_event()).collect();
    let [Event::Start(_), Event::Probe(probe), Event::Summary(_)] = &events[..] else {
        panic!("{events:?}")
    };
    let Outcome::Refused { error, .. } = &probe.outcome else { panic!("{probe:?}") };
    assert_eq!(error, "Operation not permitted");
}
