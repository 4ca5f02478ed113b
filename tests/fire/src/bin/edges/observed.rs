//! Alarms and dashboards: every query of theirs is answered by a real Prometheus that scraped the demonstration.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use dossier_fire::ground::{Fault, Fleet, Process, Result, free_port};
use serde_json::Value;

use crate::stand::{Stand, connect, get, observed, require, soon};

/// What is there only with TLS, or once a journal was doubted; tests of the kernel and of the journal look at those.
const ELSEWHERE: [&str; 5] = [
    "dossier_certificate_reload_failures_total",
    "dossier_certificate_expiry_seconds",
    "dossier_certificate_life_seconds",
    "dossier_server_tls_refused_total",
    "dossier_journal_doubted",
];

/// The alarms and the dashboard ask for nothing that is not there, and a healthy installation rings no alarm.
pub(crate) async fn by_prometheus(stand: &mut Stand) -> Result<String> {
    let Some(program) =
        ["/usr/bin/prometheus", "/usr/local/bin/prometheus"].iter().find(|path| Path::new(path).exists())
    else {
        return Ok("skipped: Prometheus is missing; install with: apt-get install prometheus".into());
    };
    let witness = stand.scratch.path().join("witness.jsonl").display().to_string();
    let mut fleet = stand.fleet(1, &[("DOSSIER__JOURNAL__WITNESS_FILE", &witness)]).await?;
    let targets = measured(&mut fleet).await?;
    fleet.command(&["demo", "--connect", &connect(&fleet)]).await?;
    let prometheus = Prometheus::start(Path::new(program), stand.scratch.path(), &targets).await?;
    let known = prometheus.names().await?;
    let (mut asked, mut empty) = (0, Vec::new());
    for query in dashboard()? {
        asked += 1;
        if prometheus.ask(&query).await?.is_empty() && !elsewhere(&query) {
            empty.push(query);
        }
    }
    require(empty.is_empty(), format!("the dashboard shows nothing for {empty:?}"))?;
    let mut rung = Vec::new();
    for (name, query) in alarms()? {
        asked += 1;
        let missing = used(&query).into_iter().find(|metric| !known.contains(*metric) && !elsewhere(metric));
        require(missing.is_none(), format!("{name} asks for {missing:?}, which nobody tells"))?;
        if !prometheus.ask(&query).await?.is_empty() {
            rung.push(name);
        }
    }
    require(rung.is_empty(), format!("a healthy installation rings {rung:?}"))?;
    Ok(format!("{asked} queries answered over {} metrics", known.len()))
}

fn elsewhere(query: &str) -> bool {
    ELSEWHERE.iter().any(|name| query.contains(name))
}

// Starts everything with a port for metrics each; the first start makes the keys that all share.
async fn measured(fleet: &mut Fleet) -> Result<Vec<String>> {
    fleet.go().await?;
    let mut targets = Vec::new();
    for replica in &mut fleet.replicas {
        targets.push(observed(replica, &[]).await?);
    }
    fleet.go().await?;
    Ok(targets)
}

/// Every query of the dashboard.
fn dashboard() -> Result<Vec<String>> {
    let text = std::fs::read_to_string("deploy/observe/dashboard.json")?;
    let board: Value = serde_json::from_str(&text).map_err(Fault::new)?;
    let panels = board["panels"].as_array().into_iter().flatten();
    let targets = panels.flat_map(|panel| panel["targets"].as_array().into_iter().flatten());
    Ok(targets.filter_map(|target| target["expr"].as_str().map(str::to_owned)).collect())
}

/// Every alarm and its query; a query stands on one line.
fn alarms() -> Result<BTreeMap<String, String>> {
    let text = std::fs::read_to_string("deploy/observe/alerts.yaml")?;
    let (mut found, mut name) = (BTreeMap::new(), "");
    for line in text.lines().map(str::trim) {
        if let Some(alert) = line.strip_prefix("- alert: ") {
            name = alert;
        } else if let Some(query) = line.strip_prefix("expr: ") {
            found.insert(name.to_owned(), query.to_owned());
        }
    }
    require(found.len() >= 20, format!("only {} alarms were read", found.len()))?;
    Ok(found)
}

/// The metrics that a query asks for.
fn used(query: &str) -> BTreeSet<&str> {
    let words = query.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let ours = |word: &&str| ["dossier_", "rpc_server_", "process_"].iter().any(|start| word.starts_with(start));
    words.filter(ours).collect()
}

/// A Prometheus of its own; it ends with its owner.
struct Prometheus {
    address: String,
    _process: Process,
}

// === impl Prometheus ===

impl Prometheus {
    /// Starts it with the alarms of this repository; returns when it has scraped every target.
    async fn start(program: &Path, scratch: &Path, targets: &[String]) -> Result<Self> {
        let rules = std::env::current_dir()?.join("deploy/observe/alerts.yaml");
        let listed = targets.iter().map(|target| format!("\"{target}\"")).collect::<Vec<_>>().join(", ");
        let config = format!(
            "global: {{scrape_interval: 1s, evaluation_interval: 1s}}\nrule_files: [\"{}\"]\nscrape_configs:\n  \
             - job_name: dossier\n    static_configs: [{{targets: [{listed}]}}]\n",
            rules.display()
        );
        let file = scratch.join("prometheus.yaml");
        std::fs::write(&file, config)?;
        let address = format!("127.0.0.1:{}", free_port()?);
        let flags = [
            format!("--config.file={}", file.display()),
            format!("--storage.tsdb.path={}", scratch.join("prometheus").display()),
            format!("--web.listen-address={address}"),
        ];
        let flags: Vec<_> = flags.iter().map(String::as_str).collect();
        let log = scratch.join("prometheus.log");
        let made = Self { address, _process: Process::start(program, &flags, &BTreeMap::new(), &log)? };
        // Rates need more than one scrape.
        let query = "count(count_over_time(up{job=\"dossier\"}[1m]) >= 5)";
        let all = async || {
            let answer = made.ask(query).await.ok()?;
            let count = answer.first()?["value"][1].as_str()?.parse::<usize>().ok()?;
            (count == targets.len()).then_some(())
        };
        soon("every target was scraped", all).await?;
        Ok(made)
    }

    async fn ask(&self, query: &str) -> Result<Vec<Value>> {
        let answer = self.get(&format!("/api/v1/query?query={}", escaped(query))).await?;
        let rows = answer["data"]["result"].as_array().cloned();
        rows.ok_or_else(|| Fault::new(format!("{query}: {answer}")))
    }

    async fn names(&self) -> Result<BTreeSet<String>> {
        let answer = self.get("/api/v1/label/__name__/values").await?;
        let names = answer["data"].as_array().into_iter().flatten();
        Ok(names.filter_map(|name| name.as_str().map(str::to_owned)).collect())
    }

    async fn get(&self, path: &str) -> Result<Value> {
        let answer = get(&self.address, path).await;
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        serde_json::from_str(body).map_err(|_| Fault::new(format!("{path}: {answer}")))
    }
}

fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}
