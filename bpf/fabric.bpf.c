// The fixed part of the Linux fabric (ADR 10): what every packet passes before and after the
// programs that rows are compiled to.
//
//   entrance  at the tc ingress of each port: reads the headers into the scratch memory as
//             net/frame.h does, and leads to the admission of the version in force
//   finish    when a row has said what becomes of the packet: goes on with branches that wait,
//             writes headers, and sends the frames
//
//   RFC 826, 791, 8200, 9293, 768, 9260, 792, 4443, 4861; RFC 1624 (checksums, by the kernel's
//   helpers); Linux Documentation/bpf/
//
// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
// libbpf's headers want the kernel's before them.
// clang-format off
#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
// clang-format on

#include "fabric/linux_layout.h"

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s64 s64;

char fabrix_license[] SEC("license") = "GPL";

#define MAP(name, kind, keys, values, count) \
  struct {                                   \
    __uint(type, kind);                      \
    __uint(max_entries, count);              \
    __type(key, keys);                       \
    __type(value, values);                   \
  } name SEC(".maps")
#define GROWING_MAP(name, keys, values, count) \
  struct {                                     \
    __uint(type, BPF_MAP_TYPE_HASH);           \
    __uint(map_flags, BPF_F_NO_PREALLOC);      \
    __uint(max_entries, count);                \
    __type(key, keys);                         \
    __type(value, values);                     \
  } name SEC(".maps")

MAP(scratch, BPF_MAP_TYPE_PERCPU_ARRAY, u32, struct fabrix_scratch, 1);
MAP(programs, BPF_MAP_TYPE_PROG_ARRAY, u32, u32, FABRIX_SLOTS* FABRIX_VERSIONS);
MAP(state, BPF_MAP_TYPE_ARRAY, u32, struct fabrix_state, 1);
GROWING_MAP(narrow, struct fabrix_narrow_key, struct fabrix_action, FABRIX_MAX_ENTRIES);
GROWING_MAP(wide, struct fabrix_wide_key, struct fabrix_action, FABRIX_MAX_ENTRIES);
MAP(meters, BPF_MAP_TYPE_ARRAY, u32, u64, FABRIX_MAX_METERS);
MAP(ports_in, BPF_MAP_TYPE_HASH, u32, struct fabrix_in, FABRIX_MAX_PORTS);
MAP(ports_out, BPF_MAP_TYPE_HASH, u32, struct fabrix_out, FABRIX_MAX_PORTS);
MAP(near_in, BPF_MAP_TYPE_ARRAY, u32, struct fabrix_near_in, FABRIX_NEAR);
MAP(near_out, BPF_MAP_TYPE_ARRAY, u32, struct fabrix_near_out, FABRIX_NEAR);
MAP(port_counts, BPF_MAP_TYPE_PERCPU_ARRAY, u32, struct fabrix_port_counts, FABRIX_MAX_PORTS);
GROWING_MAP(neighbors, struct fabrix_neighbor_key, struct fabrix_neighbor, FABRIX_MAX_NEIGHBORS);
struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_HASH);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __uint(max_entries, FABRIX_MAX_COUNTERS);
  __type(key, u64);
  __type(value, struct fabrix_count);
} counters SEC(".maps");
struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 1 << 20);
} punts SEC(".maps");
MAP(all_punts_at, BPF_MAP_TYPE_ARRAY, u32, u64, 1);  // as fabrix_in.punts_at, of all ports
MAP(samplers, BPF_MAP_TYPE_PERCPU_ARRAY, u32, struct fabrix_sampler, FABRIX_MAX_PORTS);
struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 1 << 20);
} samples SEC(".maps");

#define LONGEST_USUAL 1514  // IEEE 802.3: 1500 octets behind the header, without FCS
#define ETH_IPV4 0x0800
#define ETH_ARP 0x0806
#define ETH_VLAN 0x8100
#define ETH_IPV6 0x86dd
#define ETH_SERVICE_VLAN 0x88a8
#define TAG_SIZE 4
#define PROTOCOL_ICMP 1
#define PROTOCOL_TCP 6
#define PROTOCOL_UDP 17
#define PROTOCOL_ICMPV6 58
#define PROTOCOL_SCTP 132
#define SOLICITATION 135
#define ADVERTISEMENT 136
#define MAX_EXTENSIONS 8

#define FABRIX_FROM_ZERO                           \
  (__builtin_offsetof(struct fabrix_scratch, l3) - \
   __builtin_offsetof(struct fabrix_scratch, verdict))

#define FIELD(name) s->fields[FABRIX_FIELD_##name]
#define WRITTEN(list, name) (list)[FABRIX_FIELD_##name - FABRIX_FIRST_WRITTEN]

static __always_inline u64 mac_of(const u8* octets) {
  return (u64)octets[0] << 40 | (u64)octets[1] << 32 | (u64)octets[2] << 24 | (u64)octets[3] << 16 |
         (u64)octets[4] << 8 | octets[5];
}

static __always_inline void put_mac(u8* octets, u64 mac) {
  for (int i = 0; i < 6; i++) octets[i] = (u8)(mac >> (40 - 8 * i));
}

static __always_inline u16 read16(const u8* octets) {
  return (u16)(octets[0] << 8 | octets[1]);
}
static __always_inline u32 read32(const u8* octets) {
  return (u32)octets[0] << 24 | (u32)octets[1] << 16 | (u32)octets[2] << 8 | octets[3];
}
static __always_inline u64 read64(const u8* octets) {
  return (u64)read32(octets) << 32 | read32(octets + 4);
}

// Octets of the frame at `where`, which end before `end`. 0: they are there.
static __always_inline int octets_at(struct __sk_buff* skb, u32 where, u32 end, void* to,
                                     u32 count) {
  if (where + count > end) return -1;
  return bpf_skb_load_bytes(skb, where, to, count) ? -1 : 0;
}

