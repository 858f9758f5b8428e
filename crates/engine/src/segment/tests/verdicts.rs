//! What is made of answers that do not fit together.

use std::net::IpAddr;

use wireline_packet::Mac;
use wireline_packet::arp::{End, operation};

use super::world::{OURS, mac_of, said};
use super::*;

const OTHER: Mac = Mac([2, 0, 0x5e, 0, 0x53, 0x66]);

fn address(last: u8) -> Ipv4Addr {
    Ipv4Addr::new(192, 0, 2, last)
}

#[test]
fn second_claimant_is_heard_though_it_is_late() {
    let two = |host, _| match host {
        0 => vec![reply_from(ms(1)), reply_from(ms(4)).by(OTHER)],
        _ => vec![],
    };
    for linger in [Linger::BRIEF, Linger::FULL] {
        let run = World::new(two).run(Config { linger, ..config("192.0.2.7", 32) });
        let macs = vec![mac_of(0), OTHER];
        let conflict = Finding::Conflict { port: 0, address: address(7).into(), macs };
        assert_eq!(run.findings(), [&conflict]);
        assert_eq!(run.hosts().map(|host| host.answers).collect::<Vec<_>>(), [1, 2]);
        assert_eq!((run.summary().responded, run.summary().repeated), (1, 1));
    }
    let run = World::new(two).run(Config { linger: Linger::NONE, ..config("192.0.2.7", 32) });
    assert!(run.findings().is_empty(), "arp-scan's way");
}

