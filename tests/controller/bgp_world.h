// BgpWorld: a BgpServer with its controller, on the simulated fabric, in a network namespace of its
// own, where the loopback has the addresses of the exchange and of all routers; and Speakers, which
// are the members' ends: bgp::Session over a real TCP connection.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/byte_writer.h"
#include "bgp/session.h"
#include "bgp/update_encoder.h"
#include "controller/bgp_server.h"
#include "controller/controller.h"
#include "fabric/simulated.h"
#include "io/connector.h"
#include "io/namespace.h"
#include "tests/controller/world.h"
#include "tests/io/world.h"

namespace fabrix::controller {

inline constexpr std::chrono::seconds kPatience = io::testing::kPatience;
inline constexpr std::uint16_t kBgpPort = 179;

// A member's end of a connection.
class Speaker {
 public:
  // A silent one says nothing by itself: a bare connection, whose octets are still understood.
  enum class Manner : std::uint8_t { kTalkative, kSilent };

  Speaker(io::EventLoop& loop, const bgp::SessionConfig& config, const net::IpAddress& from,
          const net::IpAddress& to)
      : session_(config), timer_(loop, [this] { handle(session_.timer(io::EventLoop::now())); }) {
    io::ConnectOptions options;
    options.source = io::IpEndpoint{.address = from, .port = 0};
    connector_.emplace(loop, io::IpEndpoint{.address = to, .port = kBgpPort}, std::move(options),
                       [this](Result<io::ByteStream> connected) {
                         if (connected) begin(*std::move(connected));
                       });
  }
  // One that was dialled.
  Speaker(io::EventLoop& loop, const bgp::SessionConfig& config, io::ByteStream accepted,
          Manner manner)
      : session_(config),
        timer_(loop, [this] { handle(session_.timer(io::EventLoop::now())); }),
        silent_(manner == Manner::kSilent) {
    begin(std::move(accepted));
  }
  Speaker(const Speaker&) = delete;
  Speaker& operator=(const Speaker&) = delete;
  Speaker(Speaker&&) = delete;
  Speaker& operator=(Speaker&&) = delete;
  ~Speaker() = default;

  void be_silent() { silent_ = true; }

  void announce(const bgp::PathAttributes& attributes, const net::IpAddress& next_hop,
                const std::vector<net::Prefix>& prefixes) {
    ByteWriter out;
    ASSERT_TRUE(
        bgp::encode_announcement(attributes, next_hop, prefixes, bgp::AsnWidth::kFourOctets, out));
    write(out.view());
  }
  void withdraw(const std::vector<net::Prefix>& prefixes) {
    ByteWriter out;
    bgp::encode_withdrawal(prefixes.front().family(), prefixes, out);
    write(out.view());
  }
  void write(std::span<const std::byte> bytes) {
    ASSERT_TRUE(stream && stream->write(bytes).has_value());
  }
  void end_of_rib(net::Family family) {
    ByteWriter out;
    bgp::encode_end_of_rib(family, out);
    write(out.view());
  }
  // The process dies: its connection closes without a word.
  void die() { stream.reset(); }
  void say(const bgp::SessionOutput& output) { handle(output); }
  bgp::Session& session() { return session_; }
  void refresh(net::Family family) { handle(session_.send_route_refresh(family)); }

  bool is_up() const { return session_.state() == bgp::SessionState::kEstablished; }
  bool is_connected() const { return stream.has_value(); }
  // The code of the NOTIFICATION that came; 0/0 if none did.
  bgp::NotificationCode told_off() const {
    return down && down->received ? down->received->code : bgp::NotificationCode{};
  }

  struct Heard {
    net::IpAddress next_hop = net::IpAddress::unspecified(net::Family::kIpv4);
    bgp::AttributesPtr attributes;
  };

  std::optional<io::ByteStream> stream;
  std::optional<bgp::Down> down;
  bool ended = false;  // the connection
  std::map<net::Prefix, Heard> routes;
  std::size_t announced = 0;  // prefixes heard, with repetitions
  std::size_t withdrawn = 0;
  std::size_t ends_of_rib = 0;
  std::size_t refreshes_asked = 0;

 private:
  void begin(io::ByteStream connected) {
    stream.emplace(std::move(connected));
    stream->start({.on_data =
                       [this](std::span<const std::byte> bytes) {
                         handle(session_.received(bytes, io::EventLoop::now()));
                       },
                   .on_end =
                       [this](const io::StreamEnd& end) {
                         ended = true;
                         handle(session_.closed(end.text));
                       },
                   .on_drained = {}});
    handle(session_.connected(io::EventLoop::now()));
  }

  void handle(bgp::SessionOutput output) {
    if (!silent_ && stream) std::ignore = stream->write(output.bytes);
    for (bgp::SessionEvent& event : output.events) {
      if (auto* update = std::get_if<bgp::UpdateReceived>(&event)) hear(update->update);
      if (std::holds_alternative<bgp::RouteRefreshReceived>(event)) ++refreshes_asked;
      if (auto* over = std::get_if<bgp::Down>(&event)) down = std::move(*over);
    }
    if (const auto deadline = session_.deadline()) timer_.start_at(*deadline);
  }

  void hear(const bgp::UpdateMessage& update) {
    ends_of_rib += update.end_of_rib.size();
    for (const net::Prefix& prefix : update.withdrawn) {
      ++withdrawn;
      routes.erase(prefix);
    }
    for (const bgp::Announcement& announcement : update.announced) {
      for (const net::Prefix& prefix : announcement.prefixes) {
        ++announced;
        routes[prefix] = {announcement.next_hop, update.attributes};
      }
    }
  }

