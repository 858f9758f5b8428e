//! Options that begin with `+`: which words dig 9.18 takes for which.
//!
//! dig looks at the first letters, in small ones, and then takes any start of the whole name in whichever
//! case. So some starts are refused although only one option has them (`+sh`), and some are taken although
//! two have them (`+i`, `+cl`).

/// What an option is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plus {
    Aa,
    Ad,
    Additional,
    All,
    Answer,
    Authority,
    BadCookie,
    BestEffort,
    Bufsize,
    Cd,
    Class,
    Cmd,
    Co,
    Comments,
    Cookie,
    Crypto,
    Defname,
    Dns64Prefix,
    Dnssec,
    Domain,
    Edns,
    EdnsFlags,
    EdnsNegotiation,
    EdnsOpt,
    ExpandAaaa,
    Expire,
    Fail,
    FuzzTime,
    HeaderOnly,
    /// One of the six, without what follows `+no`: all the same then.
    NoHttp,
    Http {
        plain: bool,
        get: bool,
    },
    Identify,
    IdnIn,
    IdnOut,
    Ignore,
    Keepalive,
    KeepOpen,
    Multiline,
    Ndots,
    Nsid,
    NsSearch,
    OneSoa,
    Opcode,
    Padding,
    Qid,
    Qr,
    Question,
    Ra,
    Rd,
    Retry,
    RrComments,
    Search,
    Short,
    ShowBadCookie,
    ShowSearch,
    Split,
    Stats,
    Subnet,
    Tc,
    Tcp,
    Timeout,
    Tls,
    TlsCa,
    TlsCertFile,
    TlsHostname,
    TlsKeyFile,
    Trace,
    Tries,
    Ttl,
    TtlUnits,
    UnknownFormat,
    Yaml,
    Z,
    /// Without effect: what is said of it.
    Gone(&'static str),
    // What dig 9.18 does not have.
    Http3,
    MixedCase,
    Proxy,
    ProxyPlain,
    Quic,
    TlsPin,
    TlsSni,
    Validate,
    ZoneVersion,
}

/// Whether an option takes a value, and what that is, for completions and the manual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// It takes none.
    None,
    /// It may have one.
    Maybe(&'static str),
    /// It must have one.
    Must(&'static str),
}

/// An option by its names.
pub(crate) struct Row {
    /// What a word must begin with, in this case.
    head: &'static str,
    /// The word must be the start of one of these.
    pub names: &'static [&'static str],
    /// Whether it takes a value.
    pub value: Value,
    /// What it is about.
    pub plus: Plus,
}

impl Row {
    /// Whether there is a `no` form.
    pub(crate) const fn has_no(&self) -> bool {
        !matches!(
            self.plus,
            Plus::Bufsize
                | Plus::Domain
                | Plus::Ndots
                | Plus::Padding
                | Plus::Retry
                | Plus::Timeout
                | Plus::Tries
        )
    }
}

