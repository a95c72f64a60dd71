//! The addresses and networks of nodes.

use std::net::IpAddr;

use super::report;
use crate::document::Checked;
use crate::lang::Text;
use crate::prefix::{Prefix, Wrong};
use crate::text;
use crate::topology::Node;

/// The addresses and networks that are written of node `id`.
pub(super) fn read(
    id: &str,
    written: &[String],
    checked: &mut Checked<'_>,
) -> (Vec<IpAddr>, Vec<Prefix>) {
    let (mut addresses, mut networks) = (Vec::new(), Vec::new());
    for (position, text) in written.iter().enumerate() {
        let (message, help) = match text.parse::<Prefix>() {
            Ok(prefix) => {
                match prefix.address() {
                    Some(address) => addresses.push(address),
                    None => networks.push(prefix),
                }
                continue;
            }
            Err(Wrong::Bits(meant)) => (
                text!(
                    "\"{text}\" 在前缀长度之后还有非零位",
                    "\"{text}\" has bits behind its length"
                ),
                text!(
                    "网络写 \"{meant}\"，单个地址不写长度",
                    "write \"{meant}\" for the network, or one address without a length"
                ),
            ),
            Err(Wrong::Form) => (
                text!(
                    "\"{text}\" 不是 IP 地址，也不是网络",
                    "\"{text}\" is neither an IP address nor a network"
                ),
                Text::new(
                    "例如 \"192.0.2.1\"、\"2001:db8::1\"，或网络 \"10.20.0.0/16\"",
                    "for example \"192.0.2.1\", \"2001:db8::1\", or a network \"10.20.0.0/16\"",
                ),
            ),
        };
        let path = ["node", id, "address", &position.to_string()];
        report(checked, &path, "bad-address", message, help);
    }
    (addresses, networks)
}

/// No two nodes have one address or network: `node` has none of those `before` it.
pub(super) fn distinct(node: &Node, before: &[Node], checked: &mut Checked<'_>) {
    let shared = node.prefixes().find_map(|own| {
        let mut before = before.iter();
        let other = before.find(|other| other.prefixes().any(|theirs| theirs == own))?;
        Some((own, &other.id))
    });
    if let Some((own, other)) = shared {
        let (message, help) = match own.address() {
            Some(address) => (
                text!(
                    "地址 {address} 已属于节点 \"{other}\"",
                    "address {address} already belongs to node \"{other}\""
                ),
                Text::new("一个地址只能属于一个节点", "an address belongs to one node"),
            ),
            None => (
                text!(
                    "网络 {own} 已属于节点 \"{other}\"",
                    "network {own} already belongs to node \"{other}\""
                ),
                Text::new(
                    "一个网络只能属于一个节点；其中更长的前缀可以属于别的节点",
                    "a network belongs to one node; a longer prefix inside it may be another's",
                ),
            ),
        };
        let path = ["node", &node.id, "address"];
        report(checked, &path, "duplicate-address", message, help);
    }
}
