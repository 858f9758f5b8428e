//! The ladder of a terminal: states at the sides, segments between two rails.

mod close;
mod surface;

use std::fmt::Write as _;

use wireline_cli::escape;
use wireline_engine::tcp::{End, IcmpSeen, Inferred, Line, Note, State, Step};
use wireline_packet::tcp::Flags;

use self::surface::{GUTTER, Glyphs, Tone, fold, paint, right, width_of};
use super::{Ending, Heading, Look, Painter, explain, words};

/// One connection as text.
#[derive(Debug)]
pub(super) struct Text {
    look: Look,
    glyphs: &'static Glyphs,
    /// The states that are written beside the rails.
    shown: Option<[State; 2]>,
    has_drawn: bool,
}

/// A text in pieces of no more than so many columns.
pub(super) fn folded(text: &str, width: usize) -> Vec<String> {
    fold(text, width)
}

/// What stands below a ladder, without colours.
pub(super) fn summary(ending: &Ending, width: usize) -> Vec<String> {
    let (explain, absolute) = (super::Explain::Nothing, false);
    let look = Look { explain, absolute, colored: false, unicode: true, width, all: true };
    let mut out = String::new();
    Text::new(look).close(ending, &mut out);
    out.lines().map(str::to_owned).collect()
}

/// What stands left and right of the rails.
struct Sides {
    left: (Tone, String),
    right: (Tone, String),
}

/// An arrow between the rails.
struct Arrow {
    from: End,
    tone: Tone,
    time: String,
    words: Vec<String>,
    /// What follows if there is room, and goes below if there is not.
    more: Vec<String>,
    shaft: char,
    /// Whether it comes from the other end, and not from somewhere on the way.
    is_whole: bool,
    /// Whether it ends on the way.
    is_lost: bool,
}

impl Text {
    pub(super) fn new(look: Look) -> Self {
        Self { look, glyphs: Glyphs::of(look.unicode), shown: None, has_drawn: false }
    }

    /// Columns between the rails.
    fn lane(&self) -> usize {
        self.look.width.saturating_sub(2 * GUTTER + 2).max(24)
    }

    fn states(&mut self, states: [State; 2]) -> Sides {
        let shown = self.shown.replace(states);
        let side = |end: End| {
            let state = *end.of(&states);
            let is_new = shown.is_none_or(|shown| *end.of(&shown) != state);
            (Tone::State, if is_new { state.name().to_owned() } else { String::new() })
        };
        Sides { left: side(End::Client), right: side(End::Server) }
    }

    fn row(&self, out: &mut String, sides: &Sides, lane: &[(Tone, String)], rails: [char; 2]) {
        let is_colored = self.look.colored;
        let (tone, left) = &sides.left;
        out.push_str(&" ".repeat(GUTTER.saturating_sub(1 + width_of(left))));
        paint(out, *tone, left, is_colored);
        out.extend([' ', rails[0]]);
        let used: usize = lane.iter().map(|(_, text)| width_of(text)).sum();
        for (tone, text) in lane {
            paint(out, *tone, text, is_colored);
        }
        out.push_str(&" ".repeat(self.lane().saturating_sub(used)));
        out.push(rails[1]);
        let (tone, text) = &sides.right;
        if !text.is_empty() {
            out.push(' ');
            paint(out, *tone, text, is_colored);
        }
        out.push('\n');
    }

    /// Rows of text between the rails, the first of them with the states beside it.
    fn rows(&self, out: &mut String, mut sides: Sides, texts: &[(Tone, String)]) {
        let rail = self.glyphs.rail;
        let width = self.lane().saturating_sub(4);
        let pieces = texts.iter().flat_map(|(tone, text)| {
            fold(text, width).into_iter().map(move |piece| (*tone, piece))
        });
        let mut lines: Vec<_> = pieces.map(|(tone, text)| (tone, format!("   {text}"))).collect();
        let has_states = !sides.left.1.is_empty() || !sides.right.1.is_empty();
        if lines.is_empty() && has_states {
            lines.push((Tone::Plain, String::new()));
        }
        for line in lines {
            self.row(out, &sides, &[line], [rail, rail]);
            sides = Sides::none();
        }
    }

