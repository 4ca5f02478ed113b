//! The certificate of a destruction: whoever reads it believes what it shows, so that must be what the proved entry says.

use dossier_authority::disposal::State;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{DisposalChanged, EntryBody};
use dossier_proto::profile::v1::{Disposal, DisposalState};

use super::paper::differs;
use crate::{Failure, out};

/// Holds what is shown against what the entry says, and says what is certified.
///
/// # Errors
/// When it shows anything else, or the entry says nothing of a destruction.
pub(super) fn hold(shown: &Disposal, entry: &EntryBody) -> Result<(), Failure> {
    let Some(Kind::DisposalChanged(said)) = entry.event.as_ref().and_then(|event| event.kind.as_ref()) else {
        return Err(differs("the entry says nothing of a destruction"));
    };
    if let Some((field, _)) = agreements(shown, said).into_iter().find(|(_, agrees)| !agrees) {
        return Err(differs(format!("the certificate shows another `{field}` than the entry says")));
    }
    let number = if said.file_number.is_empty() { "without number" } else { said.file_number.as_str() };
    let time = said.end_time.map(|time| time.to_string()).unwrap_or_default();
    out::line(format!("{} ({number}) was destroyed at {time} by {}, as {} says", said.file, said.ender, said.record))?;
    if !said.key_version.is_empty() {
        let version = &said.key_version;
        out::line(format!(
            "its key was wrapped under version {version}: until that is retired a backup of before could be opened"
        ))?;
    }
    Ok(())
}

fn agreements(shown: &Disposal, said: &DisposalChanged) -> [(&'static str, bool); 10] {
    [
        ("state", shown.state() == DisposalState::Destroyed && said.state == State::Destroyed.as_str()),
        ("name", shown.name == said.disposal),
        ("file", shown.file == said.file),
        ("file_number", shown.file_number == said.file_number),
        ("record", shown.record == said.record),
        ("announcer", shown.announcer == said.announcer),
        ("announce_time", shown.announce_time == said.announce_time),
        ("ender", shown.ender == said.ender),
        ("end_time", shown.end_time == said.end_time),
        ("key_version", shown.key_version == said.key_version),
    ]
}
