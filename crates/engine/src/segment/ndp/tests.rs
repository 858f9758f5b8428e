use std::net::IpAddr;

use wireline_packet::ethernet::Framing;
use wireline_packet::ndp::{ALL_NODES, Extension, multicast_mac};

use wireline_packet::ndp::{Message, Packet};

use super::*;
use crate::segment::{self, Finding, Scan, Stopped};

const OURS: Mac = Mac([2, 0, 0x5e, 0, 0x53, 1]);
const NEAR: &str = "fe80::1";
const GLOBAL: &str = "2001:db8::1";

fn ms(count: u64) -> Duration {
    Duration::from_millis(count)
}

fn ip(text: &str) -> Ipv6Addr {
    text.parse().unwrap()
}

fn mac(last: u8) -> Mac {
    Mac([2, 0, 0x5e, 0, 0x53, last])
}

/// One machine on a link that is not there.
#[derive(Clone)]
struct Machine {
    mac: Mac,
    addresses: Vec<Ipv6Addr>,
    echoes: bool,
    complains: bool,
    reports: bool,
    advertises: bool,
}

/// Silent, but for the ways that a test gives it.
fn machine(last: u8, addresses: &[&str]) -> Machine {
    let addresses = addresses.iter().map(|text| ip(text)).collect();
    let no = false;
    Machine { mac: mac(last), addresses, echoes: no, complains: no, reports: no, advertises: no }
}

impl Machine {
    /// As RFC 6724 has it: from an address of the same kind.
    fn source(&self, to: Ipv6Addr) -> Option<Ipv6Addr> {
        let is_like = |own: &&Ipv6Addr| own.is_unicast_link_local() == to.is_unicast_link_local();
        self.addresses.iter().find(is_like).copied()
    }

    fn answer(&self, frame: &Frame<'_>) -> Option<Vec<u8>> {
        let packet = Packet::parse(frame.payload).unwrap();
        let has_option = frame.payload[6] == 60;
        let source = self.source(packet.source);
        let (source, destination, message) = match packet.message {
            Message::EchoRequest(id, data) if !has_option && self.echoes => {
                (source?, packet.source, Message::EchoReply(id, data))
            }
            Message::EchoRequest(..) if has_option && self.complains => {
                let problem = Message::ParameterProblem { code: 2, quoted: frame.payload };
                (source?, packet.source, problem)
            }
            Message::ListenerQuery { .. } if self.reports => {
                let report = Message::ListenerReport { icmp_type: 143 };
                (self.source(ip(NEAR))?, ip("ff02::16"), report)
            }
            Message::Solicitation { target, .. }
                if self.advertises && self.addresses.contains(&target) =>
            {
                (target, packet.source, advertisement(target, self.mac, true))
            }
            _ => return None,
        };
        Some(framed(self.mac, Packet { source, destination, hop_limit: 255, message }, frame.tag))
    }
}

fn advertisement(target: Ipv6Addr, mac: Mac, is_override: bool) -> Message<'static> {
    let mac = Some(mac);
    Message::Advertisement { target, mac, is_router: false, is_solicited: true, is_override }
}

fn framed(source: Mac, packet: Packet<'_>, tag: Option<u16>) -> Vec<u8> {
    let (mut payload, mut out) = (Vec::new(), Vec::new());
    packet.emit(Extension::None, &mut payload);
    let destination = multicast_mac(packet.destination);
    let (framing, protocol) = (Framing::Ethernet2, ethertype::IPV6);
    Frame { destination, source, tag, framing, protocol, payload: &payload }.emit(&mut out);
    out
}

fn port() -> Port {
    let addresses = vec![ip(NEAR), ip(GLOBAL)];
    Port { mac: OURS, addresses, ..Port::default() }
}

fn config() -> Config {
    let (ports, seed) = (vec![port()], 0x1234_5678_9abc_def0);
    Config { ports, seed, patience: Patience::Fixed, ..Config::default() }
}

/// What a run told, and what it sent.
#[derive(Default)]
struct Run {
    events: Vec<Event>,
    sent: Vec<Vec<u8>>,
    ended: Duration,
}

