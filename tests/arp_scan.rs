//! `arp-scan`, from its argv to its exit code, on segments that nobody else is on.
