//! `-v` and `--trace`: from events to lines, each with its stamp.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use wireline_http::Event;

use super::shared::Shared;
use crate::output::{OutputSpec, Talk};
use crate::trace::{Form, Pen};
use crate::verbose::Narrator;

/// What is told of one transfer.
pub(super) struct Talker {
    narrator: Narrator,
    pen: Pen,
    /// The zone of stamps, where there are any.
    zone: Option<TimeZone>,
    /// Numbers of transfer and connection, where they are told.
    ids: Option<(u64, Option<u64>)>,
    out: Vec<u8>,
}

impl Talker {
    pub(super) fn new(spec: &OutputSpec, transfer: u64, hides_data: bool) -> Self {
        // As curl 8: -vv is with times and numbers, -vvv and on with all octets as text.
        let level = if let Talk::Verbose(level) = spec.talk { level } else { 0 };
        let form = match &spec.talk {
            Talk::Trace(_) => Form::Hex,
            Talk::TraceAscii(_) | Talk::Verbose(3..) => Form::Ascii,
            _ => Form::Lines { hides_data },
        };
        let zone = (spec.talks_time || level > 1).then(TimeZone::system);
        let ids = (spec.talks_ids || level > 1).then_some((transfer, None));
        Self { narrator: Narrator::default(), pen: Pen::new(form), zone, ids, out: Vec::new() }
    }

    pub(super) fn tell(&mut self, event: &Event, shared: &Shared) {
        if let (Event::Connected { connection, .. } | Event::Reused { connection, .. }, Some(ids)) =
            (event, &mut self.ids)
        {
            ids.1 = Some(*connection);
        }
        let stamp = self.stamp(shared.clock.wall());
        let Self { narrator, pen, out, .. } = self;
        narrator.tell(event, &mut |shown| pen.write(shown, &stamp, out));
        if !out.is_empty() {
            shared.trace(out);
            out.clear();
        }
    }

    /// `06:40:40.774707 [0-0] `: the local time, the transfer and its connection.
    fn stamp(&self, wall: Duration) -> String {
        let time = self.zone.as_ref().map_or_else(String::new, |zone| time(wall, zone));
        match self.ids {
            Some((transfer, Some(connection))) => format!("{time}[{transfer}-{connection}] "),
            Some((transfer, None)) => format!("{time}[{transfer}-x] "),
            None => time,
        }
    }
}

fn time(wall: Duration, zone: &TimeZone) -> String {
    let nanoseconds = i128::try_from(wall.as_nanos()).unwrap_or_default();
    let when = Timestamp::from_nanosecond(nanoseconds).unwrap_or_default();
    format!("{} ", when.to_zoned(zone.clone()).strftime("%H:%M:%S.%6f"))
}
