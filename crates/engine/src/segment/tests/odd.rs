//! Frames that make no sense, and such as come by other ways.

use wireline_packet::Mac;
use wireline_packet::arp::{End, operation};

use super::world::{OURS, drain, heard, mac_of, said};
use super::*;

fn address(last: u8) -> Ipv4Addr {
    Ipv4Addr::new(192, 0, 2, last)
}

fn answer() -> Vec<u8> {
    let sender = End { mac: mac_of(1), address: address(1) };
    let target = End { mac: OURS, address: Ipv4Addr::new(198, 51, 100, 1) };
    said(operation::REPLY, sender, target, OURS)
}

fn asked() -> Scan {
    let mut scan = Scan::new(config("192.0.2.0", 30), Instant::ZERO);
    scan.poll_transmit(Instant::ZERO, &mut Vec::new()).unwrap();
    drain(&mut scan);
    scan
}

#[test]
fn frame_cut_anywhere_is_counted_and_nothing_else() {
    let whole = answer();
    for end in 0..42 {
        let mut scan = asked();
        scan.handle_reply(Instant::from_millis(1), heard(&whole[..end]));
        assert!(drain(&mut scan).is_empty(), "{end}");
        assert_eq!((scan.summary.received, scan.summary.strange), (1, 1), "{end}");
    }
    let mut scan = asked();
    scan.handle_reply(Instant::from_millis(1), heard(&whole[..42]));
    assert!(matches!(drain(&mut scan)[..], [Event::Host(_)]));
}

#[test]
fn tags_and_llc_cut_anywhere_make_no_trouble() {
    let whole = answer();
    let mut frame = whole[..12].to_vec();
    frame.extend([0x81, 0, 0, 5, 0x81, 0, 0, 6, 0, 0x24, 0xaa, 0xaa, 3, 0, 0, 0]);
    frame.extend_from_slice(&whole[12..]);
    for end in 0..=frame.len() {
        asked().handle_reply(Instant::from_millis(1), heard(&frame[..end]));
    }
    let mut scan = asked();
    scan.handle_reply(Instant::from_millis(1), heard(&frame));
    let events = drain(&mut scan);
    let [Event::Host(host)] = &events[..] else { panic!("{events:?}") };
    assert_eq!(host.heard.vlan, Some(5));
    assert_eq!(host.heard.framing, wireline_packet::ethernet::Framing::Snap);
}

#[test]
fn lengths_that_lie_and_unknown_operations_are_strange() {
    for (at, value) in [(18, 0), (18, 255), (19, 0), (19, 16), (20, 1), (21, 0), (21, 3), (21, 255)]
    {
        let mut frame = answer();
        frame[at] = value;
        let mut scan = asked();
        scan.handle_reply(Instant::from_millis(1), heard(&frame));
        assert_eq!((scan.summary.strange, drain(&mut scan).len()), (1, 0), "{at}: {value}");
    }
}

#[test]
fn every_octet_may_have_every_value() {
    let whole = answer();
    for accept in [Accept::Replies, Accept::Anything] {
        let config = Config { accept, ..config("192.0.2.0", 30) };
        let mut scan = Scan::new(config, Instant::ZERO);
        for at in 0..whole.len() {
            for value in 0..=255 {
                let mut frame = whole.clone();
                frame[at] = value;
                scan.handle_reply(Instant::from_millis(1), heard(&frame));
            }
        }
        scan.handle_stop(Instant::from_millis(2));
        assert!(drain(&mut scan).len() < 3_000);
    }
}

#[test]
fn other_protocols_are_not_ours_to_look_at() {
    let mut frame = answer();
    frame[12..14].copy_from_slice(&[0x86, 0xdd]);
    let mut scan = asked();
    scan.handle_reply(Instant::from_millis(1), heard(&frame));
    assert_eq!((scan.summary.received, scan.summary.strange), (0, 0));
}

#[test]
fn what_a_frame_tells_beside_is_told() {
    let mut frame = answer();
    frame[16..18].copy_from_slice(&[0x10, 0]);
    let last = frame.len() - 1;
    frame[last] = 7;
    let mut scan = asked();
    scan.handle_reply(Instant::from_millis(1), heard(&frame));
    let events = drain(&mut scan);
    let [Event::Host(host)] = &events[..] else { panic!("{events:?}") };
    assert_eq!((host.heard.protocol, host.heard.padding.len()), (0x1000, 18));
    assert_eq!(host.heard.padding[17], 7);
}

/// 192.0.2.0/30, of which 192.0.2.1 speaks before it is asked, and answers as `mac`.
fn early(accept: Accept, mac: Mac) -> Run {
    let config = Config { accept, pace: Pace::Every(ms(200)), ..config("192.0.2.0", 30) };
    World::new(move |host, _| if host == 1 { vec![reply_from(ms(1)).by(mac)] } else { vec![] })
        .with_unasked(ms(0), answer())
        .run(config)
}

