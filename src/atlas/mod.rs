//! Whose an address is, and where: looked up in a file that the user gives. Nobody is asked.
//!
//! The file is CSV in UTF-8 with a header row:
//!
//! ```csv
//! prefix,asn,name,place
//! 36.112.0.0/16,4134,中国电信,北京
//! 36.112.8.0/24,AS4847,"China Networks, IX",
//! 10.20.0.0/16,,市局数据中心,三楼机房
//! 2001:db8::/32,64496,Example,
//! ```
//!
//! `prefix` is a network of either family, or an address; `asn` its autonomous system (RFC 6793),
//! empty where it has none; `name` says whose it is; the column `place` may be missing. Of several
//! prefixes that hold an address the longest counts, as routers have it.

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use crate::error::Error;
use crate::files;
use crate::prefix::Table;

mod file;

/// Whose an address is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The autonomous system that it belongs to.
    pub asn: Option<u32>,
    /// Whose that is.
    pub name: Arc<str>,
    /// Where that is.
    pub place: Option<Arc<str>>,
}

/// Networks and whose they are.
#[derive(Debug, Clone, Default)]
pub struct Atlas {
    networks: Table<Origin>,
}

impl Atlas {
    /// Reads a file; all that is wrong with it is said at once, each with its line and column.
    pub fn read(path: &Path) -> Result<Atlas, Error> {
        file::parse(path, files::read(path)?)
    }

    /// Whose `address` is; `None` when no prefix holds it. An IPv4 address that is written as an IPv6
    /// one (RFC 4291, 2.5.5.2) is an IPv4 address.
    pub fn origin(&self, address: IpAddr) -> Option<&Origin> {
        self.networks.get(address)
    }

    /// How many prefixes there are.
    pub fn len(&self) -> usize {
        self.networks.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.networks.is_empty()
    }
}

#[cfg(test)]
mod tests;