    /// Draws an arrow, and gives back the words that had no room on it.
    fn arrow(&self, out: &mut String, arrow: Arrow) -> Vec<String> {
        let glyphs = self.glyphs;
        let room = self.lane().saturating_sub(if arrow.is_lost { 10 } else { 6 });
        let mut left: Vec<String> = arrow.words;
        let all: usize = left.iter().chain(&arrow.more).map(|word| width_of(word) + 1).sum();
        let mut below = arrow.more;
        if all <= room + 1 {
            left.append(&mut below);
        }
        let mut used = 0;
        let fits = left.iter().take_while(|word| {
            used += width_of(word) + 1;
            used <= room + 1
        });
        let mut rest = left.split_off(fits.count().max(1));
        rest.append(&mut below);
        let label = left.join(" ");
        let shaft = |n: usize| arrow.shaft.to_string().repeat(n);
        let fill = self.lane().saturating_sub(width_of(&label) + 5);
        let text = |text: String| (Tone::Dim, text);
        let tee = |tee| if arrow.is_whole { tee } else { glyphs.rail };
        let label = (arrow.tone, format!(" {label} "));
        if arrow.is_lost {
            let (lane, rails) = self.cut_short(arrow.from, label, fill);
            self.row(out, &Sides::left(arrow.time), &lane, rails);
            return rest;
        }
        let (lane, rails) = match arrow.from {
            End::Client => {
                let head = format!("{}{}", shaft(fill), glyphs.right);
                ([text(shaft(2)), label, text(head)], [tee(glyphs.tee_right), glyphs.rail])
            }
            End::Server => {
                let head = format!("{}{}", glyphs.left, shaft(1));
                ([text(head), label, text(shaft(fill + 1))], [glyphs.rail, tee(glyphs.tee_left)])
            }
        };
        self.row(out, &Sides::left(arrow.time), &lane, rails);
        rest
    }

    /// An arrow that does not arrive: where it would have gone on there is nothing, a third of the way if the label
    /// leaves so much.
    fn cut_short(
        &self,
        from: End,
        label: (Tone, String),
        fill: usize,
    ) -> ([(Tone, String); 3], [char; 2]) {
        let glyphs = self.glyphs;
        let shaft = |n: usize| glyphs.shaft.to_string().repeat(n);
        let gap = (self.lane() / 3).min(fill.saturating_sub(1)).max(1);
        let kept = fill.saturating_sub(gap);
        let dim = |text: String| (Tone::Dim, text);
        match from {
            End::Client => {
                let head = format!("{}{}", shaft(kept), glyphs.cross);
                ([dim(shaft(2)), label, dim(head)], [glyphs.tee_right, glyphs.rail])
            }
            End::Server => {
                let head = format!("{}{}{}", " ".repeat(gap), glyphs.cross, shaft(1));
                ([dim(head), label, dim(shaft(kept + 1))], [glyphs.rail, glyphs.tee_left])
            }
        }
    }

    fn segment(&mut self, out: &mut String, step: &Step) {
        self.before(out, step.before);
        let below = self.arrow(
            out,
            Arrow {
                from: step.from,
                tone: tone(step),
                time: words::time(step.at),
                words: words::segment(step, self.look.absolute),
                more: words::options(step, self.look.absolute),
                shaft: self.glyphs.shaft,
                is_whole: true,
                is_lost: step.notes.contains(&Note::Lost),
            },
        );
        let mut texts = vec![(Tone::Dim, below.join(" "))];
        let notes = words::notes(step);
        if !notes.is_empty() {
            texts.push((Tone::Note, format!("{} {notes}", self.glyphs.note)));
        }
        let sentence = explain::explain(step, self.look.explain);
        texts.extend(sentence.map(|sentence| (Tone::Plain, self.glyphs.plain(&sentence))));
        texts.retain(|(_, text)| !text.is_empty());
        let sides = self.states(step.after);
        self.rows(out, sides, &texts);
    }

    /// States that turned out to be others than were written.
    fn before(&mut self, out: &mut String, states: [State; 2]) {
        if self.shown != Some(states) {
            let sides = self.states(states);
            self.rows(out, sides, &[]);
        }
    }

