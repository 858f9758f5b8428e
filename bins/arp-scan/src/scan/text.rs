//! arp-scan's lines. What it would not say goes to stderr, so that scripts that read its lines find them.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, IsTerminal as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use wireline_cli::{Progress, Render, Streams, escape};
use wireline_engine::segment::Source;
use wireline_packet::ethernet::Framing;
use wireline_tool::Lookup;

use super::config::TextConfig;
use super::findings;
use super::format::{Field, Format, Part};
use crate::compare_cache::{self, Row};
use crate::event::{Event, Host, Interface, Start, Summary, hex};

/// What its lines call the original, whose version they are those of.
const PEER: &str = "arp-scan 1.10.0";

/// One host a line, between a heading and a summary.
pub(crate) struct Text {
    config: TextConfig,
    names: Lookup,
    progress: Option<Progress>,
    /// A round that is told of once the next thing shows that somebody was silent in it.
    pass: Option<u32>,
    /// The kernel's entries, as far as they were told.
    cached: Vec<Row>,
}

impl Text {
    pub(crate) const fn new(config: TextConfig, names: Lookup) -> Self {
        Self { config, names, progress: None, pass: None, cached: Vec::new() }
    }

    fn interface(&self, interface: &Interface, to: &mut Streams<'_>) -> io::Result<()> {
        if self.config.plain {
            return Ok(());
        }
        let (Some(name), Some(mac)) = (&interface.interface, interface.mac) else {
            return writeln!(to.out, "Interface: pcap file");
        };
        let address = interface.address.map_or_else(|| "(none)".into(), |ip| ip.to_string());
        let name = escape(name);
        write!(to.out, "Interface: {name}, type: EN10MB, MAC: {mac}, IPv4: {address}")?;
        match interface.vlan.filter(|_| self.config.several) {
            Some(vlan) => writeln!(to.out, ", VLAN: {vlan}"),
            None => writeln!(to.out),
        }
    }

    fn start(&mut self, start: &Start, to: &mut Streams<'_>) -> io::Result<()> {
        let hosts = start.hosts;
        if !self.config.plain {
            let url = "https://github.com/royhills/arp-scan";
            writeln!(to.out, "Starting {PEER} with {hosts} hosts ({url})")?;
        }
        if self.config.verbose > 2 {
            list(&start.list, to)?;
        }
        if !self.config.offline && !io::stdout().is_terminal() && io::stderr().is_terminal() {
            self.progress = Some(Progress::new(hosts, "hosts"));
        }
        Ok(())
    }

    fn host(&self, host: &Host, to: &mut Streams<'_>) -> io::Result<()> {
        if host.source == Source::Own {
            let text = format!("---\t{} is this machine's own", host.address);
            return self.note(1, &text, to);
        }
        self.note(2, &format!("---\tReceived packet #{} from {}", host.answers, host.address), to)?;
        if host.answers > 1 && self.config.ignoredups {
            return Ok(());
        }
        match &self.config.format {
            None => writeln!(to.out, "{}", self.line(host)),
            Some(format) => self.formatted(format, host, to),
        }
    }

    /// The fields that are there, in arp-scan's order.
    fn line(&self, host: &Host) -> String {
        let first = if self.config.resolve { Field::Name } else { Field::Ip };
        let mut line = format!("{}\t{}", self.text(host, first), host.mac);
        let mut add = |field, before: &str, after: &str| {
            if let Some(value) = self.value(host, field) {
                let _ = write!(line, "{before}{value}{after}");
            }
        };
        add(Field::HdrMac, " (", ")");
        add(Field::Vendor, "\t", "");
        if self.config.verbose > 0 {
            add(Field::Padding, "\tPadding=", "");
        }
        add(Field::Framing, " (", ")");
        add(Field::Vlan, " (802.1Q VLAN=", ")");
        add(Field::Proto, " (ARP Proto=", ")");
        add(Field::Dup, " (DUP: ", ")");
        add(Field::Rtt, "\tRTT=", " ms");
        if let Some(interface) = host.interface.as_ref().filter(|_| self.config.several) {
            let _ = write!(line, "\t[{}]", escape(interface));
        }
        line
    }

