use std::cell::RefCell;
use std::net::Ipv4Addr;
use std::ops::ControlFlow;
use std::rc::Rc;
use std::time::Duration;

use tls::{Profile, Trust, What};
use tokio::net::TcpStream;

use super::*;
use crate::failure::Kind;
use crate::head::Head;
use crate::report::Report;
use crate::tell::Teller;

/// Keeps what it is told.
#[derive(Clone, Default)]
struct Keeper(Rc<RefCell<Vec<Event>>>);

impl crate::Observer for Keeper {
    fn event(&mut self, _: Duration, event: &Event) {
        self.0.borrow_mut().push(event.clone());
    }

    fn begin(&mut self, _: &Head) -> Result<(), Failure> {
        Ok(())
    }

    fn body(&mut self, _: &[u8]) -> Result<(), Failure> {
        Ok(())
    }

    fn restart(&mut self) -> Result<u64, Failure> {
        Ok(0)
    }

    fn done(&mut self, _: &Report, _: Result<(), Failure>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

impl Keeper {
    fn steps(&self) -> Vec<tls::Step> {
        let events = self.0.borrow();
        let steps = events.iter().filter_map(|event| match event {
            Event::Tls(step) => Some(step.clone()),
            _ => None,
        });
        steps.collect()
    }

    fn names(&self) -> Vec<String> {
        let name = |step: &tls::Step| {
            let way = if step.sent { ">" } else { "<" };
            match &step.what {
                What::Message(name, _) => Some(format!("{way} {name}")),
                What::Alert(name) => Some(format!("{way} alert {name}")),
                What::ChainChecked(count) => Some(format!("checked {count}")),
                What::Done(kind) => Some(kind.clone()),
                _ => None,
            }
        };
        self.steps().iter().filter_map(name).collect()
    }

    fn diagnosis(&self) -> Option<tls::Diagnosis> {
        self.0.borrow().iter().find_map(|event| match event {
            Event::Certificates { examined, .. } => Some(examined.diagnosis()),
            _ => None,
        })
    }
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

async fn shake(to: u16, client: &tls::Client) -> (Keeper, Result<Secured<TcpStream>, Failure>) {
    let keeper = Keeper::default();
    let tell = Teller::new(tokio::time::Instant::now(), Box::new(keeper.clone()));
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, to)).await.unwrap();
    let outcome = secure(stream, client, &[b"h2", b"http/1.1"], &tell, false).await;
    (keeper, outcome)
}

/// Against the lab of scripts: `HTTPLAB_BASE` is its base port, `HTTPLAB` its folder.
mod httplab {
    use super::*;

    fn base() -> u16 {
        std::env::var("HTTPLAB_BASE").unwrap().parse().unwrap()
    }

    fn profile() -> Profile {
        let folder = std::env::var("HTTPLAB").unwrap();
        let trust = Trust::Files(vec![format!("{folder}/certs/ca.pem").into()]);
        Profile { trust, name: Some("localhost".to_owned()), ..Profile::default() }
    }

    fn client(profile: &Profile) -> tls::Client {
        profile.client(&[], Ipv4Addr::LOCALHOST.into()).unwrap()
    }

    #[test]
    #[ignore = "needs httplab.sh"]
    fn show() {
        run(show_all())
    }
    async fn show_all() {
        for port in [
            443, 446, 447, 448, 449, 450, 451, 452, 453, 454, 455, 456, 457, 458, 445, 80, 701,
            702, 703, 704, 705,
        ] {
            println!("== {port}");
            for opportunistic in [false, true] {
                let profile = Profile { is_opportunistic: opportunistic, ..profile() };
                let client = client(&profile);
                let shaken =
                    tokio::time::timeout(Duration::from_secs(2), shake(base() + port, &client))
                        .await;
                let Ok((keeper, outcome)) = shaken else {
                    println!("timeout");
                    continue;
                };
                match outcome {
                    Ok(secured) => println!(
                        "ok {:?} {:?} {:?} {:?}",
                        secured.facts.version,
                        secured.facts.kind,
                        secured.facts.signature,
                        secured.facts.verified.fault
                    ),
                    Err(why) => println!("{:?} {why}", why.kind),
                }
                if !opportunistic {
                    for step in keeper.steps() {
                        println!(
                            "   {:?} +{:?} {} {:?} {}",
                            step.at, step.took, step.sent, step.what, step.octets
                        );
                    }
                    if let Some(diagnosis) = keeper.diagnosis() {
                        for link in &diagnosis.links {
                            println!("  L {link:?}");
                        }
                        for finding in &diagnosis.findings {
                            println!("  F {finding:?}");
                        }
                    }
                }
            }
        }
        let _ = Kind::Verify;
    }
}
