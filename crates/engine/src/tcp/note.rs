use serde::Serialize;

/// What is remarkable about a segment, as far as somebody between the ends can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Note {
    /// Data or a FIN that was sent before and is not acknowledged.
    Retransmission,
    /// Sent again although the acknowledgment had gone by.
    SpuriousRetransmission,
    /// A retransmission that duplicate acknowledgments asked for (RFC 5681 §3.2).
    FastRetransmission,
    /// A SYN sent again.
    SynRetransmitted,
    /// A SYN-ACK sent again: the third segment did not get there, or did not count.
    SynAckResent,
    /// Before what was sent earlier, and too soon after it to be a retransmission.
    OutOfOrder,
    /// After a gap: what was sent in between did not pass here.
    Gap,
    /// Acknowledges what did not pass here.
    AckOfUnseen,
    /// The same acknowledgment again, while data is under way (RFC 5681 §2).
    DuplicateAck,
    /// Nothing new but the window.
    WindowUpdate,
    /// No more room.
    ZeroWindow,
    /// One octet past a window of zero (RFC 9293 §3.8.6.1).
    ZeroWindowProbe,
    /// The answer to a probe of a zero window.
    ZeroWindowProbeAck,
    /// As much as the window allows is under way.
    WindowFull,
    /// The octet before the next one, to be answered (RFC 9293 §3.8.4).
    KeepAlive,
    /// The answer to it.
    KeepAliveAck,
    /// An acknowledgment that a SYN, an RST or an old number provoked (RFC 5961).
    ChallengeAck,
    /// An RST that says there is no such port (RFC 9293 §3.10.7.1).
    Refused,
    /// An RST where the third segment of the handshake belongs: all that was asked is whether it is open.
    ResetOfHalfOpen,
    /// An RST whose number is not the next one expected: whoever gets it ignores it (RFC 5961 §3.2).
    ResetIgnored,
    /// An RST with data after its header (RFC 9293 §3.5.3).
    ResetWithData,
    /// An RST from an end that had sent or read not everything (RFC 9293 §3.9.1.6, `SO_LINGER` of 0).
    Abort,
    /// An RST for what came after the socket was gone.
    ResetAfterClose,
    /// Data past the sender's own FIN.
    DataAfterFin,
    /// Both ends sent a SYN before either had the other's (RFC 9293 §3.5).
    SimultaneousOpen,
    /// Both ends sent a FIN before either had the other's (RFC 9293 §3.6).
    SimultaneousClose,
    /// This end has no more to send, and still takes (RFC 9293 §3.6).
    HalfClose,
    /// Data, with the SYN (RFC 7413).
    FastOpenData,
    /// Asks for a Fast Open cookie (RFC 7413 §4.1.1).
    FastOpenRequest,
    /// Gives one out.
    FastOpenCookie,
    /// The SYN's data was taken.
    FastOpenAccepted,
    /// The SYN's data was not taken.
    FastOpenRejected,
    /// Data with the third segment of the handshake.
    ThirdAckData,
    /// ECN is asked for or agreed on (RFC 3168 §6.1.1).
    Ecn,
    /// A SYN-ACK with data.
    SynAckWithData,
    /// A SYN-ACK for another SYN than was sent.
    WrongAck,
    /// A SYN where the connection is open.
    UnexpectedSyn,
    /// Flags that no standard puts together, or none.
    OddFlags,
    /// Options whose lengths lie.
    MalformedOptions,
    /// Something other than what was sent before under the same numbers.
    OverlappingData,
    /// A new connection between the same ends.
    PortsReused,
    /// Outside of what the receiver takes.
    OutOfWindow,
    /// It never arrived: told by whoever knows, as no tap can.
    Lost,
}

impl Note {
    /// Whether something that was sent before is sent again.
    #[must_use]
    pub const fn is_retransmission(self) -> bool {
        matches!(
            self,
            Self::Retransmission
                | Self::SpuriousRetransmission
                | Self::FastRetransmission
                | Self::SynRetransmitted
                | Self::SynAckResent
        )
    }

    /// Whether a segment of which this holds says nothing of its connection: who gets it drops it.
    #[must_use]
    pub const fn is_void(self) -> bool {
        matches!(
            self,
            Self::UnexpectedSyn
                | Self::PortsReused
                | Self::WrongAck
                | Self::OutOfWindow
                | Self::DataAfterFin
                | Self::OddFlags
        )
    }
}
