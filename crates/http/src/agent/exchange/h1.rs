//! HTTP/1 over a connection: sent and received at the same time.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::agent::delivery::{Delivery, Stop};
use crate::agent::exchange::{Broken, Left, Then, closed, receive, send};
use crate::agent::limits::Bucket;
use crate::agent::request::Request;
use crate::agent::upload::Source;
use crate::codec::{self, Item};
use crate::event::Event;
use crate::failure::{Failure, Kind};
use crate::tell::Tell;
use crate::transport::Stream;

/// A connection that carries one exchange at a time.
#[derive(Debug)]
pub(crate) struct Line {
    stream: Stream,
    is_absolute: bool,
    buffer: Vec<u8>,
    /// Where what was received and not yet read begins and ends.
    start: usize,
    end: usize,
}

/// Octets that are received at once: at first, and four times as many whenever there were so many, up to the most. Of
/// many connections with small responses none needs more.
const FIRST: usize = 16 * 1024;
const BUFFER: usize = 256 * 1024;

impl Line {
    pub(crate) const fn new(stream: Stream, is_absolute: bool) -> Self {
        Self { stream, is_absolute, buffer: Vec::new(), start: 0, end: 0 }
    }

    /// For whoever sends requests in another way.
    pub(crate) fn into_stream(self) -> Stream {
        self.stream
    }

    pub(crate) fn is_usable(&self) -> bool {
        self.start == self.end && self.stream.is_quiet()
    }

    pub(crate) async fn exchange(
        &mut self,
        request: &mut Request,
        delivery: &mut Delivery<'_>,
    ) -> Result<Left, Broken> {
        let mut exchange = Exchange {
            decoder: codec::Decoder::new(delivery.asked(request)),
            sending: Sending::new(request, self.is_absolute, delivery)?,
            is_whole: true,
            lost: None,
        };
        let outcome = exchange.run(self, delivery).await;
        let tcp_info = self.stream.tcp_info();
        match outcome {
            Ok(is_open) => {
                let is_open = is_open && exchange.is_whole && self.start == self.end;
                delivery.end(tcp_info)?;
                Ok(Left { is_open })
            }
            Err(failure) => {
                let is_silent = !delivery.has_begun();
                let lost = exchange.lost.filter(|_| is_silent);
                let then = if is_silent { Then::Again } else { Then::Over };
                Err(Broken { failure: lost.unwrap_or(failure), then })
            }
        }
    }

    /// Nothing that is in the buffer is needed any more.
    fn make_room(&mut self) {
        let have = self.buffer.len();
        if self.end == have && have < BUFFER {
            self.buffer = vec![0; have.saturating_mul(4).clamp(FIRST, BUFFER)];
            (self.start, self.end) = (0, 0);
        }
    }

    fn poll_receive(&mut self, cx: &mut Context<'_>, most: usize) -> Poll<io::Result<usize>> {
        self.make_room();
        let most = most.min(self.buffer.len());
        let mut buffer = ReadBuf::new(self.buffer.get_mut(..most).unwrap_or_default());
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer))?;
        (self.start, self.end) = (0, buffer.filled().len());
        Poll::Ready(Ok(self.end))
    }
}

/// One request and its response.
struct Exchange {
    decoder: codec::Decoder,
    sending: Sending,
    /// Whether all that was promised was sent.
    is_whole: bool,
    /// Sending failed with this; what came before is still read.
    lost: Option<Failure>,
}

/// What happened to a connection.
enum Happened {
    Sent(Result<(), Failure>),
    Received(io::Result<usize>),
}

