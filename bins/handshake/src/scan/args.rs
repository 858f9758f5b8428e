use clap::Parser;

use crate::way::WayFlags;

/// Which ports of which hosts are open.
#[derive(Debug, Parser)]
#[command(
    name = "scan",
    bin_name = "handshake scan",
    args_override_self = true,
    after_help = "Examples:\n  \
        handshake scan 192.0.2.7 -p -                    all ports of a host\n  \
        handshake scan 192.0.2.0/24 -p 22,80,8000-8100   a network\n  \
        handshake scan -iL hosts.txt --top 20 --open     a list of hosts, common ports\n  \
        handshake scan web.example -p http,https --verify --reason\n\
        \nExit codes, the worst of all ports unless --exit-any: 0 open, 1 closed, 3 filtered, 4 rejected or\n\
        unreachable, 5 name not found, 6 privilege, 7 local resource, 8 incomplete.\n\
        Without --open or --state: all ports if there are at most 32, the open ones otherwise."
)]
pub(crate) struct Args {
    /// Names, addresses, networks (192.0.2.0/24) and ranges (192.0.2.1-9)
    #[arg(value_name = "TARGET")]
    pub(crate) targets: Vec<String>,
    /// Ports: 22,80,8000-8100,http,!25, or - for all
    #[arg(short, long, value_name = "PORTS", allow_hyphen_values = true)]
    pub(crate) ports: Option<String>,
    /// The N commonest ports (100 without -p)
    #[arg(long, value_name = "N", conflicts_with = "ports")]
    pub(crate) top: Option<usize>,
    /// Read targets from a file, - is standard input; also -iL
    #[arg(long, value_name = "FILE")]
    pub(crate) input_list: Vec<String>,
    /// Leave these out: names, addresses, networks, ranges, with commas between
    #[arg(long, value_name = "TARGETS", value_delimiter = ',')]
    pub(crate) exclude: Vec<String>,
    /// Leave out what a file lists
    #[arg(long, value_name = "FILE")]
    pub(crate) exclude_file: Vec<String>,
    #[command(flatten)]
    pub(crate) way: WayFlags,
    /// Source port of half-open probes
    #[arg(short = 'g', long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), conflicts_with = "connect")]
    pub(crate) source_port: Option<u16>,
    /// TTL or hop limit of probes
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..))]
    pub(crate) ttl: Option<u8>,
    /// Half-open, with raw sockets; refused where they are not allowed
    #[arg(long, conflicts_with = "connect")]
    pub(crate) raw: bool,
    /// Connect as any program does: needs no privilege, and servers may notice
    #[arg(long)]
    pub(crate) connect: bool,
    /// At most so many SYNs a second, and exactly so many unless --adaptive (adaptive up to 150000 without)
    #[arg(long, value_name = "PPS")]
    pub(crate) rate: Option<f64>,
    /// Slow down where answers stay away or are dropped here
    #[arg(long)]
    pub(crate) adaptive: bool,
    /// Ask the silent so many times more
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(..=20))]
    pub(crate) retries: u32,
    /// How long a SYN waits for its answer, in seconds
    #[arg(short, long, value_name = "SECONDS", default_value_t = 1.0)]
    pub(crate) timeout: f64,
    /// In which order
    #[arg(long, value_name = "ORDER", value_enum, default_value_t = Order::Random)]
    pub(crate) order: Order,
    /// Draw the order from this number
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// The k-th of n parts, which n runs with the same --seed share out
    #[arg(long, value_name = "K/N")]
    pub(crate) shard: Option<String>,
    /// Give up a host with so many open ports
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_open: Option<u32>,
    /// Tell of open ports only
    #[arg(long, conflicts_with = "state")]
    pub(crate) open: bool,
    /// Tell of these: open, closed, filtered, rejected or all, with commas between
    #[arg(long, value_name = "STATES", value_enum, value_delimiter = ',')]
    pub(crate) state: Vec<State>,
    /// Say why: flags, TTL and options of the answer
    #[arg(long)]
    pub(crate) reason: bool,
    /// Measure round trips, by the kernel's stamps, which costs time
    #[arg(long)]
    pub(crate) rtt: bool,
    /// Complete the handshake with the open ports, and tell who is a SYN proxy
    #[arg(long)]
    pub(crate) verify: bool,
    /// Succeed if any port is open
    #[arg(long)]
    pub(crate) exit_any: bool,
    /// Print one JSON object a line
    #[arg(long)]
    pub(crate) json: bool,
    /// No line for a host and no summary
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Order {
    Random,
    Serial,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum State {
    All,
    Open,
    Closed,
    Filtered,
    Rejected,
}
