//! Other network namespaces (`--net-ns`, `--pid-ns`, `--all-ns`).
//!
//! One is entered, and everything done there, by a thread that does nothing else. Of all of them, sockets are
//! read there and shown from here, so that their owners are looked for once.

use std::path::{Path, PathBuf};

use anyhow::Result;
use rustix::io::Errno;
use wireline_cli::{Exit, Refusal, escape};
use wireline_engine::errno_text;
use wireline_host::CgroupPaths;
use wireline_host::namespaces::{NAMES, NetNamespace, NetNamespaces};
use wireline_host::process::{Names as Of, Proc, Unreadable};

use crate::config::{Config, Mode};
use crate::event::Namespace;
use crate::filtering::Sieve;
use crate::names::Names;
use crate::output::{Output, complain};
use crate::sockets::{self, Beside, Programs, Source};

/// Where sockets and tables are looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Place {
    /// Where we are.
    #[default]
    Here,
    /// In the namespace that a file leads to, which has been asked for in these words.
    Behind(PathBuf, String),
    /// In every one that can be found.
    Everywhere,
}

impl Place {
    /// A name of `ip netns`, or a path where there is a slash in it.
    pub(crate) fn named(name: &str) -> Self {
        let path =
            if name.contains('/') { PathBuf::from(name) } else { Path::new(NAMES).join(name) };
        Self::Behind(path, format!("--net-ns: {name}"))
    }

    pub(crate) fn of_process(pid: u32) -> Self {
        Self::Behind(format!("/proc/{pid}/ns/net").into(), format!("--pid-ns: {pid}"))
    }
}

/// Does something in the namespace behind a file.
pub(crate) fn visit(
    door: &Path,
    asked: &str,
    output: &mut Output,
    work: impl FnOnce(&mut Output) -> Result<Exit> + Send,
) -> Result<Exit> {
    let failed = |why: std::io::Error| {
        let is_gone = why.kind() == std::io::ErrorKind::NotFound && door.starts_with("/proc");
        let why = if is_gone { Errno::SRCH.into() } else { why };
        Refusal::new(Exit(1), format!("{asked}: {}", reason(&why)))
    };
    let known = NetNamespaces::list(Path::new("/proc"), Path::new(NAMES)).unwrap_or_default();
    let namespace = known.behind(door).map_err(failed)?;
    output.place(described(&namespace));
    namespace.visit(|| work(output)).map_err(failed)?
}

/// What is no errno is told in its own words.
fn reason(why: &std::io::Error) -> String {
    if why.raw_os_error().is_some() { errno_text(why) } else { why.to_string() }
}

fn described(namespace: &NetNamespace) -> Namespace {
    let lossy = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    let program = || {
        let name = Proc::open("/proc").ok()?.name(namespace.pid?, Of::Comm)?;
        Some(lossy(&name.comm))
    };
    let names = namespace.names.iter().map(|name| lossy(name.as_encoded_bytes()));
    Namespace {
        inode: namespace.inode,
        names: names.collect(),
        pid: namespace.pid,
        program: program(),
        own: namespace.is_own,
    }
}

/// One listing of each.
pub(crate) fn show_all(config: &Config, names: &mut Names, output: &mut Output) -> Result<Exit> {
    let failed = |why| Refusal::new(Exit(1), format!("--all-ns: /proc: {}", reason(&why)));
    let found = NetNamespaces::list(Path::new("/proc"), Path::new(NAMES)).map_err(failed)?;
    let mut exit = Exit(0);
    if found.unreadable == Unreadable::Some {
        complain("netstat: --all-ns: not all processes can be looked at: there may be more\n");
        exit = Exit(1);
    }
    let sieve = Sieve::new(&config.filtering.filter);
    let mut blocks = Blocks { sieve: &sieve, exit, is_first: true, cgroups: CgroupPaths::open() };
    if config.mode == Mode::Sockets {
        blocks.sockets(config, &found.all, output)?;
        output.flush()?;
        let lacking = config.lacking.complain_of_all();
        blocks.exit = if blocks.exit == Exit(0) { lacking } else { blocks.exit };
    } else {
        for namespace in &found.all {
            blocks.table(config, namespace, names, output)?;
        }
    }
    let exit = blocks.exit;
    output.flush()?;
    sieve.finish()?;
    Ok(exit)
}

/// One namespace below the other.
struct Blocks<'a> {
    sieve: &'a Sieve,
    exit: Exit,
    is_first: bool,
    cgroups: CgroupPaths,
}

/// What was read in a namespace.
type Rows<'a> = Result<(Source<'a>, Beside)>;

