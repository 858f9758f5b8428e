use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::client::{ClientConfig, ClientConnection};
use rustls::pki_types::{DnsName, ServerName};

use crate::facts::Certificate;
use crate::files::{self, Anchors};
use crate::{Error, Facts, Pin, TlsError, Verifier, describe};

/// Whose word is taken for who a server is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    /// Nobody's: whoever answers is right (opportunistic privacy, RFC 8310 §5).
    #[default]
    Nobody,
    /// The authorities that this system trusts.
    System,
    /// The authorities in these files, in PEM. A server's own certificate may be among them.
    Files(Vec<PathBuf>),
    /// As `Files`, and those in folders whose files are named by the hash of their subject, as openssl-rehash(1) does
    /// (`--capath`, `SSL_CERT_DIR`).
    Places {
        /// In PEM; each must be there.
        files: Vec<PathBuf>,
        /// Those that are not there have nothing in them.
        folders: Vec<PathBuf>,
    },
}

/// A version of TLS. The first two are not spoken here: they can only be asked for, and are refused in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// 1.0 (RFC 2246).
    Tls10,
    /// 1.1 (RFC 4346).
    Tls11,
    /// 1.2 (RFC 5246).
    Tls12,
    /// 1.3 (RFC 8446).
    Tls13,
}

/// Who we are, where a server asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// File of the certificate and what follows it in the chain, in PEM; or of the certificate alone, in DER.
    pub certificate: PathBuf,
    /// File of its key, in PEM or DER; may be the same file.
    pub key: PathBuf,
}

/// What is asked of a server before it is believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// Whose word is taken.
    pub trust: Trust,
    /// The DNS name or address that the certificate must be for, where somebody is trusted.
    pub name: Option<String>,
    /// Keys, one of which the chain must have; beside `trust`, where both are given.
    pub pins: Vec<Pin>,
    /// The server's own key, as curl's `--pinnedpubkey` has it: `sha256//BASE64[;sha256//BASE64…]`, or a file that has a
    /// public key or a certificate, in PEM or DER. Whoever is trusted, and even where nobody is, another is refused.
    pub pinned_key: Option<String>,
    /// Whether the session goes on with a server that is not believed, and only says so (`-k`; the fault is in
    /// [`Verified::fault`](crate::Verified)).
    pub is_opportunistic: bool,
    /// The name sent in the clear (SNI, RFC 6066 §3); `name` where that is a DNS name and this is
    /// `None`.
    pub sni: Option<String>,
    /// Who we are.
    pub identity: Option<Identity>,
    /// Not below this (`--tlsv1.x`).
    pub lowest: Option<Version>,
    /// Not above this (`--tls-max`).
    pub highest: Option<Version>,
    /// Cipher suites up to TLS 1.2, by OpenSSL's or IANA's names, separated by colons, commas or blanks, best first
    /// (`--ciphers`). Those that are not there are passed over, as OpenSSL does; where none is left that is an error.
    pub ciphers: Option<String>,
    /// As `ciphers`, of TLS 1.3 (`--tls13-ciphers`).
    pub ciphers13: Option<String>,
    /// Groups of the key exchange, by OpenSSL's or IANA's names, separated by colons, best first (`--curves`).
    pub groups: Option<String>,
    /// Keys are appended to this file, in NSS's format (`SSLKEYLOGFILE`).
    pub key_log: Option<PathBuf>,
    /// Sessions are not resumed (`--no-sessionid`).
    pub forgets: bool,
    /// The request may be sent with the first flight of a resumed session (RFC 8446 §2.3; `--tls-earlydata`). Whoever
    /// records that can play it again.
    pub may_send_early: bool,
}

/// A profile with its files read: what sessions with one server are made from.
#[derive(Clone, Debug)]
pub struct Client {
    config: Arc<ClientConfig>,
    verifier: Arc<Verifier>,
    name: ServerName<'static>,
}

impl Profile {
    /// Reads the files. `alpn` is what to offer, the best first; `server` is where it is.
    pub fn client(&self, alpn: &[&[u8]], server: IpAddr) -> Result<Client, Error> {
        let anchors = match &self.trust {
            Trust::Nobody => None,
            Trust::System => Some(files::system_anchors()?),
            Trust::Files(files) => Some(files::listed_anchors(files)?),
            Trust::Places { files, folders } => Some(files::placed_anchors(files, folders)?),
        };
        let verifier = Arc::new(self.verifier(anchors)?);
        let (name, sends_name) = self.server_name(server)?;
        let mut config = self.config(&verifier)?;
        config.alpn_protocols = alpn.iter().map(|one| one.to_vec()).collect();
        config.enable_sni = sends_name;
        Ok(Client { config: Arc::new(config), verifier, name })
    }

    fn verifier(&self, anchors: Option<Anchors>) -> Result<Verifier, Error> {
        let name = self.name.as_deref().map(server_name).transpose()?;
        Ok(Verifier::new(anchors, name, self.pins.clone(), self.is_opportunistic))
    }

