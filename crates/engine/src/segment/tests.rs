//! A scan in virtual time, on a segment that is a function of who is asked when.

mod losses;
mod odd;
mod sizes;
mod verdicts;
mod world;

use std::time::Duration;

use super::*;
use world::{Run, World, config, ms, reply_from};

#[test]
fn all_that_answer_at_once_are_found_in_one_pass() {
    let run = World::new(|_, _| vec![reply_from(ms(1))]).run(config("192.0.2.0", 24));

    let summary = run.summary();
    assert_eq!(
        (summary.hosts, summary.responded, summary.sent, summary.retried),
        (256, 256, 256, 0)
    );
    assert_eq!((summary.incomplete, &summary.stopped), (0, &None));
    // 256 at 2,000 a second, then an answer, then 200 ms for somebody else to claim one.
    assert!((ms(60)..ms(140)).contains(&summary.took), "{:?}", summary.took);
    assert_eq!(run.ended_at, run.sent_at[255] + ms(1) + ms(200));
    let first = run.hosts().next().unwrap();
    assert_eq!((first.rtt, first.attempt, first.answers), (Some(ms(1)), 1, 1));
    assert_eq!((first.source, first.kind), (Source::Reply, MacKind::Random));
    assert!(matches!(run.events[0], Event::Start { hosts: 256 }));
}

#[test]
fn network_with_silent_hosts_is_done_within_a_second_and_asks_them_twice() {
    let one_in_four =
        |host: u32, _| if host.is_multiple_of(4) { vec![reply_from(ms(2))] } else { vec![] };
    let run = World::new(one_in_four).run(config("192.0.2.0", 24));

    let summary = run.summary();
    assert_eq!((summary.responded, summary.sent, summary.retried), (64, 256 + 192, 192));
    assert_eq!(summary.incomplete, 0);
    assert!(run.ended_at < ms(700), "{:?}", run.ended_at);
    assert!(run.events.contains(&Event::Pass { pass: 1 }));
}

#[test]
fn silence_takes_less_than_a_second() {
    let run = World::new(|_, _| vec![]).run(config("192.0.2.0", 24));
    let summary = run.summary();
    assert_eq!((summary.responded, summary.sent, summary.incomplete), (0, 512, 0));
    assert!(run.ended_at < ms(1000), "{:?}", run.ended_at);
}

#[test]
fn one_host_is_done_when_others_had_a_moment_to_claim_its_address() {
    let alone = |linger| {
        let config = Config { linger, ..config("192.0.2.7", 32) };
        World::new(|_, _| vec![reply_from(Duration::from_micros(200))]).run(config).ended_at
    };
    let us = Duration::from_micros;
    assert_eq!(alone(Linger::NONE), us(200), "as arp-scan");
    assert_eq!(alone(Linger::BRIEF), us(6_200));
    assert_eq!(alone(Linger::FULL), us(200_200));
}

#[test]
fn what_arp_scan_was_told_is_kept_to_the_millisecond() {
    let config = Config {
        patience: Patience::Fixed,
        pace: Pace::Every(ms(2)),
        tries: 3,
        extra_tries: 0,
        linger: Linger::NONE,
        ..config("192.0.2.0", 30)
    };
    let answers = |host: u32, _| if host == 1 { vec![reply_from(ms(30))] } else { vec![] };
    let run = World::new(answers).run(config);

    let mut due = vec![ms(0), ms(2), ms(4), ms(6)];
    due.extend([500, 504, 506].map(ms));
    due.extend([1250, 1254, 1256].map(ms));
    assert_eq!(run.sent_at, due);
    assert_eq!(run.ended_at, ms(1256 + 1125));
    assert_eq!(run.summary().took, ms(1256 + 1125));
}

#[test]
fn long_waits_follow_slow_answers_so_that_none_is_missed() {
    let sleepy = |host: u32, _| match host {
        0..40 => vec![reply_from(ms(90))],
        40 => vec![reply_from(ms(380))],
        _ => vec![],
    };
    let run = World::new(sleepy).run(config("192.0.2.0", 24));
    assert_eq!(run.summary().responded, 41);
    assert_eq!(run.summary().slowest, Some(ms(90)));
}

#[test]
fn answer_that_came_before_the_second_request_left_is_of_the_first() {
    let config = Config { patience: Patience::Fixed, timeout: ms(100), ..config("192.0.2.7", 32) };
    let late = |_: u32, tries| if tries == 1 { vec![reply_from(ms(150))] } else { vec![] };
    let run = World::new(late).run(config.clone());
    let host = run.hosts().next().unwrap();
    assert_eq!((host.attempt, host.rtt), (2, Some(ms(50))), "nobody can tell");

    // The frame lay in the queue until after the second request: the kernel's stamp tells.
    let mut scan = Scan::new(config, Instant::ZERO);
    let mut contents = Vec::new();
    scan.poll_transmit(Instant::ZERO, &mut contents).unwrap();
    scan.handle_timeout(Instant::from_millis(100));
    scan.poll_transmit(Instant::from_millis(100), &mut contents).unwrap();
    let answer = world::answer(&contents, world::mac_of(7));
    let at = Some(Instant::from_millis(90));
    scan.handle_reply(Instant::from_millis(110), Reply { at, ..world::heard(&answer) });
    let hosts: Vec<_> = world::drain(&mut scan);
    let host = hosts.iter().find_map(|event| match event {
        Event::Host(host) => Some(host),
        _ => None,
    });
    assert_eq!(host.map(|host| (host.attempt, host.rtt)), Some((1, None)));
}

