//! `sequenceDiagram` (mermaid.js.org/syntax/sequenceDiagram.html), to be pasted into a page.

use std::fmt::Write as _;

use wireline_engine::tcp::{End, Line, Note, State, Step};

use super::{Ending, Explain, Heading, Look, Painter, explain, words};

/// Connections as one diagram, each with its own two participants.
#[derive(Debug)]
pub(super) struct Mermaid {
    look: Look,
    /// Connections so far.
    count: u32,
    shown: [State; 2],
    server: String,
}

impl Mermaid {
    pub(super) fn new(look: Look) -> Self {
        Self { look, count: 0, shown: [State::Unknown; 2], server: String::new() }
    }

    fn name(&self, end: End) -> String {
        let letter = match end {
            End::Client => 'C',
            End::Server => 'S',
        };
        format!("{letter}{}", self.count)
    }

    fn states(&mut self, states: [State; 2], out: &mut String) {
        for end in End::BOTH {
            let (state, name) = (*end.of(&states), self.name(end));
            if *end.of(&self.shown) != state {
                let _ = writeln!(out, "    Note over {name}: {state}");
            }
        }
        self.shown = states;
    }

    fn arrow(&self, from: End, arrow: &str, text: &str, out: &mut String) {
        let (from, to) = (self.name(from), self.name(from.other()));
        let _ = writeln!(out, "    {from}{arrow}{to}: {}", clean(text));
    }

    fn over(&self, text: &str, out: &mut String) {
        let (client, server) = (self.name(End::Client), self.name(End::Server));
        let _ = writeln!(out, "    Note over {client},{server}: {}", clean(text));
    }

    fn segment(&mut self, step: &Step, out: &mut String) {
        self.states(step.before, out);
        let mut text = words::segment(step, self.look.absolute);
        text.extend(words::options(step, self.look.absolute));
        let notes = words::notes(step);
        if !notes.is_empty() {
            text.push(format!("({notes})"));
        }
        // A cross at its end is what did not arrive.
        let arrow = if step.notes.contains(&Note::Lost) { "-x" } else { "->>" };
        self.arrow(step.from, arrow, &text.join(" "), out);
        if self.look.explain != Explain::Nothing {
            let sentence = explain::explain(step, self.look.explain);
            if let Some(sentence) = sentence {
                self.over(&sentence, out);
            }
        }
        self.states(step.after, out);
    }
}

impl Painter for Mermaid {
    fn heading(&mut self, heading: &Heading, out: &mut String) {
        if self.count == 0 {
            out.push_str("sequenceDiagram\n");
        }
        self.count += 1;
        self.shown = [State::Unknown; 2];
        let client = words::end(End::Client, heading.client, None);
        self.server = words::end(End::Server, heading.server, heading.host.as_deref());
        for (end, text) in [(End::Client, &client), (End::Server, &self.server)] {
            let _ = writeln!(out, "    participant {} as {}", self.name(end), clean(text));
        }
        heading.title.iter().for_each(|title| self.over(&wireline_cli::escape(title), out));
    }

    fn line(&mut self, line: &Line, out: &mut String) {
        match line {
            Line::Segment(step) => self.segment(step, out),
            Line::Icmp(seen) => {
                self.arrow(seen.to.other(), "--x", &words::icmp(seen), out);
                self.states(seen.after, out);
            }
            Line::Inferred(line) => {
                let text = format!("~ {}", words::inferred(line).join(" "));
                self.arrow(line.from, "-->>", &text, out);
                self.states(line.after, out);
            }
            Line::Caption(caption) => self.over(&wireline_cli::escape(&caption.text), out),
        }
    }

    fn ending(&mut self, ending: &Ending, out: &mut String) {
        if let Some(rtt) = ending.summary.as_ref().and_then(|summary| summary.syn_rtt) {
            self.over(&format!("RTT of the SYN {}", words::time(rtt)), out);
        }
        ending.remarks.iter().for_each(|remark| self.over(&wireline_cli::escape(remark), out));
    }
}

/// Without what would end a message, or begin markup (`#`, `;`, `<`, `%%`).
fn clean(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '#' | ';' | '<' | '>' | '%' | '"' => {
                // Entity codes by number (mermaid.js.org, "Entity codes to escape characters").
                let _ = write!(clean, "#{};", u32::from(c));
            }
            '\n' | '\r' => clean.push(' '),
            c => clean.push(c),
        }
    }
    clean
}
