use super::*;

/// Both FINs, the first by this end.
fn closed_by(first: End) -> Talk {
    let mut talk = Talk::open();
    let second = first.other();
    talk.say(&draft(first, "F.", 1, 1));
    talk.say(&draft(second, ".", 1, 2));
    talk.say(&draft(second, "F.", 1, 2));
    talk.say(&draft(first, ".", 2, 2));
    talk
}

#[test]
fn client_that_closes_first_waits() {
    let mut talk = closed_by(End::Client);
    let states: Vec<_> = talk.steps().into_iter().map(|step| step.after).collect();
    assert_eq!(
        states,
        [[FinWait1, CloseWait], [FinWait2, CloseWait], [TimeWait, LastAck], [TimeWait, Closed]]
    );
    let summary = talk.it.summary();
    assert_eq!(summary.closing, Closing { by: Some(End::Client), how: How::Fin });
    assert_eq!(summary.time_wait, [End::Client]);
    assert!(talk.it.is_over());
}

#[test]
fn server_that_closes_first_waits() {
    let mut talk = closed_by(End::Server);
    let states: Vec<_> = talk.steps().into_iter().map(|step| step.after).collect();
    assert_eq!(
        states,
        [[CloseWait, FinWait1], [CloseWait, FinWait2], [LastAck, TimeWait], [Closed, TimeWait]]
    );
    assert_eq!(talk.it.summary().time_wait, [End::Server]);
}

#[test]
fn fin_may_answer_a_fin() {
    let mut talk = Talk::open();
    let states = talk.walk(&[c("F.", 1, 1), s("F.", 1, 2), c(".", 2, 2)]);
    assert_eq!(states, [[FinWait1, CloseWait], [TimeWait, LastAck], [TimeWait, Closed]]);
}

#[test]
fn both_may_close_at_once_and_both_wait() {
    let mut talk = Talk::open();
    for draft in [c("F.", 1, 1), s("F.", 1, 1), c(".", 2, 2), s(".", 2, 2)] {
        talk.say(&draft);
    }
    let steps = talk.steps();
    assert_eq!(steps[1].before, [FinWait1, Established], "it had not heard the other's");
    assert_eq!(steps[1].notes, [Note::SimultaneousClose]);
    assert_eq!(steps[1].after, [ClosingState, FinWait1]);
    assert_eq!(
        (steps[2].before, steps[2].after),
        ([ClosingState, FinWait1], [ClosingState, FinWait2])
    );
    assert_eq!(steps[3].after, [TimeWait, TimeWait]);
    let summary = talk.it.summary();
    assert_eq!(summary.closing, Closing { by: None, how: How::SimultaneousFin });
    assert_eq!(summary.time_wait, [End::Client, End::Server]);
}

#[test]
fn half_closed_server_still_talks() {
    let mut talk = Talk::open();
    talk.say(&c("F.", 1, 1));
    let notes = talk.notes(&[s("P.", 1, 2).data(b"still here")]);
    assert_eq!(notes, [Note::HalfClose]);
    assert_eq!(talk.it.states(), [FinWait2, CloseWait]);
    assert_eq!(talk.it.summary().closing, Closing { by: Some(End::Client), how: How::HalfClosed });
    assert_eq!(talk.notes(&[s("P.", 11, 2).data(b"and on")]), [], "it is told once");
    let states = talk.walk(&[s("F.", 17, 2), c(".", 2, 18)]);
    assert_eq!(states, [[TimeWait, LastAck], [TimeWait, Closed]]);
    assert_eq!(talk.it.summary().closing.how, How::Fin);
}

#[test]
fn reset_leaves_nobody_waiting() {
    for (from, letters) in [(End::Client, "R"), (End::Server, "R.")] {
        let mut talk = Talk::open();
        assert_eq!(talk.notes(&[draft(from, letters, 1, 1)]), [Note::Abort]);
        assert_eq!(talk.it.states(), [Closed, Closed]);
        let summary = talk.it.summary();
        assert_eq!(summary.closing, Closing { by: Some(from), how: How::Rst });
        assert!(summary.time_wait.is_empty());
    }
}

#[test]
fn reset_after_ones_own_fin_says_the_socket_is_gone() {
    let mut talk = Talk::open();
    talk.walk(&[c("F.", 1, 1), s(".", 1, 2)]);
    assert_eq!(talk.notes(&[s("P.", 1, 2).data(b"late")]), [Note::HalfClose]);
    assert_eq!(talk.notes(&[c("R", 2, 0)]), [Note::ResetAfterClose]);
    let summary = talk.it.summary();
    assert_eq!(summary.closing, Closing { by: Some(End::Client), how: How::FinThenRst });
    assert!(summary.time_wait.is_empty());
}

#[test]
fn fin_that_is_lost_is_sent_again() {
    let mut talk = Talk::open();
    talk.say(&c("F.", 1, 1));
    talk.wait(200);
    assert_eq!(talk.notes(&[c("F.", 1, 1)]), [Note::Retransmission]);
    assert_eq!(talk.it.states(), [FinWait1, CloseWait]);
}

#[test]
fn fin_behind_a_gap_is_not_heard_yet() {
    let mut talk = Talk::open();
    talk.say(&c("F.", 11, 1));
    assert_eq!(talk.it.states(), [FinWait1, Established]);
    let notes = talk.notes(&[c("P.", 1, 1).octets(10)]);
    assert_eq!(notes, [Note::OutOfOrder]);
    talk.say(&s(".", 1, 12));
    assert_eq!(talk.it.states(), [FinWait2, CloseWait], "the acknowledgment proves it");
}

#[test]
fn data_after_ones_own_fin_is_noted() {
    let mut talk = Talk::open();
    let notes = talk.notes(&[c("F.", 1, 1), c("P.", 2, 1).data(b"more")]);
    assert_eq!(notes, [Note::DataAfterFin]);
    assert_eq!(talk.it.summary().ends[0].octets, 0);
}

#[test]
fn new_syn_between_the_same_ends_is_another_conversation() {
    let mut talk = closed_by(End::Client);
    let again = |sequence, flags| Observed {
        at: Instant::from_millis(5000),
        source: client(),
        destination: server(),
        hop_limit: 64,
        segment: Segment {
            source_port: client().port(),
            destination_port: server().port(),
            sequence,
            acknowledgment: 0,
            flags,
            window: 1,
            urgent: 0,
            options: &[],
            payload: &[],
        },
        length: 0,
    };
    assert!(talk.it.is_reused_by(&again(99, Flags::SYN)));
    assert!(
        !talk.it.is_reused_by(&again(C, Flags::SYN))
            && !talk.it.is_reused_by(&again(99, Flags::ACK))
    );
    assert!(!Talk::open().it.is_reused_by(&again(99, Flags::SYN)));
    talk.steps();
    talk.it.observe(&again(99, Flags::SYN));
    assert_eq!(talk.steps()[0].notes, [Note::PortsReused]);
    assert_eq!(talk.it.states(), [TimeWait, Closed]);
}
