//! Registers: what a line tells without being opened, and the texts in which a register leaves (P-111).

pub mod filed;

use dossier_kernel::error::{Error, Missing, Reason, Result};
use dossier_kernel::name::name;
use dossier_kernel::printed::form::MASKED;
use dossier_regime::{Register, Told, When};
use serde_json::{Map, Value};

use super::customer_file::{CustomerFile, Weights};
use super::fact;
use filed::Filed;

/// The member of an exported object that says what has the line; no field begins like it.
const OWN_NAME: &str = "@name";

/// A cell of a line.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Cell {
    /// The value as it is kept.
    pub value: String,
    /// The same for people.
    pub text: String,
    /// Whether the reader is not shown what stands there.
    pub masked: bool,
}

// === impl Cell ===

impl Cell {
    /// One that is not shown.
    pub fn masked() -> Self {
        Self { masked: true, ..Self::default() }
    }
}

impl std::fmt::Debug for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cell").field("masked", &self.masked).finish_non_exhaustive()
    }
}

/// The id in `COLLECTION/{id}` of something that the pack lists.
///
/// # Errors
/// A violation of `field`.
pub fn id<'n>(field: &str, collection: &str, text: &'n str) -> Result<&'n str> {
    let id = text.strip_prefix(collection).and_then(|rest| rest.strip_prefix('/'));
    let id = id.filter(|id| super::text::is_label(id));
    id.ok_or_else(|| Error::violation(field, format!("must have the form `{collection}/{{id}}`")))
}

/// `registers/{id}`.
pub fn register_name(id: &str) -> String {
    format!("registers/{id}")
}

/// `statistics/{id}`.
pub fn statistic_name(id: &str) -> String {
    format!("statistics/{id}")
}

/// Refuses whoever holds none of `posts`, by which a register or a statistic is read.
///
/// # Errors
/// `PERMISSION_DENIED`.
pub fn require_reader(posts: &[String], holds: impl Fn(&str) -> bool, action: &'static str) -> Result<()> {
    if posts.iter().any(|post| holds(post)) {
        return Ok(());
    }
    Err(Error::new(Reason::PermissionDenied).with("action", action))
}

/// The refusal for a register that the pack does not have.
pub fn no_register(name: &str) -> Error {
    Error::missing(Missing::Register, super::text::echo(name))
}

/// The refusal for a statistic that the pack does not have.
pub fn no_statistic(name: &str) -> Error {
    Error::missing(Missing::Statistics, super::text::echo(name))
}

/// A part of a file by its name in packs; `None`: it has none, or there is no such part.
pub fn file_part(file: &CustomerFile, part: &str) -> Option<String> {
    match part {
        "number" => file.number.clone(),
        "customer_number" => file.customer_number.clone(),
        "unit" => Some(file.unit.clone()),
        "custodian" => file.custodian.map(|person| name("persons", person)),
        "state" => Some(file.state.as_str().to_owned()),
        "creator" => Some(name("persons", file.creator)),
        "create_time" => Some(file.created.to_string()),
        "activate_time" => file.activated.map(|at| at.to_string()),
        "close_time" => file.closed.map(|at| at.to_string()),
        "completeness" => Some(percent(file.weights)),
        _ => fact::fact_of(file, part),
    }
}

/// Whether a part is a moment.
pub fn is_moment(part: &str) -> bool {
    part.ends_with("_time") || part.starts_with("entered.")
}

fn percent(weights: Weights) -> String {
    let part = weights.filled.saturating_mul(100);
    part.checked_div(weights.applicable).map_or_else(|| "100".to_owned(), |percent| percent.to_string())
}

/// Whether a file, or something in one, has a line: all of `filter` holds, and what is void is asked for by its state. `plain` knows
/// the fields that are stored in clear, and no other.
pub fn has_line(filter: &When, own: Option<&Filed>, plain: impl Fn(&str) -> Option<String>) -> bool {
    let void = own.is_some_and(Filed::is_void);
    (!void || filter.contains_key("state")) && fact::hold(filter, plain)
}

