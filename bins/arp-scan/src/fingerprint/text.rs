//! The lines of arp-fingerprint.

use std::io;
use std::time::Duration;

use wireline_cli::{Render, Streams, escape};

use super::event::{Event, Host, Summary};

pub(super) struct Text {
    pub(super) tells_silent: bool,
    pub(super) tells_questions: bool,
}

impl Render<Event> for Text {
    fn event(&mut self, _at: Duration, event: &Event, to: &mut Streams<'_>) -> io::Result<()> {
        match event {
            Event::Fingerprint(host) => self.host(host, to),
            Event::Silent { address, .. } if self.tells_silent => {
                writeln!(to.out, "{address}\tNo Response")
            }
            Event::Start { .. } | Event::Silent { .. } => Ok(()),
            Event::Summary(summary) => complain(summary, to),
        }
    }
}

impl Text {
    fn host(&self, host: &Host, to: &mut Streams<'_>) -> io::Result<()> {
        let Host { address, pattern, systems, .. } = host;
        for asked in host.probes.iter().filter(|_| self.tells_questions) {
            let answered = if asked.answered { "Yes" } else { "No" };
            writeln!(to.out, "{}\t{answered}", asked.probe)?;
        }
        let systems = if systems.is_empty() { "UNKNOWN".into() } else { systems.join(", ") };
        writeln!(to.out, "{address}\t{pattern}\t{systems}")?;
        if host.contested {
            to.out.flush()?;
            writeln!(to.err, "WARNING: {address}: others than {} answered too", host.mac)?;
        }
        Ok(())
    }
}

fn complain(summary: &Summary, to: &mut Streams<'_>) -> io::Result<()> {
    let Summary { sent, unsent, error: Some(why), .. } = summary else { return Ok(()) };
    to.out.flush()?;
    let (all, why) = (sent + unsent, escape(why));
    writeln!(to.err, "WARNING: {unsent} of {all} frames were not sent: {why}")
}
