#![forbid(unsafe_code)]
//! What every TLS session of ours shares: whom to trust, how that is checked, and what a certificate
//! says.
//!
//! Opens no socket and moves no octet: `net` drives TLS over its own sockets with this, `http` over
//! tokio's and under QUIC.

mod certificate;
mod client;
mod clients;
mod crypto;
mod der;
mod doctor;
mod error;
mod examined;
mod facts;
mod fault;
mod files;
mod pin;
mod profile;
mod recorder;
mod step;
mod time;
mod verify;

pub use certificate::Certificate;
pub use client::Client;
pub use clients::Clients;
pub use doctor::{Diagnosis, Finding, Link, Patient, Verdict, diagnose};
pub use error::{Error, TlsError, describe};
pub use examined::Examined;
pub use facts::{Asked, Facts, Verified};
pub use fault::Fault;
pub use pin::Pin;
pub use profile::{Identity, Profile, Trust, Version};
pub use recorder::Recorder;
pub use rustls;
pub use step::{Step, What};
pub use verify::Verifier;
