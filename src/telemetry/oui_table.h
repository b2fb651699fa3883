// OuiTable: who makes network cards, by the first three octets of their MAC addresses, as the IEEE
// lists them (MA-L): its oui.csv or its oui.txt, as they are.
//
// A name has its letters and digits only, as sFlow-RT tells them: "Broadcom Corp." is BroadcomCorp.
// What is no line of either form is left out. Bounded: kMaxMakers. Pure; accepts arbitrary text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fabrix::telemetry {

class OuiTable {
 public:
  static constexpr std::size_t kMaxMakers = 100'000;

  static OuiTable parse(std::string_view text);

  std::optional<std::string_view> maker_of(std::uint32_t oui) const;

  std::size_t size() const { return makers_.size(); }

 private:
  std::vector<std::pair<std::uint32_t, std::string>> makers_;  // by number
};

}  // namespace fabrix::telemetry
