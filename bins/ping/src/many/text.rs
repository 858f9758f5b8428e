use std::fmt::Write as _;
use std::io;
use std::time::Duration;

use wireline_cli::{Progress, Render, Streams};
use wireline_engine::sweep::{Answer, Event, SoFar, Summary, Target, TargetSummary};
use wireline_engine::{IcmpError, millis};

use super::config::{Show, TextConfig};
use crate::icmp_text;
use crate::text::thousandths;
use wireline_tool::Lookup;

/// The lines of fping, which monitoring systems have parsed for decades.
pub(crate) struct Text {
    config: TextConfig,
    /// Columns that names take.
    width: usize,
    unknown: u64,
    progress: Option<Progress>,
    settled: u64,
    /// Whether the line between the replies and the summaries has been printed.
    parted: bool,
}

impl Text {
    pub(crate) const fn new(
        config: TextConfig,
        width: usize,
        unknown: u64,
        progress: Option<Progress>,
    ) -> Self {
        Self { config, width, unknown, progress, settled: 0, parted: false }
    }

    fn name(&self, target: &Target) -> String {
        format!("{:<width$}", target.name, width = self.width)
    }

    fn settle(&mut self) {
        self.settled += 1;
        if let Some(progress) = &self.progress {
            progress.set(self.settled);
        }
    }

    fn alive(&mut self, target: &Target, rtt: Duration, to: &mut Streams<'_>) -> io::Result<()> {
        self.settle();
        if !self.config.show.alive() {
            return Ok(());
        }
        let verdict = if self.config.show == Show::All { " is alive" } else { "" };
        let elapsed =
            if self.config.elapsed { format!(" ({} ms)", three(rtt)) } else { String::new() };
        writeln!(to.out, "{}{verdict}{elapsed}", target.name)
    }

    fn unreachable(&mut self, target: &Target, to: &mut Streams<'_>) -> io::Result<()> {
        self.settle();
        if !self.config.show.unreachable() {
            return Ok(());
        }
        let verdict = if self.config.show == Show::All { " is unreachable" } else { "" };
        writeln!(to.out, "{}{verdict}", target.name)
    }

    fn reply(&self, at: Duration, answer: &Answer, to: &mut Streams<'_>) -> io::Result<()> {
        if self.config.quiet {
            return Ok(());
        }
        let Answer { index, size, so_far, .. } = answer;
        let (stamp, name, rtt) =
            (self.stamp(at), self.name(&answer.target), three(answer.sample.rtt));
        if answer.duplicate {
            return writeln!(
                to.err,
                "{stamp}{name} : duplicate for [{index}], {size} bytes, {rtt} ms"
            );
        }
        let elsewhere = answer.source.map_or_else(String::new, |source| format!(" [<- {source}]"));
        writeln!(
            to.out,
            "{stamp}{name} : [{index}], {size} bytes, {rtt} ms {}{elsewhere}",
            running(*so_far)
        )
    }

    fn lost(
        &self,
        at: Duration,
        target: &Target,
        index: u32,
        so_far: SoFar,
        to: &mut Streams<'_>,
    ) -> io::Result<()> {
        if self.config.quiet {
            return Ok(());
        }
        let (stamp, name) = (self.stamp(at), self.name(target));
        writeln!(to.out, "{stamp}{name} : [{index}], timed out {}", running(so_far))
    }

    fn error(&self, target: &Target, error: &IcmpError, to: &mut Streams<'_>) -> io::Result<()> {
        if self.config.quiet {
            return Ok(());
        }
        let what = icmp_text::describe(error, &Lookup::numeric());
        let what = what.strip_prefix("Destination ").unwrap_or(&what);
        to.out.flush()?;
        writeln!(to.err, "ICMP {what} from {} for ICMP Echo sent to {}", error.from, target.name)
    }

    /// `[1795248023.46658] `, with `-D`: fping's five decimals.
    fn stamp(&self, at: Duration) -> String {
        if self.config.timestamps {
            format!("[{}.{:05}] ", at.as_secs(), at.subsec_micros() / 10)
        } else {
            String::new()
        }
    }

    fn target_summary(&mut self, target: &TargetSummary, to: &mut Streams<'_>) -> io::Result<()> {
        if !self.parted && !self.config.quiet {
            self.parted = true;
            // The two streams may be one terminal: what was said before comes before.
            to.out.flush()?;
            writeln!(to.err)?;
        }
        let name = self.name(&target.target);
        if self.config.each_sample {
            let each = target.rtts_ms.iter().map(|rtt| rtt.map_or_else(|| "-".into(), three));
            return writeln!(to.err, "{name} : {}", each.collect::<Vec<_>>().join(" "));
        }
        writeln!(to.err, "{name} : {}", counts(target, self.config))
    }

