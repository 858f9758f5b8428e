//! `netstat`, from its argv to its exit code, on network namespaces that nobody else uses.

#[path = "netstat/common.rs"]
mod common;
#[path = "netstat/diagnose.rs"]
mod diagnose;
#[path = "netstat/interop.rs"]
mod interop;
#[path = "netstat/json.rs"]
mod json;
#[path = "netstat/people.rs"]
mod people;
#[path = "netstat/tables.rs"]
mod tables;
#[path = "netstat/usage.rs"]
mod usage;
#[path = "netstat/watch.rs"]
mod watch;
