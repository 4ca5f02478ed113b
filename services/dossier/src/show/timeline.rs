//! What happened to a customer, newest first: what profile tells of the file, joined with what the journals of access and credit tell
//! the caller of it (P-25, P-31).

use dossier_kernel::filter::quoted;
use dossier_kernel::name;
use dossier_kernel::printed::form::moment;
use dossier_kernel::printed::{Block, Printout};
use dossier_proto::access::v1::GetRegimeRequest;
use dossier_proto::access::v1::policy_service_client::PolicyServiceClient;
use dossier_proto::journal::v1::journal_service_client::JournalServiceClient;
use dossier_proto::journal::v1::{EntryBody, ListEntriesRequest};
use dossier_proto::profile::v1::customer_file_service_client::CustomerFileServiceClient;
use dossier_proto::profile::v1::{FileEvent, ListFileEventsRequest, OverviewPart};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use prost::Message;

use super::Ways;
use super::elsewhere::{Told, closed, why};
use crate::Failure;
use crate::client::connection::Connection;
use crate::client::reference::People;
use crate::client::{LARGEST_ANSWER, fault, reference};

/// Most events that are told.
const MOST: usize = 50;
/// Most pages of one answer that are looked through; those of a timeline may be short.
const PAGES: usize = 20;
/// Entries of a page.
const ENTRIES: i32 = 500;
/// What the journals tell besides, and no timeline: who tried, who was shown the words of an entry, what is due.
const ELSEWHERE: [&str; 3] = ["access.", "promises.", "duty."];

/// The timeline of `file`, which was asked for as `query`, as a page; what access and credit do not tell takes away their part alone, and
/// the page says so.
///
/// # Errors
/// What profile refuses, or when it cannot be reached.
pub async fn timeline(ways: &Ways, file: &str, query: &str) -> Result<Printout, Failure> {
    let mut events = own(&ways.profile, file).await?;
    let (others, notes) = elsewhere(ways, file, &events).await;
    events.extend(others);
    let events = newest(events);
    let actors = events.iter().map(|one| one.actor.clone()).filter(|name| name.starts_with("persons/")).collect();
    let people = reference::named(&actors, ways.access.clone()).await;
    let title = if query == file { file.to_owned() } else { format!("{query}  {file}") };
    let blocks = blocks(file, &events, notes, &people, &zone(&ways.access).await);
    let mut page = Printout { title, language: "zh-CN".to_owned(), ..Printout::default() };
    page.part("经过 Timeline", blocks);
    Ok(page)
}

// What access and credit tell, and why one does not. Whoever is told no places of profile's journal reads no journals, and a refusal
// would stand in them as one.
async fn elsewhere(ways: &Ways, file: &str, own: &[FileEvent]) -> (Vec<FileEvent>, Vec<String>) {
    if own.iter().all(|one| one.seq == 0) {
        return (Vec::new(), vec![format!("access, credit: {}", closed(OverviewPart::Unspecified))]);
    }
    // What is older than all that is told need not be asked for.
    let since = if own.len() < MOST { None } else { own.last().and_then(time) };
    let (access, credit) =
        futures::join!(theirs(&ways.access, "access", file, since), theirs(&ways.credit, "credit", file, since));
    let (mut events, mut notes) = (Vec::new(), Vec::new());
    for (service, told) in [("access", access), ("credit", credit)] {
        match told {
            Ok(told) => events.extend(told),
            Err(why) => notes.push(format!("{service}: {why}")),
        }
    }
    (events, notes)
}

async fn own(profile: &Connection, file: &str) -> Result<Vec<FileEvent>, Failure> {
    let mut client = CustomerFileServiceClient::new(profile.clone()).max_decoding_message_size(LARGEST_ANSWER);
    let page_size = i32::try_from(MOST).unwrap_or(i32::MAX);
    let mut request = ListFileEventsRequest { parent: file.to_owned(), page_size, ..ListFileEventsRequest::default() };
    let mut events = Vec::new();
    for _ in 0..PAGES {
        let answer = client.list_file_events(request.clone()).await.map_err(|status| fault::refused(&status))?;
        let page = answer.into_inner();
        events.extend(page.file_events);
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() || events.len() >= MOST {
            break;
        }
    }
    Ok(events)
}

// A journal goes from the oldest to the newest: all of it is asked for, and where that is too much, it is left out as a whole.
async fn theirs(way: &Connection, service: &str, file: &str, since: Option<Timestamp>) -> Told<Vec<FileEvent>> {
    let mut client = JournalServiceClient::new(way.clone()).max_decoding_message_size(LARGEST_ANSWER);
    let since = since.map(|since| format!(" AND time >= {}", quoted(&since.to_string()))).unwrap_or_default();
    let filter = format!("subject = {}{since}", quoted(file));
    let parent = name::of_service(service);
    let mut request = ListEntriesRequest { parent, filter, page_size: ENTRIES, ..ListEntriesRequest::default() };
    let mut events = Vec::new();
    for _ in 0..PAGES {
        let page = client.list_entries(request.clone()).await.map_err(|status| why(service, &status))?.into_inner();
        events.extend(page.entries.iter().filter_map(|entry| event(&entry.body)));
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            return Ok(events);
        }
    }
    Err(format!("left out: {service} has too much to tell; its journal tells it all"))
}

