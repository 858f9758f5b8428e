//! The small words of socket tables: protocols, states, timers.

use std::ops::BitOr;
use std::time::Duration;

/// Which sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Protocol {
    /// RFC 9293.
    Tcp,
    /// RFC 768.
    Udp,
    /// RFC 3828.
    UdpLite,
    /// raw(7).
    Raw,
    /// RFC 8684. There is no table of them in `/proc`.
    Mptcp,
}

/// The state of a socket, as the kernel numbers them (`net/tcp_states.h`). Sockets of other protocols
/// are [`Established`](Self::Established) when connected and [`Close`](Self::Close) when not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// 1.
    Established,
    /// 2.
    SynSent,
    /// 3.
    SynReceived,
    /// 4.
    FinWait1,
    /// 5.
    FinWait2,
    /// 6.
    TimeWait,
    /// 7.
    Close,
    /// 8.
    CloseWait,
    /// 9.
    LastAck,
    /// 10.
    Listen,
    /// 11.
    Closing,
    /// 12: a request that no process has accepted. The kernel shows them as 3.
    NewSynReceived,
    /// 13: bound, neither listening nor connected. Only `sock_diag(7)` tells of them, when asked.
    BoundInactive,
    /// A number that is of none of these.
    Other(u8),
}

const STATES: [State; 13] = [
    State::Established,
    State::SynSent,
    State::SynReceived,
    State::FinWait1,
    State::FinWait2,
    State::TimeWait,
    State::Close,
    State::CloseWait,
    State::LastAck,
    State::Listen,
    State::Closing,
    State::NewSynReceived,
    State::BoundInactive,
];

/// A set of states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct States(u32);

/// What a socket waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timer {
    /// What happens when it ends.
    pub kind: TimerKind,
    /// How long it still has; zero where it is off or has ended. The kernel tells milliseconds by
    /// netlink, and hundredths of a second in `/proc`, both rounded down.
    pub expires: Duration,
    /// How often was what is out sent again, without an answer. By netlink it is known of a
    /// [`TimerKind::Probe`] and of a [`TimerKind::Keepalive`] only where
    /// [`Details::TCP_INFO`](super::Details::TCP_INFO) was asked for.
    pub retransmits: u8,
    /// How many probes of a closed window or of a silent peer are out. By netlink it is known of a
    /// [`TimerKind::Retransmit`] only where `TCP_INFO` was asked for.
    pub probes: u8,
}

/// As `idiag_timer` numbers them, which is as `/proc/net/tcp` does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimerKind {
    /// 0.
    #[default]
    Off,
    /// 1: retransmission, or a probe of loss.
    Retransmit,
    /// 2.
    Keepalive,
    /// 3: the end of `TIME_WAIT`.
    TimeWait,
    /// 4: probe of a window that is closed.
    Probe,
    /// 5: a late acknowledgement. `/proc/net/tcp` shows such a timer as off.
    DelayedAck,
    /// A number that is of none of these.
    Other(u8),
}

impl Protocol {
    /// As IANA numbers them; `IPPROTO_RAW` and `IPPROTO_MPTCP` of Linux for the last two.
    #[must_use]
    pub const fn number(self) -> u16 {
        match self {
            Self::Tcp => 6,
            Self::Udp => 17,
            Self::UdpLite => 136,
            Self::Raw => 255,
            Self::Mptcp => 262,
        }
    }

    pub(super) fn from_number(number: u16) -> Option<Self> {
        let all = [Self::Tcp, Self::Udp, Self::UdpLite, Self::Raw, Self::Mptcp];
        all.into_iter().find(|protocol| protocol.number() == number)
    }
}

impl State {
    /// The kernel's number.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Established => 1,
            Self::SynSent => 2,
            Self::SynReceived => 3,
            Self::FinWait1 => 4,
            Self::FinWait2 => 5,
            Self::TimeWait => 6,
            Self::Close => 7,
            Self::CloseWait => 8,
            Self::LastAck => 9,
            Self::Listen => 10,
            Self::Closing => 11,
            Self::NewSynReceived => 12,
            Self::BoundInactive => 13,
            Self::Other(number) => number,
        }
    }

    /// The state of a number.
    #[must_use]
    pub fn from_number(number: u8) -> Self {
        let index = usize::from(number).checked_sub(1);
        index.and_then(|index| STATES.get(index)).copied().unwrap_or(Self::Other(number))
    }
}

impl States {
    /// All that `/proc/net/tcp` shows: those that are bound and nothing else are not among them.
    pub const ALL: Self = Self(0xfff);
    /// Listeners only. The kernel looks at no connection then, however many there are.
    pub const LISTEN: Self = Self::of(State::Listen);
    /// None yet.
    pub const NONE: Self = Self(0);

    /// One state.
    #[must_use]
    pub const fn of(state: State) -> Self {
        match 1_u32.checked_shl(state.number() as u32) {
            Some(bit) => Self(bit),
            None => Self::NONE,
        }
    }

    /// Those of this set that are not in the other.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Those that are in both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether a state is in it. `SYN_RECV` stands for both of that name, as for the kernel.
    #[must_use]
    pub const fn contains(self, state: State) -> bool {
        let state = match state {
            State::NewSynReceived => State::SynReceived,
            other => other,
        };
        self.0 & Self::of(state).0 != 0
    }

    /// A bit for each number.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }
}

impl Default for States {
    fn default() -> Self {
        Self::ALL
    }
}

impl BitOr for States {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl FromIterator<State> for States {
    fn from_iter<I: IntoIterator<Item = State>>(states: I) -> Self {
        states.into_iter().fold(Self::NONE, |set, state| set | Self::of(state))
    }
}

impl TimerKind {
    /// The kind of a number.
    #[must_use]
    pub const fn from_number(number: u8) -> Self {
        match number {
            0 => Self::Off,
            1 => Self::Retransmit,
            2 => Self::Keepalive,
            3 => Self::TimeWait,
            4 => Self::Probe,
            5 => Self::DelayedAck,
            other => Self::Other(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_a_state_and_its_own_again() {
        for number in 0..=u8::MAX {
            assert_eq!(State::from_number(number).number(), number);
        }
        assert_eq!(State::from_number(10), State::Listen);
    }

    #[test]
    fn sets_of_states_are_bits() {
        assert_eq!(States::LISTEN.bits(), 0x400);
        assert_eq!((States::LISTEN | States::of(State::Established)).bits(), 0x402);
        assert_eq!(States::of(State::Other(200)), States::NONE);
        assert!(!States::ALL.contains(State::BoundInactive));
        assert!(States::of(State::SynReceived).contains(State::NewSynReceived));
        assert_eq!(States::ALL.without(States::LISTEN).bits(), 0xbff);
        assert_eq!([State::SynSent, State::Close].into_iter().collect::<States>().bits(), 0x84);
    }
}
