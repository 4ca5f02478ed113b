//! Everything that profile tells somebody, asked for once: one file and one record, every list with each of its conditions,
//! searches, registers, duties, the journal. Statistics are not among it: they read all of their kind by design, since what
//! decides lies in contents.

use dossier_proto::duty::v1::ListDutiesRequest;
use dossier_proto::duty::v1::duty_service_client::DutyServiceClient;
use dossier_proto::journal::v1::ListEntriesRequest;
use dossier_proto::journal::v1::journal_service_client::JournalServiceClient;
use dossier_proto::profile::v1::customer_file_service_client::CustomerFileServiceClient as Files;
use dossier_proto::profile::v1::number_service_client::NumberServiceClient;
use dossier_proto::profile::v1::record_service_client::RecordServiceClient as Records;
use dossier_proto::profile::v1::register_service_client::RegisterServiceClient as Registers;
use dossier_proto::profile::v1::*;
use tonic::transport::Channel;

use crate::bulk;
use crate::ground::{Result, Service};
use crate::rules::REGISTER;
use crate::scene::{Scene, given};
use crate::stand::Stand;

/// Who reads: a salesman, the general manager, whose standing is the organisation, and the director who sees all numbers.
const READERS: [&str; 3] = ["sales-1", "gm", "office-director"];
const PURPOSE: &str = "customer_service";

/// Everything that is read, and who reads it.
#[derive(Debug)]
pub struct Readings {
    scene: Scene,
    files: u64,
}

// === impl Readings ===

impl Readings {
    /// The readers of `stand`.
    ///
    /// # Errors
    /// When the services give no tokens.
    pub async fn enter(stand: &Stand) -> Result<Self> {
        Ok(Self { scene: Scene::enter(&stand.fleet, 1, &READERS).await?, files: stand.cast.files })
    }

    /// Reads everything once.
    ///
    /// # Errors
    /// The first refusal.
    pub async fn all(&self) -> Result<()> {
        let file = self.one_file().await?;
        self.file_lists(&file).await?;
        self.searches().await?;
        self.papers(&file).await?;
        self.registers(&file).await?;
        self.duties(&file).await?;
        self.journal(&file).await
    }

    fn line(&self) -> Channel {
        self.scene.line(Service::Profile, 0)
    }

    // Files in the middle, where neither end of an index is near.
    fn middle(&self) -> u64 {
        bulk::with_records(self.files) / 2
    }

    async fn one_file(&self) -> Result<CustomerFile> {
        let (mut files, name) = (Files::new(self.line()), bulk::recorded(self.middle()));
        let purpose = PURPOSE.to_owned();
        let get = GetCustomerFileRequest { name: name.clone(), purpose: purpose.clone(), ..Default::default() };
        let file = given("a file", files.get_customer_file(self.scene.say("sales-1", get)).await)?;
        let names = (0..20).map(|n| bulk::name(n * self.files / 20)).collect();
        let batch = BatchGetCustomerFilesRequest { names, purpose: purpose.clone(), ..Default::default() };
        given("files", files.batch_get_customer_files(self.scene.say("sales-1", batch)).await)?;
        let all = GetCustomerOverviewRequest { name: name.clone(), purpose: purpose.clone(), ..Default::default() };
        given("an overview", files.get_customer_overview(self.scene.say("sales-1", all)).await)?;
        let revisions = ListCustomerFileRevisionsRequest { parent: name.clone(), ..Default::default() };
        given("revisions", files.list_customer_file_revisions(self.scene.say("sales-1", revisions)).await)?;
        let one = GetCustomerFileRevisionRequest { name: format!("{name}/revisions/1"), purpose, ..Default::default() };
        given("a revision", files.get_customer_file_revision(self.scene.say("sales-1", one)).await)?;
        let events = ListFileEventsRequest { parent: name.clone(), ..Default::default() };
        given("events", files.list_file_events(self.scene.say("sales-1", events)).await)?;
        let lack = CheckCompletenessRequest { name, ..Default::default() };
        given("what is lacking", files.check_completeness(self.scene.say("sales-1", lack)).await)?;
        Ok(file)
    }

    async fn file_lists(&self, file: &CustomerFile) -> Result<()> {
        let label =
            file.classification.iter().next().map(|(axis, label)| format!("classification.{axis} = \"{label}\""));
        let filters = [
            String::new(),
            "state = ACTIVE".to_owned(),
            "customer_type = COMPANY".to_owned(),
            format!("level = \"{}\"", file.level),
            format!("unit = \"{}\"", file.unit),
            format!("custodian = \"{}\"", file.custodian),
            format!("template = \"{}\"", file.template),
            "file_kind = \"customer\"".to_owned(),
            format!("of = \"{}\"", file.name),
            format!("number = \"{}\"", file.number),
            format!("customer_number = \"{}\"", file.customer_number),
            "document_kind = \"licence\"".to_owned(),
            "due_time < \"2040-01-01T00:00:00Z\"".to_owned(),
            "create_time > \"2026-01-01T00:00:00Z\" AND activate_time > \"2026-01-01T00:00:00Z\"".to_owned(),
            format!("state = DRAFT AND unit = \"{}\" AND level = \"{}\"", file.unit, file.level),
        ];
        for filter in filters.into_iter().chain(label) {
            for reader in ["sales-1", "gm"] {
                self.two_pages(reader, &filter).await?;
            }
        }
        let list = ListFileNumbersRequest::default();
        given(
            "numbers",
            NumberServiceClient::new(self.line()).list_file_numbers(self.scene.say(READERS[2], list)).await,
        )?;
        Ok(())
    }

