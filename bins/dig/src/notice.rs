//! What is told beside messages, in dig's words.

pub(crate) mod kind;

use std::fmt::Write as _;
use std::net::SocketAddr;

use wireline_cli::escape;
use wireline_dns::lookup::{Notice, Place, Server};

use crate::shown::opcode_text;

/// A line, and when it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Words {
    /// `;; …` on its own, in YAML an entry.
    Error(String),
    /// `;; …`, but not in YAML.
    Warning(String),
    /// `;; …`, but neither in YAML nor with `+nocomments`.
    Comment(String),
    /// As it is, but not in YAML.
    Plain(String),
    /// As it is.
    Always(String),
}

impl Words {
    /// Its first line, without what it begins with in text.
    pub(crate) fn text(&self) -> String {
        let (Error(text) | Warning(text) | Comment(text) | Plain(text) | Always(text)) = self;
        let first = text.lines().next().unwrap_or_default();
        first.trim_start_matches([';', ' ']).to_owned()
    }
}

use Words::{Always, Comment, Error, Plain, Warning};

/// An address as BIND writes it: `192.0.2.1#53`.
pub(crate) fn address(address: SocketAddr) -> String {
    format!("{}#{}", host(address), address.port())
}

/// An address without its port: `fe80::1%2`.
pub(crate) fn host(address: SocketAddr) -> String {
    match address {
        SocketAddr::V6(v6) if v6.scope_id() != 0 => format!("{}%{}", v6.ip(), v6.scope_id()),
        _ => address.ip().to_string(),
    }
}

/// What a notice says.
pub(crate) fn words(notice: &Notice) -> Words {
    match notice {
        Notice::CommunicationError { server, why } => {
            Warning(format!("communications error to {}: {why}", address(server.address)))
        }
        Notice::NoServers | Notice::NoConnection => Error("no servers could be reached".to_owned()),
        Notice::NoNsServers => Error("NS servers could not be reached".to_owned()),
        Notice::NoTransfersHere { why } => {
            let what = "zone transfers over the established TLS connection are not allowed";
            Error(format!("{what}: {why}"))
        }
        Notice::RootHints => Warning("Going on from the built-in root servers.".to_owned()),
        Notice::Truncated => Comment("Truncated, retrying in TCP mode.".to_owned()),
        Notice::ServFail { server, is_next } => {
            let next = if *is_next { ", trying next server" } else { "" };
            Comment(format!("Got SERVFAIL reply from {}{next}", host(server.address)))
        }
        Notice::BadVersion { version } => {
            Comment(format!("BADVERS, retrying with EDNS version {version}."))
        }
        Notice::BadCookie { over_tcp } => {
            let how = if *over_tcp { " in TCP mode" } else { "" };
            Comment(format!("BADCOOKIE, retrying{how}."))
        }
        Notice::TransferFailed => Always("; Transfer failed.\n".to_owned()),
        Notice::TransferWithoutSoa => {
            Always("; Transfer failed.  Didn't start with SOA answer.\n".to_owned())
        }
        Notice::NoAddress { name, why } => {
            Always(format!("couldn't get address for '{}': {why}\n", escape(name)))
        }
        Notice::BadPacket { octets, why } => {
            Plain(format!(";; Got bad packet: {why}\n{}", dump(octets)))
        }
        of_a_connection_or_a_message => Warning(
            connection(of_a_connection_or_a_message)
                .unwrap_or_else(|| message(of_a_connection_or_a_message)),
        ),
    }
}

