use std::net::{IpAddr, Ipv4Addr};

use wireline_packet::tcp::{Flags, Options, Timestamps};

use super::*;
use crate::Origin;

const LOCAL: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 0);
const REMOTE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2)), 443);
const ALL: [Question; 8] = [
    Question::Samples,
    Question::Ports,
    Question::Ecn,
    Question::FastOpen,
    Question::Talk,
    Question::Challenge,
    Question::Repeats,
    Question::Backlog,
];

fn battery(questions: &[Question]) -> Battery {
    let count = Config::ports_needed(questions, 16, 16);
    let config = Config {
        remote: REMOTE,
        local: LOCAL,
        ports: (40_000..).take(usize::try_from(count).unwrap()).collect(),
        questions: questions.to_vec(),
        samples: 20,
        other_ports: 16,
        parallel: 16,
        send: b"hi".to_vec(),
        patience: Duration::from_secs(1),
        budget: Duration::from_secs(15),
        watch: Duration::from_secs(8),
        seed: 7,
    };
    Battery::new(config, Instant::from_millis(1000))
}

/// A segment that was sent, as far as a server cares.
#[derive(Clone, Debug)]
struct Sent {
    port: u16,
    sequence: u32,
    acknowledgment: u32,
    flags: Flags,
    payload: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Server {
    /// RST to everything.
    Closed,
    Silent,
    /// Opens, echoes and closes as Linux does.
    Linux,
    /// Opens, and hears nothing after that.
    Deaf,
}

/// What came of a run in virtual time.
struct Run {
    measured: Measured,
    sent: Vec<Sent>,
    took: Duration,
}

impl Server {
    /// Flags, sequence number and data of what it answers.
    fn answer(self, now: Instant, to: &Sent) -> Vec<(Flags, u32, Vec<u8>)> {
        let clock = u32::try_from((now.as_nanos() >> 6) & 0xffff_ffff).unwrap();
        let isn = clock.wrapping_add(u32::from(to.port).wrapping_mul(0x9e37_79b9));
        let has = |flags| to.flags.contains(flags);
        match self {
            Self::Silent => vec![],
            _ if has(Flags::RST) => vec![],
            Self::Closed => vec![(Flags::RST | Flags::ACK, 0, vec![])],
            _ if has(Flags::SYN) && !has(Flags::ACK) => {
                vec![(Flags::SYN | Flags::ACK, isn, vec![])]
            }
            Self::Linux if has(Flags::FIN) => {
                vec![(Flags::FIN | Flags::ACK, to.acknowledgment, vec![])]
            }
            Self::Linux if !to.payload.is_empty() => {
                vec![(Flags::ACK | Flags::PSH, to.acknowledgment, to.payload.clone())]
            }
            Self::Deaf | Self::Linux => vec![],
        }
    }
}

fn syn_ack_options() -> Vec<u8> {
    let timestamps = Some(Timestamps { value: 9, echo: 1 });
    let (max_segment_size, window_scale) = (Some(1460), Some(7));
    Options { max_segment_size, sack_permitted: true, timestamps, window_scale }.emit()
}

fn deliver(battery: &mut Battery, now: Instant, to: &Sent, answer: &(Flags, u32, Vec<u8>)) {
    let (flags, sequence, data) = answer;
    let spoken = u32::try_from(to.payload.len()).unwrap()
        + u32::from(to.flags.contains(Flags::SYN))
        + u32::from(to.flags.contains(Flags::FIN));
    let options = if flags.contains(Flags::SYN) { syn_ack_options() } else { vec![] };
    // A SYN's data needs a cookie.
    let spoken = if to.flags.contains(Flags::SYN) { 1 } else { spoken };
    let segment = Segment {
        source_port: REMOTE.port(),
        destination_port: to.port,
        sequence: *sequence,
        acknowledgment: to.sequence.wrapping_add(spoken),
        flags: *flags,
        window: 65160,
        urgent: 0,
        options: &options,
        payload: data,
    };
    let mut contents = Vec::new();
    segment.emit(REMOTE.ip(), LOCAL.ip(), &mut contents);
    reply(battery, now, &contents);
}

fn reply(battery: &mut Battery, now: Instant, contents: &[u8]) {
    let source = REMOTE;
    let reply =
        Reply { source, hop_limit: Some(63), at: Some(now), options: &[], flow: 0, contents };
    battery.handle_reply(now, reply);
}

fn run(server: Server, questions: &[Question], stop_after: Option<usize>) -> Run {
    let start = Instant::from_millis(1000);
    let (mut battery, mut now) = (battery(questions), start);
    let (mut sent, mut contents, mut measured) = (Vec::new(), Vec::new(), None);
    for _ in 0..100_000 {
        while battery.poll_transmit(now, &mut contents).is_some() {
            let segment = Segment::parse(&contents).unwrap();
            let one = Sent {
                port: segment.source_port,
                sequence: segment.sequence,
                acknowledgment: segment.acknowledgment,
                flags: segment.flags,
                payload: segment.payload.to_vec(),
            };
            sent.push(one.clone());
            if stop_after.is_some_and(|count| sent.len() == count) {
                battery.handle_stop(now);
            }
            now = now + Duration::from_micros(50);
            for answer in server.answer(now, &one) {
                deliver(&mut battery, now, &one, &answer);
            }
        }
        while let Some(event) = battery.poll_event() {
            if let Event::Ended(all) = event {
                measured = Some(*all);
            }
        }
        if battery.is_finished() {
            break;
        }
        now = battery.next_timeout().unwrap_or(now).max(now);
        battery.handle_timeout(now);
    }
    Run { measured: measured.expect("it ended"), sent, took: now.since(start) }
}

/// Ports where a SYN was answered, and no RST or FIN of ours came after it.
fn left_open(run: &Run) -> Vec<u16> {
    let mut open = std::collections::BTreeSet::new();
    for sent in &run.sent {
        let is_syn = sent.flags.contains(Flags::SYN);
        if is_syn && !sent.flags.contains(Flags::ACK) {
            open.insert(sent.port);
        } else if sent.flags.contains(Flags::RST) || sent.flags.contains(Flags::FIN) {
            open.remove(&sent.port);
        }
    }
    open.into_iter().collect()
}

#[test]
fn closed_port_is_asked_once() {
    let run = run(Server::Closed, &ALL, None);
    assert_eq!((run.measured.verdict, run.sent.len()), (Some(Verdict::Closed), 1));
}

#[test]
fn silent_port_is_filtered_after_three_syns() {
    let run = run(Server::Silent, &ALL, None);
    assert_eq!(run.measured.verdict, Some(Verdict::Filtered { syn_sent: 3 }));
    assert_eq!((run.sent.len(), run.took), (3, Duration::from_secs(3)));
}

#[test]
fn open_server_is_asked_everything_and_left_with_nothing_open() {
    let run = run(Server::Linux, &ALL, None);
    let measured = &run.measured;
    assert_eq!(measured.whole, ALL);
    assert_eq!((measured.samples.len(), measured.ports.len()), (20, 16));
    let samples: Vec<_> = measured.syn_acks().map(SynAck::isn_sample).collect();
    let others: Vec<_> =
        measured.ports.iter().filter_map(Probed::open).map(SynAck::isn_sample).collect();
    assert_eq!(study(&samples, &others).clock, Some(Clock::Linux64Ns));
    let talk = measured.talk.as_ref().unwrap();
    assert_eq!(talk.closed, Some(Closed::Fin(crate::tcp::End::Client)));
    assert_eq!((talk.said.octets, talk.said.is_acknowledged), (2, Some(true)));
    assert_eq!(measured.backlog.unwrap().taken, 16);
    assert_eq!(left_open(&run), []);
    // Silence is waited for beside all else; only the queue is filled after it.
    assert!(run.took <= Duration::from_millis(6_500), "{:?}", run.took);
    let repeats = measured.repeats.as_ref().unwrap();
    assert!(repeats.after.is_empty() && repeats.has_ended, "{repeats:?}");
}

#[test]
fn stop_leaves_nothing_open_wherever_it_comes() {
    let whole = run(Server::Linux, &ALL, None).sent.len();
    for count in 1..whole {
        let run = run(Server::Linux, &ALL, Some(count));
        assert!(run.measured.stopped || run.measured.whole == ALL, "after {count}");
        assert_eq!(left_open(&run), [], "after {count}");
    }
}

#[test]
fn server_that_opens_and_hears_nothing_is_found_out() {
    let run = run(Server::Deaf, &[Question::Talk, Question::Backlog], None);
    assert_eq!(run.measured.talk.as_ref().unwrap().said.is_acknowledged, Some(false));
    let backlog = run.measured.backlog.unwrap();
    assert_eq!((backlog.taken, backlog.ignored, backlog.silent), (0, 16, 0));
    assert_eq!(left_open(&run), []);
}

#[test]
fn icmp_ends_it_and_names_who_sent_it() {
    let mut battery = battery(&ALL);
    let mut contents = Vec::new();
    let now = Instant::from_millis(1000);
    battery.poll_transmit(now, &mut contents);
    let by = IpAddr::from([192, 0, 2, 9]);
    let refusal = Refusal {
        origin: Origin::Icmp { from: by, icmp_type: 3, code: 13 },
        destination: REMOTE,
        flow: 0,
        info: 0,
        at: None,
        hop_limit: None,
        extensions_at: None,
        quoted: contents.get(..8).unwrap(),
    };
    battery.handle_refusal(now, refusal);
    let ended = std::iter::from_fn(|| battery.poll_event()).last();
    let Some(Event::Ended(measured)) = ended else { panic!("{ended:?}") };
    let want = Verdict::Rejected { by, icmp_type: 3, icmp_code: 13 };
    assert_eq!(measured.verdict, Some(want));
}

/// Each SYN is answered by what is nearly right, and by noise.
#[test]
fn hostile_segments_do_no_harm() {
    let mut state = 1_u32;
    let mut random = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 8
    };
    let (mut battery, mut now) = (battery(&ALL), Instant::from_millis(1000));
    let mut contents = Vec::new();
    for _ in 0..3000 {
        while battery.poll_transmit(now, &mut contents).is_some() {
            let asked = Segment::parse(&contents).unwrap();
            let (port, near) = (asked.source_port, asked.sequence.wrapping_add(random() % 3));
            if asked.flags.contains(Flags::RST) {
                continue;
            }
            let options: Vec<u8> =
                (0..random() % 40).map(|_| random().to_le_bytes()[0] % 36).collect();
            let segment = Segment {
                source_port: REMOTE.port(),
                destination_port: port,
                sequence: asked.acknowledgment.wrapping_add(random() % 3),
                acknowledgment: near,
                flags: Flags(random().to_le_bytes()[0]),
                window: 0,
                urgent: 9,
                options: &options,
                payload: &[7; 5],
            };
            let mut answer = Vec::new();
            segment.emit(REMOTE.ip(), LOCAL.ip(), &mut answer);
            let cut = usize::try_from(random()).unwrap() % (answer.len() + 1);
            reply(&mut battery, now, &answer);
            reply(&mut battery, now, answer.get(..cut).unwrap());
        }
        while battery.poll_event().is_some() {}
        if battery.is_finished() {
            return;
        }
        now = battery.next_timeout().unwrap_or(now).max(now) + Duration::from_micros(1);
        battery.handle_timeout(now);
    }
    panic!("it did not end");
}

/// The server still holds a SYN of before, whose RST was lost.
#[test]
fn syn_that_an_older_connection_took_is_sent_again_at_once() {
    let mut battery = battery(&[Question::Samples]);
    let now = Instant::from_millis(1000);
    let mut contents = Vec::new();
    battery.poll_transmit(now, &mut contents);
    let first = Segment::parse(&contents).unwrap();
    let (port, sequence) = (first.source_port, first.sequence);
    let stale = Sent {
        port,
        sequence: sequence.wrapping_sub(99_999),
        acknowledgment: 0,
        flags: Flags::SYN,
        payload: vec![],
    };
    for _ in 0..3 {
        deliver(&mut battery, now, &stale, &(Flags::ACK, 5, vec![]));
    }
    let mut sent = Vec::new();
    while battery.poll_transmit(now, &mut contents).is_some() {
        let segment = Segment::parse(&contents).unwrap();
        sent.push((segment.flags, segment.sequence));
    }
    let reset = (Flags::RST, sequence.wrapping_sub(99_998));
    assert_eq!(sent, [reset, (Flags::SYN, sequence), reset, reset], "once, whatever comes");
}
