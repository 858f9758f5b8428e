//! Phases as bars, one below the other, on the scale of the whole transfer.

use std::time::Duration;

use wireline_http::account::{Hop, Phase, Span};
use wireline_http::event::Medium;

use super::figures::ms;
use super::{Page, Tone};

/// Columns of a phase's name and time.
const LEFT: usize = 22;

/// Writes the phases of a hop; `end` is the end of the scale.
pub(super) fn write(page: &mut Page, hop: &Hop, end: Duration) {
    let lane = page.width().saturating_sub(LEFT + 1);
    let is_quic = hop.link.as_ref().is_some_and(|link| link.medium == Some(Medium::Quic));
    for (phase, span) in hop.phases().all() {
        row(page, name(phase, is_quic), span, (lane, end), false);
    }
    if let Some((phase, span)) = hop.unfinished() {
        row(page, name(phase, is_quic), span, (lane, end), true);
    }
}

const fn name(phase: Phase, is_quic: bool) -> &'static str {
    match phase {
        Phase::Name => "name",
        Phase::Connect => "connect",
        Phase::Secure if is_quic => "QUIC",
        Phase::Secure => "TLS",
        Phase::Send => "send",
        Phase::Wait => "wait",
        Phase::Receive => "receive",
    }
}

fn row(page: &mut Page, name: &str, span: Span, (lane, end): (usize, Duration), is_cut: bool) {
    let (from, to) = columns(span, lane, end);
    let solid = if is_cut { page.glyph("\u{2592}", "!") } else { page.glyph("\u{2588}", "#") };
    let left = format!("  {name:<8}{:>10}  ", ms(span.length()));
    let bar = format!("{}{}", " ".repeat(from), solid.repeat(to.saturating_sub(from)));
    let tone = if is_cut { Tone::Bad } else { Tone::Cold };
    page.row(&[(Tone::Plain, &left), (tone, &bar)]);
}

/// From which column to which, of so many.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "columns of a terminal"
)]
fn columns(span: Span, lane: usize, end: Duration) -> (usize, usize) {
    let end = end.as_secs_f64().max(1e-9);
    let at = |time: Duration| time.as_secs_f64() / end * lane as f64;
    let from = (at(span.from) as usize).min(lane.saturating_sub(1));
    let to = (at(span.to).round() as usize).clamp(from.saturating_add(1), lane.max(1));
    (from, to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_at_their_place_and_never_nothing() {
        let ms = Duration::from_millis;
        let bar = |from, to| columns(Span { from: ms(from), to: ms(to) }, 50, ms(100));
        assert_eq!(bar(0, 0), (0, 1));
        assert_eq!(bar(10, 60), (5, 30));
        assert_eq!(bar(100, 100), (49, 50));
        assert_eq!(columns(Span::default(), 50, Duration::ZERO), (0, 1));
    }
}
