//! Who shows progress: curl's meter or bar where stderr is read by scripts, indicatif's where a person looks.

use std::time::Duration;

use wireline_http::Progress;

use super::shared::{Shared, columns};
use crate::meter::{Bar, Meter};
use crate::output::{self, OutputSpec};

/// How progress of one transfer is shown.
pub(super) struct Gauge {
    face: Face,
    transfer: u64,
    /// Octets that were there before.
    resumed: u64,
    /// How far it is.
    last: Progress,
}

enum Face {
    None,
    Meter(Meter),
    Bar(Bar),
    /// A line for a person; it begins with the first octets.
    Person,
    /// The one meter for all.
    Many,
}

impl Gauge {
    pub(super) fn new(
        spec: &OutputSpec,
        shared: &Shared,
        transfer: u64,
        is_body_shown: bool,
        resumed: u64,
    ) -> Self {
        let is_hidden = spec.is_silent || spec.progress == output::Progress::None;
        let face = match spec.progress {
            _ if is_hidden => Face::None,
            _ if shared.run.is_parallel => Face::Many,
            _ if is_body_shown || spec.to == output::To::Report => Face::None,
            _ if shared.stderr_is_terminal => Face::Person,
            output::Progress::Bar => Face::Bar(Bar::new(columns())),
            _ => Face::Meter(Meter::default()),
        };
        Self { face, transfer, resumed, last: Progress::default() }
    }

    /// An attempt begins.
    pub(super) fn begin(&mut self, at: Duration, shared: &Shared) {
        self.last = Progress::default();
        match &mut self.face {
            Face::Meter(meter) => {
                meter.restart(at);
                if self.resumed > 0 {
                    let from = self.resumed;
                    shared.say(
                        format!("** Resuming transfer from byte position {from}\n").as_bytes(),
                    );
                }
            }
            Face::Many => return shared.many.borrow_mut().begin(self.transfer),
            _ => {}
        }
        let progress = self.last;
        self.tick(at, &progress, shared);
    }

    pub(super) fn tick(&mut self, at: Duration, progress: &Progress, shared: &Shared) {
        self.last = *progress;
        let text = match &mut self.face {
            Face::None => None,
            Face::Meter(meter) => meter.tick(at, progress),
            Face::Bar(bar) => bar.tick(at, progress, self.resumed),
            Face::Person => {
                person(progress, shared);
                None
            }
            Face::Many => {
                let mut many = shared.many.borrow_mut();
                many.set(self.transfer, *progress);
                many.tick(shared.running())
            }
        };
        if let Some(text) = text {
            shared.say(text.as_bytes());
        }
    }

    /// An attempt is over, and another will be made.
    pub(super) fn end_of_attempt(&mut self, at: Duration, shared: &Shared) {
        match &mut self.face {
            Face::Meter(meter) => shared.say(meter.finish(at, &self.last).as_bytes()),
            Face::Many => self.end_of_many(shared),
            Face::None | Face::Bar(_) | Face::Person => {}
        }
    }

    /// The transfer is over, `total` after it began; so much came and went.
    pub(super) fn end(&mut self, total: Duration, received: u64, sent: u64, shared: &Shared) {
        self.last = Progress { received, sent, ..self.last };
        if sent > 0 {
            self.last.to_send = self.last.to_send.or(Some(sent));
        }
        let last = self.last;
        let text = match &mut self.face {
            Face::None => return,
            Face::Meter(meter) => meter.finish(total, &last),
            Face::Bar(bar) => bar.tick(total, &last, self.resumed).unwrap_or_default() + "\n",
            Face::Person => {
                person(&last, shared);
                return shared.bar.take().map_or((), wireline_cli::Progress::leave);
            }
            Face::Many => return self.end_of_many(shared),
        };
        shared.say(text.as_bytes());
    }

    /// How many octets there will be, as the head has it.
    pub(super) fn expect(&mut self, to_receive: Option<u64>) {
        self.last.to_receive = self.last.to_receive.or(to_receive);
    }

    fn end_of_many(&self, shared: &Shared) {
        let mut many = shared.many.borrow_mut();
        many.set(self.transfer, self.last);
        many.end();
    }
}

fn person(progress: &Progress, shared: &Shared) {
    if progress.received == 0 && progress.sent == 0 {
        return;
    }
    let is_sending = progress.received == 0;
    let (done, of) = if is_sending {
        (progress.sent, progress.to_send)
    } else {
        (progress.received, progress.to_receive)
    };
    let mut bar = shared.bar.borrow_mut();
    let bar = bar.get_or_insert_with(|| wireline_cli::Progress::octets(of));
    bar.set_of(done, of);
}
