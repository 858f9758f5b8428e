//! Addresses and ports in one column, with the names of hosts, services and users.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};

use wireline_cli::escape;
use wireline_host::sockets::{Endpoint, InetSocket, Protocol};
use wireline_host::{Services, protocol_name, user_name};

use super::choice::Numeric;
use crate::columns::{self, up_to};
use crate::names::Names;

/// The column, and what was looked up for it.
pub(crate) struct Addresses {
    numeric: Numeric,
    wide: bool,
    hosts: Names,
    services: Option<Services>,
    protocols: HashMap<u16, Option<String>>,
    users: HashMap<u32, String>,
}

/// Bytes of the column.
const WIDTH: usize = 23;
/// Of a port that does not fit beside its address.
const MOST_OF_A_PORT: usize = 18;

impl Addresses {
    pub(crate) fn new(numeric: Numeric, wide: bool) -> Self {
        Self {
            numeric,
            wide,
            hosts: Names::new(numeric.hosts),
            services: if numeric.ports { None } else { Some(Services::read()) },
            protocols: HashMap::new(),
            users: HashMap::new(),
        }
    }

    /// Adds a column and the blank behind it. It is written where it will stand: there are a hundred
    /// thousand of them.
    pub(crate) fn push(&mut self, line: &mut String, row: &InetSocket, end: Endpoint) {
        let start = line.len();
        self.push_host(line, end.address);
        let middle = line.len();
        line.push(':');
        self.push_port(line, row.protocol, end.port);
        if !self.wide && line.len() - start > WIDTH {
            cut(line, start, middle);
        }
        for _ in line.len() - start..WIDTH {
            line.push(' ');
        }
        line.push(' ');
    }

    fn push_host(&mut self, line: &mut String, address: IpAddr) {
        let is_any = address.is_unspecified();
        match address {
            IpAddr::V4(address) if self.numeric.hosts || is_any => push_v4(line, address),
            IpAddr::V6(_) if is_any && !self.numeric.hosts => line.push_str("[::]"),
            address if self.numeric.hosts => line.push_str(&columns::address(address)),
            address => line.push_str(&escape(&self.hosts.host(address))),
        }
    }

    fn push_port(&mut self, line: &mut String, protocol: Protocol, port: u16) {
        if port == 0 {
            return line.push('*');
        }
        let name = match (&self.services, protocol) {
            (None, _) => None,
            (Some(_), Protocol::Raw) => {
                let name = || protocol_name(port.try_into().ok()?);
                self.protocols.entry(port).or_insert_with(name).as_deref()
            }
            (Some(services), protocol) => services.name(port, service_protocol(protocol)),
        };
        match name {
            Some(name) => line.push_str(&escape(name)),
            None => line.push_str(itoa::Buffer::new().format(port)),
        }
    }

    /// A user by name, or by number.
    pub(crate) fn user(&mut self, uid: u32) -> &str {
        let is_numeric = self.numeric.users;
        self.users.entry(uid).or_insert_with(|| {
            let name = if is_numeric { None } else { user_name(uid) };
            name.map_or_else(|| uid.to_string(), |name| escape(&name).into_owned())
        })
    }
}

/// Cuts a column that begins at `start` and has its colon in the `middle`: first the port, and then the
/// address to what is left.
fn cut(line: &mut String, start: usize, middle: usize) {
    let port = up_to(&line[middle + 1..], MOST_OF_A_PORT).to_owned();
    let host = up_to(&line[start..middle], WIDTH - 1 - port.len()).len();
    line.truncate(start + host);
    line.push(':');
    line.push_str(&port);
}

fn push_v4(line: &mut String, address: Ipv4Addr) {
    for (place, octet) in address.octets().into_iter().enumerate() {
        if place > 0 {
            line.push('.');
        }
        line.push_str(itoa::Buffer::new().format(octet));
    }
}

/// As `services(5)` calls it.
const fn service_protocol(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Udp => "udp",
        Protocol::UdpLite => "udplite",
        _ => "tcp",
    }
}
