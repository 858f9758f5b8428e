use std::collections::BTreeMap;

use wireline_packet::arp::{End, Header};
use wireline_packet::ethernet::Framing;

use super::*;
use crate::segment::Span;

const ME: Mac = Mac([2, 0, 0, 0, 0xaa, 1]);
const OWN: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
const NOBODY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);

/// One host: what it answers, how fast, how often each answer comes, and whether it misses the first question
/// of each kind.
#[derive(Clone, Copy)]
struct Machine {
    bits: &'static str,
    after: Duration,
    copies: usize,
    is_deaf_at_first: bool,
}

impl Machine {
    fn new(bits: &'static str) -> Self {
        Self { bits, after: ms(1), copies: 1, is_deaf_at_first: false }
    }
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[derive(Default)]
struct World {
    machines: BTreeMap<Ipv4Addr, Machine>,
    /// Frames under way to us, by when they come.
    air: BTreeMap<(Instant, usize), Vec<u8>>,
    heard: Vec<Vec<u8>>,
}

impl World {
    fn with(mut self, last: u8, machine: Machine) -> Self {
        self.machines.insert([192, 0, 2, last].into(), machine);
        self
    }

    fn hear(&mut self, now: Instant, octets: &[u8]) {
        let is_first = !self.heard.iter().any(|frame| frame == octets);
        self.heard.push(octets.to_vec());
        let message = Message::parse(Frame::parse(octets).unwrap().payload).unwrap();
        let Some(machine) = self.machines.get(&message.target.address).copied() else { return };
        let probe = PROBES.iter().position(|probe| {
            let sender = probe.sender().unwrap_or(OWN);
            let mut usual = Vec::new();
            probe::write(Some(*probe), None, ME, sender, message.target.address, &mut usual);
            usual == octets
        });
        let answers = probe.is_none_or(|probe| machine.bits.as_bytes()[probe] == b'1');
        if answers && !(is_first && machine.is_deaf_at_first) {
            let frame = reply(message.target.address, message.sender);
            for _ in 0..machine.copies {
                self.air.insert(
                    (now + machine.after, self.air.len() + self.heard.len() * 100),
                    frame.clone(),
                );
            }
        }
    }

    fn run(&mut self, mut engine: Fingerprints) -> (Vec<Event>, Duration) {
        let (mut now, mut events, mut contents) = (Instant::ZERO, Vec::new(), Vec::new());
        for _ in 0..100_000 {
            while engine.poll_transmit(now, &mut contents).is_some() {
                self.hear(now, &contents);
            }
            events.extend(std::iter::from_fn(|| engine.poll_event()));
            if engine.is_finished() {
                return (events, now.since(Instant::ZERO));
            }
            let arrival = self.air.first_key_value().map(|((at, _), _)| *at);
            now = now.max(engine.next_timeout().into_iter().chain(arrival).min().unwrap());
            while let Some(frame) = self.air.first_entry().filter(|frame| frame.key().0 <= now) {
                engine.handle_reply(now, heard(&frame.remove()));
            }
            engine.handle_timeout(now);
        }
        panic!("it does not end");
    }
}

fn reply(from: Ipv4Addr, to: End) -> Vec<u8> {
    let sender = End { mac: Mac([2, 0, 0, 0, 0xbb, from.octets()[3]]), address: from };
    message(Header::ipv4(operation::REPLY), sender, to)
}

fn message(header: Header, sender: End, target: End) -> Vec<u8> {
    let (mut payload, mut out) = (Vec::new(), Vec::new());
    Message { header, sender, target, rest: &[] }.emit(&mut payload);
    Frame {
        destination: ME,
        source: sender.mac,
        tag: None,
        framing: Framing::Ethernet2,
        protocol: ethertype::ARP,
        payload: &payload,
    }
    .emit(&mut out);
    out
}

fn heard(contents: &[u8]) -> Reply<'_> {
    Reply { source: NOBODY, hop_limit: None, at: None, options: &[], flow: 0, contents }
}

