//! Scans of a made-up network, in virtual time.

use std::collections::BTreeMap;

use wireline_packet::tcp::Flags;

use super::*;
use crate::Origin;

const MS: Duration = Duration::from_millis(1);
const TELL: Tell = Tell { open: true, closed: true, filtered: true, rejected: true };

fn config(hosts: (&str, &str), ports: Vec<u16>) -> Config {
    let range = Range { first: hosts.0.parse().unwrap(), last: hosts.1.parse().unwrap(), scope: 0 };
    Config {
        hosts: Hosts::new(&[range], &[]),
        ports,
        method: Method::HalfOpen,
        source_ports: vec![40_000, 40_001],
        own: vec!["192.0.2.250".parse().unwrap()],
        secret: 7,
        order: Order::Shuffled(3),
        shard: (0, 1),
        pace: Pace { start: 1000.0, most: 1000.0, adapts: false },
        syns: 3,
        timeout: 1000 * MS,
        at_once: 10,
        max_open: None,
        tell: TELL,
        rtt: false,
        max_segment_size: 1460,
        progress: None,
    }
}

/// What a made-up host does with a first segment: the number of it, from 1, decides too.
type Host = fn(SocketAddr, u32) -> Does;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Does {
    Accept,
    Reset,
    Nothing,
    /// By ICMP, from the router.
    Reject,
    /// This machine says that nobody answers ARP.
    NoArp,
}

struct Run {
    events: Vec<Event>,
    sent: Vec<(Duration, SocketAddr)>,
}

impl Run {
    fn summary(&self) -> &Summary {
        match self.events.last() {
            Some(Event::Summary(summary)) => summary,
            other => panic!("{other:?}"),
        }
    }

    fn words(&self) -> BTreeMap<u16, &'static str> {
        let port = |event: &Event| match event {
            Event::Port(port) => Some((port.port, port.verdict.word())),
            _ => None,
        };
        self.events.iter().filter_map(port).collect()
    }
}

fn answer(segment: &Segment<'_>, flags: Flags, acknowledgment: u32) -> Vec<u8> {
    let reply = Segment {
        source_port: segment.destination_port,
        destination_port: segment.source_port,
        sequence: 99,
        acknowledgment,
        flags,
        options: &[],
        ..*segment
    };
    let (mut octets, nobody) = (Vec::new(), IpAddr::from([0; 4]));
    reply.emit(nobody, nobody, &mut octets);
    octets
}

fn hear(scan: &mut Scan, now: Instant, to: SocketAddr, octets: &[u8], does: Does) {
    let segment = Segment::parse(octets).unwrap();
    let flags = |a: Flags| Flags(a.0 | Flags::ACK.0);
    let next = segment.sequence.wrapping_add(1);
    let contents = match does {
        Does::Accept => answer(&segment, flags(Flags::SYN), next),
        Does::Reset => answer(&segment, flags(Flags::RST), next),
        Does::Nothing => return,
        Does::Reject | Does::NoArp => {
            let (from, code) =
                if does == Does::Reject { ("192.0.2.254", 13) } else { ("192.0.2.250", 1) };
            let origin = Origin::Icmp { from: from.parse().unwrap(), icmp_type: 3, code };
            let refusal = Refusal {
                origin,
                destination: SocketAddr::new(to.ip(), 0),
                flow: 0,
                info: 0,
                at: None,
                hop_limit: Some(64),
                extensions_at: None,
                quoted: &octets[..8],
            };
            return scan.handle_refusal(now, refusal);
        }
    };
    let reply = Reply {
        source: SocketAddr::new(to.ip(), 0),
        hop_limit: Some(60),
        at: None,
        options: &[],
        flow: 0,
        contents: &contents,
    };
    scan.handle_reply(now, reply);
}

/// Runs a scan to its end, each answer five milliseconds after its segment.
fn run(config: Config, host: Host) -> Run {
    let mut scan = Scan::new(config).unwrap();
    let mut run = Run { events: Vec::new(), sent: Vec::new() };
    let (mut now, mut contents) = (Instant::from_millis(1000), Vec::new());
    let mut way: VecDeque<(Instant, SocketAddr, Vec<u8>, Does)> = VecDeque::new();
    let mut asked: BTreeMap<SocketAddr, u32> = BTreeMap::new();
    for _ in 0..1_000_000 {
        while let Some(transmit) = scan.poll_transmit(now, &mut contents) {
            run.sent.push((now - Instant::from_millis(1000), transmit.destination));
            let times = asked.entry(transmit.destination).or_default();
            *times += 1;
            let does = host(transmit.destination, *times);
            way.push_back((now + 5 * MS, transmit.destination, contents.clone(), does));
        }
        run.events.extend(std::iter::from_fn(|| scan.poll_event()));
        if scan.is_finished() {
            return run;
        }
        let arrival = way.front().map(|(at, ..)| *at);
        now = arrival.into_iter().chain(scan.next_timeout()).min().unwrap().max(now);
        while let Some((_, to, octets, does)) = way.pop_front_if(|(at, ..)| *at <= now) {
            hear(&mut scan, now, to, &octets, does);
        }
        scan.handle_timeout(now);
    }
    panic!("no end");
}

