use super::*;

/// A file of types, as a compiler would write it.
#[derive(Default)]
pub(in crate::bpf) struct Writer {
    types: Vec<u8>,
    names: Vec<u8>,
}

impl Writer {
    fn name(&mut self, text: &str) -> u32 {
        if self.names.is_empty() {
            self.names.push(0);
        }
        let at = u32::try_from(self.names.len()).unwrap();
        self.names.extend(text.bytes().chain([0]));
        at
    }

    fn words(&mut self, words: &[u32]) {
        self.types.extend(words.iter().flat_map(|word| word.to_ne_bytes()));
    }

    fn one(&mut self, kind: u32, name: &str, own: &[u32]) {
        let name = self.name(name);
        self.words(&[name, kind << 24, 0]);
        self.words(own);
    }

    /// Members by name, at these bits.
    fn structure(&mut self, flag: u32, name: &str, members: &[(&str, u32)]) {
        let members: Vec<_> = members.iter().map(|(name, at)| (self.name(name), *at)).collect();
        let name = self.name(name);
        let count = u32::try_from(members.len()).unwrap();
        self.words(&[name, flag << 31 | kinds::STRUCT << 24 | count, 0]);
        for (name, at) in members {
            self.words(&[name, 1, at]);
        }
    }

    fn file(&self) -> Vec<u8> {
        let length = |octets: &[u8]| u32::try_from(octets.len()).unwrap().to_ne_bytes();
        let mut file = MAGIC.to_ne_bytes().to_vec();
        file.extend([VERSION, 0]);
        file.extend(24_u32.to_ne_bytes());
        file.extend(0_u32.to_ne_bytes());
        file.extend(length(&self.types));
        file.extend(length(&self.types));
        file.extend(length(&self.names));
        [file, self.types.clone(), self.names.clone()].concat()
    }
}

/// Something of every kind, and in the end what is looked for.
fn whole() -> Writer {
    let mut all = Writer::default();
    for (kind, words) in
        [(1, 1), (2, 0), (3, 3), (7, 0), (8, 0), (14, 1), (16, 0), (17, 1), (18, 0)]
    {
        all.one(kind, "filler", &vec![0; words]);
    }
    for (kind, words) in [(5, 3), (6, 2), (13, 2), (15, 3), (19, 3)] {
        let name = all.name("two");
        all.words(&[name, kind << 24 | 2, 0]);
        all.words(&vec![0; words * 2]);
    }
    all.one(kinds::FUNC, "bpf_iter_task", &[]);
    all.one(kinds::FUNC, "bpf_iter_task_file", &[]);
    all.structure(0, "inode", &[("i_mode", 0)]);
    all.structure(1, "inode", &[("i_mode", 0), ("i_sb", 64), ("i_ino", 96)]);
    all.structure(0, "file", &[("f_count", 0), ("f_inode", 32 * 8)]);
    all.structure(0, "super_block", &[("s_magic", 96 * 8)]);
    all.structure(1, "task_struct", &[("flag", 1 << 24), ("pid", 2480 * 8), ("tgid", 2484 * 8)]);
    all
}

#[test]
fn members_and_the_function_are_found_among_all_else() {
    let expected = Facts {
        function: 16,
        task_pid: 2480,
        task_tgid: 2484,
        file_inode: 32,
        inode_block: 8,
        inode_number: 12,
        block_magic: 96,
    };
    assert_eq!(
        facts(&whole().file()),
        Some(expected),
        "and the inode that has nothing is passed over"
    );
}

#[test]
fn file_that_is_cut_anywhere_tells_nothing() {
    let file = whole().file();
    for end in 0..file.len() {
        assert_eq!(facts(&file[..end]), None, "cut at {end}");
    }
    // The sections are cut and the file is not: `type_len`, `str_len`.
    for (at, most) in [(12, 300), (20, 120)] {
        for length in 0_u32..most {
            let mut file = file.clone();
            file[at..at + 4].copy_from_slice(&length.to_ne_bytes());
            assert_eq!(facts(&file), None, "section of {length}");
        }
    }
}

#[test]
fn octet_of_any_value_anywhere_does_no_harm() {
    let file = whole().file();
    for at in 0..file.len() {
        for value in [0, 1, 0x7f, 0x80, 0xff] {
            let mut file = file.clone();
            file[at] = value;
            let _ = facts(&file);
        }
    }
    assert_eq!(facts(&[0xff; 64]), None);
}

#[test]
fn other_magic_other_version_and_unknown_kinds_are_refused() {
    for (at, value) in [(0, 0), (2, 2)] {
        let mut file = whole().file();
        file[at] = value;
        assert_eq!(facts(&file), None);
    }
    let mut unknown = Writer::default();
    unknown.one(20, "who knows how long", &[]);
    let known = whole();
    unknown.types.extend(known.types);
    unknown.names = known.names;
    assert_eq!(facts(&unknown.file()), None);
}

#[test]
fn member_that_is_a_bit_field_is_none() {
    let mut all = whole();
    all.types.clear();
    all.one(kinds::FUNC, "bpf_iter_task_file", &[]);
    all.structure(0, "file", &[("f_inode", 0)]);
    all.structure(0, "inode", &[("i_sb", 0), ("i_ino", 0)]);
    all.structure(0, "super_block", &[("s_magic", 0)]);
    let with_tgid = |flag, at| {
        let types = all.types.clone();
        let mut all = Writer { types, names: all.names.clone() };
        all.structure(flag, "task_struct", &[("pid", 0), ("tgid", at)]);
        facts(&all.file()).map(|facts| facts.task_tgid)
    };
    assert_eq!(with_tgid(1, 64), Some(8));
    assert_eq!(with_tgid(1, 1 << 24 | 64), None, "one bit wide");
    assert_eq!(with_tgid(0, 65), None, "not where an octet begins");
}
