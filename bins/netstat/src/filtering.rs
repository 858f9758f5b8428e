//! What filters, `--kill` and `--connection` make of a listing of sockets.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use wireline_cli::{Exit, Refusal, escape};
use wireline_host::sockets::filter::{Filter, Names, UnixEnds, Verdict};
use wireline_host::sockets::{Details, InetSocket, States};
use wireline_host::{Family, Target, cgroup_id, interface_index, service_port};

use crate::USAGE;
use crate::args::Args;
use crate::config::Mode;
use crate::connection::Asked;
use crate::kill::Kill;
use crate::sockets::{Choice, Which};

/// What is done with sockets beside listing them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filtering {
    pub(crate) filter: Filter,
    /// Whether one was given.
    pub(crate) is_filtered: bool,
    pub(crate) kill: Option<Kill>,
    pub(crate) connection: Option<Asked>,
}

impl Filtering {
    /// Reads the filter, and narrows the choice to what it speaks of.
    pub(crate) fn new(
        args: &Args,
        families: &[crate::family::Family],
        mode: Mode,
        choice: &mut Choice,
    ) -> Result<Self, Refusal> {
        let Some(text) = text(args, mode)? else { return Ok(Self::default()) };
        let is_unix_named = families.contains(&crate::family::Family::Unix);
        if is_unix_named && (args.beyond.kill || !args.beyond.connection.is_empty()) {
            let flag = if args.beyond.kill { "--kill" } else { "--connection" };
            return Err(refused(format!("{flag} and -x do not go together")));
        }
        let names = System { is_tcp: choice.tcp };
        if let [local, remote] = args.beyond.connection.as_slice() {
            let connection = Some(Asked::new(local, remote, *choice, &names)?);
            return Ok(Self { connection, ..Self::default() });
        }
        let filter = Filter::parse(&text, &names)
            .map_err(|why| refused(format!("filter: {}", escape(&why.to_string()))))?;
        let kill = Kill::of(args);
        if kill.is_some() {
            must_tell_apart(&filter)?;
        }
        narrow(choice, &filter, args, is_unix_named)?;
        Ok(Self { filter, is_filtered: !text.trim().is_empty(), kill, connection: None })
    }
}

/// The filter as it was typed; `None` where there is nothing for it to do.
fn text(args: &Args, mode: Mode) -> Result<Option<String>, Refusal> {
    let flags = &args.beyond;
    let own = [
        ("--kill", flags.kill),
        ("--yes", flags.yes),
        ("--connection", !flags.connection.is_empty()),
        ("--filter", flags.filter.is_some()),
    ];
    let given: Vec<_> = own.iter().filter(|(_, given)| *given).map(|(flag, _)| *flag).collect();
    if !matches!(mode, Mode::Sockets | Mode::Changes(_)) {
        // Words are ignored there, as by the original.
        return given
            .first()
            .map_or(Ok(None), |flag| Err(refused(format!("{flag}: of sockets only"))));
    }
    apart(args, &given)?;
    Ok(Some(flags.filter.clone().unwrap_or_else(|| args.operands.join(" "))))
}

/// What does not go together.
fn apart(args: &Args, given: &[&str]) -> Result<(), Refusal> {
    let has = |flag| given.contains(&flag);
    let (is_filtered, output) = (!args.operands.is_empty(), &args.output);
    let pairs = [
        (has("--filter") && is_filtered, "--filter and a filter as words"),
        (has("--connection") && has("--kill"), "--connection and --kill"),
        (has("--connection") && has("--filter"), "--connection and --filter"),
        (has("--connection") && is_filtered, "--connection and a filter"),
        (has("--connection") && args.sockets.listening, "--connection and -l"),
        (has("--connection") && args.sockets.all, "--connection and -a"),
        (has("--kill") && output.continuous, "--kill and -c"),
    ];
    if let Some((_, pair)) = pairs.iter().find(|(is_given, _)| *is_given) {
        return Err(refused(format!("{pair} do not go together")));
    }
    if has("--yes") && !has("--kill") {
        return Err(refused("--yes: of --kill only"));
    }
    if has("--kill") && !is_filtered && !has("--filter") {
        return Err(refused("--kill: needs a filter, such as 'dst 192.0.2.1 dport = :443'"));
    }
    Ok(())
}

