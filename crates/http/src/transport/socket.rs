//! Sockets, and what a person chose about them.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::AsFd;
use std::os::linux::net::SocketAddrExt;
use std::time::Duration;

use socket2::{Domain, Protocol, SockAddr, Socket, TcpKeepalive, Type};
use tokio::net::{TcpSocket, TcpStream, UnixStream};

use crate::failure::{Failure, Kind};
use crate::spec::{ConnectSpec, Family};
use crate::transport::resolve;

/// Between probes, and before the first (curl's).
const KEEP_ALIVE: Duration = Duration::from_secs(60);
/// Probes without answer until the other side is taken for dead.
const PROBES: u32 = 9;

/// Where connections begin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Source {
    device: Option<String>,
    v4: Option<IpAddr>,
    v6: Option<IpAddr>,
    ports: Option<(u16, u16)>,
    /// As it was asked for.
    asked: String,
}

/// Why there is no connection to one address.
#[derive(Debug)]
pub(crate) enum Miss {
    /// It was tried.
    Io(io::Error),
    /// Another address would not do better: our own end cannot be what was asked for, say.
    Final(Failure),
}

impl Source {
    /// What `--interface` and `--local-port` come to; a host name in it is looked up.
    pub(crate) async fn of(spec: &ConnectSpec) -> Result<Self, Failure> {
        let mut source = Self { ports: spec.local_ports, ..Self::default() };
        let Some(asked) = &spec.interface else { return Ok(source) };
        asked.clone_into(&mut source.asked);
        let (device, host) = words(asked);
        source.device = device.map(str::to_owned);
        if let Some(host) = host {
            source.look_up(host, device.is_none() && !asked.starts_with("host!")).await?;
        }
        Ok(source)
    }

    /// `host` is an address, an interface where that is not excluded, or a name.
    async fn look_up(&mut self, host: &str, may_be_device: bool) -> Result<(), Failure> {
        if let Ok(address) = host.trim_matches(['[', ']']).parse::<IpAddr>() {
            self.add(address);
            return Ok(());
        }
        if may_be_device && is_interface(host) {
            self.device = Some(host.to_owned());
            return Ok(());
        }
        let found = resolve::ask_system(host, Family::Any).await;
        let found = found.map(|(found, _)| found).unwrap_or_default();
        if found.is_empty() {
            return Err(unbindable(host, &io::Error::from_raw_os_error(NO_DEVICE)));
        }
        for one in found {
            self.add(one);
        }
        Ok(())
    }

    fn add(&mut self, address: IpAddr) {
        let place = if address.is_ipv4() { &mut self.v4 } else { &mut self.v6 };
        place.get_or_insert(address);
    }

    /// Binds, where that was asked for.
    pub(crate) fn bind(&self, socket: &Socket, to: SocketAddr) -> Result<(), Miss> {
        if let Some(device) = &self.device {
            let bound = socket.bind_device(Some(device.as_bytes()));
            bound.map_err(|why| Miss::Final(unbindable_device(&self.asked, device, &why)))?;
        }
        let own = if to.is_ipv4() { self.v4 } else { self.v6 };
        if own.is_none() && self.v4.or(self.v6).is_some() {
            return Err(Miss::Io(io::ErrorKind::AddrNotAvailable.into()));
        }
        if self.is_any(to) {
            return Ok(());
        }
        bind_to(socket, own.unwrap_or(any(to)), self.ports).map_err(Miss::Final)
    }

    /// A socket for datagrams from there, for whoever is at `to`.
    pub(crate) fn datagrams(&self, to: SocketAddr) -> Result<std::net::UdpSocket, Miss> {
        let kind = Type::DGRAM.nonblocking().cloexec();
        let socket = Socket::new(Domain::for_address(to), kind, Some(Protocol::UDP));
        let socket = socket.map_err(Miss::Io)?;
        // As much as the kernel lets us have: a burst that does not fit is sent again.
        let _ = socket.set_recv_buffer_size(DATAGRAMS);
        self.bind(&socket, to)?;
        if self.is_any(to) {
            socket.bind(&SockAddr::from(SocketAddr::new(any(to), 0))).map_err(Miss::Io)?;
        }
        Ok(socket.into())
    }

