//! `--fingerprint` among the other flags.

use wireline_engine::segment::{self, Pace, fingerprint};

use super::Args;
use super::complaint::Complaint;
use super::config::Config;
use super::ports::Way;
use crate::fingerprint::{Format, Plan};

/// What it has no use for is refused.
pub(crate) fn check(args: &Args) -> Result<(), Complaint> {
    let other = others(args).into_iter().find(|(_, is_given)| *is_given);
    match other.filter(|_| args.verdict.fingerprint) {
        Some((flag, _)) => Err(Complaint::new(format!("--fingerprint has no use for --{flag}"))),
        None => Ok(()),
    }
}

fn others(args: &Args) -> [(&'static str, bool); 39] {
    let Args { who, timing, message, frame, print, files, verdict, watch, learn, .. } = args;
    [
        ("random", who.random),
        ("randomseed", who.randomseed.is_some()),
        ("backoff", timing.backoff.is_some()),
        ("bandwidth", timing.bandwidth.is_some()),
        ("rate", timing.rate.is_some()),
        ("fast", timing.fast),
        ("linger", timing.linger.is_some()),
        ("retry-send", timing.retry_send.is_some()),
        ("retry-send-interval", timing.retry_send_interval.is_some()),
        ("limit", timing.limit.is_some()),
        ("arpspa", message.arpspa.is_some()),
        ("arpsha", message.arpsha.is_some()),
        ("arptha", message.arptha.is_some()),
        ("arpop", message.arpop.is_some()),
        ("arphrd", message.arphrd.is_some()),
        ("arppro", message.arppro.is_some()),
        ("arphln", message.arphln.is_some()),
        ("arppln", message.arppln.is_some()),
        ("padding", message.padding.is_some()),
        ("srcaddr", frame.srcaddr.is_some()),
        ("destaddr", frame.destaddr.is_some()),
        ("prototype", frame.prototype.is_some()),
        ("llc", frame.llc),
        ("rtt", print.rtt),
        ("resolve", print.resolve),
        ("format", print.format.is_some()),
        ("pcapsavefile", files.pcapsavefile.is_some()),
        ("writepkttofile", files.writepkttofile.is_some()),
        ("readpktfromfile", files.readpktfromfile.is_some()),
        ("check", verdict.check),
        ("pin-gateway", verdict.pin_gateway.is_some()),
        ("ipv6", who.ipv6),
        ("snap", frame.snap.is_some()),
        ("ignoredups", print.ignoredups),
        ("cache", verdict.cache),
        ("baseline", verdict.baseline.is_some()),
        ("watch", watch.watch.is_some()),
        ("state", watch.state.is_some()),
        ("explain", learn.explain),
    ]
}

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
