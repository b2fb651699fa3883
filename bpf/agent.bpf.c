// The host agent's sampler (docs/agent.md): at the tc hooks of each interface that is sampled, it
// counts down the frames to the next sample, and leaves that in a ring buffer.
//
//   sFlow version 5 (sflow.org/sflow_version_5.txt) §3.1: random skips of the wanted mean
//
// A packet that is not sampled costs two look-ups in arrays and a subtraction. It goes on as if
// nothing were there, to whatever else is at the hook.
//
// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only
#include "agent/sampler_layout.h"
#include "frame.h"
#include "skips.h"

char fabrix_license[] SEC("license") = "GPL";

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, FABRIX_AGENT_PLACES);
  __type(key, u32);
  __type(value, struct fabrix_agent_interface);
} interfaces SEC(".maps");
struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, FABRIX_AGENT_PLACES);
  __type(key, u32);
  __type(value, struct fabrix_agent_sampler);
} samplers SEC(".maps");
// One for each CPU: a sample on its way to the ring buffer, too large for the stack.
struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, u32);
  __type(value, struct fabrix_agent_sample);
} scratch SEC(".maps");
struct {
  __uint(type, BPF_MAP_TYPE_RINGBUF);
  __uint(max_entries, 1 << 20);
} samples SEC(".maps");

static __always_inline void tell(struct __sk_buff* skb, struct fabrix_agent_sampler* sampler,
                                 const struct fabrix_agent_interface* interface, u32 place,
                                 u32 direction, u32 segments, u32 times) {
  const u32 zero = 0;
  struct fabrix_agent_sample* sample = bpf_map_lookup_elem(&scratch, &zero);
  if (!sample) return;
  u32 size = skb->len;
  if (size > interface->header) size = interface->header;
  if (size > FABRIX_AGENT_HEADER) size = FABRIX_AGENT_HEADER;
  if (size == 0 || bpf_skb_load_bytes(skb, 0, sample->header, size)) return;
  sample->pool = sampler->pool;
  sample->drops = sampler->drops;
  sample->interface = skb->ifindex;
  sample->place = place;
  sample->cpu = bpf_get_smp_processor_id();
  sample->rate = interface->rate;
  sample->times = times;
  sample->octets = skb->len;
  sample->segments = segments;
  sample->tag = tag_beside(at_tc(skb));
  sample->direction = direction;
  sample->size = size;
  if (bpf_ringbuf_output(&samples, sample, sizeof(*sample), 0)) sampler->drops += times;
}

// A train of segments is as many frames, and may be several samples. What is beyond the most that
// one train may be is lost, and counted.
static __always_inline void take(struct __sk_buff* skb, struct fabrix_agent_sampler* sampler,
                                 const struct fabrix_agent_interface* interface, u32 place,
                                 u32 direction, u32 segments) {
  u32 times = 0;
  for (int i = 0; i < FABRIX_AGENT_SAMPLES_AT_ONCE; i++) {
    sampler->skip += next_skip(&sampler->random, interface->rate);
    times++;
    if (sampler->skip > 0) break;
  }
  if (sampler->skip <= 0) {
    sampler->drops += (u64)-sampler->skip / interface->rate + 1;
    sampler->skip = next_skip(&sampler->random, interface->rate);
  }
  tell(skb, sampler, interface, place, direction, segments, times);
}

static __always_inline int count(struct __sk_buff* skb, u32 direction) {
  struct fabrix_agent_interface* interface = 0;
  u32 place = 0;
  for (int i = 0; i < FABRIX_AGENT_PROBES; i++) {
    place = (skb->ifindex + (u32)i) % FABRIX_AGENT_PLACES;
    interface = bpf_map_lookup_elem(&interfaces, &place);
    if (interface && interface->index == skb->ifindex) break;
    interface = 0;
  }
  if (!interface || !interface->rate) return TC_ACT_UNSPEC;
  struct fabrix_agent_sampler* sampler = bpf_map_lookup_elem(&samplers, &place);
  if (!sampler) return TC_ACT_UNSPEC;
  const u32 segments = skb->gso_segs ? skb->gso_segs : 1;
  if (sampler->rate != interface->rate) {
    sampler->rate = interface->rate;
    sampler->skip = next_skip(&sampler->random, interface->rate);
  }
  sampler->pool += segments;
  sampler->skip -= (s64)segments;
  if (sampler->skip <= 0) take(skb, sampler, interface, place, direction, segments);
  return TC_ACT_UNSPEC;
}

SEC("tc")
int sample_in(struct __sk_buff* skb) {
  return count(skb, FABRIX_AGENT_IN);
}

SEC("tc")
int sample_out(struct __sk_buff* skb) {
  return count(skb, FABRIX_AGENT_OUT);
}
