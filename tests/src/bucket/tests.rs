use std::sync::atomic::AtomicU32;
use std::time::Duration;

use dossier_kernel::error::Reason;
use dossier_kernel::objects::conformance::{Failure, suite};
use tokio::time::timeout;

use super::*;
use crate::log::Log;

// Each check in a part of the bucket of its own, which is empty.
async fn conforms(bucket: &Bucket) -> Vec<Failure> {
    let count = AtomicU32::new(0);
    let make = async || {
        let prefix = format!("of/{}", count.fetch_add(1, Ordering::Relaxed));
        let settings = Settings { prefix, timeout: Duration::from_secs(20), ..bucket.settings() };
        Objects::in_bucket(&settings).unwrap()
    };
    suite(make).await
}

fn reason<T>(done: dossier_kernel::error::Result<T>) -> Option<Reason> {
    done.err().map(|fault| fault.reason())
}

#[tokio::test]
async fn a_bucket_conforms() {
    assert_eq!(conforms(&Bucket::start().await).await, []);
}

#[tokio::test]
async fn a_server_that_writes_over_what_is_there_is_found_out() {
    let bucket = Bucket::start().await;
    bucket.let_overwrite();
    let found: Vec<_> = conforms(&bucket).await.into_iter().map(|one| one.check).collect();
    let wanted = [
        "this process is let in, and what is there stays",
        "a piece is written once",
        "of many who write one piece a single one does",
    ];
    assert_eq!(found, wanted);
    assert_eq!(reason(bucket.objects().look().await), Some(Reason::ContentUnavailable));
}

#[tokio::test]
async fn a_bucket_is_reached_by_tls_where_its_authority_is_known() {
    let bucket = Bucket::secured().await;
    let objects = bucket.objects();
    objects.put("demo/a/1", vec![1]).await.unwrap();
    assert_eq!(objects.get("demo/a/1").await.unwrap(), Some(vec![1]));
    let stranger = Objects::in_bucket(&Settings { ca_file: None, ..bucket.settings() }).unwrap();
    assert_eq!(reason(stranger.get("demo/a/1").await), Some(Reason::ContentUnavailable));
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_is_known_by_its_bytes() {
    let bucket = Bucket::start().await;
    let objects = bucket.objects();
    bucket.let_lose_an_answer();
    objects.put("demo/a/1", vec![1, 2]).await.unwrap();
    assert_eq!(reason(objects.put("demo/a/1", vec![3]).await), Some(Reason::ConflictRetry));
    assert_eq!(objects.get("demo/a/1").await.unwrap(), Some(vec![1, 2]));
}

#[tokio::test]
async fn a_server_that_is_gone_or_hangs_holds_nobody_and_is_used_again_when_it_is_back() {
    let bucket = Bucket::start().await;
    let settings = Settings { timeout: Duration::from_millis(300), ..bucket.settings() };
    let objects = Objects::in_bucket(&settings).unwrap();
    objects.put("demo/a/1", vec![1]).await.unwrap();
    for mode in [Mode::CutsOff, Mode::SaysNothing] {
        bucket.set(mode);
        let all = async {
            let put = reason(objects.put("demo/a/2", vec![2]).await);
            let told = [put, reason(objects.get("demo/a/1").await), reason(objects.below("demo").await)];
            let gone = [reason(objects.remove("demo/a/1").await), reason(objects.look().await)];
            (told, gone)
        };
        // Five times twice what one may take, and room for a busy machine: far less than one hang.
        let (told, gone) = timeout(Duration::from_secs(15), all).await.expect("nobody is held");
        let unavailable = Some(Reason::ContentUnavailable);
        assert_eq!((told, gone), ([unavailable; 3], [unavailable; 2]), "{mode:?}");
        bucket.set(Mode::Answers);
        assert_eq!(objects.below("demo").await.unwrap(), ["demo/a/1"], "nothing half kept");
    }
    objects.put("demo/a/2", vec![2]).await.unwrap();
}

#[tokio::test]
async fn a_bucket_that_is_not_there_makes_no_piece_look_lost() {
    let bucket = Bucket::start().await;
    let elsewhere = Objects::in_bucket(&Settings { bucket: "nowhere".into(), ..bucket.settings() }).unwrap();
    assert_eq!(reason(elsewhere.get("demo/a/1").await), Some(Reason::ContentUnavailable));
    assert_eq!(reason(elsewhere.reach().await), Some(Reason::ContentUnavailable));
    assert_eq!(bucket.objects().get("demo/a/1").await.unwrap(), None);
}

#[tokio::test]
async fn keys_that_were_replaced_in_their_files_count_at_once() {
    let bucket = Bucket::start().await;
    let (id, key) = (bucket.folder().join("id"), bucket.folder().join("key"));
    std::fs::write(&id, ID).unwrap();
    std::fs::write(&key, "the-key-of-before\n").unwrap();
    let whole = |(name, _): &(String, String)| !name.ends_with("access_key_id") && !name.ends_with("secret_access_key");
    let mut flags: Vec<_> = bucket.options().into_iter().filter(whole).collect();
    flags.push(("documents.s3.access_key_id_file".into(), id.display().to_string()));
    flags.push(("documents.s3.secret_access_key_file".into(), key.display().to_string()));
    let settings = Config::load(&Sources { flags, ..Sources::default() }).unwrap().documents.s3;
    let objects = Objects::in_bucket(&settings).unwrap();
    assert_eq!(reason(objects.reach().await), Some(Reason::ContentUnavailable));
    std::fs::write(&key, format!("{KEY}\n")).unwrap();
    objects.reach().await.unwrap();
}

// One thread, so that its log hears everything; what the server itself says of a caller is not ours.
#[tokio::test]
async fn keys_that_are_refused_are_told_in_the_log_and_shown_nowhere() {
    let bucket = Bucket::start().await;
    let wrong = "another-key-that-nobody-must-see";
    let objects = Objects::in_bucket(&Settings { secret_access_key: wrong.into(), ..bucket.settings() }).unwrap();
    let log = Log::default();
    let all = tracing_subscriber::EnvFilter::new("trace,s3s=off,s3s_fs=off");
    let subscriber = tracing_subscriber::fmt().with_env_filter(all).with_writer(log.clone()).finish();
    let _other = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::default());
    let guard = tracing::subscriber::set_default(subscriber);
    let refused = objects.look().await.unwrap_err();
    drop(guard);
    let text = log.text();
    assert!(text.contains("the store of contents fails") && text.contains("SignatureDoesNotMatch"), "{text}");
    let shown = format!("{text}{refused:?}{refused}{objects:?}{:?}", bucket.settings());
    for secret in [ID, KEY, wrong] {
        assert!(!shown.contains(secret), "{shown}");
    }
    let caller = format!("{refused:?}{refused}");
    assert!(!caller.contains(NAME) && !caller.contains(&bucket.address.to_string()), "{caller}");
}
