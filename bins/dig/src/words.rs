//! What each `+` option does, in a few words: for `-h`, the manual and the completions.

use crate::plus::Plus;

/// Empty for those that do nothing any more.
pub(crate) fn what(plus: Plus) -> &'static str {
    of_message(plus).or_else(|| of_display(plus)).unwrap_or_else(|| of_way(plus))
}

fn of_message(plus: Plus) -> Option<&'static str> {
    Some(match plus {
        Plus::Aa => "set AA in the query",
        Plus::Ad => "set AD in the query [on]",
        Plus::Cd => "set CD in the query: no checking",
        Plus::Co => "set CO in the query: compact denial of existence",
        Plus::Ra => "set RA in the query",
        Plus::Rd => "set RD in the query: recursion [on]",
        Plus::Tc => "set TC in the query",
        Plus::Z => "set the reserved bit in the query",
        Plus::HeaderOnly => "send no question",
        Plus::Opcode => "opcode, by name or number",
        Plus::Qid => "ID of the query",
        Plus::MixedCase => "letters of the name in random case, wanted back so",
        Plus::Bufsize => "largest UDP message that is taken in [1232]",
        Plus::Cookie => "send a COOKIE [on]",
        Plus::Dnssec => "ask for DNSSEC records (DO)",
        Plus::Edns => "version of EDNS [0]",
        Plus::EdnsFlags => "flags of EDNS, without DO and CO",
        Plus::EdnsNegotiation => "ask again with the server's version of EDNS [on]",
        Plus::EdnsOpt => "send an EDNS option",
        Plus::Expire => "ask when the zone expires",
        Plus::Keepalive => "ask for a TCP keepalive time",
        Plus::Nsid => "ask which server of several it is",
        Plus::Padding => "pad the query to a multiple of so many octets",
        Plus::Subnet => "say for whom is asked: address[/prefix]",
        Plus::ZoneVersion => "ask for the version of the zone",
        Plus::FuzzTime => "time in signatures: seconds since 1970",
        _ => return None,
    })
}

fn of_display(plus: Plus) -> Option<&'static str> {
    Some(match plus {
        Plus::Additional => "show the additional section [on]",
        Plus::All => "show all sections, comments and statistics, or nothing",
        Plus::Answer => "show the answer section [on]",
        Plus::Authority => "show the authority section [on]",
        Plus::Class => "show classes [on]",
        Plus::Cmd => "show the command line [on]",
        Plus::Comments => "show header and titles [on]",
        Plus::Crypto => "show keys and signatures [on]",
        Plus::ExpandAaaa => "show all digits of AAAA",
        Plus::Identify => "say who answered, in short output",
        Plus::IdnOut => "show internationalized names [on a terminal]",
        Plus::Multiline => "show long records on several lines",
        Plus::OneSoa => "show the SOA of a transfer once",
        Plus::Qr => "show the query",
        Plus::Question => "show the question [on]",
        Plus::RrComments => "show comments behind records",
        Plus::Short => "show values and nothing else",
        Plus::ShowBadCookie => "show BADCOOKIE answers",
        Plus::Split => "length of pieces of hex and base64",
        Plus::Stats => "show times and sizes [on]",
        Plus::Ttl => "show times to live [on]",
        Plus::TtlUnits => "show times to live in weeks to seconds",
        Plus::UnknownFormat => "show values as RFC 3597 has them",
        Plus::Yaml => "show YAML",
        _ => return None,
    })
}

fn of_way(plus: Plus) -> &'static str {
    match plus {
        Plus::BadCookie => "ask again after BADCOOKIE [on]",
        Plus::BestEffort => "show malformed messages [on]",
        Plus::Defname | Plus::Search => "use the search list",
        Plus::Dns64Prefix => "show the DNS64 prefixes",
        Plus::Domain => "use this domain instead of the search list",
        Plus::Fail => "take SERVFAIL for an answer [on]",
        Plus::Http { plain: false, get: false } | Plus::NoHttp => "over HTTPS, by POST",
        Plus::Http { plain: false, .. } => "over HTTPS, by GET",
        Plus::Http { get: false, .. } => "over HTTP, by POST",
        Plus::Http { .. } => "over HTTP, by GET",
        Plus::Http3 => "over HTTP/3",
        Plus::IdnIn => "take internationalized names [on a terminal]",
        Plus::Ignore => "take truncated answers",
        Plus::KeepOpen => "use one connection for all queries",
        Plus::Ndots => "dots that make a name whole",
        Plus::NsSearch => "ask all servers of the zone for its SOA",
        Plus::Proxy => "PROXY header first: source[#port]-destination[#port]",
        Plus::ProxyPlain => "as +proxy, and before TLS begins",
        Plus::Quic => "over QUIC",
        Plus::Retry => "how often to ask again [2]",
        Plus::ShowSearch => "use the search list, and show what is tried",
        Plus::Tcp => "over TCP",
        Plus::Timeout => "seconds to wait [5]",
        Plus::Tls => "over TLS",
        Plus::TlsCa => "verify the server, by the authorities of a file",
        Plus::TlsCertFile => "own certificate",
        Plus::TlsHostname => "name that the server's certificate must have",
        Plus::TlsKeyFile => "key of the own certificate",
        Plus::TlsPin => "key that the server may have: SHA-256 in base64",
        Plus::TlsSni => "name to say in the handshake",
        Plus::Trace => "follow the delegations from the root",
        Plus::Tries => "how often to ask in all [3]",
        Plus::Validate => {
            "check the chain of DNSSEC, from the root's keys or the anchors of a file"
        }
        _ => "",
    }
}
