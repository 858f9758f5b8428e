//! `--pipeline`: the same requests one after the other, pipelined, and as streams of HTTP/2 and 3, side by side.
//!
//! Every way has a connection of its own, and begins when the one before it is over.

mod lane;
mod show;
mod told;
mod unfit;

use std::io::{self, Write as _};
use std::sync::Arc;
use std::time::Duration;

use wireline_cli::{Exit, JsonLines, Render as _, Streams};
use wireline_http::agent::{Agent, Parallel};
use wireline_http::spec::Versions;
use wireline_http::{Failure, Job, Kind, Spec, Url};
use wireline_net::Clock;

use crate::config::{Config, Operation};
use crate::jobs::Jobs;
use crate::notice::Notices;
use crate::reports::Look;
use crate::sink::{self, Shared};
use crate::{complain, exit, store};

use lane::Lane;
use told::{Told, Way, WayTold};

/// For each way, where nobody said how long (`-m`).
const PATIENCE: Duration = Duration::from_secs(30);
/// To open its connection; over UDP, where often nobody says no.
const CONNECT: Duration = Duration::from_secs(5);
const CONNECT_UDP: Duration = Duration::from_secs(2);

/// Sends `count` requests each way and shows how that went.
pub(crate) fn run(config: Config, count: usize, said: &Notices) -> Exit {
    let is_silent = config.globals.shown.is_silent && !config.globals.shown.shows_errors;
    let color = config.globals.shown.color;
    let reports = config.globals.shown.reports.clone();
    let operation = config.operations.first().cloned();
    say(&said.0);
    let told = urls(config, count).and_then(|(urls, spec)| {
        let operations: Vec<Operation> = operation.into_iter().collect();
        Ok(Told { ways: ways(&urls, &spec, &operations)?, url: base(&urls) })
    });
    let told = match told {
        Ok(told) => told,
        Err(failure) => {
            let code = exit::of(failure.kind);
            if !is_silent && !failure.text.is_empty() {
                say(&complain::error(code.0, &failure.text));
            }
            return code;
        }
    };
    let code = told.failure().map_or(Exit(0), |failure| exit::of(failure.kind));
    let written = if reports.json {
        let lines = show::lines(&told, reports.secrets, code.0);
        let mut lines = lines.iter();
        lines.try_for_each(|line| {
            let (mut out, mut err) = (io::stdout().lock(), io::stderr());
            let mut to = Streams { out: &mut out, err: &mut err };
            JsonLines { tool: "fetch" }.event(Clock.wall(), line, &mut to)
        })
    } else {
        io::stdout().lock().write_all(show::page(&told, Look::of_stdout(color)).as_bytes())
    };
    match written {
        Ok(()) => {}
        Err(why) if why.kind() == io::ErrorKind::BrokenPipe => {}
        Err(_) => return exit::of(Kind::Write),
    }
    if let Some(failure) = told.failure().filter(|_| !is_silent) {
        say(&complain::error(code.0, &failure.text));
    }
    code
}

/// As many as are to be sent, the URLs of the command line in turn; and how.
fn urls(config: Config, count: usize) -> Result<(Vec<Url>, Arc<Spec>), Failure> {
    let refuse = |text: String| Err(Failure::new(Kind::Setup, format!("--pipeline: {text}")));
    if let Some(what) = unfit::first(&config) {
        return refuse(format!("{what} has no place beside it"));
    }
    let Some(first) = config.operations.first() else { return refuse("no URL".to_owned()) };
    let shared = Shared::open(&first.output, sink::Run::default())?;
    let jobs: Vec<Job> =
        Jobs::new(config.operations, None, shared.clone()).take(count.saturating_add(1)).collect();
    let Some(spec) = jobs.first().map(|job| Arc::clone(&job.spec)) else {
        // Why there is none has been said.
        return Err(Failure::new(Kind::MalformedUrl, ""));
    };
    if jobs.len() > count {
        return refuse(format!("there are more URLs than {count}"));
    }
    let urls: Vec<Url> = jobs.into_iter().map(|job| job.url).collect();
    if let Some(other) =
        urls.iter().skip(1).find(|one| !urls[..1].iter().all(|first| first.is_same_origin(one)))
    {
        return refuse(format!(
            "{} is another server: all requests go over one connection",
            other.effective()
        ));
    }
    let all = urls.iter().cycle().take(count).cloned().collect();
    Ok((all, spec))
}

/// The server, without a path.
fn base(urls: &[Url]) -> String {
    urls.first().map(|url| format!("{}://{}", url.scheme, url.host_header())).unwrap_or_default()
}

/// One way after the other.
fn ways(urls: &[Url], spec: &Spec, operations: &[Operation]) -> Result<Vec<WayTold>, Failure> {
    let is_secure = urls.first().is_some_and(Url::is_secure);
    let ways = Way::ALL.into_iter().filter(|way| *way != Way::Http3 || is_secure);
    ways.map(|way| one_way(way, urls, spec, operations)).collect()
}

fn one_way(
    way: Way,
    urls: &[Url],
    spec: &Spec,
    operations: &[Operation],
) -> Result<WayTold, Failure> {
    let wall = i64::try_from(Clock.wall().as_secs()).unwrap_or(i64::MAX);
    // What is wrong with the files is said once, when the first is read.
    let mut complaints = Notices::default();
    let known = store::load(operations, wall, &mut complaints);
    if way == Way::Alone {
        say(&complaints.0);
    }
    let agent = Agent::new(known).map_err(|why| Failure::new(Kind::Setup, why.to_string()))?;
    let limit = spec.limits.total.filter(|one| !one.is_zero()).unwrap_or(PATIENCE);
    let began = Clock.now();
    let lanes: Vec<Lane> = urls.iter().map(|_| Lane::new(began)).collect();
    let job = |(url, lane): (&Url, &Lane)| {
        let spent = Clock.now().since(began);
        let spec = of_way(way, spec, limit.saturating_sub(spent).max(Duration::from_millis(1)));
        Job { url: url.clone(), spec: Arc::new(spec), observer: lane.observer(way) }
    };
    let mut jobs = urls.iter().zip(&lanes).map(job);
    match way {
        Way::Alone => agent.run(&mut jobs, parallel(1)),
        Way::Ahead => agent.pipeline(jobs.collect()),
        Way::Http2 | Way::Http3 => agent.run(&mut jobs, parallel(urls.len())),
    }
    drop(agent);
    Ok(WayTold { way, seen: lanes.into_iter().map(Lane::into_seen).collect() })
}

const fn parallel(most: usize) -> Parallel {
    Parallel { most, most_per_host: None, is_immediate: false }
}

fn of_way(way: Way, spec: &Spec, limit: Duration) -> Spec {
    let mut spec = spec.clone();
    spec.versions = match way {
        Way::Alone | Way::Ahead => Versions::Http11,
        Way::Http2 => Versions::Http2PriorKnowledge,
        Way::Http3 => Versions::Http3Only,
    };
    let connect = if way == Way::Http3 { CONNECT_UDP } else { CONNECT };
    spec.limits.total = Some(limit);
    spec.limits.connect = Some(spec.limits.connect.unwrap_or(connect));
    spec
}

/// Nobody is left to tell where that fails.
fn say(text: &str) {
    if !text.is_empty() {
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }
}