    fn icmp(&mut self, out: &mut String, seen: &IcmpSeen) {
        let sentence = words::icmp(seen);
        let mut parts = fold(&sentence, self.lane().saturating_sub(6)).into_iter();
        let first = parts.next().unwrap_or_default();
        let rest: Vec<_> = parts.map(|part| (Tone::Warn, part)).collect();
        let (from, words, more) = (seen.to.other(), vec![first], Vec::new());
        let (time, shaft, tone) = (words::time(seen.at), self.glyphs.dots, Tone::Warn);
        let (is_whole, is_lost) = (false, false);
        self.arrow(out, Arrow { from, tone, time, words, more, shaft, is_whole, is_lost });
        let sides = self.states(seen.after);
        self.rows(out, sides, &rest);
    }

    fn inferred(&mut self, out: &mut String, line: &Inferred) {
        if self.shown.is_none() && line.flags == Flags::SYN {
            self.before(out, [State::Closed, State::Unknown]);
        }
        let time = line.at.map_or_else(|| "~".to_owned(), |at| format!("~{}", words::time(at)));
        let words = words::inferred(line);
        let (from, tone, more, shaft) = (line.from, Tone::Plain, Vec::new(), '~');
        let (is_whole, is_lost) = (true, false);
        let arrow = Arrow { from, tone, time, words, more, shaft, is_whole, is_lost };
        let below = self.arrow(out, arrow);
        let sides = self.states(line.after);
        let below = below.join(" ");
        let texts = (!below.is_empty()).then_some((Tone::Dim, below));
        self.rows(out, sides, texts.as_slice());
    }
}

impl Painter for Text {
    fn heading(&mut self, heading: &Heading, out: &mut String) {
        let width = self.look.width;
        if self.shown.take().is_some() || self.has_drawn {
            out.push('\n');
        }
        self.has_drawn = true;
        let view = format!("{} {}", self.glyphs.dot, escape(&heading.view));
        let title = heading.title.as_deref().map(|title| format!(" {}", escape(title)));
        if let Some(title) = title {
            for (n, piece) in fold(&title, width.saturating_sub(2)).iter().enumerate() {
                out.push_str(if n == 0 { " " } else { "   " });
                paint(out, Tone::State, piece, self.look.colored);
                out.push('\n');
            }
        }
        let client = words::end(End::Client, heading.client, None);
        let server = words::end(End::Server, heading.server, heading.host.as_deref());
        let line = format!("{}{client}", " ".repeat(GUTTER));
        let room = width.saturating_sub(width_of(&line));
        if width_of(&server) + 2 <= room {
            let _ = writeln!(out, "{line}{}", right(&server, room));
        } else {
            let _ = writeln!(out, "{line}\n{}", right(&server, width));
        }
        if heading.view != "wire" {
            let _ = writeln!(out, "{}{view}", " ".repeat(GUTTER));
        }
    }

    fn line(&mut self, line: &Line, out: &mut String) {
        match line {
            Line::Segment(step) => self.segment(out, step),
            Line::Icmp(seen) => self.icmp(out, seen),
            Line::Inferred(line) => self.inferred(out, line),
            Line::Caption(caption) => {
                let text = self.glyphs.plain(&escape(&caption.text));
                self.rows(out, Sides::none(), &[(Tone::Caption, text)]);
            }
        }
    }

    fn ending(&mut self, ending: &Ending, out: &mut String) {
        self.close(ending, out);
    }
}

impl Sides {
    fn left(text: String) -> Self {
        Self { left: (Tone::Plain, text), right: (Tone::Plain, String::new()) }
    }

    fn none() -> Self {
        Self { left: (Tone::Plain, String::new()), right: (Tone::Plain, String::new()) }
    }
}

/// A colour for what the words say anyway.
fn tone(step: &Step) -> Tone {
    let has = |flag| step.flags.contains(flag);
    let is_odd = |note: &Note| note.is_void() || note.is_retransmission();
    match () {
        () if has(Flags::RST) => Tone::Warn,
        () if step.notes.iter().any(is_odd) => Tone::Note,
        () if has(Flags::SYN) => Tone::Open,
        () if has(Flags::FIN) => Tone::Close,
        () => Tone::Plain,
    }
}
