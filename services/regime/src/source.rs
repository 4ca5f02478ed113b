//! Where the texts come from: two directories, or the files shipped with the program.

use std::path::{Path, PathBuf};

use crate::fault::{Fault, Severity};

/// The texts of one set of rules, before anything is read.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Packs, `*.yaml`.
    pub packs: Vec<Source>,
    /// Templates, `*.yaml`.
    pub templates: Vec<Source>,
    /// Calendars, `*.csv`.
    pub calendars: Vec<Source>,
    /// Organisation files, `*.yaml`.
    pub organisations: Vec<Source>,
}

/// One file.
#[derive(Clone, Debug)]
pub struct Source {
    /// Name used in faults.
    pub file: String,
    /// Content; must be UTF-8.
    pub bytes: Vec<u8>,
}

/// The packs that the shipped organisations live under.
const SERVED: [&str; 2] = ["regimes/R36.yaml", "regimes/R39.yaml"];

// === impl Sources ===

impl Sources {
    /// Reads `regimes/*.yaml`, `regimes/templates/*.yaml`, `organisations/*.yaml` and, beside the regimes,
    /// `calendars/*.csv`. What cannot be read is a fault, and so is a directory that is not there, or that holds no pack or no
    /// organisation: nobody could be served.
    pub fn from_dirs(regimes: &Path, organisations: &Path, faults: &mut Vec<Fault>) -> Self {
        let calendars = regimes.parent().unwrap_or(Path::new("")).join("calendars");
        Self {
            packs: some(regimes, faults),
            templates: files(&regimes.join("templates"), "yaml", faults),
            calendars: files(&calendars, "csv", faults),
            organisations: some(organisations, faults),
        }
    }

    /// What serves where nothing is configured: the organisations of the [`library`](Self::library), and the packs that they live under.
    pub fn shipped() -> Self {
        let all = Self::library();
        let packs = all.packs.into_iter().filter(|one| SERVED.contains(&one.file.as_str())).collect();
        Self { packs, ..all }
    }

