//! `netstat`, from its argv to its exit code, on network namespaces that nobody else uses.

#[path = "netstat/common.rs"]
mod common;
#[path = "netstat/connection.rs"]
mod connection;
#[path = "netstat/details.rs"]
mod details;
#[path = "netstat/details_interop.rs"]
mod details_interop;
#[path = "netstat/diagnose.rs"]
mod diagnose;
#[path = "netstat/faults.rs"]
mod faults;
#[path = "netstat/filter.rs"]
mod filter;
#[path = "netstat/filter_interop.rs"]
mod filter_interop;
#[path = "netstat/interop.rs"]
mod interop;
#[path = "netstat/json.rs"]
mod json;
#[path = "netstat/kill.rs"]
mod kill;
#[path = "netstat/people.rs"]
mod people;
#[path = "netstat/places.rs"]
mod places;
#[path = "netstat/powers.rs"]
mod powers;
#[path = "netstat/sockets.rs"]
mod sockets;
#[path = "netstat/tables.rs"]
mod tables;
#[path = "netstat/usage.rs"]
mod usage;
#[path = "netstat/watch.rs"]
mod watch;
