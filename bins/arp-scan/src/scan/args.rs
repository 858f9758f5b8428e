use std::ffi::OsString;

use clap::parser::ValueSource;
use clap::{Arg, ArgAction, Args as ClapArgs, CommandFactory as _, FromArgMatches as _, Parser};

/// Ask a segment who is on it.
///
/// What was typed, and nothing more. Numbers stay words here: `Config` has a sentence for each bad one.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "arp-scan",
    about = "Ask a segment who is on it",
    long_about = None,
    disable_help_flag = true,
    disable_version_flag = true,
    args_override_self = true,
    after_help = "Targets are addresses, names, networks (192.0.2.0/24 and 192.0.2.0:255.255.255.0, both ends \
                  included) and ranges (192.0.2.1-192.0.2.10). Long options may be cut short and may have a single \
                  hyphen; of two of a kind the last one counts. `arp-scan arping ...` and `arp-scan arp ...` do the \
                  jobs of arping(8) and arp(8). Exit status: 0 if it was done, 1 if the command line makes no sense or fewer hosts answered than \
                  --limit wants, 2 if the machine did not allow it, 3 if --check found something, 130 if interrupted; with \
                  --compat 1 in place of 2."
)]
pub(crate) struct Args {
    /// Whom to ask
    #[arg(value_name = "TARGET")]
    pub(crate) targets: Vec<String>,

    /// Whom to ask, from elsewhere
    #[command(flatten)]
    pub(crate) who: WhoFlags,

    /// When to send and how long to wait
    #[command(flatten)]
    pub(crate) timing: TimingFlags,

    /// The ARP message
    #[command(flatten)]
    pub(crate) message: MessageFlags,

    /// The frame around it
    #[command(flatten)]
    pub(crate) frame: FrameFlags,

    /// What to print
    #[command(flatten)]
    pub(crate) print: PrintFlags,

    /// Files instead of a network, and beside one
    #[command(flatten)]
    pub(crate) files: FileFlags,

    /// What is made of the answers
    #[command(flatten)]
    pub(crate) verdict: VerdictFlags,

    /// Over and over
    #[command(flatten)]
    pub(crate) watch: WatchFlags,

    /// For learners
    #[command(flatten)]
    pub(crate) learn: LearnFlags,

    /// Print this help
    #[arg(short = 'h', long)]
    pub(crate) help: bool,

    /// Print version
    #[arg(short = 'V', long)]
    pub(crate) version: bool,

    /// The names of the flags that were given, in the order of the help.
    #[arg(skip)]
    pub(crate) given: Vec<String>,
}

impl Args {
    /// From words that clap can read, the program's name first.
    pub(crate) fn read<W>(words: impl IntoIterator<Item = W>) -> Result<Self, clap::Error>
    where
        W: Into<OsString> + Clone,
    {
        let mut command = Self::command();
        let matches = command.try_get_matches_from_mut(words)?;
        let source = |arg: &Arg| matches.value_source(arg.get_id().as_str());
        let given = command
            .get_arguments()
            .filter(|arg| source(arg) == Some(ValueSource::CommandLine))
            .filter_map(|arg| arg.get_long().map(str::to_owned))
            .collect();
        Ok(Self { given, ..Self::from_arg_matches(&matches)? })
    }
}

#[derive(ClapArgs, Clone, Debug, Default)]
#[command(next_help_heading = "Whom to ask")]
pub(crate) struct WhoFlags {
    /// Targets from a file, one a line; - is stdin
    #[arg(short = 'f', long, value_name = "FILE", allow_hyphen_values = true)]
    pub(crate) file: Option<String>,

    /// The network of the interface's own address
    #[arg(short = 'l', long)]
    pub(crate) localnet: bool,

    /// Interfaces, separated by commas, or all [default: that of the default route]
    #[arg(short = 'I', long, value_name = "NAMES", allow_hyphen_values = true)]
    pub(crate) interface: Option<String>,

    /// Targets are addresses, never names
    #[arg(short = 'N', long)]
    pub(crate) numeric: bool,

    /// Leave out addresses of networks and ranges that end in .0 and .255
    #[arg(long)]
    pub(crate) exclude_broadcast: bool,

    /// In random order
    #[arg(short = 'R', long)]
    pub(crate) random: bool,

    /// Make the random order that of this number
    #[arg(long, value_name = "NUM", allow_hyphen_values = true)]
    pub(crate) randomseed: Option<String>,

    /// IPv6 neighbours too
    #[arg(short = '6', long)]
    pub(crate) ipv6: bool,

    /// Ask more than a /12
    #[arg(long)]
    pub(crate) yes_large: bool,

    /// Wait for a carrier for so many seconds [default: none; without a number: 30]
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "30")]
    pub(crate) wait_carrier: Option<String>,
}

