//! `load transfer`: how fast whole files come in from an archive, leave, and come into an empty house.
//!
//! The archive is a table with one attachment a file. The floor is the least that keeping them can be: each attachment written to a
//! file of its own and on the disk before the next, in turns with nothing else.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use dossier_fire::ground::{Fault, Fleet, Plan, Postgres, Redis, Result, Scratch, Service};
use dossier_fire::measure::{Group, Meter};

/// Attachments of the floor.
const FLOOR: u64 = 2_000;

/// What `transfer` takes.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// The program dossier, a release build
    #[arg(long, env = "DOSSIER", default_value = "target/release/dossier")]
    dossier: PathBuf,
    /// On SQLite and one process instead of PostgreSQL, Redis and three
    #[arg(long)]
    sqlite: bool,
    /// Customer files of the archive
    #[arg(long, default_value_t = 20_000)]
    files: u64,
    /// Bytes of each attachment
    #[arg(long, default_value_t = 20_000)]
    bytes: usize,
    /// Bring the archive in, and leave the rest
    #[arg(long)]
    only_in: bool,
}

const MAPPING: &str = r#"encoding = "utf-8"
template = "customer_core"
note = "旧馆目录"

[file]
key = { column = "key" }
unit_ref = { column = "licence" }
customer_type = { value = "company" }
unit = { value = "sales" }
state = { value = "active" }
number = { column = "key" }
creator = { value = "张三" }
create_time = { value = "1998-03-02" }

[fields]
name = { column = "name" }
phone = { column = "phone" }
cooperation_stage = { value = "signed" }

[[attachments]]
folder = "scans"
column = "scan"
kind = "other"
"#;

/// Measures and prints.
///
/// # Errors
/// Whatever keeps a house from standing, or a file from coming in.
pub async fn run(args: Args) -> Result<()> {
    let scratch = Scratch::new("transfer")?;
    let servers =
        if args.sqlite { None } else { Some((Postgres::start(&scratch).await?, Redis::start(&scratch).await?)) };
    let archive = scratch.path().join("archive");
    lay(&archive, &args)?;
    let floor = floor(&scratch.path().join("floor"), &args)?;
    println!("floor: {floor:.0} attachments of {} bytes a second, each on the disk", args.bytes);
    let (table, mapping) = (text(&archive.join("archive.csv")), text(&archive.join("archive.toml")));
    let house = House::stand(&scratch, &args, servers.as_ref(), "old").await?;
    let label = ["--batch", "archive", "--source", "old-archive", "--reason", "旧档迁移"];
    let words = [&["in", &table, "--mapping", &mapping][..], &label].concat();
    house.measure("an archive comes in", &args, floor, &words).await?;
    house.measure("the same once more, all of it there", &args, floor, &words).await?;
    if args.only_in {
        return Ok(());
    }
    let moving = text(&scratch.path().join("moving"));
    house.measure("whole files leave", &args, floor, &["out", "--into", &moving, "--purpose", "audit"]).await?;
    drop(house);
    let house = House::stand(&scratch, &args, servers.as_ref(), "new").await?;
    let words = ["in", &moving, "--batch", "moved", "--source", "old-house", "--reason", "迁入"];
    house.measure("and come into an empty house", &args, floor, &words).await
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

fn lay(folder: &Path, args: &Args) -> Result<()> {
    std::fs::create_dir_all(folder.join("scans"))?;
    let mut table = "key,licence,name,phone,scan\n".to_owned();
    for at in 1..=args.files {
        writeln!(table, "旧-{at:07},L-{at:07},海岳第{at}机械有限公司,139{at:08},{at}.pdf").map_err(Fault::new)?;
        std::fs::write(folder.join(format!("scans/{at}.pdf")), attachment(args.bytes, at))?;
    }
    std::fs::write(folder.join("archive.csv"), table)?;
    Ok(std::fs::write(folder.join("archive.toml"), MAPPING)?)
}

fn attachment(bytes: usize, at: u64) -> Vec<u8> {
    let head = format!("%PDF-1.7\n{at}\n").into_bytes();
    let rest = (head.len()..bytes).map(|place| u8::try_from(place % 251).unwrap_or_default());
    head.iter().copied().chain(rest).collect()
}

fn floor(folder: &Path, args: &Args) -> Result<f64> {
    use std::io::Write as _;
    std::fs::create_dir_all(folder)?;
    let begun = Instant::now();
    for at in 0..FLOOR {
        let mut file = std::fs::File::create(folder.join(at.to_string()))?;
        file.write_all(&attachment(args.bytes, at))?;
        file.sync_all()?;
    }
    Ok(FLOOR as f64 / begun.elapsed().as_secs_f64().max(0.001))
}

/// One installation, empty at first.
struct House {
    fleet: Fleet,
    address: String,
    token: String,
    meter: Meter,
}

// === impl House ===

impl House {
    async fn stand(scratch: &Scratch, args: &Args, servers: Option<&(Postgres, Redis)>, name: &str) -> Result<Self> {
        let data = scratch.path().join(name);
        let plan = match servers {
            None => Plan::embedded(&args.dossier, &data),
            Some((postgres, redis)) => Plan::on_postgres(&args.dossier, &data, postgres, name).await?.with_redis(redis),
        };
        let fleet = Fleet::start(scratch, plan.with("DOSSIER__TELEMETRY__LOG_FILTER", "warn")).await?;
        let address = fleet.replicas[fleet.of(Service::Profile)[0]].addresses[&Service::Profile];
        let token = fleet.token("demo", "archivist").await?;
        let services = fleet.replicas.iter().map(dossier_fire::ground::Replica::pid).collect();
        let store = servers.and_then(|(postgres, _)| postgres.process()).map(dossier_fire::ground::Process::pid);
        let group = |name, roots| Group { name, roots, below: true };
        let groups = vec![group("services", services), group("PostgreSQL", store.into_iter().collect())];
        Ok(Self { fleet, address: format!("http://{address}"), token, meter: Meter::new(groups) })
    }

    async fn measure(&self, what: &str, args: &Args, floor: f64, words: &[&str]) -> Result<()> {
        let ways = ["--address", &self.address, "--token", &self.token];
        let (before, begun) = (self.meter.read(), Instant::now());
        let told = self.fleet.command(&[&["transfer"], words, &ways].concat()).await?;
        let seconds = begun.elapsed().as_secs_f64();
        let rate = args.files as f64 / seconds;
        let spent = self.meter.read().since(&before).0;
        let spent = spent.iter().map(|(name, all)| format!("{name} {:.2}", 1_000.0 * all / args.files as f64));
        let spent = spent.collect::<Vec<_>>().join(", ");
        let resident = self.meter.resident("services");
        let said = String::from_utf8_lossy(&told.stdout).trim().to_owned();
        println!("{what}: {} files in {seconds:.1} s, {rate:.0} a second, {:.2} x floor", args.files, rate / floor);
        println!("  CPU ms a file: {spent}; services hold {resident:.0} MiB; it said: {said}");
        Ok(())
    }
}
