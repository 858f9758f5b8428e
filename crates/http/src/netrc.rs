//! Files of logins: `~/.netrc` (ftp(1), `curl --netrc`).

/// What to log in with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Login {
    /// Who.
    pub user: String,
    /// And the secret.
    pub password: String,
}

/// What a file says about a host; with a user (from the URL) only of that one. A failure says why in words.
pub fn find(_text: &[u8], _host: &str, _user: Option<&str>) -> Result<Option<Login>, String> {
    todo!("state")
}
