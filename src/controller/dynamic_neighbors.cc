#include "controller/dynamic_neighbors.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/byte_writer.h"
#include "bgp/message_header.h"
#include "bgp/open_message.h"
#include "controller/session_setup.h"
#include "io/log.h"

namespace fabrix::controller {
namespace {

constexpr std::string_view kComponent = "bgp";
constexpr std::chrono::milliseconds kTick{500};
constexpr int kShare = 10;  // of the time, that changes of the exchange may take

constexpr bgp::NotificationCode kBadPeerAs{2, 2};             // RFC 4271 §6.2
constexpr bgp::NotificationCode kUnexpectedInOpenSent{5, 1};  // RFC 6608 §3

void say_farewell(io::ByteStream& stream, const bgp::NotificationMessage& notification) {
  ByteWriter body;
  bgp::encode_notification(notification, body);
  const auto message = bgp::encode_message(bgp::MessageType::kNotification, body.view());
  std::ignore = stream.write(message);
  stream.close_gracefully();
}

// What a connection began with.
using FirstMessage = Result<std::optional<bgp::OpenMessage>, bgp::NotificationMessage>;

FirstMessage open_in(std::span<const std::byte> received) {
  if (received.size() < bgp::kHeaderSize) return std::optional<bgp::OpenMessage>();
  const auto header = bgp::decode_header(received.first<bgp::kHeaderSize>());
  if (!header) {
    const auto subcode = static_cast<std::uint8_t>(header.error());
    return fail(bgp::NotificationMessage{.code = {1, subcode}});
  }
  if (header->type != bgp::MessageType::kOpen) {
    return fail(bgp::NotificationMessage{.code = kUnexpectedInOpenSent});
  }
  const auto rest = received.subspan(bgp::kHeaderSize);
  if (rest.size() < header->body_size) return std::optional<bgp::OpenMessage>();
  auto open = bgp::decode_open(rest.first(header->body_size));
  if (!open) return fail(bgp::NotificationMessage{.code = bgp::notification_for(open.error())});
  return std::optional(*std::move(open));
}

}  // namespace

DynamicNeighbors::DynamicNeighbors(io::EventLoop& loop, Controller& controller, const Times& times,
                                   Host host)
    : loop_(loop),
      controller_(controller),
      times_(times),
      host_(std::move(host)),
      tick_timer_(loop, [this] { tick(); }),
      change_timer_(loop, [this] { change(); }) {}

bool DynamicNeighbors::admits(const net::IpAddress& address) const {
  return exchange::range_of(exchange(), address) != nullptr;
}

void DynamicNeighbors::shut_down() {
  tick_timer_.cancel();
  change_timer_.cancel();
  guests_.clear();
}

// Who waits.

void DynamicNeighbors::accept(io::ByteStream stream, const net::IpAddress& address) {
  const exchange::DynamicRange* const range = exchange::range_of(exchange(), address);
  const auto now = io::EventLoop::now();
  if (range == nullptr || is_one_too_many(now)) return;  // It is closed.
  if (exchange::neighbors_of(exchange(), *range) >= range->limit) {
    return say_farewell(stream, bgp::cease(bgp::Cease::kConnectionRejected));
  }
  const auto options = stream.set_options(accepted_options(range->session));
  if (!options) {
    io::log_error(kComponent, fmt::format("connection not protected peer={} reason=\"{}\"",
                                          address.to_string(), options.error().message));
    return;
  }
  dismiss(address, bgp::cease(bgp::Cease::kCollisionResolution));
  make_room();
  const auto [place, is_new] = guests_.emplace(
      address, Guest{.stream = std::move(stream), .received = {}, .asn = {}, .since = now});
  place->second.stream.start(
      {.on_data = [this, address](std::span<const std::byte> bytes) { heard(address, bytes); },
       .on_end = [this, address](const io::StreamEnd&) { guests_.erase(address); },
       .on_drained = {}});
  if (!tick_timer_.is_running()) tick_timer_.start(kTick);
}

bool DynamicNeighbors::is_one_too_many(io::Clock::time_point now) {
  if (now - second_began_ >= std::chrono::seconds(1)) {
    second_began_ = now;
    in_second_ = 0;
  }
  return ++in_second_ > times_.most_in_a_second;
}

// The one that has been silent for longest goes, when there are too many.
void DynamicNeighbors::make_room() {
  if (guests_.size() < kMostWaiting) return;
  const auto rank = [](const auto& guest) {
    return std::pair(guest.second.asn.has_value(), guest.second.since);
  };
  guests_.erase(std::ranges::min_element(guests_, {}, rank));
}

void DynamicNeighbors::heard(const net::IpAddress& address, std::span<const std::byte> bytes) {
  const auto found = guests_.find(address);
  if (found == guests_.end() || found->second.asn) return;
  Guest& guest = found->second;
  guest.received.insert(guest.received.end(), bytes.begin(), bytes.end());
  const auto open = open_in(guest.received);
  if (!open) return dismiss(address, open.error());
  if (!*open) return;
  guest.stream.pause_reading();
  guest.asn = (*open)->my_as;
  judge(address);
}

void DynamicNeighbors::judge(const net::IpAddress& address) {
  const exchange::DynamicRange* const range = exchange::range_of(exchange(), address);
  if (range == nullptr) return change_soon();  // It was listed meanwhile, or its range went.
  const net::Asn asn = *guests_.at(address).asn;
  if (exchange::is_welcome(exchange(), *range, asn)) return change_soon();
  io::log_info(kComponent, fmt::format("neighbour refused peer={} as={} range={}",
                                       address.to_string(), asn.value, range->prefix.to_string()));
  dismiss(address, {.code = kBadPeerAs});
}

void DynamicNeighbors::dismiss(const net::IpAddress& address,
                               const bgp::NotificationMessage& notification) {
  const auto found = guests_.find(address);
  if (found == guests_.end()) return;
  say_farewell(found->second.stream, notification);
  guests_.erase(found);
}

// Time.

void DynamicNeighbors::tick() {
  const auto now = io::EventLoop::now();
  forget_the_silent(now);
  if (note_gone(now)) change_soon();
  const auto& all = exchange().participants;
  const bool has_neighbors = std::ranges::any_of(
      all, [](const exchange::Participant& one) { return one.present && one.dynamic; });
  if (has_neighbors || !guests_.empty()) tick_timer_.start(kTick);
}

void DynamicNeighbors::forget_the_silent(io::Clock::time_point now) {
  std::erase_if(guests_, [&](const auto& guest) {
    return !guest.second.asn && now - guest.second.since >= times_.patience;
  });
}

// Whether one has been gone for so long that it is to be taken away.
bool DynamicNeighbors::note_gone(io::Clock::time_point now) {
  bool any = false;
  for (const routeserver::Peer& peer : controller_.route_server().peers()) {
    if (!peer.present || !peer.dynamic || !host_.is_gone(peer.id)) {
      gone_.erase(peer.id);
    } else if (now - gone_.try_emplace(peer.id, now).first->second >= times_.linger) {
      any = true;
    }
  }
  return any;
}

// Changes of the exchange.

void DynamicNeighbors::change_soon() {
  if (change_timer_.is_running()) return;
  change_timer_.start_at(std::max(io::EventLoop::now(), next_change_));
}

void DynamicNeighbors::change() {
  const auto began = io::EventLoop::now();
  note_gone(began);
  exchange::Exchange next = exchange();
  const bool fewer = take_away(next, began);
  const auto arriving = let_in(next);
  const bool more = std::ranges::any_of(arriving, [this](const net::IpAddress& address) {
    return !controller_.route_server().find_peer(address);
  });
  if (fewer || more) {
    controller_.reconfigure(std::move(next));
    host_.reconfigured();
  }
  for (const net::IpAddress& address : arriving) hand_over(address);
  const auto took = io::EventLoop::now() - began;
  next_change_ = began + std::max<io::Clock::duration>(times_.spacing, kShare * took);
  if (!tick_timer_.is_running()) tick_timer_.start(kTick);
}

bool DynamicNeighbors::take_away(exchange::Exchange& next, io::Clock::time_point now) {
  bool any = false;
  for (const auto& [id, since] : gone_) {
    const routeserver::Peer& peer = controller_.route_server().peer(id);
    const bool still = peer.present && peer.dynamic && host_.is_gone(id);
    // Who is back waits to be let in: its place is kept.
    if (!still || now - since < times_.linger || guests_.contains(peer.address)) continue;
    io::log_info(kComponent, fmt::format("neighbour gone peer={} as={}", peer.address.to_string(),
                                         peer.asn.value));
    exchange::remove_neighbor(next, peer.address);
    any = true;
  }
  if (any) gone_.clear();
  return any;
}

// Whose OPEN has come; who finds no place is told so.
std::vector<net::IpAddress> DynamicNeighbors::let_in(exchange::Exchange& next) {
  std::vector<net::IpAddress> arriving;
  std::vector<std::pair<net::IpAddress, bgp::Cease>> refused;
  for (const auto& [address, guest] : guests_) {
    if (!guest.asn) continue;
    const exchange::DynamicRange* const range = exchange::range_of(next, address);
    if (range == nullptr || next.find_router(address) != nullptr) {
      arriving.push_back(address);
      continue;
    }
    const auto added = exchange::add_neighbor(next, address, *guest.asn);
    if (added) {
      io::log_info(kComponent,
                   fmt::format("neighbour made peer={} as={} range={}", address.to_string(),
                               guest.asn->value, range->prefix.to_string()));
      arriving.push_back(address);
    } else if (added.error() == exchange::NoNeighbor::kLimit) {
      refused.emplace_back(address, bgp::Cease::kConnectionRejected);
    } else {
      refused.emplace_back(address, bgp::Cease::kOutOfResources);
    }
  }
  for (const auto& [address, why] : refused) dismiss(address, bgp::cease(why));
  return arriving;
}

// To its session; if it has none, because its range was taken away meanwhile, it is refused.
void DynamicNeighbors::hand_over(const net::IpAddress& address) {
  const auto peer = controller_.route_server().find_peer(address);
  if (!peer) return dismiss(address, bgp::cease(bgp::Cease::kConnectionRejected));
  auto guest = guests_.extract(address);
  host_.arrived(*peer, {.stream = std::move(guest.mapped().stream),
                        .received = std::move(guest.mapped().received)});
}

}  // namespace fabrix::controller
