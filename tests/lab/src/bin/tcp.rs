//! `wireline-tcp`: servers of TCP, for those who look at how connections open and close.
//!
//! `wireline-tcp PORT=BEHAVIOUR…` listens on these ports of every address of both families. The words are in
//! [`behaviour`]. It prints `ready` once all listen, and keeps everything until its standard input ends.
#![forbid(unsafe_code)]

#[path = "../tcp/behaviour.rs"]
mod behaviour;
#[path = "../tcp/serve.rs"]
mod serve;

use std::io::{self, Read as _, Write as _};
use std::process::ExitCode;

use behaviour::Order;

fn main() -> ExitCode {
    let orders: Result<Vec<Order>, _> = std::env::args().skip(1).map(|word| word.parse()).collect();
    match orders {
        Ok(orders) if !orders.is_empty() => match run(&orders) {
            Ok(()) => ExitCode::SUCCESS,
            Err(why) => complain(&why.to_string(), 1),
        },
        Ok(_) => {
            complain(&format!("PORT=BEHAVIOUR… is needed; there are: {}", behaviour::WORDS), 2)
        }
        Err(why) => complain(&format!("{why}; there are: {}", behaviour::WORDS), 2),
    }
}

fn run(orders: &[Order]) -> io::Result<()> {
    orders.iter().try_for_each(serve::listen)?;
    writeln!(io::stdout(), "ready")?;
    io::stdin().read_to_end(&mut Vec::new()).map(drop)
}

fn complain(what: &str, code: u8) -> ExitCode {
    // With no standard error left there is nobody to tell.
    let _ = writeln!(io::stderr(), "wireline-tcp: {what}");
    code.into()
}
