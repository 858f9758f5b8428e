//! Whole handshakes with the ports that were found open.

use std::ops::ControlFlow;
use std::time::Duration;

use anyhow::Result;
use wireline_engine::tcp::scan::Verified;
use wireline_engine::tcp::scan::verify::Verify;
use wireline_net::{Signals, Sink, drive};

use super::args::Args;
use super::carrier;
use super::config::Config;
use super::sink::Printed;

/// How long a connection is watched: a proxy hears from its server within a round trip or two.
const WATCH: Duration = Duration::from_millis(500);

pub(crate) fn run(
    args: &Args,
    config: &Config,
    printed: &mut Printed,
    signals: &Signals,
) -> Result<()> {
    let open = printed.open();
    if open.is_empty() {
        return Ok(());
    }
    let mut verify = Verify::new(open, carrier::at_once(), WATCH);
    let mut pool = carrier::pool(args, config)?.hold(WATCH);
    Ok(drive(&mut verify, &mut pool, signals, &mut Noted(printed))?)
}

struct Noted<'a>(&'a mut Printed);

impl Sink<(usize, Verified)> for Noted<'_> {
    fn event(&mut self, (place, verified): (usize, Verified)) -> ControlFlow<()> {
        self.0.verified(place, verified);
        ControlFlow::Continue(())
    }

    fn settled(&mut self) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}
