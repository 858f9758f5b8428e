use std::collections::HashMap;
use std::io;
use std::time::Duration;

use wireline_cli::{Live, Render, Streams};
use wireline_engine::Latency;
use wireline_engine::sweep::{Event, Target};

use crate::live::{Recent, line};

/// One line a target that changes in place.
#[derive(Default)]
pub(crate) struct LiveMany {
    live: Live,
    rows: HashMap<Box<str>, usize>,
    targets: Vec<Row>,
}

#[derive(Default)]
struct Row {
    name: String,
    recent: Recent,
    latency: Latency,
    received: u64,
    lost: u64,
}

impl LiveMany {
    /// Targets that have a line. More fit on no screen.
    const MOST: usize = 200;

    fn update(&mut self, target: &Target, rtt: Option<Duration>) {
        let next = self.targets.len();
        let n = match self.rows.get(&target.name) {
            Some(n) => *n,
            None if next < Self::MOST => {
                self.rows.insert(target.name.clone(), next);
                self.targets.push(Row { name: target.name.to_string(), ..Row::default() });
                next
            }
            None => return,
        };
        let row = &mut self.targets[n];
        row.recent.push(rtt);
        match rtt {
            Some(rtt) => {
                row.received += 1;
                row.latency.record(rtt);
            }
            None => row.lost += 1,
        }
        self.live.set(n, line(&row.name, &row.recent, row.received, row.lost, &row.latency));
    }
}

impl Render<Event> for LiveMany {
    fn event(&mut self, _at: Duration, event: &Event, _to: &mut Streams<'_>) -> io::Result<()> {
        match event {
            Event::Reply(answer) if !answer.duplicate => {
                self.update(&answer.target, Some(answer.sample.rtt));
            }
            Event::Lost { target, .. } => self.update(target, None),
            Event::Summary(summary) => {
                self.live.finish();
                let text = format!("{} sent, {} received", summary.sent, summary.received);
                return self.live.print(&text);
            }
            _ => {}
        }
        Ok(())
    }
}