impl Exchange {
    /// Whether the connection can carry another.
    async fn run(&mut self, line: &mut Line, delivery: &mut Delivery<'_>) -> Result<bool, Failure> {
        loop {
            let most = delivery.bucket.bite(BUFFER);
            let happened = poll_fn(|cx| self.poll(cx, line, most)).await;
            match happened {
                Happened::Sent(Ok(())) => self.sending.tell_sent(delivery),
                Happened::Sent(Err(failure)) if failure.kind == Kind::Send => {
                    self.stop_sending();
                    self.lost = Some(failure);
                }
                Happened::Sent(Err(failure)) => return Err(failure),
                Happened::Received(Ok(0)) => return self.eof(delivery),
                Happened::Received(Ok(length)) => {
                    delivery.came();
                    if let Some(is_open) = self.read(line, delivery)? {
                        return Ok(is_open);
                    }
                    delivery.bucket.take(length).await;
                }
                Happened::Received(Err(why)) if why.kind() == io::ErrorKind::UnexpectedEof => {
                    self.eof(delivery)?;
                    let text = "TLS was cut off (no close_notify): the body may not be whole";
                    return Err(closed(text));
                }
                Happened::Received(Err(why)) => return Err(receive(&why)),
            }
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>, line: &mut Line, most: usize) -> Poll<Happened> {
        if !self.sending.is_over()
            && let Poll::Ready(sent) = self.sending.poll(cx, &mut line.stream)
        {
            return Poll::Ready(Happened::Sent(sent));
        }
        line.poll_receive(cx, most).map(Happened::Received)
    }

    /// What was received. `Some`: that was all.
    fn read(
        &mut self,
        line: &mut Line,
        delivery: &mut Delivery<'_>,
    ) -> Result<Option<bool>, Failure> {
        loop {
            let octets = line.buffer.get_mut(line.start..line.end).unwrap_or_default();
            let codec::Step { consumed, item } = self.decoder.decode(octets)?;
            line.start += consumed;
            let Some(item) = item else { return Ok(None) };
            match item {
                Item::Body(octets) => match delivery.body(octets) {
                    Ok(()) => {}
                    Err(Stop::Enough) => return Ok(Some(false)),
                    Err(Stop::Failed(failure)) => return Err(failure),
                },
                Item::Interim(head) => {
                    self.sending.go_on(head.status);
                    delivery.interim(head);
                }
                Item::Head(head) => {
                    let status = head.status;
                    let length = self.decoder.body_length();
                    delivery.head(head, self.decoder.transfer_codings(), length)?;
                    self.answered(status);
                }
                Item::Trailers { raw, fields } => delivery.trailers(raw, fields),
                Item::Oddity(text) => delivery.oddity(text),
                Item::End { keeps_alive } => {
                    let excess = line.end.saturating_sub(line.start);
                    if excess > 0 {
                        delivery.oddity(format!("{excess} octets in excess of the response"));
                    }
                    if !self.sending.is_over() {
                        self.stop_sending();
                    }
                    return Ok(Some(keeps_alive));
                }
            }
        }
    }

    /// The final head is there: whoever says no wants no more of the body (RFC 9110 §10.1.1).
    fn answered(&mut self, status: u16) {
        if self.sending.is_over() {
            return;
        }
        if status >= 300 {
            self.stop_sending();
        } else {
            self.sending.go_on(status);
        }
    }

    fn stop_sending(&mut self) {
        self.sending.stop();
        self.is_whole = false;
    }

    fn eof(&mut self, delivery: &mut Delivery<'_>) -> Result<bool, Failure> {
        // Cut off within a head: that is what there was of it.
        loop {
            match self.decoder.eof()? {
                Item::End { .. } => return Ok(false),
                Item::Oddity(text) => delivery.oddity(text),
                Item::Body(octets) => {
                    if let Err(Stop::Failed(failure)) = delivery.body(octets) {
                        return Err(failure);
                    }
                }
                Item::Head(head) => delivery.head(head, &[], None)?,
                Item::Interim(_) | Item::Trailers { .. } => {}
            }
        }
    }
}

/// A request on its way.
struct Sending {
    /// What is written next.
    queue: VecDeque<Bytes>,
    source: Source,
    is_chunked: bool,
    phase: Phase,
    bucket: Bucket,
    pause: Option<Pin<Box<Sleep>>>,
    tell: Tell,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The server is asked whether it wants the body (RFC 9110 §10.1.1).
    Offering,
    Body,
    Flushing,
    Over,
}

impl Sending {
    fn new(
        request: &mut Request,
        is_absolute: bool,
        delivery: &Delivery<'_>,
    ) -> Result<Self, Failure> {
        let head = Bytes::from(request.encode(is_absolute)?);
        let tell = Tell::clone(delivery.tell());
        tell.counters.to_send.set(request.body.length);
        tell.event(&Event::RequestHead { raw: head.clone(), is_tunnel: false });
        let spec = &delivery.transfer.spec;
        let mut sending = Self {
            queue: VecDeque::from([head]),
            source: std::mem::take(&mut request.body),
            is_chunked: request.is_chunked,
            phase: Phase::Body,
            bucket: Bucket::new(spec.limits.send_rate),
            pause: None,
            tell,
        };
        if request.expects {
            sending.phase = Phase::Offering;
            let patience = spec.request.expect_timeout.unwrap_or(std::time::Duration::from_secs(1));
            sending.pause = Some(Box::pin(sleep_until(Instant::now() + patience)));
        } else if !sending.is_chunked && sending.bucket.is_free() {
            sending.join_small();
        }
        Ok(sending)
    }

