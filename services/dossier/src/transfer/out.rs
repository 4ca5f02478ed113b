//! `dossier transfer out`: whole files into a folder, from the last that came whole on.

use dossier_kernel::config::Config;
use dossier_proto::profile::v1::ExportCustomerFilesRequest;
use dossier_proto::profile::v1::transfer_service_client::TransferServiceClient;
use tonic::Status;

use super::OutArgs;
use super::carried::{Writer, path};
use crate::client::connection::Connection;
use crate::client::{LARGEST_ANSWER, fault};
use crate::content::is_passing;
use crate::out::{Ticker, count};
use crate::serve::Which;
use crate::{Failure, out};

/// How often a broken stream is begun again before that is told.
const ATTEMPTS: usize = 5;

/// Takes them out.
///
/// # Errors
/// What profile refuses; when it cannot be reached, or the folder cannot be written.
pub async fn run(args: &OutArgs, config: &Config) -> Result<(), Failure> {
    let connection = args.given.access()?.connect(Which::Profile, config)?;
    let mut client = TransferServiceClient::new(connection).max_decoding_message_size(LARGEST_ANSWER);
    let (mut writer, mut ticker) = (Writer::open(&args.into)?, Ticker::default());
    let there = writer.files;
    for attempt in 1.. {
        match stream(&mut client, args, &mut writer, &mut ticker).await {
            Ok(()) => break,
            Err(Broken::Here(fault)) => return Err(fault),
            Err(Broken::There(status)) if attempt < ATTEMPTS && is_passing(&status) => {
                // What did not come whole comes again.
                writer = Writer::open(&args.into)?;
            }
            Err(Broken::There(status)) => return Err(fault::refused(&status)),
        }
    }
    ticker.clear();
    let more = if there > 0 { format!(", {} of them before", count(there, "file")) } else { String::new() };
    Ok(out::line(format!("{} in {}{more}", count(writer.files, "file"), path(&args.into).display()))?)
}

enum Broken {
    Here(Failure),
    There(Status),
}

async fn stream(
    client: &mut TransferServiceClient<Connection>,
    args: &OutArgs,
    writer: &mut Writer,
    ticker: &mut Ticker,
) -> Result<(), Broken> {
    let request = ExportCustomerFilesRequest {
        names: args.files.clone(),
        after: writer.last.clone(),
        purpose: args.purpose.clone(),
        without_contents: args.without_contents,
    };
    let mut parts = client.export_customer_files(request).await.map_err(Broken::There)?.into_inner();
    while let Some(one) = parts.message().await.map_err(Broken::There)? {
        if let Some(part) = one.part.and_then(|part| part.part) {
            writer.write(part).map_err(Broken::Here)?;
            ticker.tick(|| count(writer.files, "file"));
        }
    }
    Ok(())
}
