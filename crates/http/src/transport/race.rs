//! The race of a host's addresses, run.

use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use tokio::time::sleep;

use crate::event::{Attempt, Event, Outcome};
use crate::failure::Failure;
use crate::tell::Tell;
use crate::transport::eyeballs::{Act, Race};
use crate::transport::socket::{Miss, errno_text};

/// Why nobody won.
#[derive(Debug)]
pub(crate) enum Lost {
    /// All were tried; the last reason but timeouts.
    Failed(String),
    /// The time is over.
    TimedOut,
    /// The last one's failure, in its own words.
    Final(Failure),
}

struct Runner<F> {
    to: SocketAddr,
    began: Duration,
    future: Pin<Box<F>>,
}

/// Runs it: `connect` begins an attempt. Every attempt is told.
pub(crate) async fn run<T, F>(
    mut race: Race,
    connect: impl Fn(SocketAddr) -> F,
    tell: &Tell,
) -> Result<(SocketAddr, T), Lost>
where
    F: Future<Output = Result<T, Miss>>,
{
    let mut runners: Vec<Runner<F>> = Vec::new();
    let mut last = Lost::TimedOut;
    loop {
        while let Some(act) = race.poll(tell.now()) {
            match act {
                Act::Start(to) => {
                    tell.event(&Event::Trying { to });
                    let began = tell.now();
                    runners.push(Runner { to, began, future: Box::pin(connect(to)) });
                }
                Act::GiveUp(to) => {
                    let outcome = Outcome::Failed("Connection timed out".to_owned());
                    end(&mut runners, to, outcome, tell);
                    last = Lost::TimedOut;
                }
            }
        }
        if race.is_lost(tell.now()) {
            return Err(last);
        }
        let Some((to, ended)) = any(&mut runners, race.next_timeout(), tell).await else {
            continue;
        };
        match ended {
            Ok(stream) => {
                end(&mut runners, to, Outcome::Won, tell);
                for other in race.running().filter(|one| *one != to) {
                    end(&mut runners, other, Outcome::Abandoned, tell);
                }
                return Ok((to, stream));
            }
            Err(miss) => {
                last = lost(miss);
                end(&mut runners, to, Outcome::Failed(reason(&last)), tell);
                race.handle_failed(to, tell.now());
            }
        }
    }
}

fn lost(miss: Miss) -> Lost {
    match miss {
        Miss::Io(why) => Lost::Failed(errno_text(&why)),
        Miss::Final(failure) => Lost::Final(failure),
    }
}

fn reason(lost: &Lost) -> String {
    match lost {
        Lost::Failed(text) => text.clone(),
        Lost::TimedOut => "Connection timed out".to_owned(),
        Lost::Final(failure) => failure.text.clone(),
    }
}

/// Whoever is done first; `None` where that is nobody until the time to look again.
async fn any<T, F>(
    runners: &mut [Runner<F>],
    until: Option<Duration>,
    tell: &Tell,
) -> Option<(SocketAddr, Result<T, Miss>)>
where
    F: Future<Output = Result<T, Miss>>,
{
    let wait = until.map(|until| until.saturating_sub(tell.now()));
    let mut timer = std::pin::pin!(async {
        match wait {
            Some(wait) => sleep(wait).await,
            None => std::future::pending().await,
        }
    });
    poll_fn(|cx| {
        for runner in runners.iter_mut() {
            if let Poll::Ready(ended) = runner.future.as_mut().poll(cx) {
                return Poll::Ready(Some((runner.to, ended)));
            }
        }
        timer.as_mut().poll(cx).map(|()| None)
    })
    .await
}

fn end<F>(runners: &mut Vec<Runner<F>>, to: SocketAddr, outcome: Outcome, tell: &Tell) {
    let Some(place) = runners.iter().position(|one| one.to == to) else { return };
    let Runner { began, .. } = runners.swap_remove(place);
    tell.event(&Event::Attempt(Attempt { to, began, ended: tell.now(), outcome }));
}
