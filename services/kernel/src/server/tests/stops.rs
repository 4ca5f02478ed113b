//! How a server ends.

use tokio::io::AsyncReadExt;

use super::*;

// tonic's own graceful stop waits for ever for a connection that never says a word, and for an open stream.
#[tokio::test]
async fn a_silent_connection_and_an_open_stream_do_not_hold_up_the_stop() {
    let scene = scene(|config| {
        config.server.drain_deadline = Duration::from_millis(200);
        config.server.default_deadline = Duration::from_secs(60);
    });
    let bound = scene.server().await.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let (address, stop) = (bound.address(), Stop::new());
    let mut silent = TcpStream::connect(address).await.unwrap();
    let serving = tokio::spawn({
        let stop = stop.clone();
        async move { bound.serve(&stop).await }
    });
    let channel = connect(address).await;
    let mut watch = HealthClient::new(channel.clone()).watch(whole()).await.unwrap().into_inner();
    assert_eq!(watch.message().await.unwrap().unwrap().status(), ServingStatus::Serving);
    let mut request = scene.request("Hang").body(Body::empty()).unwrap();
    *request.uri_mut() = format!("http://{address}/sample.Sample/Hang").parse().unwrap();
    let hanging = tokio::spawn(channel.oneshot(request));
    let started = std::time::Instant::now();
    stop.request();
    assert_eq!(watch.message().await.unwrap().unwrap().status(), ServingStatus::NotServing);
    assert!(watch.message().await.unwrap().is_none(), "the watch is ended, not cut");
    serving.await.unwrap().unwrap();
    assert!(started.elapsed() < Duration::from_millis(200) + Duration::from_secs(2), "{:?}", started.elapsed());
    let mut said = Vec::new();
    let silence = silent.read_to_end(&mut said);
    let _ = tokio::time::timeout(Duration::from_secs(5), silence).await.expect("the silent connection is closed");
    assert!(hanging.await.unwrap().is_err(), "the hanging call is cut");
    assert!(TcpStream::connect(address).await.is_err(), "the port is closed");
}

#[tokio::test]
async fn a_second_stop_does_not_wait_for_the_drain() {
    let scene = scene(|config| config.server.drain_deadline = Duration::from_secs(600));
    let bound = scene.server().await.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let stop = Stop::new();
    let _silent = TcpStream::connect(bound.address()).await.unwrap();
    stop.force();
    let cut = tokio::time::timeout(Duration::from_secs(5), bound.serve(&stop)).await.unwrap().unwrap();
    assert_eq!(cut, 0, "no call was at work");
}

#[tokio::test]
async fn a_second_stop_tells_how_many_calls_it_cut_and_a_drain_that_took_its_time_does_not() {
    for (forced, drain, expected) in [(true, 600_000, 1), (false, 100, 0)] {
        let scene = scene(|config| {
            config.server.drain_deadline = Duration::from_millis(drain);
            config.server.default_deadline = Duration::from_secs(60);
        });
        let bound = scene.server().await.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let (address, admit, stop) = (bound.address(), bound.admit.clone(), Stop::new());
        let told = stop.clone();
        let serving = tokio::spawn(async move { bound.serve(&told).await });
        let mut request = scene.request("Hang").body(Body::empty()).unwrap();
        *request.uri_mut() = format!("http://{address}/sample.Sample/Hang").parse().unwrap();
        let hanging = tokio::spawn(connect(address).await.oneshot(request));
        while admit.at_work() == 0 {
            tokio::task::yield_now().await;
        }
        if forced {
            stop.force()
        } else {
            stop.request()
        }
        let cut = tokio::time::timeout(Duration::from_secs(5), serving).await.unwrap().unwrap().unwrap();
        assert_eq!(cut, expected, "forced: {forced}");
        assert!(hanging.await.unwrap().is_err());
    }
}
