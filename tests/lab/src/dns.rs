//! Name servers of a lab: zones, keys, and servers that misbehave on order.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use crate::{Background, Host, program};

/// One name server, to be started by [`Host::name_servers`].
///
/// ```
/// use wireline_lab::NameServer;
///
/// let server = NameServer::at("192.0.2.2:53")
///     .zone("example.", "@ SOA ns1 host 1 3600 900 86400 60\n@ NS ns1\nns1 A 192.0.2.2")
///     .key("key.", "hmac-sha256", "c2VjcmV0")
///     .hostile("evil.");
/// ```
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct NameServer {
    /// Where it listens, for datagrams and for connections.
    pub at: Vec<SocketAddr>,
    /// What it answers for. Of a zone that is there several times, the last is what is served, and
    /// those before it are its past: an IXFR is made of them.
    pub zones: Vec<ZoneText>,
    /// Keys of TSIG. Where there are any, a transfer must be signed by one.
    pub keys: Vec<Key>,
    /// Below this name, what the first label says is done: the words are in `wireline-dns`.
    pub hostile: Option<String>,
    /// Below the hostile name: a first label and what is sent for it behind the ID of the query.
    pub canned: BTreeMap<String, Vec<u8>>,
    /// What its NSID says (RFC 5001); without it there is none.
    pub nsid: Option<Vec<u8>>,
    /// It says RA, as a server that recurses does.
    pub recursive: bool,
    /// It takes no connections.
    pub udp_only: bool,
    /// It takes no datagrams.
    pub tcp_only: bool,
}

/// A zone, as text.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ZoneText {
    /// Its name, with the final dot.
    pub origin: String,
    /// Lines `name [ttl] [IN] type data`, as a master file has them: an owner is left out by a blank
    /// at the start, `;` begins a comment, `\# n hex` is data of any type.
    pub text: String,
}

/// A key of TSIG.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Key {
    /// Its name, with the final dot.
    pub name: String,
    /// `hmac-md5` to `hmac-sha512`.
    pub algorithm: String,
    /// The secret in base64.
    pub secret: String,
}

impl NameServer {
    /// A server at an address and a port that refuses everything.
    #[must_use]
    pub fn at(address: &str) -> Self {
        Self::default().also_at(address)
    }

    /// It listens there too.
    #[must_use]
    pub fn also_at(mut self, address: &str) -> Self {
        self.at.push(address.parse().expect("an address and a port"));
        self
    }

    /// It answers for this zone.
    #[must_use]
    pub fn zone(mut self, origin: &str, text: &str) -> Self {
        self.zones.push(ZoneText { origin: origin.to_owned(), text: text.to_owned() });
        self
    }

    /// It knows this key, and transfers nothing without one.
    #[must_use]
    pub fn key(mut self, name: &str, algorithm: &str, secret: &str) -> Self {
        let [name, algorithm, secret] = [name, algorithm, secret].map(str::to_owned);
        self.keys.push(Key { name, algorithm, secret });
        self
    }

    /// Below `origin` it does what the first label says.
    #[must_use]
    pub fn hostile(self, origin: &str) -> Self {
        Self { hostile: Some(origin.to_owned()), ..self }
    }

    /// It answers a question whose first label is `label`, below the hostile name, with these octets
    /// behind the query's ID.
    #[must_use]
    pub fn canned(mut self, label: &str, octets: &[u8]) -> Self {
        self.canned.insert(label.to_owned(), octets.to_vec());
        self
    }

    /// It has this NSID.
    #[must_use]
    pub fn nsid(self, nsid: &[u8]) -> Self {
        Self { nsid: Some(nsid.to_vec()), ..self }
    }

    /// It says that it recurses.
    #[must_use]
    pub fn recursive(self) -> Self {
        Self { recursive: true, ..self }
    }

    /// Connections to it are refused.
    #[must_use]
    pub fn udp_only(self) -> Self {
        Self { udp_only: true, ..self }
    }

    /// Its port is closed to datagrams.
    #[must_use]
    pub fn tcp_only(self) -> Self {
        Self { tcp_only: true, ..self }
    }
}

/// Running name servers, which end with this.
#[derive(Debug)]
pub struct NameServers {
    program: Background,
    log: NamedTempFile,
}

/// One message that came to a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Which server.
    pub server: SocketAddr,
    /// Who asked.
    pub from: SocketAddr,
    /// Whether it came by a connection.
    pub tcp: bool,
    /// All of it, without the length that goes before it in a connection.
    pub octets: Vec<u8>,
}

impl Host<'_> {
    /// Starts name servers on this host, and waits until they listen.
    #[must_use]
    pub fn name_servers(&self, servers: &[NameServer]) -> NameServers {
        let log = NamedTempFile::new().expect("a directory for temporary files");
        let file = log.path().to_str().expect("a path in UTF-8");
        let orders = serde_json::to_string(servers).expect("numbers and words");
        let mut program = self.spawn(program("wireline-dns"), [file]);
        let mut stdin = program.stdin().expect("a pipe");
        std::io::Write::write_all(&mut stdin, format!("{orders}\n").as_bytes()).expect("it reads");
        program.child().stdin = Some(stdin);
        let is_ready = program.line().as_deref() == Some("ready");
        assert!(is_ready, "{}", String::from_utf8_lossy(&program.output().stderr));
        NameServers { program, log }
    }
}

impl NameServers {
    /// What came to the servers so far, in that order.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        let log = fs::read_to_string(self.log.path()).expect("readable text");
        let whole = log.rsplit_once('\n').map_or("", |(whole, _)| whole);
        let line = |line| serde_json::from_str(line).expect("the lines of wireline-dns");
        whole.lines().map(line).collect()
    }

    /// The program's process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.program.pid()
    }
}
