//! HTTP/1 (RFC 9112) without I/O: what is received goes in, what it says comes out.
//!
//! It reads what curl 8 reads, tells what was odd about it, and refuses what two readers could understand in two ways.
//! It knows no connections, and undoes no coding but chunked.

mod chunked;
mod encode;
mod framing;
mod head;
mod oddity;

pub use encode::{LAST_CHUNK, chunk_head, encode_head, last_chunk};

use std::ops::Range;

use bytes::Bytes;

use self::chunked::Chunks;
use self::framing::{Body, Framing};
use self::head::{Gathered, Lines};
use self::oddity::Oddities;
use crate::decode::Coding;
use crate::failure::{Failure, Kind};
use crate::head::{Fields, Head, Version};

/// What of a request its response cannot be read without.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked {
    /// HEAD: the response has no body, whatever it says.
    pub is_head: bool,
    /// CONNECT: what follows a 2xx is no part of it.
    pub is_connect: bool,
    /// An upgrade was asked for: 101 is final, and what follows is no part of it. Unasked it is a failure.
    pub is_upgrade: bool,
    /// It goes through a proxy that sees it: Proxy-Connection counts.
    pub is_proxied: bool,
    /// Octets without a head are taken as a body (`--http0.9`).
    pub allow_http09: bool,
    /// Content-Length is passed over (`--ignore-content-length`).
    pub ignore_content_length: bool,
    /// Transfer codings besides chunked are taken (`--tr-encoding`).
    pub takes_transfer_codings: bool,
    /// The body comes out with its chunks' frames, and no coding is refused (`--raw`).
    pub raw: bool,
}

/// What came.
#[derive(Debug)]
pub enum Item<'a> {
    /// A head that only says that another one follows (1xx).
    Interim(Head),
    /// The head.
    Head(Head),
    /// A part of the body.
    Body(&'a [u8]),
    /// Fields behind the body.
    Trailers {
        /// Octet for octet, the empty line included.
        raw: Bytes,
        /// The fields.
        fields: Fields,
    },
    /// Something that is not as it should be, and was passed over. Told once of each sort; of a head behind it.
    Oddity(&'static str),
    /// The end; [`Decoder::decode`] takes nothing from here on.
    End {
        /// Whether the connection may carry another exchange, as far as this response says. What was left over of the
        /// octets belongs to no response that was asked for, unless requests are pipelined.
        keeps_alive: bool,
    },
}

/// One step of [`Decoder::decode`].
#[derive(Debug)]
pub struct Step<'a> {
    /// How many octets of the front were used; all, where there is no item.
    pub consumed: usize,
    /// What they say; `None`: more are needed.
    pub item: Option<Item<'a>>,
}

/// Reads one response with what precedes it (1xx). Fed with octets in any pieces; keeps of them what it needs, so that
/// none is shown to it twice.
#[derive(Debug)]
pub struct Decoder {
    asked: Asked,
    state: State,
    lines: Lines,
    odd: Oddities,
    keeps_alive: bool,
    length: Option<u64>,
    codings: Vec<Coding>,
    /// Of a body: the beginning of one without head, or the trailers of a raw one.
    kept: Bytes,
    has_begun: bool,
}

/// What is being read.
#[derive(Debug)]
enum State {
    /// A head.
    Head,
    /// A body of which so much is left.
    Counted(u64),
    /// Chunks.
    Chunked(Chunks),
    /// Fields behind them.
    Trailers,
    /// What comes until the connection ends.
    UntilClose,
    /// The body without head, whose beginning is kept.
    Headless,
    /// All of it came.
    Ended,
    /// The end was told.
    Done,
    /// It is wrong; told again whenever it is asked.
    Failed(Failure),
}

impl Decoder {
    /// For the response to such a request.
    #[must_use]
    pub fn new(asked: Asked) -> Self {
        Self {
            asked,
            state: State::Head,
            lines: Lines::new(),
            odd: Oddities::default(),
            keeps_alive: false,
            length: None,
            codings: Vec::new(),
            kept: Bytes::new(),
            has_begun: false,
        }
    }

