//! What can be typed after `hopcast trace`: mtr's habits, and ours.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, ValueEnum};

use crate::report::trace::Format;

/// Trace the path to a host, without any privilege, and report every hop.
#[derive(Debug, Args)]
pub(in crate::cli) struct TraceArgs {
    /// Host names or addresses; with a topology nodes of the journey, too (default: its turning point).
    #[arg(required_unless_present_any = ["topology", "file"])]
    pub(super) hosts: Vec<String>,
    /// Read more hosts from this file, one a line; - reads standard input.
    #[arg(short = 'F', long, value_name = "FILE")]
    pub(super) file: Option<PathBuf>,

    /// Report when the sweeps are done, also on a terminal.
    #[arg(short, long)]
    pub(super) report: bool,
    /// Watch live: the default on a terminal when no format and no number of sweeps is asked for.
    #[arg(short = 't', long, conflicts_with_all = ["report", "wide", "format", "json", "csv", "raw"])]
    pub(super) live: bool,
    /// Cut no name; add percentiles, jitter, the loss interval and the verdict.
    #[arg(short, long)]
    pub(super) wide: bool,
    /// Number of sweeps (default: 10; live: without end).
    #[arg(short = 'c', long, value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) cycles: Option<u32>,
    /// Seconds between the starts of two sweeps.
    #[arg(
        short,
        long,
        default_value_t = 1.0,
        value_name = "SECONDS",
        allow_negative_numbers = true
    )]
    pub(super) interval: f64,
    /// Last distance to probe.
    #[arg(short, long, default_value_t = 30, value_parser = clap::value_parser!(u8).range(1..))]
    pub(super) max: u8,
    /// First distance to probe.
    #[arg(short, long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..))]
    pub(super) first: u8,
    /// Seconds after which a reply is late.
    #[arg(
        short = 'Z',
        long,
        default_value_t = 3.0,
        value_name = "SECONDS",
        allow_negative_numbers = true
    )]
    pub(super) wait: f64,
    /// Seconds to wait for replies after the last probe (default: 3 times the worst time, at least
    /// 0.1).
    #[arg(
        short = 'G',
        long,
        value_name = "SECONDS",
        allow_negative_numbers = true
    )]
    pub(super) grace: Option<f64>,

    /// How to probe (default: udp on Linux, echo elsewhere).
    #[arg(long, value_enum)]
    pub(super) method: Option<Method>,
    /// Same as --method udp.
    #[arg(short, long, conflicts_with_all = ["method", "tcp"])]
    pub(super) udp: bool,
    /// Same as --method tcp.
    #[arg(short = 'T', long, conflicts_with = "method")]
    pub(super) tcp: bool,
    /// Port to aim at (udp: 33434 unless given; tcp and syn: the service's).
    #[arg(short = 'P', long, value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) port: Option<u16>,
    /// Port to leave from.
    #[arg(short = 'L', long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) local_port: Option<u16>,
    /// Bytes of a probe with its headers.
    #[arg(short, long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(48..=9216))]
    pub(super) size: u16,
    /// The byte of DSCP and ECN in every probe.
    #[arg(short = 'Q', long, default_value_t = 0, value_name = "BYTE")]
    pub(super) tos: u8,
    /// Let no router break a probe into fragments.
    #[arg(short = 'M', long)]
    pub(super) dont_fragment: bool,
    /// Leave from this address.
    #[arg(short = 'a', long, value_name = "ADDRESS")]
    pub(super) address: Option<IpAddr>,
    /// Leave by this interface.
    #[arg(short = 'I', long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub(super) interface: Option<String>,
    /// Use IPv4 only.
    #[arg(short = '4', conflicts_with = "ipv6")]
    pub(super) ipv4: bool,
    /// Use IPv6 only.
    #[arg(short = '6')]
    pub(super) ipv6: bool,
    /// Ask each router at most so often a second, all hosts together (default: once; one host: once
    /// per sweep).
    #[arg(long, value_name = "TIMES", allow_negative_numbers = true)]
    pub(super) hop_rate: Option<f64>,

    /// Ask the host's own service, too, by TCP to this port: it vouches where ICMP is limited
    /// (default with udp: the topology's port; or 443, of one host or when sweeps come faster than once
    /// a second).
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) service: Option<u16>,
    /// Do not ask the host's service.
    #[arg(long, conflicts_with = "service")]
    pub(super) no_service: bool,
    /// Take so many flows in turn, to see routers that spread load.
    #[arg(long, default_value_t = 1, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(super) flows: u16,
    /// Try flows at each hop until a further branch would have been seen with 95 %.
    #[arg(long, conflicts_with_all = ["flows", "live"])]
    pub(super) ecmp: bool,
    /// Whether probes keep their ports, or count them up as the first traceroute did.
    #[arg(long, value_enum, default_value_t = PortsName::Fixed)]
    pub(super) ports: PortsName,
    /// Find the largest packet that passes whole, up to this size, and where it stops.
    #[arg(
        long, value_name = "BYTES", num_args = 0..=1, default_missing_value = "1500",
        value_parser = clap::value_parser!(u16).range(576..=9216),
        conflicts_with = "live"
    )]
    pub(super) mtu: Option<u16>,

    /// Show addresses only: the default, taken for the sake of habit.
    #[arg(short, long, conflicts_with_all = ["names", "both"])]
    pub(super) numeric: bool,
    /// Ask name servers for the names of hops; they learn what is being traced.
    #[arg(long)]
    pub(super) names: bool,
    /// Show names and addresses; asks name servers as --names does.
    #[arg(short = 'b', long)]
    pub(super) both: bool,
    /// Ask this name server instead of the system's: an address, with :PORT if it is not 53.
    #[arg(long, value_name = "ADDRESS")]
    pub(super) dns_server: Option<String>,
    /// Show the number of each hop's network, from --atlas.
    #[arg(short = 'z', long)]
    pub(super) aslookup: bool,
    /// A CSV file of networks: prefix,asn,name[,place]. Nobody else is asked.
    #[arg(long, value_name = "FILE")]
    pub(super) atlas: Option<PathBuf>,
    /// Columns by mtr's letters: L D R S N B A V W G J M X I.
    #[arg(short = 'o', long, value_name = "LETTERS", value_parser = NonEmptyStringValueParser::new())]
    pub(super) order: Option<String>,

    /// How to print.
    #[arg(long, value_enum, conflicts_with_all = ["json", "csv", "raw"])]
    pub(super) format: Option<Format>,
    /// Same as --format json.
    #[arg(short, long, conflicts_with_all = ["csv", "raw"])]
    pub(super) json: bool,
    /// Same as --format csv.
    #[arg(short = 'C', long, conflicts_with = "raw")]
    pub(super) csv: bool,
    /// Same as --format raw.
    #[arg(short = 'l', long)]
    pub(super) raw: bool,

    /// Compare with a journey of this topology file.
    #[arg(long, value_name = "FILE", requires = "journey")]
    pub(super) topology: Option<PathBuf>,
    /// The journey to compare with.
    #[arg(long, value_name = "ID", requires = "topology")]
    pub(super) journey: Option<String>,
    /// Do not ask the nodes of the journey's side loops, which the way to a host does not pass.
    #[arg(long, requires = "topology", conflicts_with = "lab")]
    pub(super) no_side_loops: bool,
    /// Let the topology's own model answer instead of a network; nothing is sent.
    #[arg(long, requires = "topology")]
    pub(super) lab: bool,
    /// Seed of the model's randomness.
    #[arg(long, default_value_t = 1, requires = "lab")]
    pub(super) seed: u64,
}

/// How to probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Method {
    /// UDP datagrams; needs no privilege (Linux).
    Udp,
    /// ICMP echo; needs ping sockets or CAP_NET_RAW (Linux).
    Icmp,
    /// TCP connection attempts to a port; needs no privilege (Linux).
    Tcp,
    /// TCP SYN without a connection; needs CAP_NET_RAW (Linux).
    Syn,
    /// ICMP echo to the end host only.
    Echo,
}

/// Where destination ports come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum PortsName {
    /// All probes of a flow look alike and take one path.
    Fixed,
    /// The port counts up, so each probe may take a path of its own (udp).
    Classic,
}
