//! What is to be seen in the chart, in sentences: the first says it all.

use wireline_http::Kind;

use super::super::told::{Blocked, Seen, Told, Way, WayTold};
use super::{cut, path};
use crate::reports::{many, ms};

pub(super) fn sentences(told: &Told) -> Vec<String> {
    let (Some(alone), Some(ahead)) = (told.of(Way::Alone), told.of(Way::Ahead)) else {
        return Vec::new();
    };
    let mut all = vec![first(told, alone, ahead)];
    for way in told.ways.iter().filter(|way| matches!(way.way, Way::Http2 | Way::Http3)) {
        if way.answered() == 0 {
            continue;
        }
        all.push(match way.blocked(alone) {
            Some(blocked) => format!(
                "{}: {} came up to {} later than alone; streams share one connection and one server.",
                way.way.name(),
                many(blocked.count as u64, "response"),
                ms(blocked.most)
            ),
            None => format!("{}: no response waited for another.", way.way.name()),
        });
    }
    let totals: Vec<String> = told
        .ways
        .iter()
        .filter_map(|way| Some(format!("{} {}", ms(way.total()?), short(way.way))))
        .collect();
    if totals.len() > 1 {
        all.push(format!("For all: {}.", totals.join(", ")));
    }
    all
}

const fn short(way: Way) -> &'static str {
    match way {
        Way::Alone => "one after the other",
        Way::Ahead => "pipelined",
        Way::Http2 => "over HTTP/2",
        Way::Http3 => "over HTTP/3",
    }
}

/// How the oddity ends that says so.
const UNASKED: &str = "which nobody asked for";

fn first(told: &Told, alone: &WayTold, ahead: &WayTold) -> String {
    let count = ahead.seen.len();
    if alone.answered() == 0 && ahead.answered() == 0 {
        return if told.ways.iter().any(|way| way.answered() > 0) {
            "The server does not answer over HTTP/1.1: nothing can be pipelined.".to_owned()
        } else {
            "The server does not answer.".to_owned()
        };
    }
    if let Some((at, whose)) = ahead.swapped(alone) {
        let url = alone.seen.get(whose).map(|one| cut(path(&one.url), 80)).unwrap_or_default();
        return format!(
            "Out of step: pipelined, request {} got the answer to {url}. Whoever pipelines to this server gets answers meant for others.",
            at.saturating_add(1)
        );
    }
    if ahead.seen.iter().any(|one| one.oddities.iter().any(|text| text.ends_with(UNASKED))) {
        return "Out of step: pipelined, the server sends more than it was asked for. Whoever asks next on such a connection gets an answer to something else.".to_owned();
    }
    let answered = ahead.answered();
    if answered < count {
        let failure = ahead.failure();
        let why = failure.map(|why| cut(&why.text, 200)).unwrap_or_default();
        return match failure {
            Some(failure) if failure.kind == Kind::Empty => {
                format!("The server does not pipeline: {why}.")
            }
            _ => format!("Pipelining failed after {answered} of {count} responses: {why}."),
        };
    }
    if let Some(blocked) = ahead.blocked(alone) {
        return held_up(alone, &blocked);
    }
    match (alone.total(), ahead.total()) {
        (Some(alone), Some(ahead)) if ahead < alone => format!(
            "Pipelining works and blocks nothing here: {} in place of {}.",
            ms(ahead),
            ms(alone)
        ),
        _ => "Pipelining works, and gains nothing here.".to_owned(),
    }
}

/// By one that is slow, or all by all.
fn held_up(alone: &WayTold, blocked: &Blocked) -> String {
    let late = many(blocked.count as u64, "response");
    let most = ms(blocked.most);
    let Some(slow) = alone.seen.get(blocked.by) else { return String::new() };
    let own = slow.took().unwrap_or_default();
    let mut all: Vec<_> = alone.seen.iter().filter_map(Seen::took).collect();
    all.sort_unstable();
    let usual = all.get(all.len().saturating_sub(1) / 2).copied().unwrap_or_default();
    if own > usual.saturating_mul(2) {
        let (number, path) = (blocked.by.saturating_add(1), cut(path(&slow.url), 80));
        let own = ms(own);
        return format!(
            "Head-of-line blocking: pipelined, {late} waited up to {most} behind request {number} ({path}), which takes {own} by itself."
        );
    }
    let (usual, total) = (ms(usual), alone.total().unwrap_or_default());
    format!(
        "Head-of-line blocking: pipelined, {late} came up to {most} later than alone, each behind those before it; none is slow by itself (about {usual} each, {} one after the other).",
        ms(total)
    )
}
