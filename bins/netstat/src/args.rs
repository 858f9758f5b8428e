use clap::{ArgAction, Args as ClapArgs, Parser};

/// Show sockets, routes, interfaces, groups and statistics.
///
/// What was typed, and nothing more: `grammar` has brought it into this form.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "netstat",
    about = "Show sockets, routes, interfaces, groups and statistics",
    long_about = None,
    disable_help_flag = true,
    disable_version_flag = true,
    args_override_self = true,
    after_help = "Letters may stand in one word, long options may be cut short where they stay clear. Of -r, -i, -M and -s \
                  one at the most. Exit status: 0 if all was shown; 1 if the machine has no such thing or will not tell; \
                  3 for arguments that make no sense."
)]
pub struct Args {
    /// What to show
    #[command(flatten)]
    pub mode: ModeFlags,

    /// Which sockets, and whose statistics
    #[command(flatten)]
    pub sockets: SocketFlags,

    /// Which families
    #[command(flatten)]
    pub family: FamilyFlags,

    /// How to show it
    #[command(flatten)]
    pub output: OutputFlags,

    /// What is new
    #[command(flatten)]
    pub beyond: BeyondFlags,

    /// Filter in the words of ss(8), for sockets
    #[arg(value_name = "FILTER")]
    pub operands: Vec<String>,

    /// Print this help
    #[arg(short = 'h', long)]
    pub help: bool,

    /// Print version
    #[arg(short = 'V', long)]
    pub version: bool,
}

#[derive(ClapArgs, Clone, Debug)]
#[command(next_help_heading = "What to show (without any: sockets)")]
pub struct ModeFlags {
    /// Routes
    #[arg(short = 'r', long, action = ArgAction::Count)]
    pub route: u8,

    /// Interfaces
    #[arg(short = 'i', long, action = ArgAction::Count)]
    pub interfaces: u8,

    /// Multicast groups
    #[arg(short = 'g', long)]
    pub groups: bool,

    /// Statistics of protocols
    #[arg(short = 's', long, action = ArgAction::Count)]
    pub statistics: u8,

    /// Masqueraded connections: refused, recent kernels do not tell
    #[arg(short = 'M', long, action = ArgAction::Count)]
    pub masquerade: u8,

    /// Routes in use (the default)
    #[arg(short = 'F', long)]
    pub fib: bool,

    /// Cached routes
    #[arg(short = 'C', long)]
    pub cache: bool,
}

#[derive(ClapArgs, Clone, Debug)]
#[command(next_help_heading = "Which sockets, and whose statistics")]
pub struct SocketFlags {
    /// TCP
    #[arg(short = 't', long)]
    pub tcp: bool,

    /// UDP
    #[arg(short = 'u', long)]
    pub udp: bool,

    /// UDP-Lite
    #[arg(short = 'U', long)]
    pub udplite: bool,

    /// SCTP
    #[arg(short = 'S', long)]
    pub sctp: bool,

    /// Raw sockets; of statistics, IP and ICMP
    #[arg(short = 'w', long)]
    pub raw: bool,

    /// L2CAP: refused
    #[arg(short = '2', long)]
    pub l2cap: bool,

    /// RFCOMM: refused
    #[arg(short = 'f', long)]
    pub rfcomm: bool,

    /// Only those that listen
    #[arg(short = 'l', long)]
    pub listening: bool,

    /// Those that listen too; of interfaces, those that are down too
    #[arg(short = 'a', long)]
    pub all: bool,
}

#[derive(ClapArgs, Clone, Debug)]
#[command(next_help_heading = "Which families")]
pub struct FamilyFlags {
    /// These, separated by commas: inet, inet6, unix, ...
    #[arg(short = 'A', long, value_name = "FAMILY", action = ArgAction::Append, allow_hyphen_values = true)]
    pub protocol: Vec<String>,

    /// IPv4; also --ip and --tcpip
    #[arg(short = '4', long)]
    pub inet: bool,

