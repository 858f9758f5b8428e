//! The workspace's unsafe code: socket options that socket2 lacks, datagrams in batches with their
//! ancillary data (`sendmmsg(2)`, `recvmmsg(2)`), and iterators in the kernel (`bpf(2)`).
//!
//! Each function is safe to call with any arguments, and says why in a `SAFETY` comment.

use std::fs::File;
use std::io;
use std::mem::MaybeUninit;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::{AsRawFd as _, BorrowedFd, FromRawFd as _, OwnedFd};
use std::ptr::{self, NonNull};

use socket2::{SockAddr, SockAddrStorage, Socket};

use crate::control::{Received, read_control};

/// Sets an integer option.
pub(crate) fn set_int(fd: BorrowedFd<'_>, level: i32, name: i32, value: i32) -> io::Result<()> {
    set_bytes(fd, level, name, &value.to_ne_bytes())
}

/// Sets an option that is a structure, given as the octets of that structure.
pub(crate) fn set_bytes(fd: BorrowedFd<'_>, level: i32, name: i32, value: &[u8]) -> io::Result<()> {
    let length = libc::socklen_t::try_from(value.len()).map_err(io::Error::other)?;
    // SAFETY: the pointer and the length describe `value`, which outlives the call.
    let rc =
        unsafe { libc::setsockopt(fd.as_raw_fd(), level, name, value.as_ptr().cast(), length) };
    if rc == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Reads an option that is a structure, over `value`, and says how much of it the kernel filled in.
pub(crate) fn get_bytes(
    fd: BorrowedFd<'_>,
    level: i32,
    name: i32,
    value: &mut [u8],
) -> io::Result<usize> {
    let mut length = libc::socklen_t::try_from(value.len()).map_err(io::Error::other)?;
    let into = value.as_mut_ptr().cast();
    // SAFETY: the pointer and the length describe `value`, past which the kernel does not write.
    let rc = unsafe { libc::getsockopt(fd.as_raw_fd(), level, name, into, &raw mut length) };
    if rc == 0 { Ok(value.len().min(length as usize)) } else { Err(io::Error::last_os_error()) }
}

/// Binds a packet socket to an interface by number, for frames of one protocol (packet(7)).
pub(crate) fn bind_packet(socket: &Socket, interface: i32, protocol: u16) -> io::Result<()> {
    let family = libc::sa_family_t::try_from(libc::AF_PACKET).map_err(io::Error::other)?;
    let mut storage = SockAddrStorage::zeroed();
    // SAFETY: one of the address types of this platform, for which all-zero is valid.
    let link = unsafe { storage.view_as::<libc::sockaddr_ll>() };
    link.sll_family = family;
    link.sll_protocol = protocol.to_be();
    link.sll_ifindex = interface;
    // SAFETY: the storage holds a whole address of that family and length.
    let address = unsafe { SockAddr::new(storage, socklen::<libc::sockaddr_ll>()) };
    socket.bind(&address)
}

/// One datagram to send.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outgoing<'a> {
    pub(crate) to: &'a SockAddr,
    pub(crate) contents: &'a [u8],
    /// TTL or hop limit, if not the socket's own.
    pub(crate) hop_limit: Option<u8>,
}

/// Sends datagrams in order and says how many left before one failed; an error is the first's.
pub(crate) fn send<'a>(
    fd: BorrowedFd<'_>,
    mut datagrams: impl ExactSizeIterator<Item = Outgoing<'a>>,
) -> io::Result<usize> {
    if datagrams.len() > 1 {
        return send_many(fd, datagrams);
    }
    match datagrams.next() {
        Some(Outgoing { to, contents, hop_limit: None }) => send_one(fd, to, contents),
        only => send_many(fd, only.into_iter()),
    }
}

/// As [`send`], to whom the socket is connected.
pub(crate) fn send_connected<'a>(
    fd: BorrowedFd<'_>,
    datagrams: impl Iterator<Item = &'a [u8]>,
) -> io::Result<usize> {
    // No address: with one the kernel looks for the route anew.
    send_parts(fd, datagrams.map(|contents| (iovec(contents), None, None, [0; 4])).collect())
}

