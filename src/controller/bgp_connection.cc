#include "controller/bgp_connection.h"

#include <algorithm>
#include <exception>
#include <utility>
#include <variant>

#include "bgp/message_header.h"

namespace fabrix::controller {
namespace {

// How often it is asked whether the peer takes what is sent: for the send hold timer (RFC 9687),
// and to shed what waits for one that does not.
constexpr std::chrono::milliseconds kStallCheck{500};
constexpr std::chrono::seconds kShedAfter{1};
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

// How many UPDATEs there are in whole messages.
std::uint64_t updates_in(std::span<const std::byte> messages) {
  constexpr auto kUpdate = static_cast<std::byte>(bgp::MessageType::kUpdate);
  std::uint64_t count = 0;
  while (!messages.empty()) {
    if (messages[bgp::kHeaderSize - 1] == kUpdate) ++count;
    messages = messages.subspan(end_of_message(messages, 1));
  }
  return count;
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
                             const bgp::SessionConfig& config, io::ByteStream stream, Owner& owner)
    : loop_(loop),
      controller_(controller),
      peer_(peer),
      session_(config),
      stream_(std::move(stream)),
      timer_(loop, [this] { tick(); }),
      owner_(owner),
      self_(std::make_shared<BgpConnection*>(this)) {}

BgpConnection::~BgpConnection() {
  *self_ = nullptr;
  if (agreed_) controller_.session_down(peer_);
}

void BgpConnection::start(std::span<const std::byte> received) {
  stream_.start({.on_data =
                     [this](std::span<const std::byte> bytes) {
                       if (over_) return;
                       contain([&] { handle(session_.received(bytes, io::EventLoop::now())); });
                     },
                 .on_end =
                     [this](const io::StreamEnd& end) {
                       if (!over_) handle(session_.closed(end.text));
                     },
                 .on_drained = [this] { send_updates(); }});
  handle(session_.connected(io::EventLoop::now()));
  if (received.empty() || over_) return;
  contain([&] { handle(session_.received(received, io::EventLoop::now())); });
}

// The one place that catches: what goes wrong for one session must not end those of others.
template <typename Work>
void BgpConnection::contain(Work&& work) {
  try {
    std::forward<Work>(work)();
  } catch (const std::exception& exception) {
    fail_alone(exception.what());
  }
}

void BgpConnection::fail_alone(std::string_view what) {
  if (over_) return;
  fault_ = what;
  stop(bgp::cease(bgp::Cease::kOutOfResources));
}

void BgpConnection::stop(const bgp::NotificationMessage& notification) {
  if (over_) return;
  stopped_ = true;
  handle(session_.stop(notification));
}

void BgpConnection::give_way() {
  if (!over_) handle(session_.closed("replaced by a newer connection of the peer"));
}

void BgpConnection::request_refresh() {
  if (!agreed_ || over_) return;
  for (const net::Family family : {net::Family::kIpv4, net::Family::kIpv6}) {
    handle(session_.send_route_refresh(family));
    handle(session_.send_route_refresh(family, bgp::Safi::kFlowSpec));
  }
}

void BgpConnection::send_updates() {
  if (!agreed_ || over_ || !owner_.may_send()) return;
  contain([this] { send_what_fits(); });
}

void BgpConnection::send_what_fits() {
  std::size_t sent = 0;
  while (!stream_.congested() && sent < kSendAtOnce) {
    const std::size_t count = send_some();
    if (count == 0) break;
    sent += count;
  }
  if (!agreed_->flowspec.empty()) sent += send_flowspec();
  if (over_) return;
  if (sent > 0) session_.updates_sent(io::EventLoop::now());
  if (sent > 0) arm_timer();
  if (!stream_.congested() && controller_.has_output(peer_)) resume_soon();
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
      updates_sent_ += updates_in(piece.first(whole));
      sent += whole;
      break;
    }
    updates_sent_ += updates_in(piece);
    left -= piece.size();
    sent += piece.size();
  }
  controller_.sent(peer_, sent);
  return sent;
}

