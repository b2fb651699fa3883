// What the Linux fabric's parts in the kernel and outside it agree on: the scratch memory that a
// packet's programs pass on, the slots of the programs, the keys and values of maps.
//
// Read by bpf/fabric.bpf.c (C) and by C++: only what both languages have. fabric/linux_layout_test
// and the build of bpf/fabric.bpf.c hold it together.
#pragma once

#include <linux/types.h>

// NOLINTBEGIN(modernize-*,readability-identifier-naming,cppcoreguidelines-*): C.

enum {
  // By net::Field; FABRIX_FIELD_* are those that bpf/fabric.bpf.c names.
  FABRIX_FIELDS = 25,
  FABRIX_FIELD_IN_PORT = 0,
  FABRIX_FIELD_ETH_TYPE = 1,
  FABRIX_FIELD_VLAN_ID = 2,
  FABRIX_FIELD_VLAN_PCP = 3,
  FABRIX_FIELD_SRC_MAC = 4,
  FABRIX_FIELD_DST_MAC = 5,
  FABRIX_FIELD_PROTOCOL = 6,
  FABRIX_FIELD_DSCP = 7,
  FABRIX_FIELD_SRC_IP4 = 8,
  FABRIX_FIELD_DST_IP4 = 9,
  FABRIX_FIELD_SRC_IP6_HIGH = 10,
  FABRIX_FIELD_SRC_IP6_LOW = 11,
  FABRIX_FIELD_DST_IP6_HIGH = 12,
  FABRIX_FIELD_DST_IP6_LOW = 13,
  FABRIX_FIELD_SRC_PORT = 14,
  FABRIX_FIELD_DST_PORT = 15,
  FABRIX_FIELD_TCP_FLAGS = 16,
  FABRIX_FIELD_ICMP_TYPE = 17,
  FABRIX_FIELD_ICMP_CODE = 18,
  FABRIX_FIELD_ARP_SENDER_MAC = 19,
  FABRIX_FIELD_ND_TARGET_HIGH = 20,
  FABRIX_FIELD_ND_TARGET_LOW = 21,
  FABRIX_FIELD_FLOW_BUCKET = 22,
  FABRIX_FIELD_SRC_IP_BUCKET = 23,
  FABRIX_FIELD_DST_IP_BUCKET = 24,
  // Those that rows may write, one after the other.
  FABRIX_FIRST_WRITTEN = FABRIX_FIELD_SRC_MAC,
  FABRIX_WRITTEN = 12,
  // Frames of one packet: what a Program may want at most.
  FABRIX_MAX_OUTPUTS = 32,
  FABRIX_MAX_BRANCHES = 16,
  FABRIX_MAX_PORTS = 4096,
  // By id: program::kMetersPerParticipant for each of 4,096, and two for each of 4,094 routers.
  FABRIX_MAX_METERS = 1 << 18,
  // Of two versions: for each reason at each port (program/drop.h), and for queries.
  FABRIX_MAX_COUNTERS = 1 << 18,
  FABRIX_MAX_ENTRIES = 1 << 20,  // of each map of rows
  // Virtual next hops answered in the kernel; the controller answers for the rest.
  FABRIX_MAX_NEIGHBORS = 1 << 21,
  FABRIX_MAX_FRAME = 2048,  // octets of a frame for the controller
  // Punts: so many frames a second from each port, and at once; and from all ports together.
  FABRIX_PUNTS_A_SECOND = 500,
  FABRIX_PUNTS_AT_ONCE = 100,
  FABRIX_ALL_PUNTS_A_SECOND = 5000,
  FABRIX_ALL_PUNTS_AT_ONCE = 1000,
  FABRIX_ID_MASK = 0xfff,
};

// Slots of programs: of one version; those of the other come after.
enum {
  FABRIX_SLOT_FINISH = 0,   // the same in both
  FABRIX_SLOT_COMMON = 1,   // all tables' rows that are nobody's; fabrix_scratch.next says which
  FABRIX_SLOT_OWNERS = 16,  // by table that is owners', then metadata id (participant + 1)
  FABRIX_OWNED_TABLES = 4,
  FABRIX_SLOTS = FABRIX_SLOT_OWNERS + FABRIX_OWNED_TABLES * (FABRIX_ID_MASK + 1),
  FABRIX_VERSIONS = 2,
};