fn iovec(contents: &[u8]) -> libc::iovec {
    libc::iovec { iov_base: contents.as_ptr().cast_mut().cast(), iov_len: contents.len() }
}

/// What one header of [`send_parts`] points at.
type Part<'a> = (libc::iovec, Option<&'a SockAddr>, Option<u8>, [u64; 4]);

fn send_many<'a>(
    fd: BorrowedFd<'_>,
    datagrams: impl Iterator<Item = Outgoing<'a>>,
) -> io::Result<usize> {
    let part = |out: Outgoing<'a>| (iovec(out.contents), Some(out.to), out.hop_limit, [0; 4]);
    send_parts(fd, datagrams.map(part).collect())
}

fn send_parts(fd: BorrowedFd<'_>, mut parts: Vec<Part<'_>>) -> io::Result<usize> {
    let mut headers: Vec<libc::mmsghdr> = parts.iter_mut().map(header).collect();
    let count = libc::c_uint::try_from(headers.len()).map_err(io::Error::other)?;
    // SAFETY: `count` headers, each pointing at one live iovec, at most one live address and one
    // control buffer; sending does not write through any of them but `msg_len`.
    let sent = unsafe {
        libc::sendmmsg(fd.as_raw_fd(), headers.as_mut_ptr(), count, libc::MSG_DONTWAIT as _)
    };
    usize::try_from(sent).map_err(|_| io::Error::last_os_error())
}

fn header((iov, to, hop_limit, control): &mut Part<'_>) -> libc::mmsghdr {
    let mut header = blank();
    if let Some(to) = to {
        header.msg_hdr.msg_name = to.as_ptr().cast_mut().cast();
        header.msg_hdr.msg_namelen = to.len();
    }
    header.msg_hdr.msg_iov = iov;
    header.msg_hdr.msg_iovlen = 1;
    if let (Some(limit), Some(to)) = (*hop_limit, to) {
        let family = i32::from(to.family());
        let (level, name) = if family == libc::AF_INET6 {
            (libc::IPPROTO_IPV6, libc::IPV6_HOPLIMIT)
        } else {
            (libc::IPPROTO_IP, libc::IP_TTL)
        };
        // SAFETY: CMSG_SPACE and CMSG_LEN only compute.
        let (space, length) = unsafe { (libc::CMSG_SPACE(INT), libc::CMSG_LEN(INT)) };
        header.msg_hdr.msg_control = control.as_mut_ptr().cast();
        header.msg_hdr.msg_controllen = space as _;
        // SAFETY: the control buffer is aligned, longer than one message that holds an int, and
        // all zero, so the first header is inside it.
        unsafe {
            if let Some(message) = libc::CMSG_FIRSTHDR(&raw const header.msg_hdr).as_mut() {
                message.cmsg_level = level;
                message.cmsg_type = name;
                message.cmsg_len = length as _;
                libc::CMSG_DATA(message).cast::<i32>().write_unaligned(limit.into());
            }
        }
    }
    header
}

/// Octets of an int in a control message.
#[expect(clippy::cast_possible_truncation, reason = "four")]
const INT: u32 = size_of::<i32>() as u32;

fn send_one(fd: BorrowedFd<'_>, to: &SockAddr, contents: &[u8]) -> io::Result<usize> {
    let (data, length) = (contents.as_ptr().cast(), contents.len());
    let address = to.as_ptr().cast::<libc::sockaddr>();
    // SAFETY: the pointers and lengths describe `contents` and `to`, which outlive the call.
    let rc = unsafe {
        libc::sendto(fd.as_raw_fd(), data, length, libc::MSG_DONTWAIT, address, to.len())
    };
    if rc < 0 { Err(io::Error::last_os_error()) } else { Ok(1) }
}

/// An all-zero header.
fn blank() -> libc::mmsghdr {
    // SAFETY: all-zero is a valid mmsghdr, a plain C struct of integers and nullable pointers.
    unsafe { MaybeUninit::zeroed().assume_init() }
}

/// Octets of ancillary data that one datagram may come with.
type Control = [u64; 32];

