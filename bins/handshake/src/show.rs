//! `handshake show`: one connection, opened, used and closed, and drawn as it went.

mod args;
mod inferred;
mod kernel;
mod plan;
mod report;
mod user_space;
mod view;

use std::ffi::OsString;
use std::fmt::Display;
use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::Result;
use clap::CommandFactory as _;
use wireline_cli::{Exit, Grammar, Refusal, parse, run};
use wireline_engine::tcp::Verdict;
use wireline_host::Target;
use wireline_net::{Error, Signals, Tap, TapFilter, drop_privileges};

use args::Args;
use plan::Plan;
pub(crate) use report::describe;
use report::{Outcome, Report};
pub use report::{Reached, Told};
use user_space::Raw;
use view::View;

use crate::exit::{self, INCOMPLETE, NAME, PRIVILEGE, USAGE};
use crate::ladder::Drawing;

pub(crate) fn command() -> clap::Command {
    Args::command()
}

pub(crate) fn main(words: &[OsString]) -> ExitCode {
    let grammar = Grammar { usage: USAGE, missing: ("HOST:PORT is needed (try --help)", USAGE) };
    match parse::<Args>("handshake", words, grammar) {
        Ok(args) => run("handshake", || exit::sorted(show(&args))),
        Err(exit) => exit,
    }
}

fn show(args: &Args) -> Result<Exit> {
    let plan = Plan::new(args)?;
    let choice = args.output.choice()?;
    // In this order: sockets need privilege; names, files and what the network says must not have it.
    let tap = open_tap(&plan)?;
    let raw = if plan.needs_user_space() { Some(open_raw(&plan)?) } else { None };
    drop_privileges()?;
    let data = plan.data()?;
    let target = Target::resolve(&plan.target.host, plan.family)
        .map_err(|why| Refusal::new(NAME, why.to_string()))?;
    let report = Report::new(&plan, &target, args.quiet, choice.is_json(), tap.is_some());
    if tap.is_none() && (!args.quiet || choice.pcapng().is_some()) {
        Report::tell_what_is_unseen();
    }
    let mut show = Show {
        signals: Signals::new().map_err(local)?,
        view: View::new(tap, &choice)?,
        drawing: if args.quiet { None } else { Some(Drawing::open(&choice)?) },
        raw,
        report,
        plan,
        data,
    };
    let exit = show.all(&addresses(&target, show.plan.target.port))?;
    show.view.finish()?;
    show.drawing.map_or(Ok(()), Drawing::finish)?;
    show.report.finish()?;
    Ok(exit)
}

/// Each once, in the resolver's order.
fn addresses(target: &Target, port: u16) -> Vec<SocketAddr> {
    let mut all: Vec<SocketAddr> = Vec::new();
    for address in &target.addresses {
        let mut address = *address;
        address.set_port(port);
        if !all.contains(&address) {
            all.push(address);
        }
    }
    all
}

/// Hears nothing yet. `None` without the privilege.
fn open_tap(plan: &Plan) -> Result<Option<Tap>> {
    let interface = plan.device.as_deref().map(wireline_host::interface_index).transpose();
    let interface = interface.map_err(|why| {
        let device = plan.device.as_deref().unwrap_or_default();
        Refusal::new(USAGE, format!("-I {device}: {}", wireline_engine::errno_text(&why)))
    })?;
    // From nobody to nobody.
    let nobody = TapFilter { networks: vec![([0; 4].into(), 32)], ..TapFilter::default() };
    match Tap::open(interface, &nobody, view::KEPT) {
        Ok(tap) => Ok(Some(tap)),
        Err(Error::FramesNotPermitted) => Ok(None),
        Err(why) => Err(local(why)),
    }
}

/// What this machine has not, or not enough of.
fn local(why: impl Display) -> anyhow::Error {
    Refusal::new(exit::LOCAL, why.to_string()).into()
}

fn open_raw(plan: &Plan) -> Result<Raw> {
    Raw::open(plan).map_err(|why| match why {
        Error::FramesNotPermitted => Refusal::new(
            PRIVILEGE,
            "what was asked for is made in user space, which needs CAP_NET_RAW: setcap cap_net_raw+p FILE, or be root",
        )
        .into(),
        why => local(why),
    })
}

struct Show {
    plan: Plan,
    data: Vec<u8>,
    signals: Signals,
    view: View,
    drawing: Option<Drawing>,
    raw: Option<Raw>,
    report: Report,
}

impl Show {
    /// One address after the other, until one is open.
    fn all(&mut self, addresses: &[SocketAddr]) -> Result<Exit> {
        let mut worst = exit::OPEN;
        for (id, address) in (0..).zip(addresses) {
            let outcome = self.one(id, *address)?;
            let code = Self::code(&outcome);
            worst = exit::worse(worst, code);
            if outcome.verdict == Verdict::Open || outcome.is_stopped {
                return Ok(code);
            }
        }
        Ok(worst)
    }

    fn one(&mut self, id: u32, address: SocketAddr) -> Result<Outcome> {
        let Self { plan, data, signals, view, drawing, raw, report } = self;
        view.start(id, plan, address, drawing.take());
        let outcome = match raw {
            Some(raw) => user_space::connect(plan, data, address, raw, signals, view),
            None => kernel::connect(plan, data, address, signals, view),
        };
        let outcome = outcome?;
        let is_drawn = view.end(report, &outcome)?;
        *drawing = view.take_drawing();
        report.tell(address, &outcome, is_drawn)?;
        Ok(outcome)
    }

    fn code(outcome: &Outcome) -> Exit {
        let code = exit::of(&outcome.verdict);
        if outcome.is_complete() { code } else { exit::worse(code, INCOMPLETE) }
    }
}
