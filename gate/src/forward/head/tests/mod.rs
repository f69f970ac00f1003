//! The guard alone, on a stream in memory. What [`check`] takes is in
//! [`heads`], what hyper makes of it in [`server`].

mod chunks;
mod heads;
mod server;

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use tokio::time::{sleep, timeout};

use super::HeadGuard;

const PLAIN: &[u8] = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
const UPGRADE: &[u8] =
    b"POST /b HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 2\r\n\r\n{}";

fn pair() -> (DuplexStream, HeadGuard<DuplexStream>) {
    let (client, server) = duplex(256 * 1024);
    (client, HeadGuard::new(server))
}

/// What one read gives, or nothing when it would wait.
async fn read(guard: &mut HeadGuard<DuplexStream>) -> Option<Vec<u8>> {
    let mut bytes = vec![0; 128 * 1024];
    let read = timeout(Duration::from_millis(1), guard.read(&mut bytes))
        .await
        .ok()?;
    bytes.truncate(read.unwrap());
    Some(bytes)
}

async fn read_so_many(guard: &mut HeadGuard<DuplexStream>, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    guard.read_exact(&mut bytes).await.unwrap();
    bytes
}

async fn answer(mut client: DuplexStream, guard: HeadGuard<DuplexStream>) -> String {
    drop(guard);
    let mut text = String::new();
    client.read_to_string(&mut text).await.unwrap();
    text
}

