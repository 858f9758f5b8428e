//! `netstat`, from its argv to its exit code, on network namespaces that nobody else uses.

#[path = "netstat/common.rs"]
mod common;
#[path = "netstat/details.rs"]
mod details;
#[path = "netstat/details_interop.rs"]
mod details_interop;
#[path = "netstat/faults.rs"]
mod faults;
#[path = "netstat/interop.rs"]
mod interop;
#[path = "netstat/json.rs"]
mod json;
#[path = "netstat/places.rs"]
mod places;
#[path = "netstat/sockets.rs"]
mod sockets;
#[path = "netstat/tables.rs"]
mod tables;
#[path = "netstat/usage.rs"]
mod usage;
