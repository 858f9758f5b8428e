//! Why a transfer ended without what was asked for.

use std::fmt;

/// Why a transfer ended without what was asked for. curl has an exit code for each kind (libcurl-errors(3)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Which kind.
    pub kind: Kind,
    /// In words, without the tool's name. May have texts of the server's in it: escape before printing.
    pub text: String,
    /// What the kernel said of the connection, where it was that.
    pub cause: Option<std::io::ErrorKind>,
}

/// Kinds of failures; the numbers in brackets are curl's exit codes of today (8.x).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// (1) A scheme that is not spoken or not allowed; HTTP/0.9 that was not asked for.
    UnsupportedProtocol,
    /// (2) What was asked for cannot be begun: a file of certificates that is not there, flags that exclude each other.
    Setup,
    /// (3) A URL that is none.
    MalformedUrl,
    /// (5) The proxy's name was not found.
    ProxyName,
    /// (6) The server's name was not found.
    Name,
    /// (7) No connection: refused, unreachable; a proxy that says no to CONNECT.
    Connect,
    /// (8) A reply that is no HTTP.
    WeirdReply,
    /// (16) HTTP/2's framing is wrong.
    Http2,
    /// (18) The body ended before its end.
    Partial,
    /// (22) A status of 400 or more, with --fail.
    Status,
    /// (23) What came could not be written.
    Write,
    /// (26) What is to be sent could not be read.
    Read,
    /// (28) It took longer than it may.
    TimedOut,
    /// (33) The server does not resume.
    Range,
    /// (35) TLS's handshake failed.
    TlsHandshake,
    /// (42) Somebody in this program asked to end it.
    Aborted,
    /// (43) A call with arguments that make no sense.
    BadArgument,
    /// (45) The interface or local port cannot be used.
    Interface,
    /// (47) Redirected more often than is allowed.
    TooManyRedirects,
    /// (49) A --resolve or --connect-to that is none.
    OptionSyntax,
    /// (52) Nothing came at all.
    Empty,
    /// (55) Sending failed.
    Send,
    /// (56) Receiving failed.
    Receive,
    /// (58) The client's certificate or key.
    ClientCertificate,
    /// (59) No such cipher.
    Cipher,
    /// (60) The server's certificate is not believed.
    Verify,
    /// (61) A content or transfer coding that is not known or does not decode.
    Encoding,
    /// (63) Larger than --max-filesize.
    TooLarge,
    /// (65) What was to be sent again cannot be.
    Rewind,
    /// (67) The server did not take the name and password. Not from HTTP itself, whose 401 is a response.
    Login,
    /// (77) A file of authorities.
    CaFile,
    /// (90) The server's key is not the one that is pinned.
    Pin,
    /// (92) A stream of HTTP/2 was reset or is wrong.
    Http2Stream,
    /// (95) HTTP/3.
    Http3,
    /// (96) QUIC's handshake.
    QuicConnect,
    /// (97) The proxy (SOCKS) said no.
    Proxy,
    /// (98) The server wants a certificate of the client's.
    CertificateWanted,
    /// (100) A field, or a head, larger than is taken.
    TooLargeField,
}

impl Failure {
    /// Of this kind, in these words.
    pub fn new(kind: Kind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into(), cause: None }
    }

    /// Because of this.
    #[must_use]
    pub fn because(self, cause: std::io::ErrorKind) -> Self {
        Self { cause: Some(cause), ..self }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Failure {}
