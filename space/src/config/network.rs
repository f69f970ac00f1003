//! Addresses of the spaces' networks: pure functions of a space's index.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::RangeInclusive;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::{Deserialize, Deserializer};

use super::ConfigError;

/// `[network]`: the addresses of the spaces' networks, functions of a space's index.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Network {
    /// First address of the pool.
    pub pool: Ipv4Addr,
    /// Prefix length of the pool.
    pub pool_prefix: u8,
    /// Prefix length of the part of one space.
    pub space_prefix: u8,
    /// Prefix length of one network.
    pub network_prefix: u8,
    /// Ranges in which people may choose subnets themselves, beside their own
    /// part of the pool; whoever comes first has it.
    pub user_subnets: Vec<Ipv4Net>,
    /// The pool of IPv6: a /64 for each network; without it (`""`) there is none.
    #[serde(deserialize_with = "perhaps")]
    pub pool6: Option<Ipv6Net>,
}

/// A subnet, or an empty text for none.
fn perhaps<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Ipv6Net>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        return Ok(None);
    }
    let net = text.parse().map_err(|_| {
        serde::de::Error::custom(format!(
            "pool6: \"{text}\" is no IPv6 subnet, as \"fd00:d0c::/32\" is"
        ))
    });
    net.map(Some)
}

impl Network {
    /// The part of the pool of the space with `index`; `None` beyond the pool.
    pub fn block(&self, index: u32) -> Option<Ipv4Net> {
        if index >= self.capacity() {
            return None;
        }
        let first = self.pool.to_bits() + (index << (32 - self.space_prefix));
        Ipv4Net::new(Ipv4Addr::from_bits(first), self.space_prefix).ok()
    }

    /// How many spaces the pool has room for.
    pub fn capacity(&self) -> u32 {
        1 << (self.space_prefix - self.pool_prefix).min(31)
    }

    /// How many networks a space has addresses for, its default one included.
    pub fn slots(&self) -> u32 {
        1 << (self.network_prefix - self.space_prefix).min(31)
    }

    /// The subnet in `slot` of the space with `index`.
    pub fn subnet(&self, index: u32, slot: u32) -> Option<Ipv4Net> {
        let block = self.block(index)?;
        if slot >= self.slots() {
            return None;
        }
        let first = block.network().to_bits() + (slot << (32 - self.network_prefix));
        Ipv4Net::new(Ipv4Addr::from_bits(first), self.network_prefix).ok()
    }

    /// The gateway of a network: its first address.
    pub fn gateway(subnet: Ipv4Net) -> Ipv4Addr {
        subnet.hosts().next().unwrap_or(subnet.network())
    }

    /// The IPv6 subnet in the same place; `None` without a pool.
    pub fn subnet6(&self, index: u32, slot: u32) -> Option<Ipv6Net> {
        let pool = self.pool6?;
        self.subnet(index, slot)?;
        let number = u128::from(index) * u128::from(self.slots()) + u128::from(slot);
        let first = pool.network().to_bits() + (number << 64);
        Ipv6Net::new(Ipv6Addr::from_bits(first), 64).ok()
    }

    /// The indexes whose addresses `subnet` shares; `None` outside the pools.
    pub fn indexes(&self, subnet: IpNet) -> Option<RangeInclusive<u32>> {
        let last = u128::from(self.capacity()) - 1;
        // The pool's first address, and how many bits lie below an index.
        let (pool, below, first, end) = match subnet {
            IpNet::V4(subnet) => (
                u128::from(self.pool.to_bits()),
                u32::from(32 - self.space_prefix),
                u128::from(subnet.network().to_bits()),
                u128::from(subnet.broadcast().to_bits()),
            ),
            IpNet::V6(subnet) => (
                self.pool6?.network().to_bits(),
                64 + self.slots().trailing_zeros(),
                subnet.network().to_bits(),
                subnet.broadcast().to_bits(),
            ),
        };
        let end = end.checked_sub(pool)? >> below;
        let first = first.saturating_sub(pool) >> below;
        let index = |number: u128| u32::try_from(number.min(last)).ok();
        (first <= last).then_some(index(first)?..=index(end)?)
    }