static __always_inline void parse_transport(struct __sk_buff* skb, struct fabrix_scratch* s, u32 at,
                                            u32 end) {
  u8 octets[24];
  const u64 protocol = FIELD(PROTOCOL);
  const int ipv6 = FIELD(ETH_TYPE) == ETH_IPV6;
  s->l4 = at;
  if (protocol == PROTOCOL_TCP) {
    if (octets_at(skb, at, end, octets, 20)) return;
    FIELD(TCP_FLAGS) = read16(octets + 12) & 0x0fff;
  } else if (protocol == PROTOCOL_UDP) {
    if (octets_at(skb, at, end, octets, 8)) return;
  } else if (protocol == PROTOCOL_SCTP) {
    if (octets_at(skb, at, end, octets, 12)) return;
  } else if (protocol == PROTOCOL_ICMP && !ipv6) {
    if (octets_at(skb, at, end, octets, 8)) return;
    FIELD(ICMP_TYPE) = octets[0];
    FIELD(ICMP_CODE) = octets[1];
    return;
  } else if (protocol == PROTOCOL_ICMPV6 && ipv6) {
    if (octets_at(skb, at, end, octets, 4)) return;
    FIELD(ICMP_TYPE) = octets[0];
    FIELD(ICMP_CODE) = octets[1];
    const int discovery = octets[0] == SOLICITATION || octets[0] == ADVERTISEMENT;
    if (!discovery || octets[1] != 0) return;
    if (octets_at(skb, at, end, octets, 24)) return;
    FIELD(ND_TARGET_HIGH) = read64(octets + 8);
    FIELD(ND_TARGET_LOW) = read64(octets + 16);
    return;
  } else {
    return;
  }
  FIELD(SRC_PORT) = read16(octets);
  FIELD(DST_PORT) = read16(octets + 2);
}

static __always_inline void parse_ipv4(struct __sk_buff* skb, struct fabrix_scratch* s, u32 at,
                                       u32 end) {
  u8 octets[20];
  if (octets_at(skb, at, end, octets, 20)) return;
  const u32 header = 4 * (octets[0] & 0x0f);
  const u32 total = read16(octets + 2);
  if (octets[0] >> 4 != 4 || header < 20 || at + header > end || total < header) return;
  FIELD(SRC_IP4) = read32(octets + 12);
  FIELD(DST_IP4) = read32(octets + 16);
  FIELD(PROTOCOL) = octets[9];
  FIELD(DSCP) = octets[1] >> 2;
  s->l3 = at;
  if ((read16(octets + 6) & 0x1fff) != 0) return;
  if (at + total < end) end = at + total;  // the rest is padding
  parse_transport(skb, s, at + header, end);
}

static __always_inline int is_extension(u64 header) {
  return header == 0 || header == 43 || header == 44 || header == 51 || header == 60 ||
         header == 135 || header == 139 || header == 140;
}

// Where the header is that FIELD(PROTOCOL) names; 0: not there.
static __always_inline u32 skip_extensions(struct __sk_buff* skb, struct fabrix_scratch* s, u32 at,
                                           u32 end) {
  for (int i = 0; i < MAX_EXTENSIONS; i++) {
    const u64 header = FIELD(PROTOCOL);
    if (!is_extension(header)) return at;
    u8 octets[8];
    if (octets_at(skb, at, end, octets, 8)) return 0;
    const u32 size = header == 44   ? 8
                     : header == 51 ? 4 * ((u32)octets[1] + 2)
                                    : 8 * ((u32)octets[1] + 1);
    if (at + size > end) return 0;
    FIELD(PROTOCOL) = octets[0];
    if (header == 44 && read16(octets + 2) >> 3 != 0) return 0;
    at += size;
  }
  return is_extension(FIELD(PROTOCOL)) ? 0 : at;
}

static __always_inline void parse_ipv6(struct __sk_buff* skb, struct fabrix_scratch* s, u32 at,
                                       u32 end) {
  u8 octets[40];
  if (octets_at(skb, at, end, octets, 40) || octets[0] >> 4 != 6) return;
  FIELD(SRC_IP6_HIGH) = read64(octets + 8);
  FIELD(SRC_IP6_LOW) = read64(octets + 16);
  FIELD(DST_IP6_HIGH) = read64(octets + 24);
  FIELD(DST_IP6_LOW) = read64(octets + 32);
  FIELD(PROTOCOL) = octets[6];
  FIELD(DSCP) = read32(octets) >> 22 & 0x3f;
  s->l3 = at;
  // A train of segments may be too long for the field: then it is 0 (RFC 2675).
  const u32 payload = read16(octets + 4);
  if (at + 40 + payload < end && (payload != 0 || skb->gso_segs == 0)) end = at + 40 + payload;
  const u32 transport = skip_extensions(skb, s, at + 40, end);
  if (transport) parse_transport(skb, s, transport, end);
}

static __always_inline void parse_arp(struct __sk_buff* skb, struct fabrix_scratch* s, u32 at,
                                      u32 end) {
  u8 octets[28];
  if (octets_at(skb, at, end, octets, 28)) return;
  const int well_formed = read16(octets) == 1 && read16(octets + 2) == ETH_IPV4 &&
                          read16(octets + 4) == 0x0604 && octets[6] == 0;
  if (!well_formed) return;
  FIELD(PROTOCOL) = octets[7];
  FIELD(ARP_SENDER_MAC) = mac_of(octets + 8);
  FIELD(SRC_IP4) = read32(octets + 14);
  FIELD(DST_IP4) = read32(octets + 24);
}

// Where a tag has a priority alone, it is none of no tag: net/packet.h.
static __always_inline u64 vlan_of(u16 control) {
  return control & 0x0fff ? control & 0x0fff : 0x0fff;
}

// The tag, which the kernel may have taken out of the frame. Where its payload starts.
static __always_inline u32 parse_tag(struct __sk_buff* skb, struct fabrix_scratch* s, u32 end) {
  u8 octets[4];
  if (skb->vlan_present) {
    FIELD(VLAN_ID) = vlan_of((u16)skb->vlan_tci);
    FIELD(VLAN_PCP) = skb->vlan_tci >> 13 & 7;
    return 14;
  }
  const int tagged = FIELD(ETH_TYPE) == ETH_VLAN || FIELD(ETH_TYPE) == ETH_SERVICE_VLAN;
  if (!tagged || octets_at(skb, 14, end, octets, 4)) return 14;
  FIELD(VLAN_ID) = vlan_of(read16(octets));
  FIELD(VLAN_PCP) = octets[0] >> 5;
  FIELD(ETH_TYPE) = read16(octets + 2);
  return 18;
}

