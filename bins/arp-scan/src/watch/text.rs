//! A line for each thing that happens: when, what, who, where, and why.

use std::fmt::Write as _;
use std::io;
use std::time::Duration;

use wireline_cli::{Render, Streams, escape};
use wireline_engine::watch::Arpwatch;

use super::event::{At, Difference, Event, Host, Summary, Unlike};
use crate::scan::findings::claimant;

/// `12:34:56 joined 192.0.2.7 02:00:5e:00:53:07 (Vendor) eth0: new station`. Times are UTC.
pub(crate) struct Text;

impl Render<Event> for Text {
    fn event(&mut self, at: Duration, event: &Event, to: &mut Streams<'_>) -> io::Result<()> {
        let Some(line) = line(event) else { return Ok(()) };
        io::Write::write_fmt(&mut to.out, format_args!("{} {line}\n", clock(at)))
    }
}

fn clock(at: Duration) -> String {
    let second = at.as_secs() % 86_400;
    format!("{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
}

fn line(event: &Event) -> Option<String> {
    Some(match event {
        Event::Start { known, hosts, .. } => {
            format!("watching: {known} hosts known, {hosts} addresses to ask; times are UTC")
        }
        Event::Joined(seen) => format!("joined {}{}", host(&seen.host), notion(seen.arpwatch)),
        Event::Left { host: it, unanswered } => {
            format!("left {}: {unanswered} requests unanswered", host(it))
        }
        Event::Moved { host: it, from } => format!("moved {}: from {from}", host(it)),
        Event::Changed { seen, was } => {
            let words = seen.arpwatch.map_or(String::new(), |it| format!(", {}", it.text()));
            format!("changed {}: was {}{words}", host(&seen.host), claimant(was))
        }
        Event::Settled { host: it } => format!("settled {}: no conflict any more", host(it)),
        Event::Deaf { at, hosts, silent } => {
            let silent = silent.as_secs();
            format!(
                "deaf {}: nothing at all heard for {silent} s, {hosts} hosts unknown",
                place(at)
            )
        }
        Event::Difference(it) => difference(it),
        Event::Status(it) | Event::Summary(it) => summary(it),
        other => return alarm(other),
    })
}

fn alarm(event: &Event) -> Option<String> {
    Some(match event {
        Event::Conflict { at, address, claimants, own } => {
            let all: Vec<_> = claimants.iter().map(claimant).collect();
            let own = if *own { ": the first is this machine" } else { "" };
            format!("CONFLICT {address} {} {}{own}", all.join(" and "), place(at))
        }
        Event::GatewayChanged { at, address, was, is, pinned } => {
            let (is, was) = (claimant(is), claimant(was));
            let pinned = if *pinned { ", as pinned" } else { "" };
            format!("GATEWAY {address} {is} {}: was {was}{pinned}", place(at))
        }
        Event::Flood { at, address, claimant: who, replies, within } => {
            let (who, seconds) = (claimant(who), within.as_secs_f64());
            let place = place(at);
            format!("FLOOD {address} {who} {place}: {replies} replies unasked in {seconds:.1} s")
        }
        Event::Wanted { at, address, claimant: who, holder } => {
            let (who, holder) = (claimant(who), claimant(holder));
            format!("wanted {address} {who} {}: {holder} has it", place(at))
        }
        Event::Mismatch { at, address, claimant: who, frame_mac, arpwatch } => {
            let (who, place, notion) = (claimant(who), place(at), notion(*arpwatch));
            format!("MISMATCH {address} {who} {place}{notion}, in a frame from {frame_mac}")
        }
        _ => return None,
    })
}

/// Also what a scan prints of what is not as it was saved.
pub(crate) fn difference(difference: &Difference) -> String {
    let Difference { at, address, what } = difference;
    let place = place(at);
    match what {
        Unlike::Missing { was } => format!("MISSING {address} {} {place}", claimant(was)),
        Unlike::New { is } => format!("NEW {address} {} {place}", claimant(is)),
        Unlike::Changed { was, is } => {
            format!("DIFFERENT {address} {} {place}: was {}", claimant(is), claimant(was))
        }
    }
}

fn summary(summary: &Summary) -> String {
    let Summary { present, joined, left, moved, changed, conflicts, .. } = summary;
    let mut text = format!(
        "{present} hosts there; {joined} joined, {left} left, {moved} moved, {changed} changed, \
         {conflicts} conflicts"
    );
    for (count, what) in [
        (summary.gateway_changes, "alarms about the gateway"),
        (summary.floods, "floods"),
        (summary.differences, "differences"),
        (summary.overlooked, "claims passed over"),
        (summary.dropped, "frames dropped by the kernel"),
        (summary.unsent, "requests not sent"),
    ] {
        if count > 0 {
            // Writing to a String cannot fail.
            let _ = write!(text, ", {count} {what}");
        }
    }
    let _ = write!(text, "; {} requests in {:.1} s", summary.sent, summary.took.as_secs_f64());
    text
}

fn host(host: &Host) -> String {
    format!("{} {} {}", host.address, claimant(&host.claimant), place(&host.at))
}

fn place(at: &At) -> String {
    let name = at.interface.as_deref().unwrap_or("?");
    match at.vlan {
        Some(vlan) => format!("{}.{vlan}", escape(name)),
        None => escape(name).into_owned(),
    }
}

fn notion(notion: Option<Arpwatch>) -> String {
    notion.map_or(String::new(), |notion| format!(": {}", notion.text()))
}
