//! What each `+` option does.

mod carrier;
pub(crate) mod edns;

use std::fmt::Write as _;
use std::time::Duration;

use wireline_dns::{Cookie, RecordType};

use crate::number::decimal;
use crate::options::{Anchors, Options, RrComments, Show, Split};
use crate::plus::{Plus, Word};
use crate::reader::Reader;
use crate::stop::Stop;

type Done = Result<(), Stop>;

impl Reader<'_> {
    /// One word, without its `+`.
    pub(crate) fn plus(&mut self, text: &str) -> Done {
        let Some(word) = Word::parse(text) else {
            let _ = writeln!(self.said.stdout, ";; Invalid option {text}");
            return Ok(());
        };
        let Some(plus) = word.find() else { return Err(invalid(&word)) };
        if let Some(switch) = switch(self.options(), plus) {
            *switch = word.state;
            return Ok(());
        }
        match plus {
            Plus::Gone(what) => {
                self.said.stderr.push_str(";; ");
                self.said.stderr.push_str(what);
                Ok(())
            }
            Plus::Dns64Prefix => {
                self.dns64prefix(word.state);
                Ok(())
            }
            Plus::All
            | Plus::Cmd
            | Plus::Comments
            | Plus::Question
            | Plus::Short
            | Plus::Yaml
            | Plus::RrComments
            | Plus::TtlUnits
            | Plus::Split => self.shown(&word, plus),
            Plus::Trace | Plus::NsSearch => {
                self.walking(plus, word.state);
                Ok(())
            }
            Plus::Defname | Plus::Search | Plus::ShowSearch | Plus::Domain | Plus::Ndots => {
                self.searched(&word, plus)
            }
            Plus::Timeout
            | Plus::Tries
            | Plus::Retry
            | Plus::Qid
            | Plus::Opcode
            | Plus::FuzzTime => self.asked(&word, plus),
            Plus::NoHttp
            | Plus::Http { .. }
            | Plus::Tcp
            | Plus::KeepOpen
            | Plus::Proxy
            | Plus::ProxyPlain
            | Plus::Http3
            | Plus::Quic => self.carried(&word, plus),
            Plus::Tls
            | Plus::TlsCa
            | Plus::TlsCertFile
            | Plus::TlsHostname
            | Plus::TlsKeyFile
            | Plus::TlsPin
            | Plus::TlsSni => self.tls(&word, plus),
            Plus::Validate => {
                let anchors = word.value.map_or(Anchors::Root, |file| Anchors::File(file.into()));
                self.options().validate = word.state.then_some(anchors);
                Ok(())
            }
            _ => self.edns(&word, plus),
        }
    }

    fn shown(&mut self, word: &Word<'_>, plus: Plus) -> Done {
        let state = word.state;
        let is_template = self.is_template();
        let show = &mut self.options().show;
        match plus {
            Plus::All => {
                sections(show, state);
                (show.comments, show.stats) = (state, state);
                self.state.process.command = state;
            }
            Plus::Cmd => self.state.process.command = state,
            Plus::Comments => {
                show.comments = state;
                self.state.process.comments =
                    if is_template { state } else { self.state.process.comments };
            }
            Plus::Question => {
                show.question = state;
                self.state.process.question =
                    if is_template { state } else { self.state.process.question };
            }
            Plus::RrComments => {
                show.rr_comments = if state { RrComments::Always } else { RrComments::Never };
            }
            Plus::TtlUnits => (show.ttl, show.ttl_units) = (true, state),
            Plus::Short => {
                if state {
                    answer_only(show);
                }
                self.state.process.short = state;
                self.state.process.command &= !state;
            }
            Plus::Yaml => {
                if state {
                    (show.stats, show.rr_comments) = (false, RrComments::Never);
                }
                self.state.process.yaml = state;
                self.state.process.command &= !state;
            }
            _ => return self.split(word),
        }
        Ok(())
    }

    fn split(&mut self, word: &Word<'_>) -> Done {
        match (word.state, word.value) {
            (false, Some(_)) => return Err(invalid(word)),
            (false, None) => self.state.process.split = Split::Never,
            (true, None) => {}
            (true, Some(value)) => {
                let width = decimal(value, 1023);
                let rounded = match width {
                    Ok(width) if width % 4 == 0 => None,
                    Ok(width) => Some(width.div_ceil(4) * 4),
                    Err(_) => left_by(self.state.process.split),
                };
                if let Some(rounded) = rounded {
                    self.warn(&format!("split must be a multiple of 4; adjusting to {rounded}"));
                }
                let width = width.map_err(|fault| {
                    Stop::unparsed("Couldn't parse split").after("split", value, fault)
                })?;
                let width = u16::try_from(rounded.unwrap_or(width)).unwrap_or(u16::MAX);
                self.state.process.split =
                    if width == 0 { Split::Never } else { Split::Every(width) };
            }
        }
        Ok(())
    }

    fn walking(&mut self, plus: Plus, state: bool) {
        let options = self.options();
        if plus == Plus::Trace {
            options.trace = state;
        } else {
            options.nssearch = state;
        }
        if !state {
            return;
        }
        options.header.rd = true;
        let show = &mut options.show;
        (show.identify, show.comments, show.stats) = (true, false, false);
        (show.additional, show.question) = (false, false);
        show.rr_comments = RrComments::Multiline;
        show.authority = plus == Plus::Trace;
        if plus == Plus::Trace {
            options.edns.dnssec = true;
            if options.edns.cookie == Cookie::None {
                options.edns.cookie = Cookie::Drawn;
            }
            self.state.process.use_search = false;
        } else {
            (options.kind, options.kind_chosen) = (RecordType::NS, true);
            self.state.process.short = true;
        }
    }

    fn searched(&mut self, word: &Word<'_>, plus: Plus) -> Done {
        let may = !self.options().trace;
        let process = &mut self.state.process;
        match plus {
            Plus::Domain => process.domain = Some(valued(word)?.to_owned()),
            Plus::Ndots => {
                let value = valued(word)?;
                let ndots = number(value, 0xffff, "ndots", "ndots")?;
                process.ndots = u16::try_from(ndots).ok();
            }
            Plus::ShowSearch if may => {
                (process.show_search, process.use_search) = (word.state, word.state);
            }
            _ if may => process.use_search = word.state,
            _ => {}
        }
        Ok(())
    }

    fn asked(&mut self, word: &Word<'_>, plus: Plus) -> Done {
        match (plus, word.state) {
            (Plus::Qid, false) => self.options().header.id = None,
            (Plus::Qid, true) => {
                let id = number(valued(word)?, 0xffff, "qid", "qid")?;
                self.options().header.id = u16::try_from(id).ok();
            }
            (Plus::Opcode, false) => self.options().header.opcode = wireline_dns::Opcode::QUERY,
            (Plus::Opcode, true) => self.options().header.opcode = opcode(valued(word)?)?,
            (Plus::FuzzTime, false) => self.options().signing_time = None,
            (Plus::FuzzTime, true) => {
                let time = word.value.map_or(Ok(FUZZ_TIME), |value| {
                    number(value, u32::MAX, "fuzztime", "fuzztime")
                })?;
                self.options().signing_time = Some(time);
            }
            (Plus::Timeout, _) => {
                let seconds = number(valued(word)?, 0xffff, "timeout", "timeout")?.max(1);
                self.state.process.timeout = Some(Duration::from_secs(seconds.into()));
            }
            (Plus::Tries, _) => {
                let tries = number(valued(word)?, u32::MAX, "tries", "tries")?.max(1);
                self.options().asking.tries = Some(tries);
            }
            _ => {
                let retries = number(valued(word)?, u32::MAX - 1, "retries", "retries")?;
                self.options().asking.tries = Some(retries + 1);
            }
        }
        Ok(())
    }

    fn dns64prefix(&mut self, state: bool) {
        if !state {
            return;
        }
        self.begin("ipv4only.arpa");
        let options = self.options();
        options.dns64prefix = true;
        (options.kind, options.kind_chosen) = (RecordType::AAAA, true);
        answer_only(&mut options.show);
        self.state.process.command = false;
    }
}

