//! Places, and papers that move into them: under the rules of ROOMS.

use dossier_proto::profile::v1::{CreatePlaceRequest, FileRecord, Item, ListItemsRequest, Place};
use dossier_proto::types::field_value::Value;
use dossier_proto::types::{FieldValue, Row, RowList};

use crate::answer::Answer;
use crate::world::World;

/// Who keeps the archive.
pub const KEEPER: &str = "archivist";

/// A field that names something.
pub fn reference(name: &str) -> FieldValue {
    FieldValue { value: Some(Value::Reference(name.into())), provenance: None }
}

/// Rows of things and the places that they go to.
pub fn lines(things: &[(&str, &str)]) -> FieldValue {
    let row = |(at, (thing, place)): (usize, &(&str, &str))| Row {
        id: (at + 1).to_string(),
        cells: [("thing".to_owned(), reference(thing)), ("place".to_owned(), reference(place))].into(),
    };
    FieldValue {
        value: Some(Value::Rows(RowList { rows: things.iter().enumerate().map(row).collect() })),
        provenance: None,
    }
}

/// A record of this kind with these fields.
pub fn slip(kind: &str, fields: &[(&str, FieldValue)]) -> FileRecord {
    let fields = fields.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
    FileRecord { kind: kind.into(), fields, ..FileRecord::default() }
}

/// The item that a document on paper is.
pub fn item_of(document: &str) -> String {
    document.replace("/documents/", "/items/")
}

/// The item that the paper of a file is.
pub fn paper_of(file: &str) -> String {
    format!("{file}/items/{}", file.trim_start_matches("files/"))
}

// === impl World ===

impl World {
    /// Makes a place.
    pub async fn stand(&self, kind: &str, title: &str, parent: &str) -> String {
        let place = Place { kind: kind.into(), title: title.into(), parent: parent.into(), ..Place::default() };
        let (place, request_id) = (Some(place), self.request_id());
        let request = CreatePlaceRequest { place, request_id, ..CreatePlaceRequest::default() };
        self.profile(KEEPER).custody.create_place(request).await.good().name
    }

    /// A file whose paper is handed over: the list is signed by both, and waits for its last stage.
    pub async fn handed(&self, file: &str, place: &str) -> String {
        let fields: &[_] = if place.is_empty() { &[] } else { &[("place", reference(place))] };
        let one = self.note("sales-1", file, slip("handover", fields)).await.good();
        let one = self.sign_record("sales-1", &one).await.good();
        let one = self.advance("sales-1", &one.name).await.good();
        self.sign_record(KEEPER, &one).await.good().name
    }

    /// The three sign the stage that is open.
    pub async fn three_sign(&self, record: &FileRecord) -> FileRecord {
        let mut one = record.clone();
        for subject in ["sales-1", "sales-manager", KEEPER] {
            one = self.sign_record(subject, &one).await.good();
        }
        one
    }

    /// Lays things of `file` into places, by three hands; the slip is signed for giving them to `taker` again, who waits.
    pub async fn deposited(&self, file: &str, things: &[(&str, &str)], taker: &str) -> FileRecord {
        let fields = [("lines", lines(things)), ("taker", reference(&self.who(taker).await))];
        let one = self.note("sales-1", file, slip("deposit", &fields)).await.good();
        let one = self.sign_record("sales-1", &one).await.good();
        let one = self.advance("sales-1", &one.name).await.good();
        let one = self.three_sign(&one).await;
        let one = self.advance(KEEPER, &one.name).await.good();
        self.three_sign(&one).await
    }

    /// The items of a file, or of all, as `subject` is told of them.
    pub async fn items(&self, subject: &str, parent: &str, filter: &str) -> Vec<Item> {
        let request = ListItemsRequest { parent: parent.into(), filter: filter.into(), ..Default::default() };
        self.profile(subject).custody.list_items(request).await.good().items
    }
}
