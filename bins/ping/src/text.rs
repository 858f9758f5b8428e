use std::fmt::Write as _;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use wireline_cli::{Render, Streams, escape};
use wireline_engine::echo::{Damage, Echoed, Event, LocalError, Sample, Start, Status, Summary};
use wireline_engine::{IcmpError, LatencyReport};

use crate::config::TextConfig;
use crate::icmp_text;
use crate::options_text::OptionsText;
use wireline_tool::Lookup;

/// The lines of iputils' ping, which scripts have parsed for decades.
pub(crate) struct Text {
    config: TextConfig,
    /// How messages to stderr begin: the program as it was called.
    program: String,
    header: Header,
    names: Lookup,
    options: OptionsText,
    /// Columns of the terminal: a flood leaves no more dots than that on a line.
    columns: u64,
    dots: u64,
}

/// What the first and the last line say beside the event.
#[derive(Clone, Debug)]
pub(crate) struct Header {
    /// The target in the first and the summary line.
    pub(crate) name: String,
    /// `from ADDRESS DEVICE: `, where `-I` was given.
    pub(crate) from: Option<(IpAddr, String)>,
    /// `, flow 0x00123, `, where `-F` was given.
    pub(crate) flow_label: Option<u32>,
    /// The octets of `-p`.
    pub(crate) pattern: Option<Vec<u8>>,
    /// Whether a duplicate is no surprise.
    pub(crate) many_answer: bool,
    /// Whether it is over IPv4.
    pub(crate) v4: bool,
}

impl Text {
    pub(crate) fn new(
        program: &str,
        config: TextConfig,
        header: Header,
        names: Lookup,
        columns: u64,
    ) -> Self {
        let options = OptionsText::default();
        Self { config, program: program.to_owned(), header, names, options, columns, dots: 0 }
    }

    fn start(&self, start: &Start, to: &mut Streams<'_>) -> io::Result<()> {
        const IPV4_AND_ICMP: usize = 28;
        if let Some(pattern) = self.header.pattern.as_deref().filter(|_| !self.config.quiet) {
            write!(to.out, "PATTERN: 0x")?;
            pattern.iter().try_for_each(|octet| write!(to.out, "{octet:02x}"))?;
            writeln!(to.out)?;
        }
        let name = escape(&self.header.name);
        let v4 = start.address.is_ipv4();
        if v4 {
            write!(to.out, "PING {name} ({}) ", start.address.ip())?;
        } else {
            write!(to.out, "PING {name}({}) ", self.names.text(start.address))?;
        }
        if let Some(label) = self.header.flow_label.filter(|_| !v4) {
            write!(to.out, ", flow 0x{label:05x}, ")?;
        }
        if let Some((address, device)) = &self.header.from {
            write!(to.out, "from {address} {device}: ")?;
        }
        let on_wire = start.size + self.config.option_octets + IPV4_AND_ICMP;
        if v4 {
            writeln!(to.out, "{}({on_wire}) bytes of data.", start.size)
        } else {
            writeln!(to.out, "{} data bytes", start.size)
        }
    }

    fn reply(&mut self, at: Duration, reply: &Echoed, to: &mut Streams<'_>) -> io::Result<()> {
        if self.config.quiet {
            return Ok(());
        }
        if self.config.flood {
            self.dots = self.dots.saturating_sub(1);
            return to.out.write_all(if reply.bad_checksum { b"\x08C" } else { b"\x08 \x08" });
        }
        let mut line = self.reply_line(at, reply);
        if !reply.truncated {
            if let Some(damage) = &reply.damage {
                line.push_str(&dump(damage));
            }
            if self.config.audible {
                line.push('\x07');
            }
            line.push_str(&self.options.text(&reply.options, &self.names));
        }
        writeln!(to.out, "{line}")
    }

