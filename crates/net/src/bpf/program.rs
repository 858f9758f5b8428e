//! The program that the kernel runs for each descriptor of each task: 25 instructions
//! (`Documentation/bpf/standardization/instruction-set.rst`).
//!
//! Of a descriptor that is a socket it writes a record; of all others nothing.

use super::btf::Facts;

/// Octets of a record: the process and the descriptor, four each, and the inode's number, eight.
pub(super) const RECORD: usize = 16;

/// `SOCKFS_MAGIC` (`linux/magic.h`): the file system that has all sockets and nothing else. A named
/// socket that is opened as a file (`O_PATH`) is of another.
const SOCKFS: i32 = 0x534f_434b;

/// `BPF_FUNC_seq_write` (`linux/bpf.h`).
const SEQ_WRITE: i32 = 127;

/// Codes of instructions.
mod code {
    /// `*(u32 *)(source + offset)`.
    pub(super) const LOAD_32: u8 = 0x61;
    /// `*(u64 *)(source + offset)`.
    pub(super) const LOAD_64: u8 = 0x79;
    pub(super) const STORE_32: u8 = 0x63;
    pub(super) const STORE_64: u8 = 0x7b;
    pub(super) const COPY: u8 = 0xbf;
    pub(super) const SET: u8 = 0xb7;
    pub(super) const ADD: u8 = 0x07;
    pub(super) const SKIP_IF_EQUAL: u8 = 0x15;
    pub(super) const SKIP_UNLESS_EQUAL: u8 = 0x55;
    pub(super) const SKIP_UNLESS_SAME: u8 = 0x5d;
    pub(super) const CALL: u8 = 0x85;
    pub(super) const EXIT: u8 = 0x95;
}

/// Registers with a meaning of the kernel's: the result, the first argument, the end of the stack.
const RESULT: u8 = 0;
const FIRST: u8 = 1;
const STACK: u8 = 10;
/// Registers with a meaning of ours. From the sixth on they outlive a call.
const CONTEXT: u8 = 6;
const FILE: u8 = 7;
const TASK: u8 = 8;

/// Where arguments are in the context: `struct bpf_iter__task_file`.
const META: i16 = 0;
const TASK_AT: i16 = 8;
const FD_AT: i16 = 16;
const FILE_AT: i16 = 24;
/// In `struct bpf_iter_meta`.
const SEQ: i16 = 0;

/// The instructions, for a kernel that has members where these are. `None` for a machine that this is
/// not written for, and for offsets that have no room in an instruction.
pub(super) fn sockets_of_tasks(facts: &Facts) -> Option<Vec<u64>> {
    if cfg!(target_endian = "big") || cfg!(not(target_pointer_width = "64")) {
        return None;
    }
    let at = |offset: u32| i16::try_from(offset).ok();
    let (pid, tgid) = (at(facts.task_pid)?, at(facts.task_tgid)?);
    let (inode, number) = (at(facts.file_inode)?, at(facts.inode_number)?);
    let (block, magic) = (at(facts.inode_block)?, at(facts.block_magic)?);
    let skip = Skip::TO_THE_END;
    Some(vec![
        op(code::COPY, CONTEXT, FIRST, 0, 0),
        op(code::LOAD_64, FILE, CONTEXT, FILE_AT, 0),
        op(code::SKIP_IF_EQUAL, FILE, 0, skip.from(2), 0),
        op(code::LOAD_64, TASK, CONTEXT, TASK_AT, 0),
        op(code::SKIP_IF_EQUAL, TASK, 0, skip.from(4), 0),
        // A thread with descriptors of its own has no folder in /proc but its process's.
        op(code::LOAD_32, 1, TASK, pid, 0),
        op(code::LOAD_32, 2, TASK, tgid, 0),
        op(code::SKIP_UNLESS_SAME, 1, 2, skip.from(7), 0),
        op(code::LOAD_64, 1, FILE, inode, 0),
        op(code::LOAD_64, 3, 1, block, 0),
        op(code::LOAD_64, 4, 3, magic, 0),
        op(code::SKIP_UNLESS_EQUAL, 4, 0, skip.from(11), SOCKFS),
        // The record is made on the stack.
        op(code::LOAD_64, 5, 1, number, 0),
        op(code::STORE_64, STACK, 5, -8, 0),
        op(code::STORE_32, STACK, 2, -16, 0),
        op(code::LOAD_32, 3, CONTEXT, FD_AT, 0),
        op(code::STORE_32, STACK, 3, -12, 0),
        op(code::LOAD_64, 1, CONTEXT, META, 0),
        op(code::LOAD_64, 1, 1, SEQ, 0),
        op(code::COPY, 2, STACK, 0, 0),
        op(code::ADD, 2, 0, 0, -16),
        op(code::SET, 3, 0, 0, 16),
        op(code::CALL, 0, 0, 0, SEQ_WRITE),
        op(code::SET, RESULT, 0, 0, 0),
        op(code::EXIT, 0, 0, 0, 0),
    ])
}

/// Where one goes who has seen enough.
struct Skip(i16);

impl Skip {
    /// To the last but one, which sets the result.
    const TO_THE_END: Self = Self(23);

    /// How many instructions are passed over.
    const fn from(&self, place: i16) -> i16 {
        self.0 - place - 1
    }
}

/// `struct bpf_insn`.
fn op(code: u8, destination: u8, source: u8, offset: i16, immediate: i32) -> u64 {
    let registers = u64::from(destination) | u64::from(source) << 4;
    let offset = u64::from(offset.cast_unsigned());
    let immediate = u64::from(immediate.cast_unsigned());
    u64::from(code) | registers << 8 | offset << 16 | immediate << 32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts {
            function: 1,
            task_pid: 2480,
            task_tgid: 2484,
            file_inode: 32,
            inode_block: 40,
            inode_number: 64,
            block_magic: 96,
        }
    }

    #[test]
    fn instructions_are_laid_out_as_the_kernel_reads_them() {
        assert_eq!(
            op(code::COPY, CONTEXT, FIRST, 0, 0).to_le_bytes(),
            [0xbf, 0x16, 0, 0, 0, 0, 0, 0]
        );
        let store = op(code::STORE_64, STACK, 5, -8, 0).to_le_bytes();
        assert_eq!(store, [0x7b, 0x5a, 0xf8, 0xff, 0, 0, 0, 0]);
        assert_eq!(op(code::CALL, 0, 0, 0, SEQ_WRITE).to_le_bytes(), [0x85, 0, 0, 0, 127, 0, 0, 0]);
    }

    #[test]
    fn every_way_out_leads_to_the_result() {
        let Some(program) = sockets_of_tasks(&facts()) else { return };
        let code = |place: usize| program[place].to_le_bytes()[0];
        assert_eq!((code(23), code(24), program.len()), (code::SET, code::EXIT, 25));
        for (place, instruction) in program.iter().enumerate() {
            let octets = instruction.to_le_bytes();
            if matches!(octets[0], 0x15 | 0x55 | 0x5d) {
                let skipped = usize::from(u16::from_le_bytes([octets[2], octets[3]]));
                assert_eq!(place + 1 + skipped, 23, "{place}");
            }
        }
    }

    #[test]
    fn offset_without_room_is_no_program() {
        let far = Facts { task_tgid: 40_000, ..facts() };
        assert_eq!(sockets_of_tasks(&far), None);
    }
}
