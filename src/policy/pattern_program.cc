#include "policy/pattern_program.h"

#include <charconv>
#include <optional>
#include <string>
#include <utility>

namespace fabrix::policy {
namespace {

using Kind = PatternStep::Kind;

// A part of a pattern: steps whose jumps are relative to their own place, so that parts can be
// joined and repeated by copying. It is left by stepping past its end.
using Part = std::vector<PatternStep>;

void append(Part& into, const Part& more) {
  into.insert(into.end(), more.begin(), more.end());
}

PatternStep split(std::size_t first, std::size_t second) {
  return {.kind = Kind::kSplit, .set = {}, .first = first, .second = second};
}

// Jumps backwards wrap around, which addition undoes.
std::size_t back(std::size_t by) {
  return ~by + 1;
}

Part either(const Part& a, const Part& b) {
  Part result{split(1, a.size() + 2)};
  append(result, a);
  result.push_back(split(b.size() + 1, b.size() + 1));
  append(result, b);
  return result;
}

Part maybe(const Part& a) {
  Part result{split(1, a.size() + 1)};
  append(result, a);
  return result;
}

Part some(Part a) {
  const std::size_t size = a.size();
  a.push_back(split(back(size), 1));
  return a;
}

struct Bounds {
  std::size_t least = 0;
  std::optional<std::size_t> most;  // none: any number
};

class Reader {
 public:
  explicit Reader(std::string_view pattern) : pattern_(pattern) {}

  Result<std::vector<PatternStep>, PatternError> run() {
    Part all = alternatives();
    if (!error_ && !at_end()) complain("this ')' closes nothing", position_);
    if (error_) return fail(*std::move(error_));
    all.push_back({});
    for (std::size_t i = 0; i < all.size(); ++i) {
      all[i].first += i;
      all[i].second += i;
    }
    return all;
  }

 private:
  bool at_end() const { return position_ >= pattern_.size(); }
  char peek() const { return at_end() ? '\0' : pattern_[position_]; }
  bool take(char c) {
    if (at_end() || peek() != c) return false;
    ++position_;
    return true;
  }
  void complain(std::string message, std::size_t at) {
    if (!error_) error_ = PatternError{std::move(message), at};
  }

  // NOLINTBEGIN(misc-no-recursion): bounded by kMaxPatternNesting.
  Part alternatives() {
    Part result = sequence();
    while (!error_ && take('|')) result = bounded(either(result, sequence()));
    return result;
  }

  Part sequence() {
    Part result;
    while (!error_ && !at_end() && peek() != '|' && peek() != ')') {
      append(result, repeated());
      result = bounded(std::move(result));
    }
    return result;
  }

  Part repeated() {
    Part result = atom();
    while (!error_ && !at_end()) {
      if (take('*')) {
        result = maybe(some(std::move(result)));
      } else if (take('+')) {
        result = some(std::move(result));
      } else if (take('?')) {
        result = maybe(result);
      } else if (peek() == '{') {
        result = counted(result);
      } else {
        break;
      }
      result = bounded(std::move(result));
    }
    return result;
  }

  Part atom() {
    const std::size_t at = position_;
    const char c = pattern_[position_++];
    switch (c) {
      case '(':
        return group(at);
      case '[':
        return one_of(character_class(at));
      case '.':
        return one_of(~CharacterSet{});
      case '^':
        return {{.kind = Kind::kBegin, .set = {}}};
      case '$':
        return {{.kind = Kind::kEnd, .set = {}}};
      case '_':
        return delimiter();
      case '*':
      case '+':
      case '?':
      case '{':
        complain(std::string("'") + c + "' repeats nothing", at);
        return {};
      case '\\':
        return one_of(escaped(at));
      default:
        return one_of(single(c, at));
    }
  }

  Part group(std::size_t at) {
    if (++nesting_ > kMaxPatternNesting) complain("this is nested too deeply", at);
    if (error_) return {};
    Part result = alternatives();
    if (!take(')')) complain("this '(' is not closed", at);
    --nesting_;
    return result;
  }
  // NOLINTEND(misc-no-recursion)

  static Part one_of(const CharacterSet& set) { return {{.kind = Kind::kCharacter, .set = set}}; }

