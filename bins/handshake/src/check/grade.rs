//! From what was measured to the lines of the report.

use std::time::Duration;

use wireline_engine::tcp::Verdict;
use wireline_engine::tcp::battery::{Closed, Said};

use super::event::{Finding, Grade};
use super::fact::{Fact, Facts, VERDICTS, Value, time_text};
use super::found::{Agreed, Results};
use super::test::Test;

mod raw;
mod seen;

/// What a line says: grade, words, facts. `None` where it was not measured.
type Line = Option<(Grade, String, Facts)>;

/// The lines of these tests, in order.
pub(crate) fn findings(results: &Results, tests: &[Test]) -> Vec<Finding> {
    let is_open = results.verdict == Some(Verdict::Open);
    let wanted = tests.iter().filter(|test| is_open || **test == Test::Port);
    wanted.map(|test| finding(*test, results)).collect()
}

fn finding(name: Test, results: &Results) -> Finding {
    if let Some((grade, evidence, facts)) = line(name, results) {
        return Finding { name, grade, evidence, facts, seen: seen::of(name, results) };
    }
    let evidence = missing(name, results);
    Finding { name, grade: Grade::Skip, evidence, facts: Facts::default(), seen: None }
}

fn line(test: Test, results: &Results) -> Line {
    match test {
        Test::Port => port(results),
        Test::Rtt => rtt(results),
        Test::Options => results.agreed.as_ref().map(options),
        Test::Mss => mss(results),
        Test::Accept => results.said.as_ref().and_then(|said| accept(said, results)),
        Test::Halfclose => half_close(results),
        Test::Close => close(results),
        _ => raw::line(test, results),
    }
}

/// Why there is nothing to tell.
fn missing(test: Test, results: &Results) -> String {
    let raw_only = results.raw.is_none() && test.needs_raw();
    let is_whole = test.questions().iter().all(|question| results.is_whole(*question));
    let why = match () {
        () if raw_only => "needs CAP_NET_RAW (setcap cap_net_raw+p FILE, or root)",
        () if results.interrupted && !is_whole => "interrupted before it was known",
        () if results.out_of_time && !is_whole => "the budget was used up (--budget)",
        () if matches!(test, Test::Halfclose | Test::Close) && results.said.is_some() => {
            "the connection ended before our FIN"
        }
        () if test == Test::Accept && results.closed.is_some() => {
            "the server closed before anything was said"
        }
        () => "not measured: the server did not open the connection for it",
    };
    why.to_owned()
}

/// The verdict's name, as in JSON.
fn verdict_name(verdict: &Verdict) -> &'static str {
    let name = verdict.word();
    debug_assert!(VERDICTS.contains(&name), "the table of facts has all of them");
    name
}

fn port(results: &Results) -> Line {
    let verdict = results.verdict.as_ref()?;
    let mut facts = Facts::default();
    facts.word(Fact::Verdict, verdict_name(verdict));
    // A failure of this machine says nothing of the target.
    if !matches!(verdict, Verdict::Local { .. }) {
        facts.flag(Fact::Open, *verdict == Verdict::Open);
        facts.flag(Fact::Closed, *verdict == Verdict::Closed);
        facts.flag(Fact::Filtered, matches!(verdict, Verdict::Filtered { .. }));
        let is_rejected = matches!(
            verdict,
            Verdict::Rejected { .. }
                | Verdict::Unreachable { .. }
                | Verdict::NoNeighbour
                | Verdict::NoRoute
        );
        facts.flag(Fact::Rejected, is_rejected);
    }
    let grade = if *verdict == Verdict::Open { Grade::Ok } else { Grade::Fail };
    Some((grade, verdict_text(verdict), facts))
}

fn verdict_text(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Open => "open: SYN-ACK".to_owned(),
        Verdict::Closed => "closed: RST".to_owned(),
        Verdict::Proxied => "proxied: nobody behind a SYN proxy".to_owned(),
        Verdict::Filtered { syn_sent } => format!("filtered: no answer to {syn_sent} SYNs"),
        Verdict::Rejected { by, icmp_type, icmp_code } => {
            format!("rejected by {by} (ICMP {icmp_type}/{icmp_code})")
        }
        Verdict::Unreachable { by, icmp_type, icmp_code } => {
            format!("unreachable, says {by} (ICMP {icmp_type}/{icmp_code})")
        }
        Verdict::NoNeighbour => {
            "nobody on the link answers for the address or the router".to_owned()
        }
        Verdict::NoRoute => "this machine has no route there".to_owned(),
        Verdict::Local { errno } => {
            let why = std::io::Error::from_raw_os_error(*errno);
            format!("this machine could not ask: {}", wireline_engine::errno_text(&why))
        }
    }
}

