//! The extension of an ICMP error: a stack of MPLS labels, well or badly told.
//!
//! Nothing here is carried out: see `src/router` for that.

use serde::{Deserialize, Serialize};

/// An extension (RFC 4884) that has a stack of MPLS labels (RFC 4950) in it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Labels {
    /// From the top of the stack to its bottom, which has its mark.
    pub stack: Vec<Label>,
    /// Objects behind the stack: class, type, and data of a multiple of four octets.
    pub others: Vec<(u8, u8, Vec<u8>)>,
    /// What is wrong with the message.
    pub fault: Option<Fault>,
}

/// One entry of a stack of labels: RFC 3032 §2.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// 20 bits.
    pub label: u32,
    /// The traffic class, 3 bits.
    pub class: u8,
    /// The time to live.
    pub ttl: u8,
}

/// What may be wrong with an extended message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fault {
    /// The length attribute is 0 and the extension is at octet 128: RFC 4884 §5.5.
    NonCompliant,
    /// The length attribute is this, in its family's units.
    Length(u8),
    /// The extension's checksum is wrong.
    Checksum,
    /// The extension has no checksum, which is allowed.
    NoChecksum,
    /// The extension has this version.
    Version(u8),
    /// The first object's length is this, in octets.
    ObjectLength(u16),
}

impl Labels {
    /// These labels, with class 0 and TTL 1.
    #[must_use]
    pub fn of(labels: &[u32]) -> Self {
        let label = |label: &u32| Label { label: *label, class: 0, ttl: 1 };
        Self { stack: labels.iter().map(label).collect(), ..Self::default() }
    }

    /// Another label at the bottom.
    #[must_use]
    pub fn push(mut self, label: Label) -> Self {
        self.stack.push(label);
        self
    }

    /// An object behind the stack. `data` has a multiple of four octets.
    #[must_use]
    pub fn object(mut self, class: u8, kind: u8, data: &[u8]) -> Self {
        self.others.push((class, kind, data.to_vec()));
        self
    }

    /// With this wrong.
    #[must_use]
    pub fn with(self, fault: Fault) -> Self {
        Self { fault: Some(fault), ..self }
    }
}
