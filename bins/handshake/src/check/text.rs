//! The report for people.

use std::io;
use std::time::Duration;

use wireline_cli::{Render, Streams, escape};

use super::event::{Access, Event, Expected, Finding, Grade, Start, Summary};

pub(crate) struct Text {
    /// Only what is not well.
    pub(crate) is_quiet: bool,
}

impl Render<Event> for Text {
    fn event(&mut self, _at: Duration, event: &Event, to: &mut Streams<'_>) -> io::Result<()> {
        match event {
            Event::Start(start) if !self.is_quiet => begin(start, to),
            Event::Finding(finding) if !self.is_quiet || finding.grade.is_bad() => {
                line(finding, to)
            }
            Event::Expectation(expected) => expectation(expected, to),
            Event::Summary(summary) => end(summary, self.is_quiet, to),
            Event::Start(_) | Event::Finding(_) => Ok(()),
        }
    }
}

impl Grade {
    const fn is_bad(self) -> bool {
        matches!(self, Self::Warn | Self::Fail)
    }

    const fn sign(self) -> &'static str {
        match self {
            Self::Ok => "[ok]  ",
            Self::Info => "[info]",
            Self::Warn => "[warn]",
            Self::Fail => "[fail]",
            Self::Skip => "[skip]",
        }
    }
}

fn begin(start: &Start, to: &mut Streams<'_>) -> io::Result<()> {
    let how = match start.access {
        Access::Raw => "by raw segments",
        Access::Connect => "by connect(2): without CAP_NET_RAW",
    };
    writeln!(to.out, "{} ({}) {how}", escape(&start.target), start.address)
}

fn line(finding: &Finding, to: &mut Streams<'_>) -> io::Result<()> {
    let (sign, name) = (finding.grade.sign(), finding.name.name());
    writeln!(to.out, "{sign} {name:<12} {}", escape(&finding.evidence))
}

fn expectation(expected: &Expected, to: &mut Streams<'_>) -> io::Result<()> {
    if expected.met {
        return writeln!(to.out, "[ok]   expect       {}", escape(&expected.expression));
    }
    for failed in &expected.failed {
        let found: Vec<_> = failed
            .found
            .iter()
            .map(|it| match &it.value {
                Some(value) => format!("{} is {value}", it.fact),
                None => format!("{} not measured", it.fact),
            })
            .collect();
        writeln!(to.out, "[fail] expect       {}: {}", escape(&failed.clause), found.join(", "))?;
    }
    Ok(())
}

fn end(summary: &Summary, is_quiet: bool, to: &mut Streams<'_>) -> io::Result<()> {
    if summary.interrupted {
        writeln!(to.err, "handshake check: interrupted: what is missing was not asked")?;
    }
    if summary.dropped + summary.unsent > 0 {
        let Summary { dropped, unsent, .. } = summary;
        writeln!(
            to.err,
            "handshake check: incomplete: {dropped} segments dropped and {unsent} not sent by this machine"
        )?;
    }
    if is_quiet {
        return Ok(());
    }
    let Summary { ok, info, warn, fail, skip, .. } = summary;
    let many = |count: u32| if count == 1 { "" } else { "s" };
    let (warns, fails) = (many(*warn), many(*fail));
    writeln!(
        to.out,
        "{ok} ok, {info} info, {warn} warning{warns}, {fail} failure{fails}, {skip} skipped"
    )
}
