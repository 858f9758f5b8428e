use std::net::Ipv4Addr;

use super::*;
use crate::sim::Network;

const ALIVE: Mode = Mode::Alive { retries: 2, backoff: 1.5 };

#[test]
fn each_target_is_asked_until_it_answers() {
    let run = Network::new(ms(30)).lose(2).run(sweep(ALIVE, 3));

    assert_eq!(names(&run.events, "alive"), ["192.0.2.0", "192.0.2.2", "192.0.2.1"]);
    assert_eq!(run.sent_at, [0, 10, 20, 510].map(ms), "the second again after its timeout");
    let summary = summary(&run.events);
    assert_eq!((summary.targets, summary.alive, summary.unreachable, summary.sent), (3, 3, 0, 4));
    assert_eq!(run.ended_at, ms(540), "ends with the last answer");
}

#[test]
fn waits_grow_by_the_backoff_and_silence_is_unreachable() {
    let run = Network::new(ms(30)).lose(1).lose(2).lose(3).run(sweep(ALIVE, 1));

    assert_eq!(run.sent_at, [0, 500, 1250].map(ms));
    assert_eq!(names(&run.events, "unreachable"), ["192.0.2.0"]);
    assert_eq!(run.ended_at, ms(1250 + 1125));
}

#[test]
fn counted_requests_go_round_by_the_period_and_end_with_the_last_answer() {
    let mode = Mode::Counted { count: Some(2), period: ms(1000) };
    let run = Network::new(ms(30)).lose(3).run(sweep(mode, 2));

    assert_eq!(run.sent_at, [0, 10, 1000, 1010].map(ms));
    let lost = run.events.iter().find_map(|event| match event {
        Event::Lost { target, index, so_far } => {
            Some((target.name.to_string(), *index, so_far.loss_percent))
        }
        _ => None,
    });
    assert_eq!(lost, Some(("192.0.2.0".to_owned(), 1, 50.0)));
    assert_eq!(run.ended_at, ms(1500), "the lost one has its time");
}

#[test]
fn a_second_answer_is_a_duplicate_while_the_request_is_remembered() {
    let mode = Mode::Counted { count: Some(1), period: ms(1000) };
    let run = Network::new(ms(30)).repeat(1).run(sweep(mode, 2));

    assert_eq!((summary(&run.events).received, summary(&run.events).duplicates), (2, 1));
}

#[test]
fn more_targets_than_sequence_numbers_are_told_apart_and_forgotten_once_settled() {
    let mut config = config(ALIVE);
    config.interval = Duration::from_micros(1);
    let mut sweep = Sweep::new(config, targets(200_000), Instant::ZERO);
    sweep.config.timeout = Duration::from_secs(60);
    let mut contents = Vec::new();
    let (mut now, mut requests) = (Instant::ZERO, Vec::new());
    while let Some(transmit) = sweep.poll_transmit(now, &mut contents) {
        requests.push((transmit, contents.clone()));
        now = now + Duration::from_micros(1);
    }
    assert_eq!(requests.len(), 200_000);
    for (transmit, contents) in &mut requests {
        reply(&mut sweep, now, *transmit, contents);
    }
    sweep.handle_timeout(now);
    assert_eq!((sweep.summary.alive, sweep.table.open()), (200_000, 0));
    assert!(sweep.done);
}

#[test]
fn an_answer_that_was_not_asked_for_counts_for_nobody() {
    let mut sweep = sweep(ALIVE, 1);
    let mut contents = Vec::new();
    let transmit = sweep.poll_transmit(Instant::ZERO, &mut contents).unwrap();
    let mut forged = contents.clone();
    forged[20] ^= 1;
    forged[2] ^= 1;
    reply(&mut sweep, Instant::ZERO, transmit, &mut forged);
    for end in 0..contents.len() {
        let source = transmit.destination;
        let cut = Reply {
            source,
            hop_limit: None,
            at: None,
            options: &[],
            flow: 0,
            contents: &contents[..end],
        };
        sweep.handle_reply(Instant::ZERO, cut);
    }
    assert_eq!(sweep.summary.received, 0);
    reply(&mut sweep, Instant::ZERO, transmit, &mut contents);
    assert_eq!(sweep.summary.received, 1);
}

#[test]
fn enough_answers_end_the_run() {
    let run = Network::new(ms(30)).run(Sweep::new(
        Config { enough: Some(1), ..config(ALIVE) },
        targets(9),
        Instant::ZERO,
    ));

    assert_eq!(summary(&run.events).alive, 1);
    assert_eq!(run.ended_at, ms(30));
}

#[test]
fn no_targets_is_the_end_at_once() {
    let run = Network::new(ms(30)).run(sweep(ALIVE, 0));
    assert_eq!((run.sent_at.len(), run.ended_at), (0, Duration::ZERO));
}

#[test]
fn stop_reports_what_is_known() {
    let mut sweep = sweep(Mode::Counted { count: None, period: ms(100) }, 2);
    sweep.poll_transmit(Instant::ZERO, &mut Vec::new());
    sweep.handle_stop(Instant::from_millis(5));
    let events: Vec<_> = std::iter::from_fn(|| sweep.poll_event()).collect();
    assert!(matches!(&events[1], Event::TargetSummary(target) if target.sent == 1));
    assert_eq!(summary(&events).unreachable, 1);
}

fn reply(sweep: &mut Sweep, now: Instant, transmit: Transmit, contents: &mut [u8]) {
    contents[0] = 0;
    // Type 8 becomes type 0: the checksum grows by as much, with the carry brought round.
    let sum = u32::from(u16::from_be_bytes([contents[2], contents[3]])) + 0x0800;
    contents[2..4].copy_from_slice(&((sum & 0xffff) + (sum >> 16)).to_be_bytes()[2..]);
    let source = transmit.destination;
    sweep.handle_reply(
        now,
        Reply { source, hop_limit: None, at: None, options: &[], flow: 0, contents },
    );
}

fn sweep(mode: Mode, count: u32) -> Sweep {
    Sweep::new(config(mode), targets(count), Instant::ZERO)
}

fn config(mode: Mode) -> Config {
    Config {
        ident: [Some(7); 2],
        seed: 42,
        mode,
        interval: ms(10),
        timeout: ms(500),
        payload: vec![0; 56],
        enough: None,
        keep_samples: false,
    }
}

fn targets(count: u32) -> Box<dyn Iterator<Item = Target>> {
    let first = u32::from(Ipv4Addr::new(192, 0, 2, 0));
    let address = move |n| SocketAddr::from((Ipv4Addr::from(first + n), 0));
    Box::new((0..count).map(move |n| Target::numeric(address(n))))
}

fn names(events: &[Event], kind: &str) -> Vec<String> {
    let name = |event: &Event| match event {
        Event::Alive { target, .. } if kind == "alive" => Some(target.name.to_string()),
        Event::Unreachable { target, .. } if kind == "unreachable" => Some(target.name.to_string()),
        _ => None,
    };
    events.iter().filter_map(name).collect()
}

fn summary(events: &[Event]) -> &Summary {
    let Some(Event::Summary(summary)) = events.last() else { panic!("{events:?}") };
    summary
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}
