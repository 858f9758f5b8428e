//! Sockets, the clock and the poll loop.
//!
//! What the rest of the workspace may not do is done here: ask the kernel for the time, open
//! sockets, wait. Unsafe code is confined to `sys.rs`.

mod bpf;
mod clock;
mod connect_pool;
mod connection;
mod connections;
mod control;
mod drive;
mod entropy;
mod error;
mod filter_program;
mod frame_filter;
mod guard;
mod icmp;
mod icmp_setup;
mod ledger;
mod mmsg;
mod packet_sockets;
mod privilege;
mod probe;
mod probe_sockets;
mod quotes;
mod route;
mod segment_sockets;
mod signals;
mod socket_options;
#[expect(
    unsafe_code,
    reason = "ancillary data and bpf(2) have no safe interface in socket2 or rustix"
)]
mod sys;
mod tap;
mod tap_filter;
mod tcp;
#[cfg(feature = "tls")]
pub mod tls;
mod udp;

pub use bpf::{TaskSocket, TaskSockets};
pub use clock::Clock;
pub use connect_pool::ConnectPool;
pub use connection::{ConnectOptions, Connection, DataStamps, Progress, Read, open_fast, tcp_info};
pub use connections::Connections;
pub use drive::{Channel, Heard, Outbox, Sink, drive};
pub use entropy::seed;
pub use error::{Error, Result};
pub use frame_filter::{ArpFrames, FrameFilter};
pub use guard::Guard;
pub use icmp::{Family, IcmpSocket, IcmpSockets};
pub use mmsg::{Carrier, Flows};
pub use packet_sockets::{Attachment, PacketSockets, Statistics};
pub use privilege::{Power, drop_privileges, is_superuser, keep_only};
pub use probe_sockets::{ProbeKind, ProbeSockets, descriptor_limit};
pub use quotes::{Quoted, Quotes};
pub use route::{NoRoute, Via, is_local, source_address};
pub use segment_sockets::{SegmentRoom, SegmentSockets, SourcePorts};
pub use signals::Signals;
pub use socket_options::{PathMtu, SocketOptions, Stamps};
pub use tap::{Direction, Frame, Tap};
pub use tap_filter::TapFilter;
pub use tcp::Tcp;
pub use udp::Udp;
