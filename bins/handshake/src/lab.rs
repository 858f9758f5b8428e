//! `handshake lab`: scenarios of TCP, played by this machine's own kernel in a network of their own.
//!
//! No packet leaves the lab, and no privilege is needed.

mod director;
mod rooms;
mod scenes;
mod stage;
mod wire;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use anyhow::{Context as _, Result};
use clap::{CommandFactory as _, Parser};
use serde::Serialize;
use wireline_cli::{Exit, Grammar, JsonLines, Output, Refusal, parse, run};
use wireline_net::{Clock, Signals, drop_privileges, is_superuser};

use crate::exit::{INCOMPLETE, LOCAL, OPEN, USAGE};
use crate::ladder::{Drawing, Explain, OutputFlags};
use director::Director;
use rooms::Rooms;
use scenes::Scene;
use stage::{Event, Interrupted, Stage};
use wire::{Orders, Wire};

const ABOUT: &str = "Play a scenario of TCP in a network of its own, and draw what happens";

const USAGE_LINE: &str = "handshake lab SCENARIO|list";

/// What may be asked for.
#[derive(Debug, Parser)]
#[command(name = "lab", about = ABOUT, override_usage = USAGE_LINE, args_override_self = true)]
struct Args {
    /// What is to be played, or list: which there are
    #[arg(value_name = "SCENARIO")]
    scenario: String,

    #[command(flatten)]
    output: OutputFlags,
}

/// A line of `lab list --json`.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Listed {
    /// Something that can be played.
    Scenario {
        /// The word for it.
        name: &'static str,
        /// What there is to see.
        about: &'static str,
    },
}

impl Listed {
    /// The event's name in JSON.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Scenario { .. } => "scenario",
        }
    }
}

pub(crate) fn command() -> clap::Command {
    Args::command()
}

pub(crate) fn main(words: &[OsString]) -> ExitCode {
    let grammar = Grammar { usage: USAGE, missing: ("a scenario is needed", USAGE) };
    match parse::<Args>("handshake lab", words, grammar) {
        Ok(args) => run("handshake lab", || crate::exit::sorted(lab(&args))),
        Err(exit) => exit,
    }
}

fn lab(args: &Args) -> Result<Exit> {
    // Root may enter a user namespace only as it is (CAP_SETFCAP, user_namespaces(7)), and has no power over
    // anything outside afterwards.
    if !is_superuser() {
        drop_privileges()?;
    }
    if args.scenario == "list" {
        list(args.output.json)?;
        return Ok(OPEN);
    }
    let scene = scenes::named(&args.scenario).ok_or_else(|| {
        let why = format!("{}: no such scenario (handshake lab list)", args.scenario);
        Refusal::new(USAGE, why)
    })?;
    let mut output = args.output.clone();
    output.explain = output.explain.or(Some(Explain::Short));
    let choice = output.choice()?;
    // While this is the only thread.
    let rooms = Rooms::open()?;
    let signals = Signals::new()?;
    let director = Director::new(Drawing::open(&choice)?, &choice, scene)?;
    perform(scene, rooms, director, &signals)
}

/// The wire and the scene have a thread each; this one draws.
fn perform(
    scene: &'static Scene,
    rooms: Rooms,
    director: Director,
    signals: &Signals,
) -> Result<Exit> {
    let orders = Arc::<Orders>::default();
    let wire = Wire::open(&orders)?;
    let (tell, told) = channel();
    let (keep_going, go_on) = channel();
    let stage = Stage { rooms, orders: Arc::clone(&orders), tell: tell.clone(), go_on };
    thread::scope(|scope| {
        let carrying = scope.spawn(move || wire.run(&|passing| pass(&tell, passing)));
        let playing = scope.spawn(move || {
            let played = (scene.play)(&stage).and_then(|()| stage.quiet());
            stage.orders.stop();
            played
        });
        let drawn = draw(director, &told, keep_going, signals);
        orders.stop();
        let played = playing.join().unwrap_or_else(|_| anyhow::bail!("the scene broke off"));
        carrying
            .join()
            .unwrap_or_else(|_| Err(io::Error::other("the wire broke")))
            .context("the wire")?;
        drawn?;
        ended(scene, played)
    })
}

fn pass(tell: &Sender<Event>, passing: wire::Passing) {
    // Nobody draws any more when the play is to end.
    let _ = tell.send(Event::Passing(passing));
}

/// Until both threads have ended, or somebody wants an end.
fn draw(
    mut director: Director,
    told: &Receiver<Event>,
    keep_going: Sender<()>,
    signals: &Signals,
) -> Result<()> {
    use std::sync::mpsc::RecvTimeoutError::Timeout;
    const LOOK: std::time::Duration = std::time::Duration::from_millis(50);
    let mut keep_going = Some(keep_going);
    loop {
        match told.recv_timeout(LOOK) {
            Ok(event) => director.take(event)?,
            Err(Timeout) => {}
            Err(_) => return director.finish(),
        }
        if signals.stop() {
            drop(keep_going.take());
        }
    }
}

fn ended(scene: &Scene, played: Result<()>) -> Result<Exit> {
    match played {
        Ok(()) => Ok(OPEN),
        Err(why) if why.is::<Interrupted>() => Ok(INCOMPLETE),
        Err(why) if why.is::<Refusal>() => Err(why),
        Err(why) => Err(Refusal::new(LOCAL, format!("{}: {why:#}", scene.name)).into()),
    }
}

fn list(json: bool) -> Result<()> {
    if json {
        let mut output = Output::new(Box::new(JsonLines { tool: "handshake" }));
        let at = Clock.wall();
        for scene in &scenes::ALL {
            output.event(at, &Listed::Scenario { name: scene.name, about: scene.about })?;
        }
        return Ok(output.flush()?);
    }
    let lines = scenes::ALL.iter().map(|scene| format!("{:18}{}\n", scene.name, scene.about));
    let mut out = io::stdout().lock();
    out.write_all(lines.collect::<String>().as_bytes())?;
    Ok(out.flush()?)
}
