//! Facts about this machine: names, interfaces, routes, neighbours, socket tables.
//!
//! What can be read once is read before an engine starts. Parsers take the text, not the path, so
//! that a test can hand them what another machine would.
#![forbid(unsafe_code)]

mod as_server;
mod asn;
mod cgroups;
pub mod counters;
pub mod default_interface;
pub mod groups;
mod interface;
mod lines;
pub mod links;
mod lookups;
mod names;
pub mod namespaces;
pub mod neighbours;
pub mod netlink;
mod networks;
mod proc_net;
pub mod process;
pub mod routes;
mod service;
pub mod sockets;
mod target;
mod targets;
mod tcp_settings;
mod users;
pub mod vendors;
mod way_out;

pub use as_server::{AsServer, BadRouteServer, Origins, RouteServer};
pub use asn::{AsError, AsTable};
pub use cgroups::{CgroupPaths, cgroup_id};
pub use interface::{interface_index, interface_name};
pub use lookups::Answer;
pub use names::{Name, Names, host_name};
pub use networks::{network_name, network_number};
pub use proc_net::ProcNet;
pub use service::{Services, protocol_name, protocol_number, service_port};
pub use target::{Family, Target, UnknownHost};
pub use targets::{BadTargets, Targets};
pub use tcp_settings::{Reuse, TcpSettings};
pub use users::user_name;
pub use way_out::{WayOut, way_out};
