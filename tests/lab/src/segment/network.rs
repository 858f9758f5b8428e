//! The two hosts of a segment, and the program that plays the others.

use std::io::{Read as _, Write as _};
use std::net::Ipv4Addr;
use std::process::ChildStdin;

use tempfile::NamedTempFile;

use super::{Claim, Flood, Heard, Order, Span, World};
use crate::{Background, Host, Lab, program};

/// The scanner's address, unless the world has another.
pub const SCANNER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
/// The scanner's link-layer address, of those for documentation (RFC 7042 §2.1.2).
pub const SCANNER_MAC: &str = "00:00:5e:00:53:01";
/// That of the kernel at the other end.
const PEER_MAC: &str = "00:00:5e:00:53:02";

/// A segment and who is on it, until this is dropped.
#[derive(Debug)]
pub struct Segment<'lab> {
    /// The host to scan from, on its `eth0`.
    pub scanner: Host<'lab>,
    /// The host at the other end, with a kernel that answers for some.
    pub peer: Host<'lab>,
    player: Option<Player>,
}

/// The program, and what it is told and tells.
#[derive(Debug)]
struct Player {
    program: Background,
    stdin: ChildStdin,
    log: NamedTempFile,
}

impl Lab {
    /// Hosts `scanner` and `peer`, a wire between them, and everybody else at its other end.
    #[must_use]
    pub fn segment(&self, world: &World) -> Segment<'_> {
        self.segment_named("scanner", "peer", world)
    }

    /// As [`Lab::segment`], for labs with more than one.
    #[must_use]
    pub fn segment_named(&self, scanner: &str, peer: &str, world: &World) -> Segment<'_> {
        let scanner = self.host(scanner);
        self.segment_at(&scanner, 0, peer, world)
    }

    /// One more segment of a scanner, at its interface `eth` and this number, 0 to 9. The link-layer address
    /// there is 00:00:5e:00:53:a1 and so on.
    #[must_use]
    pub fn segment_at<'lab>(
        &'lab self,
        scanner: &Host<'lab>,
        number: u8,
        peer: &str,
        world: &World,
    ) -> Segment<'lab> {
        let (scanner, peer) = (scanner.clone(), self.host(peer));
        for host in [&scanner, &peer] {
            let off = if world.has_ipv6 { "0" } else { "1" };
            host.sysctl("net.ipv6.conf.default.disable_ipv6", off);
        }
        let interface = format!("eth{number}");
        let mac =
            if number == 0 { SCANNER_MAC.to_owned() } else { format!("00:00:5e:00:53:a{number}") };
        self.join((scanner.name(), &interface), (peer.name(), "eth0"));
        scanner.sh(&format!("ip link set {interface} address {mac}"));
        peer.sh(&format!("ip link set eth0 address {PEER_MAC}"));
        set_up((&scanner, &interface), &peer, world);
        let player = (!world.is_kernels_only).then(|| Player::start(&peer, &mac, world));
        Segment { scanner, peer, player }
    }

    /// Hosts of real kernels on one switch: the n-th of them, from 1, has 192.0.2.n, `2001:db8::n` and the
    /// link-layer address 00:00:5e:00:53:0n on its `eth0`. There are fewer than ten.
    #[must_use]
    pub fn switch(&self, names: &[&str]) -> Vec<Host<'_>> {
        let middle = self.host("switch");
        middle.sysctl("net.ipv6.conf.default.disable_ipv6", "1");
        middle.sh("ip link add br0 type bridge && ip link set br0 up");
        names.iter().zip(1..).map(|(name, n)| self.plug_in(&middle, name, n)).collect()
    }

    fn plug_in<'lab>(&'lab self, middle: &Host<'_>, name: &str, n: u8) -> Host<'lab> {
        let host = self.host(name);
        let port = format!("port{n}");
        self.join((name, "eth0"), (middle.name(), &port));
        middle.sh(&format!("ip link set {port} master br0"));
        host.sh(&format!(
            "ip link set eth0 down && ip link set eth0 address 00:00:5e:00:53:0{n} up"
        ));
        host.address("eth0", &format!("192.0.2.{n}/24"), &format!("2001:db8::{n}/64"));
        host
    }
}

