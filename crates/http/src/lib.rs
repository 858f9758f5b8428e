#![forbid(unsafe_code)]
//! HTTP over its versions and transports, and DNS over HTTPS and QUIC on top of it.
//!
//! The one place for tokio: a runtime of one thread lives in an [`Agent`](agent::Agent) or a [`Client`] and is seen by
//! nobody else. From the inside out:
//!
//! - pure modules, without I/O or a clock: [`url`], [`codec`], [`decode`], [`cookie`], [`cache`] and their like;
//! - `transport`: connections, by name or proxy, raced, with TLS or QUIC; knows no request;
//! - [`agent`]: requests over connections that are kept, and what follows from their responses;
//! - [`Client`]: messages of DNS over a connection to one server, by the same exchanges.
//!
//! A transfer is described by a [`Spec`]; its [`Observer`] is told everything by [`Event`]s, and at the end by a
//! [`Report`], which is made from these.

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
