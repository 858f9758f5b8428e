//! Lines below a row: words of `key:value`, with units, after a tab and what the line is about.

use std::fmt::{Display, Write as _};

use wireline_cli::escape;
use wireline_host::sockets::{InetSocket, State};

use crate::event::{
    AccurateEcn, CgroupDetails, CongestionDetails, MemoryDetails, SocketInfo, TcpDetails,
    TcpLimits, TcpLosses, TcpRates, TcpSizes, TcpState, TcpTimes, TcpVolume, UnixInfo,
};

/// In front of every line that is no row.
const INDENT: &str = "        ";

/// A line that is written only if there is a word in it.
struct Line<'a> {
    text: &'a mut String,
    title: &'static str,
    is_empty: bool,
}

impl<'a> Line<'a> {
    const fn new(text: &'a mut String, title: &'static str) -> Self {
        Self { text, title, is_empty: true }
    }

    fn word(&mut self, word: impl Display) {
        if self.is_empty {
            self.text.push_str(INDENT);
            self.text.push_str(self.title);
            self.is_empty = false;
        }
        let _ = write!(self.text, " {word}");
    }

    fn some(&mut self, key: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.word(format_args!("{key}:{value}"));
        }
    }

    fn with_unit(&mut self, key: &str, value: Option<impl Display>, unit: &str) {
        if let Some(value) = value {
            self.word(format_args!("{key}:{value}{unit}"));
        }
    }

    /// A count that is told only where something was counted.
    fn count(&mut self, key: &str, value: impl Into<u64>) {
        let value = value.into();
        self.some(key, (value != 0).then_some(value));
    }

    fn octets(&mut self, key: &str, value: Option<impl Display>) {
        self.with_unit(key, value, "B");
    }

    fn time(&mut self, key: &str, value: Option<f64>) {
        self.with_unit(key, value, "ms");
    }

    fn rate(&mut self, key: &str, value: Option<u64>) {
        self.some(key, value.map(rate));
    }

    fn end(self) {
        if !self.is_empty {
            self.text.push('\n');
        }
    }
}

/// Three digits behind the point at the most: `57.92Mbit/s`.
fn rate(bits: u64) -> String {
    let scales = [(1_000_000_000, "Gbit/s"), (1_000_000, "Mbit/s"), (1000, "kbit/s")];
    let Some((unit, name)) = scales.into_iter().find(|(unit, _)| bits >= *unit) else {
        return format!("{bits}bit/s");
    };
    let (whole, thousandths) = (bits / unit, bits % unit / (unit / 1000));
    let text = format!("{whole}.{thousandths:03}");
    format!("{}{name}", text.trim_end_matches('0').trim_end_matches('.'))
}

pub(super) fn push_info(
    text: &mut String,
    row: &InetSocket,
    info: &SocketInfo,
    tcp: Option<&TcpDetails>,
) {
    let mut line = Line::new(text, "info");
    if let Some(tcp) = tcp {
        push_state(&mut line, &tcp.state);
        if row.state == State::Listen {
            push_listener(&mut line, tcp);
        } else {
            push_connection(&mut line, tcp);
        }
    }
    line.some("ulp", info.upper.as_deref().map(escape));
    line.some("tos", info.tos.map(|octet| format!("{octet:#04x}")));
    line.some("tclass", info.traffic_class.map(|octet| format!("{octet:#04x}")));
    line.some("class_id", info.class_id.map(|id| format!("{id:#x}")));
    line.some("mark", info.mark.map(|mark| format!("{mark:#x}")));
    line.some("v6only", info.v6_only.map(u8::from));
    line.some("shutdown", info.shutdown);
    line.end();
}

fn push_state(line: &mut Line<'_>, state: &TcpState) {
    line.some("congestion", state.congestion.as_deref().map(escape));
    if !state.options.is_empty() {
        line.some("options", Some(state.options.join(",")));
    }
    if let (Some(send), Some(receive)) = (state.send_scale, state.receive_scale) {
        line.word(format_args!("wscale:{send},{receive}"));
    }
    if let Some(own) = &state.congestion_info {
        push_congestion(line, own);
    }
    if state.congestion_state != "open" {
        line.some("ca_state", Some(state.congestion_state));
    }
}

