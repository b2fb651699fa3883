// BpfRing: records that programs of eBPF leave in a ring buffer, as the event loop finds them.
//
//   Linux Documentation/bpf/ringbuf.rst
//
// Loop's thread only. Records that came while nobody watched are delivered first. However many
// come, the loop gets to its other work after some hundreds.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>

#include "base/result.h"
#include "io/bpf_map.h"
#include "io/event_loop.h"

namespace fabrix::io {

class BpfRing {
 public:
  // Good during the call only.
  using OnRecord = std::function<void(std::span<const std::byte>)>;

  static Result<std::unique_ptr<BpfRing>> watch(EventLoop& loop, const BpfMap& map,
                                                OnRecord on_record);
  ~BpfRing();
  BpfRing(const BpfRing&) = delete;
  BpfRing& operator=(const BpfRing&) = delete;
  BpfRing(BpfRing&&) = delete;
  BpfRing& operator=(BpfRing&&) = delete;

 private:
  class State;
  explicit BpfRing(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace fabrix::io
