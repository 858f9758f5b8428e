use std::sync::Arc;

use crate::doctor::{Diagnosis, Patient, diagnose};
use crate::files::Authorities;
use crate::{Certificate, Fault};

/// A chain that was checked, and what is needed to say more of it than that.
#[derive(Clone, Debug)]
pub struct Examined {
    /// What the server sent, its own certificate first.
    pub chain: Vec<Certificate>,
    /// The name or address that was asked for.
    pub wanted: Option<String>,
    /// When it was checked: seconds since 1970.
    pub now_s: i64,
    /// What is wrong, where something is.
    pub fault: Option<Fault>,
    pub(crate) authorities: Option<Arc<Authorities>>,
}

impl Examined {
    /// Everything that is wrong with it, and what there is to say at each link.
    #[must_use]
    pub fn diagnosis(&self) -> Diagnosis {
        let trusts = |name: &[u8]| self.authorities.as_ref().is_some_and(|all| all.knows(name));
        diagnose(&Patient {
            chain: &self.chain,
            wanted: self.wanted.as_deref(),
            now_s: self.now_s,
            trusts: &trusts,
            fault: self.fault.as_ref(),
        })
    }
}
