use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;

/// A seed: its reader, its name, its bytes.
struct Seed {
    reader: Reader,
    name: String,
    bytes: Vec<u8>,
}

/// Text is read as it is, packets as they are written in hexadecimal.
fn seeds() -> Vec<Seed> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/seeds");
    let mut seeds = Vec::new();
    for reader in READERS {
        let files = fs::read_dir(folder.join(reader.0)).expect("every reader has seeds");
        for file in files {
            let path = file.expect("a folder that can be read").path();
            let name = format!("{}/{}", reader.0, path.file_name().unwrap().display());
            let text = fs::read_to_string(&path).expect("seeds are text");
            let bytes = match path.extension().is_some_and(|ending| ending == "hex") {
                true => seed(&text).unwrap_or_else(|| panic!("{name} is no hexadecimal")),
                false => text.into_bytes(),
            };
            seeds.push(Seed {
                reader,
                name,
                bytes,
            });
        }
    }
    seeds
}

#[test]
fn every_seed_is_what_its_name_says() {
    let seeds = seeds();
    for reader in READERS {
        let own = seeds.iter().filter(|seed| seed.reader.0 == reader.0);
        let own: Vec<&Seed> = own.collect();
        for kind in ["valid", "malformed"] {
            let has = own
                .iter()
                .any(|seed| seed.name.contains(&format!("/{kind}-")));
            assert!(has, "{} has no seed that is {kind}", reader.0);
        }
        for seed in own {
            let read = (seed.reader.1)(&seed.bytes);
            match seed
                .name
                .split(['/', '-'])
                .find(|word| ["valid", "edge", "malformed"].contains(word))
            {
                Some("valid") => assert!(read, "{} is not read", seed.name),
                Some("malformed") => assert!(!read, "{} is read", seed.name),
                Some(_) => {}
                None => panic!("{} is neither valid nor edge nor malformed", seed.name),
            }
        }
    }
}

#[test]
fn hexadecimal_is_read_with_blanks_remarks_and_repeats() {
    assert_eq!(
        seed("45 00 # head\n0a0B\n\n ff*3"),
        Some(vec![0x45, 0, 10, 11, 255, 255, 255])
    );
    for wrong in ["4", "4x", "ffff*2", "ff*x", "ff*-1", "é0"] {
        assert_eq!(seed(wrong), None, "{wrong}");
    }
    assert!(!read("nobody", b"x"));
}

/// A change of some bytes.
#[derive(Debug, Clone)]
enum Edit {
    Set(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    /// Its end gives way to the end of another seed.
    Splice(Index, Index, Index),
}

fn edit() -> impl Strategy<Value = Edit> {
    let few = prop::collection::vec(any::<u8>(), 1..6);
    let index = any::<Index>;
    prop_oneof![
        4 => (index(), any::<u8>()).prop_map(|(at, byte)| Edit::Set(at, byte)),
        1 => (index(), few).prop_map(|(at, bytes)| Edit::Insert(at, bytes)),
        1 => (index(), 1usize..40).prop_map(|(at, count)| Edit::Remove(at, count)),
        1 => (index(), index(), index()).prop_map(|(at, of, from)| Edit::Splice(at, of, from)),
    ]
}

fn edited(mut bytes: Vec<u8>, edits: &[Edit], others: &[&Seed]) -> Vec<u8> {
    let place = |at: &Index, bytes: &[u8]| at.index(bytes.len() + 1);
    for edit in edits {
        match edit {
            Edit::Set(at, byte) if !bytes.is_empty() => {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            Edit::Set(..) => {}
            Edit::Insert(at, more) => {
                let at = place(at, &bytes);
                bytes.splice(at..at, more.iter().copied());
            }
            Edit::Remove(at, count) => {
                let at = place(at, &bytes);
                bytes.drain(at..(at + count).min(bytes.len()));
            }
            Edit::Splice(at, of, from) => {
                let other = &others[of.index(others.len())].bytes;
                bytes.truncate(place(at, &bytes));
                bytes.extend(&other[place(from, other)..]);
            }
        }
    }
    bytes
}

/// Changes `times` seeds of each reader, of those that `such` says, in each of many ways.
fn change(cases: u32, such: fn(&str) -> bool) {
    let seeds = seeds();
    let ways = (any::<Index>(), prop::collection::vec(edit(), 1..8));
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(cases));
    let ran = runner.run(&ways, |(which, edits)| {
        for reader in READERS.iter().filter(|reader| such(reader.0)) {
            let own = seeds.iter().filter(|seed| seed.reader.0 == reader.0);
            let own: Vec<&Seed> = own.collect();
            let seed = own[which.index(own.len())];
            (reader.1)(&edited(seed.bytes.clone(), &edits, &own));
        }
        Ok(())
    });
    ran.unwrap_or_else(|error| panic!("{error}"));
}

/// Reading a file takes a thousand times as long as reading a packet.
fn is_file(name: &str) -> bool {
    ["world", "topology"].contains(&name)
}

#[test]
fn packets_that_were_changed_are_read_without_contradiction() {
    change(2000, |name| !is_file(name));
}

#[test]
fn files_that_were_changed_are_read_without_contradiction() {
    change(60, is_file);
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_contradiction(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for (_, read) in READERS.iter().filter(|reader| !is_file(reader.0)) {
            read(&bytes);
        }
    }
}
