//! `SearchCustomerFiles`: visible files by what they contain.

use dossier_authority::Base;
use dossier_authority::reading::purpose;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::faults::Faults;
use dossier_kernel::filter;
use dossier_kernel::page::Page;
use dossier_proto::profile::v1::{SearchCustomerFilesRequest, SearchCustomerFilesResponse};
use dossier_regime::Action;
use prost::Message;

use super::filter::{FILES, decode, may_find};
use super::list::is_full;
use super::reading::{self, Ground};
use super::walk::Walk;
use crate::content::query;
use crate::domain::condition::{self, Search};
use crate::store::customer_file::{self, Filter, Loaded};
use crate::work::customer_file::session::{Session, place};
use crate::work::customer_file::ties::seen;
use crate::work::item;

/// Most candidates of one statement.
const BATCH: i64 = 200;

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: SearchCustomerFilesRequest) -> Result<SearchCustomerFilesResponse> {
    let mut tx = base.db.read().await?;
    let session = Session::open(base, &mut tx, call, Action::FileRead).await?;
    let mut faults = Faults::default();
    purpose(session.pack(), &request.purpose, &mut faults);
    place(session.pack(), &request.reading_place, &mut faults);
    let full = is_full(request.view, &mut faults);
    let search = faults.absorb(condition::read(session.tenant, &request));
    faults.finish()?;
    let said = filter::Filter::parse(&request.filter)?;
    let filter = decode(&said.against(FILES.fields)?)?;
    let page = Page::of(call, request.page_size, &request.page_token, &[&shape(&request, &said)])?;
    if !may_find(&session, &mut tx, &filter).await? {
        return Ok(SearchCustomerFilesResponse::default());
    }
    let wanted = Wanted { search: search.unwrap_or_default(), filter, request: &request };
    let (hits, next_page_token) = hits(&session, &mut tx, &wanted, &page).await?;
    let others = seen(&session, &mut tx, hits.iter().flat_map(|(one, _)| one.file.ties.files())).await?;
    let mut outgoing = Vec::with_capacity(hits.len());
    for (one, ground) in hits {
        let told = wanted.search.told(session.template(&one.file.template)?, &ground.visibility);
        let mut out = if full { reading::open(&session, &one, ground)? } else { reading::told(&one, told, ground) };
        one.file.ties.among(&others).tell(&mut out.message);
        outgoing.push(out);
    }
    item::tell(&session, &mut tx, outgoing.iter_mut().map(|out| (out.file, &mut out.message))).await?;
    tx.commit().await?;
    let customer_files = reading::release(&session, outgoing, &request.purpose).await?;
    Ok(SearchCustomerFilesResponse { customer_files, next_page_token })
}

// What is searched for.
struct Wanted<'r> {
    search: Search,
    filter: Filter,
    request: &'r SearchCustomerFilesRequest,
}

// The index gives candidates; what the caller may read of them decides (a hit on a masked field would tell it). A page is not
// full where the call looked at enough before it was.
async fn hits(
    session: &Session<'_>,
    tx: &mut Tx,
    wanted: &Wanted<'_>,
    page: &Page,
) -> Result<(Vec<(Loaded, Ground)>, String)> {
    let ways = query(&session.base.vault, &session.call.org, &wanted.search)?;
    let (mut walk, mut hits) = (Walk::begin(session.base, session.call, page)?, Vec::new());
    while let Some(mut part) = customer_file::part(tx, &session.call.org, &ways, walk.stretch()).await? {
        loop {
            let limit = walk.wanted(&hits).min(BATCH);
            let candidates = customer_file::search(tx, session.viewer(), &wanted.filter, &part, limit).await?;
            let (count, found) = (candidates.len(), hits.len());
            for one in candidates {
                part.before = one.file.id;
                hits.extend(hit(session, tx, wanted, one).await?);
            }
            if let Some(next) = walk.full(&mut hits, |(one, _)| one.file.id) {
                return Ok((hits, next));
            }
            if let Some(next) = walk.opened(count - (hits.len() - found), part.before)? {
                return Ok((hits, next));
            }
            if i64::try_from(count).unwrap_or(BATCH) < limit {
                break;
            }
        }
        if let Some(next) = walk.goes_on(part.end)? {
            return Ok((hits, next));
        }
    }
    Ok((hits, String::new()))
}

async fn hit(session: &Session<'_>, tx: &mut Tx, wanted: &Wanted<'_>, one: Loaded) -> Result<Option<(Loaded, Ground)>> {
    // What was merged is found where it was merged into, and by who asks for it.
    let asked = wanted.search.asks_for_one() || wanted.filter.asks_for_merged();
    let merged = one.file.ties.into.is_some() && !asked;
    if merged || !session.admits(&one.file.level) {
        return Ok(None);
    }
    let (purpose, place) = (&wanted.request.purpose, &wanted.request.reading_place);
    let Some(ground) = reading::ground(session, tx, &one, purpose, place).await? else {
        return Ok(None);
    };
    Ok(is_hit(session, &wanted.search, &one, &ground)?.then_some((one, ground)))
}

fn is_hit(session: &Session<'_>, search: &Search, one: &Loaded, ground: &Ground) -> Result<bool> {
    let template = session.template(&one.file.template)?;
    let seal = session.seal(one)?;
    search.hits(template, &ground.visibility, |key| one.content.text(&seal, key))
}

// Everything that shapes the answer besides the page, so that a token belongs to one search; it may hold personal
// values, and only its digest enters the token.
fn shape(request: &SearchCustomerFilesRequest, filter: &filter::Filter) -> String {
    let (page_token, filter) = (String::new(), filter.to_string());
    let shaped = SearchCustomerFilesRequest { page_size: 0, page_token, filter, ..request.clone() };
    hex::encode(shaped.encode_to_vec())
}
