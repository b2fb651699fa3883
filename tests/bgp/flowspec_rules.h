// FlowSpec rules for tests, put together component by component.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <random>
#include <string_view>
#include <utility>
#include <vector>

#include "bgp/flowspec.h"
#include "tests/bgp/octets.h"

namespace fabrix::bgp {

inline FlowSpecComponent dst(std::string_view text, std::uint8_t offset = 0) {
  return {.type = FlowSpecType::kDestination,
          .value = FlowSpecPrefix{.prefix = prefix(text), .offset = offset}};
}

inline FlowSpecComponent src(std::string_view text, std::uint8_t offset = 0) {
  return {.type = FlowSpecType::kSource,
          .value = FlowSpecPrefix{.prefix = prefix(text), .offset = offset}};
}

inline FlowSpecComponent numbers(FlowSpecType type, FlowSpecComponent::Numbers tests) {
  return {.type = type, .value = std::move(tests)};
}

inline FlowSpecComponent bit_tests(FlowSpecType type, FlowSpecComponent::Bits tests) {
  return {.type = type, .value = std::move(tests)};
}

inline FlowSpecRule flow_v4(std::vector<FlowSpecComponent> components) {
  return FlowSpecRule::create(net::Family::kIpv4, std::move(components)).value();
}

inline FlowSpecRule flow_v6(std::vector<FlowSpecComponent> components) {
  return FlowSpecRule::create(net::Family::kIpv6, std::move(components)).value();
}

// Random rules over few values, so that they have much in common.
class FlowSpecMaker {
 public:
  explicit FlowSpecMaker(unsigned seed) : random_(seed) {}

  unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }

  FlowSpecRule rule(net::Family family) {
    std::vector<FlowSpecComponent> components;
    const unsigned last = family == net::Family::kIpv4 ? 12 : 13;
    while (components.empty()) {
      for (unsigned code = 1; code <= last; ++code) {
        if (below(4) != 0) continue;
        components.push_back(component(FlowSpecType{static_cast<std::uint8_t>(code)}, family));
      }
    }
    return FlowSpecRule::create(family, std::move(components)).value();
  }

  FlowSpecComponent component(FlowSpecType type, net::Family family) {
    if (is_prefix(type)) return {.type = type, .value = random_prefix(family)};
    if (is_bitmask(type)) return {.type = type, .value = random_bits()};
    return {.type = type, .value = random_numbers()};
  }

 private:
  FlowSpecPrefix random_prefix(net::Family family) {
    if (family == net::Family::kIpv4) {
      const auto octet = static_cast<std::uint8_t>(below(4) << 6U);
      const auto address = net::IpAddress::v4({octet, octet, 0, 0});
      return {.prefix = net::Prefix::containing(address, below(13)).value()};
    }
    const auto octet = static_cast<std::uint8_t>(below(4) << 6U);
    std::array<std::uint8_t, 16> octets{};
    octets.fill(octet);
    const unsigned length = below(129);
    const auto offset = static_cast<std::uint8_t>(length == 0 ? 0 : below(length) * below(2));
    const auto block = net::Prefix::containing(net::IpAddress::v6(octets), length).value();
    return {.prefix = block, .offset = offset};
  }

  FlowSpecComponent::Numbers random_numbers() {
    FlowSpecComponent::Numbers tests(1 + below(3));
    for (FlowSpecNumber& test : tests) {
      test.join = below(2) == 0 ? FlowSpecJoin::kOr : FlowSpecJoin::kAnd;
      test.relation = FlowSpecRelation{static_cast<std::uint8_t>(below(8))};
      test.width = static_cast<std::uint8_t>(1U << below(4));
      test.value = below(6);
    }
    return tests;
  }

  FlowSpecComponent::Bits random_bits() {
    FlowSpecComponent::Bits tests(1 + below(3));
    for (FlowSpecBits& test : tests) {
      test.join = below(2) == 0 ? FlowSpecJoin::kOr : FlowSpecJoin::kAnd;
      test.test = FlowSpecBitTest{static_cast<std::uint8_t>(below(4))};
      test.width = static_cast<std::uint8_t>(1U << below(2));
      test.value = below(16);
    }
    return tests;
  }

  std::mt19937 random_;
};

}  // namespace fabrix::bgp
