//! Health that means something.

use dossier_fire::ground::{Fault, Halt, Result, Service, free_port};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tonic::Code;
use tonic_health::pb::health_check_response::ServingStatus::{NotServing, Serving};

use crate::stand::{Stand, files, get, health, me, observed, read, require, says, soon};

/// Without its store a service is alive and not ready; with it, it is ready again by itself.
pub(crate) async fn store(stand: &mut Stand) -> Result<String> {
    let mut fleet = stand.fleet(1, &[]).await?;
    fleet.go().await?;
    let at = fleet.of(Service::Access)[0];
    let address = observed(&mut fleet.replicas[at], &[]).await?;
    let replica = &fleet.replicas[at];
    soon("it is ready", async || says(replica, Service::Access, Serving).await).await?;
    require(get(&address, "/readyz").await.contains("200 OK"), "/readyz does not say so")?;
    let postgres = stand.postgres.as_mut().ok_or_else(|| Fault::new("no PostgreSQL"))?;
    postgres.halt(Halt::Fast).await?;
    let (_, fell) = soon("it is not ready", async || says(replica, Service::Access, NotServing).await).await?;
    let told = get(&address, "/readyz").await;
    require(told.contains("503") && told.contains("\"store\""), format!("/readyz says {told}"))?;
    require(get(&address, "/livez").await.contains("200 OK"), "it does not live")?;
    require(health(replica, Service::Access, "alive").await == Some(Serving), "gRPC says it does not live")?;
    let refused = me(&fleet, replica, "gm").await?.err().map(|status| status.code());
    require(refused == Some(Code::Unavailable), format!("a caller was told {refused:?}"))?;
    stand.postgres.as_mut().ok_or_else(|| Fault::new("no PostgreSQL"))?.go().await?;
    let (_, rose) = soon("it is ready again", async || says(replica, Service::Access, Serving).await).await?;
    Ok(format!("not ready after {:.1} s, ready {:.1} s after the store", fell.as_secs_f64(), rose.as_secs_f64()))
}

/// While nobody is known to profile it is not ready, and callers may come again instead of being strangers.
pub(crate) async fn directory(stand: &mut Stand) -> Result<String> {
    let mut fleet = stand.fleet(1, &[]).await?;
    let (profile, access) = (fleet.of(Service::Profile)[0], fleet.of(Service::Access)[0]);
    fleet.replicas[profile].start(&[])?;
    soon("it answers", async || health(&fleet.replicas[profile], Service::Profile, "alive").await).await?;
    require(
        says(&fleet.replicas[profile], Service::Profile, NotServing).await.is_some(),
        "it is ready without people",
    )?;
    let told = files(&fleet, &fleet.replicas[profile], "sales-1").await?.err().map(|status| status.code());
    require(told == Some(Code::Unavailable), format!("a colleague was told {told:?}"))?;
    let told = read(&fleet, &fleet.replicas[profile], "sales-1").await?.err().map(|status| status.code());
    require(told == Some(Code::Unavailable), format!("a colleague who reads was told {told:?}"))?;
    fleet.replicas[access].start(&[])?;
    let replica = &fleet.replicas[profile];
    let (_, took) = soon("it is ready", async || says(replica, Service::Profile, Serving).await).await?;
    files(&fleet, replica, "sales-1").await?.map_err(|status| Fault::new(status.to_string()))?;
    let stranger = files(&fleet, replica, "nobody").await?.err().map(|status| status.code());
    require(stranger == Some(Code::PermissionDenied), format!("a stranger was told {stranger:?}"))?;
    Ok(format!("ready {:.1} s after access was started", took.as_secs_f64()))
}

/// While no key of any issuer is there nobody can call, and health says so; the keys come, and so do the calls.
pub(crate) async fn issuers(stand: &mut Stand) -> Result<String> {
    let address = format!("127.0.0.1:{}", free_port()?);
    let listed = format!(
        "[{{ issuer = \"https://id.example\", audience = \"dossier\", jwks_url = \"http://{address}/jwks.json\" }}]"
    );
    let more = [("DOSSIER__AUTH__ISSUERS", listed.as_str()), ("DOSSIER__AUTH__DEVELOPMENT_ISSUER", "false")];
    let more = [more[0], more[1], ("DOSSIER__AUTH__KEYS_MIN_INTERVAL", "1s")];
    let mut fleet = stand.fleet(1, &more).await?;
    let at = fleet.of(Service::Access)[0];
    let metrics = observed(&mut fleet.replicas[at], &[]).await?;
    let replica = &fleet.replicas[at];
    soon("it says what is missing", async || {
        get(&metrics, "/readyz").await.contains("no keys of https://id.example").then_some(())
    })
    .await?;
    soon("it is not ready", async || says(replica, Service::Access, NotServing).await).await?;
    let issuer = tokio::spawn(keys(TcpListener::bind(&address).await?));
    let (_, took) = soon("it is ready", async || says(replica, Service::Access, Serving).await).await?;
    issuer.abort();
    Ok(format!("ready {:.1} s after the issuer", took.as_secs_f64()))
}

// An issuer that knows one key, which signs nothing here.
async fn keys(listener: TcpListener) {
    const KEYS: &str = r#"{"keys": [{"kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": "one", "alg": "EdDSA",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
    while let Ok((mut caller, _)) = listener.accept().await {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n", KEYS.len());
        // Whoever has asked may have gone.
        let _ = caller.read(&mut [0; 2048]).await;
        let _ = caller.write_all(format!("{head}connection: close\r\n\r\n{KEYS}").as_bytes()).await;
    }
}
