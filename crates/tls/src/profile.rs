use std::fs::File;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use rustls::client::{ClientConfig, Resumption};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{DnsName, ServerName};
use rustls::sign::CertifiedKey;

use crate::client::{self, Client};
use crate::crypto;
use crate::files::{self, Authorities};
use crate::pin;
use crate::recorder::{Answerer, Keys, Slot};
use crate::verify::Asked;
use crate::{Error, Pin, Verifier};

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

impl Profile {
    /// Reads the files. `alpn` is what to offer, the best first; `server` is where it is.
    pub fn client(&self, alpn: &[&[u8]], server: IpAddr) -> Result<Client, Error> {
        self.client_of(alpn, server, Authorities::read(&self.trust)?.map(Arc::new))
    }

    pub(crate) fn client_of(
        &self,
        alpn: &[&[u8]],
        server: IpAddr,
        authorities: Option<Arc<Authorities>>,
    ) -> Result<Client, Error> {
        let slot = Arc::new(Slot::default());
        let verifier = Arc::new(self.verifier(authorities, &slot)?);
        let (name, sends_name) = self.server_name(server)?;
        let provider = crypto::provider(self)?;
        let answerer = Answerer { identity: self.identity(&provider)?, slot: Arc::clone(&slot) };
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&crypto::versions(self)?)
            .map_err(|_| Error::Versions)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::<Verifier>::clone(&verifier))
            .with_client_cert_resolver(Arc::new(answerer));
        config.alpn_protocols = alpn.iter().map(|one| one.to_vec()).collect();
        config.enable_sni = sends_name;
        let sessions = (!self.forgets).then(client::sessions);
        config.resumption = match &sessions {
            Some(sessions) => Resumption::store(Arc::clone(sessions)),
            None => Resumption::disabled(),
        };
        let key_file = self.key_log.as_deref().map(key_file).transpose()?;
        config.key_log = Arc::new(Keys { recorder: None, file: key_file.clone() });
        Ok(Client { config: Arc::new(config), verifier, name, slot, sessions, key_file })
    }

    fn verifier(
        &self,
        authorities: Option<Arc<Authorities>>,
        slot: &Arc<Slot>,
    ) -> Result<Verifier, Error> {
        let asked = Asked {
            name: self.name.as_deref().map(server_name).transpose()?,
            pins: self.pins.clone(),
            pinned: self.pinned_key.as_deref().map(pin::pinned).transpose()?,
            is_opportunistic: self.is_opportunistic,
        };
        Ok(Verifier::new(authorities, asked, Arc::clone(slot)))
    }

    fn identity(&self, provider: &CryptoProvider) -> Result<Option<Arc<CertifiedKey>>, Error> {
        let Some(identity) = &self.identity else { return Ok(None) };
        let chain = files::identity(&identity.certificate)?;
        let key = files::key(&identity.key)?;
        let certified = CertifiedKey::from_der(chain, key, provider);
        certified.map(Arc::new).map(Some).map_err(|why| Error::Identity(why.to_string()))
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

fn key_file(file: &Path) -> Result<Arc<Mutex<File>>, Error> {
    let opened = File::options().create(true).append(true).open(file);
    opened
        .map(|file| Arc::new(Mutex::new(file)))
        .map_err(|why| Error::KeyLog { file: file.to_owned(), why: files::errno_text(&why) })
}

fn server_name(name: &str) -> Result<ServerName<'static>, Error> {
    if let Ok(address) = name.parse::<IpAddr>() {
        return Ok(ServerName::IpAddress(address.into()));
    }
    let bare = name.strip_suffix('.').unwrap_or(name).to_owned();
    let name = DnsName::try_from(bare).map_err(|_| Error::BadName(name.to_owned()))?;
    Ok(ServerName::DnsName(name))
}
