#include "controller/dialler.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "io/log.h"

namespace fabrix::controller {

Dialler::Dialler(io::EventLoop& loop, Backoff backoff, TargetOf target, OnConnected on_connected)
    : loop_(loop),
      backoff_(backoff),
      target_(std::move(target)),
      on_connected_(std::move(on_connected)),
      timer_(loop, [this] { attempt(); }) {}

void Dialler::dial() {
  dial_no_earlier_than(io::EventLoop::now());
}

void Dialler::dial_no_earlier_than(io::Clock::time_point when) {
  if (timer_.is_running() || connector_) return;
  due_ = std::max(when, io::EventLoop::now() + backoff_.next());
  timer_.start_at(due_);
}

void Dialler::rest() {
  timer_.cancel();
  connector_.reset();
}

std::optional<io::Clock::time_point> Dialler::next() const {
  if (!timer_.is_running()) return std::nullopt;
  return due_;
}

void Dialler::attempt() {
  const Target target = target_();
  connector_.emplace(loop_, target.endpoint, target.options,
                     [this](Result<io::ByteStream> connected) { done(std::move(connected)); });
}

void Dialler::done(Result<io::ByteStream> connected) {
  connector_.reset();
  if (connected) return on_connected_(*std::move(connected));
  io::log_debug("bgp", fmt::format("not connected reason=\"{}\"", connected.error().message));
  dial();
}

}  // namespace fabrix::controller
