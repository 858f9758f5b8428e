//! The layout of messages and attributes (netlink(7), `linux/netlink.h`).

use std::io;
use std::iter::FusedIterator;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use super::NetlinkError;

/// `NLMSG_*`.
pub(super) mod kinds {
    pub(in crate::netlink) const NOOP: u16 = 1;
    pub(in crate::netlink) const ERROR: u16 = 2;
    pub(in crate::netlink) const DONE: u16 = 3;
    pub(in crate::netlink) const OVERRUN: u16 = 4;
}

/// `NLM_F_*`.
pub(super) mod flags {
    pub(in crate::netlink) const REQUEST: u16 = 0x1;
    pub(in crate::netlink) const ACK: u16 = 0x4;
    pub(in crate::netlink) const DUMP_INTERRUPTED: u16 = 0x10;
    pub(in crate::netlink) const DUMP: u16 = 0x300;
    /// Of a change: what is there is replaced.
    pub(in crate::netlink) const REPLACE: u16 = 0x100;
    /// Of a change: nothing may be there.
    pub(in crate::netlink) const EXCLUSIVE: u16 = 0x200;
    /// Of a change: what is not there is made.
    pub(in crate::netlink) const CREATE: u16 = 0x400;
    /// Of an error: the question is not repeated in it.
    pub(in crate::netlink) const CAPPED: u16 = 0x100;
    /// Of an error: attributes follow.
    pub(in crate::netlink) const ATTRIBUTES: u16 = 0x200;
}

/// `struct nlmsghdr`.
#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub(super) struct Header {
    length: u32,
    kind: u16,
    flags: u16,
    sequence: u32,
    port: u32,
}

/// `struct nlattr`.
#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
struct AttributeHeader {
    length: u16,
    kind: u16,
}

/// One message, its header off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<'a> {
    /// What it is about.
    pub kind: u16,
    /// `NLM_F_*`.
    pub flags: u16,
    /// Of the question; 0 where nobody asked.
    pub sequence: u32,
    /// Of who asked.
    pub port: u32,
    /// What follows the header.
    pub payload: &'a [u8],
}

/// What was wrong with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("netlink: {0}")]
pub struct BadMessage(pub(crate) &'static str);

/// The messages of one datagram. The first that lies about its length is the last.
#[derive(Clone, Debug)]
pub struct Messages<'a>(&'a [u8]);

/// The attributes of a message, as numbers without their flags and as octets. They end where one
/// has a length that cannot be.
#[derive(Clone, Debug)]
pub struct Attributes<'a>(&'a [u8]);

/// `NLMSG_ALIGNTO` and `NLA_ALIGNTO`.
const ALIGNMENT: usize = 4;

/// Without `NLA_F_NESTED` and `NLA_F_NET_BYTEORDER`.
const ATTRIBUTE_KIND: u16 = 0x3fff;

impl Header {
    /// A whole question, unless it is too long for a length.
    pub(super) fn request(kind: u16, flags: u16, sequence: u32, payload: &[u8]) -> Option<Vec<u8>> {
        let length = u32::try_from(size_of::<Self>() + payload.len()).ok()?;
        let header = Self { length, kind, flags, sequence, port: 0 };
        Some([header.as_bytes(), payload].concat())
    }
}

impl<'a> Messages<'a> {
    /// Of a datagram.
    #[must_use]
    pub const fn new(datagram: &'a [u8]) -> Self {
        Self(datagram)
    }
}

impl<'a> Iterator for Messages<'a> {
    type Item = Result<Message<'a>, BadMessage>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let taken = take_message(&mut self.0);
        if taken.is_none() {
            self.0 = &[];
        }
        Some(taken.ok_or(BadMessage("a message whose length cannot be")))
    }
}

impl FusedIterator for Messages<'_> {}

fn take_message<'a>(rest: &mut &'a [u8]) -> Option<Message<'a>> {
    let (header, _) = Header::read_from_prefix(rest).ok()?;
    let length = usize::try_from(header.length).ok()?;
    let payload = rest.get(size_of::<Header>()..length)?;
    *rest = after(rest, length);
    let Header { kind, flags, sequence, port, .. } = header;
    Some(Message { kind, flags, sequence, port, payload })
}

/// What follows something of this length and its padding, which the last one may lack.
fn after(octets: &[u8], length: usize) -> &[u8] {
    octets.get(length.next_multiple_of(ALIGNMENT)..).unwrap_or_default()
}

impl<'a> Attributes<'a> {
    /// Of octets that begin with one.
    #[must_use]
    pub const fn new(octets: &'a [u8]) -> Self {
        Self(octets)
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (u16, &'a [u8]);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let (header, _) = AttributeHeader::read_from_prefix(self.0).ok()?;
        let length = usize::from(header.length);
        let Some(value) = self.0.get(size_of::<AttributeHeader>()..length) else {
            self.0 = &[];
            return None;
        };
        self.0 = after(self.0, length);
        Some((header.kind & ATTRIBUTE_KIND, value))
    }
}

impl FusedIterator for Attributes<'_> {}

/// Appends an attribute to a question.
pub fn push_attribute(question: &mut Vec<u8>, kind: u16, value: &[u8]) -> Result<(), BadMessage> {
    let length = u16::try_from(size_of::<AttributeHeader>() + value.len());
    let length = length.map_err(|_| BadMessage("an attribute too long"))?;
    question.resize(question.len().next_multiple_of(ALIGNMENT), 0);
    question.extend_from_slice(AttributeHeader { length, kind }.as_bytes());
    question.extend_from_slice(value);
    question.resize(question.len().next_multiple_of(ALIGNMENT), 0);
    Ok(())
}

impl Message<'_> {
    /// Of an `NLMSG_ERROR` or an `NLMSG_DONE`: whether what was asked for went well.
    pub(super) fn verdict(&self) -> Result<(), NetlinkError> {
        let errno = match i32::read_from_prefix(self.payload) {
            Ok((errno, _)) => errno,
            Err(_) if self.kind == kinds::DONE => 0,
            Err(_) => return Err(BadMessage("an error without a number").into()),
        };
        if errno >= 0 {
            return Ok(());
        }
        let source = io::Error::from_raw_os_error(errno.checked_neg().unwrap_or(i32::MAX));
        Err(NetlinkError::Refused { source, message: self.sentence() })
    }

    /// `NLMSGERR_ATTR_MSG`, which is C's.
    fn sentence(&self) -> Option<String> {
        const TEXT: u16 = 1;
        if self.flags & flags::ATTRIBUTES == 0 {
            return None;
        }
        let rest = self.payload.get(size_of::<i32>()..)?;
        let question = match self.kind {
            kinds::DONE => 0,
            _ if self.flags & flags::CAPPED != 0 => size_of::<Header>(),
            _ => usize::try_from(Header::read_from_prefix(rest).ok()?.0.length).ok()?,
        };
        let mut attributes = Attributes::new(after(rest, question.min(rest.len())));
        let (_, text) = attributes.find(|(kind, _)| *kind == TEXT)?;
        let text = text.split(|octet| *octet == 0).next()?;
        Some(String::from_utf8_lossy(text).into_owned())
    }
}
