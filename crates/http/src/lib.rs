#![forbid(unsafe_code)]
//! HTTP over its versions and transports, and DNS over HTTPS and QUIC on top of it.
//!
//! The one place for tokio: a runtime of one thread lives in a [`Client`] and is seen by nobody else.
//! Layers, each of which knows only what is below it: `dial` and `quic` (connections), `link` (one
//! request and its response, over HTTP/1.1, 2 or 3), `doh` and `doq` (messages), [`Client`] (blocking).

pub mod account;
pub mod agent;
pub mod alt_svc;
pub mod auth;
pub mod cache;
#[cfg(test)]
mod chance;
mod client;
pub mod codec;
pub mod cookie;
pub mod date;
pub mod decode;
mod dial;
mod doh;
mod doq;
mod error;
pub mod event;
pub mod failure;
pub mod fingerprint;
mod h1;
mod h1_body;
mod h2;
mod h3;
pub mod head;
pub mod hsts;
pub mod hygiene;
mod link;
pub mod multipart;
pub mod netrc;
pub mod observer;
mod quic;
pub mod report;
pub mod spec;
mod tell;
mod transport;
mod transport_tls;
pub mod url;

pub use client::{Carriage, Client, Config, Facts, Method, Protocol, Reply, Versions};
pub use error::Error;
pub use event::Event;
pub use failure::{Failure, Kind};
pub use head::{Field, Fields, Head, Version};
pub use observer::{Observer, Progress};
pub use report::{Report, Times};
pub use spec::{Job, Spec};
pub use url::Url;
pub use wireline_tls as tls;
