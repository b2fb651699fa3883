#include "net/as_path.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

namespace fabrix::net {
namespace {

constexpr std::size_t kMaxSegmentSize = 255;  // its count is one octet

}  // namespace

std::size_t AsPath::length() const {
  return std::accumulate(segments.begin(), segments.end(), std::size_t{0},
                         [](std::size_t sum, const AsPathSegment& segment) {
                           const bool set = segment.kind == AsPathSegment::Kind::kSet;
                           return sum + (set ? 1 : segment.asns.size());
                         });
}

std::optional<Asn> AsPath::first() const {
  if (segments.empty() || segments.front().kind != AsPathSegment::Kind::kSequence) {
    return std::nullopt;
  }
  return segments.front().asns.front();
}

std::optional<Asn> AsPath::origin() const {
  if (segments.empty() || segments.back().kind != AsPathSegment::Kind::kSequence) {
    return std::nullopt;
  }
  return segments.back().asns.back();
}

bool AsPath::contains(Asn asn) const {
  return std::ranges::any_of(segments, [asn](const AsPathSegment& segment) {
    return std::ranges::find(segment.asns, asn) != segment.asns.end();
  });
}

void AsPath::prepend(Asn asn, std::size_t count) {
  while (count > 0) {
    const bool room = !segments.empty() &&
                      segments.front().kind == AsPathSegment::Kind::kSequence &&
                      segments.front().asns.size() < kMaxSegmentSize;
    if (!room) segments.insert(segments.begin(), AsPathSegment{});
    std::vector<Asn>& asns = segments.front().asns;
    const std::size_t fits = std::min(count, kMaxSegmentSize - asns.size());
    asns.insert(asns.begin(), fits, asn);
    count -= fits;
  }
}

std::string AsPath::to_string() const {
  std::string text;
  for (const AsPathSegment& segment : segments) {
    std::string members;
    for (const Asn asn : segment.asns) {
      members += fmt::format("{}{}", members.empty() ? "" : " ", asn.value);
    }
    const bool set = segment.kind == AsPathSegment::Kind::kSet;
    text +=
        fmt::format("{}{}{}{}", text.empty() ? "" : " ", set ? "{" : "", members, set ? "}" : "");
  }
  return text;
}

}  // namespace fabrix::net
