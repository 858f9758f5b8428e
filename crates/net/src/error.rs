use std::io;

use wireline_engine::errno_text;

/// The result of something asked of the kernel.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What was being done when the kernel said no, and what it said.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Neither kind of ICMP socket may be opened.
    #[error(
        "no permission to open an ICMP socket: let this group use datagram ones \
         (sysctl -w net.ipv4.ping_group_range='0 2147483647'), or this program raw ones \
         (setcap cap_net_raw+p FILE), or be root"
    )]
    NotPermitted,
    /// A packet socket may not be opened.
    #[error(
        "no permission to open a packet socket: let this program (setcap cap_net_raw+p FILE), or be root"
    )]
    FramesNotPermitted,
    /// A system call about one of the interfaces that were given.
    #[error("{call}: {}", errno_text(.returned))]
    Interface {
        /// Its place among them, from 0.
        place: usize,
        /// Its number (`ifindex`).
        interface: u32,
        /// What was called.
        call: &'static str,
        /// `ENODEV`: there is none of that number. `ENETDOWN`: it is not up.
        returned: io::Error,
    },
    /// Any other system call.
    #[error("{call}: {}", errno_text(.returned))]
    Call {
        /// Its name, as the manual has it, with what it was about.
        call: String,
        /// What it returned; part of the message, and so no `source` to be printed again.
        returned: io::Error,
    },
}

impl Error {
    /// For `map_err`: names the call that failed.
    pub(crate) fn call<E: Into<io::Error>>(call: impl Into<String>) -> impl FnOnce(E) -> Self {
        move |err| Self::Call { call: call.into(), returned: err.into() }
    }

    /// What the kernel returned, if it was a call that failed.
    #[must_use]
    pub fn errno(&self) -> Option<i32> {
        match self {
            Self::Call { returned, .. } | Self::Interface { returned, .. } => {
                returned.raw_os_error()
            }
            Self::NotPermitted | Self::FramesNotPermitted => None,
        }
    }
}
