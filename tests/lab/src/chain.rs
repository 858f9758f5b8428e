//! Hosts in a row: two ends and the routers between them.
//!
//! The addresses of link N, counted from 1 at the first host, are 10.1.N.1/24 and `fd00:N::1/64`
//! at its nearer end and 10.1.N.2/24 and `fd00:N::2/64` at the farther. Each host's interface towards
//! the first is `eth0`; a router's other one is `eth1`, and the first host's only one is `eth0`.

use std::collections::BTreeMap;

use crate::{Host, Lab};

/// Which chain to make: the defaults of [`Lab::chain`] and what differs.
#[derive(Clone, Debug)]
pub struct Chain<'a> {
    names: &'a [&'a str],
    mtus: BTreeMap<usize, u32>,
    error_rates: ErrorRates,
}

/// How many ICMP errors a router sends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ErrorRates {
    Unlimited,
    AsTheKernelHasThem,
}

impl<'a> Chain<'a> {
    /// These hosts, with 1500 octets of MTU and no limit to the routers' ICMP errors.
    #[must_use]
    pub const fn of(names: &'a [&'a str]) -> Self {
        Self { names, mtus: BTreeMap::new(), error_rates: ErrorRates::Unlimited }
    }

    /// Another MTU, in octets, at both ends of link `number`, counted from 1.
    #[must_use]
    pub fn mtu(mut self, number: usize, octets: u32) -> Self {
        self.mtus.insert(number, octets);
        self
    }

    /// Leaves the kernel's limits to ICMP errors as they are.
    #[must_use]
    pub const fn limit_errors(mut self) -> Self {
        self.error_rates = ErrorRates::AsTheKernelHasThem;
        self
    }

    /// The links to the right of each host have its number, counted from 1.
    fn links(&self) -> std::ops::Range<usize> {
        1..self.names.len()
    }
}

impl Lab {
    /// Hosts in a row: every one reaches every address of the others, and those between the ends
    /// are routers. Link N has 10.1.N.0/24 and `fd00:N::/64`, .1 and `::1` at the end nearer to
    /// the first host. See [`Lab::chain_with`] for other MTUs.
    #[must_use]
    pub fn chain(&self, names: &[&str]) -> Vec<Host<'_>> {
        self.chain_with(&Chain::of(names))
    }

    /// As [`Lab::chain`], with options.
    #[must_use]
    pub fn chain_with(&self, chain: &Chain<'_>) -> Vec<Host<'_>> {
        let hosts: Vec<_> = chain.names.iter().map(|name| self.host(name)).collect();
        for number in chain.links() {
            let (left, right) = (&hosts[number - 1], &hosts[number]);
            let outward = if number == 1 { "eth0" } else { "eth1" };
            self.join((left.name(), outward), (right.name(), "eth0"));
            for (host, interface, end) in [(left, outward, 1), (right, "eth0", 2)] {
                let [v4, v6] = address(number, end);
                host.address(interface, &format!("{v4}/24"), &format!("{v6}/64"));
                if let Some(mtu) = chain.mtus.get(&number) {
                    host.sh(&format!("ip link set {interface} mtu {mtu}"));
                }
            }
        }
        for (position, host) in hosts.iter().enumerate() {
            host.sh(&routes(chain, position));
        }
        hosts
    }
}

/// A script for the host at `position`, counted from 0: an end sends everything to its only
/// neighbour; a router knows the chain's links and nothing else.
fn routes(chain: &Chain<'_>, position: usize) -> String {
    let links = chain.links();
    if position == 0 {
        return via("default", "default", 1, 2);
    }
    if position == links.end - 1 {
        return via("default", "default", position, 1);
    }
    let mut script = forwarding(chain.error_rates);
    for number in links.filter(|number| ![position, position + 1].contains(number)) {
        let (link, end) = if number < position { (position, 1) } else { (position + 1, 2) };
        script += &via(&format!("10.1.{number}.0/24"), &format!("fd00:{number}::/64"), link, end);
    }
    script
}

/// Routes to these networks by the neighbour at one end of link `number`.
fn via(v4: &str, v6: &str, number: usize, end: u8) -> String {
    let [next4, next6] = address(number, end);
    format!("ip route add {v4} via {next4}; ip -6 route add {v6} via {next6}\n")
}

fn address(number: usize, end: u8) -> [String; 2] {
    [format!("10.1.{number}.{end}"), format!("fd00:{number}::{end}")]
}

/// A script that makes a router, and leaves the shell in `/proc/sys/net`.
pub(crate) fn forwarding(error_rates: ErrorRates) -> String {
    let open = match error_rates {
        // Before Linux 6.11 icmp_msgs_per_sec was the whole machine's, and is not ours to change.
        ErrorRates::Unlimited => {
            "echo 0 > ipv4/icmp_ratelimit; echo 0 > ipv6/icmp/ratelimit
            for limit in per_sec burst; do
                [ ! -w ipv4/icmp_msgs_$limit ] || echo 1000000 > ipv4/icmp_msgs_$limit
            done"
        }
        ErrorRates::AsTheKernelHasThem => "",
    };
    format!(
        "cd /proc/sys/net; echo 1 > ipv4/ip_forward; echo 1 > ipv6/conf/all/forwarding\n{open}\n"
    )
}
