//! What is to be seen in the chart, in sentences: the first says it all.

use super::super::told::{Seen, Told, Way, WayTold};
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
    let answered = ahead.answered();
    if answered < count {
        let why = ahead.failure().map(|why| cut(&why.text, 200)).unwrap_or_default();
        return format!(
            "The server does not pipeline: {answered} of {} answered ({why}).",
            many(count as u64, "request")
        );
    }
    if let Some(blocked) = ahead.blocked(alone) {
        let by = alone.seen.get(blocked.by).map(|one| cut(path(&one.url), 80)).unwrap_or_default();
        return format!(
            "Head-of-line blocking: pipelined, {} waited up to {} behind request {} ({by}), which takes {} by itself.",
            many(blocked.count as u64, "response"),
            ms(blocked.most),
            blocked.by.saturating_add(1),
            alone.seen.get(blocked.by).and_then(Seen::took).map(ms).unwrap_or_default()
        );
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
