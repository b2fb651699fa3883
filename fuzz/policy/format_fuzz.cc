// format() on anything: laying out twice is laying out once, and what could be read still can.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "policy/format.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto once = fabrix::policy::format(text, "fuzz.policy");
  if (!once) return 0;
  const auto twice = fabrix::policy::format(*once, "fuzz.policy");
  if (!twice || *twice != *once) std::abort();
  return 0;
}