/// Runs an engine among machines that answer after a millisecond.
fn run<E: Datagrams<Event = Event>>(engine: &mut E, machines: &[Machine]) -> Run {
    let (mut now, mut run) = (Instant::ZERO, Run::default());
    let mut answers: VecDeque<(Instant, Vec<u8>)> = VecDeque::new();
    let mut contents = Vec::new();
    for _ in 0..2_000_000 {
        while let Some(transmit) = engine.poll_transmit(now, &mut contents) {
            let frame = Frame::parse(&contents).unwrap();
            if transmit.destination.is_ipv6() {
                let told = machines.iter().filter_map(|machine| machine.answer(&frame));
                answers.extend(told.map(|answer| (now + ms(1), answer)));
            }
            run.sent.push(contents.clone());
        }
        run.events.extend(std::iter::from_fn(|| engine.poll_event()));
        if engine.is_finished() {
            run.ended = now - Instant::ZERO;
            return run;
        }
        let arrival = answers.front().map(|(at, _)| *at);
        let wake = engine.next_timeout();
        now = arrival.into_iter().chain(wake).min().expect("waits for something").max(now);
        while let Some((at, contents)) = answers.pop_front_if(|(at, _)| *at <= now) {
            hear(engine, at, &contents);
        }
        engine.handle_timeout(now);
    }
    panic!("no end");
}

fn hear(engine: &mut impl Datagrams, at: Instant, contents: &[u8]) {
    let source = "0.0.0.0:0".parse().unwrap();
    let reply = Reply { source, hop_limit: None, at: Some(at), options: &[], flow: 0, contents };
    engine.handle_reply(at, reply);
}

/// Addresses with their link-layer addresses, in order.
fn hosts(events: &[Event]) -> Vec<(IpAddr, Mac)> {
    let told = events.iter().filter_map(|event| match event {
        Event::Host(host) => Some((host.address, host.mac)),
        _ => None,
    });
    let mut hosts: Vec<_> = told.collect();
    hosts.sort_unstable();
    hosts
}

fn findings<'a>(events: &'a [Event]) -> Vec<&'a Finding> {
    let told =
        |event: &'a Event| if let Event::Finding(finding) = event { Some(finding) } else { None };
    events.iter().filter_map(told).collect()
}

fn found(machine: Machine, ways: Ways) -> Vec<(IpAddr, Mac)> {
    let mut engine = Discovery::new(Config { ways, ..config() }, Instant::ZERO);
    hosts(&run(&mut engine, &[machine]).events)
}

const BOTH: [&str; 2] = ["2001:db8::7", "fe80::7"];

fn both(last: u8) -> Vec<(IpAddr, Mac)> {
    BOTH.iter().map(|text| (ip(text).into(), mac(last))).collect()
}

#[test]
fn each_address_is_found_by_echo_from_one_of_its_kind() {
    let echoes = Machine { echoes: true, ..machine(7, &BOTH) };
    assert_eq!(found(echoes.clone(), Ways { echo: true, ..Ways::NONE }), both(7));
    assert_eq!(found(echoes, Ways::NONE), []);
}

#[test]
fn who_is_silent_to_echo_complains_of_an_option() {
    let complains = Machine { complains: true, ..machine(7, &BOTH) };
    assert_eq!(found(complains.clone(), Ways { option: true, ..Ways::NONE }), both(7));
    assert_eq!(found(complains, Ways { option: false, ..Ways::default() }), []);
}

#[test]
fn who_is_silent_to_both_tells_what_it_listens_to() {
    let reports = Machine { reports: true, ..machine(7, &BOTH) };
    let near = vec![(ip("fe80::7").into(), mac(7))];
    assert_eq!(found(reports, Ways { listeners: true, ..Ways::NONE }), near);
}

#[test]
fn other_addresses_are_guessed_from_one_that_is_known() {
    let machine = Machine { reports: true, advertises: true, ..machine(7, &BOTH) };
    let ways = Ways { listeners: true, guesses: true, ..Ways::NONE };
    assert_eq!(found(machine.clone(), ways), both(7), "the end of fe80::7 with our prefix");
    let mut by_mac = machine;
    by_mac.addresses = vec![ip("fe80::7"), ip("2001:db8::5eff:fe00:5307")];
    assert_eq!(found(by_mac, ways).len(), 2, "the end that goes by the link-layer address");
}

