mod hostile;

use std::net::{IpAddr, Ipv4Addr};

use wireline_packet::arp::{End, Header, Message, operation};
use wireline_packet::ethernet::{Frame, Framing, ethertype};

use super::*;
use crate::segment::Span;

const US: Mac = Mac([2, 0, 0, 0, 0, 0xff]);
const A: Mac = Mac([2, 0, 0, 0, 0, 0xa]);
const B: Mac = Mac([2, 0, 0, 0, 0, 0xb]);
const C: Mac = Mac([2, 0, 0, 0, 0, 0xc]);
const HERE: Place = Place { port: 0, vlan: None };

const fn ip(last: u8) -> Ipv4Addr {
    Ipv4Addr::new(192, 0, 2, last)
}

fn frame(operation: u16, sender: End, target: End, source: Mac) -> Vec<u8> {
    let (mut payload, mut out) = (Vec::new(), Vec::new());
    let header = Header::ipv4(operation);
    Message { header, sender, target, rest: &[] }.emit(&mut payload);
    let (destination, framing, protocol) = (US, Framing::Ethernet2, ethertype::ARP);
    Frame { destination, source, tag: None, framing, protocol, payload: &payload }.emit(&mut out);
    out
}

fn reply(mac: Mac, address: Ipv4Addr) -> Vec<u8> {
    let target = End { mac: US, address: ip(254) };
    frame(operation::REPLY, End { mac, address }, target, mac)
}

fn announcement(mac: Mac, address: Ipv4Addr) -> Vec<u8> {
    let target = End { mac: Mac::ZERO, address };
    frame(operation::REQUEST, End { mac, address }, target, mac)
}

/// A segment on which hosts answer what they are asked.
struct World {
    watch: Watch,
    now: Instant,
    /// Who answers for what.
    hosts: Vec<(Mac, Ipv4Addr)>,
    /// Requests that nobody hears, counted from now.
    lost: usize,
    /// The requests that left: when, to whom, about whom.
    sent: Vec<(u64, Mac, Ipv4Addr)>,
    events: Vec<Event>,
    is_unplugged: bool,
}

fn config() -> Config {
    let port =
        Port { place: HERE, mac: US, addresses: vec![(ip(254), Span::network(ip(254), 24))] };
    Config { ports: vec![port], unix: Duration::from_secs(1_000_000_000), ..Config::default() }
}

fn world(config: Config, hosts: &[(Mac, u8)]) -> World {
    World {
        watch: Watch::new(config, Instant::ZERO),
        now: Instant::ZERO,
        hosts: hosts.iter().map(|&(mac, last)| (mac, ip(last))).collect(),
        lost: 0,
        sent: Vec::new(),
        events: Vec::new(),
        is_unplugged: false,
    }
}

/// All of 192.0.2.0/24 is asked.
fn all() -> Config {
    let targets = Targets { place: HERE, span: Span::network(ip(0), 24) };
    Config { targets: vec![targets], ..config() }
}

impl World {
    fn seconds(&mut self, seconds: u64) -> &mut Self {
        let end = self.now + Duration::from_secs(seconds);
        loop {
            self.transmit();
            self.events.extend(std::iter::from_fn(|| self.watch.poll_event()));
            let Some(next) = self.watch.next_timeout().filter(|&next| next <= end) else { break };
            assert!(self.sent.len() < 100_000, "it asks without an end");
            self.now = next.max(self.now);
            self.watch.handle_timeout(self.now);
        }
        self.now = end;
        self
    }

    fn transmit(&mut self) {
        let mut contents = Vec::new();
        while self.watch.poll_transmit(self.now, &mut contents).is_some() {
            let request = Frame::parse(&contents).unwrap();
            let address = Message::parse(request.payload).unwrap().target.address;
            let to = request.destination;
            self.sent.push((self.now.as_nanos() / 1_000_000, to, address));
            if self.lost > 0 {
                self.lost -= 1;
                continue;
            }
            let hears = |&&(mac, at): &&(Mac, Ipv4Addr)| {
                at == address && (to == mac || to == Mac::BROADCAST) && !self.is_unplugged
            };
            let who: Vec<_> = self.hosts.iter().filter(hears).copied().collect();
            for (mac, address) in who {
                self.hear(&reply(mac, address));
            }
        }
    }

