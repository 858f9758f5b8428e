use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use wireline_engine::tcp::Verdict;

use super::*;

fn await_progress(connection: &mut Connection) -> Progress {
    let mut fds = [PollFd::new(&*connection, PollFlags::OUT)];
    poll(&mut fds, Some(&Timespec { tv_sec: 10, tv_nsec: 0 })).unwrap();
    connection.progress()
}

#[test]
fn who_listens_is_open_and_what_is_said_is_heard() {
    for address in ["127.0.0.1:0", "[::1]:0"] {
        let listener = TcpListener::bind(address).unwrap();
        let remote = listener.local_addr().unwrap();
        let mut connection = Connection::open(remote, &ConnectOptions::default()).unwrap();
        let port = connection.local().unwrap().port();
        assert_ne!(port, 0, "known before anything is sent");
        connection.connect();
        assert_eq!(await_progress(&mut connection), Progress::Open);
        let (mut server, from) = listener.accept().unwrap();
        assert_eq!(from.port(), port);
        assert!(connection.info().len() >= 104);
        connection.ask_for_stamps().unwrap();
        assert_eq!(connection.write(b"hello").unwrap(), 5);
        server.read_exact(&mut [0; 5]).unwrap();
        server.write_all(b"hi").unwrap();
        drop(server);
        let mut got = Vec::new();
        while connection.read(&mut got, 100).unwrap() != Read::End {}
        assert_eq!(got, b"hi");
        let stamps = connection.data_stamps();
        assert!(stamps.sent.unwrap() <= stamps.acknowledged.unwrap(), "{stamps:?}");
    }
}

#[test]
fn nobody_listening_is_closed() {
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut connection = Connection::open(gone, &ConnectOptions::default()).unwrap();
    let mut progress = connection.connect();
    if progress == Progress::Pending {
        progress = await_progress(&mut connection);
    }
    let Progress::Failed(errno) = progress else { panic!("{progress:?}") };
    assert_eq!(Verdict::of(errno, connection.refused(), 1), Verdict::Closed);
}