    fn summary(&self, summary: &Summary, to: &mut Streams<'_>) -> io::Result<()> {
        if let Some(enough) = self.config.enough {
            let verdict = if summary.alive >= enough { "Enough" } else { "Not enough" };
            writeln!(
                to.out,
                "{verdict} hosts reachable (required: {enough}, reachable: {})",
                summary.alive
            )?;
        }
        if self.config.stats {
            to.out.flush()?;
            self.totals(summary, to.err)?;
        }
        Ok(())
    }

    fn totals(&self, summary: &Summary, err: &mut dyn io::Write) -> io::Result<()> {
        let Summary { targets, alive, unreachable, timeouts, sent, received, errors, .. } = summary;
        writeln!(
            err,
            "\n{:8} targets\n{alive:8} alive\n{unreachable:8} unreachable",
            targets + self.unknown
        )?;
        writeln!(err, "{:8} unknown addresses\n", self.unknown)?;
        writeln!(err, "{timeouts:8} timeouts (waiting for response)\n{sent:8} ICMP Echos sent")?;
        writeln!(err, "{received:8} ICMP Echo Replies received\n{errors:8} other ICMP received\n")?;
        let times = summary.rtt.map_or([Duration::ZERO; 3], |rtt| [rtt.min, rtt.avg, rtt.max]);
        for (time, which) in times.iter().zip(["min", "avg", "max"]) {
            writeln!(err, " {} ms ({which} round trip time)", three(*time))?;
        }
        if let Some(rtt) = summary.rtt.filter(|_| self.config.percentiles) {
            let shares = [rtt.p50, rtt.p90, rtt.p95, rtt.p99].map(three).join("/");
            writeln!(err, " {shares} ms (p50/p90/p95/p99 round trip time)")?;
        }
        writeln!(err, "{:13.3} sec (elapsed real time)\n", summary.elapsed.as_secs_f64())
    }
}

impl Render<Event> for Text {
    fn event(&mut self, at: Duration, event: &Event, to: &mut Streams<'_>) -> io::Result<()> {
        match event {
            Event::StatusEnd => {
                self.parted = false;
                Ok(())
            }
            Event::Alive { target, sample, .. } => self.alive(target, sample.rtt, to),
            Event::Unreachable { target, .. } => self.unreachable(target, to),
            Event::Reply(answer) => self.reply(at, answer, to),
            Event::Lost { target, index, so_far } => self.lost(at, target, *index, *so_far, to),
            Event::Error { target, error } => self.error(target, error, to),
            Event::Unsent { target, error } if !self.config.quiet => {
                writeln!(to.err, "{}: error while sending ping: {error}", target.name)
            }
            Event::Start { .. } | Event::Unsent { .. } => Ok(()),
            Event::TargetSummary(target) => self.target_summary(target, to),
            Event::Summary(summary) => self.summary(summary, to),
        }
    }
}

/// `(0.045 avg, 0% loss)`.
fn running(so_far: SoFar) -> String {
    let avg = so_far.avg.map_or_else(|| "NaN".into(), three);
    format!("({avg} avg, {}% loss)", whole_percent(so_far.loss_percent))
}

/// `xmt/rcv/%loss = 2/2/0%, min/avg/max = 0.041/0.043/0.045`.
fn counts(target: &TargetSummary, config: TextConfig) -> String {
    let TargetSummary { sent, received, .. } = target;
    let mut line =
        format!("xmt/rcv/%loss = {sent}/{received}/{}%", whole_percent(target.loss_percent));
    if config.outage {
        let _ = write!(line, ", outage(ms) = {}", target.outage.as_millis());
    }
    if let Some(rtt) = target.rtt {
        let times = [rtt.min, rtt.avg, rtt.max].map(three).join("/");
        let _ = write!(line, ", min/avg/max = {times}");
        if config.percentiles {
            let shares = [rtt.p50, rtt.p90, rtt.p95, rtt.p99].map(three).join("/");
            let _ =
                write!(line, ", p50/p90/p95/p99 = {shares}, jitter = {}", thousandths(rtt.jitter));
        }
    }
    line
}

/// fping cuts a percentage to a whole number.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 100")]
fn whole_percent(percent: f64) -> u32 {
    percent as u32
}

/// Milliseconds with three digits that count: 0.023, 3.09, 91.7, 505.
fn three(rtt: Duration) -> String {
    let ms = millis(rtt);
    let digits = match ms {
        ..1.0 => 3,
        ..10.0 => 2,
        ..100.0 => 1,
        _ => 0,
    };
    format!("{ms:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits_that_count() {
        let times = [23, 3_090, 91_700, 505_000].map(|us| three(Duration::from_micros(us)));
        assert_eq!(times, ["0.023", "3.09", "91.7", "505"]);
    }

    #[test]
    fn percentages_are_cut_as_fping_cuts_them() {
        assert_eq!([0.0, 33.3, 66.7, 99.9, 100.0].map(whole_percent), [0, 33, 66, 99, 100]);
    }
}