    /// The files of `deploy/` as they were when the program was built: the rule books that are carried, each to be extended or played
    /// as a scenario.
    pub fn library() -> Self {
        macro_rules! shipped {
            ($($file:literal),*) => {
                vec![$(Source {
                    file: $file.to_owned(),
                    bytes: include_bytes!(concat!("../../../deploy/", $file)).to_vec(),
                }),*]
            };
        }
        Self {
            packs: shipped![
                "regimes/R01.yaml",
                "regimes/R02.yaml",
                "regimes/R03.yaml",
                "regimes/R04.yaml",
                "regimes/R05.yaml",
                "regimes/R06.yaml",
                "regimes/R07.yaml",
                "regimes/R09.yaml",
                "regimes/R10.yaml",
                "regimes/R11.yaml",
                "regimes/R12.yaml",
                "regimes/R13.yaml",
                "regimes/R14.yaml",
                "regimes/R15.yaml",
                "regimes/R16.yaml",
                "regimes/R17.yaml",
                "regimes/R18.yaml",
                "regimes/R19.yaml",
                "regimes/R20.yaml",
                "regimes/R22.yaml",
                "regimes/R23.yaml",
                "regimes/R24.yaml",
                "regimes/R26.yaml",
                "regimes/R30.yaml",
                "regimes/R32.yaml",
                "regimes/R33.yaml",
                "regimes/R34.yaml",
                "regimes/R35.yaml",
                "regimes/R36.yaml",
                "regimes/R37.yaml",
                "regimes/R38.yaml",
                "regimes/R39.yaml",
                "regimes/base-credit.yaml",
                "regimes/base-secrecy.yaml",
                "regimes/base.yaml"
            ],
            templates: shipped![
                "regimes/templates/account_opening_evidence.yaml",
                "regimes/templates/account_opening_file.yaml",
                "regimes/templates/account_opening_registration.yaml",
                "regimes/templates/allocation.yaml",
                "regimes/templates/annual_report.yaml",
                "regimes/templates/annual_review_report.yaml",
                "regimes/templates/archive_ledger.yaml",
                "regimes/templates/archived_document.yaml",
                "regimes/templates/archiving_entry.yaml",
                "regimes/templates/archiving_registration.yaml",
                "regimes/templates/arrears_record.yaml",
                "regimes/templates/audit_finding.yaml",
                "regimes/templates/behaviour_and_evaluation.yaml",
                "regimes/templates/building_customer_file.yaml",
                "regimes/templates/building_register.yaml",
                "regimes/templates/car_sales_customer_card.yaml",
                "regimes/templates/card_enrichment.yaml",
                "regimes/templates/category_catalogue.yaml",
                "regimes/templates/category_file.yaml",
                "regimes/templates/certificate_slip.yaml",
                "regimes/templates/change_request.yaml",
                "regimes/templates/classified_customer_file.yaml",
                "regimes/templates/collation_plan.yaml",
                "regimes/templates/collection_inspection.yaml",
                "regimes/templates/commendation.yaml",
                "regimes/templates/commitments.yaml",
                "regimes/templates/communication.yaml",
                "regimes/templates/communication_record.yaml",
                "regimes/templates/competitor_profile.yaml",
                "regimes/templates/complaint_record.yaml",
                "regimes/templates/consent_record.yaml",
                "regimes/templates/consultation_request.yaml",
                "regimes/templates/contract_dossier.yaml",
                "regimes/templates/contract_terms_record.yaml",
                "regimes/templates/contract_transfer.yaml",
                "regimes/templates/corporate_record.yaml",
                "regimes/templates/correspondence.yaml",
                "regimes/templates/credit_admin_qualification.yaml",
                "regimes/templates/credit_application.yaml",
                "regimes/templates/credit_assessment_report.yaml",
                "regimes/templates/credit_decision.yaml",
                "regimes/templates/credit_file_composition.yaml",
                "regimes/templates/credit_form.yaml",
                "regimes/templates/credit_grant.yaml",
                "regimes/templates/credit_investigation_report.yaml",
                "regimes/templates/customer_change.yaml",
                "regimes/templates/customer_consent.yaml",
                "regimes/templates/customer_core.yaml",
                "regimes/templates/customer_credit_set.yaml",
                "regimes/templates/customer_dynamics.yaml",
                "regimes/templates/customer_inquiry.yaml",
                "regimes/templates/customer_intake.yaml",
                "regimes/templates/customer_note.yaml",
                "regimes/templates/customer_service_set.yaml",
                "regimes/templates/customer_survey_form.yaml",
                "regimes/templates/data_check.yaml",
                "regimes/templates/data_use.yaml",
                "regimes/templates/dealer_card.yaml",
                "regimes/templates/dealer_card_sales.yaml",
                "regimes/templates/dealer_code_feedback.yaml",
                "regimes/templates/dealer_portal_feedback.yaml",
                "regimes/templates/delivery_finance.yaml",
                "regimes/templates/delivery_round.yaml",
                "regimes/templates/delivery_sales.yaml",
                "regimes/templates/delivery_service.yaml",
                "regimes/templates/departed_sorting.yaml",
                "regimes/templates/department.yaml",
                "regimes/templates/department_contract.yaml",
                "regimes/templates/destruction_register.yaml",
                "regimes/templates/disclosure_record.yaml",
                "regimes/templates/dispute_record.yaml",
                "regimes/templates/document.yaml",
                "regimes/templates/document_receipt.yaml",
                "regimes/templates/emergency_plan.yaml",
                "regimes/templates/enterprise_customer_card.yaml",
                "regimes/templates/erasure_request.yaml",
                "regimes/templates/estate_checklist.yaml",
                "regimes/templates/estate_daily_file.yaml",
                "regimes/templates/estate_decoration_file.yaml",
                "regimes/templates/estate_owner_file.yaml",
                "regimes/templates/estate_tenant_file.yaml",
                "regimes/templates/event_customer_form.yaml",
                "regimes/templates/event_participant_form.yaml",
                "regimes/templates/event_record.yaml",
                "regimes/templates/feedback_record.yaml",
                "regimes/templates/file_establishment.yaml",
                "regimes/templates/filed_paper.yaml",
                "regimes/templates/first_deal.yaml",
                "regimes/templates/follow_up_visit.yaml",
                "regimes/templates/german_credit_applicant.yaml",
                "regimes/templates/goods_release.yaml",
                "regimes/templates/guarantee_record.yaml",
                "regimes/templates/health_survey_form.yaml",
                "regimes/templates/health_survey_open.yaml",
                "regimes/templates/household_file.yaml",
                "regimes/templates/in_volume_list.yaml",
                "regimes/templates/incident.yaml",
                "regimes/templates/individual_profile_63.yaml",
                "regimes/templates/individual_profile_66.yaml",
                "regimes/templates/inspection_record.yaml",
                "regimes/templates/interior_decoration_file.yaml",
                "regimes/templates/internal_audit.yaml",
                "regimes/templates/it_support_case.yaml",
                "regimes/templates/keeper_qualification.yaml",
                "regimes/templates/leaver_clearance.yaml",
                "regimes/templates/leaving_handover.yaml",
                "regimes/templates/letter_of_authorisation.yaml",
                "regimes/templates/liability_case.yaml",
                "regimes/templates/licence_copy.yaml",
                "regimes/templates/licence_inspection.yaml",
                "regimes/templates/lifecycle_customer_file.yaml",
                "regimes/templates/loan_guarantee_project_file.yaml",
                "regimes/templates/loan_record.yaml",
                "regimes/templates/loss_case.yaml",
                "regimes/templates/major_matter.yaml",
                "regimes/templates/market_information.yaml",
                "regimes/templates/marketing_customer_card.yaml",
                "regimes/templates/marketing_customer_file.yaml",
                "regimes/templates/meeting_minutes.yaml",
                "regimes/templates/missing_papers.yaml",
                "regimes/templates/mixed_building_customer_file.yaml",
                "regimes/templates/monthly_delivery.yaml",
                "regimes/templates/move_in_record.yaml",
                "regimes/templates/office_tenant_file.yaml",
                "regimes/templates/operating_procedures.yaml",
                "regimes/templates/order_check.yaml",
                "regimes/templates/originals_checklist.yaml",
                "regimes/templates/paper_addition.yaml",
                "regimes/templates/paper_destruction.yaml",
                "regimes/templates/payment_risk_record.yaml",
                "regimes/templates/pharma_customer_file.yaml",
                "regimes/templates/preservation_notice.yaml",
                "regimes/templates/project_arrangement.yaml",
                "regimes/templates/project_end.yaml",
                "regimes/templates/project_handover.yaml",
                "regimes/templates/property_daily_file.yaml",
                "regimes/templates/property_decoration_file.yaml",
                "regimes/templates/property_owner_file.yaml",
                "regimes/templates/property_tenant_file.yaml",
                "regimes/templates/purchase_record.yaml",
                "regimes/templates/purchased_credit_report.yaml",
                "regimes/templates/qms_31301.yaml",
                "regimes/templates/qms_31302.yaml",
                "regimes/templates/qms_31303.yaml",
                "regimes/templates/qms_31304.yaml",
                "regimes/templates/qms_31305.yaml",
                "regimes/templates/qms_31306.yaml",
                "regimes/templates/qms_31307.yaml",
                "regimes/templates/qms_31308.yaml",
                "regimes/templates/qms_31309.yaml",
                "regimes/templates/qms_31310.yaml",
                "regimes/templates/qms_31311.yaml",
                "regimes/templates/qms_31312.yaml",
                "regimes/templates/qms_31313.yaml",
                "regimes/templates/qms_31314.yaml",
                "regimes/templates/qms_31315.yaml",
                "regimes/templates/qms_31316.yaml",
                "regimes/templates/qms_31317.yaml",
                "regimes/templates/qms_31318.yaml",
                "regimes/templates/qms_forms.yaml",
                "regimes/templates/quality_tracking.yaml",
                "regimes/templates/quarterly_refresh.yaml",
                "regimes/templates/receivable_notice.yaml",
                "regimes/templates/regime_review.yaml",
                "regimes/templates/registry_check.yaml",
                "regimes/templates/relationship_record.yaml",
                "regimes/templates/repair_request.yaml",
                "regimes/templates/repair_shop_vehicle.yaml",
                "regimes/templates/repair_slip.yaml",
                "regimes/templates/report_analysis.yaml",
                "regimes/templates/research_form.yaml",
                "regimes/templates/research_open.yaml",
                "regimes/templates/return_visit.yaml",
                "regimes/templates/room_check.yaml",
                "regimes/templates/sales_customer_file.yaml",
                "regimes/templates/sanction_by_gravity.yaml",
                "regimes/templates/sanction_case.yaml",
                "regimes/templates/sanction_fine.yaml",
                "regimes/templates/satisfaction_report.yaml",
                "regimes/templates/satisfaction_survey.yaml",
                "regimes/templates/seal_comparison.yaml",
                "regimes/templates/secrecy_pledge.yaml",
                "regimes/templates/service_cover.yaml",
                "regimes/templates/service_credit_report.yaml",
                "regimes/templates/service_customer_file.yaml",
                "regimes/templates/service_paper.yaml",
                "regimes/templates/shelving.yaml",
                "regimes/templates/signed_document.yaml",
                "regimes/templates/standard_reply.yaml",
                "regimes/templates/statistics_report.yaml",
                "regimes/templates/stock_difference.yaml",
                "regimes/templates/stocktake.yaml",
                "regimes/templates/supplement.yaml",
                "regimes/templates/survey_cover.yaml",
                "regimes/templates/tenant_departure.yaml",
                "regimes/templates/tenant_name_change.yaml",
                "regimes/templates/training_session.yaml",
                "regimes/templates/training_with_commitments.yaml",
                "regimes/templates/transfer_extension.yaml",
                "regimes/templates/unit_file.yaml",
                "regimes/templates/unit_tenant_file.yaml",
                "regimes/templates/valuable_certificate.yaml",
                "regimes/templates/vehicle_change.yaml",
                "regimes/templates/vehicle_file.yaml",
                "regimes/templates/vehicle_filing.yaml",
                "regimes/templates/vehicle_repair.yaml",
                "regimes/templates/violation_record.yaml",
                "regimes/templates/volume_and_page.yaml",
                "regimes/templates/volume_closing.yaml",
                "regimes/templates/working_change.yaml"
            ],
            calendars: shipped!["calendars/cn-statutory.csv"],
            organisations: shipped!["organisations/demo.yaml", "organisations/meridian.yaml"],
        }
    }
}

