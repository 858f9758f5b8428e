//! Notices in the words of `--json`, which stay as they are.

use wireline_dns::lookup::{Notice, Server};

/// Which it is.
pub(crate) const fn kind(notice: &Notice) -> &'static str {
    match notice {
        Notice::CommunicationError { .. } => "communication_error",
        Notice::NoServers => "no_servers",
        Notice::NoConnection => "no_connection",
        Notice::Truncated => "truncated",
        Notice::IdMismatch { .. } => "id_mismatch",
        Notice::ShortMessage { .. } => "short_message",
        Notice::NotAResponse => "not_a_response",
        Notice::OpcodeMismatch { .. } => "opcode_mismatch",
        Notice::QuestionMismatch { .. } => "question_mismatch",
        Notice::BadPacket { .. } => "bad_packet",
        Notice::Malformed => "malformed",
        Notice::ServFail { .. } => "servfail",
        Notice::BadVersion { .. } => "bad_version",
        Notice::BadCookie { .. } => "bad_cookie",
        Notice::CookieMismatch => "cookie_mismatch",
        Notice::CookieTooShort => "cookie_too_short",
        Notice::NoOpt => "no_opt",
        Notice::BadSignature { .. } => "bad_signature",
        Notice::TransferFailed => "transfer_failed",
        Notice::TransferWithoutSoa => "transfer_without_soa",
        Notice::ConnectionFailed { .. } => "connection_failed",
        Notice::UdpSetupFailed { .. } => "udp_setup_failed",
        Notice::BadCertificate { .. } => "bad_certificate",
        Notice::NoTlsContext { .. } => "no_tls_context",
        Notice::NoTransfersHere { .. } => "no_transfers_here",
        Notice::MappedAddress { .. } => "mapped_address",
        Notice::NoAcceptableServers => "no_acceptable_servers",
        Notice::BadReferral => "bad_referral",
        Notice::HorizontalReferral => "horizontal_referral",
        Notice::NoAddress { .. } => "no_address",
        Notice::NoNsServers => "no_ns_servers",
        Notice::RootHints => "root_hints",
    }
}

/// Which server it is about.
pub(crate) const fn server_of(notice: &Notice) -> Option<&Server> {
    match notice {
        Notice::CommunicationError { server, .. }
        | Notice::ServFail { server, .. }
        | Notice::ConnectionFailed { server, .. }
        | Notice::UdpSetupFailed { server, .. }
        | Notice::BadCertificate { server, .. }
        | Notice::MappedAddress { server } => Some(server),
        _ => None,
    }
}

/// The message that it is about, where that cannot be read.
pub(crate) fn octets(notice: &Notice) -> Option<&[u8]> {
    match notice {
        Notice::BadPacket { octets, .. } => Some(octets),
        _ => None,
    }
}
