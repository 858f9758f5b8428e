//! Names for addresses, each looked up once.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};

use wireline_host::{host_name, network_name};

use crate::columns;

/// What is known so far, or that nobody wants to know.
pub(crate) struct Names {
    numeric: bool,
    hosts: HashMap<IpAddr, String>,
    networks: Option<String>,
}

impl Names {
    pub(crate) fn new(numeric: bool) -> Self {
        Self { numeric, hosts: HashMap::new(), networks: None }
    }

    pub(crate) const fn are_wanted(&self) -> bool {
        !self.numeric
    }

    /// The name of a host, or its address.
    pub(crate) fn host(&mut self, address: IpAddr) -> String {
        if self.numeric {
            return columns::address(address);
        }
        let found = || host_name(address).unwrap_or_else(|| columns::address(address));
        self.hosts.entry(address).or_insert_with(found).clone()
    }

    /// The same of a router, which all zeroes are not.
    pub(crate) fn host_or_any(&mut self, address: Ipv4Addr) -> String {
        if address.is_unspecified() { address.to_string() } else { self.host(address.into()) }
    }

    /// The name of a network, or its address.
    pub(crate) fn network(&mut self, address: Ipv4Addr) -> String {
        if self.numeric {
            return address.to_string();
        }
        // Without the file there are no names in it.
        let read = || std::fs::read_to_string("/etc/networks").unwrap_or_default();
        let table = self.networks.get_or_insert_with(read);
        network_name(table, address).map_or_else(|| address.to_string(), ToOwned::to_owned)
    }
}