    fn hear(&mut self, contents: &[u8]) {
        let reply = Reply {
            source: ([0; 4], 0).into(),
            hop_limit: None,
            at: None,
            options: &[],
            flow: 0,
            contents,
        };
        self.watch.handle_reply(self.now, reply);
        self.events.extend(std::iter::from_fn(|| self.watch.poll_event()));
    }

    fn gone(&mut self, mac: Mac) -> &mut Self {
        self.hosts.retain(|&(other, _)| other != mac);
        self
    }

    /// What happened since it was last asked, in words.
    fn told(&mut self) -> Vec<String> {
        let events = std::mem::take(&mut self.events);
        events.iter().filter_map(words).collect()
    }
}

fn last(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(address) => address.octets()[3],
        IpAddr::V6(_) => panic!("{address}"),
    }
}

fn name(mac: Mac) -> String {
    format!("{:X}", mac.0[5])
}

fn words(event: &Event) -> Option<String> {
    let seen = |seen: &Seen| {
        let notion = seen.arpwatch.map_or("nothing", Arpwatch::text);
        format!("{} {}: {notion}", last(seen.record.address), name(seen.record.mac))
    };
    Some(match event {
        Event::Joined(it) => format!("joined {}", seen(it)),
        Event::Left { record, unanswered } => {
            format!("left {} {} after {unanswered}", last(record.address), name(record.mac))
        }
        Event::Moved { now, from } => {
            format!("moved {} from {} to {}", name(now.mac), last(*from), last(now.address))
        }
        Event::Changed { now, was } => format!("changed {}, was {}", seen(now), name(*was)),
        Event::Conflict { address, macs, own, .. } => {
            let macs: Vec<_> = macs.iter().copied().map(name).collect();
            let whose = if *own { " of ours" } else { "" };
            format!("conflict {}{whose}: {}", last(*address), macs.join(" "))
        }
        Event::Settled { record } => {
            format!("settled {} {}", last(record.address), name(record.mac))
        }
        Event::GatewayChanged { address, was, mac, pinned, .. } => {
            let pinned = if *pinned { " pinned" } else { "" };
            format!("gateway {} is {}, was{pinned} {}", last(*address), name(*mac), name(*was))
        }
        Event::Flood { mac, replies, .. } => format!("flood {replies} of {}", name(*mac)),
        Event::Wanted { address, mac, holder, .. } => {
            format!("wanted {} of {} by {}", last(*address), name(*holder), name(*mac))
        }
        Event::Mismatch { mac, frame_mac, arpwatch, .. } => {
            format!("mismatch {} in frame of {}: {}", name(*mac), name(*frame_mac), arpwatch.text())
        }
        Event::Deaf { hosts, .. } => format!("deaf, {hosts} hosts"),
        Event::Start { .. } | Event::Snapshot(_) | Event::Summary(_) => return None,
    })
}

fn known(mac: Mac, last: u8, present: bool) -> Record {
    let seen = Duration::from_secs(999_999_000);
    Record {
        place: HERE,
        address: ip(last).into(),
        mac,
        former: Vec::new(),
        first_seen: seen,
        last_seen: seen,
        present,
    }
}

#[test]
fn who_answers_the_first_round_has_joined() {
    let mut world = world(all(), &[(A, 1), (B, 2)]);
    let told = world.seconds(20).told();
    assert_eq!(told, ["joined 1 A: new station", "joined 2 B: new station"]);
    assert!(world.sent.iter().all(|&(_, _, address)| address != ip(254)), "we are not asked");
}

#[test]
fn who_spoke_lately_is_not_asked_and_who_did_not_is() {
    let mut world = world(config(), &[(A, 1)]);
    world.hear(&announcement(A, ip(1)));
    world.seconds(50).hear(&announcement(A, ip(1)));
    world.seconds(55);
    assert_eq!(world.sent, []);
    world.seconds(10);
    assert_eq!(
        world.sent,
        [(110_000, A, ip(1))],
        "a minute after it spoke, and by its own address"
    );
}

