//! What is played, and what there is to learn from it.

mod agreeing;
mod closing;
mod losing;
mod opening;

use anyhow::Result;

use super::stage::Stage;

/// Something to see.
pub(super) struct Scene {
    pub(super) name: &'static str,
    /// In one line.
    pub(super) about: &'static str,
    /// What is set up.
    pub(super) before: &'static str,
    pub(super) play: fn(&Stage) -> Result<()>,
}

/// All there are, in the order in which one would learn.
pub(super) static ALL: [Scene; 19] = [
    opening::THREE_WAY,
    closing::FOUR_WAY,
    closing::HALF_CLOSE,
    closing::TIME_WAIT,
    closing::RST,
    closing::LINGER0,
    losing::SYN_LOSS,
    losing::SYNACK_LOSS,
    losing::THIRD_ACK_LOST,
    losing::HALF_OPEN,
    losing::REBOOT,
    opening::BACKLOG,
    opening::SYN_COOKIES,
    opening::THIRD_ACK_DATA,
    opening::TFO,
    opening::SIMULTANEOUS_OPEN,
    agreeing::ISN,
    agreeing::ECN,
    agreeing::WINDOW_SCALE_OFF,
];

/// The scene of this name.
pub(super) fn named(name: &str) -> Option<&'static Scene> {
    ALL.iter().find(|scene| scene.name == name)
}