impl<'a> Blocks<'a> {
    /// Where owners are wanted, all of them are read before the first is shown.
    fn sockets(
        &mut self,
        config: &Config,
        all: &[NetNamespace],
        output: &mut Output,
    ) -> Result<()> {
        let mut kept = Vec::new();
        for namespace in all {
            let Some(rows) = self.read(config, namespace) else { continue };
            let (source, beside) = rows?;
            if config.shown.programs {
                kept.push((namespace, source, beside));
            } else {
                self.print(config, namespace, source, beside, &Programs::default(), output)?;
            }
        }
        if config.shown.programs {
            let inodes = kept.iter().flat_map(|(_, source, _)| source.inodes()).collect();
            let programs = Programs::find(inodes, output.is_json())?;
            programs.complain();
            for (namespace, source, beside) in kept {
                self.print(config, namespace, source, beside, &programs, output)?;
            }
        }
        Ok(())
    }

    fn read(&mut self, config: &Config, namespace: &NetNamespace) -> Option<Rows<'a>> {
        let (choice, shown) = (config.choice, config.shown);
        let sieve = self.sieve;
        let read = || {
            let source = Source::filtered(sieve).keep(choice, shown)?;
            Ok((source, Beside::read(choice, shown)?))
        };
        self.visit(namespace, read)
    }

    fn print(
        &mut self,
        config: &Config,
        namespace: &NetNamespace,
        mut source: Source<'_>,
        mut beside: Beside,
        programs: &Programs,
        output: &mut Output,
    ) -> Result<()> {
        self.begin(namespace, output)?;
        // Looked for once, and good everywhere.
        beside.swap_paths(&mut self.cgroups);
        let (choice, shown) = (config.choice, config.shown);
        let nothing = &mut |_: &mut Output| Ok(Exit(0));
        sockets::print(choice, shown, &mut source, programs, &mut beside, output, nothing)?;
        beside.swap_paths(&mut self.cgroups);
        Ok(())
    }

    fn table(
        &mut self,
        config: &Config,
        namespace: &NetNamespace,
        names: &mut Names,
        output: &mut Output,
    ) -> Result<()> {
        // What is shown there must stand behind the title.
        let mut title = Ok(());
        let is_first = self.is_first;
        let shown = self.visit(namespace, || {
            title = begin(namespace, is_first, output);
            crate::show(config, names, output)
        });
        title?;
        let Some(exit) = shown else { return Ok(()) };
        self.is_first = false;
        if exit? != Exit(0) {
            self.exit = Exit(1);
        }
        Ok(())
    }

    /// `None` where one cannot get in, which is told.
    fn visit<T: Send>(
        &mut self,
        namespace: &NetNamespace,
        work: impl FnOnce() -> T + Send,
    ) -> Option<T> {
        let visited = namespace.visit(work);
        let failed = |why: std::io::Error| {
            // It has gone since: nothing was missed.
            if why.kind() == std::io::ErrorKind::NotFound {
                return;
            }
            let name = escape(&title(&described(namespace))).into_owned();
            complain(&format!("netstat: --all-ns: {name}: {}\n", reason(&why)));
            self.exit = Exit(1);
        };
        visited.map_err(failed).ok()
    }

    fn begin(&mut self, namespace: &NetNamespace, output: &mut Output) -> Result<()> {
        begin(namespace, self.is_first, output)?;
        self.is_first = false;
        Ok(())
    }
}

/// The line above a block; of JSON each line says it.
fn begin(namespace: &NetNamespace, is_first: bool, output: &mut Output) -> Result<()> {
    let described = described(namespace);
    if !output.is_json() {
        let gap = if is_first { "" } else { "\n" };
        let own = if described.own { ", this one" } else { "" };
        output.text(format_args!("{gap}Network namespace {}{own}\n", title(&described)))?;
    }
    output.place(described);
    Ok(())
}

/// `4026532201 (blue, red), first process 77/sshd`.
fn title(namespace: &Namespace) -> String {
    let Namespace { inode, names, pid, program, .. } = namespace;
    let names = if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
    let program = program.as_deref().unwrap_or("-");
    let process = pid.map_or_else(
        || ", no process".to_owned(),
        |pid| format!(", first process {pid}/{program}"),
    );
    escape(&format!("{inode}{names}{process}")).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_is_one_of_ip_netns_and_a_slash_makes_it_a_path() {
        let behind = |path: &str, asked: &str| Place::Behind(path.into(), asked.to_owned());
        assert_eq!(Place::named("blue"), behind("/run/netns/blue", "--net-ns: blue"));
        assert_eq!(Place::named("./blue"), behind("./blue", "--net-ns: ./blue"));
        assert_eq!(Place::of_process(7), behind("/proc/7/ns/net", "--pid-ns: 7"));
    }

    #[test]
    fn title_has_what_is_known_and_nothing_that_moves_a_cursor() {
        let mut namespace =
            Namespace { inode: 7, names: Vec::new(), pid: None, program: None, own: false };
        assert_eq!(title(&namespace), "7, no process");
        namespace.names = vec!["a".to_owned(), "b\u{1b}[2J".to_owned()];
        (namespace.pid, namespace.program) = (Some(9), Some("x\ny".to_owned()));
        assert_eq!(title(&namespace), "7 (a, b\\027[2J), first process 9/x\\010y");
    }
}
