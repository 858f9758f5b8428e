//! The lines of a report, by name.

use serde::Serialize;
use wireline_engine::tcp::battery::Question;

/// A line of the report, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
#[value(rename_all = "lower")]
pub(crate) enum Test {
    /// Whether it is open
    Port,
    /// Round trips of SYN and of data
    Rtt,
    /// What both ends agree on
    Options,
    /// Whether the MSS is somebody else's
    Mss,
    /// How sequence numbers are chosen
    Isn,
    /// When a SYN-ACK is sent again
    Synack,
    /// Fast Open
    Tfo,
    /// Congestion notification
    Ecn,
    /// Whether data is taken, and how soon there is an answer
    Accept,
    /// What the server does after our FIN
    Halfclose,
    /// How it closes, and who is left in `TIME_WAIT`
    Close,
    /// What an RST does that is not exact
    Challenge,
    /// What the SYN-ACK looks like
    Fingerprint,
    /// Whether something answers in the server's place
    Proxy,
    /// How many connections wait (--intrusive)
    Backlog,
}

impl Test {
    pub(crate) const ALL: [Self; 15] = [
        Self::Port,
        Self::Rtt,
        Self::Options,
        Self::Mss,
        Self::Isn,
        Self::Synack,
        Self::Tfo,
        Self::Ecn,
        Self::Accept,
        Self::Halfclose,
        Self::Close,
        Self::Challenge,
        Self::Fingerprint,
        Self::Proxy,
        Self::Backlog,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Port => "port",
            Self::Rtt => "rtt",
            Self::Options => "options",
            Self::Mss => "mss",
            Self::Isn => "isn",
            Self::Synack => "synack",
            Self::Tfo => "tfo",
            Self::Ecn => "ecn",
            Self::Accept => "accept",
            Self::Halfclose => "halfclose",
            Self::Close => "close",
            Self::Challenge => "challenge",
            Self::Fingerprint => "fingerprint",
            Self::Proxy => "proxy",
            Self::Backlog => "backlog",
        }
    }

    /// What has to be asked for it, in raw segments.
    pub(crate) const fn questions(self) -> &'static [Question] {
        match self {
            Self::Port | Self::Options | Self::Mss | Self::Fingerprint => &[Question::Samples],
            Self::Rtt => &[Question::Samples, Question::Talk],
            Self::Isn => &[Question::Samples, Question::Ports],
            Self::Synack => &[Question::Repeats],
            Self::Tfo => &[Question::FastOpen],
            Self::Ecn => &[Question::Ecn],
            Self::Accept | Self::Halfclose | Self::Close | Self::Proxy => &[Question::Talk],
            Self::Challenge => &[Question::Challenge],
            Self::Backlog => &[Question::Backlog],
        }
    }

    /// Whether the kernel's own connections tell it.
    pub(crate) const fn needs_raw(self) -> bool {
        !matches!(
            self,
            Self::Port
                | Self::Rtt
                | Self::Options
                | Self::Mss
                | Self::Accept
                | Self::Halfclose
                | Self::Close
        )
    }
}