// Rules go after the unicast routes that they are about; what waits of them is bounded.
std::size_t BgpConnection::send_flowspec() {
  std::size_t sent = 0;
  while (!stream_.congested()) {
    const auto messages = controller_.flowspec_output(peer_);
    if (messages.empty()) break;
    // Refused only if the connection is lost.
    if (!stream_.write(messages)) break;
    updates_sent_ += updates_in(messages);
    sent += messages.size();
  }
  const bgp::FamilySet wanted = controller_.take_wanted_flowspec(peer_);
  for (const net::Family family : {net::Family::kIpv4, net::Family::kIpv6}) {
    if (!wanted.contains(family)) continue;
    handle(session_.send_route_refresh(family, bgp::Safi::kFlowSpec));
  }
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
  if (controller_.on_bad_update) {
    for (const bgp::BadUpdate& bad : output.bad_updates) controller_.on_bad_update(peer_, bad);
  }
  if (session_.peer() && !std::exchange(opened_, true)) owner_.opened(*this);
  for (const bgp::SessionEvent& event : output.events) {
    if (over_) return;
    // What was over before anybody could know of it was never there.
    if (opened_ || std::holds_alternative<bgp::Down>(event)) handle(event);
  }
  if (!over_) arm_timer();
}

void BgpConnection::handle(const bgp::SessionEvent& event) {
  // Rules that a refresh does not repeat were withdrawn already: none are kept as stale.
  const auto is_unicast = [](const auto& message) { return message.safi == bgp::Safi::kUnicast; };
  std::visit(Overloaded{[this](const bgp::Established& peer) { establish(peer); },
                        [this](const bgp::UpdateReceived& received) { take(received.update); },
                        [&](const bgp::RouteRefreshReceived& refresh) {
                          if (is_unicast(refresh))
                            return controller_.refresh(peer_, refresh.family);
                          controller_.refresh_flowspec(peer_, refresh.family);
                        },
                        [&](const bgp::RefreshBegan& refresh) {
                          if (is_unicast(refresh)) owner_.refresh_began(refresh.family);
                        },
                        [&](const bgp::RefreshEnded& refresh) {
                          if (is_unicast(refresh)) owner_.refresh_ended(refresh.family);
                        },
                        [this](const bgp::Down& down) { over(down); }},
             event);
}

void BgpConnection::establish(const bgp::Established& peer) {
  agreed_ = peer.negotiated;
  owner_.established(*this);
  controller_.session_up(peer_, info_of(peer), peer.negotiated.flowspec);
}

void BgpConnection::take(const bgp::UpdateMessage& update) {
  owner_.took(*this, controller_.update(peer_, update));
  for (const net::Family family : update.end_of_rib) {
    if (!over_) owner_.end_of_rib(family);
  }
}

void BgpConnection::tick() {
  contain([this] { look_at_time(); });
}

void BgpConnection::look_at_time() {
  look_at_.reset();
  const auto now = io::EventLoop::now();
  // Nobody is silent whose words wait in the socket: it may be us who were busy.
  if (session_.deadline().value_or(now) <= now) stream_.read_now();
  if (over_) return;
  const auto silent = stream_.unacknowledged_since();
  session_.set_output_stalled(silent);
  if (silent && now - *silent >= kShedAfter &&
      controller_.route_server().backlog(peer_) >= kShedFrom) {
    controller_.shed(peer_);
  }
  if (std::ranges::count(controller_.route_server().hopeless(), peer_) > 0) {
    return stop(bgp::cease(bgp::Cease::kOutOfResources));
  }
  handle(session_.timer(now));
}

void BgpConnection::arm_timer() {
  auto deadline = session_.deadline();
  if (stream_.expects_acknowledgement()) {
    // Not later with each event: a peer that talks much and reads nothing is looked at too.
    if (!look_at_) look_at_ = io::EventLoop::now() + kStallCheck;
    deadline = deadline ? std::min(*deadline, *look_at_) : look_at_;
  }
  if (deadline)
    timer_.start_at(*deadline);
  else
    timer_.cancel();
}

void BgpConnection::over(const bgp::Down& down) {
  down_ = down;
  over_ = true;
  timer_.cancel();
  Ending ending{
      .down = down, .agreed = std::exchange(agreed_, std::nullopt), .kept = {}, .fault = fault_};
  if (ending.agreed) {
    const auto& restart = ending.agreed->graceful_restart;
    if (down.graceful && !stopped_ && restart) ending.kept = restart->families;
    controller_.session_lost(peer_, ending.kept);
  }
  owner_.ended(*this, ending);
}

}  // namespace fabrix::controller
