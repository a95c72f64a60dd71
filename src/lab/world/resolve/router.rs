//! From a router's table to its manners.

use std::net::IpAddr;

use super::super::file::{RouterFile, WorldFile};
use super::super::{Forgery, Limit, Manners, Nat, Rule};
use super::report;
use super::words::{addresses, traffic};
use crate::document::Checked;
use crate::error::choices;
use crate::packet::interface::Interface;
use crate::packet::mpls::Label;
use crate::text;
use crate::units::Seconds;

/// What a router is: its own table before the one of all.
pub(super) fn merged(own: &RouterFile, all: &RouterFile) -> RouterFile {
    let (own, all) = (own.clone(), all.clone());
    RouterFile {
        name: own.name,
        address: own.address,
        silent: own.silent.or(all.silent),
        answers_from: own.answers_from.or(all.answers_from),
        answer_delay: own.answer_delay.or(all.answer_delay),
        copies: own.copies.or(all.copies),
        quote: own.quote.or(all.quote),
        labels: own.labels.or(all.labels),
        interfaces: own.interfaces.or(all.interfaces),
        limit: own.limit.or(all.limit),
        balance: own.balance.or(all.balance),
        dscp: own.dscp.or(all.dscp),
        filter: own.filter.or(all.filter),
        nat: own.nat.or(all.nat),
        public: own.public.or(all.public),
        forge: own.forge.or(all.forge),
    }
}

/// What a router that is `whole` does.
pub(super) fn manners(
    id: &str,
    whole: &RouterFile,
    file: &WorldFile,
    checked: &mut Checked<'_>,
) -> Manners {
    let labels = whole.labels.iter().flatten();
    let last = labels.clone().count().saturating_sub(1);
    let labels = labels.enumerate().map(|(at, label)| Label {
        label: label.label,
        class: label.class,
        bottom: at == last,
        ttl: label.ttl.unwrap_or(1),
    });
    let limits = whole.limit.iter().flatten().map(|limit| Limit {
        burst: limit.burst,
        every: limit.every,
        per: limit.per,
    });
    let rules = whole.filter.iter().flatten().enumerate();
    let rules = rules.map(|(at, rule)| Rule {
        direction: rule.direction,
        traffic: traffic(rule, &["router", id, "filter", &at.to_string()], checked),
        then: rule.then,
    });
    let rules = rules.collect();
    let nat = whole.nat.as_ref().map(|nat| Nat {
        addresses: addresses(&nat.address, &["router", id, "nat", "address"], checked),
        ports: nat.ports,
        restores: nat.restores_quotes.unwrap_or(true),
    });
    let interfaces = whole.interfaces.iter().flatten().enumerate();
    let interfaces = interfaces.map(|(at, own)| {
        let at = at.to_string();
        let written = own.address.as_slice();
        let address = addresses(
            written,
            &["router", id, "interfaces", &at, "address"],
            checked,
        );
        Interface {
            role: own.role,
            index: own.index,
            address: address.first().copied(),
            name: own.name.clone(),
            mtu: own.mtu,
        }
    });
    let interfaces = interfaces.collect();
    let mut list = |key: &str, written: &Option<Vec<String>>| {
        let written = written.as_deref().unwrap_or_default();
        addresses(written, &["router", id, key], checked)
    };
    let answers_from = list("answers-from", &whole.answers_from);
    let public = list("public", &whole.public);
    let forgeries = whole.forge.iter().flatten().enumerate();
    let forgeries = forgeries.map(|(at, forgery)| Forgery {
        flaw: forgery.flaw,
        says: forgery.says,
        from: pretended(id, at, forgery.from.as_deref(), file, checked),
    });
    Manners {
        silent: whole.silent.unwrap_or(false),
        answers_from,
        answer_delay: whole.answer_delay.unwrap_or(Seconds::ZERO),
        copies: whole.copies.unwrap_or(1),
        quote: whole.quote,
        labels: labels.collect(),
        interfaces,
        limits: limits.collect(),
        balance: whole.balance.unwrap_or_default(),
        class: whole.dscp,
        rules,
        nat,
        public,
        forgeries: forgeries.collect(),
    }
}

/// The addresses of the node that a forgery pretends to be.
fn pretended(
    id: &str,
    at: usize,
    from: Option<&str>,
    file: &WorldFile,
    checked: &mut Checked<'_>,
) -> Vec<IpAddr> {
    let written = match from {
        None => return Vec::new(),
        Some("client") => Some(&file.client.address),
        Some("server") => Some(&file.server.address),
        Some(id) => file.router.get(id).map(|router| &router.address),
    };
    if let Some(written) = written {
        return written.iter().flat_map(|text| text.parse()).collect();
    }
    let word = from.unwrap_or_default();
    let known = ["client", "server"].into_iter();
    let known: Vec<&str> = known
        .chain(file.router.keys().map(String::as_str))
        .collect();
    let at = at.to_string();
    report(
        checked,
        &["router", id, "forge", &at, "from"],
        "unknown-name",
        text!("没有名为 \"{word}\" 的节点", "there is no node \"{word}\""),
        choices(word, &known),
    );
    Vec::new()
}
