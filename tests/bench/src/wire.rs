//! What the witness saw on the sender's interface while a program ran.

use std::io::Read as _;

use anyhow::{Context as _, Result, ensure};
use wireline_lab::{Background, Host};

use crate::echo::{Echo, Kind};
use crate::{capture, inside};

/// A capture that is going on.
#[derive(Debug)]
pub(crate) struct Witness(Background);

/// All echoes of a capture, in order.
#[derive(Clone, Debug)]
pub(crate) struct Wire(Vec<Echo>);

impl Witness {
    /// Starts to look at this host's `eth0`.
    pub(crate) fn at(host: &Host<'_>) -> Result<Self> {
        let mut capture = host.spawn(std::env::current_exe()?, [capture::FLAG, "eth0"]);
        let is_ready = capture.line().as_deref() == Some(inside::READY);
        ensure!(is_ready, "{}", String::from_utf8_lossy(&capture.output().stderr).trim());
        Ok(Self(capture))
    }

    /// What it saw.
    pub(crate) fn tell(mut self) -> Result<Wire> {
        drop(self.0.stdin());
        let mut echoes = Vec::new();
        while let Some(line) = self.0.line() {
            echoes.push(line.parse()?);
        }
        let mut complaint = String::new();
        let stderr = self.0.child().stderr.take().context("a pipe")?;
        stderr.take(4096).read_to_string(&mut complaint)?;
        ensure!(self.0.wait().success(), "{}", complaint.trim());
        Ok(Wire(echoes))
    }
}

impl Wire {
    /// When the requests left, in microseconds since the first of them.
    pub(crate) fn departures(&self) -> Vec<f64> {
        let requests = self.0.iter().filter(|echo| echo.kind == Kind::Request);
        let times: Vec<_> = requests.map(|echo| echo.time).collect();
        times.iter().map(|time| microseconds(time.saturating_sub(times[0]))).collect()
    }

    /// The round trip of the only request with this sequence number, in microseconds.
    pub(crate) fn round_trip(&self, sequence: u16) -> Option<f64> {
        let time = |kind| {
            let mut echoes = self.0.iter().filter(|e| (e.kind, e.sequence) == (kind, sequence));
            echoes.next().map(|echo| echo.time).filter(|_| echoes.next().is_none())
        };
        time(Kind::Reply)?.checked_sub(time(Kind::Request)?).map(microseconds)
    }
}

/// Exact for the hundred days that no bench takes.
fn microseconds(nanoseconds: u64) -> f64 {
    std::time::Duration::from_nanos(nanoseconds).as_secs_f64() * 1e6
}