// Of the frame itself; the kernel on x86 and ARM reads at any place.
#define AT16(place) bpf_ntohs(*(const u16*)(place))
#define AT32(place) bpf_ntohl(*(const u32*)(place))
#define AT64(place) bpf_be64_to_cpu(*(const u64*)(place))

static __always_inline void read_macs(const u8* data, struct fabrix_scratch* s) {
  FIELD(DST_MAC) = (u64)AT32(data) << 16 | AT16(data + 4);
  FIELD(SRC_MAC) = (u64)AT16(data + 6) << 32 | AT32(data + 8);
}

#define NONE(name) FIELD(name) = 0
static __always_inline void clear_special(struct fabrix_scratch* s) {
  NONE(VLAN_ID), NONE(VLAN_PCP), NONE(TCP_FLAGS), NONE(ICMP_TYPE), NONE(ICMP_CODE);
  NONE(ARP_SENDER_MAC), NONE(ND_TARGET_HIGH), NONE(ND_TARGET_LOW);
  NONE(FLOW_BUCKET), NONE(SRC_IP_BUCKET), NONE(DST_IP_BUCKET);
}

static __always_inline void read_ports(const u8* data, struct fabrix_scratch* s, u32 at) {
  FIELD(SRC_PORT) = AT16(data + at);
  FIELD(DST_PORT) = AT16(data + at + 2);
  s->l4 = at;
}

// TCP and UDP over IPv4 and IPv6 without anything special, which nearly all frames are, into fields
// that hold anything: 1. Else nothing is read: 0. Where this and parse() differ is a bug.
static __always_inline int read_quickly(struct __sk_buff* skb, struct fabrix_scratch* s) {
  const u8* data = (const u8*)(long)skb->data;
  const u8* end = (const u8*)(long)skb->data_end;
  const u32 size = skb->len;
  if (data + 14 + 20 + 8 > end || skb->vlan_present) return 0;
  const u32 type = AT16(data + 12);
  if (type == ETH_IPV4) {
    const u32 total = AT16(data + 16);
    const u32 protocol = data[23];
    const u32 least = protocol == PROTOCOL_TCP ? 20 + 20 : 20 + 8;
    if (protocol != PROTOCOL_TCP && protocol != PROTOCOL_UDP) return 0;
    if (data[14] != 0x45 || (AT16(data + 20) & 0x1fff) != 0) return 0;
    if (total < least || 14 + total > size) return 0;
    if (protocol == PROTOCOL_TCP && data + 14 + 40 > end) return 0;
    clear_special(s);
    if (protocol == PROTOCOL_TCP) {
      if (data + 14 + 40 > end) return 0;  // for the verifier
      FIELD(TCP_FLAGS) = AT16(data + 14 + 20 + 12) & 0x0fff;
    }
    FIELD(SRC_IP4) = AT32(data + 26);
    FIELD(DST_IP4) = AT32(data + 30);
    NONE(SRC_IP6_HIGH), NONE(SRC_IP6_LOW), NONE(DST_IP6_HIGH), NONE(DST_IP6_LOW);
    FIELD(PROTOCOL) = protocol;
    FIELD(DSCP) = data[15] >> 2;
    read_ports(data, s, 14 + 20);
  } else if (type == ETH_IPV6) {
    if (data + 14 + 40 + 8 > end) return 0;
    const u32 payload = AT16(data + 18);
    const u32 protocol = data[20];
    if (protocol != PROTOCOL_TCP && protocol != PROTOCOL_UDP) return 0;
    if (data[14] >> 4 != 6 || payload < (protocol == PROTOCOL_TCP ? 20 : 8)) return 0;
    if (14 + 40 + payload > size) return 0;
    if (protocol == PROTOCOL_TCP && data + 14 + 40 + 20 > end) return 0;
    clear_special(s);
    NONE(SRC_IP4), NONE(DST_IP4);
    if (protocol == PROTOCOL_TCP) {
      if (data + 14 + 40 + 20 > end) return 0;  // for the verifier
      FIELD(TCP_FLAGS) = AT16(data + 14 + 40 + 12) & 0x0fff;
    }
    FIELD(SRC_IP6_HIGH) = AT64(data + 22);
    FIELD(SRC_IP6_LOW) = AT64(data + 30);
    FIELD(DST_IP6_HIGH) = AT64(data + 38);
    FIELD(DST_IP6_LOW) = AT64(data + 46);
    FIELD(PROTOCOL) = protocol;
    FIELD(DSCP) = AT16(data + 14) >> 6 & 0x3f;
    read_ports(data, s, 14 + 40);
  } else {
    return 0;
  }
  read_macs(data, s);
  FIELD(ETH_TYPE) = type;
  s->l3 = 14;
  return 1;
}

static __always_inline int parse(struct __sk_buff* skb, struct fabrix_scratch* s) {
  u8 octets[14];
  const u32 end = skb->len;
  if (read_quickly(skb, s)) return 0;
  const u64 port = FIELD(IN_PORT);
  __builtin_memset(s->fields, 0, sizeof(s->fields));
  FIELD(IN_PORT) = port;
  s->l3 = 0;
  s->l4 = 0;
  if (octets_at(skb, 0, end, octets, 14)) return -1;
  FIELD(DST_MAC) = mac_of(octets);
  FIELD(SRC_MAC) = mac_of(octets + 6);
  FIELD(ETH_TYPE) = read16(octets + 12);
  const u32 at = parse_tag(skb, s, end);
  if (FIELD(ETH_TYPE) == ETH_IPV4)
    parse_ipv4(skb, s, at, end);
  else if (FIELD(ETH_TYPE) == ETH_IPV6)
    parse_ipv6(skb, s, at, end);
  else if (FIELD(ETH_TYPE) == ETH_ARP)
    parse_arp(skb, s, at, end);
  return 0;
}

// What a train of segments is on the wire.
static __always_inline void measure(struct __sk_buff* skb, struct fabrix_scratch* s) {
  const u32 segments = skb->gso_segs ? skb->gso_segs : 1;
  // Each segment has all headers; TCP's are 20 octets as a rule, and 12 of options.
  const u32 headers = s->l4 ? (u32)s->l4 + (FIELD(PROTOCOL) == PROTOCOL_TCP ? 32 : 8) : 14;
  s->packets = segments;
  s->octets = skb->len + (u64)(segments - 1) * headers;
}

