//! The lines that only segments of our own can tell.

use wireline_engine::tcp::battery::{
    Challenge, Clock, Fingerprint, IsnKind, Measured, Offer, Probed, Question, Schedule, Sign,
    SynAck, classify, cookie_signs, guess, proxy_signs, study,
};
use wireline_packet::tcp::Flags;
use wireline_packet::tcp::options::{Item, items};

use super::super::event::Grade;
use super::super::fact::{Fact, Facts, Value, time_text};
use super::super::found::Results;
use super::super::test::Test;
use super::Line;

pub(super) fn line(test: Test, results: &Results) -> Line {
    let measured = results.raw.as_ref()?;
    match test {
        Test::Isn => isn(measured),
        Test::Synack => synack(measured),
        Test::Tfo => fast_open(measured),
        Test::Ecn => ecn(measured),
        Test::Challenge => challenge(measured),
        Test::Fingerprint => fingerprint(measured, results.is_ipv6),
        Test::Proxy => proxy(measured),
        Test::Backlog => backlog(measured),
        _ => None,
    }
}

fn isn(measured: &Measured) -> Line {
    let samples: Vec<_> = measured.syn_acks().map(SynAck::isn_sample).collect();
    let others: Vec<_> =
        measured.ports.iter().filter_map(Probed::open).map(SynAck::isn_sample).collect();
    if samples.is_empty() {
        return None;
    }
    let isns = study(&samples, &others);
    let mut facts = Facts::default();
    let rate = isns.rate.map_or_else(String::new, |rate| {
        facts.put(Fact::IsnRate, Value::Number(rate.round()));
        format!("{:.3} M/s on one 4-tuple", rate / 1e6)
    });
    let clock = match isns.clock {
        Some(Clock::Linux64Ns) => " (Linux clock 64 ns)",
        Some(Clock::Rfc4Us) => " (clock of 4 µs)",
        None => "",
    };
    let spread = isns.spread.map_or_else(String::new, |(mean, deviation)| {
        format!(", mean {mean:.3} sd {deviation:.3} across {} ports", isns.others)
    });
    let (grade, word, text) = match isns.kind {
        IsnKind::PerTuple => (Grade::Ok, "rfc6528", format!("{rate}{spread} → RFC 6528{clock}")),
        IsnKind::Clock => (Grade::Ok, "clock", format!("{rate} → a clock{clock}")),
        IsnKind::GlobalClock => {
            let text = format!("{rate}, the same on all ports → can be guessed{clock}");
            (Grade::Fail, "global_clock", text)
        }
        IsnKind::Random => {
            let text = format!("no rule in {} samples{spread} → random", isns.samples);
            (Grade::Info, "random", text)
        }
        IsnKind::Cookie => {
            let text = "ours plus a constant → a SYN cookie, of the host or of what is before it";
            (Grade::Info, "cookie", text.to_owned())
        }
        IsnKind::Increment => {
            (Grade::Fail, "increment", "grow by connections → can be guessed".to_owned())
        }
        IsnKind::Constant => {
            (Grade::Fail, "constant", "always the same → can be guessed".to_owned())
        }
        IsnKind::Unclear => {
            let text = format!("{} samples are too few to see a rule", isns.samples);
            return Some((Grade::Info, text, facts));
        }
    };
    facts.word(Fact::Isn, word);
    Some((grade, text, facts))
}

fn synack(measured: &Measured) -> Line {
    let repeats = measured.repeats.as_ref()?;
    let (schedule, gaps) = classify(repeats);
    let mut facts = Facts::default();
    let seen: Vec<_> = gaps.iter().map(|gap| format!("{:.2}", gap.as_secs_f64())).collect();
    if let Some(first) = gaps.first() {
        facts.time(Fact::SynackRto, *first);
    }
    let waited = time_text(repeats.waited);
    let end = match gaps.len() {
        0 => String::new(),
        _ if !repeats.has_ended => String::new(),
        count => format!(", then none: given up after {count}"),
    };
    let (grade, word, text) = match schedule {
        Schedule::Exponential => (Grade::Ok, "exponential", "exponential".to_owned()),
        Schedule::Linear => (Grade::Info, "linear", "all alike".to_owned()),
        Schedule::Irregular => (Grade::Info, "irregular", "irregular".to_owned()),
        Schedule::None => {
            let text =
                format!("not sent again in {waited}: SYN proxy, cookies, or tcp_synack_retries 0?");
            (Grade::Warn, "none", text)
        }
        Schedule::Unclear if repeats.has_ended => (Grade::Info, "unclear", "once".to_owned()),
        Schedule::Unclear => (Grade::Info, "unclear", format!("only {waited} were looked at")),
    };
    facts.number(Fact::SynackRetries, u32::try_from(gaps.len()).unwrap_or(u32::MAX));
    facts.word(Fact::SynackSchedule, word);
    let text =
        if seen.is_empty() { text } else { format!("after {} s ({text}){end}", seen.join(" ")) };
    Some((grade, text, facts))
}

