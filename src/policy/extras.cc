#include "policy/extras.h"

#include <algorithm>
#include <iterator>

namespace fabrix::policy {
namespace {

std::vector<net::RouterId> united(const std::vector<net::RouterId>& a,
                                  const std::vector<net::RouterId>& b) {
  std::vector<net::RouterId> both;
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  return both;
}

}  // namespace

std::vector<Write> composed(const std::vector<Write>& a, const std::vector<Write>& b) {
  std::vector<Write> result = b;
  for (const Write& earlier : a) {
    const bool overwritten = std::any_of(
        b.begin(), b.end(), [&](const Write& later) { return later.field == earlier.field; });
    if (!overwritten) result.push_back(earlier);
  }
  std::sort(result.begin(), result.end());
  return result;
}

std::optional<std::vector<net::RouterId>> passed(const Extras& before, const Extras& next) {
  if (next.via.empty() || before.via == next.via) return before.via;
  std::vector<net::RouterId> all = before.via;
  for (const net::RouterId each : next.via) {
    if (std::find(all.begin(), all.end(), each) != all.end()) return std::nullopt;
    all.push_back(each);
  }
  return all;
}

Extras sequenced(const Extras& before, const Extras& next) {
  return {.police = next.police ? next.police : before.police,
          .mirrors = united(before.mirrors, next.mirrors),
          .via = passed(before, next).value_or(before.via)};
}

Extras joined(const Extras& own, const Extras& beside) {
  return {.police = own.police ? own.police : beside.police,
          .mirrors = united(own.mirrors, beside.mirrors),
          .via = own.via.empty() ? beside.via : own.via};
}

Extras normal(const Extras& extras, const Verdict& verdict) {
  if (!std::holds_alternative<Drop>(verdict)) return extras;
  if (extras.mirrors.empty()) return {};
  return {.police = extras.police, .mirrors = extras.mirrors};
}

bool is_plain(const Clause& clause) {
  return clause.writes.empty() && clause.extras.empty() && clause.counter == nullptr;
}

bool may_be_unreachable(const Verdict& verdict) {
  return std::holds_alternative<Forward>(verdict) || std::holds_alternative<Multicast>(verdict);
}

std::vector<Target> targets_of(const Verdict& verdict) {
  if (const auto* forward = std::get_if<Forward>(&verdict)) return {forward->target};
  const auto* several = std::get_if<Multicast>(&verdict);
  return several == nullptr ? std::vector<Target>{} : several->targets;
}

}  // namespace fabrix::policy
