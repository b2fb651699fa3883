// What a stored route costs in memory: the load of an exchange of 30 members that announce 50,000
// prefixes each, of which every third member's are the same, 16 prefixes to an attribute set.
//
// Octets are those that malloc gives away, its own overhead included.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <benchmark/benchmark.h>
#include <malloc.h>

#include "routeserver/rib.h"

namespace fabrix::routeserver {
namespace {

constexpr std::uint32_t kMembers = 30;
constexpr std::uint32_t kPrefixesEach = 50'000;
constexpr std::uint32_t kOverlap = 3;
constexpr std::uint32_t kPrefixesPerPath = 16;
constexpr std::uint32_t kPathsEach = kPrefixesEach / kPrefixesPerPath;
constexpr std::size_t kPublishedAtOnce = 2048;

std::size_t allocated() {
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

net::Prefix numbered(std::uint32_t n) {
  const auto octet = [&](unsigned shift) { return static_cast<std::uint8_t>(n >> shift); };
  const auto network =
      net::IpAddress::v4({static_cast<std::uint8_t>(20 + octet(16)), octet(8), octet(0), 0});
  return net::Prefix::containing(network, 24).value();
}

bgp::AttributesPtr attributes_of(std::uint32_t member, std::uint32_t path) {
  bgp::PathAttributes made;
  made.as_path.segments = {
      {.asns = {net::Asn{1000 + member}, net::Asn{100'000 + path}, net::Asn{7}}}};
  made.communities = {bgp::community(static_cast<std::uint16_t>(1000 + member), 1)};
  return std::make_shared<const bgp::PathAttributes>(std::move(made));
}

Path path_of(const PathKey& key) {
  return {.peer = key.peer,
          .attributes = key.attributes,
          .preference = preference_of(*key.attributes, Standing::kNormal),
          .told = key.attributes};
}

// The paths of all members, held.
std::vector<PathId> intern_all(PathStore& paths) {
  std::vector<PathId> all;
  all.reserve(std::size_t{kMembers} * kPathsEach);
  for (std::uint32_t member = 0; member < kMembers; ++member) {
    for (std::uint32_t n = 0; n < kPathsEach; ++n) {
      const PathKey key{.peer = PeerId{static_cast<std::uint16_t>(member)},
                        .attributes = attributes_of(member, n)};
      all.push_back(paths.intern(key, path_of));
    }
  }
  return all;
}

void publish_some(Rib& rib) {
  for (const EntryId entry : rib.take_changed(SIZE_MAX)) rib.publish(entry, {});
}

// Every prefix of a path, in one UPDATE.
void announce_path(Rib& rib, std::uint32_t first, const RouteRef& route) {
  for (std::uint32_t i = 0; i < kPrefixesPerPath; ++i) rib.announce(numbered(first + i), route);
}

// Members announce in turn, an UPDATE each, as sessions that come up together do.
void announce_all(Rib& rib, const std::vector<PathId>& paths) {
  for (std::uint32_t n = 0; n < kPathsEach; ++n) {
    for (std::uint32_t member = 0; member < kMembers; ++member) {
      const PathId path = paths[std::size_t{member} * kPathsEach + n];
      const std::uint32_t first = member / kOverlap * kPrefixesEach + n * kPrefixesPerPath;
      announce_path(rib, first, {.path = path, .peer = PeerId{static_cast<std::uint16_t>(member)}});
      if (rib.changed_count() >= kPublishedAtOnce) publish_some(rib);
    }
  }
  publish_some(rib);
}

// The table itself: prefixes, how they are found, and lists of routes.
void BM_OctetsPerStoredRoute(benchmark::State& state) {
  const auto routes = static_cast<double>(kMembers) * kPathsEach * kPrefixesPerPath;
  for (auto _ : state) {
    const std::size_t before_paths = allocated();
    PathStore store;
    const auto paths = intern_all(store);
    const std::size_t before = allocated();
    Rib rib(store, [](PeerId peer, std::uint32_t) { return std::uint64_t{peer.value}; });
    announce_all(rib, paths);
    const std::size_t after = allocated();
    state.counters["routes"] = routes;
    state.counters["paths"] = static_cast<double>(store.size());
    state.counters["table_octets_per_route"] = static_cast<double>(after - before) / routes;
    state.counters["path_and_attribute_octets_per_path"] =
        static_cast<double>(before - before_paths) / static_cast<double>(store.size());
    state.counters["all_octets_per_route"] = static_cast<double>(after - before_paths) / routes;
  }
}
BENCHMARK(BM_OctetsPerStoredRoute)->Unit(benchmark::kMillisecond)->Iterations(1);

}  // namespace
}  // namespace fabrix::routeserver
