//! The kernel's own account of its types (BTF): where in a structure a member is, and the number of a
//! function. See `Documentation/bpf/btf.rst` and `linux/btf.h`.
//!
//! It is read as a stranger's file would be: what is cut off or contradicts itself tells nothing.

/// What the program needs to know. Offsets are in octets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    /// The number of `bpf_iter_task_file` among the types.
    pub(super) function: u32,
    pub(super) task_pid: u32,
    pub(super) task_tgid: u32,
    pub(super) file_inode: u32,
    pub(super) inode_block: u32,
    pub(super) inode_number: u32,
    pub(super) block_magic: u32,
}

/// `BTF_KIND_*`.
mod kinds {
    pub(super) const INT: u32 = 1;
    pub(super) const ARRAY: u32 = 3;
    pub(super) const STRUCT: u32 = 4;
    pub(super) const UNION: u32 = 5;
    pub(super) const ENUM: u32 = 6;
    pub(super) const FUNC: u32 = 12;
    pub(super) const FUNC_PROTO: u32 = 13;
    pub(super) const VAR: u32 = 14;
    pub(super) const DATASEC: u32 = 15;
    pub(super) const DECL_TAG: u32 = 17;
    pub(super) const ENUM64: u32 = 19;
}

const MAGIC: u16 = 0xeb9f;
const VERSION: u8 = 1;
/// Octets of `struct btf_type`.
const TYPE: usize = 12;
/// Octets of `struct btf_member`.
const MEMBER: usize = 12;

/// One of the types: what precedes its own part, and that part.
struct Type<'a> {
    name: u32,
    kind: u32,
    /// Whether members may be bit fields, and have the size in the upper octet of their offset.
    has_bit_fields: bool,
    own: &'a [u8],
}

/// The sections of a file.
struct Btf<'a> {
    types: &'a [u8],
    names: &'a [u8],
}

/// What has been found so far.
#[derive(Default)]
struct Found {
    function: Option<u32>,
    task: Option<[u32; 2]>,
    file: Option<[u32; 1]>,
    inode: Option<[u32; 2]>,
    block: Option<[u32; 1]>,
}

/// Looks for all of it; `None` where something is missing or the file makes no sense.
pub(super) fn facts(file: &[u8]) -> Option<Facts> {
    let btf = Btf::open(file)?;
    let (mut rest, mut found) = (btf.types, Found::default());
    // The first has number 1: 0 is void.
    for number in 1.. {
        found.look(&btf, &take_type(&mut rest)?, number);
        if let Some(facts) = found.facts() {
            return Some(facts);
        }
    }
    None
}

impl Found {
    fn look(&mut self, btf: &Btf<'_>, one: &Type<'_>, number: u32) {
        if one.kind == kinds::FUNC && btf.is_named(one.name, b"bpf_iter_task_file") {
            self.function.get_or_insert(number);
        }
        if one.kind == kinds::STRUCT {
            btf.look(one, b"task_struct", [b"pid", b"tgid"], &mut self.task);
            btf.look(one, b"file", [b"f_inode"], &mut self.file);
            btf.look(one, b"inode", [b"i_sb", b"i_ino"], &mut self.inode);
            btf.look(one, b"super_block", [b"s_magic"], &mut self.block);
        }
    }

    /// Once there is everything.
    fn facts(&self) -> Option<Facts> {
        let function = self.function?;
        let ([task_pid, task_tgid], [file_inode]) = (self.task?, self.file?);
        let ([inode_block, inode_number], [block_magic]) = (self.inode?, self.block?);
        Some(Facts {
            function,
            task_pid,
            task_tgid,
            file_inode,
            inode_block,
            inode_number,
            block_magic,
        })
    }
}

impl<'a> Btf<'a> {
    fn open(file: &'a [u8]) -> Option<Self> {
        let is_ours = file.get(..2)? == MAGIC.to_ne_bytes() && file.get(2) == Some(&VERSION);
        let body = file.get(size(word(file, 4)?)?..).filter(|_| is_ours)?;
        let section = |at: usize| {
            let start = size(word(file, at)?)?;
            body.get(start..start.checked_add(size(word(file, at + 4)?)?)?)
        };
        Some(Self { types: section(8)?, names: section(16)? })
    }

    fn is_named(&self, name: u32, wanted: &[u8]) -> bool {
        let text = size(name).and_then(|start| self.names.get(start..)).unwrap_or_default();
        text.strip_prefix(wanted).is_some_and(|rest| rest.first() == Some(&0))
    }

    /// Where these members are, if this is the structure and nobody has found them yet.
    fn look<const N: usize>(
        &self,
        one: &Type<'_>,
        name: &[u8],
        members: [&[u8]; N],
        found: &mut Option<[u32; N]>,
    ) {
        if found.is_none() && self.is_named(one.name, name) {
            let mut offsets = [0; N];
            let all = members.iter().zip(&mut offsets).all(|(member, offset)| {
                self.member(one, member).map(|known| *offset = known).is_some()
            });
            *found = all.then_some(offsets);
        }
    }

    /// Octets from the beginning of the structure, unless it is a bit field.
    fn member(&self, one: &Type<'_>, wanted: &[u8]) -> Option<u32> {
        let is_wanted = |member: &&[u8]| word(member, 0).is_some_and(|n| self.is_named(n, wanted));
        let offset = word(one.own.chunks_exact(MEMBER).find(is_wanted)?, 8)?;
        let (bits, field) =
            if one.has_bit_fields { (offset & 0xff_ffff, offset >> 24) } else { (offset, 0) };
        (field == 0 && bits % 8 == 0).then_some(bits / 8)
    }
}

fn take_type<'a>(rest: &mut &'a [u8]) -> Option<Type<'a>> {
    let (name, info) = (word(rest, 0)?, word(rest, 4)?);
    let (kind, count) = (info >> 24 & 0x1f, size(info & 0xffff)?);
    let own = match kind {
        kinds::INT | kinds::VAR | kinds::DECL_TAG => 4,
        kinds::ARRAY => 12,
        kinds::STRUCT | kinds::UNION => count * MEMBER,
        kinds::DATASEC | kinds::ENUM64 => count * 12,
        kinds::ENUM | kinds::FUNC_PROTO => count * 8,
        // Pointers, typedefs and the like. What comes after is not known, nor how long it is.
        0..=18 => 0,
        _ => return None,
    };
    let (own, after) = rest.get(TYPE..)?.split_at_checked(own)?;
    *rest = after;
    Some(Type { name, kind, has_bit_fields: info >> 31 == 1, own })
}

fn word(octets: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(octets.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

fn size(word: u32) -> Option<usize> {
    usize::try_from(word).ok()
}

#[cfg(test)]
pub(super) mod tests;
