// Whatever clients ask and say, one after the other, and whatever is measured meanwhile: all that
// serves them (service.h) answers with a status, and what they have been told stays within its
// bounds. Nothing goes out: there is no program for scripts, no router is connected, and what is to
// be sent on is of another engine.
//
// Input: steps, each a line and so many octets as it says: "PUT /flow/f/json 15" and a body, or
// "UDP - 240" and a datagram. "SITE": from there on there are routers, members and scripts, too,
// and after each step traffic between the members that takes the routers' routes.
#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "analyzer/active_routing.h"
#include "analyzer/playback.h"
#include "analyzer/router.h"
#include "analyzer/router_sessions.h"
#include "analyzer/script_host.h"
#include "exports/exports.h"
#include "http/target.h"
#include "io/event_loop.h"
#include "io/log.h"
#include "sflow/datagram_writer.h"
#include "sflow/xdr.h"
#include "telemetry/engine.h"

namespace fabrix::analyzer {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxSteps = 16;
const net::IpAddress kRouter = net::IpAddress::v4({192, 0, 2, 100});
const net::IpAddress kMember = net::IpAddress::v4({192, 0, 2, 101});

std::string_view take(std::string_view& rest, std::size_t size) {
  const std::string_view taken = rest.substr(0, size);
  rest.remove_prefix(taken.size());
  return taken;
}

// Up to the mark, which goes too.
std::string_view take_until(std::string_view& rest, char mark) {
  const std::string_view taken = take(rest, std::min(rest.find(mark), rest.size()));
  take(rest, 1);
  return taken;
}

http::Method method_of(std::string_view name) {
  if (name == "PUT") return http::Method::kPut;
  if (name == "POST") return http::Method::kPost;
  return name == "DELETE" ? http::Method::kDelete : http::Method::kGet;
}

// The application a: its pages, and its script, of which there is no file.
class Application {
 public:
  Application() {
    fs::create_directories(folder_ / "a/html/sub");
    std::ofstream(folder_ / "a/html/index.html") << "<p>";
    std::ofstream(folder_ / "a/html/sub/s.css") << "p{}";
  }
  ~Application() {
    std::error_code error;
    fs::remove_all(folder_, error);
  }
  Application(const Application&) = delete;
  Application& operator=(const Application&) = delete;
  Application(Application&&) = delete;
  Application& operator=(Application&&) = delete;

  std::string script() const { return folder_ / "a/scripts/s.js"; }

 private:
  static fs::path made() {
    std::string name = fs::temp_directory_path() / "fabrix-fuzz-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) std::abort();
    return name;
  }

  fs::path folder_ = made();
};

void add_route(telemetry::Routers& routers, std::string_view prefix) {
  const telemetry::RouteInfo route{.next_hop = kMember,
                                   .as_path = "65001-65003",
                                   .neighbor_as = 65001,
                                   .origin_as = 65003,
                                   .communities = "65001:7-65001:8",
                                   .origin = "IGP",
                                   .local_pref = 100,
                                   .med = 5};
  routers.set_route(kRouter, net::Prefix::parse(prefix).value(),
                    std::make_shared<const telemetry::RouteInfo>(route));
}

telemetry::Exchange exchange() {
  return {.members = {{.name = "A",
                       .as = 65001,
                       .macs = {net::MacAddress({8, 0, 0, 0, 0, 1})},
                       .addresses = {kMember},
                       .ports = {1}}},
          .peering_lan = {net::Prefix::parse("192.0.2.0/24").value()},
          .agent = kRouter};
}

using Octets = std::vector<std::byte>;

// From the member's router, to nobody's.
Octets frame(std::uint16_t type, std::span<const std::uint8_t> packet) {
  std::vector<std::uint8_t> octets{8, 0, 0, 0, 0, 2, 8, 0, 0, 0, 0, 1};
  octets.push_back(static_cast<std::uint8_t>(type >> 8U));
  octets.push_back(static_cast<std::uint8_t>(type & 0xffU));
  octets.insert(octets.end(), packet.begin(), packet.end());
  const auto bytes = std::as_bytes(std::span(octets));
  return {bytes.begin(), bytes.end()};
}

// UDP from 10.0.0.1 to 10.0.0.2, and from 2001:db8::1 to 2001:db8::2, both from 53 to 80.
Octets traffic() {
  constexpr std::array<std::uint8_t, 28> kIpv4{0x45, 0, 0,  28, 0, 0, 0, 0,  64, 17, 0, 0, 10, 0,
                                               0,    1, 10, 0,  0, 2, 0, 53, 0,  80, 0, 8, 0,  0};
  constexpr std::array<std::uint8_t, 48> kIpv6{
      0x60, 0, 0, 0, 0, 8, 17, 64, 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0,
      0,    0, 0, 0, 0, 0, 0,  1,  0x20, 1,    0x0d, 0xb8, 0, 0, 0, 0,
      0,    0, 0, 0, 0, 0, 0,  2,  0,    53,   0,    80,   0, 8, 0, 0};
  sflow::DatagramWriter out({.agent = kRouter});
  for (const Octets& each : {frame(0x0800, kIpv4), frame(0x86dd, kIpv6)}) {
    out.begin({.source = {0, 1}, .sampling_rate = 1000, .input = {0, 1}, .output = {0, 2}},
              sflow::SampleForm::kCompact);
    out.record(sflow::SampledHeader{.protocol = 1,
                                    .frame_length = static_cast<std::uint32_t>(each.size()) + 4,
                                    .stripped = 4,
                                    .header = each});
  }
  return out.take();
}

exchange::ActiveRouteSite active_site() {
  return {.name = "s", .router = kRouter, .ipv4 = 2, .ipv6 = 1, .bgp = kMember};
}

io::EventLoop& loop() {
  static io::EventLoop loop;
  return loop;
}

// What is around an engine whose exchange has a route server and scripts.
class Site {
 public:
  Site(telemetry::Engine& engine, const Router& routes)
      : sessions_(loop(), engine),
        active_(engine, &sessions_.speaker()),
        scripts_(loop(), engine, routes, sessions_) {
    static const Application application;
    telemetry::Routers& routers = engine.routers();
    const speaker::NeighborOptions router{.address = kRouter, .local_as = {65000}, .identifier = 1};
    if (!sessions_.add(router)) std::abort();
    routers.bind_others(kRouter);
    for (const auto* const prefix : {"0.0.0.0/0", "10.0.0.0/8", "::/0", "2001:db8::/32"}) {
      add_route(routers, prefix);
    }
    engine.set_exchange(exchange(), kRouter);
    const bool is_ready =
        active_.configure({active_site()}) && scripts_.configure({.files = {application.script()}});
    if (!is_ready) std::abort();
  }

