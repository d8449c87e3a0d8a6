// SPDX-License-Identifier: Apache-2.0
//! BLAKE2b (RFC 7693) with a digest of 16 bytes and no key, quick for inputs of one block: every
//! host call hashes its parameters. A test compares it with the crate `blake2`.

const BLOCK: usize = 128;

const IV: [u64; 8] = [
    0x6a09_e667_f3bc_c908,
    0xbb67_ae85_84ca_a73b,
    0x3c6e_f372_fe94_f82b,
    0xa54f_f53a_5f1d_36f1,
    0x510e_527f_ade6_82d1,
    0x9b05_688c_2b3e_6c1f,
    0x1f83_d9ab_fb41_bd6b,
    0x5be0_cd19_137e_2179,
];

const SIGMA: [[usize; 16]; 10] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
    [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
    [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
    [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
    [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
    [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
    [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
    [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
    [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
];

pub(super) struct Blake2b128 {
    state: [u64; 8],
    /// Bytes of complete blocks that were compressed.
    compressed: u64,
    block: [u8; BLOCK],
    used: usize,
}

impl Blake2b128 {
    pub fn new() -> Blake2b128 {
        let mut state = IV;
        // Fan-out 1, depth 1, no key, 16 bytes of digest.
        state[0] ^= 0x0101_0010;
        Blake2b128 { state, compressed: 0, block: [0; BLOCK], used: 0 }
    }

    #[inline]
    pub fn update(&mut self, mut bytes: &[u8]) {
        // The last block is compressed by finish(), so a full one waits for more.
        while self.used + bytes.len() > BLOCK {
            let (fits, rest) = bytes.split_at(BLOCK - self.used);
            self.block[self.used..].copy_from_slice(fits);
            self.compressed += BLOCK as u64;
            self.compress(self.compressed, 0);
            self.used = 0;
            bytes = rest;
        }
        self.block[self.used..self.used + bytes.len()].copy_from_slice(bytes);
        self.used += bytes.len();
    }

    pub fn finish(mut self) -> [u8; 16] {
        self.block[self.used..].fill(0);
        self.compress(self.compressed + self.used as u64, u64::MAX);
        let mut digest = [0; 16];
        digest[..8].copy_from_slice(&self.state[0].to_le_bytes());
        digest[8..].copy_from_slice(&self.state[1].to_le_bytes());
        digest
    }

    fn compress(&mut self, count: u64, last: u64) {
        let mut m = [0; 16];
        for (word, bytes) in m.iter_mut().zip(self.block.chunks_exact(8)) {
            let mut eight = [0; 8];
            eight.copy_from_slice(bytes);
            *word = u64::from_le_bytes(eight);
        }
        let mut v = [0; 16];
        v[..8].copy_from_slice(&self.state);
        v[8..].copy_from_slice(&IV);
        v[12] ^= count;
        v[14] ^= last;
        // Twelve rounds, written out so that the order of the words is known when compiling.
        round::<0>(&mut v, &m);
        round::<1>(&mut v, &m);
        round::<2>(&mut v, &m);
        round::<3>(&mut v, &m);
        round::<4>(&mut v, &m);
        round::<5>(&mut v, &m);
        round::<6>(&mut v, &m);
        round::<7>(&mut v, &m);
        round::<8>(&mut v, &m);
        round::<9>(&mut v, &m);
        round::<0>(&mut v, &m);
        round::<1>(&mut v, &m);
        for (index, word) in self.state.iter_mut().enumerate() {
            *word ^= v[index] ^ v[index + 8];
        }
    }
}

#[inline(always)]
fn round<const N: usize>(v: &mut [u64; 16], m: &[u64; 16]) {
    let s = &SIGMA[N];
    mix(v, [0, 4, 8, 12], m[s[0]], m[s[1]]);
    mix(v, [1, 5, 9, 13], m[s[2]], m[s[3]]);
    mix(v, [2, 6, 10, 14], m[s[4]], m[s[5]]);
    mix(v, [3, 7, 11, 15], m[s[6]], m[s[7]]);
    mix(v, [0, 5, 10, 15], m[s[8]], m[s[9]]);
    mix(v, [1, 6, 11, 12], m[s[10]], m[s[11]]);
    mix(v, [2, 7, 8, 13], m[s[12]], m[s[13]]);
    mix(v, [3, 4, 9, 14], m[s[14]], m[s[15]]);
}

#[inline(always)]
fn mix(v: &mut [u64; 16], [a, b, c, d]: [usize; 4], x: u64, y: u64) {
    v[a] = v[a].wrapping_add(v[b]).wrapping_add(x);
    v[d] = (v[d] ^ v[a]).rotate_right(32);
    v[c] = v[c].wrapping_add(v[d]);
    v[b] = (v[b] ^ v[c]).rotate_right(24);
    v[a] = v[a].wrapping_add(v[b]).wrapping_add(y);
    v[d] = (v[d] ^ v[a]).rotate_right(16);
    v[c] = v[c].wrapping_add(v[d]);
    v[b] = (v[b] ^ v[c]).rotate_right(63);
}

#[cfg(test)]
mod tests {
    use blake2::Blake2b;
    use blake2::digest::Digest;
    use blake2::digest::consts::U16;

    use super::Blake2b128;

    #[test]
    fn equals_the_crate() {
        let bytes: Vec<u8> = (0..1000_u32).map(|n| (n * 7 % 251) as u8).collect();
        for length in (0..300).chain([511, 512, 513, 999]) {
            let expected: [u8; 16] = Blake2b::<U16>::digest(&bytes[..length]).into();
            for piece in [1, 3, 127, 128, 129, 1000] {
                let mut ours = Blake2b128::new();
                bytes[..length].chunks(piece).for_each(|chunk| ours.update(chunk));
                assert_eq!(ours.finish(), expected, "{length} by {piece}");
            }
        }
    }
}
