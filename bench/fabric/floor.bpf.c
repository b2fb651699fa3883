// What every fabric of eBPF costs at least: a port that hands everything to one other port, and a
// receiver that counts and drops. Built by the benchmark, with -DTARGET=IFINDEX.
// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0 (the kernel's helpers want to read "GPL")
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u64);
} floor_count SEC(".maps");

SEC("tc/peer") int to_peer(struct __sk_buff* skb) { return bpf_redirect_peer(TARGET, 0); }
SEC("tc/egress") int to_egress(struct __sk_buff* skb) { return bpf_redirect(TARGET, 0); }
SEC("tc/count") int count(struct __sk_buff* skb) {
  __u32 first = 0;
  __u64* const counted = bpf_map_lookup_elem(&floor_count, &first);
  if (counted) __sync_fetch_and_add(counted, skb->gso_segs ? skb->gso_segs : 1);
  return TC_ACT_SHOT;
}
char floor_license[] SEC("license") = "Dual MIT/GPL";