fn rtt(results: &Results) -> Line {
    let mut sorted = results.rtts.clone();
    sorted.sort_unstable();
    let median = *sorted.get(sorted.len() / 2)?;
    let (min, max) = (*sorted.first()?, *sorted.last()?);
    let mut facts = Facts::default();
    facts.time(Fact::Rtt, median);
    facts.time(Fact::RttMin, min);
    facts.time(Fact::RttMax, max);
    let mut text = format!("SYN {} ({}–{})", time_text(median), time_text(min), time_text(max));
    if let Some(data) = results.said.as_ref().and_then(|said| said.rtt) {
        facts.time(Fact::DataRtt, data);
        text = format!("{text}, data {}", time_text(data));
    }
    if let Some(jitter) = jitter(&results.rtts) {
        facts.time(Fact::Jitter, jitter);
        text = format!("{text}, jitter {}", time_text(jitter));
    }
    let lost = percent(results.lost, results.asked);
    facts.put(Fact::Loss, Value::Number(lost));
    text = format!("{text} ({} samples)", results.rtts.len());
    if results.lost > 0 {
        text = format!("{text}, {} of {} SYNs without an answer", results.lost, results.asked);
        return Some((Grade::Warn, text, facts));
    }
    Some((Grade::Ok, text, facts))
}

/// The mean difference from one to the next.
fn jitter(rtts: &[Duration]) -> Option<Duration> {
    let steps = rtts.windows(2).filter_map(|pair| match pair {
        [before, after] => Some(before.abs_diff(*after)),
        _ => None,
    });
    let count = u32::try_from(rtts.len().checked_sub(1)?).ok().filter(|count| *count > 0)?;
    Some(steps.sum::<Duration>() / count)
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand at the most")]
fn percent(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 * 100.0 / whole as f64 }
}

fn options(agreed: &Agreed) -> (Grade, String, Facts) {
    let mut facts = Facts::default();
    facts.flag(Fact::Sack, agreed.sack);
    facts.flag(Fact::Ts, agreed.ts);
    if let Some(mss) = agreed.mss {
        facts.number(Fact::Mss, mss);
    }
    if let Some(scale) = agreed.wscale {
        facts.number(Fact::Wscale, scale);
    }
    if let Some(ecn) = agreed.ecn {
        facts.flag(Fact::Ecn, ecn);
    }
    let all = [
        (agreed.mss.is_some() || agreed.is_kernels, "MSS"),
        (agreed.sack, "SACK"),
        (agreed.ts, "timestamps"),
        (agreed.wscale.is_some(), "window scale"),
    ];
    let without: Vec<_> = all.iter().filter(|(is_there, _)| !is_there).map(|it| it.1).collect();
    let mss = agreed.mss.map(|mss| format!("MSS {mss}"));
    let sack = agreed.sack.then(|| "SACK".to_owned());
    let ts = agreed.ts.then(|| "TS".to_owned());
    let scale = agreed.wscale.map(|scale| format!("WS {scale}"));
    let ecn = agreed.ecn.filter(|ecn| *ecn).map(|_| "ECN".to_owned());
    let parts: Vec<_> = [mss, sack, ts, scale, ecn].into_iter().flatten().collect();
    let mut text = parts.join("  ");
    if without.is_empty() {
        return (Grade::Ok, text, facts);
    }
    text += if text.is_empty() { "no " } else { "  without " };
    text += &without.join(", ");
    (Grade::Warn, text, facts)
}

/// The MTU that a segment of this size fills: 40 or 60 octets more (RFC 9293 §3.7.1).
fn mtu(mss: u32, is_ipv6: bool) -> u32 {
    mss + if is_ipv6 { 60 } else { 40 }
}

fn mss(results: &Results) -> Line {
    /// Of usual links: Ethernet, `PPPoE`, jumbo frames, Linux's loopback, the least of IPv4 and IPv6, FDDI.
    const USUAL: [u32; 9] = [576, 1280, 1492, 1500, 4352, 9000, 9216, 65_535, 65_536];
    /// What is assumed where none is said (RFC 9293 §3.7.1).
    const LEAST: u32 = 536;
    let mut facts = Facts::default();
    let Some(mss) = results.agreed.as_ref()?.mss else {
        let (grade, text) = if results.raw.is_some() {
            (Grade::Warn, "no MSS option: 536 octets a segment are assumed")
        } else {
            (Grade::Info, "more than half of the window: the kernel does not tell")
        };
        return Some((grade, text.to_owned(), facts));
    };
    let mtu = mtu(mss, results.is_ipv6);
    let is_odd = !USUAL.contains(&mtu);
    facts.number(Fact::Mss, mss);
    facts.flag(Fact::Clamp, is_odd);
    let mut text = format!("{mss}, of an MTU of {mtu}");
    if is_odd {
        text += ", which is no usual link's: clamped on the way, or a tunnel";
    }
    let largest = results.said.as_ref().map_or(0, |said| said.largest_segment);
    match largest {
        ..536 => {}
        // More than we allow: interfaces join segments (GRO).
        1461.. => text += "; segments to us came joined (GRO)",
        _ => text = format!("{text}; segments to us held up to {largest} octets"),
    }
    let grade = match mss {
        ..LEAST => Grade::Fail,
        _ if is_odd => Grade::Warn,
        _ => Grade::Ok,
    };
    Some((grade, text, facts))
}

