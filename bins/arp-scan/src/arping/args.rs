use clap::Parser;

/// The command line of iputils' arping. What was typed, and nothing more.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "arping",
    about = "Ask by ARP who has an address, or tell who has it",
    long_about = None,
    override_usage = "arping [options] <destination>",
    disable_version_flag = true,
    disable_help_flag = true,
    args_override_self = true
)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct ArpingArgs {
    /// IPv4 address, or a name that has one
    #[arg(value_name = "DESTINATION")]
    pub(crate) destinations: Vec<String>,

    /// Announce the destination as ours by ARP replies
    #[arg(short = 'A')]
    pub(crate) announce_by_replies: bool,

    /// Ask all every time, and not only whoever answered
    #[arg(short = 'b')]
    pub(crate) broadcast: bool,

    /// Send so many requests; with -w, so many replies are enough
    #[arg(short = 'c', value_name = "COUNT", allow_hyphen_values = true)]
    pub(crate) count: Option<String>,

    /// Find out whether anybody has the destination (1: yes, 0: no)
    #[arg(short = 'D')]
    pub(crate) detect: bool,

    /// End after the first reply
    #[arg(short = 'f')]
    pub(crate) first: bool,

    /// Print this and exit
    #[arg(short = 'h')]
    pub(crate) short_help: bool,

    /// Interface to ask on
    #[arg(short = 'I', value_name = "INTERFACE", allow_hyphen_values = true)]
    pub(crate) interface: Option<String>,

    /// Seconds from one request to the next
    #[arg(short = 'i', value_name = "INTERVAL", allow_hyphen_values = true)]
    pub(crate) interval: Option<String>,

    /// Print nothing
    #[arg(short = 'q')]
    pub(crate) quiet: bool,

    /// IPv4 address to ask from
    #[arg(short = 's', value_name = "SOURCE", allow_hyphen_values = true)]
    pub(crate) source: Option<String>,

    /// Announce the destination as ours by ARP requests
    #[arg(short = 'U')]
    pub(crate) announce: bool,

    /// Print the version and exit
    #[arg(short = 'V')]
    pub(crate) version: bool,

    /// Seconds after which it ends
    #[arg(short = 'w', value_name = "DEADLINE", allow_hyphen_values = true)]
    pub(crate) deadline: Option<String>,

    /// With -D, do not end after the first reply: name all who have the address
    #[arg(long)]
    pub(crate) all: bool,

    /// Exit with 3 if two machines have the address, or with -D if another asks for it too
    #[arg(long)]
    pub(crate) check: bool,

    /// Ask from, or announce, an address that this machine does not have
    #[arg(long)]
    pub(crate) force: bool,

    /// Print an object of JSON a line
    #[arg(long)]
    pub(crate) json: bool,

    /// Print help
    #[arg(long, action = clap::ArgAction::Help)]
    pub(crate) help: Option<bool>,

    /// Of Habets' arping.
    #[arg(short = 'd', hide = true)]
    pub(crate) habets_duplicates: bool,

    /// Of Habets' arping.
    #[arg(short = 'P', hide = true)]
    pub(crate) habets_replies: bool,

    /// Of Habets' arping.
    #[arg(short = 'S', hide = true, value_name = "ADDRESS", allow_hyphen_values = true)]
    pub(crate) habets_source: Option<String>,

    /// Of Habets' arping.
    #[arg(short = 'r', hide = true)]
    pub(crate) habets_macs: bool,

    /// Of Habets' arping.
    #[arg(short = 'v', hide = true)]
    pub(crate) habets_verbose: bool,
}