#[test]
fn prefix_is_asked_for_address_by_address() {
    let targets = vec![Prefix::new(ip("2001:db8::5"), 120)];
    let ports = vec![Port { targets, vlan: Some(7), ..port() }];
    let mut engine = Discovery::new(Config { ports, ways: Ways::NONE, ..config() }, Instant::ZERO);
    let machine = Machine { advertises: true, ..machine(7, &["2001:db8::7", "2001:db8::ff"]) };
    let run = run(&mut engine, &[machine]);

    let told = [("2001:db8::7", 7), ("2001:db8::ff", 7)];
    assert_eq!(hosts(&run.events), told.map(|(text, last)| (ip(text).into(), mac(last))));
    assert_eq!(run.sent.len(), 255 + 253, "our own is not asked for, and who answered not again");
    let frame = Frame::parse(&run.sent[0]).unwrap();
    assert_eq!((frame.vlan(), frame.destination), (Some(7), "33:33:ff:00:00:00".parse().unwrap()));
    assert_eq!(Packet::parse(frame.payload).unwrap().source, ip(GLOBAL), "of the same prefix");
    assert_eq!(engine.summary().hosts, 256);
    assert_eq!((engine.summary().responded, engine.summary().incomplete), (2, 0));
    let rtts = run.events.iter().map(|event| match event {
        Event::Host(host) => (host.rtt, host.attempt),
        other => panic!("{other:?}"),
    });
    assert!(rtts.eq([(Some(ms(1)), 1); 2]));
    // 25.4 ms of sending, then 500 and 750 of waiting.
    assert!(run.ended > ms(1250) && run.ended < ms(1400), "{:?}", run.ended);
}

#[test]
fn patience_goes_by_the_slowest_answer() {
    let listeners = Ways { listeners: true, ..Ways::NONE };
    let echo = Ways { echo: true, ..Ways::NONE };
    for (ways, echoes, wait) in [(echo, false, 300), (echo, true, 150), (listeners, false, 500)] {
        let config = Config { ways, tries: 1, patience: Patience::POLITE, ..config() };
        let mut engine = Discovery::new(Config { interval: ms(10), ..config }, Instant::ZERO);
        let run = run(&mut engine, &[Machine { echoes, ..machine(7, &["fe80::7"]) }]);
        // The last of two echo requests leaves after ten milliseconds, when the first is answered.
        let most = ms(if echoes { 300 } else { wait + 10 });
        assert!(run.ended >= ms(wait) && run.ended <= most, "{:?}", run.ended);
    }
}

#[test]
fn prefix_that_is_too_large_is_left_out_and_said() {
    for (length, count) in [(64, None), (111, None), (112, Some(1 << 16)), (128, Some(1))] {
        assert_eq!(Prefix::new(ip(GLOBAL), length).count(), count, "/{length}");
    }
    let ports = vec![Port { targets: vec![Prefix::new(ip(GLOBAL), 64)], ..port() }];
    let mut engine = Discovery::new(Config { ports, ways: Ways::NONE, ..config() }, Instant::ZERO);
    assert_eq!(run(&mut engine, &[]).sent.len(), 0);
    assert_eq!(engine.summary().incomplete, 1);
}

#[test]
fn port_without_addresses_asks_nothing_and_makes_none_up() {
    let targets = vec![Prefix::new(ip("2001:db8::"), 120)];
    let ports = vec![Port { targets, addresses: Vec::new(), ..port() }];
    let mut engine = Discovery::new(Config { ports, ..config() }, Instant::ZERO);
    assert_eq!(run(&mut engine, &[]).sent.len(), 0);
    assert_eq!(engine.summary().incomplete, 1);
}

fn heard(source: Mac, packet: Packet<'_>) -> (Discovery, Vec<Event>) {
    let mut engine = Discovery::new(config(), Instant::ZERO);
    hear(&mut engine, Instant::ZERO, &framed(source, packet, None));
    let events = std::iter::from_fn(|| engine.poll_event()).collect();
    (engine, events)
}

