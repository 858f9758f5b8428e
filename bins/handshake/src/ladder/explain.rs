//! One sentence a segment, for people who know TCP from tutorials: what it means, why, and where that is written.

use wireline_engine::tcp::{End, Note, State, Step};
use wireline_packet::tcp::Flags;

use super::Explain;

/// What there is to say of a segment.
struct Words {
    short: String,
    why: &'static str,
    clause: &'static str,
}

#[expect(clippy::unnecessary_wraps, reason = "who has nothing to say of a note gives none")]
fn words(short: impl Into<String>, why: &'static str, clause: &'static str) -> Option<Words> {
    Some(Words { short: short.into(), why, clause })
}

/// The sentence of a segment, as long as was asked for.
pub(super) fn explain(step: &Step, length: Explain) -> Option<String> {
    let words = match length {
        Explain::Nothing => return None,
        Explain::Short | Explain::Long => by_note(step).or_else(|| by_flags(step))?,
    };
    let why = if length == Explain::Long { words.why } else { "" };
    let gap = if why.is_empty() { "" } else { " " };
    Some(format!("{}{gap}{why} [{}]", words.short, words.clause))
}

/// `The client`, `The server`.
const fn who(end: End) -> &'static str {
    match end {
        End::Client => "The client",
        End::Server => "The server",
    }
}

fn by_note(step: &Step) -> Option<Words> {
    step.notes.iter().find_map(|note| {
        opening_note(*note, step)
            .or_else(|| reset_note(*note, step))
            .or_else(|| data_note(*note, step))
    })
}

fn opening_note(note: Note, step: &Step) -> Option<Words> {
    let sender = who(step.from);
    match note {
        Note::SynRetransmitted => words(
            "No answer came, so the SYN is sent again, with the same number.",
            "Linux waits 1 s each for the first few times and only then doubles (tcp_syn_linear_timeouts); \
             the textbook's 1, 3, 7 s are of older systems.",
            "RFC 9293 §3.8.1, RFC 6298 §2.1",
        ),
        Note::SynAckResent if step.before[0] == State::SynSent => words(
            "The SYN,ACK again, with the same server_isn: the first did not arrive.",
            "The server knows the connection since the first SYN, and is SYN_RCVD for as long as it tries.",
            "RFC 9293 §3.8.1",
        ),
        Note::SynAckResent => words(
            "The server has not heard the third segment yet, or it did not count: the SYN,ACK is sent again.",
            "It is still SYN_RCVD. A full accept queue looks the same: Linux drops the ACK and lets the client \
             repeat it.",
            "RFC 9293 §3.8.1",
        ),
        Note::FastOpenData => words(
            "Data comes with the SYN already: TCP Fast Open saves a round trip.",
            "A cookie from an earlier connection shows that the client's address is its own.",
            "RFC 7413 §4.2.2",
        ),
        Note::FastOpenRequest => words(
            "The client asks for a Fast Open cookie, for the next time.",
            "An empty option is the request.",
            "RFC 7413 §4.2.1",
        ),
        Note::FastOpenCookie => words(
            "ack=1 answers the SYN, and the cookie lets the next SYN carry data.",
            "It is a code over the client's address that only the server can make.",
            "RFC 7413 §4.1.2",
        ),
        Note::FastOpenAccepted => words(
            "The acknowledgment covers the SYN and the data with it.",
            "Whatever it answers may be on its way before the third segment.",
            "RFC 7413 §4.2.2",
        ),
        Note::FastOpenRejected => words(
            "ack=1: the SYN is taken, and the data with it is not.",
            "The client must send it again; the cookie was wrong or old, or Fast Open is off.",
            "RFC 7413 §4.2.2",
        ),
        Note::ThirdAckData => words(
            "The third segment of the handshake carries data.",
            "The client is ESTABLISHED since the SYN,ACK, so it may; to the server the acknowledgment comes first.",
            "RFC 9293 §3.5",
        ),
        Note::SimultaneousOpen => words(
            "Both ends asked at once: two SYNs cross, and each counts as the other's answer.",
            "Each end goes from SYN_SENT to SYN_RCVD and answers by SYN,ACK; one connection comes of it.",
            "RFC 9293 §3.5, figure 7",
        ),
        Note::Ecn if !step.flags.contains(Flags::ACK) => words(
            "The client asks to open, and by ECE and CWR together for explicit congestion notification.",
            "In a SYN the two do not mean what their names say. client_isn takes one number as ever.",
            "RFC 3168 §6.1.1",
        ),
        Note::Ecn => words(
            "ack=1 answers the SYN; ECE alone agrees to explicit congestion notification.",
            "Both bits back would only be an echo of who does not understand.",
            "RFC 3168 §6.1.1",
        ),
        Note::WrongAck => words(
            format!("{sender} answers another SYN than was sent: the client resets it."),
            "An old duplicate or a guess; ack must be client_isn+1.",
            "RFC 9293 §3.10.7.3",
        ),
        Note::UnexpectedSyn => words(
            "A SYN in an open connection is not believed: it is answered by a challenge ACK.",
            "Who has lost the connection answers that one by RST; who is attacked loses nothing.",
            "RFC 9293 §3.10.7.4, RFC 5961 §4.2",
        ),
        _ => None,
    }
}

