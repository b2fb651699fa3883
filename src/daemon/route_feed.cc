#include "daemon/route_feed.h"

#include <bit>
#include <utility>

namespace fabrix::daemon {
namespace {

constexpr std::size_t kBits = 64;

}  // namespace

RouteFeed::RouteFeed(io::EventLoop& loop, controller::Controller& controller, Send send)
    : controller_(controller),
      send_(std::move(send)),
      sets_(controller.route_server()),
      turn_(loop, [this] { turn(); }) {
  controller.set_published([this](std::span<const exchange::Place> places) {
    for (const exchange::Place place : places) mark(place);
  });
  configured();
}

RouteFeed::~RouteFeed() {
  controller_.set_published(nullptr);
}

void RouteFeed::configured() {
  const std::uint32_t end = controller_.route_server().place_end();
  for (std::uint32_t place = 0; place < end; ++place) mark(exchange::Place{place});
  participants_ = 0;
}

void RouteFeed::mark(exchange::Place place) {
  const std::size_t word = place.index() / kBits;
  if (word >= marks_.size()) marks_.resize(word + 1);
  const std::uint64_t bit = std::uint64_t{1} << place.index() % kBits;
  if ((marks_[word] & bit) != 0) return;
  marks_[word] |= bit;
  ++waiting_;
  if (!turn_.is_running()) turn_.start(kPause);
}

bool RouteFeed::has_room() {
  while (!under_way_.empty() && under_way_.front().expired()) under_way_.pop_front();
  return under_way_.size() < kMaxUnderWay;
}

void RouteFeed::turn() {
  // Neighbours may have come without a reload (exchange/dynamic_neighbors.h).
  if (std::exchange(participants_, controller_.exchange().participants.size()) !=
      controller_.exchange().participants.size()) {
    sets_.configured();
  }
  const auto end = io::EventLoop::now() + kSlice;
  while (waiting_ > 0 && has_room() && io::EventLoop::now() < end) {
    const auto batch = std::make_shared<const Batch>(next_batch());
    under_way_.push_back(batch);
    send_(batch);
  }
  if (waiting_ > 0) turn_.start(has_room() ? std::chrono::milliseconds(0) : kPause);
}

RouteFeed::Batch RouteFeed::next_batch() {
  Batch batch;
  while (waiting_ > 0 && batch.size() < kBatch) {
    std::uint64_t& word = marks_[cursor_];
    while (word != 0 && batch.size() < kBatch) {
      const std::size_t place = cursor_ * kBits + static_cast<std::size_t>(std::countr_zero(word));
      word &= word - 1;
      --waiting_;
      batch.push_back(look_at(static_cast<std::uint32_t>(place)));
    }
    if (word == 0) cursor_ = (cursor_ + 1) % marks_.size();
  }
  return batch;
}

telemetry::PlacedRoute RouteFeed::look_at(std::uint32_t place) {
  telemetry::PlacedRoute route{.place = place};
  if (const auto routes = controller_.route_server().published_at(exchange::Place{place})) {
    route.prefix = routes->prefix;
    route.set = sets_.of(*routes);
  }
  return route;
}

}  // namespace fabrix::daemon