    /// Whether no address and port of ours were asked for.
    fn is_any(&self, to: SocketAddr) -> bool {
        let own = if to.is_ipv4() { self.v4 } else { self.v6 };
        own.is_none() && self.ports.is_none()
    }
}

/// Of the same family.
fn any(to: SocketAddr) -> IpAddr {
    match to {
        SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    }
}

/// Datagrams that wait to be read. Octets.
const DATAGRAMS: usize = 2 << 20;

/// `ENODEV`, errno(3).
const NO_DEVICE: i32 = 19;

/// `if!NAME`, `host!NAME`, `ifhost!NAME!HOST`, or a word that may be either: a device and a host.
fn words(asked: &str) -> (Option<&str>, Option<&str>) {
    if let Some(device) = asked.strip_prefix("if!") {
        return (Some(device), None);
    }
    if let Some(host) = asked.strip_prefix("host!") {
        return (None, Some(host));
    }
    match asked.strip_prefix("ifhost!").and_then(|rest| rest.split_once('!')) {
        Some((device, host)) => (Some(device), Some(host)),
        None => (None, Some(asked)),
    }
}

fn is_interface(name: &str) -> bool {
    let is_plain = !name.is_empty() && !name.contains('/') && !name.starts_with('.');
    is_plain && std::path::Path::new("/sys/class/net").join(name).exists()
}

fn bind_to(socket: &Socket, own: IpAddr, ports: Option<(u16, u16)>) -> Result<(), Failure> {
    let (first, last) = ports.unwrap_or((0, 0));
    let mut why = None;
    for port in first..=last.max(first) {
        match socket.bind(&SockAddr::from(SocketAddr::new(own, port))) {
            Ok(()) => return Ok(()),
            Err(error) => why = Some(error),
        }
        if why.as_ref().map(io::Error::kind) == Some(io::ErrorKind::AddrNotAvailable) {
            break;
        }
    }
    let why = why.unwrap_or_else(|| io::ErrorKind::AddrInUse.into());
    let text = format!("bind failed with errno {}: {}", errno(&why), errno_text(&why));
    Err(Failure::new(Kind::Interface, text))
}

fn unbindable(what: &str, why: &io::Error) -> Failure {
    let text = format!("Couldn't bind to '{what}' with errno {}: {}", errno(why), errno_text(why));
    Failure::new(Kind::Interface, text)
}

fn unbindable_device(asked: &str, device: &str, why: &io::Error) -> Failure {
    if asked == device {
        return unbindable(device, why);
    }
    let (number, words) = (errno(why), errno_text(why));
    let text = format!("Couldn't bind to interface '{device}' with errno {number}: {words}");
    Failure::new(Kind::Interface, text)
}

fn errno(why: &io::Error) -> i32 {
    why.raw_os_error().unwrap_or(0)
}

