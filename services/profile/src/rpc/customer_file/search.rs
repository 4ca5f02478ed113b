//! `SearchCustomerFiles`: visible files by what they contain.

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::page::Page;
use dossier_proto::profile::v1::{SearchCustomerFilesRequest, SearchCustomerFilesResponse};
use dossier_regime::Action;
use prost::Message;
use uuid::Uuid;

use super::desk::{Desk, place, purpose};
use super::list::is_full;
use super::reading::{self, Ground};
use crate::content::query;
use crate::domain::condition::{self, Search};
use crate::domain::fault::Faults;
use crate::store::customer_file::{self, Loaded};

/// Candidates of one statement.
const BATCH: i64 = 200;

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: SearchCustomerFilesRequest) -> Result<SearchCustomerFilesResponse> {
    let mut tx = base.db.read().await?;
    let desk = Desk::open(base, &mut tx, call, Action::FileRead).await?;
    let mut faults = Faults::default();
    purpose(desk.pack(), &request.purpose, &mut faults);
    place(desk.pack(), &request.reading_place, &mut faults);
    let full = is_full(request.view, &mut faults);
    let search = faults.absorb(condition::read(desk.tenant, &request));
    faults.finish()?;
    let search = search.unwrap_or_default();
    let page = Page::of(call, request.page_size, &request.page_token, &[&shape(&request)])?;
    let mut hits = hits(&desk, &mut tx, &search, &page, &request).await?;
    tx.commit().await?;
    let next_page_token = page.cut(&mut hits, |(one, _)| one.file.id.to_string());
    let mut outgoing = Vec::with_capacity(hits.len());
    for (one, ground) in hits {
        let told = search.told(desk.template(&one.file.template)?);
        outgoing.push(if full { reading::open(&desk, &one, ground)? } else { reading::told(&one, told, ground) });
    }
    let customer_files = reading::release(&desk, outgoing, &request.purpose).await?;
    Ok(SearchCustomerFilesResponse { customer_files, next_page_token })
}

// The index gives candidates; what the caller may read of them decides (a hit on a masked field would tell it).
async fn hits(
    desk: &Desk<'_>,
    tx: &mut Tx,
    search: &Search,
    page: &Page,
    request: &SearchCustomerFilesRequest,
) -> Result<Vec<(Loaded, Ground)>> {
    let wanted = usize::try_from(page.size).unwrap_or(usize::MAX).saturating_add(1);
    let tokens = query(&desk.base.vault, &desk.call.org, search)?;
    let mut before = if page.after.is_empty() { Uuid::max() } else { page.after_uuid()? };
    let mut hits = Vec::new();
    loop {
        let candidates = customer_file::search(tx, desk.viewer(), &tokens, before, BATCH).await?;
        let last = i64::try_from(candidates.len()).unwrap_or(BATCH) < BATCH;
        for one in candidates {
            before = one.file.id;
            if !desk.admits(&one.file.level) {
                continue;
            }
            let Some(ground) = reading::ground(desk, tx, &one, &request.purpose, &request.reading_place).await? else {
                continue;
            };
            if is_hit(desk, search, &one, &ground)? {
                hits.push((one, ground));
            }
            if hits.len() == wanted {
                return Ok(hits);
            }
        }
        if last {
            return Ok(hits);
        }
    }
}

fn is_hit(desk: &Desk<'_>, search: &Search, one: &Loaded, ground: &Ground) -> Result<bool> {
    let template = desk.template(&one.file.template)?;
    let seal = desk.seal(one)?;
    search.hits(template, &ground.sight, |key| one.content.text(&seal, key))
}

// Everything that shapes the answer besides the page, so that a token belongs to one search; it may hold personal
// values, and only its digest enters the token.
fn shape(request: &SearchCustomerFilesRequest) -> String {
    let shaped = SearchCustomerFilesRequest { page_size: 0, page_token: String::new(), ..request.clone() };
    hex::encode(shaped.encode_to_vec())
}
