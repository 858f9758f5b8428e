//! `wireline-segment`: everybody on a segment but the scanner, played by one program.
fn main() {}
