//! The Chinese side of the help of `hopcast completions` and `hopcast man`.

/// What the help says in English, without its final period, and in Chinese.
pub(super) const SENTENCES: &[(&str, &str)] = &[
    (
        "Print the completions of a shell",
        "输出某种 shell 的补全脚本",
    ),
    (
        "For example, in ~/.bashrc: source <(hopcast completions bash)",
        "例如，在 ~/.bashrc 中写：source <(hopcast completions bash)",
    ),
    ("The shell", "哪种 shell"),
    (
        "Print the manual, or write a page for each command into DIR",
        "输出手册，或把每个命令的手册页写入 DIR",
    ),
    (
        "To read it: hopcast man | man -l -",
        "阅读方式：hopcast man | man -l -",
    ),
    (
        "Folder for the pages; without it all pages are printed",
        "存放手册页的目录；不给出则全部输出",
    ),
];
