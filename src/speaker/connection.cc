#include "speaker/connection.h"

#include <algorithm>
#include <chrono>
#include <tuple>
#include <utility>
#include <variant>

namespace fabrix::speaker {
namespace {

// How often it is asked whether the router takes what is sent.
constexpr std::chrono::milliseconds kStallCheck{500};

// Octets before others have their turn.
constexpr std::size_t kSendAtOnce = std::size_t{256} << 10U;

}  // namespace

// NOLINTNEXTLINE(readability-function-size): five parts, put together in one place
Connection::Connection(io::EventLoop& loop, const bgp::SessionConfig& config, Origin origin,
                       io::ByteStream stream, Owner& owner)
    : session_(config),
      origin_(origin),
      stream_(std::move(stream)),
      timer_(loop, [this] { tick(); }),
      again_(loop, [this] { send(); }),
      owner_(owner) {}

void Connection::start() {
  stream_.start({.on_data =
                     [this](std::span<const std::byte> bytes) {
                       if (!over_) handle(session_.received(bytes, io::EventLoop::now()));
                     },
                 .on_end =
                     [this](const io::StreamEnd& end) {
                       if (!over_) handle(session_.closed(end.text));
                     },
                 .on_drained = [this] { send(); }});
  handle(session_.connected(io::EventLoop::now()));
}

void Connection::stop(const bgp::NotificationMessage& notification) {
  if (!over_) handle(session_.stop(notification));
}

void Connection::send() {
  if (over_ || session_.state() != bgp::SessionState::kEstablished) return;
  std::size_t sent = 0;
  while (!stream_.congested() && sent < kSendAtOnce) {
    const auto messages = owner_.next_messages();
    // Refused only if the connection is lost.
    if (messages.empty() || !stream_.write(messages)) break;
    sent += messages.size();
  }
  if (sent == 0) return;
  session_.updates_sent(io::EventLoop::now());
  arm_timer();
  if (sent >= kSendAtOnce && !stream_.congested()) again_.start(std::chrono::milliseconds(0));
}

void Connection::handle(const bgp::SessionOutput& output) {
  // A refusal means that the connection is broken or stalled; on_end or the send hold timer
  // follows.
  if (!output.bytes.empty()) std::ignore = stream_.write(output.bytes);
  if (output.close) stream_.close_gracefully();
  if (session_.peer() && !std::exchange(opened_, true)) owner_.opened(*this);
  for (const bgp::SessionEvent& event : output.events) {
    if (over_) return;
    handle(event);
  }
  if (!over_) arm_timer();
}

void Connection::handle(const bgp::SessionEvent& event) {
  if (std::holds_alternative<bgp::Established>(event)) {
    owner_.established(*this);
    send();
  } else if (const auto* const received = std::get_if<bgp::UpdateReceived>(&event)) {
    owner_.updated(*this, received->update);
  } else if (const auto* const refresh = std::get_if<bgp::RouteRefreshReceived>(&event)) {
    owner_.refresh_wanted(refresh->family, refresh->safi);
    send();
  } else if (const auto* const down = std::get_if<bgp::Down>(&event)) {
    over_ = true;
    timer_.cancel();
    again_.cancel();
    owner_.ended(*this, down->reason);
  }
}

void Connection::tick() {
  look_at_.reset();
  const auto now = io::EventLoop::now();
  // Nobody is silent whose words wait in the socket: it may be us who were busy.
  if (session_.deadline().value_or(now) <= now) stream_.read_now();
  if (over_) return;
  session_.set_output_stalled(stream_.unacknowledged_since());
  handle(session_.timer(now));
}

void Connection::arm_timer() {
  auto deadline = session_.deadline();
  if (stream_.expects_acknowledgement()) {
    if (!look_at_) look_at_ = io::EventLoop::now() + kStallCheck;
    deadline = deadline ? std::min(*deadline, *look_at_) : look_at_;
  }
  if (deadline) {
    timer_.start_at(*deadline);
  } else {
    timer_.cancel();
  }
}

}  // namespace fabrix::speaker