    /// Takes octets from the front, up to the next item: to be called until there is none, also with no octets left. What
    /// is consumed may be written over: small chunks are moved together, so that their data are one slice.
    pub fn decode<'a>(&'a mut self, octets: &'a mut [u8]) -> Result<Step<'a>, Failure> {
        self.has_begun |= !octets.is_empty();
        let (consumed, out) = self.advance(octets);
        let item = match out? {
            Out::Nothing => None,
            Out::Interim(head) => Some(Item::Interim(head)),
            Out::Head(head) => Some(Item::Head(head)),
            Out::Trailers(head) => Some(Item::Trailers { raw: head.raw, fields: head.fields }),
            Out::Body(range) => Some(Item::Body(octets.get(range).unwrap_or_default())),
            Out::Kept => Some(Item::Body(&self.kept)),
            Out::Oddity(text) => Some(Item::Oddity(text)),
            Out::End => Some(Item::End { keeps_alive: self.keeps_alive }),
        };
        Ok(Step { consumed, item })
    }

    /// The connection ended, behind all that [`Decoder::decode`] has consumed. [`Item::End`] where that is the end of
    /// the body.
    pub fn eof(&mut self) -> Result<Item<'static>, Failure> {
        let (kind, text) = match &self.state {
            State::UntilClose | State::Headless | State::Ended | State::Done => {
                self.state = State::Done;
                return Ok(Item::End { keeps_alive: false });
            }
            State::Failed(why) => return Err(why.clone()),
            State::Head if self.lines.has_status_line() => {
                (Kind::Receive, "the connection ended inside the response's head".to_owned())
            }
            State::Head => (Kind::Empty, EMPTY.to_owned()),
            State::Counted(left) => {
                (Kind::Partial, format!("end of response with {left} bytes missing"))
            }
            State::Chunked(_) | State::Trailers => (Kind::Partial, CUT.to_owned()),
        };
        Err(self.fail(Failure::new(kind, text)))
    }

    /// What is to be undone behind the chunks, in the order in which it was applied; known once there is a head.
    #[must_use]
    pub fn transfer_codings(&self) -> &[Coding] {
        &self.codings
    }

    /// How long the body is, as carried, where the head says so.
    #[must_use]
    pub fn body_length(&self) -> Option<u64> {
        self.length
    }

    /// What has come of a head that is not whole: to be shown where it never will be.
    #[must_use]
    pub fn unfinished(&self) -> &[u8] {
        self.lines.unfinished()
    }

    /// Whether anything came at all: where nothing did on a connection that was used before, it was dead already.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.has_begun
    }

    fn fail(&mut self, why: Failure) -> Failure {
        self.state = State::Failed(why.clone());
        why
    }

    /// How many octets were used, and what for.
    fn advance(&mut self, octets: &mut [u8]) -> (usize, Result<Out, Failure>) {
        let mut consumed: usize = 0;
        loop {
            if let Some(told) = self.next_oddity() {
                return (consumed, Ok(Out::Oddity(told)));
            }
            let rest = octets.get_mut(consumed..).unwrap_or_default();
            let (used, out) = match &mut self.state {
                State::Head | State::Trailers if !rest.is_empty() => self.read_lines(rest),
                State::Counted(left) if !rest.is_empty() => read_counted(left, rest.len()),
                State::UntilClose if !rest.is_empty() => (rest.len(), Ok(Out::Body(0..rest.len()))),
                State::Chunked(_) if !rest.is_empty() => self.read_chunks(rest),
                State::Headless => {
                    self.state = State::UntilClose;
                    (0, Ok(Out::Kept))
                }
                State::Ended => {
                    self.state = State::Done;
                    return (consumed, Ok(Out::End));
                }
                State::Failed(why) => return (consumed, Err(why.clone())),
                _ => return (consumed, Ok(Out::Nothing)),
            };
            if matches!(self.state, State::Counted(0)) {
                self.state = State::Ended;
            }
            let shift = consumed;
            consumed = consumed.saturating_add(used);
            match out {
                Ok(Out::Nothing) => {}
                Ok(Out::Body(range)) => return (consumed, Ok(Out::Body(shifted(range, shift)))),
                Ok(out) => return (consumed, Ok(out)),
                // What was odd is told first.
                Err(why) => self.state = State::Failed(why),
            }
        }
    }

    /// A head's oddities are told behind it.
    fn next_oddity(&mut self) -> Option<&'static str> {
        if matches!(self.state, State::Head) { None } else { self.odd.next() }
    }

    fn read_lines(&mut self, octets: &[u8]) -> (usize, Result<Out, Failure>) {
        let is_trailers = matches!(self.state, State::Trailers);
        let (used, gathered) = match self.lines.gather(octets, &mut self.odd) {
            Ok(gathered) => gathered,
            Err(why) => return (0, Err(why)),
        };
        let out = match gathered {
            Gathered::Partial | Gathered::Line => Ok(Out::Nothing),
            Gathered::NoHead(octets) => self.take_headless(octets),
            Gathered::Whole(head) if is_trailers => Ok(self.take_trailers(head)),
            Gathered::Whole(head) => self.take_head(head),
        };
        (used, out)
    }

    fn take_headless(&mut self, octets: Bytes) -> Result<Out, Failure> {
        if self.lines.has_had_head() {
            return Err(Failure::new(Kind::WeirdReply, "Invalid status line"));
        }
        if !self.asked.allow_http09 {
            let text = "Received HTTP/0.9 when not allowed";
            return Err(Failure::new(Kind::UnsupportedProtocol, text));
        }
        self.odd.add(oddity::OLD);
        self.kept = octets;
        self.state = State::Headless;
        self.keeps_alive = false;
        Ok(Out::Head(Head { version: Version::Http09, ..Head::default() }))
    }

    fn take_trailers(&mut self, head: Head) -> Out {
        self.state = State::Ended;
        if self.asked.raw {
            self.kept = head.raw;
            return Out::Kept;
        }
        if head.fields.is_empty() { Out::Nothing } else { Out::Trailers(head) }
    }

    fn take_head(&mut self, head: Head) -> Result<Out, Failure> {
        let is_interim = (100..200).contains(&head.status);
        if is_interim && head.status != 101 {
            self.lines.begin_next_head()?;
            return Ok(Out::Interim(head));
        }
        if is_interim && !self.asked.is_upgrade {
            self.state = State::Failed(Failure::new(Kind::Empty, EMPTY));
            return Ok(Out::Head(head));
        }
        // What is wrong about the body is told behind the head, which is to be seen.
        match Framing::of(&head, self.asked, &mut self.odd) {
            Ok(framing) => self.begin_body(framing),
            Err(why) => self.state = State::Failed(why),
        }
        Ok(Out::Head(head))
    }

    fn begin_body(&mut self, framing: Framing) {
        self.keeps_alive = framing.keeps_alive;
        self.codings = framing.codings;
        self.length = match framing.body {
            Body::None => Some(0),
            Body::Length(length) => Some(length),
            Body::Chunked | Body::UntilClose => None,
        };
        self.state = match framing.body {
            Body::None | Body::Length(0) => State::Ended,
            Body::Length(length) => State::Counted(length),
            Body::Chunked => State::Chunked(Chunks::new()),
            Body::UntilClose => State::UntilClose,
        };
    }

    fn read_chunks(&mut self, octets: &mut [u8]) -> (usize, Result<Out, Failure>) {
        let State::Chunked(chunks) = &mut self.state else { return (0, Ok(Out::Nothing)) };
        let raw = self.asked.raw;
        let read = chunks.read(octets, !raw, &mut self.odd);
        if chunks.has_ended() {
            self.state = State::Trailers;
            self.lines.begin_trailers();
        }
        let range = if raw { 0..read.consumed } else { read.data };
        let out = if range.is_empty() { Out::Nothing } else { Out::Body(range) };
        match read.failure {
            None => (read.consumed, Ok(out)),
            // What came before the fault is the body's.
            Some(why) if matches!(out, Out::Body(_)) => {
                self.state = State::Failed(why);
                (read.consumed, Ok(out))
            }
            Some(why) => (read.consumed, Err(why)),
        }
    }
}

/// [`Item`], without borrowing.
enum Out {
    Nothing,
    Interim(Head),
    Head(Head),
    Trailers(Head),
    Body(Range<usize>),
    Kept,
    Oddity(&'static str),
    End,
}

const EMPTY: &str = "Empty reply from server";
const CUT: &str = "transfer closed with outstanding read data remaining";

fn read_counted(left: &mut u64, there: usize) -> (usize, Result<Out, Failure>) {
    let used = usize::try_from(*left).unwrap_or(usize::MAX).min(there);
    *left = left.saturating_sub(u64::try_from(used).unwrap_or(u64::MAX));
    (used, Ok(Out::Body(0..used)))
}

fn shifted(range: Range<usize>, by: usize) -> Range<usize> {
    range.start.saturating_add(by)..range.end.saturating_add(by)
}

#[cfg(test)]
mod tests;
