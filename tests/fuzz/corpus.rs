//! Writes the seeds, which are text, into `corpus`, where the fuzzer looks for bytes.

use std::path::Path;
use std::{fs, io};

fn main() -> io::Result<()> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (reader, _) in hopcast::fuzzed::READERS {
        let (from, to) = (
            here.join("seeds").join(reader),
            here.join("corpus").join(reader),
        );
        fs::create_dir_all(&to)?;
        for seed in fs::read_dir(from)? {
            let path = seed?.path();
            let text = fs::read_to_string(&path)?;
            let bytes = match path.extension().is_some_and(|ending| ending == "hex") {
                true => hopcast::fuzzed::seed(&text).ok_or(io::ErrorKind::InvalidData)?,
                false => text.into_bytes(),
            };
            fs::write(to.join(path.file_stem().unwrap_or_default()), bytes)?;
        }
    }
    Ok(())
}