/// Room for a number of datagrams and what comes beside them, filled in one system call.
pub(crate) struct Batch {
    stride: usize,
    data: Vec<u8>,
    names: Vec<MaybeUninit<libc::sockaddr_storage>>,
    controls: Vec<Control>,
    headers: Vec<libc::mmsghdr>,
    iovecs: Vec<libc::iovec>,
    filled: usize,
}

impl Batch {
    /// Room for `slots` datagrams of `stride` octets. Longer ones are cut short.
    pub(crate) fn new(slots: usize, stride: usize) -> Self {
        Self { names: vec![MaybeUninit::zeroed(); slots], ..Self::nameless(slots, stride) }
    }

    /// As [`new`](Self::new), where nobody asks who sent them: the kernel need not tell.
    pub(crate) fn nameless(slots: usize, stride: usize) -> Self {
        Self {
            stride,
            data: vec![0; slots * stride],
            names: Vec::new(),
            controls: vec![[0; 32]; slots],
            headers: vec![blank(); slots],
            iovecs: vec![libc::iovec { iov_base: ptr::null_mut(), iov_len: 0 }; slots],
            filled: 0,
        }
    }

    /// How many datagrams there is room for.
    pub(crate) fn slots(&self) -> usize {
        self.headers.len()
    }

    /// Receives at most `limit` datagrams that are already waiting, over those received before.
    pub(crate) fn receive(
        &mut self,
        fd: BorrowedFd<'_>,
        limit: usize,
        flags: i32,
    ) -> io::Result<usize> {
        let wanted = limit.clamp(1, self.headers.len());
        self.filled = 0;
        self.point(wanted);
        let flags = libc::MSG_DONTWAIT | flags;
        self.filled = if wanted == 1 {
            self.receive_one(fd, flags)?
        } else {
            self.receive_many(fd, wanted, flags)?
        };
        Ok(self.filled)
    }

    /// The plain call costs the kernel a third less than a batch of one.
    fn receive_one(&mut self, fd: BorrowedFd<'_>, flags: i32) -> io::Result<usize> {
        let Some(header) = self.headers.first_mut() else { return Ok(0) };
        // SAFETY: `point` has just made this header describe one slot of our own buffers, which stay
        // where they are until the call returns.
        let rc = unsafe { libc::recvmsg(fd.as_raw_fd(), &raw mut header.msg_hdr, flags) };
        header.msg_len = u32::try_from(rc).map_err(|_| io::Error::last_os_error())?;
        Ok(1)
    }

    fn receive_many(&mut self, fd: BorrowedFd<'_>, wanted: usize, flags: i32) -> io::Result<usize> {
        let count = libc::c_uint::try_from(wanted).map_err(io::Error::other)?;
        let headers = self.headers.as_mut_ptr();
        // SAFETY: as in `receive_one`, for each of the first `wanted` headers.
        let rc =
            unsafe { libc::recvmmsg(fd.as_raw_fd(), headers, count, flags as _, ptr::null_mut()) };
        usize::try_from(rc).map_err(|_| io::Error::last_os_error())
    }

    /// Makes the first `wanted` headers describe their slots; the kernel overwrites the lengths.
    fn point(&mut self, wanted: usize) {
        let data = self.data.chunks_exact_mut(self.stride);
        let mut names = self.names.iter_mut();
        let slots = data.zip(&mut self.controls).zip(&mut self.iovecs);
        for (header, ((data, control), iovec)) in self.headers.iter_mut().zip(slots).take(wanted) {
            *iovec = libc::iovec { iov_base: data.as_mut_ptr().cast(), iov_len: data.len() };
            let header = &mut header.msg_hdr;
            let name = names.next().map(|name| name.as_mut_ptr().cast());
            header.msg_namelen = name.map_or(0, |_| socklen::<libc::sockaddr_storage>());
            header.msg_name = name.unwrap_or(ptr::null_mut());
            header.msg_iov = iovec;
            header.msg_iovlen = 1;
            header.msg_control = control.as_mut_ptr().cast();
            header.msg_controllen = size_of::<Control>() as _;
            header.msg_flags = 0;
        }
    }

