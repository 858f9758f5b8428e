//! Names that others than the system are asked for.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};

use wireline_lab::secure::{self, Fault, answer};

use super::common::Place;

/// A name server that knows every name as `secure::answer` does, `lN` being 127.0.0.N; by datagrams it cuts every reply
/// short where `is_cutting`. Its threads end with the test's process.
fn name_server(is_cutting: bool) -> SocketAddr {
    let (udp, tcp) = (0..100)
        .find_map(|_| {
            let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            UdpSocket::bind(tcp.local_addr().unwrap()).ok().map(|udp| (udp, tcp))
        })
        .unwrap();
    let address = udp.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut room = [0; 1500];
        while let Ok((length, from)) = udp.recv_from(&mut room) {
            let Some(mut reply) = answer(&room[..length]) else { continue };
            if is_cutting {
                // TC, and no record, which would have sixteen octets.
                (reply[2], reply[7]) = (reply[2] | 0x02, 0);
                reply.truncate(reply.len() - 16);
            }
            drop(udp.send_to(&reply, from));
        }
    });
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = tcp.accept() {
            let mut length = [0; 2];
            stream.read_exact(&mut length).unwrap();
            let mut query = vec![0; usize::from(u16::from_be_bytes(length))];
            stream.read_exact(&mut query).unwrap();
            let reply = answer(&query).unwrap();
            let length = u16::try_from(reply.len()).unwrap().to_be_bytes();
            stream.write_all(&[&length[..], &reply].concat()).unwrap();
        }
    });
    address
}

const URL: &str = "http://l1.names.example:{http}/file.txt";

#[test]
fn name_server_that_is_named_is_asked() {
    let place = Place::new();
    let server = name_server(false);
    let run = place.fetch(&format!("-sS -4 --dns-servers {server} {URL}"));
    run.says("a file\n");
}

#[test]
fn both_families_are_asked_for() {
    let server = name_server(false);
    Place::new().fetch(&format!("-sS --dns-servers {server} {URL}")).says("a file\n");
}

#[test]
fn reply_that_was_cut_short_is_asked_for_again_over_tcp() {
    let server = name_server(true);
    Place::new().fetch(&format!("-sS -4 --dns-servers {server} {URL}")).says("a file\n");
}

#[test]
fn name_server_that_is_not_there_gives_way_to_the_next() {
    let nobody = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    let servers = format!("{nobody},{}", name_server(false));
    Place::new().fetch(&format!("-sS -4 --dns-servers {servers} {URL}")).says("a file\n");
    let run = Place::new().fetch(&format!("-sS -4 --dns-servers {nobody} {URL}"));
    assert_eq!(run.err, "fetch: (6) Could not resolve host: l1.names.example\n");
    run.exit(6);
}

#[test]
fn address_of_the_wrong_length_is_none() {
    // What is said to be an AAAA has four octets.
    let server = name_server(false);
    let run = Place::new().fetch(&format!("-sS -6 --dns-servers {server} {URL}"));
    assert_eq!(run.err, "fetch: (6) Could not resolve host: l1.names.example\n");
    run.exit(6);
}

/// `--doh-url` and what its server must show.
fn doh(server: &secure::Server) -> String {
    let (port, ca) = (server.doh.port(), server.ca());
    let given = format!("--resolve dns.example:{port}:127.0.0.1 --cacert {}", ca.display());
    format!("--doh-url https://dns.example:{port}/dns-query {given}")
}

#[test]
fn server_over_https_is_asked() {
    let server = secure::Server::with(Fault::None);
    let run = Place::new().fetch(&format!("-sS {} {URL}", doh(&server)));
    run.says("a file\n");
}

#[test]
fn server_over_https_must_be_who_it_says() {
    let server = secure::Server::showing(secure::Certificate::Wrong);
    let run = Place::new().fetch(&format!("-sSvk {} {URL}", doh(&server)));
    assert!(run.err.contains("certificate is not dns.example's"), "{}", run.err);
    run.exit(6);
}

#[test]
fn odd_replies_over_https_are_no_answers() {
    for fault in [Fault::Status(500), Fault::Html, Fault::Garbage, Fault::CloseInAnswer] {
        let server = secure::Server::with(fault);
        let run = Place::new().fetch(&format!("-sS {} {URL}", doh(&server)));
        assert_eq!(run.err, "fetch: (6) Could not resolve host: l1.names.example\n", "{fault:?}");
        run.exit(6);
    }
}

#[test]
fn server_in_the_clear_is_not_asked() {
    let run = Place::new().fetch(&format!("-sS --doh-url http://127.0.0.1:1/dns-query {URL}"));
    run.exit(6);
}