fn reset_note(note: Note, step: &Step) -> Option<Words> {
    let sender = who(step.from);
    match note {
        Note::Refused => words(
            "Nobody listens on this port: RST, and the client is told \"connection refused\".",
            "Its absolute number is 0, for a closed port has none; only its acknowledgment shows whom it answers.",
            "RFC 9293 §3.10.7.1",
        ),
        Note::ResetOfHalfOpen => words(
            "The client had only asked whether the port is open: it resets the half-open connection.",
            "The server forgets it and goes on to listen.",
            "RFC 9293 §3.10.7.4",
        ),
        Note::Abort => words(
            format!("{sender} aborts: RST throws the connection away, unread data included."),
            "This is what close() does with SO_LINGER of 0, or with data unread. Nobody waits in TIME_WAIT.",
            "RFC 9293 §3.9.1.6, §3.10.7.4",
        ),
        Note::ResetAfterClose if *step.from.of(&step.before) == State::Closed => words(
            format!("{sender} knows of no such connection any more: RST to whatever comes for it."),
            "Its number is the one that was asked for, so that the other end believes it.",
            "RFC 9293 §3.5.2, §3.10.7.1",
        ),
        Note::ResetAfterClose => words(
            format!("{sender} has closed its socket: RST to whatever still comes."),
            "FIN had said that it sends no more; nobody is left to read.",
            "RFC 9293 §3.6.1, RFC 1122 §4.2.2.13",
        ),
        Note::ResetIgnored => words(
            "This RST is not at the number that is expected: it is not believed.",
            "Within the window it is answered by a challenge ACK, else by nothing.",
            "RFC 9293 §3.5.3, RFC 5961 §3.2",
        ),
        _ => None,
    }
}

fn data_note(note: Note, step: &Step) -> Option<Words> {
    let sender = who(step.from);
    match note {
        Note::Retransmission | Note::FastRetransmission => words(
            "Sent again: no acknowledgment came for it.",
            "After a timeout, or as duplicate acknowledgments show that something behind it has arrived.",
            "RFC 9293 §3.8.1, RFC 5681 §3.2",
        ),
        Note::SpuriousRetransmission => words(
            "Sent again although it had arrived: the acknowledgment was lost or late.",
            "",
            "RFC 9293 §3.8.1",
        ),
        Note::Gap => words("Something before this did not pass here.", "", "RFC 9293 §3.10.7.4"),
        Note::OutOfOrder => words(
            "Overtaken on its way: it fills the gap.",
            "Numbers, and not arrival, order the data.",
            "RFC 9293 §3.10.7.4",
        ),
        Note::DuplicateAck => words(
            "The same acknowledgment again: something behind the missing segment has arrived.",
            "Three of them make the sender repeat it at once.",
            "RFC 5681 §3.2",
        ),
        Note::ZeroWindowProbe => words(
            format!("{sender} asks whether there is room again."),
            "A window update may get lost; without probes both would wait for ever.",
            "RFC 9293 §3.8.6.1",
        ),
        Note::ZeroWindow => words(
            format!("{sender} has no room: win=0 stops the other end."),
            "Its program does not read. The connection stays open for as long as probes are answered.",
            "RFC 9293 §3.8.6",
        ),
        Note::WindowUpdate => words(
            format!("{sender} has nothing new but room: the window changes."),
            "",
            "RFC 9293 §3.8.6",
        ),
        Note::KeepAlive => words(
            format!("{sender} asks whether anybody is there, with a number from the past."),
            "Such a number must be answered. Linux asks after two hours, and only where SO_KEEPALIVE is set.",
            "RFC 9293 §3.8.4",
        ),
        Note::KeepAliveAck => words("Somebody is.", "", "RFC 9293 §3.8.4"),
        Note::ChallengeAck => words(
            "A challenge: this is the number that is expected; whoever is real may answer.",
            "",
            "RFC 5961 §3.2, §4.2",
        ),
        Note::SimultaneousClose => words(
            "Both ends closed at once: the FINs cross, both go to CLOSING and both to TIME_WAIT.",
            "",
            "RFC 9293 §3.6, figure 13",
        ),
        Note::HalfClose => words(
            format!("{sender} still sends: FIN closed the other direction only."),
            "This is shutdown(SHUT_WR): the other end reads on in FIN_WAIT_2.",
            "RFC 9293 §3.6",
        ),
        _ => None,
    }
}