fn from(source: &str, message: Message<'static>) -> Packet<'static> {
    Packet { source: ip(source), destination: ALL_NODES, hop_limit: 255, message }
}

#[test]
fn who_speaks_unasked_is_there() {
    let target = ip(GLOBAL);
    for message in [
        Message::Solicitation { target, mac: Some(mac(7)) },
        Message::RouterAdvertisement { mac: Some(mac(7)), lifetime: 1800 },
        Message::RouterSolicitation { mac: None },
        Message::ListenerReport { icmp_type: 143 },
        advertisement(ip("fe80::7"), mac(7), true),
    ] {
        let (_, events) = heard(mac(7), from("fe80::7", message));
        assert_eq!(hosts(&events), [(ip("fe80::7").into(), mac(7))], "{message:?}");
    }
}

#[test]
fn who_looks_for_duplicates_is_overheard_once() {
    let solicitation = Message::Solicitation { target: ip("2001:db8::7"), mac: None };
    let (mut engine, events) = heard(mac(7), from("::", solicitation));
    assert!(matches!(&events[..], [Event::Overheard(host)] if host.mac == mac(7)));
    hear(&mut engine, Instant::ZERO, &framed(mac(7), from("::", solicitation), None));
    assert!(engine.poll_event().is_none());
}

#[test]
fn what_may_be_from_another_link_is_not_believed() {
    let id = EchoId { ident: 0x1234, seq: 0 };
    for packet in [
        from("2001:db8:ffff::7", Message::EchoReply(id, b"guessed!")),
        from("2001:db8::7", Message::ParameterProblem { code: 2, quoted: b"nothing of ours" }),
        from("2001:db8::7", Message::ListenerReport { icmp_type: 143 }),
        Packet { hop_limit: 64, ..from("fe80::7", advertisement(ip(GLOBAL), mac(7), true)) },
    ] {
        assert_eq!(heard(mac(7), packet).1, [], "{packet:?}");
    }
}

#[test]
fn our_own_frames_and_those_of_other_networks_are_nothing() {
    let packet = from("fe80::7", advertisement(ip("fe80::7"), mac(7), true));
    assert_eq!(heard(OURS, packet).1, []);
    let mut engine = Discovery::new(config(), Instant::ZERO);
    hear(&mut engine, Instant::ZERO, &framed(mac(7), packet, Some(9)));
    assert_eq!(engine.poll_event(), None, "another VLAN's");
    hear(&mut engine, Instant::ZERO, &framed(mac(7), packet, Some(0x6000)));
    assert!(engine.poll_event().is_some(), "a tag of priority alone");
}

#[test]
fn second_link_layer_address_is_a_conflict_unless_it_says_that_it_may_be() {
    let near = ip("fe80::7");
    let (mut engine, _) = heard(mac(7), from("fe80::7", advertisement(near, mac(7), true)));
    for (last, is_override, count) in [(8, false, 0), (7, true, 0), (8, true, 1), (8, true, 0)] {
        let packet = from("fe80::7", advertisement(near, mac(last), is_override));
        hear(&mut engine, Instant::ZERO, &framed(mac(last), packet, None));
        let events: Vec<_> = std::iter::from_fn(|| engine.poll_event()).collect();
        assert_eq!(findings(&events).len(), count, "{events:?}");
        assert!(hosts(&events).is_empty());
    }
    let own = from("fe80::7", advertisement(ip(GLOBAL), mac(9), true));
    let (_, events) = heard(mac(9), own);
    let finding = Finding::OwnAddress { port: 0, address: ip(GLOBAL).into(), mac: mac(9) };
    assert_eq!(findings(&events), [&finding]);
    let (_, events) = heard(mac(9), from("fe80::7", advertisement(near, mac(7), true)));
    assert!(matches!(findings(&events)[..], [Finding::Mismatch { .. }]));
}

#[test]
fn strangers_that_make_up_addresses_are_forgotten_and_not_without_end() {
    let mut engine = Discovery::new(Config { ways: Ways::NONE, ..config() }, Instant::ZERO);
    for n in 0..70_000_u32 {
        let address = Ipv6Addr::from_bits(ip("fe80::").to_bits() | u128::from(n + 2));
        let packet = Packet { source: address, ..from("::", advertisement(address, mac(7), true)) };
        hear(&mut engine, Instant::ZERO, &framed(mac(7), packet, None));
        while engine.poll_event().is_some() {}
    }
    assert_eq!(engine.summary().responded, 1 << 16);
    assert_eq!(engine.summary().forgotten, 70_000 - (1 << 16));
}

#[test]
fn frames_cut_short_or_of_nothing_are_counted_at_most() {
    let whole = framed(mac(7), from("fe80::7", advertisement(ip("fe80::7"), mac(7), true)), None);
    let mut engine = Discovery::new(config(), Instant::ZERO);
    for end in 0..whole.len() {
        hear(&mut engine, Instant::ZERO, &whole[..end]);
    }
    let mut state = 1_u64;
    for length in 0..2_000 {
        let mut octets = whole[..54].to_vec();
        octets.extend((0..length % 90).map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            state.to_be_bytes()[0]
        }));
        hear(&mut engine, Instant::ZERO, &octets);
    }
    assert_eq!(engine.poll_event(), None);
    assert!(engine.summary().strange > 2_000);
}

