#include "controller/rtr_connection.h"

#include <algorithm>
#include <tuple>
#include <utility>
#include <variant>

#include <fmt/format.h>

namespace fabrix::controller {
namespace {

template <typename... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
template <typename... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

std::string describe(const rpki::VrpsCurrent& current) {
  return fmt::format("{} VRPs, {} ASPAs, session {} of version {}, serial {}",
                     current.table->size(), current.aspas->size(), current.session.id,
                     static_cast<int>(current.session.version), current.session.serial);
}

}  // namespace

RtrConnection::RtrConnection(io::EventLoop& loop, RtrConnectionConfig config, RtrHandlers handlers)
    : loop_(loop),
      config_(std::move(config)),
      handlers_(std::move(handlers)),
      client_(config_.client),
      timer_(loop, [this] { tick(); }),
      next_back_off_(config_.first_retry) {}

void RtrConnection::dial() {
  dial_at_.reset();
  connector_.emplace(loop_, config_.cache, config_.connect,
                     [this](Result<io::ByteStream> connected) {
                       if (connected) return opened(*std::move(connected));
                       dial_later(back_off(), connected.error().message);
                     });
  arm_timer();
}

void RtrConnection::opened(io::ByteStream stream) {
  stream_ = std::move(stream);
  stream_->start({.on_data =
                      [this](std::span<const std::byte> bytes) {
                        handle(client_.received(bytes, io::EventLoop::now()));
                      },
                  .on_end =
                      [this](const io::StreamEnd& end) {
                        handle(client_.closed("connection lost: " + end.text));
                      },
                  .on_drained = [] {}});
  const std::weak_ptr<const bool> alive = alive_;
  handlers_.on_link(rpki::CacheLink::kUp, "connected, loading");
  if (!alive.expired()) handle(client_.connected(io::EventLoop::now()));
}

void RtrConnection::handle(rpki::RtrOutput output) {
  // A refusal means the connection is broken; on_end follows.
  if (stream_ && !output.bytes.empty()) std::ignore = stream_->write(output.bytes);
  if (stream_ && output.close) {
    stream_->close_gracefully();
    stream_.reset();
  }
  const std::weak_ptr<const bool> alive = alive_;
  for (const rpki::RtrEvent& event : output.events) {
    handle(event);
    if (alive.expired()) return;
  }
  arm_timer();
}

void RtrConnection::handle(const rpki::RtrEvent& event) {
  std::visit(
      Overloaded{[this](const rpki::VrpsCurrent& current) {
                   next_back_off_ = config_.first_retry;
                   const std::weak_ptr<const bool> alive = alive_;
                   handlers_.on_link(rpki::CacheLink::kUp, describe(current));
                   if (!alive.expired()) handlers_.on_current(current);
                 },
                 [this](const rpki::VrpsDropped& dropped) { handlers_.on_dropped(dropped.reason); },
                 [this](const rpki::NoDataAvailable& none) {
                   handlers_.on_link(rpki::CacheLink::kUp,
                                     "cache has no data available: " + none.text);
                 },
                 [this](const rpki::Down& down) {
                   const bool soon = down.reconnect == rpki::Reconnect::kSoon;
                   dial_later(soon ? back_off() : retry_interval(), down.reason);
                 }},
      event);
}

void RtrConnection::dial_later(Milliseconds delay, const std::string& reason) {
  dial_at_ = io::EventLoop::now() + delay;
  arm_timer();
  const double seconds = std::chrono::duration<double>(delay).count();
  handlers_.on_link(rpki::CacheLink::kDown,
                    fmt::format("{}; next try in {:.3g} s", reason, seconds));
}

void RtrConnection::tick() {
  const auto now = io::EventLoop::now();
  if (dial_at_ && *dial_at_ <= now) dial();
  handle(client_.timer(now));
}

void RtrConnection::arm_timer() {
  auto deadline = client_.deadline();
  if (dial_at_) deadline = deadline ? std::min(*deadline, *dial_at_) : *dial_at_;
  if (deadline) {
    timer_.start_at(*deadline);
  } else {
    timer_.cancel();
  }
}

RtrConnection::Milliseconds RtrConnection::back_off() {
  return std::exchange(next_back_off_, std::min(2 * next_back_off_, retry_interval()));
}

RtrConnection::Milliseconds RtrConnection::retry_interval() const {
  return std::max<Milliseconds>(std::chrono::seconds(client_.intervals().retry),
                                config_.first_retry);
}

}  // namespace fabrix::controller
