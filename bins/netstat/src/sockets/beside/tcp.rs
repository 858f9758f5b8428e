//! What `struct tcp_info` means: which numbers stand for nothing, and what follows from others.

use wireline_host::sockets::{CongestionInfo, Extra, InetSocket, State, TcpInfo};

use super::name;
use crate::event::{
    AccurateEcn, CongestionDetails, TcpDetails, TcpLimits, TcpLosses, TcpRates, TcpSizes, TcpState,
    TcpTimes, TcpVolume,
};

/// Of a threshold that was never set (`TCP_INFINITE_SSTHRESH`).
const NO_THRESHOLD: u32 = 0x7fff_ffff;

/// Bits of `tcpi_options`.
const OPTIONS: [(u8, &str); 8] = [
    (1, "timestamps"),
    (2, "sack"),
    (4, "window_scale"),
    (8, "ecn"),
    (16, "ecn_seen"),
    (32, "syn_data"),
    (64, "timestamps_in_us"),
    (128, "fast_open"),
];
const WINDOW_SCALE: u8 = 4;

/// `None` where the kernel has told nothing: of a connection in `TIME_WAIT`.
pub(super) fn details(row: &InetSocket) -> Option<TcpDetails> {
    let (extra, info) = (row.extra.as_deref()?, row.tcp_info()?);
    Some(TcpDetails {
        state: state(extra, info),
        times: times(info),
        sizes: sizes(info),
        volume: volume(info),
        rates: rates(info, row.state),
        limits: limits(info),
        losses: losses(info),
        accurate_ecn: accurate_ecn(info),
    })
}

fn state(extra: &Extra, info: &TcpInfo) -> TcpState {
    let options = OPTIONS.iter().filter(|(bit, _)| info.options() & bit != 0);
    let scales = Some(info.window_scales()).filter(|_| info.options() & WINDOW_SCALE != 0);
    TcpState {
        congestion: extra.congestion.map(name),
        congestion_info: extra.congestion_info.map(congestion),
        congestion_state: match info.ca_state() {
            0 => "open",
            1 => "disorder",
            2 => "cwr",
            3 => "recovery",
            4 => "loss",
            _ => "other",
        },
        options: options.map(|(_, word)| *word).collect(),
        send_scale: scales.map(|(send, _)| send),
        receive_scale: scales.map(|(_, receive)| receive),
    }
}

fn times(info: &TcpInfo) -> TcpTimes {
    TcpTimes {
        rto_ms: micros(info.rto()),
        backoff: info.backoff(),
        rtt_ms: measured(info.rtt()),
        rttvar_ms: measured(info.rtt()).map(|_| micros(info.rttvar())),
        min_rtt_ms: info.min_rtt().and_then(measured),
        ato_ms: measured(info.ato()),
        rcv_rtt_ms: measured(info.rcv_rtt()),
        last_sent_ms: info.last_data_sent().into(),
        last_received_ms: info.last_data_recv().into(),
        last_ack_ms: info.last_ack_recv().into(),
    }
}

fn sizes(info: &TcpInfo) -> TcpSizes {
    TcpSizes {
        mss: info.snd_mss(),
        pmtu: info.pmtu(),
        rcv_mss: info.rcv_mss(),
        advmss: info.advmss(),
        cwnd: info.snd_cwnd(),
        ssthresh: Some(info.snd_ssthresh()).filter(|segments| *segments < NO_THRESHOLD),
        snd_wnd: info.snd_wnd(),
        rcv_wnd: info.rcv_wnd(),
        rcv_space: info.rcv_space(),
        rcv_ssthresh: info.rcv_ssthresh(),
    }
}

fn volume(info: &TcpInfo) -> TcpVolume {
    TcpVolume {
        bytes_sent: info.bytes_sent(),
        bytes_retrans: info.bytes_retrans(),
        bytes_acked: info.bytes_acked(),
        bytes_received: info.bytes_received(),
        bytes_not_sent: info.notsent_bytes(),
        segs_out: info.segs_out(),
        segs_in: info.segs_in(),
        data_segs_out: info.data_segs_out(),
        data_segs_in: info.data_segs_in(),
        delivered: info.delivered(),
        delivered_ce: info.delivered_ce(),
    }
}