#[test]
fn host_that_answers_before_it_is_asked_is_asked_even_so() {
    let run = early(Accept::Replies, mac_of(1));
    let host = run.hosts().next().unwrap();
    assert_eq!((host.attempt, host.rtt, run.hosts().count()), (0, None, 1));
    assert_eq!((run.summary().responded, run.summary().repeated), (1, 0));
    assert_eq!(run.asked, [0, 1, 2, 3, 0, 2, 3]);
    assert!(run.findings().is_empty());
}

#[test]
fn who_answers_for_another_before_it_is_asked_is_found_out() {
    let run = early(Accept::Replies, mac_of(9));
    let macs = vec![mac_of(1), mac_of(9)];
    assert_eq!(run.findings(), [&Finding::Conflict { port: 0, address: address(1).into(), macs }]);
    assert_eq!((run.hosts().count(), run.summary().repeated), (2, 1));
}

#[test]
fn arp_scans_way_is_to_ask_nobody_who_answered() {
    let run = early(Accept::Anything, mac_of(9));
    assert_eq!((run.hosts().count(), run.summary().responded), (1, 1));
    assert!(!run.asked.contains(&1) && run.asked.len() == 6);
}

#[test]
fn late_answer_of_one_that_was_given_up_counts() {
    let late = |host, tries| match (host, tries) {
        (0, 1) => vec![reply_from(ms(1))],
        (1, 2) => vec![reply_from(ms(240))],
        (2, _) => vec![reply_from(ms(150))],
        _ => vec![],
    };
    let config = Config {
        patience: Patience::Fixed,
        timeout: ms(200),
        backoff: 1.0,
        ..config("192.0.2.0", 30)
    };
    let run = World::new(late).run(config);
    assert_eq!(run.summary().responded, 2, "after 400 ms nobody listens");
    let config = Config {
        patience: Patience::Fixed,
        timeout: ms(200),
        backoff: 1.0,
        pace: Pace::Every(ms(50)),
        ..world::config("192.0.2.0", 30)
    };
    let run = World::new(late).run(config);
    assert_eq!((run.summary().responded, run.summary().incomplete), (3, 0));
}

#[test]
fn answers_belong_to_the_port_of_their_interface_and_vlan() {
    let mut config = config("192.0.2.0", 30);
    let port = config.ports[0].clone();
    config.ports.push(Port { vlan: Some(7), ..port.clone() });
    config.ports.push(Port { flow: 1, vlan: Some(7), ..port.clone() });
    let mut scan = Scan::new(config, Instant::ZERO);
    drain(&mut scan);
    let tagged = |vlan: u8| {
        let mut frame = answer();
        frame.splice(12..12, [0x81, 0, 0, vlan]);
        frame
    };
    for (flow, frame, port) in [
        (0, answer(), 0),
        (0, tagged(7), 1),
        (1, tagged(7), 2),
        (1, answer(), 2),
        (0, tagged(0), 0),
        (0, tagged(9), 0),
    ] {
        scan.handle_reply(Instant::from_millis(1), Reply { flow, ..heard(&frame) });
        let events = drain(&mut scan);
        let [Event::Host(host)] = &events[..] else { panic!("{events:?}") };
        assert_eq!(host.port, port, "{flow}");
    }
    scan.handle_reply(Instant::from_millis(1), Reply { flow: 2, ..heard(&answer()) });
    assert!(drain(&mut scan).is_empty());
}

#[test]
fn each_port_asks_with_its_own_addresses() {
    let mut config = config("192.0.2.0", 31);
    let mac = Mac([2, 0, 0x5e, 0, 0x53, 2]);
    config.ports.push(Port {
        flow: 4,
        vlan: Some(9),
        mac,
        address: None,
        ..config.ports[0].clone()
    });
    let mut scan = Scan::new(Config { pace: Pace::Every(ms(0)), ..config }, Instant::ZERO);
    let (mut contents, mut seen) = (Vec::new(), Vec::new());
    while let Some(transmit) = scan.poll_transmit(Instant::ZERO, &mut contents) {
        seen.push((transmit.flow, contents.len(), contents[11]));
        assert_eq!(transmit.destination, NOBODY);
    }
    assert_eq!(seen, [(0, 42, 0xff), (0, 42, 0xff), (4, 46, 2), (4, 46, 2)]);
}

#[test]
fn strangers_without_end_take_no_endless_memory() {
    let mut scan = asked();
    let mut events = 0;
    for n in 0..20_000_u32 {
        let sender = End { mac: mac_of(n), address: (0x0a00_0000 + n).into() };
        let frame = said(operation::REQUEST, sender, sender, Mac::BROADCAST);
        scan.handle_reply(Instant::from_millis(1), heard(&frame));
        events += drain(&mut scan).len();
    }
    assert_eq!((events, scan.summary.overheard), (4_096, 4_096));
    assert_eq!(scan.summary.forgotten, 20_000 - 4_096);
}
