//! Contents that are cut on their way, and those that are as large as may be and larger.

use std::path::{Path, PathBuf};
use std::time::Duration;

use dossier_fire::ground::{Fault, Fleet, Process, Result, Service};
use dossier_fire::scene::{CAST, Scene, fresh_id, given, text};
use dossier_proto::profile::v1::document_service_client::DocumentServiceClient;
use dossier_proto::profile::v1::{CreateDocumentRequest, Document, DocumentCarrier};
use tokio::time::{Instant, sleep};

use crate::stand::{Stand, require, soon};

/// The largest content, in bytes.
const MOST: u64 = 2 << 30;
/// Bytes of a content that takes long enough to be cut.
const LONG: u64 = 48 << 20;
/// How long the largest content may take to come in or to leave.
const PATIENCE: Duration = Duration::from_secs(1200);
/// MiB of memory that a process may take for contents, whatever their size.
const MEMORY: u64 = 256;

/// Services, a file to put documents in, and a folder of this scenario.
struct Desk {
    fleet: Fleet,
    scene: Scene,
    file: String,
    folder: PathBuf,
}

/// What a command took.
struct Took {
    seconds: f64,
    peak: u64,
}

// === impl Desk ===

impl Desk {
    async fn new(stand: &mut Stand) -> Result<Self> {
        let mut fleet = stand.fleet(1, &[]).await?;
        fleet.go().await?;
        let scene = Scene::enter(&fleet, 1, &CAST).await?;
        scene.known().await?;
        let file = scene.draft("contents").await?.name;
        let folder = fleet.plan.data.clone();
        Ok(Self { fleet, scene, file, folder })
    }

    /// A scan without content; its name.
    async fn scan(&self) -> Result<String> {
        let document = Document {
            kind: "other".into(),
            carrier: DocumentCarrier::Scan.into(),
            fields: [("title".to_owned(), text("扫描件".to_owned()))].into(),
            ..Document::default()
        };
        let request = CreateDocumentRequest {
            parent: self.file.clone(),
            document: Some(document),
            request_id: fresh_id(),
            ..CreateDocumentRequest::default()
        };
        let mut client = DocumentServiceClient::new(self.scene.line(Service::Profile, 0));
        given("file a document", client.create_document(self.scene.say("sales-1", request)).await).map(|one| one.name)
    }

    /// A file of so many bytes that begins as a pdf does; what is not written takes no room.
    fn paper(&self, name: &str, size: u64) -> Result<PathBuf> {
        use std::os::unix::fs::FileExt;
        let path = self.folder.join(name);
        let file = std::fs::File::create(&path)?;
        file.set_len(size)?;
        file.write_at(b"%PDF-1.7\n", 0)?;
        // Marks that differ, so that no piece stands for another.
        for at in (4096..size.saturating_sub(8)).step_by(1 << 20) {
            file.write_at(&at.to_be_bytes(), at)?;
        }
        Ok(path)
    }

    async fn run(&self, arguments: &[&str]) -> Result<Process> {
        let address = self.fleet.replicas[self.profile()].addresses[&Service::Profile];
        let (uri, token) = (format!("http://{address}"), self.fleet.token("demo", "sales-1").await?);
        let all = [arguments, &["--address", &uri, "--token", &token]].concat();
        let log = self.folder.join(format!("{}.log", arguments[0]));
        let _ = std::fs::remove_file(&log);
        Process::start(&self.fleet.plan.program, &all, &self.fleet.plan.environment, &log)
    }

    /// Runs a command to its end; what it said.
    async fn done(&self, arguments: &[&str]) -> Result<String> {
        ended(self.run(arguments).await?).await
    }

    /// Runs a command to its end, and looks at its memory meanwhile.
    async fn watched(&self, arguments: &[&str]) -> Result<Took> {
        let (since, mut process, mut most) = (Instant::now(), self.run(arguments).await?, 0);
        while process.runs() {
            most = most.max(peak(process.pid()));
            require(since.elapsed() < PATIENCE, "it does not end")?;
            sleep(Duration::from_millis(20)).await;
        }
        ended(process).await?;
        Ok(Took { seconds: since.elapsed().as_secs_f64(), peak: most })
    }

    fn profile(&self) -> usize {
        self.fleet.of(Service::Profile)[0]
    }

    /// How many files lie in the store of contents.
    fn pieces(&self) -> usize {
        count(&self.fleet.plan.data.join("documents"))
    }