#[test]
fn lack_of_room_makes_it_wait_and_a_lost_link_ends_it() {
    let mut engine = Discovery::new(config(), Instant::ZERO);
    let (mut contents, now) = (Vec::new(), Instant::ZERO);
    let transmit = engine.poll_transmit(now, &mut contents).unwrap();
    for wait in [5, 10, 20, 40, 80, 100, 100] {
        engine.handle_unsent(now, &transmit, &io::Error::from_raw_os_error(105));
        assert_eq!(engine.next_timeout(), Some(now + ms(wait)));
    }
    engine.handle_unsent(now, &transmit, &io::Error::from_raw_os_error(100));
    assert_eq!(run(&mut engine, &[]).sent.len(), 0, "nothing more by a link that is gone");
    assert_eq!((engine.summary().unsent, engine.summary().incomplete), (8, 1));
}

#[test]
fn stop_is_an_end_at_once() {
    let mut engine = Discovery::new(config(), Instant::ZERO);
    engine.handle_stop(Instant::ZERO);
    assert!(engine.is_finished() && engine.summary().incomplete == 1);
}

#[test]
fn own_addresses_are_told_where_they_are_wanted() {
    let engine = Discovery::new(Config { own: true, ..config() }, Instant::ZERO);
    let own = engine.events.iter().filter(|event| {
        matches!(event, Event::Host(host) if host.source == Source::Own && host.mac == OURS)
    });
    assert_eq!(own.count(), 2);
}

fn scan() -> Scan {
    let span = segment::Span::one([192, 0, 2, 7].into());
    let targets = segment::Targets::from_iter([span]);
    let port = segment::Port { mac: OURS, targets, ..segment::Port::default() };
    let timeout = ms(100);
    let config = segment::Config { ports: vec![port], tries: 1, timeout, ..Default::default() };
    Scan::new(config, Instant::ZERO)
}

#[test]
fn both_families_have_one_start_and_one_summary() {
    for scan in [None, Some(scan())] {
        let is_alone = scan.is_none();
        let mut engine = Both::new(scan, Discovery::new(config(), Instant::ZERO));
        let machine = Machine { echoes: true, ..machine(7, &BOTH) };
        let run = run(&mut engine, &[machine]);
        let starts = run.events.iter().filter(|event| matches!(event, Event::Start { .. }));
        assert_eq!(starts.count(), 1);
        let Some((Event::Summary(summary), before)) = run.events.split_last() else { panic!() };
        assert!(!before.iter().any(|event| matches!(event, Event::Summary(_))));
        assert_eq!((summary.sent, summary.responded), (u64::from(!is_alone), 0));
        assert_eq!(summary.ipv6.as_ref().map(|ipv6| ipv6.responded), Some(2));
        assert_eq!(hosts(&run.events), both(7));
    }
}

#[test]
fn hosts_of_the_scan_are_guesses() {
    let mut engine = Both::new(
        Some(scan()),
        Discovery::new(
            Config { ways: Ways { guesses: true, ..Ways::NONE }, ..config() },
            Instant::ZERO,
        ),
    );
    let reply = arp_reply(mac(7));
    let mut contents = Vec::new();
    while engine.poll_transmit(Instant::ZERO, &mut contents).is_some() {}
    hear(&mut engine, Instant::ZERO + ms(1), &reply);
    let known = link_local(mac(7)).to_string();
    let machine = Machine { advertises: true, ..machine(7, &[&known]) };
    let run = run(&mut engine, &[machine]);
    let found = hosts(&run.events);
    assert_eq!(found.last(), Some(&(link_local(mac(7)).into(), mac(7))), "{found:?}");
    assert_eq!(found.len(), 2, "the one by ARP, and its own by IPv6");
}

fn arp_reply(from: Mac) -> Vec<u8> {
    use wireline_packet::arp::{End, Header, Message, operation};
    let (mut payload, mut out) = (Vec::new(), Vec::new());
    let end = |mac, last| End { mac, address: [192, 0, 2, last].into() };
    let (sender, target) = (end(from, 7), end(OURS, 1));
    let header = Header::ipv4(operation::REPLY);
    Message { header, sender, target, rest: &[] }.emit(&mut payload);
    let (framing, protocol) = (Framing::Ethernet2, ethertype::ARP);
    let frame =
        Frame { destination: OURS, source: from, tag: None, framing, protocol, payload: &payload };
    frame.emit(&mut out);
    out
}

#[test]
fn stop_of_both_tells_what_is_known() {
    let mut engine = Both::new(None, Discovery::new(config(), Instant::ZERO));
    assert!(matches!(engine.poll_event(), Some(Event::Start { .. })));
    engine.handle_stop(Instant::ZERO);
    let Some(Event::Summary(summary)) = engine.poll_event() else { panic!("no summary") };
    assert_eq!(summary.stopped, Some(Stopped::Asked));
    assert!(engine.is_finished());
}
