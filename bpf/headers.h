// Reading frames into the scratch memory, as net/frame.h does, at either hook.
//
//   RFC 826, 791, 8200, 9293, 768, 9260, 792, 4443, 4861
//
// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
#pragma once

#include "fabric/linux_layout.h"
#include "frame.h"

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

#define FIELD(name) s->fields[FABRIX_FIELD_##name]
#define WRITTEN(list, name) (list)[FABRIX_FIELD_##name - FABRIX_FIRST_WRITTEN]

// Octets of the frame at `where`, which end before `end`. 0: they are there.
static __always_inline int octets_at(struct frame f, u32 where, u32 end, void* to, u32 count) {
  if (where + count > end) return -1;
  return load_octets(f, where, to, count) ? -1 : 0;
}

static __always_inline void parse_transport(struct frame f, struct fabrix_scratch* s, u32 at,
                                            u32 end) {
  u8 octets[24];
  const u64 protocol = FIELD(PROTOCOL);
  const int ipv6 = FIELD(ETH_TYPE) == ETH_IPV6;
  s->l4 = at;
  if (protocol == PROTOCOL_TCP) {
    if (octets_at(f, at, end, octets, 20)) return;
    FIELD(TCP_FLAGS) = read16(octets + 12) & 0x0fff;
  } else if (protocol == PROTOCOL_UDP) {
    if (octets_at(f, at, end, octets, 8)) return;
  } else if (protocol == PROTOCOL_SCTP) {
    if (octets_at(f, at, end, octets, 12)) return;
  } else if (protocol == PROTOCOL_ICMP && !ipv6) {
    if (octets_at(f, at, end, octets, 8)) return;
    FIELD(ICMP_TYPE) = octets[0];
    FIELD(ICMP_CODE) = octets[1];
    return;
  } else if (protocol == PROTOCOL_ICMPV6 && ipv6) {
    if (octets_at(f, at, end, octets, 4)) return;
    FIELD(ICMP_TYPE) = octets[0];
    FIELD(ICMP_CODE) = octets[1];
    const int discovery = octets[0] == SOLICITATION || octets[0] == ADVERTISEMENT;
    if (!discovery || octets[1] != 0) return;
    if (octets_at(f, at, end, octets, 24)) return;
    FIELD(ND_TARGET_HIGH) = read64(octets + 8);
    FIELD(ND_TARGET_LOW) = read64(octets + 16);
    return;
  } else {
    return;
  }
  FIELD(SRC_PORT) = read16(octets);
  FIELD(DST_PORT) = read16(octets + 2);
}

static __always_inline void parse_ipv4(struct frame f, struct fabrix_scratch* s, u32 at, u32 end) {
  u8 octets[20];
  if (octets_at(f, at, end, octets, 20)) return;
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
  parse_transport(f, s, at + header, end);
}

static __always_inline int is_extension(u64 header) {
  return header == 0 || header == 43 || header == 44 || header == 51 || header == 60 ||
         header == 135 || header == 139 || header == 140;
}