const ONE: (&str, &str) = ("192.0.2.1", "192.0.2.1");

#[test]
fn each_port_has_its_verdict_and_only_the_silent_are_asked_again() {
    let run = run(config(ONE, vec![1, 2, 3, 4, 5]), |to, _| match to.port() {
        1 => Does::Accept,
        2 => Does::Reset,
        3 => Does::Reject,
        _ => Does::Nothing,
    });
    let want = [(1, "open"), (2, "closed"), (3, "rejected"), (4, "filtered"), (5, "filtered")];
    assert_eq!(run.words(), want.into());
    assert_eq!(run.sent.len(), 3 + 2 * 3);
    let counts = run.summary().counts;
    assert_eq!((counts.open, counts.closed, counts.rejected, counts.filtered), (1, 1, 1, 2));
    assert!(run.summary().complete);
}

#[test]
fn answer_to_the_last_segment_counts_and_is_late() {
    let run = run(
        config(ONE, vec![1, 2]),
        |_, times| {
            if times == 3 { Does::Accept } else { Does::Nothing }
        },
    );
    assert_eq!((run.summary().counts.open, run.summary().answered_late), (2, 2));
    let Some(Event::Port(port)) = run.events.get(1) else { panic!("{:?}", run.events) };
    assert_eq!((port.syn_sent, port.hop_limit), (3, Some(60)));
}

#[test]
fn segments_leave_by_the_schedule_and_each_target_once_in_another_order() {
    let run = run(config(("192.0.2.1", "192.0.2.20"), vec![80, 81]), |_, _| Does::Reset);
    let mut order: Vec<_> = run.sent.iter().map(|(_, to)| *to).collect();
    assert!(order.windows(2).any(|pair| pair[0] > pair[1]), "it is drawn");
    order.sort_unstable();
    order.dedup();
    assert_eq!((run.sent.len(), order.len()), (40, 40));
    let (last, _) = run.sent.last().unwrap();
    assert!((20 * MS..=40 * MS).contains(last), "a thousand a second: {last:?}");
}

#[test]
fn host_that_answers_no_arp_is_left_alone_and_named() {
    let run = run(config(("192.0.2.1", "192.0.2.2"), (1..=50).collect()), |to, _| {
        if to.ip() == IpAddr::from([192, 0, 2, 1]) { Does::NoArp } else { Does::Accept }
    });
    let counts = run.summary().counts;
    assert_eq!((counts.open, counts.no_neighbour, counts.filtered), (50, 50, 0));
    let futile = run.sent.iter().filter(|(_, to)| to.ip() == IpAddr::from([192, 0, 2, 1])).count();
    assert!(futile < 50, "{futile}");
}

#[test]
fn shards_of_one_seed_share_the_targets_out() {
    let mut all = Vec::new();
    for shard in 0..3 {
        let mut config = config(("192.0.2.1", "192.0.2.10"), vec![1, 2, 3, 4, 5]);
        config.shard = (shard, 3);
        let run = run(config, |_, _| Does::Reset);
        assert_eq!(run.summary().targets, run.summary().counts.closed);
        all.extend(run.sent.into_iter().map(|(_, to)| to));
    }
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 50);
}

#[test]
fn host_with_too_many_open_ports_is_given_up_and_that_is_told() {
    let mut config = config(ONE, (1..=100).collect());
    config.max_open = Some(5);
    let run = run(config, |_, _| Does::Accept);
    let summary = run.summary();
    assert!((5..20).contains(&summary.counts.open), "{summary:?}");
    assert_eq!(summary.unasked, 100 - summary.counts.open);
}

#[test]
fn forged_answers_are_nobodys() {
    let mut scan = Scan::new(config(ONE, vec![1])).unwrap();
    let mut contents = Vec::new();
    let now = Instant::from_millis(1000);
    let to = scan.poll_transmit(now, &mut contents).unwrap().destination;
    let segment = Segment::parse(&contents).unwrap();
    let both = Flags(Flags::SYN.0 | Flags::ACK.0);
    let right = segment.sequence.wrapping_add(1);
    let take = |scan: &mut Scan, source, contents: &[u8]| {
        let (hop_limit, at, options, flow) = (None, None, &[][..], 0);
        scan.handle_reply(now, Reply { source, hop_limit, at, options, flow, contents });
    };
    for (source, contents) in [
        (to, answer(&segment, both, right ^ 1)),
        (to, answer(&segment, Flags::ACK, right)),
        (to, answer(&Segment { source_port: 9, ..segment }, both, right)),
        (to, answer(&Segment { destination_port: 9, ..segment }, both, right)),
        (to, answer(&segment, both, right)[..19].to_vec()),
        ("192.0.2.9:0".parse().unwrap(), answer(&segment, both, right)),
        (to, Vec::new()),
    ] {
        take(&mut scan, source, &contents);
        assert_eq!(scan.summary.counts, Counts::default());
    }
    take(&mut scan, to, &answer(&segment, both, right));
    take(&mut scan, to, &answer(&segment, both, right));
    assert_eq!(scan.summary.counts.open, 1);
}

