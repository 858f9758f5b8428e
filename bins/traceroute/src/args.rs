use clap::{ArgAction, Args as ClapArgs, Parser};

/// Show the path to a host, every hop of it.
///
/// What was typed, and nothing more. Numbers stay words here: `Config` has Linux' traceroute's own
/// sentence for each bad one.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "traceroute",
    about = "Show the path to a host, every hop of it",
    long_about = None,
    disable_help_flag = true,
    disable_version_flag = true,
    args_override_self = true,
    after_help = "Of -I, -T, -U, -UL, -P and -M the last one counts. Long options take their value after an equals \
                  sign. Exit status: 0 if a path was traced, whether or not it led to the host; 1 if the machine \
                  would not do it; 2 for arguments that make no sense and hosts that are not to be found."
)]
pub struct Args {
    /// Name or address of the host
    #[arg(value_name = "HOST")]
    pub host: Option<String>,

    /// Octets of a probe, IP header included [default: 60, IPv6: 80]
    #[arg(value_name = "PACKET_LEN")]
    pub packet_len: Option<String>,

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

    /// The path over and over
    #[command(flatten)]
    pub report: ReportFlags,

    /// Every path
    #[command(flatten)]
    pub paths: PathsFlags,

    /// Print this help
    #[arg(long)]
    pub help: bool,

    /// Print version
    #[arg(short = 'V', long)]
    pub version: bool,
}

#[derive(ClapArgs, Clone, Debug)]
#[command(next_help_heading = "What to send")]
pub struct ProbeFlags {
    /// ICMP echo requests
    #[arg(short = 'I', long)]
    pub icmp: bool,

    /// TCP: half-open as root, connections otherwise [default port: 80]
    #[arg(short = 'T', long)]
    pub tcp: bool,

    /// UDP to one port [default port: 53]
    #[arg(short = 'U', long)]
    pub udp: bool,

    /// UDP-Lite to one port [default port: 53]; also -UL
    #[arg(long)]
    pub udplite: bool,

    /// DCCP: refused, recent kernels have none
    #[arg(short = 'D', long)]
    pub dccp: bool,

    /// Datagrams of an IP protocol, by number or name
    #[arg(short = 'P', long, value_name = "PROTOCOL", allow_hyphen_values = true)]
    pub protocol: Option<String>,

    /// Method by name: default, icmp, tcp, tcpconn, udp, udplite, raw
    #[arg(short = 'M', long, value_name = "NAME", allow_hyphen_values = true)]
    pub module: Option<String>,

    /// Options of the method, separated by commas; help lists them
    #[arg(short = 'O', long, value_name = "OPTIONS", action = ArgAction::Append, allow_hyphen_values = true)]
    pub options: Vec<String>,

    /// The first port, or sequence number of -I; of -T, -U and -UL the only one
    #[arg(short = 'p', long, value_name = "PORT", allow_hyphen_values = true)]
    pub port: Option<String>,

    /// TOS or traffic class
    #[arg(short = 't', long, value_name = "TOS", allow_hyphen_values = true)]
    pub tos: Option<String>,

    /// IPv6 flow label
    #[arg(short = 'l', long, value_name = "FLOW_LABEL", allow_hyphen_values = true)]
    pub flowlabel: Option<String>,

    /// Route through these, separated by commas (IPv4, root only)
    #[arg(short = 'g', long, value_name = "GATE", action = ArgAction::Append, allow_hyphen_values = true)]
    pub gateway: Vec<String>,

    /// Never fragment
    #[arg(short = 'F', long)]
    pub dont_fragment: bool,

    /// Find the path MTU: F=NUM where it changes
    #[arg(long)]
    pub mtu: bool,
}

#[derive(ClapArgs, Clone, Debug)]
#[command(next_help_heading = "When")]
pub struct TimingFlags {
    /// First hop
    #[arg(short = 'f', long, value_name = "FIRST_TTL", allow_hyphen_values = true)]
    pub first: Option<String>,

    /// Last hop [default: 30]
    #[arg(short = 'm', long, value_name = "MAX_TTL", allow_hyphen_values = true)]
    pub max_hops: Option<String>,

    /// Probes under way at once [default: as many as there are]
    #[arg(short = 'N', long, value_name = "SQUERIES", allow_hyphen_values = true)]
    pub sim_queries: Option<String>,

    /// Probes to each hop [default: 3]
    #[arg(short = 'q', long, value_name = "NQUERIES", allow_hyphen_values = true)]
    pub queries: Option<String>,