#[test]
fn one_lost_frame_does_not_make_a_host_leave_nor_do_three() {
    for lost in 0..=3 {
        let mut world = world(config(), &[(A, 1)]);
        world.hear(&announcement(A, ip(1)));
        world.lost = lost;
        assert_eq!(world.seconds(100).told(), ["joined 1 A: new station"], "{lost} lost");
        assert_eq!(world.sent.len(), lost + 1);
    }
}

#[test]
fn host_leaves_after_four_requests_the_last_of_which_all_hear() {
    let mut world = world(config(), &[(B, 2)]);
    world.hear(&announcement(A, ip(1)));
    world.hear(&announcement(B, ip(2)));
    world.seconds(62).told();
    assert_eq!(world.seconds(8).told(), ["left 1 A after 4"]);
    let asked = world.sent.iter().filter(|(.., address)| *address == ip(1));
    let asked: Vec<_> = asked.map(|&(_, to, _)| to).collect();
    assert_eq!(asked, [A, A, A, Mac::BROADCAST]);
}

#[test]
fn who_comes_back_has_joined_once_more() {
    let mut world = world(config(), &[(B, 2)]);
    world.hear(&announcement(A, ip(1)));
    world.hear(&announcement(B, ip(2)));
    world.seconds(100).told();
    world.hear(&announcement(A, ip(1)));
    assert_eq!(world.told(), ["joined 1 A: nothing"]);
}

#[test]
fn address_that_another_takes_over_has_changed() {
    let mut world = world(config(), &[(A, 1)]);
    world.hear(&announcement(A, ip(1)));
    world.told();
    world.gone(A).hosts.push((B, ip(1)));
    world.hear(&announcement(B, ip(1)));
    assert_eq!(world.told(), [] as [String; 0], "nothing is said before A was asked");
    assert_eq!(world.seconds(10).told(), ["changed 1 B: changed ethernet address, was A"]);
    world.gone(B).hosts.push((A, ip(1)));
    world.hear(&announcement(A, ip(1)));
    assert_eq!(world.seconds(10).told(), ["changed 1 A: flip flop, was B"]);
    world.gone(A).hosts.push((C, ip(1)));
    world.hear(&announcement(C, ip(1)));
    assert_eq!(world.seconds(10).told(), ["changed 1 C: changed ethernet address, was A"]);
    world.gone(C).hosts.push((B, ip(1)));
    world.hear(&announcement(B, ip(1)));
    assert_eq!(world.seconds(10).told(), ["changed 1 B: reused old ethernet address, was C"]);
}

#[test]
fn address_that_both_answer_for_is_a_conflict_once_until_it_is_settled() {
    let mut world = world(config(), &[(A, 1), (B, 1)]);
    world.hear(&announcement(A, ip(1)));
    world.hear(&announcement(B, ip(1)));
    assert_eq!(world.seconds(1).told(), ["joined 1 A: new station", "conflict 1: A B"]);
    assert_eq!(
        world.seconds(600).told(),
        [] as [String; 0],
        "it is asked again, and not told again"
    );
    let told = world.gone(A).seconds(120).told();
    assert_eq!(told, ["settled 1 B"]);
}

#[test]
fn both_answers_to_one_broadcast_are_a_conflict() {
    let mut world = world(all(), &[(A, 1), (B, 1), (C, 1)]);
    let told = world.seconds(20).told();
    assert_eq!(told[0], "joined 1 A: new station");
    assert_eq!(told.last().unwrap(), "conflict 1: A B C", "{told:?}");
    assert!(told.len() <= 3, "{told:?}");
}

#[test]
fn forged_claim_that_the_holder_answers_is_a_conflict() {
    let mut world = world(config(), &[(A, 1), (C, 3)]);
    world.hear(&announcement(A, ip(1)));
    world.told();
    world.hear(&reply(B, ip(1)));
    assert_eq!(world.seconds(1).told(), ["conflict 1: A B"]);
    assert_eq!(world.seconds(60).told(), ["settled 1 A"], "B never answers for it");
}

#[test]
fn machine_with_a_new_address_has_moved() {
    let mut world = world(config(), &[(A, 1), (B, 2)]);
    world.hear(&announcement(A, ip(1)));
    world.hear(&announcement(B, ip(2)));
    world.told();
    world.gone(A).hosts.push((A, ip(9)));
    world.hear(&announcement(A, ip(9)));
    assert_eq!(world.seconds(10).told(), ["joined 9 A: new station", "moved A from 1 to 9"]);
}

