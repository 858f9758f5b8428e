//! The lines of iputils' arping, and on stderr what it does not tell.

use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use wireline_cli::{Render, Streams};
use wireline_engine::arping::{Answer, Arping, Casting, Event, Kind, Summary};
use wireline_packet::Mac;

use super::Way;

/// Layout needs the two ends only, which are the same for the whole run.
pub(crate) struct Text {
    pub(crate) program: String,
    pub(crate) way: Way,
    pub(crate) quiet: bool,
}

impl Render<Event> for Text {
    fn event(&mut self, _: Duration, event: &Event, to: &mut Streams<'_>) -> io::Result<()> {
        if self.quiet {
            return Ok(());
        }
        let Way { interface, source, target, own } = &self.way;
        match event {
            Event::Start => {
                let interface = wireline_cli::escape(interface);
                writeln!(to.out, "ARPING {target} from {source} {interface}")
            }
            Event::Answer(answer) => writeln!(to.out, "{}", line(*target, answer)),
            Event::Summary(summary) => self.summary(summary, to),
            Event::Conflict { address, macs } => {
                // Diagnostics are worth losing before results are.
                let _ = writeln!(to.err, "{}: {}", self.program, conflict(*address, macs, *own));
                Ok(())
            }
            Event::Rival { mac } => {
                let program = &self.program;
                let _ = writeln!(to.err, "{program}: WARNING: {mac} is about to take {target} too");
                Ok(())
            }
            Event::Unsent { why } => {
                let interface = wireline_cli::escape(interface);
                let _ = writeln!(to.err, "{}: {interface}: sendto: {why}", self.program);
                Ok(())
            }
        }
    }
}

impl Text {
    fn summary(&self, summary: &Summary, to: &mut Streams<'_>) -> io::Result<()> {
        writeln!(to.out, "Sent {} probes ({} broadcast(s))", summary.sent, summary.broadcasts)?;
        writeln!(to.out, "Received {} response(s){}", summary.received, odd(summary))?;
        let program = &self.program;
        if summary.untold > 0 {
            let most = Arping::TOLD;
            let _ = writeln!(
                to.err,
                "{program}: {} responses are not shown: more than {most} came for one request",
                summary.untold
            );
        }
        if summary.dropped > 0 {
            let _ = writeln!(to.err, "{program}: {} frames dropped by kernel", summary.dropped);
        }
        Ok(())
    }
}

/// What of the answers was not as it should be, in parentheses.
fn odd(summary: &Summary) -> String {
    let part = |count, what| (count > 0).then(|| format!("{count} {what}(s)"));
    let parts: Vec<_> = [
        part(summary.requests_received, "request"),
        part(summary.broadcasts_received, "broadcast"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
}

fn line(target: Ipv4Addr, answer: &Answer) -> String {
    let casting = match answer.casting {
        Casting::Unicast => "Unicast",
        Casting::Broadcast => "Broadcast",
    };
    let kind = match answer.kind {
        Kind::Request => "request",
        Kind::Reply => "reply",
    };
    let whom = match (answer.for_address, answer.for_mac) {
        (Some(address), Some(mac)) => format!("for {address} [{}]", upper(mac)),
        (Some(address), None) => format!("for {address} "),
        (None, Some(mac)) => format!("for [{}]", upper(mac)),
        (None, None) => String::new(),
    };
    let time = answer.rtt.map_or_else(|| "UNSOLICITED?".to_owned(), time);
    format!("{casting} {kind} from {target} [{}] {whom} {time}", upper(answer.mac))
}

fn time(rtt: Duration) -> String {
    format!("{}.{:03}ms", rtt.as_millis(), rtt.subsec_micros() % 1000)
}

fn upper(mac: Mac) -> String {
    mac.to_string().to_uppercase()
}

fn conflict(address: Ipv4Addr, macs: &[Mac], own: Mac) -> String {
    let name = |mac: &Mac| if *mac == own { format!("{mac} (us)") } else { mac.to_string() };
    let all: Vec<_> = macs.iter().map(name).collect();
    format!("WARNING: conflict: {address} is claimed by {}", all.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HIM: Mac = Mac([0, 0, 0x5e, 0, 0x53, 0xab]);

    #[test]
    fn line_tells_what_is_not_meant_for_us() {
        let target = Ipv4Addr::new(192, 0, 2, 9);
        let other = Ipv4Addr::new(192, 0, 2, 77);
        let answer = Answer {
            casting: Casting::Unicast,
            kind: Kind::Reply,
            mac: HIM,
            frame_mac: HIM,
            for_address: None,
            for_mac: None,
            rtt: Some(Duration::from_micros(301_542)),
            sent: 1,
        };
        let cases = [
            (None, None, " 301.542ms"),
            (Some(other), None, "for 192.0.2.77  301.542ms"),
            (None, Some(Mac::BROADCAST), "for [FF:FF:FF:FF:FF:FF] 301.542ms"),
            (Some(other), Some(Mac::ZERO), "for 192.0.2.77 [00:00:00:00:00:00] 301.542ms"),
        ];
        for (for_address, for_mac, end) in cases {
            let line = line(target, &Answer { for_address, for_mac, ..answer.clone() });
            assert_eq!(line, format!("Unicast reply from 192.0.2.9 [00:00:5E:00:53:AB] {end}"));
        }
        let asked =
            Answer { casting: Casting::Broadcast, kind: Kind::Request, rtt: None, ..answer };
        let expected = "Broadcast request from 192.0.2.9 [00:00:5E:00:53:AB]  UNSOLICITED?";
        assert_eq!(line(target, &asked), expected);
    }

    #[test]
    fn own_link_layer_address_is_marked_in_a_conflict() {
        let text = conflict(Ipv4Addr::new(192, 0, 2, 1), &[Mac::ZERO, HIM], Mac::ZERO);
        assert!(text.ends_with("by 00:00:00:00:00:00 (us), 00:00:5e:00:53:ab"), "{text}");
    }
}
