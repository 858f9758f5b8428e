//! What a check can find out, by name: what `--expect` may ask for, and what the report's figures are called.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::ser::{Serialize, SerializeMap as _, Serializer};
use wireline_engine::millis;

use super::test::Test;

/// What a fact's values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Yes or no: stands alone.
    Flag,
    /// A number without a unit.
    Number,
    /// A time, with a unit.
    Time,
    /// One of these words.
    Word(&'static [&'static str]),
}

/// A named fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fact {
    Open,
    Closed,
    Filtered,
    Rejected,
    Verdict,
    Rtt,
    RttMin,
    RttMax,
    Jitter,
    DataRtt,
    Loss,
    Mss,
    Wscale,
    Sack,
    Ts,
    Ecn,
    AccEcn,
    Tfo,
    TfoData,
    Win,
    Ttl,
    Clamp,
    Isn,
    IsnRate,
    SynackRetries,
    SynackSchedule,
    SynackRto,
    Accept,
    FirstByte,
    HalfClose,
    Close,
    TimeWait,
    Challenge,
    Proxy,
    Cookies,
    Backlog,
}

/// The verdicts' names, as in JSON.
pub(crate) const VERDICTS: &[&str] =
    &["open", "closed", "filtered", "rejected", "unreachable", "no_neighbour", "no_route", "local"];

type Row = (Fact, &'static str, Kind, &'static str);

/// Every fact: what it is called, what its values are, and what it says. In the order of [`Fact`].
pub(crate) const TABLE: &[Row] = &[
    (Fact::Open, "open", Kind::Flag, "SYN and ACK came back"),
    (Fact::Closed, "closed", Kind::Flag, "RST came back"),
    (Fact::Filtered, "filtered", Kind::Flag, "nobody answered"),
    (Fact::Rejected, "rejected", Kind::Flag, "ICMP, no route or no neighbour"),
    (Fact::Verdict, "verdict", Kind::Word(VERDICTS), "which of them"),
    (Fact::Rtt, "rtt", Kind::Time, "median from SYN to SYN-ACK"),
    (Fact::RttMin, "rtt_min", Kind::Time, "the shortest"),
    (Fact::RttMax, "rtt_max", Kind::Time, "the longest"),
    (Fact::Jitter, "jitter", Kind::Time, "mean difference from one to the next"),
    (Fact::DataRtt, "data_rtt", Kind::Time, "from data to its ACK"),
    (Fact::Loss, "loss", Kind::Number, "percent of SYNs without an answer"),
    (Fact::Mss, "mss", Kind::Number, "octets a segment, by the SYN-ACK"),
    (Fact::Wscale, "wscale", Kind::Number, "bits by which the server shifts its window"),
    (Fact::Sack, "sack", Kind::Flag, "selective acknowledgments agreed on"),
    (Fact::Ts, "ts", Kind::Flag, "timestamps agreed on"),
    (Fact::Ecn, "ecn", Kind::Flag, "ECN agreed on (RFC 3168)"),
    (Fact::AccEcn, "accecn", Kind::Flag, "accurate ECN agreed on (RFC 9768)"),
    (Fact::Tfo, "tfo", Kind::Flag, "a cookie of TCP Fast Open was given"),
    (Fact::TfoData, "tfo_data", Kind::Flag, "data on a SYN with the cookie was taken"),
    (Fact::Win, "win", Kind::Number, "window of the SYN-ACK, in octets"),
    (Fact::Ttl, "ttl", Kind::Number, "TTL or hop limit of the SYN-ACK on arrival"),
    (Fact::Clamp, "clamp", Kind::Flag, "the MSS fits no usual link"),
    (Fact::Isn, "isn", Kind::Word(ISN), "how the server chooses sequence numbers"),
    (Fact::IsnRate, "isn_rate", Kind::Number, "their steps a second on one 4-tuple"),
    (Fact::SynackRetries, "synack_retries", Kind::Number, "SYN-ACKs that were sent again"),
    (Fact::SynackSchedule, "synack_schedule", Kind::Word(SCHEDULE), "how they were spaced"),
    (Fact::SynackRto, "synack_rto", Kind::Time, "until the first was sent again"),
    (Fact::Accept, "accept", Kind::Flag, "data on the connection was acknowledged"),
    (
        Fact::FirstByte,
        "first_byte",
        Kind::Time,
        "to the first octet: from our data, or from the SYN-ACK",
    ),
    (Fact::HalfClose, "halfclose", Kind::Word(HALF_CLOSE), "what the server does after our FIN"),
    (Fact::Close, "close", Kind::Word(CLOSE), "how the server ends a connection"),
    (Fact::TimeWait, "time_wait", Kind::Word(TIME_WAIT), "who is left in TIME_WAIT"),
    (Fact::Challenge, "challenge", Kind::Word(CHALLENGE), "answer to an RST that is not exact"),
    (Fact::Proxy, "proxy", Kind::Flag, "signs of a SYN proxy in front"),
    (Fact::Cookies, "cookies", Kind::Flag, "signs of SYN cookies"),
    (Fact::Backlog, "backlog", Kind::Number, "connections the accept queue took (--intrusive)"),
];

pub(crate) const ISN: &[&str] =
    &["rfc6528", "clock", "random", "cookie", "increment", "constant", "global_clock", "unclear"];
