//! The words for what a line holds, the same in every form.

use std::net::SocketAddr;
use std::time::Duration;

use wireline_engine::millis;
use wireline_engine::tcp::{End, IcmpSeen, Inferred, Note, Step};
use wireline_packet::tcp::Flags;
use wireline_packet::tcp::options::{Item, items};

/// `SYN,ACK`, from the lowest bit up as tshark has them.
pub(super) fn flags(flags: Flags) -> String {
    if flags.is_empty() {
        return "NO-FLAGS".to_owned();
    }
    flags.to_string().to_uppercase()
}

/// Milliseconds with microseconds, or seconds where those get long.
pub(super) fn time(at: Duration) -> String {
    let at_ms = millis(at);
    if at_ms < 99_999.0 { format!("{at_ms:.3} ms") } else { format!("{:.3} s", at.as_secs_f64()) }
}

/// What stands on the arrow: flags, numbers, window and length.
pub(super) fn segment(step: &Step, absolute: bool) -> Vec<String> {
    let mut words = vec![flags(step.flags)];
    let (sequence, acknowledgment) = if absolute {
        (step.sequence, step.acknowledgment)
    } else {
        (step.relative_sequence, step.relative_acknowledgment)
    };
    words.push(format!("seq={sequence}"));
    if let Some(name) = initial(step).filter(|_| !absolute) {
        words.push(format!("({name} {})", step.sequence));
    } else if let Some(name) = initial(step) {
        words.push(format!("({name})"));
    }
    words.extend(acknowledgment.map(|number| format!("ack={number}")));
    if step.length > 0 {
        words.push(format!("len={}", step.length));
    }
    if step.pieces > 1 {
        words.push(format!("({} segments)", step.pieces));
    }
    if !step.flags.contains(Flags::RST) {
        let unscaled = if step.window_octets.is_none() { "*" } else { "" };
        words.push(format!("win={}{unscaled}", step.window_octets.unwrap_or(step.window.into())));
    }
    words.extend(step.urgent.map(|pointer| format!("urg={pointer}")));
    words
}

/// What the tutorials call the number of a SYN.
fn initial(step: &Step) -> Option<&'static str> {
    let name = match step.from {
        End::Client => "client_isn",
        End::Server => "server_isn",
    };
    step.flags.contains(Flags::SYN).then_some(name)
}

/// What options say, padding left out: `mss=1460 sack ts=7/0 ws=10`.
pub(super) fn options(step: &Step, absolute: bool) -> Vec<String> {
    let base = match (step.acknowledgment, step.relative_acknowledgment) {
        (Some(number), Some(relative)) if !absolute => number.wrapping_sub(relative),
        _ => 0,
    };
    items(&step.options).filter_map(|item| option(item, base)).collect()
}

fn option(item: Item<'_>, base: u32) -> Option<String> {
    Some(match item {
        Item::End | Item::Nop => return None,
        Item::MaxSegmentSize(size) => format!("mss={size}"),
        Item::WindowScale(shift) => format!("ws={shift}"),
        Item::SackPermitted => "sack".to_owned(),
        Item::Timestamps(stamps) => format!("ts={}/{}", stamps.value, stamps.echo),
        Item::Sack(blocks) => {
            let block = |(from, to): (u32, u32)| {
                format!("{}-{}", from.wrapping_sub(base), to.wrapping_sub(base))
            };
            format!("sack={}", blocks.iter().map(block).collect::<Vec<_>>().join(","))
        }
        Item::FastOpen { cookie: [], .. } => "tfo=?".to_owned(),
        Item::FastOpen { cookie, .. } => {
            format!("tfo={}", cookie.iter().map(|octet| format!("{octet:02x}")).collect::<String>())
        }
        // What packetdrill(1) writes with blanks is one word here.
        other => other.to_string().replacen(' ', "=", 1).replace(' ', ","),
    })
}

/// What an inferred segment must have held.
pub(super) fn inferred(line: &Inferred) -> Vec<String> {
    let mut words = vec![flags(line.flags)];
    words.extend(line.length.map(|length| format!("len={length}")));
    words.extend(line.words.iter().map(|word| wireline_cli::escape(word).into_owned()));
    words
}

/// `ICMP 3/13 communication prohibited, from 192.0.2.254`.
pub(super) fn icmp(seen: &IcmpSeen) -> String {
    let family = if seen.by.is_ipv6() { "ICMPv6" } else { "ICMP" };
    let reason = seen.reason.map_or(String::new(), |reason| format!(" {reason}"));
    format!("{family} {}/{}{reason}, from {}", seen.icmp_type, seen.icmp_code, seen.by)
}

/// An end as a heading has it.
pub(super) fn end(end: End, address: SocketAddr, host: Option<&str>) -> String {
    match host.filter(|host| end == End::Server && *host != address.ip().to_string()) {
        Some(host) => format!("{end} {} {address}", wireline_cli::escape(host)),
        None => format!("{end} {address}"),
    }
}

/// A note in two or three words.
pub(super) const fn note(note: Note) -> &'static str {
    match note {
        Note::Retransmission => "retransmission",
        Note::SpuriousRetransmission => "spurious retransmission",
        Note::FastRetransmission => "fast retransmission",
        Note::SynRetransmitted => "SYN again",
        Note::SynAckResent => "SYN,ACK again",
        Note::OutOfOrder => "out of order",
        Note::Gap => "a gap before it",
        Note::AckOfUnseen => "acknowledges what was not seen",
        Note::DuplicateAck => "duplicate ACK",
        Note::WindowUpdate => "window update",
        Note::ZeroWindow => "zero window",
        Note::ZeroWindowProbe => "zero-window probe",
        Note::ZeroWindowProbeAck => "answers the probe",
        Note::WindowFull => "window full",
        Note::KeepAlive => "keep-alive",
        Note::KeepAliveAck => "answers the keep-alive",
        Note::ChallengeAck => "challenge ACK",
        Note::Refused => "refused",
        Note::ResetOfHalfOpen => "gives up the half-open connection",
        Note::ResetIgnored => "unexpected RST",
        Note::ResetWithData => "RST with data",
        Note::Abort => "abort",
        Note::ResetAfterClose => "RST after close",
        Note::DataAfterFin => "data after FIN",
        Note::SimultaneousOpen => "simultaneous open",
        Note::SimultaneousClose => "simultaneous close",
        Note::HalfClose => "half-close: still sends",
        Note::FastOpenData => "data with the SYN",
        Note::FastOpenRequest => "asks for a Fast Open cookie",
        Note::FastOpenCookie => "gives a Fast Open cookie",
        Note::FastOpenAccepted => "data of the SYN taken",
        Note::FastOpenRejected => "data of the SYN not taken",
        Note::ThirdAckData => "data with the third segment",
        Note::Ecn => "ECN",
        Note::SynAckWithData => "SYN,ACK with data",
        Note::WrongAck => "answers another SYN",
        Note::UnexpectedSyn => "unexpected SYN",
        Note::OddFlags => "odd flags",
        Note::MalformedOptions => "malformed options",
        Note::OverlappingData => "other data than before",
        Note::PortsReused => "ports reused",
        Note::OutOfWindow => "outside the window",
        Note::Lost => "lost on the way",
        _ => "remarkable",
    }
}

/// All notes of a segment.
pub(super) fn notes(step: &Step) -> String {
    step.notes.iter().map(|each| note(*each)).collect::<Vec<_>>().join(", ")
}