fn event(body: &[u8]) -> Option<FileEvent> {
    let EntryBody { time, actor, action, subject, .. } = EntryBody::decode(body).ok()?;
    let told = !ELSEWHERE.iter().any(|front| action.starts_with(front));
    told.then(|| FileEvent { time, actor, action, subject, ..FileEvent::default() })
}

fn time(event: &FileEvent) -> Option<Timestamp> {
    event.time.as_ref().and_then(|at| Timestamp::new(at.seconds, at.nanos).ok())
}

// What happened at the same moment stays as it was told.
fn newest(mut events: Vec<FileEvent>) -> Vec<FileEvent> {
    events.sort_by_key(|one| std::cmp::Reverse(time(one)));
    events.truncate(MOST);
    events
}

// The company's own; that of this machine where access does not say it.
async fn zone(access: &Connection) -> TimeZone {
    let regime = PolicyServiceClient::new(access.clone()).get_regime(GetRegimeRequest::default()).await;
    let zone = regime.ok().and_then(|regime| TimeZone::get(&regime.into_inner().time_zone).ok());
    zone.unwrap_or_else(TimeZone::system)
}

fn blocks(file: &str, events: &[FileEvent], notes: Vec<String>, people: &People, zone: &TimeZone) -> Vec<Block> {
    let head = ["时间 When", "谁 Who", "事项 What", "对象 On what"].map(str::to_owned).to_vec();
    let rows = events.iter().map(|one| row(file, one, people, zone)).collect();
    let table = [Block::Table { head, rows }];
    table.into_iter().chain(notes.into_iter().map(Block::Note)).collect()
}

fn row(file: &str, one: &FileEvent, people: &People, zone: &TimeZone) -> Vec<String> {
    let at = one.time.as_ref().map(|at| moment(at, zone)).unwrap_or_default();
    let who = people.get(&one.actor).cloned().unwrap_or_else(|| one.actor.clone());
    let named = |label: &str, id: &str| if label.is_empty() { id.to_owned() } else { label.to_owned() };
    let paper = [named(&one.record_kind_label, &one.record_kind), named(&one.stage_label, &one.stage)];
    let paper: Vec<_> = paper.into_iter().filter(|word| !word.is_empty()).collect();
    let what = match (paper.is_empty(), one.subject == file) {
        (false, _) => paper.join(" · "),
        (true, true) => String::new(),
        (true, false) => one.subject.clone(),
    };
    vec![at, who, one.action.clone(), what]
}

#[cfg(test)]
mod tests {
    use dossier_kernel::printed::screen;

    use super::*;

    fn at(seconds: i64, action: &str) -> FileEvent {
        let time = Some(prost_types::Timestamp { seconds, nanos: 0 });
        FileEvent {
            time,
            action: action.into(),
            actor: "persons/7".into(),
            subject: "files/1".into(),
            ..Default::default()
        }
    }

    #[test]
    fn what_each_service_tells_is_merged_by_time_and_the_newest_are_told() {
        let own = (0..60).map(|n| at(n * 10, "record.created"));
        let told = newest(own.chain([at(595, "loan.checked_out"), at(85, "grant.created")]).collect());
        assert_eq!((told.len(), told[0].action.as_str()), (MOST, "loan.checked_out"));
        assert!(told.windows(2).all(|pair| time(&pair[0]) >= time(&pair[1])));
        assert!(told.iter().all(|one| one.action != "grant.created"), "it is older than fifty others");
    }

    #[test]
    fn what_was_tried_or_is_due_is_no_part_of_it() {
        let body = |action: &str| EntryBody { action: action.into(), ..EntryBody::default() }.encode_to_vec();
        for action in ["access.refused", "promises.opened", "duty.opened"] {
            assert_eq!(event(&body(action)), None);
        }
        assert!(event(&body("loan.checked_out")).is_some() && event(&body("access_request.created")).is_some());
    }

    #[test]
    fn a_line_says_when_where_the_company_is_who_did_what_and_in_its_words() {
        let record = FileEvent {
            subject: "files/1/records/2".into(),
            record_kind: "complaint".into(),
            record_kind_label: "客户投诉".into(),
            stage: "open".into(),
            ..at(0, "record.advanced")
        };
        let people = [("persons/7".to_owned(), "李四 (sales-1)".to_owned())].into_iter().collect();
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let notes = vec!["credit: left out: credit does not answer".to_owned()];
        let mut page = Printout::default();
        page.part("", blocks("files/1", &[record, at(0, "file.created")], notes, &people, &zone));
        let told = screen(&page);
        for words in
            ["1970-01-01 08:00", "李四 (sales-1)", "record.advanced", "客户投诉 · open", "credit does not answer"]
        {
            assert!(told.contains(words), "{words} in {told}");
        }
    }
}
