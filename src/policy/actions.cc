#include "policy/actions.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <string>
#include <vector>

#include "policy/simplify.h"
#include "policy/vocabulary.h"

namespace fabrix::policy {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t kbps;
};
constexpr std::array kUnits{Unit{"kbps", 1}, Unit{"mbps", 1'000}, Unit{"gbps", 1'000'000}};

// What a meter can be told (OpenFlow 1.4.1 §7.3.4.4: 32 bits).
constexpr std::uint64_t kMaxRate = std::numeric_limits<std::uint32_t>::max();

// None: more than kMaxRate, or 0.
std::optional<std::uint64_t> kbps_of(std::string_view text) {
  std::uint64_t count = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string name = lower_case({parsed.ptr, text.data() + text.size()});
  const auto* const unit = std::find_if(kUnits.begin(), kUnits.end(),
                                        [&name](const Unit& each) { return each.name == name; });
  if (unit == kUnits.end() || parsed.ec != std::errc{}) return std::nullopt;
  if (count == 0 || count > kMaxRate / unit->kbps) return std::nullopt;
  return count * unit->kbps;
}

}  // namespace

std::optional<Police> Meters::number(const SourceSpan& at, std::uint64_t kbps) {
  const auto next = static_cast<std::uint32_t>(numbers_.size());
  const auto known = numbers_.emplace(std::pair{at, kbps}, next).first;
  if (known->second >= kMaxMeters) return std::nullopt;
  return Police{.number = known->second, .kbps = kbps};
}

bool Actions::is_one(std::string_view word) {
  return word == "police" || word == "mirror" || word == "via" || word == "multicast";
}

std::optional<Actions::Made> Actions::make(const Bound& call, Mode mode) const {
  const std::string& word = call.syntax->text;
  if (word == "police") return police(call);
  if (word == "via") return via(call);
  return word == "mirror" ? mirror(call) : multicast(call, mode);
}

std::optional<std::uint64_t> Actions::rate(const Bound& argument) const {
  const Bound settled = names_.settle(argument);
  const Syntax& syntax = *settled.syntax;
  if (was_reported(syntax)) return std::nullopt;
  if (syntax.kind != SyntaxKind::kLiteral || syntax.token != TokenKind::kRate) {
    report_.error("P0204", syntax.at, "police() takes a rate", "such as 10mbps, 500kbps or 1gbps");
    return std::nullopt;
  }
  const auto kbps = kbps_of(syntax.text);
  if (!kbps) {
    report_.error("P0205", syntax.at,
                  "a rate is from 1kbps to " + std::to_string(kMaxRate) + "kbps");
  }
  return kbps;
}

std::optional<Actions::Made> Actions::police(const Bound& call) const {
  const auto kbps = rate({call.syntax->children[0], call.scope});
  if (!kbps) return std::nullopt;
  const auto police = meters_.number(call.syntax->at, *kbps);
  if (!police) {
    report_.error("P0407", call.syntax->at,
                  "a policy has at most " + std::to_string(kMaxMeters) + " meters",
                  "each police() is one: name it with 'let' and use the name, to share it");
    return std::nullopt;
  }
  return Made{{always(), {}, UseDefault{}, {.police = police, .mirrors = {}}}};
}

std::optional<Actions::Made> Actions::mirror(const Bound& call) const {
  const auto port = targets_.own_port({call.syntax->children[0], call.scope});
  if (!port) return std::nullopt;
  return Made{{always(), {}, UseDefault{}, {.police = {}, .mirrors = {*port}}}};
}

std::optional<Actions::Made> Actions::via(const Bound& call) const {
  auto middleboxes = chains_.read(children_of(call));
  if (!middleboxes) return std::nullopt;
  Extras extras;
  extras.via = *std::move(middleboxes);
  return Made{{always(), {}, UseDefault{}, std::move(extras)}};
}

std::optional<Actions::Made> Actions::multicast(const Bound& call, Mode mode) const {
  std::vector<Target> targets;
  std::size_t others = 0;
  bool good = true;
  for (const SyntaxPtr& argument : call.syntax->children) {
    const auto checked = targets_.check({argument, call.scope}, mode);
    good = good && checked;
    if (!checked) continue;
    targets.push_back(*checked->target);
    if (checked->other_half) ++others;
  }
  if (!good) return std::nullopt;
  if (others != 0 && others != targets.size()) {
    report_.error("P0305", call.syntax->at,
                  "multicast() goes to other participants or to own ports, not to both",
                  "mirror() copies to a port of one's own");
    return std::nullopt;
  }
  std::sort(targets.begin(), targets.end());
  targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
  if (targets.size() > kMaxCopies) {
    report_.error("P0408", call.syntax->at,
                  "multicast() takes at most " + std::to_string(kMaxCopies) + " targets");
    return std::nullopt;
  }
  if (targets.size() == 1) return Made{{always(), {}, Forward{targets[0]}}, others != 0};
  return Made{{always(), {}, Multicast{std::move(targets)}}, others != 0};
}

}  // namespace fabrix::policy
