use rustix::process::{geteuid, getuid};
use rustix::thread::{
    CapabilitySet, CapabilitySets, capabilities, set_capabilities, set_no_new_privs,
    set_thread_res_uid,
};

use crate::{Error, Result};

/// Whether the person who runs this may do what iputils allows the superuser only: floods, preloads.
#[must_use]
pub fn is_superuser() -> bool {
    getuid().is_root()
}

/// Runs `body` with what the file's capabilities permit in force (capabilities(7)): they are kept
/// out of force until a call needs them, so that `cap_net_raw+p` is enough.
pub(crate) fn raised<T>(body: impl FnOnce() -> T) -> T {
    let Ok(sets) = capabilities(None) else { return body() };
    if sets.effective == sets.permitted {
        return body();
    }
    // Where this fails the call inside fails, and is reported.
    let _ = set_capabilities(None, CapabilitySets { effective: sets.permitted, ..sets });
    let result = body();
    let _ = set_capabilities(None, sets);
    result
}

/// Gives up every capability and every other user, for good, and the means of getting one back
/// (capabilities(7), `PR_SET_NO_NEW_PRIVS` in prctl(2)).
///
/// Call it as soon as the sockets are open: before the resolver loads anyone's NSS module, before a
/// renderer prints a byte that a stranger sent. Capabilities belong to a thread, so before any
/// second one is started.
pub fn drop_privileges() -> Result<()> {
    keep_only(&[])
}

/// A power of root's that a tool may need to its end (capabilities(7)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Power {
    /// To look at other users' processes.
    Processes,
    /// To enter namespaces.
    Namespaces,
    /// To see the marks of sockets, and to close them.
    Network,
    /// To run a program in the kernel that looks at all processes.
    Bpf,
}

impl Power {
    const fn capabilities(self) -> CapabilitySet {
        match self {
            Self::Processes => CapabilitySet::SYS_PTRACE.union(CapabilitySet::DAC_READ_SEARCH),
            Self::Namespaces => CapabilitySet::SYS_ADMIN,
            Self::Network => CapabilitySet::NET_ADMIN,
            Self::Bpf => CapabilitySet::BPF.union(CapabilitySet::PERFMON),
        }
    }
}

/// As [`drop_privileges`], but for these, as far as they were there.
pub fn keep_only(powers: &[Power]) -> Result<()> {
    let kept: CapabilitySet = powers.iter().map(|power| power.capabilities()).collect();
    let kept = capabilities(None).map_err(Error::call("capget"))?.permitted & kept;
    let inheritable = CapabilitySet::empty();
    let sets = CapabilitySets { effective: kept, permitted: kept, inheritable };
    set_no_new_privs(true).map_err(Error::call("prctl(PR_SET_NO_NEW_PRIVS)"))?;
    let uid = getuid();
    if geteuid() != uid {
        set_thread_res_uid(uid, uid, uid).map_err(Error::call("setresuid"))?;
    }
    set_capabilities(None, sets).map_err(Error::call("capset"))
}

#[cfg(test)]
mod tests {
    use socket2::{Domain, Protocol, Socket, Type};

    #[test]
    fn what_is_kept_is_what_was_asked_for_and_there() {
        let kept = std::thread::spawn(|| {
            let before = super::capabilities(None).unwrap().permitted;
            super::keep_only(&[super::Power::Network]).unwrap();
            (before, super::capabilities(None).unwrap())
        });
        let (before, after) = kept.join().unwrap();
        let network = super::Power::Network.capabilities() & before;
        assert_eq!((after.permitted, after.effective), (network, network));
    }

    #[test]
    fn nothing_raw_can_be_opened_afterwards() {
        let opened = std::thread::spawn(|| {
            super::drop_privileges().unwrap();
            super::raised(|| Socket::new(Domain::IPV4, Type::RAW, Some(Protocol::ICMPV4)))
        });
        let err = opened.join().unwrap().unwrap_err();
        assert_eq!(err.kind(), std::io::ErrorKind::PermissionDenied);
    }
}
