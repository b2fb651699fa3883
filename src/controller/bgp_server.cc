#include "controller/bgp_server.h"

#include <algorithm>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "bgp/notification_message.h"
#include "io/log.h"

namespace fabrix::controller {
namespace {

constexpr std::string_view kComponent = "bgp";

using routeserver::PeerId;

std::optional<net::IpAddress> address_of(const io::Endpoint& endpoint) {
  const auto* ip = std::get_if<io::IpEndpoint>(&endpoint);
  if (ip == nullptr) return std::nullopt;
  return ip->address;
}

}  // namespace

BgpServer::BgpServer(io::EventLoop& loop, Controller& controller, const Options& options)
    : options_(options),
      site_(loop, controller),
      deferral_timer_(loop, [this] { end_deferral(); }),
      dynamic_(loop, controller, options.dynamic,
               {.reconfigured = [this] { take_reconfiguration(); },
                .arrived = [this](PeerId peer,
                                  Arrival arrival) { session(peer).accept(std::move(arrival)); },
                .is_gone = [this](PeerId peer) { return is_gone(peer); }}) {
  site_.dial_port = options.dial_port;
  site_.dialling = options.dialling;
  const auto tell = [this] {
    if (on_worth_awaiting_changed) on_worth_awaiting_changed();
  };
  site_.on_presence_changed = tell;
  site_.retention.on_expiry = tell;
}

BgpServer::~BgpServer() = default;

Result<std::unique_ptr<BgpServer>> BgpServer::start(io::EventLoop& loop, Controller& controller,
                                                    const Options& options) {
  // tidy: the constructor is private, which make_unique cannot reach
  std::unique_ptr<BgpServer> server(new BgpServer(loop, controller, options));
  for (const net::IpAddress& address : controller.exchange().route_server.addresses) {
    const auto listening = server->listen(address);
    if (!listening) return fail(listening.error());
  }
  const auto keyed = server->set_keys();
  if (!keyed) return fail(keyed.error());
  if (options.restarting == Restarting::kYes) server->begin_deferral();
  server->add_sessions();
  return server;
}

Result<void> BgpServer::listen(const net::IpAddress& address) {
  const auto& site = site_.controller.exchange().route_server;
  io::ListenOptions listen;
  listen.admit = [this](const io::Endpoint& from) {
    const auto known = address_of(from);
    return known && (site_.controller.route_server().find_peer(*known) || dynamic_.admits(*known));
  };
  listen.tcp = listener_options({});
  FABRIX_TRY(auto listener,
             io::Listener::listen(
                 site_.loop,
                 io::IpEndpoint{.address = address, .port = options_.port.value_or(site.tcp_port)},
                 std::move(listen), [this](io::ByteStream stream) { accept(std::move(stream)); }));
  listeners_.push_back(std::move(listener));
  return {};
}

void BgpServer::accept(io::ByteStream stream) {
  const auto address = address_of(stream.peer());
  const auto peer = address ? site_.controller.route_server().find_peer(*address) : std::nullopt;
  // The filter let nobody else in.
  if (address && !peer) return dynamic_.accept(std::move(stream), *address);
  // A peer of a configuration that is only just coming: later.
  if (!peer || peer->index() >= sessions_.size()) return;
  session(*peer).accept({.stream = std::move(stream), .received = {}});
}

void BgpServer::add_sessions() {
  renew_sessions();
  const auto& peers = site_.controller.route_server().peers();
  while (sessions_.size() < peers.size()) {
    addresses_.push_back(peers[sessions_.size()].address);
    sessions_.push_back(std::make_unique<PeerSession>(site_, peers[sessions_.size()].id));
  }
  for (auto& each : sessions_) each->dial();
}

// A place that a dynamic neighbour had may be another's now.
void BgpServer::renew_sessions() {
  const auto& peers = site_.controller.route_server().peers();
  for (std::size_t i = 0; i < sessions_.size(); ++i) {
    if (addresses_[i] == peers[i].address) continue;
    addresses_[i] = peers[i].address;
    sessions_[i] = std::make_unique<PeerSession>(site_, peers[i].id);
  }
}

void BgpServer::take_reconfiguration() {
  const auto taken = reconfigured();
  if (!taken) io::log_error(kComponent, taken.error().message);
}

bool BgpServer::is_gone(PeerId peer) const {
  return peer.index() < sessions_.size() && sessions_[peer.index()]->is_gone();
}

void BgpServer::shut_down(std::string_view text) {
  listeners_.clear();
  dynamic_.shut_down();
  for (auto& each : sessions_) each->disable(text);
}

void BgpServer::send_updates(PeerId peer) {
  if (peer.index() < sessions_.size()) session(peer).send_updates();
}

// Session::stop() sees to it that the peer keeps none of our routes (RFC 8538 §5).
Result<void> BgpServer::reset(PeerId peer, std::string_view text) {
  if (view(peer).state != bgp::SessionState::kEstablished) return fail(no_session(peer));
  session(peer).end(bgp::cease(bgp::Cease::kAdministrativeReset, text));
  return {};
}

Result<void> BgpServer::resend(PeerId peer) {
  const SessionView told = view(peer);
  if (told.state != bgp::SessionState::kEstablished) return fail(no_session(peer));
  for (const net::Family family : {net::Family::kIpv4, net::Family::kIpv6}) {
    if (told.negotiated->families.contains(family)) site_.controller.refresh(peer, family);
    if (told.negotiated->flowspec.contains(family)) site_.controller.refresh_flowspec(peer, family);
  }
  return {};
}

Error BgpServer::no_session(PeerId peer) const {
  return Error{site_.controller.route_server().peer(peer).address.to_string() + " has no session"};
}

SessionView BgpServer::view(PeerId peer) const {
  return peer.index() < sessions_.size() ? sessions_[peer.index()]->view() : SessionView{};
}

const BgpConnection* BgpServer::connection(PeerId peer) const {
  return peer.index() < sessions_.size() ? sessions_[peer.index()]->connection() : nullptr;
}

// Configuration.

void BgpServer::end_sessions(std::span<const exchange::SessionChange> changes) {
  for (const exchange::SessionChange& change : changes) {
    const auto peer = site_.controller.route_server().find_peer(change.address);
    if (!peer || peer->index() >= sessions_.size()) continue;
    if (change.effect == exchange::SessionEffect::kRemoved) {
      session(*peer).end(bgp::cease(bgp::Cease::kPeerDeconfigured));
    } else if (change.effect == exchange::SessionEffect::kReset) {
      session(*peer).end(bgp::cease(bgp::Cease::kOtherConfigurationChange));
    }
  }
}

Result<void> BgpServer::reconfigured() {
  if (site_.deferral) {
    for (const routeserver::Peer& peer : site_.controller.route_server().peers()) {
      if (!peer.present) site_.deferral->give_up(peer.id);
    }
    check_deferral();
  }
  auto keyed = set_keys();
  add_sessions();
  return keyed;
}

// What the configuration says: a key for each listed address, and one for each prefix.
std::map<net::Prefix, std::string> BgpServer::wanted_keys() const {
  std::map<net::Prefix, std::string> wanted;
  const exchange::Exchange& exchange = site_.controller.exchange();
  for (const routeserver::Peer& peer : site_.controller.route_server().peers()) {
    if (!peer.present || peer.dynamic) continue;
    const auto key = md5_key(peer.address, session_policy(exchange, peer));
    if (!key.key.empty()) wanted[key.peer] = key.key;
  }
  for (const exchange::DynamicRange& range : exchange.route_server.dynamic) {
    if (range.session.md5_password) wanted[range.prefix] = *range.session.md5_password;
  }
  return wanted;
}

// The listeners' keys as they are wanted.
Result<void> BgpServer::set_keys() {
  const auto wanted = wanted_keys();
  const auto before = keys_;
  for (const auto& [prefix, key] : before) {
    if (wanted.contains(prefix)) continue;
    auto removed = set_key({.peer = prefix, .key = ""});
    if (!removed) return removed;
  }
  for (const auto& [prefix, key] : wanted) {
    if (const auto had = before.find(prefix); had != before.end() && had->second == key) continue;
    auto set = set_key({.peer = prefix, .key = key});
    if (!set) return set;
  }
  return {};
}

Result<void> BgpServer::set_key(const io::Md5Key& key) {
  for (io::Listener& listener : listeners_) {
    if (address_of(listener.local())->family() != key.peer.family()) continue;
    auto set = listener.set_md5_key(key);
    if (!set) return set;
  }
  if (key.key.empty()) {
    keys_.erase(key.peer);
  } else {
    keys_[key.peer] = key.key;
  }
  return {};
}

// Restart (RFC 4724 §4.1).

std::vector<PeerId> BgpServer::awaited_peers() const {
  std::vector<PeerId> expected;
  const auto& known = options_.awaited;
  for (const routeserver::Peer& peer : site_.controller.route_server().peers()) {
    const auto& policy = session_policy(site_.controller.exchange(), peer);
    const bool restarts = peer.present && policy.graceful_restart.count() > 0;
    const bool was_there = !known || std::ranges::count(*known, peer.address) > 0;
    if (restarts && was_there) expected.push_back(peer.id);
  }
  return expected;
}

std::vector<net::IpAddress> BgpServer::worth_awaiting() const {
  std::vector<net::IpAddress> found;
  const auto& peers = site_.controller.route_server().peers();
  for (std::size_t i = 0; i < std::min(peers.size(), sessions_.size()); ++i) {
    if (sessions_[i]->is_worth_awaiting()) found.push_back(peers[i].address);
  }
  return found;
}

void BgpServer::begin_deferral() {
  const std::vector<PeerId> expected = awaited_peers();
  if (expected.empty()) return;
  site_.deferral.emplace(expected);
  site_.controller.hold_checks();
  site_.on_deferral_changed = [this] { check_deferral(); };
  deferral_timer_.start(
      std::min<std::chrono::milliseconds>(options_.selection_deferral, kMostDeferral));
}

void BgpServer::check_deferral() {
  // Not at once: a session may be in the middle of something.
  if (site_.deferral && site_.deferral->is_complete())
    deferral_timer_.start_at(io::EventLoop::now());
}

void BgpServer::end_deferral() {
  io::log_info(kComponent, fmt::format("restarted, routes are announced from now on missing={}",
                                       site_.deferral->awaited()));
  site_.deferral.reset();
  site_.controller.release_checks();
  if (on_worth_awaiting_changed) on_worth_awaiting_changed();
  for (auto& each : sessions_) each->send_updates();
}

}  // namespace fabrix::controller
