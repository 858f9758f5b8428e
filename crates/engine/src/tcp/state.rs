use std::fmt::{self, Display, Formatter};

use serde::Serialize;

/// An end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// Who opened it.
    Client,
    /// Who was asked.
    Server,
}

impl End {
    /// Both, as pairs of the two are indexed.
    pub const BOTH: [Self; 2] = [Self::Client, Self::Server];

    /// The one across.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Client => Self::Server,
            Self::Server => Self::Client,
        }
    }

    /// What belongs to this end, of a pair.
    #[must_use]
    pub const fn of<T>(self, [client, server]: &[T; 2]) -> &T {
        match self {
            Self::Client => client,
            Self::Server => server,
        }
    }

    /// As [`End::of`], to be changed.
    pub const fn of_mut<T>(self, [client, server]: &mut [T; 2]) -> &mut T {
        match self {
            Self::Client => client,
            Self::Server => server,
        }
    }
}

impl Display for End {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Client => "client",
            Self::Server => "server",
        })
    }
}

/// A state of an end of a connection, by the names of RFC 9293 §3.3.2 as netstat(8) and the tutorials write them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "RFC 9293 §3.3.2 says what each is")]
pub enum State {
    /// Nothing was heard that tells: the tap came late, or nobody answered.
    Unknown,
    Closed,
    Listen,
    SynSent,
    SynRcvd,
    Established,
    #[serde(rename = "FIN_WAIT_1")]
    FinWait1,
    #[serde(rename = "FIN_WAIT_2")]
    FinWait2,
    CloseWait,
    Closing,
    LastAck,
    TimeWait,
}

impl State {
    /// As RFC 9293 and the tutorials write it, with underscores; `?` for [`State::Unknown`].
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "?",
            Self::Closed => "CLOSED",
            Self::Listen => "LISTEN",
            Self::SynSent => "SYN_SENT",
            Self::SynRcvd => "SYN_RCVD",
            Self::Established => "ESTABLISHED",
            Self::FinWait1 => "FIN_WAIT_1",
            Self::FinWait2 => "FIN_WAIT_2",
            Self::CloseWait => "CLOSE_WAIT",
            Self::Closing => "CLOSING",
            Self::LastAck => "LAST_ACK",
            Self::TimeWait => "TIME_WAIT",
        }
    }
}

impl Display for State {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
