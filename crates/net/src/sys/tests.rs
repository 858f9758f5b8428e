use super::*;

#[test]
fn datagrams_go_out_and_come_in_by_the_batch() {
    use std::os::fd::AsFd as _;
    let [from, to] = [0; 2].map(|_| std::net::UdpSocket::bind("127.0.0.1:0").unwrap());
    let address = SockAddr::from(to.local_addr().unwrap());
    let contents = [b"a".as_slice(), b"bb", b"ccc"];
    let sent = send(
        from.as_fd(),
        contents.iter().map(|c| Outgoing { to: &address, contents: c, hop_limit: None }),
    )
    .unwrap();

    let mut batch = Batch::new(4, 2);
    assert_eq!((sent, batch.receive(to.as_fd(), 4, 0).unwrap()), (3, 3));
    let received: Vec<_> = batch.iter().map(|r| r.contents).collect();
    assert_eq!(received, [b"a".as_slice(), b"bb", b"cc"], "cut to the stride");
    assert_eq!(batch.iter().next().unwrap().source, Some(from.local_addr().unwrap()));
    assert!(batch.receive(to.as_fd(), 4, 0).is_err());
}