#[test]
fn machine_with_a_second_address_has_not() {
    let mut world = world(config(), &[(A, 1), (A, 9)]);
    world.hear(&announcement(A, ip(1)));
    world.hear(&announcement(A, ip(9)));
    let told = world.seconds(100).told();
    assert_eq!(told, ["joined 1 A: new station", "joined 9 A: new station"]);
}

#[test]
fn gateway_that_is_another_is_told_at_once_and_once_a_minute() {
    let gateway = Gateway { place: HERE, address: ip(1), mac: Some(A) };
    let mut world = world(Config { gateways: vec![gateway], ..config() }, &[(A, 1)]);
    world.hear(&reply(B, ip(1)));
    assert_eq!(world.told()[0], "gateway 1 is B, was pinned A");
    for _ in 0..59 {
        world.seconds(1).hear(&reply(B, ip(1)));
    }
    assert!(world.told().iter().all(|told| !told.starts_with("gateway")));
    world.seconds(1).hear(&reply(B, ip(1)));
    assert!(world.told().iter().any(|told| told == "gateway 1 is B, was pinned A"));
}

#[test]
fn gateway_that_nobody_named_is_who_it_is_first_or_was_before() {
    let gateway = Gateway { place: HERE, address: ip(1), mac: None };
    let gateways = vec![gateway];
    let mut first = world(Config { gateways: gateways.clone(), ..config() }, &[(A, 1)]);
    first.hear(&announcement(A, ip(1)));
    first.hear(&announcement(B, ip(1)));
    assert_eq!(first.told(), ["joined 1 A: new station", "gateway 1 is B, was A"]);
    let before = vec![known(A, 1, false)];
    let mut before = world(Config { gateways, known: before, ..config() }, &[]);
    before.hear(&announcement(B, ip(1)));
    let told = before.told();
    assert_eq!(told, ["gateway 1 is B, was A", "changed 1 B: changed ethernet address, was A"]);
}

#[test]
fn our_own_address_claimed_by_another_is_a_conflict() {
    let mut world = world(config(), &[]);
    world.hear(&reply(A, ip(254)));
    world.hear(&reply(A, ip(254)));
    assert_eq!(world.told(), ["conflict 254 of ours: FF A"], "and is told once");
    world.hear(&reply(US, ip(254)));
    assert_eq!(world.told(), [] as [String; 0], "that is us");
}

#[test]
fn wish_for_an_address_that_somebody_has_is_told() {
    let mut world = world(config(), &[(A, 1)]);
    world.hear(&announcement(A, ip(1)));
    world.told();
    let probe = |mac, address| {
        let (nobody, asked) = (Ipv4Addr::UNSPECIFIED, End { mac: Mac::ZERO, address });
        frame(operation::REQUEST, End { mac, address: nobody }, asked, mac)
    };
    for _ in 0..3 {
        world.hear(&probe(B, ip(1)));
        world.hear(&probe(B, ip(7)));
        world.hear(&probe(A, ip(1)));
    }
    world.hear(&probe(B, ip(254)));
    assert_eq!(world.told(), ["wanted 1 of A by B", "wanted 254 of FF by B"]);
}

#[test]
fn replies_that_nobody_asked_for_are_a_flood_when_they_are_many() {
    let mut world = world(config(), &[(A, 1)]);
    for _ in 0..1000 {
        world.hear(&reply(A, ip(1)));
    }
    assert_eq!(world.told(), ["joined 1 A: new station", "flood 20 of A"]);
    let mut answers = self::world(all(), &[]);
    answers.hosts = (1..250).map(|last| (A, ip(last))).collect();
    let told = answers.seconds(30).told();
    assert_eq!(told.len(), 249, "what was asked for is none: {:?}", told.last());
}

