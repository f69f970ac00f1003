//! Addresses of a new network: those of the space, and never anybody else's.
//!
//! A subnet of a client's choice would become a route of the host's: it must
//! lie in the space's part of the pool, or in a range that an administrator
//! has opened for everybody.

use std::net::{IpAddr, Ipv6Addr};

use dock_space::config::Network;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::refusal::Refusal;
use crate::api::network::IpamRange;

/// The most ranges of one network.
const MAX_RANGES: usize = 8;

/// What the gate knows of addresses when a network is made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddressFacts {
    pub network: Network,
    /// The index of the space.
    pub index: u32,
    /// How many networks the space has beside its default one.
    pub networks: usize,
    /// The subnets of the space's networks.
    pub taken: Vec<IpNet>,
    /// Subnets that the engine did not take: something else on the host has them.
    pub spoilt: Vec<IpNet>,
}

impl AddressFacts {
    /// The space's part of the pool.
    fn own(&self) -> Option<Ipv4Net> {
        self.network.block(self.index)
    }

    fn is_free(&self, subnet: IpNet) -> bool {
        let mut others = self.taken.iter().chain(&self.spoilt);
        !others.any(|other| overlap(*other, subnet))
    }

    /// The most networks beside the default one, whatever their size: each is a
    /// bridge of the host's, and hundreds of them slow everybody down.
    fn most(&self) -> usize {
        usize::try_from(self.network.slots().saturating_sub(1)).unwrap_or(usize::MAX)
    }

    /// The first free subnet; slot 0 is the default network's.
    fn free(&self) -> Option<Ipv4Net> {
        (1..self.network.slots())
            .filter_map(|slot| self.network.subnet(self.index, slot))
            .find(|subnet| self.is_free(IpNet::V4(*subnet)))
    }

    fn free6(&self) -> Option<Ipv6Net> {
        (1..self.network.slots())
            .filter_map(|slot| self.network.subnet6(self.index, slot))
            .find(|subnet| self.is_free(IpNet::V6(*subnet)))
    }

    fn holds(&self, subnet: IpNet) -> bool {
        match subnet {
            IpNet::V4(subnet) => {
                let ranges = self.network.user_subnets.iter().copied();
                let mut allowed = self.own().into_iter().chain(ranges);
                allowed.any(|range| range.contains(&subnet))
            }
            IpNet::V6(subnet) => (0..self.network.slots())
                .filter_map(|slot| self.network.subnet6(self.index, slot))
                .any(|own| own.contains(&subnet)),
        }
    }
}

/// Whether two subnets have an address in common.
fn overlap(a: IpNet, b: IpNet) -> bool {
    a.contains(&b.network()) || b.contains(&a.network())
}

/// The ranges that are sent for those that were asked for.
pub(super) fn judge(
    facts: &AddressFacts,
    asked: Vec<IpamRange>,
    ipv4: bool,
    ipv6: bool,
) -> Result<Vec<IpamRange>, Refusal> {
    if asked.len() > MAX_RANGES {
        return Err(Refusal::of("Network.IPAM").because(format!(
            "a network can have {MAX_RANGES} ranges of addresses"
        )));
    }
    if facts.networks >= facts.most() {
        return Err(Refusal::of("Network.Count")
            .because(format!("you have {} networks already", facts.networks)));
    }
    let (mut has_ipv4, mut has_ipv6) = (false, false);
    let mut sent = Vec::with_capacity(asked.len() + 1);
    for range in asked {
        if range == IpamRange::default() {
            continue;
        }
        let subnet = subnet(facts, &range)?;
        match subnet {
            IpNet::V4(_) => has_ipv4 = true,
            IpNet::V6(_) => has_ipv6 = true,
        }
        sent.push(range);
    }
    if ipv4 && !has_ipv4 {
        let subnet = facts.free().ok_or_else(|| {
            Refusal::of("Network.Count").because(format!(
                "there are addresses for {} networks of yours, and all are in use",
                facts.most()
            ))
        })?;
        sent.push(range(IpNet::V4(subnet), Network::gateway(subnet).into()));
    }
    if ipv6 && !has_ipv6 {
        let subnet = facts
            .free6()
            .ok_or_else(|| Refusal::of("Network.EnableIPv6"))?;
        // Its first address is every router's (RFC 4291).
        let gateway = Ipv6Addr::from_bits(subnet.network().to_bits() + 1);
        sent.push(range(IpNet::V6(subnet), gateway.into()));
    }
    if sent.is_empty() {
        // The engine would choose from its own pools, which are everybody's.
        return Err(Refusal::invalid("IPv4 or IPv6 must be enabled"));
    }
    Ok(sent)
}

