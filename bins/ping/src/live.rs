use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use wireline_cli::{Live, Render, Streams, escape, sparkline};
use wireline_engine::Latency;
use wireline_engine::echo::{Event, Summary};

use crate::text::{six_figures, thousandths};

/// One line that changes in place.
pub(crate) struct LiveView {
    live: Live,
    name: String,
    recent: Recent,
    latency: Latency,
    received: u64,
    lost: u64,
}

/// The last round trips, for a row of bars.
#[derive(Debug, Default)]
pub(crate) struct Recent(VecDeque<Option<Duration>>);

impl Recent {
    const LENGTH: usize = 14;

    pub(crate) fn push(&mut self, rtt: Option<Duration>) {
        if self.0.len() == Self::LENGTH {
            self.0.pop_front();
        }
        self.0.push_back(rtt);
    }

    pub(crate) fn bars(&self) -> String {
        format!("{:<width$}", sparkline(&self.0), width = Self::LENGTH)
    }
}

impl LiveView {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            live: Live::new(),
            name: escape(name).into_owned(),
            recent: Recent::default(),
            latency: Latency::default(),
            received: 0,
            lost: 0,
        }
    }

    fn draw(&mut self) {
        let line = line(&self.name, &self.recent, self.received, self.lost, &self.latency);
        self.live.set(0, line);
    }

    fn finish(&self, summary: &Summary) -> io::Result<()> {
        self.live.finish();
        let Summary { sent, received, .. } = summary;
        let loss = six_figures(summary.loss_percent);
        self.live.print(&format!("{}: {sent} sent, {received} received, {loss}% lost", self.name))
    }
}

/// `name ▁▂▁ loss 0% p50 0.021 p99 0.034 jitter 0.002 ms`.
pub(crate) fn line(
    name: &str,
    recent: &Recent,
    received: u64,
    lost: u64,
    latency: &Latency,
) -> String {
    let settled = received + lost;
    #[expect(clippy::cast_precision_loss, reason = "a percentage of a run that somebody watches")]
    let share = if settled == 0 { 0.0 } else { lost as f64 * 100.0 / settled as f64 };
    let at = |share| latency.percentile(share).map_or_else(|| "-".into(), thousandths);
    format!(
        "{name:<16} {} loss {share:.1}% p50 {} p99 {} jitter {} ms",
        recent.bars(),
        at(50.0),
        at(99.0),
        thousandths(latency.jitter())
    )
}

impl Render<Event> for LiveView {
    fn event(&mut self, _at: Duration, event: &Event, _to: &mut Streams<'_>) -> io::Result<()> {
        match event {
            Event::Reply(reply) if !reply.duplicate && !reply.bad_checksum => {
                self.received += 1;
                self.latency.record(reply.sample.rtt);
                self.recent.push(Some(reply.sample.rtt));
            }
            Event::Lost { .. } | Event::Error(_) | Event::Local(_) | Event::Unsent { .. } => {
                self.lost += 1;
                self.recent.push(None);
            }
            Event::Summary(summary) => return self.finish(summary),
            _ => {}
        }
        self.draw();
        Ok(())
    }
}