#[derive(ClapArgs, Clone, Debug, Default)]
#[command(next_help_heading = "When")]
pub(crate) struct TimingFlags {
    /// Requests to each host at the most [default: 2]
    #[arg(short = 'r', long, value_name = "NUM", allow_hyphen_values = true)]
    pub(crate) retry: Option<String>,

    /// Wait so many milliseconds for the answer to the first request [default: 500]
    #[arg(short = 't', long, value_name = "MS", allow_hyphen_values = true)]
    pub(crate) timeout: Option<String>,

    /// Wait so many times as long for each further one [default: 1.5]
    #[arg(short = 'b', long, value_name = "FACTOR", allow_hyphen_values = true)]
    pub(crate) backoff: Option<String>,

    /// From one request to the next: milliseconds, or with u micro- and with s seconds
    #[arg(short = 'i', long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) interval: Option<String>,

    /// Bits a second at the most, with K and M thousands and millions of them
    #[arg(short = 'B', long, value_name = "BITS", allow_hyphen_values = true)]
    pub(crate) bandwidth: Option<String>,

    /// Requests a second, and no adapting
    #[arg(long, value_name = "NUM", allow_hyphen_values = true)]
    pub(crate) rate: Option<String>,

    /// As fast as nothing is lost
    #[arg(long)]
    pub(crate) fast: bool,

    /// Listen for so many milliseconds after the last answer [default: 200; --compat: 0]
    #[arg(long, value_name = "MS", allow_hyphen_values = true)]
    pub(crate) linger: Option<String>,

    /// Attempts at sending where the queue is full [default: 20]
    #[arg(short = 'Y', long, value_name = "NUM", allow_hyphen_values = true)]
    pub(crate) retry_send: Option<String>,

    /// From one such attempt to the next, as --interval [default: 5]
    #[arg(short = 'E', long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) retry_send_interval: Option<String>,

    /// Enough is so many hosts; fewer are exit status 1
    #[arg(short = 'M', long, value_name = "NUM", allow_hyphen_values = true)]
    pub(crate) limit: Option<String>,
}

#[derive(ClapArgs, Clone, Debug, Default)]
#[command(next_help_heading = "ARP message")]
pub(crate) struct MessageFlags {
    /// Sender's address, or dest for that of the target [default: that of the interface]
    #[arg(short = 's', long, value_name = "ADDRESS", allow_hyphen_values = true)]
    pub(crate) arpspa: Option<String>,

    /// Sender's link-layer address [default: that of the interface]
    #[arg(short = 'u', long, value_name = "MAC", allow_hyphen_values = true)]
    pub(crate) arpsha: Option<String>,

    /// Target's link-layer address [default: zero]
    #[arg(short = 'w', long, value_name = "MAC", allow_hyphen_values = true)]
    pub(crate) arptha: Option<String>,

    /// Operation [default: 1]
    #[arg(short = 'o', long, value_name = "NUM", allow_hyphen_values = true)]
    pub(crate) arpop: Option<String>,

    /// Kind of link [default: 1]
    #[arg(short = 'H', long, value_name = "NUM", allow_hyphen_values = true)]
    pub(crate) arphrd: Option<String>,

    /// Kind of addresses [default: 0x0800]
    #[arg(short = 'p', long, value_name = "NUM", allow_hyphen_values = true)]
    pub(crate) arppro: Option<String>,

    /// Length of link-layer addresses, as is said [default: 6]
    #[arg(short = 'a', long, value_name = "NUM", allow_hyphen_values = true)]
    pub(crate) arphln: Option<String>,

    /// Length of addresses, as is said [default: 4]
    #[arg(short = 'P', long, value_name = "NUM", allow_hyphen_values = true)]
    pub(crate) arppln: Option<String>,

    /// Octets behind the message, in hexadecimal
    #[arg(short = 'A', long, value_name = "HEX", allow_hyphen_values = true)]
    pub(crate) padding: Option<String>,

    /// Send what may make hosts believe us to be others
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(ClapArgs, Clone, Debug, Default)]
#[command(next_help_heading = "Ethernet frame")]
pub(crate) struct FrameFlags {
    /// From [default: the interface's address]
    #[arg(short = 'S', long, value_name = "MAC", allow_hyphen_values = true)]
    pub(crate) srcaddr: Option<String>,

    /// To [default: all]
    #[arg(short = 'T', long, value_name = "MAC", allow_hyphen_values = true)]
    pub(crate) destaddr: Option<String>,

    /// Type [default: 0x0806]
    #[arg(short = 'y', long, value_name = "NUM", allow_hyphen_values = true)]
    pub(crate) prototype: Option<String>,

    /// With LLC and SNAP
    #[arg(short = 'L', long)]
    pub(crate) llc: bool,

