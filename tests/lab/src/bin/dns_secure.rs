//! Name servers behind TLS, HTTPS and QUIC on loopback, for trying by hand.
//!
//! `wireline-dns-secure [CERTIFICATE]` (good, expired, early, wrong, self-signed, long) prints where they
//! are, as JSON, and serves until its standard input ends.

use std::io::{Read, Write};

use wireline_lab::secure::{Certificate, Server};

fn main() -> std::io::Result<()> {
    let certificate = match std::env::args().nth(1).as_deref() {
        Some("expired") => Certificate::Expired,
        Some("early") => Certificate::Early,
        Some("wrong") => Certificate::Wrong,
        Some("self-signed") => Certificate::SelfSigned,
        Some("long") => Certificate::Long,
        _ => Certificate::Good,
    };
    let server = Server::showing(certificate);
    let where_they_are = serde_json::json!({
        "dot": server.dot, "doh": server.doh, "http": server.http, "doq": server.doq,
        "h3": server.h3, "ca": server.ca(),
    });
    let mut out = std::io::stdout().lock();
    writeln!(out, "{where_they_are}")?;
    out.flush()?;
    std::io::stdin().lock().read_to_end(&mut Vec::new()).map(drop)
}
