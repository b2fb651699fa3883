// How many frames there are from one sample to the next (sFlow version 5, §3.1: random skips of the
// wanted mean).
//
// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
#pragma once

#include "frame.h"

// A number from 1 to 2 * rate - 1, each as likely as the others: `rate` on the average. xorshift64
// (Marsaglia, Xorshift RNGs, 2003), whose state a test can set; 0: not yet seeded.
static __always_inline s64 next_skip(u64* state, u32 rate) {
  u64 random = *state;
  if (random == 0) random = (u64)bpf_get_prandom_u32() << 32 | bpf_get_prandom_u32() | 1;
  random ^= random << 13;
  random ^= random >> 7;
  random ^= random << 17;
  *state = random;
  return (s64)(1 + ((random >> 32) * (2 * (u64)rate - 1) >> 32));
}
