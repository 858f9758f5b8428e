//! A private network: user, network and mount namespaces, and their end.
//!
//! It never skips: where the machine allows no namespaces, the test fails.

use std::fmt::Display;
use std::fs;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::process::{Child, ChildStdout, Command, Stdio};

use nix::unistd::{getegid, geteuid};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use crate::Host;
use crate::background::has_ended;

/// Waits for its identities, hides the machine's `/run` and then lives until its stdin ends. The
/// second `sh` is there because a process keeps no capability over an exec before it is mapped.
const HOLDER: &str = "echo; read -r _; exec sh -ec '
    mount -t tmpfs -o mode=755 lab /run; mkdir /run/netns; echo; exec cat'";

/// A private network with no hosts in it.
#[derive(Debug)]
pub struct Lab {
    /// Lives in the lab's user, network and mount namespaces, and takes them with it.
    holder: Child,
    identities: Identities,
}

/// Which users and groups exist inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Identities {
    /// 0 to 65535, as outside: only root may give these.
    All,
    /// Root alone, who is the ordinary user that runs the test.
    Root,
}

impl Lab {
    /// An empty network. Panics where the machine allows no namespaces: a test that cannot run must
    /// not pass.
    #[must_use]
    pub fn new() -> Self {
        let mut holder = Command::new("unshare")
            .args(["--user", "--net", "--mount", "sh", "-c", HOLDER])
            .env("PATH", path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("util-linux's unshare");
        let mut stdout = BufReader::new(holder.stdout.take().expect("piped above"));
        await_line(&mut stdout);
        let identities = map_identities(holder.id()).expect("the holder lives, and is ours");
        writeln!(holder.stdin.as_ref().expect("piped above")).expect("the holder reads");
        await_line(&mut stdout);
        Self { holder, identities }
    }

    /// A host with a loopback and nothing else.
    #[must_use]
    pub fn host(&self, name: &str) -> Host<'_> {
        self.sh(&format!("ip netns add {name}"));
        let host = Host::new(self, name);
        // Without detection of duplicates an address can be used at once.
        host.sh("ip link set lo up
            for each in all default; do echo 0 > /proc/sys/net/ipv6/conf/$each/accept_dad; done");
        host
    }

    /// Two hosts and a wire: 192.0.2.1/24 and `2001:db8::1/64` at the first's `eth0`, 192.0.2.2/24
    /// and `2001:db8::2/64` at the second's.
    #[must_use]
    pub fn wire(&self, a: &str, b: &str) -> [Host<'_>; 2] {
        let hosts = [self.host(a), self.host(b)];
        self.join((a, "eth0"), (b, "eth0"));
        address_both(&hosts);
        hosts
    }

    /// Puts `text` in the place of a file, such as `/etc/resolv.conf`, for every host of the lab.
    pub fn file(&self, path: &str, text: &str) {
        let kept = format!("/run/files{path}");
        // Only a link into the lab's own /run may lead nowhere and be filled in.
        self.sh(&format!(
            "mkdir -p $(dirname {kept}); cat > {kept} <<'EOF'\n{text}\nEOF\n
            real=$(readlink -m {path})
            case $real in /run/*) mkdir -p $(dirname $real); : >> $real;; esac
            mount --bind {kept} $real",
        ));
    }

    /// A veth pair between interfaces of two hosts, both up.
    pub(crate) fn join(&self, (a, at_a): (&str, &str), (b, at_b): (&str, &str)) {
        self.sh(&format!(
            "ip link add name {at_a} netns {a} type veth peer name {at_b} netns {b}
            ip -n {a} link set dev {at_a} up; ip -n {b} link set dev {at_b} up",
        ));
    }

    /// A command prefix that runs the rest inside the lab, in a network namespace that `nsenter`
    /// knows by this option.
    pub(crate) fn enter(&self, net: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.env("PATH", path()).stdin(Stdio::null());
        command.arg(format!("--target={}", self.holder.id()));
        command.args(["--user", "--mount", net, "--preserve-credentials"]);
        command
    }

    /// As [`Lab::enter`], into a host's network.
    pub(crate) fn enter_host(&self, name: &str) -> Command {
        self.enter(&format!("--net=/proc/{}/root/run/netns/{name}", self.holder.id()))
    }

    /// Whether there are users but root, which only root's labs have. What needs one cannot be tried
    /// without: with `WIRELINE_LAB=require` that is a failure, and otherwise the caller ends there and
    /// it is said on stderr.
    #[must_use]
    pub fn has_users(&self) -> bool {
        if self.identities == Identities::All {
            return true;
        }
        not_tried("this needs a lab of root's");
        false
    }

    pub(crate) const fn identities(&self) -> Identities {
        self.identities
    }

    pub(crate) fn sh(&self, script: &str) {
        run(self.enter("--net"), script);
    }

    /// Ends what a test left running, however it was started.
    fn end_all(&self) -> io::Result<()> {
        let ours = user_namespace(self.holder.id())?;
        for entry in fs::read_dir("/proc")? {
            let name = entry?.file_name();
            if let Some(pid) = name.to_str().and_then(|name| name.parse().ok()) {
                end_if_in(ours, pid);
            }
        }
        Ok(())
    }
}

impl Default for Lab {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        // Errors mean that there is nothing left to end. The holder is the last line of a lab that
        // is not dropped: the end of its stdin ends it.
        let _ = self.end_all();
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

/// For a test that cannot be made here: with `WIRELINE_LAB=require` that is a failure, and otherwise it is
/// said on stderr, and the caller ends there.
pub fn not_tried(why: &str) {
    let required = std::env::var_os("WIRELINE_LAB").is_some_and(|value| value == "require");
    assert!(!required, "{why}: see docs/testing.md");
    // Nothing is left to tell if stderr is closed.
    let _ = writeln!(io::stderr(), "not tried: {why}");
}

/// The addresses of [`Lab::wire`].
pub(crate) fn address_both(hosts: &[Host<'_>; 2]) {
    for (host, last) in hosts.iter().zip(1..) {
        host.address("eth0", &format!("192.0.2.{last}/24"), &format!("2001:db8::{last}/64"));
    }
}

/// Kills a process of a user namespace and waits for its end. Errors mean that it has ended.
fn end_if_in(namespace: u64, pid: i32) {
    // Opened before it is looked at: from here on the number cannot become another process's.
    let process = Pid::from_raw(pid).map(|pid| pidfd_open(pid, PidfdFlags::empty()));
    let Some(Ok(process)) = process else { return };
    if user_namespace(pid).is_ok_and(|theirs| theirs == namespace) {
        let _ = pidfd_send_signal(&process, Signal::KILL);
        has_ended(&process);
    }
}

/// Runs a script to its end, which must be a good one, and returns its stdout.
pub(crate) fn run(mut command: Command, script: &str) -> String {
    let out = command.args(["sh", "-ec", script]).output().expect("util-linux's nsenter");
    assert!(out.status.success(), "{script}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8_lossy(&out.stdout).into_owned()
}

/// An ordinary user's `PATH` may lack the places of `ip` and `nft`.
fn path() -> String {
    format!("{}:/usr/sbin:/sbin:/usr/bin:/bin", std::env::var("PATH").unwrap_or_default())
}

/// The holder says one empty line after each step.
fn await_line(stdout: &mut BufReader<ChildStdout>) {
    let mut line = String::new();
    stdout.read_line(&mut line).expect("readable");
    assert!(!line.is_empty(), "this machine allows no user namespaces: see docs/testing.md");
}

/// Gives a new user namespace as many identities as we may, see `user_namespaces(7)`.
fn map_identities(pid: u32) -> io::Result<Identities> {
    let write = |file: &str, text: &str| fs::write(format!("/proc/{pid}/{file}"), text);
    if write("uid_map", "0 0 65536").is_ok() {
        write("gid_map", "0 0 65536")?;
        return Ok(Identities::All);
    }
    write("setgroups", "deny")?;
    write("uid_map", &format!("0 {} 1", geteuid()))?;
    write("gid_map", &format!("0 {} 1", getegid()))?;
    Ok(Identities::Root)
}

fn user_namespace(pid: impl Display) -> io::Result<u64> {
    fs::metadata(format!("/proc/{pid}/ns/user")).map(|namespace| namespace.ino())
}
