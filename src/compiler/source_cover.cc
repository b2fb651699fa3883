#include "compiler/source_cover.h"

#include <algorithm>
#include <optional>

namespace fabrix::compiler {
namespace {

// The prefix of which both are a half; none: they are not.
std::optional<net::Prefix> whole_of(const net::Prefix& a, const net::Prefix& b) {
  if (a.family() != b.family() || a.length() != b.length() || a.length() == 0) return std::nullopt;
  const auto whole = *net::Prefix::containing(a.address(), a.length() - 1);
  return whole.contains(b) && a != b ? std::optional(whole) : std::nullopt;
}

}  // namespace

std::vector<net::Prefix> cover_of(std::vector<net::Prefix> prefixes) {
  std::ranges::sort(prefixes);  // a block before those inside it
  std::vector<net::Prefix> cover;
  for (const net::Prefix& each : prefixes) {
    if (!cover.empty() && cover.back().contains(each)) continue;
    cover.push_back(each);
    while (cover.size() > 1) {
      const auto whole = whole_of(cover[cover.size() - 2], cover.back());
      if (!whole) break;
      cover.pop_back();
      cover.back() = *whole;
    }
  }
  return cover;
}

}  // namespace fabrix::compiler
