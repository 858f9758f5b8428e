//! When probes leave, and how long each is waited for.

use super::*;

#[test]
fn path_that_answers_takes_a_round_trip() {
    let run = run(config(), healthy(20));

    assert!(run.summary().reached);
    assert!(run.ended_at <= ms(150), "{:?}", run.ended_at);
}

#[test]
fn silent_hops_between_others_cost_little() {
    let three = run(config(), without(20, |sent| [4, 9, 19].contains(&sent.hop)));
    assert!(three.ended_at <= ms(350), "three silent hops: {:?}", three.ended_at);
    assert_eq!(waits(&three).len(), 9);

    let evens = run(config(), without(20, |sent| sent.hop < 20 && sent.hop.is_multiple_of(2)));
    assert!(evens.ended_at <= ms(350), "every even hop: {:?}", evens.ended_at);
    assert!(evens.summary().reached);
    assert_eq!(waits(&evens).len(), 27);
}

#[test]
fn silence_to_the_end_costs_about_a_second() {
    let run = run(config(), without(200, |sent| sent.hop > 15));

    assert!(run.ended_at <= ms(1200), "{:?}", run.ended_at);
    assert!(run.ended_at >= ms(1000), "{:?}", run.ended_at);
    assert_eq!(run.told().len(), 90, "every hop to the last is told");
    assert_eq!((run.summary().reached, run.summary().last_hop), (false, Some(15)));
}

#[test]
fn where_nobody_answers_each_probe_has_five_seconds() {
    let run = run(config(), |_| vec![]);

    assert!(waits(&run).iter().all(|waited| *waited == ms(5000)), "{:?}", waits(&run));
    assert_eq!(run.summary().last_hop, None);
}

#[test]
fn slow_hop_in_front_of_fast_ones_is_waited_for() {
    // Five hundred times as slow as its neighbour, as some routers are that are busy with themselves.
    let run = run(config(), |sent| match sent.hop {
        2 => vec![(ms(240), Error::of(router(2), EXPIRED))],
        hop if hop < 4 => vec![(Duration::from_micros(480), Error::of(router(hop), EXPIRED))],
        _ => vec![(Duration::from_micros(480), Error::of(TARGET, NO_PORT))],
    });

    assert_eq!(waits(&run), [], "nothing of hop 2 is lost");
}

#[test]
fn told_wait_is_kept_to_the_millisecond() {
    let run = run(told_wait(700, 0.0, 0.0), without(4, |sent| sent.hop == 2));

    assert_eq!(waits(&run), [ms(700); 3]);
}

#[test]
fn told_factor_of_the_same_hop_shortens_the_wait() {
    // The first of hop 2 answers after 10 ms.
    let run = run(told_wait(5000, 3.0, 0.0), without(3, |sent| [5, 6].contains(&sent.number)));

    assert_eq!(waits(&run), [ms(30); 2]);
}

#[test]
fn told_factor_of_a_later_hop_shortens_the_wait() {
    // Hop 3 answers after 15 ms.
    let run = run(told_wait(5000, 3.0, 10.0), without(5, |sent| sent.hop == 2));

    assert_eq!(waits(&run), [ms(150); 3]);
}

#[test]
fn told_maximum_is_not_exceeded_by_factors() {
    let run = run(told_wait(100, 100.0, 100.0), without(5, |sent| sent.hop == 2));

    assert_eq!(waits(&run), [ms(100); 3]);
}

#[test]
fn no_more_than_the_window_is_under_way() {
    for window in [1, 4, 16] {
        let config = Config { window: Some(window), ..config() };
        let run = run(config, without(6, |sent| sent.hop == 3));
        assert_eq!(run.most_under_way, window);
        assert!(run.summary().reached);
        assert_eq!(run.told().len(), 18);
    }
}

#[test]
fn window_of_none_still_moves() {
    let run = run(Config { window: Some(0), ..config() }, healthy(2));

    assert_eq!((run.most_under_way, run.told().len()), (1, 6));
}

#[test]
fn one_at_a_time_sends_nothing_behind_the_target() {
    let run = run(Config { window: Some(1), ..config() }, healthy(3));

    let hops: Vec<_> = run.sent.iter().map(|sent| sent.hop).collect();
    assert_eq!(hops, [1, 1, 1, 2, 2, 2, 3, 3, 3]);
}

#[test]
fn interval_is_kept_over_the_whole_run() {
    let run = run(Config { interval: Some(ms(50)), max_hops: 4, ..config() }, healthy(9));

    let at: Vec<_> = run.sent.iter().map(|sent| sent.at).collect();
    assert_eq!(at, (0..12).map(|n| ms(50) * n).collect::<Vec<_>>());
}

#[test]
fn more_than_six_probes_of_a_hop_are_a_second_apart() {
    let run = run(Config { probes: 10, max_hops: 3, ..config() }, healthy(9));

    for hop in 1..=3 {
        let sent = run.sent_to(hop);
        assert!(sent[5] < ms(100), "six at once, hop {hop}: {sent:?}");
        for (n, at) in (1..).zip(&sent[6..]) {
            assert!(*at >= ms(1000) * n, "hop {hop}: {sent:?}");
            assert!(*at < ms(1000) * n + ms(100), "hop {hop}: {sent:?}");
        }
    }
    assert_eq!(run.told().len(), 30);
}

#[test]
fn told_window_sends_ten_probes_without_a_pause() {
    let run =
        run(Config { probes: 10, window: Some(16), is_sparing: false, ..config() }, healthy(3));

    assert!(run.ended_at < ms(500), "{:?}", run.ended_at);
}