#[test]
fn silence_after_drops_of_this_machine_is_not_complete() {
    let mut scan = Scan::new(config(ONE, vec![1])).unwrap();
    scan.handle_drops(Instant::ZERO, 0, 3);
    let mut now = Instant::from_millis(1000);
    let mut contents = Vec::new();
    let mut last = None;
    while !scan.is_finished() {
        while scan.poll_transmit(now, &mut contents).is_some() {}
        last = std::iter::from_fn(|| scan.poll_event()).last().or(last);
        now = scan.next_timeout().unwrap_or(now).max(now);
        scan.handle_timeout(now);
    }
    let Some(Event::Summary(summary)) = last else { panic!("{last:?}") };
    assert_eq!((summary.dropped, summary.counts.filtered, summary.complete), (3, 1, false));
}

#[test]
fn stopped_scan_calls_nobody_filtered() {
    let mut scan = Scan::new(config(ONE, (1..=100).collect())).unwrap();
    let (now, mut contents) = (Instant::from_millis(1000), Vec::new());
    while scan.poll_transmit(now, &mut contents).is_some() {}
    scan.handle_stop(now);
    let events: Vec<_> = std::iter::from_fn(|| scan.poll_event()).collect();
    let Some(Event::Summary(summary)) = events.last() else { panic!("{events:?}") };
    assert_eq!((summary.counts.filtered, summary.unasked, summary.complete), (0, 100, false));
    assert!(summary.interrupted && scan.is_finished());
}

/// A scan by connections of which none comes about at once.
fn connecting(ports: u16) -> (Scan, Vec<u8>) {
    let mut config = config(ONE, (1..=ports).collect());
    config.method = Method::Connect;
    (Scan::new(config).unwrap(), Vec::new())
}

#[test]
fn no_more_connections_are_under_way_than_there_may_be() {
    let (mut scan, mut contents) = connecting(30);
    let mut now = Instant::from_millis(1000);
    let mut under_way = VecDeque::new();
    for _ in 0..200 {
        now = now + MS;
        under_way.extend(std::iter::from_fn(|| scan.poll_transmit(now, &mut contents)));
        assert!(under_way.len() <= 10);
        if let Some(Transmit { id, .. }) = under_way.pop_front() {
            let answer = if id < 3 { Answer::Accepted } else { Answer::Silence };
            scan.handle_handshake(
                now,
                Handshake { id, at: now, answer, rtt: None, retransmits: 2 },
            );
        }
    }
    let events: Vec<_> = std::iter::from_fn(|| scan.poll_event()).collect();
    let Some(Event::Summary(summary)) = events.last() else { panic!("{events:?}") };
    assert_eq!((summary.counts.open, summary.counts.filtered), (3, 27));
    assert!(events.iter().any(|event| matches!(event, Event::Port(Port { syn_sent: 3, .. }))));
}

#[test]
fn machine_without_descriptors_tries_again_and_says_so_in_the_end() {
    const EMFILE: i32 = 24;
    let (mut scan, mut contents) = connecting(4);
    let mut now = Instant::from_millis(1000);
    let mut events = Vec::new();
    for turn in 0..1000 {
        now = now + 10 * MS;
        while let Some(transmit) = scan.poll_transmit(now, &mut contents) {
            if transmit.id == 0 || turn < 3 {
                let why = io::Error::from_raw_os_error(EMFILE);
                scan.handle_unsent(now, &transmit, &why);
            } else {
                let (id, answer) = (transmit.id, Answer::Refused);
                scan.handle_handshake(
                    now,
                    Handshake { id, at: now, answer, rtt: None, retransmits: 0 },
                );
            }
        }
        events.extend(std::iter::from_fn(|| scan.poll_event()));
        if scan.is_finished() {
            break;
        }
        scan.handle_timeout(now);
    }
    let Some(Event::Summary(summary)) = events.last() else { panic!("{events:?}") };
    assert_eq!((summary.counts.local, summary.counts.closed, summary.errno), (1, 3, Some(EMFILE)));
    assert!(summary.local_errors >= 10);
}

#[test]
fn whole_of_ipv4_is_too_much_and_a_network_of_16_million_is_not() {
    assert!(Scan::new(config(("0.0.0.0", "255.255.255.255"), vec![80])).is_none());
    let mut scan = Scan::new(config(("10.0.0.0", "10.255.255.255"), vec![80])).unwrap();
    let mut contents = Vec::new();
    assert!(scan.poll_transmit(Instant::from_millis(1), &mut contents).is_some());
}

#[test]
fn port_that_asks_is_asked_by_another() {
    let mut scan = Scan::new(config(ONE, vec![40_000])).unwrap();
    let mut contents = Vec::new();
    scan.poll_transmit(Instant::from_millis(1), &mut contents).unwrap();
    assert_eq!(Segment::parse(&contents).unwrap().source_port, 40_001);
}
