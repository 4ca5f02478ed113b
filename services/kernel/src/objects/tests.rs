use super::conformance::suite;
use super::*;

#[tokio::test]
async fn a_folder_conforms() {
    let root = tempfile::tempdir().unwrap();
    let count = std::sync::atomic::AtomicU32::new(0);
    let make = async || {
        let folder = root.path().join(count.fetch_add(1, std::sync::atomic::Ordering::Relaxed).to_string());
        std::fs::create_dir(&folder).unwrap();
        Objects::in_folder(&folder).unwrap()
    };
    assert_eq!(suite(make).await, []);
}

#[tokio::test]
async fn what_is_kept_is_found_by_whoever_opens_the_folder_next() {
    let folder = tempfile::tempdir().unwrap();
    Objects::in_folder(folder.path()).unwrap().put("demo/a/1", vec![1, 2]).await.unwrap();
    let again = Objects::in_folder(folder.path()).unwrap();
    assert_eq!(again.get("demo/a/1").await.unwrap(), Some(vec![1, 2]));
}

#[tokio::test]
async fn a_folder_is_cleared_of_what_was_half_written() {
    let folder = tempfile::tempdir().unwrap();
    let objects = Objects::in_folder(folder.path()).unwrap();
    for path in ["demo/a/1", "demo/a/2"] {
        objects.put(path, vec![1]).await.unwrap();
    }
    std::fs::write(folder.path().join("demo/a/3#1"), b"half").unwrap();
    assert_eq!(objects.below("demo/a").await.unwrap().len(), 2, "a list does not show it");
    objects.clear("demo/a", &["demo/a/2".to_owned()]).await.unwrap();
    let left: Vec<_> = std::fs::read_dir(folder.path().join("demo/a")).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
    std::fs::write(folder.path().join("demo/a/3#1"), b"half").unwrap();
    objects.clear("demo/a", &[]).await.unwrap();
    objects.clear("demo/a", &[]).await.unwrap();
    assert!(!folder.path().join("demo/a").exists());
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_told_without_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let objects = Objects::in_folder(folder.path()).unwrap();
    std::fs::write(folder.path().join("demo"), b"a file in the way").unwrap();
    let fault = objects.put("demo/a/1", vec![1]).await.unwrap_err();
    assert_eq!(fault.reason(), Reason::ContentUnavailable);
    assert!(!format!("{fault:?}{fault}").contains(&folder.path().display().to_string()));
}