fn range(subnet: IpNet, gateway: IpAddr) -> IpamRange {
    IpamRange {
        subnet: subnet.to_string(),
        gateway: gateway.to_string(),
        ..IpamRange::default()
    }
}

/// One range of the client's: its subnet, when it is allowed and holds the rest.
fn subnet(facts: &AddressFacts, range: &IpamRange) -> Result<IpNet, Refusal> {
    let IpamRange {
        subnet: text,
        ip_range,
        gateway,
        auxiliary_addresses,
    } = range;
    if text.is_empty() {
        return Err(Refusal::invalid(
            "every ip-range or gateway must have a corresponding subnet",
        ));
    }
    let subnet: IpNet = text.parse().map_err(|_| {
        Refusal::invalid(format!(
            "Invalid subnet {text} : invalid CIDR address: {text}"
        ))
    })?;
    let longest = subnet.max_prefix_len() - 1;
    if !facts.holds(subnet.trunc()) || subnet.prefix_len() > longest {
        let refusal = Refusal::value("Network.Subnet", text);
        return Err(match facts.own() {
            Some(own) => refusal.because(format!("your addresses are {own}")),
            None => refusal,
        });
    }
    if !ip_range.is_empty() {
        let inner: IpNet = ip_range.parse().map_err(|_| {
            Refusal::invalid(format!("invalid ip-range {ip_range}: invalid CIDR address"))
        })?;
        if !subnet.contains(&inner) {
            return Err(Refusal::invalid(format!(
                "no matching subnet for range {ip_range}"
            )));
        }
    }
    let addresses = auxiliary_addresses
        .values()
        .map(|text| ("aux-address", text));
    let gateway = Some(("gateway", gateway)).filter(|(_, text)| !text.is_empty());
    for (what, text) in addresses.chain(gateway) {
        let inside = text
            .parse::<IpAddr>()
            .is_ok_and(|address| subnet.contains(&address));
        if !inside {
            return Err(Refusal::invalid(format!(
                "no matching subnet for {what} {text}"
            )));
        }
    }
    let names = auxiliary_addresses.keys();
    for name in names {
        super::process::host_name("Network.IPAM", name, 63)?;
    }
    Ok(subnet)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> AddressFacts {
        AddressFacts {
            index: 1,
            taken: vec!["10.128.8.0/24".parse().unwrap()],
            ..AddressFacts::default()
        }
    }

    fn asked(subnet: &str) -> Result<Vec<IpamRange>, Refusal> {
        let range = IpamRange {
            subnet: subnet.into(),
            ..IpamRange::default()
        };
        judge(&facts(), vec![range], true, false)
    }

    #[test]
    fn the_first_free_subnet_of_the_space_is_given() {
        let sent = judge(&facts(), vec![], true, false).unwrap();
        assert_eq!(sent[0].subnet, "10.128.9.0/24");
        assert_eq!(sent[0].gateway, "10.128.9.1");
        let mut facts = facts();
        facts.taken.push("10.128.9.128/25".parse().unwrap());
        facts.spoilt.push("10.128.10.0/24".parse().unwrap());
        let sent = judge(&facts, vec![], true, false).unwrap();
        assert_eq!(sent[0].subnet, "10.128.11.0/24");
        facts.taken.push("10.128.8.0/21".parse().unwrap());
        let refusal = judge(&facts, vec![], true, false).unwrap_err();
        assert_eq!(refusal.rule, "network.count");
    }

    #[test]
    fn many_small_networks_are_as_many_as_large_ones() {
        let asked = |networks: usize| {
            let range = IpamRange {
                subnet: "10.128.9.4/30".into(),
                ..IpamRange::default()
            };
            let facts = AddressFacts {
                networks,
                ..facts()
            };
            judge(&facts, vec![range], true, false)
        };
        assert!(asked(6).is_ok());
        assert_eq!(asked(7).unwrap_err().rule, "network.count");
    }

    #[test]
    fn a_network_without_addresses_is_not_left_to_the_engines_pools() {
        assert_eq!(judge(&facts(), vec![], true, false).unwrap().len(), 1);
        assert_eq!(
            judge(&facts(), vec![], false, false).unwrap_err().status,
            400
        );
    }

    #[test]
    fn a_subnet_of_ones_own_is_permitted_and_any_other_refused() {
        assert_eq!(asked("10.128.9.0/24").unwrap()[0].subnet, "10.128.9.0/24");
        for refused in [
            "10.128.16.0/24",
            "10.128.0.0/21",
            "10.128.0.0/16",
            "8.8.8.0/24",
            "0.0.0.0/0",
            "10.128.9.1/32",
            "fd00::/64",
            "127.0.0.0/8",
        ] {
            assert_eq!(
                asked(refused).unwrap_err().rule,
                "network.subnet",
                "{refused}"
            );
        }
        assert_eq!(asked("10.128.9.0/33").unwrap_err().status, 400);
    }

    #[test]
    fn a_range_that_an_administrator_opened_is_permitted() {
        let mut facts = facts();
        let range = |subnet: &str| {
            vec![IpamRange {
                subnet: subnet.into(),
                ..IpamRange::default()
            }]
        };
        assert!(judge(&facts, range("172.28.5.0/24"), true, false).is_err());
        facts.network.user_subnets = vec!["172.28.0.0/16".parse().unwrap()];
        assert!(judge(&facts, range("172.28.5.0/24"), true, false).is_ok());
        assert!(judge(&facts, range("172.0.0.0/8"), true, false).is_err());
    }

    #[test]
    fn what_belongs_to_a_subnet_must_lie_in_it() {
        let with = |change: fn(&mut IpamRange)| {
            let mut range = IpamRange {
                subnet: "10.128.9.0/24".into(),
                ..IpamRange::default()
            };
            change(&mut range);
            judge(&facts(), vec![range], true, false)
        };
        assert!(with(|range| range.gateway = "10.128.9.254".into()).is_ok());
        assert!(with(|range| range.gateway = "10.128.10.1".into()).is_err());
        assert!(with(|range| range.ip_range = "10.128.9.128/25".into()).is_ok());
        assert!(with(|range| range.ip_range = "10.128.8.0/23".into()).is_err());
        let aux = |address: &str| {
            let range = IpamRange {
                subnet: "10.128.9.0/24".into(),
                auxiliary_addresses: [("host".to_owned(), address.to_owned())].into(),
                ..IpamRange::default()
            };
            judge(&facts(), vec![range], true, false)
        };
        assert!(aux("10.128.9.7").is_ok() && aux("8.8.8.8").is_err());
        assert!(with(|range| range.subnet = String::new()).is_ok());
    }

    #[test]
    fn ipv6_comes_from_its_pool_or_not_at_all() {
        let mut facts = facts();
        let refusal = judge(&facts, vec![], true, true).unwrap_err();
        assert_eq!(refusal.rule, "network.ipv6");
        facts.network.pool6 = "fd00:d0c::/32".parse().ok();
        let sent = judge(&facts, vec![], true, true).unwrap();
        assert_eq!(sent[1].subnet, "fd00:d0c:0:9::/64");
        assert_eq!(sent[1].gateway, "fd00:d0c:0:9::1");
        let sent = judge(&facts, vec![], false, true).unwrap();
        assert_eq!(sent.len(), 1);
    }
}
