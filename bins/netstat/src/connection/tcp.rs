//! `tcp_info`, in words and units.

use serde::Serialize;
use wireline_host::sockets::TcpInfo;

/// What TCP knows of a connection. What the kernel does not tell, or has not measured yet, is `null`.
/// Sizes are in octets, counts in segments.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TcpFacts {
    /// Smoothed (RFC 6298).
    pub rtt_ms: f64,
    /// Its mean deviation.
    pub rtt_deviation_ms: f64,
    /// The shortest.
    pub min_rtt_ms: Option<f64>,
    /// As the receiver sees it.
    pub receiver_rtt_ms: Option<f64>,
    /// Until the next retransmission, were it sent now.
    pub rto_ms: f64,
    /// Until a late acknowledgement.
    pub ato_ms: f64,
    /// How often that was doubled.
    pub backoff: u8,
    /// The largest segment to send.
    pub send_mss: u32,
    /// The largest segment received.
    pub receive_mss: u32,
    /// The largest segment announced.
    pub advertised_mss: u32,
    /// Path MTU.
    pub path_mtu: u32,
    /// What both agreed on: `timestamps`, `sack`, `window_scaling`, `ecn`, `ecn_seen`, `syn_data`.
    pub options: Vec<&'static str>,
    /// How far the peer's window is shifted (RFC 7323 §2).
    pub send_window_scale: u8,
    /// How far our own is.
    pub receive_window_scale: u8,
    /// Of congestion control: `open`, `disorder`, `cwr`, `recovery`, `loss`.
    pub congestion_state: &'static str,
    /// Segments that may be out.
    pub congestion_window: u32,
    /// Where slow start ends, in segments; `null` for nowhere.
    pub slow_start_threshold: Option<u32>,
    /// Out, not acknowledged.
    pub unacked: u32,
    /// Acknowledged out of order.
    pub sacked: u32,
    /// Taken for lost.
    pub lost: u32,
    /// Sent again, not acknowledged.
    pub retransmitted: u32,
    /// Sent again, since the start.
    pub total_retransmitted: u32,
    /// Octets sent again, since the start.
    pub bytes_retransmitted: Option<u64>,
    /// How far apart segments may come in.
    pub reordering: u32,
    /// Repeated for nothing, as the peer said (RFC 2883).
    pub needless_retransmissions: Option<u32>,
    /// Received out of order.
    pub out_of_order: Option<u32>,
    /// Timeouts of retransmission, since the start.
    pub timeouts: Option<u16>,
    /// The peer's window.
    pub peer_window: Option<u32>,
    /// Our own window.
    pub own_window: Option<u32>,
    /// Room that the receiver adapts to the sender.
    pub receive_space: u32,
    /// Written by the program, not sent.
    pub unsent: Option<u32>,
    /// Octets sent, since the start, repeated ones included.
    pub bytes_sent: Option<u64>,
    /// Octets that the peer acknowledged.
    pub bytes_acked: Option<u64>,
    /// Octets received.
    pub bytes_received: Option<u64>,
    /// Segments sent.
    pub segments_sent: Option<u32>,
    /// Segments received.
    pub segments_received: Option<u32>,
    /// Octets a second; `null` without a limit.
    pub pacing_bytes_per_second: Option<u64>,
    /// Octets a second, of late.
    pub delivery_bytes_per_second: Option<u64>,
    /// Whether that was as much as the program had.
    pub app_limited: bool,
    /// Since data was sent.
    pub last_sent_ms: f64,
    /// Since data was received.
    pub last_received_ms: f64,
    /// Since an acknowledgement was received.
    pub last_acked_ms: f64,
    /// With something to send.
    pub busy_ms: Option<f64>,
    /// Of that: held back by the peer's window.
    pub window_limited_percent: Option<f64>,
    /// Of that: held back by our own buffer.
    pub buffer_limited_percent: Option<f64>,
}

