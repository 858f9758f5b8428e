//! Routers with several ways to one target, between which each flow is sent along one.
//!
//! Links are numbered from 1: link N has 10.98.N.0/24 and `fd00:98:N::/64`. A host's own address is
//! of no link: number M, from 0 at the source, has 10.99.M.1 and `fd00:99:M::1` on its loopback.
//! Routers prefer it on the way back, so that all that one says comes from one address, whichever
//! way it was asked, and a link is a pair of these.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use tempfile::NamedTempFile;

use crate::chain::{ErrorRates, forwarding};
use crate::{Background, Host, Lab, Path};

/// Which hosts to make, and where each sends what is for the target.
#[derive(Clone, Debug)]
pub struct Mesh {
    /// In the order of their numbers: the source is the first, the target the last.
    names: Vec<String>,
    /// In pairs of numbers, each towards the target.
    links: Vec<(usize, usize)>,
}

/// The running hosts of a [`Mesh`].
#[derive(Debug)]
pub struct Ecmp<'lab> {
    /// In the order of their numbers.
    hosts: Vec<Host<'lab>>,
    mesh: Mesh,
    /// End with this.
    _relays: Vec<(Background, NamedTempFile)>,
}

impl Mesh {
    /// These links, each towards the target. The first begins at the source, which has no other,
    /// and the last ends at the target.
    ///
    /// ```
    /// use wireline_lab::Mesh;
    ///
    /// let triangle = Mesh::of(&[("s", "a"), ("a", "b"), ("a", "c"), ("b", "c"), ("c", "t")]);
    /// ```
    #[must_use]
    pub fn of(links: &[(&str, &str)]) -> Self {
        let target = links.last().expect("a mesh has links").1;
        let mut names = Vec::new();
        for name in links.iter().flat_map(|(from, to)| [from, to]).filter(|name| **name != target) {
            if !names.iter().any(|known| known == name) {
                names.push((*name).to_owned());
            }
        }
        names.push(target.to_owned());
        let number = |name: &str| names.iter().position(|known| known == name).unwrap_or_default();
        let links = links.iter().map(|(from, to)| (number(from), number(to))).collect();
        Self { names, links }
    }

    /// Every host of a layer sends to every host of the next.
    #[must_use]
    pub fn layers(layers: &[&[&str]]) -> Self {
        let mut links = Vec::new();
        for pair in layers.windows(2) {
            let all = pair[0].iter().flat_map(|from| pair[1].iter().map(move |to| (*from, *to)));
            links.extend(all);
        }
        Self::of(&links)
    }

    /// `s`, `a`, two of `b1 b2`, three of `c1 c2 c3`, `d`, `t`: six ways.
    #[must_use]
    pub fn two_by_three() -> Self {
        Self::layers(&[&["s"], &["a"], &["b1", "b2"], &["c1", "c2", "c3"], &["d"], &["t"]])
    }

    /// `s`, `a`, two of `b1 b2`, `c`, `t`.
    #[must_use]
    pub fn diamond() -> Self {
        Self::layers(&[&["s"], &["a"], &["b1", "b2"], &["c"], &["t"]])
    }

    /// From `a` to `d` by `b` and `c`, or by `e` alone: `d` is at hop 3 or at hop 4.
    #[must_use]
    pub fn unequal() -> Self {
        Self::of(&[
            ("s", "a"),
            ("a", "b"),
            ("b", "c"),
            ("c", "d"),
            ("a", "e"),
            ("e", "d"),
            ("d", "t"),
        ])
    }

    /// The address that a host answers from, in IPv4.
    #[must_use]
    pub fn v4(&self, name: &str) -> Ipv4Addr {
        self.own_v4(self.number(name))
    }

    /// The address that a host answers from, in IPv6.
    #[must_use]
    pub fn v6(&self, name: &str) -> Ipv6Addr {
        self.own_v6(self.number(name))
    }

    /// All links behind the first router, in IPv4: the address that the nearer end answers from,
    /// and that of the farther.
    #[must_use]
    pub fn links_v4(&self) -> BTreeSet<(IpAddr, IpAddr)> {
        self.seen(|number| self.own_v4(number).into())
    }

    /// As [`Mesh::links_v4`], in IPv6.
    #[must_use]
    pub fn links_v6(&self) -> BTreeSet<(IpAddr, IpAddr)> {
        self.seen(|number| self.own_v6(number).into())
    }

    fn seen(&self, address: impl Fn(usize) -> IpAddr) -> BTreeSet<(IpAddr, IpAddr)> {
        let behind_the_first = self.links.iter().filter(|(from, _)| *from != 0);
        behind_the_first.map(|(from, to)| (address(*from), address(*to))).collect()
    }

    fn number(&self, name: &str) -> usize {
        let number = self.names.iter().position(|known| known == name);
        number.unwrap_or_else(|| panic!("no host {name} in {:?}", self.names))
    }

    const fn target(&self) -> usize {
        self.names.len() - 1
    }

    fn own_v4(&self, number: usize) -> Ipv4Addr {
        let own = || Ipv4Addr::new(10, 99, octet(number), 1);
        if number == self.target() { Path::TARGET_V4 } else { own() }
    }

    fn own_v6(&self, number: usize) -> Ipv6Addr {
        let own = || format!("fd00:99:{number}::1").parse().expect("digits");
        if number == self.target() { Path::TARGET_V6 } else { own() }
    }

