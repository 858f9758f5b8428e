//! Long runs of data, told in a line: who wants to see them all says so (`--all-segments`).

use std::collections::VecDeque;

use wireline_engine::tcp::{Caption, End, Line, Note, Step};
use wireline_packet::tcp::Flags;

use super::{Ending, Heading, Painter};

/// Segments of a run that are drawn at its beginning.
const HEAD: usize = 4;
/// Those at its end.
const TAIL: usize = 2;
/// A line in place of fewer would save nothing.
const LEAST: usize = 4;

/// A painter that is spared the middle of long runs of data and their acknowledgments.
pub(super) struct Folded<P> {
    painter: P,
    /// Segments of this run so far.
    run: usize,
    /// The latest ones, which may yet be the run's end.
    held: VecDeque<Step>,
    omitted: Omitted,
}

/// What was not drawn.
#[derive(Debug, Default)]
struct Omitted {
    segments: u64,
    octets: [u64; 2],
    duplicate_acks: u64,
}

impl<P: Painter> Folded<P> {
    pub(super) fn new(painter: P) -> Self {
        Self { painter, run: 0, held: VecDeque::new(), omitted: Omitted::default() }
    }

    fn hold(&mut self, step: &Step) {
        self.held.push_back(step.clone());
        let most = if self.omitted.segments == 0 { LEAST + TAIL } else { TAIL };
        if self.held.len() <= most {
            return;
        }
        while self.held.len() > TAIL {
            self.held.pop_front().iter().for_each(|step| self.omitted.add(step));
        }
    }

    /// Draws what is left of a run.
    fn release(&mut self, out: &mut String) {
        self.run = 0;
        let omitted = std::mem::take(&mut self.omitted);
        if omitted.segments > 0 {
            self.painter.line(&Line::Caption(Caption { text: omitted.told() }), out);
        }
        for step in self.held.drain(..) {
            self.painter.line(&Line::Segment(step), out);
        }
    }
}

impl<P: Painter> Painter for Folded<P> {
    fn heading(&mut self, heading: &Heading, out: &mut String) {
        self.release(out);
        self.painter.heading(heading, out);
    }

    fn line(&mut self, line: &Line, out: &mut String) {
        match line {
            Line::Segment(step) if is_ordinary(step) => {
                self.run += 1;
                if self.run > HEAD {
                    return self.hold(step);
                }
            }
            _ => self.release(out),
        }
        self.painter.line(line, out);
    }

    fn ending(&mut self, ending: &Ending, out: &mut String) {
        self.release(out);
        self.painter.ending(ending, out);
    }

    fn finish(&mut self, out: &mut String) {
        self.release(out);
        self.painter.finish(out);
    }
}

/// Whether it is one of many: it changes no state, and nothing is remarkable about it.
fn is_ordinary(step: &Step) -> bool {
    const OTHERS: Flags = Flags(Flags::SYN.0 | Flags::FIN.0 | Flags::RST.0 | Flags::URG.0);
    let is_usual =
        |note: &Note| matches!(note, Note::DuplicateAck | Note::WindowUpdate | Note::WindowFull);
    step.flags.0 & OTHERS.0 == 0 && step.before == step.after && step.notes.iter().all(is_usual)
}

impl Omitted {
    fn add(&mut self, step: &Step) {
        self.segments += 1;
        *step.from.of_mut(&mut self.octets) += u64::from(step.length);
        self.duplicate_acks += u64::from(step.notes.contains(&Note::DuplicateAck));
    }

    /// `... 212 segments: 300,000 octets from the server`
    fn told(&self) -> String {
        let mut parts: Vec<String> = End::BOTH
            .into_iter()
            .filter(|end| *end.of(&self.octets) > 0)
            .map(|end| format!("{} octets from the {end}", grouped(*end.of(&self.octets))))
            .collect();
        if parts.is_empty() {
            parts.push("no data".to_owned());
        }
        if self.duplicate_acks > 0 {
            parts.push(format!("{} duplicate ACKs", grouped(self.duplicate_acks)));
        }
        format!("... {} segments: {}", grouped(self.segments), parts.join(", "))
    }
}

/// `300,000`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::super::Explain;
    use super::super::tests::{captured, drawn, heading, look};
    use super::super::text::Text;
    use super::*;

    /// The captured connection, with its data and their acknowledgment so many times.
    fn text(times: usize) -> String {
        let (lines, ending) = captured();
        let mut all = lines[..3].to_vec();
        (0..times).for_each(|_| all.extend_from_slice(&lines[3..5]));
        all.extend_from_slice(&lines[7..]);
        let painter = Folded::new(Text::new(look(120, Explain::Nothing)));
        drawn(painter, &heading(None), &all, &ending)
    }

    #[test]
    fn middle_of_a_long_run_is_one_line_with_its_sums() {
        let text = text(50_000);
        assert!(text.contains("... 99,994 segments: 299,982 octets from the client"), "{text}");
        assert_eq!(text.matches("len=6").count(), 3, "two before it and one behind: {text}");
        assert!(text.lines().count() < 40, "{text}");
        let places = ["client_isn", "len=6", "99,994", "FIN,ACK"].map(|word| text.find(word));
        assert!(places.is_sorted() && places[0].is_some(), "{text}");
    }

    #[test]
    fn short_run_is_drawn_whole() {
        assert!(!text(5).contains("..."), "{}", text(5));
        assert_eq!(text(5).matches("len=6").count(), 5);
        assert!(text(6).contains("... 6 segments: 18 octets"), "{}", text(6));
    }

    #[test]
    fn thousands_are_grouped() {
        let all = [0, 7, 999, 1_000, 12_345, 1_234_567].map(grouped);
        assert_eq!(all, ["0", "7", "999", "1,000", "12,345", "1,234,567"]);
    }
}