// === impl Source ===

impl Source {
    /// Its text; malformed UTF-8 is a fault that names the offset.
    pub(crate) fn text(&self, faults: &mut Vec<Fault>) -> Option<&str> {
        match std::str::from_utf8(&self.bytes) {
            Ok(text) => Some(text),
            Err(broken) => {
                let offset = broken.valid_up_to();
                let line = 1 + self.bytes.iter().take(offset).filter(|byte| **byte == b'\n').count();
                faults.push(fault(&self.file, line, format!("malformed UTF-8 at byte {offset}")));
                None
            }
        }
    }
}

/// Largest file read; a rule book is a few dozen kilobytes.
const LARGEST: u64 = 4 << 20;

fn some(dir: &Path, faults: &mut Vec<Fault>) -> Vec<Source> {
    let before = faults.len();
    let found = files(dir, "yaml", faults);
    if found.is_empty() && faults.len() == before {
        faults.push(fault(&dir.display().to_string(), 0, "the directory holds no *.yaml".to_owned()));
    }
    found
}

fn files(dir: &Path, extension: &str, faults: &mut Vec<Fault>) -> Vec<Source> {
    let mut paths = match std::fs::read_dir(dir) {
        Ok(entries) => entries.filter_map(Result::ok).map(|entry| entry.path()).collect::<Vec<PathBuf>>(),
        Err(error) => {
            faults.push(fault(
                &dir.display().to_string(),
                0,
                format!("the directory cannot be read: {}", error.kind()),
            ));
            return Vec::new();
        }
    };
    paths.retain(|path| path.extension().is_some_and(|one| one == extension));
    paths.sort();
    paths.iter().filter_map(|path| read(path, faults)).collect()
}

fn read(path: &Path, faults: &mut Vec<Fault>) -> Option<Source> {
    let file = path.display().to_string();
    let size = std::fs::metadata(path).map(|data| data.len());
    let bytes = match size {
        Ok(size) if size > LARGEST => {
            faults.push(fault(&file, 0, format!("the file has {size} bytes; {LARGEST} are the most")));
            return None;
        }
        Ok(_) => std::fs::read(path),
        Err(error) => Err(error),
    };
    match bytes {
        Ok(bytes) => Some(Source { file, bytes }),
        Err(error) => {
            faults.push(fault(&file, 0, format!("the file cannot be read: {}", error.kind())));
            None
        }
    }
}

fn fault(file: &str, line: usize, sentence: String) -> Fault {
    Fault { file: file.to_owned(), line, path: String::new(), sentence, severity: Severity::Error }
}