fn push_congestion(line: &mut Line<'_>, info: &CongestionDetails) {
    let percent = |value: &f64| format!("{value:.1}%");
    match info {
        CongestionDetails::Vegas { enabled, rtt_count, rtt_ms, min_rtt_ms } => {
            line.some("vegas_enabled", Some(u8::from(*enabled)));
            line.some("vegas_rtts", Some(rtt_count));
            line.time("vegas_rtt", *rtt_ms);
            line.time("vegas_minrtt", *min_rtt_ms);
        }
        CongestionDetails::Dctcp { enabled, ce, alpha_percent, marked_bytes, total_bytes } => {
            line.some("dctcp_enabled", Some(u8::from(*enabled)));
            line.some("dctcp_ce", Some(u8::from(*ce)));
            line.some("dctcp_alpha", Some(percent(alpha_percent)));
            line.octets("dctcp_marked", Some(marked_bytes));
            line.octets("dctcp_total", Some(total_bytes));
        }
        CongestionDetails::Bbr {
            bandwidth_bps,
            min_rtt_ms,
            pacing_gain_percent,
            cwnd_gain_percent,
        } => {
            line.rate("bbr_bandwidth", Some(*bandwidth_bps));
            line.time("bbr_minrtt", *min_rtt_ms);
            line.some("bbr_pacing_gain", Some(percent(pacing_gain_percent)));
            line.some("bbr_cwnd_gain", Some(percent(cwnd_gain_percent)));
        }
    }
}

/// Two numbers mean something else of a listener, and most nothing.
fn push_listener(line: &mut Line<'_>, tcp: &TcpDetails) {
    line.some("accept_queue", Some(tcp.losses.unacked));
    line.some("accept_queue_limit", Some(tcp.losses.sacked));
    line.some("cwnd", Some(tcp.sizes.cwnd));
}

fn push_connection(line: &mut Line<'_>, tcp: &TcpDetails) {
    push_times(line, &tcp.times);
    push_sizes(line, &tcp.sizes);
    push_volume(line, &tcp.volume);
    line.rate("send_rate", tcp.rates.send_rate_bps);
    line.time("lastsnd", Some(tcp.times.last_sent_ms));
    line.time("lastrcv", Some(tcp.times.last_received_ms));
    line.time("lastack", Some(tcp.times.last_ack_ms));
    push_rates(line, &tcp.rates);
    push_limits(line, &tcp.limits);
    push_losses(line, &tcp.losses);
    push_receiver(line, tcp);
    if let Some(ecn) = tcp.accurate_ecn.filter(|ecn| *ecn != AccurateEcn::default()) {
        line.count("received_ce", ecn.received_ce);
        line.count("delivered_e0_bytes", ecn.delivered_e0_bytes);
        line.count("delivered_e1_bytes", ecn.delivered_e1_bytes);
        line.count("delivered_ce_bytes", ecn.delivered_ce_bytes);
        line.count("received_e0_bytes", ecn.received_e0_bytes);
        line.count("received_e1_bytes", ecn.received_e1_bytes);
        line.count("received_ce_bytes", ecn.received_ce_bytes);
    }
}

fn push_times(line: &mut Line<'_>, times: &TcpTimes) {
    line.time("rto", Some(times.rto_ms));
    line.count("backoff", times.backoff);
    line.time("rtt", times.rtt_ms);
    line.time("rttvar", times.rttvar_ms);
    line.time("minrtt", times.min_rtt_ms);
    line.time("ato", times.ato_ms);
}

fn push_sizes(line: &mut Line<'_>, sizes: &TcpSizes) {
    line.octets("mss", Some(sizes.mss));
    line.octets("pmtu", Some(sizes.pmtu));
    line.octets("rcvmss", Some(sizes.rcv_mss));
    line.octets("advmss", Some(sizes.advmss));
    line.some("cwnd", Some(sizes.cwnd));
    line.some("ssthresh", sizes.ssthresh);
}

fn push_volume(line: &mut Line<'_>, volume: &TcpVolume) {
    line.octets("bytes_sent", volume.bytes_sent);
    line.octets("bytes_retrans", volume.bytes_retrans);
    line.octets("bytes_acked", volume.bytes_acked);
    line.octets("bytes_received", volume.bytes_received);
    line.octets("notsent", volume.bytes_not_sent);
    line.some("segs_out", volume.segs_out);
    line.some("segs_in", volume.segs_in);
    line.some("data_segs_out", volume.data_segs_out);
    line.some("data_segs_in", volume.data_segs_in);
    line.some("delivered", volume.delivered);
    line.count("delivered_ce", volume.delivered_ce.unwrap_or(0));
}

fn push_rates(line: &mut Line<'_>, rates: &TcpRates) {
    line.rate("pacing_rate", rates.pacing_rate_bps);
    line.rate("max_pacing_rate", rates.max_pacing_rate_bps);
    line.rate("delivery_rate", rates.delivery_rate_bps);
    if rates.app_limited {
        line.word("app_limited");
    }
}