enum {
  FABRIX_VERDICT_NONE,
  FABRIX_VERDICT_OUTPUT,
  FABRIX_VERDICT_CONTROLLER,
  FABRIX_VERDICT_AT_TC,  // of a packet at XDP: what becomes of it takes an skb
};

// What was charged to a meter.
struct fabrix_charge {
  __u64 meter;  // id
  __u64 time;   // ns
};
// Of one packet at XDP, which meets one row of a table: what it counts for, and its charges.
enum { FABRIX_MAX_NOTED = 16 };

// A frame that is to leave.
struct fabrix_output {
  __u64 port;
  __u64 written[FABRIX_WRITTEN];
};

// A branch that waits: where it goes on, with what.
struct fabrix_branch {
  __u64 metadata;
  __u64 written[FABRIX_WRITTEN];
  __u64 slot;   // of the program; if there is none, nobody's rows of the table
  __u64 table;  // program::TableId
};

// A sample of what came in: how it began, and what became of it.
enum { FABRIX_SAMPLED = 128 };  // octets
enum { FABRIX_FATE_FORWARDED, FABRIX_FATE_COPIED, FABRIX_FATE_CONTROLLER, FABRIX_FATE_DISCARDED };
struct fabrix_sample {
  __u64 pool;   // of the port's fabrix_sampler on this CPU
  __u64 drops;  // likewise
  __u32 port;
  __u32 slot;
  __u32 cpu;
  __u32 rate;
  __u32 times;   // samples that this one is: of a train of segments, perhaps several
  __u32 length;  // octets of the frame on the wire; of a train, of one of its frames on the average
  __u32 tag;     // that the kernel has taken out of the frame: TPID, TCI; 0: none
  __u32 fate;    // FABRIX_FATE_*
  __u32 egress;  // port, of one that was forwarded
  __u32 frames;  // that left
  __u32 size;    // octets of the header that are there
  __u32 unused;
  __u8 header[FABRIX_SAMPLED];
};

// One for each CPU: a packet's, from its entrance to its end.
struct fabrix_scratch {
  __u64 fields[FABRIX_FIELDS];
  __u64 metadata;
  __u64 base;     // the version's first slot
  __u64 port;     // of an output
  __u64 punter;   // participant + 1, of what goes to the controller
  __u64 packets;  // on the wire: a train of segments is many
  __u64 octets;
  __u64 port_slot;
  __u64 tag;          // that its port's frames carry, and has been taken off: TPID, TCI; 0: none
  __u64 sample_rate;  // of its port; at XDP
  // As the last packet left the fields: those that one of TCP or UDP over IPv4 has not are 0.
  __u64 plain;
  // 0 at first.
  __u64 verdict;  // FABRIX_VERDICT_*: what the last row said
  __u64 next;     // program::TableId: where FABRIX_SLOT_COMMON goes on
  __u64 output_count;
  __u64 branch_count;
  __u64 punted;        // frames that went to the controller, or were answered
  __u64 macs_set;      // by a row
  __u64 others_set;    // likewise: written fields that are no MACs
  __u64 went_at_once;  // the only frame, without being among the outputs
  __u64 sampled;       // so many samples of it are taken
  // The packet is at XDP, and may yet be tc's: nothing is counted, and charges may be taken back.
  __u64 at_xdp;
  __u64 noted_counts;
  __u64 noted_charges;
  __u64 l3;  // where the headers are; 0: not there
  __u64 l4;
  // As the frame is; only when frames are written.
  __u64 written[FABRIX_WRITTEN];
  struct fabrix_output outputs[FABRIX_MAX_OUTPUTS];
  struct fabrix_branch branches[FABRIX_MAX_BRANCHES];
  __u64 counts[FABRIX_MAX_NOTED];  // keys of counters
  struct fabrix_charge charges[FABRIX_MAX_NOTED];
  struct fabrix_sample sample;  // as far as the entrance knows it, if one is taken
};