/// What dig takes a signature's time for, if nobody says.
const FUZZ_TIME: u32 = 0x622a_cce1;

/// What dig says of a number that is none depends on what it had before: on 3 more than the width.
fn left_by(before: Split) -> Option<u32> {
    match before {
        Split::Default => Some(0),
        Split::Never => None,
        Split::Every(width) => Some(u32::from(width) + 4),
    }
}

/// That there is no such option, or not so.
fn invalid(word: &Word<'_>) -> Stop {
    Stop::usage(format!("Invalid option: +{}", word.shown))
}

/// The value of an option that must have one, and cannot have `no`.
fn valued<'a>(word: &Word<'a>) -> Result<&'a str, Stop> {
    word.value.filter(|_| word.state).ok_or_else(|| invalid(word))
}

/// A number up to `max`: `what` it is, and what of it could not be parsed.
fn number(value: &str, max: u32, what: &str, unparsed: &str) -> Result<u32, Stop> {
    let failed =
        |fault| Stop::unparsed(format!("Couldn't parse {unparsed}")).after(what, value, fault);
    decimal(value, max).map_err(failed)
}

/// dig knows DSO by its number only.
fn opcode(value: &str) -> Result<wireline_dns::Opcode, Stop> {
    use wireline_dns::Opcode;
    let is_named = |number: &u8| match number {
        0..=2 | 4 | 5 => Opcode(*number).to_string().eq_ignore_ascii_case(value),
        _ => format!("RESERVED{number}").eq_ignore_ascii_case(value),
    };
    if let Some(found) = (0..16).find(is_named) {
        return Ok(Opcode(found));
    }
    let number = number(value, 15, "opcode", "opcode")?;
    Ok(Opcode(u8::try_from(number).unwrap_or(15)))
}

