//! What is lost on the way, by this machine or by the segment.

use super::*;

/// A number that looks drawn, of two others.
fn drawn(a: u32, b: u32) -> u32 {
    let mixed = (u64::from(a) << 32 | u64::from(b)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    u32::try_from(mixed >> 40).unwrap() % 1000
}

#[test]
fn one_in_twenty_lost_is_asked_for_until_none_is_missed() {
    let lossy =
        |host, tries| if drawn(host, tries) < 50 { vec![] } else { vec![reply_from(ms(2))] };
    let run = World::new(lossy).run(config("198.18.0.0", 18));
    let summary = run.summary();
    assert_eq!((summary.responded, summary.incomplete), (16_384, 0));
    assert!((700..950).contains(&summary.regained), "{}", summary.regained);
    assert_eq!(summary.retried, summary.sent - 16_384);
    assert!(summary.retried < 1_000, "only those that were lost: {}", summary.retried);
    assert!(run.ended_at < ms(12_000), "{:?}", run.ended_at);
}

#[test]
fn tries_that_somebody_asked_for_are_kept_even_so() {
    let lossy =
        |host, tries| if drawn(host, tries) < 50 { vec![] } else { vec![reply_from(ms(2))] };
    let config = Config { extra_tries: 0, ..config("198.18.0.0", 18) };
    let run = World::new(lossy).run(config);
    let missed = 16_384 - run.summary().responded;
    assert!((20..70).contains(&missed), "{missed}");
    // It is not known whom, but about how many.
    assert!(run.summary().incomplete.abs_diff(missed) < 20, "{}", run.summary().incomplete);
    assert!(run.events.iter().all(|event| *event != Event::Pass { pass: 3 }));
}

#[test]
fn hosts_that_sleep_are_asked_once_more_than_wakes_them() {
    let sleepy = |host, tries| match host {
        0..8 => vec![reply_from(ms(5))],
        8..16 if tries > 1 => vec![reply_from(ms(5))],
        _ => vec![],
    };
    let run = World::new(sleepy).run(config("192.0.2.0", 24));
    let summary = run.summary();
    assert_eq!((summary.responded, summary.regained, summary.incomplete), (16, 8, 0));
    assert_eq!(summary.sent, 256 + 248 + 240);
    assert!(run.ended_at < ms(1300), "{:?}", run.ended_at);
}

#[test]
fn machine_without_room_loses_nothing() {
    // Nothing leaves for 30 ms, and then each 500th request finds no room.
    let refuse = |number: u64, now: Instant| {
        let is_full = now < Instant::from_millis(30) || (number > 0 && number.is_multiple_of(500));
        is_full.then_some(105)
    };
    let mut last = u64::MAX;
    let once = move |number, now| {
        refuse(number, now).filter(|_| {
            now < Instant::from_millis(30) || std::mem::replace(&mut last, number) != number
        })
    };
    let run =
        World::new(|_, _| vec![reply_from(ms(1))]).refusing(once).run(config("198.18.0.0", 20));
    let summary = run.summary();
    assert_eq!((summary.responded, summary.sent, summary.retried), (4_096, 4_096, 0));
    assert_eq!((summary.incomplete, &summary.stopped), (0, &None));
    assert!(summary.unsent >= 10, "{}", summary.unsent);
    assert!(run.sent_at[0] >= ms(30));
}

#[test]
fn machine_without_room_for_fast_requests_is_asked_slower() {
    // 50,000 a second is what goes.
    let mut room = 256.0;
    let mut before = Instant::ZERO;
    let refuse = move |_, now: Instant| {
        room = f64::min(256.0, room + (now - before).as_secs_f64() * 50_000.0);
        before = now;
        if room < 1.0 {
            return Some(105);
        }
        room -= 1.0;
        None
    };
    let config = Config { pace: Pace::FAST, patience: Patience::BRIEF, ..config("198.18.0.0", 18) };
    let us = Duration::from_micros;
    let run = World::new(move |_, _| vec![reply_from(us(100))])
        .at_a_cost_of(us(1))
        .refusing(refuse)
        .run(config);
    let summary = run.summary();
    assert_eq!((summary.responded, summary.sent, summary.retried), (16_384, 16_384, 0));
    assert!(summary.rate < 200_000, "{}", summary.rate);
    assert!(summary.unsent < 16_384 / 4, "{}", summary.unsent);
    assert!(run.ended_at < ms(4_000), "{:?}", run.ended_at);
}

#[test]
fn machine_that_never_has_room_ends_the_scan_after_as_many_tries_as_it_was_given() {
    let config = Config { send_tries: 4, ..config("192.0.2.0", 24) };
    let run = World::new(|_, _| vec![]).refusing(|_, _| Some(105)).run(config);
    let summary = run.summary();
    let why = "No buffer space available".to_owned();
    assert_eq!(summary.stopped, Some(Stopped::Unsent { port: 0, why }));
    assert_eq!((summary.sent, summary.incomplete, summary.responded), (0, 256, 0));
    assert_eq!(run.ended_at, ms(5 + 10 + 20), "the fourth refusal is the last");
}

#[test]
fn link_that_goes_down_ends_the_scan_with_what_is_known() {
    let run =
        World::new(|_, _| vec![reply_from(ms(1))]).down_at(ms(50)).run(config("192.0.2.0", 24));
    let summary = run.summary();
    let why = "Network is down".to_owned();
    assert_eq!(summary.stopped, Some(Stopped::Unsent { port: 0, why }));
    assert_eq!((run.ended_at, summary.took), (ms(50), ms(50)));
    assert!((90..110).contains(&summary.responded), "{}", summary.responded);
    assert!(summary.incomplete >= 256 - 110 && summary.incomplete <= 256 - summary.responded);
}

#[test]
fn link_that_is_down_for_requests_ends_the_scan_too() {
    let down = |number, _| (number >= 100).then_some(100);
    let run =
        World::new(|_, _| vec![reply_from(ms(1))]).refusing(down).run(config("192.0.2.0", 24));
    let summary = run.summary();
    assert!(matches!(summary.stopped, Some(Stopped::Unsent { port: 0, .. })));
    assert_eq!(summary.sent, 100);
    assert!(summary.incomplete >= 156, "{}", summary.incomplete);
}

#[test]
fn other_ports_go_on_when_one_is_down() {
    let mut config = config("192.0.2.0", 28);
    let other = Port { flow: 1, ..config.ports[0].clone() };
    config.ports.push(other);
    let mut scan = Scan::new(config, Instant::ZERO);
    let (mut now, mut contents, mut flows) = (Instant::ZERO, Vec::new(), Vec::new());
    while !scan.is_finished() {
        while let Some(transmit) = scan.poll_transmit(now, &mut contents) {
            if transmit.flow == 0 {
                scan.handle_unsent(now, &transmit, &io::Error::from_raw_os_error(19));
            } else {
                flows.push(transmit.flow);
                let answer = world::answer(&contents, world::mac_of(3));
                scan.handle_reply(now, Reply { flow: 1, ..world::heard(&answer) });
            }
        }
        if let Some(Event::Summary(summary)) = world::drain(&mut scan).last() {
            assert_eq!((summary.hosts, summary.responded, summary.incomplete), (32, 16, 16));
            let why = "No such device".to_owned();
            assert_eq!(summary.stopped, Some(Stopped::Unsent { port: 0, why }));
        }
        now = scan.next_timeout().unwrap_or(now).max(now);
        scan.handle_timeout(now);
    }
    assert_eq!(flows, [1; 16]);
}

#[test]
fn answers_that_the_kernel_dropped_are_asked_for_again() {
    // Forty answers fit between two looks, and half of the hosts answer.
    let half = |host: u32, _| if host.is_multiple_of(2) { vec![reply_from(ms(3))] } else { vec![] };
    let config = Config {
        pace: Pace::Adaptive { start: 100_000, most: 100_000 },
        ..config("198.18.0.0", 20)
    };
    let run = World::new(half).with_room_for(40).run(config);
    let summary = run.summary();
    assert!(summary.dropped > 0);
    assert_eq!((summary.responded, summary.incomplete), (2_048, 0));
    assert!(summary.rate < 100_000, "{}", summary.rate);
}

#[test]
fn drops_in_the_last_pass_make_another_one_of_those_that_waited_then() {
    let mut scan = Scan::new(Config { tries: 1, ..config("192.0.2.0", 30) }, Instant::ZERO);
    let (mut now, mut contents, mut sent) = (Instant::ZERO, Vec::new(), 0);
    let mut told = false;
    let events = loop {
        while scan.poll_transmit(now, &mut contents).is_some() {
            sent += 1;
        }
        if sent == 4 && !told {
            told = true;
            scan.handle_drops(now, 0, 7);
        }
        if matches!(scan.phase, Phase::Done) {
            break world::drain(&mut scan);
        }
        now = scan.next_timeout().unwrap().max(now);
        scan.handle_timeout(now);
    };
    assert_eq!(sent, 8);
    let Some(Event::Summary(summary)) = events.last() else { panic!("{events:?}") };
    assert_eq!((summary.dropped, summary.retried, summary.incomplete), (7, 4, 0));
}

#[test]
fn drops_without_end_end_the_scan_and_leave_it_incomplete() {
    let mut scan = Scan::new(config("192.0.2.0", 30), Instant::ZERO);
    let (mut now, mut contents) = (Instant::ZERO, Vec::new());
    while !matches!(scan.phase, Phase::Done) {
        while scan.poll_transmit(now, &mut contents).is_some() {}
        now = scan.next_timeout().unwrap().max(now);
        scan.handle_drops(now, 0, 1);
        scan.handle_timeout(now);
    }
    let events = world::drain(&mut scan);
    let Some(Event::Summary(summary)) = events.last() else { panic!("{events:?}") };
    assert_eq!((summary.sent, summary.incomplete), (4 * 5, 4), "two and three more");
}
