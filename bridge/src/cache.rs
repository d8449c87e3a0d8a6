// SPDX-License-Identifier: Apache-2.0
//! The ahead-of-time cache: compiled components in files, trusted only after a look at owner, mode
//! and checksum. Entries are written once by rename and only ever unlinked.

use std::ffi::CString;
use std::fs::{DirBuilder, File, OpenOptions};
use std::hash::{Hash, Hasher};
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use blake2::digest::consts::U32;
use blake2::{Blake2b, Digest};
use wasmtime::Engine;
use wasmtime::component::Component;

const MAGIC: &[u8; 8] = b"STELEAO1";
const CHECKSUM_BYTES: usize = 32;
const HEADER_BYTES: usize = MAGIC.len() + CHECKSUM_BYTES;

type Checksum = Blake2b<U32>;

pub struct Cache {
    directory: PathBuf,
}

/// How a component came to be, for tests and metrics.
#[derive(Default)]
pub struct Counters {
    pub compiled: AtomicU64,
    pub cached: AtomicU64,
}

impl Cache {
    /// None if the directory cannot be made, or is not only ours: then nothing is cached.
    pub fn open(directory: &Path) -> Option<Cache> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(directory);
        let about = directory.symlink_metadata().ok()?;
        let ours = about.uid() == unsafe { libc::geteuid() } && about.mode() & 0o022 == 0;
        (made.is_ok() && about.is_dir() && ours).then(|| Cache { directory: directory.into() })
    }

    /// The entry of `digest` (sha256:<hex>) for `engine`, or what compiling gives.
    pub fn component(
        &self,
        engine: &Engine,
        digest: &str,
        binary: &[u8],
        counters: &Counters,
    ) -> wasmtime::Result<Component> {
        let path = self.path(engine, digest);
        if let Some(component) = self.load(engine, &path) {
            counters.cached.fetch_add(1, Ordering::Relaxed);
            return Ok(component);
        }
        let compiled = engine.precompile_component(binary)?;
        counters.compiled.fetch_add(1, Ordering::Relaxed);
        // A cache that cannot be written costs time at the next start, nothing else.
        let _ = self.save(&path, &compiled);
        unsafe { Component::deserialize(engine, &compiled) }
    }

    fn path(&self, engine: &Engine, digest: &str) -> PathBuf {
        let hex = digest.strip_prefix("sha256:").unwrap_or(digest);
        self.directory.join(format!("{hex}-{}.aot", fingerprint(engine)))
    }

    /// The very bytes that were checked are those that wasmtime gets (it copies them).
    fn load(&self, engine: &Engine, path: &Path) -> Option<Component> {
        let bytes = read_trusted(path)?;
        let component = check(&bytes)
            .and_then(|payload| unsafe { Component::deserialize(engine, payload) }.ok());
        if component.is_none() {
            unlink(path);
        }
        component
    }

    fn save(&self, path: &Path, payload: &[u8]) -> std::io::Result<()> {
        static COUNTER: AtomicU64 = AtomicU64::new(0);
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let temporary = path.with_extension(format!("{}-{number}.tmp", std::process::id()));
        let written = write_new(&temporary, payload)
            .and_then(|()| std::fs::rename(&temporary, path))
            .and_then(|()| File::open(&self.directory)?.sync_all());
        if written.is_err() {
            unlink(&temporary);
        }
        written
    }
}

fn write_new(path: &Path, payload: &[u8]) -> std::io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .custom_flags(libc::O_NOFOLLOW | libc::O_CLOEXEC)
        .open(path)?;
    file.write_all(MAGIC)?;
    file.write_all(&Checksum::digest(payload))?;
    file.write_all(payload)?;
    file.sync_all()
}

/// Only a regular file of our own that nobody else may write.
fn read_trusted(path: &Path) -> Option<Vec<u8>> {
    let mut file = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_CLOEXEC | libc::O_NONBLOCK)
        .open(path)
        .ok()?;
    let about = file.metadata().ok()?;
    let trusted =
        about.is_file() && about.uid() == unsafe { libc::geteuid() } && about.mode() & 0o022 == 0;
    let mut bytes = Vec::with_capacity(about.len() as usize);
    if !trusted || file.read_to_end(&mut bytes).is_err() {
        unlink(path);
        return None;
    }
    Some(bytes)
}

fn check(bytes: &[u8]) -> Option<&[u8]> {
    let (header, payload) = bytes.split_at_checked(HEADER_BYTES)?;
    let (magic, checksum) = header.split_at(MAGIC.len());
    (magic == MAGIC && Checksum::digest(payload).as_slice() == checksum).then_some(payload)
}

fn unlink(path: &Path) {
    if let Ok(name) = CString::new(path.as_os_str().as_bytes()) {
        unsafe { libc::unlink(name.as_ptr()) };
    }
}

/// What decides whether compiled code fits this engine, as hex.
fn fingerprint(engine: &Engine) -> String {
    struct Digesting(Checksum);
    impl Hasher for Digesting {
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }
        fn finish(&self) -> u64 {
            0
        }
    }
    let mut hasher = Digesting(Checksum::new());
    engine.precompile_compatibility_hash().hash(&mut hasher);
    hasher.0.finalize()[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}
