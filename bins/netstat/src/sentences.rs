//! What net-tools' netstat says for each counter. A counter that is not here is told by its name.

use Kind::{Always, Counted, Input, Output, Skip};

/// When and where a counter is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Even where it is 0.
    Always,
    /// Where it is not 0.
    Counted,
    /// In the histogram of what came in, where it is not 0.
    Input,
    /// In the histogram of what went out, where it is not 0.
    Output,
    /// Never.
    Skip,
}

/// The name of a counter, and its sentence with braces for the number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry(pub(crate) &'static str, pub(crate) Kind, pub(crate) &'static str);

/// The sentences of a protocol, if it has any.
pub(crate) fn of(protocol: &str) -> Option<&'static [Entry]> {
    let found = TABLES.iter().find(|(name, _)| *name == protocol);
    found.map(|(_, entries)| *entries)
}

const TABLES: &[(&str, &[Entry])] = &[
    ("Ip", IP),
    ("Icmp", ICMP),
    ("Tcp", TCP),
    ("Udp", UDP),
    ("TcpExt", TCPEXT),
    ("Ip6", IP6),
    ("Icmp6", ICMP6),
    ("Udp6", UDP6),
    ("Sctp", SCTP),
];

const IP: &[Entry] = &[
    Entry("DefaultTTL", Skip, ""),
    Entry("InReceives", Always, "{} total packets received"),
    Entry("InHdrErrors", Counted, "{} with invalid headers"),
    Entry("InAddrErrors", Counted, "{} with invalid addresses"),
    Entry("ForwDatagrams", Always, "{} forwarded"),
    Entry("InUnknownProtos", Counted, "{} with unknown protocol"),
    Entry("InDiscards", Always, "{} incoming packets discarded"),
    Entry("InDelivers", Always, "{} incoming packets delivered"),
    Entry("OutRequests", Always, "{} requests sent out"),
    Entry("OutDiscards", Counted, "{} outgoing packets dropped"),
    Entry("OutNoRoutes", Counted, "{} dropped because of missing route"),
    Entry("ReasmTimeout", Counted, "{} fragments dropped after timeout"),
    Entry("ReasmReqds", Counted, "{} reassemblies required"),
    Entry("ReasmOKs", Counted, "{} packets reassembled ok"),
    Entry("ReasmFails", Counted, "{} packet reassemblies failed"),
    Entry("FragOKs", Counted, "{} outgoing packets fragmented ok"),
    Entry("FragFails", Counted, "{} outgoing packets failed fragmentation"),
    Entry("FragCreates", Counted, "{} fragments created"),
];

const ICMP: &[Entry] = &[
    Entry("InMsgs", Always, "{} ICMP messages received"),
    Entry("InErrors", Always, "{} input ICMP message failed"),
    Entry("InDestUnreachs", Input, "destination unreachable"),
    Entry("InTimeExcds", Input, "timeout in transit"),
    Entry("InParmProbs", Input, "wrong parameters"),
    Entry("InSrcQuenchs", Input, "source quenches"),
    Entry("InRedirects", Input, "redirects"),
    Entry("InEchos", Input, "echo requests"),
    Entry("InEchoReps", Input, "echo replies"),
    Entry("InTimestamps", Input, "timestamp request"),
    Entry("InTimestampReps", Input, "timestamp reply"),
    Entry("InAddrMasks", Input, "address mask request"),
    Entry("InAddrMaskReps", Input, "address mask replies"),
    Entry("OutMsgs", Always, "{} ICMP messages sent"),
    Entry("OutErrors", Always, "{} ICMP messages failed"),
    Entry("OutDestUnreachs", Output, "destination unreachable"),
    Entry("OutTimeExcds", Output, "time exceeded"),
    Entry("OutParmProbs", Output, "wrong parameters"),
    Entry("OutSrcQuenchs", Output, "source quench"),
    Entry("OutRedirects", Output, "redirect"),
    Entry("OutEchos", Output, "echo requests"),
    Entry("OutEchoReps", Output, "echo replies"),
    Entry("OutTimestamps", Output, "timestamp requests"),
    Entry("OutTimestampReps", Output, "timestamp replies"),
    Entry("OutAddrMasks", Output, "address mask requests"),
    Entry("OutAddrMaskReps", Output, "address mask replies"),
];

