use wireline_packet::tcp::Options;

use super::{Closed, IsnKind, Measured, Schedule, classify, study};

/// What something in front of a server gives itself away by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// A SYN-ACK that lets nothing be sent: the server behind has not been asked yet.
    ZeroWindow,
    /// The SYN-ACK came from as far as this, and what followed from elsewhere.
    HopLimits {
        /// The SYN-ACK's on arrival.
        syn_ack: u8,
        /// The next segment's.
        later: u8,
    },
    /// The window was opened right after the third ACK, without data.
    WindowUpdate,
    /// RST right after the third ACK.
    ResetAtOnce,
    /// No option at all came back, though we offered the usual.
    NoOptions,
    /// The sequence number is ours and a constant.
    IsnFollows,
    /// The SYN-ACK is sent only once: nobody keeps anything of it.
    NoRepetition,
    /// Neither window scale nor SACK came back, nor the time stamps that would hide them.
    FewOptions,
}

/// Signs of a SYN proxy. One alone may be something else.
#[must_use]
pub fn proxy_signs(measured: &Measured) -> Vec<Sign> {
    let mut signs = Vec::new();
    if let Some(talk) = &measured.talk {
        if talk.syn_ack.window == 0 {
            signs.push(Sign::ZeroWindow);
        }
        if talk.has_window_update {
            signs.push(Sign::WindowUpdate);
        }
        if matches!(talk.closed, Some(Closed::Reset { at_once: true, .. })) {
            signs.push(Sign::ResetAtOnce);
        }
        if let (Some(syn_ack), Some(later)) = (talk.syn_ack.hop_limit, talk.later_hop_limit)
            && syn_ack != later
        {
            signs.push(Sign::HopLimits { syn_ack, later });
        }
    } else if measured.syn_acks().any(|syn_ack| syn_ack.window == 0) {
        signs.push(Sign::ZeroWindow);
    }
    if measured.syn_acks().next().is_some_and(|syn_ack| syn_ack.options.is_empty()) {
        signs.push(Sign::NoOptions);
    }
    signs
}

/// Signs of SYN cookies (RFC 4987 §3.6), of the host itself or of something in front of it.
#[must_use]
pub fn cookie_signs(measured: &Measured) -> Vec<Sign> {
    let mut signs = Vec::new();
    let samples: Vec<_> = measured.syn_acks().map(super::SynAck::isn_sample).collect();
    if study(&samples, &[]).kind == IsnKind::Cookie {
        signs.push(Sign::IsnFollows);
    }
    if measured.repeats.as_ref().is_some_and(|it| classify(it).0 == Schedule::None) {
        signs.push(Sign::NoRepetition);
    }
    let first = measured.syn_acks().next().map(|syn_ack| Options::read(&syn_ack.options));
    let is_bare =
        |it: Options| it.window_scale.is_none() && !it.sack_permitted && it.timestamps.is_none();
    if first.is_some_and(is_bare) {
        signs.push(Sign::FewOptions);
    }
    signs
}
