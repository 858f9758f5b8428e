//! Addresses and ports in one column, with the names of hosts, services and users.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::net::IpAddr;

use wireline_cli::escape;
use wireline_host::sockets::{Endpoint, InetSocket, Protocol};
use wireline_host::{Services, protocol_name, user_name};

use super::choice::Numeric;
use crate::columns::up_to;
use crate::names::Names;

/// The column, and what was looked up for it.
pub(crate) struct Addresses {
    numeric: Numeric,
    wide: bool,
    hosts: Names,
    services: Option<Services>,
    protocols: HashMap<u16, Option<String>>,
    users: HashMap<u32, String>,
    host: String,
    port: String,
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
            host: String::new(),
            port: String::new(),
        }
    }

    /// Adds a column and the blank behind it.
    pub(crate) fn push(&mut self, line: &mut String, row: &InetSocket, end: Endpoint) {
        self.host.clear();
        self.port.clear();
        self.set_host(end.address);
        self.set_port(row.protocol, end.port);
        let (host, port) = self.fitting();
        let length = host.len() + 1 + port.len();
        line.push_str(host);
        line.push(':');
        line.push_str(port);
        for _ in length..WIDTH {
            line.push(' ');
        }
        line.push(' ');
    }

    /// Cut, if they must be: first the port, and then the address to what is left.
    fn fitting(&self) -> (&str, &str) {
        let (host, port) = (self.host.as_str(), self.port.as_str());
        if self.wide || host.len() + port.len() < WIDTH {
            return (host, port);
        }
        let port = up_to(port, MOST_OF_A_PORT);
        (up_to(host, WIDTH - 1 - port.len()), port)
    }

    fn set_host(&mut self, address: IpAddr) {
        let is_any = address.is_unspecified();
        let _ = match address {
            IpAddr::V4(address) if self.numeric.hosts || is_any => write!(self.host, "{address}"),
            IpAddr::V6(_) if is_any && !self.numeric.hosts => write!(self.host, "[::]"),
            address => write!(self.host, "{}", escape(&self.hosts.host(address))),
        };
    }

    fn set_port(&mut self, protocol: Protocol, port: u16) {
        if port == 0 {
            return self.port.push('*');
        }
        let name = match (&self.services, protocol) {
            (None, _) => None,
            (Some(_), Protocol::Raw) => {
                let name = || protocol_name(port.try_into().ok()?);
                self.protocols.entry(port).or_insert_with(name).as_deref()
            }
            (Some(services), protocol) => services.name(port, service_protocol(protocol)),
        };
        if let Some(name) = name {
            return self.port.push_str(&escape(name));
        }
        self.port.push_str(itoa::Buffer::new().format(port));
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

/// As `services(5)` calls it.
const fn service_protocol(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Udp => "udp",
        Protocol::UdpLite => "udplite",
        _ => "tcp",
    }
}
