//! Which frames a packet socket hears: programs for the kernel, so that what is not for us costs nobody a copy.
//!
//! It says no more than what is worth a look: a frame that passes is as hostile as before.

use socket2::SockFilter;
use wireline_packet::Mac;
use wireline_packet::ethernet::ethertype;

use crate::filter_program::{
    self, BYTE_BEYOND, EQUAL, HALF, HALF_BEYOND, INDEX, Instruction, KIND, LEAST, OUTGOING, Place,
    WORD, assemble, for_kernel,
};

/// Octets of a frame that are handed up; the rest is cut off.
pub(crate) const LONGEST: u32 = 2048;

/// Which frames to hear, tagged or not. Our own on their way out are never among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameFilter {
    /// ARP, with its Ethernet type or behind LLC and SNAP.
    pub arp: ArpFrames,
    /// What hosts tell of themselves by `ICMPv6`: echo replies, neighbour discovery, MLD and parameter problems.
    pub icmpv6: bool,
}

/// Which ARP messages to hear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArpFrames {
    /// None.
    Nobody,
    /// Frames to this address alone.
    To(Mac),
    /// All that come by.
    All,
}

impl FrameFilter {
    /// All ARP, and nothing else.
    pub const ARP: Self = Self { arp: ArpFrames::All, icmpv6: false };

    /// The program, as the kernel takes it.
    pub(crate) fn program(self) -> Vec<SockFilter> {
        for_kernel(self.instructions())
    }

    fn instructions(self) -> Vec<Instruction> {
        let mut steps = framing();
        steps.extend(self.arp());
        steps.extend(self.icmpv6());
        steps.extend([Step::At(Label::Accept), Step::Return(LONGEST)]);
        steps.extend([Step::At(Label::Reject), Step::Return(0)]);
        assemble(&steps)
    }

    fn arp(self) -> Vec<Step> {
        let (first, last) = match self.arp {
            ArpFrames::Nobody => return vec![Step::At(Label::Arp), Step::Return(0)],
            ArpFrames::All => return vec![Step::At(Label::Arp), Step::Return(LONGEST)],
            ArpFrames::To(Mac([first @ .., e, f])) => {
                (u32::from_be_bytes(first), u32::from_be_bytes([0, 0, e, f]))
            }
        };
        vec![
            Step::At(Label::Arp),
            Step::Load(WORD, 0),
            Step::If(EQUAL, first, Label::Next, Label::Reject),
            Step::Load(HALF, 4),
            Step::If(EQUAL, last, Label::Accept, Label::Reject),
        ]
    }

    /// Straight behind the header, or behind hop-by-hop options of eight octets, as MLD has them (RFC 9777 §5).
    fn icmpv6(self) -> Vec<Step> {
        const ICMPV6: u32 = 58;
        const PARAMETER_PROBLEM: u32 = 4;
        /// From here to neighbour advertisements, 136, all are wanted.
        const ECHO_REPLY: u32 = 129;
        const REDIRECT: u32 = 137;
        const MLDV2_REPORT: u32 = 143;
        if !self.icmpv6 {
            return vec![Step::At(Label::Ipv6), Step::Return(0)];
        }
        vec![
            Step::At(Label::Ipv6),
            Step::Load(BYTE_BEYOND, 6),
            Step::If(EQUAL, 0, Label::Options, Label::Next),
            Step::If(EQUAL, ICMPV6, Label::Next, Label::Reject),
            Step::Load(BYTE_BEYOND, 40),
            Step::If(LEAST, 0, Label::Types, Label::Types),
            Step::At(Label::Options),
            Step::Load(HALF_BEYOND, 40),
            Step::If(EQUAL, ICMPV6 << 8, Label::Next, Label::Reject),
            Step::Load(BYTE_BEYOND, 48),
            Step::At(Label::Types),
            Step::If(EQUAL, PARAMETER_PROBLEM, Label::Accept, Label::Next),
            Step::If(EQUAL, MLDV2_REPORT, Label::Accept, Label::Next),
            Step::If(LEAST, REDIRECT, Label::Reject, Label::Next),
            Step::If(LEAST, ECHO_REPLY, Label::Accept, Label::Reject),
        ]
    }
}

/// Finds what the frame carries, and leaves its place in the index. The kernel has taken one tag out, and
/// there may be a second.
fn framing() -> Vec<Step> {
    /// LLC and SNAP with no organisation (RFC 1042).
    const SNAP: u32 = 0xaaaa_0300;
    let is = |protocol: u16, label| Step::If(EQUAL, protocol.into(), label, Label::Next);
    let carries = [is(ethertype::ARP, Label::Arp), is(ethertype::IPV6, Label::Ipv6)];
    let mut steps = vec![
        Step::Load(WORD, KIND),
        Step::If(EQUAL, OUTGOING, Label::Reject, Label::Next),
        Step::Load(INDEX, 14),
        Step::Load(HALF, 12),
    ];
    steps.extend(carries);
    steps.extend([
        is(ethertype::VLAN, Label::Tagged),
        is(ethertype::QINQ, Label::Tagged),
        Step::If(LEAST, 0x600, Label::Reject, Label::Next),
        Step::Load(WORD, 14),
        Step::If(EQUAL, SNAP, Label::Next, Label::Reject),
        Step::Load(WORD, 18),
        Step::If(EQUAL, ethertype::ARP.into(), Label::Arp, Label::Reject),
        Step::At(Label::Tagged),
        Step::Load(INDEX, 18),
        Step::Load(HALF, 16),
    ]);
    steps.extend(carries);
    steps.push(Step::Return(0));
    steps
}

type Step = filter_program::Step<Label>;

/// A place in a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Label {
    Next,
    Tagged,
    Arp,
    Ipv6,
    Options,
    Types,
    Accept,
    Reject,
}

impl Place for Label {
    const NEXT: Self = Self::Next;
}

#[cfg(test)]
mod tests;