fn fast_open(measured: &Measured) -> Line {
    let asked = measured.offer(Offer::FastOpenCookie)?;
    let mut facts = Facts::default();
    let cookie = match asked {
        Probed::Open(syn_ack) => items(&syn_ack.options).find_map(|item| match item {
            Item::FastOpen { cookie, .. } => Some(cookie.len()),
            _ => None,
        }),
        _ => return Some(unanswered("a SYN that asks for a cookie", asked, facts)),
    };
    facts.flag(Fact::Tfo, cookie.is_some_and(|length| length > 0));
    let Some(length) = cookie.filter(|length| *length > 0) else {
        return Some((Grade::Info, "no cookie given".to_owned(), facts));
    };
    let text = format!("cookie of {length} octets");
    match measured.offer(Offer::FastOpenData) {
        Some(Probed::Open(syn_ack)) => {
            facts.flag(Fact::TfoData, syn_ack.took > 0);
            let (grade, said) = match syn_ack.took {
                0 => (Grade::Warn, "data on the SYN not taken".to_owned()),
                took => (Grade::Ok, format!("{took} octets of data on the SYN acknowledged")),
            };
            Some((grade, format!("{text}, {said}"), facts))
        }
        Some(other) => {
            let (grade, why, facts) = unanswered("a SYN with it and data", other, facts);
            Some((grade, format!("{text}; {why}"), facts))
        }
        None => Some((Grade::Ok, text, facts)),
    }
}

/// A SYN that others were answered without.
fn unanswered(what: &str, probed: &Probed, facts: Facts) -> (Grade, String, Facts) {
    let how = match probed {
        Probed::Reset => "answered with RST",
        Probed::Refused => "refused by ICMP",
        Probed::Silent | Probed::Open(_) => "not answered: dropped on the way?",
    };
    (Grade::Warn, format!("{what} is {how}"), facts)
}

fn ecn(measured: &Measured) -> Line {
    let asked = measured.offer(Offer::Ecn)?;
    let mut facts = Facts::default();
    let Probed::Open(syn_ack) = asked else {
        return Some(unanswered("a SYN that offers ECN", asked, facts));
    };
    // Both flags would be our own SYN's, sent back (RFC 3168 §6.1.1).
    let is_classic = syn_ack.flags.contains(Flags::ECE) && !syn_ack.flags.contains(Flags::CWR);
    facts.flag(Fact::Ecn, is_classic);
    let accurate = measured.offer(Offer::AccurateEcn).and_then(Probed::open).map(is_accurate);
    if let Some(accurate) = accurate {
        facts.flag(Fact::AccEcn, accurate);
    }
    let text = match (is_classic, accurate) {
        (true, Some(true)) => "negotiated, accurate ECN too",
        (true, Some(false)) => "negotiated; accurate ECN falls back to it",
        (true, None) => "negotiated; a SYN that offers accurate ECN is not answered",
        (false, Some(true)) => "accurate ECN only",
        (false, _) => "not negotiated",
    };
    let grade = if is_classic || accurate == Some(true) { Grade::Ok } else { Grade::Info };
    Some((grade, text.to_owned(), facts))
}

/// Whether a SYN-ACK says so (RFC 9768 §3.1.1, table 2).
fn is_accurate(syn_ack: &SynAck) -> bool {
    let (cwr, ece) = (syn_ack.flags.contains(Flags::CWR), syn_ack.flags.contains(Flags::ECE));
    matches!((syn_ack.accurate, cwr, ece), (false, true, _) | (true, false | true, false))
}

