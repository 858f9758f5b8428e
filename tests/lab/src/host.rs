//! One host of a lab: what a test runs on it, and how it is set up.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::lab::{Identities, run};
use crate::{Background, Lab, PATIENCE};

/// With these, a program can never hold a capability, whoever it runs as.
const POWERLESS: [&str; 4] =
    ["setpriv", "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs"];
const NOBODY: [&str; 3] = ["--reuid=65534", "--regid=65534", "--clear-groups"];

/// One host: a network namespace in a [`Lab`].
#[derive(Clone, Debug)]
pub struct Host<'lab> {
    lab: &'lab Lab,
    name: String,
}

impl<'lab> Host<'lab> {
    pub(crate) fn new(lab: &'lab Lab, name: &str) -> Self {
        Self { lab, name: name.to_owned() }
    }

    /// Its name in the lab.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A program under test, run on this host as the lab's root. Killed after [`PATIENCE`].
    #[must_use]
    pub fn command(&self, program: impl AsRef<Path>) -> assert_cmd::Command {
        self.command_for(program, PATIENCE)
    }

    /// As [`Host::command`], killed after `patience`.
    #[must_use]
    pub fn command_for(
        &self,
        program: impl AsRef<Path>,
        patience: Duration,
    ) -> assert_cmd::Command {
        let mut command = self.enter();
        command.arg(program.as_ref());
        under_test(command, patience)
    }

    /// A program under test that holds no capability and can get none. It runs as uid 65534 where
    /// the lab has one, which is where the test itself runs as root.
    #[must_use]
    pub fn as_nobody(&self, program: impl AsRef<Path>) -> assert_cmd::Command {
        let mut command = self.enter();
        command.args(POWERLESS);
        if self.lab.identities() == Identities::All {
            command.args(NOBODY);
        }
        command.arg(self.expose(program.as_ref()));
        under_test(command, PATIENCE)
    }

    /// A program under test that has no capability but those of its file, such as `cap_net_raw+p`, and
    /// runs as uid 65534. Needs [`Lab::has_users`].
    #[must_use]
    pub fn with_file_capabilities(
        &self,
        program: impl AsRef<Path>,
        capabilities: &str,
    ) -> assert_cmd::Command {
        let real = program.as_ref().canonicalize().expect("a program that was built");
        let name = real.file_name().and_then(OsStr::to_str).expect("a path in UTF-8");
        let copy = format!("/run/capable/{capabilities}/{name}");
        self.sh(&format!(
            "[ -e '{copy}' ] && exit
            umask 022; mkdir -p \"$(dirname '{copy}')\"
            cp '{}' '{copy}'; setcap '{capabilities}' '{copy}'",
            real.display(),
        ));
        let mut command = self.enter();
        command.args(["setpriv", "--inh-caps=-all"]).args(NOBODY).arg(copy);
        under_test(command, PATIENCE)
    }

    /// A program that runs beside the test, with all three pipes, and ends with its handle.
    pub fn spawn<A: AsRef<OsStr>>(
        &self,
        program: impl AsRef<Path>,
        args: impl IntoIterator<Item = A>,
    ) -> Background {
        let mut command = self.enter();
        command.arg(program.as_ref()).args(args).env_clear();
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Background::start(&mut command)
    }

    /// Sets this host up: addresses, routes.
    pub fn sh(&self, script: &str) {
        run(self.enter(), script);
    }

    /// What a script says on stdout. Panics unless it succeeds.
    #[must_use]
    pub fn output(&self, script: &str) -> String {
        run(self.enter(), script)
    }

    /// Runs commands of `nft`, one a line.
    pub fn nft(&self, commands: &str) {
        self.sh(&format!("nft -f - <<'EOF'\n{commands}\nEOF"));
    }

    /// Sets a kernel parameter of this host's network, such as `net.ipv4.ip_forward`.
    pub fn sysctl(&self, name: &str, value: &str) {
        self.sh(&format!("echo {value} > /proc/sys/{}", name.replace('.', "/")));
    }

    /// Drops what matches an `nft` expression on its way in.
    pub fn drop_in(&self, matching: &str) {
        self.nft(&format!(
            "add table inet lab
            add chain inet lab in {{ type filter hook input priority 0; }}
            add rule inet lab in {matching} drop",
        ));
    }

    /// Drops every ICMP message of both families on its way in, but for neighbour discovery.
    pub fn drop_icmp(&self) {
        self.drop_in("ip protocol icmp");
        self.drop_in(
            "icmpv6 type != { nd-router-solicit, nd-router-advert, nd-neighbor-solicit, \
             nd-neighbor-advert }",
        );
    }

    /// Drops the first of every `period` packets on their way in that match an `nft` expression:
    /// numbers 1, 1 + `period` and so on.
    pub fn drop_each(&self, period: u32, matching: &str) {
        self.drop_in(&format!("{matching} numgen inc mod {period} 0"));
    }

    /// Drops packets on their way in by chance: `percent` (1 to 100) of those that match an `nft`
    /// expression. No seed: for loss that can be repeated, see [`crate::Link`].
    pub fn drop_at_random(&self, percent: u32, matching: &str) {
        self.drop_in(&format!("{matching} numgen random mod 100 0-{}", percent - 1));
    }

    /// Lets everyone open datagram ICMP sockets, see `icmp(7)`.
    pub fn open_ping_sockets(&self) {
        let everyone = match self.lab.identities() {
            Identities::All => "0 65535",
            Identities::Root => "0 0",
        };
        self.sysctl(PING_GROUPS, everyone);
    }

    /// Lets nobody open datagram ICMP sockets, which is how a host starts.
    pub fn close_ping_sockets(&self) {
        // The kernel refuses a number that the lab has no group for, and a lab with one group has
        // none for 1.
        if self.output("cat /proc/sys/net/ipv4/ping_group_range").starts_with("0\t") {
            assert_eq!(self.lab.identities(), Identities::All, "only a lab of root's can close");
            self.sysctl(PING_GROUPS, "1 0");
        }
    }

    /// Gives an interface both addresses, and waits until it can send.
    pub(crate) fn address(&self, interface: &str, v4: &str, v6: &str) {
        self.sh(&format!(
            "ip addr add {v4} dev {interface}; ip addr add {v6} dev {interface} nodad
            for _ in $(seq 500); do
                case $(ip link show {interface}) in *'state UP'*) exit 0;; esac
                sleep 0.01
            done
            exit 1",
        ));
    }

    /// A command prefix that runs the rest on this host.
    pub(crate) fn enter(&self) -> Command {
        self.lab.enter_host(&self.name)
    }

    /// A path by which every user of the lab can run `program`: its own may lead through a
    /// directory that only its builder may enter.
    fn expose(&self, program: &Path) -> String {
        let real = program.canonicalize().expect("a program that was built");
        let real = real.to_str().expect("a path in UTF-8");
        let open = format!("/run/programs{real}");
        self.sh(&format!(
            "[ -e '{open}' ] && exit
            umask 022; mkdir -p \"$(dirname '{open}')\"; : > '{open}'; mount --bind '{real}' '{open}'",
        ));
        open
    }
}

const PING_GROUPS: &str = "net.ipv4.ping_group_range";

fn under_test(command: Command, patience: Duration) -> assert_cmd::Command {
    let mut command = assert_cmd::Command::from_std(command);
    command.timeout(patience).env_clear();
    command
}
