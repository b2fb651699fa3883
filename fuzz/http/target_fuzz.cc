// Whatever the octets of a target: what is accepted obeys the promises of http/target.h, and says
// the same after it is encoded again and read again.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "http/target.h"

namespace {

using fabrix::http::Parameter;
using fabrix::http::Target;

void check(bool holds) {
  if (!holds) std::abort();
}

bool has_control(const std::string& text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto octet = static_cast<unsigned char>(c);
    return octet < 0x20 || octet == 0x7f;
  });
}

std::string encode(const Target& target) {
  std::string text;
  for (const std::string& segment : target.segments) {
    text += '/' + fabrix::http::percent_encode(segment);
  }
  if (text.empty()) text = "/";
  char mark = '?';
  for (const Parameter& parameter : target.parameters) {
    text += mark + fabrix::http::percent_encode(parameter.name) + '=' +
            fabrix::http::percent_encode(parameter.value);
    mark = '&';
  }
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const auto target = fabrix::http::parse_target(text);
  if (!target) {
    check(!fabrix::http::describe(target.error()).empty());
    return 0;
  }
  check(target->segments.size() <= fabrix::http::kMaxSegments);
  check(target->parameters.size() <= fabrix::http::kMaxParameters);
  for (const std::string& segment : target->segments) {
    check(!segment.empty() && segment != "." && segment != ".." && !has_control(segment));
  }
  for (const Parameter& parameter : target->parameters) {
    check(!has_control(parameter.name) && !has_control(parameter.value));
  }
  const std::string again = encode(*target);
  if (again.size() <= fabrix::http::kMaxTarget) check(fabrix::http::parse_target(again) == *target);
  return 0;
}