    fn reply_line(&self, at: Duration, reply: &Echoed) -> String {
        let source = self.names.text(reply.source);
        let mut line = self.stamp(at);
        // Writing to a String cannot fail, here and below.
        let _ = write!(line, "{} bytes from {source}: icmp_seq={}", reply.size, reply.seq);
        if self.config.verbose {
            let _ = write!(line, " ident={}", reply.ident);
        }
        if let Some(ttl) = reply.hop_limit {
            let _ = write!(line, " ttl={ttl}");
        }
        if reply.truncated {
            line.push_str(" (truncated)");
            return line;
        }
        if self.config.timed {
            let _ = write!(line, " time={} ms", time(reply.sample.rtt, self.config.precise));
        }
        if self.config.breakdown {
            line.push_str(&breakdown(&reply.sample));
        }
        for (told, words) in [
            (reply.duplicate && (!self.header.many_answer || self.config.verbose), " (DUP!)"),
            (reply.bad_checksum, " (BAD CHECKSUM!)"),
            (reply.wrong_source, " (DIFFERENT ADDRESS!)"),
        ] {
            line.push_str(if told { words } else { "" });
        }
        line
    }

    fn error(&mut self, at: Duration, error: &IcmpError, to: &mut Streams<'_>) -> io::Result<()> {
        if self.config.quiet {
            return Ok(());
        }
        if self.config.flood {
            // What a raw socket hears beside its errors is advice, and iputils leaves it out.
            return if error.in_band { Ok(()) } else { to.out.write_all(b"\x08E") };
        }
        let colon = if error.in_band { ":" } else { "" };
        let from = self.names.text(SocketAddr::new(error.from, 0));
        let what = icmp_text::describe(error, &self.names);
        writeln!(to.out, "{}From {from}{colon} icmp_seq={} {what}", self.stamp(at), error.seq)
    }

    fn local(&self, error: &LocalError, v4: bool, to: &mut Streams<'_>) -> io::Result<()> {
        if self.config.quiet {
            return Ok(());
        }
        if self.config.flood {
            return to.out.write_all(b"E");
        }
        let program = &self.program;
        // The two streams may be one terminal: what was said before comes before. Here and below.
        to.out.flush()?;
        match error.mtu {
            Some(mtu) if v4 => {
                writeln!(to.err, "{program}: local error: message too long, mtu={mtu}")
            }
            Some(mtu) => writeln!(to.err, "{program}: local error: message too long, mtu: {mtu}"),
            None => writeln!(to.err, "{program}: local error: {}", error.message),
        }
    }

    fn unsent(&self, why: &str, to: &mut Streams<'_>) -> io::Result<()> {
        match (self.config.quiet, self.config.flood) {
            (true, _) => Ok(()),
            (_, true) => to.out.write_all(b"E"),
            _ => {
                to.out.flush()?;
                writeln!(to.err, "{}: sendmsg: {why}", self.program)
            }
        }
    }

    fn sent(&mut self, to: &mut Streams<'_>) -> io::Result<()> {
        if self.dots >= self.columns {
            return Ok(());
        }
        self.dots += 1;
        to.out.write_all(b".")
    }

    /// `[1795247872.188072] `, with `-D`.
    fn stamp(&self, at: Duration) -> String {
        if self.config.timestamps {
            format!("[{}.{:06}] ", at.as_secs(), at.subsec_micros())
        } else {
            String::new()
        }
    }

    fn summary(&self, summary: &Summary, to: &mut Streams<'_>) -> io::Result<()> {
        writeln!(to.out, "\n--- {} ping statistics ---", escape(&self.header.name))?;
        writeln!(to.out, "{}", counts(summary))?;
        writeln!(to.out, "{}", self.round_trips(summary))?;
        match summary.rtt.filter(|_| self.config.percentiles) {
            Some(rtt) => writeln!(to.out, "{}", percentiles(&rtt)),
            None => Ok(()),
        }
    }

