//! `struct tcp_info` (`linux/tcp.h`), as long or as short as the kernel has it.

use std::mem::offset_of;

use zerocopy::{FromBytes, FromZeros, Immutable, IntoBytes, KnownLayout};

/// What TCP knows of a connection (tcp(7), `TCP_INFO`).
///
/// Kernels of 2010 have no more than [`total_retrans`](Self::total_retrans), and each since has added
/// to the end: what the kernel did not tell is `None`. What it tells past what is known here is left
/// out. Times are in microseconds and sizes in octets, where nothing else is said.
#[derive(Clone, PartialEq)]
pub struct TcpInfo {
    fields: Fields,
    length: usize,
}

/// Every field with its type, in order; up to the `;` those that every kernel has.
macro_rules! tcp_info {
    (
        $( $(#[$doc:meta])* $name:ident: $kind:ty, )*
        ;
        $( $(#[$late_doc:meta])* $late:ident: $late_kind:ty, )*
    ) => {
        #[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout, PartialEq)]
        #[repr(C)]
        struct Fields { $( $name: $kind, )* $( $late: $late_kind, )* }

        impl TcpInfo {
            $( $(#[$doc])* #[must_use] pub const fn $name(&self) -> $kind { self.fields.$name } )*
            $(
                $(#[$late_doc])*
                #[must_use]
                pub const fn $late(&self) -> Option<$late_kind> {
                    let end = offset_of!(Fields, $late) + size_of::<$late_kind>();
                    if self.length < end { None } else { Some(self.fields.$late) }
                }
            )*
        }

        impl std::fmt::Debug for TcpInfo {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let mut all = f.debug_struct("TcpInfo");
                $( all.field(stringify!($name), &self.$name()); )*
                $( if let Some(value) = self.$late() { all.field(stringify!($late), &value); } )*
                all.finish()
            }
        }
    };
}

tcp_info! {
    /// The number of the state.
    state: u8,
    /// Of congestion control: 0 open, 1 disorder, 2 CWR, 3 recovery, 4 loss.
    ca_state: u8,
    /// Of the same segment, without an answer.
    retransmits: u8,
    /// Out, without an answer.
    probes: u8,
    /// How often was the timeout doubled.
    backoff: u8,
    /// Bits: 1 time stamps, 2 SACK, 4 window scaling, 8 ECN, 16 ECN seen, 32 data with the SYN.
    options: u8,
    /// Both scales: the sender's in one half, the receiver's in the other. See
    /// [`window_scales`](Self::window_scales).
    scales: u8,
    /// Bits: see [`is_app_limited`](Self::is_app_limited).
    limits: u8,
    /// Until the next retransmission.
    rto: u32,
    /// Until the next late acknowledgement.
    ato: u32,
    /// The largest segment to send.
    snd_mss: u32,
    /// The largest segment received.
    rcv_mss: u32,
    /// Segments. Of a listener: connections not accepted yet.
    unacked: u32,
    /// Segments. Of a listener: how many connections may wait.
    sacked: u32,
    /// Segments.
    lost: u32,
    /// Segments.
    retrans: u32,
    /// Segments.
    fackets: u32,
    /// Milliseconds since.
    last_data_sent: u32,
    /// Not kept by the kernel: 0.
    last_ack_sent: u32,
    /// Milliseconds since.
    last_data_recv: u32,
    /// Milliseconds since.
    last_ack_recv: u32,
    /// Path MTU.
    pmtu: u32,
    /// The threshold of the receive window.
    rcv_ssthresh: u32,
    /// Smoothed (RFC 6298).
    rtt: u32,
    /// Its mean deviation.
    rttvar: u32,
    /// Segments.
    snd_ssthresh: u32,
    /// Segments.
    snd_cwnd: u32,
    /// The largest segment announced.
    advmss: u32,
    /// Segments.
    reordering: u32,
    /// As the receiver sees it.
    rcv_rtt: u32,
    /// Room that the receiver adapts to the sender.
    rcv_space: u32,
    /// Segments, since the start.
    total_retrans: u32,
    ;
    /// Octets a second.
    pacing_rate: u64,
    /// Octets a second; all ones for no limit.
    max_pacing_rate: u64,
    /// Since the start (RFC 4898).
    bytes_acked: u64,
    /// Since the start (RFC 4898).
    bytes_received: u64,
    /// Segments.
    segs_out: u32,
    /// Segments.
    segs_in: u32,
    /// Written by the program, not sent.
    notsent_bytes: u32,
    /// The shortest; all ones for none yet.
    min_rtt: u32,
    /// Segments.
    data_segs_in: u32,
    /// Segments.
    data_segs_out: u32,
    /// Octets a second.
    delivery_rate: u64,
    /// With something to send.
    busy_time: u64,
    /// Held back by the receiver's window.
    rwnd_limited: u64,
    /// Held back by our own buffer.
    sndbuf_limited: u64,
    /// Segments.
    delivered: u32,
    /// Segments, marked.
    delivered_ce: u32,
    /// Since the start, repeated ones included.
    bytes_sent: u64,
    /// Since the start.
    bytes_retrans: u64,
    /// Repeated for nothing.
    dsack_dups: u32,
    /// How often.
    reord_seen: u32,
    /// Segments received out of order.
    rcv_ooopack: u32,
    /// The peer's window.
    snd_wnd: u32,
    /// Our own window.
    rcv_wnd: u32,
    /// How often was the flow label changed.
    rehash: u32,
    /// Retransmission timeouts, since the start.
    total_rto: u16,
    /// How often was one followed by recovery.
    total_rto_recoveries: u16,
    /// Milliseconds spent so.
    total_rto_time: u32,
    /// Segments (`AccECN`).
    received_ce: u32,
    /// `AccECN`.
    delivered_e1_bytes: u32,
    /// `AccECN`.
    delivered_e0_bytes: u32,
    /// `AccECN`.
    delivered_ce_bytes: u32,
    /// `AccECN`.
    received_e1_bytes: u32,
    /// `AccECN`.
    received_e0_bytes: u32,
    /// `AccECN`.
    received_ce_bytes: u32,
    /// Bits (`AccECN`).
    accecn_fail_mode: u16,
    /// Bits (`AccECN`).
    accecn_opt_seen: u16,
}

/// What kernels of 2010 have.
const SHORTEST: usize = offset_of!(Fields, pacing_rate);

impl TcpInfo {
    /// From octets in the order of this machine; `None` where they are fewer than any kernel tells.
    #[must_use]
    pub fn parse(octets: &[u8]) -> Option<Self> {
        if octets.len() < SHORTEST {
            return None;
        }
        let mut fields = Fields::new_zeroed();
        let length = octets.len().min(size_of::<Fields>());
        fields.as_mut_bytes()[..length].copy_from_slice(&octets[..length]);
        Some(Self { fields, length })
    }

    /// How far the windows are shifted (RFC 7323 §2): of what is sent, and of what is received.
    #[must_use]
    pub const fn window_scales(&self) -> (u8, u8) {
        let (low, high) = (self.fields.scales & 0xf, self.fields.scales >> 4);
        // Bit fields begin at the end that the machine begins with.
        if cfg!(target_endian = "little") { (low, high) } else { (high, low) }
    }

    /// Whether the last delivery rate is one that the program held back.
    #[must_use]
    pub const fn is_app_limited(&self) -> bool {
        let first = if cfg!(target_endian = "little") { 1 } else { 0x80 };
        self.fields.limits & first != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layout_is_the_kernels() {
        assert_eq!(SHORTEST, 104);
        assert_eq!(size_of::<Fields>(), 280, "6.18");
        assert_eq!(offset_of!(Fields, bytes_acked), 120);
        assert_eq!(offset_of!(Fields, snd_wnd), 228);
    }

    #[test]
    fn every_length_tells_what_it_has() {
        let octets = [1; 400];
        for length in 0..octets.len() {
            let info = TcpInfo::parse(&octets[..length]);
            assert_eq!(info.is_some(), length >= SHORTEST);
            let Some(info) = info else { continue };
            assert_eq!(info.total_retrans(), 0x0101_0101);
            assert_eq!(info.pacing_rate().is_some(), length >= 112);
            assert_eq!(info.snd_wnd().is_some(), length >= 232);
            assert_eq!(info.accecn_opt_seen().is_some(), length >= 280);
            assert!(format!("{info:?}").contains("total_retrans"));
        }
    }

    #[test]
    fn bits_are_taken_apart() {
        let mut octets = [0; 104];
        (octets[6], octets[7]) = (0x7a, 0x81);
        let info = TcpInfo::parse(&octets).unwrap();
        let scales = if cfg!(target_endian = "little") { (0xa, 7) } else { (7, 0xa) };
        assert_eq!((info.window_scales(), info.is_app_limited()), (scales, true));
    }
}