    /// With the tags of these VLANs, 0 to 4094: 7, or 1-20,30
    #[arg(short = 'Q', long, value_name = "NUMS", allow_hyphen_values = true)]
    pub(crate) vlan: Option<String>,

    /// Octets of a frame that are saved [default: 64]
    #[arg(short = 'n', long, value_name = "NUM", allow_hyphen_values = true)]
    pub(crate) snap: Option<String>,
}

#[derive(ClapArgs, Clone, Debug, Default)]
#[command(next_help_heading = "What to print")]
pub(crate) struct PrintFlags {
    /// Addresses only
    #[arg(short = 'q', long)]
    pub(crate) quiet: bool,

    /// Hosts only
    #[arg(short = 'x', long)]
    pub(crate) plain: bool,

    /// The first answer of each host only
    #[arg(short = 'g', long)]
    pub(crate) ignoredups: bool,

    /// Round trip times
    #[arg(short = 'D', long)]
    pub(crate) rtt: bool,

    /// Names in place of addresses, where there are any
    #[arg(short = 'd', long)]
    pub(crate) resolve: bool,

    /// More, up to three times
    #[arg(short = 'v', long, action = ArgAction::Count)]
    pub(crate) verbose: u8,

    #[expect(clippy::doc_markdown, reason = "names of fields")]
    /// Hosts like this: ${field;width} and \n \r \t; fields are IP Name MAC HdrMAC Vendor Padding Framing VLAN
    /// Proto DUP RTT IPnum
    #[arg(short = 'F', long, value_name = "FORMAT", allow_hyphen_values = true)]
    pub(crate) format: Option<String>,

    /// One JSON object a line
    #[arg(long)]
    pub(crate) json: bool,

    /// All as arp-scan has it: text, timing and exit status
    #[arg(long)]
    pub(crate) compat: bool,
}

#[derive(ClapArgs, Clone, Debug, Default)]
#[command(next_help_heading = "Files")]
pub(crate) struct FileFlags {
    /// Prefixes and vendors; system is what the machine has [default: what was built in]
    #[arg(short = 'O', long, value_name = "FILE", allow_hyphen_values = true)]
    pub(crate) ouifile: Option<String>,

    /// More prefixes, whatever their length, and vendors
    #[arg(short = 'm', long, value_name = "FILE", allow_hyphen_values = true)]
    pub(crate) macfile: Option<String>,

    /// Save what was answered
    #[arg(short = 'W', long, value_name = "FILE", allow_hyphen_values = true)]
    pub(crate) pcapsavefile: Option<String>,

    /// Write requests to a file and send none
    #[arg(long, value_name = "FILE", allow_hyphen_values = true)]
    pub(crate) writepkttofile: Option<String>,

    /// Read answers from a file and ask nobody
    #[arg(long, value_name = "FILE", allow_hyphen_values = true)]
    pub(crate) readpktfromfile: Option<String>,
}

#[derive(ClapArgs, Clone, Debug, Default)]
#[command(next_help_heading = "What is made of it")]
pub(crate) struct VerdictFlags {
    /// Exit status 3 where something is not in order
    #[arg(long)]
    pub(crate) check: bool,

    /// Beside each answer what the kernel has in its table
    #[arg(long)]
    pub(crate) cache: bool,

    /// Compare with what was saved by --state
    #[arg(long, value_name = "FILE", allow_hyphen_values = true)]
    pub(crate) baseline: Option<String>,

    /// Tell if the gateway is another [without an address: than --baseline or the kernel has]
    #[arg(long, value_name = "MAC", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub(crate) pin_gateway: Option<String>,

    /// What the hosts may be, by how they answer what nobody should ask
    #[arg(long)]
    pub(crate) fingerprint: bool,
}

#[derive(ClapArgs, Clone, Debug, Default)]
#[command(next_help_heading = "Over and over")]
pub(crate) struct WatchFlags {
    /// Listen, and tell who comes, goes and changes; ask after so many silent seconds [default: 60]
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, require_equals = true, default_missing_value = "60")]
    pub(crate) watch: Option<String>,

    /// Watch for so many seconds [default: until stopped]
    #[arg(long = "for", value_name = "SECONDS", allow_hyphen_values = true)]
    pub(crate) lasting: Option<String>,

    /// Watch and send nothing
    #[arg(long)]
    pub(crate) passive: bool,

    /// Remember the hosts in a file
    #[arg(long, value_name = "FILE", allow_hyphen_values = true)]
    pub(crate) state: Option<String>,
}

#[derive(ClapArgs, Clone, Debug, Default)]
#[command(next_help_heading = "For learners")]
pub(crate) struct LearnFlags {
    /// Each field of a request and of its reply, of the first 16 hosts
    #[arg(long)]
    pub(crate) explain: bool,
}
