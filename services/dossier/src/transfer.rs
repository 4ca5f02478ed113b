//! `dossier transfer`: whole customer files out of a house and into one, and an archive of before into it.
//!
//! ```text
//! dossier transfer out --into moving --purpose audit
//! dossier transfer in moving --batch branch-opening --source head-office --reason '迁入'
//! dossier transfer in archive.csv --mapping archive.toml --batch spring-2026 --source old-archive --reason '旧档迁移' --check
//! dossier transfer back spring-2026 --reason '对照表有误'
//! ```
//! Both ways go on where they were cut when they are simply run again: what left is not asked for twice, and what came is answered as
//! there already. Nothing is held whole in memory but the table of an archive. What became of every file stands in two tables beside
//! what was brought, complete after an interruption too: `….result.csv` (key, outcome, file, number) and `….refused.csv` (key, reason,
//! field, why), with the keys of the source.
//!
//! | module | what it is for |
//! |---|---|
//! | `carried` | files on their way, in a folder |
//! | [`out`](mod@out) | taking files out |
//! | [`bring`] | bringing files in: batches, streams, results, progress |
//! | [`mapping`] | what the columns of an archive mean |
//! | `archive` | the lines of an archive as files |
//! | `wrong` | what such a line says, and what is wrong with it |

mod archive;
mod back;
pub mod bring;
mod carried;
pub mod mapping;
pub mod out;
mod results;
mod wrong;

use std::path::PathBuf;

use dossier_kernel::config::Config;

use crate::Failure;
use crate::client::connection::Given;

/// What `transfer` takes.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    #[command(subcommand)]
    which: Which,
}

#[derive(clap::Subcommand, Clone, Debug)]
enum Which {
    /// Take whole files out into a folder; goes on where an earlier call was cut
    Out(OutArgs),
    /// Bring whole files in: from such a folder, or from the table of an archive with a mapping
    In(InArgs),
    /// Take back what was brought under a label, while nobody has used it
    Back(BackArgs),
}

/// What `transfer out` takes.
#[derive(clap::Args, Clone, Debug)]
pub struct OutArgs {
    /// The folder; made where it is not there
    #[arg(long, value_name = "DIR")]
    into: PathBuf,
    /// A file, files/…; may be repeated. All that you may take out unless told
    #[arg(long = "file", value_name = "NAME")]
    files: Vec<String>,
    /// What it is for, a label of the rule book; the journal says it of every file
    #[arg(long, value_name = "PURPOSE", env = "DOSSIER_PURPOSE")]
    purpose: String,
    /// Leave the contents of documents out
    #[arg(long)]
    without_contents: bool,
    #[command(flatten)]
    given: Given,
}

/// What `transfer in` takes.
#[derive(clap::Args, Clone, Debug)]
pub struct InArgs {
    /// A folder that `transfer out` filled, or with --mapping the table of an archive (CSV or JSON lines)
    #[arg(value_name = "FROM")]
    from: PathBuf,
    /// What the columns of the table mean, a TOML file
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// What people call it: small letters, digits, `.`, `_`, `-`; `transfer back` takes it back by this label
    #[arg(long, value_name = "LABEL")]
    batch: String,
    /// The house or the archive that the files come from; a key stands for one file of a source
    #[arg(long, value_name = "NAME")]
    source: String,
    /// Why, for the journal
    #[arg(long)]
    reason: String,
    /// Check every file with the service, keep nothing
    #[arg(long)]
    check: bool,
    /// Who keeps the files here, persons/…; nobody in particular unless told
    #[arg(long, value_name = "PERSON")]
    custodian: Option<String>,
    /// Where the two tables go; beside FROM unless told
    #[arg(long, value_name = "PREFIX")]
    results: Option<PathBuf>,
    #[command(flatten)]
    given: Given,
}

/// What `transfer back` takes.
#[derive(clap::Args, Clone, Debug)]
pub struct BackArgs {
    /// The label under which the files were brought
    #[arg(value_name = "LABEL")]
    batch: String,
    /// Why, for the journal
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    given: Given,
}

/// Does what is asked.
///
/// # Errors
/// What profile refuses; when it cannot be reached, or a file of this machine cannot be used; when files were refused.
pub async fn command(args: &Args, config: &Config) -> Result<(), Failure> {
    match &args.which {
        Which::Out(args) => Box::pin(out::run(args, config)).await,
        Which::In(args) => Box::pin(bring::run(args, config)).await,
        Which::Back(args) => Box::pin(back::run(args, config)).await,
    }
}
