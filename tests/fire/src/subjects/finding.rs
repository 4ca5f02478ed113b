//! The calls that find a file: by the sound of a name, and by what it shares with another.

use std::sync::Arc;

use dossier_proto::profile::v1::customer_file_service_client::CustomerFileServiceClient;
use dossier_proto::profile::v1::{
    FindDuplicatesRequest, FindDuplicatesResponse, SearchCustomerFilesRequest, SearchCustomerFilesResponse,
};
use pinyin::ToPinyin;
use prost::Message;

use super::{Answered, Call, Cast, PURPOSE};
use crate::bulk;
use crate::ground::{Fault, Result, Service};
use crate::measure::mixed;
use crate::scene::given;

/// Files of a page.
const PAGE: i32 = 10;

// === impl Cast ===

impl Cast {
    fn any(&self, n: u64) -> u64 {
        mixed(n) % self.files.max(1)
    }
}

/// What of a name is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// All of it, by its sound: letters without spaces.
    Sound,
    /// Its first two characters.
    Characters,
}

// === impl Said ===

impl Said {
    /// What `call` types.
    pub(super) fn of(call: Call) -> Self {
        if call == Call::SearchByCharacters { Self::Characters } else { Self::Sound }
    }
}

fn searching(cast: &Cast, said: Said, n: u64) -> SearchCustomerFilesRequest {
    let name = bulk::called(cast.any(n));
    let name_contains = match said {
        Said::Sound => name.as_str().to_pinyin().flatten().map(pinyin::Pinyin::plain).collect(),
        Said::Characters => name.chars().take(2).collect(),
    };
    SearchCustomerFilesRequest { name_contains, purpose: PURPOSE.to_owned(), page_size: PAGE, ..Default::default() }
}

fn comparing(cast: &Cast, n: u64) -> FindDuplicatesRequest {
    FindDuplicatesRequest { name: bulk::name(cast.any(n)), purpose: PURPOSE.to_owned(), ..Default::default() }
}

/// A search.
pub(super) async fn search(cast: Arc<Cast>, said: Said, at: u64, n: u64) -> Answered<SearchCustomerFilesResponse> {
    let mut client = CustomerFileServiceClient::new(cast.line(Service::Profile, at));
    client.search_customer_files(cast.say(at, searching(&cast, said, n))).await
}

/// A look for duplicates.
pub(super) async fn duplicates(cast: Arc<Cast>, at: u64, n: u64) -> Answered<FindDuplicatesResponse> {
    let mut client = CustomerFileServiceClient::new(cast.line(Service::Profile, at));
    client.find_duplicates(cast.say(at, comparing(&cast, n))).await
}

/// Bytes of a search and its answer, which must have found something.
pub(super) async fn size_of_search(cast: &Arc<Cast>, call: Call, n: u64) -> Result<(usize, usize)> {
    let said = Said::of(call);
    let answer = given(call.name(), search(cast.clone(), said, 0, n).await)?;
    if answer.customer_files.is_empty() {
        return Err(Fault::new(format!("{call} finds nothing; the scene is not what it should be")));
    }
    Ok((searching(cast, said, n).encoded_len(), answer.encoded_len()))
}

/// As [`size_of_search`]; most files have no duplicate.
pub(super) async fn size_of_duplicates(cast: &Arc<Cast>, n: u64) -> Result<(usize, usize)> {
    let answer = given(Call::FindDuplicates.name(), duplicates(cast.clone(), 0, n).await)?;
    Ok((comparing(cast, n).encoded_len(), answer.encoded_len()))
}
