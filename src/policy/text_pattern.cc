#include "policy/text_pattern.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "policy/pattern_program.h"

namespace fabrix::policy {
namespace {

using Kind = PatternStep::Kind;
using Steps = std::vector<PatternStep>;
using Places = std::vector<std::size_t>;  // of steps that wait for a character, or kMatch; sorted

struct Context {
  bool begins = false;
  bool ends = false;
};

// Where one can be without taking a character, from these steps on.
class Closure {
 public:
  Closure(const Steps& steps, Context context) : steps_(steps), context_(context) {}

  Places of(const Places& from) {
    seen_.assign(steps_.size(), false);
    Places open = from;
    Places reached;
    while (!open.empty()) {
      const std::size_t at = open.back();
      open.pop_back();
      if (seen_[at]) continue;
      seen_[at] = true;
      visit(at, open, reached);
    }
    std::sort(reached.begin(), reached.end());
    return reached;
  }

 private:
  void visit(std::size_t at, Places& open, Places& reached) const {
    const PatternStep& step = steps_[at];
    switch (step.kind) {
      case Kind::kSplit:
        open.push_back(step.first);
        open.push_back(step.second);
        break;
      case Kind::kBegin:
        if (context_.begins) open.push_back(at + 1);
        break;
      case Kind::kEnd:
        // What holds at the end only is looked at again there.
        reached.push_back(at);
        if (context_.ends) open.push_back(at + 1);
        break;
      default:
        reached.push_back(at);
    }
  }

  const Steps& steps_;
  Context context_;
  std::vector<bool> seen_;
};

bool matches_at(const Steps& steps, const Places& places) {
  return std::any_of(places.begin(), places.end(),
                     [&steps](std::size_t at) { return steps[at].kind == Kind::kMatch; });
}

// The subset construction (Rabin and Scott, 1959), with a new attempt at each character.
class Subsets {
 public:
  explicit Subsets(const Steps& steps) : steps_(steps), anew_(closed({0}, {})) {
    number(closed({0}, {.begins = true}), {.begins = true});
  }

  // Those of number(), in order; what follows is added while it is looked at.
  struct Subset {
    Places places;
    bool accepts = false;
    bool accepts_end = false;
  };
  const Subset& at(std::size_t state) const { return subsets_[state]; }
  std::size_t size() const { return subsets_.size(); }

  std::size_t after(std::size_t state, std::size_t character) {
    Places next = anew_;
    for (const std::size_t at : subsets_[state].places) {
      const PatternStep& step = steps_[at];
      if (step.kind == Kind::kCharacter && step.set.test(character)) next.push_back(at + 1);
    }
    return number(closed(next, {}), {});
  }

 private:
  Places closed(const Places& from, Context context) const {
    return Closure(steps_, context).of(from);
  }

  // At the end of an empty text both ends are there.
  std::size_t number(const Places& places, Context context) {
    const auto [known, is_new] =
        numbers_.emplace(std::pair(places, context.begins), subsets_.size());
    if (!is_new) return known->second;
    Subset subset{.places = places, .accepts = matches_at(steps_, places)};
    subset.accepts_end =
        matches_at(steps_, closed(places, {.begins = context.begins, .ends = true}));
    subsets_.push_back(std::move(subset));
    return subsets_.size() - 1;
  }

  const Steps& steps_;
  Places anew_;
  std::vector<Subset> subsets_;
  std::map<std::pair<Places, bool>, std::size_t> numbers_;  // with whether the text begins
};

// Characters in the same sets of the steps.
std::size_t classify(const Steps& steps, std::array<std::uint8_t, TextPattern::kCharacters>& into) {
  std::map<std::vector<bool>, std::uint8_t> known;
  for (std::size_t c = 0; c < into.size(); ++c) {
    std::vector<bool> member_of;
    for (const PatternStep& step : steps) {
      if (step.kind == Kind::kCharacter) member_of.push_back(step.set.test(c));
    }
    into.at(c) =
        known.emplace(std::move(member_of), static_cast<std::uint8_t>(known.size())).first->second;
  }
  return known.size();
}

}  // namespace

Result<TextPattern, PatternError> TextPattern::compile(std::string_view pattern) {
  if (pattern.size() > kMaxLength) {
    return fail(PatternError{"it is longer than " + std::to_string(kMaxLength) + " characters", 0});
  }
  auto steps = pattern_steps(pattern);
  if (!steps) return fail(std::move(steps.error()));
  TextPattern result;
  result.text_ = pattern;
  result.classes_ = classify(*steps, result.class_of_);
  std::vector<std::size_t> examples(result.classes_);
  for (std::size_t c = 0; c < kCharacters; ++c) examples[result.class_of_.at(c)] = c;
  Subsets subsets(*steps);
  for (std::size_t state = 0; state < subsets.size(); ++state) {
    if (subsets.size() > kMaxStates) return fail(PatternError{"this pattern is too complex", 0});
    result.accepts_.push_back(subsets.at(state).accepts);
    result.accepts_end_.push_back(subsets.at(state).accepts_end);
    for (const std::size_t example : examples) {
      result.next_.push_back(static_cast<State>(subsets.after(state, example)));
    }
  }
  return result;
}

bool TextPattern::matches(std::string_view text) const {
  std::size_t state = 0;
  for (const char c : text) {
    if (accepts_[state]) return true;
    const auto code = static_cast<unsigned char>(c);
    if (code >= kCharacters) return false;
    state = next_[state * classes_ + class_of_.at(code)];
  }
  return accepts_[state] || accepts_end_[state];
}

}  // namespace fabrix::policy
