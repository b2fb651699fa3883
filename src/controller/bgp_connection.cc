#include "controller/bgp_connection.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "bgp/message_header.h"

namespace fabrix::controller {
namespace {

// How often a stalled stream is looked at: for the send hold timer (RFC 9687), and to shed what
// waits for it.
constexpr std::chrono::seconds kStallCheck{1};
constexpr std::size_t kShedFrom = std::size_t{256} << 10U;

// Octets for one session before others have their turn.
constexpr std::size_t kSendAtOnce = std::size_t{1} << 20U;

// Of the length within a message (RFC 4271 §4.1).
constexpr std::size_t kLengthAt = 16;

// Where the message ends that `offset` lies in, or `offset` itself if one ends there.
std::size_t end_of_message(std::span<const std::byte> messages, std::size_t offset) {
  std::size_t end = 0;
  while (end < offset) {
    end += std::to_integer<std::size_t>(messages[end + kLengthAt]) << 8U |
           std::to_integer<std::size_t>(messages[end + kLengthAt + 1]);
  }
  return end;
}

template <typename... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
template <typename... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

routeserver::SessionInfo info_of(const bgp::Established& peer) {
  const bgp::Negotiated& agreed = peer.negotiated;
  return {
      .bgp_identifier = peer.open.bgp_identifier,
      .families = agreed.families,
      .asn_width = agreed.asn_width,
      .max_message = agreed.extended_messages ? bgp::kMaxExtendedMessageSize : bgp::kMaxMessageSize,
      .add_path = agreed.add_path,
      .extended_next_hop = agreed.extended_next_hop,
      .enhanced_refresh = agreed.enhanced_refresh,
      .long_lived = !agreed.long_lived.empty()};
}

}  // namespace

// NOLINTNEXTLINE(readability-function-size): six parts, put together by the server alone
BgpConnection::BgpConnection(io::EventLoop& loop, Controller& controller, routeserver::PeerId peer,
                             const bgp::SessionConfig& config, io::ByteStream stream,
                             OnOver on_over)
    : loop_(loop),
      controller_(controller),
      peer_(peer),
      session_(config),
      stream_(std::move(stream)),
      timer_(loop, [this] { tick(); }),
      on_over_(std::move(on_over)),
      self_(std::make_shared<BgpConnection*>(this)) {}

BgpConnection::~BgpConnection() {
  *self_ = nullptr;
  if (announced_) controller_.session_down(peer_);
}

void BgpConnection::start() {
  stream_.start({.on_data =
                     [this](std::span<const std::byte> bytes) {
                       if (!over_) handle(session_.received(bytes, io::EventLoop::now()));
                     },
                 .on_end =
                     [this](const io::StreamEnd& end) {
                       if (!over_) handle(session_.closed(end.text));
                     },
                 .on_drained = [this] { send_updates(); }});
  handle(session_.connected(io::EventLoop::now()));
}

void BgpConnection::stop(const bgp::NotificationMessage& notification) {
  if (!over_) handle(session_.stop(notification));
}

void BgpConnection::send_updates() {
  std::size_t sent = 0;
  while (announced_ && !over_ && !stream_.congested() && sent < kSendAtOnce) {
    const std::size_t count = send_some();
    if (count == 0) break;
    sent += count;
  }
  if (sent > 0) session_.updates_sent(io::EventLoop::now());
  if (sent > 0 || stream_.congested()) arm_timer();
  const bool more = announced_ && !over_ && !stream_.congested() && controller_.has_output(peer_);
  if (more) resume_soon();
}

// How much of what comes next is on its way now.
std::size_t BgpConnection::send_some() {
  const auto pieces = controller_.output(peer_);
  std::size_t left = stream_.write_some(pieces);
  std::size_t sent = 0;
  for (const auto piece : pieces) {
    if (left < piece.size()) {
      // The rest of a message that has begun: nothing may come between.
      const std::size_t whole = end_of_message(piece, left);
      if (whole > left) std::ignore = stream_.write(piece.subspan(left, whole - left));
      sent += whole;
      break;
    }
    left -= piece.size();
    sent += piece.size();
  }
  controller_.sent(peer_, sent);
  return sent;
}

// From the loop: others have their turn between.
void BgpConnection::resume_soon() {
  loop_.post([self = self_] {
    if (*self != nullptr) (*self)->send_updates();
  });
}

void BgpConnection::handle(bgp::SessionOutput output) {
  // A refusal means the connection is broken or hopelessly stalled; on_end or the send hold timer
  // follows.
  if (!output.bytes.empty()) std::ignore = stream_.write(output.bytes);
  if (output.close) stream_.close_gracefully();
  for (const bgp::SessionEvent& event : output.events) {
    if (over_) return;
    handle(event);
  }
  if (!over_) arm_timer();
}

void BgpConnection::handle(const bgp::SessionEvent& event) {
  std::visit(Overloaded{[this](const bgp::Established& peer) {
                          announced_ = true;
                          controller_.session_up(peer_, info_of(peer));
                        },
                        [this](const bgp::UpdateReceived& received) { take(received.update); },
                        [this](const bgp::RouteRefreshReceived& refresh) {
                          controller_.refresh(peer_, refresh.family);
                        },
                        [](const bgp::RefreshBegan&) {}, [](const bgp::RefreshEnded&) {},
                        [this](const bgp::Down& down) {
                          down_ = down;
                          over(down.reason);
                        }},
             event);
}

void BgpConnection::take(const bgp::UpdateMessage& update) {
  const auto outcome = controller_.update(peer_, update);
  if (outcome.kind != routeserver::UpdateOutcome::Kind::kOverLimit) return;
  stop(bgp::maximum_prefixes_cease(outcome.family, outcome.limit));
}

void BgpConnection::tick() {
  const auto stalled = stream_.stalled_since();
  session_.set_output_stalled(stalled);
  if (stalled && io::EventLoop::now() - *stalled >= kStallCheck &&
      controller_.route_server().backlog(peer_) >= kShedFrom) {
    controller_.shed(peer_);
  }
  if (std::ranges::count(controller_.route_server().hopeless(), peer_) > 0) {
    return stop(bgp::cease(bgp::Cease::kOutOfResources));
  }
  handle(session_.timer(io::EventLoop::now()));
}

void BgpConnection::arm_timer() {
  auto deadline = session_.deadline();
  if (stream_.congested() || stream_.queued() > 0) {
    const auto check = io::EventLoop::now() + kStallCheck;
    deadline = deadline ? std::min(*deadline, check) : check;
  }
  if (deadline)
    timer_.start_at(*deadline);
  else
    timer_.cancel();
}

void BgpConnection::over(const std::string& reason) {
  over_ = true;
  timer_.cancel();
  if (std::exchange(announced_, false)) controller_.session_down(peer_);
  // From the loop, because the owner destroys us.
  loop_.post([on_over = std::move(on_over_), reason] { on_over(reason); });
}

}  // namespace fabrix::controller