    /// A head and a small body go as one piece.
    fn join_small(&mut self) {
        let Some(body) = self.source.take_small() else { return };
        self.count(&body);
        let head = self.queue.pop_front().unwrap_or_default();
        self.queue.push_back([head, body].concat().into());
    }

    fn count(&self, octets: &Bytes) {
        let sent = &self.tell.counters.sent;
        sent.set(sent.get().saturating_add(u64::try_from(octets.len()).unwrap_or(u64::MAX)));
        if self.tell.wants_octets() {
            self.tell.event(&Event::Octets { sent: true, octets: octets.clone() });
        }
    }

    fn is_over(&self) -> bool {
        self.phase == Phase::Over
    }

    fn stop(&mut self) {
        self.phase = Phase::Over;
        self.queue.clear();
    }

    /// An interim head, or a final one that does not say no.
    fn go_on(&mut self, status: u16) {
        if self.phase == Phase::Offering && (status == 100 || status >= 200) {
            (self.phase, self.pause) = (Phase::Body, None);
        }
    }

    fn tell_sent(&mut self, delivery: &Delivery<'_>) {
        self.phase = Phase::Over;
        delivery.tell().event(&Event::RequestSent { body: self.tell.counters.sent.get() });
    }

    /// Ready once all is sent.
    fn poll(&mut self, cx: &mut Context<'_>, stream: &mut Stream) -> Poll<Result<(), Failure>> {
        loop {
            if let Err(why) = ready!(self.poll_write(cx, stream)) {
                return Poll::Ready(Err(send(&why)));
            }
            if let Some(pause) = &mut self.pause {
                ready!(pause.as_mut().poll(cx));
                self.pause = None;
                if self.phase == Phase::Offering {
                    self.phase = Phase::Body;
                    self.tell.note("no 100 (Continue) within the time for it: the body is sent");
                }
            }
            match self.phase {
                Phase::Body => ready!(self.poll_fill(cx))?,
                Phase::Offering | Phase::Flushing | Phase::Over => {
                    let flushed = ready!(Pin::new(stream).poll_flush(cx));
                    return Poll::Ready(flushed.map_err(|why| send(&why)));
                }
            }
        }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, stream: &mut Stream) -> Poll<io::Result<()>> {
        while let Some(front) = self.queue.front_mut() {
            let written = ready!(Pin::new(&mut *stream).poll_write(cx, front))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            front.advance(written);
            if front.is_empty() {
                self.queue.pop_front();
            }
        }
        if self.phase == Phase::Offering {
            // The offer must be there before it can be taken.
            return Pin::new(stream).poll_flush(cx);
        }
        Poll::Ready(Ok(()))
    }

    /// The next piece of the body.
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        let Some(octets) = ready!(self.source.poll_next(cx))? else {
            if self.is_chunked {
                self.queue.push_back(Bytes::from_static(codec::LAST_CHUNK));
            }
            self.phase = Phase::Flushing;
            return Poll::Ready(Ok(()));
        };
        let mut octets = octets;
        let bite = self.bucket.bite(usize::MAX);
        if octets.len() > bite {
            self.source.put_back(octets.split_off(bite));
        }
        self.count(&octets);
        if let Some(due) = self.bucket.due(octets.len()) {
            self.pause = Some(Box::pin(sleep_until(due)));
        }
        if self.is_chunked {
            self.queue.push_back(codec::chunk_head(octets.len()).into());
            self.queue.push_back(octets);
            self.queue.push_back(Bytes::from_static(b"\r\n"));
        } else {
            self.queue.push_back(octets);
        }
        Poll::Ready(Ok(()))
    }
}