const fn row(head: &'static str, names: &'static [&'static str], plus: Plus) -> Row {
    Row { head, names, value: Value::None, plus }
}

const fn with(head: &'static str, names: &'static [&'static str], value: Value, plus: Plus) -> Row {
    Row { head, names, value, plus }
}

const HTTP: &[&str] =
    &["https", "https-get", "https-post", "http-plain", "http-plain-get", "http-plain-post"];

/// Those of dig 9.18, and the lengths to which they may be cut short.
pub(crate) const TABLE: &[Row] = &[
    row("aa", &["aaonly", "aaflag"], Plus::Aa),
    row("add", &["additional"], Plus::Additional),
    row("adf", &["adflag"], Plus::Ad),
    row("ad", &["ad"], Plus::Ad),
    row("al", &["all"], Plus::All),
    row("an", &["answer"], Plus::Answer),
    row("au", &["authority"], Plus::Authority),
    row("ba", &["badcookie"], Plus::BadCookie),
    row("be", &["besteffort"], Plus::BestEffort),
    with("bu", &["bufsize"], Value::Maybe("N"), Plus::Bufsize),
    row("cdf", &["cdflag"], Plus::Cd),
    row("cd", &["cd"], Plus::Cd),
    row("cl", &["class", "cl"], Plus::Class),
    row("cm", &["cmd"], Plus::Cmd),
    row("cof", &["coflag"], Plus::Co),
    row("co", &["co"], Plus::Co),
    row("com", &["comments"], Plus::Comments),
    with("coo", &["cookie"], Value::Maybe("HEX"), Plus::Cookie),
    row("cr", &["crypto"], Plus::Crypto),
    row("de", &["defname"], Plus::Defname),
    row("dns6", &["dns64prefix"], Plus::Dns64Prefix),
    row("dnss", &["dnssec"], Plus::Dnssec),
    row("do", &["do"], Plus::Dnssec),
    with("do", &["domain"], Value::Must("NAME"), Plus::Domain),
    row("ds", &["dscp"], Plus::Gone("+dscp option is obsolete and has no effect")),
    with("edns", &["edns"], Value::Maybe("N"), Plus::Edns),
    with("ednsf", &["ednsflags"], Value::Maybe("N"), Plus::EdnsFlags),
    row("ednsn", &["ednsnegotiation"], Plus::EdnsNegotiation),
    with("ednso", &["ednsopt"], Value::Must("CODE[:HEX]"), Plus::EdnsOpt),
    row("expa", &["expandaaaa"], Plus::ExpandAaaa),
    row("expi", &["expire"], Plus::Expire),
    row("fa", &["fail"], Plus::Fail),
    with("fu", &["fuzztime"], Value::Maybe("SECONDS"), Plus::FuzzTime),
    row("he", &["header-only"], Plus::HeaderOnly),
    with("https", &["https"], Value::Maybe("PATH"), Plus::Http { plain: false, get: false }),
    with("https-g", &["https-get"], Value::Maybe("PATH"), Plus::Http { plain: false, get: true }),
    with("https-", &["https-post"], Value::Maybe("PATH"), Plus::Http { plain: false, get: false }),
    with(
        "http-plain",
        &["http-plain"],
        Value::Maybe("PATH"),
        Plus::Http { plain: true, get: false },
    ),
    with(
        "http-plain-g",
        &["http-plain-get"],
        Value::Maybe("PATH"),
        Plus::Http { plain: true, get: true },
    ),
    with(
        "http-plain-",
        &["http-plain-post"],
        Value::Maybe("PATH"),
        Plus::Http { plain: true, get: false },
    ),
    row("ide", &["identify"], Plus::Identify),
    row("idni", &["idnin"], Plus::IdnIn),
    row("idno", &["idnout"], Plus::IdnOut),
    row("i", &["ignore"], Plus::Ignore),
    row("keepa", &["keepalive"], Plus::Keepalive),
    row("keepo", &["keepopen"], Plus::KeepOpen),
    row("ma", &["mapped"], Plus::Gone("+mapped option is deprecated")),
    row("mu", &["multiline"], Plus::Multiline),
    with("nd", &["ndots"], Value::Must("N"), Plus::Ndots),
    row("nsi", &["nsid"], Plus::Nsid),
    row("nss", &["nssearch"], Plus::NsSearch),
    row("on", &["onesoa"], Plus::OneSoa),
    with("op", &["opcode"], Value::Must("OPCODE"), Plus::Opcode),
    with("p", &["padding"], Value::Must("N"), Plus::Padding),
    with("qi", &["qid"], Value::Must("N"), Plus::Qid),
    row("qr", &["qr"], Plus::Qr),
    row("qu", &["question"], Plus::Question),
    row("ra", &["raflag"], Plus::Ra),
    row("rd", &["rdflag"], Plus::Rd),
    row("rec", &["recurse"], Plus::Rd),
    with("ret", &["retry", "retries"], Value::Must("N"), Plus::Retry),
    row("rr", &["rrcomments"], Plus::RrComments),
    row("se", &["search"], Plus::Search),
    row("shor", &["short"], Plus::Short),
    row("showb", &["showbadcookie"], Plus::ShowBadCookie),
    row("shows", &["showsearch"], Plus::ShowSearch),
    row("si", &["sigchase"], Plus::Gone("+sigchase option is deprecated")),
    with("sp", &["split"], Value::Maybe("N"), Plus::Split),
    row("st", &["stats"], Plus::Stats),
    with("su", &["subnet"], Value::Must("ADDRESS"), Plus::Subnet),
    row("tcf", &["tcflag"], Plus::Tc),
    row("tcp", &["tcp"], Plus::Tcp),
    with("ti", &["timeout"], Value::Must("SECONDS"), Plus::Timeout),
    row("tls", &["tls"], Plus::Tls),
    with("tls-ca", &["tls-ca"], Value::Maybe("FILE"), Plus::TlsCa),
    with("tls-ce", &["tls-certfile"], Value::Must("FILE"), Plus::TlsCertFile),
    with("tls-h", &["tls-hostname"], Value::Must("NAME"), Plus::TlsHostname),
    with("tls-k", &["tls-keyfile"], Value::Must("FILE"), Plus::TlsKeyFile),
    row("to", &["topdown"], Plus::Gone("+topdown option is deprecated")),
    row("tra", &["trace"], Plus::Trace),
    with("tri", &["tries"], Value::Must("N"), Plus::Tries),
    row("tru", &["trusted-key"], Plus::Gone("+trusted-key option is deprecated")),
    row("ttl", &["ttl"], Plus::Ttl),
    row("ttli", &["ttlid"], Plus::Ttl),
    row("ttlu", &["ttlunits"], Plus::TtlUnits),
    row("une", &["unexpected"], Plus::Gone("+unexpected option is deprecated")),
    row("unk", &["unknownformat"], Plus::UnknownFormat),
    row("v", &["vc"], Plus::Tcp),
    row("y", &["yaml"], Plus::Yaml),
    row("z", &["zflag"], Plus::Z),
];

/// Ours: taken whole only, so that no start of a word means anything else than it does to dig.
pub(crate) const BEYOND: &[Row] = &[
    row("0x20", &["0x20"], Plus::MixedCase),
    row("http3", &["http3"], Plus::Http3),
    with("proxy", &["proxy"], Value::Maybe("FROM-TO"), Plus::Proxy),
    with("proxy-plain", &["proxy-plain"], Value::Maybe("FROM-TO"), Plus::ProxyPlain),
    row("quic", &["quic"], Plus::Quic),
    with("tls-pin", &["tls-pin"], Value::Must("PIN"), Plus::TlsPin),
    with("tls-sni", &["tls-sni"], Value::Must("NAME"), Plus::TlsSni),
    with("validate", &["validate"], Value::Maybe("FILE"), Plus::Validate),
    row("zoneversion", &["zoneversion"], Plus::ZoneVersion),
];

/// A word behind `+`, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word<'a> {
    /// The name of the option, without `no`.
    pub name: &'a str,
    /// Whether there was no `no`.
    pub state: bool,
    /// Behind `=`, where there is something.
    pub value: Option<&'a str>,
    /// As far as dig repeats it when it makes no sense of it.
    pub shown: &'a str,
}

impl<'a> Word<'a> {
    /// `None` where nothing but `=` was found.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let rest = text.trim_start_matches('=');
        let (name, value) = match rest.split_once('=') {
            Some((name, value)) => (name, Some(value).filter(|value| !value.is_empty())),
            None => (rest, None),
        };
        let shown = &text[..text.len() - rest.len() + name.len()];
        let no = name.get(..2).filter(|no| no.eq_ignore_ascii_case("no"));
        let name = if no.is_some() { &name[2..] } else { name };
        (!rest.is_empty()).then_some(Self { name, state: no.is_none(), value, shown })
    }

    /// What it is about.
    pub(crate) fn find(&self) -> Option<Plus> {
        if self.name.starts_with("ht") && is_start(self.name, HTTP) {
            return if self.state { http(self.name) } else { Some(Plus::NoHttp) };
        }
        let of_dig = |row: &&Row| self.name.starts_with(row.head) && is_start(self.name, row.names);
        let ours = |row: &&Row| row.head == self.name;
        let found = TABLE.iter().find(of_dig).or_else(|| BEYOND.iter().find(ours));
        found.map(|row| row.plus)
    }
}

