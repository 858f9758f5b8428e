use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::io::read;
use rustix::process::getpgrp;
use rustix::stdio::stdin;
use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcgetpgrp, tcsetattr,
};

/// Keys as they are pressed, without the line that they would make. The terminal is as it was before
/// when this is dropped; signals by key (^C) are signals still.
#[derive(Debug)]
pub struct Keys {
    terminal: OwnedFd,
    before: Termios,
}

impl Keys {
    /// `None` where stdin is no terminal, or the terminal of somebody in front of us.
    #[must_use]
    pub fn open() -> Option<Self> {
        let terminal = stdin().try_clone_to_owned().ok()?;
        let before = tcgetattr(&terminal).ok()?;
        // Whoever changes the terminal from behind is stopped by it (termios(3), SIGTTOU).
        if tcgetpgrp(&terminal).ok()? != getpgrp() {
            return None;
        }
        let mut modes = before.clone();
        modes.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
        modes.special_codes[SpecialCodeIndex::VMIN] = 0;
        modes.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(&terminal, OptionalActions::Now, &modes).ok()?;
        Some(Self { terminal, before })
    }

    /// What was pressed since the last look, as octets; a key may be several.
    #[must_use]
    pub fn pressed(&self) -> Vec<u8> {
        let mut octets = [0; 64];
        let count = read(&self.terminal, &mut octets).unwrap_or(0);
        octets[..count].to_vec()
    }
}

impl AsFd for Keys {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.terminal.as_fd()
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        // There is nobody to tell.
        let _ = tcsetattr(&self.terminal, OptionalActions::Now, &self.before);
    }
}
