// PacketSampler: samples of the packets of interfaces, taken in the kernel (bpf/agent.bpf.c).
//
//   sFlow version 5 (sflow.org/sflow_version_5.txt) §3.1
//
// Packets are counted where the stack has them whole: a train of segments that a NIC or the stack
// cuts up later, or has put together before, counts as so many packets, and each has the same
// chance. Each CPU counts for itself; a sample says what all have counted, as far as it is known:
// of the others, when they last took one. A ring buffer that is full loses samples, and counts
// them. A VLAN tag that the kernel took out of the frame is back in the header.
//
// Needs CAP_BPF and CAP_NET_ADMIN, and Linux 5.8; the interfaces are of the calling thread's
// namespace. Loop's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/result.h"
#include "host/config.h"
#include "host/tcp_connection.h"
#include "io/bpf_hook.h"
#include "io/bpf_object.h"
#include "io/bpf_ring.h"
#include "io/event_loop.h"

struct fabrix_agent_sample;

namespace fabrix::agent {

struct SampledFrame {
  std::uint32_t interface = 0;  // ifIndex
  host::Way way = host::Way::kReceived;
  std::uint32_t rate = 0;
  std::uint32_t times = 0;   // samples that this one is: of a train, perhaps several
  std::uint32_t pool = 0;    // packets that might have been sampled at the interface, modulo 2^32
  std::uint32_t drops = 0;   // samples that were lost there, likewise
  std::uint32_t length = 0;  // octets of the frame; of a train's, on the average
  std::span<const std::byte> header;
};

struct Sampling {
  std::uint32_t rate = 400;
  std::uint32_t header = 128;  // octets, at most 256
  host::Direction direction = host::Direction::kBoth;

  friend bool operator==(const Sampling&, const Sampling&) = default;
};

class PacketSampler {
 public:
  // Frames are good during the call only.
  using OnFrame = std::function<void(const SampledFrame&)>;

  static Result<std::unique_ptr<PacketSampler>> start(io::EventLoop& loop, OnFrame on_frame);
  ~PacketSampler();
  PacketSampler(const PacketSampler&) = delete;
  PacketSampler& operator=(const PacketSampler&) = delete;
  PacketSampler(PacketSampler&&) = delete;
  PacketSampler& operator=(PacketSampler&&) = delete;

  // From now on so. Fails with what the kernel said.
  Result<void> sample(std::uint32_t interface, const Sampling& how);
  // No more; nothing happens if it is not sampled.
  void leave(std::uint32_t interface);

 private:
  struct Place {
    std::uint32_t place = 0;
    Sampling how;
    std::vector<io::BpfHook> hooks;
    std::vector<std::uint64_t> pools;  // by CPU
    std::vector<std::uint64_t> drops;
  };

  explicit PacketSampler(OnFrame on_frame) : on_frame_(std::move(on_frame)) {}

  Result<std::uint32_t> free_place(std::uint32_t interface) const;
  Result<void> write(std::uint32_t interface, const Place& place) const;
  Result<void> hook(std::uint32_t interface, Place& place) const;
  void clear(Place& place) const;
  void take(std::span<const std::byte> record);

  OnFrame on_frame_;
  io::BpfObject object_;
  std::map<std::uint32_t, Place> places_;  // by interface
  std::unique_ptr<io::BpfRing> ring_;
};

// Octets of one frame of a train of `segments`, of `octets` together as the kernel has them: each
// has the headers of its own, which the train has once.
std::uint32_t frame_length(std::uint32_t octets, std::uint32_t segments,
                           std::span<const std::byte> header);

}  // namespace fabrix::agent
