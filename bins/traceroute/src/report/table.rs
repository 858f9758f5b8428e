//! The report of mtr, octet by octet.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use wireline_cli::{Render, Streams};
use wireline_engine::trace::Label;
use wireline_engine::trace::cycles::{Event, Hop, Report, Seen};
use wireline_tool::Lookup;

use super::field::Field;

/// A table of hops.
pub(crate) struct Table {
    pub(super) names: Lookup,
    pub(super) fields: Vec<Field>,
    pub(super) width: Width,
    pub(super) labels: Labels,
    /// What this machine is called.
    pub(super) local: String,
}

/// How much room names have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Width {
    /// As much as leaves room for the columns in a terminal of 80.
    Cut,
    /// As much as the longest takes.
    Whole,
}

/// Whether labels of MPLS are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Labels {
    Shown,
    Hidden,
}

/// Characters before the columns.
const NAMES: usize = 33;

impl Table {
    /// Without its end.
    pub(super) fn lines(&self, hops: &[Hop]) -> Vec<String> {
        let names = match self.width {
            Width::Cut => NAMES,
            Width::Whole => self.longest(hops),
        };
        let titles = self.fields.iter().map(|field| format!("{:>1$}", field.title, field.width));
        let header = self.columns(format!("HOST: {:names$}", self.local), titles);
        let rows = hops.iter().flat_map(|hop| self.row(hop, names));
        std::iter::once(header).chain(rows).collect()
    }

    fn longest(&self, hops: &[Hop]) -> usize {
        let shown = hops.iter().map(|hop| self.first(hop).chars().count());
        shown.chain([self.local.chars().count()]).max().unwrap_or(0)
    }

    fn first(&self, hop: &Hop) -> String {
        hop.addresses.first().map_or_else(|| "???".to_owned(), |seen| self.name(seen.address))
    }

    pub(super) fn name(&self, address: IpAddr) -> String {
        let at = SocketAddr::new(address, 0);
        self.names.name(at).unwrap_or_else(|| address.to_string())
    }

    /// One hop: its columns, and below them who else answered.
    fn row(&self, hop: &Hop, names: usize) -> Vec<String> {
        let start = format!("{:3}.|-- {:names$}", hop.hop, self.first(hop));
        let cells = self.fields.iter().map(|field| field.cell(hop));
        let mut lines = vec![self.columns(start, cells)];
        for (n, seen) in hop.addresses.iter().enumerate() {
            if n > 0 {
                lines.push(format!("        {:names$}", self.name(seen.address)));
            }
            lines.extend(self.labels(seen));
        }
        lines
    }

    fn labels(&self, seen: &Seen) -> Vec<String> {
        let line = |l: &Label| {
            let (label, exp, bottom, ttl) = (l.label, l.exp, u8::from(l.bottom), l.ttl);
            format!("        [MPLS: Lbl {label} TC {exp} S {bottom} TTL {ttl}]")
        };
        match self.labels {
            Labels::Shown => seen.labels.iter().map(line).collect(),
            Labels::Hidden => Vec::new(),
        }
    }

    /// Each column begins at its place and cuts what reaches into it.
    fn columns(&self, start: String, cells: impl Iterator<Item = String>) -> String {
        let mut at = match self.width {
            Width::Cut => NAMES,
            Width::Whole => start.chars().count(),
        };
        let mut line = start;
        for (cell, field) in cells.zip(&self.fields) {
            line = format!("{line:at$.at$}{cell}");
            at += field.width;
        }
        line
    }

    /// Has the names looked up that will be shown.
    pub(super) fn ask(&self, hops: &[Hop]) {
        hops.iter().flat_map(|hop| &hop.addresses).for_each(|seen| drop(self.name(seen.address)));
    }

    pub(super) fn report(&self, report: &Report, to: &mut Streams<'_>) -> io::Result<()> {
        for line in self.lines(&report.hops) {
            writeln!(to.out, "{line}")?;
        }
        notes(report, to)
    }
}

impl Render<Event> for Table {
    fn event(&mut self, at: Duration, event: &Event, to: &mut Streams<'_>) -> io::Result<()> {
        match event {
            Event::Start(_) => writeln!(to.out, "Start: {}", date(at)),
            Event::Cycle(cycle) => {
                self.ask(&cycle.hops);
                Ok(())
            }
            Event::Report(report) => self.report(report, to),
        }
    }
}

/// What the table does not say.
pub(super) fn notes(report: &Report, to: &mut Streams<'_>) -> io::Result<()> {
    to.out.flush()?;
    // Where nobody answered it is the reason to fail.
    if let Some(why) = report.error.as_ref().filter(|_| report.answered > 0) {
        writeln!(to.err, "send: {why}")?;
    }
    for hop in &report.rate_limited {
        let why = "its answers are missing, not what it passes on";
        writeln!(to.err, "hop {hop}: rate-limited? {why}")?;
    }
    Ok(())
}

/// `2026-11-21T15:20:57+0000`, of a time since 1970.
pub(super) fn date(since: Duration) -> String {
    let seconds = since.as_secs();
    let (year, month, day) = civil(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}+0000")
}

