//! Programs for the kernel's classic filter machine (bpf(4) of the BSDs,
//! `Documentation/networking/filter.rst`), with names for the places that they jump to.

use socket2::SockFilter;

/// Operations (`linux/bpf_common.h`): loads from a place in the packet,
pub(crate) const WORD: u16 = 0x20;
pub(crate) const HALF: u16 = 0x28;
pub(crate) const BYTE: u16 = 0x30;
/// from so many octets beyond the index,
pub(crate) const HALF_BEYOND: u16 = 0x48;
pub(crate) const BYTE_BEYOND: u16 = 0x50;
/// into the index: a number, or four times the lower half of an octet, the length of an IPv4 header,
pub(crate) const INDEX: u16 = 0x01;
pub(crate) const HEADER_LENGTH: u16 = 0xb1;
/// sums,
pub(crate) const AND: u16 = 0x54;
/// and comparisons.
pub(crate) const EQUAL: u16 = 0x15;
pub(crate) const MORE: u16 = 0x25;
pub(crate) const LEAST: u16 = 0x35;
pub(crate) const ANY_BIT: u16 = 0x45;
const JUMP: u16 = 0x05;
const RETURN: u16 = 0x06;

/// Places outside of the packet (`SKF_AD_OFF`, `linux/filter.h`): how it came by,
pub(crate) const KIND: u32 = 0xffff_f004;
/// and what hardware it came by (`ARPHRD_…`).
pub(crate) const HARDWARE: u32 = 0xffff_f01c;
/// `PACKET_OUTGOING`.
pub(crate) const OUTGOING: u32 = 4;

/// A name of a place in a program.
pub(crate) trait Place: Copy + PartialEq {
    /// The instruction behind this one.
    const NEXT: Self;
}

/// An instruction that knows where it jumps to by name.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step<P> {
    At(P),
    Load(u16, u32),
    If(u16, u32, P, P),
    /// As far as may be, where a comparison reaches over 255 instructions.
    Jump(P),
    /// Ends, and keeps so many octets of the packet: none of one that is not wanted.
    Return(u32),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Instruction {
    pub(crate) code: u16,
    pub(crate) if_true: u8,
    pub(crate) if_false: u8,
    pub(crate) operand: u32,
}

/// The program, as the kernel takes it.
pub(crate) fn for_kernel(instructions: Vec<Instruction>) -> Vec<SockFilter> {
    let kernel = |i: Instruction| SockFilter::new(i.code, i.if_true, i.if_false, i.operand);
    instructions.into_iter().map(kernel).collect()
}

pub(crate) fn assemble<P: Place>(steps: &[Step<P>]) -> Vec<Instruction> {
    let mut instructions = Vec::new();
    for (at, step) in steps.iter().enumerate() {
        let far = |place| distance(steps.get(at + 1..).unwrap_or_default(), place);
        let away = |place| u8::try_from(far(place)).unwrap_or(u8::MAX);
        let (code, operand, if_true, if_false) = match *step {
            Step::At(_) => continue,
            Step::Load(code, operand) => (code, operand, 0, 0),
            Step::If(code, operand, yes, no) => (code, operand, away(yes), away(no)),
            Step::Jump(place) => (JUMP, far(place), 0, 0),
            Step::Return(octets) => (RETURN, octets, 0, 0),
        };
        instructions.push(Instruction { code, if_true, if_false, operand });
    }
    instructions
}

/// Instructions from here to a place, all of which lie ahead.
fn distance<P: Place>(rest: &[Step<P>], place: P) -> u32 {
    if place == P::NEXT {
        return 0;
    }
    let between = rest.iter().take_while(|step| !matches!(step, Step::At(at) if *at == place));
    let count = between.filter(|step| !matches!(step, Step::At(_))).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
pub(crate) mod machine;
