//! Raw sockets against the true kernel: SYN probes, and ICMP errors in full.

#![cfg(all(feature = "trace", target_os = "linux"))]

mod forge;
mod net;
mod quotes;
mod syn;
