use clap::{ArgAction, Parser};

/// fping's command line. What was typed, and nothing more.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "fping",
    about = "Ask many hosts whether they answer",
    long_about = None,
    disable_version_flag = true,
    args_override_self = true,
    infer_long_args = true
)]
pub(crate) struct FpingArgs {
    /// Host names or addresses
    #[arg(value_name = "TARGET")]
    pub(crate) targets: Vec<String>,

    /// Only ping IPv4 addresses
    #[arg(short = '4', long)]
    pub(crate) ipv4: bool,

    /// Only ping IPv6 addresses
    #[arg(short = '6', long)]
    pub(crate) ipv6: bool,

    /// Octets of data in each request
    #[arg(
        short = 'b',
        long,
        value_name = "OCTETS",
        default_value = "56",
        allow_hyphen_values = true
    )]
    pub(crate) size: String,

    /// Wait for each request this much longer than for the one before
    #[arg(
        short = 'B',
        long,
        value_name = "FACTOR",
        default_value = "1.5",
        allow_hyphen_values = true
    )]
    pub(crate) backoff: String,

    /// Send so many requests to each target
    #[arg(short, long, value_name = "COUNT", allow_hyphen_values = true)]
    pub(crate) count: Option<String>,

    /// As -c, and list every round trip at the end
    #[arg(short = 'C', long, value_name = "COUNT", allow_hyphen_values = true)]
    pub(crate) vcount: Option<String>,

    /// Read targets from a file; - is standard input
    #[arg(short, long, value_name = "FILE", action = ArgAction::Append)]
    pub(crate) file: Vec<String>,

    /// The targets are a network, or the first and the last of a range
    #[arg(short, long)]
    pub(crate) generate: bool,

    /// TTL of the requests
    #[arg(short = 'H', long, value_name = "TTL", allow_hyphen_values = true)]
    pub(crate) ttl: Option<String>,

    /// Interface to send from
    #[arg(short = 'I', long, value_name = "INTERFACE")]
    pub(crate) iface: Option<String>,

    /// Firewall mark of the requests
    #[arg(short = 'k', long, value_name = "MARK")]
    pub(crate) fwmark: Option<String>,

    /// Ask each target again and again until interrupted
    #[arg(short = 'l', long = "loop")]
    pub(crate) endless: bool,

    /// Ask every address of a name
    #[arg(short = 'm', long)]
    pub(crate) all: bool,

    /// Set the Don't Fragment flag
    #[arg(short = 'M', long)]
    pub(crate) dontfrag: bool,

    /// Type of service of the requests, decimal or 0xhex
    #[arg(short = 'O', long, value_name = "TOS", allow_hyphen_values = true)]
    pub(crate) tos: Option<String>,

    /// Milliseconds from one request to a target to the next
    #[arg(short, long, value_name = "MS", default_value = "1000", allow_hyphen_values = true)]
    pub(crate) period: String,

    /// Requests to a silent target after the first
    #[arg(short, long, value_name = "COUNT", default_value = "3", allow_hyphen_values = true)]
    pub(crate) retry: String,

    /// Send random data
    #[arg(short = 'R', long)]
    pub(crate) random: bool,

    /// Source address
    #[arg(short = 'S', long, value_name = "ADDRESS")]
    pub(crate) src: Option<String>,

    /// Milliseconds to wait for the first reply [default: 500; with -c, -C and -l the period]
    #[arg(short, long, value_name = "MS", allow_hyphen_values = true)]
    pub(crate) timeout: Option<String>,

    /// Show targets that answer, and no others
    #[arg(short, long)]
    pub(crate) alive: bool,

    /// Show targets by address
    #[arg(short = 'A', long)]
    pub(crate) addr: bool,

    /// Show targets by the name of their address
    #[arg(short = 'd', long)]
    pub(crate) rdns: bool,

    /// Print the time before each line
    #[arg(short = 'D', long)]
    pub(crate) timestamp: bool,

    /// Show the round trip of targets that answer
    #[arg(short, long)]
    pub(crate) elapsed: bool,

    /// Milliseconds from one request to the next, to whichever target
    #[arg(short, long, value_name = "MS", default_value = "10", allow_hyphen_values = true)]
    pub(crate) interval: String,

    /// Show targets that were given as addresses by name
    #[arg(short, long)]
    pub(crate) name: bool,

    /// Output for netdata: not supported
    #[arg(short = 'N', long, hide = true)]
    pub(crate) netdata: bool,

    /// Show how long targets were away
    #[arg(short, long)]
    pub(crate) outage: bool,

    /// Show summaries only
    #[arg(short, long)]
    pub(crate) quiet: bool,

    /// Summaries at intervals: not supported
    #[arg(short = 'Q', long, value_name = "SECONDS", hide = true)]
    pub(crate) squiet: Option<String>,

    /// Print totals at the end
    #[arg(short, long)]
    pub(crate) stats: bool,

    /// Show targets that do not answer, and no others
    #[arg(short, long)]
    pub(crate) unreach: bool,

    /// Ignored, as in fping
    #[arg(short = 'T', value_name = "N", hide = true)]
    pub(crate) ignored: Option<String>,

    /// Print version
    #[arg(short, long)]
    pub(crate) version: bool,

    /// Say whether at least so many targets answer
    #[arg(short = 'x', long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) reachable: Option<u64>,

    /// As -x, and stop as soon as they do
    #[arg(short = 'X', long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) fast_reachable: Option<u64>,

    /// Print one JSON object a line, an event each
    #[arg(short = 'J', long)]
    pub(crate) json: bool,
}
