use super::super::{mermaid::Mermaid, packetdrill::Packetdrill, svg::Svg, text::Text};
use super::*;

#[test]
fn look_at_it() {
    let (lines, ending) = captured();
    let mut ascii = look(80, Explain::Nothing);
    ascii.unicode = false;
    ascii.absolute = true;
    for look in [
        look(80, Explain::Nothing),
        look(80, Explain::Short),
        look(120, Explain::Long),
        ascii,
        look(60, Explain::Nothing),
    ] {
        println!("{}", drawn(Text::new(look), &heading(Some("three-way")), &lines, &ending));
    }
    println!(
        "{}",
        drawn(
            Text::new(look(80, Explain::Short)),
            &heading(None),
            &rejected(),
            &super::ending(None)
        )
    );
    println!("{}", drawn(Mermaid::new(look(80, Explain::Short)), &heading(None), &lines, &ending));
    println!("{}", drawn(Packetdrill::new(), &heading(None), &lines, &ending));
    std::fs::write(
        "/root/conv-cap/out.svg",
        drawn(Svg::new(look(80, Explain::Short)), &heading(Some("a<b")), &lines, &ending),
    )
    .unwrap();
}
