//! A script of packetdrill(1): the client's side of what was seen, as a test that can be run against a stack.
//!
//! The client's segments are expected (`>`), the server's are injected (`<`), by relative numbers and times since
//! the event before, as packetdrill's own scripts have them.

use std::fmt::Write as _;
use std::time::Duration;

use wireline_engine::tcp::{End, Line, Note, State, Step};
use wireline_packet::tcp::Flags;
use wireline_packet::tcp::options::{Item, items};

use super::{Ending, Heading, Painter, words};

/// Until the socket is connected: it does not block, so that the script goes on.
const OPENING: &str = "\
0.000 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
+0.000 fcntl(3, F_GETFL) = 0x2 (flags O_RDWR)
+0.000 fcntl(3, F_SETFL, O_RDWR|O_NONBLOCK) = 0
+0.000 connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)
";

/// What makes a socket send an RST.
const ABORT: &str = "setsockopt(3, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0}, 8) = 0";

/// Connections as scripts.
#[derive(Debug)]
pub(super) struct Packetdrill;

impl Packetdrill {
    pub(super) const fn new() -> Self {
        Self
    }

    fn segment(step: &Step, out: &mut String) {
        let notes = words::notes(step);
        if !notes.is_empty() {
            let _ = writeln!(out, "// {notes}");
        }
        let mut delay = step.after_last;
        for call in calls(step) {
            let _ = writeln!(out, "{} {call}", after(std::mem::take(&mut delay)));
        }
        let direction = if step.from == End::Client { '>' } else { '<' };
        // A closed port has no number of its own.
        let is_refusal = step.notes.contains(&Note::Refused);
        let first = if is_refusal { 0 } else { step.relative_sequence };
        let (last, length) = (first.wrapping_add(step.length), step.length);
        let letters = letters(step.flags);
        let _ = write!(out, "{} {direction} {letters} {first}:{last}({length})", after(delay));
        if let Some(number) = step.relative_acknowledgment {
            let _ = write!(out, " ack {number}");
        }
        // What the stack under test announces is its own affair.
        if step.from == End::Server {
            let _ = write!(out, " win {}", step.window);
        }
        let options = options(step);
        if !options.is_empty() {
            let _ = write!(out, " <{options}>");
        }
        out.push('\n');
    }
}

/// The system calls that make the client send this.
fn calls(step: &Step) -> Vec<String> {
    let is_again = step.notes.iter().any(|note| note.is_retransmission() || note.is_void());
    let has = |flag| step.flags.contains(flag);
    if step.from == End::Server || is_again || has(Flags::SYN) {
        return Vec::new();
    }
    let mut calls = Vec::new();
    let is_probe = [Note::KeepAlive, Note::ZeroWindowProbe].iter().any(|n| step.notes.contains(n));
    if step.length > 0 && !is_probe {
        calls.push(format!("write(3, ..., {0}) = {0}", step.length));
    }
    if has(Flags::FIN) {
        let is_last = step.after[0] == State::LastAck;
        let call = if is_last { "close(3) = 0" } else { "shutdown(3, SHUT_WR) = 0" };
        calls.push(call.to_owned());
    }
    if step.notes.contains(&Note::Abort) {
        calls.extend([ABORT, "close(3) = 0"].map(str::to_owned));
    }
    calls
}

impl Painter for Packetdrill {
    fn heading(&mut self, heading: &Heading, out: &mut String) {
        if let Some(title) = &heading.title {
            let _ = writeln!(out, "// {}", wireline_cli::escape(title));
        }
        let _ = writeln!(out, "// {} > {}", heading.client, heading.server);
        let version = if heading.server.is_ipv6() { "ipv6" } else { "ipv4" };
        let _ = writeln!(out, "--ip_version={version}\n");
        out.push_str(OPENING);
    }

    fn line(&mut self, line: &Line, out: &mut String) {
        match line {
            Line::Segment(step) => Self::segment(step, out),
            Line::Icmp(seen) => {
                let _ = writeln!(out, "// {}", words::icmp(seen));
            }
            Line::Inferred(line) => {
                let _ = writeln!(out, "// ~ {}: {}", line.from, words::inferred(line).join(" "));
            }
            Line::Caption(caption) => {
                let _ = writeln!(out, "// {}", wireline_cli::escape(&caption.text));
            }
        }
    }

    fn ending(&mut self, ending: &Ending, out: &mut String) {
        for remark in &ending.remarks {
            let _ = writeln!(out, "// {}", wireline_cli::escape(remark));
        }
        out.push('\n');
    }
}

/// Seconds since the event before.
fn after(time: Duration) -> String {
    format!("+{:.6}", time.as_secs_f64())
}

/// `S.`, `P.`, `F.`, in packetdrill's letters.
fn letters(flags: Flags) -> String {
    const LETTERS: [(Flags, char); 8] = [
        (Flags::FIN, 'F'),
        (Flags::SYN, 'S'),
        (Flags::RST, 'R'),
        (Flags::PSH, 'P'),
        (Flags::URG, 'U'),
        (Flags::ECE, 'E'),
        (Flags::CWR, 'W'),
        // Last, as the grammar wants it.
        (Flags::ACK, '.'),
    ];
    let set = LETTERS.iter().filter(|(flag, _)| flags.contains(*flag)).map(|(_, letter)| letter);
    let letters: String = set.collect();
    if letters.is_empty() { "-".to_owned() } else { letters }
}

/// As packetdrill writes them; what it has no word for is left out.
fn options(step: &Step) -> String {
    let base = match (step.acknowledgment, step.relative_acknowledgment) {
        (Some(number), Some(relative)) => number.wrapping_sub(relative),
        _ => 0,
    };
    let word = |item: Item<'_>| match item {
        Item::Sack(blocks) => {
            let block = |(from, to): (u32, u32)| {
                format!(" {}:{}", from.wrapping_sub(base), to.wrapping_sub(base))
            };
            Some(format!("sack{}", blocks.iter().map(block).collect::<String>()))
        }
        Item::FastOpen { cookie: [], experimental: false } => Some("FO".to_owned()),
        Item::End
        | Item::Nop
        | Item::MaxSegmentSize(_)
        | Item::WindowScale(_)
        | Item::SackPermitted
        | Item::Timestamps(_)
        | Item::FastOpen { .. } => Some(item.to_string()),
        _ => None,
    };
    items(&step.options).filter_map(word).collect::<Vec<_>>().join(",")
}
