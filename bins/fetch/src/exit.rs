//! Exit codes: curl's of today (8.x; curl(1), EXIT CODES).

use wireline_cli::Exit;
use wireline_http::Kind;

/// What was asked for cannot be begun, or makes no sense.
pub(crate) const SETUP: Exit = Exit(2);

/// The code of a failure.
pub(crate) const fn of(kind: Kind) -> Exit {
    Exit(match kind {
        Kind::UnsupportedProtocol => 1,
        Kind::Setup => 2,
        Kind::MalformedUrl => 3,
        Kind::ProxyName => 5,
        Kind::Name => 6,
        Kind::Connect => 7,
        Kind::WeirdReply => 8,
        Kind::Http2 => 16,
        Kind::Partial => 18,
        Kind::Status => 22,
        Kind::Write => 23,
        Kind::Read => 26,
        Kind::TimedOut => 28,
        Kind::Range => 33,
        Kind::TlsHandshake => 35,
        Kind::Aborted => 42,
        Kind::BadArgument => 43,
        Kind::Interface => 45,
        Kind::TooManyRedirects => 47,
        Kind::OptionSyntax => 49,
        Kind::Empty => 52,
        Kind::Send => 55,
        Kind::ClientCertificate => 58,
        Kind::Cipher => 59,
        Kind::Verify => 60,
        Kind::Encoding => 61,
        Kind::TooLarge => 63,
        Kind::Rewind => 65,
        Kind::Login => 67,
        Kind::CaFile => 77,
        Kind::Pin => 90,
        Kind::Http2Stream => 92,
        Kind::Http3 => 95,
        Kind::QuicConnect => 96,
        Kind::Proxy => 97,
        Kind::CertificateWanted => 98,
        Kind::TooLargeField => 100,
        _ => 56,
    })
}
