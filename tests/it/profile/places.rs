//! Where the paper is: places, what is laid into them by the effects of records, and who is told (P-09, P-10, A-36, C-29 to C-31).

use dossier_proto::profile::v1::{
    CreatePlaceRequest, DocumentCarrier, FileRecord, GetItemRequest, GetPlaceRequest, Item, ItemKind, ItemState,
    ListCustomerFilesRequest, ListItemsRequest, ListPlacesRequest, ListRecordsRequest, Place, UpdatePlaceRequest,
};
use dossier_proto::types::field_value::Value;
use dossier_proto::types::{FieldValue, Row, RowList};
use dossier_tests::on_both_stores_under;
use dossier_tests::rules::Rules;
use dossier_tests::scene::{choice, company, paper, sound};
use prost_types::FieldMask;
use tonic::{Response, Status};

use crate::prelude::*;

const KEEPER: &str = "archivist";

fn reference(name: &str) -> FieldValue {
    FieldValue { value: Some(Value::Reference(name.into())), provenance: None }
}

fn lines(things: &[(&str, &str)]) -> FieldValue {
    let row = |(at, (thing, place)): (usize, &(&str, &str))| Row {
        id: (at + 1).to_string(),
        cells: [("thing".to_owned(), reference(thing)), ("place".to_owned(), reference(place))].into(),
    };
    FieldValue {
        value: Some(Value::Rows(RowList { rows: things.iter().enumerate().map(row).collect() })),
        provenance: None,
    }
}

fn slip(kind: &str, fields: &[(&str, FieldValue)]) -> FileRecord {
    let fields = fields.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
    FileRecord { kind: kind.into(), fields, ..FileRecord::default() }
}

fn place(kind: &str, title: &str, parent: &str) -> Place {
    Place { kind: kind.into(), title: title.into(), parent: parent.into(), ..Place::default() }
}

async fn make(world: &World, subject: &str, place: Place) -> Result<Response<Place>, Status> {
    let request =
        CreatePlaceRequest { place: Some(place), request_id: world.request_id(), ..CreatePlaceRequest::default() };
    world.profile(subject).custody.create_place(request).await
}

async fn stand(world: &World, kind: &str, title: &str, parent: &str) -> String {
    make(world, KEEPER, place(kind, title, parent)).await.good().name
}

async fn seen(world: &World, name: &str) -> Place {
    world.profile(KEEPER).custody.get_place(GetPlaceRequest { name: name.into() }).await.good()
}

// A file whose paper is handed over: the list is signed by both, and waits for its last stage.
async fn handed(world: &World, file: &str, place: &str) -> String {
    let one = world.note("sales-1", file, slip("handover", &[("place", reference(place))])).await.good();
    let one = world.sign_record("sales-1", &one).await.good();
    let one = world.advance("sales-1", &one.name).await.good();
    world.sign_record(KEEPER, &one).await.good().name
}

async fn items(world: &World, subject: &str, parent: &str, filter: &str) -> Vec<Item> {
    let request = ListItemsRequest { parent: parent.into(), filter: filter.into(), ..Default::default() };
    world.profile(subject).custody.list_items(request).await.good().items
}

// The file of a customer who has not signed yet.
async fn intending(world: &World, n: u32) -> String {
    let mut file = company(n);
    file.fields.insert("cooperation_stage".into(), choice("intending"));
    world.create(&mut world.profile("sales-1"), file).await.good().name
}

