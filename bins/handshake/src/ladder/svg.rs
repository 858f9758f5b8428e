//! A picture (SVG 1.1), in black on whatever is behind it, readable in a dark page too.

use std::fmt::Write as _;

use wireline_engine::tcp::{End, Line, Note, State, Step};
use wireline_packet::tcp::Flags;

use super::{Ending, Heading, Look, Painter, explain, words};

/// In user units, which are pixels unless somebody scales.
const WIDTH: u32 = 960;
const LEFT: u32 = 150;
const RIGHT: u32 = WIDTH - LEFT;
const ROW: u32 = 22;
/// How far an arrow falls: time goes down.
const FALL: u32 = 14;
/// Characters of a sentence in one row.
const SENTENCE: usize = 100;

const STYLE: &str = "text{font:13px ui-monospace,Menlo,Consolas,monospace;fill:#222}\
.state{font-weight:bold}.small{font-size:11px;fill:#666}.note{fill:#8a5a00}\
.rail{stroke:#888}.arrow{stroke:#1f5fa8;stroke-width:1.5}.syn{stroke:#1b7f3b}.fin{stroke:#0e7c86}\
.rst{stroke:#c0262d}.dashed{stroke-dasharray:5 4}";

/// Connections as one picture, one below the other.
#[derive(Debug)]
pub(super) struct Svg {
    look: Look,
    body: String,
    /// Where the next row begins.
    y: u32,
    top: u32,
    shown: Option<[State; 2]>,
}

impl Svg {
    pub(super) fn new(look: Look) -> Self {
        Self { look, body: String::new(), y: ROW, top: ROW, shown: None }
    }

    fn text(&mut self, x: u32, anchor: &str, class: &str, text: &str) {
        let y = self.y;
        let _ = writeln!(
            self.body,
            r#"<text x="{x}" y="{y}" text-anchor="{anchor}" class="{class}">{}</text>"#,
            escaped(text)
        );
    }

    fn states(&mut self, states: [State; 2]) {
        let shown = self.shown.replace(states);
        let is_new = |end: End| shown.is_none_or(|shown| *end.of(&shown) != *end.of(&states));
        if is_new(End::Client) {
            self.text(LEFT - 10, "end", "state", states[0].name());
        }
        if is_new(End::Server) {
            self.text(RIGHT + 10, "start", "state", states[1].name());
        }
        if End::BOTH.into_iter().any(is_new) {
            self.y += ROW;
        }
    }

    fn small(&mut self, class: &str, text: &str) {
        for piece in super::text::folded(text, SENTENCE) {
            self.text(WIDTH / 2, "middle", class, &piece);
            self.y += ROW - 6;
        }
    }

    fn arrow(&mut self, from: End, class: &str, time: &str, label: &str) {
        self.text(LEFT - 10, "end", "small", time);
        self.text(WIDTH / 2, "middle", "label", label);
        let (from_x, to_x, head) = match from {
            End::Client => (LEFT, RIGHT, RIGHT - 9),
            End::Server => (RIGHT, LEFT, LEFT + 9),
        };
        let (top, bottom) = (self.y + 6, self.y + 6 + FALL);
        let _ = writeln!(
            self.body,
            r#"<path class="arrow {class}" d="M{from_x} {top}L{to_x} {bottom}M{head} {}L{to_x} {bottom}L{head} {}" fill="none"/>"#,
            bottom - 6,
            bottom + 4
        );
        self.y += ROW + FALL + 10;
    }

    /// An arrow that ends on its way, in a cross.
    fn lost(&mut self, from: End, class: &str, time: &str, label: &str) {
        self.text(LEFT - 10, "end", "small", time);
        self.text(WIDTH / 2, "middle", "label", label);
        let (from_x, to_x) = match from {
            End::Client => (LEFT, RIGHT - (RIGHT - LEFT) / 4),
            End::Server => (RIGHT, LEFT + (RIGHT - LEFT) / 4),
        };
        let (left, right) = (to_x - 5, to_x + 5);
        let top = self.y + 6;
        let (above, y, below) = (top + 5, top + 10, top + 15);
        let _ = writeln!(
            self.body,
            r#"<path class="arrow {class}" d="M{from_x} {top}L{to_x} {y}M{left} {above}L{right} {below}M{left} {below}L{right} {above}" fill="none"/>"#
        );
        self.y += ROW + FALL + 10;
    }

