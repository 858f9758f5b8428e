#![forbid(unsafe_code)]
//! HTTP over its versions and transports, and DNS over HTTPS and QUIC on top of it.
//!
//! The one place for tokio: a runtime of one thread lives in a [`Client`] and is seen by nobody else.
//! Layers, each of which knows only what is below it: `dial` and `quic` (connections), `link` (one
//! request and its response, over HTTP/1.1, 2 or 3), `doh` and `doq` (messages), [`Client`] (blocking).

mod client;
mod dial;
mod doh;
mod doq;
mod error;
mod h1;
mod h1_body;
mod h2;
mod h3;
mod link;
mod quic;

pub use client::{Carriage, Client, Config, Facts, Method, Protocol, Reply, Versions};
pub use error::Error;
pub use wireline_tls as tls;
