//! Registers, statistics and templates: each field at fault is named, and nothing is written.

use dossier_proto::profile::v1::{
    EvaluateDispositionRequest, GetDisposalCertificateRequest, GetDisposalRequest, GetHoldRequest,
    GetStatisticsRequest, GetTemplateRequest, ListDisposalsRequest, ListDueFilesRequest, ListFileNumbersRequest,
    ListHoldsRequest, ListRegisterRowsRequest, ListRegistersRequest, ListTemplatesRequest, ValidateIdentifierRequest,
    VoidFileNumberRequest,
};

use super::over::Over::{Long, Number, Say};
use super::over::Table;
use crate::prelude::*;

/// Registers and statistics, under the pack of three kinds of file.
pub(super) fn registers(table: &mut Table) {
    table
        .form("dossier.profile.v1.RegisterService/ListRegisters", "sales-1", &ListRegistersRequest::default())
        .named("order_by", Say("colour"))
        .named("page_size", Number(-1));
    let (parent, purpose) = ("registers/complaints".to_owned(), "customer_service".to_owned());
    let rows = ListRegisterRowsRequest { parent, purpose, ..ListRegisterRowsRequest::default() };
    table
        .form("dossier.profile.v1.RegisterService/ListRegisterRows", "sales-1", &rows)
        .named("parent", Say("complaints"))
        .named("parent", Say("statistics/complaints"))
        .named("order_by", Say("colour"))
        .named("page_size", Number(-1))
        .named("purpose", Say(""))
        .named("purpose", Say("curiosity"))
        .named("reading_place", Say("cellar"));
    let (start_date, end_date) = ("2026-01-01".to_owned(), "2026-12-31".to_owned());
    let count = GetStatisticsRequest { name: "statistics/complaints_by_kind".into(), start_date, end_date };
    table
        .form("dossier.profile.v1.RegisterService/GetStatistics", "archivist", &count)
        .named("name", Say("registers/complaints_by_kind"))
        .named("start_date", Say("1 January"))
        .named("start_date", Say("1899-12-31"))
        .named("end_date", Say("2026-2-30"))
        .named("end_date", Say("2025-12-31"))
        .named("end_date", Say("2031-01-01"));
}

/// What is due, and what holds it.
pub(super) fn disposition(table: &mut Table) {
    let (file, hold) = (Uuid::from_u128(0x7777), Uuid::from_u128(0x7778));
    let evaluate = EvaluateDispositionRequest { name: format!("files/{file}") };
    table
        .form("dossier.profile.v1.DispositionService/EvaluateDisposition", "archivist", &evaluate)
        .named("name", Say("files/-"))
        .named("name", Say(""))
        .named("name", Long(80));
    table
        .form("dossier.profile.v1.DispositionService/ListDueFiles", "archivist", &ListDueFilesRequest::default())
        .named("order_by", Say("name desc"))
        .named("page_size", Number(-1));
    let get = GetHoldRequest { name: format!("files/{file}/holds/{hold}") };
    table
        .form("dossier.profile.v1.DispositionService/GetHold", "archivist", &get)
        .named("name", Say("files/-/holds/-"))
        .named("name", Say(""))
        .named("name", Long(160));
    let list = ListHoldsRequest { parent: "files/-".into(), ..ListHoldsRequest::default() };
    table
        .form("dossier.profile.v1.DispositionService/ListHolds", "archivist", &list)
        .named("parent", Say("files"))
        .named("parent", Say(""))
        .named("order_by", Say("colour"))
        .named("page_size", Number(-1));
    let get = GetDisposalRequest { name: format!("disposals/{file}") };
    table
        .form("dossier.profile.v1.DispositionService/GetDisposal", "archivist", &get)
        .named("name", Say("disposals/-"))
        .named("name", Say(""))
        .named("name", Long(160));
    let certify = GetDisposalCertificateRequest { name: format!("disposals/{file}") };
    table
        .form("dossier.profile.v1.DispositionService/GetDisposalCertificate", "archivist", &certify)
        .named("name", Say("disposals/-"))
        .named("name", Say(""))
        .named("name", Long(160));
    table
        .form("dossier.profile.v1.DispositionService/ListDisposals", "archivist", &ListDisposalsRequest::default())
        .named("order_by", Say("colour"))
        .named("page_size", Number(-1));
}

/// Templates and numbers that are checked.
pub(super) fn templates(table: &mut Table) {
    let get = GetTemplateRequest { name: "templates/customer_core".into(), version: 0 };
    table
        .form("dossier.profile.v1.TemplateService/GetTemplate", "sales-1", &get)
        .named("name", Say("customer_core"))
        .named("name", Long(80));
    table
        .form("dossier.profile.v1.TemplateService/ListTemplates", "sales-1", &ListTemplatesRequest::default())
        .named("page_size", Number(-1));
    let check = ValidateIdentifierRequest { kind: 1, value: "11010519491231002X".into() };
    table
        .form("dossier.profile.v1.TemplateService/ValidateIdentifier", "sales-1", &check)
        .named("value", Long(65))
        .named("value", Say(""))
        .named("kind", Number(99))
        .named("kind", Number(0));
    table
        .form("dossier.profile.v1.NumberService/ListFileNumbers", "archivist", &ListFileNumbersRequest::default())
        .named("order_by", Say("colour"))
        .named("page_size", Number(-1));
    let void = VoidFileNumberRequest {
        number: "KH-2026-00001".into(),
        series: "KH-2026-{seq}".into(),
        reason: "x".into(),
        ..VoidFileNumberRequest::default()
    };
    table
        .form("dossier.profile.v1.NumberService/VoidFileNumber", "archivist", &void)
        .mutation()
        .named("reason", Say(""))
        .named("number", Long(80))
        .named("series", Say(""));
}
