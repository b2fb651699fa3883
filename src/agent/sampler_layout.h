// What the agent's sampler in the kernel (bpf/agent.bpf.c) and its user (agent/packet_sampler.h)
// agree on.
//
// Read by C and by C++: only what both languages have.
#pragma once

#include <linux/types.h>

// NOLINTBEGIN(modernize-*,readability-identifier-naming,cppcoreguidelines-*): C.

enum {
  // Places of interfaces: an interface is at its number modulo this, or one of the next few.
  FABRIX_AGENT_PLACES = 1024,
  FABRIX_AGENT_PROBES = 4,
  FABRIX_AGENT_HEADER = 256,          // octets of a frame, at most
  FABRIX_AGENT_SAMPLES_AT_ONCE = 64,  // of one train of segments
  FABRIX_AGENT_MAX_RATE = 1 << 24,
};

struct fabrix_agent_interface {
  __u32 index;   // ifIndex; 0: nobody is here
  __u32 rate;    // one of so many frames is sampled, on the average; 0: none
  __u32 header;  // octets to take of a frame
  __u32 unused;
};

// Of an interface, on one CPU.
struct fabrix_agent_sampler {
  __s64 skip;    // frames until the next sample is taken
  __u64 random;  // the generator's state; 0: not yet seeded
  __u64 rate;    // that `skip` was drawn for
  __u64 pool;    // frames that might have been sampled
  __u64 drops;   // samples that nobody had room for
};

enum { FABRIX_AGENT_IN, FABRIX_AGENT_OUT };

struct fabrix_agent_sample {
  __u64 pool;   // of the fabrix_agent_sampler on this CPU
  __u64 drops;  // likewise
  __u32 interface;
  __u32 place;
  __u32 cpu;
  __u32 rate;
  __u32 times;      // samples that this one is: of a train of segments, perhaps several
  __u32 octets;     // of the train, as the kernel has it
  __u32 segments;   // of the train; 1: it is none
  __u32 tag;        // that the kernel has taken out of the frame: TPID, TCI; 0: none
  __u32 direction;  // FABRIX_AGENT_IN, FABRIX_AGENT_OUT
  __u32 size;       // octets of the header that are there
  __u8 header[FABRIX_AGENT_HEADER];
};

// NOLINTEND(modernize-*,readability-identifier-naming,cppcoreguidelines-*)
