//! `--kill`: closes sockets that a filter names, or says which it would.

use anyhow::Result;
use wireline_cli::Exit;
use wireline_host::sockets::{DestroyError, InetSocket, Sockets};

use crate::args::Args;
use crate::config::Config;
use crate::event::{Event, Killed};
use crate::output::Output;
use crate::sockets::{Kept, Lines, Shown, json_socket};

/// Whether it is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kill {
    /// Without `--yes`: nothing is closed.
    DryRun,
    Now,
}

impl Kill {
    pub(crate) fn of(args: &Args) -> Option<Self> {
        args.beyond.kill.then_some(if args.beyond.yes { Self::Now } else { Self::DryRun })
    }
}

/// What became of one.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Fate {
    WouldBeClosed,
    Closed,
    /// Before it was its turn, which is no failure.
    Gone,
    NotPermitted,
    Unsupported,
    Failed(String),
}

/// How many became what, in the order of the last line.
#[derive(Default)]
struct Counts([u64; 6]);

pub(crate) fn show(kill: Kill, config: &Config, output: &mut Output) -> Result<Exit> {
    let kept = Kept::read(config.choice, config.shown, &config.filtering.filter, output.is_json())?;
    let mut sockets = Sockets::open();
    let mut fate = |row: &InetSocket| match kill {
        Kill::DryRun => Fate::WouldBeClosed,
        Kill::Now => Fate::from(sockets.destroy(row)),
    };
    let counts = if output.is_json() {
        as_json(&kept, config.shown, &mut fate, output)?
    } else {
        as_text(&kept, config, &mut fate, output)?
    };
    output.flush()?;
    kept.finish()?;
    Ok(Exit(u8::from(counts.has_failures())))
}

fn as_text(
    kept: &Kept,
    config: &Config,
    fate: &mut dyn FnMut(&InetSocket) -> Fate,
    output: &mut Output,
) -> Result<Counts> {
    let mut lines = Lines::new(config.shown, kept.programs());
    output.bytes(config.choice.inet_title().unwrap_or_default().as_bytes())?;
    output.text(format_args!("{} Result\n", lines.header().trim_end_matches('\n')))?;
    let mut counts = Counts::default();
    for row in kept.rows() {
        let fate = fate(row);
        counts.add(&fate);
        output.bytes(lines.row(row).trim_ascii_end_newline())?;
        output.text(format_args!(" {}\n", fate.text()))?;
    }
    output.text(format_args!("{}\n", counts.line()))?;
    Ok(counts)
}

fn as_json(
    kept: &Kept,
    shown: Shown,
    fate: &mut dyn FnMut(&InetSocket) -> Fate,
    output: &mut Output,
) -> Result<Counts> {
    output.start("kill")?;
    let mut counts = Counts::default();
    for row in kept.rows() {
        let fate = fate(row);
        counts.add(&fate);
        let socket = json_socket(row, shown, kept.programs());
        output.row(&Event::Kill(Killed { socket, result: fate.name(), error: fate.error() }))?;
    }
    output.end()?;
    Ok(counts)
}

trait Line {
    fn trim_ascii_end_newline(&self) -> &[u8];
}

impl Line for [u8] {
    fn trim_ascii_end_newline(&self) -> &[u8] {
        self.strip_suffix(b"\n").unwrap_or(self)
    }
}

impl From<Result<(), DestroyError>> for Fate {
    fn from(done: Result<(), DestroyError>) -> Self {
        match done {
            Ok(()) => Self::Closed,
            Err(DestroyError::Gone) => Self::Gone,
            Err(DestroyError::NotPermitted) => Self::NotPermitted,
            Err(DestroyError::Unsupported) => Self::Unsupported,
            Err(why) => Self::Failed(format!("{:#}", anyhow::Error::from(why))),
        }
    }
}

impl Fate {
    const fn name(&self) -> &'static str {
        match self {
            Self::WouldBeClosed => "would_be_closed",
            Self::Closed => "closed",
            Self::Gone => "gone",
            Self::NotPermitted => "not_permitted",
            Self::Unsupported => "unsupported",
            Self::Failed(_) => "failed",
        }
    }

    fn error(&self) -> Option<String> {
        match self {
            Self::WouldBeClosed | Self::Closed | Self::Gone => None,
            Self::NotPermitted => Some("CAP_NET_ADMIN is needed".to_owned()),
            Self::Unsupported => Some(
                "this kernel closes no such sockets (CONFIG_INET_DIAG_DESTROY, or no sock_diag for the protocol)".to_owned(),
            ),
            Self::Failed(why) => Some(why.clone()),
        }
    }

    fn text(&self) -> String {
        let name = self.name().replace('_', " ");
        self.error().map_or(name.clone(), |why| format!("{name}: {}", wireline_cli::escape(&why)))
    }

    const fn place(&self) -> usize {
        match self {
            Self::WouldBeClosed => 0,
            Self::Closed => 1,
            Self::Gone => 2,
            Self::NotPermitted => 3,
            Self::Unsupported => 4,
            Self::Failed(_) => 5,
        }
    }
}

impl Counts {
    fn add(&mut self, fate: &Fate) {
        self.0[fate.place()] += 1;
    }

    fn has_failures(&self) -> bool {
        self.0[3..].iter().any(|count| *count > 0)
    }

    fn line(&self) -> String {
        let names = ["", "closed", "gone before", "not permitted", "unsupported", "failed"];
        let told = self.0.iter().zip(names).skip(1).filter(|(count, _)| **count > 0);
        let told: Vec<_> = told.map(|(count, name)| format!("{count} {name}")).collect();
        match self.0[0] {
            0 if told.is_empty() => "No socket fits".to_owned(),
            0 => told.join(", "),
            count => format!("{count} would be closed. Nothing was: --kill --yes does it"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_line_has_what_there_was() {
        let line = |fates: &[Fate]| {
            let mut counts = Counts::default();
            for fate in fates {
                counts.add(fate);
            }
            (counts.line(), counts.has_failures())
        };
        assert_eq!(line(&[]), ("No socket fits".to_owned(), false));
        assert_eq!(
            line(&[Fate::Closed, Fate::Closed, Fate::Gone]),
            ("2 closed, 1 gone before".to_owned(), false)
        );
        assert_eq!(
            line(&[Fate::Closed, Fate::Unsupported]),
            ("1 closed, 1 unsupported".to_owned(), true)
        );
        let (dry, _) = line(&[Fate::WouldBeClosed]);
        assert_eq!(dry, "1 would be closed. Nothing was: --kill --yes does it");
        assert!(line(&[Fate::Failed("x".to_owned())]).1 && line(&[Fate::NotPermitted]).1);
    }

    #[test]
    fn what_the_kernel_lacks_is_named() {
        let text = Fate::from(Err(DestroyError::Unsupported)).text();
        assert!(text.contains("CONFIG_INET_DIAG_DESTROY"), "{text}");
        let text = Fate::from(Err(DestroyError::NotPermitted)).text();
        assert_eq!(text, "not permitted: CAP_NET_ADMIN is needed");
    }
}