    /// # Errors
    /// The first key that cannot be meant.
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let Network {
            pool,
            pool_prefix,
            space_prefix,
            network_prefix,
            ref user_subnets,
            pool6,
        } = *self;
        if !(8..=28).contains(&pool_prefix)
            || space_prefix < pool_prefix
            || network_prefix < space_prefix
            || network_prefix > 29
        {
            return Err(ConfigError::Value(
                "network",
                format!(
                    "pool_prefix {pool_prefix}, space_prefix {space_prefix}, network_prefix \
                     {network_prefix} must not shrink, and lie between 8 and 29"
                ),
            ));
        }
        if pool.to_bits() & (u32::MAX >> pool_prefix) != 0 {
            return Err(ConfigError::Value(
                "network.pool",
                format!("{pool} is not the first address of a /{pool_prefix}"),
            ));
        }
        if let Some(range) = user_subnets.iter().find(|range| range.prefix_len() < 8) {
            return Err(ConfigError::Value(
                "network.user_subnets",
                format!("{range} is larger than a /8"),
            ));
        }
        // A /64 for each network that the pool of IPv4 has room for.
        if let Some(pool6) = pool6
            && (pool6.prefix_len() > 64 - (network_prefix - pool_prefix) || pool6.trunc() != pool6)
        {
            return Err(ConfigError::Value(
                "network.pool6",
                format!(
                    "{pool6} is not the first address of a /{} or larger",
                    64 - (network_prefix - pool_prefix)
                ),
            ));
        }
        Ok(())
    }
}

impl Default for Network {
    /// 10.128.0.0/9 holds 4,096 spaces of eight networks of 254 addresses.
    fn default() -> Network {
        Network {
            pool: Ipv4Addr::new(10, 128, 0, 0),
            pool_prefix: 9,
            space_prefix: 21,
            network_prefix: 24,
            user_subnets: Vec::new(),
            pool6: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_subnets_of_the_pool_overlap() {
        let network = Network {
            pool_prefix: 16,
            pool6: "fd00:d0c::/32".parse().ok(),
            ..Network::default()
        };
        let (mut seen, mut seen6) = (Vec::new(), std::collections::BTreeSet::new());
        for index in 0..network.capacity() {
            let block = network.block(index).unwrap();
            for slot in 0..network.slots() {
                let subnet = network.subnet(index, slot).unwrap();
                assert!(block.contains(&subnet));
                assert!(seen.iter().all(|other| !subnet.contains(other)));
                seen.push(subnet.network());
                let subnet6 = network.subnet6(index, slot).unwrap();
                assert!(network.pool6.unwrap().contains(&subnet6));
                assert!(seen6.insert(subnet6));
            }
        }
        assert_eq!(network.subnet(0, network.slots()), None);
        assert_eq!(network.subnet(network.capacity(), 0), None);
        assert_eq!(Network::default().subnet6(0, 0), None);
    }

    #[test]
    fn a_subnet_tells_the_index() {
        let network = Network {
            pool6: "fd00:d0c::/48".parse().ok(),
            ..Network::default()
        };
        for index in [0, 1, 7, 4095] {
            for slot in [0, network.slots() - 1] {
                let subnets = [
                    IpNet::V4(network.subnet(index, slot).unwrap()),
                    IpNet::V6(network.subnet6(index, slot).unwrap()),
                ];
                for subnet in subnets {
                    assert_eq!(network.indexes(subnet), Some(index..=index), "{subnet}");
                }
            }
        }
        for (subnet, indexes) in [
            ("10.128.0.0/20", Some(0..=1)),
            ("10.128.15.1/32", Some(1..=1)),
            ("10.0.0.0/8", Some(0..=4095)),
            ("0.0.0.0/0", Some(0..=4095)),
            ("10.127.0.0/16", None),
            ("11.0.0.0/8", None),
            ("fd00:d0d::/64", None),
            ("fd00::/16", Some(0..=4095)),
        ] {
            assert_eq!(
                network.indexes(subnet.parse().unwrap()),
                indexes,
                "{subnet}"
            );
        }
    }

    #[test]
    fn a_pool_of_ipv6_must_hold_a_network_for_each_of_ipv4() {
        let with = |pool6: &str| Network {
            pool6: pool6.parse().ok(),
            ..Network::default()
        };
        // /9 to /24 are 15 bits.
        assert!(with("fd00:d0c::/49").check().is_ok());
        assert!(with("fd00:d0c::/50").check().is_err());
        assert!(with("fd00:d0c::1/48").check().is_err());
    }
}
