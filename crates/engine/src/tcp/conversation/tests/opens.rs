use super::*;

#[test]
fn three_segments_open_both_ends() {
    let mut talk = Talk::new();
    for draft in [c("S", 0, 0).linux(7, 0), s("S.", 0, 1).linux(9, 7), c(".", 1, 1)] {
        talk.say(&draft);
    }
    let steps = talk.steps();
    let states: Vec<_> = steps.iter().map(|step| (step.before, step.after)).collect();
    assert_eq!(
        states,
        [
            ([Closed, Listen], [SynSent, SynRcvd]),
            ([SynSent, SynRcvd], [Established, SynRcvd]),
            ([Established, SynRcvd], [Established, Established]),
        ]
    );
    assert!(steps.iter().all(|step| step.notes.is_empty()), "{steps:?}");
    let summary = talk.it.summary();
    assert_eq!((summary.opening, summary.closing.how), (Opening::Open, How::Open));
    assert_eq!(summary.isn, [Some(C), Some(S)]);
    assert_eq!(summary.syn_rtt, Some(Duration::from_millis(1)));
    assert_eq!(summary.handshake, Some(Duration::from_millis(2)));
    let agreed = summary.agreed;
    assert!(agreed.sack && agreed.timestamps && agreed.window_scale && !agreed.ecn);
}

#[test]
fn first_syn_is_held_back_until_somebody_answers() {
    let mut talk = Talk::new();
    talk.say(&c("S", 0, 0));
    assert_eq!(talk.it.poll_line(), None);
    talk.say(&s("S.", 0, 1));
    assert_eq!(talk.steps().len(), 2);
}

#[test]
fn refused_syn_met_a_closed_port() {
    let mut talk = Talk::new();
    // As RFC 9293 §3.10.7.1 has it, the RST's number is an absolute 0.
    talk.say(&c("S", 0, 0));
    talk.say(&s("R.", 0u32.wrapping_sub(S), 1));
    let steps = talk.steps();
    assert_eq!(steps[0].before, [Closed, Closed]);
    assert_eq!((steps[1].before, steps[1].after), ([SynSent, Closed], [Closed, Closed]));
    assert_eq!(steps[1].notes, [Note::Refused]);
    assert_eq!((steps[1].sequence, steps[1].relative_sequence), (0, 1), "as tshark counts");
    let summary = talk.it.summary();
    assert_eq!(summary.opening, Opening::Refused);
    assert_eq!(summary.closing, Closing { by: Some(End::Server), how: How::NeverOpen });
    assert!(talk.it.is_over() && summary.time_wait.is_empty());
}

#[test]
fn nobody_who_answers_leaves_the_server_unknown() {
    let mut talk = Talk::new();
    talk.say(&c("S", 0, 0));
    talk.wait(1000);
    talk.say(&c("S", 0, 0));
    talk.it.settle();
    let steps = talk.steps();
    assert_eq!(steps[1].notes, [Note::SynRetransmitted]);
    assert_eq!(steps[1].after, [SynSent, Unknown]);
    let summary = talk.it.summary();
    assert_eq!((summary.opening, summary.ends[0].retransmissions), (Opening::Unanswered, 1));
    assert_eq!(summary.closing.how, How::NeverOpen);
}

#[test]
fn answer_tells_by_its_stamp_which_syn_arrived() {
    let mut talk = Talk::new();
    talk.say(&c("S", 0, 0).linux(7, 0));
    talk.wait(999);
    talk.say(&c("S", 0, 0).linux(1007, 0));
    talk.say(&s("S.", 0, 1).linux(9, 1007));
    let states: Vec<_> = talk.steps().iter().map(|step| step.after).collect();
    assert_eq!(states, [[SynSent, Listen], [SynSent, SynRcvd], [Established, SynRcvd]]);
    assert_eq!(talk.it.summary().syn_rtt, Some(Duration::from_millis(1)));
}