#[test]
fn stamps_of_departure_make_round_trips_exact() {
    let config = Config { linger: Linger::NONE, ..config("192.0.2.7", 32) };
    let run = World::new(|_, _| vec![reply_from(ms(3))]).stamped(ms(1)).run(config);
    assert_eq!(run.hosts().next().unwrap().rtt, Some(ms(2)));
}

#[test]
fn machine_that_slept_too_long_looks_at_what_is_waiting_before_the_end() {
    let mut scan = Scan::new(config("192.0.2.7", 32), Instant::ZERO);
    let mut contents = Vec::new();
    scan.poll_transmit(Instant::ZERO, &mut contents).unwrap();
    let answer = world::answer(&contents, world::mac_of(7));
    // Past all waits, each of which ends while the answer is in the queue.
    scan.handle_timeout(Instant::from_millis(10_000));
    scan.poll_transmit(Instant::from_millis(10_000), &mut contents).unwrap();
    scan.handle_timeout(Instant::from_millis(20_000));
    assert!(scan.next_timeout().is_some_and(|at| at <= Instant::from_millis(20_000)));
    let at = Some(Instant::from_millis(10_001));
    scan.handle_reply(Instant::from_millis(20_000), Reply { at, ..world::heard(&answer) });
    scan.handle_timeout(Instant::from_millis(20_000));
    scan.handle_timeout(Instant::from_millis(20_200));
    scan.handle_timeout(Instant::from_millis(20_200));
    let events = world::drain(&mut scan);
    let Some(Event::Summary(summary)) = events.last() else { panic!("{events:?}") };
    assert_eq!(summary.responded, 1);
}

/// Asks the only host in vain, and looks at what is waiting, a storm of others, until the scan is at its end;
/// `storm` says whether it goes on, and has the answer come, after so many looks. How long that took.
fn look_into_a_storm(mut storm: impl FnMut(u32) -> (bool, bool)) -> (u64, Summary) {
    let mut scan = Scan::new(config("192.0.2.7", 32), Instant::ZERO);
    let mut contents = Vec::new();
    for at in [0, 10_000].map(Instant::from_millis) {
        scan.handle_timeout(at);
        scan.poll_transmit(at, &mut contents).unwrap();
    }
    let (answer, mut now) = (world::answer(&contents, world::mac_of(7)), 20_000);
    let mut other = answer.clone();
    // The sender's address.
    other[31] = 99;
    scan.handle_timeout(Instant::from_millis(now));
    for look in 0.. {
        let (goes_on, has_answer) = storm(look);
        let at = Instant::from_millis(now);
        for _ in 0..if goes_on { scan.expected() } else { 1 } {
            scan.handle_reply(at, world::heard(&other));
        }
        if has_answer {
            scan.handle_reply(at, world::heard(&answer));
        }
        now += 10;
        scan.handle_timeout(Instant::from_millis(now));
        if let Some(Event::Summary(summary)) = world::drain(&mut scan).pop() {
            return (now - 20_000, *summary);
        }
    }
    unreachable!("it ends")
}

#[test]
fn answer_behind_a_storm_is_found_before_the_end() {
    let (_, summary) = look_into_a_storm(|look| (look < 5, look == 4));
    assert_eq!(summary.responded, 1);
}

#[test]
fn storm_without_end_does_not_keep_a_scan_from_its_end() {
    let (took, summary) = look_into_a_storm(|_| (true, false));
    assert!((1000..1100).contains(&took) && summary.responded == 0, "{took} ms");
    let (took, _) = look_into_a_storm(|_| (false, false));
    assert_eq!(took, 10, "a look that finds little is the last");
}

#[test]
fn stamp_from_just_before_the_request_is_no_earlier_answer() {
    let mut scan = Scan::new(config("192.0.2.7", 32), Instant::ZERO);
    let mut contents = Vec::new();
    let now = Instant::from_millis(10);
    scan.poll_transmit(now, &mut contents).unwrap();
    let answer = world::answer(&contents, world::mac_of(7));
    let at = Some(Instant::from_nanos(9_999_000));
    scan.handle_reply(now, Reply { at, ..world::heard(&answer) });
    let events = world::drain(&mut scan);
    let host = events.iter().find_map(|event| match event {
        Event::Host(host) => Some(host),
        _ => None,
    });
    assert_eq!(host.map(|host| (host.attempt, host.rtt)), Some((1, Some(ms(0)))));
}

