// A router at the other end: bgp::Session over TCP, which remembers what it is told.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/byte_writer.h"
#include "bgp/session.h"
#include "bgp/update_encoder.h"
#include "io/byte_stream.h"
#include "io/connector.h"
#include "io/event_loop.h"
#include "tests/io/world.h"

namespace fabrix::speaker::testing {

using io::testing::ip;
using io::testing::kPatience;
using io::testing::prefix;

inline bgp::SessionConfig far_config(std::uint32_t asn, std::uint32_t identifier = 0x0a000002) {
  return {.local_as = net::Asn{asn}, .bgp_identifier = identifier, .internal_peers = true};
}

class FarRouter {
 public:
  // Dials `to` from `source`.
  FarRouter(io::EventLoop& loop, const bgp::SessionConfig& config, const io::Endpoint& to,
            const net::IpAddress& source)
      : session_(config) {
    io::ConnectOptions options;
    options.source = io::IpEndpoint{.address = source, .port = 0};
    connector_.emplace(loop, to, options, [this](Result<io::ByteStream> stream) {
      if (stream) return begin(*std::move(stream));
      down_ = stream.error().message;
    });
  }
  // Has been dialled.
  FarRouter(const bgp::SessionConfig& config, io::ByteStream stream) : session_(config) {
    begin(std::move(stream));
  }

  bool is_established() const { return session_.state() == bgp::SessionState::kEstablished; }
  // Why the session ended; none: it has not.
  const std::optional<std::string>& down() const { return down_; }
  const std::optional<bgp::NotificationMessage>& told() const { return told_; }

  void send(const bgp::UpdateMessage& update) {
    ByteWriter out;
    ASSERT_TRUE(bgp::encode_update(update, bgp::AsnWidth::kFourOctets, out));
    std::ignore = stream_->write(out.view());
  }
  void announce(const net::IpAddress& next_hop, const bgp::PathAttributes& attributes,
                std::vector<net::Prefix> prefixes) {
    bgp::UpdateMessage update;
    update.attributes = std::make_shared<const bgp::PathAttributes>(attributes);
    update.announced.push_back(
        {.family = next_hop.family(), .next_hop = next_hop, .prefixes = std::move(prefixes)});
    send(update);
  }
  void refresh(net::Family family, bgp::Safi safi = bgp::Safi::kUnicast) {
    std::ignore = stream_->write(session_.send_route_refresh(family, safi).bytes);
  }
  void hang_up() { stream_->abort(); }

  struct Route {
    net::IpAddress next_hop;
    bgp::PathAttributes attributes;
  };
  std::map<net::Prefix, Route> routes;
  std::map<std::string, bgp::PathAttributes> flows;  // by the rule
  std::vector<net::Family> ended;                    // End-of-RIB
  std::size_t announced = 0;                         // routes, each time

 private:
  void begin(io::ByteStream stream) {
    stream_.emplace(std::move(stream));
    stream_->start(
        {.on_data = [this](auto bytes) { handle(session_.received(bytes, io::EventLoop::now())); },
         .on_end = [this](const io::StreamEnd& end) { handle(session_.closed(end.text)); },
         .on_drained = {}});
    handle(session_.connected(io::EventLoop::now()));
  }

  void handle(const bgp::SessionOutput& output) {
    if (!output.bytes.empty()) std::ignore = stream_->write(output.bytes);
    for (const auto& event : output.events) {
      if (const auto* const down = std::get_if<bgp::Down>(&event)) {
        down_ = down->reason;
        told_ = down->received;
      }
      if (const auto* const update = std::get_if<bgp::UpdateReceived>(&event)) take(update->update);
    }
  }

  void take(const bgp::UpdateMessage& update) {
    for (const net::Prefix& gone : update.withdrawn) routes.erase(gone);
    for (const auto& announcement : update.announced) {
      for (const net::Prefix& each : announcement.prefixes) {
        routes.insert_or_assign(each, Route{announcement.next_hop, *update.attributes});
        ++announced;
      }
    }
    for (const auto& rules : update.flowspec) {
      for (const auto& rule : rules.withdrawn) flows.erase(rule.to_string());
      for (const auto& rule : rules.announced) flows[rule.to_string()] = *update.attributes;
    }
    ended.insert(ended.end(), update.end_of_rib.begin(), update.end_of_rib.end());
  }

  bgp::Session session_;
  std::optional<io::Connector> connector_;
  std::optional<io::ByteStream> stream_;
  std::optional<std::string> down_;
  std::optional<bgp::NotificationMessage> told_;
};

inline bgp::AttributesPtr attributes_of(std::vector<std::uint32_t> path,
                                        std::vector<bgp::Community> communities = {}) {
  bgp::PathAttributes attributes;
  for (auto asn = path.rbegin(); asn != path.rend(); ++asn) {
    attributes.as_path.prepend(net::Asn{*asn}, 1);
  }
  attributes.communities = std::move(communities);
  return std::make_shared<const bgp::PathAttributes>(std::move(attributes));
}

inline bgp::FlowSpecRule rule_of(const std::string& destination) {
  return bgp::FlowSpecRule::create(net::Family::kIpv4,
                                   {{.type = bgp::FlowSpecType::kDestination,
                                     .value = bgp::FlowSpecPrefix{.prefix = prefix(destination)}},
                                    {.type = bgp::FlowSpecType::kProtocol,
                                     .value = bgp::FlowSpecComponent::Numbers{{.value = 17}}}})
      .value();
}

}  // namespace fabrix::speaker::testing
