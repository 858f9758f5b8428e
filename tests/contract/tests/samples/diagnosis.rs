//! A line of every kind that netstat writes with `--diagnose`, `--watch` and `--explain`.

use wireline_netstat::event::{
    AcceptQueue, ChangedSocket, End, Event, Evidence, Finding, HalfClosed, InState, Loss, Ports,
    Program, Severity, SlowReader, Socket, StalledWriter, StateExplained, SynQueue, Tally, Unowned,
};

/// One socket, three times.
pub(crate) fn changes(socket: &Socket) -> Vec<Event> {
    vec![
        Event::Opened(Box::new(socket.clone())),
        Event::Closed(Box::new(socket.clone())),
        Event::Changed(Box::new(ChangedSocket {
            socket: socket.clone(),
            was: "syn_sent".to_owned(),
            received_per_second: 1448,
            acked_per_second: 120,
        })),
        Event::State(StateExplained {
            state: "time_wait".to_owned(),
            rfc: "TIME-WAIT",
            sockets: 3,
            meaning: "closed, and this side did it first",
            next: "nobody: a clock runs",
            ends: "closed, after 60 seconds",
            trouble: "none by itself",
        }),
    ]
}

pub(crate) fn diagnosis() -> Vec<Event> {
    let states = vec![InState { state: "established".to_owned(), sockets: 12 }];
    let tally = Tally { by: "process", name: None, names: 3, sockets: 12, states: states.clone() };
    let unowned = Unowned {
        why: "orphan",
        meaning: "closed by its program; the kernel sends the rest and the end of it",
        sockets: 12,
        states,
        unsent: 1448,
    };
    let findings = evidence().into_iter().map(|evidence| {
        let advice = "the program accepts too slowly".to_owned();
        Event::Finding(Box::new(Finding { severity: Severity::Critical, evidence, advice }))
    });
    [Event::Tally(tally), Event::Unowned(unowned)].into_iter().chain(findings).collect()
}

fn evidence() -> Vec<Evidence> {
    let half = half_closed();
    let mut evidence = queues();
    evidence.extend([
        Evidence::CloseWait(half.clone()),
        Evidence::FinWait2(HalfClosed { owner: None, open_files: None, file_limit: None, ..half }),
        Evidence::StalledWriter(StalledWriter {
            local: end(),
            remote: end(),
            owner: Some(program()),
            held_by: "peer",
            send_queue: 3_782_144,
            stalled_ms: 6600.0,
            window_percent: Some(99.5),
            buffer_percent: Some(0.5),
        }),
        Evidence::SlowReader(SlowReader {
            local: end(),
            remote: end(),
            owner: Some(program()),
            recv_queue: 114_176,
            idle_ms: 6600.0,
        }),
        Evidence::Loss(Loss {
            network: "198.51.100.0/24".to_owned(),
            connections: 29,
            losing: 9,
            unanswered: 5,
            backoff: 5,
            rto_ms: 6528.0,
            retransmitted_percent: Some(18.75),
        }),
    ]);
    evidence
}

fn queues() -> Vec<Evidence> {
    vec![
        Evidence::Ports(Ports {
            source: "192.0.2.7".parse().unwrap(),
            destination: end(),
            ports: 28_232,
            used: 27_100,
            time_wait: 26_900,
            reuse: false,
            closed_per_minute: 27_000,
            left_ms: Some(2500.0),
        }),
        Evidence::AcceptQueue(AcceptQueue {
            local: end(),
            owner: Some(program()),
            waiting: 5,
            backlog: Some(4),
            full: true,
            drops: Some(21),
            half_open: 2,
            somaxconn: Some(4096),
            listen_overflows: Some(21),
            listen_drops: Some(21),
        }),
        Evidence::SynQueue(SynQueue {
            local: end(),
            owner: None,
            half_open: 128,
            backlog: 128,
            syncookies: Some(1),
            dropped: Some(0),
            cookies: Some(5000),
        }),
    ]
}

fn half_closed() -> HalfClosed {
    HalfClosed {
        owner: Some(program()),
        sockets: 900,
        unread: 900,
        oldest_ms: 7_200_000.0,
        remote: "198.51.100.9".parse().unwrap(),
        open_files: Some(920),
        file_limit: Some(1024),
    }
}

fn end() -> End {
    End { address: "192.0.2.7".parse().unwrap(), port: 443 }
}

fn program() -> Program {
    Program { pid: 1011, program: "/usr/sbin/example".to_owned() }
}
