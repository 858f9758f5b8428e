//! The meshes, by what a plain program and somebody else's traceroute see of them.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

use wireline_lab::{Ecmp, Lab, Mesh, Path, program};

const V4: IpAddr = IpAddr::V4(Path::TARGET_V4);
const V6: IpAddr = IpAddr::V6(Path::TARGET_V6);

/// Who answers a UDP datagram with this TTL.
fn answers(ecmp: &Ecmp<'_>, to: IpAddr, ttl: u8) -> Vec<IpAddr> {
    let to = SocketAddr::new(to, 33434).to_string();
    let mut command = ecmp.source().command(program("wireline-echo"));
    let out = command.args(["probe", &to, &ttl.to_string(), "1", "0"]).output().unwrap();
    let out = String::from_utf8(out.stdout).unwrap();
    out.lines().map(|line| line.split(' ').next().unwrap().parse().unwrap()).collect()
}

#[test]
fn routers_answer_from_their_own_addresses_in_both_families() {
    let lab = Lab::new();
    let mesh = Mesh::two_by_three();
    let ecmp = lab.ecmp(&mesh);
    for (ttl, layer) in (1..).zip([&["a"][..], &["b1", "b2"], &["c1", "c2", "c3"], &["d"], &["t"]])
    {
        for to in [V4, V6] {
            let own = |name: &&str| match to {
                IpAddr::V4(_) => IpAddr::V4(mesh.v4(name)),
                IpAddr::V6(_) => mesh.v6(name).into(),
            };
            let wanted: Vec<_> = layer.iter().map(own).collect();
            let got = answers(&ecmp, to, ttl);
            assert!(matches!(got[..], [one] if wanted.contains(&one)), "{ttl}: {got:?}");
        }
    }
}

#[test]
fn links_are_those_behind_the_first_router() {
    assert_eq!(Mesh::two_by_three().links_v4().len(), 2 + 6 + 3 + 1);
    assert_eq!(Mesh::diamond().links_v6().len(), 2 + 2 + 1);
    let mesh = Mesh::unequal();
    let short = (IpAddr::V4(mesh.v4("a")), IpAddr::V4(mesh.v4("e")));
    assert!(mesh.links_v4().contains(&short));
    assert!(mesh.links_v4().contains(&(mesh.v4("d").into(), V4)));
}

/// The links that so many flows of somebody else's traceroute take.
fn traced(ecmp: &Ecmp<'_>, to: IpAddr, flows: u16) -> BTreeSet<(IpAddr, IpAddr)> {
    let script = format!(
        "for port in $(seq 40001 {}); do
            traceroute -n -q 1 -w 1 -U --sport=$port {to} | tail -n +2 | awk '{{print $2}}'
            echo
        done",
        40000 + flows
    );
    let out = ecmp.source().output(&script);
    let mut links = BTreeSet::new();
    for flow in out.split("\n\n") {
        let hops: Vec<IpAddr> = flow.split_whitespace().map(|hop| hop.parse().unwrap()).collect();
        links.extend(hops.windows(2).map(|pair| (pair[0], pair[1])));
    }
    links
}

#[test]
#[ignore = "needs somebody else's traceroute"]
fn traceroute_sees_every_link_and_no_other() {
    for mesh in [Mesh::two_by_three(), Mesh::diamond(), Mesh::unequal()] {
        let lab = Lab::new();
        let ecmp = lab.ecmp(&mesh);
        assert_eq!(traced(&ecmp, V4, 60), mesh.links_v4());
        assert_eq!(traced(&ecmp, V6, 60), mesh.links_v6());
    }
}
