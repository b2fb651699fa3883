// An engine that has been told of counters, for tests of resources about them.
#pragma once

#include <memory>

#include "telemetry/engine.h"
#include "tests/telemetry/counted.h"

namespace fabrix::analyzer {

// Two agents: 192.0.2.1 (host web1, load 0.5) has ports 7 and 8, 192.0.2.2 (db1, load 2) has
// port 7. Ports count 1,000 octets in a second times their ifIndex, and 192.0.2.2's ten times as
// many; the latest samples are of second 20, what is asked is at second 25.
inline std::unique_ptr<telemetry::Engine> counting_engine() {
  using telemetry::Counted;
  using telemetry::CounterRecords;
  using Number = std::uint64_t;
  auto made = std::make_unique<telemetry::Engine>();
  telemetry::Engine& engine = *made;
  const auto from = net::IpAddress::v4({198, 51, 100, 1});
  const auto bytes = [](std::string_view text) {
    return sflow::Bytes(std::as_bytes(std::span(text)));
  };
  for (std::uint32_t second = 10; second <= 20; second += 10) {
    for (std::uint8_t last = 1; last <= 2; ++last) {
      const auto agent = net::IpAddress::v4({192, 0, 2, last});
      std::uint32_t sequence = second * 10;
      const auto send = [&](const sflow::SourceId& source, const CounterRecords& records) {
        engine.receive(telemetry::datagram_of({.sequence = sequence++,
                                               .uptime_ms = second * 1000,
                                               .source = source,
                                               .agent = agent,
                                               .records = records}),
                       from, std::chrono::seconds(second));
      };
      const std::vector<std::byte> uuid(16);
      send({2, 1}, {{sflow::Tag::of(0, 2000),
                     {bytes(last == 1 ? "web1" : "db1"), sflow::Bytes(uuid), Number{3}, Number{2},
                      bytes("6.1")}},
                    {sflow::Tag::of(0, 2003),
                     {last == 1 ? 0.5F : 2.0F, 1.0F, 1.0F, Number{1}, Number{100}, Number{2},
                      Number{2400}, Number{99}, Number{0}, Number{0}, Number{0}, Number{0},
                      Number{0}, Number{0}, Number{0}, Number{0}, Number{0}}}});
      for (std::uint32_t port = 7; port <= (last == 1 ? 8U : 7U); ++port) {
        auto records = telemetry::interface_counters(
            {.in = Number{second} * 1000 * port * (last == 1 ? 1 : 10)});
        records.push_back({sflow::Tag::of(0, 1005), {bytes(port == 7 ? "swp7" : "swp8")}});
        send({0, port}, records);
      }
    }
  }
  engine.tick(std::chrono::seconds(25));
  return made;
}

}  // namespace fabrix::analyzer
