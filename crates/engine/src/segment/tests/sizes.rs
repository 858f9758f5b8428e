//! Large networks, and what they cost.

use super::*;

const SEGMENT: &str = "198.18.0.0";

#[test]
fn dense_16_is_found_whole_at_10_000_a_second() {
    let run = World::new(|_, _| vec![reply_from(ms(1))]).run(config(SEGMENT, 16));
    let summary = run.summary();
    assert_eq!((summary.responded, summary.sent, summary.incomplete), (65_536, 65_536, 0));
    assert!(run.ended_at < ms(7_500), "{:?}", run.ended_at);
    let by_the_second = |from: u64, to: u64| {
        run.sent_at.iter().filter(|at| (ms(from)..ms(to)).contains(at)).count()
    };
    assert!(by_the_second(0, 100) <= 210, "it starts politely");
    assert!((9_900..=10_020).contains(&by_the_second(2_000, 3_000)), "and keeps to its cap");
    let is_told = |finding: &&Finding| matches!(finding, Finding::ProxyArp { .. });
    assert_eq!(run.findings().iter().filter(|finding| is_told(finding)).count(), 0);
}

#[test]
fn sparse_16_takes_less_than_15_seconds() {
    let one_in_64 =
        |host: u32, _| if host.is_multiple_of(64) { vec![reply_from(ms(1))] } else { vec![] };
    let run = World::new(one_in_64).run(config(SEGMENT, 16));
    let summary = run.summary();
    assert_eq!((summary.responded, summary.incomplete), (1_024, 0));
    assert_eq!(summary.sent, 2 * 65_536 - 1_024);
    assert!(run.ended_at < ms(14_200), "{:?}", run.ended_at);
}

#[test]
fn uneven_16_takes_no_longer_for_its_crowded_corners() {
    let crowded = |host: u32, _| match host >> 8 {
        0 | 17 | 18 | 200 => vec![reply_from(ms(5))],
        _ => vec![],
    };
    let run = World::new(crowded).run(config(SEGMENT, 16));
    assert_eq!((run.summary().responded, run.summary().incomplete), (1_024, 0));
    assert!(run.ended_at < ms(15_000), "{:?}", run.ended_at);
}

fn fast() -> Config {
    let (pace, patience) = (Pace::FAST, Patience::BRIEF);
    Config { pace, patience, linger: Linger::BRIEF, ..config(SEGMENT, 16) }
}

/// A frame costs two microseconds of this machine and of the others.
fn at_speed(answers: impl FnMut(u32, u32) -> Vec<world::Said> + 'static) -> Run {
    World::new(answers).at_a_cost_of(Duration::from_micros(2)).run(fast())
}

#[test]
fn fast_dense_16_takes_as_long_as_the_machine() {
    let run = at_speed(|_, _| vec![reply_from(Duration::from_micros(50))]);
    assert_eq!((run.summary().responded, run.summary().sent), (65_536, 65_536));
    assert!(run.ended_at < ms(180), "{:?}", run.ended_at);
}

#[test]
fn fast_sparse_16_takes_two_passes_and_two_short_waits() {
    let run =
        at_speed(|host, _| if host.is_multiple_of(64) { vec![reply_from(ms(1))] } else { vec![] });
    assert_eq!((run.summary().responded, run.summary().incomplete), (1_024, 0));
    assert!(run.ended_at < ms(500), "{:?}", run.ended_at);
}

#[test]
fn pace_wakes_the_machine_for_ten_requests_at_a_time() {
    let run = World::new(|_, _| vec![]).run(config(SEGMENT, 18));
    let sent = run.summary().sent;
    assert_eq!(sent, 2 * 16_384);
    assert!(run.sleeps * 8 < sent, "{} wake-ups for {sent} requests", run.sleeps);
    assert!(run.calls < 2 * sent, "{} calls for {sent} requests", run.calls);
}

#[test]
fn scattered_targets_are_matched_as_ranges_are() {
    let mut config = config(SEGMENT, 16);
    // Every third address, from the last to the first.
    let scattered = (0..5_000_u32).rev().map(|n| Span::one((0xc612_0000 + 3 * n).into()));
    config.ports[0].targets = scattered.collect();
    assert_eq!(config.ports[0].targets.len(), 5_000);
    let first = Ipv4Addr::new(198, 18, 0, 0);
    let run = World::new(|_, _| vec![reply_from(ms(1))]).run_from(first, config);
    assert_eq!((run.summary().responded, run.summary().overheard), (5_000, 0));
    assert!(run.asked.iter().copied().eq((0..5_000).rev().map(|n| 3 * n)));
}

#[test]
fn targets_stay_spans_however_many_addresses_they_have() {
    let all: Targets = [Span::network(Ipv4Addr::UNSPECIFIED, 0)].into_iter().collect();
    assert_eq!((all.len(), all.spans().count()), (1 << 32, 1));
    assert_eq!(all.get((1 << 32) - 1), Some(Ipv4Addr::BROADCAST));
    assert_eq!((all.get(1 << 32), all.get(u64::MAX)), (None, None));
    assert_eq!(all.position(Ipv4Addr::BROADCAST), Some((1 << 32) - 1));
}