#[test]
fn limit_ends_the_scan() {
    let config = Config { limit: Some(3), ..config("192.0.2.0", 24) };
    let run = World::new(|_, _| vec![reply_from(ms(1))]).run(config);
    let summary = run.summary();
    assert_eq!((summary.responded, &summary.stopped), (3, &Some(Stopped::Limit)));
    assert!(summary.sent < 256 && summary.incomplete > 240);
}

#[test]
fn stop_tells_what_is_known() {
    let mut scan = Scan::new(config("192.0.2.0", 24), Instant::ZERO);
    let mut contents = Vec::new();
    scan.poll_transmit(Instant::ZERO, &mut contents).unwrap();
    let answer = world::answer(&contents, world::mac_of(0));
    scan.handle_reply(Instant::from_millis(1), world::heard(&answer));
    scan.handle_stop(Instant::from_millis(40));
    scan.handle_stop(Instant::from_millis(41));

    let events = world::drain(&mut scan);
    let Some(Event::Summary(summary)) = events.last() else { panic!("{events:?}") };
    assert_eq!((summary.responded, summary.sent, summary.incomplete), (1, 1, 255));
    assert_eq!((summary.took, &summary.stopped), (ms(40), &Some(Stopped::Asked)));
    assert!(scan.is_finished() && scan.next_timeout().is_none());
    assert!(scan.poll_transmit(Instant::from_millis(50), &mut contents).is_none());
}

#[test]
fn nobody_to_ask_is_the_end_at_once() {
    let run = World::new(|_, _| vec![]).run(Config::default());
    assert_eq!((run.sent_at.len(), run.ended_at), (0, ms(0)));
    assert_eq!(run.summary().hosts, 0);
}

#[test]
fn same_target_twice_is_one_host() {
    let mut config = config("192.0.2.0", 30);
    let span = Span::network(Ipv4Addr::new(192, 0, 2, 0), 30);
    config.ports[0].targets =
        [span, Span::one(Ipv4Addr::new(192, 0, 2, 1)), span].into_iter().collect();
    let run = World::new(|_, _| vec![reply_from(ms(1))]).run(config);
    assert_eq!((run.summary().hosts, run.summary().responded, run.summary().sent), (4, 4, 4));
}

#[test]
fn order_is_that_which_was_asked_for() {
    let asked = |order| {
        let config = Config { order, pace: Pace::Every(ms(1)), ..config("192.0.2.0", 29) };
        let run = World::new(|_, _| vec![reply_from(ms(1))]).run(config);
        run.asked
    };
    assert_eq!(asked(Order::Given), [0, 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(asked(Order::Permutation(vec![7, 0, 3])), [7, 0, 3, 1, 2, 4, 5, 6]);
    let mut shuffled = asked(Order::Shuffled(3));
    assert_ne!(shuffled, [0, 1, 2, 3, 4, 5, 6, 7]);
    shuffled.sort_unstable();
    assert_eq!(shuffled, [0, 1, 2, 3, 4, 5, 6, 7]);
}

#[test]
fn own_address_is_listed_and_not_waited_for() {
    let mut config = Config { own: true, ..config("192.0.2.0", 28) };
    config.ports[0].own = vec![Ipv4Addr::new(192, 0, 2, 9)];
    let run =
        World::new(|host, _| if host == 9 { vec![] } else { vec![reply_from(ms(1))] }).run(config);
    let summary = run.summary();
    assert_eq!((summary.hosts, summary.responded, summary.own), (16, 15, 1));
    assert_eq!((summary.sent, summary.incomplete), (16, 0), "it is asked, but once");
    assert!(run.ended_at < ms(220), "{:?}", run.ended_at);
    let own = run.hosts().next().unwrap();
    assert_eq!((own.source, own.address), (Source::Own, Ipv4Addr::new(192, 0, 2, 9).into()));
}

#[test]
fn progress_is_told_as_often_as_asked_and_on_request() {
    let config = Config { progress: Some(ms(50)), ..config("192.0.2.0", 24) };
    let run: Run = World::new(|_, _| vec![]).run(config);
    let told: Vec<_> = run
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Progress(progress) => Some(**progress),
            _ => None,
        })
        .collect();
    assert!((15..20).contains(&told.len()), "{}", told.len());
    assert!(told.windows(2).all(|pair| pair[0].sent <= pair[1].sent));
    assert!(told.windows(2).all(|pair| pair[0].elapsed < pair[1].elapsed));
    let first = told[0];
    let whole = first.elapsed + first.left;
    assert!((ms(600)..ms(1500)).contains(&whole), "{whole:?} of {:?}", run.ended_at);
    assert_eq!((first.hosts, first.settled, first.pass), (256, 0, 1));
}

#[test]
fn silent_hosts_are_listed_on_request() {
    let config = Config { silent: true, ..config("192.0.2.0", 30) };
    let run =
        World::new(|host, _| if host == 2 { vec![reply_from(ms(1))] } else { vec![] }).run(config);
    let silent = run.events.iter().filter(|event| matches!(event, Event::Silent { tries: 2, .. }));
    assert_eq!(silent.count(), 3);
}
