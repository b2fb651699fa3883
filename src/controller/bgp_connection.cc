#include "controller/bgp_connection.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace fabrix::controller {
namespace {

// How often a stalled stream is looked at for the send hold timer (RFC 9687).
constexpr std::chrono::seconds kStallCheck{1};

template <typename... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
template <typename... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

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
      on_over_(std::move(on_over)) {}

BgpConnection::~BgpConnection() {
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
  bool sent = false;
  while (announced_ && !over_ && !stream_.congested()) {
    const auto updates = controller_.pull(peer_);
    if (updates.empty()) break;
    // A refusal means the connection is broken; on_end follows.
    if (!stream_.write(updates)) break;
    sent = true;
  }
  if (!sent) return;
  session_.updates_sent(io::EventLoop::now());
  arm_timer();
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
                          controller_.session_up(peer_, {.bgp_identifier = peer.open.bgp_identifier,
                                                         .families = peer.negotiated.families,
                                                         .asn_width = peer.negotiated.asn_width});
                        },
                        [this](const bgp::UpdateReceived& received) { take(received.update); },
                        [this](const bgp::RouteRefreshReceived& refresh) {
                          controller_.refresh(peer_, refresh.family);
                        },
                        [](const bgp::RefreshBegan&) {}, [](const bgp::RefreshEnded&) {},
                        [this](const bgp::Down& down) { over(down.reason); }},
             event);
}

void BgpConnection::take(const bgp::UpdateMessage& update) {
  if (controller_.update(peer_, update) == routeserver::UpdateResult::kTaken) return;
  const auto limit = static_cast<std::uint32_t>(routeserver::RouteServer::kMaxPrefixesPerPeer);
  stop(bgp::maximum_prefixes_cease(update.announced.front().family, limit));
}

void BgpConnection::tick() {
  session_.set_output_stalled(stream_.stalled_since());
  handle(session_.timer(io::EventLoop::now()));
}

void BgpConnection::arm_timer() {
  auto deadline = session_.deadline();
  if (stream_.queued() > 0) {
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
