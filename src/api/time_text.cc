#include "api/time_text.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace fabrix::api {

std::string time_text(std::chrono::system_clock::time_point time) {
  const auto second = std::chrono::floor<std::chrono::seconds>(time);
  const auto rest = std::chrono::duration_cast<std::chrono::microseconds>(time - second);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:06}Z", second, rest.count());
}

}  // namespace fabrix::api
