//! Which frames a packet socket hears: programs for the kernel's classic filter machine (bpf(4) of the BSDs,
//! `Documentation/networking/filter.rst`), so that what is not for us costs nobody a copy.
//!
//! It says no more than what is worth a look: a frame that passes is as hostile as before.

use socket2::SockFilter;
use wireline_packet::Mac;
use wireline_packet::ethernet::ethertype;

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
        let kernel = |i: Instruction| SockFilter::new(i.code, i.if_true, i.if_false, i.operand);
        self.instructions().into_iter().map(kernel).collect()
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
    /// `SKF_AD_OFF + SKF_AD_PKTTYPE` (`linux/filter.h`): how the frame came by.
    const KIND: u32 = 0xffff_f004;
    const OUTGOING: u32 = 4;
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

/// Operations (`linux/bpf_common.h`).
const WORD: u16 = 0x20;
const HALF: u16 = 0x28;
/// So many octets beyond the index.
const HALF_BEYOND: u16 = 0x48;
const BYTE_BEYOND: u16 = 0x50;
const INDEX: u16 = 0x01;
const EQUAL: u16 = 0x15;
const LEAST: u16 = 0x35;
const RETURN: u16 = 0x06;

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

/// An instruction that knows where it jumps to by name.
#[derive(Clone, Copy, Debug)]
enum Step {
    At(Label),
    Load(u16, u32),
    If(u16, u32, Label, Label),
    Return(u32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Instruction {
    code: u16,
    if_true: u8,
    if_false: u8,
    operand: u32,
}

fn assemble(steps: &[Step]) -> Vec<Instruction> {
    let mut instructions = Vec::new();
    for (at, step) in steps.iter().enumerate() {
        let away = |label| distance(steps.get(at + 1..).unwrap_or_default(), label);
        let (code, operand, if_true, if_false) = match *step {
            Step::At(_) => continue,
            Step::Load(code, operand) => (code, operand, 0, 0),
            Step::If(code, operand, yes, no) => (code, operand, away(yes), away(no)),
            Step::Return(octets) => (RETURN, octets, 0, 0),
        };
        instructions.push(Instruction { code, if_true, if_false, operand });
    }
    instructions
}

/// Instructions from here to a label, all of which lie ahead.
fn distance(rest: &[Step], label: Label) -> u8 {
    if label == Label::Next {
        return 0;
    }
    let between = rest.iter().take_while(|step| !matches!(step, Step::At(at) if *at == label));
    let count = between.filter(|step| !matches!(step, Step::At(_))).count();
    u8::try_from(count).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests;
