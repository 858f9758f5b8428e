//! Messages that answer nothing, servers that say nothing.

use super::super::*;
use super::world::{Fate, Forgery, World, ms};
use crate::Rcode;

fn rcodes(summary: &Summary) -> Vec<(u16, u64)> {
    summary.rcodes.iter().map(|(rcode, count)| (*rcode, *count)).collect()
}

#[test]
fn forged_messages_are_not_taken() {
    use Forgery::*;
    for forgery in [Id, Socket, Server, Address, Port, Question, Kind, Query, Short, TwoQuestions] {
        let run = World::new(2).forge(forgery).run(300);
        assert_eq!(rcodes(&run.summary), [(0, 300)], "{forgery:?}");
        let seen = run.summary.strange + run.summary.late;
        assert!(seen >= 290, "{forgery:?}: {seen} were told apart");
    }
}

#[test]
fn case_is_looked_at_where_it_was_mixed() {
    let run = World::new(1).forge(Forgery::Case).ask(|manner| manner.mixes_case = true).run(300);
    let [right, forged] = [0, 5].map(|rcode| run.summary.rcodes.get(&rcode).copied().unwrap_or(0));
    // Four letters are all small already in one of sixteen.
    assert!(right > 200 && right + forged == 300, "{right} {forged}");
    let names: Vec<_> =
        run.names.iter().filter(|name| name.iter().any(u8::is_ascii_uppercase)).collect();
    assert!(names.len() > 90);
    let run = World::new(1).forge(Forgery::Case).run(300);
    assert_eq!(rcodes(&run.summary), [(5, 300)], "which is why it is mixed");
}

#[test]
fn second_answers_are_counted_and_not_told() {
    let run = World::new(1).fate(|_| Fate::Twice).run(1_000);
    assert_eq!(run.answered(), 1_000);
    assert!((900..=1_000).contains(&run.summary.late), "{}", run.summary.late);
}

#[test]
fn late_answer_of_the_first_query_is_one() {
    // Nothing is known of the path yet, so that a second is waited before asking again.
    let run = World::new(1).delay(ms(600)).run(100);
    assert_eq!((run.answered(), run.summary.failed), (100, 0));
    let retried = run.summary.retried;
    assert!((1..65).contains(&retried), "{retried}: the first window's, until the path is known");
    assert_eq!(run.summary.latency.unwrap().min, ms(1_200), "it answers the first query");
}

#[test]
fn dead_server_of_two_costs_little() {
    let run = World::new(2).dead(0).delay(ms(1)).run(20_000);
    assert_eq!((run.answered(), run.summary.failed), (20_000, 0));
    assert!(run.asked[0] < 300, "{:?}", run.asked);
    assert!(run.took < ms(4_000), "{:?}", run.took);
}

#[test]
fn two_servers_share_the_work() {
    let run = World::new(2).delay(ms(1)).run(20_000);
    assert!(run.asked.iter().all(|asked| *asked > 8_000), "{:?}", run.asked);
}

#[test]
fn dead_server_fails_every_question_in_bounded_time() {
    let run = World::new(1).dead(0).run(200_000);
    assert_eq!((run.answered(), run.summary.failed), (0, 200_000));
    assert!(run.took < ms(60_000), "{:?}", run.took);
    assert!(run.summary.sent < 1_000, "{}", run.summary.sent);
}

#[test]
fn unanswered_questions_fail_after_as_long_as_three_timeouts_and_hold_back_nobody() {
    let run =
        World::new(1).fate(|n| if n % 50 == 0 { Fate::Lost } else { Fate::Answered }).run(20_000);
    assert_eq!((run.answered(), run.summary.failed), (19_600, 400));
    assert!(run.took >= ms(15_000) && run.took < ms(25_000), "{:?}", run.took);
    let failed = run.told.iter().filter_map(|(tag, event)| match event {
        Event::Failed(failed) => Some((tag, failed)),
        _ => None,
    });
    for (tag, failed) in failed {
        assert_eq!((tag % 50, &failed.why), (0, &Why::TimedOut));
        assert_eq!(failed.name.to_string(), format!("h{tag}.Bulk.lab."));
        assert!((2..12).contains(&failed.attempts), "{}", failed.attempts);
    }
}