    /// What the last [`receive`](Self::receive) brought.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Received<'_>> {
        (0..self.filled).map(|slot| {
            let header = &self.headers[slot];
            let length = usize::try_from(header.msg_len).unwrap_or(0).min(self.stride);
            let start = slot * self.stride;
            // SAFETY: the kernel has filled in this header, or left the zeroed storage untouched.
            let source = unsafe { address(header.msg_hdr.msg_name.cast()) };
            // SAFETY: as above.
            let link = unsafe { link(header.msg_hdr.msg_name.cast()) };
            let contents = &self.data[start..start + length];
            let mut received = Received { contents, source, link, ..Received::default() };
            // SAFETY: this header was filled in by a successful recvmmsg(2).
            unsafe { control_messages(&header.msg_hdr, &mut received) };
            received
        })
    }
}

/// Reads an address of either family.
///
/// # Safety
///
/// `name` points at a whole `sockaddr_storage`, initialized at least by zeroes, or is null.
unsafe fn address(name: *const libc::sockaddr_storage) -> Option<SocketAddr> {
    // SAFETY: the caller's promise; each cast is to the type that the family says it is.
    unsafe {
        match i32::from(name.as_ref()?.ss_family) {
            libc::AF_INET => {
                let v4 = &*name.cast::<libc::sockaddr_in>();
                let ip = Ipv4Addr::from(u32::from_be(v4.sin_addr.s_addr));
                Some(SocketAddrV4::new(ip, u16::from_be(v4.sin_port)).into())
            }
            libc::AF_INET6 => {
                let v6 = &*name.cast::<libc::sockaddr_in6>();
                let (ip, port) = (Ipv6Addr::from(v6.sin6_addr.s6_addr), u16::from_be(v6.sin6_port));
                Some(SocketAddrV6::new(ip, port, v6.sin6_flowinfo, v6.sin6_scope_id).into())
            }
            _ => None,
        }
    }
}

/// Reads the interface of a packet socket's address, and how the frame came by (packet(7)).
///
/// # Safety
///
/// As of [`address`].
unsafe fn link(name: *const libc::sockaddr_storage) -> Option<(i32, u8)> {
    // SAFETY: the caller's promise; the cast is to the type that the family says it is.
    let link = unsafe {
        let is_link = i32::from(name.as_ref()?.ss_family) == libc::AF_PACKET;
        &*is_link.then_some(name)?.cast::<libc::sockaddr_ll>()
    };
    Some((link.sll_ifindex, link.sll_pkttype))
}

/// Reads the control messages that we asked for.
///
/// # Safety
///
/// `header` was filled in by a successful receive, and its control buffer lives for `'a`.
unsafe fn control_messages<'a>(header: &libc::msghdr, received: &mut Received<'a>) {
    // SAFETY: the kernel wrote well-formed messages into the buffer that `header` describes; the
    // CMSG macros step only inside it, and no payload is read past the length it gives.
    unsafe {
        let mut next = libc::CMSG_FIRSTHDR(header);
        while let Some(message) = next.as_ref() {
            let length = message.cmsg_len.saturating_sub(libc::CMSG_LEN(0) as usize);
            let payload: &'a [u8] = std::slice::from_raw_parts(libc::CMSG_DATA(next), length);
            read_control(message.cmsg_level, message.cmsg_type, payload, received);
            next = libc::CMSG_NXTHDR(header, next);
        }
    }
}

const fn socklen<T>() -> libc::socklen_t {
    // No structure that we pass is anywhere near 4 GiB.
    #[expect(clippy::cast_possible_truncation, reason = "sizes of C structures")]
    let len = size_of::<T>() as libc::socklen_t;
    len
}

/// The beginning of `union bpf_attr` for `BPF_PROG_LOAD` (`linux/bpf.h`), up to what is used of it.
#[derive(Default)]
#[repr(C)]
struct LoadProgram {
    kind: u32,
    instruction_count: u32,
    instructions: u64,
    licence: u64,
    unused: [u32; 11],
    attach_kind: u32,
    unused_btf: [u32; 9],
    function: u32,
}