// net/flow_hash.cc.
#define STEP 0x9e3779b97f4a7c15ULL
static __always_inline u64 mixed(u64 value) {
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ value >> 27) * 0x94d049bb133111ebULL;
  return value ^ value >> 31;
}

static __always_inline void hash(struct fabrix_scratch* s) {
  const int ipv6 = FIELD(ETH_TYPE) == ETH_IPV6;
  if (!ipv6 && FIELD(ETH_TYPE) != ETH_IPV4) return;
  const u64 source =
      mixed(mixed((ipv6 ? FIELD(SRC_IP6_HIGH) : FIELD(SRC_IP4) << 32) + STEP) + FIELD(SRC_IP6_LOW));
  const u64 destination =
      mixed(mixed((ipv6 ? FIELD(DST_IP6_HIGH) : FIELD(DST_IP4) << 32) + STEP) + FIELD(DST_IP6_LOW));
  const u64 flow = mixed(source + STEP * (FIELD(SRC_PORT) + 1)) +
                   mixed(destination + STEP * (FIELD(DST_PORT) + 1)) + STEP * FIELD(PROTOCOL);
  FIELD(FLOW_BUCKET) = mixed(flow) % 64;
  FIELD(SRC_IP_BUCKET) = mixed(source) % 64;
  FIELD(DST_IP_BUCKET) = mixed(destination) % 64;
}

struct way_in {
  u32 sample_rate;
  u32 vlan;
};

// The port of the interface, its slot, and how frames come in there. 0: it is one.
static __always_inline int find_port(u32 interface, struct fabrix_scratch* s, struct way_in* way) {
  const u32 low = interface % FABRIX_NEAR;
  struct fabrix_near_in* near = bpf_map_lookup_elem(&near_in, &low);
  if (near && near->interface == interface) {
    FIELD(IN_PORT) = near->port;
    s->port_slot = near->slot;
    way->sample_rate = near->sample_rate;
    way->vlan = near->vlan;
    return 0;
  }
  struct fabrix_in* in = bpf_map_lookup_elem(&ports_in, &interface);
  if (!in) return -1;
  FIELD(IN_PORT) = in->port;
  s->port_slot = in->slot;
  way->sample_rate = in->sample_rate;
  way->vlan = in->vlan;
  return 0;
}

// Takes the tag off that frames of the port carry, or seems to find one that they do not: the rows
// of a port know untagged frames, and drop the others. A tag behind the first is a type of its own.
static __always_inline int untag(struct __sk_buff* skb, struct fabrix_scratch* s, u32 vlan) {
  u8 octets[4];
  u32 tag = 0;
  if (skb->vlan_present) {
    tag = bpf_ntohs((u16)skb->vlan_proto) << 16 | (skb->vlan_tci & 0xffff);
  } else if (!octets_at(skb, 12, skb->len, octets, 4)) {
    tag = read32(octets);
    if (tag >> 16 != ETH_VLAN && tag >> 16 != ETH_SERVICE_VLAN) tag = 0;
  }
  if ((tag & 0x0fff) != vlan) {
    if (parse(skb, s)) return -1;
    if (FIELD(VLAN_ID) == 0) FIELD(VLAN_ID) = 0x0fff;
    return 0;
  }
  if (bpf_skb_vlan_pop(skb) || parse(skb, s)) return -1;
  s->tag = tag;
  if (FIELD(VLAN_ID) != 0) {
    NONE(VLAN_ID), NONE(VLAN_PCP);
    FIELD(ETH_TYPE) = ETH_VLAN;
  }
  return 0;
}

// A number from 1 to 2 * rate - 1, each as likely as the others: `rate` on the average. xorshift64
// (Marsaglia, Xorshift RNGs, 2003), whose state a test can set.
static __always_inline s64 next_skip(struct fabrix_sampler* sampler, u32 rate) {
  u64 random = sampler->random;
  if (random == 0) random = (u64)bpf_get_prandom_u32() << 32 | bpf_get_prandom_u32() | 1;
  random ^= random << 13;
  random ^= random >> 7;
  random ^= random << 17;
  sampler->random = random;
  return (s64)(1 + ((random >> 32) * (2 * (u64)rate - 1) >> 32));
}

// Counts down the frames to the next sample, as sFlow version 5 says (3.1: random skips of the
// wanted mean), and takes it. A train of segments is as many frames, and may be several samples.
static __always_inline void take_sample(struct __sk_buff* skb, struct fabrix_scratch* s, u32 rate) {
  const u32 slot = (u32)s->port_slot;
  struct fabrix_sampler* sampler = bpf_map_lookup_elem(&samplers, &slot);
  if (!sampler) return;
  if (sampler->rate != rate) {
    sampler->rate = rate;
    sampler->skip = next_skip(sampler, rate);
  }
  sampler->pool += s->packets;
  sampler->skip -= (s64)s->packets;
  if (sampler->skip > 0) return;
  u32 times = 0;
  for (int i = 0; i < FABRIX_SAMPLES_AT_ONCE; i++) {
    sampler->skip += next_skip(sampler, rate);
    times++;
    if (sampler->skip > 0) break;
  }
  sampler->taken += times;
  // What is beyond the most that one train may be is lost, and counted.
  if (sampler->skip <= 0) {
    const u64 lost = (u64)-sampler->skip / rate + 1;
    sampler->taken += lost;
    sampler->drops += lost;
    sampler->skip = next_skip(sampler, rate);
  }
  struct fabrix_sample* sample = &s->sample;
  u32 size = skb->len;
  if (size > FABRIX_SAMPLED) size = FABRIX_SAMPLED;
  if (size == 0 || bpf_skb_load_bytes(skb, 0, sample->header, size)) return;
  sample->port = (u32)FIELD(IN_PORT);
  sample->slot = slot;
  sample->cpu = bpf_get_smp_processor_id();
  sample->rate = rate;
  sample->times = times;
  sample->length = (u32)((s->octets + s->packets / 2) / s->packets);
  sample->tag = (u32)s->tag;
  if (s->tag == 0 && skb->vlan_present) {
    sample->tag = bpf_ntohs((u16)skb->vlan_proto) << 16 | (skb->vlan_tci & 0xffff);
  }
  sample->size = size;
  sample->unused = 0;
  s->sampled = times;
}

