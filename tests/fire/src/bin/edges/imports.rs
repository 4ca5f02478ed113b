//! Imports that are not waited for.

use std::fmt::Write;

use dossier_fire::ground::{Fault, Process, Result, Service, Signal};
use dossier_fire::history::facts;
use tokio::time::Instant;

use crate::stand::{SOON, Stand, require, soon};

/// More than are created while anybody looks.
const ROWS: usize = 20_000;

/// Ctrl-C ends an import in order: it says what was created, and the lines that were refused are in their file.
pub(crate) async fn interrupted(stand: &mut Stand) -> Result<String> {
    let mut fleet = stand.fleet(1, &[]).await?;
    fleet.go().await?;
    let (file, report) = (stand.scratch.path().join("list.csv"), stand.scratch.path().join("refused.csv"));
    let mut text = "name,phone\nNumber 1,not-a-phone\n".to_owned();
    for row in 2..ROWS {
        writeln!(text, "Number {row},139{row:08}").map_err(Fault::new)?;
    }
    std::fs::write(&file, text)?;
    let address = fleet.replicas[fleet.of(Service::Profile)[0]].addresses[&Service::Profile];
    let (uri, token) = (format!("http://{address}"), fleet.token("demo", "sales-1").await?);
    let (list, refused) = (file.display().to_string(), report.display().to_string());
    let words = ["import", &list, "--address", &uri, "--token", &token, "--unit", "sales", "--report", &refused];
    let more = ["--source", "a fair", "--channel", "import", "--customer-type", "company"];
    let log = stand.scratch.path().join("import.log");
    let mut import = Process::start(&stand.program, &[&words[..], &more[..]].concat(), &fleet.plan.environment, &log)?;
    let begun = soon("it has created some", async || {
        let (_, _, size) = facts::backlog(&fleet.plan.store, Service::Profile).await.ok()?;
        (size > 100).then_some(())
    });
    let begun = begun.await;
    import.signal(Signal::Interrupt)?;
    let since = Instant::now();
    require(import.ended(SOON).await?, "it goes on")?;
    let said = std::fs::read_to_string(&log)?;
    begun.map_err(|fault| fault.within(said.clone()))?;
    require(import.code() == Some(1), format!("it ended with {:?}: {said}", import.code()))?;
    require(said.contains("created") && said.contains("interrupted"), format!("it said {said}"))?;
    let kept = std::fs::read_to_string(&report)?;
    require(kept.contains("2,FIELD_VIOLATION,fields.phone"), format!("the file of refused lines says {kept}"))?;
    let summary = said.lines().find(|line| line.contains("created")).unwrap_or_default().trim().to_owned();
    Ok(format!("{summary}; ended {:.1} s after", since.elapsed().as_secs_f64()))
}