const TCP: &[Entry] = &[
    Entry("RtoAlgorithm", Skip, ""),
    Entry("RtoMin", Skip, ""),
    Entry("RtoMax", Skip, ""),
    Entry("MaxConn", Skip, ""),
    Entry("ActiveOpens", Always, "{} active connection openings"),
    Entry("PassiveOpens", Always, "{} passive connection openings"),
    Entry("AttemptFails", Always, "{} failed connection attempts"),
    Entry("EstabResets", Always, "{} connection resets received"),
    Entry("CurrEstab", Always, "{} connections established"),
    Entry("InSegs", Always, "{} segments received"),
    Entry("OutSegs", Always, "{} segments sent out"),
    Entry("RetransSegs", Always, "{} segments retransmitted"),
    Entry("InErrs", Always, "{} bad segments received"),
    Entry("OutRsts", Always, "{} resets sent"),
];

const UDP: &[Entry] = &[
    Entry("InDatagrams", Always, "{} packets received"),
    Entry("NoPorts", Always, "{} packets to unknown port received"),
    Entry("InErrors", Always, "{} packet receive errors"),
    Entry("OutDatagrams", Always, "{} packets sent"),
    Entry("RcvbufErrors", Always, "{} receive buffer errors"),
    Entry("SndbufErrors", Always, "{} send buffer errors"),
];

const TCPEXT: &[Entry] = &[
    Entry("SyncookiesSent", Counted, "{} SYN cookies sent"),
    Entry("SyncookiesRecv", Counted, "{} SYN cookies received"),
    Entry("SyncookiesFailed", Counted, "{} invalid SYN cookies received"),
    Entry("EmbryonicRsts", Counted, "{} resets received for embryonic SYN_RECV sockets"),
    Entry(
        "PruneCalled",
        Counted,
        "{} packets pruned from receive queue because of socket buffer overrun",
    ),
    Entry("RcvPruned", Counted, "{} packets pruned from receive queue"),
    Entry(
        "OfoPruned",
        Counted,
        "{} packets dropped from out-of-order queue because of socket buffer overrun",
    ),
    Entry("OutOfWindowIcmps", Counted, "{} ICMP packets dropped because they were out-of-window"),
    Entry("LockDroppedIcmps", Counted, "{} ICMP packets dropped because socket was locked"),
    Entry("TW", Counted, "{} TCP sockets finished time wait in fast timer"),
    Entry("TWRecycled", Counted, "{} time wait sockets recycled by time stamp"),
    Entry("PAWSActive", Counted, "{} active connections rejected because of time stamp"),
    Entry(
        "PAWSEstab",
        Counted,
        "{} packets rejected in established connections because of timestamp",
    ),
    Entry("DelayedACKs", Counted, "{} delayed acks sent"),
    Entry("DelayedACKLocked", Counted, "{} delayed acks further delayed because of locked socket"),
    Entry("DelayedACKLost", Counted, "Quick ack mode was activated {} times"),
    Entry("ListenOverflows", Counted, "{} times the listen queue of a socket overflowed"),
    Entry("ListenDrops", Counted, "{} SYNs to LISTEN sockets dropped"),
    Entry("TCPHPHits", Always, "{} packet headers predicted"),
    Entry("TCPPureAcks", Counted, "{} acknowledgments not containing data payload received"),
    Entry("TCPHPAcks", Counted, "{} predicted acknowledgments"),
    Entry("TCPRenoRecovery", Counted, "{} times recovered from packet loss due to fast retransmit"),
    Entry("TCPSACKReorder", Counted, "Detected reordering {} times using SACK"),
    Entry("TCPRenoReorder", Counted, "Detected reordering {} times using reno fast retransmit"),
    Entry("TCPTSReorder", Counted, "Detected reordering {} times using time stamp"),
    Entry("TCPFullUndo", Counted, "{} congestion windows fully recovered without slow start"),
    Entry(
        "TCPPartialUndo",
        Counted,
        "{} congestion windows partially recovered using Hoe heuristic",
    ),
    Entry(
        "TCPLossUndo",
        Counted,
        "{} congestion windows recovered without slow start after partial ack",
    ),
    Entry("TCPRenoFailures", Counted, "{} timeouts after reno fast retransmit"),
    Entry("TCPLossFailures", Counted, "{} timeouts in loss state"),
    Entry("TCPFastRetrans", Counted, "{} fast retransmits"),
    Entry("TCPSlowStartRetrans", Counted, "{} retransmits in slow start"),
    Entry(
        "TCPRcvCollapsed",
        Counted,
        "{} packets collapsed in receive queue due to low socket buffer",
    ),
    Entry("TCPAbortOnData", Counted, "{} connections reset due to unexpected data"),
    Entry("TCPAbortOnClose", Counted, "{} connections reset due to early user close"),
    Entry("TCPAbortOnMemory", Counted, "{} connections aborted due to memory pressure"),
    Entry("TCPAbortOnTimeout", Counted, "{} connections aborted due to timeout"),
    Entry("TCPAbortOnLinger", Counted, "{} connections aborted after user close in linger timeout"),
    Entry("TCPAbortFailed", Counted, "{} times unable to send RST due to no memory"),
    Entry("TCPMemoryPressures", Counted, "TCP ran low on memory {} times"),
    Entry("PAWSPassive", Counted, "{} passive connections rejected because of time stamp"),
    Entry("TCPPrequeued", Counted, "{} packets directly queued to recvmsg prequeue"),
    Entry("TCPDirectCopyFromBacklog", Counted, "{} bytes directly in process context from backlog"),
    Entry("TCPHPHitsToUser", Counted, "{} packet headers predicted and directly queued to user"),
    Entry("TCPFACKReorder", Counted, "Detected reordering {} times using FACK"),
    Entry("TCPForwardRetrans", Counted, "{} forward retransmits"),
    Entry(
        "TCPSchedulerFailed",
        Counted,
        "{} times receiver scheduled too late for direct processing",
    ),
    Entry("TCPAbortOnSyn", Counted, "{} connections reset due to unexpected SYN"),
];