#[test]
fn addresses_of_no_network_here_and_strange_frames_have_arpwatch_s_names() {
    let mut world = world(config(), &[]);
    world.hear(&announcement(A, Ipv4Addr::new(198, 51, 100, 7)));
    let target = End { mac: US, address: ip(254) };
    for _ in 0..2 {
        let relayed = frame(operation::REPLY, End { mac: B, address: ip(2) }, target, C);
        world.hear(&relayed);
        let group = End { mac: Mac::BROADCAST, address: ip(3) };
        world.hear(&frame(operation::REPLY, group, target, C));
    }
    let expected = [
        "joined 7 A: bogon",
        "joined 2 B: new station",
        "mismatch B in frame of C: ethernet mismatch",
        "mismatch FF in frame of C: ethernet broadcast",
    ];
    assert_eq!(world.told(), expected);
}

#[test]
fn silence_of_all_is_ours_and_makes_nobody_leave() {
    let mut world = world(all(), &[(A, 1), (B, 2), (C, 3)]);
    world.seconds(30).told();
    world.is_unplugged = true;
    assert_eq!(world.seconds(200).told(), ["deaf, 3 hosts"]);
    world.is_unplugged = false;
    world.gone(A);
    assert_eq!(world.seconds(100).told(), ["left 1 A after 4"], "it hears again, but for A");
}

#[test]
fn requests_that_did_not_leave_are_nobody_s_fault() {
    let mut world = world(config(), &[]);
    world.hear(&announcement(A, ip(1)));
    world.hear(&announcement(B, ip(2)));
    let mut contents = Vec::new();
    for _ in 0..600 {
        world.now = world.now + Duration::from_secs(1);
        world.watch.handle_timeout(world.now);
        while let Some(transmit) = world.watch.poll_transmit(world.now, &mut contents) {
            let down = io::Error::from_raw_os_error(100);
            world.watch.handle_unsent(world.now, &transmit, &down);
        }
        world.hear(&announcement(C, ip(3)));
    }
    let left = world.told().iter().filter(|told| told.starts_with("left")).count();
    assert_eq!(left, 0);
    let summary = world.watch.count(world.now, false);
    assert_eq!(summary.sent, 0);
    assert!((20..400).contains(&summary.unsent), "{}", summary.unsent);
}

#[test]
fn restart_says_only_what_is_different() {
    let half_a_year_ago = Duration::from_secs(1_000_000_000 - 183 * 86_400);
    let old = Record { last_seen: half_a_year_ago, ..known(Mac([2; 6]), 5, false) };
    let before = vec![known(A, 1, true), known(B, 2, true), known(C, 3, false), old];
    let hosts = [(A, 1), (C, 3), (Mac([2; 6]), 5)];
    let mut world = world(Config { known: before, ..all() }, &hosts);
    let mut told = world.seconds(30).told();
    told.sort();
    assert_eq!(told, ["joined 3 C: nothing", "joined 5 2: new activity", "left 2 B after 4"]);
}

#[test]
fn who_only_listens_sends_nothing_and_says_nobody_left() {
    let config = Config { listen_only: true, ..all() };
    let mut world = world(config, &[(A, 1), (B, 2)]);
    world.hear(&announcement(A, ip(1)));
    assert_eq!(world.seconds(1000).told(), ["joined 1 A: new station"]);
    world.hear(&announcement(B, ip(1)));
    assert_eq!(world.seconds(10).told(), ["changed 1 B: changed ethernet address, was A"]);
    world.hear(&announcement(A, ip(1)));
    world.hear(&announcement(B, ip(1)));
    assert_eq!(world.seconds(1).told(), ["conflict 1: B A"]);
    assert_eq!(world.sent, []);
}

#[test]
fn it_ends_when_its_time_is_up_with_all_that_it_knows() {
    let lasting = Some(Duration::from_secs(90));
    let mut world = world(Config { lasting, ..all() }, &[(A, 1)]);
    world.seconds(100);
    let is_snapshot = |event: &&Event| matches!(event, Event::Snapshot(_));
    assert_eq!(world.events.iter().filter(is_snapshot).count(), 2, "after a minute and at the end");
    let Some([Event::Snapshot(records), Event::Summary(summary)]) =
        world.events.last_chunk().map(|pair: &[Event; 2]| pair)
    else {
        panic!("{:?}", world.events.last());
    };
    assert_eq!((records.len(), records[0].mac, records[0].present), (1, A, true));
    assert!(summary.end && summary.joined == 1 && summary.present == 1);
    assert!(world.watch.is_finished());
}
