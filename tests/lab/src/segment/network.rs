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
        let (scanner, peer) = (self.host(scanner), self.host(peer));
        for host in [&scanner, &peer] {
            let off = if world.has_ipv6 { "0" } else { "1" };
            host.sysctl("net.ipv6.conf.default.disable_ipv6", off);
        }
        self.join((scanner.name(), "eth0"), (peer.name(), "eth0"));
        scanner.sh(&format!("ip link set eth0 address {SCANNER_MAC}"));
        peer.sh(&format!("ip link set eth0 address {PEER_MAC}"));
        set_up(&scanner, &peer, world);
        let player = (!world.is_kernels_only).then(|| Player::start(&peer, world));
        Segment { scanner, peer, player }
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
    fn start(peer: &Host<'_>, world: &World) -> Self {
        let log = NamedTempFile::new().expect("a directory for temporary files");
        let orders = serde_json::to_string(world).expect("numbers and words");
        let path = log.path().to_str().expect("a path in UTF-8");
        let args = ["eth0", SCANNER_MAC, path, &orders];
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

fn set_up(scanner: &Host<'_>, peer: &Host<'_>, world: &World) {
    for (host, addresses) in [(scanner, &world.scanner), (peer, &world.peer)] {
        for address in addresses {
            let no_dad = if address.contains(':') { "nodad" } else { "" };
            host.sh(&format!("ip addr add {address} dev eth0 {no_dad}"));
        }
        await_link(host);
    }
    if world.has_ipv6 {
        scanner.sh("ip addr add 2001:db8::1/64 dev eth0 nodad");
    }
    for span in &world.kernel {
        answer_for(peer, *span);
    }
}

fn await_link(host: &Host<'_>) {
    host.sh("for _ in $(seq 500); do
            case $(ip link show eth0) in *'state UP'*) exit 0;; esac
            sleep 0.01
        done
        exit 1");
}

/// A kernel answers for what it has a local route to.
fn answer_for(peer: &Host<'_>, span: Span) {
    let network = if span.step == 1 { whole(span) } else { None };
    let routes = network.map_or_else(
        || span.addresses().map(|each| format!("route add local {each} dev lo\n")).collect(),
        |network| format!("route add local {network} dev lo\n"),
    );
    peer.sh(&format!("ip -batch - <<'EOF'\n{routes}EOF"));
}

/// The network that it is.
fn whole(span: Span) -> Option<String> {
    let size = u64::from(span.last.to_bits()) - u64::from(span.first.to_bits()) + 1;
    size.is_power_of_two().then(|| format!("{}/{}", span.first, 32 - size.ilog2()))
}