SEC("tc")
int entrance(struct __sk_buff* skb) {
  const u32 zero = 0;
  struct fabrix_scratch* s = bpf_map_lookup_elem(&scratch, &zero);
  struct fabrix_state* now = bpf_map_lookup_elem(&state, &zero);
  if (!s || !now) return TC_ACT_SHOT;
  s->metadata = 0;
  __builtin_memset(&s->verdict, 0, FABRIX_FROM_ZERO);
  s->tag = 0;
  struct way_in way;
  if (find_port(skb->ingress_ifindex, s, &way)) return TC_ACT_SHOT;
  if (way.vlan ? untag(skb, s, way.vlan) : parse(skb, s)) return TC_ACT_SHOT;
  const u32 version = *(volatile u32*)&now->version & 1;
  s->base = version * FABRIX_SLOTS;
  measure(skb, s);
  if (now->hashes[version]) hash(s);
  u32 slot = (u32)s->port_slot;
  struct fabrix_port_counts* counts = bpf_map_lookup_elem(&port_counts, &slot);
  if (counts) {
    counts->in.packets += s->packets;
    counts->in.octets += s->octets;
    if (s->tag) counts->in.octets += TAG_SIZE * s->packets;
  }
  if (way.sample_rate) take_sample(skb, s, way.sample_rate);
  // By constants, which the kernel makes plain jumps of.
  if (version) {
    bpf_tail_call_static(skb, &programs, FABRIX_SLOTS + FABRIX_SLOT_COMMON);
  } else {
    bpf_tail_call_static(skb, &programs, FABRIX_SLOT_COMMON);
  }
  if (counts) counts->discarded += s->packets;  // there is no Program yet
  return TC_ACT_SHOT;
}

// Checksums of the transport header: where they are from its start; -1: there is none.
static __always_inline int checksum_at(struct fabrix_scratch* s) {
  const u64 protocol = FIELD(PROTOCOL);
  if (!s->l4) return -1;
  if (protocol == PROTOCOL_TCP) return 16;
  if (protocol == PROTOCOL_UDP) return 6;
  if (protocol == PROTOCOL_ICMPV6 && FIELD(ETH_TYPE) == ETH_IPV6) return 2;
  return -1;
}

static __always_inline u64 udp_flag(struct fabrix_scratch* s) {
  return FIELD(PROTOCOL) == PROTOCOL_UDP ? BPF_F_MARK_MANGLED_0 : 0;
}

static __always_inline void write_ip4(struct __sk_buff* skb, struct fabrix_scratch* s, u32 where,
                                      u64 was, u64 is) {
  const u32 before = bpf_htonl((u32)was);
  const u32 after = bpf_htonl((u32)is);
  const int checksum = checksum_at(s);
  if (checksum >= 0) {
    bpf_l4_csum_replace(skb, s->l4 + checksum, before, after, BPF_F_PSEUDO_HDR | udp_flag(s) | 4);
  }
  bpf_l3_csum_replace(skb, s->l3 + 10, before, after, 4);
  bpf_skb_store_bytes(skb, s->l3 + where, &after, 4, 0);
}

static __always_inline void write_ip6(struct __sk_buff* skb, struct fabrix_scratch* s, u32 where,
                                      const u64* was, const u64* is) {
  u64 before[2] = {bpf_cpu_to_be64(was[0]), bpf_cpu_to_be64(was[1])};
  u64 after[2] = {bpf_cpu_to_be64(is[0]), bpf_cpu_to_be64(is[1])};
  const int checksum = checksum_at(s);
  if (checksum >= 0) {
    const s64 difference = bpf_csum_diff((__be32*)before, 16, (__be32*)after, 16, 0);
    bpf_l4_csum_replace(skb, s->l4 + checksum, 0, difference, BPF_F_PSEUDO_HDR | udp_flag(s));
  }
  bpf_skb_store_bytes(skb, s->l3 + where, after, 16, 0);
}

static __always_inline void write_port(struct __sk_buff* skb, struct fabrix_scratch* s, u32 where,
                                       u64 was, u64 is) {
  const u16 before = bpf_htons((u16)was);
  const u16 after = bpf_htons((u16)is);
  const int checksum = checksum_at(s);
  if (checksum >= 0) {
    bpf_l4_csum_replace(skb, s->l4 + checksum, before, after, udp_flag(s) | 2);
  }
  bpf_skb_store_bytes(skb, s->l4 + where, &after, 2, 0);
}

static __always_inline void write_dscp(struct __sk_buff* skb, struct fabrix_scratch* s, u64 is) {
  u8 octets[2];
  if (bpf_skb_load_bytes(skb, s->l3, octets, 2)) return;
  u16 before = *(u16*)octets;
  if (FIELD(ETH_TYPE) == ETH_IPV4) {
    octets[1] = (u8)(is << 2 | (octets[1] & 3));
    bpf_l3_csum_replace(skb, s->l3 + 10, before, *(u16*)octets, 2);
    bpf_skb_store_bytes(skb, s->l3, octets, 2, 0);
  } else {
    octets[0] = (u8)((octets[0] & 0xf0) | is >> 2);
    octets[1] = (u8)((octets[1] & 0x3f) | is << 6);
    bpf_skb_store_bytes(skb, s->l3, octets, 2, BPF_F_RECOMPUTE_CSUM);
  }
}

static __always_inline void write_macs(struct __sk_buff* skb, const u64* is) {
  u8 octets[12];
  put_mac(octets, WRITTEN(is, DST_MAC));
  put_mac(octets + 6, WRITTEN(is, SRC_MAC));
  bpf_skb_store_bytes(skb, 0, octets, 12, 0);
}

#define DIFFERS(name) (WRITTEN(s->written, name) != WRITTEN(is, name))

