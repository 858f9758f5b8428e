//! What is at the end of a [`crate::Path`].
//!
//! Nothing here is carried out: see `src/router` for that.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A host that answers echo requests and has every port closed, unless it is told otherwise.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Target {
    /// Whether echo requests get nothing.
    pub ignores_echo: bool,
    /// The TCP ports that are not as the rest.
    pub tcp: BTreeMap<u16, Port>,
    /// The rest of the TCP ports.
    pub other_tcp: Port,
    /// The UDP ports that are not as the rest.
    pub udp: BTreeMap<u16, Port>,
    /// The rest of the UDP ports.
    pub other_udp: Port,
}

/// What a port does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Port {
    /// TCP: RST; UDP: port unreachable.
    #[default]
    Closed,
    /// TCP: SYN and ACK with options; UDP: the same datagram back, as a DNS response from port 53.
    Open,
    /// Nothing.
    Filtered,
    /// The last router says that it is prohibited: 3/13, in IPv6 1/1.
    Prohibited,
}

impl Target {
    /// Echo requests get nothing.
    #[must_use]
    pub fn ignores_echo(self) -> Self {
        Self { ignores_echo: true, ..self }
    }

    /// These TCP ports are open.
    #[must_use]
    pub fn open_tcp(self, ports: impl IntoIterator<Item = u16>) -> Self {
        self.tcp(ports, Port::Open)
    }

    /// These UDP ports are open.
    #[must_use]
    pub fn open_udp(self, ports: impl IntoIterator<Item = u16>) -> Self {
        self.udp(ports, Port::Open)
    }

    /// What these TCP ports do.
    #[must_use]
    pub fn tcp(mut self, ports: impl IntoIterator<Item = u16>, port: Port) -> Self {
        self.tcp.extend(ports.into_iter().map(|number| (number, port)));
        self
    }

    /// What these UDP ports do.
    #[must_use]
    pub fn udp(mut self, ports: impl IntoIterator<Item = u16>, port: Port) -> Self {
        self.udp.extend(ports.into_iter().map(|number| (number, port)));
        self
    }

    /// What all TCP ports do that were not told of.
    #[must_use]
    pub fn other_tcp(self, other_tcp: Port) -> Self {
        Self { other_tcp, ..self }
    }

    /// What all UDP ports do that were not told of.
    #[must_use]
    pub fn other_udp(self, other_udp: Port) -> Self {
        Self { other_udp, ..self }
    }
}
