//! Numbers as curl's meter has them: sizes in five characters, times in eight, speeds.

use std::collections::VecDeque;
use std::time::Duration;

use wireline_http::Progress;

const KILO: u64 = 1 << 10;
const MEGA: u64 = KILO << 10;
const GIGA: u64 = MEGA << 10;
const TERA: u64 = GIGA << 10;
const PETA: u64 = TERA << 10;

/// In five characters.
pub(super) fn size(octets: u64) -> String {
    let tenths = |unit: u64, letter| {
        format!("{:2}.{}{letter}", octets / unit, (octets % unit) / (unit / 10))
    };
    let whole = |unit: u64, letter| format!("{:4}{letter}", octets / unit);
    match octets {
        0..100_000 => format!("{octets:5}"),
        _ if octets < 10_000 * KILO => whole(KILO, 'k'),
        _ if octets < 100 * MEGA => tenths(MEGA, 'M'),
        _ if octets < 10_000 * MEGA => whole(MEGA, 'M'),
        _ if octets < 100 * GIGA => tenths(GIGA, 'G'),
        _ if octets < 10_000 * GIGA => whole(GIGA, 'G'),
        _ if octets < 10_000 * TERA => whole(TERA, 'T'),
        _ => whole(PETA, 'P'),
    }
}

/// Seconds in eight characters.
pub(super) fn clock(seconds: u64) -> String {
    let (hours, days) = (seconds / 3600, seconds / 86_400);
    match (seconds, hours, days) {
        (0, ..) => "--:--:--".to_owned(),
        (_, 0..=99, _) => format!("{hours:2}:{:02}:{:02}", seconds / 60 % 60, seconds % 60),
        (_, _, 0..=999) => format!("{days:3}d {:02}h", hours % 24),
        _ => format!("{days:7}d"),
    }
}

/// Octets a second, over all the time.
pub(super) fn rate(octets: u64, time: Duration) -> u64 {
    per(octets, time.as_micros().max(1), 1_000_000)
}

fn per(octets: u64, units: u128, of_a_second: u128) -> u64 {
    u64::try_from(u128::from(octets) * of_a_second / units.max(1)).unwrap_or(u64::MAX)
}

/// The speed of the last five seconds, from one sample a second.
#[derive(Debug, Default)]
pub(super) struct Speeds(VecDeque<(Duration, u64)>);

impl Speeds {
    pub(super) fn push(&mut self, at: Duration, octets: u64) {
        self.0.push_back((at, octets));
        if self.0.len() > 6 {
            self.0.pop_front();
        }
    }

    /// Octets a second; with one sample alone over all the time.
    pub(super) fn now(&self, at: Duration, progress: &Progress) -> u64 {
        match (self.0.front(), self.0.back()) {
            (Some((from, before)), Some((to, after))) if self.0.len() > 1 => {
                let span = to.saturating_sub(*from).as_millis();
                per(after.saturating_sub(*before), span, 1000)
            }
            _ => rate(progress.received, at).saturating_add(rate(progress.sent, at)),
        }
    }
}
