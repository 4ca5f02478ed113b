//! Bad input of batches and marks of files that came from elsewhere; what is wrong in a stream is shown where streams are.

use dossier_proto::profile::v1::{
    GetImportBatchRequest, GetImportMarkRequest, ListImportBatchesRequest, TakeBackImportBatchRequest,
};
use dossier_tests::scene::parcel;

use super::over::Over::{Number, Say};
use super::over::Table;
use crate::prelude::*;

/// The requests about a batch, each with what can be wrong with it.
pub(super) async fn bringing(world: &World, table: &mut Table) {
    let batch = world.a_batch("spring-2026");
    let who = world.person(DEMO, "archivist");
    let (told, fault) = world.bring_in(who, &batch, parcel(777, "k"), false).await;
    assert!(fault.is_none() && !told[0].file.is_empty(), "{told:?} {fault:?}");
    let back = TakeBackImportBatchRequest {
        name: batch.name.clone(),
        reason: "对照表有误".into(),
        ..TakeBackImportBatchRequest::default()
    };
    table
        .form("dossier.profile.v1.TransferService/TakeBackImportBatch", "archivist", &back)
        .mutation()
        .named("name", Say("importBatches/7"));
    let get = GetImportBatchRequest { name: batch.name.clone() };
    table
        .form("dossier.profile.v1.TransferService/GetImportBatch", "archivist", &get)
        .named("name", Say("importBatches/7"));
    let list = ListImportBatchesRequest::default();
    table
        .form("dossier.profile.v1.TransferService/ListImportBatches", "archivist", &list)
        .named("order_by", Say("colour"))
        .named("page_size", Number(-1));
    let mark =
        GetImportMarkRequest { name: told[0].file.clone(), purpose: "customer_service".into(), ..Default::default() };
    table
        .form("dossier.profile.v1.TransferService/GetImportMark", "archivist", &mark)
        .named("name", Say("duties/7"))
        .named("purpose", Say(""))
        .named("reading_place", Say("moon"));
}
