#include "controller/bgp_server.h"

#include <utility>
#include <variant>

#include <fmt/format.h>

#include "base/byte_writer.h"
#include "bgp/message_header.h"
#include "bgp/notification_message.h"
#include "io/log.h"

namespace fabrix::controller {
namespace {

constexpr std::string_view kComponent = "bgp";

std::optional<net::IpAddress> address_of(const io::Endpoint& endpoint) {
  const auto* ip = std::get_if<io::IpEndpoint>(&endpoint);
  if (ip == nullptr) return std::nullopt;
  return ip->address;
}

// The router id of the configuration as the number OPEN carries.
std::uint32_t identifier(const net::IpAddress& router_id) {
  std::uint32_t value = 0;
  for (const std::uint8_t octet : router_id.octets()) value = value << 8U | octet;
  return value;
}

// A whole NOTIFICATION, for a connection that never becomes a session.
std::vector<std::byte> notification(const bgp::NotificationMessage& message) {
  ByteWriter body;
  bgp::encode_notification(message, body);
  return bgp::encode_message(bgp::MessageType::kNotification, body.view());
}

}  // namespace

BgpServer::BgpServer(io::EventLoop& loop, Controller& controller, const Options& options)
    : loop_(loop),
      controller_(controller),
      options_(options),
      slots_(controller.route_server().peers().size()),
      self_(std::make_shared<BgpServer*>(this)) {}

BgpServer::~BgpServer() {
  *self_ = nullptr;
}

Result<std::unique_ptr<BgpServer>> BgpServer::start(io::EventLoop& loop, Controller& controller,
                                                    const Options& options) {
  // tidy: the constructor is private, which make_unique cannot reach
  std::unique_ptr<BgpServer> server(new BgpServer(loop, controller, options));
  const auto& site = controller.exchange().route_server;
  BgpServer* const self = server.get();
  for (const net::IpAddress& address : site.addresses) {
    io::ListenOptions listen;
    listen.admit = [&controller](const io::Endpoint& from) {
      const auto known = address_of(from);
      return known && controller.route_server().find_peer(*known);
    };
    FABRIX_TRY(
        auto listener,
        io::Listener::listen(
            loop, io::IpEndpoint{.address = address, .port = options.port.value_or(site.tcp_port)},
            std::move(listen), [self](io::ByteStream stream) { self->accept(std::move(stream)); }));
    server->listeners_.push_back(std::move(listener));
  }
  return server;
}

void BgpServer::accept(io::ByteStream stream) {
  const auto address = address_of(stream.peer());
  const auto peer = address ? controller_.route_server().find_peer(*address) : std::nullopt;
  if (!peer) return;  // The filter let nobody else in.
  Slot& slot = slots_[peer->index()];
  // RFC 4271 §6.8. Both connections were opened by the peer, so identifiers decide nothing: an
  // established session stays; one that is still opening makes room for the newer.
  if (slot.connection) {
    const auto collision = bgp::cease(bgp::Cease::kCollisionResolution);
    if (slot.connection->session().state() == bgp::SessionState::kEstablished) {
      std::ignore = stream.write(notification(collision));
      stream.close_gracefully();
      return;
    }
    slot.connection->stop(collision);
  }
  open(*peer, std::move(stream));
}

void BgpServer::open(routeserver::PeerId peer, io::ByteStream stream) {
  const auto& exchange = controller_.exchange();
  const bgp::SessionConfig config{.local_as = exchange.asn,
                                  .bgp_identifier = identifier(exchange.router_id),
                                  .peer_as = controller_.route_server().peer(peer).asn,
                                  .families = {.ipv4 = true, .ipv6 = true},
                                  .hold_time = options_.hold_time,
                                  .send_hold_time = std::nullopt,
                                  .role = std::nullopt};
  Slot& slot = slots_[peer.index()];
  const std::uint64_t serial = ++slot.serial;
  const auto on_over = [self = self_, peer, serial](const std::string& reason) {
    if (*self == nullptr) return;
    BgpServer& server = **self;
    Slot& ended = server.slots_[peer.index()];
    ended.last_error = reason;
    io::log_info(
        kComponent,
        fmt::format("session over peer={} reason=\"{}\"",
                    server.controller_.route_server().peer(peer).address.to_string(), reason));
    if (ended.serial != serial) return;
    ended.connection.reset();
    ended.since = io::EventLoop::now();
  };
  slot.connection =
      std::make_unique<BgpConnection>(loop_, controller_, peer, config, std::move(stream), on_over);
  slot.since = io::EventLoop::now();
  slot.connection->start();
}

void BgpServer::shut_down(std::string_view text) {
  listeners_.clear();
  for (Slot& slot : slots_) {
    if (slot.connection) {
      slot.connection->stop(bgp::cease(bgp::Cease::kAdministrativeShutdown, text));
    }
  }
}

void BgpServer::send_updates(routeserver::PeerId peer) {
  if (auto& connection = slots_[peer.index()].connection) connection->send_updates();
}

SessionView BgpServer::view(routeserver::PeerId peer) const {
  const Slot& slot = slots_[peer.index()];
  SessionView view{.state = bgp::SessionState::kIdle,
                   .since = slot.since,
                   .last_error = slot.last_error,
                   .counters = {},
                   .negotiated = std::nullopt};
  if (!slot.connection) return view;
  const bgp::Session& session = slot.connection->session();
  view.state = session.state();
  view.counters = session.counters();
  if (session.peer()) view.negotiated = session.peer()->negotiated;
  return view;
}

}  // namespace fabrix::controller
