// NameSource: what others know of addresses: the country and the autonomous system of an IP
// address, the maker of a network card. Key functions ask it (key_lookup.h); who implements it has
// the files.
//
// An interface. Answers come at once; texts are good until the next question.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "net/ip_address.h"

namespace fabrix::telemetry {

struct Country {
  std::string_view code;  // ISO 3166-1: "NL"
  std::string_view name;  // in English; may be empty
};

struct AutonomousSystem {
  std::uint32_t number = 0;
  std::string_view name;  // may be empty
};

class NameSource {
 public:
  NameSource() = default;
  virtual ~NameSource() = default;
  NameSource(const NameSource&) = delete;
  NameSource& operator=(const NameSource&) = delete;
  NameSource(NameSource&&) = delete;
  NameSource& operator=(NameSource&&) = delete;

  virtual std::optional<Country> country_of(const net::IpAddress& address) = 0;
  virtual std::optional<AutonomousSystem> as_of(const net::IpAddress& address) = 0;

  // Of the first three octets of a MAC address.
  virtual std::optional<std::string_view> maker_of(std::uint32_t oui) = 0;
};

}  // namespace fabrix::telemetry