    /// A script for one host: its own addresses, and its ways to the target and to the source.
    fn set_up(&self, number: usize) -> String {
        let v4 = |number| self.own_v4(number).to_string();
        let v6 = |number| self.own_v6(number).to_string();
        format!(
            "ip addr add {}/32 dev lo; ip addr add {}/128 dev lo nodad\n{}{}",
            v4(number),
            v6(number),
            self.ways("ip -4", "10.98.", ".", number, v4),
            self.ways("ip -6", "fd00:98:", "::", number, v6),
        )
    }

    /// One family's part of [`Mesh::set_up`]. The ends of link N are `net`, N, `dots` and 1 or 2.
    fn ways(
        &self,
        ip: &str,
        net: &str,
        dots: &str,
        number: usize,
        own: impl Fn(usize) -> String,
    ) -> String {
        let to = if number == 0 { "default".to_owned() } else { own(self.target()) };
        let mut onward = String::new();
        let mut back = String::new();
        for ((from, to), link) in self.links.iter().zip(1..) {
            if *from == number {
                onward = format!("{onward} nexthop via {net}{link}{dots}2");
            } else if *to == number && back.is_empty() {
                let (source, own) = (own(0), own(number));
                back = format!("{ip} route add {source} via {net}{link}{dots}1 src {own}\n");
            }
        }
        if onward.is_empty() {
            return back;
        }
        format!("{back}{ip} route add {to} src {}{onward}\n", own(number))
    }
}

impl Lab {
    /// The hosts of a mesh. Routers choose between ways by the whole flow, that is addresses,
    /// protocol and ports, each by another hash; they send errors without limit, and all that is
    /// for the source takes one way back. The choices are the same in every run where the kernel
    /// can be told a seed, which is from Linux 6.11 on.
    #[must_use]
    pub fn ecmp(&self, mesh: &Mesh) -> Ecmp<'_> {
        let hosts: Vec<_> = mesh.names.iter().map(|name| self.host(name)).collect();
        for (number, host) in hosts.iter().enumerate() {
            host.sh(&format!("{}{}", forwarding(ErrorRates::Unlimited), choosing(number)));
        }
        let mut relays = Vec::new();
        for ((from, to), link) in mesh.links.iter().zip(1..) {
            relays.extend(self.join_in_mesh([&hosts[*from], &hosts[*to]], link, *from == 0));
        }
        for (number, host) in hosts.iter().enumerate() {
            host.sh(&mesh.set_up(number));
        }
        Ecmp { hosts, mesh: mesh.clone(), _relays: relays }
    }

    /// One link of a mesh. That of the source is carried by a program: the kernel chooses a hash
    /// for each connected socket, keeps it with the frame across namespaces, and believes it there,
    /// so that every socket would be a flow.
    fn join_in_mesh(
        &self,
        hosts: [&Host<'_>; 2],
        link: usize,
        is_source_s: bool,
    ) -> Option<(Background, NamedTempFile)> {
        let name = format!("link{link}");
        let relay = is_source_s.then(|| self.relay(hosts.map(|host| (host, &*name))));
        if relay.is_none() {
            self.join((hosts[0].name(), &name), (hosts[1].name(), &name));
        }
        for (host, end) in hosts.into_iter().zip(1..) {
            let [v4, v6] = [format!("10.98.{link}.{end}/24"), format!("fd00:98:{link}::{end}/64")];
            host.address(&name, &v4, &v6);
        }
        relay
    }
}

impl<'lab> Ecmp<'lab> {
    /// The host that traces.
    #[must_use]
    pub fn source(&self) -> &Host<'lab> {
        &self.hosts[0]
    }

    /// The host that is traced to, which has [`Path::TARGET_V4`] and [`Path::TARGET_V6`].
    #[must_use]
    pub fn target(&self) -> &Host<'lab> {
        &self.hosts[self.mesh.target()]
    }

    /// One of the hosts.
    #[must_use]
    pub fn host(&self, name: &str) -> &Host<'lab> {
        &self.hosts[self.mesh.number(name)]
    }

    /// What was made.
    #[must_use]
    pub const fn mesh(&self) -> &Mesh {
        &self.mesh
    }
}

/// A script that lets a host choose by the flow. Two routers with the same hash would choose alike,
/// and some links have no flow at all: each has its own seed, or where the kernel has none to set,
/// hashes other fields.
fn choosing(number: usize) -> String {
    /// Both addresses, the protocol and both ports; the same without an address; ports alone.
    const FIELDS: [u8; 4] = [0x37, 0x35, 0x36, 0x30];
    let (seed, fields) = (number + 1, FIELDS[number % FIELDS.len()]);
    format!(
        "for each in all default; do echo 0 > ipv4/conf/$each/rp_filter; done
        policy=1
        if [ -w ipv4/fib_multipath_hash_seed ]; then echo {seed} > ipv4/fib_multipath_hash_seed
        else policy=3
            for family in ipv4 ipv6; do echo {fields} > $family/fib_multipath_hash_fields; done
        fi
        for family in ipv4 ipv6; do echo $policy > $family/fib_multipath_hash_policy; done"
    )
}

fn octet(number: usize) -> u8 {
    u8::try_from(number).expect("a mesh has less than 256 hosts")
}