fn config(first: u8, last: u8) -> Config {
    let span = Span::new([192, 0, 2, first].into(), [192, 0, 2, last].into());
    Config::new(ME, OWN, [span].into_iter().collect())
}

fn engine(first: u8, last: u8) -> Fingerprints {
    Fingerprints::new(config(first, last), Instant::ZERO)
}

fn patterns(events: &[Event]) -> Vec<String> {
    let pattern = |event: &Event| match event {
        Event::Host(host) => Some(host.answers.to_string()),
        Event::Silent(_) => Some("silent".into()),
        _ => None,
    };
    events.iter().filter_map(pattern).collect()
}

fn summary(events: &[Event]) -> &Summary {
    match events.last() {
        Some(Event::Summary(summary)) => summary,
        other => panic!("{other:?}"),
    }
}

#[test]
fn probes_are_those_of_arp_fingerprint() {
    let spelled: Vec<_> = PROBES.iter().map(ToString::to_string).collect();
    assert_eq!(
        spelled,
        [
            "--arpspa=127.0.0.1",
            "--arpspa=0.0.0.0",
            "--arpspa=255.255.255.255",
            "--arpspa=1.0.0.1",
            "--arpop=255",
            "--arphrd=6",
            "--arphrd=255",
            "--arppro=0xffff",
            "--arppro=0x8137",
            "--arppln=6",
            "--arphln=8",
        ]
    );
    assert!(PROBES[..SENDERS].iter().all(|probe| probe.sender().is_some()));
    assert!(PROBES[SENDERS..].iter().all(|probe| probe.sender().is_none()));
}

#[test]
fn each_host_has_its_own_pattern_in_the_order_of_the_targets() {
    let all = ["01010100000", "11110100000", "11111111111", "00000000000", "00001010101"];
    let mut world = World::default();
    for (n, bits) in (2..).zip(all) {
        let after = ms(20 - u64::from(n) * 3);
        world = world.with(n, Machine { after, ..Machine::new(bits) });
    }
    let (events, _) = world.run(engine(2, 7));
    assert_eq!(patterns(&events), [all.as_slice(), &["silent"]].concat());
    assert_eq!((summary(&events).hosts, summary(&events).responded), (6, 5));
}

#[test]
fn slash_24_takes_half_a_second_whoever_is_there() {
    let mut world = World::default();
    for last in (2..=254).step_by(5) {
        world = world.with(last, Machine::new("01010100000"));
    }
    let (events, took) = world.run(engine(1, 254));
    assert_eq!(summary(&events).responded, 51);
    assert!(took < ms(800), "{took:?}");
}

#[test]
fn question_that_was_lost_is_asked_again() {
    let machine = Machine { is_deaf_at_first: true, ..Machine::new("11110100011") };
    let mut world = World::default().with(2, machine);
    assert_eq!(patterns(&world.run(engine(2, 2)).0), ["11110100011"]);
    let mut once = config(2, 2);
    once.tries = 1;
    let mut world = World::default().with(2, machine);
    assert_eq!(patterns(&world.run(Fingerprints::new(once, Instant::ZERO)).0), ["silent"]);
}

#[test]
fn copies_of_an_answer_count_for_no_other_question() {
    for bits in ["01010100000", "00001010101", "11111000000"] {
        let mut world = World::default().with(2, Machine { copies: 4, ..Machine::new(bits) });
        assert_eq!(patterns(&world.run(engine(2, 2)).0), [bits]);
    }
}

#[test]
fn slow_host_is_waited_for() {
    let machine = Machine { after: ms(120), ..Machine::new("10110111111") };
    let (events, _) = World::default().with(2, machine).run(engine(2, 2));
    assert_eq!(patterns(&events), ["10110111111"]);
}

