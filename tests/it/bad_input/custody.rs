//! Bad input of items and places.

use dossier_proto::profile::v1::{
    CreatePlaceRequest, GetItemRequest, GetPlaceRequest, ListItemsRequest, ListPlacesRequest, Place, UpdatePlaceRequest,
};
use dossier_tests::on_both_stores_under;
use dossier_tests::rules::Rules;
use prost_types::FieldMask;

use super::over::Over::{Long, Many, Number, Say};
use super::over::Table;
use crate::prelude::*;

const KEEPER: &str = "archivist";

fn places(table: &mut Table, shelf: &str) {
    let place = Place { kind: "room".into(), title: "二号库房".into(), ..Place::default() };
    let create = CreatePlaceRequest { place: Some(place), ..CreatePlaceRequest::default() };
    table
        .form("dossier.profile.v1.CustodyService/CreatePlace", KEEPER, &create)
        .mutation()
        .named("place.kind", Say("cellar"))
        .named("place.title", Say(""))
        .named("place.title", Long(61))
        .named("place.parent", Say("places/7"))
        .named("place.parent", Say("shelves/7"));
    let closing = Place { name: shelf.into(), closed: true, ..Place::default() };
    let mask = FieldMask { paths: vec!["closed".into()] };
    let update = UpdatePlaceRequest { place: Some(closing), update_mask: Some(mask), ..UpdatePlaceRequest::default() };
    table
        .form("dossier.profile.v1.CustodyService/UpdatePlace", KEEPER, &update)
        .mutation()
        .fault("update_mask.paths", Many(0), "update_mask")
        .named("place.name", Say("places/7"));
    table
        .form("dossier.profile.v1.CustodyService/GetPlace", KEEPER, &GetPlaceRequest { name: shelf.into() })
        .named("name", Say("places/7"));
    table
        .form("dossier.profile.v1.CustodyService/ListPlaces", KEEPER, &ListPlacesRequest::default())
        .named("filter", Say("parent = \"room\""))
        .named("order_by", Say("colour"))
        .named("page_size", Number(-1));
}

fn items(table: &mut Table, file: &str) {
    let id = file.trim_start_matches("files/");
    let get = GetItemRequest { name: format!("{file}/items/{id}") };
    table.form("dossier.profile.v1.CustodyService/GetItem", "sales-1", &get).named("name", Say("files/7/items/8"));
    let list = ListItemsRequest { parent: file.to_owned(), ..ListItemsRequest::default() };
    table
        .form("dossier.profile.v1.CustodyService/ListItems", "sales-1", &list)
        .named("parent", Say("files/7"))
        .named("filter", Say("place = \"shelf\""))
        .named("order_by", Say("colour"))
        .named("page_size", Number(-1));
}

on_both_stores_under! {
    Rules::of("ROOMS");

    // proves: P-09, P-10
    async fn what_is_wrong_with_a_place_or_an_item_is_named(world) {
        let make = |place: Place| CreatePlaceRequest { place: Some(place), request_id: world.request_id(), ..CreatePlaceRequest::default() };
        let mut keeper = world.profile(KEEPER).custody;
        let room = Place { kind: "room".into(), title: "库房".into(), ..Place::default() };
        let room = keeper.create_place(make(room)).await.good().name;
        let shelf = Place { kind: "shelf".into(), title: "一号架".into(), parent: room.clone(), ..Place::default() };
        let shelf = keeper.create_place(make(shelf)).await.good().name;
        let file = world.active(1).await.name;
        let slip = dossier_proto::profile::v1::FileRecord { kind: "handover".into(), ..Default::default() };
        let one = world.note("sales-1", &file, slip).await.good();
        let one = world.sign_record("sales-1", &one).await.good();
        let one = world.advance("sales-1", &one.name).await.good();
        let one = world.sign_record(KEEPER, &one).await.good();
        world.advance(KEEPER, &one.name).await.good();
        let mut table = Table::new(Which::Profile);
        places(&mut table, &shelf);
        items(&mut table, &file);
        assert!(table.refuse(world).await > 6);
    }
}