const IP6: &[Entry] = &[
    Entry("Ip6InReceives", Always, "{} total packets received"),
    Entry("Ip6InHdrErrors", Counted, "{} with invalid headers"),
    Entry("Ip6InTooBigErrors", Counted, "{} with packets too big"),
    Entry("Ip6InNoRoutes", Counted, "{} incoming packets with no route"),
    Entry("Ip6InAddrErrors", Counted, "{} with invalid addresses"),
    Entry("Ip6InUnknownProtos", Counted, "{} with unknown protocol"),
    Entry("Ip6InTruncatedPkts", Counted, "{} with truncated packets"),
    Entry("Ip6InDiscards", Always, "{} incoming packets discarded"),
    Entry("Ip6InDelivers", Always, "{} incoming packets delivered"),
    Entry("Ip6OutForwDatagrams", Always, "{} forwarded"),
    Entry("Ip6OutRequests", Always, "{} requests sent out"),
    Entry("Ip6OutDiscards", Counted, "{} outgoing packets dropped"),
    Entry("Ip6OutNoRoutes", Counted, "{} dropped because of missing route"),
    Entry("Ip6ReasmTimeout", Counted, "{} fragments dropped after timeout"),
    Entry("Ip6ReasmReqds", Counted, "{} reassemblies required"),
    Entry("Ip6ReasmOKs", Counted, "{} packets reassembled ok"),
    Entry("Ip6ReasmFails", Counted, "{} packet reassemblies failed"),
    Entry("Ip6FragOKs", Counted, "{} outgoing packets fragmented ok"),
    Entry("Ip6FragFails", Counted, "{} outgoing packets failed fragmentation"),
    Entry("Ip6FragCreates", Counted, "{} fragments created"),
    Entry("Ip6InMcastPkts", Counted, "{} incoming multicast packets"),
    Entry("Ip6OutMcastPkts", Counted, "{} outgoing multicast packets"),
];