/// What is told of connections.
fn connection(notice: &Notice) -> Option<String> {
    let to = |server: &Server, question: &str, why: &dyn std::fmt::Display| {
        let (address, host) = (address(server.address), host(server.address));
        format!("{address}({host}) for {} failed: {why}.", escape(question))
    };
    Some(match notice {
        Notice::ConnectionFailed { server, question, why } => {
            format!("Connection to {}", to(server, question, why))
        }
        Notice::UdpSetupFailed { server, question, why } => {
            format!("UDP setup with {}", to(server, question, why))
        }
        Notice::BadCertificate { server, why } => {
            let (address, why) = (address(server.address), escape(why));
            format!("TLS peer certificate verification for {address} failed: {why}")
        }
        Notice::NoTlsContext { why } => escape(why).into_owned(),
        Notice::MappedAddress { server } => {
            format!("Skipping mapped address '{}'", host(server.address))
        }
        Notice::NoAcceptableServers => "No acceptable nameservers".to_owned(),
        _ => return None,
    })
}

/// What is told of messages that are not taken, or not as they should be.
fn message(notice: &Notice) -> String {
    match notice {
        Notice::IdMismatch { expected, got, place } => {
            let how_bad = match place {
                Place::Datagram => "Warning",
                Place::Connection => "ERROR",
                Place::Transfer => "WARNING",
            };
            format!("{how_bad}: ID mismatch: expected ID {expected}, got {got}")
        }
        Notice::ShortMessage { over_connection: true } => {
            "ERROR: short (< header size) message".to_owned()
        }
        Notice::ShortMessage { over_connection: false } => {
            "Warning: short (< header size) message received".to_owned()
        }
        Notice::NotAResponse => "Warning: query response not set".to_owned(),
        Notice::OpcodeMismatch { expected, got } => {
            let (expected, got) = (opcode_text(*expected), opcode_text(*got));
            format!("Warning: Opcode mismatch: expected {expected}, got {got}")
        }
        Notice::QuestionMismatch { got } => {
            let name = got.name.to_string();
            let name = if got.name.is_root() { "." } else { name.trim_end_matches('.') };
            format!(";; Question section mismatch: got {name}/{}/{}", got.kind, got.class)
        }
        Notice::Malformed => "Warning: Message parser reports malformed message packet.".to_owned(),
        Notice::CookieMismatch => "Warning: Client COOKIE mismatch".to_owned(),
        Notice::CookieTooShort => "Warning: COOKIE bad token (too short)".to_owned(),
        Notice::NoOpt => "expected opt record in response".to_owned(),
        Notice::BadSignature { why } => format!("Couldn't verify signature: {why}"),
        Notice::BadReferral => "BAD REFERRAL".to_owned(),
        Notice::HorizontalReferral => "BAD (HORIZONTAL) REFERRAL".to_owned(),
        _ => String::new(),
    }
}

/// Octets in lines of sixteen, and beside them what of them can be printed.
fn dump(octets: &[u8]) -> String {
    let mut text = format!("{} bytes\n", octets.len());
    for row in octets.chunks(16) {
        for octet in row {
            let _ = write!(text, "{octet:02x} ");
        }
        let missing = 16 - row.len();
        let _ = write!(text, "{:1$}", "", missing * 3 + 9);
        let printed =
            |octet: &u8| if matches!(octet, b'!'..=b'}') { char::from(*octet) } else { '.' };
        text.extend(row.iter().map(printed));
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_stand_in_lines_of_sixteen() {
        let octets: Vec<_> = (0x1a..=0x2b).chain(*b"~}!").collect();
        let expected = "21 bytes\n\
            1a 1b 1c 1d 1e 1f 20 21 22 23 24 25 26 27 28 29          .......!\"#$%&'()\n\
            2a 2b 7e 7d 21                                           *+.}!\n";
        assert_eq!(dump(&octets), expected, "`~` is not printed");
        assert_eq!(dump(&[]), "0 bytes\n");
    }

    #[test]
    fn scope_of_an_address_is_a_number() {
        let scoped = "[fe80::1%2]:53".parse().unwrap();
        assert_eq!(address(scoped), "fe80::1%2#53");
        assert_eq!(address("192.0.2.1:5353".parse().unwrap()), "192.0.2.1#5353");
    }
}