  // As in the AS path lists of routers.
  static Part delimiter() {
    CharacterSet set;
    for (const char c : std::string_view(" ,:{}()")) set.set(static_cast<std::size_t>(c));
    const Part ends =
        either({{.kind = Kind::kBegin, .set = {}}}, {{.kind = Kind::kEnd, .set = {}}});
    return either(one_of(set), ends);
  }

  CharacterSet single(char c, std::size_t at) {
    const auto code = static_cast<unsigned char>(c);
    CharacterSet set;
    if (code < TextPattern::kCharacters) {
      set.set(code);
    } else {
      complain("no AS path or community has this character", at);
    }
    return set;
  }

  CharacterSet escaped(std::size_t at) {
    if (at_end()) {
      complain("nothing follows this '\\'", at);
      return {};
    }
    const char c = pattern_[position_++];
    if (c == 'd') return range('0', '9');
    return single(c, at);
  }

  static CharacterSet range(char low, char high) {
    CharacterSet set;
    const std::size_t last = static_cast<unsigned char>(high);
    for (std::size_t c = static_cast<unsigned char>(low); c <= last; ++c) set.set(c);
    return set;
  }

  CharacterSet character_class(std::size_t at) {
    CharacterSet set;
    const bool inverted = take('^');
    bool is_first = true;
    while (!error_ && (is_first || peek() != ']')) {
      if (at_end()) {
        complain("this '[' is not closed", at);
        break;
      }
      set |= class_member();
      is_first = false;
    }
    take(']');
    return inverted ? ~set : set;
  }

  CharacterSet class_member() {
    const std::size_t at = position_;
    const char low = pattern_[position_++];
    if (low == '\\') return escaped(at);
    const bool is_range =
        peek() == '-' && position_ + 1 < pattern_.size() && pattern_[position_ + 1] != ']';
    if (!is_range) return single(low, at);
    const char high = pattern_[position_ + 1];
    position_ += 2;
    if (low < 0 || high < 0 || low > high) {
      complain("this range of characters is empty", at);
      return {};
    }
    return range(low, high);
  }

  std::optional<std::size_t> count() {
    std::size_t value = 0;
    const char* const begin = pattern_.data() + position_;
    const auto parsed = std::from_chars(begin, pattern_.data() + pattern_.size(), value);
    if (parsed.ec != std::errc{}) return std::nullopt;
    position_ += static_cast<std::size_t>(parsed.ptr - begin);
    return value;
  }

  // {2}, {2,} or {2,5}.
  std::optional<Bounds> bounds() {
    const std::size_t at = position_++;
    const auto least = count();
    Bounds result{least.value_or(0), least};
    if (take(',')) result.most = count();
    const bool good = least && take('}') && (!result.most || *least <= *result.most);
    const std::size_t largest = result.most.value_or(result.least);
    if (!good) {
      complain("this is no number of repetitions, such as {2} or {2,5}; '{' itself is '\\{'", at);
    } else if (largest > TextPattern::kMaxRepeat) {
      complain("more than " + std::to_string(TextPattern::kMaxRepeat) + " repetitions", at);
    }
    if (error_) return std::nullopt;
    return result;
  }

  Part counted(const Part& once) {
    const auto times = bounds();
    if (!times) return {};
    Part result;
    for (std::size_t i = 0; i < times->least; ++i) {
      append(result, once);
      result = bounded(std::move(result));
    }
    if (!times->most) {
      append(result, maybe(some(once)));
    } else {
      for (std::size_t i = times->least; i < *times->most; ++i) {
        append(result, maybe(once));
        result = bounded(std::move(result));
      }
    }
    return result;
  }

  Part bounded(Part part) {
    if (part.size() <= kMaxPatternSteps) return part;
    complain("this pattern is too complex", 0);
    return {};
  }

  std::string_view pattern_;
  std::size_t position_ = 0;
  unsigned nesting_ = 0;
  std::optional<PatternError> error_;
};

}  // namespace

Result<std::vector<PatternStep>, PatternError> pattern_steps(std::string_view pattern) {
  return Reader(pattern).run();
}

}  // namespace fabrix::policy