    fn round_trips(&self, summary: &Summary) -> String {
        let mut parts = Vec::new();
        if let Some(rtt) = summary.rtt.filter(|_| self.config.timed && summary.received > 0) {
            let times = [rtt.min, rtt.avg, rtt.max, rtt.mdev].map(thousandths).join("/");
            parts.push(format!("rtt min/avg/max/mdev = {times} ms"));
        }
        if summary.pipe > 1 {
            parts.push(format!("pipe {}", summary.pipe));
        }
        if let Some(gap) = summary.gap {
            parts.push(format!(
                "ipg/ewma {}/{} ms",
                thousandths(gap),
                thousandths(summary.rtt.map_or(Duration::ZERO, |rtt| rtt.ewma))
            ));
        }
        parts.join(", ")
    }

    fn status(&self, status: &Status, to: &mut Streams<'_>) -> io::Result<()> {
        #[expect(clippy::cast_possible_truncation, reason = "0 to 100; iputils cuts it too")]
        let loss = status.loss_percent as i64;
        to.out.flush()?;
        write!(to.err, "\r{}/{} packets, {loss}% loss", status.received, status.sent)?;
        if let Some(rtt) = status.rtt.filter(|_| self.config.timed) {
            let times = [rtt.min, rtt.avg, rtt.ewma, rtt.max].map(thousandths).join("/");
            write!(to.err, ", min/avg/ewma/max = {times} ms")?;
        }
        writeln!(to.err)
    }
}

impl Render<Event> for Text {
    fn event(&mut self, at: Duration, event: &Event, to: &mut Streams<'_>) -> io::Result<()> {
        match event {
            Event::Start(start) => self.start(start, to),
            Event::Sent { .. } => self.sent(to),
            Event::Unsent { error, .. } => self.unsent(&error.message, to),
            Event::Reply(reply) => self.reply(at, reply, to),
            Event::Error(error) => self.error(at, error, to),
            Event::Local(error) => self.local(error, self.header.v4, to),
            Event::Outstanding { seq } if !self.config.quiet => {
                writeln!(to.out, "{}no answer yet for icmp_seq={seq}", self.stamp(at))
            }
            Event::Outstanding { .. } | Event::Lost { .. } => Ok(()),
            Event::Status(status) => self.status(status, to),
            Event::Summary(summary) => self.summary(summary, to),
        }
    }
}

fn counts(summary: &Summary) -> String {
    let mut line = format!("{} packets transmitted, {} received", summary.sent, summary.received);
    for (count, what) in [
        (summary.duplicates, "duplicates"),
        (summary.corrupted, "corrupted"),
        (summary.errors, "errors"),
    ] {
        if count > 0 {
            let _ = write!(line, ", +{count} {what}");
        }
    }
    if summary.sent > 0 {
        let elapsed = (summary.elapsed + Duration::from_micros(500)).as_millis();
        let loss = six_figures(summary.loss_percent);
        let _ = write!(line, ", {loss}% packet loss, time {elapsed}ms");
    }
    line
}

fn percentiles(rtt: &LatencyReport) -> String {
    let shares = [rtt.p50, rtt.p90, rtt.p95, rtt.p99].map(thousandths).join("/");
    format!("rtt p50/p90/p95/p99 = {shares} ms, jitter {} ms", thousandths(rtt.jitter))
}

/// Where a round trip went, each part as far as the kernel told.
fn breakdown(sample: &Sample) -> String {
    let parts = [
        ("resolve", sample.resolve),
        ("queue", sample.queue),
        ("local", sample.local.filter(|_| sample.queue.is_none())),
        ("wire", Some(sample.rtt)),
        ("delivery", sample.delivery),
    ];
    let known =
        parts.iter().filter_map(|(what, span)| Some(format!("{what} {}", thousandths((*span)?))));
    format!(" ({} ms)", known.collect::<Vec<_>>().join(", "))
}

