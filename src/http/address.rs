//! Who calls: by token, by network address, and how often they may.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::time::Duration;

use axum::extract::ConnectInfo;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use governor::clock::Clock as GovernorClock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use super::Problem;
use crate::clock::{SharedClock, Ticks};
use crate::desk::Desk;

/// Beyond this many addresses, those that have been quiet are forgotten.
const MANY_ADDRESSES: usize = 4096;

/// The caller's address: the connection's, or behind a trusted proxy what that proxy says.
pub(crate) fn caller(parts: &Parts, desk: &Desk) -> IpAddr {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| peer.ip());
    behind(peer.to_canonical(), &parts.headers, &desk.config.trusted_proxies)
}

/// Walks `X-Forwarded-For` from its end as long as those who wrote it are trusted.
fn behind(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    let hops: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    let mut address = peer;
    for hop in hops.iter().rev() {
        if !trusted.contains(&address) {
            break;
        }
        let Ok(next) = hop.trim().parse::<IpAddr>() else {
            break;
        };
        address = next.to_canonical();
    }
    address
}

/// The token after `Bearer`, in any letter case.
pub(crate) fn bearer(parts: &Parts) -> Option<&str> {
    let value = parts.headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// How often one address may do something.
#[derive(Debug)]
pub(crate) struct AddressLimit {
    limiter: RateLimiter<IpAddr, HashMapStateStore<IpAddr>, Ticks, NoOpMiddleware<Nanos>>,
    clock: Ticks,
}

impl AddressLimit {
    /// `burst` at once, then one per `pause`.
    pub(crate) fn new(clock: &SharedClock, burst: u32, pause: Duration) -> Self {
        let burst = NonZeroU32::new(burst.max(1)).expect("at least one");
        let quota = Quota::with_period(pause).expect("the pause is not zero").allow_burst(burst);
        let clock = Ticks::new(clock.clone());
        let limiter = RateLimiter::new(quota, HashMapStateStore::default(), clock.clone());
        Self { limiter, clock }
    }

    /// Counts one use. Errors: 429 with the time to wait.
    pub(crate) fn check(&self, address: IpAddr) -> Result<(), Problem> {
        if self.limiter.len() > MANY_ADDRESSES {
            self.limiter.retain_recent();
        }
        self.limiter.check_key(&network(address)).map_err(|until| {
            let wait = until.wait_time_from(self.clock.now());
            let seconds = u64::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u64::MAX);
            let detail = format!("too many requests from this address; wait {seconds} s");
            Problem::new(StatusCode::TOO_MANY_REQUESTS, detail).retry_after(seconds)
        })
    }
}

/// One household has a whole IPv6 network, so it is counted as one.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(peer: &str, forwarded: &str, trusted: &[&str], expected: &str) {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", forwarded.parse().unwrap());
        let trusted: Vec<IpAddr> = trusted.iter().map(|text| text.parse().unwrap()).collect();
        assert_eq!(behind(peer.parse().unwrap(), &headers, &trusted).to_string(), expected);
    }

    #[test]
    fn only_a_trusted_proxys_word_counts() {
        check("9.9.9.9", "1.1.1.1", &[], "9.9.9.9");
        check("10.0.0.1", "6.6.6.6, 1.1.1.1", &["10.0.0.1"], "1.1.1.1");
        check("10.0.0.1", "1.1.1.1, 10.0.0.2", &["10.0.0.1", "10.0.0.2"], "1.1.1.1");
        check("10.0.0.1", "nonsense", &["10.0.0.1"], "10.0.0.1");
    }

    #[test]
    fn one_ipv6_network_is_one_caller() {
        let network = |text: &str| network(text.parse().unwrap()).to_string();
        assert_eq!(network("2001:db8:1:2:aaaa::1"), network("2001:db8:1:2::9"));
        assert_eq!(network("1.2.3.4"), "1.2.3.4");
    }
}
