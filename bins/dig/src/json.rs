//! `--json`: what happened, an object a line.

use std::time::Duration;

use data_encoding::HEXLOWER;
use serde::Serialize;
use wireline_cli::{JsonLines, Render as _, Streams};
use wireline_dns::lookup::{self, Received, Signature};
use wireline_dns::present::{self, Style, edns_options, edns_text};
use wireline_dns::{Section, Transport};

use crate::event::{
    Answer, BatchSummary, Edns, EdnsOption, Event, Message, Notice, Question, Record, Server,
    Start, Summary, Transfer,
};
use crate::layout::Layout;
use crate::notice::kind::{kind, octets, server_of};
use crate::notice::words;
use crate::session::Session;
use crate::shown::{Shown, flags, opcode_text, rcode_text};

/// What `summary` counts.
#[derive(Default)]
pub(crate) struct Json {
    has_begun: bool,
    queries: u64,
    answered: u64,
    /// The name and the type of the query that is under way.
    name: String,
    kind: String,
    /// Whether it has its answer.
    is_answered: bool,
}

impl Json {
    /// The run begins, unless it has.
    pub(crate) fn start(&mut self, page: &mut String, at: Duration) {
        if !self.has_begun {
            line(page, at, &Event::Start(Start { v: 1 }));
        }
        self.has_begun = true;
    }

    /// A query begins; before the first of them the run.
    pub(crate) fn begin(&mut self, page: &mut String, at: Duration, layout: &Layout) {
        self.start(page, at);
        self.queries += 1;
        self.is_answered = false;
        (self.name, self.kind) = (layout.name.clone(), layout.kind.to_string());
    }

    pub(crate) fn event(&mut self, page: &mut String, at: Duration, event: &lookup::Event) {
        match event {
            lookup::Event::Sent(sent) => {
                let message = Shown::query(sent).map(|shown| Box::new(message(&shown)));
                if let Some(message) = message {
                    line(page, sent.sent, &Event::Query(message));
                }
            }
            lookup::Event::Answer(answered) => {
                if let Some(shown) = Shown::answer(answered) {
                    self.answer(page, at, &shown);
                }
            }
            lookup::Event::Received(received) => {
                if let Some(transfer) = self.transfer(received) {
                    line(page, received.at, &Event::Transfer(transfer));
                }
            }
            lookup::Event::Notice(told) => line(page, at, &Event::Notice(self.notice(told))),
            lookup::Event::Trying { .. } => {}
        }
    }

    /// An answer that was read already.
    pub(crate) fn answer(&mut self, page: &mut String, at: Duration, shown: &Shown<'_>) {
        if let Some(answered) = shown.answer {
            self.answered += u64::from(!self.is_answered);
            self.is_answered = true;
            let at = answered.message.received.unwrap_or(at);
            line(page, at, &Event::Answer(Box::new(answer(shown, answered))));
        }
    }

    pub(crate) fn session(page: &mut String, at: Duration, session: Session) {
        line(page, at, &Event::Session(Box::new(session)));
    }

    /// A query was asked of which others told.
    pub(crate) fn count(&mut self, is_answered: bool) {
        self.queries += 1;
        self.answered += u64::from(is_answered);
    }

    pub(crate) fn finish(&self, page: &mut String, at: Duration) {
        let Self { queries, answered, .. } = *self;
        let failed = queries - answered;
        line(page, at, &Event::Summary(Summary { queries, answered, failed }));
    }

    fn transfer(&self, received: &Received) -> Option<Transfer> {
        let sums = received.transfer?;
        Some(Transfer {
            name: self.name.clone(),
            kind: self.kind.clone(),
            server: server(&received.server),
            transport: transport(received.transport),
            records: sums.records,
            messages: sums.messages,
            size: sums.octets,
            time_ms: milliseconds(received.took),
        })
    }

    fn notice(&self, notice: &lookup::Notice) -> Notice {
        Notice {
            name: self.name.clone(),
            record_type: self.kind.clone(),
            kind: kind(notice),
            text: words(notice).text(),
            server: server_of(notice).map(server),
            hex: octets(notice).map(|octets| HEXLOWER.encode(octets)),
        }
    }

    /// The end of a batch.
    pub(crate) fn finish_batch(page: &mut String, at: Duration, summary: &BatchSummary) {
        line(page, at, &Event::Batch(summary.clone()));
    }
}

