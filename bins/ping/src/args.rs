use clap::{ArgAction, Args as ClapArgs, Parser};
use wireline_cli::FamilyFlags;

/// Send ICMP echo requests to hosts and time their replies.
///
/// What was typed, and nothing more: no default that depends on another flag, no lookup. `Config`
/// is what it means. Numbers stay words here, because iputils has its own sentence for each bad one.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "ping",
    about = "Ask hosts whether they answer, and how fast",
    long_about = None,
    disable_help_flag = true,
    disable_version_flag = true,
    args_override_self = true,
    infer_long_args = true,
    after_help = "One target is pinged as iputils' ping does. Several targets, a network (192.0.2.0/24), a range \
                  (192.0.2.1-192.0.2.9) or --file are pinged in turn as fping does. Exit status: 0 if there was an \
                  answer (many: from all), 1 if not, 2 for any other trouble."
)]
pub struct Args {
    /// Host names or addresses; with several, also networks and ranges. With -T tsprespec, the hops
    /// before the destination
    #[arg(value_name = "DESTINATION")]
    pub destinations: Vec<String>,

    /// What to send
    #[command(flatten)]
    pub probe: ProbeFlags,

    /// When to send and how long to wait
    #[command(flatten)]
    pub timing: TimingFlags,

    /// How to send
    #[command(flatten)]
    pub socket: SocketFlags,

    /// What to print
    #[command(flatten)]
    pub print: PrintFlags,

    /// Many targets
    #[command(flatten)]
    pub many: ManyFlags,

    /// Which addresses
    #[command(flatten)]
    pub family: FamilyFlags,

    /// Print this help on stderr and fail, as iputils does
    #[arg(short = 'h')]
    pub short_help: bool,

    /// Print this help
    #[arg(long, action = ArgAction::Help)]
    pub help: Option<bool>,

    /// Print version
    #[arg(short = 'V', long)]
    pub version: bool,
}

/// What to send.
#[derive(ClapArgs, Clone, Debug)]
#[command(next_help_heading = "Requests")]
pub struct ProbeFlags {
    /// Stop after COUNT requests; with -w, after COUNT replies
    #[arg(short, long, value_name = "COUNT", allow_hyphen_values = true)]
    pub count: Option<String>,

    /// Octets of data in each request
    #[arg(short, long, value_name = "OCTETS", default_value = "56", allow_hyphen_values = true)]
    pub size: String,

    /// Fill the data with up to 16 octets, given in hex
    #[arg(short, long, value_name = "PATTERN")]
    pub pattern: Option<String>,

    /// Identifier of the requests; 0 needs a raw socket
    #[arg(short = 'e', long, value_name = "IDENT", allow_hyphen_values = true)]
    pub ident: Option<String>,

    /// Record the route in IPv4 options
    #[arg(short = 'R', long)]
    pub record_route: bool,

    /// Collect time stamps in IPv4 options: tsonly, tsandaddr or tsprespec
    #[arg(short = 'T', long, value_name = "KIND")]
    pub timestamp: Option<String>,

    /// IPv6 flow label, decimal or 0xhex
    #[arg(short = 'F', long, value_name = "LABEL", allow_hyphen_values = true)]
    pub flow_label: Option<String>,

    /// IPv6 node information queries: not supported
    #[arg(short = 'N', value_name = "QUERY", hide = true)]
    pub node_info: Option<String>,
}

/// When to send and how long to wait.
#[derive(ClapArgs, Clone, Debug)]
#[command(next_help_heading = "Timing")]
pub struct TimingFlags {
    /// Seconds from one request to the next
    #[arg(short, long, value_name = "SECONDS", allow_hyphen_values = true)]
    pub interval: Option<String>,

    /// Seconds to wait for a reply, if none has come; 0 waits for ever
    #[arg(short = 'W', long, value_name = "SECONDS", allow_hyphen_values = true)]
    pub timeout: Option<String>,

    /// Stop after so many whole seconds, or at the first error
    #[arg(short = 'w', long, value_name = "SECONDS", allow_hyphen_values = true)]
    pub deadline: Option<String>,

    /// Send requests as fast as replies come, or 100 a second
    #[arg(short, long)]
    pub flood: bool,

    /// Send requests as far apart as replies take
    #[arg(short = 'A', long)]
    pub adaptive: bool,

    /// Send so many requests before waiting for replies
    #[arg(short = 'l', long, value_name = "COUNT", allow_hyphen_values = true)]
    pub preload: Option<String>,

    /// Take times from system call to system call, not from the kernel's stamps
    #[arg(short = 'U', long)]
    pub user_latency: bool,
}