fn rates(info: &TcpInfo, state: State) -> TcpRates {
    let is_limit = |rate: &u64| *rate != u64::MAX;
    TcpRates {
        send_rate_bps: if state == State::Listen { None } else { send_rate(info) },
        pacing_rate_bps: info.pacing_rate().filter(is_limit).map(bits),
        max_pacing_rate_bps: info.max_pacing_rate().filter(is_limit).map(bits),
        delivery_rate_bps: info.delivery_rate().map(bits),
        app_limited: info.is_app_limited(),
    }
}

/// A window a round trip.
fn send_rate(info: &TcpInfo) -> Option<u64> {
    let window = u64::from(info.snd_cwnd()) * u64::from(info.snd_mss());
    bits(window).saturating_mul(1_000_000).checked_div(info.rtt().into())
}

fn limits(info: &TcpInfo) -> TcpLimits {
    let busy = info.busy_time();
    TcpLimits {
        busy_ms: busy.map(long_micros),
        rwnd_limited_ms: info.rwnd_limited().map(long_micros),
        rwnd_limited_percent: share(info.rwnd_limited(), busy),
        sndbuf_limited_ms: info.sndbuf_limited().map(long_micros),
        sndbuf_limited_percent: share(info.sndbuf_limited(), busy),
    }
}

fn losses(info: &TcpInfo) -> TcpLosses {
    TcpLosses {
        unacked: info.unacked(),
        sacked: info.sacked(),
        lost: info.lost(),
        retrans: info.retrans(),
        total_retrans: info.total_retrans(),
        dsack_dups: info.dsack_dups(),
        reordering: info.reordering(),
        reord_seen: info.reord_seen(),
        rcv_out_of_order: info.rcv_ooopack(),
        rehash: info.rehash(),
        total_rto: info.total_rto(),
        total_rto_recoveries: info.total_rto_recoveries(),
        total_rto_ms: info.total_rto_time().map(Into::into),
    }
}

fn accurate_ecn(info: &TcpInfo) -> Option<AccurateEcn> {
    Some(AccurateEcn {
        received_ce: info.received_ce()?,
        delivered_e1_bytes: info.delivered_e1_bytes()?,
        delivered_e0_bytes: info.delivered_e0_bytes()?,
        delivered_ce_bytes: info.delivered_ce_bytes()?,
        received_e1_bytes: info.received_e1_bytes()?,
        received_e0_bytes: info.received_e0_bytes()?,
        received_ce_bytes: info.received_ce_bytes()?,
    })
}

fn congestion(info: CongestionInfo) -> CongestionDetails {
    match info {
        CongestionInfo::Vegas { is_enabled, count, rtt, min_rtt } => CongestionDetails::Vegas {
            enabled: is_enabled,
            rtt_count: count,
            rtt_ms: measured(rtt),
            min_rtt_ms: measured(min_rtt),
        },
        CongestionInfo::Dctcp { is_enabled, ce_state, alpha, ecn, total } => {
            CongestionDetails::Dctcp {
                enabled: is_enabled,
                ce: ce_state != 0,
                alpha_percent: f64::from(alpha) / 1024.0 * 100.0,
                marked_bytes: ecn,
                total_bytes: total,
            }
        }
        CongestionInfo::Bbr { bandwidth, min_rtt, pacing_gain, cwnd_gain } => {
            let percent = |gain| f64::from(gain) / 256.0 * 100.0;
            CongestionDetails::Bbr {
                bandwidth_bps: bits(bandwidth),
                min_rtt_ms: measured(min_rtt),
                pacing_gain_percent: percent(pacing_gain),
                cwnd_gain_percent: percent(cwnd_gain),
            }
        }
    }
}

const fn bits(octets: u64) -> u64 {
    octets.saturating_mul(8)
}

fn micros(micros: u32) -> f64 {
    f64::from(micros) / 1e3
}

