//! Who a trace is for, and from where.

use std::io::Write as _;
use std::net::{IpAddr, SocketAddr};

use anyhow::{Result, bail};
use wireline_cli::{Exit, Refusal, escape};
use wireline_host::{Family, Target};
use wireline_net::{NoRoute, Via, source_address};

use crate::config::Config;
use crate::grammar::Places;
use crate::sockets::FAILED;

/// One target with what is known of the way to it.
pub(crate) struct Way {
    pub(crate) name: String,
    pub(crate) to: SocketAddr,
    pub(crate) source: IpAddr,
}

impl Way {
    /// To the first IPv4 address of the host, or to the first that there is.
    pub(crate) fn find(config: &Config, places: &Places) -> Result<Self> {
        let target = resolve(config, places)?;
        let is_v4 = |address: &SocketAddr| address.is_ipv4();
        let to = target.addresses.iter().copied().find(is_v4).unwrap_or_else(|| target.address());
        if to.is_ipv6() && !config.gates.is_empty() {
            bail!(Refusal::new(FAILED, "setsockopt IPV6_RTHDR: Invalid argument"));
        }
        Ok(Self { name: target.name.clone(), to, source: source(config, to)? })
    }

    /// The address that probes leave from. With a mark, routing may choose another than was asked for it.
    pub(crate) fn known_source(&self, config: &Config) -> Option<IpAddr> {
        (config.mark.is_none() || config.source.is_some()).then_some(self.source)
    }

    pub(crate) const fn family(&self) -> wireline_net::Family {
        if self.to.is_ipv6() { wireline_net::Family::V6 } else { wireline_net::Family::V4 }
    }
}

fn resolve(config: &Config, places: &Places) -> Result<Target, Refusal> {
    Target::resolve(&config.host, config.family).map_err(|why| {
        // The original says it in two lines.
        let _ = writeln!(std::io::stderr(), "{}", escape(&why.to_string()));
        let ((_, place), host) = (places.of("host"), &config.host);
        let message =
            format!("Cannot handle \"host\" cmdline arg `{host}' on position 1 (argc {place})");
        Refusal::new(Exit::FAILED, message)
    })
}

/// The address that probes leave from, or why none can.
fn source(config: &Config, to: SocketAddr) -> Result<IpAddr, Refusal> {
    let asked = match &config.source {
        Some(word) => {
            let family = if to.is_ipv6() { Family::V6 } else { Family::V4 };
            let found = Target::resolve(word, Family::Any)
                .map_err(|why| Refusal::new(Exit::FAILED, format!("-s: {why}")))?;
            let of_family =
                found.addresses.iter().find(|it| it.is_ipv6() == (family == Family::V6));
            let mismatch = "IP version mismatch in addresses specified";
            Some(of_family.ok_or_else(|| Refusal::new(Exit::FAILED, mismatch))?.ip())
        }
        None => None,
    };
    let via = Via { device: config.device.as_deref(), source: asked, ..Via::default() };
    let gate = config.gates.first().map(|gate| SocketAddr::from((*gate, 0)));
    source_address(gate.unwrap_or(to), via).map_err(|why| {
        let call = match &why {
            NoRoute::Device(_) => "setsockopt SO_BINDTODEVICE",
            NoRoute::Bind(_) => "bind",
            _ => "connect",
        };
        Refusal::new(FAILED, format!("{call}: {}", reason(&why)))
    })
}

fn reason(why: &NoRoute) -> String {
    match why {
        NoRoute::Device(why) | NoRoute::Bind(why) | NoRoute::Connect(why) => {
            wireline_engine::errno_text(why)
        }
        // In the words of the errno that it was.
        _ => "Permission denied".to_owned(),
    }
}