fn refusal(status: &str, reason: &str) -> String {
    let body = format!("{{\"message\":\"dock: {reason}\"}}\n");
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

#[tokio::test(start_paused = true)]
async fn nothing_of_a_head_passes_before_all_of_it_came() {
    let (mut client, mut guard) = pair();
    for byte in &PLAIN[..PLAIN.len() - 1] {
        client.write_u8(*byte).await.unwrap();
        assert_eq!(read(&mut guard).await, None);
    }
    client.write_u8(b'\n').await.unwrap();
    assert_eq!(read(&mut guard).await.unwrap(), PLAIN);
}

#[tokio::test(start_paused = true)]
async fn a_bad_first_head_is_answered_and_the_server_sees_the_end() {
    let (mut client, mut guard) = pair();
    client
        .write_all(b"GET /a HTTP/1.1\r\nHost : x\r\n\r\n")
        .await
        .unwrap();
    assert_eq!(read(&mut guard).await.unwrap(), b"");
    assert_eq!(
        answer(client, guard).await,
        refusal(
            "400 Bad Request",
            "the name of a header has a character that no name has"
        )
    );
}

#[tokio::test(start_paused = true)]
async fn a_lone_line_feed_is_refused_before_the_head_ends() {
    let (mut client, mut guard) = pair();
    client.write_all(b"GET /a HTTP/1.1\n").await.unwrap();
    assert_eq!(read(&mut guard).await.unwrap(), b"");
    assert_eq!(
        answer(client, guard).await,
        refusal("400 Bad Request", "a line does not end in CR LF")
    );
}

#[tokio::test(start_paused = true)]
async fn http2_is_closed_without_an_answer() {
    let (mut client, mut guard) = pair();
    client
        .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        .await
        .unwrap();
    assert_eq!(read(&mut guard).await.unwrap(), b"");
    assert_eq!(answer(client, guard).await, "");
}

#[tokio::test(start_paused = true)]
async fn a_head_of_64_kib_passes_and_one_byte_more_is_refused() {
    for (length, passes) in [(64 * 1024, true), (64 * 1024 + 1, false)] {
        let (mut client, mut guard) = pair();
        let mut head = b"GET /a HTTP/1.1\r\nX: ".to_vec();
        head.resize(length - 4, b'x');
        head.extend_from_slice(b"\r\n\r\n");
        client.write_all(&head).await.unwrap();
        let seen = read(&mut guard).await.unwrap();
        if passes {
            assert_eq!(seen, head);
        } else {
            assert_eq!(seen, b"");
            assert_eq!(
                answer(client, guard).await,
                refusal(
                    "431 Request Header Fields Too Large",
                    "the head of the request is longer than 64 KiB"
                )
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_head_has_10_seconds_from_its_first_byte() {
    let (mut client, mut guard) = pair();
    // Idle is no reason to close.
    assert_eq!(
        timeout(Duration::from_secs(600), read(&mut guard))
            .await
            .unwrap(),
        None
    );
    client.write_all(b"GET").await.unwrap();
    assert_eq!(read(&mut guard).await, None);
    sleep(Duration::from_millis(9_900)).await;
    assert_eq!(read(&mut guard).await, None);
    sleep(Duration::from_millis(100)).await;
    assert_eq!(read(&mut guard).await.unwrap(), b"");
    assert_eq!(
        answer(client, guard).await,
        refusal(
            "408 Request Timeout",
            "the head of the request did not arrive within 10 seconds"
        )
    );
}

#[tokio::test(start_paused = true)]
async fn a_slow_head_within_10_seconds_passes() {
    let (mut client, mut guard) = pair();
    client.write_all(&PLAIN[..5]).await.unwrap();
    assert_eq!(read(&mut guard).await, None);
    sleep(Duration::from_millis(9_900)).await;
    client.write_all(&PLAIN[5..]).await.unwrap();
    assert_eq!(read(&mut guard).await.unwrap(), PLAIN);
    // The next head has its own time.
    guard.control().next();
    sleep(Duration::from_secs(5)).await;
    client.write_all(&PLAIN[..5]).await.unwrap();
    sleep(Duration::from_secs(5)).await;
    assert_eq!(read(&mut guard).await, None);
}

#[tokio::test(start_paused = true)]
async fn the_next_head_passes_when_the_request_is_decided() {
    let (mut client, mut guard) = pair();
    client.write_all(&[PLAIN, PLAIN].concat()).await.unwrap();
    assert_eq!(read(&mut guard).await.unwrap(), PLAIN);
    assert_eq!(read(&mut guard).await, None);
    guard.control().next();
    assert_eq!(read(&mut guard).await.unwrap(), PLAIN);
    // One decision is for one request.
    client.write_all(PLAIN).await.unwrap();
    assert_eq!(read(&mut guard).await, None);
}

#[tokio::test(start_paused = true)]
async fn a_bad_later_head_becomes_what_no_parser_takes() {
    let (mut client, mut guard) = pair();
    client
        .write_all(&[PLAIN, b"GET /a HTTP/1.1 \r\n\r\n"].concat())
        .await
        .unwrap();
    assert_eq!(read(&mut guard).await.unwrap(), PLAIN);
    guard.control().next();
    assert_eq!(read(&mut guard).await.unwrap(), super::NO_REQUEST);
    assert_eq!(read(&mut guard).await.unwrap(), b"");
    assert_eq!(answer(client, guard).await, "");
}

#[tokio::test(start_paused = true)]
async fn no_read_holds_bytes_of_two_messages() {
    let (mut client, mut guard) = pair();
    let post = b"POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\n";
    client
        .write_all(&[post, b"abc".as_slice(), PLAIN].concat())
        .await
        .unwrap();
    guard.control().next();
    assert_eq!(read(&mut guard).await.unwrap(), post);
    guard.control().next();
    assert_eq!(read(&mut guard).await.unwrap(), b"abc");
    assert_eq!(read(&mut guard).await.unwrap(), PLAIN);
}

#[tokio::test(start_paused = true)]
async fn a_body_read_together_with_the_next_head_is_cut_at_its_end() {
    let (mut client, mut guard) = pair();
    let post = b"POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\n";
    client.write_all(post).await.unwrap();
    assert_eq!(read(&mut guard).await.unwrap(), post);
    client.write_all(&[b"abc", PLAIN].concat()).await.unwrap();
    assert_eq!(read(&mut guard).await.unwrap(), b"abc");
    assert_eq!(read(&mut guard).await, None);
    guard.control().next();
    assert_eq!(read(&mut guard).await.unwrap(), PLAIN);
}

#[tokio::test(start_paused = true)]
async fn the_end_in_a_body_is_the_end() {
    let (mut client, mut guard) = pair();
    let post = b"POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\n";
    client
        .write_all(&[post, b"ab".as_slice()].concat())
        .await
        .unwrap();
    drop(client);
    assert_eq!(
        read_so_many(&mut guard, post.len() + 2).await,
        [post, b"ab".as_slice()].concat()
    );
    assert_eq!(read(&mut guard).await.unwrap(), b"");
}

#[tokio::test(start_paused = true)]
async fn the_client_that_goes_is_seen_while_the_service_works() {
    let (mut client, mut guard) = pair();
    client.write_all(PLAIN).await.unwrap();
    assert_eq!(read(&mut guard).await.unwrap(), PLAIN);
    assert_eq!(read(&mut guard).await, None);
    drop(client);
    assert_eq!(read(&mut guard).await.unwrap(), b"");
}

#[tokio::test(start_paused = true)]
async fn what_is_behind_an_upgrade_waits_for_raw_and_the_answer() {
    let (mut client, mut guard) = pair();
    client
        .write_all(&[UPGRADE, b"\0any\nbytes"].concat())
        .await
        .unwrap();
    assert_eq!(read_so_many(&mut guard, UPGRADE.len()).await, UPGRADE);
    assert_eq!(read(&mut guard).await, None);
    guard.control().raw();
    assert_eq!(read(&mut guard).await, None);
    // A flush without an answer does not count.
    guard.flush().await.unwrap();
    assert_eq!(read(&mut guard).await, None);
    guard.write_all(b"101").await.unwrap();
    assert_eq!(read(&mut guard).await, None);
    guard.flush().await.unwrap();
    assert_eq!(read(&mut guard).await.unwrap(), b"\0any\nbytes");
    client.write_all(b"more").await.unwrap();
    assert_eq!(read(&mut guard).await.unwrap(), b"more");
    guard.control().next();
    client.shutdown().await.unwrap();
    assert_eq!(read(&mut guard).await.unwrap(), b"");
    guard.write_all(b"out").await.unwrap();
    assert_eq!(answer(client, guard).await, "101out");
}

#[tokio::test(start_paused = true)]
async fn what_is_behind_a_refused_upgrade_is_the_next_head() {
    let (mut client, mut guard) = pair();
    client.write_all(&[UPGRADE, PLAIN].concat()).await.unwrap();
    assert_eq!(read_so_many(&mut guard, UPGRADE.len()).await, UPGRADE);
    guard.control().next();
    guard.control().raw();
    assert_eq!(read(&mut guard).await.unwrap(), PLAIN);
}

#[tokio::test(start_paused = true)]
async fn raw_is_nothing_for_a_request_that_asked_for_no_upgrade() {
    let (mut client, mut guard) = pair();
    client.write_all(&[PLAIN, PLAIN].concat()).await.unwrap();
    assert_eq!(read(&mut guard).await.unwrap(), PLAIN);
    guard.control().raw();
    guard.write_all(b"101").await.unwrap();
    guard.flush().await.unwrap();
    assert_eq!(read(&mut guard).await, None);
    guard.control().next();
    assert_eq!(read(&mut guard).await.unwrap(), PLAIN);
}

#[tokio::test]
async fn a_reader_that_waits_is_woken_by_the_decision() {
    let (mut client, mut guard) = pair();
    client.write_all(&[UPGRADE, PLAIN].concat()).await.unwrap();
    assert_eq!(read_so_many(&mut guard, UPGRADE.len()).await, UPGRADE);
    let control = guard.control();
    let reader = tokio::spawn(async move { read_so_many(&mut guard, PLAIN.len()).await });
    tokio::task::yield_now().await;
    control.next();
    let seen = timeout(Duration::from_secs(5), reader)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(seen, PLAIN);
}

#[tokio::test]
async fn a_reader_that_waits_is_woken_by_the_answer_to_an_upgrade() {
    let (mut client, mut guard) = pair();
    client.write_all(&[UPGRADE, b"x"].concat()).await.unwrap();
    assert_eq!(read_so_many(&mut guard, UPGRADE.len()).await, UPGRADE);
    guard.control().raw();
    let (mut input, mut output) = tokio::io::split(guard);
    let reader = tokio::spawn(async move { input.read_u8().await.unwrap() });
    tokio::task::yield_now().await;
    output.write_all(b"101").await.unwrap();
    output.flush().await.unwrap();
    let seen = timeout(Duration::from_secs(5), reader)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(seen, b'x');
}
