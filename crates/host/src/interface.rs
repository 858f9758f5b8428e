use std::io;

use rustix::net::netdevice::{index_to_name, name_to_index};
use rustix::net::{AddressFamily, SocketType, socket};

/// The number of an interface (netdevice(7)).
pub fn interface_index(name: &str) -> io::Result<u32> {
    Ok(name_to_index(any_socket()?, name)?)
}

/// The name of an interface. What is not UTF-8 in it is replaced.
pub fn interface_name(index: u32) -> io::Result<String> {
    Ok(index_to_name(any_socket()?, index)?)
}

/// The questions go to a socket, and any will do.
fn any_socket() -> io::Result<rustix::fd::OwnedFd> {
    Ok(socket(AddressFamily::UNIX, SocketType::DGRAM, None)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_has_a_number_and_its_name_back() {
        let index = interface_index("lo").unwrap();
        assert_eq!(interface_name(index).unwrap(), "lo");
        assert!(interface_index("no such one").is_err());
    }
}