/// What came back and should not have, sixteen octets in from where other pings keep the time.
fn dump(damage: &Damage) -> String {
    let Damage { offset, sent, received, data } = damage;
    let mut text =
        format!("\nwrong data byte #{offset} should be 0x{sent:x} but was 0x{received:x}");
    for (at, octet) in data.iter().enumerate().skip(Damage::UNCHECKED) {
        if at % 32 == Damage::UNCHECKED {
            let _ = write!(text, "\n#{at}\t");
        }
        let _ = write!(text, "{octet:x} ");
    }
    text
}

/// As iputils prints a time: 0.043, 1.23, 12.3, 123; the class is chosen after rounding.
pub(crate) fn time(rtt: Duration, precise: bool) -> String {
    let micros = rtt.as_micros();
    let digits = match micros {
        _ if precise => 3,
        ..1_000 => 3,
        1_000..9_995 => 2,
        9_995..99_950 => 1,
        _ => 0,
    };
    // Half up, as iputils; `{:.1}` would go to the even digit.
    let unit = 10_u128.pow(3 - digits);
    let rounded = (micros + unit / 2) / unit;
    let scale = 10_u128.pow(digits);
    match digits {
        0 => rounded.to_string(),
        _ => format!("{}.{:0width$}", rounded / scale, rounded % scale, width = digits as usize),
    }
}

/// Milliseconds cut to the microsecond.
pub(crate) fn thousandths(span: Duration) -> String {
    let micros = span.as_micros();
    format!("{}.{:03}", micros / 1000, micros % 1000)
}

/// As C's `%g` prints a percentage that went through a `float`: 0, 33.3333, 100.
pub(crate) fn six_figures(percent: f64) -> String {
    if percent < 1e-4 {
        return if percent <= 0.0 { "0".into() } else { tiny(percent) };
    }
    // Six figures whatever the size: digits after the point grow as the number shrinks.
    let zeros =
        [100.0, 10.0, 1.0, 0.1, 0.01, 0.001].iter().take_while(|least| percent < **least).count();
    let text = format!("{percent:.digits$}", digits = 3 + zeros);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Below a ten-thousandth C goes over to an exponent of two digits at least.
fn tiny(percent: f64) -> String {
    let text = format!("{percent:.5e}");
    let (mantissa, exponent) = text.split_once("e-").unwrap_or((&text, "0"));
    let mantissa = mantissa.trim_end_matches('0').trim_end_matches('.');
    format!("{mantissa}e-{exponent:0>2}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_change_class_after_rounding_as_in_iputils() {
        for (micros, text) in [
            (0, "0.000"),
            (43, "0.043"),
            (999, "0.999"),
            (1_000, "1.00"),
            (1_234, "1.23"),
            (9_994, "9.99"),
            (9_995, "10.0"),
            (12_345, "12.3"),
            (99_949, "99.9"),
            (99_950, "100"),
            (1_032_499, "1032"),
        ] {
            assert_eq!(time(Duration::from_micros(micros), false), text);
        }
        assert_eq!(time(Duration::from_micros(1_032_499), true), "1032.499");
    }

    #[test]
    fn loss_is_printed_as_c_prints_it() {
        for (percent, text) in [
            (0.0, "0"),
            (0.1, "0.1"),
            (100.0 / 3.0, "33.3333"),
            (50.0, "50"),
            (100.0, "100"),
            (99.999_99, "100"),
            (1.0 / 30.0, "0.0333333"),
            (0.000_012_345_678, "1.23457e-05"),
        ] {
            assert_eq!(six_figures(percent), text);
        }
    }

    #[test]
    fn a_dump_starts_where_the_time_ends() {
        let data: Box<[u8]> = (0..40).collect();
        let text = dump(&Damage { offset: 20, sent: 0x15, received: 0x14, data });
        let rows: Vec<_> = text.lines().skip(1).collect();
        assert_eq!(rows[0], "wrong data byte #20 should be 0x15 but was 0x14");
        assert!(rows[1].starts_with("#16\t10 11 12") && rows[1].ends_with("27 "), "{rows:?}");
    }
}
