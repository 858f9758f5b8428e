use clap::{Parser, ValueEnum};

use crate::ladder::OutputFlags;
use crate::way::WayFlags;

/// What may be asked for.
#[derive(Debug, Parser)]
#[command(
    name = "show",
    bin_name = "handshake show",
    about = "Open one TCP connection, close it, and draw every segment of it",
    args_override_self = true,
    after_help = EXAMPLES
)]
pub(crate) struct Args {
    /// HOST:PORT or HOST PORT; a port is a number or the name of a service
    #[arg(value_name = "HOST:PORT", num_args = 1..=2, required = true)]
    pub(crate) target: Vec<String>,

    #[command(flatten)]
    pub(crate) way: WayFlags,

    /// Leave from this port
    #[arg(short = 'g', long, value_name = "PORT")]
    pub(crate) source_port: Option<u16>,

    /// TTL or hop limit of our segments
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..))]
    pub(crate) ttl: Option<u8>,

    /// Wait so long for the opening, for the answer and for the closing, each
    #[arg(short = 't', long, value_name = "SECONDS", default_value = "5")]
    pub(crate) timeout: String,

    /// Send this: a text, @FILE or 0xHEX
    #[arg(long, value_name = "TEXT|@FILE|0xHEX", allow_hyphen_values = true)]
    pub(crate) send: Option<String>,

    /// Close once so many octets have come
    #[arg(long, value_name = "N", conflicts_with = "until_close")]
    pub(crate) recv: Option<u64>,

    /// Close once the other end has
    #[arg(long)]
    pub(crate) until_close: bool,

    /// How to close
    #[arg(long, value_name = "HOW", default_value = "fin")]
    pub(crate) close: Close,

    /// Close with close(2) at once and let it wait so many seconds for what is under way; 0 sends RST
    #[arg(long, value_name = "SECONDS")]
    pub(crate) linger: Option<u16>,

    /// Keep it open so long before it is closed
    #[arg(long, value_name = "SECONDS")]
    pub(crate) hold: Option<String>,

    /// Offer this maximum segment size
    #[arg(long, value_name = "OCTETS", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) mss: Option<u16>,

    /// Send data with the SYN, if a cookie is known (of the kernel's, or this one); else ask for one
    #[arg(long, value_name = "0xCOOKIE", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub(crate) tfo: Option<String>,

    /// Ask for ECN: classic (RFC 3168) or accurate (RFC 9768)
    #[arg(long, value_name = "KIND", num_args = 0..=1, require_equals = true, default_missing_value = "classic")]
    pub(crate) ecn: Option<EcnKind>,

    /// Send the first data with the third segment of the handshake
    #[arg(long, requires = "send")]
    pub(crate) third_ack_data: bool,

    /// Do not offer selective acknowledgments
    #[arg(long)]
    pub(crate) no_sack: bool,

    /// Do not offer time-stamps
    #[arg(long)]
    pub(crate) no_ts: bool,

    /// Offer to shift windows by so many bits, or not at all
    #[arg(long, value_name = "N|off")]
    pub(crate) wscale: Option<String>,

    /// Begin with this sequence number
    #[arg(long, value_name = "N")]
    pub(crate) isn: Option<u32>,

    /// Say this in the window field
    #[arg(long, value_name = "N")]
    pub(crate) win: Option<u16>,

    #[command(flatten)]
    pub(crate) output: OutputFlags,

    /// Print one line of what came of it, and no drawing
    #[arg(short = 'q', long)]
    pub(crate) quiet: bool,
}

/// How a connection is closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Close {
    /// With FIN, and wait for theirs
    #[default]
    Fin,
    /// With RST
    Rst,
    /// With FIN before the answer comes, and read on
    Half,
    /// Not at all while it is drawn; RST frees the other end afterwards
    None,
    /// Let the other end close first
    Server,
}

/// Which congestion notification is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum EcnKind {
    /// RFC 3168
    Classic,
    /// RFC 9768
    Accurate,
}

const EXAMPLES: &str = "\
Examples:
  handshake example.net:443
  handshake example.net https --explain
  handshake 192.0.2.1:80 --send $'GET / HTTP/1.0\\r\\n\\r\\n' --until-close
  handshake 192.0.2.1:7 --send @file --recv 100 --close rst --hold 1.5
  handshake [2001:db8::1]:22 --recv 1 --close half -o svg:ssh.svg
  handshake 192.0.2.1:80 --tfo --send hello --mss 536 --ttl 3 -t 2
  handshake 192.0.2.1:80 --send hi --third-ack-data --no-sack --no-ts --wscale off --isn 0 --win 1000

Without CAP_NET_RAW no segment is seen: they are inferred, and marked ~. The last two lines of choices
(--third-ack-data to --win, and --ecn) are made in user space and need it.
Exit: 0 open, 1 closed, 2 usage, 3 filtered, 4 rejected or unreachable, 5 name, 6 privilege, 7 this
machine's lack, 8 not complete.";
