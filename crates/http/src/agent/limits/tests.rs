use super::*;
use crate::Event;
use crate::tell::Tell;
use crate::transport::told::told;

/// In time that passes at once.
fn guarded(limits: &Limits, set_up: impl FnOnce(&Tell)) -> (Failure, Duration) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        tokio::time::pause();
        let began = Instant::now();
        let (tell, _) = told();
        set_up(&tell);
        let failure = guard(limits, &tell, began).await;
        (failure, began.elapsed())
    })
}

fn ready(tell: &Tell) {
    tell.event(&Event::Ready { version: crate::Version::Http11 });
}

#[test]
fn whole_of_it_is_over_in_time() {
    let limits = Limits { total: Some(Duration::from_millis(1500)), ..Limits::default() };
    let (failure, took) = guarded(&limits, |tell| {
        ready(tell);
        tell.counters.received.set(7);
        tell.counters.to_receive.set(Some(10));
    });
    // The runtime's clock has ticks of a millisecond.
    assert_eq!((took.as_millis() / 10, failure.kind), (150, Kind::TimedOut));
    assert!(failure.text.starts_with("Operation timed out after 150"), "{failure}");
    assert!(failure.text.ends_with(" milliseconds with 7 out of 10 bytes received"), "{failure}");
}

#[test]
fn connection_takes_no_longer_than_it_may() {
    let limits = Limits { connect: Some(Duration::from_secs(2)), ..Limits::default() };
    let (failure, took) = guarded(&limits, |_| {});
    assert_eq!(took.as_secs(), 2);
    assert!(failure.text.starts_with("Resolving timed out after 200"), "{failure}");
}

#[test]
fn connection_takes_no_longer_than_five_minutes() {
    let (_, took) = guarded(&Limits::default(), |_| {});
    assert_eq!(took.as_secs(), CONNECT.as_secs());
}

#[test]
fn slow_for_too_long_is_too_slow() {
    let slow = Some((100, Duration::from_secs(3)));
    let (failure, took) = guarded(&Limits { slow, ..Limits::default() }, ready);
    assert_eq!(took.as_secs(), 3);
    let text = "Operation too slow. Less than 100 bytes/sec transferred the last 3 seconds";
    assert_eq!(failure.text, text);
}

#[test]
fn head_does_not_trickle_for_ever() {
    let (failure, took) = guarded(&Limits::default(), |tell| {
        ready(tell);
        tell.event(&Event::FirstByte);
    });
    assert_eq!((failure.kind, took.as_secs()), (Kind::TimedOut, HEAD.as_secs()));
}

#[test]
fn bucket_lets_through_what_it_may() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        tokio::time::pause();
        let began = Instant::now();
        let bucket = Bucket::new(Some(1000));
        for _ in 0..30 {
            bucket.take(bucket.bite(1 << 20)).await;
        }
        assert_eq!(began.elapsed().as_secs(), 3);
    });
}
