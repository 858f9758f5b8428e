//! Which sockets are shown, and what of each.

use wireline_host::Family;
use wireline_host::sockets::{Details, InetSocket, Protocol, State, States, UnixEntry};

use super::beside::Wanted;
use super::unix::LISTENS;

/// Which tables.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Choice {
    pub(crate) tcp: bool,
    /// Which has no table: there is a title at the most.
    pub(crate) sctp: bool,
    pub(crate) udp: bool,
    pub(crate) udplite: bool,
    pub(crate) raw: bool,
    pub(crate) unix: bool,
    /// Of the four.
    pub(crate) family: Family,
    pub(crate) which: Which,
}

/// Which rows of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// Those that have a peer.
    Connected,
    /// Those that have none.
    Listening,
    All,
}

/// What of each socket.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Shown {
    /// Numbers for names of hosts, ports and users.
    pub(crate) numeric: Numeric,
    pub(crate) programs: bool,
    /// Users and inodes.
    pub(crate) extended: bool,
    pub(crate) timers: bool,
    /// Addresses are not cut.
    pub(crate) wide: bool,
    /// On lines of its own.
    pub(crate) beside: Wanted,
    /// Below them, what the states mean.
    pub(crate) explain: bool,
    /// In columns that fit.
    pub(crate) pretty: bool,
}

/// Numbers in the place of names.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Numeric {
    pub(crate) hosts: bool,
    pub(crate) ports: bool,
    pub(crate) users: bool,
}

impl Choice {
    /// The tables of the Internet's protocols, in their order.
    pub(crate) fn tables(self) -> impl Iterator<Item = (Protocol, Family)> + use<> {
        let chosen = [
            (self.tcp, Protocol::Tcp),
            (self.udp, Protocol::Udp),
            (self.udplite, Protocol::UdpLite),
            (self.raw, Protocol::Raw),
        ];
        let family = self.family;
        let chosen = chosen.into_iter().filter(|(is_chosen, _)| *is_chosen);
        chosen.map(move |(_, protocol)| (protocol, family))
    }

    /// Whether there is anything to show.
    pub(crate) fn is_some(self) -> bool {
        self.unix || self.inet_title().is_some()
    }

    /// What stands above them, if there are any.
    pub(crate) fn inet_title(self) -> Option<String> {
        let has_some = self.sctp || self.tables().next().is_some();
        has_some.then(|| format!("Active Internet connections {}\n", self.which.title()))
    }

    /// None of the Internet's protocols.
    pub(crate) const fn forget_inet(&mut self) {
        (self.tcp, self.udp, self.udplite, self.raw) = (false, false, false, false);
    }

    pub(crate) fn unix_title(self) -> Option<String> {
        self.unix.then(|| format!("Active UNIX domain sockets {}\n", self.which.title()))
    }
}

impl Which {
    const fn title(self) -> &'static str {
        match self {
            Self::Connected => "(w/o servers)",
            Self::Listening => "(only servers)",
            Self::All => "(servers and established)",
        }
    }

    /// Those in which such a row may be. Of TCP it is the state that makes the difference, for only
    /// listeners have no port at the other end.
    pub(crate) const fn states(self, protocol: Protocol) -> States {
        match (self, protocol) {
            (Self::Listening, Protocol::Tcp) => States::LISTEN,
            (Self::Connected, Protocol::Tcp) => States::ALL.without(States::LISTEN),
            _ => States::ALL,
        }
    }

    pub(crate) fn takes(self, row: &InetSocket) -> bool {
        let is_alone = match row.protocol {
            Protocol::Tcp | Protocol::Mptcp => row.remote.port == 0,
            _ => row.remote.address.is_unspecified(),
        };
        match self {
            Self::Connected => !is_alone,
            Self::Listening => is_alone,
            Self::All => true,
        }
    }

    /// Of these it is the flag that makes the difference.
    pub(crate) const fn takes_unix(self, entry: &UnixEntry<'_>) -> bool {
        let is_listener = entry.flags & LISTENS != 0;
        match self {
            Self::Connected => !is_listener,
            Self::Listening => is_listener,
            Self::All => true,
        }
    }
}

impl Shown {
    /// Both counts of a timer are told with the rest of what TCP knows.
    pub(crate) fn details(self, protocol: Protocol) -> Details {
        let timers = match (self.timers, protocol) {
            (true, Protocol::Tcp) => Details::TCP_INFO,
            _ => Details::NONE,
        };
        timers | self.beside.details(protocol)
    }
}

/// As the original writes it.
pub(crate) const fn state_name(state: State) -> &'static str {
    match state {
        State::Established => "ESTABLISHED",
        State::SynSent => "SYN_SENT",
        State::SynReceived | State::NewSynReceived => "SYN_RECV",
        State::FinWait1 => "FIN_WAIT1",
        State::FinWait2 => "FIN_WAIT2",
        State::TimeWait => "TIME_WAIT",
        State::Close => "CLOSE",
        State::CloseWait => "CLOSE_WAIT",
        State::LastAck => "LAST_ACK",
        State::Listen => "LISTEN",
        State::Closing => "CLOSING",
        State::BoundInactive | State::Other(_) => "UNKNOWN",
    }
}
