//! Where the figures were taken.

use std::fs;
use std::thread::available_parallelism;

use crate::run::Realtime;

/// Cores, kernel, load and priority in one line.
pub(crate) fn describe(realtime: Realtime) -> String {
    let cores = available_parallelism().map_or(0, usize::from);
    let kernel = read("/proc/sys/kernel/osrelease");
    let load = read("/proc/loadavg");
    let load: Vec<_> = load.split(' ').take(3).collect();
    let priority = match realtime {
        Realtime::Timed => "flood, sweep and accuracy under chrt -f 1",
        Realtime::All => "everything under chrt -f 1",
        Realtime::None => "no real-time priority",
    };
    format!("{cores} cores, Linux {kernel}, load average {}; {priority}", load.join(" "))
}

fn read(path: &str) -> String {
    fs::read_to_string(path).map_or_else(|_| "unknown".to_owned(), |text| text.trim().to_owned())
}