    /// Takes a content out and holds it against the file it came from.
    async fn same(&self, document: &str, paper: &Path) -> Result<()> {
        let copy = self.folder.join("copy");
        let _ = std::fs::remove_file(&copy);
        let into = copy.display().to_string();
        self.done(&["download", document, "--into", &into, "--purpose", "customer_service"]).await?;
        let same = std::process::Command::new("cmp").arg(&copy).arg(paper).status()?.success();
        std::fs::remove_file(copy)?;
        require(same, "what left is not what came")
    }
}

async fn ended(mut process: Process) -> Result<String> {
    if !process.ended(PATIENCE).await? {
        return Err(Fault::new("it does not end"));
    }
    let said = std::fs::read_to_string(process.log())?;
    require(process.code() == Some(0), format!("it ended with {:?}: {said}", process.code()))?;
    Ok(said)
}

fn count(folder: &Path) -> usize {
    let Ok(found) = std::fs::read_dir(folder) else { return 0 };
    found.flatten().map(|one| if one.path().is_dir() { count(&one.path()) } else { 1 }).sum()
}

/// An upload goes on by itself when profile dies under it, and by `--resume` when it died itself.
pub(crate) async fn cut(stand: &mut Stand) -> Result<String> {
    let mut desk = Desk::new(stand).await?;
    let paper = desk.paper("long.pdf", LONG)?;
    let path = paper.display().to_string();
    let one = desk.scan().await?;
    let upload = desk.run(&["upload", &path, "--document", &one]).await?;
    soon("pieces are kept", async || (desk.pieces() >= 2).then_some(())).await?;
    let at = desk.profile();
    desk.fleet.replicas[at].kill().await?;
    let kept = desk.pieces();
    desk.fleet.replicas[at].start(&[])?;
    let said = ended(upload).await?;
    require(said.contains("the stream broke"), format!("it was not cut: {said}"))?;
    desk.same(&one, &paper).await?;
    let (other, id) = (desk.scan().await?, fresh_id());
    let resume = ["upload", &path, "--document", &other, "--resume", &id];
    let before = desk.pieces();
    let mut upload = desk.run(&resume).await?;
    soon("more pieces are kept", async || (desk.pieces() >= before + 2).then_some(())).await?;
    upload.kill().await?;
    desk.done(&resume).await?;
    desk.same(&other, &paper).await?;
    Ok(format!("went on by itself with {kept} pieces kept when profile died, and by --resume when it died itself"))
}

/// What is a byte larger than the largest is refused before any of it comes, and leaves nothing.
pub(crate) async fn too_large(stand: &mut Stand) -> Result<String> {
    let desk = Desk::new(stand).await?;
    let paper = desk.paper("large.pdf", MOST + 1)?.display().to_string();
    let document = desk.scan().await?;
    let since = Instant::now();
    let refused = desk.done(&["upload", &paper, "--document", &document]).await;
    let Err(refused) = refused else { return Err(Fault::new("it was taken")) };
    let said = refused.to_string();
    require(said.contains("FIELD_VIOLATION") && said.contains("size_bytes"), format!("it was told {said}"))?;
    require(desk.pieces() == 0, "something of it was kept")?;
    Ok(format!("{} bytes refused after {:.2} s, nothing kept", MOST + 1, since.elapsed().as_secs_f64()))
}

/// The largest content comes in and leaves, and takes no more memory than a small one.
pub(crate) async fn largest(stand: &mut Stand) -> Result<String> {
    let desk = Desk::new(stand).await?;
    let paper = desk.paper("largest.pdf", MOST)?;
    let (path, document) = (paper.display().to_string(), desk.scan().await?);
    let service = desk.fleet.replicas[desk.profile()].pid();
    let before = peak(service);
    let upload = desk.watched(&["upload", &path, "--document", &document]).await?;
    let uploaded = peak(service);
    let copy = desk.folder.join("largest-copy.pdf");
    let into = copy.display().to_string();
    let download = desk.watched(&["download", &document, "--into", &into, "--purpose", "customer_service"]).await?;
    let downloaded = peak(service);
    let same = std::process::Command::new("cmp").arg(&copy).arg(&paper).status()?.success();
    require(same, "what left is not what came")?;
    let most = downloaded.max(upload.peak).max(download.peak);
    require(most <= MEMORY, format!("{most} MiB were taken; {MEMORY} are allowed"))?;
    Ok(format!(
        "{MOST} bytes in {:.0} s in and {:.0} s out; peak of profile {before} MiB before, {uploaded} after upload, {downloaded} \
         after download; of the command {} and {} MiB",
        upload.seconds, download.seconds, upload.peak, download.peak
    ))
}

/// The most memory that a process ever had, in MiB; 0 when it has ended.
fn peak(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}