#[test]
fn tries_that_were_asked_for_are_kept() {
    let one = |manner: &mut Manner| {
        manner.tries = Some(1);
        manner.timeout = ms(700);
    };
    let run = World::new(1).fate(|_| Fate::Lost).ask(one).run(10);
    assert_eq!((run.summary.failed, run.summary.sent), (10, 10));
    assert!((ms(700)..ms(710)).contains(&run.took), "{:?}", run.took);
    let run = World::new(1).fate(|_| Fate::Lost).ask(|manner| manner.tries = Some(3)).run(1);
    assert_eq!((run.summary.failed, run.summary.sent), (1, 3));
}

#[test]
fn truncated_answers_are_had_by_stream() {
    let run = World::new(1)
        .fate(|n| if n % 4 == 0 { Fate::Truncated } else { Fate::Answered })
        .run(1_000);
    assert_eq!((run.answered(), run.summary.truncated), (1_000, 250));
    for (tag, event) in &run.told {
        let Event::Answer(answer) = event else { panic!("{event:?}") };
        assert_eq!(
            (answer.over == Over::Stream, answer.was_truncated),
            (tag % 4 == 0, tag % 4 == 0)
        );
        assert_eq!(answer.octets[2] & 0x02, 0);
    }
}

#[test]
fn truncated_answers_are_the_answer_where_that_was_asked_for() {
    let run = World::new(1)
        .fate(|_| Fate::Truncated)
        .ask(|manner| manner.ignores_truncation = true)
        .run(9);
    assert_eq!((run.answered(), run.summary.truncated, run.summary.sent), (9, 0, 9));
}

#[test]
fn streams_that_close_lose_nothing() {
    let run = World::new(1).ask(|manner| manner.over = Over::Stream).closes_after(100).run(5_000);
    assert_eq!((run.answered(), run.summary.failed), (5_000, 0));
    assert!(run.took < ms(2_000), "{:?}", run.took);
}

#[test]
fn refusals_come_to_an_end() {
    for over in [|manner: &mut Manner| manner.over = Over::Stream, |_: &mut Manner| ()] {
        let run = World::new(1).refuses().ask(over).run(10_000);
        assert_eq!(run.summary.failed, 10_000);
        assert!(run.took < ms(25_000), "{:?}", run.took);
        assert!(run.summary.sent < 10_000, "{}", run.summary.sent);
        let whys = run
            .told
            .iter()
            .filter(|(_, event)| matches!(event, Event::Failed(f) if f.why == Why::Refused));
        assert!(whys.count() > 50);
    }
}

#[test]
fn servfail_is_the_answer_unless_others_are_to_be_asked() {
    let run = World::new(2).fate(|_| Fate::Servfail).run(10);
    assert_eq!((run.summary.sent, rcodes(&run.summary)), (10, vec![(Rcode::SERVFAIL.0, 10)]));
    let run =
        World::new(2).fate(|_| Fate::Servfail).ask(|manner| manner.passes_servfail = true).run(10);
    assert_eq!((run.summary.sent, rcodes(&run.summary)), (20, vec![(Rcode::SERVFAIL.0, 10)]));
}

#[test]
fn noise_is_no_answer_and_does_no_harm() {
    let source = std::iter::empty::<Next>();
    let config = Config { jobs: None, rate: None, order: Order::Completion, seed: 1 };
    let mut batch = Batch::new(config, source, Instant::ZERO);
    let source = ([192, 0, 2, 1], 53).into();
    for length in 0..40 {
        for flow in [0, 2, 3, 191, 192, u32::MAX] {
            let contents = vec![0xff; length];
            let reply = Reply {
                source,
                hop_limit: None,
                at: None,
                options: &[],
                flow,
                contents: &contents,
            };
            batch.handle_reply(Instant::ZERO, reply);
        }
    }
    assert!(!batch.is_finished());
    batch.handle_timeout(Instant::ZERO);
    assert!(matches!(batch.poll_event(), None | Some(Event::Summary(_))));
}
