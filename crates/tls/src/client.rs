use std::fs::File;
use std::sync::{Arc, Mutex};

use rustls::client::{
    ClientConfig, ClientConnection, ClientSessionMemoryCache, ClientSessionStore, Resumption,
};
use rustls::pki_types::ServerName;

use crate::recorder::{Keys, Slot, Store};
use crate::{Examined, Facts, Recorder, TlsError, Verifier, describe};

/// A profile with its files read: what sessions with one server are made from.
#[derive(Clone, Debug)]
pub struct Client {
    pub(crate) config: Arc<ClientConfig>,
    pub(crate) verifier: Arc<Verifier>,
    pub(crate) name: ServerName<'static>,
    pub(crate) slot: Arc<Slot>,
    pub(crate) sessions: Option<Arc<dyn ClientSessionStore>>,
    pub(crate) key_file: Option<Arc<Mutex<File>>>,
}

/// A store of its own: a client is of one server, which sends a few tickets at a time.
pub(crate) fn sessions() -> Arc<dyn ClientSessionStore> {
    Arc::new(ClientSessionMemoryCache::new(8))
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
    pub fn config_for(&self, alpn: &[&[u8]], recorder: Option<&Recorder>) -> Arc<ClientConfig> {
        let mut config = ClientConfig::clone(&self.config);
        config.alpn_protocols = alpn.iter().map(|one| one.to_vec()).collect();
        if let Some(recorder) = recorder {
            let file = self.key_file.clone();
            config.key_log = Arc::new(Keys { recorder: Some(recorder.clone()), file });
            if let Some(shared) = self.sessions.clone() {
                let store = Store { shared, recorder: recorder.clone() };
                config.resumption = Resumption::store(Arc::new(store));
            }
        }
        Arc::new(config)
    }

    /// Who is told of what the verifier does from now on: the connection whose turn it is.
    pub fn watch(&self, recorder: Option<Recorder>) {
        self.slot.set(recorder);
    }

    /// The certificates seen last; `None` where none were.
    #[must_use]
    pub fn examined(&self) -> Option<Examined> {
        self.verifier.examined()
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
        let recorder = self.slot.get();
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
            chain: self.verifier.read(chain),
            signature: recorder.as_ref().and_then(Recorder::signature),
            asked: recorder.as_ref().and_then(Recorder::certificate_request),
            early: None,
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
            chain: self.verifier.read(chain),
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