fn challenge(measured: &Measured) -> Line {
    let reset = measured.reset?;
    let (grade, word, text) = match reset {
        Challenge::Ack => (Grade::Ok, "ack", "RST in the window → challenge ACK (RFC 5961)"),
        Challenge::Silent => (Grade::Info, "silent", "RST in the window → ignored"),
        Challenge::Accepted => {
            (Grade::Fail, "accepted", "RST in the window ends the connection (RFC 5961 §3)")
        }
    };
    let syn = match measured.syn {
        Some(Challenge::Ack) => "; SYN → challenge ACK",
        Some(Challenge::Silent) => "; SYN → ignored",
        Some(Challenge::Accepted) => "; SYN ends it",
        None => "",
    };
    let mut facts = Facts::default();
    facts.word(Fact::Challenge, word);
    Some((grade, format!("{text}{syn}"), facts))
}

fn fingerprint(measured: &Measured, is_ipv6: bool) -> Line {
    let syn_ack = measured.syn_acks().next()?;
    let print = Fingerprint::of(syn_ack, is_ipv6);
    let mut facts = Facts::default();
    facts.number(Fact::Win, syn_ack.window);
    let mut text = print.to_string();
    if let (Some(limit), Some(hops)) = (syn_ack.hop_limit, print.hops) {
        facts.number(Fact::Ttl, limit);
        let routers = if hops == 1 { "router" } else { "routers" };
        text = format!("{text}  (ttl {limit}: {hops} {routers})");
    }
    let guessed = guess(&print).map_or("no guess".to_owned(), |it| format!("a guess: {it}"));
    text = format!("{text}  {guessed}");
    Some((Grade::Info, text, facts))
}

fn proxy(measured: &Measured) -> Line {
    if !measured.whole.contains(&Question::Talk) && measured.talk.is_none() {
        return None;
    }
    let (proxy, cookies) = (proxy_signs(measured), cookie_signs(measured));
    // One alone may be a coincidence.
    let is_proxy = proxy.len() >= 2;
    let is_cookie = cookies.contains(&Sign::IsnFollows) || cookies.len() >= 2;
    let mut facts = Facts::default();
    facts.flag(Fact::Proxy, is_proxy);
    facts.flag(Fact::Cookies, is_cookie);
    let signs: Vec<_> = proxy.iter().chain(&cookies).map(|sign| sign_text(*sign)).collect();
    let signs = signs.join(", ");
    Some(match (is_proxy, is_cookie, signs.is_empty()) {
        (true, ..) => (Grade::Warn, format!("SYN proxy in front: {signs}"), facts),
        (_, true, _) => (Grade::Warn, format!("SYN cookies: {signs}"), facts),
        (_, _, false) => (Grade::Info, format!("one sign, which proves nothing: {signs}"), facts),
        _ => (Grade::Ok, "no sign of a SYN proxy or of SYN cookies".to_owned(), facts),
    })
}

fn sign_text(sign: Sign) -> String {
    match sign {
        Sign::ZeroWindow => "SYN-ACK with window 0".to_owned(),
        Sign::HopLimits { syn_ack, later } => format!("TTL {syn_ack}, then {later}"),
        Sign::WindowUpdate => "window opened after the third ACK".to_owned(),
        Sign::ResetAtOnce => "RST after the third ACK".to_owned(),
        Sign::NoOptions => "SYN-ACK without options".to_owned(),
        Sign::IsnFollows => "ISN is ours plus a constant".to_owned(),
        Sign::NoRepetition => "SYN-ACK never sent again".to_owned(),
        Sign::FewOptions => "SYN-ACK with the MSS only".to_owned(),
    }
}

fn backlog(measured: &Measured) -> Line {
    let backlog = measured.backlog?;
    let mut facts = Facts::default();
    facts.number(Fact::Backlog, backlog.taken);
    let of = format!("{} of {} side by side taken", backlog.taken, backlog.asked);
    if backlog.taken == backlog.asked {
        return Some((Grade::Ok, of, facts));
    }
    let text = format!(
        "{of}; {} third ACKs ignored, {} SYNs not answered: accept queue full",
        backlog.ignored, backlog.silent
    );
    Some((Grade::Warn, text, facts))
}
