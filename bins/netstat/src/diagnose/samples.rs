//! Facts for tests.

use std::time::Duration;

use wireline_host::sockets::{Endpoint, State, Timer, TimerKind};

use super::facts::{Facts, Flow, Process, Row};
use crate::event::Program;

pub(super) fn facts(rows: Vec<Row>, processes: Vec<Process>) -> Facts {
    Facts { rows, processes, ..Facts::default() }
}

pub(super) fn process(pid: u32, program: &str) -> Process {
    let program = Program { pid, program: program.to_owned() };
    Process { program, open_files: Some(10), file_limit: Some(1024) }
}

fn endpoint(text: &str) -> Endpoint {
    let address: std::net::SocketAddr = text.parse().unwrap();
    Endpoint { address: address.ip(), port: address.port() }
}

/// A socket with an inode, and nothing in its queues.
pub(super) fn row(state: State, local: &str, remote: &str) -> Row {
    Row {
        state,
        local: endpoint(local),
        remote: endpoint(remote),
        recv_queue: 0,
        send_queue: 0,
        timer: Timer::default(),
        inode: 77,
        owner: None,
        drops: None,
        receive_memory: None,
        flow: None,
    }
}

impl Row {
    pub(super) fn owned(self, place: usize) -> Self {
        Self { owner: Some(place), ..self }
    }

    pub(super) fn kernel(self) -> Self {
        Self { inode: 0, owner: None, ..self }
    }

    pub(super) fn queues(self, recv_queue: u32, send_queue: u32) -> Self {
        Self { recv_queue, send_queue, ..self }
    }

    pub(super) fn flow(self, flow: Flow) -> Self {
        Self { flow: Some(Box::new(flow)), ..self }
    }

    pub(super) fn timer(self, kind: TimerKind) -> Self {
        Self { timer: Timer { kind, ..Timer::default() }, ..self }
    }

    pub(super) fn waiting(self, expires: Duration) -> Self {
        let timer = Timer { kind: TimerKind::TimeWait, expires, ..Timer::default() };
        Self { timer, ..self.kernel() }
    }
}