    fn text(&self, host: &Host, field: Field) -> String {
        self.value(host, field).map(Cow::into_owned).unwrap_or_default()
    }

    /// What a field says; `None` where it is not known, not asked for or as usual.
    fn value<'a>(&self, host: &'a Host, field: Field) -> Option<Cow<'a, str>> {
        let is_full = !self.config.quiet;
        let full = |text: Option<String>| text.filter(|_| is_full).map(Cow::Owned);
        match field {
            Field::Ip => Some(host.address.to_string().into()),
            Field::Name if self.config.resolve => {
                let name = self.names.name(SocketAddr::new(host.address, 0));
                Some(name.unwrap_or_else(|| host.address.to_string()).into())
            }
            Field::Name => None,
            Field::Mac => Some(host.mac.to_string().into()),
            Field::HdrMac => {
                (host.frame_mac != host.mac).then(|| host.frame_mac.to_string().into())
            }
            Field::Vendor => is_full.then(|| vendor(host)),
            Field::Padding => full((!host.padding.is_empty()).then(|| hex(&host.padding))),
            Field::Framing => {
                full((host.framing == Framing::Snap).then(|| "802.2 LLC/SNAP".into()))
            }
            Field::Vlan => full(host.vlan.map(|vlan| vlan.to_string())),
            Field::Proto => full(
                (host.protocol != 0x0800 && host.address.is_ipv4())
                    .then(|| format!("0x{:04x}", host.protocol)),
            ),
            Field::Dup => full((host.answers > 1).then(|| host.answers.to_string())),
            Field::Rtt => {
                // Of a file nothing is known, and arp-scan has a column all the same.
                let unknown = self.config.offline;
                let rtt = host.rtt.or(unknown.then_some(Duration::ZERO));
                full(rtt.filter(|_| self.config.rtt).map(thousandths))
            }
            Field::IpNumber => match host.address {
                IpAddr::V4(address) => Some(u32::from(address).to_string().into()),
                IpAddr::V6(address) => Some(u128::from(address).to_string().into()),
            },
        }
    }

    fn formatted(&self, format: &Format, host: &Host, to: &mut Streams<'_>) -> io::Result<()> {
        let mut line = String::new();
        for part in &format.0 {
            match part {
                Part::Text(text) => line.push_str(text),
                Part::Field { name, field, width } => {
                    if let Some(value) = field.and_then(|field| self.value(host, field)) {
                        pad(&mut line, &value, *width);
                    } else {
                        let name = escape(name);
                        let text = format!("WARNING: Field ${{{name}}} unknown or not available");
                        self.note(0, &text, to)?;
                    }
                }
            }
        }
        writeln!(to.out, "{line}")
    }

    /// A line on stderr, at so much verbosity at the least.
    fn note(&self, verbose: u8, text: &str, to: &mut Streams<'_>) -> io::Result<()> {
        if self.config.verbose < verbose {
            return Ok(());
        }
        // The two streams may be one terminal: what was said before comes before.
        to.out.flush()?;
        match &self.progress {
            Some(progress) => progress.around(|| writeln!(to.err, "{text}")),
            None => writeln!(to.err, "{text}"),
        }
    }

    fn pass(&mut self, to: &mut Streams<'_>) -> io::Result<()> {
        match self.pass.take() {
            Some(pass) => self.note(1, &format!("---\tPass {pass} complete"), to),
            None => Ok(()),
        }
    }

    fn summary(&mut self, summary: &Summary, to: &mut Streams<'_>) -> io::Result<()> {
        self.progress = None;
        if self.config.verbose > 0 {
            compare_cache::write_meanings(&self.cached, to.out)?;
        }
        if summary.responded + summary.own < summary.hosts {
            self.pass(to)?;
        }
        if !self.config.plain {
            writeln!(to.out)?;
            if !self.config.offline {
                let Summary { received, dropped, .. } = summary;
                writeln!(
                    to.out,
                    "{received} packets received by filter, {dropped} packets dropped by kernel"
                )?;
            }
            writeln!(to.out, "{}", ending(summary))?;
        }
        if self.config.compat {
            return Ok(());
        }
        let was_wanted = summary.stopped == Some("limit");
        if summary.incomplete > 0 && !self.config.offline && !was_wanted {
            self.note(0, &findings::incomplete(summary), to)?;
        }
        let overheard = format!("---\tHeard of {} others unasked", summary.overheard);
        if summary.overheard > 0 { self.note(1, &overheard, to) } else { Ok(()) }
    }
}

