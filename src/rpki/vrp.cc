#include "rpki/vrp.h"

#include <fmt/format.h>

namespace fabrix::rpki {

bool is_sound(const Vrp& vrp) {
  return vrp.prefix.length() <= vrp.max_length &&
         vrp.max_length <= net::width_of(vrp.prefix.family());
}

std::string to_string(const Vrp& vrp) {
  const std::string longest =
      vrp.max_length == vrp.prefix.length() ? "" : fmt::format("-{}", vrp.max_length);
  return fmt::format("{}{} AS{}", vrp.prefix.to_string(), longest, vrp.asn.value);
}

}  // namespace fabrix::rpki
