//! The help of the live view in Chinese.

/// Sentences of its options, in English without their final period and in Chinese.
pub(super) const SENTENCES: &[(&str, &str)] = &[(
    "Watch the path on the terminal until q is pressed, then print the report",
    "在终端上实时观察路径，按 q 结束后打印报告",
)];
