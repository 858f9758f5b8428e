//! Many targets, as fping: from what was asked to the exit code.

pub(crate) mod config;
mod list;
mod live;
mod text;

use std::io::IsTerminal as _;
use std::ops::ControlFlow;

use anyhow::Result;
use wireline_cli::{Exit, Output, Progress, Render};
use wireline_engine::echo::SocketKind;
use wireline_engine::sweep::{self, Event, Summary, Sweep};
use wireline_net::{Clock, IcmpSockets, Signals, Sink, drive, seed};

use crate::config::Format;
use crate::json::Json;
use config::{Many, Show, TextConfig};
use list::List;
use live::LiveMany;
use text::Text;

/// Runs to the end and says how it ended. The sockets are open, and privilege is gone.
pub(crate) fn run(program: &str, many: &Many, mut sockets: IcmpSockets) -> Result<Exit> {
    let list = List::read(program, many)?;
    let ident = configure(many, &mut sockets)?;
    let mut printer = Printer::new(render(many, &list));
    let unknown = list.unknown;
    let config = sweep::Config {
        ident,
        seed: seed(),
        mode: many.mode,
        interval: many.interval,
        timeout: many.timeout,
        payload: many.payload(),
        enough: many.enough,
        keep_samples: many.text.each_sample,
    };
    let mut sweep = Sweep::new(config, list.into_targets(), Clock.now());
    drive(&mut sweep, &mut sockets, &Signals::new()?, &mut printer)?;
    printer.written.map_err(crate::write_error)?;
    Ok(exit(many, &printer.summary, unknown))
}

/// Identifiers of the raw sockets, IPv4 first.
fn configure(many: &Many, sockets: &mut IcmpSockets) -> Result<[Option<u16>; 2]> {
    /// Replies in one system call.
    const SLOTS: usize = 64;
    #[expect(clippy::cast_possible_truncation, reason = "any sixteen bits of a seed will do")]
    let ident = many.request.ident.unwrap_or_else(|| seed() as u16);
    let mut idents = [None; 2];
    for (n, socket) in [&mut sockets.v4, &mut sockets.v6].into_iter().enumerate() {
        let Some(socket) = socket else { continue };
        socket.configure(&many.socket(n == 1), SLOTS)?;
        socket.await_stamping();
        if socket.kind() == SocketKind::Raw {
            socket.set_ident(ident);
            idents[n] = Some(ident);
        }
    }
    Ok(idents)
}

fn render(many: &Many, list: &List) -> Box<dyn Render<Event>> {
    match many.format {
        Format::JsonLines => Box::new(Json::new(wanted(many.text))),
        Format::Live => Box::new(LiveMany::default()),
        Format::Text => {
            // Lines on a terminal are progress enough.
            let watched = std::io::stderr().is_terminal() && !std::io::stdout().is_terminal();
            let progress =
                (watched && !many.text.quiet).then(|| Progress::new(list.count(), "targets"));
            Box::new(Text::new(many.text, list.widest(), list.unknown, progress))
        }
    }
}

/// The events that `-q`, `--alive` and `--unreachable` leave in.
fn wanted(config: TextConfig) -> fn(&Event) -> bool {
    match config.show {
        Show::All => |_| true,
        Show::Alive => |event| !is_single(event) || matches!(event, Event::Alive { .. }),
        Show::Unreachable => {
            |event| !is_single(event) || matches!(event, Event::Unreachable { .. })
        }
        Show::Nothing => |event| !is_single(event),
    }
}

/// Whether an event is about one request or one verdict, and not about a run.
const fn is_single(event: &Event) -> bool {
    !matches!(
        event,
        Event::Start { .. } | Event::TargetSummary(_) | Event::StatusEnd | Event::Summary(_)
    )
}

/// fping's: 0 if all answered, 1 if some did not, 2 if some were not to be found; with `--enough`
/// (`-x`), whether enough answered.
fn exit(many: &Many, summary: &Summary, unknown: u64) -> Exit {
    let enough = many.text.enough.map(|enough| summary.alive >= enough);
    match (enough, unknown, summary.unreachable) {
        (Some(enough), ..) => Exit(u8::from(!enough)),
        (None, 1.., _) => Exit(2),
        (None, 0, 0) if summary.targets > 0 => Exit(0),
        _ => Exit(1),
    }
}

/// Prints, and remembers how the run went.
struct Printer {
    output: Output<Event>,
    summary: Summary,
    written: std::io::Result<()>,
}

impl Printer {
    fn new(render: Box<dyn Render<Event>>) -> Self {
        Self { output: Output::new(render), summary: Summary::default(), written: Ok(()) }
    }

    fn flow(&self) -> ControlFlow<()> {
        if self.written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}

impl Sink<Event> for Printer {
    fn event(&mut self, event: Event) -> ControlFlow<()> {
        if self.written.is_ok() {
            self.written = self.output.event(Clock.wall(), &event);
        }
        if let Event::Summary(summary) = event {
            self.summary = summary;
        }
        self.flow()
    }

    fn settled(&mut self) -> ControlFlow<()> {
        if self.written.is_ok() {
            self.written = self.output.flush();
        }
        self.flow()
    }
}

impl Show {
    const fn alive(self) -> bool {
        matches!(self, Self::All | Self::Alive)
    }

    const fn unreachable(self) -> bool {
        matches!(self, Self::All | Self::Unreachable)
    }
}