    fn config(&self, verifier: &Arc<Verifier>) -> Result<ClientConfig, Error> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|why| Error::Identity(why.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::<Verifier>::clone(verifier));
        let Some(identity) = &self.identity else { return Ok(builder.with_no_client_auth()) };
        let chain = files::certificates(&identity.certificate)?;
        let key = files::key(&identity.key)?;
        builder.with_client_auth_cert(chain, key).map_err(|why| Error::Identity(why.to_string()))
    }

    /// What rustls is told, and whether the server is.
    fn server_name(&self, server: IpAddr) -> Result<(ServerName<'static>, bool), Error> {
        let said = self.sni.as_deref().or(self.name.as_deref()).map(server_name).transpose()?;
        match said {
            Some(name @ ServerName::DnsName(_)) => Ok((name, true)),
            _ => Ok((ServerName::IpAddress(server.into()), false)),
        }
    }
}

fn server_name(name: &str) -> Result<ServerName<'static>, Error> {
    if let Ok(address) = name.parse::<IpAddr>() {
        return Ok(ServerName::IpAddress(address.into()));
    }
    let bare = name.strip_suffix('.').unwrap_or(name).to_owned();
    let name = DnsName::try_from(bare).map_err(|_| Error::BadName(name.to_owned()))?;
    Ok(ServerName::DnsName(name))
}

impl Client {
    /// A session that has yet to begin.
    pub fn session(&self) -> Result<ClientConnection, TlsError> {
        ClientConnection::new(Arc::clone(&self.config), self.name.clone())
            .map_err(|why| TlsError::Protocol(describe(&why)))
    }

    /// For those who begin sessions otherwise, as QUIC does.
    #[must_use]
    pub fn config(&self) -> &Arc<ClientConfig> {
        &self.config
    }

    /// For one connection: what to offer, the best first, and who is told of it.
    #[must_use]
    pub fn config_for(
        &self,
        alpn: &[&[u8]],
        _recorder: Option<&crate::Recorder>,
    ) -> Arc<ClientConfig> {
        let mut config = ClientConfig::clone(&self.config);
        config.alpn_protocols = alpn.iter().map(|one| one.to_vec()).collect();
        Arc::new(config)
    }

    /// Who is told of what the verifier does from now on: the connection whose turn it is.
    pub fn watch(&self, _recorder: Option<crate::Recorder>) {}

    /// What is wrong with the certificate seen last, looked at from all sides; `None` where none was seen.
    #[must_use]
    pub fn diagnosis(&self) -> Option<crate::Diagnosis> {
        None
    }

    /// The name to begin one with.
    #[must_use]
    pub fn name(&self) -> &ServerName<'static> {
        &self.name
    }

    /// What TLS says of a session that failed; what is wrong with the certificate, where that is why.
    #[must_use]
    pub fn explain(&self, error: &rustls::Error) -> TlsError {
        match error {
            rustls::Error::InvalidCertificate(_) => {
                self.fault().unwrap_or_else(|| TlsError::Protocol(describe(error)))
            }
            other => TlsError::Protocol(describe(other)),
        }
    }

    /// What was wrong with the certificate seen last.
    #[must_use]
    pub fn fault(&self) -> Option<TlsError> {
        self.verifier.fault().map(|fault| TlsError::Certificate(Box::new(fault)))
    }

    /// What is known of a session after its handshake.
    #[must_use]
    pub fn facts(&self, session: &rustls::CommonState) -> Facts {
        let chain = session.peer_certificates().unwrap_or_default();
        let group = session.negotiated_key_exchange_group();
        let suite = session.negotiated_cipher_suite();
        Facts {
            version: session.protocol_version().and_then(|one| one.as_str()).map(version),
            cipher: suite.and_then(|one| one.suite().as_str()).map(cipher),
            group: group.and_then(|one| one.name().as_str().map(str::to_owned)),
            alpn: session.alpn_protocol().map(|one| String::from_utf8_lossy(one).into_owned()),
            kind: session.handshake_kind().map(|kind| match kind {
                rustls::HandshakeKind::Full => "Full",
                rustls::HandshakeKind::FullWithHelloRetryRequest => "FullWithHelloRetryRequest",
                rustls::HandshakeKind::Resumed => "Resumed",
            }),
            verified: self.verifier.verified(),
            chain: chain.iter().map(Certificate::read).collect(),
            ..Facts::default()
        }
    }

    /// As [`Client::facts`], where the session is under QUIC and tells less.
    #[must_use]
    pub fn facts_of(
        &self,
        chain: &[rustls::pki_types::CertificateDer<'_>],
        alpn: Option<Vec<u8>>,
    ) -> Facts {
        Facts {
            version: Some("TLSv1.3".to_owned()),
            alpn: alpn.map(|one| String::from_utf8_lossy(&one).into_owned()),
            verified: self.verifier.verified(),
            chain: chain.iter().map(Certificate::read).collect(),
            ..Facts::default()
        }
    }
}

/// `TLSv1_3` with a dot, as everybody writes it.
fn version(name: &str) -> String {
    name.replace('_', ".")
}

/// Without the version that rustls puts into it: `TLS_AES_256_GCM_SHA384`.
fn cipher(name: &str) -> String {
    name.replacen("TLS13_", "TLS_", 1)
}
