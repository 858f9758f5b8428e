//! What a transfer is to be: what a person asked for, without the flags' names.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use wireline_tls as tls;

use crate::multipart::Form;
use crate::url::Url;

/// Everything about a transfer but its URL. Shared by many.
#[derive(Clone, Debug, Default)]
pub struct Spec {
    /// What is asked.
    pub request: RequestSpec,
    /// Who asks.
    pub credentials: Credentials,
    /// How the server is reached.
    pub connect: ConnectSpec,
    /// What is asked of its certificate. `name` and `sni` are filled in for each server.
    pub tls: tls::Profile,
    /// Which versions.
    pub versions: Versions,
    /// Where redirects may lead.
    pub redirects: Redirects,
    /// How often all of it is tried.
    pub retry: Retry,
    /// How long and how much.
    pub limits: Limits,
}

/// What is asked.
#[derive(Clone, Debug, Default)]
pub struct RequestSpec {
    /// Instead of the method that follows from the rest (`-X`).
    pub method: Option<String>,
    /// Without a body in the response (`-I`).
    pub is_head: bool,
    /// What is sent.
    pub body: Body,
    /// Fields that are added, put in place of ours, or left out (`-H`).
    pub fields: Vec<FieldEdit>,
    /// User-Agent; `None` leaves it out.
    pub agent: Option<String>,
    /// Referer, and whether each redirect's is the URL before it (`;auto`).
    pub referer: Option<String>,
    /// See `referer`.
    pub is_referer_automatic: bool,
    /// Range: `0-499`, without the unit.
    pub range: Option<String>,
    /// Go on from this octet (`-C`).
    pub resume_from: u64,
    /// Content codings are offered and undone (`--compressed`).
    pub compressed: bool,
    /// Transfer codings are offered and undone (`--tr-encoding`).
    pub transfer_encoding: bool,
    /// Bodies as they are on the wire, with all their codings (`--raw`).
    pub raw: bool,
    /// Of the response's Content-Length nothing is believed.
    pub ignore_content_length: bool,
    /// Responses without a head are taken.
    pub allow_http09: bool,
    /// The target in the request line, instead of the URL's path.
    pub target: Option<String>,
    /// `If-Modified-Since`, or `If-Unmodified-Since` where the bool is true; seconds since 1970.
    pub time_condition: Option<(i64, bool)>,
    /// How long to wait for 100 (Continue); `None` for curl's one second.
    pub expect_timeout: Option<Duration>,
    /// Statuses of 400 and more are failures.
    pub fail: Fail,
}

/// What becomes of statuses of 400 and more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fail {
    /// They are responses as any other.
    #[default]
    No,
    /// A failure, without their body (`-f`).
    WithoutBody,
    /// A failure, behind their body (`--fail-with-body`).
    WithBody,
}

/// A field that a person gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldEdit {
    /// `Name: value`; replaces ours of that name.
    Set(Vec<u8>, Vec<u8>),
    /// `Name;`: without value.
    Empty(Vec<u8>),
    /// `Name:`: ours of that name is left out.
    Remove(Vec<u8>),
}

/// What is sent behind the head.
#[derive(Clone, Debug, Default)]
pub enum Body {
    /// Nothing.
    #[default]
    None,
    /// These octets, with POST; `None` for no Content-Type of ours.
    Octets(bytes::Bytes, Option<&'static str>),
    /// A form of parts, with POST.
    Form(Form),
    /// A file (`-` for stdin), with PUT.
    Upload(Upload),
}

/// A file that is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Which; `-` for stdin, `.` for stdin that may have nothing to say yet.
    pub path: PathBuf,
}

/// Who asks.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    /// `user`, `password`.
    pub login: Option<(String, String)>,
    /// How they are shown.
    pub schemes: AuthSchemes,
    /// A bearer's token.
    pub bearer: Option<String>,
    /// From a file (`-n`), and whether that must be there.
    pub netrc: Option<Netrc>,
    /// They go to whatever host a redirect leads to (`--location-trusted`).
    pub go_anywhere: bool,
    /// Cookies that a person gave (`-b name=value`), sent with each request as they are.
    pub cookies: Vec<String>,
}

/// How name and password are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AuthSchemes {
    /// Basic, at once.
    #[default]
    Basic,
    /// Digest, once a server asks.
    Digest,
    /// The best that a server asks for.
    Any,
}

/// A file of logins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Netrc {
    /// Which; `None` for `~/.netrc`.
    pub path: Option<PathBuf>,
    /// What the URL says comes first (`--netrc-optional`).
    pub is_optional: bool,
}

/// Which versions of HTTP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Versions {
    /// 2 over TLS where the server agrees, else 1.1.
    #[default]
    Usual,
    /// 1.0.
    Http10,
    /// 1.1.
    Http11,
    /// 2; in the clear by an upgrade, which servers may pass over.
    Http2,
    /// 2, known beforehand.
    Http2PriorKnowledge,
    /// 3, or what else there is, whichever is there first.
    Http3,
    /// 3 and nothing else.
    Http3Only,
}

