//! What comes of a response: looked at, decoded, counted, handed on.

use bytes::Bytes;

use crate::agent::hop::Hop;
use crate::agent::limits::{self, Bucket};
use crate::agent::transfer::{Transfer, Verdict};
use crate::codec;
use crate::decode;
use crate::event::Event;
use crate::failure::{Failure, Kind};
use crate::head::{Fields, Head};
use crate::tell::Tell;

/// Takes one response.
pub(crate) struct Delivery<'a> {
    pub(crate) transfer: &'a Transfer,
    pub(crate) hop: &'a Hop,
    state: State,
    decoder: Option<decode::Decoder>,
    /// What is received no faster than that.
    pub(crate) bucket: Bucket,
    most: u64,
    has_begun: bool,
    /// Of a body that is not delivered, so much is read for the connection's sake.
    patience: usize,
}

/// What becomes of the body.
#[derive(Debug, Default)]
enum State {
    /// There is no head yet.
    #[default]
    Waiting,
    Delivering,
    /// Read and thrown away; then it goes on.
    Ignoring(Verdict),
    /// Over.
    Ended(Verdict),
}

/// Steps of a decoder (of up to 64 KiB each) between two looks at the clock.
const LOOK_UP: u32 = 256;

/// Of a body that nobody wants.
const PATIENCE: usize = 1024 * 1024;

impl<'a> Delivery<'a> {
    pub(crate) fn new(transfer: &'a Transfer, hop: &'a Hop) -> Self {
        let limits = &transfer.spec.limits;
        Self {
            transfer,
            hop,
            state: State::Waiting,
            decoder: None,
            bucket: Bucket::new(limits.receive_rate),
            most: limits.file_size.filter(|most| *most > 0).unwrap_or(u64::MAX),
            has_begun: false,
            patience: PATIENCE,
        }
    }