#[test]
fn harmless_repeats_are_no_conflict_and_three_of_them_are_events() {
    let chatty = |_, _| (1..=9).map(|n| reply_from(ms(n))).collect();
    let run = World::new(chatty).run(config("192.0.2.7", 32));
    assert!(run.findings().is_empty());
    assert_eq!(run.hosts().map(|host| host.answers).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert_eq!(run.summary().repeated, 8);

    let all = Config { repeats: u64::MAX, ..config("192.0.2.7", 32) };
    assert_eq!(World::new(chatty).run(all).hosts().count(), 9);
    let none = Config { repeats: 0, ..config("192.0.2.7", 32) };
    assert_eq!(World::new(chatty).run(none).hosts().count(), 1);
}

#[test]
fn storm_is_counted_whole_and_told_once() {
    let storm = |host, _| match host {
        1 => (0..150_000).map(|n| reply_from(Duration::from_micros(n))).collect(),
        _ => vec![reply_from(ms(1))],
    };
    let run = World::new(storm).run(config("192.0.2.0", 30));
    let summary = run.summary();
    assert_eq!((summary.responded, summary.repeated), (4, 149_999));
    assert!(run.events.len() < 20, "{}", run.events.len());
    let (address, mac) = (address(1).into(), mac_of(1));
    assert_eq!(run.findings(), [&Finding::Storm { port: 0, address, mac, answers: 150_000 }]);
}

#[test]
fn storm_of_ever_new_claimants_is_bounded() {
    let storm = |_, _| {
        let mac =
            |n: u32| Mac([2, 1, 0, n.to_be_bytes()[1], n.to_be_bytes()[2], n.to_be_bytes()[3]]);
        (0..150_000).map(|n| reply_from(ms(1)).by(mac(n))).collect()
    };
    let run = World::new(storm).run(config("192.0.2.7", 32));
    assert_eq!(run.summary().repeated, 149_999);
    assert!(run.events.len() < 20, "{}", run.events.len());
    let conflicts = run.findings().into_iter().filter_map(|finding| match finding {
        Finding::Conflict { macs, .. } => Some(macs.len()),
        _ => None,
    });
    assert_eq!(conflicts.collect::<Vec<_>>(), [2, 3, 4, 5]);
}

#[test]
fn one_that_answers_for_many_is_a_proxy() {
    let proxy = |host, _| match host {
        0..20 => vec![reply_from(ms(1)).by(OTHER)],
        20..100 => vec![reply_from(ms(1))],
        _ => vec![],
    };
    let run = World::new(proxy).run(config("192.0.2.0", 24));
    let finding = Finding::ProxyArp { port: 0, mac: OTHER, addresses: 20, outside: 0 };
    assert_eq!(run.findings(), [&finding]);
}

#[test]
fn proxy_is_counted_where_hosts_answered_first_too() {
    let proxy = |_, _| vec![reply_from(ms(1)), reply_from(ms(2)).by(OTHER)];
    let run = World::new(proxy).run(config("192.0.2.0", 27));
    let proxy = Finding::ProxyArp { port: 0, mac: OTHER, addresses: 32, outside: 0 };
    assert!(run.findings().contains(&&proxy));
    let is_conflict = |finding: &&&Finding| matches!(finding, Finding::Conflict { .. });
    assert_eq!(run.findings().iter().filter(is_conflict).count(), 32);
}

#[test]
fn one_that_answers_for_another_network_as_well_is_a_proxy() {
    let answers = |by: Mac| {
        move |host, _| match host {
            0 => vec![reply_from(ms(1)).by(OTHER)],
            1 => vec![reply_from(ms(1)).by(by)],
            _ => vec![],
        }
    };
    let mut config = config("192.0.2.0", 31);
    config.ports[0].networks = vec![Span::one(address(0))];
    let run = World::new(answers(OTHER)).run(config.clone());
    let proxy = Finding::ProxyArp { port: 0, mac: OTHER, addresses: 2, outside: 1 };
    assert_eq!(run.findings(), [&proxy]);
    let run = World::new(answers(mac_of(1))).run(config.clone());
    assert!(run.findings().is_empty(), "a second network on the same wire");
    config.ports[0].gateways = vec![Gateway { address: address(9), mac: Some(mac_of(1)) }];
    let run = World::new(answers(mac_of(1))).run(config);
    assert!(matches!(run.findings()[..], [Finding::ProxyArp { addresses: 1, outside: 1, .. }]));
}

#[test]
fn shared_addresses_are_named_and_may_come_from_another_card() {
    let vrrp = Mac([0, 0, 0x5e, 0, 1, 7]);
    let router = move |_, _| vec![reply_from(ms(1)).by(vrrp).on_a_frame_of(OTHER)];
    let run = World::new(router).run(config("192.0.2.7", 32));
    assert_eq!(
        run.findings(),
        [&Finding::Virtual { port: 0, address: address(7).into(), mac: vrrp }]
    );
    assert_eq!(run.hosts().next().unwrap().kind, MacKind::Vrrp(7));
}

#[test]
fn frame_from_another_than_it_says_is_told_once() {
    let odd = |_, _| vec![reply_from(ms(1)).on_a_frame_of(OTHER); 3];
    let run = World::new(odd).run(config("192.0.2.7", 32));
    let (address, mac, frame_mac) = (address(7).into(), mac_of(0), OTHER);
    assert_eq!(run.findings(), [&Finding::Mismatch { port: 0, address, mac, frame_mac }]);
}

#[test]
fn gateway_that_is_another_is_told() {
    let mut config = config("192.0.2.0", 30);
    config.ports[0].gateways = vec![
        Gateway { address: address(1), mac: Some(OTHER) },
        Gateway { address: address(2), mac: Some(mac_of(2)) },
        Gateway { address: address(3), mac: None },
    ];
    let run = World::new(|_, _| vec![reply_from(ms(1)); 3]).run(config);
    let (address, was, mac) = (address(1).into(), OTHER, mac_of(1));
    assert_eq!(run.findings(), [&Finding::GatewayChanged { port: 0, address, was, mac }]);
}

#[test]
fn somebody_else_with_an_own_address_is_told() {
    for own in [true, false] {
        let mut config = Config { own, ..config("192.0.2.0", 30) };
        config.ports[0].own = vec![address(1)];
        let run = World::new(|_, _| vec![reply_from(ms(1))]).run(config);
        let (address, mac) = (address(1).into(), mac_of(1));
        assert_eq!(run.findings(), [&Finding::OwnAddress { port: 0, address, mac }]);
    }
}

/// What is heard of `sender` while 192.0.2.0/30 is scanned, of which nobody answers but `host`.
fn with_unasked(frame: Vec<u8>, host: u32) -> Run {
    let answers = move |asked, _| if asked == host { vec![reply_from(ms(20))] } else { vec![] };
    World::new(answers).with_unasked(ms(10), frame).run(config("192.0.2.0", 30))
}

fn overheard(run: &Run) -> Vec<(IpAddr, Mac, Source)> {
    let heard = run.events.iter().filter_map(|event| match event {
        Event::Overheard(host) => Some((host.address, host.mac, host.source)),
        _ => None,
    });
    heard.collect()
}

#[test]
fn requests_and_announcements_are_overheard_and_no_answers() {
    let own = |address| End { mac: OTHER, address };
    let none = |address| End { mac: Mac::ZERO, address };
    let target = Ipv4Addr::from([192, 0, 2, 1]);
    for (operation, about, source) in [
        (operation::REQUEST, address(9), Source::Request),
        (operation::REQUEST, target, Source::Announcement),
        (operation::REPLY, target, Source::Announcement),
    ] {
        let frame = said(operation, own(target), none(about), Mac::BROADCAST);
        let run = with_unasked(frame, 2);
        assert_eq!(overheard(&run), [(target.into(), OTHER, source)]);
        let summary = run.summary();
        assert_eq!((summary.responded, summary.overheard, summary.sent), (1, 1, 7));
        assert!(run.findings().is_empty());
    }
}

#[test]
fn claim_that_is_overheard_before_the_answer_is_a_conflict() {
    let sender = End { mac: OTHER, address: address(1) };
    let run = with_unasked(said(operation::REQUEST, sender, sender, Mac::BROADCAST), 1);
    let macs = vec![mac_of(1), OTHER];
    assert_eq!(run.findings(), [&Finding::Conflict { port: 0, address: address(1).into(), macs }]);
}

#[test]
fn claim_that_is_overheard_after_the_answer_is_a_conflict() {
    let sender = End { mac: OTHER, address: address(1) };
    let frame = said(operation::REQUEST, sender, sender, Mac::BROADCAST);
    let run = World::new(|_, _| vec![reply_from(ms(1))])
        .with_unasked(ms(50), frame)
        .run(config("192.0.2.0", 30));
    assert!(matches!(run.findings()[..], [Finding::Conflict { .. }]));
}

#[test]
fn replies_to_others_are_overheard() {
    let sender = End { mac: OTHER, address: address(77) };
    let target = End { mac: mac_of(5), address: address(5) };
    let run = with_unasked(said(operation::REPLY, sender, target, mac_of(5)), 1);
    assert_eq!(overheard(&run), [(address(77).into(), OTHER, Source::Reply)]);
}

#[test]
fn arp_scans_way_is_to_take_anything_for_an_answer() {
    let sender = End { mac: OTHER, address: address(1) };
    let frame = said(operation::REQUEST, sender, sender, Mac::BROADCAST);
    let mut odd = frame.clone();
    odd[18] = 8;
    for frame in [frame, odd] {
        let config = Config { accept: Accept::Anything, ..config("192.0.2.0", 30) };
        let run = World::new(|_, _| vec![]).with_unasked(ms(10), frame).run(config);
        assert_eq!((run.summary().responded, run.summary().strange), (1, 0));
        assert_eq!(run.hosts().next().unwrap().source, Source::Announcement);
    }
}

#[test]
fn own_request_that_comes_back_is_nobody() {
    let sender = End { mac: OURS, address: address(1) };
    let run = with_unasked(said(operation::REQUEST, sender, sender, Mac::BROADCAST), 2);
    assert_eq!((run.summary().responded, run.summary().overheard), (1, 0));
}