// Where the header is that FIELD(PROTOCOL) names; 0: not there.
static __always_inline u32 skip_extensions(struct frame f, struct fabrix_scratch* s, u32 at,
                                           u32 end) {
  for (int i = 0; i < MAX_EXTENSIONS; i++) {
    const u64 header = FIELD(PROTOCOL);
    if (!is_extension(header)) return at;
    u8 octets[8];
    if (octets_at(f, at, end, octets, 8)) return 0;
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

static __always_inline void parse_ipv6(struct frame f, struct fabrix_scratch* s, u32 at, u32 end) {
  u8 octets[40];
  if (octets_at(f, at, end, octets, 40) || octets[0] >> 4 != 6) return;
  FIELD(SRC_IP6_HIGH) = read64(octets + 8);
  FIELD(SRC_IP6_LOW) = read64(octets + 16);
  FIELD(DST_IP6_HIGH) = read64(octets + 24);
  FIELD(DST_IP6_LOW) = read64(octets + 32);
  FIELD(PROTOCOL) = octets[6];
  FIELD(DSCP) = read32(octets) >> 22 & 0x3f;
  s->l3 = at;
  // A train of segments may be too long for the field: then it is 0 (RFC 2675).
  const u32 payload = read16(octets + 4);
  if (at + 40 + payload < end && (payload != 0 || segments_of(f) == 0)) end = at + 40 + payload;
  const u32 transport = skip_extensions(f, s, at + 40, end);
  if (transport) parse_transport(f, s, transport, end);
}

static __always_inline void parse_arp(struct frame f, struct fabrix_scratch* s, u32 at, u32 end) {
  u8 octets[28];
  if (octets_at(f, at, end, octets, 28)) return;
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
static __always_inline u32 parse_tag(struct frame f, struct fabrix_scratch* s, u32 end) {
  u8 octets[4];
  const u32 tag = tag_beside(f);
  if (tag) {
    FIELD(VLAN_ID) = vlan_of((u16)tag);
    FIELD(VLAN_PCP) = tag >> 13 & 7;
    return 14;
  }
  const int tagged = FIELD(ETH_TYPE) == ETH_VLAN || FIELD(ETH_TYPE) == ETH_SERVICE_VLAN;
  if (!tagged || octets_at(f, 14, end, octets, 4)) return 14;
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
#define LIKELY(condition) __builtin_expect(!!(condition), 1)
#define UNLIKELY(condition) __builtin_expect(!!(condition), 0)
// Mostly there is nothing to do, and memory that is not looked at stays out of the cache.
static __always_inline void make_plain(struct fabrix_scratch* s) {
  if (LIKELY(s->plain)) return;
  NONE(VLAN_ID), NONE(VLAN_PCP), NONE(ICMP_TYPE), NONE(ICMP_CODE);
  NONE(SRC_IP6_HIGH), NONE(SRC_IP6_LOW), NONE(DST_IP6_HIGH), NONE(DST_IP6_LOW);
  NONE(ARP_SENDER_MAC), NONE(ND_TARGET_HIGH), NONE(ND_TARGET_LOW);
  NONE(FLOW_BUCKET), NONE(SRC_IP_BUCKET), NONE(DST_IP_BUCKET);
  s->plain = 1;
}

static __always_inline void read_ports(const u8* data, struct fabrix_scratch* s, u32 at) {
  FIELD(SRC_PORT) = AT16(data + at);
  FIELD(DST_PORT) = AT16(data + at + 2);
  s->l4 = at;
}

// TCP and UDP over IPv4 and IPv6 without anything special, which nearly all frames are, into fields
// that hold anything, but as `plain` says: 1. Else nothing is read: 0. Where this and parse()
// differ is a bug.
static __always_inline int read_quickly(struct frame f, struct fabrix_scratch* s) {
  const u8* data = start_of(f);
  const u8* end = end_of(f);
  // What is not at hand is not read quickly.
  const u32 size = f.at_xdp ? (u32)(end - data) : f.skb->len;
  if (UNLIKELY(data + 14 + 20 + 8 > end || tag_beside(f))) return 0;
  const u32 type = AT16(data + 12);
  if (type == ETH_IPV4) {
    const u32 total = AT16(data + 16);
    const u32 protocol = data[23];
    const u32 least = protocol == PROTOCOL_TCP ? 20 + 20 : 20 + 8;
    if (protocol != PROTOCOL_TCP && protocol != PROTOCOL_UDP) return 0;
    if (data[14] != 0x45 || (AT16(data + 20) & 0x1fff) != 0) return 0;
    if (total < least || 14 + total > size) return 0;
    if (protocol == PROTOCOL_TCP && data + 14 + 40 > end) return 0;
    make_plain(s);
    NONE(TCP_FLAGS);
    if (protocol == PROTOCOL_TCP) {
      if (data + 14 + 40 > end) return 0;  // for the verifier
      FIELD(TCP_FLAGS) = AT16(data + 14 + 20 + 12) & 0x0fff;
    }
    FIELD(SRC_IP4) = AT32(data + 26);
    FIELD(DST_IP4) = AT32(data + 30);
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
    make_plain(s);
    NONE(SRC_IP4), NONE(DST_IP4), NONE(TCP_FLAGS);
    s->plain = 0;
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

static __always_inline int parse(struct frame f, struct fabrix_scratch* s) {
  u8 octets[14];
  if (read_quickly(f, s)) return 0;
  const u32 end = length_of(f);
  s->plain = 0;
  const u64 port = FIELD(IN_PORT);
  __builtin_memset(s->fields, 0, sizeof(s->fields));
  FIELD(IN_PORT) = port;
  s->l3 = 0;
  s->l4 = 0;
  if (octets_at(f, 0, end, octets, 14)) return -1;
  FIELD(DST_MAC) = mac_of(octets);
  FIELD(SRC_MAC) = mac_of(octets + 6);
  FIELD(ETH_TYPE) = read16(octets + 12);
  const u32 at = parse_tag(f, s, end);
  if (FIELD(ETH_TYPE) == ETH_IPV4)
    parse_ipv4(f, s, at, end);
  else if (FIELD(ETH_TYPE) == ETH_IPV6)
    parse_ipv6(f, s, at, end);
  else if (FIELD(ETH_TYPE) == ETH_ARP)
    parse_arp(f, s, at, end);
  return 0;
}

// What a train of segments is on the wire.
static __always_inline void measure(struct frame f, struct fabrix_scratch* s) {
  const u32 segments = segments_of(f) ? segments_of(f) : 1;
  // Each segment has all headers; TCP's are 20 octets as a rule, and 12 of options.
  const u32 headers = s->l4 ? (u32)s->l4 + (FIELD(PROTOCOL) == PROTOCOL_TCP ? 32 : 8) : 14;
  s->packets = segments;
  s->octets = length_of(f) + (u64)(segments - 1) * headers;
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
  s->plain = 0;
  FIELD(FLOW_BUCKET) = mixed(flow) % 64;
  FIELD(SRC_IP_BUCKET) = mixed(source) % 64;
  FIELD(DST_IP_BUCKET) = mixed(destination) % 64;
}
