use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// Answers requests with what it was given, connection by connection.
pub(in crate::agent) struct Server {
    port: u16,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// For each connection what to say to each request; an empty text closes it, `…` says nothing for long.
    pub(in crate::agent) fn start(script: Vec<Vec<&'static str>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::<Mutex<Vec<String>>>::default();
        let heard = Arc::clone(&requests);
        thread::spawn(move || {
            for answers in script {
                let Ok((stream, _)) = listener.accept() else { return };
                let heard = Arc::clone(&heard);
                thread::spawn(move || serve(stream, answers, &heard));
            }
        });
        Self { port, requests }
    }

    pub(in crate::agent) const fn port(&self) -> u16 {
        self.port
    }

    /// What it was asked.
    pub(in crate::agent) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

fn serve(mut stream: TcpStream, answers: Vec<&'static str>, heard: &Mutex<Vec<String>>) {
    let mut is_offered = false;
    for answer in answers {
        if is_offered {
            // The rest of what was offered.
            let mut body = vec![0; 2 << 20];
            let _ = stream.read_exact(&mut body);
        } else if let Some(request) = request(&mut stream) {
            heard.lock().unwrap().push(request);
        } else {
            return;
        }
        match answer {
            "" => return,
            "…" => {
                stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
                let _ = stream.read(&mut [0]);
                return;
            }
            _ => stream.write_all(answer.as_bytes()).unwrap(),
        }
        is_offered = answer.starts_with("HTTP/1.1 100");
    }
    // Whoever closes first with octets unread resets the connection.
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let _ = stream.read(&mut [0; 1 << 10]);
}

/// A head, and a body of the length that it says, but where that is offered first.
fn request(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut octet = [0];
        stream.read_exact(&mut octet).ok()?;
        head.push(octet[0]);
    }
    let mut text = String::from_utf8(head).unwrap();
    if text.contains("Expect:") {
        return Some(text);
    }
    let length = text.lines().find_map(|line| line.strip_prefix("Content-Length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).ok()?;
    text.push_str(&String::from_utf8(body).unwrap());
    Some(text)
}
