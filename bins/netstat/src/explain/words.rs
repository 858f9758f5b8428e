//! What there is to say of each state (RFC 9293 §3.3.2, tcp(7)).

use wireline_host::sockets::State;

/// A line for each question.
pub(super) struct Words {
    /// As RFC 9293 writes it.
    pub(super) rfc: &'static str,
    pub(super) meaning: &'static str,
    /// Who acts next.
    pub(super) next: &'static str,
    pub(super) ends: &'static str,
    pub(super) trouble: &'static str,
}

pub(super) const fn words(state: State) -> Words {
    match state {
        State::Listen => Words {
            rfc: "LISTEN",
            meaning: "a program waits for connections to this port",
            next: "any client, with a SYN",
            ends: "when the program closes it; each connection is a socket of its own",
            trouble: "Recv-Q above 0 for long: connections are there, the program does not accept them",
        },
        State::SynSent => Words {
            rfc: "SYN-SENT",
            meaning: "this side has asked for a connection",
            next: "the peer, with SYN and ACK, or with RST for no",
            ends: "as ESTABLISHED, or in an error after about two minutes (tcp_syn_retries)",
            trouble: "for longer than a round trip: nobody is there, or a filter drops it",
        },
        State::SynReceived | State::NewSynReceived => Words {
            rfc: "SYN-RECEIVED",
            meaning: "a client has asked, this side has answered, no program knows of it yet",
            next: "the client, with the ACK that ends the handshake",
            ends: "as ESTABLISHED, or after about a minute without an answer (tcp_synack_retries)",
            trouble: "hundreds: a flood of SYNs, or answers that do not reach the clients",
        },
        State::Established => Words {
            rfc: "ESTABLISHED",
            meaning: "both may send",
            next: "either program, when it has something to send, or closes",
            ends: "with the first FIN, as FIN_WAIT1 where it is sent and CLOSE_WAIT where it comes",
            trouble: "Send-Q does not shrink: the peer does not read, or segments are lost",
        },
        State::FinWait1 => Words {
            rfc: "FIN-WAIT-1",
            meaning: "this side has closed and sent its FIN",
            next: "the peer, with an ACK for it",
            ends: "as FIN_WAIT2; as CLOSING or TIME_WAIT where the peer's FIN comes first or with it",
            trouble: "for longer than a round trip: the peer is gone, or does not take what is left to send",
        },
        State::FinWait2 => Words {
            rfc: "FIN-WAIT-2",
            meaning: "this side has closed, and the peer knows",
            next: "the peer's program, by closing too",
            ends: "as TIME_WAIT with the peer's FIN; without it, after a minute if closed (tcp_fin_timeout)",
            trouble: "many: the peer's program does not close, there they are CLOSE_WAIT",
        },
        State::CloseWait => Words {
            rfc: "CLOSE-WAIT",
            meaning: "the peer has closed, the program here has not",
            next: "the program here, by closing",
            ends: "as LAST_ACK once it closes; by itself never, for there is no timer",
            trouble: "many or old: the program forgets to close, until it has no descriptors left",
        },
        State::Closing => Words {
            rfc: "CLOSING",
            meaning: "both have closed at the same time, the ACK for this side's FIN is not there yet",
            next: "the peer, with that ACK",
            ends: "as TIME_WAIT",
            trouble: "for longer than a round trip: segments are lost",
        },
        State::LastAck => Words {
            rfc: "LAST-ACK",
            meaning: "the peer closed first, this side has closed and sent its FIN too",
            next: "the peer, with an ACK for it",
            ends: "closed, with that ACK",
            trouble: "for longer than a round trip: the peer is gone, or what is left to send is not taken",
        },
        State::TimeWait => Words {
            rfc: "TIME-WAIT",
            meaning: "closed, and this side did it first; the kernel remembers both ends",
            next: "nobody: a clock runs",
            ends: "closed, after 60 seconds",
            trouble: "none by itself; many to one destination take the ports for new connections to it",
        },
        State::Close | State::BoundInactive | State::Other(_) => Words {
            rfc: "CLOSED",
            meaning: "there is no connection",
            next: "the program, by connecting, listening or closing",
            ends: "when the program acts",
            trouble: "many: a program keeps sockets that failed",
        },
    }
}
