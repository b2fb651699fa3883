// Tables of mistakes in exchange.yaml, for the tests of the modules that find them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "exchange/load.h"

namespace fabrix::exchange {

// A change to a good file, and the one complaint that it should bring.
struct Mistake {
  std::string_view replace;  // occurs in kGood; its first occurrence goes
  std::string_view by;
  std::string_view code;
  std::uint32_t line;
  std::uint32_t column;
};

inline constexpr std::string_view kGood = R"(version: 1
exchange:
  name: walkthrough
  asn: 65000
  router_id: 172.0.255.254
  peering_lan: [172.0.0.0/16, "2001:db8::/64"]
  virtual_next_hops: [172.0.1.0/24]
  route_server: {addresses: [172.0.255.254], port: 179}
participants:
  - name: A
    asn: 100
    policy: policies/A.policy
    peers: [B, C]
    routers:
      - {name: a1, mac: "08:00:27:89:3b:9f", addresses: [172.0.0.1, "2001:db8::1"], port: 1}
  - name: B
    asn: 200
    routers:
      - {name: b1, mac: "08:00:27:92:18:1f", addresses: [172.0.0.11], port: 2}
  - name: C
    asn: 200
)";

inline std::string with(const Mistake& mistake) {
  std::string text(kGood);
  const std::size_t where = text.find(mistake.replace);
  EXPECT_NE(where, std::string::npos) << mistake.replace;
  return text.replace(where, mistake.replace.size(), mistake.by);
}

inline void expect_complaints(const std::vector<Mistake>& mistakes) {
  for (const Mistake& mistake : mistakes) {
    SCOPED_TRACE(std::string(mistake.replace) + " => " + std::string(mistake.by));
    const std::string text = with(mistake);
    const auto exchange = load(text, "exchange.yaml");
    if (exchange) {
      ADD_FAILURE() << "accepted";
      continue;
    }
    SCOPED_TRACE(render(exchange.error(), text));
    EXPECT_EQ(exchange.error().size(), 1U);
    const Diagnostic& first = exchange.error().front();
    EXPECT_EQ(first.code, mistake.code);
    EXPECT_EQ(first.at.line, mistake.line);
    EXPECT_EQ(first.at.column, mistake.column);
    EXPECT_EQ(first.file, "exchange.yaml");
    EXPECT_EQ(first.severity, Severity::kError);
  }
}

}  // namespace fabrix::exchange