static __always_inline void write_addresses(struct __sk_buff* skb, struct fabrix_scratch* s,
                                            const u64* is) {
  const u64* was = s->written;
  if (FIELD(ETH_TYPE) == ETH_IPV4) {
    if (DIFFERS(SRC_IP4)) write_ip4(skb, s, 12, WRITTEN(was, SRC_IP4), WRITTEN(is, SRC_IP4));
    if (DIFFERS(DST_IP4)) write_ip4(skb, s, 16, WRITTEN(was, DST_IP4), WRITTEN(is, DST_IP4));
  } else if (FIELD(ETH_TYPE) == ETH_IPV6) {
    if (DIFFERS(SRC_IP6_HIGH) || DIFFERS(SRC_IP6_LOW)) {
      write_ip6(skb, s, 8, &WRITTEN(was, SRC_IP6_HIGH), &WRITTEN(is, SRC_IP6_HIGH));
    }
    if (DIFFERS(DST_IP6_HIGH) || DIFFERS(DST_IP6_LOW)) {
      write_ip6(skb, s, 24, &WRITTEN(was, DST_IP6_HIGH), &WRITTEN(is, DST_IP6_HIGH));
    }
  }
}

struct way_out {
  u32 interface;
  u32 flags;
  u32 vlan;
  u32 slot;
};

// 0: the port is there.
static __always_inline int find_way_out(u32 port, struct way_out* way) {
  const u32 low = port % FABRIX_NEAR;
  struct fabrix_near_out* near = bpf_map_lookup_elem(&near_out, &low);
  if (near && near->port == port && near->interface) {
    way->interface = near->interface;
    way->flags = near->flags;
    way->vlan = near->vlan;
    way->slot = near->slot;
    return 0;
  }
  struct fabrix_out* out = bpf_map_lookup_elem(&ports_out, &port);
  if (!out) return -1;
  way->interface = out->interface;
  way->flags = out->flags;
  way->vlan = out->vlan;
  way->slot = (u32)out->slot;
  return 0;
}

static __always_inline void count_out(const struct fabrix_scratch* s, const struct way_out* way) {
  const u32 slot = way->slot;
  struct fabrix_port_counts* counts = bpf_map_lookup_elem(&port_counts, &slot);
  if (!counts) return;
  counts->out.packets += s->packets;
  counts->out.octets += s->octets;
  if (way->vlan) counts->out.octets += TAG_SIZE * s->packets;
}

// Longer than the port's MTU allows: a frame, or the segments of a train. Neither bpf_redirect()
// nor bpf_redirect_peer() looks at it (bpf-helpers(7), bpf_check_mtu: BPF_MTU_CHK_SEGS), and what
// is cut nowhere must go nowhere. What IEEE 802.3 lets every port send is not asked about.
static __always_inline int too_long(struct __sk_buff* skb, const struct way_out* way) {
  if (skb->len <= LONGEST_USUAL) return 0;
  u32 mtu = 0;
  return bpf_check_mtu(skb, way->interface, &mtu, 0, BPF_MTU_CHK_SEGS) > 0;
}

// With the tag of the port, if it has one. Where the headers are stays: the kernel has it beside
// the frame until it leaves.
static __always_inline int leave(struct __sk_buff* skb, const struct way_out* way) {
  if (way->vlan && bpf_skb_vlan_push(skb, bpf_htons(ETH_VLAN), (u16)way->vlan)) return TC_ACT_SHOT;
  if (way->flags & FABRIX_OUT_PEER) return (int)bpf_redirect_peer(way->interface, 0);
  return (int)bpf_redirect(way->interface, 0);
}

// What the frame is, before it is written to. The fields are of no use any more then.
__attribute__((noinline)) int read_again(struct __sk_buff* skb) {
  const u32 zero = 0;
  struct fabrix_scratch* s = bpf_map_lookup_elem(&scratch, &zero);
  if (!s || parse(skb, s)) return -1;
  __builtin_memcpy(s->written, &s->fields[FABRIX_FIRST_WRITTEN], sizeof(s->written));
  return 0;
}

// Makes the frame what output number `index` says, and sends it; the last one may keep the frame.
// A function of its own, which the kernel verifies once. What TC is to do with the frame.
__attribute__((noinline)) int send_one(struct __sk_buff* skb, u32 index) {
  const u32 zero = 0;
  struct fabrix_scratch* s = bpf_map_lookup_elem(&scratch, &zero);
  if (!s || index >= FABRIX_MAX_OUTPUTS) return TC_ACT_SHOT;
  const u64* is = s->outputs[index].written;
  const int ports = s->l4 && (DIFFERS(SRC_PORT) || DIFFERS(DST_PORT));
  // Its checksum, CRC32c over the whole packet, cannot be corrected here (RFC 9260 6.8).
  if (ports && FIELD(PROTOCOL) == PROTOCOL_SCTP) return TC_ACT_SHOT;
  if (DIFFERS(DST_MAC) || DIFFERS(SRC_MAC)) write_macs(skb, is);
  if (s->l3) {
    write_addresses(skb, s, is);
    if (DIFFERS(DSCP)) write_dscp(skb, s, WRITTEN(is, DSCP));
  }
  if (ports) {
    if (DIFFERS(SRC_PORT)) {
      write_port(skb, s, 0, WRITTEN(s->written, SRC_PORT), WRITTEN(is, SRC_PORT));
    }
    if (DIFFERS(DST_PORT)) {
      write_port(skb, s, 2, WRITTEN(s->written, DST_PORT), WRITTEN(is, DST_PORT));
    }
  }
  __builtin_memcpy(s->written, is, sizeof(s->written));

  struct way_out out;
  if (find_way_out((u32)s->outputs[index].port, &out)) return TC_ACT_SHOT;
  if (too_long(skb, &out)) return TC_ACT_SHOT;
  count_out(s, &out);
  if (index + 1 >= s->output_count) return leave(skb, &out);
  if (!out.vlan) return (int)bpf_clone_redirect(skb, out.interface, 0);
  if (bpf_skb_vlan_push(skb, bpf_htons(ETH_VLAN), (u16)out.vlan)) return TC_ACT_SHOT;
  const int verdict = (int)bpf_clone_redirect(skb, out.interface, 0);
  return bpf_skb_vlan_pop(skb) ? TC_ACT_SHOT : verdict;
}

