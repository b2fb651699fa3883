// Whatever a switch sends, however it is split, a channel with operations under way does not fail,
// stays within its bounds, and closes at most once.
//
// Input: one octet that says how the rest, the switch's octets, is split.
#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "openflow/channel.h"

namespace {

using fabrix::openflow::Channel;
namespace openflow = fabrix::openflow;

// A channel that asks for something whenever it can.
class Session {
 public:
  void feed(std::span<const std::byte> bytes) {
    now_ += std::chrono::milliseconds(100);
    channel_.feed(bytes, now_);
    channel_.tick(now_);
    channel_.take_output();
    for (const openflow::Event& event : channel_.take_events()) {
      if (closed_) std::abort();  // Nothing happens after Closed.
      closed_ = std::holds_alternative<openflow::Closed>(event);
      if (std::holds_alternative<openflow::Connected>(event)) ask();
    }
    if (closed_ != channel_.is_closed()) std::abort();
  }

 private:
  void ask() {
    const std::vector<openflow::FlowMod> mods(3);
    const auto first = channel_.commit(openflow::CommitToken{1}, mods);
    const auto second = channel_.read_flows({{.cookie_mask = 1}, {.cookie = 1, .cookie_mask = 1}});
    const auto third = channel_.read_groups();
    using enum openflow::CommitOrder;
    const auto fourth = channel_.commit(openflow::CommitToken{2}, mods, kInARow);
    const auto fifth = channel_.commit(openflow::CommitToken{3}, mods, kInARow);
    const bool all = first && second && third && fourth && fifth;
    if (!channel_.is_closed() && !all) std::abort();
  }

  Channel::Time now_;
  Channel channel_{openflow::ChannelOptions{.max_flows = 100, .max_ports = 100}, now_};
  bool closed_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t split = std::size_t{data[0]} + 1;
  auto octets = std::as_bytes(std::span(data, size)).subspan(1);
  Session session;
  while (!octets.empty()) {
    const auto part = octets.first(std::min(split, octets.size()));
    session.feed(part);
    octets = octets.subspan(part.size());
  }
  return 0;
}
