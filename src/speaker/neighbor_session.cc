#include "speaker/neighbor_session.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "io/log.h"
#include "speaker/speaker.h"

namespace fabrix::speaker {
namespace {

constexpr std::chrono::milliseconds kSoon{0};

// Of the limit, as a router is told (RFC 4486 §4).
bgp::NotificationMessage too_many(const bgp::UpdateMessage& update, std::size_t limit) {
  const net::Family family =
      update.announced.empty() ? net::Family::kIpv4 : update.announced.front().family;
  constexpr std::size_t kMost = std::numeric_limits<std::uint32_t>::max();
  return bgp::maximum_prefixes_cease(family, static_cast<std::uint32_t>(std::min(limit, kMost)));
}

}  // namespace

NeighborSession::NeighborSession(io::EventLoop& loop, const SpeakerHandlers& handlers,
                                 NeighborOptions options)
    : loop_(loop),
      handlers_(handlers),
      options_(std::move(options)),
      redial_(loop, [this] { dial(); }),
      sending_(loop,
               [this] {
                 if (established_) established_->send();
               }),
      sweeping_(loop, [this] { discarded_.clear(); }) {
  if (options_.dial) redial_.start(kSoon);
}

NeighborSession::~NeighborSession() = default;

void NeighborSession::configure(const NeighborOptions& options) {
  if (options == options_) return;
  end(bgp::cease(bgp::Cease::kOtherConfigurationChange));
  options_ = options;
  barred_until_.reset();
  connector_.reset();
  redial_.cancel();
  if (options_.dial) redial_.start(kSoon);
}

bgp::SessionConfig NeighborSession::config() const {
  return {.local_as = options_.local_as,
          .bgp_identifier = options_.identifier,
          .peer_as = options_.peer_as,
          .families = options_.families,
          .hold_time = options_.hold_time,
          .flowspec = options_.flowspec,
          .enhanced_refresh = false,
          .internal_peers = true};
}

std::unique_ptr<Connection>& NeighborSession::opening(Connection::Origin origin) {
  return opening_[static_cast<std::size_t>(origin)];
}

std::array<std::unique_ptr<Connection>*, 3> NeighborSession::all() {
  return {&opening(Connection::Origin::kAccepted), &opening(Connection::Origin::kDialled),
          &established_};
}

void NeighborSession::accept(io::ByteStream stream) {
  if (barred_until_ && io::EventLoop::now() < *barred_until_) return;
  barred_until_.reset();
  begin(Connection::Origin::kAccepted, std::move(stream));
}

void NeighborSession::begin(Connection::Origin origin, io::ByteStream stream) {
  auto& slot = opening(origin);
  if (slot) slot->stop(bgp::cease(bgp::Cease::kConnectionRejected));
  Connection::Owner& owner = *this;
  slot = std::make_unique<Connection>(loop_, config(), origin, std::move(stream), owner);
  slot->start();
}

void NeighborSession::dial() {
  if (!options_.dial || established_ || opening(Connection::Origin::kDialled)) return;
  io::ConnectOptions connect;
  if (!options_.password.empty()) {
    const auto host =
        net::Prefix::containing(options_.address, net::width_of(options_.address.family()));
    connect.tcp.md5_keys.push_back({.peer = *host, .key = options_.password});
  }
  const io::IpEndpoint router{.address = options_.address, .port = *options_.dial};
  connector_.emplace(loop_, router, std::move(connect), [this](Result<io::ByteStream> stream) {
    // The connector is at its end.
    if (stream && !established_) {
      begin(Connection::Origin::kDialled, *std::move(stream));
    } else {
      redial_.start(kRedial);
    }
  });
}

void NeighborSession::end(const bgp::NotificationMessage& notification) {
  for (std::unique_ptr<Connection>* connection : all()) {
    if (*connection) (*connection)->stop(notification);
  }
}

// Both OPENs are known.
bool NeighborSession::prevails(const Connection& connection, const Connection& rival) const {
  if (connection.origin() == rival.origin()) return true;  // the newer one
  const auto dialled = bgp::prefer_local_connection(config(), connection.session().peer()->open)
                           ? Connection::Origin::kDialled
                           : Connection::Origin::kAccepted;
  return connection.origin() == dialled;
}

void NeighborSession::opened(Connection& connection) {
  for (std::unique_ptr<Connection>* each : all()) {
    Connection* const rival = each->get();
    if (rival == nullptr || rival == &connection || !rival->session().peer()) continue;
    const auto notification = bgp::cease(bgp::Cease::kCollisionResolution);
    if (!prevails(connection, *rival)) return connection.stop(notification);
    rival->stop(notification);
  }
}

void NeighborSession::established(Connection& connection) {
  established_ = std::move(opening(connection.origin()));
  const bgp::Established& peer = *connection.session().peer();
  told_.peer_as = peer.open.my_as.value;
  told_.peer_identifier = peer.open.bgp_identifier;
  told_.since = std::chrono::system_clock::now();
  told_.families = peer.negotiated.families;
  told_.flowspec = peer.negotiated.flowspec;
  ++told_.sessions;
  outbox_.begin(options_.local_as, peer.negotiated);
  io::log_info("speaker", fmt::format("session up router={} as={}", options_.address.to_string(),
                                      told_.peer_as));
  if (handlers_.on_open) handlers_.on_open(view());
}

void NeighborSession::updated(Connection& connection, const bgp::UpdateMessage& update) {
  ++told_.updates_in;
  if (!handlers_.on_update) return;
  if (handlers_.on_update(options_.address, update) <= options_.most_prefixes) return;
  barred_until_ = io::EventLoop::now() + kBarred;
  connection.stop(too_many(update, options_.most_prefixes));
}

void NeighborSession::refresh_wanted(net::Family family, bgp::Safi safi) {
  outbox_.repeat(family, safi);
}

void NeighborSession::ended(Connection& connection, const std::string& reason) {
  if (options_.dial) redial_.start(kRedial);
  auto& slot = opening(connection.origin());
  if (slot.get() == &connection) {
    told_.trouble = reason;
    return discard(std::move(slot));
  }
  if (established_.get() != &connection) return;
  discard(std::move(established_));
  const NeighborView before =
      std::exchange(told_, NeighborView{.sessions = told_.sessions,
                                        .updates_in = told_.updates_in,
                                        .routes_added = told_.routes_added,
                                        .routes_removed = told_.routes_removed,
                                        .trouble = reason});
  io::log_info("speaker", fmt::format("session down router={} as={} reason=\"{}\"",
                                      options_.address.to_string(), before.peer_as, reason));
  if (handlers_.on_close) handlers_.on_close(options_.address, reason);
}

// It is being called.
void NeighborSession::discard(std::unique_ptr<Connection> connection) {
  discarded_.push_back(std::move(connection));
  sweeping_.start(kSoon);
}

void NeighborSession::send_soon() {
  if (established_ && !sending_.is_running()) sending_.start(kSoon);
}

void NeighborSession::announce(const net::Prefix& prefix, const Announcement& route) {
  outbox_.announce(prefix, route);
  ++told_.routes_added;
  send_soon();
}

bool NeighborSession::withdraw(const net::Prefix& prefix) {
  if (!outbox_.withdraw(prefix)) return false;
  ++told_.routes_removed;
  send_soon();
  return true;
}

void NeighborSession::announce_flow(const bgp::FlowSpecRule& rule, const FlowAnnouncement& flow) {
  outbox_.announce_flow(rule, flow);
  send_soon();
}

bool NeighborSession::withdraw_flow(const bgp::FlowSpecRule& rule) {
  if (!outbox_.withdraw_flow(rule)) return false;
  send_soon();
  return true;
}

NeighborView NeighborSession::view() const {
  NeighborView view = told_;
  view.options = options_;
  const bool is_opening = opening_[0] || opening_[1];
  view.state = established_ ? NeighborState::kEstablished
                            : (is_opening ? NeighborState::kOpening : NeighborState::kIdle);
  view.routes = outbox_.route_count();
  view.flows = outbox_.flow_count();
  return view;
}

}  // namespace fabrix::speaker
