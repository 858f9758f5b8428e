use super::*;
use crate::Class;
use std::io::{Read, Write};
fn name(t:&str)->Name{Name::parse(t.as_bytes(),&Name::root()).unwrap()}
fn ask(server:&str,q:&Question)->Vec<u8>{
    let mut m=vec![0x12,0x34,0x01,0x10,0,1,0,0,0,0,0,1];
    m.extend_from_slice(q.name.octets());m.extend_from_slice(&q.kind.0.to_be_bytes());m.extend_from_slice(&[0,1]);
    m.extend_from_slice(&[0,0,41,4,208,0,0,0x80,0,0,0]);
    let mut s=std::net::TcpStream::connect(server).unwrap();
    s.write_all(&[&(m.len() as u16).to_be_bytes()[..],&m].concat()).unwrap();
    let mut l=[0;2];s.read_exact(&mut l).unwrap();let mut b=vec![0;u16::from_be_bytes(l) as usize];s.read_exact(&mut b).unwrap();b
}
#[test]#[ignore = "capture"]
fn capture(){
    let anchors=Anchor::read(&std::fs::read_to_string("/tmp/dnslab/anchor.conf").unwrap(),"anchor.conf").unwrap();
    let mut out=std::collections::BTreeMap::new();
    let now=std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as u32;
    for line in std::fs::read_to_string("/tmp/cases.txt").unwrap().lines(){
        let w:Vec<_>=line.split_whitespace().collect();
        let q=Question{name:name(w[0]),kind:RecordType::named(w[1]).unwrap(),class:Class::IN};
        let mut v=Validator::new(anchors.clone(),q,now);
        while let Some(need)=v.poll_need(){ let a=ask("10.77.0.53:53",&need); 
            out.insert(format!("{} {}",need.name,need.kind),data_encoding::BASE64.encode(&a));
            v.handle_answer(&a);}
        while let Some(l)=v.poll_link(){ if w.len()>2 {println!("  {} {:?} {:?} {:?}\n     {:#?}",l.zone,l.subject,l.security,l.why,l.facts);} else {println!("  {} {:?} {:?}",l.zone,l.subject,l.security);}}
        let d=v.verdict().unwrap();println!("{line}: {} {:?} q={} c={} {:?}",d.security.word(),d.why,d.questions,d.checks,d.clock);
    }
    let mut f=std::fs::File::create("/tmp/captured.txt").unwrap();writeln!(f,"{now}").unwrap();for (k,v) in out{writeln!(f,"{k} {v}").unwrap();}
}
