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
}

/// Who we are, where a server asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// File of the certificate and what follows it in the chain, in PEM.
    pub certificate: PathBuf,
    /// File of its key, in PEM.
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
    /// Whether the session goes on with a server that is not believed, and only says so.
    pub is_opportunistic: bool,
    /// The name sent in the clear (SNI, RFC 6066 §3); `name` where that is a DNS name and this is
    /// `None`.
    pub sni: Option<String>,
    /// Who we are.
    pub identity: Option<Identity>,
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
            verified: self.verifier.verified(),
            chain: chain.iter().map(Certificate::read).collect(),
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