#[test]
fn answer_without_a_stamp_leaves_the_round_trip_open() {
    let mut talk = Talk::new();
    talk.walk(&[c("S", 0, 0), c("S", 0, 0), s("S.", 0, 1), c(".", 1, 1)]);
    let summary = talk.it.summary();
    assert_eq!((summary.syn_rtt, summary.ack_rtt.is_some()), (None, true));
}

#[test]
fn late_answer_after_settling_still_opens() {
    let mut talk = Talk::new();
    talk.say(&c("S", 0, 0));
    talk.it.settle();
    assert_eq!(talk.steps()[0].after, [SynSent, Unknown]);
    let states = talk.walk(&[s("S.", 0, 1), c(".", 1, 1)]);
    assert_eq!(states, [[Established, SynRcvd], [Established, Established]]);
}

#[test]
fn resent_syn_ack_tells_that_the_third_segment_was_lost() {
    let mut talk = Talk::open();
    talk.wait(1000);
    talk.say(&s("S.", 0, 1));
    let step = talk.steps().pop().unwrap();
    assert_eq!(step.notes, [Note::SynAckResent]);
    assert_eq!((step.before, step.after), ([Established, SynRcvd], [Established, SynRcvd]));
    assert_eq!(talk.walk(&[c(".", 1, 1)]), [[Established, Established]]);
    let summary = talk.it.summary();
    assert_eq!((summary.ends[1].retransmissions, summary.ack_rtt), (1, None));
}

#[test]
fn data_may_come_with_the_third_segment() {
    let mut talk = Talk::new();
    let notes = talk.notes(&[c("S", 0, 0), s("S.", 0, 1), c("P.", 1, 1).data(b"hello")]);
    assert_eq!(notes, [Note::ThirdAckData]);
    assert_eq!(talk.it.states(), [Established, Established]);
    let notes = talk.notes(&[c("P.", 6, 1).data(b"again")]);
    assert_eq!(notes, [], "the fourth is ordinary");
}

#[test]
fn fast_open_takes_data_with_the_syn() {
    const COOKIE: [u8; 12] = [34, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 1];
    let mut talk = Talk::new();
    talk.say(&c("S", 0, 0).raw(&COOKIE).data(b"0123456789"));
    talk.say(&s("S.", 0, 11));
    talk.say(&s("P.", 1, 11).data(b"early"));
    talk.say(&c(".", 11, 6));
    let steps = talk.steps();
    assert_eq!(steps[0].notes, [Note::FastOpenData]);
    assert_eq!(steps[1].notes, [Note::FastOpenAccepted]);
    assert_eq!(steps[2].notes, [], "a server may talk before the third segment");
    assert_eq!(steps[3].after, [Established, Established]);
    let summary = talk.it.summary();
    assert!(summary.agreed.fast_open);
    assert_eq!(summary.ends.map(|end| end.octets), [10, 5]);
}

#[test]
fn cookie_is_asked_for_and_given_out() {
    let mut talk = Talk::new();
    talk.say(&c("S", 0, 0).raw(&[34, 2, 1, 1]));
    talk.say(&s("S.", 0, 1).raw(&[34, 6, 1, 2, 3, 4, 1, 1]));
    let notes: Vec<_> = talk.steps().into_iter().flat_map(|step| step.notes).collect();
    assert_eq!(notes, [Note::FastOpenRequest, Note::FastOpenCookie]);
}

#[test]
fn data_of_a_syn_that_is_not_taken_is_sent_again() {
    let mut talk = Talk::new();
    talk.say(&c("S", 0, 0).data(b"0123456789"));
    assert_eq!(talk.notes(&[s("S.", 0, 1)]), [Note::FastOpenRejected]);
    let notes = talk.notes(&[c("P.", 1, 1).data(b"0123456789")]);
    assert_eq!(notes, [Note::ThirdAckData, Note::Retransmission]);
    assert!(!talk.it.summary().agreed.fast_open);
}

