use serde::Serialize;

use crate::{Certificate, Fault, Pin};

/// What a session is, once it is there.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Facts {
    /// `TLSv1.3` or `TLSv1.2`.
    pub version: Option<String>,
    /// The cipher suite, as IANA names it. Not known of QUIC.
    pub cipher: Option<String>,
    /// The group of the key exchange. Not known of QUIC.
    pub group: Option<String>,
    /// The protocol agreed upon (ALPN, RFC 7301).
    pub alpn: Option<String>,
    /// How the server signed the handshake, as IANA names it: `rsa_pss_rsae_sha256`. `None` where the session was resumed.
    #[serde(skip)]
    pub signature: Option<String>,
    /// `Full`, `FullWithHelloRetryRequest` or `Resumed`. Not known of QUIC.
    #[serde(skip)]
    pub kind: Option<&'static str>,
    /// Whether the server asked for a client's certificate, and what it takes.
    #[serde(skip)]
    pub asked: Option<Asked>,
    /// Whether early data were sent, and taken (RFC 8446 §2.3).
    #[serde(skip)]
    pub early: Option<bool>,
    /// Who was verified.
    pub verified: Verified,
    /// What the server sent, its own certificate first.
    pub chain: Vec<Certificate>,
}

/// What a server said when it asked for a client's certificate (RFC 8446 §4.3.2, RFC 5246 §7.4.4).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// Distinguished names of the authorities that it takes; none: any. A stranger's texts.
    pub authorities: Vec<String>,
    /// Schemes of signatures that it takes, as IANA names them.
    pub schemes: Vec<String>,
    /// Whether it got one.
    pub answered: bool,
}

/// Who was verified, and by what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// The name that the certificate is for, by an authority that is trusted.
    pub name: Option<String>,
    /// The pin that was met.
    pub pin: Option<Pin>,
    /// What is wrong, where that does not matter (opportunistic, RFC 8310 §5).
    #[serde(serialize_with = "as_text", skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
}

#[expect(clippy::ref_option, reason = "serde hands over a reference to the field")]
fn as_text<S: serde::Serializer>(fault: &Option<Fault>, s: S) -> Result<S::Ok, S::Error> {
    s.collect_str(fault.as_ref().expect("skipped where there is none"))
}

impl Verified {
    /// Whether nobody was: the session is private, but with whom is not known.
    #[must_use]
    pub const fn is_nobody(&self) -> bool {
        self.name.is_none() && self.pin.is_none()
    }
}

impl std::fmt::Display for Verified {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.name, &self.pin, &self.fault) {
            (Some(name), Some(_), _) => write!(f, "{name}, by authority and pin"),
            (Some(name), None, _) => write!(f, "{name}, by authority"),
            (None, Some(pin), _) => write!(f, "key {pin}, by pin"),
            (None, None, Some(fault)) => write!(f, "nobody: {fault}"),
            (None, None, None) => f.write_str("nobody"),
        }
    }
}