on_both_stores_under! {
    Rules::of("ROOMS");

    // proves: P-10, P-106
    async fn the_archive_accepts_paper_by_a_signed_list_and_who_sees_the_file_is_told_where_it_lies(world) {
        let file = world.active(1).await.name;
        let room = stand(world, "room", "档案库房", "").await;
        let shelf = stand(world, "shelf", "三号架", &room).await;
        let before = world.read("sales-1", &file).await.good().whereabouts.unwrap();
        assert_eq!((before.state(), before.place.as_str()), (ItemState::Unspecified, ""));
        let list = handed(world, &file, &shelf).await;
        world.advance(KEEPER, &list).await.good();
        let at = world.read("sales-1", &file).await.good().whereabouts.unwrap();
        assert_eq!((at.state(), at.place.as_str(), at.place_path.join("/")), (ItemState::Kept, shelf.as_str(), "档案库房/三号架".into()));
        let listed = world.profile("sales-1").files.list_customer_files(ListCustomerFilesRequest::default()).await.good();
        assert_eq!(listed.customer_files[0].whereabouts.as_ref(), Some(&at));
        let found = items(world, "sales-1", &file, "kind = PAPER").await;
        assert_eq!((found.len(), found[0].kind(), found[0].record.as_str(), found[0].revision), (1, ItemKind::Paper, list.as_str(), 1));
        assert_eq!(items(world, "sales-1", "files/-", "state = KEPT").await, found);
        assert_eq!(items(world, "service-1", "files/-", "").await, [], "not of this unit");
        let name = found[0].name.clone();
        let get = |name: &str| GetItemRequest { name: name.into() };
        assert_eq!(world.profile("sales-1").custody.get_item(get(&name)).await.good(), found[0]);
        world.profile("service-1").custody.get_item(get(&name)).await.refused(Reason::ResourceNotFound);
        let again = handed(world, &file, &shelf).await;
        assert_eq!(world.advance(KEEPER, &again).await.refused(Reason::WrongState).metadata["state"], "KEPT");
        check::proven(world).await;
    }

    // proves: I10, P-10
    async fn items_of_all_files_are_walked_page_by_page_and_no_token_names_what_is_hidden(world) {
        let room = stand(world, "room", "档案库房", "").await;
        let shelf = stand(world, "shelf", "三号架", &room).await;
        let (mut seen, mut hidden) = (Vec::new(), Vec::new());
        for n in 1..=5 {
            let file = world.active(n).await.name;
            let list = handed(world, &file, &shelf).await;
            world.advance(KEEPER, &list).await.good();
            let item = items(world, KEEPER, &file, "").await.remove(0).name;
            if n % 2 == 0 {
                // Above the clerk from here on.
                world.classify(KEEPER, &file, "secret").await.good();
                hidden.push(item);
            } else {
                seen.push(item);
            }
        }
        assert_eq!(items(world, KEEPER, "files/-", "").await.len(), 5);
        let ask = |page_token: String, filter: &str| {
            let request = ListItemsRequest { parent: "files/-".into(), page_size: 1, page_token, filter: filter.into(), ..Default::default() };
            async move { world.profile("sales-1").custody.list_items(request).await }
        };
        let (mut found, mut token) = (Vec::new(), String::new());
        loop {
            let page = ask(token, "").await.good();
            found.extend(page.items.into_iter().map(|one| one.name));
            token = page.next_page_token;
            let told = |name: &&String| name.rsplit('/').next().is_some_and(|id| token.contains(id));
            assert_eq!(hidden.iter().find(told), None, "{token}");
            if token.is_empty() {
                break;
            }
        }
        found.sort();
        seen.sort();
        assert_eq!(found, seen);
        // Nobody chooses where a walk begins.
        let first = ask(String::new(), "").await.good().next_page_token;
        ask(first.clone(), "state = KEPT").await.refused(Reason::PageTokenInvalid);
        let place = hidden[0].rsplit('/').next().unwrap();
        ask(place.to_owned(), "").await.refused(Reason::PageTokenInvalid);
    }

    // proves: P-10
    async fn what_is_lent_is_said_to_be_out_and_by_whom_to_who_may_know_and_does_not_move(world) {
        let file = world.active(1).await.name;
        let room = stand(world, "room", "档案库房", "").await;
        let (shelf, other) = (stand(world, "shelf", "三号架", &room).await, stand(world, "shelf", "四号架", &room).await);
        let list = handed(world, &file, &shelf).await;
        world.advance(KEEPER, &list).await.good();
        let loan = world.check_out(&file, "finance-director", "").await.good();
        world.settle().await;
        let name = &file;
        let at = |subject: &'static str| async move { world.read(subject, name).await.good().whereabouts.unwrap() };
        let (staff, keeper) = (at("sales-1").await, at(KEEPER).await);
        assert_eq!((staff.lent, staff.borrower.as_str(), staff.due_time), (true, "", None));
        assert_eq!((keeper.lent, keeper.borrower, keeper.due_time), (true, world.who("finance-director").await, loan.due_time));
        let moving = world.note(KEEPER, &file, slip("moving", &[("place", reference(&other))])).await.good();
        world.advance(KEEPER, &moving.name).await.refused(Reason::OriginalOut);
        world.take_back(&loan, sound(&loan)).await.good();
        world.settle().await;
        assert!(!at("sales-1").await.lent);
        world.advance(KEEPER, &moving.name).await.good();
        assert_eq!(at("sales-1").await.place, other);
        check::proven(world).await;
    }

    // proves: P-09
    async fn a_bag_takes_as_many_files_as_it_holds_of_one_label_and_shows_their_range(world) {
        let room = stand(world, "room", "档案库房", "").await;
        let bag = Place { labels: [("cooperation_stage".to_owned(), "signed".to_owned())].into(), ..place("bag", "第一袋", &room) };
        let unlabelled = make(world, KEEPER, place("bag", "无阶段", &room)).await.refused(Reason::FieldViolation);
        assert_eq!(unlabelled.fields, ["place.labels.cooperation_stage"]);
        let bag = make(world, KEEPER, bag).await.good().name;
        let (mut files, mut lists) = (Vec::new(), Vec::new());
        for n in 1..=3 {
            files.push(world.active(n).await.name);
            lists.push(handed(world, &files[files.len() - 1], &bag).await);
        }
        let other = intending(world, 9).await;
        let stranger = handed(world, &other, &bag).await;
        let refused = world.advance(KEEPER, &stranger).await.refused(Reason::CustodyRefused);
        assert_eq!((refused.metadata["ground"].as_str(), refused.metadata["place"].as_str()), ("other_label", bag.as_str()));
        // All at once: two of three.
        let advanced = futures::future::join_all(lists.iter().map(|list| world.advance(KEEPER, list))).await;
        let (inside, outside): (Vec<_>, Vec<_>) = advanced.into_iter().zip(&files).partition(|(one, _)| one.is_ok());
        assert_eq!((inside.len(), outside.len()), (2, 1));
        for (refused, _) in outside {
            assert_eq!(refused.refused(Reason::CustodyRefused).metadata["ground"], "place_full");
        }
        let mut numbers = Vec::new();
        for (_, file) in inside {
            numbers.push(world.read(KEEPER, file).await.good().number);
        }
        numbers.sort();
        let full = seen(world, &bag).await;
        assert_eq!((full.capacity, full.item_count, vec![full.first_number, full.last_number]), (2, 2, numbers));
        check::proven(world).await;
    }

    // proves: A-36, C-29, C-30, C-31
    async fn a_valuable_goes_into_the_safe_and_out_of_it_by_three_different_hands(world) {
        let file = world.active(1).await.name;
        let room = stand(world, "room", "档案库房", "").await;
        let (safe, shelf) = (stand(world, "safe", "一号保险柜", &room).await, stand(world, "shelf", "三号架", &room).await);
        let deed = world.file_document("sales-1", &file, paper("deed", DocumentCarrier::Original, "不动产权证书")).await.good().name;
        let thing = deed.replace("/documents/", "/items/");
        // Two are not enough, whatever else the rules of the record say.
        let two = world.note("sales-1", &file, slip("two_hands", &[("lines", lines(&[(&thing, &safe)]))])).await.good();
        let two = world.sign_record("sales-1", &two).await.good();
        world.sign_record(KEEPER, &two).await.good();
        let refused = world.advance(KEEPER, &two.name).await.refused(Reason::CustodyRefused);
        assert_eq!((refused.metadata["ground"].as_str(), refused.metadata["item"].as_str()), ("hands", thing.as_str()));
        let taker = world.who("sales-manager").await;
        let fields = [("lines", lines(&[(&thing, &shelf)])), ("taker", reference(&taker))];
        let one = world.note("sales-1", &file, slip("deposit", &fields)).await.good();
        let one = world.sign_record("sales-1", &one).await.good();
        let one = world.advance("sales-1", &one.name).await.good();
        let one = three_sign(world, &one).await;
        let refused = world.advance(KEEPER, &one.name).await.refused(Reason::CustodyRefused);
        assert_eq!(refused.metadata["ground"], "place_takes_none");
        let one = world.rewrite("sales-1", &one, "lines", Some(lines(&[(&thing, &safe)]))).await.good();
        let one = three_sign(world, &one).await;
        let one = world.advance(KEEPER, &one.name).await.good();
        let kept = items(world, KEEPER, "files/-", "kind = VALUABLE").await;
        assert_eq!((kept.len(), kept[0].document.as_str(), kept[0].place.as_str()), (1, deed.as_str(), safe.as_str()));
        assert_eq!(kept[0].number, world.read(KEEPER, &file).await.good().number);
        assert_eq!(seen(world, &safe).await.item_count, 1);
        let one = three_sign(world, &one).await;
        world.advance(KEEPER, &one.name).await.good();
        let out = items(world, KEEPER, &file, "state = RELEASED").await;
        assert_eq!((out.len(), out[0].holder.as_str(), out[0].place.as_str(), out[0].revision), (1, taker.as_str(), "", 2));
        assert_eq!(seen(world, &safe).await.item_count, 0);
        check::proven(world).await;
    }

    // proves: P-10
    async fn what_moves_is_there_once_on_paper_and_all_of_a_list_moves_or_nothing(world) {
        let file = world.active(1).await.name;
        let room = stand(world, "room", "档案库房", "").await;
        let safe = stand(world, "safe", "一号保险柜", &room).await;
        let deed = world.file_document("sales-1", &file, paper("deed", DocumentCarrier::Original, "权证")).await.good().name;
        let scan = world.file_document("sales-1", &file, paper("deed", DocumentCarrier::Scan, "权证")).await.good().name;
        let (thing, picture) = (deed.replace("/documents/", "/items/"), scan.replace("/documents/", "/items/"));
        let nothing = format!("{file}/items/{}", Uuid::nil());
        for (rows, reason) in [
            (vec![(thing.as_str(), safe.as_str()), (&picture, &safe)], Reason::CustodyRefused),
            (vec![(thing.as_str(), safe.as_str()), (&thing, &safe)], Reason::FieldViolation),
            (vec![(thing.as_str(), safe.as_str()), (&nothing, &safe)], Reason::ResourceNotFound),
            (vec![(thing.as_str(), "places/00000000-0000-0000-0000-000000000001")], Reason::ResourceNotFound),
        ] {
            let one = world.note("sales-1", &file, slip("deposit", &[("lines", lines(&rows))])).await.good();
            let one = world.sign_record("sales-1", &one).await.good();
            let one = world.advance("sales-1", &one.name).await.good();
            let one = three_sign(world, &one).await;
            world.advance(KEEPER, &one.name).await.refused(reason);
        }
        assert_eq!((items(world, KEEPER, &file, "").await, seen(world, &safe).await.item_count), (vec![], 0));
        // What the archive never had is neither laid elsewhere nor given out.
        let move_it = world.note(KEEPER, &file, slip("moving", &[])).await.good();
        world.advance(KEEPER, &move_it.name).await.refused(Reason::FieldViolation);
        check::proven(world).await;
    }

    // proves: X-22
    async fn a_stocktake_opens_a_case_of_each_thing_that_is_missing_misplaced_or_unknown_to_the_archive(world) {
        let room = stand(world, "room", "档案库房", "").await;
        let (here, there) = (stand(world, "shelf", "三号架", &room).await, stand(world, "shelf", "四号架", &room).await);
        let (right, missing, misplaced, lent) =
            (world.active(1).await.name, world.active(2).await.name, world.active(3).await.name, world.active(4).await.name);
        for (file, shelf) in [(&right, &here), (&missing, &here), (&misplaced, &there), (&lent, &here)] {
            let list = handed(world, file, shelf).await;
            world.advance(KEEPER, &list).await.good();
        }
        world.check_out(&lent, "finance-director", "").await.good();
        world.settle().await;
        let unknown = world.file_document("sales-1", &right, paper("letter", DocumentCarrier::Original, "来函")).await.good().name;
        let item = |file: &str| format!("{file}/items/{}", file.trim_start_matches("files/"));
        let found = [item(&right), item(&misplaced), unknown.replace("/documents/", "/items/")];
        let rows: Vec<_> = found.iter().map(|one| (one.as_str(), here.as_str())).collect();
        let one = slip("stocktake", &[("place", reference(&here)), ("lines", lines(&rows))]);
        let one = world.note(KEEPER, &right, one).await.good();
        let one = world.advance(KEEPER, &one.name).await.good();
        let request = ListRecordsRequest { parent: right.clone(), filter: "kind = \"difference\"".into(), ..Default::default() };
        let cases = world.profile(KEEPER).records.list_records(request).await.good().records;
        let mut told = Vec::new();
        for case in &cases {
            assert_eq!(case.of, one.name);
            let case = world.read_record(KEEPER, &case.name).await.good();
            let said = |key: &str| match case.fields[key].value.clone() {
                Some(Value::Reference(name)) => name,
                Some(Value::Choice(choice)) => choice.id,
                other => panic!("{other:?}"),
            };
            told.push((said("thing"), said("finding")));
        }
        told.sort();
        let mut expected = vec![
            (item(&missing), "missing".to_owned()),
            (item(&misplaced), "misplaced".to_owned()),
            (found[2].clone(), "unexpected".to_owned()),
        ];
        expected.sort();
        assert_eq!(told, expected, "what is lent is where it should be");
        check::proven(world).await;
    }

    // proves: P-09
    async fn places_form_a_tree_of_their_kinds_and_are_for_who_keeps_them(world) {
        make(world, "sales-1", place("room", "库房", "")).await.refused(Reason::PermissionDenied);
        let room = stand(world, "room", "库房", "").await;
        for (one, field) in [
            (place("cellar", "地下室", ""), "place.kind"),
            (place("shelf", "", &room), "place.title"),
            (place("shelf", "一号架", ""), "place.parent"),
            (place("room", "库房二", &room), "place.parent"),
        ] {
            assert_eq!(make(world, KEEPER, one).await.refused(Reason::FieldViolation).fields, [field]);
        }
        make(world, KEEPER, place("room", "库房", "")).await.refused(Reason::AlreadyExists);
        let shelf = stand(world, "shelf", "一号架", &room).await;
        make(world, KEEPER, place("shelf", "一号架", &room)).await.refused(Reason::AlreadyExists);
        let inside = make(world, KEEPER, place("shelf", "二号架", &shelf)).await.refused(Reason::FieldViolation);
        assert_eq!(inside.fields, ["place.parent"]);
        let filter = format!("parent = \"{room}\"");
        let listed = ListPlacesRequest { filter, ..Default::default() };
        let found = world.profile(KEEPER).custody.list_places(listed.clone()).await.good().places;
        assert_eq!((found.len(), found[0].path.join("/")), (1, "库房/一号架".into()));
        world.profile("sales-1").custody.list_places(listed).await.refused(Reason::PermissionDenied);
        let closing = UpdatePlaceRequest {
            place: Some(Place { name: shelf.clone(), closed: true, etag: found[0].etag.clone(), ..Place::default() }),
            update_mask: Some(FieldMask { paths: vec!["closed".into()] }),
            request_id: world.request_id(),
            ..Default::default()
        };
        assert!(world.profile(KEEPER).custody.update_place(closing).await.good().closed);
        let file = world.active(1).await.name;
        let list = handed(world, &file, &shelf).await;
        assert_eq!(world.advance(KEEPER, &list).await.refused(Reason::CustodyRefused).metadata["ground"], "place_closed");
        check::proven(world).await;
    }
}

// The three sign the stage that is open.
async fn three_sign(world: &World, record: &FileRecord) -> FileRecord {
    let mut one = record.clone();
    for subject in ["sales-1", "sales-manager", KEEPER] {
        one = world.sign_record(subject, &one).await.good();
    }
    one
}
