// Whatever the text, parse_vrps_json() returns; and what it accepts makes a table.
#include <cstdlib>

#include "rpki/origin_validation.h"
#include "rpki/vrps_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  std::string text;
  for (const std::byte octet : bytes) text.push_back(static_cast<char>(octet));
  const auto entries = fabrix::rpki::parse_vrps_json(text);
  if (!entries) return 0;
  std::vector<fabrix::rpki::Vrp> vrps;
  for (const auto& entry : *entries) {
    if (!fabrix::rpki::is_sound(entry.vrp)) std::abort();
    vrps.push_back(entry.vrp);
  }
  if (fabrix::rpki::VrpTable::build(vrps).size() > vrps.size()) std::abort();
  return 0;
}
