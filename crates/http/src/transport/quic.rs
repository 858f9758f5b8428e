//! HTTP/3's connections: QUIC's, raced over the addresses as TCP's are.

use std::net::SocketAddr;
use std::sync::Arc;

use quinn::ConnectionError;
use wireline_tls as tls;
use wireline_tls::rustls::{self, CertificateError, ClientConfig};

use crate::event::{Event, Medium};
use crate::failure::{Failure, Kind};
use crate::head::Version;
use crate::quic::{DOWNLOADS, config, endpoint, facts};
use crate::transport::open::Opening;
use crate::transport::race;
use crate::transport::socket::Miss;
use crate::transport::{Carrier, Connection, Key, Quic, tls as secure};

/// What all attempts share.
struct Dial<'a> {
    opening: &'a Opening<'a>,
    client: tls::Client,
    recorder: tls::Recorder,
    config: quinn::ClientConfig,
}

pub(super) async fn open(opening: &Opening<'_>, key: Key) -> Result<Connection, Failure> {
    let (host, port, addresses) = opening.addresses().await?;
    let tell = opening.tell;
    let client = opening.client(&opening.spec.tls, &opening.want.url.host)?;
    let recorder = secure::recorder(tell);
    let tls = client.config_for(&[b"h3"], Some(&recorder));
    let dial = Dial { opening, config: configured(tls, opening)?, client, recorder };
    dial.client.watch(Some(dial.recorder.clone()));
    let began = tell.now();
    let raced = race::run(opening.race(&addresses), |to| dial.connect(to), tell).await;
    dial.client.watch(None);
    secure::judged(&dial.client, dial.recorder.has_checked(), false, tell);
    for step in dial.recorder.take() {
        tell.event_at(step.at, &Event::Tls(step));
    }
    let (to, quic) = raced.map_err(|lost| opening.lost(lost, &host, port))?;
    let facts = facts(&quic.connection, &dial.client);
    let took = tell.now().saturating_sub(began);
    let connection = opening.state.number();
    let local = quic.endpoint.local_addr().ok();
    let (remote, medium, tcp_info) = (Some(to), Medium::Quic, Vec::new());
    tell.event(&Event::Connected { connection, medium, local, remote, tcp_info });
    tell.event(&Event::Secured { facts: Box::new(facts.clone()), took, is_proxy: false });
    Ok(Connection {
        number: connection,
        carrier: Carrier::Quic(quic),
        version: Version::Http3,
        tls: Some(facts),
        late: None,
        local,
        remote,
        proxy: None,
        is_absolute: false,
        connect_status: 0,
        key,
    })
}

fn configured(
    tls: Arc<ClientConfig>,
    opening: &Opening<'_>,
) -> Result<quinn::ClientConfig, Failure> {
    let mut tls = Arc::unwrap_or_clone(tls);
    tls.enable_early_data = opening.spec.tls.may_send_early;
    let made = config(Arc::new(tls), DOWNLOADS);
    made.map_err(|why| Failure::new(Kind::QuicConnect, format!("QUIC: {why}")))
}

impl Dial<'_> {
    async fn connect(&self, to: SocketAddr) -> Result<Quic, Miss> {
        let socket = self.opening.source.datagrams(to)?;
        let endpoint = endpoint(socket).map_err(Miss::Io)?;
        let name = self.client.name().to_str();
        let connecting = endpoint.connect_with(self.config.clone(), to, &name);
        let connecting = connecting.map_err(|why| failed(&why.to_string()))?;
        let connection = if self.opening.spec.tls.may_send_early {
            // With a session from before, the request goes with the first flight (RFC 9001 §4.6).
            match connecting.into_0rtt() {
                Ok((connection, _)) => Ok(connection),
                Err(connecting) => connecting.await,
            }
        } else {
            connecting.await
        };
        let connection = connection.map_err(|why| self.explain(&why))?;
        Ok(Quic { endpoint, connection })
    }

    fn explain(&self, why: &ConnectionError) -> Miss {
        match why {
            ConnectionError::TimedOut => Miss::Io(std::io::ErrorKind::TimedOut.into()),
            ConnectionError::TransportError(error) if is_disbelief(error.code) => {
                let error = CertificateError::ApplicationVerificationFailure;
                let error = std::io::Error::other(rustls::Error::InvalidCertificate(error));
                Miss::Final(secure::failed(&error, &self.client, &self.recorder))
            }
            other => failed(&other.to_string()),
        }
    }
}

fn failed(why: &str) -> Miss {
    Miss::Final(Failure::new(Kind::QuicConnect, format!("QUIC: {why}")))
}

/// Whether it is our own alert about a certificate: those from `bad_certificate` to `access_denied` (RFC 8446 §6, RFC 9001
/// §4.8).
fn is_disbelief(code: quinn::TransportErrorCode) -> bool {
    (0x100 + 42..=0x100 + 49).contains(&u64::from(code))
}