pub(crate) const SCHEDULE: &[&str] = &["exponential", "linear", "irregular", "none", "unclear"];
pub(crate) const HALF_CLOSE: &[&str] = &["honoured", "closes", "resets", "ignored"];
pub(crate) const CLOSE: &[&str] = &["fin", "rst", "none"];
pub(crate) const TIME_WAIT: &[&str] = &["client", "server", "none"];
pub(crate) const CHALLENGE: &[&str] = &["ack", "silent", "accepted"];

impl Fact {
    fn row(self) -> Option<&'static Row> {
        TABLE.iter().find(|(fact, ..)| *fact == self)
    }

    /// The fact of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        TABLE.iter().find(|(_, known, ..)| *known == name).map(|(fact, ..)| *fact)
    }

    pub(crate) fn name(self) -> &'static str {
        self.row().map_or("", |(_, name, ..)| name)
    }

    pub(crate) fn kind(self) -> Kind {
        self.row().map_or(Kind::Flag, |(_, _, kind, _)| *kind)
    }

    /// The line of the report that tells it, where that is only one.
    pub(crate) const fn test(self) -> Option<Test> {
        Some(match self {
            Self::Ecn | Self::AccEcn => Test::Ecn,
            Self::Tfo | Self::TfoData => Test::Tfo,
            Self::Win | Self::Ttl => Test::Fingerprint,
            Self::Isn | Self::IsnRate => Test::Isn,
            Self::SynackRetries | Self::SynackSchedule | Self::SynackRto => Test::Synack,
            Self::Challenge => Test::Challenge,
            Self::Proxy | Self::Cookies => Test::Proxy,
            Self::Backlog => Test::Backlog,
            _ => return None,
        })
    }

    /// What it is called in JSON: with its unit.
    fn key(self) -> String {
        match self.kind() {
            Kind::Time => format!("{}_ms", self.name()),
            Kind::Number if self == Self::Loss => format!("{}_percent", self.name()),
            _ => self.name().to_owned(),
        }
    }
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Value {
    Flag(bool),
    Number(f64),
    Time(Duration),
    Word(&'static str),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(true) => f.write_str("yes"),
            Self::Flag(false) => f.write_str("no"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Time(time) => f.write_str(&time_text(*time)),
            Self::Word(word) => f.write_str(word),
        }
    }
}

/// `38 µs`, `1.27 ms` or `2.04 s`: three figures.
pub(crate) fn time_text(time: Duration) -> String {
    let us = time.as_secs_f64() * 1e6;
    match us {
        ..999.5 => format!("{us:.0} µs"),
        ..9_995.0 => format!("{:.2} ms", us / 1e3),
        ..99_950.0 => format!("{:.1} ms", us / 1e3),
        ..999_500.0 => format!("{:.0} ms", us / 1e3),
        _ => format!("{:.2} s", us / 1e6),
    }
}

/// Facts that were found; one that is not there was not measured.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Facts(BTreeMap<Fact, Value>);

impl Facts {
    pub(crate) fn get(&self, fact: Fact) -> Option<Value> {
        self.0.get(&fact).copied()
    }

    pub(crate) fn put(&mut self, fact: Fact, value: Value) {
        self.0.insert(fact, value);
    }

    pub(crate) fn flag(&mut self, fact: Fact, is_so: bool) {
        self.put(fact, Value::Flag(is_so));
    }

    pub(crate) fn number(&mut self, fact: Fact, number: impl Into<f64>) {
        self.put(fact, Value::Number(number.into()));
    }

    pub(crate) fn time(&mut self, fact: Fact, time: Duration) {
        self.put(fact, Value::Time(time));
    }

    pub(crate) fn word(&mut self, fact: Fact, word: &'static str) {
        self.put(fact, Value::Word(word));
    }

    pub(crate) fn join(&mut self, others: &Self) {
        self.0.extend(others.0.iter().map(|(fact, value)| (*fact, *value)));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Facts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (fact, value) in &self.0 {
            map.serialize_key(&fact.key())?;
            match value {
                Value::Flag(flag) => map.serialize_value(flag)?,
                #[expect(clippy::cast_possible_truncation, reason = "whole and small")]
                Value::Number(number)
                    if *fact != Fact::Loss && number.fract() == 0.0 && number.abs() < 1e15 =>
                {
                    map.serialize_value(&(*number as i64))?;
                }
                Value::Number(number) => map.serialize_value(number)?,
                Value::Time(time) => map.serialize_value(&millis(*time))?,
                Value::Word(word) => map.serialize_value(word)?,
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_one_facts() {
        for (place, (fact, name, ..)) in TABLE.iter().enumerate() {
            assert_eq!(Fact::named(name), Some(*fact));
            assert_eq!(*fact as usize, place, "{name} is out of order");
        }
    }

    #[test]
    fn times_have_three_figures() {
        let text = |us| time_text(Duration::from_micros(us));
        assert_eq!(
            [38, 1_270, 31_200, 204_000, 2_040_000].map(text),
            ["38 µs", "1.27 ms", "31.2 ms", "204 ms", "2.04 s"]
        );
    }

    #[test]
    fn facts_have_their_units_in_json() {
        let mut facts = Facts::default();
        facts.time(Fact::Rtt, Duration::from_micros(38));
        facts.number(Fact::Mss, 1460_u16);
        facts.flag(Fact::Sack, true);
        let json = serde_json::to_string(&facts).unwrap();
        assert_eq!(json, r#"{"rtt_ms":0.038,"mss":1460,"sack":true}"#);
    }
}
