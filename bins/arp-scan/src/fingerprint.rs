//! `--fingerprint`: what hosts may be, by which strange questions they answer; arp-fingerprint's job, for
//! many hosts in one process.
//!
//! Whoever calls has opened the channel and dropped what it needed for that.

pub mod event;
mod systems;
mod text;

use std::ops::ControlFlow;

use anyhow::{Context as _, Result};
use wireline_cli::{Exit, JsonLines, Output, Render};
use wireline_engine::segment::fingerprint::{Config, Fingerprints};
use wireline_host::vendors::Vendors;
use wireline_net::{Channel, Clock, Signals, Sink, drive};

use event::{Event, Facts};
use text::Text;

/// What was asked for.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Whom to ask, and how.
    pub(crate) config: Config,
    /// The interface's name.
    pub(crate) interface: Option<String>,
    pub(crate) format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Text {
        /// Who does not answer is told too: a person named the hosts.
        tells_silent: bool,
        /// Each question is told with whether it was answered.
        tells_questions: bool,
    },
}

/// Runs to the end. 0 whoever answered, as arp-fingerprint; 1 where nothing could be sent, 130 where a signal
/// ended it.
pub(crate) fn run(plan: Plan, channel: &mut impl Channel, vendors: &Vendors) -> Result<Exit> {
    let Plan { config, interface, format } = plan;
    let mut sink = Printer {
        facts: Facts { interface, vendors },
        output: Output::new(render(format)),
        exit: Exit(0),
        written: Ok(()),
    };
    let mut engine = Fingerprints::new(config, Clock.now());
    drive(&mut engine, channel, &Signals::new()?, &mut sink)?;
    sink.written.context("stdout")?;
    Ok(sink.exit)
}

fn render(format: Format) -> Box<dyn Render<Event>> {
    match format {
        Format::Json => Box::new(JsonLines { tool: "arp-scan" }),
        Format::Text { tells_silent, tells_questions } => {
            Box::new(Text { tells_silent, tells_questions })
        }
    }
}

struct Printer<'a> {
    facts: Facts<'a>,
    output: Output<Event>,
    exit: Exit,
    written: std::io::Result<()>,
}

impl Printer<'_> {
    fn write(
        &mut self,
        write: impl FnOnce(&mut Output<Event>) -> std::io::Result<()>,
    ) -> ControlFlow<()> {
        if self.written.is_ok() {
            self.written = write(&mut self.output);
        }
        if self.written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}

impl Sink<wireline_engine::segment::fingerprint::Event> for Printer<'_> {
    fn event(&mut self, event: wireline_engine::segment::fingerprint::Event) -> ControlFlow<()> {
        let event = self.facts.event(event);
        if let Event::Summary(summary) = &event {
            self.exit = summary.exit();
        }
        self.write(|output| output.event(Clock.wall(), &event))
    }

    fn settled(&mut self) -> ControlFlow<()> {
        self.write(Output::flush)
    }
}

#[cfg(test)]
mod tests;