// What rows of one form differ in: the key says the values that they test.
enum { FABRIX_NARROW = 2, FABRIX_WIDE = 6 };
struct fabrix_narrow_key {
  __u64 form;
  __u64 values[FABRIX_NARROW];
};
struct fabrix_wide_key {
  __u64 form;
  __u64 values[FABRIX_WIDE];
};
struct fabrix_step {
  __u64 counter;   // key of that of all packets, if the form counts
  __u64 metadata;  // to be added
  __u64 value;     // of the field that the form writes
  __u64 port;      // or of whom, for the controller
};
struct fabrix_action {
  struct fabrix_step step;
  __u64 meter;   // id, if the form has one
  __u64 beyond;  // key of the counter of what the meter discards
};
// The same in an array of a program's own, by one of the values; the others are compared. The
// kernel has arrays begin 8 octets before a line of the processor's cache: all but the counter is
// in one.
enum { FABRIX_DENSE = 3 };
struct fabrix_dense {
  struct fabrix_step step;
  __u64 present;
  __u64 values[FABRIX_DENSE];
};

struct fabrix_count {
  __u64 packets;
  __u64 octets;
};

// A port, by its interface.
struct fabrix_in {
  __u32 port;
  __u32 slot;
  __u64 punts_at;     // when the port's bucket of punts is full again, ns
  __u32 sample_rate;  // about one of so many frames is sampled; 0: none
  __u32 vlan;         // that its frames are tagged with (IEEE 802.1Q), and others are not; 0: none
};
// An interface, by its port.
enum {
  FABRIX_OUT_PEER = 1,  // straight into the namespace at the other end
  FABRIX_OUT_XDP = 2,   // there may frames go that are no skbs
};
struct fabrix_out {
  __u32 interface;
  __u16 flags;
  __u16 vlan;  // as of fabrix_in
  __u64 slot;
};
// The same by the low bits of the number, where no two have them in common: arrays are quicker.
enum { FABRIX_NEAR = 1 << 14 };
struct fabrix_near_in {
  __u32 interface;
  __u32 port;
  __u16 slot;
  __u16 vlan;
  __u32 sample_rate;
};
struct fabrix_near_out {
  __u32 port;
  __u32 interface;
  __u16 flags;
  __u16 vlan;
  __u32 slot;
};
struct fabrix_port_counts {
  struct fabrix_count in;
  struct fabrix_count out;
  __u64 discarded;      // nobody got it: no row wanted it, or no way out
  __u64 to_controller;  // frames
  __u64 answered;       // of virtual neighbours
  __u64 beyond_limit;   // frames that the controller did not get
  __u64 at_xdp;         // of what came in, packets whose way ended there
};

// What samples are taken by, of a port, on one CPU.
enum { FABRIX_MAX_SAMPLE_RATE = 1 << 24, FABRIX_SAMPLES_AT_ONCE = 128 };
struct fabrix_sampler {
  __u64 random;  // the generator's state; 0: not yet seeded
  __s64 skip;    // frames until the next sample is taken
  __u64 rate;    // that `skip` was drawn for
  __u64 pool;    // frames that might have been sampled
  __u64 taken;   // samples
  __u64 drops;   // of those, that nobody had room for
};

struct fabrix_neighbor_key {
  __u64 sender;  // participant + 1
  __u64 high;    // an IPv4 address: 0, and
  __u64 low;     // its 32 bits, above them 1
};
struct fabrix_neighbor {
  __u64 mac[FABRIX_VERSIONS];  // 0: none
};

// What is in force.
struct fabrix_state {
  __u32 version;                  // which half of the slots
  __u32 hashes[FABRIX_VERSIONS];  // whether packets need their buckets
  __u32 layout;                   // FABRIX_LAYOUT
  __u64 installs;
};
enum { FABRIX_LAYOUT = 8 };  // counts changes of this file

// A frame for the controller; its octets follow.
struct fabrix_punt {
  __u32 port;
  __u32 size;
};

// NOLINTEND(modernize-*,readability-identifier-naming,cppcoreguidelines-*)