/// How to send.
#[derive(ClapArgs, Clone, Debug)]
#[command(next_help_heading = "Sockets")]
pub struct SocketFlags {
    /// Source address or interface; may be given twice, for one of each
    #[arg(short = 'I', long, value_name = "INTERFACE", action = ArgAction::Append)]
    pub interface: Vec<String>,

    /// TTL (hop limit) of the requests
    #[arg(short, long, value_name = "TTL", allow_hyphen_values = true)]
    pub ttl: Option<String>,

    /// TOS (traffic class) of the requests, decimal or 0xhex
    #[arg(short = 'Q', long, value_name = "TOS", allow_hyphen_values = true)]
    pub tos: Option<String>,

    /// Fragmentation: do, want, dont or probe
    #[arg(short = 'M', long, value_name = "MODE")]
    pub path_mtu: Option<String>,

    /// Firewall mark of the requests
    #[arg(short, long, value_name = "MARK", allow_hyphen_values = true)]
    pub mark: Option<String>,

    /// Send buffer of the socket, in bytes
    #[arg(short = 'S', long, value_name = "BYTES", allow_hyphen_values = true)]
    pub sndbuf: Option<String>,

    /// Send to directly attached hosts only
    #[arg(short = 'r', long)]
    pub dont_route: bool,

    /// Allow broadcast addresses
    #[arg(short, long)]
    pub broadcast: bool,

    /// Keep the source address that was chosen at the start
    #[arg(short = 'B', long)]
    pub sticky_source: bool,

    /// Keep multicast requests off this machine
    #[arg(short = 'L', long)]
    pub no_loopback: bool,

    /// Set `SO_DEBUG`
    #[arg(short, long)]
    pub debug: bool,

    /// Connect the socket, so that only the target is heard
    #[arg(short = 'C', long)]
    pub connect: bool,
}

/// What to print.
#[derive(ClapArgs, Clone, Debug)]
#[command(next_help_heading = "Output")]
pub struct PrintFlags {
    /// Print the first line and the summary only
    #[arg(short, long)]
    pub quiet: bool,

    /// Print more: sockets, identifiers, duplicates of multicast
    #[arg(short, long)]
    pub verbose: bool,

    /// Print no names for addresses
    #[arg(short, long)]
    pub numeric: bool,

    /// Print names even for an address that was given as a number
    #[arg(short = 'H', long)]
    pub names: bool,

    /// Print the time before each line
    #[arg(short = 'D', long)]
    pub timestamps: bool,

    /// Say before each request that the one before it is unanswered
    #[arg(short = 'O', long)]
    pub outstanding: bool,

    /// Ring the bell at each reply
    #[arg(short = 'a', long)]
    pub audible: bool,

    /// Print all times with three decimals
    #[arg(short = '3', long)]
    pub precise: bool,

    /// Say where each round trip went: resolving a neighbour, queueing, the wire, delivery
    #[arg(long)]
    pub breakdown: bool,

    /// Add percentiles and jitter to the summary
    #[arg(long)]
    pub percentiles: bool,

    /// Print one JSON object a line, an event each
    #[arg(long)]
    pub json: bool,

    /// Show one line a target, changing in place; plain lines where stdout is no terminal
    #[arg(long, conflicts_with = "json")]
    pub live: bool,
}

/// Many targets.
#[derive(ClapArgs, Clone, Debug)]
#[command(next_help_heading = "Many targets")]
pub struct ManyFlags {
    /// Read targets from a file, one a line; - is standard input
    #[arg(long, value_name = "FILE", action = ArgAction::Append)]
    pub file: Vec<String>,

    /// Leave these addresses, networks, ranges or names out
    #[arg(long, value_name = "TARGET", action = ArgAction::Append)]
    pub exclude: Vec<String>,

    /// Requests a second, to all targets together [default: 1000]; 0 is as fast as possible
    #[arg(long, value_name = "PPS", allow_hyphen_values = true)]
    pub rate: Option<String>,

    /// Requests to a silent target after the first [default: 3]
    #[arg(long, value_name = "COUNT", allow_hyphen_values = true)]
    pub retries: Option<String>,

    /// Wait for each request this much longer than for the one before [default: 1.5]
    #[arg(long, value_name = "FACTOR", allow_hyphen_values = true)]
    pub backoff: Option<String>,

    /// Print targets that answer, and no others
    #[arg(long)]
    pub alive: bool,

    /// Print targets that do not answer, and no others
    #[arg(long, conflicts_with = "alive")]
    pub unreachable: bool,

    /// Print the round trip of targets that answer
    #[arg(long)]
    pub elapsed: bool,

    /// Print totals at the end
    #[arg(long)]
    pub stats: bool,

    /// Ask each target again and again until interrupted
    #[arg(long = "loop")]
    pub endless: bool,
}