fn list(hosts: &[Ipv4Addr], to: &mut Streams<'_>) -> io::Result<()> {
    writeln!(to.out, "Host List:\n\nEntry\tIP Address")?;
    for (number, address) in (1..).zip(hosts) {
        writeln!(to.out, "{number}\t{address}")?;
    }
    writeln!(to.out, "\nTotal of {} host entries.\n", hosts.len())
}

/// `Ending arp-scan 1.10.0: 16 hosts scanned in 0.266 seconds (60.15 hosts/sec). 16 responded`.
fn ending(summary: &Summary) -> String {
    let Summary { hosts, responded, elapsed, .. } = summary;
    let seconds = elapsed.as_secs_f64().max(1e-6);
    #[expect(clippy::cast_precision_loss, reason = "two decimals are shown")]
    let rate = *hosts as f64 / seconds;
    format!(
        "Ending {PEER}: {hosts} hosts scanned in {:.3} seconds ({rate:.2} hosts/sec). {responded} responded",
        elapsed.as_secs_f64()
    )
}

impl Render<Event> for Text {
    fn event(&mut self, _at: Duration, event: &Event, to: &mut Streams<'_>) -> io::Result<()> {
        match event {
            Event::Interface(interface) => self.interface(interface, to),
            Event::Start(start) => self.start(start, to),
            Event::Host(host) => self.host(host, to),
            Event::Overheard(host) => {
                let text = format!("---\tHeard of {} ({}) unasked", host.address, host.mac);
                self.note(1, &text, to)
            }
            Event::Explained(exchange) => to.out.write_all(exchange.text().as_bytes()),
            Event::Finding(_) if self.config.compat => Ok(()),
            Event::Finding(finding) => self.note(0, &findings::text(finding), to),
            Event::Difference(difference) => self.note(0, &findings::difference(difference), to),
            Event::Pass(pass) => {
                self.pass(to)?;
                self.pass = Some(pass.pass);
                Ok(())
            }
            Event::Silent(silent) => {
                self.pass(to)?;
                let text = format!("---\tRemoving host {} - Timeout", silent.address);
                self.note(2, &text, to)
            }
            Event::Progress(progress) => {
                if let Some(bar) = &self.progress {
                    bar.set(progress.settled);
                }
                Ok(())
            }
            Event::Cached(row) => {
                if self.cached.is_empty() {
                    compare_cache::write_heading(to.out)?;
                }
                self.cached.push(row.clone());
                compare_cache::write_row(row, to.out)
            }
            Event::Summary(summary) => self.summary(summary, to),
        }
    }
}

fn vendor(host: &Host) -> Cow<'_, str> {
    match &host.vendor {
        Some(vendor) => escape(vendor),
        None if host.mac.is_local() => "(Unknown: locally administered)".into(),
        None => "(Unknown)".into(),
    }
}

/// As printf(3) does: to the right, or to the left where the width is negative.
fn pad(line: &mut String, value: &str, width: i32) {
    let columns = usize::try_from(width.unsigned_abs()).unwrap_or(0);
    let _ = if width < 0 {
        write!(line, "{value:<columns$}")
    } else {
        write!(line, "{value:>columns$}")
    };
}

/// Milliseconds with their thousandths, cut.
fn thousandths(time: Duration) -> String {
    let micros = time.as_micros();
    format!("{}.{:03}", micros / 1000, micros % 1000)
}

#[cfg(test)]
mod tests;
