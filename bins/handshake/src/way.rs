//! Where segments leave: what every verb that sends some may be told.

use std::net::IpAddr;

use clap::Args;
use wireline_cli::{FamilyFlags, Refusal};
use wireline_host::Family;

use crate::exit::USAGE;

/// `-4`, `-6`, `-I` and `-S`.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct WayFlags {
    #[command(flatten)]
    family: FamilyFlags,

    /// Leave by this interface
    #[arg(short = 'I', long, value_name = "IF")]
    pub(crate) interface: Option<String>,

    /// Leave from this address
    #[arg(short = 'S', long, value_name = "ADDR")]
    source: Option<String>,
}

/// What they mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    /// Of the addresses to ask, and of the source.
    pub(crate) family: Family,
    pub(crate) device: Option<String>,
    pub(crate) source: Option<IpAddr>,
}

impl WayFlags {
    pub(crate) fn way(&self) -> Result<Way, Refusal> {
        let source = self.source.as_deref().map(address).transpose()?;
        let FamilyFlags { ipv4, ipv6 } = self.family;
        let family = match (ipv4, ipv6, source) {
            (true, true, _) => return Err(refuse("-4 and -6 exclude each other")),
            (true, _, Some(IpAddr::V6(_))) => return Err(refuse("-4 and an IPv6 source address")),
            (_, true, Some(IpAddr::V4(_))) => return Err(refuse("-6 and an IPv4 source address")),
            (true, ..) | (_, _, Some(IpAddr::V4(_))) => Family::V4,
            (_, true, _) | (_, _, Some(IpAddr::V6(_))) => Family::V6,
            _ => Family::Any,
        };
        Ok(Way { family, device: self.interface.clone(), source })
    }
}

fn address(word: &str) -> Result<IpAddr, Refusal> {
    word.parse().map_err(|_| refuse(format!("--source: {word}: not an address")))
}

fn refuse(why: impl Into<String>) -> Refusal {
    Refusal::new(USAGE, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(ipv4: bool, ipv6: bool, source: Option<&str>) -> Result<Way, String> {
        let family = FamilyFlags { ipv4, ipv6 };
        let flags = WayFlags { family, interface: None, source: source.map(str::to_owned) };
        flags.way().map_err(|why| why.to_string())
    }

    #[test]
    fn source_decides_the_family_where_no_flag_does() {
        assert_eq!(way(false, false, None).unwrap().family, Family::Any);
        assert_eq!(way(false, false, Some("2001:db8::1")).unwrap().family, Family::V6);
        assert_eq!(way(true, false, Some("192.0.2.1")).unwrap().family, Family::V4);
    }

    #[test]
    fn what_cannot_be_both_is_refused() {
        for (ipv4, ipv6, source) in
            [(true, true, None), (true, false, Some("::1")), (false, true, Some("192.0.2.1"))]
        {
            assert!(way(ipv4, ipv6, source).is_err(), "{ipv4} {ipv6} {source:?}");
        }
        assert_eq!(way(false, false, Some("x")).unwrap_err(), "--source: x: not an address");
    }
}
