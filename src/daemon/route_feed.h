// RouteFeed: tells another thread what the route server's clients are told, and keeps it told.
//
// Each place of the table has one bit: it is to be told. First all are; later those that are
// published. Turns of kSlice look up what is there now and send it in batches, at most kMaxUnderWay
// of kBatch routes at a time: whoever takes them slowly is told later, and less, but never wrong.
// So nothing overflows, and the memory is the table's size in bits, the batches, and what RouteSets
// remembers. Loop's thread only.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "controller/controller.h"
#include "daemon/route_sets.h"
#include "io/event_loop.h"
#include "telemetry/placed_routes.h"

namespace fabrix::daemon {

class RouteFeed {
 public:
  static constexpr std::size_t kBatch = 256;
  static constexpr std::size_t kMaxUnderWay = 8;
  static constexpr std::chrono::milliseconds kSlice{1};
  static constexpr std::chrono::milliseconds kPause{5};  // changes gather for so long

  using Batch = std::vector<telemetry::PlacedRoute>;
  // Takes a batch, and keeps it until it has been dealt with.
  using Send = std::function<void(std::shared_ptr<const Batch>)>;

  // Begins with all. The controller must outlive it.
  RouteFeed(io::EventLoop& loop, controller::Controller& controller, Send send);
  ~RouteFeed();
  RouteFeed(const RouteFeed&) = delete;
  RouteFeed& operator=(const RouteFeed&) = delete;
  RouteFeed(RouteFeed&&) = delete;
  RouteFeed& operator=(RouteFeed&&) = delete;

  // The configuration is another one: all is told again.
  void configured();

  // Places that are still to be told.
  std::size_t waiting() const { return waiting_; }

 private:
  void mark(exchange::Place place);
  void turn();
  bool has_room();
  Batch next_batch();
  telemetry::PlacedRoute look_at(std::uint32_t place);

  controller::Controller& controller_;
  Send send_;
  RouteSets sets_;
  io::Timer turn_;
  std::vector<std::uint64_t> marks_;  // by place
  std::size_t waiting_ = 0;
  std::size_t cursor_ = 0;  // of marks_
  std::deque<std::weak_ptr<const Batch>> under_way_;
  std::size_t participants_ = 0;
};

}  // namespace fabrix::daemon