  bgp::Session session_;
  io::Timer timer_;
  bool silent_ = false;
  std::optional<io::Connector> connector_;
};

class BgpWorld : public io::testing::NamespaceTest {
 protected:
  // `elsewhere` names a router whose addresses the namespace does not have.
  explicit BgpWorld(std::string elsewhere = "") : elsewhere_(std::move(elsewhere)) {}

  void SetUp() override {
    NamespaceTest::SetUp();
    if (IsSkipped()) return;
    namespace_.emplace();
    give_addresses();
    inside_.emplace(io::NamespaceScope::enter(namespace_->name()).value());
    controller_.on_change = [this] {
      loop_.post([this] { controller_.settle(io::EventLoop::now()); });
    };
    controller_.settle(io::EventLoop::now());
  }

  void TearDown() override {
    speakers_.clear();
    server_.reset();
    inside_.reset();
    namespace_.reset();
  }

  void start(BgpServer::Options options = {}) {
    options.port = kBgpPort;
    controller_.reconfigure(exchange_);  // a test may have changed it
    auto server = BgpServer::start(loop_, controller_, options);
    ASSERT_TRUE(server) << server.error().message;
    server_ = *std::move(server);
    controller_.on_output = [this](routeserver::PeerId peer) { server_->send_updates(peer); };
  }

  // A connection from an address of the exchange; `config` may change what it says.
  Speaker& connect(std::string_view from,
                   const std::function<void(bgp::SessionConfig&)>& change = {}) {
    const net::IpAddress own = World::address(from);
    const bgp::SessionConfig config = speaker_config(own, change);
    const auto& servers = exchange_.route_server.addresses;
    const auto to = std::ranges::find(servers, own.family(), &net::IpAddress::family);
    speakers_.push_back(std::make_unique<Speaker>(loop_, config, own, *to));
    return *speakers_.back();
  }

  // What a member listens with for the exchange's connections, each of which becomes a Speaker.
  io::Listener await_dialling(std::string_view at,
                              const std::function<void(bgp::SessionConfig&)>& change = {},
                              Speaker::Manner manner = Speaker::Manner::kTalkative) {
    const net::IpAddress own = World::address(at);
    auto listener =
        io::Listener::listen(loop_, io::IpEndpoint{.address = own, .port = kBgpPort}, {},
                             [this, own, change, manner](io::ByteStream stream) {
                               speakers_.push_back(std::make_unique<Speaker>(
                                   loop_, speaker_config(own, change), std::move(stream), manner));
                             });
    return std::move(listener).value();
  }

  Speaker& establish(std::string_view from,
                     const std::function<void(bgp::SessionConfig&)>& change = {}) {
    Speaker& speaker = connect(from, change);
    EXPECT_TRUE(wait([&] { return speaker.is_up() && view(from).state == kUp; })) << from;
    return speaker;
  }

  void reconfigure() {
    controller_.reconfigure(exchange_);
    ASSERT_TRUE(server_->reconfigured());
  }

  // How the exchange speaks with a member: from start() or reconfigure() on.
  exchange::SessionPolicy& session_of(std::string_view participant) {
    return exchange_.participants[exchange_.find_participant(participant)->id.index()].session;
  }
  routeserver::PeerId peer_of(std::string_view from) const {
    return *controller_.route_server().find_peer(World::address(from));
  }

  bool wait(const std::function<bool()>& done) { return loop_.run_until(done, kPatience); }

  SessionView view(std::string_view from) const {
    return server_->view(*controller_.route_server().find_peer(World::address(from)));
  }

  static constexpr auto kUp = bgp::SessionState::kEstablished;

  io::EventLoop loop_;
  exchange::Exchange exchange_ = four_members();
  fabric::SimulatedFabric fabric_;
  Controller controller_{exchange_, fabric_};
  std::optional<io::testing::TestNamespace> namespace_;
  std::optional<io::NamespaceScope> inside_;
  std::unique_ptr<BgpServer> server_;
  std::vector<std::unique_ptr<Speaker>> speakers_;

 private:
  std::string elsewhere_;

  bgp::SessionConfig speaker_config(const net::IpAddress& own,
                                    const std::function<void(bgp::SessionConfig&)>& change) const {
    const auto* router = exchange_.find_router(own);
    bgp::SessionConfig config{
        .local_as = router == nullptr ? net::Asn{9} : exchange_.owner(router->id).asn,
        .bgp_identifier = 1 + static_cast<std::uint32_t>(speakers_.size()),
        .peer_as = exchange_.asn};
    if (change) change(config);
    return config;
  }

  void give_addresses() {
    auto netlink = namespace_->netlink();
    ASSERT_TRUE(io::set_link_up(netlink, "lo"));
    auto addresses = exchange_.route_server.addresses;
    addresses.push_back(World::address("172.0.0.99"));  // a stranger's
    for (const exchange::Router& router : exchange_.routers) {
      if (router.name == elsewhere_) continue;
      addresses.insert(addresses.end(), router.addresses.begin(), router.addresses.end());
    }
    for (const net::IpAddress& address : addresses) {
      ASSERT_TRUE(io::add_address(
          netlink, {.link = "lo",
                    .address = address,
                    .length = static_cast<std::uint8_t>(net::width_of(address.family()))}));
    }
  }
};

}  // namespace fabrix::controller