    fn segment(&mut self, step: &Step) {
        if self.shown != Some(step.before) {
            self.states(step.before);
        }
        let mut label = words::segment(step, self.look.absolute).join(" ");
        let options = words::options(step, self.look.absolute).join(" ");
        let mut below = Vec::new();
        if label.len() + options.len() < 84 {
            label = format!("{label} {options}");
        } else {
            below.push(("small", options));
        }
        let notes = words::notes(step);
        if !notes.is_empty() {
            below.push(("small note", format!("! {notes}")));
        }
        let sentence = explain::explain(step, self.look.explain);
        below.extend(sentence.map(|sentence| ("small", sentence)));
        let (class, time, label) = (class(step.flags), words::time(step.at), label.trim_end());
        if step.notes.contains(&Note::Lost) {
            self.lost(step.from, class, &time, label);
        } else {
            self.arrow(step.from, class, &time, label);
        }
        for (class, text) in below {
            self.small(class, &text);
        }
        self.states(step.after);
    }
}

impl Painter for Svg {
    fn heading(&mut self, heading: &Heading, _out: &mut String) {
        self.shown = None;
        if let Some(title) = &heading.title {
            self.text(WIDTH / 2, "middle", "state", title);
            self.y += ROW;
        }
        let client = words::end(End::Client, heading.client, None);
        let server = words::end(End::Server, heading.server, heading.host.as_deref());
        self.text(10, "start", "end", &client);
        self.text(WIDTH - 10, "end", "end", &server);
        self.y += ROW;
        self.top = self.y - 12;
    }

    fn line(&mut self, line: &Line, _out: &mut String) {
        match line {
            Line::Segment(step) => self.segment(step),
            Line::Icmp(seen) => {
                let (from, time) = (seen.to.other(), words::time(seen.at));
                self.arrow(from, "rst dashed", &time, &words::icmp(seen));
                self.states(seen.after);
            }
            Line::Inferred(line) => {
                let time =
                    line.at.map_or_else(|| "~".to_owned(), |at| format!("~{}", words::time(at)));
                self.arrow(line.from, "dashed", &time, &words::inferred(line).join(" "));
                self.states(line.after);
            }
            Line::Caption(caption) => self.small("small", &caption.text),
        }
    }

    fn ending(&mut self, ending: &Ending, _out: &mut String) {
        let (top, bottom) = (self.top, self.y - 4);
        for x in [LEFT, RIGHT] {
            let _ = writeln!(
                self.body,
                r#"<line class="rail" x1="{x}" y1="{top}" x2="{x}" y2="{bottom}"/>"#
            );
        }
        self.y += 6;
        for line in super::text::summary(ending, 130) {
            self.text(10, "start", "small", &line);
            self.y += ROW - 6;
        }
        self.y += ROW;
    }

    fn finish(&mut self, out: &mut String) {
        let height = self.y;
        let _ = write!(
            out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" \
             viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\">\n<style>{STYLE}</style>\n\
             <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#fff\"/>\n{}</svg>\n",
            self.body
        );
    }
}

/// The colour of an arrow, by what it does; its flags stand on it.
const fn class(flags: Flags) -> &'static str {
    match () {
        () if flags.contains(Flags::RST) => "rst",
        () if flags.contains(Flags::SYN) => "syn",
        () if flags.contains(Flags::FIN) => "fin",
        () => "data",
    }
}

/// A text without what XML has a use for (XML 1.0 §2.4), and without what it does not allow (§2.2).
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in wireline_cli::escape(text).chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => safe.push('?'),
            c => safe.push(c),
        }
    }
    safe
}
