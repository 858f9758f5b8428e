//! One socket: found by its ends, or closed for good.

use rustix::io::Errno;
use zerocopy::IntoBytes;

use super::{Details, Endpoint, InetSocket, Protocol, Sockets, SocketsError, diag};
use crate::netlink::{BadMessage, NetlinkError};

/// What makes a socket the only one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tuple {
    /// Of which protocol.
    pub protocol: Protocol,
    /// Its own end. The family of the socket is that of this address.
    pub local: Endpoint,
    /// The other end.
    pub remote: Endpoint,
    /// The interface that it is bound to; 0 for none.
    pub interface: u32,
}

/// Why a socket was not closed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DestroyError {
    /// The kernel cannot: it was built without `CONFIG_INET_DIAG_DESTROY`, or not for this protocol.
    #[error("the kernel cannot close sockets (CONFIG_INET_DIAG_DESTROY)")]
    Unsupported,
    /// It is there no more, or its ends are now another's.
    #[error("it is gone")]
    Gone,
    /// `CAP_NET_ADMIN` is needed.
    #[error("not permitted")]
    NotPermitted,
    /// Anything else.
    #[error(transparent)]
    Other(NetlinkError),
}

impl Sockets {
    /// Finds one socket, in about three microseconds however many there are (of TCP: a connection, or
    /// a listener for it). `None` if there is none. There is no way but netlink.
    pub fn find(
        &mut self,
        tuple: &Tuple,
        details: Details,
    ) -> Result<Option<InetSocket>, SocketsError> {
        let netlink = self.netlink.as_mut().map_err(|err| err.again())?;
        // The kernel takes the ends of UDP's the other way round here, "for historical reasons".
        let (local, remote) = match tuple.protocol {
            Protocol::Udp | Protocol::UdpLite => (tuple.remote, tuple.local),
            Protocol::Tcp | Protocol::Mptcp | Protocol::Raw => (tuple.local, tuple.remote),
        };
        let id = diag::Id::new(local, remote, tuple.interface);
        let question = one(tuple.protocol, tuple.local, id, details).map_err(NetlinkError::from)?;
        let mut found = None;
        let asked = netlink.get(diag::BY_FAMILY, &question, |message| {
            found = diag::parse(message.payload, tuple.protocol, details);
        });
        match asked {
            Ok(()) => Ok(found),
            Err(err) if err.errno() == Some(Errno::NOENT.raw_os_error()) => Ok(None),
            Err(err) => Err(err.into()),
        }
    }

    /// Closes a socket at once, as if its peer had reset it (`SOCK_DESTROY`): its process lives on.
    /// The socket is the one of this row or none: its cookie is compared by the kernel. A row without
    /// one, from `/proc`, is refused as [`DestroyError::Unsupported`].
    pub fn destroy(&mut self, socket: &InetSocket) -> Result<(), DestroyError> {
        let Some(cookie) = socket.cookie else { return Err(DestroyError::Unsupported) };
        let netlink = match &mut self.netlink {
            Ok(netlink) => netlink,
            Err(err) => return Err(DestroyError::from(err.again())),
        };
        let id = diag::Id::new(socket.local, socket.remote, socket.interface);
        let id = id.with_cookie(cookie);
        let question = one(socket.protocol, socket.local, id, Details::NONE);
        let question = question.map_err(NetlinkError::from)?;
        Ok(netlink.command(diag::DESTROY, &question)?)
    }
}

fn one(
    protocol: Protocol,
    local: Endpoint,
    id: diag::Id,
    details: Details,
) -> Result<Vec<u8>, BadMessage> {
    let family = if local.address.is_ipv4() { diag::AF_INET } else { diag::AF_INET6 };
    let question = diag::Question {
        family,
        protocol: diag::short(protocol),
        details: details.octet(),
        states: u32::MAX,
        id,
        ..diag::Question::default()
    };
    let mut question = question.as_bytes().to_vec();
    diag::push_protocol(&mut question, protocol)?;
    Ok(question)
}

impl From<NetlinkError> for DestroyError {
    fn from(err: NetlinkError) -> Self {
        let is = |errno: Errno| err.errno() == Some(errno.raw_os_error());
        if is(Errno::OPNOTSUPP) || is(Errno::PROTONOSUPPORT) {
            Self::Unsupported
        } else if is(Errno::NOENT) || is(Errno::STALE) {
            Self::Gone
        } else if is(Errno::PERM) || is(Errno::ACCESS) {
            Self::NotPermitted
        } else {
            Self::Other(err)
        }
    }
}
