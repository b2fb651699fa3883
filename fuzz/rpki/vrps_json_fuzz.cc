// Whatever the text, parse_vrps_json() returns; and what it accepts makes tables.
#include <cstdlib>

#include "rpki/aspa_verification.h"
#include "rpki/origin_validation.h"
#include "rpki/vrps_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  std::string text;
  for (const std::byte octet : bytes) text.push_back(static_cast<char>(octet));
  const auto entries = fabrix::rpki::parse_vrps_json(text);
  if (!entries) return 0;
  std::vector<fabrix::rpki::Vrp> vrps;
  for (const auto& entry : entries->vrps) {
    if (!fabrix::rpki::is_sound(entry.vrp)) std::abort();
    vrps.push_back(entry.vrp);
  }
  if (fabrix::rpki::VrpTable::build(vrps).size() > vrps.size()) std::abort();
  std::vector<fabrix::rpki::Aspa> aspas;
  for (const auto& entry : entries->aspas) aspas.push_back(entry.aspa);
  if (fabrix::rpki::AspaTable::build(aspas).size() > aspas.size()) std::abort();
  return 0;
}