#[test]
fn both_may_open_at_once() {
    let mut talk = Talk::new();
    for draft in [c("S", 0, 0), s("S", 0, 0), c("S.", 0, 1), s("S.", 0, 1)] {
        talk.say(&draft);
    }
    let steps = talk.steps();
    assert_eq!(steps[0].after, [SynSent, Closed]);
    assert_eq!(steps[1].after, [SynRcvd, SynSent]);
    assert_eq!(steps[1].notes, [Note::SimultaneousOpen]);
    assert_eq!((steps[2].before, steps[2].after), ([SynRcvd, SynRcvd], [SynRcvd, Established]));
    assert_eq!(steps[3].after, [Established, Established]);
    assert_eq!(steps[3].notes, []);
    assert_eq!(talk.it.summary().opening, Opening::Open);
}

#[test]
fn ecn_is_asked_for_with_two_bits_and_granted_with_one() {
    let mut talk = Talk::new();
    talk.walk(&[c("SEW", 0, 0), s("SE.", 0, 1), c(".", 1, 1)]);
    assert!(talk.it.summary().agreed.ecn);
    let mut talk = Talk::new();
    talk.walk(&[c("SEW", 0, 0), s("SEW.", 0, 1), c(".", 1, 1)]);
    assert!(!talk.it.summary().agreed.ecn, "what only throws the bits back has not understood");
}

#[test]
fn half_open_probe_leaves_the_server_listening() {
    let mut talk = Talk::new();
    talk.say(&c("S", 0, 0));
    talk.say(&s("S.", 0, 1));
    assert_eq!(talk.notes(&[c("R", 1, 0)]), [Note::ResetOfHalfOpen]);
    assert_eq!(talk.it.states(), [Closed, Listen]);
    assert_eq!(talk.it.summary().opening, Opening::HalfOpen);
}

#[test]
fn router_ends_an_attempt() {
    let mut talk = Talk::new();
    talk.say(&c("S", 0, 0));
    let error = |at, icmp_code| IcmpObserved {
        at: Instant::from_millis(at),
        by: ROUTER,
        icmp_type: 3,
        icmp_code,
        source: client(),
        sequence: C,
    };
    talk.it.observe_icmp(&error(1002, 4));
    assert_eq!(talk.it.states(), [SynSent, Unknown], "a packet that is too big ends nothing");
    talk.it.observe_icmp(&error(1003, 13));
    assert_eq!(talk.it.states(), [Closed, Unknown]);
    let lines: Vec<_> = std::iter::from_fn(|| talk.it.poll_line()).collect();
    let Line::Icmp(seen) = &lines[2] else { panic!("{lines:?}") };
    assert_eq!((seen.to, seen.relative_sequence), (End::Client, 0));
    assert!(seen.reason.is_some());
    let opening = talk.it.summary().opening;
    assert_eq!(opening, Opening::Rejected { by: ROUTER, icmp_type: 3, icmp_code: 13 });
}

#[test]
fn who_is_asked_is_told_by_the_first_segment() {
    let segment = |flags, source: SocketAddr, destination: SocketAddr| Observed {
        at: Instant::ZERO,
        source,
        destination,
        hop_limit: 64,
        segment: Segment {
            source_port: source.port(),
            destination_port: destination.port(),
            sequence: 1,
            acknowledgment: 1,
            flags: flags_of(flags),
            window: 1,
            urgent: 0,
            options: &[],
            payload: &[],
        },
        length: 0,
    };
    let of = |flags, a, b| Conversation::of(&segment(flags, a, b)).client();
    assert_eq!(of("S", server(), client()), server(), "whoever sends a SYN");
    assert_eq!(of("S.", server(), client()), client());
    assert_eq!(of(".", server(), client()), client(), "the lower port is asked");
    assert_eq!(of("P.", client(), server()), client());
}
