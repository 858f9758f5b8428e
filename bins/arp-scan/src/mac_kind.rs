//! What a link-layer address tells of itself, in words.

use std::borrow::Cow;

use wireline_engine::segment::MacKind;

/// What a person is told; nothing where the vendor's name says it all.
pub(crate) fn words(kind: MacKind) -> Option<Cow<'static, str>> {
    Some(match kind {
        MacKind::Universal => return None,
        MacKind::Random | MacKind::Reserved => "randomised or chosen by hand".into(),
        // Those who randomise mind the U/L bit alone, so that all four quarters of IEEE 802c hold such.
        MacKind::Extended => "randomised, or local with a company's prefix".into(),
        MacKind::Assigned => "randomised, or assigned by a server".into(),
        MacKind::Vrrp(group) => format!("VRRP or CARP, group {group}").into(),
        MacKind::Hsrp(group) => format!("HSRP, group {group}").into(),
        MacKind::Glbp(group) => format!("GLBP, group {group}").into(),
        MacKind::Zero => "nobody's".into(),
        MacKind::Group => "a group's, nobody's own".into(),
    })
}
