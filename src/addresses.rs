//! Which addresses people may have us call: those of the outside, not of this machine or its house.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::Url;

/// Refuses an address that leads, or whose name leads, to this machine or a private network.
///
/// The reason says what to do where that is wanted.
pub(crate) async fn ensure_public(address: &str) -> Result<(), String> {
    let url = Url::parse(address).map_err(|error| format!("{address} is no address: {error}"))?;
    let host = url.host_str().ok_or_else(|| format!("{address} names no host"))?;
    let port = url.port_or_known_default().unwrap_or(443);
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let found = tokio::net::lookup_host((bare, port)).await;
    let found: Vec<_> = found.map_err(|error| format!("{host} is not found: {error}"))?.collect();
    if found.is_empty() || found.iter().any(|at| !is_public(at.ip())) {
        return Err(format!(
            "{host} is in a private network; set SUPERFAN_ALLOW_PRIVATE_ADDRESSES=true if that \
             is meant"
        ));
    }
    Ok(())
}

/// Whether an address belongs to the outside.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => match ip.to_ipv4() {
            Some(inner) if !ip.is_loopback() => is_public_v4(inner),
            _ => is_public_v6(ip),
        },
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, ..] = ip.octets();
    let is_shared = a == 100 && (64..128).contains(&b);
    let is_reserved = a == 0 || a >= 240;
    !(ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation()
        || is_shared
        || is_reserved)
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    !(ip.is_loopback()
        || ip.is_unspecified()
        || ip.is_multicast()
        || ip.is_unique_local()
        || ip.is_unicast_link_local())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_outside_is_public() {
        let check =
            |ip: &str, expected| assert_eq!(is_public(ip.parse().unwrap()), expected, "{ip}");
        for ip in ["8.8.8.8", "203.0.114.1", "2606:4700::1111", "::ffff:8.8.8.8"] {
            check(ip, true);
        }
        for ip in [
            "127.0.0.1",
            "10.1.2.3",
            "192.168.0.1",
            "172.16.0.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "::1",
            "fe80::1",
            "fd00::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::",
        ] {
            check(ip, false);
        }
    }

    #[tokio::test]
    async fn a_refusal_says_how_to_allow_it() {
        let refused = ensure_public("http://127.0.0.1:9000").await.unwrap_err();
        assert!(refused.contains("SUPERFAN_ALLOW_PRIVATE_ADDRESSES"), "{refused}");
        assert!(ensure_public("http://[::1]:9000").await.is_err());
        assert!(ensure_public("not an address").await.is_err());
    }
}
