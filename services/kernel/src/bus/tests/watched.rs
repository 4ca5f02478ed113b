//! What a test's thread logs and measures.

use std::sync::{Arc, Mutex, PoisonError};

use metrics::LocalRecorderGuard;
use metrics_exporter_prometheus::PrometheusBuilder;
use tracing::subscriber::DefaultGuard;

#[derive(Clone, Default)]
struct Said(Arc<Mutex<Vec<u8>>>);

// === impl Said ===

impl std::io::Write for Said {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What this thread logs and measures; a test runs on one.
pub(super) struct Watched {
    said: Said,
    metrics: metrics_exporter_prometheus::PrometheusHandle,
    _guards: (DefaultGuard, LocalRecorderGuard<'static>),
}

// === impl Watched ===

impl Watched {
    pub(super) fn begin() -> Self {
        let said = Said::default();
        let writer = said.clone();
        let log = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
        let recorder = Box::leak(Box::new(PrometheusBuilder::new().build_recorder()));
        let metrics = recorder.handle();
        let guards = (tracing::subscriber::set_default(log), metrics::set_default_local_recorder(recorder));
        Self { said, metrics, _guards: guards }
    }

    pub(super) fn lines(&self, level: &str) -> Vec<String> {
        let bytes = self.said.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let text = String::from_utf8(bytes).unwrap();
        text.lines().filter(|line| line.contains(level) && line.contains("bus::redis")).map(str::to_owned).collect()
    }

    pub(super) fn measure(&self, name: &str) -> String {
        let shown = self.metrics.render();
        let line = shown.lines().find(|line| line.starts_with(name)).map(str::to_owned);
        line.unwrap_or_default().rsplit(' ').next().unwrap_or_default().to_owned()
    }

    /// One warning for each of `codes`, in their order, and one line when all was over.
    #[track_caller]
    pub(super) fn told(&self, codes: &[&str]) {
        let warned = self.lines(" WARN ");
        assert_eq!(warned.len(), codes.len(), "{warned:#?}");
        for (line, code) in warned.iter().zip(codes) {
            assert!(line.contains(&format!("code=\"{code}\"")), "{code} in {line}");
        }
        let ended: Vec<_> = self.lines(" INFO ").into_iter().filter(|line| line.contains("is used again")).collect();
        assert_eq!(ended.len(), 1, "{ended:#?}");
        assert_eq!(self.measure("dossier_bus_up"), "1");
        assert_eq!(self.measure("dossier_bus_faults_total"), codes.len().to_string());
        assert_eq!(self.measure("dossier_bus_recoveries_total"), "1");
        assert!(!self.lines("").concat().contains("canary"), "a password is told");
    }
}
