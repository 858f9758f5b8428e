//! What was measured, whichever way it was measured.

use std::time::Duration;

use wireline_engine::tcp::Verdict;
use wireline_engine::tcp::battery::{Closed, Measured, Question, Said};
use wireline_packet::tcp::Options;

/// What both ends agreed on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Agreed {
    /// The server's, in octets.
    pub(crate) mss: Option<u32>,
    pub(crate) sack: bool,
    pub(crate) ts: bool,
    /// The server's.
    pub(crate) wscale: Option<u8>,
    /// Known to the kernel's connections only.
    pub(crate) ecn: Option<bool>,
    /// From `TCP_INFO`, which has no MSS that is more than half of the window.
    pub(crate) is_kernels: bool,
}

/// All of it.
#[derive(Debug, Default)]
pub(crate) struct Results {
    pub(crate) is_ipv6: bool,
    pub(crate) verdict: Option<Verdict>,
    pub(crate) rtts: Vec<Duration>,
    /// SYNs that were asked for an answer, and those that had none.
    pub(crate) asked: usize,
    pub(crate) lost: usize,
    pub(crate) agreed: Option<Agreed>,
    /// Window of the SYN-ACK and hop limit, of raw segments only.
    pub(crate) said: Option<Said>,
    pub(crate) syn_acks_again: u32,
    pub(crate) closed: Option<Closed>,
    pub(crate) interrupted: bool,
    pub(crate) out_of_time: bool,
    /// What only raw segments tell.
    pub(crate) raw: Option<Measured>,
}

impl Results {
    pub(crate) fn of_raw(measured: Measured, is_ipv6: bool) -> Self {
        let first = measured.syn_acks().next();
        let agreed = first.map(|syn_ack| {
            let options = Options::read(&syn_ack.options);
            Agreed {
                mss: options.max_segment_size.map(u32::from),
                sack: options.sack_permitted,
                ts: options.timestamps.is_some(),
                wscale: options.window_scale,
                ecn: None,
                is_kernels: false,
            }
        });
        let talk = measured.talk.as_ref();
        Self {
            is_ipv6,
            verdict: measured.verdict.clone(),
            rtts: measured.syn_acks().filter_map(|syn_ack| syn_ack.rtt).collect(),
            asked: measured.samples.len(),
            lost: measured.samples.len() - measured.syn_acks().count(),
            agreed,
            said: talk.map(|talk| talk.said.clone()),
            syn_acks_again: talk.map_or(0, |talk| talk.syn_acks_again),
            closed: talk.and_then(|talk| talk.closed),
            interrupted: measured.stopped,
            out_of_time: measured.out_of_time,
            raw: Some(measured),
        }
    }

    pub(crate) fn is_whole(&self, question: Question) -> bool {
        self.raw.as_ref().is_some_and(|raw| raw.whole.contains(&question))
    }
}
