//! Transfers beside curl: one, large ones, many small ones, and one in tiny pieces.
//!
//! The server is nginx with one process, and for the chunks a server of our own. `WIRELINE_CURL` names a curl that is
//! newer than the system's. CPU time is the client's, with what its kernel does of what was received.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::bed::Bed;
use crate::bench::{Bench, Count, Outcome, Scheduling, Side};
use crate::chunks;
use crate::programs::Peer;
use crate::run::Run;
use crate::table::{Column, column};

const ONE: &[Column] = &[column("wall ms", 2), column("CPU ms", 2), column("RSS MiB", 1)];
const LONG: &[Column] = &[column("wall s", 3), column("CPU s", 3), column("RSS MiB", 1)];

/// Runs of what is short.
const OFTEN: Count = Count::Always(100);

pub(crate) const ALL: [Bench; 8] = [
    bench(("fetch-once", "a small file, the whole process"), ONE, OFTEN, |bed, side| {
        Ok(milliseconds(&once(bed, side, "http://192.0.2.2/tiny/1")?))
    }),
    bench(
        ("fetch-tls", "a small file over TLS, with the system's roots read"),
        ONE,
        OFTEN,
        |bed, side| Ok(milliseconds(&secure(bed, side, "--http1.1 https://192.0.2.2/tiny/1")?)),
    ),
    bench(("fetch-big", "a GiB"), LONG, Count::AsAsked, |bed, side| {
        Ok(seconds(&once(bed, side, "http://192.0.2.2/big")?))
    }),
    bench(("fetch-big-tls", "a GiB over TLS, HTTP/1.1"), LONG, Count::AsAsked, |bed, side| {
        Ok(seconds(&secure(bed, side, "--http1.1 https://192.0.2.2/big")?))
    }),
    bench(("fetch-big-tls", "a GiB over TLS, HTTP/2"), LONG, Count::AsAsked, |bed, side| {
        Ok(seconds(&secure(bed, side, "--http2 https://192.0.2.2/big")?))
    }),
    bench(("fetch-many", "1000 small files, in turn"), ONE, Count::AsAsked, |bed, side| {
        Ok(milliseconds(&once(bed, side, "http://192.0.2.2/tiny/[0-999]")?))
    }),
    bench(("fetch-many", "1000 small files, -Z"), ONE, Count::AsAsked, |bed, side| {
        Ok(milliseconds(&once(bed, side, "-Z http://192.0.2.2/tiny/[0-999]")?))
    }),
    Bench {
        prepare: serve_chunks,
        ..bench(
            ("fetch-chunks", "2,000,000 chunks of an octet"),
            LONG,
            Count::AsAsked,
            |bed, side| Ok(seconds(&once(bed, side, "http://192.0.2.2:81/")?)),
        )
    },
];

const fn bench(
    (name, about): (&'static str, &'static str),
    columns: &'static [Column],
    rounds: Count,
    once: fn(&Bed<'_>, Side) -> Result<Outcome>,
) -> Bench {
    let scheduling = Scheduling::Ordinary;
    Bench { name, about, peer: Peer::Curl, columns, scheduling, rounds, prepare: serve, once }
}

/// With a directory for all it writes, and one process: nobody's powers are to be dropped.
const NGINX: &str = "daemon off; master_process off; pid nginx.pid; error_log stderr crit;
events { worker_connections 1024; }
http {
  access_log off; keepalive_requests 1000000; sendfile on; tcp_nopush on; root .;
  client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;
  ssl_certificate own.pem; ssl_certificate_key own.key;
  server {
    listen 192.0.2.2:80; listen 192.0.2.2:443 ssl http2;
    location /tiny/ { return 200 \"tiny\\n\"; }
  }
}
";

/// nginx at the far host, with a certificate that is the last of a file with all of the system's.
fn serve(bed: &Bed<'_>) {
    let directory = bed.directory();
    let at = directory.display();
    bed.far.sh(&format!(
        "cd {at} && truncate -s 1G big && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
         -subj /CN=bench -addext subjectAltName=IP:192.0.2.2 -keyout own.key -out own.pem 2>&1 && \
         cat /etc/ssl/certs/ca-certificates.crt own.pem > roots.pem"
    ));
    fs::write(directory.join("nginx.conf"), NGINX).expect("room for files");
    let (at, conf) = (format!("{at}/"), format!("{at}/nginx.conf"));
    bed.serve_tcp(Path::new("/usr/sbin/nginx"), &["-p", &at, "-e", "stderr", "-c", &conf], 80);
}

fn serve_chunks(bed: &Bed<'_>) {
    let own = std::env::current_exe().expect("a path of our own");
    bed.serve_tcp(&own, &[chunks::FLAG, "192.0.2.2:81"], 81);
}

fn once(bed: &Bed<'_>, side: Side, args: &str) -> Result<Run> {
    let run = bed.run(side, &format!("-q -s -o /dev/null {args}"))?;
    run.succeeded()?;
    Ok(run)
}

fn secure(bed: &Bed<'_>, side: Side, args: &str) -> Result<Run> {
    let roots = bed.directory().join("roots.pem");
    once(bed, side, &format!("--cacert {} {args}", roots.display()))
}

fn milliseconds(run: &Run) -> Outcome {
    let [wall, cpu] = [run.wall, run.cpu].map(|time| time.as_secs_f64() * 1e3);
    Outcome { figures: vec![wall, cpu, run.mebibytes()], note: None }
}

fn seconds(run: &Run) -> Outcome {
    let figures = vec![run.wall.as_secs_f64(), run.cpu.as_secs_f64(), run.mebibytes()];
    Outcome { figures, note: None }
}