/// `bpf_cmd`, `bpf_prog_type`, `bpf_attach_type`.
const PROGRAM_LOAD: libc::c_int = 5;
const LINK_CREATE: libc::c_int = 28;
const ITERATOR_CREATE: libc::c_int = 33;
const TRACING: u32 = 26;
const TRACE_ITERATOR: u32 = 28;

/// Hands a program to the kernel, which looks through it and lets nothing pass that could do harm.
/// `function` is the number of the iterator that is to run it.
pub(crate) fn load_iterator(instructions: &[u64], function: u32) -> io::Result<OwnedFd> {
    let licence = c"Dual MIT/GPL";
    let program = LoadProgram {
        kind: TRACING,
        instruction_count: u32::try_from(instructions.len()).map_err(io::Error::other)?,
        instructions: instructions.as_ptr() as u64,
        licence: licence.as_ptr() as u64,
        attach_kind: TRACE_ITERATOR,
        function,
        ..LoadProgram::default()
    };
    // SAFETY: the command reads as many instructions as it is told, and a text that ends in zero; both
    // outlive the call, and it writes through neither.
    unsafe { bpf(PROGRAM_LOAD, &program) }
}

/// Ties a program to the iterator that it was loaded for.
pub(crate) fn link_iterator(program: BorrowedFd<'_>) -> io::Result<OwnedFd> {
    let link = [program.as_raw_fd(), 0, TRACE_ITERATOR.cast_signed(), 0, 0, 0, 0, 0];
    // SAFETY: with no length for the iterator's own orders, the command follows no pointer.
    unsafe { bpf(LINK_CREATE, &link) }
}

/// Starts a walk; what the program writes is read from the descriptor.
pub(crate) fn create_iterator(link: BorrowedFd<'_>) -> io::Result<OwnedFd> {
    // SAFETY: the command has a descriptor and flags, and no pointer.
    unsafe { bpf(ITERATOR_CREATE, &[link.as_raw_fd(), 0]) }
}

/// A command that returns a descriptor.
///
/// # Safety
///
/// The pointers in `attributes` are good for what the command does with them.
unsafe fn bpf<T>(command: libc::c_int, attributes: &T) -> io::Result<OwnedFd> {
    // SAFETY: the kernel reads the attributes only, as long as they are said to be; what they point at
    // is the caller's promise.
    let fd =
        unsafe { libc::syscall(libc::SYS_bpf, command, ptr::from_ref(attributes), size_of::<T>()) };
    let fd = i32::try_from(fd).ok().filter(|fd| *fd >= 0).ok_or_else(io::Error::last_os_error)?;
    // SAFETY: a descriptor that was opened for us just now.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// The types of the running kernel.
pub(crate) const KERNEL_TYPES: &str = "/sys/kernel/btf/vmlinux";

/// Octets that the kernel lends.
pub(crate) struct Lent {
    start: NonNull<libc::c_void>,
    length: usize,
}

/// Has the kernel lend [`KERNEL_TYPES`], which it does since Linux 6.16.
pub(crate) fn map_kernel_types() -> io::Result<Lent> {
    let file = File::open(KERNEL_TYPES)?;
    if rustix::fs::fstatfs(&file)?.f_type != libc::SYSFS_MAGIC {
        return Err(io::ErrorKind::Unsupported.into());
    }
    let length = usize::try_from(file.metadata()?.len()).map_err(io::Error::other)?;
    let (protection, flags) = (libc::PROT_READ, libc::MAP_PRIVATE);
    // SAFETY: a new mapping, at a place of the kernel's choice.
    let start =
        unsafe { libc::mmap(ptr::null_mut(), length, protection, flags, file.as_raw_fd(), 0) };
    if start == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    let start = NonNull::new(start).ok_or(io::ErrorKind::AddrNotAvailable)?;
    Ok(Lent { start, length })
}

impl Lent {
    pub(crate) fn octets(&self) -> &[u8] {
        // SAFETY: mapped until this is dropped, as long as this; constants of the running kernel in a
        // file system that has no others' files, so that nobody changes or shortens them.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr().cast(), self.length) }
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        // SAFETY: our own mapping, which nobody borrows any more.
        unsafe { libc::munmap(self.start.as_ptr(), self.length) };
    }
}

#[cfg(test)]
mod tests;
