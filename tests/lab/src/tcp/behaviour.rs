//! What a server does, in words.

use std::str::FromStr;
use std::time::Duration;

/// All that there are.
pub(crate) const WORDS: &str = "echo banner:TEXT close:N reply:N rst:N abort reset-unread half:N late-close:MS \
    slow:MS full:N silent deaf discard";

/// One port and what it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) port: u16,
    pub(crate) behaviour: Behaviour,
}

/// What a port does with each connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Behaviour {
    /// `echo`: sends back what comes, until the peer's FIN, and then its own.
    Echo,
    /// `banner:TEXT`: speaks first, in one line, and is an echo then.
    Banner(String),
    /// `close:N`: sends so many octets and closes first, with FIN, whatever the peer does.
    Close(usize),
    /// `reply:N`: waits for data, sends so many octets and closes first.
    Reply(usize),
    /// `rst:N`: waits for data, sends so many octets, and closes with RST (`SO_LINGER` of 0 seconds).
    Reset(usize),
    /// `abort`: RST as soon as it is accepted.
    Abort,
    /// `reset-unread`: closes with data in its queue that it never read, of which the kernel makes RST.
    ResetUnread,
    /// `half:N`: waits for the peer's FIN, and then sends so many octets in three parts 50 ms apart before its own.
    Half(usize),
    /// `late-close:MS`: its FIN is so much later than the peer's.
    LateClose(Duration),
    /// `slow:MS`: accepts so late, and is an echo then.
    Slow(Duration),
    /// `full:N`: a queue of N connections (the kernel takes one more), none of which is ever accepted.
    Full(i32),
    /// `silent`: accepts, says nothing and never closes.
    Silent,
    /// `deaf`: accepts, never reads, and its window is small: 2 KiB, and then 0.
    Deaf,
    /// `discard`: reads all, says nothing, and closes after the peer.
    Discard,
}

impl FromStr for Order {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?}: not PORT=BEHAVIOUR");
        let (port, behaviour) = text.split_once('=').ok_or_else(wrong)?;
        let port = port.parse().map_err(|_| wrong())?;
        Ok(Self { port, behaviour: parse(behaviour).ok_or_else(wrong)? })
    }
}

fn parse(text: &str) -> Option<Behaviour> {
    let (word, number) = text.split_once(':').unwrap_or((text, ""));
    let count = || number.parse::<usize>().ok();
    let time = || number.parse().ok().map(Duration::from_millis);
    Some(match word {
        "banner" if !number.is_empty() => Behaviour::Banner(number.to_owned()),
        "close" => Behaviour::Close(count()?),
        "reply" => Behaviour::Reply(count()?),
        "rst" => Behaviour::Reset(count()?),
        "half" => Behaviour::Half(count()?),
        "late-close" => Behaviour::LateClose(time()?),
        "slow" => Behaviour::Slow(time()?),
        "full" => Behaviour::Full(number.parse().ok()?),
        _ if !number.is_empty() => return None,
        "echo" => Behaviour::Echo,
        "abort" => Behaviour::Abort,
        "reset-unread" => Behaviour::ResetUnread,
        "silent" => Behaviour::Silent,
        "deaf" => Behaviour::Deaf,
        "discard" => Behaviour::Discard,
        _ => return None,
    })
}