const ICMP6: &[Entry] = &[
    Entry("Icmp6InMsgs", Always, "{} ICMP messages received"),
    Entry("Icmp6InErrors", Always, "{} input ICMP message failed"),
    Entry("Icmp6OutMsgs", Always, "{} ICMP messages sent"),
    Entry("Icmp6InDestUnreachs", Input, "destination unreachable"),
    Entry("Icmp6InPktTooBigs", Input, "packets too big"),
    Entry("Icmp6InTimeExcds", Input, "received ICMPv6 time exceeded"),
    Entry("Icmp6InParmProblems", Input, "parameter problem"),
    Entry("Icmp6InEchos", Input, "echo requests"),
    Entry("Icmp6InEchoReplies", Input, "echo replies"),
    Entry("Icmp6InGroupMembQueries", Input, "group member queries"),
    Entry("Icmp6InGroupMembResponses", Input, "group member responses"),
    Entry("Icmp6InGroupMembReductions", Input, "group member reductions"),
    Entry("Icmp6InRouterSolicits", Input, "router solicits"),
    Entry("Icmp6InRouterAdvertisements", Input, "router advertisement"),
    Entry("Icmp6InNeighborSolicits", Input, "neighbour solicits"),
    Entry("Icmp6InNeighborAdvertisements", Input, "neighbour advertisement"),
    Entry("Icmp6InRedirects", Input, "redirects"),
    Entry("Icmp6OutDestUnreachs", Output, "destination unreachable"),
    Entry("Icmp6OutPktTooBigs", Output, "packets too big"),
    Entry("Icmp6OutTimeExcds", Output, "sent ICMPv6 time exceeded"),
    Entry("Icmp6OutParmProblems", Output, "parameter problem"),
    Entry("Icmp6OutEchos", Output, "echo requests"),
    Entry("Icmp6OutEchoReplies", Output, "echo replies"),
    Entry("Icmp6OutGroupMembQueries", Output, "group member queries"),
    Entry("Icmp6OutGroupMembResponses", Output, "group member responses"),
    Entry("Icmp6OutGroupMembReductions", Output, "group member reductions"),
    Entry("Icmp6OutRouterSolicits", Output, "router solicits"),
    Entry("Icmp6OutNeighborSolicits", Output, "neighbor solicits"),
    Entry("Icmp6OutNeighborAdvertisements", Output, "neighbor advertisements"),
    Entry("Icmp6OutRedirects", Output, "redirects"),
];

const UDP6: &[Entry] = &[
    Entry("Udp6InDatagrams", Always, "{} packets received"),
    Entry("Udp6NoPorts", Always, "{} packets to unknown port received"),
    Entry("Udp6InErrors", Always, "{} packet receive errors"),
    Entry("Udp6OutDatagrams", Always, "{} packets sent"),
];

const SCTP: &[Entry] = &[
    Entry("SctpCurrEstab", Always, "{} Current Associations"),
    Entry("SctpActiveEstabs", Always, "{} Active Associations"),
    Entry("SctpPassiveEstabs", Always, "{} Passive Associations"),
    Entry("SctpAborteds", Always, "{} Number of Aborteds "),
    Entry("SctpShutdowns", Always, "{} Number of Graceful Terminations"),
    Entry("SctpOutOfBlues", Always, "{} Number of Out of Blue packets"),
    Entry("SctpChecksumErrors", Always, "{} Number of Packets with invalid Checksum"),
    Entry("SctpOutCtrlChunks", Always, "{} Number of control chunks sent"),
    Entry("SctpOutOrderChunks", Always, "{} Number of ordered chunks sent"),
    Entry("SctpOutUnorderChunks", Always, "{} Number of Unordered chunks sent"),
    Entry("SctpInCtrlChunks", Always, "{} Number of control chunks received"),
    Entry("SctpInOrderChunks", Always, "{} Number of ordered chunks received"),
    Entry("SctpInUnorderChunks", Always, "{} Number of Unordered chunks received"),
    Entry("SctpFragUsrMsgs", Always, "{} Number of messages fragmented"),
    Entry("SctpReasmUsrMsgs", Always, "{} Number of messages reassembled "),
    Entry("SctpOutSCTPPacks", Always, "{} Number of SCTP packets sent"),
    Entry("SctpInSCTPPacks", Always, "{} Number of SCTP packets received"),
];
