//! A script of packetdrill(1): the server's side of what was seen, as a test that can be run against a stack.
//!
//! The client's segments are injected (`<`), the server's are expected (`>`), by relative numbers and times since
//! the event before, as packetdrill's own scripts have them.

use std::fmt::Write as _;
use std::time::Duration;

use wireline_engine::tcp::{End, Line, Note, Step};
use wireline_packet::tcp::Flags;
use wireline_packet::tcp::options::{Item, items};

use super::{Ending, Heading, Painter, words};

/// One connection as a script.
#[derive(Debug)]
pub(super) struct Packetdrill {
    is_accepted: bool,
    is_v6: bool,
}

impl Packetdrill {
    pub(super) fn new() -> Self {
        Self { is_accepted: false, is_v6: false }
    }

    fn segment(&mut self, step: &Step, out: &mut String) {
        let notes = words::notes(step);
        if !notes.is_empty() {
            let _ = writeln!(out, "// {notes}");
        }
        let direction = if step.from == End::Client { '<' } else { '>' };
        let is_syn = step.flags.contains(Flags::SYN);
        // Numbers without a base in the script: those of an RST by a closed port are 0.
        let is_refusal = step.notes.contains(&Note::Refused);
        let first = if is_refusal { 0 } else { step.relative_sequence };
        let last = first.wrapping_add(step.length);
        let _ = write!(
            out,
            "{} {direction} {} {first}:{last}({})",
            after(step.after_last),
            letters(step.flags),
            step.length
        );
        let _ = write!(
            out,
            "{}",
            step.relative_acknowledgment.map_or(String::new(), |ack| format!(" ack {ack}"))
        );
        // A window is compared as it is on the wire; that of an RST is left to the stack.
        if !step.flags.contains(Flags::RST) || step.from == End::Client {
            let _ = write!(out, " win {}", step.window);
        }
        let options = options(step);
        if !options.is_empty() || is_syn {
            let _ = write!(out, " <{options}>");
        }
        out.push('\n');
        if step.from == End::Client
            && !is_syn
            && !self.is_accepted
            && !step.flags.contains(Flags::RST)
        {
            self.is_accepted = true;
            out.push_str("+0.000 accept(3, ..., ...) = 4\n");
        }
    }
}

impl Painter for Packetdrill {
    fn heading(&mut self, heading: &Heading, out: &mut String) {
        self.is_v6 = heading.server.is_ipv6();
        self.is_accepted = false;
        if let Some(title) = &heading.title {
            let _ = writeln!(out, "// {}", wireline_cli::escape(title));
        }
        let _ = writeln!(out, "// {} > {}", heading.client, heading.server);
        let version = if self.is_v6 { "ipv6" } else { "ipv4" };
        let _ = writeln!(out, "--ip_version={version}\n");
        out.push_str("0.000 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n");
        out.push_str("+0.000 setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0\n");
        out.push_str("+0.000 bind(3, ..., ...) = 0\n+0.000 listen(3, 1) = 0\n\n");
    }

    fn line(&mut self, line: &Line, out: &mut String) {
        match line {
            Line::Segment(step) => self.segment(step, out),
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
        (Flags::ACK, '.'),
        (Flags::URG, 'U'),
        (Flags::ECE, 'E'),
        (Flags::CWR, 'W'),
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