fn line(page: &mut String, at: Duration, event: &Event) {
    page.push_str(&text(at, event));
}

/// Any event as a line.
pub(crate) fn text<E: Serialize>(at: Duration, event: &E) -> String {
    let (mut out, mut err) = (Vec::with_capacity(1024), Vec::new());
    let mut to = Streams { out: &mut out, err: &mut err };
    // Writing to memory does not fail, and JSON is UTF-8.
    let _ = JsonLines { tool: "dig" }.event(at, event, &mut to);
    String::from_utf8_lossy(&out).into_owned()
}

fn server(server: &lookup::Server) -> Server {
    let address = server.address;
    Server { server: address.ip(), port: address.port(), server_name: server.name.clone() }
}

/// What carried a message, in the words of `--json`.
pub(crate) const fn transport(transport: Transport) -> &'static str {
    match transport {
        Transport::Udp => "udp",
        Transport::Tcp => "tcp",
        Transport::Tls => "tls",
        Transport::HttpsPost => "https",
        Transport::HttpsGet => "https_get",
        Transport::HttpPost => "http",
        Transport::HttpGet => "http_get",
        Transport::Quic => "quic",
    }
}

/// In one piece, and nothing left out.
fn style() -> Style {
    Style { split: present::Split::Never, ..Style::default() }
}

fn message(shown: &Shown<'_>) -> Message {
    let header = shown.header();
    let style = style();
    let records = |section| shown.section(section).map(|one| record(one, &style)).collect();
    let signature = shown.tsig().or(shown.sig0());
    Message {
        server: server(&shown.exchanged.server),
        transport: transport(shown.exchanged.transport),
        size: shown.exchanged.octets.len(),
        id: header.id,
        opcode: opcode_text(header.opcode()),
        status: rcode_text(shown.rcode()),
        rcode: shown.rcode(),
        flags: flags(header).collect(),
        z: header.has(wireline_dns::Header::Z),
        edns: edns(shown),
        questions: shown.message.questions.iter().map(question).collect(),
        answers: records(Section::Answer),
        authority: records(Section::Authority),
        additional: records(Section::Additional),
        signed_by: signature.map(|one| record(one, &style)),
    }
}

fn question(question: &wireline_dns::Question) -> Question {
    Question {
        name: question.name.to_string(),
        class: question.class.to_string(),
        kind: question.kind.to_string(),
    }
}

fn record(record: &wireline_dns::Record<'_>, style: &Style) -> Record {
    let data = present::rdata(record.kind, record.class, record.rdata, style);
    // dig leaves a blank where a TSIG says no more.
    let data = data.trim_end().to_owned();
    // The generic form (RFC 3597 §5) has the octets in words and in upper case.
    let hex = data.starts_with("\\# ").then(|| HEXLOWER.encode(record.rdata.octets()));
    Record {
        name: record.owner.to_string(),
        ttl: record.ttl,
        class: record.class.to_string(),
        kind: record.kind.to_string(),
        data,
        hex,
    }
}

fn edns(shown: &Shown<'_>) -> Option<Edns> {
    let opt = shown.opt()?;
    let [_, version, high, low] = opt.ttl.to_be_bytes();
    let texts = edns_text(opt, shown.cookie()).into_iter().skip(1);
    let options = edns_options(opt.rdata).zip(texts).map(|((code, data), text)| EdnsOption {
        code,
        text: text.trim_start_matches("; ").to_owned(),
        hex: HEXLOWER.encode(data),
    });
    Some(Edns {
        version,
        flags: edns_flags(u16::from_be_bytes([high, low])),
        udp_size: opt.class.0,
        options: options.collect(),
    })
}

fn edns_flags(bits: u16) -> Vec<String> {
    let name = |bit: u16| match bit {
        wireline_dns::Edns::DO => "do".to_owned(),
        wireline_dns::Edns::CO => "co".to_owned(),
        other => format!("0x{other:04x}"),
    };
    (0..16).rev().map(|n| 1 << n).filter(|bit| bits & bit != 0).map(name).collect()
}

fn answer(shown: &Shown<'_>, answered: &lookup::Answer) -> Answer {
    Answer {
        message: message(shown),
        time_ms: milliseconds(answered.took),
        cookie_ok: answered.cookie,
        signature_ok: answered.signature.map(|signature| signature == Signature::Good),
        malformed: answered.is_malformed,
        extra: shown.extra(),
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
