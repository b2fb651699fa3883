#include "controller/session_setup.h"

#include <algorithm>
#include <utility>

namespace fabrix::controller {
namespace {

constexpr bgp::FamilySet kBoth{.ipv4 = true, .ipv6 = true};
constexpr bgp::FamilySet kNone{};

constexpr std::chrono::seconds kMostRestartTime{4095};           // RFC 4724 §3: 12 bits
constexpr std::chrono::seconds kMostStaleTime{(1U << 24U) - 1};  // RFC 9494 §3.1: 24 bits
constexpr std::uint8_t kMaxTtl = 255;

// The router id of the configuration as the number OPEN carries.
std::uint32_t identifier(const net::IpAddress& router_id) {
  std::uint32_t value = 0;
  for (const std::uint8_t octet : router_id.octets()) value = value << 8U | octet;
  return value;
}

bgp::FamilySet both_if(bool wanted) {
  return wanted ? kBoth : kNone;
}

void offer_restart(const exchange::SessionPolicy& policy, Restarting restarting,
                   bgp::SessionConfig& config) {
  if (policy.graceful_restart.count() == 0) return;
  config.graceful_restart = {.restart_time = std::min(policy.graceful_restart, kMostRestartTime),
                             .restarted = restarting == Restarting::kYes,
                             .notification = true};
  if (policy.long_lived.count() == 0) return;
  config.long_lived = {.families = kBoth,
                       .stale_time = std::min(policy.long_lived, kMostStaleTime)};
}

}  // namespace

const exchange::SessionPolicy& session_policy(const exchange::Exchange& exchange,
                                              const routeserver::Peer& peer) {
  return exchange.participant(peer.participant).session;
}

bgp::SessionConfig session_config(const exchange::Exchange& exchange, const routeserver::Peer& peer,
                                  Restarting restarting) {
  const exchange::SessionPolicy& policy = session_policy(exchange, peer);
  bgp::SessionConfig config{.local_as = exchange.asn,
                            .bgp_identifier = identifier(exchange.router_id),
                            .peer_as = peer.asn,
                            .families = kBoth,
                            .hold_time = policy.hold_time,
                            .send_hold_time = policy.send_hold};
  if (policy.role) config.role = bgp::Role::kRouteServer;
  config.role_mode = policy.strict_role ? bgp::RoleMode::kStrict : bgp::RoleMode::kLenient;
  config.flowspec = both_if(policy.flowspec);
  config.add_path = both_if(policy.add_path);
  config.extended_messages = policy.extended_messages;
  config.extended_next_hop = policy.extended_next_hop;
  offer_restart(policy, restarting, config);
  return config;
}

io::Md5Key md5_key(const net::IpAddress& address, const exchange::SessionPolicy& policy) {
  const auto host = net::Prefix::containing(address, net::width_of(address.family()));
  return {.peer = host.value(), .key = policy.md5_password.value_or("")};
}

io::TcpOptions listener_options(std::vector<io::Md5Key> keys) {
  io::TcpOptions options;
  options.md5_keys = std::move(keys);
  options.ttl = kMaxTtl;
  return options;
}

io::TcpOptions accepted_options(const exchange::SessionPolicy& policy) {
  return policy.gtsm ? io::gtsm(1) : io::TcpOptions{};
}

io::TcpOptions dialled_options(const net::IpAddress& address,
                               const exchange::SessionPolicy& policy) {
  io::TcpOptions options = accepted_options(policy);
  options.ttl = kMaxTtl;
  if (policy.md5_password) options.md5_keys = {md5_key(address, policy)};
  return options;
}

}  // namespace fabrix::controller