impl Segment<'_> {
    /// One more claims an address.
    pub fn join(&mut self, claim: Claim) {
        self.order(&Order::Claim(claim));
    }

    /// All who claim this address and no other are gone.
    pub fn leave(&mut self, address: &str) {
        self.order(&Order::Leave(address.parse().expect("an IPv4 address")));
    }

    /// The address is at another place from now on.
    pub fn change(&mut self, address: &str, mac: &str) {
        self.leave(address);
        self.join(Claim::of(address).mac(mac));
    }

    /// Tells all where an address is: an announcement (RFC 5227 §3).
    pub fn announce(&mut self, address: &str, mac: &str) {
        self.ask(mac, address, address);
    }

    /// Asks all where `target` is, as the owner of `sender`, which may be 0.0.0.0.
    pub fn ask(&mut self, mac: &str, sender: &str, target: &str) {
        let octets = |text: &str| text.parse::<Ipv4Addr>().expect("an IPv4 address").octets();
        let mac = super::claim::octets(mac);
        let mut frame = [&[0xff; 6][..], &mac, &[8, 6, 0, 1, 8, 0, 6, 4, 0, 1], &mac].concat();
        frame.extend(octets(sender).into_iter().chain([0; 6]).chain(octets(target)));
        self.send(&frame, 1);
    }

    /// Sends a frame to the scanner so often.
    pub fn send(&mut self, frame: &[u8], times: u32) {
        self.order(&Order::Send(frame.to_vec(), times));
    }

    /// So many other frames a second from now on; 0 is none.
    pub fn flood(&mut self, per_second: u32) {
        let flood = (per_second > 0).then_some(Flood { per_second, length: 60 });
        self.order(&Order::Flood(flood));
    }

    /// Returns once it is carried out.
    fn order(&mut self, order: &Order) {
        self.player.as_mut().expect("a world with a program").order(order);
    }

    /// Ends the program, and tells what it heard of ARP, in its order.
    #[must_use]
    pub fn stop(self) -> Vec<Heard> {
        self.player.expect("a world with a program").stop()
    }
}

impl Player {
    fn start(peer: &Host<'_>, scanner: &str, world: &World) -> Self {
        let log = NamedTempFile::new().expect("a directory for temporary files");
        let orders = serde_json::to_string(world).expect("numbers and words");
        let path = log.path().to_str().expect("a path in UTF-8");
        let args = ["eth0", scanner, path, &orders];
        let mut program = peer.spawn(program("wireline-segment"), args);
        let is_ready = program.line().as_deref() == Some("ready");
        assert!(is_ready, "{}", String::from_utf8_lossy(&program.output().stderr));
        let stdin = program.stdin().expect("a pipe");
        Self { program, stdin, log }
    }

    fn order(&mut self, order: &Order) {
        let order = serde_json::to_string(order).expect("numbers and words");
        writeln!(self.stdin, "{order}").expect("wireline-segment runs");
        assert_eq!(self.program.line().as_deref(), Some("done"), "{order}");
    }

    fn stop(mut self) -> Vec<Heard> {
        drop(self.stdin);
        let end = self.program.output();
        assert!(end.status.success(), "{}", String::from_utf8_lossy(&end.stderr));
        let mut log = String::new();
        self.log.read_to_string(&mut log).expect("readable text");
        Heard::parse(&log).expect("the lines of wireline-segment")
    }
}

fn set_up((scanner, interface): (&Host<'_>, &str), peer: &Host<'_>, world: &World) {
    let ends = [(scanner, interface, &world.scanner), (peer, "eth0", &world.peer)];
    for (host, interface, addresses) in ends {
        for address in addresses {
            let no_dad = if address.contains(':') { "nodad" } else { "" };
            host.sh(&format!("ip addr add {address} dev {interface} {no_dad}"));
        }
        await_link(host, interface);
    }
    if world.has_ipv6 {
        scanner.sh(&format!("ip addr add 2001:db8::1/64 dev {interface} nodad"));
    }
    for span in &world.kernel {
        answer_for(peer, *span);
    }
}

fn await_link(host: &Host<'_>, interface: &str) {
    host.sh(&format!(
        "for _ in $(seq 500); do
            case $(ip link show {interface}) in *'state UP'*) exit 0;; esac
            sleep 0.01
        done
        exit 1"
    ));
}

/// A kernel answers for what it has a local route to.
fn answer_for(peer: &Host<'_>, span: Span) {
    let network = if span.step == 1 { whole(span) } else { None };
    let each = || span.addresses().map(|address| address.to_string()).collect();
    let routes = network.map_or_else(each, |network| vec![network]);
    let routes: Vec<_> = routes.iter().map(|to| format!("route add local {to} dev lo")).collect();
    peer.sh(&format!("ip -batch - <<'EOF'\n{}\nEOF", routes.join("\n")));
}

/// The network that it is.
fn whole(span: Span) -> Option<String> {
    let size = u64::from(span.last.to_bits()) - u64::from(span.first.to_bits()) + 1;
    size.is_power_of_two().then(|| format!("{}/{}", span.first, 32 - size.ilog2()))
}
