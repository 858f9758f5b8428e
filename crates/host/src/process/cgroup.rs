//! Where a process is among the cgroups (cgroups(7)), and what that says of who runs it.

/// A place among the cgroups: a path that begins with `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cgroup(Vec<u8>);

/// Of the identifiers that engines of containers give.
const CONTAINER_LENGTH: usize = 64;

impl Cgroup {
    /// Reads `/proc/PID/cgroup`: the line of version 2, or else that of systemd, or else the first.
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        let lines = || text.split(|octet| *octet == b'\n').filter_map(split);
        let of = |wanted: &[u8]| lines().find(|(controllers, _)| *controllers == wanted);
        // On a machine with both versions the second one may be unused: all are at its root.
        let unified = of(b"").filter(|(_, path)| *path != b"/");
        let found = unified.or_else(|| of(b"name=systemd")).or_else(|| lines().next())?;
        Some(Self(found.1.to_vec()))
    }

    /// All of it.
    #[must_use]
    pub fn path(&self) -> &[u8] {
        &self.0
    }

    /// The unit of systemd that it is of: the innermost service or scope.
    #[must_use]
    pub fn unit(&self) -> Option<&str> {
        let is_unit = |name: &&str| matches!(name.rsplit_once('.'), Some((_, "service" | "scope")));
        self.names().filter(is_unit).last()
    }

    /// The container that it is in, by the 64 hexadecimal digits that Docker, Podman, containerd and
    /// CRI-O name it with.
    #[must_use]
    pub fn container(&self) -> Option<&str> {
        self.names().filter_map(container).last()
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.0.split(|octet| *octet == b'/').filter_map(|name| str::from_utf8(name).ok())
    }
}

/// `0::/system.slice/ssh.service`: the controllers, and the path.
fn split(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut parts = line.splitn(3, |octet| *octet == b':').skip(1);
    let (controllers, path) = (parts.next()?, parts.next()?);
    path.starts_with(b"/").then_some((controllers, path))
}

/// `docker-<digits>.scope`, or the digits alone.
fn container(name: &str) -> Option<&str> {
    let name = name.strip_suffix(".scope").unwrap_or(name);
    let digits = name.rsplit(['-', ':']).next()?;
    let is_hexadecimal = digits.bytes().all(|octet| octet.is_ascii_hexdigit());
    (digits.len() == CONTAINER_LENGTH && is_hexadecimal).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    #[test]
    fn line_of_version_two_is_preferred_unless_it_is_unused() {
        let text = b"12:cpu:/a\n1:name=systemd:/b.service\n0::/c.service\n";
        assert_eq!(Cgroup::parse(text).unwrap().path(), b"/c.service");
        let text = b"12:cpu:/a\n1:name=systemd:/b.service\n0::/\n";
        assert_eq!(Cgroup::parse(text).unwrap().path(), b"/b.service");
        assert_eq!(Cgroup::parse(b"12:cpu:/a:b\n").unwrap().path(), b"/a:b");
        for bad in [&b""[..], b"0", b"0:", b"0::", b"\n\n"] {
            assert_eq!(Cgroup::parse(bad), None);
        }
    }

    #[test]
    fn unit_and_container_are_the_innermost() {
        for (path, unit, id) in [
            ("/system.slice/ssh.service".into(), Some("ssh.service"), None),
            ("/user.slice/user@1000.service/app.slice/x.scope/".into(), Some("x.scope"), None),
            (format!("/docker/{ID}"), None, Some(ID)),
            (format!("/kubepods.slice/cri-containerd-{ID}.scope"), Some(""), Some(ID)),
            (format!("/x/{}", &ID[1..]), None, None),
            ("/".to_owned(), None, None),
        ] {
            let cgroup = Cgroup(path.clone().into_bytes());
            let unit = unit
                .map(|unit| if unit.is_empty() { &path["/kubepods.slice/".len()..] } else { unit });
            assert_eq!((cgroup.unit(), cgroup.container()), (unit, id), "{path}");
        }
    }
}
