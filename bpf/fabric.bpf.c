// The fixed part of the Linux fabric (ADR 10): what every packet passes before and after the
// programs that rows are compiled to.
//
//   entrance  at the tc ingress of each port: reads the headers into the scratch memory as
//             net/frame.h does, and leads to the admission of the version in force
//   finish    when a row has said what becomes of the packet: goes on with branches that wait,
//             writes headers, and sends the frames
//
// The same at XDP, of ports that are told so, before the kernel makes an skb of the frame: what
// leaves by one port with no more than its MACs rewritten, what is answered, and what is discarded
// ends there. Everything else goes on to tc as if XDP had not been there: nothing is counted of it,
// and no meter is charged. No packet's way is half in one and half in the other.
//
//   RFC 826, 791, 8200, 9293, 768, 9260, 792, 4443, 4861; RFC 1624 (checksums, by the kernel's
//   helpers); Linux Documentation/bpf/
//
// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
#include "fabric/linux_layout.h"
#include "frame.h"
#include "headers.h"
#include "skips.h"

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
MAP(xdp_programs, BPF_MAP_TYPE_PROG_ARRAY, u32, u32, FABRIX_SLOTS* FABRIX_VERSIONS);
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

#define FABRIX_FROM_ZERO                           \
  (__builtin_offsetof(struct fabrix_scratch, l3) - \
   __builtin_offsetof(struct fabrix_scratch, verdict))

// For the next packet. Rows may have set fields that it does not have.
static __always_inline void begin(struct fabrix_scratch* s) {
  if (UNLIKELY(s->others_set)) s->plain = 0;
  s->metadata = 0;
  __builtin_memset(&s->verdict, 0, FABRIX_FROM_ZERO);
  s->tag = 0;
}

struct way_in {
  u32 sample_rate;
  u32 vlan;
};