fn accept(said: &Said, results: &Results) -> Line {
    let mut facts = Facts::default();
    if let Some(first) = said.first_byte {
        facts.time(Fact::FirstByte, first);
        facts.flag(Fact::Accept, true);
        let what = if said.has_greeted {
            "after the SYN-ACK: the server speaks first"
        } else {
            "after our data"
        };
        let text = format!("first octet {} {what}", time_text(first));
        return Some((Grade::Ok, text, facts));
    }
    let (grade, is_taken, text) = without_answer(said, results)?;
    facts.flag(Fact::Accept, is_taken);
    Some((grade, text, facts))
}

/// How it went where no answer came to what was said.
fn without_answer(said: &Said, results: &Results) -> Option<(Grade, bool, String)> {
    let is_reset = matches!(results.closed, Some(Closed::Reset { .. }));
    let text = match said.is_acknowledged {
        Some(true) if said.octets + said.octets_after_fin > 0 => {
            return Some((
                Grade::Ok,
                true,
                "data acknowledged; no answer until our FIN".to_owned(),
            ));
        }
        Some(true) if is_reset => "data acknowledged, then RST without an answer".to_owned(),
        Some(true) => "data acknowledged, no answer in the time there was".to_owned(),
        Some(false) if is_reset => {
            return Some((Grade::Warn, false, "reset before data was acknowledged".to_owned()));
        }
        Some(false) => {
            let again = match results.syn_acks_again {
                0 => String::new(),
                1 => ", SYN-ACK sent again".to_owned(),
                count => format!(", SYN-ACK sent again {count} times"),
            };
            let text = format!("data never acknowledged{again}: accept queue full?");
            return Some((Grade::Warn, false, text));
        }
        None if is_reset => {
            return Some((Grade::Warn, false, "reset before anything was said".to_owned()));
        }
        None => return None,
    };
    Some((Grade::Info, true, text))
}

fn half_close(results: &Results) -> Line {
    use wireline_engine::tcp::End;
    let octets = results.said.as_ref()?.octets_after_fin;
    let (grade, word, text) = match results.closed? {
        Closed::Fin(End::Client) if octets > 0 => {
            (Grade::Ok, "honoured", format!("honoured: {octets} octets after our FIN, then FIN"))
        }
        Closed::Fin(End::Client) => {
            (Grade::Info, "closes", "the server closes too, and says nothing more".to_owned())
        }
        Closed::HalfOnly if octets == 0 => {
            let text = "FIN acknowledged, nothing after it: its half stays open (CLOSE_WAIT)";
            (Grade::Info, "honoured", text.to_owned())
        }
        Closed::HalfOnly => {
            let text = format!("honoured: {octets} octets after our FIN, and its half stays open");
            (Grade::Ok, "honoured", text)
        }
        Closed::Reset { after_fin: true, .. } => {
            (Grade::Warn, "resets", format!("RST after our FIN, {octets} octets before it"))
        }
        Closed::Ignored => (Grade::Warn, "ignored", "our FIN was never acknowledged".to_owned()),
        Closed::Fin(End::Server) | Closed::Reset { .. } => return None,
    };
    let mut facts = Facts::default();
    facts.word(Fact::HalfClose, word);
    Some((grade, text, facts))
}

fn close(results: &Results) -> Line {
    use wireline_engine::tcp::End;
    let (grade, how, who, text) = match results.closed? {
        Closed::Fin(End::Client) => {
            let text = "server answers FIN with FIN; TIME_WAIT stays with you (client)";
            (Grade::Info, "fin", "client", text)
        }
        Closed::Fin(End::Server) => {
            (Grade::Info, "fin", "server", "server closes first, with FIN; TIME_WAIT stays with it")
        }
        Closed::Reset { after_fin: true, .. } => {
            (Grade::Info, "rst", "none", "server answers FIN with RST; nobody is in TIME_WAIT")
        }
        Closed::Reset { at_once: true, .. } => {
            (Grade::Warn, "rst", "none", "RST as soon as it was open; nobody is in TIME_WAIT")
        }
        Closed::Reset { .. } => {
            (Grade::Warn, "rst", "none", "server ends it with RST; nobody is in TIME_WAIT")
        }
        Closed::HalfOnly => {
            (Grade::Info, "none", "none", "server did not close in the time there was; reset by us")
        }
        Closed::Ignored => {
            (Grade::Warn, "none", "none", "server did not hear our FIN; reset by us")
        }
    };
    let mut facts = Facts::default();
    facts.word(Fact::Close, how);
    facts.word(Fact::TimeWait, who);
    Some((grade, text.to_owned(), facts))
}