  void turn(telemetry::Time now) {
    active_.tick(now);
    scripts_.look();
  }

  const ActiveRouting& active() const { return active_; }
  const RouterSessions& sessions() const { return sessions_; }
  ScriptHost& scripts() { return scripts_; }

 private:
  RouterSessions sessions_;
  ActiveRouting active_;
  ScriptHost scripts_;
};

class World {
 public:
  World()
      : playback_(loop(), {.datagrams = {RecordedDatagram{}, RecordedDatagram{}}},
                  [this](const RecordedDatagram& each) { measure(each.octets); }) {}

  void found_site() {
    if (!site_) site_.emplace(engine_, routes());
  }

  void measure(std::span<const std::byte> datagram) { engine_.receive(datagram, kRouter, now_); }

  // What is waited for, and streams, goes on besides what comes next.
  void ask(http::Method method, std::string_view target, std::string_view body) {
    http::Request request;
    request.method = method;
    const auto parsed = http::parse_target(target);
    if (!parsed) return;
    request.target = *parsed;
    request.body = body;
    http::Response response = answer(request);
    if (response.status < 200 || response.status > 599) std::abort();
    open_.push_back(std::move(response));
  }

  // A while later.
  void turn() {
    now_ += std::chrono::seconds(20);
    engine_.tick(now_);
    if (site_) {
      site_->turn(now_);
      measure(traffic_);
    }
    loop().context().restart();
    loop().context().poll();
    std::erase_if(open_, [](http::Response& each) { return !goes_on(each); });
  }

 private:
  static const Router& routes() {
    static const Router routes = all_routes();
    return routes;
  }

  http::Response answer(const http::Request& request) {
    if (Playback::is_asked_for(request)) return playback_.answer(request);
    if (!site_) return routes().answer(engine_, request);
    if (site_->scripts().is_for_scripts(request)) return site_->scripts().answer(request);
    return routes().answer(engine_, request, &exports(), &site_->active(), &site_->sessions());
  }

  // Of an engine that has nothing to tell.
  static const exports::Exports& exports() {
    static telemetry::Engine silent;
    static exports::Exports exports(loop(), silent);
    static const bool is_ready = [] {
      exports.configure({exchange::parse_export("influxdb=http://192.0.2.1/write?db=d").value()});
      return true;
    }();
    if (!is_ready) std::abort();
    return exports;
  }

  static bool goes_on(http::Response& response) {
    if (response.later) {
      auto known = response.later();
      if (!known) return true;
      response = *std::move(known);
    }
    auto* const next = std::get_if<http::NextPiece>(&response.body);
    return next != nullptr && (*next)();
  }

  telemetry::Engine engine_;
  std::optional<Site> site_;
  const Octets traffic_ = traffic();  // of the site
  Playback playback_;
  telemetry::Time now_ = std::chrono::seconds(100);
  std::vector<http::Response> open_;
};

void run(std::string_view rest) {
  io::set_log_level(io::LogLevel::kOff);
  World world;
  for (std::size_t i = 0; i < kMaxSteps && !rest.empty(); ++i) {
    std::string_view line = take_until(rest, '\n');
    const std::string_view method = take_until(line, ' ');
    const std::string_view target = take_until(line, ' ');
    std::size_t size = 0;
    std::from_chars(line.data(), line.data() + line.size(), size);
    const std::string_view octets = take(rest, size);
    if (method == "SITE") {
      world.found_site();
    } else if (method == "UDP") {
      world.measure(std::as_bytes(std::span(octets)));
    } else {
      world.ask(method_of(method), target, octets);
    }
    world.turn();
  }
  for (const auto* const path : {"/flow/json", "/events/json", "/flows/json", "/flowkeys/json"}) {
    world.ask(http::Method::kGet, path, {});
  }
  world.turn();
}

}  // namespace
}  // namespace fabrix::analyzer

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fabrix::analyzer::run(fabrix::sflow::as_text(std::as_bytes(std::span(data, size))));
  return 0;
}