    /// IPv6
    #[arg(short = '6', long)]
    pub inet6: bool,

    /// Unix sockets
    #[arg(short = 'x', long)]
    pub unix: bool,
}

#[derive(ClapArgs, Clone, Debug)]
#[command(next_help_heading = "How to show it")]
pub struct OutputFlags {
    /// No names
    #[arg(short = 'n', long)]
    pub numeric: bool,

    /// No names of hosts
    #[arg(long)]
    pub numeric_hosts: bool,

    /// No names of ports
    #[arg(long)]
    pub numeric_ports: bool,

    /// No names of users
    #[arg(long)]
    pub numeric_users: bool,

    /// Names of hardware: changes nothing
    #[arg(short = 'N', long)]
    pub symbolic: bool,

    /// More columns; twice for even more
    #[arg(short = 'e', long, action = ArgAction::Count)]
    pub extend: u8,

    /// Process of each socket
    #[arg(short = 'p', long)]
    pub programs: bool,

    /// Timers of sockets
    #[arg(short = 'o', long)]
    pub timers: bool,

    /// Security contexts
    #[arg(short = 'Z', long)]
    pub context: bool,

    /// Addresses of sockets in full
    #[arg(short = 'W', visible_short_alias = 'T', long)]
    pub wide: bool,

    /// Say what this machine does not have
    #[arg(short = 'v', long)]
    pub verbose: bool,

    /// Over and over, every second
    #[arg(short = 'c', long)]
    pub continuous: bool,

    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
}

/// What net-tools' netstat does not have.
#[derive(ClapArgs, Clone, Debug)]
#[command(next_help_heading = "Beyond the original")]
pub struct BeyondFlags {
    /// What TCP knows of each connection, on a line below it
    #[arg(long)]
    pub info: bool,

    /// Memory of each socket, on a line below it
    #[arg(long)]
    pub memory: bool,

    /// Control group of each socket, on a line below it
    #[arg(long)]
    pub cgroup: bool,

    /// Counts of sockets by protocol and state
    #[arg(long)]
    pub summary: bool,

    /// TCP and UDP sockets as they are closed, until interrupted
    #[arg(long)]
    pub events: bool,

    /// In the network namespace of this name, or with a slash in it of this file
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    pub net_ns: Option<String>,

    /// In the network namespace of a process
    #[arg(long, value_name = "PID", allow_hyphen_values = true)]
    pub pid_ns: Option<String>,

    /// In every network namespace that can be found
    #[arg(long)]
    pub all_ns: bool,

    /// Close the sockets that the filter names: only with --yes, else say which
    #[arg(long, help_heading = "Beyond the original")]
    pub kill: bool,

    /// Do it (--kill)
    #[arg(long, help_heading = "Beyond the original")]
    pub yes: bool,

    /// What is wrong with TCP here, with evidence and advice
    #[arg(long)]
    pub diagnose: bool,

    /// What is opened, closed and changed, as it happens
    #[arg(long)]
    pub watch: bool,

    /// From one look of --watch to the next; 1 if not given
    #[arg(long, value_name = "SECONDS", allow_hyphen_values = true)]
    pub interval: Option<String>,

    /// Below the sockets: what their states mean, for those who learn them
    #[arg(long)]
    pub explain: bool,

    /// One socket whole: HOST:PORT of both ends, in either order
    #[arg(long, num_args = 2, value_names = ["LOCAL", "REMOTE"], allow_hyphen_values = true, help_heading = "Beyond the original")]
    pub connection: Vec<String>,

    /// Filter in the words of ss(8)
    #[arg(
        long,
        value_name = "EXPR",
        allow_hyphen_values = true,
        help_heading = "Beyond the original"
    )]
    pub filter: Option<String>,

    /// Sockets in colour, and in columns that fit
    #[arg(long)]
    pub pretty: bool,
}