    pub(crate) fn tell(&self) -> &'a Tell {
        &self.transfer.tell
    }

    /// Octets came, the first of them for the first time.
    pub(crate) fn came(&mut self) {
        if !self.has_begun {
            self.has_begun = true;
            self.tell().event(&Event::FirstByte);
        }
    }

    pub(crate) const fn has_begun(&self) -> bool {
        self.has_begun
    }

    pub(crate) fn interim(&self, head: Head) {
        self.tell().event(&Event::ResponseHead { head, is_tunnel: false });
    }

    pub(crate) fn oddity(&self, text: impl Into<String>) {
        self.tell().event(&Event::Oddity { text: text.into() });
    }

    /// The final head. `codings` are those of the transfer; `length` is the body's, as carried.
    pub(crate) fn head(
        &mut self,
        head: Head,
        codings: &[decode::Coding],
        length: Option<u64>,
    ) -> Result<(), Failure> {
        let tell = self.tell();
        let counters = &tell.counters;
        counters.received.set(0);
        counters.to_receive.set(length);
        let event = Event::ResponseHead { head, is_tunnel: false };
        tell.event(&event);
        let Event::ResponseHead { head, .. } = event else { return Ok(()) };
        let verdict = self.transfer.judge(self.hop, &head)?;
        if let Verdict::Fail(failure) = verdict {
            counters.to_receive.set(None);
            // Nobody waits for a body that nobody gets, however long it is.
            return Err(failure);
        }
        if !matches!(verdict, Verdict::Deliver) {
            self.state = State::Ignoring(verdict);
            return Ok(());
        }
        self.state = State::Delivering;
        let has_body = self.hop.verb != crate::agent::hop::Verb::Head
            && length != Some(0)
            && !matches!(head.status, 204 | 304);
        if has_body && length.is_some_and(|length| length > self.most) {
            return Err(Failure::new(Kind::TooLarge, "Maximum file size exceeded"));
        }
        tell.observer().begin(&head)?;
        if has_body {
            self.decoder = self.decoder_for(&head, codings)?;
        }
        Ok(())
    }

    fn decoder_for(
        &self,
        head: &Head,
        codings: &[decode::Coding],
    ) -> Result<Option<decode::Decoder>, Failure> {
        let request = &self.transfer.spec.request;
        let mut all = Vec::new();
        if request.compressed && !request.raw {
            all = decode::content_codings(&head.fields)?;
        }
        if !request.raw {
            all.extend_from_slice(codings);
        }
        Ok((!all.is_empty()).then(|| decode::Decoder::new(&all)))
    }

    /// A part of the body, as carried.
    pub(crate) fn body(&mut self, octets: &[u8]) -> Result<(), Stop> {
        let tell = self.tell();
        let received = &tell.counters.received;
        received.set(received.get().saturating_add(count(octets.len())));
        if tell.wants_octets() {
            tell.event(&Event::Octets { sent: false, octets: Bytes::copy_from_slice(octets) });
        }
        if !matches!(self.state, State::Delivering) {
            self.patience = self.patience.checked_sub(octets.len()).ok_or(Stop::Enough)?;
            return Ok(());
        }
        let Some(mut decoder) = self.decoder.take() else {
            return self.deliver(octets).map_err(Stop::Failed);
        };
        let outcome = self.decode(&mut decoder, octets);
        self.decoder = Some(decoder);
        outcome.map_err(Stop::Failed)
    }

    fn decode(&mut self, decoder: &mut decode::Decoder, octets: &[u8]) -> Result<(), Failure> {
        let mut left = octets;
        let mut steps = 0_u32;
        loop {
            let step = decoder.decode(left)?;
            let (consumed, is_empty) = (step.consumed, step.output.is_empty());
            if !is_empty {
                self.deliver(step.output)?;
            }
            left = left.get(consumed..).unwrap_or_default();
            if left.is_empty() && is_empty {
                return Ok(());
            }
            steps += 1;
            if steps.is_multiple_of(LOOK_UP) {
                self.look_up()?;
            }
        }
    }

    /// Little may decode to very much, and nobody else has a turn meanwhile.
    fn look_up(&self) -> Result<(), Failure> {
        let tell = self.tell();
        tell.progress();
        limits::overdue(&self.transfer.spec.limits, tell).map_or(Ok(()), Err)
    }

    fn deliver(&mut self, octets: &[u8]) -> Result<(), Failure> {
        if octets.is_empty() {
            return Ok(());
        }
        let tell = self.tell();
        let delivered = tell.counters.delivered.get().saturating_add(count(octets.len()));
        if delivered > self.most {
            let text = format!(
                "Exceeded the maximum allowed file size ({}) with {delivered} bytes",
                self.most
            );
            return Err(Failure::new(Kind::TooLarge, text));
        }
        tell.observer().body(octets)?;
        tell.counters.delivered.set(delivered);
        Ok(())
    }

    pub(crate) fn trailers(&self, raw: Bytes, fields: Fields) {
        self.tell().event(&Event::Trailers { raw, fields });
    }

    /// The end of it all.
    pub(crate) fn end(&mut self, tcp_info: Vec<u8>) -> Result<(), Failure> {
        if let Some(decoder) = self.decoder.take() {
            decoder.finish()?;
        }
        let counters = &self.tell().counters;
        let (carried, decoded) = (counters.received.get(), counters.delivered.get());
        self.tell().event(&Event::ResponseEnd { carried, decoded, tcp_info });
        self.state = match std::mem::take(&mut self.state) {
            State::Ignoring(verdict) => State::Ended(verdict),
            _ => State::Ended(Verdict::Deliver),
        };
        Ok(())
    }

    /// What is to be done next.
    pub(crate) fn verdict(self) -> Verdict {
        match self.state {
            State::Ended(verdict) | State::Ignoring(verdict) => verdict,
            State::Waiting | State::Delivering => Verdict::Deliver,
        }
    }

    /// What a response is read with.
    pub(crate) fn asked(&self, request: &super::request::Request) -> codec::Asked {
        let spec = &self.transfer.spec.request;
        codec::Asked {
            is_head: request.is_head,
            is_upgrade: request.is_upgrade,
            allow_http09: spec.allow_http09,
            ignore_content_length: spec.ignore_content_length,
            takes_transfer_codings: spec.transfer_encoding,
            raw: spec.raw,
            ..codec::Asked::default()
        }
    }
}

/// Why no more of a body is taken.
#[derive(Debug)]
pub(crate) enum Stop {
    /// What follows it is known already.
    Enough,
    /// It cannot be taken.
    Failed(Failure),
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
