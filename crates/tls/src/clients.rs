use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use crate::files::Authorities;
use crate::{Client, Error, Profile, Trust};

/// Clients that were made before: files are read once, and sessions are resumed, over all connections of a run.
#[derive(Debug, Default)]
pub struct Clients {
    made: Mutex<Vec<(Profile, Client)>>,
    read: Mutex<Vec<(Trust, Option<Arc<Authorities>>)>>,
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
        let client = profile.client_of(&[], server, self.authorities(&profile.trust)?)?;
        if made.len() < MOST {
            made.push((profile.clone(), client.clone()));
        }
        Ok(client)
    }

    fn authorities(&self, trust: &Trust) -> Result<Option<Arc<Authorities>>, Error> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, authorities)) = read.iter().find(|(one, _)| one == trust) {
            return Ok(authorities.clone());
        }
        let authorities = Authorities::read(trust)?.map(Arc::new);
        read.push((trust.clone(), authorities.clone()));
        Ok(authorities)
    }
}
