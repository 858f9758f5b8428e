//! Tunnels through an HTTP proxy: CONNECT (RFC 9110 §9.3.6).

use std::io;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::auth::{Authenticator, Reaction};
use crate::codec::{Asked, Decoder, Item, encode_head};
use crate::event::Event;
use crate::failure::{Failure, Kind};
use crate::head::{Fields, Head, Version};
use crate::spec::{FieldEdit, Spec};
use crate::tell::Tell;
use crate::transport::stream::{Socket, Way};

/// What a proxy made of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// There is a tunnel, with this status.
    Open(u16),
    /// It is to be asked again, with what the authenticator says now.
    Again {
        /// Whether on the same connection.
        keeps_alive: bool,
    },
}

/// Of a refusal's body, to use the connection again. Octets.
const SKIPPED: usize = 64 << 10;
/// Interim responses.
const INTERIM: usize = 20;
/// Looked at, at a time. Octets.
const PIECE: usize = 8 << 10;

/// Asks for a tunnel to `to`, `host:port`. Nothing behind the answer's head is read where that says yes.
pub(crate) async fn ask(
    way: &mut Way,
    to: &str,
    spec: &Spec,
    auth: &mut Authenticator,
    tell: &Tell,
) -> Result<Answer, Failure> {
    let field = auth.field("CONNECT", to, seed());
    let version = if spec.connect.is_proxy10 { Version::Http10 } else { Version::Http11 };
    let raw = encode_head("CONNECT", to.as_bytes(), version, &fields(to, field, spec))?;
    let sent = async {
        way.write_all(&raw).await?;
        way.flush().await
    };
    sent.await.map_err(|why| Failure::new(Kind::Send, format!("Send failure: {why}")))?;
    tell.event(&Event::RequestHead { raw: Bytes::from(raw), is_tunnel: true });
    Exchange::new(way, auth, tell).run().await
}

fn seed() -> [u8; 16] {
    let mut seed = [0; 16];
    let (first, last) = seed.split_at_mut(8);
    first.copy_from_slice(&wireline_net::seed().to_ne_bytes());
    last.copy_from_slice(&wireline_net::seed().to_ne_bytes());
    seed
}

/// In curl's order; what a person wants else of the proxy comes last, or in place of ours.
fn fields(to: &str, field: Option<Vec<u8>>, spec: &Spec) -> Fields {
    let mut fields = Fields::default();
    fields.push("Host", to);
    if let Some(value) = field {
        fields.push("Proxy-Authorization", value);
    }
    if let Some(agent) = &spec.request.agent {
        fields.push("User-Agent", agent.as_str());
    }
    fields.push("Proxy-Connection", "Keep-Alive");
    for edit in &spec.connect.proxy_fields {
        let (FieldEdit::Set(name, _) | FieldEdit::Empty(name) | FieldEdit::Remove(name)) = edit;
        let is_ours = |one: &[u8]| OURS.iter().any(|ours| one.eq_ignore_ascii_case(ours));
        if is_ours(name) {
            fields.0.retain(|one| !one.name.eq_ignore_ascii_case(name));
        }
        match edit {
            FieldEdit::Set(name, value) => fields.push(name.as_slice(), value.as_slice()),
            FieldEdit::Empty(name) => fields.push(name.as_slice(), ""),
            FieldEdit::Remove(_) => {}
        }
    }
    fields
}

const OURS: [&[u8]; 4] = [b"Host", b"Proxy-Authorization", b"User-Agent", b"Proxy-Connection"];

/// An answer on its way.
struct Exchange<'a> {
    way: &'a mut Way,
    auth: &'a mut Authenticator,
    tell: &'a Tell,
    decoder: Decoder,
    buffer: Vec<u8>,
    interim: usize,
    skipped: usize,
    /// 407, and there is something else to show.
    is_again: bool,
}

impl<'a> Exchange<'a> {
    fn new(way: &'a mut Way, auth: &'a mut Authenticator, tell: &'a Tell) -> Self {
        let decoder =
            Decoder::new(Asked { is_connect: true, is_proxied: true, ..Asked::default() });
        let buffer = vec![0; PIECE];
        Self { way, auth, tell, decoder, buffer, interim: 0, skipped: 0, is_again: false }
    }