/// What C says, without the number that Rust puts behind it.
pub(crate) fn errno_text(why: &io::Error) -> String {
    let text = why.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

/// Connects to one address. Whoever drops this gives up.
pub(crate) async fn connect(
    to: SocketAddr,
    source: &Source,
    spec: &ConnectSpec,
) -> Result<TcpStream, Miss> {
    let socket = Socket::new(
        Domain::for_address(to),
        Type::STREAM.nonblocking().cloexec(),
        Some(Protocol::TCP),
    );
    let socket = socket.map_err(Miss::Io)?;
    // What the kernel does not have of these, nobody misses.
    if !spec.is_nagle {
        let _ = socket.set_tcp_nodelay(true);
    }
    if let Some(idle) = spec.keep_alive.unwrap_or(Some(KEEP_ALIVE)) {
        let probes = TcpKeepalive::new().with_time(idle).with_interval(idle).with_retries(PROBES);
        let _ = socket.set_tcp_keepalive(&probes);
    }
    if spec.fast_open {
        let _ = wireline_net::open_fast(socket.as_fd());
    }
    source.bind(&socket, to)?;
    let socket = TcpSocket::from_std_stream(socket.into());
    socket.connect(to).await.map_err(Miss::Io)
}

/// Connects to a Unix socket: a path, or a name in the abstract namespace behind `@` (unix(7)).
pub(crate) async fn connect_unix(path: &str) -> io::Result<UnixStream> {
    let Some(name) = path.strip_prefix('@') else { return UnixStream::connect(path).await };
    let address = std::os::unix::net::SocketAddr::from_abstract_name(name)?;
    let stream = std::os::unix::net::UnixStream::connect_addr(&address)?;
    stream.set_nonblocking(true)?;
    UnixStream::from_std(stream)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::told::run;

    fn spec(interface: &str) -> ConnectSpec {
        ConnectSpec { interface: Some(interface.to_owned()), ..ConnectSpec::default() }
    }

    async fn local_of(spec: &ConnectSpec, to: SocketAddr) -> Result<SocketAddr, Miss> {
        let source = Source::of(spec).await.map_err(Miss::Final)?;
        connect(to, &source, spec).await.map(|stream| stream.local_addr().unwrap())
    }

    #[test]
    fn interfaces_and_hosts_are_told_apart() {
        assert_eq!(words("if!eth0"), (Some("eth0"), None));
        assert_eq!(words("host!a.example"), (None, Some("a.example")));
        assert_eq!(words("ifhost!eth0!192.0.2.1"), (Some("eth0"), Some("192.0.2.1")));
        assert_eq!(words("eth0"), (None, Some("eth0")));
        assert_eq!(words("ifhost!eth0"), (None, Some("ifhost!eth0")));
    }

    #[test]
    fn connection_leaves_from_the_address_that_was_asked_for() {
        run(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let to = listener.local_addr().unwrap();
            for asked in ["127.0.0.9", "host!127.0.0.9", "ifhost!lo!127.0.0.9"] {
                let local = local_of(&spec(asked), to).await.unwrap();
                assert_eq!(local.ip(), IpAddr::from([127, 0, 0, 9]), "{asked}");
            }
            for asked in ["lo", "if!lo"] {
                assert!(local_of(&spec(asked), to).await.is_ok(), "{asked}");
            }
        });
    }

    #[test]
    fn source_that_is_not_there_is_an_interface_failure() {
        run(async {
            let to = "127.0.0.1:1".parse().unwrap();
            for (asked, text) in [
                ("nope0", "Couldn't bind to 'nope0' with errno 19: No such device"),
                ("if!nope", "Couldn't bind to interface 'nope' with errno 19: No such device"),
                ("192.0.2.9", "bind failed with errno 99: Cannot assign requested address"),
                ("../etc", "Couldn't bind to '../etc' with errno 19: No such device"),
            ] {
                let Err(Miss::Final(failure)) = local_of(&spec(asked), to).await else {
                    panic!("{asked} is not there")
                };
                assert_eq!(failure, Failure::new(Kind::Interface, text));
            }
        });
    }

    #[test]
    fn local_port_is_the_first_free_one_of_the_range() {
        run(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let taken = listener.local_addr().unwrap().port();
            let Some(next) = taken.checked_add(1) else { return };
            let mut spec = spec("127.0.0.1");
            spec.local_ports = Some((taken, taken.saturating_add(20)));
            let local = local_of(&spec, listener.local_addr().unwrap()).await.unwrap();
            assert!((next..=taken.saturating_add(20)).contains(&local.port()), "{local}");
            spec.local_ports = Some((taken, taken));
            let missed = local_of(&spec, listener.local_addr().unwrap()).await;
            assert!(matches!(missed, Err(Miss::Final(Failure { kind: Kind::Interface, .. }))));
        });
    }

    #[test]
    fn abstract_unix_socket_is_reached_by_its_name() {
        run(async {
            let name = format!("wireline-wire-{}", std::process::id());
            let address = std::os::unix::net::SocketAddr::from_abstract_name(&name).unwrap();
            let _listener = std::os::unix::net::UnixListener::bind_addr(&address).unwrap();
            assert!(connect_unix(&format!("@{name}")).await.is_ok());
            assert!(connect_unix("@wireline-nobody").await.is_err());
            assert!(connect_unix("/nonexistent/socket").await.is_err());
        });
    }
}