/// Which of the six a start of them is: dig looks at single letters, and takes POST for what is not `g`.
fn http(name: &str) -> Option<Plus> {
    let octets = name.as_bytes();
    let is_plain = octets.get(4) == Some(&b'-');
    let end = if is_plain { 10 } else { 5 };
    match octets.get(end..)? {
        [] | [b'-'] => Some(Plus::Http { plain: is_plain, get: false }),
        [b'-', letter, ..] => Some(Plus::Http { plain: is_plain, get: *letter == b'g' }),
        _ => None,
    }
}

fn is_start(word: &str, names: &[&str]) -> bool {
    names
        .iter()
        .any(|name| name.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(text: &str) -> Option<Plus> {
        Word::parse(text)?.find()
    }

    #[test]
    fn starts_mean_what_dig_takes_them_for() {
        for (text, plus) in [
            ("i", Some(Plus::Ignore)),
            ("p", None),
            ("cl", Some(Plus::Class)),
            ("co", Some(Plus::Co)),
            ("do", Some(Plus::Dnssec)),
            ("dom", Some(Plus::Domain)),
            ("ad", Some(Plus::Ad)),
            ("id", None),
            ("sho", None),
            ("shor", Some(Plus::Short)),
            ("sHort", None),
            ("shoRT", None),
            ("shorT", Some(Plus::Short)),
            ("NOshort", Some(Plus::Short)),
            ("ttl", Some(Plus::Ttl)),
            ("tt", None),
            ("shortx", None),
            ("noht", Some(Plus::NoHttp)),
            ("ht", None),
            ("htTPS", Some(Plus::Http { plain: false, get: false })),
            ("http-plain-", Some(Plus::Http { plain: true, get: false })),
            ("http-pl", None),
            ("tls-c", None),
            ("validat", None),
            ("validate", Some(Plus::Validate)),
        ] {
            assert_eq!(find(text).filter(|plus| *plus != Plus::Padding), plus, "+{text}");
        }
        assert_eq!(find("p"), Some(Plus::Padding));
    }

    #[test]
    fn whole_names_are_their_own() {
        for row in TABLE.iter().chain(BEYOND) {
            for name in row.names {
                assert_eq!(find(name), Some(row.plus), "+{name}");
            }
        }
    }
}