/// The part that `told` names, of a line.
pub fn part(told: Told<'_>, file: &CustomerFile, own: Option<&Filed>) -> Option<String> {
    match told {
        Told::File(of) => file_part(file, of),
        Told::Record(of) | Told::Document(of) | Told::Latest { of, .. } => own?.part(of),
        Told::Item(_) => None,
    }
}

/// The head of an exported table: a byte order mark, without which spreadsheets misread the texts, and the labels.
pub fn csv_head(register: &Register) -> Vec<u8> {
    let mut bytes = "\u{feff}".as_bytes().to_vec();
    bytes.extend(csv_line(register.columns.iter().map(|column| column.label.as_str())));
    bytes
}

/// A line of an exported table.
pub fn csv_cells(cells: &[Cell]) -> Vec<u8> {
    csv_line(cells.iter().map(|cell| if cell.masked { MASKED } else { cell.text.as_str() }))
}

fn csv_line<'c>(cells: impl Iterator<Item = &'c str>) -> Vec<u8> {
    let mut line = String::new();
    for (at, cell) in cells.enumerate() {
        line.push_str(if at > 0 { "," } else { "" });
        line.push('"');
        line.push_str(&inert(cell).replace('"', "\"\""));
        line.push('"');
    }
    line.push_str("\r\n");
    line.into_bytes()
}

/// A cell that no spreadsheet takes for a formula.
fn inert(cell: &str) -> std::borrow::Cow<'_, str> {
    let computes = cell.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r', '\n']);
    if computes { format!("'{cell}").into() } else { cell.into() }
}

/// A line of an export as a JSON object: its own name, then its columns by what they tell, masked ones as null.
pub fn json_line(name: &str, register: &Register, cells: &[Cell]) -> Vec<u8> {
    let value = |cell: &Cell| if cell.masked { Value::Null } else { Value::String(cell.value.clone()) };
    let columns = register.columns.iter().map(|column| column.value.clone()).zip(cells.iter().map(value));
    let own = (OWN_NAME.to_owned(), Value::String(name.to_owned()));
    let object: Map<String, Value> = std::iter::once(own).chain(columns).collect();
    let mut line = Value::Object(object).to_string().into_bytes();
    line.push(b'\n');
    line
}

#[cfg(test)]
mod tests {
    use dossier_regime::RegisterColumn;

    use super::*;

    fn cell(text: &str) -> Cell {
        Cell { value: text.into(), text: text.into(), masked: false }
    }

    fn register() -> Register {
        let column = |label: &str, value: &str| RegisterColumn { label: label.into(), value: value.into() };
        Register { columns: vec![column("编号", "number"), column("=名称", "name")], ..Register::default() }
    }

    // proves: P-111
    #[test]
    fn no_cell_of_an_exported_table_is_a_formula() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "＝1", "＋1", "－1", "＠x"] {
            let line = String::from_utf8(csv_cells(&[cell(formula)])).unwrap();
            assert_eq!(line, format!("\"'{formula}\"\r\n"));
        }
        let line =
            String::from_utf8(csv_cells(&[cell("a=1"), cell("say \"x\", y"), Cell::masked(), cell("")])).unwrap();
        assert_eq!(line, "\"a=1\",\"say \"\"x\"\", y\",\"＊＊＊\",\"\"\r\n");
        let head = String::from_utf8(csv_head(&register())).unwrap();
        assert_eq!(head, "\u{feff}\"编号\",\"'=名称\"\r\n");
    }

    // proves: P-111
    #[test]
    fn a_line_in_json_has_the_values_as_they_are_kept() {
        let line = json_line("files/1", &register(), &[cell("=1"), Cell::masked()]);
        assert_eq!(String::from_utf8(line).unwrap(), "{\"@name\":\"files/1\",\"number\":\"=1\",\"name\":null}\n");
    }

    #[test]
    fn names_have_their_collection_in_front() {
        assert_eq!(id("parent", "registers", "registers/ledger").unwrap(), "ledger");
        for wrong in ["ledger", "registers/", "statistics/ledger", "registers/a b", "registers/a/b"] {
            assert_eq!(id("parent", "registers", wrong).unwrap_err().violations()[0].field, "parent", "{wrong}");
        }
    }
}
