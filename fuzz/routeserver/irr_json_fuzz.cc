// Whatever the text, both readers return what it lists or one mistake inside it; what they return
// makes a set that allows all of it.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "routeserver/irr_json.h"
#include "routeserver/irr_sets.h"

namespace {

using fabrix::routeserver::IrrSets;

void check(const fabrix::Diagnostic& mistake, const std::string& text) {
  const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
  if (mistake.message.empty() || mistake.at.line > lines) std::abort();
  if (fabrix::render(mistake, text).empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const auto prefixes = fabrix::routeserver::parse_irr_prefixes(text, "irr.json");
  if (prefixes) {
    const IrrSets sets(*prefixes, {});
    for (const auto& range : *prefixes) {
      const auto shortest =
          fabrix::net::Prefix::containing(range.prefix.address(), range.least).value();
      if (!sets.allows(shortest, fabrix::routeserver::LongerPrefixes::kRefused)) std::abort();
    }
  } else {
    check(prefixes.error(), text);
  }
  const auto origins = fabrix::routeserver::parse_irr_origins(text, "irr.json");
  if (origins) {
    const IrrSets sets({}, *origins);
    for (const fabrix::net::Asn asn : *origins) {
      if (!sets.allows(asn)) std::abort();
    }
  } else {
    check(origins.error(), text);
  }
  return 0;
}