    async fn run(mut self) -> Result<Answer, Failure> {
        loop {
            let (there, is_peeked) = match self.look().await {
                Ok((0, _)) => return self.end(),
                Ok(looked) => looked,
                Err(_) if self.is_again => return Ok(Answer::Again { keeps_alive: false }),
                Err(why) => return Err(receive_failure(&why)),
            };
            let (used, answer) = self.decode(there)?;
            if is_peeked {
                let taken = self.buffer.get_mut(..used).unwrap_or_default();
                self.way.read_exact(taken).await.map_err(|why| receive_failure(&why))?;
            }
            if let Some(answer) = answer {
                return Ok(answer);
            }
        }
    }

    /// What is there, and whether it still has to be read. Without a way to look ahead, that is one octet.
    async fn look(&mut self) -> io::Result<(usize, bool)> {
        match &mut *self.way {
            Way::Socket(Socket::Tcp(stream)) => Ok((stream.peek(&mut self.buffer).await?, true)),
            other => {
                let one = self.buffer.get_mut(..1).unwrap_or_default();
                Ok((other.read(one).await?, false))
            }
        }
    }

    fn decode(&mut self, there: usize) -> Result<(usize, Option<Answer>), Failure> {
        let mut used = 0;
        while used < there {
            let front = self.buffer.get_mut(used..there).unwrap_or_default();
            let step = self.decoder.decode(front).map_err(|why| no_answer(&why))?;
            used = used.saturating_add(step.consumed).min(there);
            let item = match step.item {
                None => break,
                Some(Item::Body(octets)) => {
                    self.skipped = self.skipped.saturating_add(octets.len());
                    if self.skipped > SKIPPED {
                        return Ok((used, Some(Answer::Again { keeps_alive: false })));
                    }
                    continue;
                }
                Some(Item::Interim(head)) => Ok(head),
                Some(Item::Head(head)) => Err(head),
                Some(Item::Oddity(text)) => {
                    self.tell.event(&Event::Oddity { text: text.to_owned() });
                    continue;
                }
                Some(Item::End { keeps_alive }) => {
                    return Ok((used, Some(Answer::Again { keeps_alive })));
                }
                Some(Item::Trailers { .. }) => continue,
            };
            let answer = match item {
                Ok(interim) => self.take_interim(interim)?,
                Err(head) => self.take_head(head)?,
            };
            if answer.is_some() {
                return Ok((used, answer));
            }
        }
        Ok((used, None))
    }

    fn take_interim(&mut self, head: Head) -> Result<Option<Answer>, Failure> {
        self.interim = self.interim.saturating_add(1);
        let status = head.status;
        self.tell.event(&Event::ResponseHead { head, is_tunnel: true });
        if status == 101 || self.interim > INTERIM {
            return Err(refused(status));
        }
        Ok(None)
    }

    fn take_head(&mut self, head: Head) -> Result<Option<Answer>, Failure> {
        let status = head.status;
        if status == 407 {
            let reaction = self.auth.challenged(head.fields.all("Proxy-Authenticate"));
            self.is_again = reaction == Reaction::Again;
        } else if let Some(info) = head.fields.get("Proxy-Authentication-Info") {
            self.auth.told(info);
        }
        self.tell.event(&Event::ResponseHead { head, is_tunnel: true });
        match status {
            200..=299 => Ok(Some(Answer::Open(status))),
            407 if self.is_again => Ok(None),
            _ => Err(refused(status)),
        }
    }

    /// The proxy has closed.
    fn end(&mut self) -> Result<Answer, Failure> {
        if self.is_again {
            return Ok(Answer::Again { keeps_alive: false });
        }
        Err(Failure::new(Kind::Receive, "Proxy CONNECT aborted"))
    }
}

fn refused(status: u16) -> Failure {
    Failure::new(Kind::Connect, format!("CONNECT tunnel failed, response {status}"))
}

/// What came is no HTTP, or more than is taken.
fn no_answer(why: &Failure) -> Failure {
    let kind = match why.kind {
        Kind::TooLargeField => Kind::TooLargeField,
        _ => Kind::Connect,
    };
    Failure::new(kind, format!("CONNECT tunnel failed: {}", why.text))
}

fn receive_failure(why: &io::Error) -> Failure {
    let text = crate::transport::socket::errno_text(why);
    Failure::new(Kind::Receive, format!("Recv failure: {text}"))
}

#[cfg(test)]
mod tests;
