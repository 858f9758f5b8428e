//! Servers of HTTP 1.1, 2 and 3 on loopback: an origin that answers whatever is asked of it, the same behind every
//! kind of certificate, proxies, and such as do what none should.
//!
//! They live in a thread of the test and end with their handle; ports are the kernel's choice and go by name
//! ([`NAMES`]). What the origin has is in `good.rs`, what it does wrong below `/evil/` in `evil.rs`, and on HTTP/2
//! in `frames.rs`, a port for each. Nothing here asks a name server or leaves loopback.

mod certificates;
mod evil;
mod frames;
mod good;
mod h2;
mod h3;
mod listen;
mod odd;
mod proxy;
mod reply;
mod request;
mod script;
mod serve;
mod socks;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use tempfile::TempDir;
use tokio::sync::oneshot;

pub use certificates::Case;
pub use evil::names as evil;
pub use frames::NAMES as FRAMES;
pub use listen::NAMES;

/// Servers, until they are dropped.
pub struct Server {
    world: Arc<World>,
    folder: TempDir,
    end: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What all connections of one server share.
pub(crate) struct World {
    /// Where each listens.
    ports: BTreeMap<String, u16>,
    /// How often something was asked for that differs from time to time.
    counts: Mutex<BTreeMap<String, u32>>,
    /// Requests that came: `PORT METHOD TARGET`, and a line for each field.
    heard: Mutex<Vec<String>>,
    /// The server of DER certificates that an incomplete chain tells of.
    intermediate: Vec<u8>,
}

impl Server {
    /// Starts all of them.
    #[must_use]
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime");
        let sockets = runtime.block_on(listen::Sockets::open(folder.path()));
        let ports = sockets.ports();
        let shop = certificates::Shop::open(folder.path(), ports["http"]);
        let world = Arc::new(World {
            ports,
            counts: Mutex::default(),
            heard: Mutex::default(),
            intermediate: shop.intermediate(),
        });
        let (end, ended) = oneshot::channel();
        let of_thread = Arc::clone(&world);
        let serve = move || {
            runtime.block_on(async move {
                sockets.serve(&shop, &of_thread);
                let _ = ended.await;
            });
            runtime.shutdown_background();
        };
        let thread = Some(std::thread::spawn(serve));
        Self { world, folder, end: Some(end), thread }
    }

    /// The port of the server with this name, which is one of [`NAMES`].
    #[must_use]
    pub fn port(&self, name: &str) -> u16 {
        *self.world.ports.get(name).unwrap_or_else(|| panic!("no server {name:?}"))
    }

    /// All ports by their names.
    #[must_use]
    pub fn ports(&self) -> &BTreeMap<String, u16> {
        &self.world.ports
    }

    /// What the origin has at `path`, over HTTP.
    #[must_use]
    pub fn http(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port("http"))
    }

    /// What the server `name` has at `path`, over HTTPS; the host is one that good certificates are for.
    #[must_use]
    pub fn https(&self, name: &str, path: &str) -> String {
        format!("https://localhost:{}{path}", self.port(name))
    }

    /// A file: `ca.pem`, `client.pem`, `client.key`, `encrypted.key`, or the socket `origin.sock`.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Requests that came, in their order: `NAME METHOD TARGET`, and below it a line for each field.
    #[must_use]
    pub fn heard(&self) -> Vec<String> {
        self.world.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl World {
    /// How often this was counted before.
    fn count(&self, what: &str) -> u32 {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(what.to_owned()).or_default();
        *count += 1;
        *count - 1
    }

    fn hear(&self, what: String) {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).push(what);
    }
}
