mod faults;
mod world;

use std::time::Duration;

use super::*;
use world::{Fate, World, ms, us};

#[test]
fn every_question_has_one_answer() {
    let run = World::new(1).run(5_000);
    assert_eq!((run.answered(), run.summary.answered, run.summary.failed), (5_000, 5_000, 0));
    assert_eq!(run.summary.rcodes.into_iter().collect::<Vec<_>>(), [(0, 5_000)]);
    assert_eq!((run.summary.sent, run.summary.late, run.summary.strange), (5_000, 0, 0));
}

#[test]
fn no_questions_end_at_once() {
    let run = World::new(1).run(0);
    assert_eq!((run.summary.questions, run.took), (0, Duration::ZERO));
}

#[test]
fn loss_costs_a_tenth_of_a_second_and_no_answer() {
    let run = World::new(1).delay(ms(10)).lose(50).run(20_000);
    assert_eq!((run.answered(), run.summary.failed), (20_000, 0));
    let (sent, retried) = (run.summary.sent, run.summary.retried);
    assert!((300..800).contains(&retried), "2 % of {sent}: {retried}");
    let rate = 20_000.0 / run.took.as_secs_f64();
    assert!(rate > 10_000.0, "{rate} a second, with nothing that holds the server back");
}

/// A third of the round trips, whatever the window: it is the path's, and no reason to creep.
#[test]
fn loss_of_the_path_does_not_close_the_window() {
    let run = World::new(1).delay(ms(1)).lose(6).run(3_000);
    assert_eq!((run.answered(), run.summary.failed), (3_000, 0));
    assert!(run.took < ms(10_000), "{:?}", run.took);
}

#[test]
fn heavy_loss_ends_too() {
    let run = World::new(1).delay(ms(5)).lose(8).run(500);
    assert_eq!((run.answered(), run.summary.failed), (500, 0));
}

/// More than half of the round trips: each question still has as many attempts as its time has room for.
#[test]
fn a_third_lost_each_way_costs_no_answer() {
    for (delay, service, queue) in
        [(us(50), us(60), 1_000), (ms(1), us(500), 300), (ms(20), us(0), 4_096)]
    {
        let world = World::new(1).delay(delay).service(service).queue(queue).lose(3);
        let run = world.run(20_000);
        assert_eq!((run.answered(), run.summary.failed), (20_000, 0), "{delay:?} {service:?}");
        assert!(run.took < ms(60_000), "{:?}", run.took);
    }
}

#[test]
fn window_grows_to_what_a_long_path_takes() {
    // 13 000 a second over 20 ms are 260 under way.
    let run = World::new(1).delay(ms(10)).service(us(77)).queue(4096).run(40_000);
    let rate = 40_000.0 / run.took.as_secs_f64();
    assert!(rate > 11_500.0, "{rate} of 13 000");
    let p99 = run.summary.latency.unwrap().p99;
    assert!(p99 < ms(120), "it does not fill the queue either: {p99:?}");
}

#[test]
fn short_queue_of_a_fast_server_is_not_overrun() {
    let run = World::new(1).delay(us(15)).service(us(5)).queue(100).run(100_000);
    assert_eq!((run.answered(), run.summary.failed), (100_000, 0));
    let rate = 100_000.0 / run.took.as_secs_f64();
    assert!(rate > 150_000.0, "{rate} of 200 000 a second");
    let retried = run.summary.retried;
    assert!(retried < 4_000, "{retried} were thrown away");
}

#[test]
fn slow_answers_do_not_hold_back_others() {
    // As of a recursive server: one in ten takes 300 ms, and it could answer 100 000 a second.
    let run = World::new(1).delay(ms(1)).service(us(10)).queue(4096).slow(10, ms(300)).run(60_000);
    let rate = 60_000.0 / run.took.as_secs_f64();
    assert_eq!(run.answered(), 60_000);
    assert!(rate > 4_000.0, "{rate}: with the first window it were 2 000");
}

#[test]
fn order_of_the_input_is_kept_past_a_stalled_head() {
    let world = World::new(1)
        .order(Order::Input)
        .fate(|n| if n == 3 { Fate::Slow(ms(3_000)) } else { Fate::Answered });
    let run = world.run(100_000);
    let tags: Vec<_> = run.told.iter().map(|(tag, _)| *tag).collect();
    assert_eq!(tags, (0..100_000).collect::<Vec<_>>());
    let held = run.most_under_way;
    assert!(held <= 1 << 15, "{held} were held back");
}

#[test]
fn order_of_completion_does_not_wait() {
    let run = World::new(1)
        .fate(|n| if n == 3 { Fate::Slow(ms(3_000)) } else { Fate::Answered })
        .run(1_000);
    assert_eq!(run.told.last().unwrap().0, 3);
}

#[test]
fn rate_is_kept() {
    let run = World::new(1).rate(1_000).run(2_000);
    let took = run.took.as_secs_f64();
    assert!((1.98..2.05).contains(&took), "{took} s");
}

#[test]
fn jobs_are_kept() {
    let run = World::new(1).delay(ms(50)).jobs(3).run(60);
    assert_eq!(run.most_flying, 3);
    assert!(run.took >= ms(20 * 100), "{:?}", run.took);
}

#[test]
fn what_is_not_asked_here_has_its_turn() {
    let run = World::new(1).order(Order::Input).aside_every(10).run(100);
    let tags: Vec<_> = run.told.iter().map(|(tag, _)| *tag).collect();
    assert_eq!(tags, (0..100).collect::<Vec<_>>());
    assert_eq!(run.summary.questions, 90);
}

#[test]
fn stop_tells_of_every_question_that_was_taken_in() {
    let run = World::new(1).fate(|_| Fate::Lost).stop_after(ms(500)).run(10_000);
    assert!(run.summary.was_stopped);
    assert_eq!(run.summary.questions, run.told.len() as u64);
    assert!(
        run.told
            .iter()
            .all(|(_, event)| matches!(event, Event::Failed(f) if f.why == Why::Stopped))
    );
    assert!(run.took < ms(501));
}

#[test]
fn memory_is_that_of_what_is_under_way() {
    let run = World::new(1).delay(ms(1)).run(50_000);
    assert!(run.most_under_way <= 10_000, "{}", run.most_under_way);
}
