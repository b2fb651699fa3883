// How long an event takes that changes the state of a finite-state policy, until rows that are
// proven are in the switch: at an exchange where every member has a policy, and with instances out
// of their initial state already.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "base/assert.h"
#include "tests/controller/world.h"

namespace fabrix::controller {
namespace {

constexpr std::int64_t kEvents = 400;

constexpr std::string_view kGate =
    "event authenticated : bool\n"
    "event infected : bool\n"
    "fsm auth per srcip {\n"
    "  var state : {out, in}\n"
    "  on authenticated when value { state = in }\n"
    "  on authenticated { state = out }\n"
    "  timeout 30m -> { state = out }\n"
    "  policy = case { state == in -> identity; else -> drop }\n"
    "  check AG EF state == in\n"
    "}\n"
    "fsm ids per srcip {\n"
    "  var infected : bool\n"
    "  on infected { infected = value }\n"
    "  policy = case { infected -> drop; else -> identity }\n"
    "}\n"
    "outbound = auth >> ids >> fwd(M1)\n";

// Where hosts are: IPv6 ones all in one /64, or each in a /64 of its own.
enum class Hosts : std::uint8_t {
  kIpv4,
  kOneNetwork,
  kManyNetworks,
  kHalfOneNetwork,
  kHalfManyNetworks,
};

exchange::Exchange members(std::size_t count) {
  std::string text =
      "version: 1\n"
      "exchange:\n"
      "  name: bench\n"
      "  asn: 65000\n"
      "  router_id: 172.0.255.254\n"
      "  peering_lan: [172.0.0.0/16]\n"
      "  virtual_next_hops: [172.0.128.0/18]\n"
      "  fsm_instances: 65536\n"
      "  route_server: {addresses: [172.0.255.254], policy: minimal}\n"
      "participants:\n";
  for (std::size_t i = 0; i < count; ++i) {
    text += fmt::format(
        "  - name: M{0}\n"
        "    asn: {1}\n"
        "    routers:\n"
        "      - {{name: r{0}, mac: \"08:00:27:00:{2:02x}:{3:02x}\", addresses: [172.0.{4}.{5}], "
        "port: {6}}}\n",
        i, 1000 + i, i / 256, i % 256, i / 250, i % 250 + 1, i + 1);
  }
  return exchange::load(text, "bench.yaml").value();
}

// Each member announces its prefix and that of the member before, and sends ten ports to the ten
// members after it; member 0 has the gate instead.
class Scene {
 public:
  Scene(std::size_t count, std::size_t prefixes) : world_(members(count)) {
    world_.hold();
    for (std::size_t i = 0; i < count; ++i) {
      std::vector<net::Prefix> announced;
      for (std::size_t k = 0; k < prefixes; ++k) {
        announced.push_back(prefix_of(i, k));
        announced.push_back(prefix_of((i + 1) % count, k));
      }
      world_.announce_all(fmt::format("r{}", i), announced);
    }
    for (std::size_t i = 1; i < count; ++i) {
      std::string text = "outbound = match(dstport=80) >> " + target(i + 1, count);
      for (std::size_t k = 2; k < 10; ++k) {
        text += fmt::format("\n + (match(dstport={}) >> {})", 80 + k, target(i + k, count));
      }
      world_.set_policy(fmt::format("M{}", i), text);
    }
    world_.set_policy("M0", std::string(kGate));
    world_.release();
  }

  void tell(Hosts hosts, std::size_t host, bool in) {
    const auto told = world_.controller().event(
        world_.id_of("M0"),
        {"authenticated",
         "",
         {{"srcip", address_of(hosts, host)}, {"value", in ? "true" : "false"}}},
        now_);
    FABRIX_ASSERT(told && told->size() == 1);
  }

  void settle() {
    while (world_.controller().needs_settling()) world_.controller().settle(now_);
  }

  std::size_t rows() { return world_.controller().installed()->row_count(); }

 private:
  static std::string address_of(Hosts hosts, std::size_t host) {
    const bool is_half = hosts == Hosts::kHalfOneNetwork || hosts == Hosts::kHalfManyNetworks;
    if (hosts == Hosts::kIpv4 || (is_half && host % 2 == 0)) {
      return fmt::format("10.{}.{}.{}", host / 62'500, host / 250 % 250, host % 250);
    }
    const bool is_one = hosts == Hosts::kOneNetwork || hosts == Hosts::kHalfOneNetwork;
    if (is_one) return fmt::format("2001:db8::{:x}", host + 1);
    return fmt::format("2001:db8:{:x}:{:x}::1", host / 0x1000, host % 0x1000);
  }
  static net::Prefix prefix_of(std::size_t member, std::size_t k) {
    return World::prefix(fmt::format("{}.{}.{}.0/24", 20 + k, member / 250, member % 250));
  }
  static std::string target(std::size_t member, std::size_t count) {
    return fmt::format("fwd(M{})", member % count);
  }

  World world_;
  Controller::Clock::time_point now_ = Controller::Clock::now();
};

// Members, prefixes of each, instances there are already, how many hosts come and go by turns (as
// many as events: states that never were before), and which Hosts they are.
void BM_EventToRows(benchmark::State& state) {
  const auto kind = static_cast<Hosts>(state.range(4));
  Scene scene(static_cast<std::size_t>(state.range(0)), static_cast<std::size_t>(state.range(1)));
  const auto present = static_cast<std::size_t>(state.range(2));
  for (std::size_t i = 0; i < present; ++i) scene.tell(kind, i * 7, true);
  scene.settle();
  const bool comes_again = state.range(3) < kEvents;
  const auto hosts = static_cast<std::size_t>(state.range(3));
  for (std::size_t i = 0; comes_again && i < 2 * hosts; ++i) {
    scene.tell(kind, present * 7 + i / 2, i % 2 == 0);
    scene.settle();
  }
  std::vector<double> times;
  std::size_t count = 0;
  for (auto _ : state) {
    const auto began = std::chrono::steady_clock::now();
    if (comes_again) {
      scene.tell(kind, present * 7 + count / 2 % hosts, count % 2 == 0);
    } else {
      scene.tell(kind, present * 7 + count, true);
    }
    scene.settle();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    ++count;
    times.push_back(took.count() * 1e6);
    state.SetIterationTime(took.count());
  }
  std::ranges::sort(times);
  const auto at = [&times](double part) {
    return times[static_cast<std::size_t>(part * static_cast<double>(times.size() - 1))];
  };
  state.counters["p50_us"] = at(0.5);
  state.counters["p99_us"] = at(0.99);
  state.counters["max_us"] = times.back();
  state.counters["rows"] = static_cast<double>(scene.rows());
}
BENCHMARK(BM_EventToRows)
    ->ArgNames({"members", "prefixes", "instances", "hosts", "kind"})
    ->ArgsProduct({{4}, {10}, {0, 100, 1000, 4000}, {8, kEvents}, {0}})
    ->ArgsProduct({{4}, {10}, {100, 1000}, {kEvents}, {1, 2, 3, 4}})
    ->Args({500, 10, 0, 8, 0})
    ->Args({500, 10, 1000, 8, 0})
    ->Args({500, 10, 1000, kEvents, 0})
    ->UseManualTime()
    ->Iterations(kEvents)
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace fabrix::controller