/// How a server is reached.
#[derive(Clone, Debug, Default)]
pub struct ConnectSpec {
    /// Addresses of which family.
    pub family: Family,
    /// Answers for names, instead of a server's (`--resolve`), in order.
    pub overrides: Vec<Override>,
    /// Other places for a host and port (`--connect-to`), in order.
    pub elsewhere: Vec<Elsewhere>,
    /// A Unix socket instead of TCP; `@` first for the abstract namespace.
    pub unix_socket: Option<String>,
    /// An interface, address or host name of ours (`--interface`, with its `if!` and `host!`).
    pub interface: Option<String>,
    /// Ports of ours, first and last.
    pub local_ports: Option<(u16, u16)>,
    /// Name servers that are asked, instead of the system's.
    pub name_servers: Vec<SocketAddr>,
    /// A DNS-over-HTTPS server that is asked, instead of the system's.
    pub doh: Option<String>,
    /// Who does so: this crate knows no DNS message. Without, `name_servers` and `doh` are refused.
    pub asker: Option<Asker>,
    /// Head start of IPv6 (RFC 8305 §5).
    pub happy_eyeballs: Option<Duration>,
    /// Nagle's algorithm stays on (`--no-tcp-nodelay`).
    pub is_nagle: bool,
    /// TCP Fast Open.
    pub fast_open: bool,
    /// Idle and interval of keep-alive probes; `None` for the usual 60 s, `Some(None)` for none.
    pub keep_alive: Option<Option<Duration>>,
    /// The line of the PROXY protocol, version 1, is sent first; with this address where it is given.
    pub haproxy: Option<Option<IpAddr>>,
    /// A proxy for everything, and none.
    pub proxy: ProxyChoice,
    /// A proxy is asked for a tunnel in any case (`-p`).
    pub tunnels: bool,
    /// CONNECT in HTTP/1.0.
    pub is_proxy10: bool,
    /// Fields for the proxy.
    pub proxy_fields: Vec<FieldEdit>,
    /// Login for the proxy.
    pub proxy_login: Option<(String, String)>,
    /// How that is shown.
    pub proxy_schemes: AuthSchemes,
    /// What is asked of the proxy's certificate.
    pub proxy_tls: tls::Profile,
}

/// Somebody who knows names, and is asked instead of the system: in a thread of its own, in which it may wait.
#[derive(Clone)]
pub struct Asker(pub std::sync::Arc<AskFn>);

/// A name's addresses and who said so, or why there are none.
pub type AskFn =
    dyn Fn(&str, Family) -> Result<(Vec<IpAddr>, crate::event::NameSource), String> + Send + Sync;

impl std::fmt::Debug for Asker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Asker")
    }
}

/// Addresses of which family.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Family {
    /// Both.
    #[default]
    Any,
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

/// An answer that a person gave: `[+-]host:port:address[,address]...`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// `*` for all.
    pub host: String,
    /// Of the URL.
    pub port: u16,
    /// None: a removal (`-`).
    pub addresses: Vec<IpAddr>,
}

/// Another place: `host:port:to_host:to_port`, any of which may be empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    /// Of the URL; `None` for any.
    pub host: Option<String>,
    /// Of the URL; `None` for any.
    pub port: Option<u16>,
    /// Instead; `None` for the URL's.
    pub to_host: Option<String>,
    /// Instead; `None` for the URL's.
    pub to_port: Option<u16>,
}

/// Which proxy.
#[derive(Clone, Debug, Default)]
pub struct ProxyChoice {
    /// This one (`-x`, `--socks5`), its scheme being one of http, https, socks4, socks4a, socks5, socks5h. Empty: none,
    /// whatever the environment says.
    pub all: Option<String>,
    /// By scheme of the URL, from the environment (`http_proxy`, `HTTPS_PROXY`, `ALL_PROXY`).
    pub http: Option<String>,
    /// As `http`.
    pub https: Option<String>,
    /// Hosts that are reached without (`NO_PROXY`, `--noproxy`): names, suffixes, addresses, CIDR blocks, `*`.
    pub except: Vec<String>,
}

/// Where redirects may lead.
#[derive(Clone, Debug)]
pub struct Redirects {
    /// Whether they are followed (`-L`).
    pub follow: bool,
    /// How many; `None` for any number.
    pub most: Option<u32>,
    /// POST stays POST after 301, 302, 303.
    pub keeps_post: [bool; 3],
    /// The method of `-X` is kept by every redirect (`-L -X`), or as the status says (`--follow`).
    pub keeps_method: bool,
    /// Schemes of URLs that are asked for (`--proto`).
    pub schemes: Vec<String>,
    /// Schemes that redirects may lead to (`--proto-redir`).
    pub redirect_schemes: Vec<String>,
    /// `..` in paths stays (`--path-as-is`).
    pub path_as_is: bool,
}

impl Default for Redirects {
    fn default() -> Self {
        let schemes = vec!["http".to_owned(), "https".to_owned()];
        Self {
            follow: false,
            most: Some(50),
            keeps_post: [false; 3],
            keeps_method: true,
            redirect_schemes: schemes.clone(),
            schemes,
            path_as_is: false,
        }
    }
}

/// How often all of it is tried.
#[derive(Clone, Debug, Default)]
pub struct Retry {
    /// Besides the first time.
    pub count: u32,
    /// Between; `None` for 1 s, doubled each time, up to ten minutes.
    pub delay: Option<Duration>,
    /// Since the beginning, none begins later than this.
    pub most: Option<Duration>,
    /// A refused connection is tried again.
    pub on_refused: bool,
    /// Every failure is tried again.
    pub on_all: bool,
}

/// How long and how much.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    /// For name, connection and TLS; `None` for five minutes.
    pub connect: Option<Duration>,
    /// For all of it.
    pub total: Option<Duration>,
    /// Fewer octets a second than the first, for the second: too slow.
    pub slow: Option<(u64, Duration)>,
    /// Octets a second, received.
    pub receive_rate: Option<u64>,
    /// Octets a second, sent.
    pub send_rate: Option<u64>,
    /// Octets of a body.
    pub file_size: Option<u64>,
}

/// Something to do.
pub struct Job {
    /// Where.
    pub url: Url,
    /// What.
    pub spec: std::sync::Arc<Spec>,
    /// For whom.
    pub observer: Box<dyn crate::observer::Observer>,
}
