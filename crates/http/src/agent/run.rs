//! Which transfers are done when.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::rc::Rc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::agent::Parallel;
use crate::agent::core::Core;
use crate::agent::transfer::Transfer;
use crate::failure::{Failure, Kind};
use crate::spec::Job;
use crate::tell::{Tell, Teller};

/// One after the other.
pub(super) async fn serial(core: &Rc<Core>, jobs: &mut dyn Iterator<Item = Job>) {
    for job in jobs {
        if one(core, job, None).await.is_break() {
            return;
        }
    }
}

/// Some at a time; each is asked for when there is room for it.
pub(super) async fn parallel(
    core: &Rc<Core>,
    jobs: &mut dyn Iterator<Item = Job>,
    parallel: Parallel,
) {
    let mut running = JoinSet::new();
    let hosts = Hosts { most: parallel.most_per_host, gates: RefCell::default() };
    loop {
        while running.len() < parallel.most {
            let Some(job) = jobs.next() else { break };
            let (core, gate) = (Rc::clone(core), hosts.gate(&job));
            running.spawn_local(async move { one(&core, job, gate).await });
        }
        match running.join_next().await {
            None => return,
            Some(Ok(ControlFlow::Break(()))) => break,
            Some(_) => {}
        }
    }
    // Those that are dropped tell their observers so.
    running.shutdown().await;
}

/// How many at a time go to one host.
struct Hosts {
    most: Option<usize>,
    gates: RefCell<HashMap<String, Rc<Semaphore>>>,
}

impl Hosts {
    fn gate(&self, job: &Job) -> Option<Rc<Semaphore>> {
        let most = self.most.filter(|most| *most > 0)?;
        let mut gates = self.gates.borrow_mut();
        let gate = gates.entry(job.url.host.clone());
        Some(Rc::clone(gate.or_insert_with(|| Rc::new(Semaphore::new(most)))))
    }
}

/// Whoever waits for a transfer hears of its end, also where it is dropped before that.
pub(super) struct Ending {
    tell: Option<Tell>,
}

impl Ending {
    pub(super) const fn new(tell: Tell) -> Self {
        Self { tell: Some(tell) }
    }

    pub(super) fn end(&mut self, result: Result<(), Failure>) -> ControlFlow<()> {
        let Some(tell) = self.tell.take() else { return ControlFlow::Continue(()) };
        let report = tell.done(result.as_ref().err());
        tell.observer().done(&report, result)
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        let why = Failure::new(
            Kind::Aborted,
            "Transfer aborted due to critical error in another transfer",
        );
        let _ = self.end(Err(why));
    }
}

async fn one(core: &Rc<Core>, job: Job, gate: Option<Rc<Semaphore>>) -> ControlFlow<()> {
    let Job { url, spec, observer } = job;
    let tell = Teller::new(Instant::now(), observer);
    let mut ending = Ending::new(Tell::clone(&tell));
    let _turn = match &gate {
        Some(gate) => gate.acquire().await.ok(),
        None => None,
    };
    tell.recorder().report.times.queue = tell.now();
    let transfer = Transfer::new(Rc::clone(core), tell, spec, url);
    let outcome = transfer.run().await;
    drop(transfer);
    ending.end(outcome)
}
