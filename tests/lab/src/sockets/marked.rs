//! Listeners that differ in what is not their address: 4014 has a mark (0x25), 4015 is bound to `lo`.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use socket2::{Domain, Socket, Type};

pub(crate) fn make() -> io::Result<Vec<Socket>> {
    let marked = socket()?;
    marked.set_mark(0x25)?;
    let bound = socket()?;
    bound.bind_device(Some(b"lo"))?;
    for (socket, port) in [(&marked, 4014), (&bound, 4015)] {
        socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)).into())?;
        socket.listen(1)?;
    }
    Ok(vec![marked, bound])
}

fn socket() -> io::Result<Socket> {
    Socket::new(Domain::IPV4, Type::STREAM, None)
}
