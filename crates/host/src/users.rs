use nix::unistd::{Uid, User};

/// The name of a user (getpwuid(3)), wherever this machine has its users from. It may be anything:
/// escape it before printing.
#[must_use]
pub fn user_name(uid: u32) -> Option<String> {
    Some(User::from_uid(Uid::from_raw(uid)).ok()??.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_has_a_name_and_nobody_is_not_everybody() {
        assert_eq!(user_name(0).as_deref(), Some("root"));
        assert_eq!(user_name(4_000_000_000), None);
    }
}
