//! `dossier register`: a register of the rule book, on the screen, for printing, or as a file for other programs.
//!
//! ```text
//! dossier register complaints
//! dossier register complaints --html complaints.html
//! dossier register complaints --csv complaints.csv --purpose audit
//! dossier register file_index --filter 'file = "files/0190a5d2-..."'
//! ```
//! Screen and page have the names of people; CSV and JSON lines come from the service as they are, piece by piece.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use dossier_kernel::config::Config;
use dossier_kernel::printed::form::MASKED;
use dossier_kernel::printed::{Block, Fact, Printout};
use dossier_proto::profile::v1::register_service_client::RegisterServiceClient;
use dossier_proto::profile::v1::{
    ExportRegisterRequest, ListRegisterRowsRequest, Register, RegisterFormat, RegisterRow,
};

use crate::Failure;
use crate::client::connection::{Connection, Given};
use crate::client::reference::{People, named};
use crate::client::{LARGEST_ANSWER, fault};
use crate::reading::Reading;
use crate::serve::Which;

/// Most lines of a screen or a page; an export has no end.
const MOST: usize = 10_000;

/// What `register` takes.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// The register, as the rule book calls it; `dossier profile list-registers` tells which there are
    #[arg(value_name = "ID")]
    id: String,
    /// Which lines, such as `file = "files/{uuid}"`
    #[arg(long, default_value = "")]
    filter: String,
    #[command(flatten)]
    reading: Reading,
    /// Write a table for spreadsheets to this file, in which no cell is a formula
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-", conflicts_with = "html")]
    csv: Option<PathBuf>,
    /// Write a JSON object for each line to this file
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "-", conflicts_with_all = ["html", "csv"])]
    json: Option<PathBuf>,
    #[command(flatten)]
    given: Given,
}

/// Reads the register and prints or writes it.
///
/// # Errors
/// What profile refuses; when it cannot be reached, or the file not be written.
pub async fn run(args: &Args, config: &Config) -> Result<(), Failure> {
    let access = args.given.access()?;
    let directory = access.also(Which::Access, config)?;
    let profile = access.connect(Which::Profile, config)?;
    let purpose = args.reading.purpose(directory.clone()).await?;
    let exported = [(&args.csv, RegisterFormat::Csv), (&args.json, RegisterFormat::JsonLines)];
    if let Some((path, format)) = exported.into_iter().find_map(|(path, format)| Some((path.as_ref()?, format))) {
        return export(args, profile, format, purpose, path).await;
    }
    let (register, rows, more) = lines(args, profile, &purpose).await?;
    let people = named(&people(&rows), directory).await;
    let page = page(&register, &rows, &people, more, &purpose);
    args.reading.write(&page)
}

async fn export(
    args: &Args,
    profile: Connection,
    format: RegisterFormat,
    purpose: String,
    path: &Path,
) -> Result<(), Failure> {
    let request = ExportRegisterRequest {
        name: format!("registers/{}", args.id),
        format: format.into(),
        purpose,
        reading_place: args.reading.place().to_owned(),
        filter: args.filter.clone(),
    };
    let mut client = RegisterServiceClient::new(profile).max_decoding_message_size(LARGEST_ANSWER);
    let answer = client.export_register(request).await.map_err(|status| fault::refused(&status))?;
    let told = |fault: std::io::Error| Failure::file(path, &fault);
    let mut to: Box<dyn Write + Send> = match path == Path::new("-") {
        true => Box::new(std::io::stdout()),
        false => Box::new(std::fs::File::create(path).map_err(told)?),
    };
    let mut pieces = answer.into_inner();
    while let Some(piece) = pieces.message().await.map_err(|status| fault::refused(&status))? {
        to.write_all(&piece.data).map_err(told)?;
    }
    to.flush().map_err(told)
}

// The register with its lines, and whether there are more than a page takes.
async fn lines(args: &Args, profile: Connection, purpose: &str) -> Result<(Register, Vec<RegisterRow>, bool), Failure> {
    let mut client = RegisterServiceClient::new(profile).max_decoding_message_size(LARGEST_ANSWER);
    let (mut rows, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = ListRegisterRowsRequest {
            parent: format!("registers/{}", args.id),
            page_size: 500,
            page_token,
            filter: args.filter.clone(),
            purpose: purpose.to_owned(),
            reading_place: args.reading.place().to_owned(),
            ..ListRegisterRowsRequest::default()
        };
        let page = client.list_register_rows(request).await.map_err(|status| fault::refused(&status))?.into_inner();
        rows.extend(page.rows);
        page_token = page.next_page_token;
        if page_token.is_empty() || rows.len() >= MOST {
            return Ok((page.register.unwrap_or_default(), rows, !page_token.is_empty()));
        }
    }
}

fn people(rows: &[RegisterRow]) -> BTreeSet<String> {
    let texts = rows.iter().flat_map(|row| &row.cells).map(|cell| &cell.text);
    texts.filter(|text| text.starts_with("persons/")).cloned().collect()
}

fn page(register: &Register, rows: &[RegisterRow], people: &People, more: bool, purpose: &str) -> Printout {
    let cell = |cell: &dossier_proto::profile::v1::RegisterCell| match cell.masked {
        true => MASKED.to_owned(),
        false => people.get(&cell.text).unwrap_or(&cell.text).clone(),
    };
    let table = Block::Table {
        head: register.columns.iter().map(|column| column.display_name.clone()).collect(),
        rows: rows.iter().map(|row| row.cells.iter().map(cell).collect()).collect(),
    };
    let rest = more.then(|| Block::Note(format!("前 {} 行，全部请导出 the first lines; export gives all", rows.len())));
    let mut page = Printout {
        title: register.display_name.clone(),
        language: "zh-CN".to_owned(),
        facts: vec![Fact::new("行数 Lines", rows.len().to_string())],
        ..Printout::default()
    };
    page.part(&register.name, std::iter::once(table).chain(rest).collect());
    page.foot = vec![format!("{}  用途 purpose: {purpose}", register.name)];
    page
}

#[cfg(test)]
mod tests {
    use dossier_proto::profile::v1::{RegisterCell, RegisterColumn};

    use super::*;

    #[test]
    fn a_page_has_the_heads_the_names_of_people_and_what_is_masked() {
        let column = RegisterColumn { value: "creator".into(), display_name: "登记人".into() };
        let register = Register { display_name: "台账".into(), columns: vec![column], ..Register::default() };
        let row = |text: &str, masked| RegisterRow {
            cells: vec![RegisterCell { text: text.into(), masked, ..RegisterCell::default() }],
            ..RegisterRow::default()
        };
        let rows = [row("persons/1", false), row("", true)];
        assert_eq!(people(&rows).into_iter().collect::<Vec<_>>(), ["persons/1"]);
        let known: People = [("persons/1".to_owned(), "许知夏 (sales-1)".to_owned())].into_iter().collect();
        let page = page(&register, &rows, &known, true, "audit");
        let [Block::Table { head, rows }, Block::Note(_)] = page.parts[0].blocks.as_slice() else { panic!("{page:?}") };
        assert_eq!(
            (head.as_slice(), rows[0][0].as_str(), rows[1][0].as_str()),
            (["登记人".to_owned()].as_slice(), "许知夏 (sales-1)", MASKED)
        );
    }
}
