// A frame at either of the kernel's hooks for it: tc, which has an skb, and XDP, which comes before
// there is one.
//
// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
#pragma once

// libbpf's headers want the kernel's before them.
// clang-format off
#include <linux/bpf.h>
#include <linux/pkt_cls.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
// clang-format on

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s64 s64;

// Which hook it is is known when this is compiled, and nothing of the other is left then.
struct frame {
  struct __sk_buff* skb;
  struct xdp_md* xdp;
  int at_xdp;
};

static __always_inline struct frame at_tc(struct __sk_buff* skb) {
  return (struct frame){.skb = skb, .xdp = 0, .at_xdp = 0};
}
static __always_inline struct frame at_xdp(struct xdp_md* xdp) {
  return (struct frame){.skb = 0, .xdp = xdp, .at_xdp = 1};
}

// 0: it is done.
static __always_inline long load_octets(struct frame f, u32 where, void* to, u32 count) {
  return f.at_xdp ? bpf_xdp_load_bytes(f.xdp, where, to, count)
                  : bpf_skb_load_bytes(f.skb, where, to, count);
}
static __always_inline long store_octets(struct frame f, u32 where, void* from, u32 count) {
  return f.at_xdp ? bpf_xdp_store_bytes(f.xdp, where, from, count)
                  : bpf_skb_store_bytes(f.skb, where, from, count, 0);
}

static __always_inline u32 length_of(struct frame f) {
  return f.at_xdp ? (u32)bpf_xdp_get_buff_len(f.xdp) : f.skb->len;
}

// What of it is at hand.
static __always_inline u8* start_of(struct frame f) {
  return f.at_xdp ? (u8*)(long)f.xdp->data : (u8*)(long)f.skb->data;
}
static __always_inline u8* end_of(struct frame f) {
  return f.at_xdp ? (u8*)(long)f.xdp->data_end : (u8*)(long)f.skb->data_end;
}

// Of a train that an interface is to cut, or has joined; 0: it is none.
static __always_inline u32 segments_of(struct frame f) {
  return f.at_xdp ? 0 : f.skb->gso_segs;
}

// The tag that the kernel has beside the frame: TPID, TCI; 0: there is none.
static __always_inline u32 tag_beside(struct frame f) {
  if (f.at_xdp || !f.skb->vlan_present) return 0;
  return (u32)bpf_ntohs((u16)f.skb->vlan_proto) << 16 | (f.skb->vlan_tci & 0xffff);
}

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
