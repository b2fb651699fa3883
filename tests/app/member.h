// Member: a member's router for tests of the daemon: one BGP session from an address of its own,
// which announces what it is told to.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/byte_writer.h"
#include "bgp/session.h"
#include "bgp/update_encoder.h"
#include "io/connector.h"
#include "io/event_loop.h"
#include "net/ip_address.h"
#include "net/prefix.h"
#include "tests/app/commands_world.h"

namespace fabrix::app::testing {

class Member {
 public:
  Member(io::EventLoop& loop, const std::string& address, std::uint32_t asn,
         const io::IpEndpoint& route_server)
      : loop_(loop),
        address_(*net::IpAddress::parse(address)),
        asn_(asn),
        session_({.local_as = net::Asn{asn}, .bgp_identifier = 0x7f000000U + asn}) {
    io::ConnectOptions options;
    options.source = io::IpEndpoint{.address = address_, .port = 0};
    connector_.emplace(loop, route_server, options,
                       [this](Result<io::ByteStream> stream) { begin(std::move(stream)); });
  }

  bool established() {
    return loop_.run_until([this] { return session_.peer() && up_; }, kPatience);
  }
  bool ended() {
    return loop_.run_until([this] { return down_.has_value(); }, kPatience);
  }
  const std::optional<bgp::Down>& down() const { return down_; }

  // What the route server has told.
  const std::set<net::Prefix>& routes() const { return routes_; }
  bool has(const std::string& prefix) const {
    return routes_.contains(*net::Prefix::parse(prefix));
  }
  // How often the route server asked for all routes again.
  int refreshes() const { return refreshes_; }

  // With a path of this AS, and then these.
  void announce(const std::string& prefix, bgp::PathAttributes attributes = {},
                const std::vector<std::uint32_t>& further = {}) {
    std::vector<net::Asn> path{net::Asn{asn_}};
    for (const std::uint32_t asn : further) path.push_back(net::Asn{asn});
    attributes.as_path = {.segments = {{.asns = path}}};
    const std::vector<net::Prefix> prefixes{*net::Prefix::parse(prefix)};
    ByteWriter out;
    EXPECT_TRUE(
        bgp::encode_announcement(attributes, address_, prefixes, bgp::AsnWidth::kFourOctets, out));
    EXPECT_TRUE(stream_->write(out.view()));
  }

  void withdraw(const std::string& prefix) {
    const std::vector<net::Prefix> prefixes{*net::Prefix::parse(prefix)};
    ByteWriter out;
    bgp::encode_withdrawal(net::Family::kIpv4, prefixes, out);
    EXPECT_TRUE(stream_->write(out.view()));
  }

 private:
  void begin(Result<io::ByteStream> stream) {
    ASSERT_TRUE(stream) << stream.error().message;
    stream_.emplace(*std::move(stream));
    stream_->start({.on_data =
                        [this](std::span<const std::byte> data) {
                          take(session_.received(data, io::EventLoop::now()));
                        },
                    .on_end = [this](const io::StreamEnd& end) { take(session_.closed(end.text)); },
                    .on_drained = {}});
    take(session_.connected(io::EventLoop::now()));
  }

  void take(const bgp::SessionOutput& output) {
    if (!output.bytes.empty()) std::ignore = stream_->write(output.bytes);
    for (const bgp::SessionEvent& event : output.events) {
      if (std::holds_alternative<bgp::Established>(event)) up_ = true;
      if (std::holds_alternative<bgp::RouteRefreshReceived>(event)) ++refreshes_;
      if (const auto* update = std::get_if<bgp::UpdateReceived>(&event)) learn(update->update);
      if (const auto* down = std::get_if<bgp::Down>(&event)) down_ = *down;
    }
  }

  void learn(const bgp::UpdateMessage& update) {
    for (const net::Prefix& prefix : update.withdrawn) routes_.erase(prefix);
    for (const bgp::Announcement& announced : update.announced) {
      routes_.insert(announced.prefixes.begin(), announced.prefixes.end());
    }
  }

  io::EventLoop& loop_;
  net::IpAddress address_;
  std::uint32_t asn_;
  bgp::Session session_;
  std::optional<io::Connector> connector_;
  std::optional<io::ByteStream> stream_;
  bool up_ = false;
  std::set<net::Prefix> routes_;
  int refreshes_ = 0;
  std::optional<bgp::Down> down_;
};

}  // namespace fabrix::app::testing