#[test]
fn answers_of_another_machine_for_the_address_do_not_count() {
    let mut engine = engine(2, 2);
    let mut contents = Vec::new();
    assert!(engine.poll_transmit(Instant::ZERO, &mut contents).is_some());
    let (mine, theirs) = (Mac([2, 0, 0, 0, 0xbb, 2]), Mac([2, 0, 0, 0, 0xcc, 2]));
    let to = End { mac: ME, address: Ipv4Addr::LOCALHOST };
    let address = [192, 0, 2, 2].into();
    engine
        .handle_reply(Instant::from_millis(1), heard(&reply(address, End { address: OWN, ..to })));
    let other = End { mac: theirs, address };
    let spoofed = message(Header::ipv4(operation::REPLY), other, to);
    engine.handle_reply(Instant::from_millis(2), heard(&spoofed));
    let (events, _) = World::default().run(engine);
    let Some(Event::Host(host)) = events.get(1) else { panic!("{events:?}") };
    assert_eq!((host.mac, host.is_contested), (mine, true));
    assert_eq!(host.answers.to_string(), "00000000000");
}

#[test]
fn requests_of_hosts_and_frames_to_others_are_no_answers() {
    let mut engine = engine(2, 2);
    let (you, me) = (
        End { mac: Mac([2, 0, 0, 0, 0xbb, 2]), address: [192, 0, 2, 2].into() },
        End { mac: ME, address: OWN },
    );
    let question = message(Header::ipv4(operation::REQUEST), you, me);
    let mut to_others = reply(you.address, me);
    to_others[5] = 9;
    for frame in [question, to_others] {
        engine.handle_reply(Instant::ZERO, heard(&frame));
    }
    assert_eq!(patterns(&World::default().run(engine).0), ["silent"]);
}

#[test]
fn frame_cut_anywhere_is_no_answer_and_no_harm() {
    let whole = reply([192, 0, 2, 2].into(), End { mac: ME, address: OWN });
    let mut engine = engine(2, 2);
    for length in 0..whole.len() {
        engine.handle_reply(Instant::ZERO, heard(&whole[..length]));
    }
    assert_eq!(patterns(&World::default().run(engine).0), ["silent"]);
}

#[test]
fn stop_ends_it_and_says_so() {
    let mut engine = engine(2, 200);
    let mut contents = Vec::new();
    assert!(engine.poll_transmit(Instant::ZERO, &mut contents).is_some());
    engine.handle_stop(Instant::from_millis(3));
    let (events, _) = World::default().run(engine);
    let Summary { is_stopped, sent, took, .. } = *summary(&events);
    assert_eq!((is_stopped, sent, took), (true, 1, ms(3)));
    assert!(patterns(&events).is_empty());
}

#[test]
fn nobody_to_ask_is_an_end() {
    let config = Config::new(ME, OWN, Targets::default());
    let (events, _) = World::default().run(Fingerprints::new(config, Instant::ZERO));
    assert_eq!(events.len(), 2, "{events:?}");
}

#[test]
fn frames_leave_no_faster_than_they_should() {
    let mut engine = engine(2, 200);
    let (mut contents, mut sent) = (Vec::new(), 0);
    for now in [0, 10, 1000] {
        while engine.poll_transmit(Instant::from_millis(now), &mut contents).is_some() {
            sent += 1;
        }
    }
    assert!(
        (50..=150).contains(&sent),
        "{sent}: 1 at once, 50 in 10 ms, and no more for a second's sleep"
    );
}

#[test]
fn frames_that_did_not_leave_are_counted() {
    let mut engine = engine(2, 2);
    let transmit = engine.poll_transmit(Instant::ZERO, &mut Vec::new()).unwrap();
    engine.handle_unsent(Instant::ZERO, &transmit, &io::Error::from_raw_os_error(100));
    let (events, _) = World::default().run(engine);
    let Summary { sent, unsent, why_unsent, .. } = summary(&events);
    assert_eq!((*sent, *unsent, why_unsent.as_deref()), (1, 1, Some("Network is down")));
}