/// Year, month and day, of days since 1970. Years are counted from March, so that the day of a leap year
/// is their last.
const fn civil(days: u64) -> (u64, u64, u64) {
    const BEFORE_1970: u64 = 719_468;
    const ERA: u64 = 146_097;
    let days = days + BEFORE_1970;
    let (era, day) = (days / ERA, days % ERA);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let of_month = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year + next, month, of_month)
}

#[cfg(test)]
mod tests {
    use wireline_engine::trace::cycles::Times;

    use super::*;

    fn hop(number: u8, addresses: &[&str], rtt_us: u64) -> Hop {
        let rtt = Duration::from_micros(rtt_us);
        let seen =
            |it: &&str| Seen { address: it.parse().unwrap(), answers: 2, labels: Vec::new() };
        let is_silent = addresses.is_empty();
        Hop {
            hop: number,
            addresses: addresses.iter().map(seen).collect(),
            sent: 2,
            received: if is_silent { 0 } else { 2 },
            lost: if is_silent { 2 } else { 0 },
            loss_percent: if is_silent { 100.0 } else { 0.0 },
            times: (!is_silent).then_some(Times {
                last: rtt,
                best: rtt,
                avg: rtt,
                worst: rtt,
                stdev: Duration::ZERO,
                gmean: rtt,
                jitter: Duration::ZERO,
                jitter_avg: Duration::ZERO,
                jitter_max: Duration::ZERO,
                jitter_interarrival: Duration::ZERO,
            }),
            rate_limited: false,
        }
    }

    fn table(width: Width, order: Option<&str>) -> Table {
        Table {
            names: Lookup::numeric(),
            fields: Field::parse(order).unwrap_or_default(),
            width,
            labels: Labels::Hidden,
            local: "vm".to_owned(),
        }
    }

    #[test]
    fn report_is_that_of_mtr() {
        let hops = [
            hop(1, &["10.80.1.2"], 90),
            hop(2, &["10.1.2.20", "10.1.2.2"], 3_055_123),
            hop(3, &[], 0),
        ];
        let expected = [
            "HOST: vm                          Loss%   Snt   Last   Avg  Best  Wrst StDev",
            "  1.|-- 10.80.1.2                  0.0%     2    0.1   0.1   0.1   0.1   0.0",
            "  2.|-- 10.1.2.20                  0.0%     2  3055. 3055. 3055. 3055.   0.0",
            "        10.1.2.2                         ",
            "  3.|-- ???                       100.0     2    0.0   0.0   0.0   0.0   0.0",
        ];
        assert_eq!(table(Width::Cut, None).lines(&hops), expected);
    }

    #[test]
    fn wide_header_stands_two_columns_left_of_the_fields() {
        let order = "LDRSNBAWVGJMXI";
        let expected = [
            "HOST: vm        Loss% Drop   Rcv   Snt  Last  Best   Avg  Wrst StDev Gmean Jttr Javg Jmax Jint",
            "  1.|-- 127.0.0.1  0.0%    0     2     2   0.0   0.0   0.0   0.0   0.0   0.0  0.0  0.0  0.0  0.0",
        ];
        let hops = [hop(1, &["127.0.0.1"], 40)];
        assert_eq!(table(Width::Whole, Some(order)).lines(&hops), expected);
    }

    #[test]
    fn long_name_is_cut_where_the_columns_begin() {
        let hops = [hop(12, &["2001:db8:1234:5678:9abc:def0:1234:5678"], 90)];
        let lines = table(Width::Cut, None).lines(&hops);
        assert_eq!(
            lines[1],
            " 12.|-- 2001:db8:1234:5678:9abc:d  0.0%     2    0.1   0.1   0.1   0.1   0.0"
        );
    }

    #[test]
    fn table_without_columns_has_whole_names() {
        let hops = [hop(1, &["10.80.1.2"], 90)];
        let lines = table(Width::Cut, Some("")).lines(&hops);
        assert_eq!((lines[0].len(), lines[1].len()), (39, 41));
    }

    #[test]
    fn labels_stand_below_their_router() {
        let label = Label { label: 24_001, exp: 0, bottom: true, ttl: 1 };
        let mut hop = hop(1, &["10.80.1.2"], 90);
        hop.addresses[0].labels = vec![label];
        let table = Table { labels: Labels::Shown, ..table(Width::Cut, None) };
        assert_eq!(table.lines(&[hop])[2], "        [MPLS: Lbl 24001 TC 0 S 1 TTL 1]");
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        let table = [
            (0, "1970-01-01T00:00:00+0000"),
            (951_782_399, "2000-02-28T23:59:59+0000"),
            (951_782_400, "2000-02-29T00:00:00+0000"),
            (1_795_274_457, "2026-11-21T15:20:57+0000"),
            (4_107_542_400, "2100-03-01T00:00:00+0000"),
        ];
        for (seconds, text) in table {
            assert_eq!(date(Duration::from_secs(seconds)), text);
        }
    }
}
