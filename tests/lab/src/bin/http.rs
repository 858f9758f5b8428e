//! Servers of HTTP on loopback, for trying by hand.
//!
//! `wireline-http` prints their ports by name and where its files are, as JSON, and serves until its standard input
//! ends.

use std::io::{Read as _, Write as _};

use wireline_lab::http::Server;

fn main() -> std::io::Result<()> {
    let server = Server::start();
    let files = ["ca.pem", "client.pem", "client.key", "origin.sock"].map(|name| server.file(name));
    let there = serde_json::json!({ "ports": server.ports(), "files": files });
    let mut out = std::io::stdout().lock();
    writeln!(out, "{there}")?;
    out.flush()?;
    std::io::stdin().lock().read_to_end(&mut Vec::new()).map(drop)
}
