//! Redis comes back by itself after every fault; each is told once, and so is its end.

use ::redis::{Value, cmd};

use super::server::Server;
use super::watched::Watched;
use super::*;
use crate::config::SecretFile;

// More than two of the longest pauses between attempts.
const PATIENCE: Duration = Duration::from_secs(10);

fn bus(url: &str) -> RedisBus {
    RedisBus::open(&SecretString::from(url), &settings()).unwrap()
}

async fn fails(bus: &RedisBus) {
    until(async || bus.append("s", 1, b"x").await.is_err()).await;
}

async fn works(bus: &RedisBus) {
    until(async || bus.append("s", 1, b"x").await.is_ok()).await;
}

async fn until(holds: impl AsyncFn() -> bool) {
    let end = std::time::Instant::now() + PATIENCE;
    while !holds().await {
        assert!(std::time::Instant::now() < end, "it never happens");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_password_that_is_wrong_at_start_and_right_later() {
    let Some(server) = Server::start(&["--requirepass", "other"]).await else { return };
    let watched = Watched::begin();
    register();
    let bus = bus(&server.url(":canary@"));
    assert_eq!(watched.measure("dossier_bus_up"), "0");
    for name in ["dossier_bus_failures_total{operation=\"append\"}", "dossier_bus_faults_total", "dossier_bus_recov"] {
        assert_eq!(watched.measure(name), "0", "{name}");
    }
    let mut heard = bus.subscribe("t").await;
    for _ in 0..20 {
        fails(&bus).await;
    }
    server.tell(":other@", "CONFIG SET requirepass canary").await;
    works(&bus).await;
    assert_eq!(heard.next().await, Some(Message::Missed), "who listens is back as well");
    until(async || watched.measure("dossier_bus_up") == "1").await;
    watched.told(&["WRONGPASS"]);
}

#[tokio::test]
async fn a_redis_that_comes_back_with_another_password_is_used_when_the_file_has_it() {
    let Some(mut server) = Server::start(&["--requirepass", "canary"]).await else { return };
    let file = server.folder().join("url");
    std::fs::write(&file, server.url(":canary@")).unwrap();
    let watched = Watched::begin();
    register();
    let settings = Settings { redis_url_file: Some(SecretFile::new(&file, "")), ..settings() };
    let bus = RedisBus::open(&SecretString::from(server.url(":canary@")), &settings).unwrap();
    works(&bus).await;
    server.go(&["--requirepass", "canary2"]).await;
    fails(&bus).await;
    until(async || bus.line().inner().codes().contains(&"WRONGPASS".to_owned())).await;
    // Half a file is what somebody is writing.
    std::fs::write(&file, "redi").unwrap();
    fails(&bus).await;
    std::fs::write(&file, server.url(":canary2@")).unwrap();
    works(&bus).await;
    watched.told(&["UNREACHABLE", "WRONGPASS"]);
}

#[tokio::test]
async fn a_password_that_was_changed_lets_waiting_reads_in_when_the_file_has_it() {
    let Some(server) = Server::start(&["--requirepass", "canary"]).await else { return };
    let file = server.folder().join("url");
    std::fs::write(&file, server.url(":canary@")).unwrap();
    let settings = Settings { redis_url_file: Some(SecretFile::new(&file, "")), ..settings() };
    let watched = Watched::begin();
    register();
    let bus = RedisBus::open(&SecretString::from(server.url(":canary@")), &settings).unwrap();
    works(&bus).await;
    server.tell(":canary@", "CONFIG SET requirepass canary2").await;
    let wait = Duration::from_millis(5);
    for _ in 0..5 {
        assert!(bus.read("s", 1, 1, wait).await.is_err());
        // The connection that was let in before stays.
        works(&bus).await;
    }
    std::fs::write(&file, server.url(":canary2@")).unwrap();
    until(async || bus.read("s", 1, 1, wait).await.is_ok()).await;
    watched.told(&["WRONGPASS"]);
}

#[tokio::test]
async fn a_redis_that_takes_no_writes_and_takes_them_again() {
    let Some(server) = Server::start(&[]).await else { return };
    let watched = Watched::begin();
    register();
    let bus = bus(&server.url(""));
    works(&bus).await;
    server.tell("", "REPLICAOF 127.0.0.1 1").await;
    fails(&bus).await;
    // A ping and a read would go through; nobody is told that Redis is back.
    let attempts = async || server.ask::<Value>("", cmd("CLIENT").arg("ID")).await;
    let Value::Int(first) = attempts().await else { panic!("no number") };
    until(async || matches!(attempts().await, Value::Int(now) if now > first + 4)).await;
    fails(&bus).await;
    server.tell("", "REPLICAOF NO ONE").await;
    works(&bus).await;
    watched.told(&["READONLY"]);
}

#[tokio::test]
async fn after_a_failover_the_address_leads_to_the_new_one() {
    let (Some(old), Some(new)) = (Server::start(&[]).await, Server::start(&[]).await) else { return };
    let mut wire = Wire::to(&old.address()).await;
    let watched = Watched::begin();
    register();
    let bus = bus(&format!("redis://127.0.0.1:{}", wire.port));
    works(&bus).await;
    // Those who are connected stay with the old one, which becomes a replica of the new one.
    wire.lead_to(&new.address());
    bus.append("s", 2, b"x").await.unwrap();
    old.tell("", &format!("REPLICAOF 127.0.0.1 {}", new.port)).await;
    fails(&bus).await;
    works(&bus).await;
    until(async || new.ask::<u64>("", &cmd("DBSIZE")).await > 0).await;
    watched.told(&["READONLY"]);
}

#[tokio::test]
async fn a_redis_that_says_nothing_any_more_is_left() {
    let Some(server) = Server::start(&[]).await else { return };
    let watched = Watched::begin();
    register();
    let bus = bus(&server.url(""));
    works(&bus).await;
    let number = bus.line().number();
    server.signal("STOP");
    // Nothing breaks: only the answers are missing.
    until(async || bus.append("s", 2, b"x").await.is_err() && bus.line().number() != number).await;
    server.signal("CONT");
    works(&bus).await;
    until(async || watched.measure("dossier_bus_up") == "1").await;
    watched.told(&["UNREACHABLE"]);
}

#[tokio::test]
async fn one_late_answer_ends_no_connection() {
    let Some(server) = Server::start(&[]).await else { return };
    let watched = Watched::begin();
    let bus = bus(&server.url(""));
    works(&bus).await;
    let number = bus.line().number();
    server.tell("", "CLIENT PAUSE 700 ALL").await;
    assert!(matches!(bus.append("s", 2, b"x").await, Err(BusError::Unavailable { cause: None, .. })));
    works(&bus).await;
    assert_eq!((bus.line().number(), watched.lines(" WARN ").len()), (number, 0));
}

#[tokio::test]
async fn a_redis_without_room_keeps_its_connection_and_is_told_once() {
    let Some(server) = Server::start(&["--maxmemory-policy", "noeviction"]).await else { return };
    let watched = Watched::begin();
    register();
    let bus = bus(&server.url(""));
    works(&bus).await;
    let number = bus.line().number();
    server.tell("", "CONFIG SET maxmemory 1").await;
    for seq in 2..20 {
        assert!(bus.append("s", seq, b"x").await.is_err());
        assert!(bus.count("c", Duration::from_secs(1)).await.is_err());
        assert_eq!(bus.read("s", 0, 9, Duration::ZERO).await.unwrap().len(), 1, "what can be read is read");
    }
    assert_eq!(watched.measure("dossier_bus_up"), "0");
    server.tell("", "CONFIG SET maxmemory 0").await;
    // By itself: nobody asks anything.
    until(async || watched.measure("dossier_bus_up") == "1").await;
    assert_eq!(bus.line().number(), number);
    watched.told(&["OOM"]);
}

#[tokio::test]
async fn a_user_without_a_permission_and_with_it_again() {
    let Some(server) = Server::start(&[]).await else { return };
    server.tell("", "ACL SETUSER u on >canary ~* &* +@all -publish").await;
    let watched = Watched::begin();
    register();
    let bus = bus(&server.url("u:canary@"));
    works(&bus).await;
    let number = bus.line().number();
    for _ in 0..9 {
        assert!(bus.publish("t", b"x").await.is_err());
        bus.count("c", Duration::from_secs(1)).await.unwrap();
        bus.line().inner().prove_now().await;
    }
    server.tell("", "ACL SETUSER u +publish").await;
    bus.publish("t", b"x").await.unwrap();
    assert_eq!(bus.line().number(), number);
    watched.told(&["NOPERM"]);
}

#[tokio::test]
async fn a_redis_that_loads_its_data_is_waited_for() {
    let Some(mut server) = Server::start(&[]).await else { return };
    let fill = "for i = 1, 40000 do redis.call('SET', 'k' .. i, i) end";
    server.ask::<()>("", cmd("EVAL").arg(fill).arg(0)).await;
    server.tell("", "SAVE").await;
    let watched = Watched::begin();
    register();
    let bus = bus(&server.url(""));
    works(&bus).await;
    server.go(&["--key-load-delay", "200", "--loading-process-events-interval-bytes", "1024"]).await;
    until(async || bus.line().inner().codes().contains(&"LOADING".to_owned())).await;
    server.tell("", "CONFIG SET key-load-delay 0").await;
    works(&bus).await;
    watched.told(&["UNREACHABLE", "LOADING"]);
}

#[tokio::test]
async fn keys_that_moved_to_another_server_and_came_back() {
    let cluster = ["--cluster-enabled", "yes"];
    let (Some(one), Some(two)) = (Server::start(&cluster).await, Server::start(&cluster).await) else { return };
    one.tell("", "CLUSTER ADDSLOTSRANGE 0 16383").await;
    let [first, second] = [one.ask::<String>("", cmd("CLUSTER").arg("MYID")).await, id_of(&two).await];
    one.tell("", &format!("CLUSTER MEET 127.0.0.1 {}", two.port)).await;
    let told = async |what: &str| one.ask::<String>("", cmd("CLUSTER").arg(what)).await;
    until(async || told("NODES").await.contains(&second) && told("INFO").await.contains("cluster_state:ok")).await;
    let watched = Watched::begin();
    register();
    let bus = bus(&one.url(""));
    until(async || watched.measure("dossier_bus_up") == "1").await;
    let slot: u64 = one.ask("", cmd("CLUSTER").arg("KEYSLOT").arg(bus.key("stream", "s"))).await;
    one.tell("", &format!("CLUSTER SETSLOT {slot} NODE {second}")).await;
    for _ in 0..9 {
        fails(&bus).await;
    }
    one.tell("", &format!("CLUSTER SETSLOT {slot} NODE {first}")).await;
    works(&bus).await;
    watched.told(&["MOVED"]);
}

async fn id_of(server: &Server) -> String {
    server.ask("", cmd("CLUSTER").arg("MYID")).await
}