/// Neither 0 nor all ones was ever measured.
fn measured(time: u32) -> Option<f64> {
    (time != 0 && time != u32::MAX).then(|| micros(time))
}

#[expect(clippy::cast_precision_loss, reason = "exact for 285 years")]
const fn long_micros(micros: u64) -> f64 {
    micros as f64 / 1e3
}

fn share(part: Option<u64>, whole: Option<u64>) -> Option<f64> {
    let (part, whole) = (long_micros(part?), long_micros(whole?));
    // Both are counted at slightly different moments.
    (whole > 0.0).then(|| (part / whole * 100.0).min(100.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the kernel would send it: 32-bit fields by their places.
    fn info(fields: &[(usize, u32)], length: usize) -> TcpInfo {
        let mut octets = vec![0; length];
        for (place, value) in fields {
            octets[*place..*place + 4].copy_from_slice(&value.to_ne_bytes());
        }
        TcpInfo::parse(&octets).unwrap()
    }

    const RTT: usize = 68;
    const CWND: usize = 80;
    const MSS: usize = 16;
    const THRESHOLD: usize = 76;
    const MIN_RTT: usize = 148;
    const BUSY: usize = 168;
    const RWND: usize = 176;

    #[test]
    fn rate_is_a_window_a_round_trip_and_not_known_before_one() {
        let known = info(&[(RTT, 2000), (CWND, 10), (MSS, 1448)], 104);
        assert_eq!(rates(&known, State::Established).send_rate_bps, Some(57_920_000));
        assert_eq!(rates(&known, State::Listen).send_rate_bps, None);
        assert_eq!(
            rates(&info(&[(CWND, 10), (MSS, 1448)], 104), State::SynSent).send_rate_bps,
            None
        );
        let most = info(&[(RTT, 1), (CWND, u32::MAX), (MSS, u32::MAX)], 104);
        assert!(rates(&most, State::Established).send_rate_bps.is_some(), "no overflow");
    }

    #[test]
    fn numbers_that_stand_for_nothing_are_nothing() {
        let new = info(&[(THRESHOLD, NO_THRESHOLD), (MIN_RTT, u32::MAX)], 280);
        assert_eq!(sizes(&new).ssthresh, None);
        let times = times(&new);
        assert_eq!((times.rtt_ms, times.rttvar_ms, times.min_rtt_ms), (None, None, None));
        assert_eq!(sizes(&info(&[(THRESHOLD, 7)], 104)).ssthresh, Some(7));
    }

    #[test]
    fn shares_are_of_the_time_that_was_busy() {
        let limits = limits(&info(&[(BUSY, 4000), (RWND, 1000)], 280));
        assert_eq!((limits.busy_ms, limits.rwnd_limited_percent), (Some(4.0), Some(25.0)));
        assert_eq!(limits.sndbuf_limited_percent, Some(0.0));
        assert_eq!(
            super::limits(&info(&[], 280)).rwnd_limited_percent,
            None,
            "nothing to divide by"
        );
        assert_eq!(super::limits(&info(&[], 104)).busy_ms, None, "an old kernel");
        assert_eq!(share(Some(9), Some(8)), Some(100.0));
    }

    #[test]
    fn algorithms_tell_of_themselves() {
        let bbr =
            CongestionInfo::Bbr { bandwidth: 1000, min_rtt: 500, pacing_gain: 320, cwnd_gain: 512 };
        let told = CongestionDetails::Bbr {
            bandwidth_bps: 8000,
            min_rtt_ms: Some(0.5),
            pacing_gain_percent: 125.0,
            cwnd_gain_percent: 200.0,
        };
        assert_eq!(congestion(bbr), told);
        let dctcp =
            CongestionInfo::Dctcp { is_enabled: true, ce_state: 1, alpha: 512, ecn: 3, total: 9 };
        assert!(matches!(
            congestion(dctcp),
            CongestionDetails::Dctcp { alpha_percent: 50.0, ce: true, marked_bytes: 3, .. }
        ));
    }
}
