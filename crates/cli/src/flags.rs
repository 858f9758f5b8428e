use clap::Args;

/// `-4` and `-6`. Which of the two wins, or that both are too many, is the tool's affair.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct FamilyFlags {
    /// Use IPv4 only
    #[arg(short = '4', long)]
    pub ipv4: bool,

    /// Use IPv6 only
    #[arg(short = '6', long)]
    pub ipv6: bool,
}