// The only frame of a packet leaves as the fields say.
static __always_inline int send_only(struct __sk_buff* skb, struct fabrix_scratch* s) {
  struct way_out out;
  if (find_way_out((u32)s->port, &out)) return TC_ACT_SHOT;
  u8* data = (u8*)(long)skb->data;
  const u8* end = (const u8*)(long)skb->data_end;
  if (s->others_set || data + 12 > end) {
    s->outputs[0].port = s->port;
    __builtin_memcpy(s->outputs[0].written, &s->fields[FABRIX_FIRST_WRITTEN], sizeof(s->written));
    s->output_count = 1;
    return read_again(skb) ? TC_ACT_SHOT : send_one(skb, 0);
  }
  if (too_long(skb, &out)) return TC_ACT_SHOT;
  if (s->macs_set) {
    const u64 to = FIELD(DST_MAC);
    const u64 from = FIELD(SRC_MAC);
    *(u32*)data = bpf_htonl((u32)(to >> 16));
    *(u16*)(data + 4) = bpf_htons((u16)to);
    *(u16*)(data + 6) = bpf_htons((u16)(from >> 32));
    *(u32*)(data + 8) = bpf_htonl((u32)from);
  }
  s->went_at_once = 1;
  count_out(s, &out);
  return leave(skb, &out);
}

// Back to where it came from.
static __always_inline int send_back(struct __sk_buff* skb, struct fabrix_scratch* s) {
  struct way_out out;
  return find_way_out((u32)FIELD(IN_PORT), &out) ? TC_ACT_SHOT : leave(skb, &out);
}

// RFC 826: the request becomes the reply.
static __always_inline int answer_arp(struct __sk_buff* skb, struct fabrix_scratch* s, u64 mac) {
  u8 octets[20];
  put_mac(octets, FIELD(SRC_MAC));
  put_mac(octets + 6, mac);
  bpf_skb_store_bytes(skb, 0, octets, 12, 0);
  const u16 reply = bpf_htons(2);
  bpf_skb_store_bytes(skb, 14 + 6, &reply, 2, 0);
  const u32 target = bpf_htonl((u32)FIELD(DST_IP4));
  const u32 sender = bpf_htonl((u32)FIELD(SRC_IP4));
  put_mac(octets, mac);
  __builtin_memcpy(octets + 6, &target, 4);
  put_mac(octets + 10, FIELD(ARP_SENDER_MAC));
  __builtin_memcpy(octets + 16, &sender, 4);
  bpf_skb_store_bytes(skb, 14 + 8, octets, 20, 0);
  return send_back(skb, s);
}

// RFC 4861 4.4: an advertisement with the target's link-layer address, as long as a solicitation
// with the source's. Others are the controller's to answer; so are those of senders that have no
// address yet. -1: not answered.
static __always_inline int answer_nd(struct __sk_buff* skb, struct fabrix_scratch* s, u64 mac) {
  struct {
    u8 next[8];  // length, next header of the pseudo header: RFC 8200 8.1
    u8 source[16];
    u8 destination[16];
    u8 message[32];
  } sum = {};
  u8 header[8];
  if (s->l3 != 14 || s->l4 != 54 || bpf_skb_load_bytes(skb, 14, header, 8)) return -1;
  if (read16(header + 4) != 32 || header[7] != 255) return -1;
  if (FIELD(SRC_IP6_HIGH) == 0 && FIELD(SRC_IP6_LOW) == 0) return -1;
  if (bpf_skb_load_bytes(skb, 54 + 8, sum.source, 16)) return -1;  // from the target
  if (bpf_skb_load_bytes(skb, 22, sum.destination, 16)) return -1;
  sum.next[3] = 32;
  sum.next[7] = PROTOCOL_ICMPV6;
  sum.message[0] = ADVERTISEMENT;
  sum.message[4] = 0x60;  // solicited, override
  __builtin_memcpy(sum.message + 8, sum.source, 16);
  sum.message[24] = 2;  // target link-layer address
  sum.message[25] = 1;
  put_mac(sum.message + 26, mac);
  u64 total = (u64)bpf_csum_diff(0, 0, (__be32*)&sum, sizeof(sum), 0);
  total = (total & 0xffff) + (total >> 16 & 0xffff);
  total = (total & 0xffff) + (total >> 16);
  *(u16*)(sum.message + 2) = (u16)~total;

  u8 macs[12];
  put_mac(macs, FIELD(SRC_MAC));
  put_mac(macs + 6, mac);
  bpf_skb_store_bytes(skb, 0, macs, 12, 0);
  bpf_skb_store_bytes(skb, 22, sum.source, 64, 0);
  return send_back(skb, s);
}

// The answer for a virtual next hop; -1: it is for the controller.
static __always_inline int answer(struct __sk_buff* skb, struct fabrix_scratch* s) {
  struct fabrix_neighbor_key key = {};
  const int arp = FIELD(ETH_TYPE) == ETH_ARP && FIELD(PROTOCOL) == 1;
  const int nd = FIELD(ETH_TYPE) == ETH_IPV6 && FIELD(ICMP_TYPE) == SOLICITATION;
  if ((!arp && !nd) || FIELD(VLAN_ID) != 0 || FIELD(VLAN_PCP) != 0) return -1;
  key.sender = s->punter;
  key.high = arp ? 0 : FIELD(ND_TARGET_HIGH);
  key.low = arp ? FIELD(DST_IP4) | 1ULL << 32 : FIELD(ND_TARGET_LOW);
  struct fabrix_neighbor* found = bpf_map_lookup_elem(&neighbors, &key);
  if (!found) return -1;
  const u64 mac = s->base ? found->mac[1] : found->mac[0];
  if (mac == 0) return -1;
  return arp ? answer_arp(skb, s, mac) : answer_nd(skb, s, mac);
}

// Takes from a bucket that fills at a constant rate; `full_at` is when it will be full. 0: it is
// empty.
static __always_inline int take_from(u64* full_at, u64 a_second, u64 at_once) {
  const u64 each = 1000000000ULL / a_second;
  const u64 now = bpf_ktime_get_ns();
  u64 at = *full_at;
  if (at < now) at = now;
  if (at - now > each * at_once) return 0;
  *full_at = at + each;
  return 1;
}