fn push_limits(line: &mut Line<'_>, limits: &TcpLimits) {
    line.time("busy", limits.busy_ms);
    let mut limited = |key: &str, time: Option<f64>, share: Option<f64>| {
        let time = time.filter(|time| *time > 0.0);
        let share = share.map_or_else(String::new, |share| format!("({share:.1}%)"));
        line.some(key, time.map(|time| format!("{time}ms{share}")));
    };
    limited("rwnd_limited", limits.rwnd_limited_ms, limits.rwnd_limited_percent);
    limited("sndbuf_limited", limits.sndbuf_limited_ms, limits.sndbuf_limited_percent);
}

fn push_losses(line: &mut Line<'_>, losses: &TcpLosses) {
    line.count("unacked", losses.unacked);
    line.count("retrans", losses.retrans);
    line.count("total_retrans", losses.total_retrans);
    line.count("lost", losses.lost);
    line.count("sacked", losses.sacked);
    line.count("dsack_dups", losses.dsack_dups.unwrap_or(0));
    line.some("reordering", Some(losses.reordering));
    line.count("reord_seen", losses.reord_seen.unwrap_or(0));
    line.count("rehash", losses.rehash.unwrap_or(0));
    line.count("total_rto", losses.total_rto.unwrap_or(0));
    line.count("total_rto_recoveries", losses.total_rto_recoveries.unwrap_or(0));
    line.time("total_rto_time", losses.total_rto_ms.filter(|time| *time > 0.0));
}

fn push_receiver(line: &mut Line<'_>, tcp: &TcpDetails) {
    line.time("rcv_rtt", tcp.times.rcv_rtt_ms);
    line.octets("rcv_space", Some(tcp.sizes.rcv_space));
    line.octets("rcv_ssthresh", Some(tcp.sizes.rcv_ssthresh));
    line.count("rcv_ooopack", tcp.losses.rcv_out_of_order.unwrap_or(0));
    line.octets("snd_wnd", tcp.sizes.snd_wnd);
    line.octets("rcv_wnd", tcp.sizes.rcv_wnd);
}

pub(super) fn push_memory(text: &mut String, memory: &MemoryDetails) {
    let mut line = Line::new(text, "memory");
    line.octets("received", Some(memory.received));
    line.octets("receive_buffer", Some(memory.receive_buffer));
    line.octets("sent", Some(memory.sent));
    line.octets("send_buffer", Some(memory.send_buffer));
    line.octets("forward", Some(memory.forward));
    line.octets("queued", Some(memory.queued));
    line.octets("options", Some(memory.options));
    line.octets("backlog", Some(memory.backlog));
    line.some("drops", memory.drops);
    line.end();
}

pub(super) fn push_cgroup(text: &mut String, cgroup: &CgroupDetails) {
    let mut line = Line::new(text, "cgroup");
    line.some("id", Some(cgroup.id));
    line.some("path", Some(cgroup.path.as_deref().map_or("-".into(), escape)));
    line.end();
}

pub(super) fn push_unix(text: &mut String, info: &UnixInfo) {
    let mut line = Line::new(text, "info");
    line.some("peer_inode", info.peer_inode);
    line.some("recv_queue", info.recv_queue);
    line.some("send_queue", info.send_queue);
    line.some("uid", info.uid);
    line.some("shutdown", info.shutdown);
    line.end();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_have_three_digits_behind_the_point_and_no_zero_at_the_end() {
        for (bits, text) in [
            (0, "0bit/s"),
            (999, "999bit/s"),
            (1000, "1kbit/s"),
            (57_920_000, "57.92Mbit/s"),
            (1_234_567_890, "1.234Gbit/s"),
            (10_000_000_000, "10Gbit/s"),
            (u64::MAX, "18446744073.709Gbit/s"),
        ] {
            assert_eq!(rate(bits), text);
        }
    }

    #[test]
    fn line_without_a_word_is_none_and_strangers_words_are_escaped() {
        let mut text = String::new();
        push_unix(&mut text, &UnixInfo::default());
        assert_eq!(text, "");
        let path = Some("/a\u{1b}[2J\nb".to_owned());
        push_cgroup(&mut text, &CgroupDetails { id: 7, path });
        assert_eq!(text, "        cgroup id:7 path:/a\\027[2J\\010b\n");
        text.clear();
        push_cgroup(&mut text, &CgroupDetails { id: 7, path: None });
        assert_eq!(text, "        cgroup id:7 path:-\n");
    }
}
