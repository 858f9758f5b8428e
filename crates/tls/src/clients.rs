use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use crate::{Client, Error, Profile};

/// Clients that were made before: files are read once, and sessions are resumed, over all connections of a run.
#[derive(Debug, Default)]
pub struct Clients {
    made: Mutex<Vec<(Profile, Client)>>,
}

/// More servers than these are not remembered.
const MOST: usize = 512;

impl Clients {
    /// The client of this profile, whose `name` and `sni` are filled in. `server` is an address that stands in for a
    /// name where there is none.
    pub fn get(&self, profile: &Profile, server: Option<IpAddr>) -> Result<Client, Error> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, client)) = made.iter().find(|(one, _)| one == profile) {
            return Ok(client.clone());
        }
        let server = server.unwrap_or(IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED));
        let client = profile.client(&[], server)?;
        if made.len() < MOST {
            made.push((profile.clone(), client.clone()));
        }
        Ok(client)
    }
}