// Whether the port may bother the controller now.
static __always_inline int may_punt(struct __sk_buff* skb) {
  const u32 zero = 0;
  u32 interface = skb->ingress_ifindex;
  struct fabrix_in* in = bpf_map_lookup_elem(&ports_in, &interface);
  u64* all = bpf_map_lookup_elem(&all_punts_at, &zero);
  if (!in || !all) return 0;
  return take_from(&in->punts_at, FABRIX_PUNTS_A_SECOND, FABRIX_PUNTS_AT_ONCE) &&
         take_from(all, FABRIX_ALL_PUNTS_A_SECOND, FABRIX_ALL_PUNTS_AT_ONCE);
}

static __always_inline int hand_over(struct __sk_buff* skb, struct fabrix_scratch* s) {
  struct record {
    struct fabrix_punt head;
    u8 octets[FABRIX_MAX_FRAME];
  };
  u32 size = skb->len;
  if (!may_punt(skb)) return -1;
  struct record* record = bpf_ringbuf_reserve(&punts, sizeof(struct record), 0);
  if (!record) return -1;
  if (size > FABRIX_MAX_FRAME) size = FABRIX_MAX_FRAME;
  if (size == 0 || bpf_skb_load_bytes(skb, 0, record->octets, size)) {
    bpf_ringbuf_discard(record, 0);
    return -1;
  }
  record->head.port = (u32)FIELD(IN_PORT);
  record->head.size = size;
  bpf_ringbuf_submit(record, 0);
  return 0;
}

// Also a function of its own. What TC is to do with the frame.
__attribute__((noinline)) int punt(struct __sk_buff* skb) {
  const u32 zero = 0;
  struct fabrix_scratch* s = bpf_map_lookup_elem(&scratch, &zero);
  if (!s) return TC_ACT_SHOT;
  u32 slot = (u32)s->port_slot;
  struct fabrix_port_counts* counts = bpf_map_lookup_elem(&port_counts, &slot);
  if (!counts) return TC_ACT_SHOT;
  s->punted++;
  const int alone = s->output_count == 0 && s->branch_count == 0;
  const int answered = alone ? answer(skb, s) : -1;
  if (answered >= 0) {
    counts->answered++;
    return answered;
  }
  if (hand_over(skb, s)) {
    counts->beyond_limit++;
  } else {
    counts->to_controller++;
  }
  return TC_ACT_SHOT;
}

// The branch that waited last goes on.
static __always_inline void branch(struct __sk_buff* skb, struct fabrix_scratch* s) {
  const u64 index = s->branch_count - 1;
  if (index >= FABRIX_MAX_BRANCHES) return;
  const struct fabrix_branch* next = &s->branches[index];
  s->branch_count = index;
  s->metadata = next->metadata;
  __builtin_memcpy(&s->fields[FABRIX_FIRST_WRITTEN], next->written, sizeof(next->written));
  s->next = next->table;
  const u32 base = (u32)s->base;
  bpf_tail_call(skb, &programs, base + (u32)next->slot);
  bpf_tail_call(skb, &programs, base + FABRIX_SLOT_COMMON);
}

// What became of the packet, to whoever wants samples.
static __always_inline void tell_sample(struct fabrix_scratch* s) {
  struct fabrix_sample* sample = &s->sample;
  const u32 slot = sample->slot;
  struct fabrix_sampler* sampler = bpf_map_lookup_elem(&samplers, &slot);
  if (!sampler) return;
  const u64 frames = s->went_at_once ? 1 : s->output_count;
  sample->frames = (u32)frames;
  sample->egress = (u32)(s->went_at_once ? s->port : s->outputs[0].port);
  sample->fate = frames > 1    ? FABRIX_FATE_COPIED
                 : frames == 1 ? FABRIX_FATE_FORWARDED
                 : s->punted   ? FABRIX_FATE_CONTROLLER
                               : FABRIX_FATE_DISCARDED;
  sample->pool = sampler->pool;
  sample->drops = sampler->drops;
  if (bpf_ringbuf_output(&samples, sample, sizeof(*sample), 0)) sampler->drops += sample->times;
}

// What TC is to do with the frame. A branch that waits does not come back.
// None of its frames has left.
static __always_inline void count_discarded(struct fabrix_scratch* s) {
  s->output_count = 0;
  if (s->punted) return;
  u32 slot = (u32)s->port_slot;
  struct fabrix_port_counts* counts = bpf_map_lookup_elem(&port_counts, &slot);
  if (counts) counts->discarded += s->packets;
}

static __always_inline int send_frames(struct __sk_buff* skb, struct fabrix_scratch* s) {
  int verdict = TC_ACT_SHOT;
  const u64 said = s->verdict;
  s->verdict = FABRIX_VERDICT_NONE;
  if (said == FABRIX_VERDICT_OUTPUT && s->port != FIELD(IN_PORT)) {
    if (!(s->output_count | s->branch_count | s->punted)) {
      verdict = send_only(skb, s);
      if (verdict == TC_ACT_SHOT) count_discarded(s);
      return verdict;
    }
    const u64 index = s->output_count;
    if (index < FABRIX_MAX_OUTPUTS) {
      s->outputs[index].port = s->port;
      __builtin_memcpy(s->outputs[index].written, &s->fields[FABRIX_FIRST_WRITTEN],
                       sizeof(s->written));
      s->output_count = index + 1;
    }
  } else if (said == FABRIX_VERDICT_CONTROLLER) {
    verdict = punt(skb);
  }
  if (s->branch_count) {
    branch(skb, s);
    return TC_ACT_SHOT;  // no such program: not reached
  }
  if (s->output_count && read_again(skb)) return TC_ACT_SHOT;
  int is_sent = 0;
  for (u32 i = 0; i < FABRIX_MAX_OUTPUTS; i++) {
    if (i >= s->output_count) break;
    verdict = send_one(skb, i);
    if (verdict != TC_ACT_SHOT) is_sent = 1;
  }
  if (!is_sent) count_discarded(s);
  return verdict;
}

SEC("tc")
int finish(struct __sk_buff* skb) {
  const u32 zero = 0;
  struct fabrix_scratch* s = bpf_map_lookup_elem(&scratch, &zero);
  if (!s) return TC_ACT_SHOT;
  const int verdict = send_frames(skb, s);
  if (s->sampled) tell_sample(s);
  return verdict;
}