impl TcpFacts {
    pub(crate) fn new(info: &TcpInfo) -> Self {
        let (send_window_scale, receive_window_scale) = info.window_scales();
        Self {
            rtt_ms: ms(info.rtt()),
            rtt_deviation_ms: ms(info.rttvar()),
            min_rtt_ms: info.min_rtt().filter(|rtt| *rtt != u32::MAX).map(ms),
            receiver_rtt_ms: Some(info.rcv_rtt()).filter(|rtt| *rtt > 0).map(ms),
            rto_ms: ms(info.rto()),
            ato_ms: ms(info.ato()),
            backoff: info.backoff(),
            send_mss: info.snd_mss(),
            receive_mss: info.rcv_mss(),
            advertised_mss: info.advmss(),
            path_mtu: info.pmtu(),
            options: options(info.options()),
            send_window_scale,
            receive_window_scale,
            congestion_state: congestion_state(info.ca_state()),
            congestion_window: info.snd_cwnd(),
            slow_start_threshold: Some(info.snd_ssthresh()).filter(|most| *most < INFINITE),
            unacked: info.unacked(),
            sacked: info.sacked(),
            lost: info.lost(),
            retransmitted: info.retrans(),
            total_retransmitted: info.total_retrans(),
            bytes_retransmitted: info.bytes_retrans(),
            reordering: info.reordering(),
            needless_retransmissions: info.dsack_dups(),
            out_of_order: info.rcv_ooopack(),
            timeouts: info.total_rto(),
            peer_window: info.snd_wnd(),
            own_window: info.rcv_wnd(),
            receive_space: info.rcv_space(),
            unsent: info.notsent_bytes(),
            bytes_sent: info.bytes_sent(),
            bytes_acked: info.bytes_acked(),
            bytes_received: info.bytes_received(),
            segments_sent: info.segs_out(),
            segments_received: info.segs_in(),
            pacing_bytes_per_second: info.pacing_rate().filter(|rate| *rate != u64::MAX),
            delivery_bytes_per_second: info.delivery_rate().filter(|rate| *rate > 0),
            app_limited: info.is_app_limited(),
            last_sent_ms: info.last_data_sent().into(),
            last_received_ms: info.last_data_recv().into(),
            last_acked_ms: info.last_ack_recv().into(),
            busy_ms: info.busy_time().map(long_ms),
            window_limited_percent: share(info.rwnd_limited(), info.busy_time()),
            buffer_limited_percent: share(info.sndbuf_limited(), info.busy_time()),
        }
    }
}

/// `TCP_INFINITE_SSTHRESH`.
const INFINITE: u32 = 0x7fff_ffff;

/// From microseconds.
fn ms(microseconds: u32) -> f64 {
    f64::from(microseconds) / 1000.0
}

fn long_ms(microseconds: u64) -> f64 {
    wireline_engine::millis(std::time::Duration::from_micros(microseconds))
}

fn share(part: Option<u64>, whole: Option<u64>) -> Option<f64> {
    let (part, whole) = (part?, whole.filter(|whole| *whole > 0)?);
    Some(long_ms(part) * 100.0 / long_ms(whole))
}

/// `TCPI_OPT_*` of `linux/tcp.h`.
fn options(bits: u8) -> Vec<&'static str> {
    let names = [
        (1, "timestamps"),
        (2, "sack"),
        (4, "window_scaling"),
        (8, "ecn"),
        (16, "ecn_seen"),
        (32, "syn_data"),
    ];
    names.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, name)| *name).collect()
}

/// `TCP_CA_*` of `linux/tcp.h`.
const fn congestion_state(number: u8) -> &'static str {
    match number {
        0 => "open",
        1 => "disorder",
        2 => "cwr",
        3 => "recovery",
        4 => "loss",
        _ => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_told_or_measured_is_left_open() {
        let mut octets = [0; 280];
        octets[68..72].copy_from_slice(&1500_u32.to_ne_bytes());
        octets[76..80].copy_from_slice(&INFINITE.to_ne_bytes());
        octets[104..112].copy_from_slice(&u64::MAX.to_ne_bytes());
        octets[148..152].copy_from_slice(&u32::MAX.to_ne_bytes());
        octets[5] = 7;
        let facts = TcpFacts::new(&TcpInfo::parse(&octets).unwrap());
        assert_eq!((facts.rtt_ms, facts.slow_start_threshold, facts.min_rtt_ms), (1.5, None, None));
        assert_eq!((facts.pacing_bytes_per_second, facts.receiver_rtt_ms), (None, None));
        assert_eq!((facts.busy_ms, facts.window_limited_percent), (Some(0.0), None));
        assert_eq!(facts.options, ["timestamps", "sack", "window_scaling"]);
        let short = TcpFacts::new(&TcpInfo::parse(&octets[..104]).unwrap());
        assert_eq!((short.busy_ms, short.bytes_sent), (None, None));
    }

    #[test]
    fn shares_are_of_the_time_that_was_busy() {
        assert_eq!(share(Some(250), Some(1000)), Some(25.0));
        assert_eq!(share(Some(250), None), None);
        assert_eq!(share(Some(0), Some(0)), None);
    }
}