/// Sockets are not closed by the thousand because a filter says next to nothing.
fn must_tell_apart(filter: &Filter) -> Result<(), Refusal> {
    let groups = ["all", "connected", "synchronized", "big"];
    let of_group =
        |name: &&str| wireline_host::sockets::filter::states_named(name) == filter.states();
    let is_group = filter.states().is_none() || groups.iter().any(of_group);
    if filter.is_of_states_only() && is_group {
        return Err(refused("--kill: needs a filter that tells some sockets from the others"));
    }
    if !filter.is_of_inet() {
        return Err(refused("--kill: sockets of unix(7) cannot be closed so"));
    }
    Ok(())
}

/// Where a filter names states, they and nothing else say which sockets; where it speaks of one kind of
/// sockets only, the others are listed if they were asked for.
fn narrow(
    choice: &mut Choice,
    filter: &Filter,
    args: &Args,
    is_unix_named: bool,
) -> Result<(), Refusal> {
    if filter.states().is_some() {
        if args.sockets.listening {
            return Err(refused("-l and a filter that names states do not go together"));
        }
        choice.which = Which::All;
    }
    if !filter.is_of_unix() && !is_unix_named {
        choice.unix = false;
    }
    if !filter.is_of_inet() && choice.unix {
        choice.forget_inet();
    }
    Ok(())
}

pub(crate) fn refused(why: impl Into<String>) -> Refusal {
    Refusal::new(USAGE, why.into())
}

/// Names as this machine has them.
struct System {
    /// Which of both a service is looked up for first.
    is_tcp: bool,
}

impl Names for System {
    fn hosts(&self, name: &str, family: Family) -> Result<Vec<IpAddr>, String> {
        let found = Target::resolve(name, family).map_err(|why| {
            let why = why.to_string();
            why.strip_prefix(name)
                .map_or(why.clone(), |rest| rest.trim_start_matches(": ").to_owned())
        })?;
        Ok(found.addresses.iter().map(std::net::SocketAddr::ip).collect())
    }

    fn port(&self, service: &str) -> Option<u16> {
        service_port(service, self.is_tcp).or_else(|| service_port(service, !self.is_tcp))
    }

    fn interface(&self, name: &str) -> Option<u32> {
        interface_index(name).ok()
    }

    fn cgroup(&self, path: &str) -> Result<u64, String> {
        cgroup_id(path).map_err(|why| wireline_engine::errno_text(&why))
    }
}

/// A filter at work.
#[derive(Debug, Default)]
pub(crate) struct Sieve {
    filter: Filter,
    bytecode: Vec<u8>,
    untold: AtomicU64,
}

impl Sieve {
    pub(crate) fn new(filter: &Filter) -> Self {
        Self { bytecode: filter.bytecode(), filter: filter.clone(), untold: AtomicU64::new(0) }
    }

    /// For the kernel.
    pub(crate) fn bytecode(&self) -> &[u8] {
        &self.bytecode
    }

    pub(crate) fn details(&self) -> Details {
        self.filter.details()
    }

    pub(crate) fn states(&self) -> States {
        self.filter.states().unwrap_or(States::ALL)
    }

    pub(crate) fn needs_peers(&self) -> bool {
        self.filter.needs_peers()
    }

    pub(crate) fn takes(&self, row: &InetSocket) -> bool {
        let verdict = self.filter.check(row);
        if verdict == Verdict::Untold {
            self.untold.fetch_add(1, Ordering::Relaxed);
        }
        verdict == Verdict::Yes
    }

    pub(crate) fn takes_unix(&self, ends: UnixEnds<'_>) -> bool {
        self.filter.check_unix(ends)
    }

    /// Whether all could be decided.
    pub(crate) fn finish(&self) -> Result<(), Refusal> {
        match self.untold.load(Ordering::Relaxed) {
            0 => Ok(()),
            count => Err(Refusal::new(
                Exit(1),
                format!(
                    "filter: {count} sockets left out of which the kernel does not tell what it asks for \
                     (fwmark needs CAP_NET_ADMIN; dev, cgroup and fwmark need sock_diag)"
                ),
            )),
        }
    }
}