    /// Give a probe up after MAX seconds, or HERE round trips of the same hop, or NEAR of a later one
    /// [default: by what is known of the path, 5 seconds at the most]
    #[arg(short = 'w', long, value_name = "MAX,HERE,NEAR", allow_hyphen_values = true)]
    pub wait: Option<String>,

    /// From one probe to the next at least: seconds up to 10, milliseconds above
    #[arg(short = 'z', long, value_name = "SENDWAIT", allow_hyphen_values = true)]
    pub sendwait: Option<String>,
}

#[derive(ClapArgs, Clone, Debug)]
#[command(next_help_heading = "How to send")]
pub struct SocketFlags {
    /// Use IPv4
    #[arg(short = '4', overrides_with = "ipv6")]
    pub ipv4: bool,

    /// Use IPv6
    #[arg(short = '6', overrides_with = "ipv4")]
    pub ipv6: bool,

    /// Debug sockets
    #[arg(short = 'd', long)]
    pub debug: bool,

    /// Leave by this interface
    #[arg(short = 'i', long, value_name = "DEVICE", allow_hyphen_values = true)]
    pub interface: Option<String>,

    /// Send from this address
    #[arg(short = 's', long, value_name = "SOURCE", allow_hyphen_values = true)]
    pub source: Option<String>,

    /// Send to directly attached hosts only
    #[arg(short = 'r')]
    pub direct: bool,

    /// Send from this port; one probe at a time
    #[arg(long, value_name = "PORT", allow_hyphen_values = true)]
    pub sport: Option<String>,

    /// Mark what is sent, for firewalls
    #[arg(long, value_name = "NUM", allow_hyphen_values = true)]
    pub fwmark: Option<String>,
}

#[derive(ClapArgs, Clone, Debug)]
#[command(next_help_heading = "What to print")]
pub struct PrintFlags {
    /// No names of hosts
    #[arg(short = 'n')]
    pub numeric: bool,

    /// ICMP extensions, such as MPLS labels
    #[arg(short = 'e', long)]
    pub extensions: bool,

    /// Numbers of autonomous systems, from --as-table or --as-server
    #[arg(short = 'A', long)]
    pub as_path_lookups: bool,

    /// Table of prefixes and AS numbers, in pyasn's format or in that of pfx2as
    #[arg(long, value_name = "FILE")]
    pub as_table: Option<String>,

    /// Whois server that knows routes
    #[arg(long, value_name = "HOST[:PORT]")]
    pub as_server: Option<String>,

    /// Hops of the way back, where they seem to be others
    #[arg(long)]
    pub back: bool,

    /// Every method in turn, side by side
    #[arg(long, conflicts_with_all = ["icmp", "tcp", "udp", "udplite", "dccp", "protocol", "module", "options",
        "port", "sport", "mtu", "json", "extensions", "as_path_lookups", "back"])]
    pub try_all: bool,

    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
}

#[derive(ClapArgs, Clone, Debug)]
#[command(next_help_heading = "Over and over")]
pub struct ReportFlags {
    /// Probe each hop once a cycle, and report as mtr does
    #[arg(long)]
    pub report: bool,

    /// The report with whole names
    #[arg(long)]
    pub report_wide: bool,

    /// The report with commas
    #[arg(long)]
    pub csv: bool,

    /// Show how it goes until stopped (keys: p pauses, r resets, q ends), and report; without a terminal, as --report
    #[arg(long)]
    pub live: bool,

    /// So many cycles [default: 10; --live: until stopped]
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub cycles: Option<String>,

    /// From one cycle to the next [default: 1]
    #[arg(long, value_name = "SECONDS", allow_hyphen_values = true)]
    pub interval: Option<String>,

    /// Columns by letter: Loss Drop Received Sent Newest Best Average Worst deViation Geometric-mean,
    /// jitter: J newest, M mean, X longest, I interarrival [default: LS NABWV]
    #[arg(long, value_name = "FIELDS", allow_hyphen_values = true)]
    pub order: Option<String>,
}

#[derive(ClapArgs, Clone, Debug)]
#[command(next_help_heading = "Every path")]
pub struct PathsFlags {
    /// Find every path that load balancers may take, by UDP from many ports
    #[arg(long)]
    pub paths: bool,

    /// How sure to be that no next hop was missed [default: 95]
    #[arg(long, value_name = "PERCENT", allow_hyphen_values = true)]
    pub confidence: Option<String>,

    /// The paths as a graph for Graphviz
    #[arg(long)]
    pub dot: bool,
}