fn sections(show: &mut Show, state: bool) {
    (show.question, show.answer) = (state, state);
    (show.authority, show.additional) = (state, state);
}

fn answer_only(show: &mut Show) {
    sections(show, false);
    (show.answer, show.comments, show.stats) = (true, false, false);
    show.rr_comments = RrComments::Never;
}

/// The options that are a switch and no more.
fn switch(options: &mut Options, plus: Plus) -> Option<&mut bool> {
    let Options { header, edns, asking, show, .. } = options;
    Some(match plus {
        Plus::Aa => &mut header.aa,
        Plus::Ad => &mut header.ad,
        Plus::Cd => &mut header.cd,
        Plus::Ra => &mut header.ra,
        Plus::Rd => &mut header.rd,
        Plus::Tc => &mut header.tc,
        Plus::Z => &mut header.z,
        Plus::HeaderOnly => &mut header.header_only,
        Plus::MixedCase => &mut header.mixed_case,
        Plus::Co => &mut edns.compact,
        Plus::EdnsNegotiation => &mut edns.negotiation,
        Plus::Expire => &mut edns.expire,
        Plus::Keepalive => &mut edns.keepalive,
        Plus::ZoneVersion => &mut edns.zone_version,
        Plus::BadCookie => &mut asking.retry_bad_cookie,
        Plus::BestEffort => &mut asking.best_effort,
        Plus::Fail => &mut asking.stop_at_servfail,
        Plus::Ignore => &mut asking.ignore_truncation,
        Plus::Additional => &mut show.additional,
        Plus::Answer => &mut show.answer,
        Plus::Authority => &mut show.authority,
        Plus::Class => &mut show.class,
        Plus::Crypto => &mut show.crypto,
        Plus::ExpandAaaa => &mut show.expand_aaaa,
        Plus::Identify => &mut show.identify,
        Plus::Multiline => &mut show.multiline,
        Plus::OneSoa => &mut show.one_soa,
        Plus::Qr => &mut show.query,
        Plus::ShowBadCookie => &mut show.bad_cookie,
        Plus::Stats => &mut show.stats,
        Plus::Ttl => &mut show.ttl,
        Plus::UnknownFormat => &mut show.unknown_format,
        Plus::IdnIn => &mut options.idn_in,
        Plus::IdnOut => &mut options.idn_out,
        _ => return None,
    })
}