fn by_flags(step: &Step) -> Option<Words> {
    let has = |flag| step.flags.contains(flag);
    match () {
        () if has(Flags::SYN | Flags::ACK) => syn_ack(step),
        () if has(Flags::SYN) => words(
            "The client asks to open. The SYN takes one sequence number.",
            "client_isn comes from a clock and a secret, so that nobody can guess it (RFC 6528); what comes \
             first is data number client_isn+1.",
            "RFC 9293 §3.4.1, §3.5",
        ),
        () if has(Flags::FIN) => fin(step),
        () if step.notes.contains(&Note::Lost) && step.before[1] == State::SynRcvd => words(
            "ack=1: I have server_isn. It does not get there: the client is ESTABLISHED, the server still SYN_RCVD.",
            "The server sends its SYN,ACK again, unless data come first: they carry the same acknowledgment.",
            "RFC 9293 §3.5, §3.8.1",
        ),
        () if step.before[1] == State::SynRcvd && step.after[1] == State::Established => words(
            "ack=1: I have server_isn. Both ends know now that the other hears them: ESTABLISHED.",
            "Only now does a Linux server make a socket of it, for the accept queue: until here it was a mere \
             request, in the SYN queue.",
            "RFC 9293 §3.5",
        ),
        () => ordinary(step),
    }
}

fn syn_ack(step: &Step) -> Option<Words> {
    if step.from == End::Client || step.before[0] == State::SynRcvd {
        return words(
            "ack=1: I have your SYN, and here is mine once more, under the same number.",
            "An end that gets a SYN in SYN_SENT goes to SYN_RCVD and answers so; this makes the other end ESTABLISHED.",
            "RFC 9293 §3.5, figure 7",
        );
    }
    words(
        "ack=1: I have client_isn and wait for client_isn+1. Its own SYN asks the other way.",
        "Two of the four messages in one segment: that is why three are enough. The client is ESTABLISHED as it \
         gets this one.",
        "RFC 9293 §3.5, figure 6",
    )
}

fn fin(step: &Step) -> Option<Words> {
    let (sender, last) = (who(step.from), *step.from.of(&step.after));
    if last == State::LastAck {
        return words(
            format!("{sender} has no more to send, either. FIN takes one number."),
            "It waits in LAST_ACK for the acknowledgment; who closed first then waits 2MSL in TIME_WAIT.",
            "RFC 9293 §3.6",
        );
    }
    words(
        format!("{sender} has no more to send. FIN takes one number, as SYN did."),
        "It can still receive: the other direction is open until the other FIN.",
        "RFC 9293 §3.6, figure 12",
    )
}

fn ordinary(step: &Step) -> Option<Words> {
    let (sender, other) = (who(step.from), step.from.other());
    let (before, after) = (*other.of(&step.before), *other.of(&step.after));
    let waits = *step.from.of(&step.after) == State::TimeWait;
    match (before, after) {
        (State::LastAck, State::Closed) if waits => words(
            format!(
                "The last acknowledgment: the {other} is CLOSED, and the {} waits 2MSL.",
                step.from
            ),
            "Should this ACK be lost, the FIN comes again and is answered again. Old segments die out meanwhile. \
             2MSL is 60 s on Linux.",
            "RFC 9293 §3.6.1, figure 12",
        ),
        (State::LastAck, State::Closed) => {
            words("The last acknowledgment: all is closed.", "", "RFC 9293 §3.6, figure 12")
        }
        (State::FinWait1, State::FinWait2) => words(
            format!("ack covers the FIN: the {other} sends no more, and still takes."),
            "How long the other direction stays open is up to the program: it is in CLOSE_WAIT until it closes.",
            "RFC 9293 §3.6",
        ),
        (State::Closing, State::TimeWait) => {
            words("ack covers the FIN that crossed.", "", "RFC 9293 §3.6, figure 13")
        }
        _ if step.flags.contains(Flags::ECE) => words(
            format!("ECE: a router had marked (CE) what came. {sender} says so until CWR answers."),
            "Nothing was lost: the router's queue was growing.",
            "RFC 3168 §6.1.3",
        ),
        _ if step.flags.contains(Flags::CWR) => words(
            format!(
                "CWR: the {} has heard of the congestion and slowed down; ECE may stop.",
                step.from
            ),
            "The congestion window is halved, as if a segment had been lost.",
            "RFC 3168 §6.1.2",
        ),
        _ if step.length > 0 => words(
            format!(
                "{sender} sends {} octets, from number {} on.",
                step.length, step.relative_sequence
            ),
            "PSH says: hand this to the program, do not wait for more.",
            "RFC 9293 §3.9.1.2",
        ),
        _ => step.relative_acknowledgment.and_then(|number| {
            words(
                format!("{sender} has all up to here and waits for number {number}."),
                "Acknowledgments are cumulative, and take no number themselves.",
                "RFC 9293 §3.4",
            )
        }),
    }
}
