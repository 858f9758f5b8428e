use super::*;

/// The kernel's machine, as `Documentation/networking/filter.rst` describes it: how many octets are kept.
/// `beside` is what there is outside of the packet.
pub(crate) fn run(program: &[Instruction], packet: &[u8], beside: &[(u32, u32)]) -> u32 {
    let (mut accumulator, mut index, mut at) = (0, 0, 0);
    let load = |from: usize, octets: usize| {
        let octets = packet.get(from..from + octets)?;
        Some(octets.iter().fold(0, |sum, octet| sum << 8 | u32::from(*octet)))
    };
    loop {
        let Instruction { code, if_true, if_false, operand } = program[at];
        at += 1;
        let operand_at = operand as usize;
        let told = beside.iter().find(|(place, _)| *place == operand);
        let loaded = match code {
            WORD if told.is_some() => told.map(|(_, value)| *value),
            WORD => load(operand_at, 4),
            HALF => load(operand_at, 2),
            BYTE => load(operand_at, 1),
            HALF_BEYOND => load(operand_at + index, 2),
            BYTE_BEYOND => load(operand_at + index, 1),
            AND => Some(accumulator & operand),
            INDEX => {
                index = operand_at;
                continue;
            }
            HEADER_LENGTH => match load(operand_at, 1) {
                Some(octet) => {
                    index = (octet as usize & 15) * 4;
                    continue;
                }
                None => return 0,
            },
            EQUAL | MORE | LEAST | ANY_BIT => {
                let is = match code {
                    EQUAL => accumulator == operand,
                    MORE => accumulator > operand,
                    LEAST => accumulator >= operand,
                    _ => accumulator & operand != 0,
                };
                at += usize::from(if is { if_true } else { if_false });
                continue;
            }
            JUMP => {
                at += operand_at;
                continue;
            }
            RETURN => return operand,
            code => panic!("operation {code:#x}"),
        };
        // A load past the end drops the frame.
        let Some(loaded) = loaded else { return 0 };
        accumulator = loaded;
    }
}

/// `sk_chk_filter` and `bpf_check_classic`: no jump leads past the end, and the last instruction returns.
pub(crate) fn check(program: &[Instruction]) {
    for (at, instruction) in program.iter().enumerate() {
        let furthest = match instruction.code {
            JUMP => instruction.operand as usize,
            RETURN => continue,
            _ => instruction.if_true.max(instruction.if_false).into(),
        };
        assert!(at + 1 + furthest < program.len(), "{at}");
    }
    assert_eq!(program.last().map(|last| last.code), Some(RETURN));
}