    // The second goes on behind the first, as a caller does.
    async fn two_pages(&self, reader: &str, filter: &str) -> Result<()> {
        let mut list = ListCustomerFilesRequest { filter: filter.to_owned(), ..Default::default() };
        for _ in 0..2 {
            let asked = self.scene.say(reader, list.clone());
            let page = given(filter, Files::new(self.line()).list_customer_files(asked).await)?;
            list.page_token = page.next_page_token;
            if list.page_token.is_empty() {
                break;
            }
        }
        Ok(())
    }

    async fn searches(&self) -> Result<()> {
        let one = |field: &str, value: String| FieldCondition { field: field.to_owned(), value };
        let search = |name_contains: &str, conditions: Vec<FieldCondition>| SearchCustomerFilesRequest {
            name_contains: name_contains.to_owned(),
            conditions,
            purpose: PURPOSE.to_owned(),
            ..Default::default()
        };
        let phone = bulk::telephone(self.files / 2);
        let found = [
            search("一丟", Vec::new()),
            search("yidiu", Vec::new()),
            search("yd", Vec::new()),
            SearchCustomerFilesRequest { telephone: phone.clone(), ..search("", Vec::new()) },
            search("", vec![one("phone", phone.clone())]),
            search("", vec![one("unit_ref", format!("GEN-{:09}", self.files / 2))]),
            search("一丟", vec![one("phone", phone)]),
            SearchCustomerFilesRequest {
                filter: "document_kind = \"licence\"".to_owned(),
                ..search("yidiu", Vec::new())
            },
            SearchCustomerFilesRequest {
                filter: "due_time < \"2040-01-01T00:00:00Z\" AND unit = \"sales\"".to_owned(),
                ..search("一丟", Vec::new())
            },
        ];
        for asked in found {
            let asked = self.scene.say("sales-1", asked);
            given("a search", Files::new(self.line()).search_customer_files(asked).await)?;
        }
        let like = FindDuplicatesRequest {
            name: bulk::name(self.files / 2),
            purpose: PURPOSE.to_owned(),
            ..Default::default()
        };
        let asked = self.scene.say("sales-1", like);
        given("duplicates", Files::new(self.line()).find_duplicates(asked).await)?;
        Ok(())
    }

    async fn papers(&self, file: &CustomerFile) -> Result<()> {
        let mut records = Records::new(self.line());
        let (name, purpose) = (bulk::record(self.middle() * 10), PURPOSE.to_owned());
        let get = GetRecordRequest { name: name.clone(), purpose: purpose.clone(), ..Default::default() };
        given("a record", records.get_record(self.scene.say("sales-1", get)).await)?;
        for filter in ["", "kind = \"complaint\"", "stage = \"noted\"", "kind = \"complaint\" AND stage = \"open\""] {
            let (parent, filter) = (file.name.clone(), filter.to_owned());
            let list = ListRecordsRequest { parent, filter, page_size: 3, ..Default::default() };
            given("records", records.list_records(self.scene.say("sales-1", list)).await)?;
        }
        let versions = ListRecordRevisionsRequest { parent: name.clone(), ..Default::default() };
        given("versions", records.list_record_revisions(self.scene.say("sales-1", versions)).await)?;
        let one = GetRecordRevisionRequest { name: format!("{name}/revisions/1"), purpose, ..Default::default() };
        given("a version", records.get_record_revision(self.scene.say("sales-1", one)).await)?;
        let next = ExplainRecordRequest { name };
        given("what comes next", records.explain_record(self.scene.say("sales-1", next)).await)?;
        Ok(())
    }

    async fn registers(&self, file: &CustomerFile) -> Result<()> {
        let mut registers = Registers::new(self.line());
        let list = ListRegistersRequest::default();
        given("registers", registers.list_registers(self.scene.say("sales-1", list)).await)?;
        for filter in [String::new(), format!("file = \"{}\"", file.name)] {
            let (parent, purpose) = (REGISTER.to_owned(), PURPOSE.to_owned());
            let rows = ListRegisterRowsRequest { parent, purpose, filter, ..Default::default() };
            let page = given("lines", registers.list_register_rows(self.scene.say("sales-1", rows.clone())).await)?;
            if !page.next_page_token.is_empty() {
                let next = ListRegisterRowsRequest { page_token: page.next_page_token, ..rows };
                given("more lines", registers.list_register_rows(self.scene.say("sales-1", next)).await)?;
            }
        }
        Ok(())
    }

    async fn duties(&self, file: &CustomerFile) -> Result<()> {
        let filters = [
            String::new(),
            "state = OPEN AND due_time < \"2040-01-01T00:00:00Z\"".to_owned(),
            "kind = \"file.refresh\"".to_owned(),
            format!("subject = \"{}\"", file.name),
            format!("assignee = \"{}\"", file.custodian),
            "post = \"sales_staff\" AND unit = \"sales\"".to_owned(),
        ];
        for filter in filters {
            let list = ListDutiesRequest { parent: "services/profile".to_owned(), filter, ..Default::default() };
            given("duties", DutyServiceClient::new(self.line()).list_duties(self.scene.say("gm", list)).await)?;
        }
        Ok(())
    }

    async fn journal(&self, file: &CustomerFile) -> Result<()> {
        let filters = [
            String::new(),
            format!("subject = \"{}\"", file.name),
            format!("actor = \"{}\"", file.custodian),
            "action = \"file.disclosed\"".to_owned(),
            "time > \"2026-01-01T00:00:00Z\"".to_owned(),
        ];
        for filter in filters {
            let list = ListEntriesRequest { parent: "services/profile".to_owned(), filter, ..Default::default() };
            given("entries", JournalServiceClient::new(self.line()).list_entries(self.scene.say("gm", list)).await)?;
        }
        Ok(())
    }
}