// The port of the interface, its slot, and how frames come in there. 0: it is one.
static __always_inline int find_port(u32 interface, struct fabrix_scratch* s, struct way_in* way) {
  const u32 low = interface % FABRIX_NEAR;
  struct fabrix_near_in* near = bpf_map_lookup_elem(&near_in, &low);
  if (LIKELY(near && near->interface == interface)) {
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
  u32 tag = tag_beside(at_tc(skb));
  if (!tag && !octets_at(at_tc(skb), 12, skb->len, octets, 4)) {
    tag = read32(octets);
    if (tag >> 16 != ETH_VLAN && tag >> 16 != ETH_SERVICE_VLAN) tag = 0;
  }
  if ((tag & 0x0fff) != vlan) {
    if (parse(at_tc(skb), s)) return -1;
    if (FIELD(VLAN_ID) == 0) FIELD(VLAN_ID) = 0x0fff;
    s->plain = 0;
    return 0;
  }
  if (bpf_skb_vlan_pop(skb) || parse(at_tc(skb), s)) return -1;
  s->tag = tag;
  if (FIELD(VLAN_ID) != 0) {
    NONE(VLAN_ID), NONE(VLAN_PCP);
    FIELD(ETH_TYPE) = ETH_VLAN;
  }
  return 0;
}

// Counts down the frames to the next sample, as sFlow version 5 says (3.1: random skips of the
// wanted mean), and takes it. A train of segments is as many frames, and may be several samples.
static __always_inline void take_sample(struct frame f, struct fabrix_scratch* s, u32 rate) {
  const u32 slot = (u32)s->port_slot;
  struct fabrix_sampler* sampler = bpf_map_lookup_elem(&samplers, &slot);
  if (!sampler) return;
  if (sampler->rate != rate) {
    sampler->rate = rate;
    sampler->skip = next_skip(&sampler->random, rate);
  }
  sampler->pool += s->packets;
  sampler->skip -= (s64)s->packets;
  if (sampler->skip > 0) return;
  u32 times = 0;
  for (int i = 0; i < FABRIX_SAMPLES_AT_ONCE; i++) {
    sampler->skip += next_skip(&sampler->random, rate);
    times++;
    if (sampler->skip > 0) break;
  }
  sampler->taken += times;
  // What is beyond the most that one train may be is lost, and counted.
  if (sampler->skip <= 0) {
    const u64 lost = (u64)-sampler->skip / rate + 1;
    sampler->taken += lost;
    sampler->drops += lost;
    sampler->skip = next_skip(&sampler->random, rate);
  }
  struct fabrix_sample* sample = &s->sample;
  u32 size = length_of(f);
  if (size > FABRIX_SAMPLED) size = FABRIX_SAMPLED;
  if (size == 0 || load_octets(f, 0, sample->header, size)) return;
  sample->port = (u32)FIELD(IN_PORT);
  sample->slot = slot;
  sample->cpu = bpf_get_smp_processor_id();
  sample->rate = rate;
  sample->times = times;
  sample->length = (u32)((s->octets + s->packets / 2) / s->packets);
  sample->tag = s->tag ? (u32)s->tag : tag_beside(f);
  sample->size = size;
  sample->unused = 0;
  s->sampled = times;
}

// What came in; null: the port's slot is none.
static __always_inline struct fabrix_port_counts* count_in(struct fabrix_scratch* s) {
  const u32 slot = (u32)s->port_slot;
  struct fabrix_port_counts* counts = bpf_map_lookup_elem(&port_counts, &slot);
  if (!counts) return 0;
  counts->in.packets += s->packets;
  counts->in.octets += s->octets;
  if (s->tag) counts->in.octets += TAG_SIZE * s->packets;
  return counts;
}

SEC("tc")
int entrance(struct __sk_buff* skb) {
  const u32 zero = 0;
  struct fabrix_scratch* s = bpf_map_lookup_elem(&scratch, &zero);
  struct fabrix_state* now = bpf_map_lookup_elem(&state, &zero);
  if (!s || !now) return TC_ACT_SHOT;
  begin(s);
  struct way_in way;
  if (find_port(skb->ingress_ifindex, s, &way)) return TC_ACT_SHOT;
  if (UNLIKELY(way.vlan) ? untag(skb, s, way.vlan) : parse(at_tc(skb), s)) return TC_ACT_SHOT;
  const u32 version = *(volatile u32*)&now->version & 1;
  s->base = version * FABRIX_SLOTS;
  measure(at_tc(skb), s);
  if (UNLIKELY(now->hashes[version])) hash(s);
  struct fabrix_port_counts* counts = count_in(s);
  if (UNLIKELY(way.sample_rate)) take_sample(at_tc(skb), s, way.sample_rate);
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
  if (LIKELY(near && near->port == port && near->interface)) {
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
  if (!s || parse(at_tc(skb), s)) return -1;
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

static __always_inline void write_macs_at(u8* data, const struct fabrix_scratch* s) {
  const u64 to = FIELD(DST_MAC);
  const u64 from = FIELD(SRC_MAC);
  *(u32*)data = bpf_htonl((u32)(to >> 16));
  *(u16*)(data + 4) = bpf_htons((u16)to);
  *(u16*)(data + 6) = bpf_htons((u16)(from >> 32));
  *(u32*)(data + 8) = bpf_htonl((u32)from);
}

// The only frame of a packet leaves as the fields say.
static __always_inline int send_only(struct __sk_buff* skb, struct fabrix_scratch* s) {
  struct way_out out;
  if (find_way_out((u32)s->port, &out)) return TC_ACT_SHOT;
  u8* data = (u8*)(long)skb->data;
  const u8* end = (const u8*)(long)skb->data_end;
  if (UNLIKELY(s->others_set || data + 12 > end)) {
    s->outputs[0].port = s->port;
    __builtin_memcpy(s->outputs[0].written, &s->fields[FABRIX_FIRST_WRITTEN], sizeof(s->written));
    s->output_count = 1;
    return read_again(skb) ? TC_ACT_SHOT : send_one(skb, 0);
  }
  if (too_long(skb, &out)) return TC_ACT_SHOT;
  if (s->macs_set) write_macs_at(data, s);
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
static __always_inline void answer_arp(struct frame f, struct fabrix_scratch* s, u64 mac) {
  u8 octets[20];
  put_mac(octets, FIELD(SRC_MAC));
  put_mac(octets + 6, mac);
  store_octets(f, 0, octets, 12);
  u16 reply = bpf_htons(2);
  store_octets(f, 14 + 6, &reply, 2);
  const u32 target = bpf_htonl((u32)FIELD(DST_IP4));
  const u32 sender = bpf_htonl((u32)FIELD(SRC_IP4));
  put_mac(octets, mac);
  __builtin_memcpy(octets + 6, &target, 4);
  put_mac(octets + 10, FIELD(ARP_SENDER_MAC));
  __builtin_memcpy(octets + 16, &sender, 4);
  store_octets(f, 14 + 8, octets, 20);
}

// A solicitation that is as long as the advertisement, from somebody who has an address already.
// Others are the controller's to answer.
static __always_inline int has_room_for_nd(struct frame f, struct fabrix_scratch* s) {
  u8 header[8];
  if (s->l3 != 14 || s->l4 != 54 || length_of(f) < 54 + 32 || load_octets(f, 14, header, 8)) {
    return 0;
  }
  if (read16(header + 4) != 32 || header[7] != 255) return 0;
  return FIELD(SRC_IP6_HIGH) != 0 || FIELD(SRC_IP6_LOW) != 0;
}

// RFC 4861 4.4: an advertisement with the target's link-layer address, as long as a solicitation
// with the source's.
static __always_inline void answer_nd(struct frame f, struct fabrix_scratch* s, u64 mac) {
  struct {
    u8 next[8];  // length, next header of the pseudo header: RFC 8200 8.1
    u8 source[16];
    u8 destination[16];
    u8 message[32];
  } sum = {};
  load_octets(f, 54 + 8, sum.source, 16);  // from the target
  load_octets(f, 22, sum.destination, 16);
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
  store_octets(f, 0, macs, 12);
  store_octets(f, 22, sum.source, 64);
}

// Of the virtual next hop that is asked for; 0: the question is for the controller.
static __always_inline u64 mac_asked_for(struct frame f, struct fabrix_scratch* s) {
  struct fabrix_neighbor_key key = {};
  const int arp = FIELD(ETH_TYPE) == ETH_ARP && FIELD(PROTOCOL) == 1;
  const int nd = FIELD(ETH_TYPE) == ETH_IPV6 && FIELD(ICMP_TYPE) == SOLICITATION;
  if ((!arp && !nd) || FIELD(VLAN_ID) != 0 || FIELD(VLAN_PCP) != 0) return 0;
  key.sender = s->punter;
  key.high = arp ? 0 : FIELD(ND_TARGET_HIGH);
  key.low = arp ? FIELD(DST_IP4) | 1ULL << 32 : FIELD(ND_TARGET_LOW);
  struct fabrix_neighbor* found = bpf_map_lookup_elem(&neighbors, &key);
  if (!found || (nd && !has_room_for_nd(f, s))) return 0;
  return s->base ? found->mac[1] : found->mac[0];
}

// The frame becomes the answer.
static __always_inline void answer(struct frame f, struct fabrix_scratch* s, u64 mac) {
  if (FIELD(ETH_TYPE) == ETH_ARP) {
    answer_arp(f, s, mac);
  } else {
    answer_nd(f, s, mac);
  }
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
  const u64 mac = alone ? mac_asked_for(at_tc(skb), s) : 0;
  if (mac) {
    counts->answered++;
    answer(at_tc(skb), s, mac);
    return send_back(skb, s);
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
  if (LIKELY(said == FABRIX_VERDICT_OUTPUT && s->port != FIELD(IN_PORT))) {
    if (LIKELY(!(s->output_count | s->branch_count | s->punted))) {
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

// Without a tag, of which tc knows whether the kernel has it beside the frame.
static __always_inline int is_untagged(struct frame f) {
  const u8* data = start_of(f);
  if (data + 14 > end_of(f)) return 0;
  const u32 type = AT16(data + 12);
  return type != ETH_VLAN && type != ETH_SERVICE_VLAN;
}

SEC("xdp.frags")
int entrance_xdp(struct xdp_md* xdp) {
  const u32 zero = 0;
  const struct frame f = at_xdp(xdp);
  struct fabrix_scratch* s = bpf_map_lookup_elem(&scratch, &zero);
  struct fabrix_state* now = bpf_map_lookup_elem(&state, &zero);
  const u32 length = length_of(f);
  struct way_in way;
  if (!s || !now || length > LONGEST_USUAL || !is_untagged(f)) return XDP_PASS;
  if (find_port(xdp->ingress_ifindex, s, &way) || way.vlan) return XDP_PASS;
  begin(s);
  s->at_xdp = 1;
  s->sample_rate = way.sample_rate;
  if (parse(f, s)) return XDP_PASS;
  const u32 version = *(volatile u32*)&now->version & 1;
  s->base = version * FABRIX_SLOTS;
  s->packets = 1;
  s->octets = length;
  if (now->hashes[version]) hash(s);
  if (version) {
    bpf_tail_call_static(xdp, &xdp_programs, FABRIX_SLOTS + FABRIX_SLOT_COMMON);
  } else {
    bpf_tail_call_static(xdp, &xdp_programs, FABRIX_SLOT_COMMON);
  }
  return XDP_PASS;  // there is no Program here yet
}

// The packet ends here: it is counted, where it was noted what for, and perhaps sampled as it came.
static __always_inline struct fabrix_port_counts* keep(struct frame f, struct fabrix_scratch* s) {
  for (u32 i = 0; i < FABRIX_MAX_NOTED; i++) {
    if (i >= s->noted_counts) break;
    struct fabrix_count* count = bpf_map_lookup_elem(&counters, &s->counts[i]);
    if (!count) continue;
    count->packets += s->packets;
    count->octets += s->octets;
  }
  if (s->sample_rate) take_sample(f, s, (u32)s->sample_rate);
  struct fabrix_port_counts* counts = count_in(s);
  if (counts) counts->at_xdp += s->packets;
  return counts;
}

static __always_inline u32 words_of(u64 value) {
  return (u32)(value >> 48) + (u32)(value >> 32 & 0xffff) + (u32)(value >> 16 & 0xffff) +
         (u32)(value & 0xffff);
}

// Whether the frame's checksum is one already. What a host at the other end of a veth sends may
// have the sum of the pseudo header in its place, for an interface to go on with (CHECKSUM_PARTIAL,
// linux/skbuff.h), which only an skb knows. One that is the same by chance is tc's too, and so is
// everything that might carry such a packet within.
static __always_inline int is_finished(const u8* data, const u8* end, struct fabrix_scratch* s) {
  const u64 protocol = FIELD(PROTOCOL);
  const u32 type = (u32)FIELD(ETH_TYPE);
  const u8* at = data + 14 + 20;
  u32 sum = 0;
  if (type == ETH_ARP) return 1;
  if (type != ETH_IPV4 && type != ETH_IPV6) return 0;
  if (protocol == PROTOCOL_ICMP || protocol == PROTOCOL_ICMPV6) return 1;
  if ((protocol != PROTOCOL_TCP && protocol != PROTOCOL_UDP) || s->l3 != 14) return 0;
  if (type == ETH_IPV4) {
    if (s->l4 != 14 + 20 || at > end) return 0;
    sum = words_of(FIELD(SRC_IP4)) + words_of(FIELD(DST_IP4)) + AT16(data + 16) - 20;
  } else {
    at = data + 14 + 40;
    if (s->l4 != 14 + 40 || at > end) return 0;
    sum = words_of(FIELD(SRC_IP6_HIGH)) + words_of(FIELD(SRC_IP6_LOW)) + AT16(data + 18) +
          words_of(FIELD(DST_IP6_HIGH)) + words_of(FIELD(DST_IP6_LOW));
  }
  at += protocol == PROTOCOL_TCP ? 16 : 6;
  if (at + 2 > end) return 0;
  sum += (u32)protocol;
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return AT16(at) != 0 && AT16(at) != sum;
}

static __always_inline int forward_xdp(struct xdp_md* xdp, struct fabrix_scratch* s) {
  struct way_out out;
  if (s->others_set || find_way_out((u32)s->port, &out)) return XDP_PASS;
  u8* data = start_of(at_xdp(xdp));
  const u8* end = end_of(at_xdp(xdp));
  if (!(out.flags & FABRIX_OUT_XDP) || out.vlan || data + 14 > end) return XDP_PASS;
  if (!is_finished(data, end, s)) return XDP_PASS;
  keep(at_xdp(xdp), s);
  if (s->macs_set) write_macs_at(data, s);
  s->went_at_once = 1;
  count_out(s, &out);
  return (int)bpf_redirect(out.interface, 0);
}

// Not by XDP_TX: of that a veth tells the other end's receiver only if it has a program of its own.
static __always_inline int answer_xdp(struct xdp_md* xdp, struct fabrix_scratch* s) {
  struct way_out out;
  const u64 mac = mac_asked_for(at_xdp(xdp), s);
  if (!mac || find_way_out((u32)FIELD(IN_PORT), &out)) return XDP_PASS;
  if (!(out.flags & FABRIX_OUT_XDP)) return XDP_PASS;
  struct fabrix_port_counts* counts = keep(at_xdp(xdp), s);
  if (counts) counts->answered++;
  s->punted = 1;
  answer(at_xdp(xdp), s, mac);
  return (int)bpf_redirect(out.interface, 0);
}

static __always_inline int discard_xdp(struct xdp_md* xdp, struct fabrix_scratch* s) {
  struct fabrix_port_counts* counts = keep(at_xdp(xdp), s);
  if (counts) counts->discarded += s->packets;
  return XDP_DROP;
}

// tc charges for it again.
static __always_inline void take_back(struct fabrix_scratch* s) {
  for (u32 i = 0; i < FABRIX_MAX_NOTED; i++) {
    if (i >= s->noted_charges) break;
    const u32 id = (u32)s->charges[i].meter;
    u64* full_at = bpf_map_lookup_elem(&meters, &id);
    if (full_at) __sync_fetch_and_add(full_at, -s->charges[i].time);
  }
}

SEC("xdp.frags")
int finish_xdp(struct xdp_md* xdp) {
  const u32 zero = 0;
  struct fabrix_scratch* s = bpf_map_lookup_elem(&scratch, &zero);
  if (!s) return XDP_PASS;
  const int leaves = s->verdict == FABRIX_VERDICT_OUTPUT && s->port != FIELD(IN_PORT);
  const int action = leaves                                    ? forward_xdp(xdp, s)
                     : s->verdict == FABRIX_VERDICT_CONTROLLER ? answer_xdp(xdp, s)
                     : s->verdict == FABRIX_VERDICT_AT_TC      ? XDP_PASS
                                                               : discard_xdp(xdp, s);
  if (action == XDP_PASS) take_back(s);
  if (s->sampled) tell_sample(s);
  return action;
}
