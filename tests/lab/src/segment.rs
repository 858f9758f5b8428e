//! A segment of Ethernet with one scanner on it, and somebody who answers for everyone else.
//!
//! ```no_run
//! use wireline_lab::segment::{Claim, World};
//! use wireline_lab::{Lab, ms};
//!
//! let lab = Lab::new();
//! let world = World::new()
//!     .dense("198.18.0.0/16") // answered by a kernel
//!     .claim(Claim::of("192.0.2.9"))
//!     .claim(Claim::of("192.0.2.9").mac("00:00:5e:00:53:99").after(ms(30)));
//! let mut segment = lab.segment(&world);
//! segment.scanner.command("/usr/sbin/arp-scan").args(["-I", "eth0", "192.0.2.9"]).assert().code(3);
//! segment.leave("192.0.2.9");
//! let heard = segment.stop(); // every ARP message of the scanner
//! ```

mod claim;
mod heard;
mod network;
mod orders;

pub use claim::{Claim, Hostile};
pub use heard::Heard;
pub use network::{SCANNER, SCANNER_MAC, Segment};
pub use orders::{Flood, Order, Span, World};
