//! `--fingerprint` among the other flags.

use wireline_engine::segment::{self, Pace, fingerprint};

use super::Args;
use super::complaint::Complaint;
use super::config::Config;
use super::ports::Way;
use crate::fingerprint::{Format, Plan};

/// Whom to ask, and how, by the one way that there must be.
pub(crate) fn plan(args: &Args, config: &Config, ways: &[Way]) -> Result<Plan, Complaint> {
    let ([way], [port]) = (ways, config.scan.ports.as_slice()) else {
        return Err(Complaint::new("--fingerprint asks on one interface and in one VLAN"));
    };
    let Some(address) = way.address else {
        let why = format!("--fingerprint asks from an address, and {} has none", way.name);
        return Err(Complaint::new(why));
    };
    if port.targets.is_empty() {
        return Err(Complaint::error("No hosts to process."));
    }
    if port.targets.len() > fingerprint::Config::MOST as u64 {
        return Err(Complaint::new("--fingerprint asks the hosts of a /16 at the most"));
    }
    let mut asked = fingerprint::Config::new(way.mac, address, port.targets.clone());
    asked.vlan = port.vlan;
    timing(args, &config.scan, &mut asked);
    let text =
        Format::Text { tells_silent: !args.who.localnet, tells_questions: config.text.verbose > 0 };
    let format = if config.json { Format::Json } else { text };
    Ok(Plan { config: asked, interface: Some(way.name.clone()), format })
}

/// What was said of it; the rest is its own.
fn timing(args: &Args, scan: &segment::Config, asked: &mut fingerprint::Config) {
    if args.timing.retry.is_some() {
        asked.tries = scan.tries;
    }
    if args.timing.timeout.is_some() {
        asked.timeout = scan.timeout;
    }
    if let (Pace::Every(interval), true) = (scan.pace, args.timing.interval.is_some()) {
        asked.interval = interval;
    }
}
